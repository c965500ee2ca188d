/* SPDX-License-Identifier: MIT */
/*
 * The way of events to their file: a queue with a bound and a thread that empties it, so that a slow disk, or a pipe that
 * nobody reads, costs events and never a round. What finds no room, and what the disk refuses, is dropped and counted.
 *
 * An event may have a number, growing from one to the next: that of the outbox in the store, from which it is taken once it
 * is on disk (or dropped).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct events;

enum { EVENTS_WHY = 320 };

struct events_count {
	uint64_t written;
	uint64_t dropped_full;	 /* there was no room in the queue */
	uint64_t dropped_failed; /* the file refused them */
	uint64_t waiting_bytes;
	uint64_t done; /* number of the last event that needs no more care; 0: none */
	bool failing;
	char why[EVENTS_WHY]; /* while failing */
};

/* Starts the thread. 0 or -errno. The path lives as long. */
int events_new(const char *path, uint64_t queue_bytes, struct events **out);
/* One line, with its end. number: 0 for none. False: dropped. */
bool events_put(struct events *e, const char *line, size_t len, uint64_t number);
/* Bytes that find room now: no fewer later, but for what is put. */
uint64_t events_room(struct events *e);
/* Counts one that found none. */
void events_drop(struct events *e);
/* The file is opened anew before the next line. */
void events_reopen(struct events *e);
void events_count(struct events *e, struct events_count *out);
/*
 * Waits until all is written, at most so long, and frees it. False when the disk did not let go of the thread: then nothing
 * is freed, and what still waited is lost but for what the outbox has.
 */
bool events_finish(struct events *e, int limit_ms);
