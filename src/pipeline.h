/* SPDX-License-Identifier: MIT */
/*
 * Captures in, judged devices out: the main job of `inspect`, by way of the engine (engine.h).
 */
#pragma once

#include "engine.h"
#include "base/addr.h"
#include "base/knowledge.h"
#include "flow/inquiry.h"
#include "verdict/judged.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* How far the reading is. */
struct pipeline_progress {
	uint64_t packets;
	uint64_t bytes; /* read of the files, packed as they are */
	uint64_t of;	/* of all files together; 0: not known */
};

struct pipeline_options {
	const char *const *paths; /* captures; "-" is standard input */
	bool merges;		  /* the paths are summaries to be joined */
	size_t paths_n;
	const struct prefix *local; /* --local; none: what the capture shows */
	size_t local_n;
	unsigned threads;      /* 1 to ENGINE_THREADS_MAX, the reader included */
	uint64_t memory_bytes; /* the tables' budget: reserved at start, not touched */
	size_t max_devices;    /* in the report, see judge.h */
	const struct knowledge_file
		*owner; /* the owner's additions to what is known; may be NULL */
	size_t owner_n;
	bool show_secrets;			 /* factory passwords in full */
	const struct inquiry_question *question; /* --at; NULL: none */
	/* Told of after each batch, by the reader's thread; may be NULL. */
	void (*progress)(void *context, const struct pipeline_progress *now);
	void *progress_context;
	const volatile sig_atomic_t
		*stop; /* set by SIGINT: judge what was read so far; may be NULL */
};

/* An input that could not be used. The others were judged. */
struct pipeline_error {
	const char *path;
	int err; /* errno value; EBADMSG when it is no capture or no summary; 0: only a note */
	const char *why; /* plain words; lives as long as the pipeline */
};

struct pipeline;

/*
 * Reads all inputs and judges. Returns 0 and *out, also when some or all inputs were unusable (see
 * pipeline_errors); -ENOMEM when the budget can't be reserved; -EINVAL when a line of knowledge is wrong: *bad says which. The caller frees; the judged model lives as long.
 */
int pipeline_run(const struct pipeline_options *options, struct pipeline **out,
		 struct knowledge_error *bad);
void pipeline_free(struct pipeline *p);

const struct judged *pipeline_judged(const struct pipeline *p);
/* Hands a summary of what was read or joined to the sink. 0 or -ENOMEM. */
int pipeline_summary(struct pipeline *p, void (*sink)(void *context, const char *at, size_t len),
		     void *context);
/* What was seen near the moment asked about; NULL when nothing was asked. */
const struct inquiry *pipeline_inquiry(const struct pipeline *p);
/* In the order given on the command line. */
const struct pipeline_error *pipeline_errors(const struct pipeline *p, size_t *n);
/* `-v`: the budget by table, bytes and use, one line each. */
void pipeline_print_memory(const struct pipeline *p, FILE *to);
