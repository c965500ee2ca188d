/* SPDX-License-Identifier: MIT */
/*
 * Recalls and advisories alone: what `cordon recall` shows. As a table for spreadsheets: report_csv_recalls (csv.h).
 */
#pragma once

#include "report/report.h"

/* For people: how many devices are named, then by maker. */
void recalls_text(const struct judged *judged, const struct report_options *options,
		  struct text *to);
/* "schema": "cordon.recalls/1": one object for each recall and device. */
void recalls_json(const struct judged *judged, struct text *to);
