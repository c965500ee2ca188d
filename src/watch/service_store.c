/* SPDX-License-Identifier: MIT */
/*
 * The store and its troubles: a disk that is full, read-only or broken, a file that is damaged. Each is said once in a while
 * in one line, shown by control and metrics, and tried again, while packets are looked at as before. A damaged file is put
 * aside by the store; the new one is empty, so that everything must be told again.
 */
#include "watch/service.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_NS (5 * NS_PER_S)
#define TIDY_NS (600 * NS_PER_S)
#define TOLD_NS (15 * NS_PER_S)
enum { TAIL_MOST = 1 << 20 /* of the events' file, looked through for lines that are in it */ };

/* ---- what the last service left -------------------------------------------------------------------------------- */

struct untold {
	struct service *s;
	char *tail;
	size_t tail_len;
	uint64_t known; /* up to this number they need no more care */
	bool put;
};

/* A line may be in the file although nobody came to say so. */
static void tell_untold(void *context, uint64_t number, const char *line)
{
	struct untold *u = context;
	size_t len = strlen(line);
	bool there = u->s->events == NULL || len == 0 ||
		     (u->tail != NULL && memmem(u->tail, u->tail_len, line, len) != NULL);

	if (!there) {
		u->put = true;
		(void)events_put(u->s->events, line, len, number);
	} else if (!u->put) {
		u->known = number;
	}
}

static void tell_all_untold(struct service *s)
{
	struct untold u = {.s = s};

	if (s->settings.events_file != NULL)
		u.tail = events_file_tail(s->settings.events_file, TAIL_MOST, &u.tail_len);
	(void)store_untold(s->keeper.store, tell_untold, &u);
	if (u.known > 0)
		(void)store_told(s->keeper.store, u.known);
	free(u.tail);
}

/* ---- troubles -------------------------------------------------------------------------------------------------- */

static void set_failing(struct service *s, const char *why)
{
	struct keeper *k = &s->keeper;
	bool began = !k->failing;

	k->failing = true;
	(void)snprintf(k->why, sizeof k->why, "%s", why);
	k->retry_ns = service_now() + RETRY_NS;
	log_limited(&k->limit, LEVEL_ERROR, "nothing is kept at the moment: %s; trying again", why);
	if (began)
		service_health(s, "store-failed", NULL, k->failed, why);
}

static bool open_store(struct service *s)
{
	const struct store_options options = {.directory = s->settings.directory,
					      .most_bytes = s->settings.store_bytes,
					      .history_ns = s->settings.store_keep_ns,
					      .keep_ns = s->settings.keep_ns};
	char why[STORE_WHY] = "";
	int rc = store_open(&options, &s->keeper.store, why);

	if (rc != 0) {
		s->keeper.store = NULL;
		set_failing(s, why[0] != '\0' ? why : "the store can't be opened");
		return false;
	}
	if (why[0] != '\0') {
		log_line(LEVEL_ERROR, "%s", why);
		s->keeper.replaced = true;
		service_health(s, "store-replaced", NULL, 0, why);
	}
	if (!s->keeper.began)
		tell_all_untold(s);
	s->keeper.began = true;
	return true;
}

void keeper_begin(struct service *s)
{
	(void)open_store(s);
}

struct store *keeper_store(struct service *s)
{
	struct keeper *k = &s->keeper;

	if (k->store != NULL)
		return k->store;
	if (service_now() < k->retry_ns || !open_store(s))
		return NULL;
	/* What this store has not seen must be told, if anything was. */
	if (k->kept > 0)
		s->again = true;
	return k->store;
}

void keeper_failed(struct service *s, int err)
{
	struct keeper *k = &s->keeper;
	char why[STORE_WHY];

	(void)snprintf(why, sizeof why, "%s", store_why(k->store));
	store_rollback(k->store);
	if (err == EBADMSG) {
		store_close(k->store);
		k->store = NULL;
	}
	set_failing(s, why);
	if (err == EBADMSG) {
		k->retry_ns = 0; /* it is put aside when it is opened */
		s->again = true;
	}
}

void keeper_works(struct service *s)
{
	struct keeper *k = &s->keeper;

	if (!k->failing)
		return;
	k->failing = false;
	k->why[0] = '\0';
	k->limit = (struct log_limit){0};
	log_line(LEVEL_NOTICE, "the store works again");
	service_health(s, "store-recovered", NULL, k->failed, "the store works again");
}

/* Events that are on disk leave the outbox. True: they did, as far as the store is committed. */
bool keeper_take_told(struct service *s, uint64_t *up_to)
{
	struct events_count count;

	*up_to = s->keeper.told;
	if (s->events == NULL || s->keeper.store == NULL)
		return true;
	events_count(s->events, &count);
	if (count.done <= s->keeper.told)
		return true;
	*up_to = count.done;
	return store_told(s->keeper.store, count.done) == 0;
}

/* Rounds take them along; where none come, they are taken all the same. */
static void take_told(struct service *s)
{
	uint64_t up_to;

	if (!s->keeper.failing && keeper_take_told(s, &up_to))
		s->keeper.told = up_to;
}

void keeper_tend(struct service *s)
{
	struct keeper *k = &s->keeper;
	int64_t now = service_now();
	uint64_t dropped = 0;
	int rc;

	if (now - s->told_ns >= TOLD_NS) {
		s->told_ns = now;
		take_told(s);
	}
	if (k->store == NULL || k->failing || s->last.number == 0 || now - s->tidied_ns < TIDY_NS)
		return;
	s->tidied_ns = now;
	rc = store_tidy(k->store, s->last.now_ns, &dropped);
	k->dropped += dropped;
	if (rc != 0)
		keeper_failed(s, -rc);
}

void keeper_close(struct service *s)
{
	take_told(s);
	if (s->keeper.store != NULL)
		store_close(s->keeper.store);
	s->keeper.store = NULL;
}
