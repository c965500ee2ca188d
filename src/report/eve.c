/* SPDX-License-Identifier: MIT */
/*
 * Events for the owner's own log system: one JSON object a line, in the form that Suricata's EVE output has. What a line
 * of evidence says is an `alert` of Suricata's own schema, with a generator id of ours; what Suricata has no type for is
 * `device`, `exposure`, `infection` and `attack`, each an object of that name with a version, after
 * schema/events.schema.json. These lines stay in the house, so nothing that the report knows is held back.
 */
#include "report/eve.h"

#include "base/community_id.h"
#include "report/abroad.h"
#include "report/formats.h"
#include "report/json_model.h"

#include <stdio.h>
#include <string.h>

enum { GENERATOR = 4207, REVISION = 1, VERSION = 1 };

void eve_begin(struct eve *v, int64_t time_ns, const char *type)
{
	json_open(&v->json, NULL, "{");
	json_time_as(&v->json, "timestamp", time_ns, 6, "+0000");
	json_string(&v->json, "event_type", type);
	json_known(&v->json, "host", v->sensor);
}

void eve_end(struct eve *v)
{
	json_close(&v->json, "}");
	json_end(&v->json);
}

/* An interface has no format. */
static void write_where(struct eve *v, const struct where *w)
{
	if (w->input < v->judged->inputs_n) {
		const struct input *in = &v->judged->inputs[w->input];

		json_known(&v->json, in->format != NULL ? "pcap_filename" : "in_iface", in->path);
	}
	json_count(&v->json, "pcap_cnt", w->packet);
}

/* The conversation's name in other tools, where both of its ends are known. */
static void write_community(struct eve *v, const struct addr *own, const struct evidence *e,
			    const char *proto)
{
	bool tcp = proto != NULL && strcmp(proto, "TCP") == 0;
	bool udp = proto != NULL && strcmp(proto, "UDP") == 0;
	struct community c = {.protocol = tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
			      .src_port = e->caller_port,
			      .dst_port = (uint16_t)e->port};
	char id[COMMUNITY_ID_MAX];

	if ((!tcp && !udp) || own == NULL || e->peer == NULL || e->caller_port == 0 ||
	    e->port <= 0 || !addr_parse(e->peer, e->inward ? &c.src : &c.dst))
		return;
	*(e->inward ? &c.dst : &c.src) = *own;
	if (addr_is_v4(&c.src) == addr_is_v4(&c.dst))
		json_string(&v->json, "community_id", community_id(&c, 0, id));
}

/* Who called whom: the device, or the intruder. */
static void write_ends(struct eve *v, const struct device *d, const struct evidence *e)
{
	const struct addr *sender = abroad_sender(d, e);
	char own[ADDR_TEXT_MAX];
	const char *address = sender != NULL ? addr_text(sender, own) : NULL;
	const char *proto = abroad_upper(abroad_protocol(v->judged, d, e));

	json_known(&v->json, "src_ip", e->inward ? e->peer : address);
	if (e->caller_port != 0)
		json_count(&v->json, "src_port", e->caller_port);
	json_known(&v->json, "dest_ip", e->inward ? address : e->peer);
	if (e->port > 0)
		json_count(&v->json, "dest_port", (uint64_t)e->port);
	json_known(&v->json, "proto", proto);
	write_community(v, sender, e, proto);
	if (d->macs_n == 1) {
		json_open(&v->json, "ether", "{");
		json_mac(&v->json, e->inward ? "dest_mac" : "src_mac", &d->macs[0]);
		json_close(&v->json, "}");
	}
}

/* The words of Suricata's classification.config, which log systems know. */
static const char *category_of(enum stage stage)
{
	switch (stage) {
	case STAGE_BREACHED:
		return "Successful Administrator Privilege Gain";
	case STAGE_LOADED:
		return "A Network Trojan was detected";
	case STAGE_RECRUITED:
		return "Malware Command and Control Activity Detected";
	case STAGE_SCANNING:
		return "Detection of a Network Scan";
	case STAGE_ATTACKING:
		return "Detection of a Denial of Service Attack";
	default:
		return "Misc activity";
	}
}

/* "C-0001" is 1. */
static uint64_t number_of(const char *code)
{
	uint64_t n = 0;

	for (const char *s = code != NULL ? code : ""; *s != '\0'; s++)
		if (*s >= '0' && *s <= '9')
			n = n * 10 + (uint64_t)(*s - '0');
	return n;
}

static void write_metadata(struct json *j, const struct device *d, const struct evidence *e)
{
	json_open(j, "metadata", "{");
	if (e->family != NULL)
		json_strings(j, "malware_family", &e->family, 1);
	if (d->maker != NULL)
		json_strings(j, "affected_product", &d->maker, 1);
	json_strings(j, "confidence", &confidence_words[d->confidence], 1);
	json_strings(j, "verdict", &verdict_words[d->verdict], 1);
	json_close(j, "}");
}

static void write_context(struct json *j, const struct device *d, const struct evidence *e)
{
	json_open(j, "context", "{");
	json_string(j, "device", d->id);
	json_string(j, "text", e->text);
	json_known(j, "role", e->role);
	json_known(j, "stage", stage_words[e->stage]);
	json_time(j, "last", e->last_ns);
	json_count(j, "count", e->count);
	json_open(j, "packets", "[");
	for (size_t i = 0; i < e->packets_n; i++) {
		json_open(j, NULL, "{");
		json_count(j, "input", e->packets[i].input);
		json_count(j, "packet", e->packets[i].packet);
		json_close(j, "}");
	}
	json_close(j, "]");
	json_close(j, "}");
}

void eve_alert(struct eve *v, const struct device *d, const struct evidence *e)
{
	struct json *j = &v->json;
	bool proof = e->weight != NULL && strcmp(e->weight, "proof") == 0;
	char signature[96];

	eve_begin(v, e->first_ns, "alert");
	if (e->packets_n > 0)
		write_where(v, &e->packets[0]);
	write_ends(v, d, e);
	json_open(j, "alert", "{");
	json_string(j, "action", "allowed");
	json_count(j, "gid", GENERATOR);
	json_count(j, "signature_id", number_of(e->code));
	json_count(j, "rev", REVISION);
	(void)snprintf(signature, sizeof signature, "cordon %s%s%s", e->detector,
		       e->family != NULL ? " " : "", e->family != NULL ? e->family : "");
	json_string(j, "signature", signature);
	json_string(j, "category", category_of(e->stage));
	json_count(j, "severity", proof ? 1 : abroad_tells(e) ? 2 : 3);
	write_metadata(j, d, e);
	write_context(j, d, e);
	json_close(j, "}");
	eve_end(v);
}

/* ---- types of our own ------------------------------------------------------------------------------------------ */

/* A service tells when it knew, a report when it was. */
static int64_t at(const struct eve *v, int64_t then)
{
	return v->now_ns != 0 ? v->now_ns : then;
}

static void begin_own(struct eve *v, int64_t time_ns, const char *type, const struct device *d)
{
	eve_begin(v, time_ns, type);
	if (d != NULL && d->addresses_n > 0)
		json_addr(&v->json, "src_ip", &d->addresses[0]);
	json_open(&v->json, type, "{");
	json_count(&v->json, "v", VERSION);
	if (d != NULL)
		json_string(&v->json, "id", d->id);
}

static void end_own(struct eve *v)
{
	json_close(&v->json, "}");
	eve_end(v);
}

void eve_device(struct eve *v, const struct device *d)
{
	struct json *j = &v->json;

	begin_own(v, at(v, d->first_ns), "device", d);
	json_string(j, "site", d->local ? "local" : "remote");
	json_macs(j, "macs", d->macs, d->macs_n);
	json_addrs(j, "addresses", d->addresses, d->addresses_n);
	json_time(j, "first", d->first_ns);
	json_time(j, "last", d->last_ns);
	json_count(j, "packets_out", d->packets_out);
	json_known(j, "maker", d->maker);
	json_known(j, "brand", d->brand);
	json_known(j, "product", d->product);
	json_known(j, "model", d->model);
	json_known(j, "firmware", d->firmware);
	json_known(j, "built", d->built);
	json_string(j, "verdict", verdict_words[d->verdict]);
	json_string(j, "confidence", confidence_words[d->confidence]);
	end_own(v);
}

void eve_exposure(struct eve *v, const struct device *d, const struct exposure *e)
{
	struct json *j = &v->json;

	begin_own(v, e->time_ns != 0 ? e->time_ns : d->first_ns, "exposure", d);
	json_string(j, "kind", exposure_words[e->kind]);
	json_known(j, "service", e->service);
	json_known(j, "detail", e->detail);
	json_string(j, "basis", e->inferred ? "inferred" : "seen");
	json_count(j, "input", e->where.input);
	json_count(j, "packet", e->where.packet);
	end_own(v);
}

void eve_infection(struct eve *v, const struct device *d, const enum verdict *before)
{
	struct json *j = &v->json;
	int64_t first = d->evidence_n > 0 ? d->evidence[0].first_ns : d->first_ns;

	begin_own(v, at(v, first), "infection", d);
	json_string(j, "verdict", verdict_words[d->verdict]);
	if (before != NULL)
		json_string(j, "before", verdict_words[*before]);
	json_string(j, "confidence", confidence_words[d->confidence]);
	json_stages(j, d);
	json_strings(j, "families", d->families, d->families_n);
	json_known(j, "why", d->why);
	json_known(j, "since", d->since);
	json_strings(j, "do", d->todo, d->todo_n);
	end_own(v);
}

void eve_attack(struct eve *v, const struct attack *a, const char *state)
{
	struct json *j = &v->json;

	eve_begin(v, at(v, a->first_ns), "attack");
	json_addr(j, "dest_ip", &a->target);
	if (a->port > 0)
		json_count(j, "dest_port", (uint64_t)a->port);
	json_open(j, "attack", "{");
	json_count(j, "v", VERSION);
	json_string(j, "vector", vector_words[a->vector]);
	json_known(j, "state", state);
	json_attack_measures(j, a);
	end_own(v);
}

void report_eve(const struct judged *judged, const struct report_options *options, struct text *to)
{
	(void)options;
	struct eve v = {.judged = judged, .json = {.to = to, .compact = true}};

	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		eve_device(&v, d);
		for (size_t k = 0; k < d->exposures_n; k++)
			eve_exposure(&v, d, &d->exposures[k]);
		if (abroad_accuses(d))
			eve_infection(&v, d, NULL);
		for (size_t k = 0; k < d->evidence_n; k++)
			eve_alert(&v, d, &d->evidence[k]);
	}
	for (size_t i = 0; i < judged->attacks_n; i++)
		eve_attack(&v, &judged->attacks[i], NULL);
}
