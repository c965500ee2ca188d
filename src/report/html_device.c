/* SPDX-License-Identifier: MIT */
/*
 * One device as a card: who it is and the verdict, why, when it happened and how much it sent, every sign with its
 * packets, how it is exposed, by what it is known, and what to do. The sentences are the text report's.
 */
#include "report/html.h"
#include "report/words.h"

#include <limits.h>
#include <string.h>

enum {
	CLAIMS_SHOWN = 6,
	EXPOSURES_SHOWN = 24 /* sorted by weight: what follows is more of the mildest kind */
};

static void write_name(struct html *h, const struct device *d)
{
	html_puts(h, "<h3>");
	page_device_name(&h->page, d);
	html_line(h);
	page_identity(&h->page, d, 0, UINT_MAX);
	if (h->page.line.len > 0)
		html_say(h, " <span class=\"who\">", "</span>");
	html_puts(h, "</h3>\n");
}

static void write_verdict(struct html *h, const struct device *d)
{
	text_printf(h->to, "<p class=\"verdict\"><b class=\"badge %s\">%s</b>",
		    html_verdict_class(d), html_verdict(d));
	if (d->confidence != CONFIDENCE_NONE)
		text_printf(h->to, " <span class=\"sure\">%s</span>",
			    confidence_words[d->confidence]);
	html_puts(h, "</p>\n");
}

static void write_why(struct html *h, const struct device *d)
{
	if (d->why != NULL) {
		html_puts(h, "<p class=\"why\"><b>");
		html_heading(h, page_why_words[d->confidence]);
		html_puts(h, ":</b> ");
		html_outside(h, d->why);
		html_puts(h, ".</p>\n");
	}
	if (d->since != NULL) {
		page_outside(&h->page, d->since);
		html_say(h, "<p class=\"since\">Since then: ", ".</p>");
	}
}

static void write_details(struct html *h, const struct device *d)
{
	page_say_details(&h->page, d, UINT_MAX);
	html_say(h, "<p class=\"details\">", "");
	if (d->verdict != VERDICT_CLEAR) {
		page_say_backing(&h->page, d);
		html_say(h, "<br>", "");
	}
	html_puts(h, "</p>\n");
}

/* ---- signs ----------------------------------------------------------------------------------------------------- */

/* "command-server" as two words, its address and port. */
static void write_peer(struct html *h, const struct evidence *e)
{
	html_puts(h, " <span class=\"peer\">");
	for (const char *c = e->role; *c != '\0'; c++)
		text_add(&h->page.line, *c == '-' ? " " : c, 1);
	text_puts(&h->page.line, " ");
	page_outside(&h->page, e->peer);
	/* The port is that of the one who was called. */
	if (e->port >= 0)
		text_printf(&h->page.line, e->inward ? ", at port %d of the device" : " port %d",
			    e->port);
	html_line(h);
	html_puts(h, "</span>");
}

/* Where it is known what the peer was, that stands on a line of its own instead of in brackets. */
static void write_words(struct html *h, const struct evidence *e)
{
	if (e->peer == NULL || e->role == NULL) {
		page_say_sign(&h->page, e);
		html_line(h);
		return;
	}
	html_outside(h, e->text);
	write_peer(h, e);
}

static void write_sign(struct html *h, const struct evidence *e)
{
	html_puts(h, "<tr role=\"row\"><td role=\"cell\" class=\"when\" data-label=\"time\">");
	page_when(&h->page, e->first_ns, e->last_ns);
	html_line(h);
	html_puts(h, "</td><td role=\"cell\" class=\"sign\" data-label=\"sign\">");
	if (e->stage != STAGE_NONE)
		text_printf(h->to, "<b class=\"stage\">%s</b> ", stage_words[e->stage]);
	html_puts(h, "<span class=\"code\">");
	html_outside(h, e->detector != NULL ? e->detector : "");
	if (e->code != NULL) {
		html_puts(h, " ");
		html_outside(h, e->code);
	}
	html_puts(h, "</span></td><td role=\"cell\" class=\"what\" data-label=\"what\">");
	write_words(h, e);
	html_puts(h, "</td>");
	html_packets(h, e->packets, e->packets_n, e->count > e->packets_n);
	html_puts(h, "<td role=\"cell\" class=\"weight\" data-label=\"how sure\">");
	html_outside(h, e->weight != NULL ? e->weight : "sign");
	html_puts(h, "</td></tr>\n");
	text_settle(h->to);
}

static void write_signs(struct html *h, const struct device *d)
{
	if (d->evidence_n == 0)
		return;
	html_puts(
		h,
		"<table role=\"table\" class=\"signs\">\n<caption class=\"unseen\">Signs seen, with "
		"their packets</caption>\n"
		"<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\">Time</th>"
		"<th role=\"columnheader\">Sign</th><th role=\"columnheader\">What</th>"
		"<th role=\"columnheader\">Packets</th>"
		"<th role=\"columnheader\">How sure</th></tr></thead>\n");
	for (enum page_signs s = SIGNS_TAKEN; s <= SIGNS_SEEN; s++) {
		bool begun = false;

		for (size_t i = 0; i < d->evidence_n; i++) {
			if (page_signs_of(d, &d->evidence[i]) != s)
				continue;
			if (!begun) {
				html_puts(h, "<tbody role=\"rowgroup\"><tr role=\"row\" "
					     "class=\"group\"><th role=\"rowheader\" "
					     "colspan=\"5\">");
				html_heading(h, page_signs_words[s]);
				html_puts(h, "</th></tr>\n");
			}
			begun = true;
			write_sign(h, &d->evidence[i]);
		}
		if (begun)
			html_puts(h, "</tbody>\n");
	}
	html_puts(h, "</table>\n");
}

/* ---- lists ----------------------------------------------------------------------------------------------------- */

static void end_with_packet(struct html *h, const struct where *where)
{
	if (where->packet > 0)
		page_packets(&h->page, where, 1, false);
	html_say(h, " <span class=\"packets\">", "</span></li>");
}

static void write_more(struct html *h, size_t n)
{
	if (n == 0)
		return;
	page_count(&h->page, n, "more line");
	html_say(h, "<li class=\"more\">and ", " (--all lists them)</li>");
}

static void write_exposures(struct html *h, const struct device *d)
{
	size_t most = h->page.options->all ? d->exposures_n : EXPOSURES_SHOWN;

	if (d->exposures_n == 0)
		return;
	html_puts(h, "<div class=\"exposures\">\n<h4>How it is exposed</h4>\n<ul>\n");
	for (size_t i = 0; i < d->exposures_n && i < most; i++) {
		const struct exposure *e = &d->exposures[i];

		html_puts(h, "<li>");
		if (e->time_ns != 0) {
			page_when(&h->page, e->time_ns, e->time_ns);
			html_line(h);
			html_puts(h, "  ");
		}
		page_say_exposure(&h->page, e);
		html_line(h);
		end_with_packet(h, &e->where);
	}
	write_more(h, d->exposures_n > most ? d->exposures_n - most : 0);
	html_puts(h, "</ul>\n</div>\n");
}

static void write_claims(struct html *h, const struct device *d, bool against)
{
	size_t most = h->page.options->all ? d->claims_n : CLAIMS_SHOWN;
	size_t n = 0;

	for (size_t i = 0; i < d->claims_n; i++) {
		if (d->claims[i].against != against || n++ >= most)
			continue;
		html_puts(h, against ? "<li class=\"against\"><b>but:</b> " : "<li>");
		page_say_claim(&h->page, &d->claims[i]);
		html_line(h);
		end_with_packet(h, &d->claims[i].where);
	}
	write_more(h, n > most ? n - most : 0);
}

static void write_known_by(struct html *h, const struct device *d)
{
	if (d->claims_n == 0)
		return;
	html_puts(h, "<div class=\"claims\">\n<h4>What it is known by</h4>\n<ul>\n");
	write_claims(h, d, false);
	write_claims(h, d, true);
	html_puts(h, "</ul>\n</div>\n");
}

static void write_todo(struct html *h, const struct device *d)
{
	if (d->todo_n == 0 || !d->local)
		return;
	html_puts(h, "<div class=\"todo\">\n<h4>Do this</h4>\n<ol>\n");
	for (size_t i = 0; i < d->todo_n; i++) {
		page_outside(&h->page, d->todo[i]);
		html_say(h, "<li>", "</li>");
	}
	html_puts(h, "</ol>\n</div>\n");
}

void html_device(struct html *h, const struct device *d)
{
	text_printf(h->to, "<article class=\"device %s\" data-device=\"", html_verdict_class(d));
	text_html(h->to, d->id);
	html_puts(h, "\">\n<header>\n");
	write_name(h, d);
	write_verdict(h, d);
	html_puts(h, "</header>\n");
	write_why(h, d);
	write_details(h, d);
	html_story(h, d);
	write_signs(h, d);
	if (d->exposures_n + d->claims_n > 0) {
		html_puts(h, "<div class=\"pair\">\n");
		write_exposures(h, d);
		write_known_by(h, d);
		html_puts(h, "</div>\n");
	}
	if (d->undecided_n > 0) {
		page_say_undecided(&h->page, d);
		html_say(h, "<p class=\"undecided\">", "</p>");
	}
	write_todo(h, d);
	html_puts(h, "</article>\n");
	text_settle(h->to);
}
