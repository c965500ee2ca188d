/* SPDX-License-Identifier: MIT */
/*
 * A device may have several addresses: its bindings' counts are joined. Networks are marked for every first contact that a
 * scan might make; they become a picture only when somebody of ours is found to scan.
 */
#include "verdict/pictures.h"

#include "base/timespan.h"

#include <string.h>

const struct rates **pictures_of_devices(const struct devices *d, const struct world *w,
					 struct arena *arena)
{
	const struct rates **out = arena_take(arena, (d->n + 1) * sizeof(struct rates *));

	if (out == NULL)
		return NULL;
	memset(out, 0, (d->n + 1) * sizeof(struct rates *));
	for (uint32_t i = 0; i < w->binds_n; i++) {
		uint32_t device = d->of_bind[i];
		struct rates *joined;

		if (device == 0 || w->binds[i].rates == 0)
			continue;
		device--;
		if (out[device] == NULL) {
			out[device] = &w->rates[w->binds[i].rates - 1];
			continue;
		}
		joined = arena_take(arena, sizeof *joined);
		if (joined == NULL)
			return NULL;
		*joined = *out[device];
		rates_join(joined, &w->rates[w->binds[i].rates - 1]);
		out[device] = joined;
	}
	return out;
}

struct series pictures_series(const struct rates *rates, struct arena *arena)
{
	size_t from = 0, to = RATES_BINS;
	int64_t step_ns, start_ns, long_ns, end_ns;
	uint32_t *count;

	if (rates == NULL || rates->width == 0)
		return (struct series){.n = 0};
	while (to > 0 && rates->bin[to - 1] == 0)
		to--;
	while (from < to && rates->bin[from] == 0)
		from++;
	/* Only damaged stamps lie where 64 bits of nanoseconds end: they have no picture. */
	step_ns = (int64_t)rates->width * NS_PER_S;
	if (__builtin_mul_overflow(rates->first + (int64_t)from, step_ns, &start_ns) ||
	    __builtin_mul_overflow((int64_t)(to - from), step_ns, &long_ns) ||
	    __builtin_add_overflow(start_ns, long_ns, &end_ns))
		return (struct series){.n = 0};
	count = arena_take(arena, (to - from + 1) * sizeof *count);
	if (count == NULL || from == to)
		return (struct series){.n = 0};
	memcpy(count, rates->bin + from, (to - from) * sizeof *count);
	return (struct series){
		.start_ns = start_ns, .step_ns = step_ns, .count = count, .n = to - from};
}

static bool anybody_scans(const struct judged *judged)
{
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		for (size_t s = 0; d->local && s < d->stages_n; s++) {
			if (d->stages[s] == STAGE_SCANNING)
				return true;
		}
	}
	return false;
}

struct scan_map pictures_scan(const struct lanes *lanes, const struct judged *judged,
			      struct arena *arena)
{
	struct scan_map map = {.networks = NULL};
	uint8_t *all;

	if (!anybody_scans(judged))
		return map;
	all = arena_take(arena, SCAN_MAP_BYTES);
	if (all == NULL)
		return map;
	memset(all, 0, SCAN_MAP_BYTES);
	for (int i = 0; i < LANES; i++) {
		for (size_t at = 0; at < SCAN_MAP_BYTES; at++)
			all[at] |= lanes->lane[i].scan_map[at];
	}
	for (size_t at = 0; at < SCAN_MAP_BYTES; at++)
		map.n += (uint32_t)__builtin_popcount(all[at]);
	if (map.n > 0)
		map.networks = all;
	return map;
}
