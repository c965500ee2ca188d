/* SPDX-License-Identifier: MIT */
/*
 * How a report is to look and what its exit status shall say: the options that all verbs which report have in common,
 * read and put to use in one place.
 */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "cli/reporter.h"
#include "report/formats.h"

struct look {
	enum format format;
	bool all;
	enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour;
	struct reporter reporter;
	enum verdict fail_on;
	bool fails; /* --fail-on was given */
};

#define LOOK_FORMATS_ALL ((1U << FORMATS) - 1)

/* The option's value; of formats those whose bit is set in `known`; an exit status, having said what is wrong. */
int look_read_format(struct look *look, const struct options *o, unsigned known);
int look_read_colour(struct look *look, const struct options *o);
int look_read_reporter(struct look *look, const struct options *o);
int look_read_fail_on(struct look *look, const struct options *o);
/* The number of the option's value in a NULL-terminated list, or -1. */
int look_word(const struct options *o, const char *const *words);
/* A report to a stranger's abuse desk without a sender would go unread. */
int look_check_reporter(const struct look *look, const char *verb);

/* What the writers of reports are told, by the options and by where the report goes. */
struct report_options look_at(const struct look *look, const struct output *out);
/* Is a local device as bad as --fail-on says? */
bool look_found(const struct look *look, const struct judged *judged);

/* Has a report written and brings it to its place, whole or not at all. Returns the exit status, having said what is wrong. */
int look_write(struct output *out, void (*write)(const void *context, struct text *to),
	       const void *context);
