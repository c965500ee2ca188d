/* SPDX-License-Identifier: MIT */
/*
 * The tables of csv.h, row by row.
 */
#include "report/csv.h"

#include "report/csv_out.h"

#include <stdlib.h>
#include <string.h>

static void addresses_cell(struct csv *csv, const struct device *d)
{
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < d->addresses_n; i++)
		csv_join(csv, i == 0, addr_text(&d->addresses[i], buf));
	csv_end_cell(csv);
}

static void macs_cell(struct csv *csv, const struct device *d)
{
	char buf[MAC_TEXT_MAX];

	for (size_t i = 0; i < d->macs_n; i++)
		csv_join(csv, i == 0, mac_text(&d->macs[i], buf));
	csv_end_cell(csv);
}

/* "factory-password telnet/23;recalled (inferred)" */
static void exposures_cell(struct csv *csv, const struct device *d)
{
	for (size_t i = 0; i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];

		csv_join(csv, i == 0, exposure_words[e->kind]);
		if (e->service != NULL) {
			text_puts(&csv->cell, " ");
			csv_join(csv, true, e->service);
		}
		text_puts(&csv->cell, e->inferred ? " (inferred)" : "");
	}
	csv_end_cell(csv);
}

static void firmware_cells(struct csv *csv, const struct device *d)
{
	csv_cell(csv, d->product);
	csv_cell(csv, d->model);
	csv_cell(csv, d->firmware);
	csv_cell(csv, d->built);
}

/* ---- one row a device ------------------------------------------------------------------------------------------ */

struct naming {
	const char *id;
	const char *advisory;
};

static int by_id(const void *x, const void *y)
{
	const struct naming *a = x, *b = y;
	int order = strcmp(a->id, b->id);

	return order != 0 ? order : strcmp(a->advisory, b->advisory);
}

/* All pairs of a device and an advisory that names it, sorted by device; NULL when memory is out. */
static struct naming *find_namings(const struct judged *judged, size_t *n)
{
	struct naming *list;
	size_t room = 1;

	for (size_t i = 0; i < judged->recalls_n; i++)
		room += judged->recalls[i].devices_n;
	list = calloc(room, sizeof *list);
	*n = 0;
	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < judged->recalls_n; i++) {
		const struct recall_entry *e = &judged->recalls[i];

		for (size_t k = 0; k < e->devices_n; k++)
			list[(*n)++] = (struct naming){e->devices[k], e->advisory};
	}
	if (*n > 0)
		qsort(list, *n, sizeof *list, by_id);
	return list;
}

/* Devices come sorted by id: *at walks along. */
static void recalls_cell(struct csv *csv, const struct device *d, const struct naming *list,
			 size_t n, size_t *at)
{
	size_t first;

	while (*at < n && strcmp(list[*at].id, d->id) < 0)
		++*at;
	for (first = *at; *at < n && strcmp(list[*at].id, d->id) == 0; ++*at)
		csv_join(csv, *at == first, list[*at].advisory);
	csv_end_cell(csv);
}

void report_csv(const struct judged *judged, const struct report_options *options, struct text *to)
{
	(void)options;
	static const char *const names[] = {
		"id",	    "addresses", "macs",    "maker",	  "brand",     "product", "model",
		"firmware", "built",	 "verdict", "confidence", "exposures", "recalls",
	};
	struct csv csv = {.to = to};
	size_t n, at = 0;
	struct naming *list = find_namings(judged, &n);

	to->failed |= list == NULL;
	csv_header(&csv, names, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < judged->devices_n && list != NULL; i++) {
		const struct device *d = &judged->devices[i];

		csv_cell(&csv, d->id);
		addresses_cell(&csv, d);
		macs_cell(&csv, d);
		csv_cell(&csv, d->maker);
		csv_cell(&csv, d->brand);
		firmware_cells(&csv, d);
		csv_cell(&csv, verdict_words[d->verdict]);
		csv_cell(&csv, confidence_words[d->confidence]);
		exposures_cell(&csv, d);
		recalls_cell(&csv, d, list, n, &at);
		csv_end_row(&csv);
	}
	free(list);
	csv_fini(&csv);
}

/* ---- one row a recall and device ------------------------------------------------------------------------------- */

static int by_device_id(const void *key, const void *element)
{
	const struct device *d = element;

	return strcmp(key, d->id);
}

static void recall_rows(struct csv *csv, const struct judged *judged, const struct recall_entry *e,
			bool decided)
{
	static const struct device unknown;
	const char *const *ids = decided ? e->devices : e->undecided;
	size_t n = decided ? e->devices_n : e->undecided_n;

	for (size_t i = 0; i < n; i++) {
		const struct device *d =
			judged->devices_n == 0 ? NULL
					       : bsearch(ids[i], judged->devices, judged->devices_n,
							 sizeof *judged->devices, by_device_id);

		if (d == NULL)
			d = &unknown;
		csv_cell(csv, e->maker);
		csv_cell(csv, e->advisory);
		csv_cell(csv, e->action);
		csv_cell(csv, ids[i]);
		addresses_cell(csv, d);
		firmware_cells(csv, d);
		csv_cell(csv, decided ? "matched" : "undecided");
		csv_end_row(csv);
	}
}

void report_csv_recalls(const struct judged *judged, struct text *to)
{
	static const char *const names[] = {
		"maker",   "advisory", "action",   "device", "addresses",
		"product", "model",    "firmware", "built",  "basis",
	};
	struct csv csv = {.to = to};

	csv_header(&csv, names, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < judged->recalls_n; i++) {
		recall_rows(&csv, judged, &judged->recalls[i], true);
		recall_rows(&csv, judged, &judged->recalls[i], false);
	}
	csv_fini(&csv);
}
