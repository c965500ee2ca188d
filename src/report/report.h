/* SPDX-License-Identifier: MIT */
/*
 * Reports: one judged model, several ways to write it. A report depends on the model and on these options alone,
 * never on the run: the same capture gives the same bytes every time.
 *
 * Writers add to `to` and settle it line by line; the caller gives it a sink for long reports, finishes it, and
 * looks at `failed`.
 */
#pragma once

#include "base/text.h"
#include "verdict/judged.h"

#include <stdbool.h>

enum {
	REPORT_WIDTH = 80,
	REPORT_WIDTH_MIN = 40,
	REPORT_WIDTH_MAX = 160, /* longer lines are hard to follow back */
	REPORT_ZONE = 12	/* of a time zone's name, the NUL included */
};

/*
 * Where the reader's clock stands: nanoseconds to be added to that time, UTC, and what the zone is called then. Whole
 * hours mostly, and another in summer.
 */
typedef int64_t report_zone(int64_t ns, char name[REPORT_ZONE]);

struct report_options {
	bool all;	   /* clear devices too, and every stranger and attack */
	bool utf8;	   /* draw with UTF-8; else ASCII only */
	bool colour;	   /* colour the verdict words */
	unsigned width;	   /* columns, REPORT_WIDTH_MIN to REPORT_WIDTH_MAX */
	report_zone *zone; /* of the times about devices; NULL: UTC */
	/* Who reports, to whom it may concern; all NULL: nobody said. */
	const char *reporter;	     /* "Example Net" */
	const char *reporter_mail;   /* "abuse@example.net" */
	const char *reporter_domain; /* the mail's */
};

/* For people. */
void report_text(const struct judged *judged, const struct report_options *options,
		 struct text *to);

/* One device of the model in full, as the report for people has it. */
void report_text_device(const struct judged *judged, const struct device *device,
			const struct report_options *options, struct text *to);

/* For programs: schema/report.schema.json. */
void report_json(const struct judged *judged, const struct report_options *options,
		 struct text *to);
