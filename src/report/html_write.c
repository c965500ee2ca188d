/* SPDX-License-Identifier: MIT */
/*
 * Writing HTML: from a line of the text report's making to escaped text and elements. See html.h.
 *
 * Resists: names, banners and paths that carry markup (OWASP's rules for element content and quoted attributes), that
 * reorder their surroundings, or that look like our own marks. A string from outside stands in an element of its own
 * (bdi), so that a name in Hebrew moves no number beside it.
 */
#include "report/html.h"

#include <string.h>

void html_puts(struct html *h, const char *markup)
{
	text_puts(h->to, markup);
}

/* What a mark becomes. END closes the element that was opened last; they do not lie in each other. */
static const char *element(char mark, bool *outside)
{
	switch ((enum page_mark)mark) {
	case MARK_TIME:
		*outside = false;
		return "<time datetime=\"";
	case MARK_SHOWN:
		return "\">";
	case MARK_OUTSIDE:
		*outside = true;
		return "<bdi>";
	case MARK_END:
		return *outside ? "</bdi>" : "</time>";
	}
	return "";
}

void html_line(struct html *h)
{
	static const char marks[] = {MARK_TIME, MARK_SHOWN, MARK_OUTSIDE, MARK_END, '\0'};
	struct text *line = &h->page.line;
	bool outside = false;

	for (char *at = line->at; at != NULL && *at != '\0';) {
		size_t n = strcspn(at, marks);
		char mark = at[n];

		at[n] = '\0';
		text_html(h->to, at);
		if (mark == '\0')
			break;
		html_puts(h, element(mark, &outside));
		at += n + 1;
	}
	h->to->failed |= line->failed;
	text_clear(line);
}

void html_say(struct html *h, const char *before, const char *after)
{
	html_puts(h, before);
	html_line(h);
	html_puts(h, after);
	html_puts(h, "\n");
	text_settle(h->to);
}

void html_outside(struct html *h, const char *s)
{
	page_outside(&h->page, s);
	html_line(h);
}

void html_heading(struct html *h, const char *words)
{
	for (size_t i = 0; words[i] != '\0'; i++) {
		char c = words[i];

		if (i > 0 && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		text_add(h->to, &c, 1);
	}
}

void html_time(struct html *h, int64_t ns)
{
	html_puts(h, "<time datetime=\"");
	text_time_as(h->to, ns, 0, "Z");
	html_puts(h, "\">");
	text_time_human(h->to, ns);
	html_puts(h, "</time>");
}

void html_packets(struct html *h, const struct where *packets, size_t n, bool more)
{
	html_puts(h, "<td role=\"cell\" class=\"packets\" data-label=\"packets\">");
	if (n > 0 && packets[0].packet > 0)
		page_packets(&h->page, packets, n, more);
	html_line(h);
	html_puts(h, "</td>");
}

void html_rate(struct html *h, uint64_t count, uint64_t ns)
{
	uint64_t ms = ns / 1000000 > 0 ? ns / 1000000 : 1;
	uint64_t tenths = count <= UINT64_MAX / 10000 ? count * 10000 / ms : count / ms * 10000;

	if (tenths >= 100 || tenths == 0)
		text_count(&h->page.line, tenths / 10);
	else
		text_printf(&h->page.line, "%u.%u", (unsigned)(tenths / 10),
			    (unsigned)(tenths % 10));
}

const char *html_verdict(const struct device *d)
{
	static const char *const words[] = {
		[VERDICT_CLEAR] = "clear",
		[VERDICT_EXPOSED] = "EXPOSED",
		[VERDICT_SUSPECT] = "SUSPECT",
		[VERDICT_INFECTED] = "INFECTED",
	};

	return page_is_unjudged(d) ? "not judged" : words[d->verdict];
}

const char *html_verdict_class(const struct device *d)
{
	return page_is_unjudged(d) ? "unjudged" : verdict_words[d->verdict];
}
