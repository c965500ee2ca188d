/* SPDX-License-Identifier: MIT */
/* The verbs of the service and of its store, in the order of the help. A build without them has verbs_watch_none.c. */
#include "cli/verb.h"

const struct verb *const verbs_watch[] = {
	&verb_watch,	 &verb_check_config, &verb_devices, &verb_show,	   &verb_history,
	&verb_report,	 &verb_recall,	     &verb_status,  &verb_contain, &verb_release,
	&verb_contained, &verb_gate,	     NULL,
};
const size_t verbs_watch_n = sizeof verbs_watch / sizeof verbs_watch[0] - 1;
