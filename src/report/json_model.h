/* SPDX-License-Identifier: MIT */
/*
 * Members that several formats in JSON have in common: the same part of the judged model has the same names, in the same
 * order, in the report, in NDJSON and in events.
 */
#pragma once

#include "report/json_out.h"
#include "verdict/judged.h"

/* "detector" to "count": what stands before a finding's packets … */
void json_finding_head(struct json *j, const struct evidence *e);
/* … and "peer" to "direction": what stands behind them. */
void json_finding_rest(struct json *j, const struct evidence *e);

/* A device as the report has it, in a list. */
void json_device(struct json *j, const struct device *d);

/* "stages" of a device, in the order seen. */
void json_stages(struct json *j, const struct device *d);

/* "direction" to "detail" of an attack: what was measured. */
void json_attack_measures(struct json *j, const struct attack *a);
