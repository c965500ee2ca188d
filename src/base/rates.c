/* SPDX-License-Identifier: MIT */
/* A clock that jumps far ahead costs at most 63 foldings; counts stop at their largest value. */
#include "base/rates.h"

#include <string.h>

static void count(uint32_t *bin, uint32_t n)
{
	*bin = n > UINT32_MAX - *bin ? UINT32_MAX : *bin + n;
}

/* Division that rounds down below 1970 too. */
static int64_t step_of(int64_t second, int64_t width)
{
	return second >= 0 ? second / width : -((-second + width - 1) / width);
}

static void fold(struct rates *r)
{
	struct rates to = {.first = step_of(r->first, 2), .width = 2 * r->width};

	for (int i = 0; i < RATES_BINS; i++)
		count(&to.bin[step_of(r->first + i, 2) - to.first], r->bin[i]);
	*r = to;
}

enum { WIDTH_MOST = 1 << 30 };

static void add_from(struct rates *r, int64_t second, uint32_t n)
{
	int64_t at = step_of(second, r->width) - r->first;

	while (at >= RATES_BINS && r->width < WIDTH_MOST) {
		fold(r);
		at = step_of(second, r->width) - r->first;
	}
	at = at < 0 ? 0 : at >= RATES_BINS ? RATES_BINS - 1 : at;
	count(&r->bin[at], n);
}

void rates_add(struct rates *r, int64_t second, uint32_t n)
{
	if (r->width == 0) {
		r->width = 1;
		r->first = second;
	}
	add_from(r, second, n);
}

static int64_t start_of(const struct rates *r)
{
	return r->first * (int64_t)r->width;
}

void rates_join(struct rates *r, const struct rates *from)
{
	struct rates other = *from, was = *r;

	if (from->width == 0)
		return;
	if (r->width == 0) {
		*r = *from;
		return;
	}
	if (start_of(&other) < start_of(&was)) { /* the earlier one takes the other in */
		struct rates earlier = other;

		other = was;
		was = earlier;
	}
	while (was.width < other.width)
		fold(&was);
	while (other.width < was.width)
		fold(&other);
	for (int i = 0; i < RATES_BINS; i++) {
		if (other.bin[i] > 0)
			add_from(&was, (other.first + i) * (int64_t)other.width, other.bin[i]);
	}
	*r = was;
}
