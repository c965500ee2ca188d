/* SPDX-License-Identifier: MIT */
/* The table, from formats.def. A format that has no line there is not known to the command line either. */
#include "report/formats.h"

const struct report_format formats[FORMATS] = {
#define FORMAT(id, name, writer, summary) {name, writer, summary},
#include "report/formats.def"
#undef FORMAT
};
