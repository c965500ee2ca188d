/* SPDX-License-Identifier: MIT */
/*
 * The verdict: a pure function from what the detectors found about one device to what is said of it (docs/verdicts.md
 * has the reasoning and the error bounds).
 */
#pragma once

#include "detect/finding.h"
#include "verdict/judged.h"

#include <stddef.h>

enum { VERDICT_STAGES = 5, VERDICT_FAMILIES = 4, VERDICT_STEPS = 12 };

struct ruling {
	enum verdict verdict;
	enum confidence confidence;
	enum stage stages[VERDICT_STAGES]; /* in the order first seen */
	size_t stages_n;
	const char *families[VERDICT_FAMILIES];
	size_t families_n;
	const char *why;		  /* static text, NULL when clear */
	const char *steps[VERDICT_STEPS]; /* static text, or the accused's */
	size_t steps_n;
};

/* What the verdict needs to know of the device besides the findings. */
struct accused {
	bool local;
	bool wan;    /* a router's Internet side: somebody behind it */
	bool judged; /* more than broadcasts was seen */
	bool two_way;
	bool relayed; /* known by its address behind a relay */
	enum backing backing;
	bool thing; /* a device that does one job, or serves a protocol of such: weak exposures count */
	const struct exposure *exposures; /* sorted by kind */
	size_t exposures_n;
	const char *const *model_steps; /* what helps this very model; may be NULL */
	size_t model_steps_n;
};

/* findings in the order of their first packets. */
struct ruling verdict_of(const struct accused *accused, const struct finding *const *findings,
			 size_t n);

enum stage stage_of(enum act act);
