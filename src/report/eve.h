/* SPDX-License-Identifier: MIT */
/*
 * Single events of EVE's form, one line of JSON each: what `--format eve` writes for a whole model, and what a running service
 * writes as things change. Lines are added to json.to.
 */
#pragma once

#include "report/json_out.h"
#include "verdict/judged.h"

struct eve {
	const struct judged *judged; /* inputs and attacks are looked up in it, nothing else */
	const char *sensor;	     /* name of the host that writes; NULL: left out */
	int64_t now_ns; /* when it was found out, for types of our own; 0: when it was seen */
	struct json json;
};

/* What every event begins and ends with: for types that are written elsewhere. */
void eve_begin(struct eve *v, int64_t time_ns, const char *type);
void eve_end(struct eve *v);

void eve_device(struct eve *v, const struct device *d);
void eve_exposure(struct eve *v, const struct device *d, const struct exposure *e);
/* before: the verdict that it had; NULL: nobody knows. */
void eve_infection(struct eve *v, const struct device *d, const enum verdict *before);
/* The time is that of the finding's first packet. */
void eve_alert(struct eve *v, const struct device *d, const struct evidence *e);
/* state: "begun", "ended", or NULL. */
void eve_attack(struct eve *v, const struct attack *a, const char *state);
