/* SPDX-License-Identifier: MIT */
/* The service's part in holding devices: for service*.c and control.c alone. NULL in struct service: nobody is held here. */
#pragma once

#include "hold/doubts.h"
#include "hold/enforcer.h"
#include "hold/hold_place.h"
#include "hold/holder.h"
#include "hold/moves.h"
#include "watch/service_gate.h"
#include "watch/service.h"
#include "hold/shields.h"
#include "hold/steady.h"

struct containment {
	const struct settings *settings;
	struct holder holder;
	struct enforcer enforcer;
	struct shields shields;
	struct hold_change place;
	struct gatehouse *gate;	       /* NULL: there is none */
	struct contain_wanted *wanted; /* CONTAIN_DEVICES */
	uv_poll_t poll;
	uv_poll_t moves_poll;
	struct moves moves;
	struct doubts doubts;
	uint64_t flapped_told, lost_told, crowd_told; /* of moves */
	struct steady clock;
	int64_t now_ns;	  /* of it, when it was decided last */
	int64_t step_ns;  /* of it, when orders were stored last */
	int64_t began_ns; /* of the loop's clock, as the next ones */
	int64_t shields_ns;
	int64_t heard_ns;
	int64_t counted_ns;  /* counts went into the store */
	size_t counting;     /* whose count was asked for last … */
	size_t counting_mac; /* … and of which of its MACs */
	bool resumed;	     /* what the last service held is known */
	bool missing_told;
	uint64_t failed_told, reloaded_told;
	struct log_limit limit, moves_limit;
};

/* The time by which ends of holds and orders are reckoned: that of the wall without its jumps; of the wall where nobody is held. */
int64_t containment_now(struct service *s);
/* What the wall says at that time; 0 stays 0. */
int64_t containment_wall(const struct service *s, int64_t ns);

/* What stands outside of the devices, now: who can never be held is looked up again when it is old. */
struct holder_world containment_world(struct containment *c);

/* NULL where the settings don't want it, captures are read, or the first process brought no cordon-enforce (one line then). */
struct containment *containment_new(struct service *s);
/* Every second or so. */
void containment_tick(struct service *s);
/* The service ends: devices stay held, or are let go, as the settings say. */
void containment_end(struct service *s);
/* When the loop has ended. */
void containment_free(struct containment *c);

/* service_orders.c */
extern const char *const contain_order_words[]; /* by enum order; NULL for none */
/* Those that the store does not have yet. */
void containment_keep_orders(struct service *s);
/* The clock on the wall may have jumped. */
void containment_follow_jump(struct service *s);
/* service_recorders.c */
void recorders_note_device(struct containment *c, const struct device *d);
void recorders_note_peers(struct containment *c, const struct wire_peers *p);
/* Within a round of the store. */
int recorders_store(struct containment *c, struct store *store);
void recorders_resume(struct containment *c, struct store *store, struct arena *arena);
/* The device that the store knows by that id or MAC, or NULL. */
const struct device *containment_stored(struct store *store, const char *name, struct arena *arena);

/* A round came: whoever is accused in it of more than before is held at once, whatever the store does. */
void containment_early(struct service *s, const struct round *r);
/* What the store says of a device in this round. */
void containment_note(struct service *s, const struct device *d);
/* Decides and does. True when somebody's hold changed: then it is to be stored and told. */
bool containment_decide(struct service *s);
/* Within a round of the store: the holds that changed. 0 or -errno. */
int containment_store(struct service *s, struct store *store);
/* … and their events: each is written to v, then put. */
struct eve;
int containment_tell(struct service *s, struct eve *v, int (*put)(void *context), void *context);
/* All of it is committed. */
void containment_said(struct service *s);

/* Everybody is let go by the owner's word. Returns how many were. */
size_t containment_release_all(struct service *s, const struct holder_order *o);
/* Nothing is done: what the order would change, as nft(8) text. NULL, or why it would be refused. */
const char *containment_trial(struct service *s, const struct device *d,
			      const struct holder_order *o, struct text *nft);
/* The owner's word. NULL when it was done; else why not, or what is in the way. *kept: it will be known after a restart. */
const char *containment_order(struct service *s, const struct device *d,
			      const struct holder_order *o, bool *kept);

/* service_moves.c: MACs at two ports. Without it, where the kernel has no such news, nobody is doubted. */
void containment_moves_begin(struct service *s, struct containment *c);
void containment_moves_read(struct service *s, struct containment *c);
void containment_moves_end(struct containment *c);
bool containment_doubts(void *context, const struct holder_entry *e);
int containment_doubts_store(struct containment *c, struct store *store);
void containment_doubts_resume(struct containment *c, struct store *store, struct arena *arena);
