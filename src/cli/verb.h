/* SPDX-License-Identifier: MIT */
/*
 * The verbs of the command line as a table: one file and one entry each.
 */
#pragma once

#include "cli/options.h"

struct verb {
	const char *name;
	const char *arguments; /* for the usage line: "[OPTION]... CAPTURE..." */
	const char *summary;   /* one line */
	const struct option_spec *options;
	const char *more; /* after the options in the help: paragraphs, one a line; or NULL */
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
};

extern const struct verb verb_inspect;
extern const struct verb verb_merge;
extern const struct verb verb_join;
extern const struct verb verb_check_knowledge;
extern const struct verb verb_protos;
extern const struct verb verb_version;
extern const struct verb verb_help;

extern const struct verb verb_watch;
extern const struct verb verb_check_config;
extern const struct verb verb_devices;
extern const struct verb verb_show;
extern const struct verb verb_history;
extern const struct verb verb_report;
extern const struct verb verb_recall;
extern const struct verb verb_status;
extern const struct verb verb_contain;
extern const struct verb verb_release;
extern const struct verb verb_contained;
extern const struct verb verb_gate;

/* `watch` and what belongs to it; none in a build without (verbs_watch_none.c). */
extern const struct verb *const verbs_watch[];
extern const size_t verbs_watch_n;

/* All of them in the order of the help; NULL behind the last. */
const struct verb *verb_at(size_t i);

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);

/* Says that there is no such verb, and which was probably meant. Returns the exit status. */
int verb_unknown(const char *name);

/* `cordon help`, `cordon help VERB`, `cordon VERB --help`: prints, and returns the exit status. */
int verb_overview(void);
int verb_help_on(const struct verb *verb);
