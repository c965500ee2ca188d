/* SPDX-License-Identifier: MIT */
/*
 * Findings for scripts: each line of evidence a JSON object on a line of its own, with the device that it is about, after
 * schema/finding.schema.json. Fields are those of the JSON report. Nothing found, nothing written.
 */
#include "report/formats.h"
#include "report/json_model.h"
#include "report/json_out.h"

static void write_finding(struct json *j, const struct judged *judged, const struct device *d,
			  const struct evidence *e)
{
	json_open(j, NULL, "{");
	json_string(j, "device", d->id);
	json_string(j, "verdict", verdict_words[d->verdict]);
	json_string(j, "confidence", confidence_words[d->confidence]);
	json_finding_head(j, e);
	json_open(j, "packets", "[");
	for (size_t i = 0; i < e->packets_n; i++) {
		json_open(j, NULL, "{");
		if (e->packets[i].input < judged->inputs_n)
			json_known(j, "file", judged->inputs[e->packets[i].input].path);
		json_count(j, "packet", e->packets[i].packet);
		json_close(j, "}");
	}
	json_close(j, "]");
	json_finding_rest(j, e);
	json_close(j, "}");
	json_end(j);
}

void report_ndjson(const struct judged *judged, const struct report_options *options,
		   struct text *to)
{
	(void)options;
	struct json j = {.to = to, .compact = true};

	for (size_t i = 0; i < judged->devices_n; i++)
		for (size_t k = 0; k < judged->devices[i].evidence_n; k++)
			write_finding(&j, judged, &judged->devices[i],
				      &judged->devices[i].evidence[k]);
}
