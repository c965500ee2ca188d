/* SPDX-License-Identifier: MIT */
/*
 * See recalls.h. Makers' names and advisories come from the tables of knowledge, models and firmware from devices.
 */
#include "report/recalls.h"

#include "report/json_out.h"
#include "report/page.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *key, const void *element)
{
	const struct device *d = element;

	return strcmp(key, d->id);
}

static const struct device *find_device(const struct judged *judged, const char *id)
{
	return judged->devices_n == 0 ? NULL
				      : bsearch(id, judged->devices, judged->devices_n,
						sizeof *judged->devices, by_id);
}

/* How many of the devices some recall or advisory names, and how many others it may concern. */
struct recalled {
	uint64_t named;
	uint64_t maybe;
};

static void mark_devices(const struct judged *judged, const char *const *ids, size_t n,
			 unsigned char *marks, unsigned char mark)
{
	for (size_t i = 0; i < n; i++) {
		const struct device *d = find_device(judged, ids[i]);

		if (d != NULL)
			marks[d - judged->devices] |= mark;
	}
}

static struct recalled count_recalled(struct page *p)
{
	const struct judged *judged = p->judged;
	unsigned char *marks = calloc(judged->devices_n + 1, 1);
	struct recalled r = {0};

	if (marks == NULL) {
		p->to->failed = true;
		return r;
	}
	for (size_t i = 0; i < judged->recalls_n; i++) {
		const struct recall_entry *e = &judged->recalls[i];

		mark_devices(judged, e->devices, e->devices_n, marks, 1);
		mark_devices(judged, e->undecided, e->undecided_n, marks, 2);
	}
	for (size_t i = 0; i < judged->devices_n; i++) {
		r.named += (marks[i] & 1) != 0;
		r.maybe += marks[i] == 2;
	}
	free(marks);
	return r;
}

static void say_recalled(struct page *p, const struct recalled *r)
{
	if (r->named > 0) {
		text_puts(&p->line, "Recalls or advisories name ");
		page_count(p, r->named, "device");
		if (r->maybe > 0) {
			text_puts(&p->line, ", and may concern ");
			text_count(&p->line, r->maybe);
			text_puts(&p->line, " more");
		}
	} else if (r->maybe > 0) {
		text_puts(&p->line, "Recalls or advisories may concern ");
		page_count(p, r->maybe, "device");
		text_puts(&p->line, "; what was seen does not decide it");
	} else {
		text_puts(&p->line, "No recall or advisory names a device here");
	}
}

void recalls_text(const struct judged *judged, const struct report_options *options,
		  struct text *to)
{
	struct recalled r;
	struct page p;

	page_init(&p, judged, options, to);
	r = count_recalled(&p);
	say_recalled(&p, &r);
	text_puts(&p.line, ".");
	page_end(&p, 0, 0);
	page_say_vantage(&p);
	page_end(&p, 0, 0);
	page_recalls(&p);
	page_fini(&p);
}

/* ---- for programs ---------------------------------------------------------------------------------------------- */

static void add_rows(struct json *j, const struct judged *judged, const struct recall_entry *e,
		     bool decided)
{
	static const struct device unknown;
	const char *const *ids = decided ? e->devices : e->undecided;
	size_t n = decided ? e->devices_n : e->undecided_n;

	for (size_t i = 0; i < n; i++) {
		const struct device *d = find_device(judged, ids[i]);

		if (d == NULL)
			d = &unknown;
		json_open(j, NULL, "{");
		json_string(j, "maker", e->maker);
		json_string(j, "advisory", e->advisory);
		json_string(j, "action", e->action);
		json_string(j, "device", ids[i]);
		json_addrs(j, "addresses", d->addresses, d->addresses_n);
		json_string(j, "product", d->product);
		json_string(j, "model", d->model);
		json_string(j, "firmware", d->firmware);
		json_string(j, "built", d->built);
		json_word(j, "basis", decided ? "matched" : "undecided");
		json_close(j, "}");
	}
}

void recalls_json(const struct judged *judged, struct text *to)
{
	struct json j = {.to = to};

	json_open(&j, NULL, "{");
	json_string(&j, "schema", "cordon.recalls/1");
	json_open(&j, "recalls", "[");
	for (size_t i = 0; i < judged->recalls_n; i++) {
		add_rows(&j, judged, &judged->recalls[i], true);
		add_rows(&j, judged, &judged->recalls[i], false);
	}
	json_close(&j, "]");
	json_close(&j, "}");
	json_end(&j);
}
