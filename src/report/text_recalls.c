/* SPDX-License-Identifier: MIT */
/*
 * The text report's view across devices: which makers' devices are exposed or hijacked, and the recalls and advisories
 * by maker, with what to do and which devices they name. What could not be decided is told in one line a maker: on most
 * networks few devices tell their firmware, and a page of maybes would bury what is certain.
 */
#include "report/page.h"

#include <stdlib.h>
#include <string.h>

enum { MAKERS_SHOWN = 8, ADVISORIES_SHOWN = 4 };

struct standing {
	const char *maker; /* NULL: not known */
	uint64_t devices;
	uint64_t hijacked;
};

struct standings {
	struct standing *list;
	size_t n;
	size_t named; /* of which makers are known */
};

static int by_maker(const void *x, const void *y)
{
	const struct standing *a = x, *b = y;

	if (a->maker == NULL || b->maker == NULL)
		return (a->maker == NULL) - (b->maker == NULL);
	return strcmp(a->maker, b->maker);
}

/* Most devices first; the unknown maker last. */
static int by_devices(const void *x, const void *y)
{
	const struct standing *a = x, *b = y;

	if (a->devices != b->devices && a->maker != NULL && b->maker != NULL)
		return a->devices > b->devices ? -1 : 1;
	return by_maker(x, y);
}

static void fold(struct standings *s)
{
	size_t kept = 0;

	qsort(s->list, s->n, sizeof *s->list, by_maker);
	for (size_t i = 0; i < s->n; i++) {
		if (kept > 0 && by_maker(&s->list[kept - 1], &s->list[i]) == 0) {
			s->list[kept - 1].devices += s->list[i].devices;
			s->list[kept - 1].hijacked += s->list[i].hijacked;
		} else {
			s->list[kept++] = s->list[i];
		}
	}
	s->n = kept;
	for (size_t i = 0; i < kept; i++)
		s->named += s->list[i].maker != NULL;
	qsort(s->list, s->n, sizeof *s->list, by_devices);
}

static bool is_affected(const struct device *d)
{
	return d->verdict == VERDICT_EXPOSED || d->verdict == VERDICT_INFECTED ||
	       d->exposures_n > 0;
}

/* The makers of local devices, those that are affected or those that are clear; free the list. */
static struct standings count_makers(struct page *p, bool affected)
{
	const struct judged *judged = p->judged;
	struct standings s = {.list = calloc(judged->devices_n + 1, sizeof *s.list)};

	if (s.list == NULL) {
		p->to->failed = true;
		return s;
	}
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		if (!d->local ||
		    !(affected ? is_affected(d) : d->verdict == VERDICT_CLEAR && !is_affected(d)))
			continue;
		s.list[s.n++] = (struct standing){.maker = d->maker,
						  .devices = 1,
						  .hijacked = d->verdict == VERDICT_INFECTED};
	}
	if (s.n > 0)
		fold(&s);
	return s;
}

static void add_standings(struct page *p, const struct standings *s, const char *between)
{
	size_t most = p->options->all ? s->n : MAKERS_SHOWN;

	for (size_t i = 0; i < s->n && i < most; i++) {
		text_puts(&p->line, i == 0 ? "" : between);
		page_outside(p, s->list[i].maker != NULL ? s->list[i].maker : "not known");
		text_puts(&p->line, " ");
		text_count(&p->line, s->list[i].devices);
		if (s->list[i].hijacked == 0)
			continue;
		text_puts(&p->line, " (");
		text_count(&p->line, s->list[i].hijacked);
		text_puts(&p->line, " hijacked)");
	}
	if (s->n > most)
		text_printf(&p->line, " and %zu more", s->n - most);
}

void page_say_makers(struct page *p)
{
	struct standings s = count_makers(p, true);

	if (s.named > 0) {
		text_puts(&p->line, "exposed or hijacked, by maker: ");
		add_standings(p, &s, p->options->utf8 ? " · " : ", ");
	}
	free(s.list);
}

void page_makers(struct page *p)
{
	page_say_makers(p);
	if (p->line.len > 0)
		page_end(p, 0, 2);
}

void page_clear_makers(struct page *p)
{
	struct standings s = count_makers(p, false);

	if (s.named > 0) {
		text_puts(&p->line, " By maker: ");
		add_standings(p, &s, ", ");
		text_puts(&p->line, ".");
	}
	free(s.list);
}

/* ---- recalls --------------------------------------------------------------------------------------------------- */

static void write_entry(struct page *p, const struct recall_entry *e)
{
	page_outside(p, e->advisory);
	text_puts(&p->line, ": ");
	page_outside(p, e->action);
	page_end(p, 4, 6);
	text_puts(&p->line, "names ");
	page_device_names(p, e->devices, e->devices_n);
	page_end(p, 6, 8);
}

static int by_string(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The devices for which some of these could not be decided, each once, sorted; free it. */
static const char **undecided_devices(struct page *p, const struct recall_entry *list, size_t n,
				      size_t *out)
{
	const char **ids;
	size_t total = 0, kept = 0;

	*out = 0;
	for (size_t i = 0; i < n; i++)
		total += list[i].undecided_n;
	ids = calloc(total + 1, sizeof *ids);
	if (ids == NULL) {
		p->to->failed = true;
		return NULL;
	}
	total = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].undecided_n; k++)
			ids[total++] = list[i].undecided[k];
	if (total > 0)
		qsort(ids, total, sizeof *ids, by_string);
	for (size_t i = 0; i < total; i++)
		if (kept == 0 || strcmp(ids[kept - 1], ids[i]) != 0)
			ids[kept++] = ids[i];
	*out = kept;
	return ids;
}

void page_say_maker_undecided(struct page *p, const struct recall_entry *list, size_t n)
{
	size_t devices_n, shown = 0, left = 0;
	const char **devices = undecided_devices(p, list, n, &devices_n);

	if (devices_n > 0) {
		text_puts(&p->line, "may concern ");
		page_device_names(p, devices, devices_n);
		text_puts(&p->line, "; what was seen does not decide: ");
		for (size_t i = 0; i < n; i++) {
			if (list[i].undecided_n == 0)
				continue;
			if (shown == ADVISORIES_SHOWN && !p->options->all) {
				left++;
				continue;
			}
			text_puts(&p->line, shown++ == 0 ? "" : "; ");
			page_outside(p, list[i].advisory);
		}
		if (left > 0)
			text_printf(&p->line, " and %zu more", left);
	}
	free(devices);
}

/* The entries are sorted by maker. */
size_t page_same_maker(const struct recall_entry *list, size_t n)
{
	size_t end = 1;

	while (end < n && strcmp(list[end].maker, list[0].maker) == 0)
		end++;
	return end;
}

void page_recalls(struct page *p)
{
	const struct recall_entry *list = p->judged->recalls;
	size_t left = p->judged->recalls_n;

	if (left == 0)
		return;
	page_heading(p, 0, "");
	page_heading(p, 0, "RECALLS AND ADVISORIES");
	while (left > 0) {
		size_t n = page_same_maker(list, left);

		page_outside(p, list[0].maker);
		page_end(p, 2, 4);
		for (size_t i = 0; i < n; i++)
			if (list[i].devices_n > 0)
				write_entry(p, &list[i]);
		page_say_maker_undecided(p, list, n);
		if (p->line.len > 0)
			page_end(p, 4, 6);
		list += n;
		left -= n;
	}
}
