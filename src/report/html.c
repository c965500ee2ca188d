/* SPDX-License-Identifier: MIT */
/*
 * The page's frame: a plain sentence first, how many devices are how, what was captured, then the parts, the method,
 * and the report for programs inside the page, so that a page can be read again by a program.
 *
 * Resists: a page is opened where its reader is logged in to other things. Should an escape ever fail, the page's own
 * policy (Content Security Policy, level 2) still allows no script, no image and no request; and no string from outside
 * can end the element that holds the JSON, for every "<" in it is spelt \u003c (HTML, 4.12.1.3).
 */
#include "report/html.h"
#include "report/formats.h"
#include "report/words.h"

#include <string.h>

/* ---- first words ----------------------------------------------------------------------------------------------- */

static const char *small_number(uint64_t n)
{
	static const char *const words[] = {"No",   "One",    "Two",   "Three", "Four",
					    "Five", "Six",    "Seven", "Eight", "Nine",
					    "Ten",  "Eleven", "Twelve"};

	return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static bool any_does(const struct judged *judged, enum stage stage)
{
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		for (size_t k = 0; d->local && d->verdict == VERDICT_INFECTED && k < d->stages_n;
		     k++)
			if (d->stages[k] == stage)
				return true;
	}
	return false;
}

static enum verdict worst_of(const struct tally *t)
{
	for (int v = VERDICT_INFECTED; v > VERDICT_CLEAR; v--)
		if (t->verdicts[v] > 0)
			return (enum verdict)v;
	return VERDICT_CLEAR;
}

/* "One device on this network is hijacked and attacking others." Where no device is bad: the text report's sentence. */
static void say_first(struct html *h)
{
	static const char *const acts[] = {
		[VERDICT_CLEAR] = "",
		[VERDICT_EXPOSED] = "could be taken over",
		[VERDICT_SUSPECT] = "suspicious",
		[VERDICT_INFECTED] = "hijacked",
	};
	enum verdict worst = worst_of(&h->page.tally);
	uint64_t n = h->page.tally.verdicts[worst];
	struct text *line = &h->page.line;

	if (worst == VERDICT_CLEAR) {
		page_say_devices(&h->page);
		return;
	}
	if (small_number(n) != NULL)
		text_puts(line, small_number(n));
	else
		text_count(line, n);
	text_printf(line, " device%s on this network ", n == 1 ? "" : "s");
	if (worst == VERDICT_INFECTED)
		text_puts(line, n == 1 ? "is " : "are ");
	if (worst == VERDICT_SUSPECT)
		text_puts(line, n == 1 ? "acts suspiciously" : "act suspiciously");
	else
		text_puts(line, acts[worst]);
	if (worst == VERDICT_INFECTED && any_does(h->judged, STAGE_ATTACKING))
		text_puts(line, " and attacking others");
	else if (worst == VERDICT_INFECTED && any_does(h->judged, STAGE_SCANNING))
		text_puts(line, " and searching for others to take");
	text_puts(line, ".");
}

static void write_head(struct html *h)
{
	html_puts(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		     "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n"
		     "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	h->page.marked = false;
	say_first(h);
	html_line(h);
	h->page.marked = true;
	html_puts(h, "</title>\n<style>\n");
	html_puts(h, html_style);
	html_puts(h, "</style>\n</head>\n<body>\n");
	text_settle(h->to);
}

static void write_badge(struct html *h, uint64_t n, const char *class, const char *words)
{
	if (n == 0)
		return;
	text_printf(h->to, "<li class=\"badge %s\"><b>", class);
	text_count(h->to, n);
	text_printf(h->to, "</b> %s</li>\n", words);
}

static void write_badges(struct html *h)
{
	const struct tally *t = &h->page.tally;

	page_count(&h->page, t->local, "local device");
	html_say(h, "<ul class=\"badges\">\n<li class=\"all\">", "</li>");
	write_badge(h, t->verdicts[VERDICT_INFECTED], "infected", "INFECTED");
	write_badge(h, t->verdicts[VERDICT_SUSPECT], "suspect", "SUSPECT");
	write_badge(h, t->verdicts[VERDICT_EXPOSED], "exposed", "EXPOSED");
	write_badge(h, t->verdicts[VERDICT_CLEAR], "clear", "clear");
	write_badge(h, t->not_judged, "unjudged", "not judged");
	html_puts(h, "</ul>\n");
}

static void write_input(struct html *h, const struct input *input, size_t number)
{
	html_puts(h, "<li><b>");
	if (h->judged->inputs_n > 1)
		text_printf(h->to, "#%zu ", number);
	html_outside(h, input->path);
	html_puts(h, "</b> ");
	if (input->any) {
		html_time(h, input->first_ns);
		html_puts(h, " → ");
		html_time(h, input->last_ns);
		html_puts(h, " UTC, ");
		text_duration(h->to, (uint64_t)input->last_ns - (uint64_t)input->first_ns);
		html_puts(h, ", ");
	}
	page_count(&h->page, input->packets, "packet");
	text_puts(&h->page.line, ", ");
	text_size(&h->page.line, input->bytes);
	html_line(h);
	if (input->damaged) {
		page_say_damage(&h->page, input);
		html_say(h, "<br>", "");
	}
	html_puts(h, "</li>\n");
}

static void write_masthead(struct html *h)
{
	const struct judged *judged = h->judged;

	html_puts(
		h,
		"<header class=\"masthead\">\n<p class=\"brand\">cordon <span>report</span></p>\n");
	say_first(h);
	html_say(h, "<h1>", "</h1>");
	write_badges(h);
	page_say_devices(&h->page);
	html_say(h, "<p class=\"lead\">", "");
	page_say_vantage(&h->page);
	html_line(h);
	page_say_attacks(&h->page);
	if (h->page.line.len > 0)
		html_say(h, " ", "");
	html_puts(h, "</p>\n<ul class=\"inputs\">\n");
	for (size_t i = 0; i < judged->inputs_n; i++)
		write_input(h, &judged->inputs[i], i);
	html_puts(h, "</ul>\n");
	if (judged->local_n > 0) {
		page_say_networks(&h->page);
		html_say(h, "<p class=\"local\">", "</p>");
	}
	html_puts(h, "</header>\n<main>\n");
	text_settle(h->to);
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static void visit(void *context, const struct device *d)
{
	html_device(context, d);
}

static void write_devices(struct html *h)
{
	if (worst_of(&h->page.tally) == VERDICT_CLEAR)
		return;
	html_puts(h, "<section id=\"devices\">\n<h2>Devices that need you</h2>\n");
	page_each_device(&h->page, true, VERDICT_EXPOSED, UINT64_MAX, visit, h);
	html_puts(h, "</section>\n");
}

static void write_method(struct html *h)
{
	html_puts(
		h,
		"<section id=\"method\">\n<h2>Method and limits</h2>\n<ul>\n"
		"<li>cordon read the packets of the capture and sent none. It knows what crossed the "
		"point of capture and nothing else. The same capture gives the same report.</li>\n"
		"<li><b>clear</b>: nothing wrong was seen. <b>EXPOSED</b>: it could be taken over. "
		"<b>SUSPECT</b>: it acts as hijacked devices do, but what was seen does not prove it. "
		"<b>INFECTED</b>: what it did or what was done to it leaves no honest explanation that we "
		"know of. <b>Not judged</b>: no more than broadcasts was seen of it.</li>\n"
		"<li>A verdict is possible, likely or sure; sure needs proof of several kinds, and a "
		"device that is known to own its address. A proof, a sign and a note weigh in that "
		"order.</li>\n"
		"<li>#10233 is packet 10233 of the capture, counted from 1: the number that Wireshark "
		"shows as <i>frame.number</i>. With several captures, #1:10233 is that of capture 1 in "
		"the list above.</li>\n"
		"<li>Times are UTC and come from the capture. Passwords are masked.</li>\n</ul>\n");
	html_puts(h, "<p class=\"versions\">cordon ");
	html_outside(h, h->judged->version != NULL ? h->judged->version : "");
	html_puts(h, ", knowledge ");
	html_outside(h, h->judged->knowledge != NULL ? h->judged->knowledge : "");
	html_puts(h, "</p>\n</section>\n");
}

/* ---- the report for programs ----------------------------------------------------------------------------------- */

static void spell_brackets(void *context, const char *at, size_t len)
{
	struct text *to = context;

	while (len > 0) {
		const char *bracket = memchr(at, '<', len);
		size_t n = bracket != NULL ? (size_t)(bracket - at) : len;

		text_add(to, at, n);
		if (bracket != NULL)
			text_puts(to, "\\u003c");
		n += bracket != NULL;
		at += n;
		len -= n;
	}
	text_settle(to);
}

static void write_json(struct html *h)
{
	struct text json = {.sink = spell_brackets, .sink_context = h->to};

	html_puts(h, "<script type=\"application/json\" id=\"cordon-report\">\n");
	report_json(h->judged, h->page.options, &json);
	text_finish(&json);
	h->to->failed |= json.failed;
	text_fini(&json);
	html_puts(h, "</script>\n");
}

static struct span span_of(const struct judged *judged)
{
	struct span span = {0, 0};
	bool any = false;

	for (size_t i = 0; i < judged->inputs_n; i++) {
		const struct input *input = &judged->inputs[i];

		if (!input->any)
			continue;
		if (!any || input->first_ns < span.first_ns)
			span.first_ns = input->first_ns;
		if (!any || input->last_ns > span.last_ns)
			span.last_ns = input->last_ns;
		any = true;
	}
	return span;
}

void report_html(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct report_options wide = *options;
	struct html h = {.to = to, .judged = judged, .span = span_of(judged)};

	wide.utf8 = true;
	wide.width = REPORT_WIDTH_MAX;
	page_init(&h.page, judged, &wide, to);
	h.page.marked = true;
	write_head(&h);
	write_masthead(&h);
	write_devices(&h);
	html_attacks(&h);
	html_map(&h);
	html_recalls(&h);
	html_clear(&h);
	html_strangers(&h);
	html_unseen(&h);
	write_method(&h);
	html_puts(&h, "</main>\n");
	write_json(&h);
	html_puts(&h, "</body>\n</html>\n");
	page_fini(&h.page);
}
