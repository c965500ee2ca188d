/* SPDX-License-Identifier: MIT */
/*
 * The report for programs: exactly schema/report.schema.json, in UTF-8 (RFC 8259), two spaces a level, keys in a
 * fixed order.
 *
 * Unknown is null or an empty list, never a guess. A recall stands under "recalls" when it names a device for sure;
 * one that may only concern devices, because what decides it was not seen, stands under "undecided".
 */
#include "report/json_model.h"
#include "report/json_out.h"
#include "report/report.h"

/* The members of an object that is about a packet. */
static void json_place(struct json *j, const struct where *where)
{
	json_count(j, "input", where->input);
	json_count(j, "packet", where->packet);
}

/* Each on one line: a report has more of these than of anything else. */
static void write_packets(struct json *j, const struct where *list, size_t n)
{
	static const char input[] = "{\"input\": ", packet[] = ", \"packet\": ";

	json_open(j, "packets", "[");
	for (size_t i = 0; i < n; i++) {
		char *at = json_lead(j, sizeof input + sizeof packet + 2 * PUT_NUMBER_MAX);

		if (at == NULL)
			return;
		memcpy(at, input, sizeof input - 1);
		at = put_number(at + sizeof input - 1, list[i].input);
		memcpy(at, packet, sizeof packet - 1);
		at = put_number(at + sizeof packet - 1, list[i].packet);
		*at = '}';
		text_took(j->to, at + 1);
	}
	json_close(j, "]");
}

static void write_vantage(struct json *j, const struct judged *judged)
{
	json_open(j, "vantage", "{");
	json_word(j, "place", place_words[judged->place]);
	json_count(j, "judged", judged->judged);
	json_count(j, "of", judged->of);
	if (judged->note != NULL)
		json_string(j, "note", judged->note);
	json_close(j, "}");
}

static void write_input(struct json *j, const struct input *input)
{
	json_open(j, NULL, "{");
	json_string(j, "path", input->path);
	if (input->format != NULL)
		json_string(j, "format", input->format);
	json_count(j, "packets", input->packets);
	json_count(j, "bytes", input->bytes);
	if (input->any) {
		json_time(j, "first", input->first_ns);
		json_time(j, "last", input->last_ns);
	} else {
		json_string(j, "first", NULL);
		json_string(j, "last", NULL);
	}
	if (input->damaged) {
		json_open(j, "damage", "{");
		json_count(j, "offset", input->damage_offset);
		json_string(j, "reason",
			    input->damage_reason != NULL ? input->damage_reason : "unreadable");
		json_close(j, "}");
	} else {
		json_string(j, "damage", NULL);
	}
	json_close(j, "}");
}

static void write_evidence(struct json *j, const struct evidence *e)
{
	json_open(j, NULL, "{");
	json_finding_head(j, e);
	write_packets(j, e->packets, e->packets_n);
	json_finding_rest(j, e);
	json_close(j, "}");
}

static void write_claim(struct json *j, const struct claim *c)
{
	json_open(j, NULL, "{");
	json_string(j, "signal", c->signal);
	json_string(j, "value", c->value);
	json_string(j, "says", c->says);
	json_place(j, &c->where);
	if (c->against)
		json_bool(j, "against", true);
	json_close(j, "}");
}

static void write_exposure(struct json *j, const struct exposure *e)
{
	json_open(j, NULL, "{");
	json_word(j, "kind", exposure_words[e->kind]);
	json_string(j, "service", e->service);
	if (e->detail != NULL)
		json_string(j, "detail", e->detail);
	json_string(j, "basis", e->inferred ? "inferred" : "seen");
	json_place(j, &e->where);
	json_close(j, "}");
}

static void write_rates(struct json *j, const struct series *rates)
{
	if (rates->n == 0)
		return;
	json_open(j, "rates", "{");
	json_time(j, "first", rates->start_ns);
	json_count(j, "step_ms", (uint64_t)(rates->step_ns / 1000000));
	json_open(j, "packets", "[");
	for (size_t i = 0; i < rates->n; i++)
		json_count(j, NULL, rates->count[i]);
	json_close(j, "]");
	json_close(j, "}");
}

/* Of nearly all strangers: their part of the report is one copy. At the depth of a device. */
static bool write_unknown(struct json *j, const struct device *d)
{
	static const char nothing[] = ",\n      \"maker\": null,\n      \"product\": null,"
				      "\n      \"model\": null,\n      \"firmware\": null,"
				      "\n      \"built\": null,\n      \"identified_by\": [],"
				      "\n      \"exposures\": []";

	if (d->maker != NULL || d->brand != NULL || d->product != NULL || d->model != NULL ||
	    d->firmware != NULL || d->built != NULL || d->claims_n > 0 || d->exposures_n > 0)
		return false;
	text_add(j->to, nothing, sizeof nothing - 1);
	return true;
}

static void write_identity(struct json *j, const struct device *d)
{
	json_string(j, "maker", d->maker);
	if (d->brand != NULL)
		json_string(j, "brand", d->brand);
	json_string(j, "product", d->product);
	json_string(j, "model", d->model);
	json_string(j, "firmware", d->firmware);
	json_string(j, "built", d->built);
	json_open(j, "identified_by", "[");
	for (size_t i = 0; i < d->claims_n; i++)
		write_claim(j, &d->claims[i]);
	json_close(j, "]");
	json_open(j, "exposures", "[");
	for (size_t i = 0; i < d->exposures_n; i++)
		write_exposure(j, &d->exposures[i]);
	json_close(j, "]");
}

static void write_names(struct json *j, const struct device *d)
{
	json_string(j, "id", d->id);
	json_word(j, "site", d->local ? "local" : "remote");
	json_word(j, "backing", backing_words[d->backing]);
	json_mac(j, "mac", d->macs_n == 1 ? &d->macs[0] : NULL);
	json_macs(j, "macs", d->macs, d->macs_n);
	json_addrs(j, "addresses", d->addresses, d->addresses_n);
	json_mac(j, "via", d->via);
}

void json_device(struct json *j, const struct device *d)
{
	json_open(j, NULL, "{");
	write_names(j, d);
	json_open(j, "observed", "{");
	json_time(j, "first", d->first_ns);
	json_time(j, "last", d->last_ns);
	json_count(j, "packets_out", d->packets_out);
	json_count(j, "unicast_out", d->unicast_out);
	json_bool(j, "two_way", d->two_way);
	json_close(j, "}");
	if (!write_unknown(j, d))
		write_identity(j, d);
	if (d->undecided_n > 0)
		json_strings(j, "undecided", d->undecided, d->undecided_n);
	json_word(j, "verdict", verdict_words[d->verdict]);
	json_stages(j, d);
	json_strings(j, "families", d->families, d->families_n);
	json_word(j, "confidence", confidence_words[d->confidence]);
	json_open(j, "evidence", "[");
	for (size_t i = 0; i < d->evidence_n; i++)
		write_evidence(j, &d->evidence[i]);
	json_close(j, "]");
	json_strings(j, "do", d->todo, d->todo_n);
	if (d->since != NULL)
		json_string(j, "since", d->since);
	write_rates(j, &d->rates);
	json_close(j, "}");
}

/* Published hashes of addresses (base/hash.h), 16 hexadecimal digits each: two reports can be compared by them. */
static void write_hashes(struct json *j, const uint64_t *hashes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *at = n == 0 ? NULL : json_member(j, JSON_KEY("source_hashes"), 17 * n + 1);

	if (at == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		*at++ = i == 0 ? '"' : ' ';
		for (int shift = 60; shift >= 0; shift -= 4)
			*at++ = digits[hashes[i] >> shift & 15];
	}
	*at = '"';
	text_took(j->to, at + 1);
}

static void write_attack(struct json *j, const struct attack *a)
{
	json_open(j, NULL, "{");
	json_word(j, "vector", vector_words[a->vector]);
	json_addr(j, "target", &a->target);
	if (a->port >= 0)
		json_count(j, "port", (uint64_t)a->port);
	else
		json_string(j, "port", NULL);
	json_attack_measures(j, a);
	write_rates(j, &a->rates);
	write_hashes(j, a->source_hashes, a->source_hashes_n);
	json_close(j, "}");
}

static void write_scanned(struct json *j, const struct scan_map *map)
{
	if (map->networks == NULL)
		return;
	json_open(j, "scanned", "{");
	json_count(j, "networks", map->n);
	json_close(j, "}");
}

static void write_local(struct json *j, const struct judged *judged)
{
	char buf[PREFIX_TEXT_MAX];

	json_open(j, "local_networks", "[");
	for (size_t i = 0; i < judged->local_n; i++)
		json_string(j, NULL, prefix_text(&judged->local[i], buf));
	json_close(j, "]");
}

/* With the devices that it names, or else with those that it may concern. */
static void write_recall(struct json *j, const struct recall_entry *e, bool decided)
{
	json_open(j, NULL, "{");
	json_string(j, "maker", e->maker);
	json_string(j, "advisory", e->advisory);
	json_string(j, "action", e->action);
	if (decided)
		json_strings(j, "devices", e->devices, e->devices_n);
	if (!decided || e->undecided_n > 0)
		json_strings(j, decided ? "undecided" : "devices", e->undecided, e->undecided_n);
	json_close(j, "}");
}

static void write_recalls(struct json *j, const struct judged *judged)
{
	json_open(j, "recalls", "[");
	for (size_t i = 0; i < judged->recalls_n; i++) {
		const struct recall_entry *e = &judged->recalls[i];

		if (e->devices_n > 0)
			write_recall(j, e, true);
	}
	json_close(j, "]");
}

static void write_undecided(struct json *j, const struct judged *judged)
{
	json_open(j, "undecided", "[");
	for (size_t i = 0; i < judged->recalls_n; i++) {
		const struct recall_entry *e = &judged->recalls[i];

		if (e->devices_n == 0)
			write_recall(j, e, false);
	}
	json_close(j, "]");
}

static void write_makers(struct json *j, const struct judged *judged)
{
	json_open(j, "makers", "[");
	for (size_t i = 0; i < judged->makers_n; i++) {
		const struct maker_count *m = &judged->makers[i];

		json_open(j, NULL, "{");
		json_string(j, "maker", m->maker);
		json_count(j, "devices", m->devices);
		json_count(j, "exposed", m->exposed);
		json_count(j, "infected", m->infected);
		json_close(j, "}");
	}
	json_close(j, "]");
}

static void write_unseen(struct json *j, const struct judged *judged)
{
	json_open(j, "unseen", "{");
	for (size_t i = 0; i < judged->unseen_n; i++) {
		char *at = json_lead(j, 0);

		if (at == NULL)
			return;
		text_took(j->to, at);
		text_json(j->to, judged->unseen[i].name);
		text_puts(j->to, ": ");
		text_number(j->to, judged->unseen[i].value);
	}
	json_close(j, "}");
}

void report_json(const struct judged *judged, const struct report_options *options, struct text *to)
{
	(void)options;
	struct json j = {.to = to};

	json_open(&j, NULL, "{");
	json_string(&j, "schema", "cordon.report/1");
	json_open(&j, "cordon", "{");
	json_string(&j, "version", judged->version);
	json_string(&j, "knowledge", judged->knowledge);
	json_close(&j, "}");
	write_vantage(&j, judged);
	json_open(&j, "inputs", "[");
	for (size_t i = 0; i < judged->inputs_n; i++)
		write_input(&j, &judged->inputs[i]);
	json_close(&j, "]");
	write_local(&j, judged);
	json_open(&j, "devices", "[");
	for (size_t i = 0; i < judged->devices_n; i++)
		json_device(&j, &judged->devices[i]);
	json_close(&j, "]");
	json_open(&j, "attacks", "[");
	for (size_t i = 0; i < judged->attacks_n; i++)
		write_attack(&j, &judged->attacks[i]);
	json_close(&j, "]");
	write_scanned(&j, &judged->scanned);
	write_recalls(&j, judged);
	write_undecided(&j, judged);
	write_makers(&j, judged);
	write_unseen(&j, judged);
	json_close(&j, "}");
	json_end(&j);
}
