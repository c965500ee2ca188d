/* SPDX-License-Identifier: MIT */
/*
 * The queue of events and the thread that writes them, see events.h. The attack it resists is one on the disk: whoever can
 * make cordon say much, or fill its file system, must not be able to hold up what looks at packets.
 *
 * Lines in the hands of the thread count as waiting until they are written, so that the bound holds for all of them.
 */
#include "watch/events.h"

#include "base/timespan.h"
#include "watch/events_file.h"
#include "watch/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH_MOST = 128 * 1024 };

struct line {
	struct line *next;
	uint64_t number;
	size_t len;
	char text[];
};

struct events {
	pthread_mutex_t lock;
	pthread_cond_t more;  /* for the thread: lines, or the end */
	pthread_cond_t empty; /* for who waits for the end */
	pthread_t thread;
	struct line *first;
	struct line **last;
	uint64_t most_bytes;
	struct events_count count;
	bool reopen;
	bool ending;
	bool ended;
	/* The thread's own. */
	struct events_file file;
	struct log_limit limit;
};

/* ---- the thread ------------------------------------------------------------------------------------------------ */

static void say_failed(struct events *e, int err)
{
	char why[LOG_ERROR_TEXT];

	(void)pthread_mutex_lock(&e->lock);
	(void)snprintf(e->count.why, sizeof e->count.why, "%.200s: %s", e->file.path,
		       log_error(err, why));
	e->count.failing = true;
	(void)pthread_mutex_unlock(&e->lock);
	log_limited(&e->limit, LEVEL_ERROR,
		    "%s: events can't be written: %s; they are dropped and counted until that ends",
		    e->file.path, log_error(err, why));
}

static void say_works(struct events *e)
{
	bool was;

	(void)pthread_mutex_lock(&e->lock);
	was = e->count.failing;
	e->count.failing = false;
	e->count.why[0] = '\0';
	(void)pthread_mutex_unlock(&e->lock);
	if (was) {
		log_line(LEVEL_NOTICE, "%s: events are written again", e->file.path);
		e->limit = (struct log_limit){0};
	}
}

/* As many lines as fit into one batch, taken out of the queue; at least one. */
static struct line *take(struct events *e, size_t *bytes)
{
	struct line *first = e->first, **at = &first;

	*bytes = 0;
	while (*at != NULL && (*bytes == 0 || *bytes + (*at)->len <= BATCH_MOST)) {
		*bytes += (*at)->len;
		at = &(*at)->next;
	}
	e->first = *at;
	if (e->first == NULL)
		e->last = &e->first;
	*at = NULL;
	return first;
}

static void settle(struct events *e, struct line *batch, size_t bytes, size_t written)
{
	struct line *next;

	(void)pthread_mutex_lock(&e->lock);
	for (struct line *l = batch; l != NULL; l = next) {
		next = l->next;
		if (written >= l->len) {
			written -= l->len;
			e->count.written++;
		} else {
			written = 0;
			e->count.dropped_failed++;
		}
		if (l->number != 0)
			e->count.done = l->number;
		free(l);
	}
	e->count.waiting_bytes -= bytes;
	(void)pthread_mutex_unlock(&e->lock);
}

static size_t write_batch(struct events *e, const struct line *batch, size_t bytes)
{
	size_t written = 0, at = 0;
	char *text = NULL;
	int rc = events_file_ready(&e->file);

	if (rc == 0) {
		text = malloc(bytes);
		rc = text != NULL ? 0 : -ENOMEM;
	}
	for (const struct line *l = batch; rc == 0 && l != NULL; l = l->next) {
		memcpy(text + at, l->text, l->len);
		at += l->len;
	}
	if (rc == 0)
		rc = events_file_add(&e->file, text, bytes, &written);
	free(text);
	if (rc == 0)
		say_works(e);
	else
		say_failed(e, -rc);
	return written;
}

/* Waits for lines; false when there are none and there will be none. */
static bool await(struct events *e, bool *reopen)
{
	bool more;

	(void)pthread_mutex_lock(&e->lock);
	while (e->first == NULL && !e->ending && !e->reopen)
		(void)pthread_cond_wait(&e->more, &e->lock);
	*reopen = e->reopen;
	e->reopen = false;
	more = e->first != NULL || !e->ending;
	(void)pthread_mutex_unlock(&e->lock);
	return more;
}

static void *run(void *context)
{
	struct events *e = context;
	struct line *batch;
	size_t bytes;
	bool reopen;

	while (await(e, &reopen)) {
		if (reopen)
			events_file_close(&e->file);
		(void)pthread_mutex_lock(&e->lock);
		batch = take(e, &bytes);
		(void)pthread_mutex_unlock(&e->lock);
		if (batch != NULL)
			settle(e, batch, bytes, write_batch(e, batch, bytes));
		else if (reopen && events_file_ready(&e->file) == 0)
			say_works(e);
	}
	events_file_close(&e->file);
	(void)pthread_mutex_lock(&e->lock);
	e->ended = true;
	(void)pthread_cond_signal(&e->empty);
	(void)pthread_mutex_unlock(&e->lock);
	return NULL;
}

/* ---- for others ------------------------------------------------------------------------------------------------ */

int events_new(const char *path, uint64_t queue_bytes, struct events **out)
{
	struct events *e = calloc(1, sizeof *e);
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int rc;

	if (e == NULL)
		return -ENOMEM;
	e->last = &e->first;
	e->most_bytes = queue_bytes;
	events_file_init(&e->file, path);
	(void)pthread_mutex_init(&e->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&e->more, NULL);
	(void)pthread_cond_init(&e->empty, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	/* Signals are the loop's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&e->thread, NULL, run, e);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		free(e);
		return -rc;
	}
	*out = e;
	return 0;
}

bool events_put(struct events *e, const char *line, size_t len, uint64_t number)
{
	struct line *l = malloc(sizeof *l + len);
	bool room;

	if (l != NULL) {
		*l = (struct line){.number = number, .len = len};
		memcpy(l->text, line, len);
	}
	(void)pthread_mutex_lock(&e->lock);
	room = l != NULL && !e->ending && e->count.waiting_bytes + len <= e->most_bytes;
	if (room) {
		*e->last = l;
		e->last = &l->next;
		e->count.waiting_bytes += len;
		(void)pthread_cond_signal(&e->more);
	} else {
		e->count.dropped_full++;
	}
	(void)pthread_mutex_unlock(&e->lock);
	if (!room)
		free(l);
	return room;
}

uint64_t events_room(struct events *e)
{
	uint64_t room;

	(void)pthread_mutex_lock(&e->lock);
	room = e->most_bytes - e->count.waiting_bytes;
	(void)pthread_mutex_unlock(&e->lock);
	return room;
}

void events_drop(struct events *e)
{
	(void)pthread_mutex_lock(&e->lock);
	e->count.dropped_full++;
	(void)pthread_mutex_unlock(&e->lock);
}

void events_reopen(struct events *e)
{
	(void)pthread_mutex_lock(&e->lock);
	e->reopen = true;
	(void)pthread_cond_signal(&e->more);
	(void)pthread_mutex_unlock(&e->lock);
}

void events_count(struct events *e, struct events_count *out)
{
	(void)pthread_mutex_lock(&e->lock);
	*out = e->count;
	(void)pthread_mutex_unlock(&e->lock);
}

bool events_finish(struct events *e, int limit_ms)
{
	struct timespec until;
	bool ended;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit_ms / 1000;
	until.tv_nsec += limit_ms % 1000 * NS_PER_MS;
	if (until.tv_nsec >= NS_PER_S) {
		until.tv_nsec -= NS_PER_S;
		until.tv_sec++;
	}
	(void)pthread_mutex_lock(&e->lock);
	e->ending = true;
	(void)pthread_cond_signal(&e->more);
	while (!e->ended && rc == 0)
		rc = pthread_cond_timedwait(&e->empty, &e->lock, &until);
	ended = e->ended;
	(void)pthread_mutex_unlock(&e->lock);
	if (!ended)
		return false;
	(void)pthread_join(e->thread, NULL);
	(void)pthread_cond_destroy(&e->empty);
	(void)pthread_cond_destroy(&e->more);
	(void)pthread_mutex_destroy(&e->lock);
	free(e);
	return true;
}
