/* SPDX-License-Identifier: MIT */
/*
 * What the service was told last, so that only changes are told: for each thing by its name a digest of what matters about
 * it and one of all of it. What matters changed: told at once. Only counters and last times did: told at most once a minute,
 * or the disk of a router would be written to death.
 *
 * Fixed capacity; what finds no room is not told, and counted by who asks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct told;

enum told_kind { TOLD_DEVICE, TOLD_ATTACK, TOLD_RECALL, TOLD_SCANNED };
enum { TOLD_NAME = 88 };

struct told_digest {
	uint64_t matter;
	uint64_t all;
};

enum told_answer { TOLD_KNOWN, TOLD_DUE, TOLD_FULL };

/* 0 or -ENOMEM. pause_ns: between two tellings of mere counters. */
int told_new(size_t entries, int64_t pause_ns, struct told **out);
void told_free(struct told *t);

/* A new round: everything that is asked about in it is there. In a whole one counters are due, too. */
void told_begin(struct told *t, bool whole);
/* Must it be told? now_ns is any clock that goes on. */
enum told_answer told_ask(struct told *t, enum told_kind kind, const char *name,
			  const struct told_digest *digest, int64_t now_ns);
/* It was told. */
void told_done(struct told *t, enum told_kind kind, const char *name,
	       const struct told_digest *digest, int64_t now_ns);
/* Those that were told once and not asked about in this round, one by one: `each` returns whether that was told. */
void told_gone(struct told *t, enum told_kind kind, bool (*each)(void *context, const char *name),
	       void *context);
/* Nothing was told: a new service. */
void told_forget(struct told *t);
