/* SPDX-License-Identifier: MIT */
/*
 * Summaries: what judge() reads, in a file. Saved when all packets were seen and the lanes were concluded; read back into
 * the same tables by the functions that join two of them, so that reading a second one is the merge, and judge() runs as
 * ever. Conversations and what detectors remember from one packet to the next are not in it (docs/decisions/0021).
 *
 * A summary is read from its bytes twice: checked as a whole, then put into the tables, so that a damaged one changes
 * nothing. Its bytes are a stranger's: the checksum shows accidents and proves nothing.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/catalogue.h"
#include "base/sha256.h"
#include "decode/decode.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "proto/listen.h"

enum { SUMMARY_ERROR = 320, SUMMARY_INPUTS = 1 << 20 };

/* One capture that was read. */
struct summary_input {
	struct bytes path;    /* holds no NUL */
	bool next_generation; /* pcapng */
	bool any;	      /* first_ns and last_ns hold */
	bool damaged;
	uint64_t packets;
	uint64_t bytes;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t damage_offset;
	struct bytes damage_reason; /* plain ASCII */
};

/* Conversations that were going on where a summary's packets end. */
struct summary_cuts {
	uint32_t parts; /* summaries of captures that were joined into this one, itself for one */
	uint64_t cut;	/* open at the end of one of them … */
	uint64_t open;	/* … and of the one that ends last */
	int64_t end_ns; /* of that one */
};

/* Whoever made the summary and whoever reads it must agree on these: facts number lines of knowledge and protocols. */
struct summary_stamp {
	const char *version;   /* of the program; need not be the same */
	const char *knowledge; /* 16 hex digits: what is built in … */
	const char *owner;     /* … and of the owner's additions */
};

/* Where it is saved from, and read to. */
struct summary_tables {
	struct world *world;
	struct lanes *lanes;
	struct listeners *listeners;
	struct decode_stats *decode;
	struct summary_cuts cuts;
	bool ours_only;		      /* saving: strangers are left out, see ours.h */
	struct summary_input *inputs; /* on the heap while joining: the list grows */
	uint32_t inputs_n;
};

/* What tells summaries apart, and puts them in order. */
struct summary_head {
	uint32_t inputs_n;
	bool any;
	int64_t first_ns; /* of its first packet, when there is any */
	uint8_t digest[SHA256_SIZE];
};

/* Conversations that are open now: to be asked before the listeners finish. */
uint64_t summary_open(const struct listeners *l);

/* 16 hex digits over files that an owner added; "0000000000000000" of none. Returns buf. */
const char *summary_owner(const struct knowledge_file *files, size_t n, char buf[17]);

/* Hands the bytes of a summary to the sink. False when memory was out: then it is none. */
bool summary_save(const struct summary_tables *from, const struct summary_stamp *stamp,
		  const struct catalogue *catalogue,
		  void (*sink)(void *context, const char *at, size_t len), void *context);

/* Is it a whole summary that we can read? False: `why` says what is wrong with it and what to do, in plain words. */
bool summary_check(struct bytes file, const struct summary_stamp *stamp,
		   const struct catalogue *catalogue, struct summary_head *head,
		   char why[SUMMARY_ERROR]);

/* Puts a checked one into the tables, behind what is there. Its texts stay in the file's bytes. False: out of memory. */
bool summary_join(struct bytes file, const struct catalogue *catalogue, struct summary_tables *to);
