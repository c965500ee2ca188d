/* SPDX-License-Identifier: MIT */
/*
 * One line a device, see listing.h. Columns are as wide as what stands in them; what a device is comes last, so that
 * nothing has to be cut but there. Times are short as those of ls(1): the clock for what is recent, the year for what is
 * older; recent is reckoned from the newest of them, for a report asks no clock. Names come from devices or from whoever
 * plays one: all of them go through page_outside() or the writers of the other formats.
 */
#include "report/listing.h"

#include "base/put.h"
#include "base/timespan.h"
#include "report/csv_out.h"
#include "report/json_out.h"
#include "report/page.h"

#include <limits.h>

#define RECENT_NS (INT64_C(180) * 86400 * NS_PER_S)

enum { GAP = 2, WHEN_WIDTH = 12 /* "21 Oct 11:04" */, ADDRESS_WIDTH = 7, VERDICT_WIDTH = 7 };

struct table {
	struct page page;
	const struct listing *listing;
	unsigned verdict_width;
	unsigned address_width;
	int64_t newest_ns;
	char zone[REPORT_ZONE]; /* at the newest time */
};

static const char *const verdicts[] = {
	[VERDICT_CLEAR] = "clear",
	[VERDICT_EXPOSED] = "EXPOSED",
	[VERDICT_SUSPECT] = "SUSPECT",
	[VERDICT_INFECTED] = "INFECTED",
};

static void each(struct table *t, void (*visit)(void *context, const struct device *d))
{
	page_each_device(&t->page, true, VERDICT_CLEAR, UINT64_MAX, visit, t);
	if (t->listing->all)
		page_each_device(&t->page, false, VERDICT_CLEAR, UINT64_MAX, visit, t);
}

static const char *word_of(const struct device *d)
{
	return page_is_unjudged(d) ? "not judged" : verdicts[d->verdict];
}

static const char *sure_of(const struct device *d)
{
	return d->confidence == CONFIDENCE_NONE ? "" : confidence_words[d->confidence];
}

static unsigned verdict_width(const struct device *d)
{
	unsigned sure = text_width(sure_of(d));

	return text_width(word_of(d)) + (sure > 0 ? 1 + sure : 0);
}

static unsigned wider(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static void measure(void *context, const struct device *d)
{
	struct table *t = context;

	text_clear(&t->page.line);
	page_device_name(&t->page, d);
	t->address_width = wider(t->address_width, text_width(text_string(&t->page.line)));
	t->verdict_width = wider(t->verdict_width, verdict_width(d));
	if (d->last_ns > t->newest_ns)
		t->newest_ns = d->last_ns;
	text_clear(&t->page.line);
}

static void pad(struct text *line, unsigned width)
{
	unsigned column = text_width(text_string(line));

	text_repeat(line, ' ', column < width ? width - column : 0);
}

/* "21 Oct 11:04", or "21 Oct 2015" of long ago. */
static void add_when(struct table *t, int64_t ns)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char zone[REPORT_ZONE];
	int64_t here = ns;
	struct put_date c;

	if (t->page.options->zone != NULL &&
	    __builtin_add_overflow(ns, t->page.options->zone(ns, zone), &here))
		here = ns;
	c = put_date_of(here);
	text_printf(&t->page.line, "%2u %s ", c.day, months[c.month - 1]);
	if (time_since(ns, t->newest_ns) < RECENT_NS)
		text_printf(&t->page.line, "%02u:%02u", c.hour, c.minute);
	else
		text_printf(&t->page.line, "%-5lld", (long long)c.year);
}

/* What it is, then the name it gave itself: people know it by either. */
static void add_what(struct page *p, const struct device *d)
{
	struct text before = p->line;
	size_t len;

	/* page_identity() begins where the line does. */
	p->line = (struct text){0};
	page_identity(p, d, 0, UINT_MAX);
	len = p->line.len;
	text_puts(&before, text_string(&p->line));
	before.failed |= p->line.failed;
	text_fini(&p->line);
	p->line = before;
	if (d->names_n == 0)
		return;
	text_puts(&p->line, len > 0 ? " (" : "");
	page_outside(p, d->names[0]);
	text_puts(&p->line, len > 0 ? ")" : "");
}

/* Where a string that is too wide is to end, so that the dots stand in its last columns. */
static size_t cut_at(const char *s, unsigned width)
{
	char piece[REPORT_WIDTH_MAX * 4 + 1];
	size_t n = 0, fits = 0;

	while (s[n] != '\0' && n < sizeof piece - 1) {
		do {
			piece[n] = s[n];
			n++;
		} while (((unsigned char)s[n] & 0xc0) == 0x80 && n < sizeof piece - 1);
		piece[n] = '\0';
		if (text_width(piece) > width)
			break;
		fits = n;
	}
	return fits;
}

/* The line as it is, or its beginning: rows are lines, never wrapped. */
static void end_row(struct table *t, const struct device *coloured)
{
	struct page *p = &t->page;
	const char *line = text_string(&p->line);
	size_t len = p->line.len;
	size_t word = coloured != NULL ? strlen(word_of(coloured)) : 0;
	bool cut = t->listing->cuts && text_width(line) > p->options->width;

	if (cut)
		len = cut_at(line, p->options->width - text_width(p->dots));
	if (coloured != NULL && p->options->colour && !page_is_unjudged(coloured)) {
		text_puts(p->to, page_colour(coloured->verdict));
		text_add(p->to, line, word);
		text_puts(p->to, "\033[0m");
		text_add(p->to, line + word, len - word);
	} else {
		text_add(p->to, line, len);
	}
	text_puts(p->to, cut ? p->dots : "");
	text_puts(p->to, "\n");
	text_settle(p->to);
	text_clear(&p->line);
}

static void add_row(void *context, const struct device *d)
{
	struct table *t = context;
	struct text *line = &t->page.line;
	unsigned at = t->verdict_width + GAP;
	const char *sure = sure_of(d);

	text_printf(line, "%s%s%s", word_of(d), *sure != '\0' ? " " : "", sure);
	pad(line, at);
	page_device_name(&t->page, d);
	pad(line, at += t->address_width + GAP);
	add_when(t, d->first_ns);
	pad(line, at + WHEN_WIDTH + GAP);
	add_when(t, d->last_ns);
	if (d->names_n > 0 || d->product != NULL || d->maker != NULL || d->model != NULL ||
	    d->brand != NULL) {
		text_puts(line, "  ");
		add_what(&t->page, d);
	}
	end_row(t, d);
}

static void add_header(struct table *t)
{
	struct text *line = &t->page.line;
	unsigned at = t->verdict_width + GAP;

	text_puts(line, "VERDICT");
	pad(line, at);
	text_puts(line, "ADDRESS");
	pad(line, at += t->address_width + GAP);
	text_puts(line, "FIRST SEEN");
	pad(line, at += WHEN_WIDTH + GAP);
	text_puts(line, "LAST SEEN");
	pad(line, at + WHEN_WIDTH + GAP);
	text_puts(line, "DEVICE");
	end_row(t, NULL);
}

void listing_text(const struct judged *judged, const struct listing *listing,
		  const struct report_options *options, struct text *to)
{
	struct table t = {.listing = listing,
			  .verdict_width = VERDICT_WIDTH,
			  .address_width = ADDRESS_WIDTH,
			  .newest_ns = INT64_MIN};

	page_init(&t.page, judged, options, to);
	page_say_devices(&t.page);
	page_end(&t.page, 0, 0);
	page_say_vantage(&t.page);
	page_end(&t.page, 0, 0);
	each(&t, measure);
	if (t.newest_ns != INT64_MIN) {
		page_heading(&t.page, 0, "");
		add_header(&t);
		each(&t, add_row);
		if (options->zone != NULL)
			(void)options->zone(t.newest_ns, t.zone);
		page_heading(&t.page, 0, "");
		text_printf(&t.page.line, "Times are %s. All about one device: cordon show ADDRESS",
			    t.zone[0] != '\0' ? t.zone : "UTC");
		page_end(&t.page, 0, 0);
	}
	page_fini(&t.page);
}

void listing_name(const struct judged *judged, const struct device *device,
		  const struct report_options *options, struct text *to)
{
	struct page p;

	page_init(&p, judged, options, to);
	page_device_name(&p, device);
	text_puts(&p.line, "  ");
	add_what(&p, device);
	text_puts(to, text_string(&p.line));
	page_fini(&p);
}

/* ---- for programs ---------------------------------------------------------------------------------------------- */

static void add_object(void *context, const struct device *d)
{
	struct json *j = context;

	json_open(j, NULL, "{");
	json_string(j, "id", d->id);
	json_word(j, "site", d->local ? "local" : "remote");
	json_word(j, "verdict", verdict_words[d->verdict]);
	json_word(j, "confidence", confidence_words[d->confidence]);
	json_bool(j, "judged", d->judged);
	json_addrs(j, "addresses", d->addresses, d->addresses_n);
	json_macs(j, "macs", d->macs, d->macs_n);
	json_strings(j, "names", d->names, d->names_n);
	json_string(j, "maker", d->maker);
	json_string(j, "brand", d->brand);
	json_string(j, "product", d->product);
	json_string(j, "model", d->model);
	json_string(j, "firmware", d->firmware);
	json_time(j, "first", d->first_ns);
	json_time(j, "last", d->last_ns);
	json_close(j, "}");
}

void listing_json(const struct judged *judged, const struct listing *listing,
		  const struct report_options *options, struct text *to)
{
	struct json j = {.to = to};
	struct page p;

	page_init(&p, judged, options, to);
	json_open(&j, NULL, "{");
	json_string(&j, "schema", "cordon.devices/1");
	json_count(&j, "judged", judged->judged);
	json_count(&j, "of", judged->of);
	json_open(&j, "devices", "[");
	page_each_device(&p, true, VERDICT_CLEAR, UINT64_MAX, add_object, &j);
	if (listing->all)
		page_each_device(&p, false, VERDICT_CLEAR, UINT64_MAX, add_object, &j);
	json_close(&j, "]");
	json_close(&j, "}");
	json_end(&j);
	page_fini(&p);
}

static void add_csv(void *context, const struct device *d)
{
	struct csv *csv = context;
	char buf[ADDR_TEXT_MAX];

	csv_cell(csv, verdict_words[d->verdict]);
	csv_cell(csv, confidence_words[d->confidence]);
	csv_cell(csv, d->id);
	for (size_t i = 0; i < d->addresses_n; i++)
		csv_join(csv, i == 0, addr_text(&d->addresses[i], buf));
	csv_end_cell(csv);
	for (size_t i = 0; i < d->macs_n; i++)
		csv_join(csv, i == 0, mac_text(&d->macs[i], buf));
	csv_end_cell(csv);
	for (size_t i = 0; i < d->names_n; i++)
		csv_join(csv, i == 0, d->names[i]);
	csv_end_cell(csv);
	csv_cell(csv, d->maker);
	csv_cell(csv, d->brand);
	csv_cell(csv, d->product);
	csv_cell(csv, d->model);
	csv_cell(csv, d->firmware);
	text_time(&csv->cell, d->first_ns);
	csv_end_cell(csv);
	text_time(&csv->cell, d->last_ns);
	csv_end_cell(csv);
	csv_end_row(csv);
}

void listing_csv(const struct judged *judged, const struct listing *listing,
		 const struct report_options *options, struct text *to)
{
	static const char *const names[] = {"verdict",	"confidence", "id",    "addresses", "macs",
					    "names",	"maker",      "brand", "product",   "model",
					    "firmware", "first",      "last"};
	struct csv csv = {.to = to};
	struct page p;

	page_init(&p, judged, options, to);
	csv_header(&csv, names, sizeof names / sizeof names[0]);
	page_each_device(&p, true, VERDICT_CLEAR, UINT64_MAX, add_csv, &csv);
	if (listing->all)
		page_each_device(&p, false, VERDICT_CLEAR, UINT64_MAX, add_csv, &csv);
	page_fini(&p);
	csv_fini(&csv);
}
