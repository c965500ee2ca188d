/* SPDX-License-Identifier: MIT */
/*
 * The loop of the packets process. Time comes from packets and, where none come, from the clock on the wall, which this file
 * alone reads and hands to the engine as a tick; how long something took is measured by the clock that nobody sets.
 *
 * Judged twice a second, and less often when judging takes long: at most a tenth of the time goes into it. What the service
 * has not said to be on disk after ten seconds is told again whole. When a detector has decided a device of ours, it is judged
 * at once: URGENT_ROUNDS times running, and one more for each second, since a neighbour may invent devices that scan.
 */
#include "watch/packets.h"

#include "base/arena.h"
#include "base/budget.h"
#include "base/exits.h"
#include "capture/frame.h"
#include "flow/ledger.h"
#include "proto/facts.h"
#include "summary/summary.h"
#include "watch/log.h"
#include "watch/names_tell.h"
#include "watch/peers.h"
#include "watch/rounds.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SECOND ((int64_t)1000000000)

enum {
	WAIT_MS = 100, /* for frames, before it is looked whether something is due */
	URGENT_ROUNDS = 10,
	JUDGE_SHARE = 10,   /* judging takes one part in so many of the time at most */
	SUMMARY_SHARE = 50, /* … and saving summaries */
	SUMMARY_MOST = 64 << 20,
	RESUME_MS = 3000, /* for the service to hand over the last summary */
	LAST_WORDS_S = 10 /* for the service to take the last round */
};

static const int64_t judge_every = SECOND / 2;
static const int64_t counts_every = 10 * SECOND;
static const int64_t summary_every = 60 * SECOND;
static const int64_t keep_within = 10 * SECOND;
/* A tick stays behind frames that the kernel still holds back. */
static const int64_t tick_behind = SECOND / 4;

struct packets {
	const struct packets_options *o;
	struct rounds rounds;
	struct peers peers;
	struct arena arena;
	struct wire_counts counts;
	struct wire_hello hello;
	struct names_tell names;
	uint8_t *inbox;	  /* WIRE_MOST */
	bool ended;	  /* files were read */
	bool stopping;	  /* the service said so */
	bool resumed;	  /* the first HELLO was answered */
	bool dirty;	  /* packets came since it was judged */
	bool summary_out; /* the service has not said that it kept it */
	uint64_t round;
	uint64_t kept;	       /* the last round that is on disk */
	int64_t waiting_since; /* for a round to be kept; 0: none is out */
	int64_t judged_at;     /* stage time … */
	int64_t judge_due;     /* … and clock */
	int64_t counts_due;
	int64_t summary_due;
	struct engine_room room;
	uint64_t judge_us;
	uint32_t urgent;       /* engine_urgent() when it was judged last */
	unsigned urgent_left;  /* rounds that may be had at once */
	int64_t urgent_filled; /* when another was added */
};

static int64_t clock_now(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/* ---- summaries: where a restart goes on -------------------------------------------------------------------------- */

struct pen {
	int fd;
	uint64_t written;
	bool failed;
};

static void put(void *context, const char *at, size_t len)
{
	struct pen *pen = context;

	if (pen->written + len > SUMMARY_MOST)
		pen->failed = true;
	while (len > 0 && !pen->failed) {
		ssize_t n = pwrite(pen->fd, at, len, (off_t)pen->written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			pen->failed = true;
			return;
		}
		at += n;
		len -= (size_t)n;
		pen->written += (uint64_t)n;
	}
}

static void list_inputs(const struct packets *p, struct summary_tables *tables)
{
	size_t n;
	const struct input *inputs = sources_inputs(p->o->sources, &n);

	tables->inputs = calloc(n + 1, sizeof *tables->inputs);
	for (size_t i = 0; tables->inputs != NULL && i < n; i++) {
		tables->inputs[i] = (struct summary_input){
			.path = {(const uint8_t *)inputs[i].path, strlen(inputs[i].path)},
			.packets = inputs[i].packets,
			.bytes = inputs[i].bytes,
			.any = inputs[i].any,
			.first_ns = inputs[i].first_ns,
			.last_ns = inputs[i].last_ns};
	}
	tables->inputs_n = tables->inputs == NULL ? 0 : (uint32_t)n;
}

/* Files are read anew after a restart, so that nothing is kept of them. */
static void save_summary(struct packets *p)
{
	struct engine *e = p->o->engine;
	struct summary_tables tables = engine_tables(e);
	struct pen pen = {.fd = p->o->memory};
	char knowledge[17];
	struct summary_stamp stamp = engine_stamp(e, knowledge);

	if (pen.fd < 0 || sources_are_files(p->o->sources) || ftruncate(pen.fd, 0) != 0)
		return;
	tables.cuts = (struct summary_cuts){
		.parts = 1, .open = engine_open_flows(e), .end_ns = engine_now(e)};
	tables.ours_only = true; /* strangers are a flood's, and come again if they matter */
	list_inputs(p, &tables);
	if (tables.inputs != NULL)
		summary_save(&tables, &stamp, engine_catalogue(e), put, &pen);
	free(tables.inputs);
	if (!pen.failed && pen.written > 0)
		p->summary_out = rounds_say(&p->rounds, WIRE_SUMMARY, pen.fd);
}

static uint8_t *read_whole(int fd, size_t *len)
{
	uint8_t *at = malloc(SUMMARY_MOST);
	uint8_t *fit;

	*len = 0;
	while (at != NULL && *len < SUMMARY_MOST) {
		ssize_t n = pread(fd, at + *len, SUMMARY_MOST - *len, (off_t)*len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	fit = at == NULL ? NULL : realloc(at, *len + 1);
	return fit == NULL ? at : fit;
}

static void resume(struct packets *p, int fd)
{
	struct engine *e = p->o->engine;
	struct summary_tables tables = engine_tables(e);
	struct summary_head head;
	char knowledge[17], why[SUMMARY_ERROR];
	struct summary_stamp stamp = engine_stamp(e, knowledge);
	size_t len;
	uint8_t *at = read_whole(fd, &len);
	struct bytes file = {at, len};

	if (at == NULL || len == 0)
		log_line(LEVEL_INFO, "begins anew: there is no summary of an earlier run");
	else if (!summary_check(file, &stamp, engine_catalogue(e), &head, why))
		log_line(LEVEL_NOTICE, "begins anew: the summary of the earlier run %s", why);
	else if (!summary_join(file, engine_catalogue(e), &tables) ||
		 sources_resume(p->o->sources, tables.inputs, tables.inputs_n) != 0)
		log_line(LEVEL_WARNING, "the summary of the earlier run was taken in part only");
	else
		log_line(LEVEL_INFO, "goes on where the earlier run ended");
	free(tables.inputs);
	free(at);
}

/* ---- what the service says ------------------------------------------------------------------------------------- */

static void tell_all_again(struct packets *p)
{
	told_forget(p->rounds.told);
	names_tell_again(&p->names);
	p->waiting_since = 0;
	p->dirty = true;
	p->counts_due = 0;
}

static void take_kept(struct packets *p, const struct wire_message *m)
{
	struct archive a = {.reading = true, .from = cursor_over(m->body)};
	struct wire_round round;

	wire_round(&a, &round);
	if (a.broken || round.number > p->round)
		return;
	p->kept = round.number;
	if (p->kept == p->round)
		p->waiting_since = 0;
}

static void take_message(struct packets *p, const struct wire_message *m)
{
	switch (m->type) {
	case WIRE_RESUME:
		if (!p->resumed && m->fd >= 0 && !sources_are_files(p->o->sources))
			resume(p, m->fd);
		p->resumed = true;
		break;
	case WIRE_KEPT:
		take_kept(p, m);
		break;
	case WIRE_KEPT_SUMMARY:
		p->summary_out = false;
		break;
	case WIRE_STOP:
		p->stopping = true;
		break;
	case WIRE_AGAIN:
		(void)rounds_hello(&p->rounds, &p->hello);
		tell_all_again(p);
		break;
	default:
		break;
	}
}

/* Takes what is there. False when the service's end of the pair is gone for good. */
static bool hear(struct packets *p)
{
	struct wire_message m;
	int got;

	while ((got = wire_receive(p->o->service, p->inbox, &m)) == 1) {
		take_message(p, &m);
		if (m.fd >= 0)
			(void)close(m.fd);
	}
	return got == 0 || got == -EBADMSG;
}

/* Waits for the answer to the first HELLO. What stood in the pair before it was meant for an earlier life. */
static bool greet(struct packets *p)
{
	int64_t end = clock_now(CLOCK_MONOTONIC) + RESUME_MS * (SECOND / 1000);

	while (!rounds_hello(&p->rounds, &p->hello)) {
		struct pollfd room = {.fd = p->o->service, .events = POLLOUT};

		(void)poll(&room, 1, WAIT_MS);
		if (!hear(p))
			return false;
	}
	while (!p->resumed && !p->stopping && clock_now(CLOCK_MONOTONIC) < end) {
		struct pollfd news = {.fd = p->o->service, .events = POLLIN};

		(void)poll(&news, 1, WAIT_MS);
		if (!hear(p))
			return false;
	}
	p->resumed = true;
	return true;
}

/* ---- rounds ---------------------------------------------------------------------------------------------------- */

static void copy_name(char *to, size_t size, const char *from)
{
	memset(to, 0, size);
	(void)snprintf(to, size, "%s", from);
}

static void fill_counts(struct packets *p, const struct judged *judged)
{
	struct wire_counts *c = &p->counts;
	const struct budget *b = engine_budget(p->o->engine);

	c->interfaces_n = sources_counts(p->o->sources, c->interfaces);
	c->tables_n = 0;
	for (size_t i = 0; i < b->shares_n && c->tables_n < WIRE_TABLES; i++) {
		struct wire_table *t = &c->tables[c->tables_n++];

		copy_name(t->name, sizeof t->name, b->shares[i].name);
		t->entries = b->shares[i].entries;
		t->used = b->shares[i].used;
	}
	c->unseen_n = 0;
	for (size_t i = 0; i < judged->unseen_n && c->unseen_n < WIRE_COUNTS_MOST; i++) {
		struct wire_count *u = &c->unseen[c->unseen_n++];

		copy_name(u->name, sizeof u->name, judged->unseen[i].name);
		u->value = judged->unseen[i].value;
	}
	if (engine_names_refused(p->o->engine) > 0 && c->unseen_n < WIRE_COUNTS_MOST) {
		copy_name(c->unseen[c->unseen_n].name, sizeof c->unseen[0].name, "refused_lookups");
		c->unseen[c->unseen_n++].value = engine_names_refused(p->o->engine);
	}
	c->local_n = 0;
	for (size_t i = 0; i < judged->local_n && c->local_n < WIRE_PREFIXES; i++)
		c->local[c->local_n++] = judged->local[i];
	c->place = judged->place;
	copy_name(c->note, sizeof c->note, judged->note == NULL ? "" : judged->note);
}

static bool judge_now(struct packets *p, struct judged *judged)
{
	int64_t keep = p->o->settings->keep_ns;
	int64_t now = engine_now(p->o->engine);
	struct engine_view view = {.since_ns = engine_since(&p->room, now, keep)};
	int64_t start = clock_now(CLOCK_MONOTONIC);
	uint32_t urgent;
	int64_t end;

	engine_settle(p->o->engine);
	urgent = engine_urgent(p->o->engine);
	arena_fini(&p->arena);
	view.inputs = sources_inputs(p->o->sources, &view.inputs_n);
	if (engine_judge(p->o->engine, &view, &p->arena, judged) != 0) {
		static struct log_limit limit;

		log_limited(&limit, LEVEL_ERROR, "out of memory while judging; it is tried again");
		p->judge_due = start + 10 * SECOND;
		return false;
	}
	end = clock_now(CLOCK_MONOTONIC);
	p->judge_us = (uint64_t)(end - start) / 1000;
	p->judge_due = end + (end - start) * (JUDGE_SHARE - 1);
	p->judged_at = now;
	p->urgent = urgent;
	p->dirty = false;
	return true;
}

static void end_round(struct packets *p, const struct judged *judged, int64_t now)
{
	struct wire_round round = {.number = p->round + 1,
				   .now_ns = engine_now(p->o->engine),
				   .wall_ns = clock_now(CLOCK_REALTIME),
				   .judge_us = p->judge_us,
				   .devices = judged->devices_n};

	if (!rounds_end(&p->rounds, &round))
		return;
	p->round++;
	if (p->waiting_since == 0)
		p->waiting_since = now;
}

/* Records of conversations are told once and not again: who wants them reads fast enough, or loses some. */
static void tell_flow(void *context, const struct ledger_entry *e)
{
	struct packets *p = context;
	struct wire_flow flow = {.client = e->client,
				 .server = e->server,
				 .client_port = e->client_port,
				 .server_port = e->server_port,
				 .transport = e->transport,
				 .parser = PROTO_NONE_ID,
				 .vlan = e->vlan,
				 .input = e->input,
				 .first_ns = e->first_ns,
				 .last_ns = e->last_ns,
				 .packets_out = e->packets[0],
				 .bytes_out = e->bytes[0],
				 .packets_in = e->packets[1],
				 .bytes_in = e->bytes[1]};

	if ((p->o->settings->events & EVENT_FLOW) != 0)
		(void)rounds_flow(&p->rounds, &flow);
	peers_ended(&p->peers, e);
}

static void tell_peers(struct packets *p, const struct judged *judged, bool all)
{
	if (p->o->settings->contain_mode == 0 || sources_are_files(p->o->sources))
		return;
	if (all)
		peers_look(&p->peers, p->o->engine);
	peers_tell(&p->peers, p->o->engine, judged, all, &p->rounds);
}

static void do_round(struct packets *p, bool whole)
{
	int64_t now = clock_now(CLOCK_MONOTONIC);
	struct judged judged;
	bool counts;

	if (p->waiting_since != 0 && now - p->waiting_since > keep_within)
		tell_all_again(p);
	if (!judge_now(p, &judged))
		return;
	now = clock_now(CLOCK_MONOTONIC);
	counts = whole || now >= p->counts_due;
	if (counts)
		fill_counts(p, &judged);
	counts |= rounds_tell(&p->rounds, &judged, now, whole);
	if (!sources_are_files(p->o->sources))
		names_tell(&p->names, &p->rounds, p->o->engine, &judged);
	if (counts) /* every ten seconds at least */
		(void)engine_conversations(p->o->engine, p->ended || p->stopping, tell_flow, p);
	if (!counts)
		return;
	tell_peers(p, &judged, now >= p->counts_due);
	fill_counts(p, &judged);
	if (rounds_counts(&p->rounds, &p->counts))
		p->counts_due = now + counts_every;
	end_round(p, &judged, now);
}

static bool is_urgent(struct packets *p, int64_t now)
{
	if (p->urgent_left < URGENT_ROUNDS && now - p->urgent_filled >= SECOND) {
		p->urgent_left++;
		p->urgent_filled = now;
	}
	if (p->urgent_left == 0 || engine_urgent(p->o->engine) == p->urgent)
		return false;
	p->urgent_left--;
	return true;
}

static bool round_is_due(struct packets *p, int64_t now)
{
	int64_t stage = engine_now(p->o->engine);

	if (is_urgent(p, now))
		return true;
	if (now < p->judge_due)
		return false;
	if (now >= p->counts_due && !sources_are_files(p->o->sources))
		return true;
	return p->dirty && (stage - p->judged_at >= judge_every || stage < p->judged_at);
}

static void make_room(struct packets *p)
{
	struct engine *e = p->o->engine;

	(void)engine_make_room(e, &p->room, engine_now(e), p->o->settings->keep_ns);
}

static void keep_house(struct packets *p)
{
	int64_t now = clock_now(CLOCK_MONOTONIC);

	make_room(p);
	if (round_is_due(p, now))
		do_round(p, false);
	if (now >= p->summary_due && !p->summary_out) {
		int64_t took;

		save_summary(p);
		took = clock_now(CLOCK_MONOTONIC) - now;
		p->summary_due = now + summary_every + took * SUMMARY_SHARE;
	}
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static void read_some(struct packets *p)
{
	struct batch *batch = engine_batch(p->o->engine);
	uint32_t n = sources_fill(p->o->sources, batch, WAIT_MS, p->o->service, &p->ended);

	if (n > 0) {
		engine_run(p->o->engine);
		/* Nobody else may come for a while, and what these show may be urgent. */
		if (n < BATCH_FRAMES / 4 && !sources_are_files(p->o->sources))
			engine_settle(p->o->engine);
		p->dirty = true;
	} else if (!sources_are_files(p->o->sources)) {
		engine_tick(p->o->engine, clock_now(CLOCK_REALTIME) - tick_behind);
	}
}

/* The last round, whole, and the summary: the service is given time to take them. */
static void last_words(struct packets *p)
{
	int64_t end = clock_now(CLOCK_MONOTONIC) + LAST_WORDS_S * SECOND;
	uint64_t last;

	if (p->ended)
		engine_finish(p->o->engine);
	do_round(p, true);
	last = p->round;
	for (;;) {
		struct pollfd news = {.fd = p->o->service, .events = POLLIN};

		if ((!p->rounds.blocked && p->kept >= last) || clock_now(CLOCK_MONOTONIC) >= end)
			break;
		(void)poll(&news, 1, WAIT_MS);
		if (!hear(p))
			return;
		if (p->rounds.blocked) { /* something found no room */
			do_round(p, true);
			last = p->round;
		}
	}
	save_summary(p);
	while (!rounds_say(&p->rounds, WIRE_BYE, -1) && clock_now(CLOCK_MONOTONIC) < end) {
		(void)poll(NULL, 0, WAIT_MS);
		if (!hear(p))
			return;
	}
}

/* What only another life can open: what is known is handed to it. An accident, so that there is one. */
static int end_to_begin_anew(struct packets *p)
{
	log_line(LEVEL_WARNING, "an interface was made anew: packets begins anew for AF_XDP");
	if (!p->summary_out)
		save_summary(p);
	return EXIT_FAILURE;
}

static void begin(struct packets *p)
{
	char knowledge[17];
	struct summary_stamp stamp = engine_stamp(p->o->engine, knowledge);

	if (getrandom(&p->hello.life, sizeof p->hello.life, 0) != sizeof p->hello.life)
		p->hello.life = (uint64_t)clock_now(CLOCK_REALTIME);
	p->hello.life >>= 1; /* a positive number wherever it is kept */
	copy_name(p->hello.version, sizeof p->hello.version, stamp.version);
	copy_name(p->hello.knowledge, sizeof p->hello.knowledge, stamp.knowledge);
	p->summary_due = clock_now(CLOCK_MONOTONIC) + summary_every;
	p->urgent_left = URGENT_ROUNDS;
}

int packets_run(const struct packets_options *options)
{
	struct packets *p = calloc(1, sizeof *p);
	int status = EXITS_OS;

	if (p != NULL)
		p->inbox = malloc(WIRE_MOST);
	if (p == NULL || p->inbox == NULL || peers_init(&p->peers, &p->counts) != 0 ||
	    rounds_init(&p->rounds, options->max_devices, options->service) != 0)
		goto out;
	p->o = options;
	begin(p);
	status = EXITS_UNAVAILABLE;
	if (!greet(p))
		goto out;
	while (!p->ended && !p->stopping) {
		read_some(p);
		if (!hear(p))
			goto out;
		keep_house(p);
		if (sources_are_stale(p->o->sources)) {
			status = end_to_begin_anew(p);
			goto out;
		}
	}
	last_words(p);
	status = EXITS_OK;
out:
	if (p != NULL) {
		arena_fini(&p->arena);
		rounds_fini(&p->rounds);
		peers_fini(&p->peers);
		free(p->inbox);
	}
	free(p);
	return status;
}
