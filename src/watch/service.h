/* SPDX-License-Identifier: MIT */
/*
 * The service process of `cordon watch`: what the packets process tells goes into the store, and from there into events, the
 * control socket and the metrics. One loop (libuv) in one thread; events are written by a second one. This header is for the
 * files service*.c, control.c and metrics*.c alone.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "store/store.h"
#include "watch/events.h"
#include "watch/events_file.h"
#include "watch/known.h"
#include "watch/log.h"
#include "watch/names.h"
#include "watch/notify.h"
#include "watch/attacks_open.h"
#include "settings/settings.h"
#include "watch/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { ROUND_PEERS = 64 };

/* What came since the last round was ended; strings live in the arena. */
struct round {
	struct arena arena;
	struct device *devices;
	size_t devices_n, devices_room;
	struct attack *attacks;
	size_t attacks_n, attacks_room;
	struct recall_entry *recalls;
	size_t recalls_n, recalls_room;
	const uint8_t *scanned; /* WIRE_NETWORKS, or NULL */
	struct wire_peers *peers[ROUND_PEERS];
	size_t peers_n;
	const char **gone; /* ids */
	size_t gone_n, gone_room;
	bool torn; /* a piece of it could not be kept */
};

/* The store and how it does. */
struct keeper {
	struct store *store; /* NULL: could not be opened */
	bool began;	     /* it could, once */
	bool replaced;	     /* a damaged one was put aside: this one knew nobody */
	bool failing;
	char why[STORE_WHY];
	int64_t retry_ns; /* of the loop's clock: not tried before */
	uint64_t kept;	  /* rounds */
	uint64_t failed;  /* rounds that could not be kept */
	uint64_t dropped; /* rows of history that went for want of room */
	uint64_t told;	  /* number of the last event taken from the outbox */
	struct log_limit limit;
};

enum { FINDING_CODES = 64 };

struct code_count {
	char code[16];
	uint64_t n;
};

/* What control and metrics show. */
struct tally {
	uint64_t rounds;
	uint64_t refused;  /* messages that can't be */
	uint64_t lives;	   /* of the packets process that began since we did */
	uint64_t pieces;   /* rounds that were too long for one transaction */
	uint64_t judge_us; /* sum */
	struct code_count codes[FINDING_CODES];
	size_t codes_n;
	uint64_t codes_more; /* findings whose code found no room */
};

enum service_state { SERVICE_RUNS, SERVICE_STOPS };

struct service {
	uv_loop_t loop;
	uv_poll_t packets;
	uv_timer_t tick;
	uv_signal_t signals[3];
	struct settings settings;
	int argc;
	char **argv;
	int wire; /* SERVICE_FD_PACKETS */
	uint8_t *buffer;
	enum service_state state;
	int status;	  /* to end with */
	int64_t until_ns; /* stopping: no later than that */
	int64_t began_ns; /* of the loop's clock, as all below */
	int64_t began_wall_ns;
	int64_t heard_ns; /* the last message */
	int64_t stats_ns; /* the last stats event */
	int64_t tidied_ns;
	int64_t told_ns;  /* the outbox was looked at */
	int64_t alive_ns; /* WATCHDOG=1 was sent */
	struct notify notify;
	bool ready;
	bool gate_off; /* the gate is, and the store says so too */
	bool lifts; /* the next settings leave the firewall alone: nobody would tend what is held */

	bool greeted; /* a HELLO came: what comes now has a beginning */
	bool stop_unsent;
	bool again; /* WIRE_AGAIN is to be sent, and there was no room yet */
	struct wire_hello hello;
	struct wire_counts counts;
	bool counted; /* counts hold */
	struct wire_round last;
	struct round round;
	struct known known;
	struct attacks_open attacks;
	struct keeper keeper;
	struct events *events; /* NULL: none are written */
	uint64_t events_lost_told;
	bool queue_stuck; /* the disk did not take events when it was waited for */
	struct tally tally;
	struct log_limit refused_limit;
	struct log_limit drops_limit;
	struct log_limit summary_limit;

	unsigned resumed; /* lives that began since the last round that ended */
	bool saving;	  /* a summary is being copied */

	struct names names; /* that devices looked up */
	struct control *control;
	struct metrics_server *metrics;
	struct portal *portal;		 /* NULL: none */
	struct containment *containment; /* service_contain.h; NULL: nobody is held */
};

/* The clock of intervals: never set, never jumps. */
int64_t service_now(void);
int64_t service_wall(void);

/* service.c */
int service_run(int argc, char **argv);
/* Ends in order: a last round, events, store. */
void service_stop(struct service *s, int status);

/* service_wire.c: messages. */
void service_hear(struct service *s);
void service_send(struct service *s, enum wire_type type, const uint8_t *at, size_t len, int fd);
/* Everything is to be told anew. */
void service_ask_again(struct service *s);

/* service_round.c: a round into the store and out as events. */
void round_fini(struct round *r);
void round_void(struct round *r);
/* Keeps it; what finds no room is left out. */
void round_peers(struct round *r, const struct wire_peers *peers);
/* Bytes that it takes. */
size_t round_size(const struct round *r);
/* Keeps what came; `ends` when the round is whole. True: it is on disk. */
bool service_keep(struct service *s, const struct wire_round *ends);
/* Between rounds: holds that changed go into the store, and out as events. */
bool service_keep_holds(struct service *s);

/* service_store.c: opening, failing, recovering. */
/* Opens it, if that can be done now; events that were not written when the last service ended go out. */
void keeper_begin(struct service *s);
/* A store that can be written to; NULL while there is none. */
struct store *keeper_store(struct service *s);
void keeper_failed(struct service *s, int err);
void keeper_works(struct service *s);
/*
 * Within a round: what was written leaves the outbox. False when the store failed; *up_to counts once it is committed.
 */
bool keeper_take_told(struct service *s, uint64_t *up_to);
/* Once in a while: retention, the outbox. */
void keeper_tend(struct service *s);
void keeper_close(struct service *s);

/* service_summary.c */
/* Answers a greeting with the last summary. */
void summary_resume(struct service *s, bool new_life);
void summary_keep(struct service *s, int fd);

/* service_events.c: lines that no round makes. */
void service_health(struct service *s, const char *state, const char *interface, uint64_t count,
		    const char *text);
void service_stats(struct service *s);
void service_flow(struct service *s, const struct wire_flow *f);

/* service_reload.c */
void service_reload(struct service *s);
