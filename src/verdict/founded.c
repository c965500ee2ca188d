/* SPDX-License-Identifier: MIT */
/*
 * Some behaviour is a bot's only where a program was taken in before: of anybody else it is what honest programs do. The
 * comparison is by packets, so what came before the loading never counts.
 */
#include "verdict/founded.h"

/* Each device's first packet that proves a program was loaded; 0: none does. */
static uint64_t *find_loads(const struct findings *f, size_t devices_n, struct arena *arena)
{
	uint64_t *loaded = arena_take(arena, (devices_n + 1) * sizeof *loaded);

	for (size_t i = 0; loaded != NULL && i < f->n; i++) {
		const struct finding *load = &f->list[i];
		uint64_t *first = &loaded[load->device];

		if (load->act == ACT_LOADED && load->weight == WEIGHT_PROOF &&
		    (*first == 0 || load->keys[0] < *first))
			*first = load->keys[0];
	}
	return loaded;
}

void findings_founded(struct findings *f, size_t devices_n, struct arena *arena)
{
	uint64_t *loaded = find_loads(f, devices_n, arena);
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];
		uint64_t load = loaded == NULL ? 0 : loaded[one->device];

		if (one->after_load && (load == 0 || load > one->keys[0]))
			continue;
		if (kept != i)
			f->list[kept] = *one;
		kept++;
	}
	f->n = kept;
}

void findings_drop(struct findings *f, int64_t since_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];

		if (one->last_ns < since_ns && one->first_ns < since_ns)
			continue;
		if (kept != i)
			f->list[kept] = *one;
		kept++;
	}
	f->n = kept;
}
