/* SPDX-License-Identifier: MIT */
#include "report/formats.h"

const struct report_format formats[FORMATS] = {
#define FORMAT(id, name, writer, summary) {name, writer, summary},
#include "report/formats.def"
#undef FORMAT
};
