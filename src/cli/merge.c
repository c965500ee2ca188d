/* SPDX-License-Identifier: MIT */
/*
 * `cordon merge`: summaries in, one report out, the same that `cordon inspect` makes. Sensors that stand apart, and hours that
 * were captured one after the other, are judged as one without anybody carrying packets about.
 */
#include "cli/inspect.h"

static int run(int argc, char **argv)
{
	return inspect_run(&verb_merge, true, argc, argv);
}

const struct verb verb_merge = {
	.name = "merge",
	.arguments = "[OPTION]... FILE...",
	.summary =
		"Joins summaries that 'cordon inspect --summary' saved, and reports on all as one.",
	.options = merge_options,
	.more = "FILE is a summary. The order does not matter. All must have been made with the same knowledge and by a "
		"cordon with the same lists of protocols as this one.\n"
		"Exit status: 0 a report was made; 1 --fail-on was reached; 64 wrong use; 65 an input is no summary, is "
		"damaged or was made otherwise; 66 an input is missing, unreadable or a directory; 71 out of memory; 73 "
		"the output can't be created; 74 disk full or I/O error; 77 no permission; 78 a line of your own data is "
		"wrong.",
	.run = run,
};
