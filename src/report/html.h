/* SPDX-License-Identifier: MIT */
/*
 * The report for browsers: one file that needs no script and asks nobody for anything. Sentences are put together by
 * the text report's functions (page.h) in `page.line`, so that both say the same; html_line() escapes them. Nothing
 * that came from outside reaches the page by another way than html_line() and html_outside().
 *
 * html.c writes the page's frame, html_style.c has its looks, and one file each its parts: html_device.c,
 * html_story.c, html_attack.c, html_map.c, html_lists.c.
 */
#pragma once

#include "report/page.h"

/* Plots are this many units wide, whatever the screen makes of them. */
enum { HTML_PLOT_WIDTH = 1000 };

/* A stretch of time that a plot's width stands for. */
struct span {
	int64_t first_ns;
	int64_t last_ns;
};

struct html {
	struct page page;
	struct text *to;
	const struct judged *judged;
	struct span span; /* of all inputs */
	unsigned plots;	  /* so many have been drawn: their titles need names of their own */
};

extern const char html_style[];

/* ---- writing (html_write.c) ---- */

/* Markup of our own. */
void html_puts(struct html *h, const char *markup);
/* The line that was put together, escaped, marks made elements; empties it. */
void html_line(struct html *h);
/* The same between two pieces of markup, and a line's end. */
void html_say(struct html *h, const char *before, const char *after);
/* A string from outside. */
void html_outside(struct html *h, const char *s);
/* Words in capitals, as the text report's headings are, in small letters but the first. */
void html_heading(struct html *h, const char *words);
/* Date and time. */
void html_time(struct html *h, int64_t ns);
/* A table cell with the packets that something rests on. */
void html_packets(struct html *h, const struct where *packets, size_t n, bool more);
/* "0.8", "412": so many in so long, a second, into the line. */
void html_rate(struct html *h, uint64_t count, uint64_t ns);
/* The words for a verdict, and for style sheets. */
const char *html_verdict(const struct device *d);
const char *html_verdict_class(const struct device *d);

/* ---- plots (html_story.c) ---- */

/* Where on a plot a time stands; times beyond its ends stand at them. */
unsigned html_x(const struct span *span, int64_t ns);
/* Begins an image of so many units of height; the line is its description. Close it with "</svg>". */
void html_svg(struct html *h, const char *kind, unsigned height, const char *title);
/* A row of a plot: packets by time, and a mark at mark_ns unless that is 0. The line describes it. */
void html_series(struct html *h, const struct series *s, const struct span *span, int64_t mark_ns);
/* The times under a plot. */
void html_axis(struct html *h, const struct span *span);
/* The most packets of one step, and its length. */
uint32_t html_peak(const struct series *s);
/* When stages of an infection were seen, and how much the device sent; nothing when neither is known. */
void html_story(struct html *h, const struct device *d);

/* ---- parts ---- */

void html_device(struct html *h, const struct device *d);
void html_attacks(struct html *h);
void html_map(struct html *h);
void html_recalls(struct html *h);
void html_clear(struct html *h);
void html_strangers(struct html *h);
void html_unseen(struct html *h);
