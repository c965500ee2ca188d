/* SPDX-License-Identifier: MIT */
/*
 * Reports as tables for spreadsheets and scripts: RFC 4180 in UTF-8, a header line, CRLF at the end of each line.
 *
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front. Controls, bytes that are no UTF-8
 * and characters that reorder or hide others become \x1b, \xff, \u202e; a backslash is doubled. Several values in a
 * cell are joined by semicolons.
 */
#pragma once

#include "report/report.h"

/* One row a device. */
void report_csv(const struct judged *judged, const struct report_options *options, struct text *to);

/* One row for each recall or advisory and device that it names, or may concern: "matched" or "undecided". */
void report_csv_recalls(const struct judged *judged, struct text *to);
