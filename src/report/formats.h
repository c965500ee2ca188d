/* SPDX-License-Identifier: MIT */
/*
 * The table of formats. A new one is a file, a line in formats.def and a line in the manual.
 */
#pragma once

#include "report/report.h"

#include <stddef.h>

typedef void report_writer(const struct judged *judged, const struct report_options *options,
			   struct text *to);

struct report_format {
	const char *name;
	report_writer *write;
	const char *summary;
};

enum format {
#define FORMAT(id, name, writer, summary) FORMAT_##id,
#include "report/formats.def"
#undef FORMAT
	FORMATS
};

extern const struct report_format formats[FORMATS];

#define FORMAT(id, name, writer, summary) report_writer writer;
#include "report/formats.def"
#undef FORMAT
