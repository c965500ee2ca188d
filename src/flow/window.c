/* SPDX-License-Identifier: MIT */
/* Pieces are kept as a short sorted list; with six of them at most, walking it is all the cleverness there is. */
#include "flow/window.h"

static void remove_range(struct window *w, unsigned i)
{
	w->ranges_n--;
	memmove(&w->ranges[i], &w->ranges[i + 1], (w->ranges_n - i) * sizeof w->ranges[0]);
}

/* The pieces from `from` to `to` become one with [a, b). */
static void join_ranges(struct window *w, unsigned from, unsigned to, uint16_t a, uint16_t b)
{
	for (unsigned i = to; i > from; i--)
		remove_range(w, i);
	w->ranges[from] = (struct window_range){a, b};
}

static bool insert_range(struct window *w, unsigned i, uint16_t a, uint16_t b)
{
	if (w->ranges_n == WINDOW_RANGES)
		return false;
	memmove(&w->ranges[i + 1], &w->ranges[i], (w->ranges_n - i) * sizeof w->ranges[0]);
	w->ranges[i] = (struct window_range){a, b};
	w->ranges_n++;
	return true;
}

/* Notes [a, b) as there; false when that would be a piece too many. */
static bool note_range(struct window *w, uint16_t a, uint16_t b)
{
	unsigned first = 0, last;

	while (first < w->ranges_n && w->ranges[first].to < a)
		first++;
	if (first == w->ranges_n || w->ranges[first].from > b)
		return insert_range(w, first, a, b);
	last = first;
	while (last + 1 < w->ranges_n && w->ranges[last + 1].from <= b)
		last++;
	if (w->ranges[first].from < a)
		a = w->ranges[first].from;
	if (w->ranges[last].to > b)
		b = w->ranges[last].to;
	join_ranges(w, first, last, a, b);
	return true;
}

/* Copies only where nothing is yet. */
static void copy_new(struct window *w, const struct window_range *had, unsigned had_n, uint16_t a,
		     struct bytes data)
{
	uint32_t at = a, end = a + (uint32_t)data.len;

	for (unsigned i = 0; i < had_n && at < end; i++) {
		uint32_t stop = had[i].from < end ? had[i].from : end;

		if (had[i].to <= at)
			continue;
		if (at < stop)
			memcpy(w->bytes + at, data.at + (at - a), stop - at);
		at = had[i].to > at ? had[i].to : at;
	}
	if (at < end)
		memcpy(w->bytes + at, data.at + (at - a), end - at);
}

void window_put(struct window *w, uint32_t offset, struct bytes data)
{
	struct window_range had[WINDOW_RANGES];
	unsigned had_n = w->ranges_n;

	if (offset >= WINDOW_BYTES || data.len == 0)
		return;
	if (data.len > WINDOW_BYTES - offset)
		data.len = WINDOW_BYTES - offset;
	memcpy(had, w->ranges, sizeof had);
	if (note_range(w, (uint16_t)offset, (uint16_t)(offset + data.len)))
		copy_new(w, had, had_n, (uint16_t)offset, data);
}

struct bytes window_front(const struct window *w)
{
	if (w->ranges_n == 0 || w->ranges[0].from > 0)
		return (struct bytes){.at = NULL, .len = 0};
	return (struct bytes){w->bytes, w->ranges[0].to};
}

void window_drop(struct window *w, uint32_t n)
{
	if (n >= WINDOW_BYTES || w->ranges_n == 0) {
		w->ranges_n = 0;
		return;
	}
	memmove(w->bytes, w->bytes + n,
		w->ranges[w->ranges_n - 1].to > n ? w->ranges[w->ranges_n - 1].to - n : 0);
	while (w->ranges_n > 0 && w->ranges[0].to <= n)
		remove_range(w, 0);
	for (unsigned i = 0; i < w->ranges_n; i++) {
		w->ranges[i].from = w->ranges[i].from > n ? (uint16_t)(w->ranges[i].from - n) : 0;
		w->ranges[i].to = (uint16_t)(w->ranges[i].to - n);
	}
}

uint32_t window_first(const struct window *w)
{
	return w->ranges_n == 0 ? WINDOW_BYTES : w->ranges[0].from;
}
