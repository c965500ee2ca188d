/* SPDX-License-Identifier: MIT */
/*
 * The text report's page: a line is put together in `line`, then page_end() breaks it to the width and adds it.
 * Words of our own go into `line` with text_puts() and text_printf(); whatever came from a capture or the command
 * line goes through page_outside(), which makes it fit for a terminal.
 *
 * text.c writes the page's frame, and one file each its parts: text_device.c, text_profile.c, text_recalls.c,
 * text_attack.c.
 */
#pragma once

#include "report/report.h"

struct tally {
	uint64_t local;
	uint64_t verdicts[VERDICT_INFECTED + 1]; /* of local devices; clear ones were judged */
	uint64_t not_judged;
	uint64_t strangers;
	uint64_t stranger_verdicts[VERDICT_INFECTED + 1];
};

struct page {
	const struct judged *judged;
	const struct report_options *options;
	struct text *to;
	struct text line;
	struct tally tally;
	bool one_day; /* everything happened on one day (UTC): times need no date */
	const char *arrow;
	const char *dots;
	const char *bullet;
};

void page_init(struct page *p, const struct judged *judged, const struct report_options *options,
	       struct text *to);
void page_fini(struct page *p);

void page_outside(struct page *p, const char *s);
/* The same of a value that may be a page long: its beginning, unless everything is asked for. */
void page_value(struct page *p, const char *s);
void page_addr(struct page *p, const struct addr *a);
void page_mac(struct page *p, const struct mac *m);
/* "4 118 220 packets"; the plural is the singular and an s. */
void page_count(struct page *p, uint64_t n, const char *singular);
/* "11:04:31 → 11:05:02" */
void page_when(struct page *p, int64_t first_ns, int64_t last_ns);
/* "#10302, #10305…": the first few packet numbers; `more` when there are others than these. */
void page_packets(struct page *p, const struct where *packets, size_t n, bool more);

/* Ends the line: `indent` columns in front, `hang` columns in front of what did not fit. */
void page_end(struct page *p, unsigned indent, unsigned hang);
/* A line of its own: a heading in capitals, or an empty line for "". */
void page_heading(struct page *p, unsigned indent, const char *words);

/* How a device is called in sentences: its first routable address, else any, else its id. */
void page_device_name(struct page *p, const struct device *d);
/* "192.168.1.20, 192.168.1.21 and 3 more"; without "more" when everything is asked for. */
void page_device_names(struct page *p, const char *const *ids, size_t n);

/* One device in full. Strangers get what was seen of them, without advice. */
void page_device(struct page *p, const struct device *d);
/* Every local device that the options ask for, worst first, and a line about the rest. */
void page_devices(struct page *p);
void page_strangers(struct page *p);
void page_attacks(struct page *p);

/* ---- what a device is, and what speaks for it (text_profile.c) ---- */

/*
 * Adds who the device is to the line, from piece `from` on (0: product class, then maker, model, brand), as long as
 * the line stays within `room` columns. Returns the first piece that is not on it; the rest goes on another line.
 */
unsigned page_identity(struct page *p, const struct device *d, unsigned from, unsigned room);
void page_firmware(struct page *p, const struct device *d);
void page_claims(struct page *p, const struct device *d);
void page_exposures(struct page *p, const struct device *d);
/* One line of advisories that could not be decided. */
void page_undecided(struct page *p, const struct device *d);

/* ---- makers, recalls and advisories (text_recalls.c) ---- */

/* A line on the makers of what is exposed or hijacked; nothing when no maker is known. */
void page_makers(struct page *p);
/* Ends a line on clear devices with their makers: " By maker: Apple 2, not known 1." */
void page_clear_makers(struct page *p);
void page_recalls(struct page *p);
