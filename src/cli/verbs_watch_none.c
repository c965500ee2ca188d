/* SPDX-License-Identifier: MIT */
/* In place of verbs_watch.c where a library that `cordon watch` needs is missing: there is no such verb then. */
#include "cli/verb.h"

const struct verb *const verbs_watch[] = {NULL};
const size_t verbs_watch_n = 0;
