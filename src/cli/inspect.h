/* SPDX-License-Identifier: MIT */
/*
 * What `cordon inspect` was asked to do: its options, read and checked. `cordon merge` makes the same reports, of summaries.
 */
#pragma once

#include "cli/look.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "pipeline.h"

enum { QUESTION_WITHIN_S = 120 }; /* notices come from clocks that are not quite right */

struct inspect {
	const char *verb;   /* for messages */
	bool merges;	    /* the paths are summaries */
	const char **paths; /* room for every word of the command line */
	size_t paths_n;
	struct prefix *local;
	size_t local_n;
	const char *output;   /* -o, or NULL */
	const char *evidence; /* --evidence, or NULL */
	const char *summary;  /* --summary, or NULL */
	struct inquiry_question question;
	bool asks_at; /* --at was given; --port must be then */
	bool asks_port;
	const char *asks_more; /* --address, --proto or --within was given: its name */
	uint64_t memory_bytes;
	uint64_t max_devices; /* 0: not given */
	unsigned threads;
	unsigned verbose;
	struct look look;
	bool recalls; /* of the CSV: the list of recalls */
	bool show_secrets;
	bool quiet;
	bool help;
};

extern const struct option_spec inspect_options[];
extern const struct option_spec merge_options[];

/* The options of a question, by their places in the table (inspect_question.c). */
int question_read_at(struct inspect *in, const struct options *o);
int question_read_port(struct inspect *in, const struct options *o);
int question_read_address(struct inspect *in, const struct options *o);
int question_read_proto(struct inspect *in, const struct options *o);
int question_read_within(struct inspect *in, const struct options *o);
int question_check(const struct inspect *in);

/* Reads the command line. Returns an exit status, having said what is wrong. Pair with inspect_fini(). */
int inspect_read(struct inspect *in, bool merges, int argc, char **argv);
void inspect_fini(struct inspect *in);

/* Both verbs: reads the command line, then captures or summaries, and reports. */
int inspect_run(const struct verb *verb, bool merges, int argc, char **argv);
