/* SPDX-License-Identifier: MIT */
/*
 * The zone of whoever reads: TZ, or what the machine is set to. People read the time of their own clock; what programs
 * read is UTC.
 */
#pragma once

#include "base/text.h"
#include "report/report.h"

/* For struct report_options. */
int64_t zone_at(int64_t ns, char name[REPORT_ZONE]);

/* "2016-10-21 13:04:31 CEST" */
void zone_time(struct text *to, int64_t ns);
