/* SPDX-License-Identifier: MIT */
/*
 * The attacks, biggest first: what hits whom, how hard and by whose hand, each with its packets by time.
 */
#include "report/html.h"
#include "report/words.h"

static void write_plot(struct html *h, const struct attack *a)
{
	const struct series *r = &a->rates;
	struct span span = {r->start_ns, r->start_ns + (int64_t)r->n * r->step_ns};

	if (r->n == 0 || r->step_ns <= 0)
		return;
	html_puts(h, "<figure class=\"story\">\n<div class=\"plot\">\n"
		     "<div class=\"names\"><span>packets<br>by time</span></div>\n");
	h->page.marked = false;
	text_puts(&h->page.line, "Packets of the attack from ");
	page_when(&h->page, span.first_ns, span.last_ns);
	text_puts(&h->page.line, ", at most ");
	html_rate(h, html_peak(r), (uint64_t)r->step_ns);
	text_puts(&h->page.line, " packets/s over ");
	text_duration(&h->page.line, (uint64_t)r->step_ns);
	h->page.marked = true;
	html_series(h, r, &span, 0);
	html_axis(h, &span);
	html_puts(h, "</div>\n");
	html_puts(h, "<p class=\"rate\">The highest step is ");
	html_rate(h, html_peak(r), (uint64_t)r->step_ns);
	text_puts(&h->page.line, " packets/s over ");
	text_duration(&h->page.line, (uint64_t)r->step_ns);
	html_say(h, "", ".</p>\n</figure>");
}

static void write_attack(void *context, const struct attack *a)
{
	struct html *h = context;

	text_printf(h->to, "<article class=\"attack\" data-attack=\"%s\">\n",
		    vector_words[a->vector]);
	page_say_attack(&h->page, a);
	html_say(h, "<h3>", "</h3>");
	page_say_measure(&h->page, a);
	html_say(h, "<p>", "");
	if (a->packet_list_n > 0) {
		page_packets(&h->page, a->packet_list, a->packet_list_n,
			     a->packets > a->packet_list_n);
		html_say(h, "<span class=\"packets\">", "</span>");
	}
	html_puts(h, "</p>\n");
	write_plot(h, a);
	if (a->devices_n > 0) {
		text_puts(&h->page.line, "taking part: ");
		page_device_names(&h->page, a->devices, a->devices_n);
		html_say(h, "<p>", "</p>");
	}
	html_puts(h, "</article>\n");
	text_settle(h->to);
}

void html_attacks(struct html *h)
{
	size_t n = h->judged->attacks_n;

	if (n == 0)
		return;
	html_puts(h, "<section id=\"attacks\">\n<h2>Attacks</h2>\n");
	page_each_attack(&h->page, write_attack, h);
	if (n > PAGE_ATTACKS_SHOWN && !h->page.options->all) {
		text_printf(&h->page.line, "and %zu more; --all lists them.",
			    n - PAGE_ATTACKS_SHOWN);
		html_say(h, "<p class=\"more\">", "</p>");
	}
	html_puts(h, "</section>\n");
}
