/* SPDX-License-Identifier: MIT */
/*
 * The tables of csv.h, written row by row. What a device says of itself is chosen by its maker, or by whoever plays a
 * device, and a table is opened in a program that runs what begins with an equals sign: so every cell is defused, also
 * behind a semicolon, for spreadsheets of many countries take that for the end of a cell.
 */
#include "report/csv.h"

#include <stdlib.h>
#include <string.h>

struct csv {
	struct text *to;
	struct text cell;  /* as it came */
	struct text plain; /* without what could do harm */
	bool begun;	   /* a cell stands on this line */
};

/* What a spreadsheet begins a formula with, in East Asian width too. */
static bool begins_formula(const char *s)
{
	static const char *const wide[] = {"＝", "＋", "－", "＠"};

	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		return true;
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		if (strncmp(s, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

/* The text of the cell, harmless, in csv->plain. */
static void defuse(struct csv *csv)
{
	struct text marked = {0};
	bool first = true;

	for (const char *s = text_string(&csv->cell); *s != '\0'; s++) {
		if (first && begins_formula(s))
			text_puts(&marked, "'");
		text_add(&marked, s, 1);
		first = *s == ';' || (first && *s == ' ');
	}
	text_clear(&csv->plain);
	text_plain(&csv->plain, text_string(&marked), true);
	csv->to->failed |= marked.failed;
	text_fini(&marked);
}

/* Writes what was put together in csv->cell. */
static void end_cell(struct csv *csv)
{
	const char *s;

	defuse(csv);
	s = text_string(&csv->plain);
	text_puts(csv->to, csv->begun ? "," : "");
	csv->begun = true;
	if (strpbrk(s, ",;\" ") == NULL) {
		text_puts(csv->to, s);
	} else {
		text_puts(csv->to, "\"");
		for (size_t n = strcspn(s, "\""); s[n] != '\0'; n = strcspn(s, "\"")) {
			text_add(csv->to, s, n);
			text_puts(csv->to, "\"\"");
			s += n + 1;
		}
		text_puts(csv->to, s);
		text_puts(csv->to, "\"");
	}
	text_clear(&csv->cell);
}

static void end_row(struct csv *csv)
{
	text_puts(csv->to, "\r\n");
	text_settle(csv->to);
	csv->begun = false;
}

static void cell(struct csv *csv, const char *s)
{
	text_puts(&csv->cell, s != NULL ? s : "");
	end_cell(csv);
}

static void header(struct csv *csv, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cell(csv, names[i]);
	end_row(csv);
}

static void csv_fini(struct csv *csv)
{
	csv->to->failed |= csv->cell.failed || csv->plain.failed;
	text_fini(&csv->cell);
	text_fini(&csv->plain);
}

/* What joins values would tear one apart that has it inside. */
static void join(struct csv *csv, bool first, const char *s)
{
	text_puts(&csv->cell, first ? "" : ";");
	for (; *s != '\0'; s++)
		text_add(&csv->cell, *s == ';' ? "," : s, 1);
}

static void addresses_cell(struct csv *csv, const struct device *d)
{
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < d->addresses_n; i++)
		join(csv, i == 0, addr_text(&d->addresses[i], buf));
	end_cell(csv);
}

static void macs_cell(struct csv *csv, const struct device *d)
{
	char buf[MAC_TEXT_MAX];

	for (size_t i = 0; i < d->macs_n; i++)
		join(csv, i == 0, mac_text(&d->macs[i], buf));
	end_cell(csv);
}

/* "factory-password telnet/23;recalled (inferred)" */
static void exposures_cell(struct csv *csv, const struct device *d)
{
	for (size_t i = 0; i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];

		join(csv, i == 0, exposure_words[e->kind]);
		if (e->service != NULL) {
			text_puts(&csv->cell, " ");
			join(csv, true, e->service);
		}
		text_puts(&csv->cell, e->inferred ? " (inferred)" : "");
	}
	end_cell(csv);
}

static void firmware_cells(struct csv *csv, const struct device *d)
{
	cell(csv, d->product);
	cell(csv, d->model);
	cell(csv, d->firmware);
	cell(csv, d->built);
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
		join(csv, *at == first, list[*at].advisory);
	end_cell(csv);
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
	header(&csv, names, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < judged->devices_n && list != NULL; i++) {
		const struct device *d = &judged->devices[i];

		cell(&csv, d->id);
		addresses_cell(&csv, d);
		macs_cell(&csv, d);
		cell(&csv, d->maker);
		cell(&csv, d->brand);
		firmware_cells(&csv, d);
		cell(&csv, verdict_words[d->verdict]);
		cell(&csv, confidence_words[d->confidence]);
		exposures_cell(&csv, d);
		recalls_cell(&csv, d, list, n, &at);
		end_row(&csv);
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
		cell(csv, e->maker);
		cell(csv, e->advisory);
		cell(csv, e->action);
		cell(csv, ids[i]);
		addresses_cell(csv, d);
		firmware_cells(csv, d);
		cell(csv, decided ? "matched" : "undecided");
		end_row(csv);
	}
}

void report_csv_recalls(const struct judged *judged, struct text *to)
{
	static const char *const names[] = {
		"maker",   "advisory", "action",   "device", "addresses",
		"product", "model",    "firmware", "built",  "basis",
	};
	struct csv csv = {.to = to};

	header(&csv, names, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < judged->recalls_n; i++) {
		recall_rows(&csv, judged, &judged->recalls[i], true);
		recall_rows(&csv, judged, &judged->recalls[i], false);
	}
	csv_fini(&csv);
}
