/* SPDX-License-Identifier: MIT */
/*
 * The engine: every stage from frame to verdict with its tables, fed batch by batch by whoever has frames - files
 * (pipeline.c) or interfaces (watch/). It opens nothing and reads no clock: time comes with the packets, and from
 * engine_tick() where none come.
 *
 *   engine_new, then for each batch: engine_batch, fill it, engine_run; engine_judge whenever something shall be
 *   known; engine_finish once after the last packet; engine_free.
 *
 * All calls come from one thread, the reader.
 */
#pragma once

#include "base/addr.h"
#include "base/arena.h"
#include "base/knowledge.h"
#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch; /* capture/frame.h */
struct budget;
struct catalogue;
struct inquiry;
struct inquiry_question;
struct summary_stamp;  /* summary/summary.h */
struct summary_tables; /* summary/summary.h */

enum { ENGINE_THREADS_MAX = 64 };

/* Parts of the memory in percent (docs/decisions/0017); what is left over goes into rounding. */
enum {
	ENGINE_WORLD = 12,
	ENGINE_LANES = 62,
	ENGINE_LISTENERS = 24,
	ENGINE_LEDGER = 1,
	ENGINE_LOOKUPS =
		1 /* beside the budget, where they are kept: the smallest has no room left */
};

#define ENGINE_MEMORY_DEFAULT ((uint64_t)256 << 20)
#define ENGINE_MEMORY_MIN ((uint64_t)32 << 20)

/* As many devices as a report names at most, unless told otherwise; with less memory fewer. */
enum { ENGINE_DEVICES_DEFAULT = 100000, ENGINE_DEVICE_BYTES = 2560 };

struct engine_options {
	const struct prefix *local; /* --local; none: what the packets show */
	size_t local_n;
	unsigned threads;		    /* 1 to ENGINE_THREADS_MAX, the reader included */
	uint64_t memory_bytes;		    /* the tables' budget: reserved at start, not touched */
	bool large_pages;		    /* much is coming: see budget_large_pages() */
	size_t max_devices;		    /* in the report, see judge.h */
	const struct knowledge_file *owner; /* the owner's additions to what is known; or NULL */
	size_t owner_n;
	bool ledger;	   /* counts conversations for engine_conversations() */
	bool lookups;	   /* keeps names looked up for engine_names() */
	bool show_secrets; /* factory passwords in full */
	const struct inquiry_question *question; /* --at; NULL: none */
};

struct engine;

/*
 * Takes the memory and starts the threads. 0; -ENOMEM when the budget can't be reserved; -EINVAL when a line of knowledge
 * is wrong: *bad says which. The options, and the owner's files, live as long as the engine.
 */
int engine_new(const struct engine_options *options, struct engine **out,
	       struct knowledge_error *bad);
void engine_free(struct engine *e);

/* A batch that may be filled; waits until there is one. */
struct batch *engine_batch(struct engine *e);
/* Takes the frames of the batch got last through all stages, or hands them to the threads that do. */
void engine_run(struct engine *e);
/* Time goes on though no packet says so; nanoseconds since 1970. */
void engine_tick(struct engine *e, int64_t now_ns);
/* Stage time: of the last packet or tick. */
int64_t engine_now(const struct engine *e);

/*
 * Grows when a detector has decided a host of ours, so that it can be judged at once. What is run but not settled may not be in
 * it yet.
 */
uint32_t engine_urgent(const struct engine *e);

/* Waits until every stage has seen what was run. The calls below do it first. */
void engine_settle(struct engine *e);
/* After the last packet: what waits for more is offered, and conversations end. */
void engine_finish(struct engine *e);
/*
 * Forgets what was last seen before that stage time, hosts, addresses, facts and logins alike, so that tables have room
 * for those that come; what still goes on is kept whole. Strangers, and whoever only claims to be ours, may have a later time
 * than our own proven devices; an earlier one counts as ours. For months of running; inspect never calls it.
 */
void engine_age(struct engine *e, int64_t before_ns, int64_t strangers_before_ns);
/*
 * How full the fullest of the tables that engine_age() makes room in is, in percent of what is open to those who fill it:
 * where a part is kept for our own side, strangers fill the rest.
 */
unsigned engine_fill(struct engine *e);

/*
 * When to forget, for one that runs for months: to be called after batches and ticks, as often as one likes. Every hour
 * of stage time, and once a minute while engine_fill() is above ENGINE_FULL, it ages by `keep`; and strangers by less and
 * less, until no table is fuller of them than that, but never what was seen in the last ENGINE_STRANGERS_NS. When stage
 * time was set by more than a day, and at first, nothing is forgotten for an hour: what goes on shows itself in that time.
 * Returns how long strangers were kept; 0: it was not time.
 */
struct engine_room {
	bool begun;	  /* zero at first, as all of it */
	int64_t last_ns;  /* stage time when it was called last … */
	int64_t asked_ns; /* … when it was asked how full tables are … */
	int64_t aged_ns;  /* … and when they were aged */
	int64_t hold_ns;  /* until when nothing is forgotten */
};
int64_t engine_make_room(struct engine *e, struct engine_room *room, int64_t now_ns,
			 int64_t keep_ns);
/* Since when findings count: struct engine_view. */
int64_t engine_since(const struct engine_room *room, int64_t now_ns, int64_t keep_ns);
enum { ENGINE_FULL = 75 };
#define ENGINE_STRANGERS_NS (60 * INT64_C(1000000000))
/* … and strangers who have not shown themselves for so long are forgotten though there is room: memory stays what it was. */
#define ENGINE_STRANGERS_MOST_NS (3 * 3600 * INT64_C(1000000000))

/* What reports say of the world outside the engine. */
struct engine_view {
	const struct input *inputs;
	size_t inputs_n;
	const uint64_t *cut_flows; /* see judge.h */
	/* Findings, facts and logins last seen before count no more; INT64_MIN: all count. */
	int64_t since_ns;
};

/* Judges what was seen so far; may be called as often as one likes. 0 or -ENOMEM. *out lives in the arena. */
int engine_judge(struct engine *e, const struct engine_view *view, struct arena *arena,
		 struct judged *out);

/*
 * With a ledger: hands over the conversations that ended or fell silent since the last call, all of them when `all` is true.
 * Returns how many records were lost so far.
 */
struct ledger_entry; /* flow/ledger.h */
uint64_t engine_conversations(struct engine *e, bool all,
			      void (*each)(void *context, const struct ledger_entry *entry),
			      void *context);

/* Those that go on; nothing is taken by that. */
void engine_running(struct engine *e, void (*each)(void *context, const struct ledger_entry *entry),
		    void *context);

/*
 * Hosts on our side that spoke with one of these addresses since that stage time, in a conversation that the tables still
 * have: whoever looks at a device, or what it streams to. Each once; at most `room` of them.
 */
size_t engine_peers(struct engine *e, const struct addr *addrs, size_t n, int64_t since_ns,
		    struct addr *out, size_t room);

/*
 * With lookups: the names that a device of these addresses asked for itself, with the addresses that it was told
 * (proto/lookups.h) and that have not all run out; at most `room`.
 */
struct lookup; /* proto/lookups.h */
size_t engine_names(struct engine *e, const struct addr *addrs, size_t n, struct lookup *out,
		    size_t room);
/* Grows when a lookup is new or goes on; and how many found no room. */
uint32_t engine_names_changes(struct engine *e);
uint64_t engine_names_refused(struct engine *e);
/* Is it of our networks, private, or none that one can send to outside? */
bool engine_is_near(const struct engine *e, const struct addr *a);

/* The tables as a summary holds them, and who would read it: see summary.h. `knowledge` has room for 17. */
struct summary_tables engine_tables(struct engine *e);
struct summary_stamp engine_stamp(const struct engine *e, char knowledge[17]);
const struct catalogue *engine_catalogue(const struct engine *e);
const struct inquiry *engine_inquiry(const struct engine *e);
/* Conversations that are open now. */
uint64_t engine_open_flows(struct engine *e);

/* The budget by table, with how much of each is in use now. */
const struct budget *engine_budget(struct engine *e);
