/* SPDX-License-Identifier: MIT */
/*
 * The page's lists across devices: recalls by maker, devices without findings, strangers, and what was not seen.
 */
#include "report/html.h"
#include "report/words.h"

#include <limits.h>

enum { CLEAR_SHOWN = 100 };

/* ---- recalls --------------------------------------------------------------------------------------------------- */

static void write_recall(struct html *h, const struct recall_entry *e)
{
	page_outside(&h->page, e->advisory);
	html_say(h, "<li><b>", ":</b> ");
	page_outside(&h->page, e->action);
	html_say(h, "", "<br>");
	text_puts(&h->page.line, "names ");
	page_device_names(&h->page, e->devices, e->devices_n);
	html_say(h, "<span class=\"names\">", "</span></li>");
}

void html_recalls(struct html *h)
{
	const struct recall_entry *list = h->judged->recalls;
	size_t left = h->judged->recalls_n;

	if (left == 0)
		return;
	html_puts(h, "<section id=\"recalls\">\n<h2>Recalls and advisories</h2>\n");
	page_say_makers(&h->page);
	if (h->page.line.len > 0)
		html_say(h, "<p class=\"makers\">", "</p>");
	while (left > 0) {
		size_t n = page_same_maker(list, left);

		page_outside(&h->page, list[0].maker);
		html_say(h, "<h3>", "</h3>");
		html_puts(h, "<ul>\n");
		for (size_t i = 0; i < n; i++)
			if (list[i].devices_n > 0)
				write_recall(h, &list[i]);
		page_say_maker_undecided(&h->page, list, n);
		if (h->page.line.len > 0)
			html_say(h, "<li>", "</li>");
		html_puts(h, "</ul>\n");
		list += n;
		left -= n;
	}
	html_puts(h, "</section>\n");
}

/* ---- devices without findings ---------------------------------------------------------------------------------- */

static void write_row(struct html *h, const struct device *d)
{
	html_puts(h, "<tr role=\"row\" data-device=\"");
	text_html(h->to, d->id);
	html_puts(h, "\"><th role=\"rowheader\">");
	page_device_name(&h->page, d);
	html_line(h);
	html_puts(h, "</th><td role=\"cell\" data-label=\"what it is\">");
	page_identity(&h->page, d, 0, UINT_MAX);
	if (h->page.line.len == 0)
		text_puts(&h->page.line, "not known");
	html_line(h);
	html_puts(h, "</td><td role=\"cell\" class=\"number\" data-label=\"packets\">");
	text_count(&h->page.line, d->packets_out);
	html_line(h);
	html_puts(h, "</td><td role=\"cell\" class=\"when\" data-label=\"seen\">");
	page_when(&h->page, d->first_ns, d->last_ns);
	html_line(h);
	text_printf(h->to, "</td><td role=\"cell\" data-label=\"verdict\">%s</td></tr>\n",
		    html_verdict(d));
	text_settle(h->to);
}

static void write_table(struct html *h)
{
	size_t most = h->page.options->all ? SIZE_MAX : CLEAR_SHOWN;
	size_t n = 0;

	html_puts(
		h,
		"<table role=\"table\" class=\"clear\">\n<caption class=\"unseen\">Devices without "
		"findings</caption>\n"
		"<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\">Device</th>"
		"<th role=\"columnheader\">What it is</th><th role=\"columnheader\" "
		"class=\"number\">Packets sent</th><th role=\"columnheader\">Seen</th>"
		"<th role=\"columnheader\">Verdict</th></tr></thead>\n"
		"<tbody role=\"rowgroup\">\n");
	for (size_t i = 0; i < h->judged->devices_n; i++) {
		const struct device *d = &h->judged->devices[i];

		if (d->local && d->verdict == VERDICT_CLEAR && n++ < most)
			write_row(h, d);
	}
	html_puts(h, "</tbody>\n</table>\n");
	if (n > most) {
		page_count(&h->page, n - most, "more device");
		html_say(h, "<p class=\"more\">and ", "; --all lists them.</p>");
	}
}

/* A server that takes a password in clear, a forwarded port: no verdict comes of it, but its owner wants to know. */
static void write_worth_knowing(struct html *h)
{
	bool begun = false;

	for (size_t i = 0; i < h->judged->devices_n; i++) {
		const struct device *d = &h->judged->devices[i];

		for (size_t k = 0; d->local && d->verdict == VERDICT_CLEAR && k < d->exposures_n;
		     k++) {
			if (!begun)
				html_puts(h, "<h3>Worth knowing of devices that are clear</h3>\n"
					     "<ul>\n");
			begun = true;
			page_device_name(&h->page, d);
			html_say(h, "<li><b>", "</b>");
			page_say_exposure(&h->page, &d->exposures[k]);
			html_say(h, "", "");
			if (d->exposures[k].where.packet > 0)
				page_packets(&h->page, &d->exposures[k].where, 1, false);
			html_say(h, "<span class=\"packets\">", "</span></li>");
		}
	}
	if (begun)
		html_puts(h, "</ul>\n");
}

void html_clear(struct html *h)
{
	const struct tally *t = &h->page.tally;

	if (t->verdicts[VERDICT_CLEAR] + t->not_judged == 0)
		return;
	html_puts(h, "<section id=\"clear\">\n<h2>Devices without findings</h2>\n");
	page_say_clear(&h->page);
	html_say(h, "<p>", "</p>");
	write_table(h);
	write_worth_knowing(h);
	html_puts(h, "</section>\n");
}

/* ---- strangers ------------------------------------------------------------------------------------------------- */

static void visit(void *context, const struct device *d)
{
	html_device(context, d);
}

void html_strangers(struct html *h)
{
	const struct tally *t = &h->page.tally;
	uint64_t most = h->page.options->all ? UINT64_MAX : PAGE_STRANGERS_SHOWN;

	if (t->strangers == 0)
		return;
	html_puts(h, "<section id=\"strangers\">\n<h2>Strangers seen</h2>\n");
	page_count(&h->page, t->strangers, "stranger");
	html_say(h, "<p>",
		 " did what hijacked devices do, or could be taken. They are not of this network, "
		 "and nothing proves who sent from an address on the Internet.</p>");
	page_each_device(&h->page, false, VERDICT_EXPOSED, most, visit, h);
	if (t->strangers > most) {
		text_puts(&h->page.line, "and ");
		text_count(&h->page.line, t->strangers - most);
		html_say(h, "<p class=\"more\">", " more; --all lists them.</p>");
	}
	html_puts(h, "</section>\n");
}

/* ---- what was not seen ----------------------------------------------------------------------------------------- */

void html_unseen(struct html *h)
{
	const struct judged *judged = h->judged;
	bool any = judged->judged > 0;

	html_puts(h, "<section id=\"unseen\">\n<h2>Not seen, or seen in part</h2>\n<ul>\n");
	for (size_t i = 0; i < judged->unseen_n; i++) {
		if (judged->unseen[i].value == 0)
			continue;
		any = true;
		page_say_unseen(&h->page, &judged->unseen[i]);
		html_say(h, "<li>", "</li>");
	}
	if (judged->judged > 0) {
		text_puts(&h->page.line, page_logins_unseen);
		html_say(h, "<li>", "</li>");
	}
	if (!any)
		html_puts(h, "<li>nothing was left out of what the capture holds</li>\n");
	html_puts(h, "</ul>\n</section>\n");
}
