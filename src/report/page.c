/* SPDX-License-Identifier: MIT */
/*
 * The text report's page: lines, and the small things that every part of it writes. See page.h.
 */
#include "report/page.h"

#include <assert.h>
#include <string.h>

enum {
	PACKETS_SHOWN = 3, /* enough to look it up; the report for programs has all that are kept */
	VALUE_SHOWN = 48,  /* bytes: a banner's first line says it */
	NAMES_SHOWN = 8
};

static void count_devices(struct tally *t, const struct judged *judged)
{
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		if (!d->local) {
			t->strangers += d->verdict != VERDICT_CLEAR;
			t->stranger_verdicts[d->verdict]++;
			continue;
		}
		t->local++;
		if (d->verdict == VERDICT_CLEAR && !d->judged)
			t->not_judged++;
		else
			t->verdicts[d->verdict]++;
	}
}

/* As the reader's clock shows it; a stamp at the end of the range has no zone. */
static int64_t here(const struct page *p, int64_t ns, char zone[REPORT_ZONE])
{
	int64_t shown;

	zone[0] = '\0';
	if (p->options->zone == NULL ||
	    __builtin_add_overflow(ns, p->options->zone(ns, zone), &shown))
		return ns;
	return shown;
}

static int64_t day_of(const struct page *p, int64_t ns)
{
	char zone[REPORT_ZONE];

	return text_time_day(here(p, ns, zone));
}

/* One day, if all inputs say so; devices and attacks can't reach beyond their inputs. */
static bool is_one_day(const struct page *p)
{
	const struct judged *judged = p->judged;
	const struct input *first = NULL;

	for (size_t i = 0; i < judged->inputs_n; i++) {
		const struct input *input = &judged->inputs[i];

		if (!input->any)
			continue;
		if (first == NULL)
			first = input;
		if (day_of(p, input->first_ns) != day_of(p, first->first_ns) ||
		    day_of(p, input->last_ns) != day_of(p, first->first_ns))
			return false;
	}
	return true;
}

void page_init(struct page *p, const struct judged *judged, const struct report_options *options,
	       struct text *to)
{
	assert(options->width >= REPORT_WIDTH_MIN && options->width <= REPORT_WIDTH_MAX);
	*p = (struct page){
		.judged = judged,
		.options = options,
		.to = to,
		.arrow = options->utf8 ? "→" : "->",
		.dots = options->utf8 ? "…" : "...",
		.bullet = options->utf8 ? "●" : "*",
	};
	p->one_day = is_one_day(p);
	count_devices(&p->tally, judged);
}

void page_fini(struct page *p)
{
	p->to->failed |= p->line.failed;
	text_fini(&p->line);
}

static void mark(struct page *p, enum page_mark m)
{
	const char c = (char)m;

	if (p->marked)
		text_add(&p->line, &c, 1);
}

void page_outside(struct page *p, const char *s)
{
	mark(p, MARK_OUTSIDE);
	text_plain(&p->line, s, p->options->utf8);
	mark(p, MARK_END);
}

void page_value(struct page *p, const char *s)
{
	char start[VALUE_SHOWN + 1];
	size_t n = VALUE_SHOWN;

	if (p->options->all || strlen(s) <= VALUE_SHOWN) {
		page_outside(p, s);
		return;
	}
	/* Not in the middle of a character, whose length is four bytes at most. */
	while (n > VALUE_SHOWN - 3 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	memcpy(start, s, n);
	start[n] = '\0';
	page_outside(p, start);
	text_puts(&p->line, p->dots);
}

void page_addr(struct page *p, const struct addr *a)
{
	char buf[ADDR_TEXT_MAX];

	text_puts(&p->line, addr_text(a, buf));
}

void page_mac(struct page *p, const struct mac *m)
{
	char buf[MAC_TEXT_MAX];

	text_puts(&p->line, mac_text(m, buf));
}

void page_count(struct page *p, uint64_t n, const char *singular)
{
	text_count(&p->line, n);
	text_printf(&p->line, " %s%s", singular, n == 1 ? "" : "s");
}

static void add_time(struct page *p, int64_t ns, char zone[REPORT_ZONE])
{
	int64_t shown = here(p, ns, zone);

	mark(p, MARK_TIME);
	if (p->marked)
		text_time_as(&p->line, ns, 0, "Z");
	mark(p, MARK_SHOWN);
	if (p->one_day)
		text_time_clock(&p->line, shown);
	else
		text_time_human(&p->line, shown);
	mark(p, MARK_END);
}

void page_when(struct page *p, int64_t first_ns, int64_t last_ns)
{
	char first[REPORT_ZONE], last[REPORT_ZONE];

	add_time(p, first_ns, first);
	if (first_ns / 1000000000 != last_ns / 1000000000) {
		(void)here(p, last_ns, last);
		/* Summer may end in between. */
		if (strcmp(first, last) != 0)
			text_printf(&p->line, " %s", first);
		text_printf(&p->line, " %s ", p->arrow);
		add_time(p, last_ns, first);
	}
	if (first[0] != '\0')
		text_printf(&p->line, " %s", first);
}

void page_packets(struct page *p, const struct where *packets, size_t n, bool more)
{
	size_t shown = n < PACKETS_SHOWN ? n : PACKETS_SHOWN;

	for (size_t i = 0; i < shown; i++) {
		text_puts(&p->line, i == 0 ? "#" : ", #");
		if (p->judged->inputs_n > 1)
			text_printf(&p->line, "%u:", (unsigned)packets[i].input);
		text_printf(&p->line, "%llu", (unsigned long long)packets[i].packet);
	}
	if (shown > 0 && (more || n > shown))
		text_puts(&p->line, p->dots);
}

static const struct device *find_device(const struct judged *judged, const char *id)
{
	size_t from = 0;
	size_t to = judged->devices_n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int c = strcmp(judged->devices[middle].id, id);

		if (c == 0)
			return &judged->devices[middle];
		if (c < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

void page_device_names(struct page *p, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct device *d = find_device(p->judged, ids[i]);

		if (i == NAMES_SHOWN && !p->options->all) {
			text_printf(&p->line, " and %zu more", n - i);
			break;
		}
		text_puts(&p->line, i == 0 ? "" : ", ");
		if (d != NULL)
			page_device_name(p, d);
		else
			page_outside(p, ids[i]);
	}
}

void page_end(struct page *p, unsigned indent, unsigned hang)
{
	text_repeat(p->to, ' ', indent);
	text_wrap(p->to, text_string(&p->line), hang, p->options->width);
	text_puts(p->to, "\n");
	text_settle(p->to);
	text_clear(&p->line);
}

void page_heading(struct page *p, unsigned indent, const char *words)
{
	text_puts(&p->line, words);
	page_end(p, *words == '\0' ? 0 : indent, indent);
}
