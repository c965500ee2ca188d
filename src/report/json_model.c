/* SPDX-License-Identifier: MIT */
/* Unknown is null where a member belongs to the schema, and left out where it was added later. */
#include "report/json_model.h"

void json_finding_head(struct json *j, const struct evidence *e)
{
	json_string(j, "detector", e->detector);
	json_known(j, "code", e->code);
	json_time(j, "first", e->first_ns);
	json_time(j, "last", e->last_ns);
	json_count(j, "count", e->count);
}

void json_finding_rest(struct json *j, const struct evidence *e)
{
	json_string(j, "peer", e->peer);
	json_known(j, "role", e->role);
	if (e->port >= 0)
		json_count(j, "port", (uint64_t)e->port);
	if (e->caller_port != 0)
		json_count(j, "caller_port", e->caller_port);
	json_known(j, "family", e->family);
	json_string(j, "weight", e->weight);
	json_string(j, "text", e->text);
	json_word(j, "stage", stage_words[e->stage]);
	json_word(j, "direction", e->inward ? "in" : "out");
}

void json_stages(struct json *j, const struct device *d)
{
	json_open(j, "stages", "[");
	for (size_t i = 0; i < d->stages_n; i++)
		json_word(j, NULL, stage_words[d->stages[i]]);
	json_close(j, "]");
}

void json_attack_measures(struct json *j, const struct attack *a)
{
	json_word(j, "direction", direction_words[a->direction]);
	json_time(j, "first", a->first_ns);
	json_time(j, "last", a->last_ns);
	json_count(j, "packets", a->packets);
	json_count(j, "bytes", a->bytes);
	json_count(j, "peak_pps", a->peak_pps);
	json_count(j, "sources", a->sources);
	json_strings(j, "devices", a->devices, a->devices_n);
	json_bool(j, "spoofed", a->spoofed);
	json_known(j, "detail", a->detail);
}
