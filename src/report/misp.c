/* SPDX-License-Identifier: MIT */
/*
 * An event for MISP (core format, draft-dulaunoy-misp-core-format): addresses of suspect and infected devices, the
 * command servers, loaders and intruders that were proven, and attacks as objects of the template "ddos".
 *
 * Only what others should block is marked for detection (to_ids): accomplices that were proven, never a victim and never
 * a household's own address. The event is unpublished and for the receiver's organisation only; whoever imports it decides
 * further. Its ids are UUIDv5 and its times the capture's, so an event imported twice is one event.
 */
#include "report/abroad.h"
#include "report/formats.h"
#include "report/json_out.h"

#include "base/timespan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of MISP: your organisation only, as the event has it, completed, a medium threat. */
#define DISTRIBUTION_OWN "0"
#define DISTRIBUTION_INHERIT "5"
#define ANALYSIS_DONE "2"
#define THREAT_MEDIUM "2"

struct misp {
	const struct judged *judged;
	const struct report_options *options;
	struct json json;
	char event[UUID_TEXT_MAX];
	struct text content; /* what an id is made of */
	int64_t first_ns;
	int64_t last_ns;
};

struct attribute {
	const char *type;
	const char *category;
	const char *relation; /* in an object, or NULL */
	const char *value;
	const char *comment;
	bool to_ids;
	int64_t first_ns;
	int64_t last_ns;
};

static void write_stamp(struct misp *m, int64_t ns)
{
	char seconds[24];

	(void)snprintf(seconds, sizeof seconds, "%lld", (long long)(ns / NS_PER_S));
	json_string(&m->json, "timestamp", seconds);
}

static void write_id(struct misp *m, const char *kind, const char *a, const char *b, int64_t ns)
{
	char id[UUID_TEXT_MAX];

	text_clear(&m->content);
	text_printf(&m->content, "misp\n%s\n%s\n%s\n%s\n", m->event, kind, a, b);
	text_time(&m->content, ns);
	json_string(&m->json, "uuid", abroad_id(&m->content, id));
}

static void write_attribute(struct misp *m, const struct attribute *a)
{
	struct json *j = &m->json;

	json_open(j, NULL, "{");
	write_id(m, a->relation != NULL ? a->relation : a->type, a->value, a->comment, a->first_ns);
	json_known(j, "object_relation", a->relation);
	json_string(j, "type", a->type);
	json_string(j, "category", a->category);
	json_string(j, "value", a->value);
	json_string(j, "comment", a->comment);
	json_bool(j, "to_ids", a->to_ids);
	json_string(j, "distribution", DISTRIBUTION_INHERIT);
	write_stamp(m, a->last_ns);
	json_time_as(j, "first_seen", a->first_ns, 6, "+00:00");
	json_time_as(j, "last_seen", a->last_ns, 6, "+00:00");
	json_close(j, "}");
}

static void write_tag(struct misp *m, const char *name)
{
	json_open(&m->json, NULL, "{");
	json_string(&m->json, "name", name);
	json_close(&m->json, "}");
}

/* ---- devices and accomplices ----------------------------------------------------------------------------------- */

static void write_device(struct misp *m, const struct device *d)
{
	struct text comment = {0}, lines = {0};
	struct attribute a = {
		.category = "Network activity", .first_ns = d->first_ns, .last_ns = d->last_ns};
	char buf[ADDR_TEXT_MAX];

	abroad_summary(d, &comment);
	if (addr_is_private(abroad_address(d)))
		text_puts(&comment, "; its address is private, and says nothing elsewhere");
	a.comment = text_string(&comment);
	for (size_t i = 0; i < d->addresses_n; i++) {
		if (!abroad_shows(d, &d->addresses[i]))
			continue;
		a.type = "ip-src";
		a.value = addr_text(&d->addresses[i], buf);
		write_attribute(m, &a);
	}
	abroad_lines(m->judged, d, &lines);
	if (lines.len > 0) {
		a.type = "text";
		a.category = "Other";
		a.value = text_string(&lines);
		write_attribute(m, &a);
	}
	m->json.to->failed |= comment.failed || lines.failed;
	text_fini(&comment);
	text_fini(&lines);
}

static void write_accomplice(struct misp *m, const struct accomplice *a)
{
	bool called = strcmp(a->role, "intruder") != 0;
	struct text comment = {0}, value = {0};
	struct attribute out = {.category = "Network activity",
				.to_ids = true,
				.first_ns = a->first_ns,
				.last_ns = a->last_ns};
	char buf[ADDR_TEXT_MAX];

	text_puts(&value, addr_text(&a->addr, buf));
	if (called && a->port > 0)
		text_printf(&value, "|%d", a->port);
	text_printf(&comment, "%s%s%s: ", a->role, a->family != NULL ? " of " : "",
		    a->family != NULL ? a->family : "");
	text_plain(&comment, a->text, true);
	out.type = !called ? "ip-src" : a->port > 0 ? "ip-dst|port" : "ip-dst";
	out.value = text_string(&value);
	out.comment = text_string(&comment);
	write_attribute(m, &out);
	m->json.to->failed |= comment.failed || value.failed;
	text_fini(&comment);
	text_fini(&value);
}

/* ---- attacks --------------------------------------------------------------------------------------------------- */

static void write_member(struct misp *m, const struct attack *a, const char *type,
			 const char *relation, const char *value)
{
	write_attribute(m, &(struct attribute){.type = type,
					       .category = type[0] == 'i' || type[0] == 'p'
								   ? "Network activity"
								   : "Other",
					       .relation = relation,
					       .value = value,
					       .comment = vector_words[a->vector],
					       .first_ns = a->first_ns,
					       .last_ns = a->last_ns});
}

static void write_members(struct misp *m, const struct attack *a)
{
	char buf[ADDR_TEXT_MAX];
	char number[24];
	char words[128];
	const char *protocol = abroad_upper(abroad_transport(a->vector));

	write_member(m, a, "ip-dst", "ip-dst", addr_text(&a->target, buf));
	if (a->port > 0) {
		(void)snprintf(number, sizeof number, "%d", a->port);
		write_member(m, a, "port", "dst-port", number);
	}
	write_member(m, a, "text", "protocol", protocol != NULL ? protocol : "IP");
	(void)snprintf(number, sizeof number, "%llu", (unsigned long long)a->peak_pps);
	write_member(m, a, "counter", "total-pps", number);
	(void)snprintf(words, sizeof words, "%s, %s%s: %llu packets from %llu sources",
		       vector_words[a->vector], direction_words[a->direction],
		       a->spoofed ? ", forged addresses" : "", (unsigned long long)a->packets,
		       (unsigned long long)a->sources);
	write_member(m, a, "text", "text", words);
}

static void write_attack(struct misp *m, const struct attack *a)
{
	struct json *j = &m->json;
	char buf[ADDR_TEXT_MAX];

	json_open(j, NULL, "{");
	write_id(m, "ddos", addr_text(&a->target, buf), vector_words[a->vector], a->first_ns);
	json_string(j, "name", "ddos");
	json_string(j, "meta-category", "network");
	json_string(j, "description", "A denial of service");
	json_string(j, "template_uuid", "e2f124d6-f57c-4f93-99e6-8450545fa05d");
	json_string(j, "template_version", "5");
	json_string(j, "distribution", DISTRIBUTION_INHERIT);
	write_stamp(m, a->last_ns);
	json_time_as(j, "first_seen", a->first_ns, 6, "+00:00");
	json_time_as(j, "last_seen", a->last_ns, 6, "+00:00");
	json_open(j, "Attribute", "[");
	write_members(m, a);
	json_close(j, "]");
	json_close(j, "}");
}

/* ---- the event ------------------------------------------------------------------------------------------------- */

/* From the first to the last packet of all captures. */
static void find_span(struct misp *m)
{
	bool any = false;

	for (size_t i = 0; i < m->judged->inputs_n; i++) {
		const struct input *input = &m->judged->inputs[i];

		if (!input->any)
			continue;
		if (!any || input->first_ns < m->first_ns)
			m->first_ns = input->first_ns;
		if (!any || input->last_ns > m->last_ns)
			m->last_ns = input->last_ns;
		any = true;
	}
}

/* Named by what it holds: who reports, when, and whom. */
static void name_event(struct misp *m)
{
	text_puts(&m->content, "misp event\n");
	text_puts(&m->content, m->options->reporter != NULL ? m->options->reporter : "");
	text_time(&m->content, m->first_ns);
	text_time(&m->content, m->last_ns);
	for (size_t i = 0; i < m->judged->inputs_n; i++)
		text_printf(&m->content, "\n%llu",
			    (unsigned long long)m->judged->inputs[i].packets);
	for (size_t i = 0; i < m->judged->devices_n; i++)
		if (abroad_accuses(&m->judged->devices[i]))
			text_printf(&m->content, "\n%s", m->judged->devices[i].id);
	(void)abroad_id(&m->content, m->event);
}

static void write_owner(struct misp *m)
{
	const char *name = m->options->reporter != NULL ? m->options->reporter : "cordon";
	char id[UUID_TEXT_MAX];

	text_clear(&m->content);
	text_printf(&m->content, "misp organisation\n%s", name);
	json_open(&m->json, "Orgc", "{");
	json_string(&m->json, "name", name);
	json_string(&m->json, "uuid", abroad_id(&m->content, id));
	json_close(&m->json, "}");
}

static void write_head(struct misp *m)
{
	struct json *j = &m->json;
	struct text date = {0};
	uint64_t accused = 0;

	for (size_t i = 0; i < m->judged->devices_n; i++)
		accused += abroad_accuses(&m->judged->devices[i]);
	json_string(j, "uuid", m->event);
	text_clear(&m->content);
	text_printf(&m->content, "cordon: %llu hijacked or suspect devices, %llu attacks",
		    (unsigned long long)accused, (unsigned long long)m->judged->attacks_n);
	json_string(j, "info", text_string(&m->content));
	text_time_as(&date, m->first_ns, 0, "");
	if (date.len > 10)
		date.at[10] = '\0';
	json_string(j, "date", text_string(&date));
	write_stamp(m, m->last_ns);
	json_string(j, "threat_level_id", THREAT_MEDIUM);
	json_string(j, "analysis", ANALYSIS_DONE);
	json_string(j, "distribution", DISTRIBUTION_OWN);
	json_bool(j, "published", false);
	write_owner(m);
	json_open(j, "Tag", "[");
	write_tag(m, "tlp:amber");
	json_close(j, "]");
	j->to->failed |= date.failed;
	text_fini(&date);
}

void report_misp(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct misp m = {.judged = judged, .options = options, .json = {.to = to}};
	size_t n;
	struct accomplice *accomplices = abroad_accomplices(judged, &n);

	if (accomplices == NULL) {
		to->failed = true;
		return;
	}
	find_span(&m);
	name_event(&m);
	json_open(&m.json, NULL, "{");
	json_open(&m.json, "Event", "{");
	write_head(&m);
	json_open(&m.json, "Attribute", "[");
	for (size_t i = 0; i < judged->devices_n; i++)
		if (abroad_accuses(&judged->devices[i]) &&
		    abroad_address(&judged->devices[i]) != NULL)
			write_device(&m, &judged->devices[i]);
	for (size_t i = 0; i < n; i++)
		write_accomplice(&m, &accomplices[i]);
	json_close(&m.json, "]");
	json_open(&m.json, "Object", "[");
	for (size_t i = 0; i < judged->attacks_n; i++)
		write_attack(&m, &judged->attacks[i]);
	json_close(&m.json, "]");
	json_close(&m.json, "}");
	json_close(&m.json, "}");
	json_end(&m.json);
	free(accomplices);
	to->failed |= m.content.failed;
	text_fini(&m.content);
}
