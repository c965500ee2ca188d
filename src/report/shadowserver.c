/* SPDX-License-Identifier: MIT */
/*
 * Deeds as rows, in the columns of Shadowserver's report event4_honeypot_darknet (and event6_…: the columns are the
 * same), so that what reads those, IntelMQ for one, reads these. A row is something that a suspect or infected device
 * did to somebody, or the command server that it called; who got in at the device has no row, for the columns are about
 * the compromised end.
 *
 * Columns that only a look-up outside could fill, such as the AS and the place of an address, stay empty: cordon asks
 * nobody. Names in a household's network are nobody else's business, so src_hostname is empty too.
 */
#include "report/abroad.h"
#include "report/csv_out.h"
#include "report/formats.h"

static const char *const columns[] = {
	"timestamp",   "protocol",     "src_ip",       "src_port",    "src_asn",    "src_geo",
	"src_region",  "src_city",     "src_hostname", "src_naics",   "src_sector", "device_vendor",
	"device_type", "device_model", "dst_ip",       "dst_port",    "dst_asn",    "dst_geo",
	"dst_region",  "dst_city",     "dst_hostname", "dst_naics",   "dst_sector", "public_source",
	"infection",   "family",       "tag",	       "application", "version",    "event_id",
	"count",
};

static void number_cell(struct csv *csv, uint64_t n)
{
	if (n > 0)
		text_number(&csv->cell, n);
	csv_end_cell(csv);
}

static void empty_cells(struct csv *csv, unsigned n)
{
	while (n-- > 0)
		csv_end_cell(csv);
}

/* "2016-10-21 11:04:31", UTC */
static void time_cell(struct csv *csv, int64_t ns)
{
	struct text t = {0};

	text_time_as(&t, ns, 0, "");
	for (const char *s = text_string(&t); *s != '\0'; s++)
		text_add(&csv->cell, *s == 'T' ? " " : s, 1);
	csv->to->failed |= t.failed;
	text_fini(&t);
	csv_end_cell(csv);
}

/* What readers filter by: the kind of deed first, then what is known of it. */
static void tag_cell(struct csv *csv, const struct device *d, const struct evidence *e,
		     const struct attack *a)
{
	static const char *const words[] = {"botnet", "scan", "brute-force", "ddos"};

	text_puts(&csv->cell, words[abroad_deed(e)]);
	text_printf(&csv->cell, ",%s", verdict_words[d->verdict]);
	text_printf(&csv->cell, ",%s", confidence_words[d->confidence]);
	if (a != NULL)
		text_printf(&csv->cell, ",%s", vector_words[a->vector]);
	if (addr_is_private(abroad_sender(d, e)))
		text_puts(&csv->cell, ",private-address");
	csv_end_cell(csv);
}

/* The same deed has the same id in every report of it. */
static void id_cell(struct csv *csv, const char *source, const struct evidence *e)
{
	struct text content = {0};
	char id[UUID_TEXT_MAX];

	text_printf(&content, "shadowserver\n%s\n%s\n", source, e->detector);
	text_time(&content, e->first_ns);
	text_printf(&content, "\n%s\n%s", e->peer != NULL ? e->peer : "", e->text);
	csv_cell(csv, abroad_id(&content, id));
	csv->to->failed |= content.failed;
	text_fini(&content);
}

static void write_row(struct csv *csv, const struct judged *judged, const struct device *d,
		      const struct evidence *e)
{
	const struct attack *a = abroad_attack(judged, d, e);
	const char *infection = e->family != NULL   ? e->family
				: d->families_n > 0 ? d->families[0]
						    : NULL;
	char source[ADDR_TEXT_MAX];
	char peer[ADDR_TEXT_MAX];
	struct addr target;

	time_cell(csv, e->first_ns);
	csv_cell(csv, abroad_protocol(judged, d, e));
	csv_cell(csv, addr_text(abroad_sender(d, e), source));
	number_cell(csv, e->caller_port);
	empty_cells(csv, 7);
	csv_cell(csv, d->maker);
	csv_cell(csv, d->product);
	csv_cell(csv, d->model);
	csv_cell(csv, abroad_peer(e, &target) ? addr_text(&target, peer) : NULL);
	number_cell(csv, e->port > 0 ? (uint64_t)e->port : 0);
	empty_cells(csv, 7);
	csv_cell(csv, "cordon");
	csv_cell(csv, infection);
	csv_cell(csv, infection);
	tag_cell(csv, d, e, a);
	empty_cells(csv, 1);
	csv_cell(csv, d->firmware);
	id_cell(csv, source, e);
	number_cell(csv, e->count);
	csv_end_row(csv);
}

void report_shadowserver(const struct judged *judged, const struct report_options *options,
			 struct text *to)
{
	(void)options;
	struct csv csv = {.to = to};

	csv_header(&csv, columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		if (!abroad_accuses(d))
			continue;
		for (size_t k = 0; k < d->evidence_n; k++) {
			const struct evidence *e = &d->evidence[k];
			struct addr peer;
			bool called = e->stage == STAGE_RECRUITED && abroad_names(d, e, &peer);

			if (abroad_tells(e) && !e->inward && abroad_sender(d, e) != NULL &&
			    (abroad_deed(e) != DEED_NONE || called))
				write_row(&csv, judged, d, e);
		}
	}
	csv_fini(&csv);
}
