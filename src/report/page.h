/* SPDX-License-Identifier: MIT */
/*
 * The text report's page: a line is put together in `line`, then page_end() breaks it to the width and adds it.
 * Words of our own go into `line` with text_puts() and text_printf(); whatever came from a capture or the command
 * line goes through page_outside(), which makes it fit for a terminal.
 *
 * text.c writes the page's frame, and one file each its parts: text_device.c, text_profile.c, text_recalls.c,
 * text_attack.c. Sentences are put into the line by functions of their own, page_say_*(), for the page for browsers
 * (html.h) says the same.
 */
#pragma once

#include "report/report.h"

enum {
	PAGE_ATTACKS_SHOWN = 20,
	PAGE_STRANGERS_SHOWN = 20 /* a victim's capture can have thousands */
};

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
	bool marked;  /* times and strings from outside stand between marks, see page_mark */
	bool one_day; /* everything happened on one day (UTC): times need no date */
	const char *arrow;
	const char *dots;
	const char *bullet;
};

/*
 * Marks in a line that html_line() makes elements of: TIME, the machine's spelling, SHOWN, the words, END; OUTSIDE, a
 * string, END. No string from outside can have one: page_outside() spells control bytes out.
 */
enum page_mark { MARK_TIME = 1, MARK_SHOWN, MARK_OUTSIDE, MARK_END };

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
/*
 * Visits devices of one side from verdict `least` on, worst first, at most `most`; what is equally bad keeps the
 * model's order.
 */
void page_each_device(struct page *p, bool local, enum verdict least, uint64_t most,
		      void (*visit)(void *context, const struct device *d), void *context);
/* The same of attacks, biggest first, PAGE_ATTACKS_SHOWN at most unless everything is asked for. */
void page_each_attack(struct page *p, void (*visit)(void *context, const struct attack *a),
		      void *context);
/* Every local device that the options ask for, worst first, and a line about the rest. */
void page_devices(struct page *p);
void page_strangers(struct page *p);
void page_attacks(struct page *p);

/* ---- sentences of the frame (text.c) ---- */

void page_say_devices(struct page *p); /* the first of all */
void page_say_vantage(struct page *p);
void page_say_attacks(struct page *p); /* nothing when there is none */
void page_say_damage(struct page *p, const struct input *input);
void page_say_networks(struct page *p);
void page_say_unseen(struct page *p, const struct count *c);
extern const char page_logins_unseen[];

/* ---- sentences about a device and an attack (text_device.c, text_attack.c) ---- */

/* Firmware, addresses, and when it was seen; of its identity what comes from piece `rest` on. */
void page_say_details(struct page *p, const struct device *d, unsigned rest);
/* What its verdict rests on, its stages and families. */
void page_say_backing(struct page *p, const struct device *d);
void page_say_sign(struct page *p, const struct evidence *e);
/* Under which heading a sign stands, and the heading's words, in capitals. */
enum page_signs { SIGNS_TAKEN, SIGNS_DOES, SIGNS_SEEN };
enum page_signs page_signs_of(const struct device *d, const struct evidence *e);
extern const char *const page_signs_words[];
/* By confidence: "WHY WE ARE SURE" */
extern const char *const page_why_words[];
bool page_is_unjudged(const struct device *d);
/* What begins a verdict's colour on a terminal. */
const char *page_colour(enum verdict verdict);
/* How many devices are clear or not judged, with their makers. */
void page_say_clear(struct page *p);
void page_say_attack(struct page *p, const struct attack *a);
/* When, how much, how hard, from how many. */
void page_say_measure(struct page *p, const struct attack *a);

/* ---- what a device is, and what speaks for it (text_profile.c) ---- */

/*
 * Adds who the device is to the line, from piece `from` on (0: product class, then maker, model, brand), as long as
 * the line stays within `room` columns. Returns the first piece that is not on it; the rest goes on another line.
 */
unsigned page_identity(struct page *p, const struct device *d, unsigned from, unsigned room);
void page_firmware(struct page *p, const struct device *d);
void page_claims(struct page *p, const struct device *d);
void page_exposures(struct page *p, const struct device *d);
/* Without when it was seen, and where. */
void page_say_claim(struct page *p, const struct claim *c);
void page_say_exposure(struct page *p, const struct exposure *e);
void page_say_undecided(struct page *p, const struct device *d);
/* One line of advisories that could not be decided. */
void page_undecided(struct page *p, const struct device *d);

/* ---- makers, recalls and advisories (text_recalls.c) ---- */

/* A line on the makers of what is exposed or hijacked; nothing when no maker is known. */
void page_makers(struct page *p);
/* Ends a line on clear devices with their makers: " By maker: Apple 2, not known 1." */
void page_clear_makers(struct page *p);
void page_recalls(struct page *p);
/* How many of the entries from `list` on, which are sorted, are of one maker. */
size_t page_same_maker(const struct recall_entry *list, size_t n);
/* What advisories of one maker may concern; nothing when all was decided. */
void page_say_maker_undecided(struct page *p, const struct recall_entry *list, size_t n);
/* "exposed or hijacked, by maker: …"; nothing when no maker is known. */
void page_say_makers(struct page *p);
