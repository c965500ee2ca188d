/* SPDX-License-Identifier: MIT */
/*
 * Who is held, or may come to be: the devices that somebody accuses or that the owner gave an order for, at most
 * CONTAIN_DEVICES. It decides by contain/policy.h and says what changed; it does nothing itself. Full: who is accused of least
 * and neither held nor ordered makes room; else the newcomer is refused and counted.
 */
#pragma once

#include "contain/plan.h"
#include "contain/policy.h"
#include "verdict/judged.h"
#include "hold/recorder_book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HOLDER_ID = 64,
	HOLDER_BY = 48,
	HOLDER_GATED =
		128, /* held for the gate alone; those beyond wait there all the same, uncounted */
	HOLDER_MACS = 4, /* of a device: cable, radio, and what it had before */
	/*
	 * Dropped a minute, more than a clean device causes that is cut off: one that calls eight servers and gives none of them up
	 * (RFC 6298: a SYN each at 0, 1, 3, 7 s, then again) sends about four a second, a hello to peers every second as many.
	 */
	HOLDER_CLEAN_DROPS = 600
};

/* What the kernel had counted of a MAC when it was asked last. */
struct holder_count {
	uint64_t packets, bytes;
};

struct holder_entry {
	char id[HOLDER_ID];
	struct mac mac;			    /* the first one … */
	struct mac others[HOLDER_MACS - 1]; /* … it is held at all of them */
	size_t others_n;
	struct addr addresses[CONTAIN_ADDRESSES];
	size_t addresses_n;
	struct addr viewers[CONTAIN_ADDRESSES]; /* who spoke with it before it was held */
	size_t viewers_n;
	int64_t viewers_until; /* then the kernel knows those who still do */
	/* What policy asks of the device. */
	bool local;
	enum backing backing;
	enum verdict verdict;
	enum confidence confidence;
	int64_t sign_ns;      /* INT64_MIN: none */
	int64_t sign_seen_ns; /* … as its evidence says it, by the clock on the wall */
	bool cause_gone;
	bool gated; /* not through the first-use gate: held so far, where policy does not hold it farther */
	int64_t doubted_ns; /* signs up to this one may be a neighbour's; INT64_MIN: none */
	/* The owner's last word. */
	enum order order;
	int64_t ordered_ns, order_until;
	char by[HOLDER_BY];
	bool recalled; /* given before this service began */
	bool unkept;   /* the store does not have it yet */
	/* As it is. */
	struct policy_decision decision;
	int64_t began_ns;	 /* of the hold; 0: not held */
	uint64_t packets, bytes; /* dropped since */
	uint64_t packets_kept;	 /* … as the store has it */
	struct holder_count before[HOLDER_MACS];
	int64_t rate_ns; /* since when drops are compared with what a clean device causes … */
	uint64_t rate_packets; /* … and how many there were then */
	bool unsaid;	       /* its hold changed, and nobody took that yet */
	enum hold was;	       /* … from this one */
};

struct holder {
	struct holder_entry *list; /* CONTAIN_DEVICES */
	size_t n;
	uint64_t refused;
	uint64_t packets, bytes; /* dropped of all since it began, also of who was let go */
	struct policy policy;
	struct recorder_book book;
	struct addr named
		[CONTAIN_ADDRESSES]; /* recorders that the settings name: every contained device may call them */
	size_t named_n;
	int64_t now_ns;	 /* holder_time() */
	int64_t wall_ns; /* the clock on the wall then */
};

int holder_init(struct holder *h, const struct policy *policy);
void holder_fini(struct holder *h);

/*
 * What time it is, before anything else is told: by a clock that never jumps (hold/steady.h), in which all times of entries and orders
 * are, and by the one on the wall, in which evidence is.
 */
void holder_time(struct holder *h, int64_t now_ns, int64_t wall_ns);
/* The wall's clock was wrong when it began, and jumped by so much: what an earlier service wrote was right. */
void holder_step(struct holder *h, int64_t jump_ns);

/* What is known of a device now. Takes it in when it is accused; one that has no MAC can't be held and is left out. */
void holder_note(struct holder *h, const struct device *d);
/* The owner's word on a device that is known; false when there is no room for it. */
struct holder_order {
	enum order order;
	int64_t given_ns, until_ns;
	const char *by;
	bool recalled; /* read from the store */
};
bool holder_order(struct holder *h, const struct device *d, const struct holder_order *o);
/* The same for one that is on the list. */
void holder_give(struct holder_entry *e, const struct holder_order *o);
/* It was held when the service ended: takes it up where it was. */
bool holder_resume(struct holder *h, const struct device *d, enum hold hold, int64_t began_ns);
struct holder_entry *holder_find(struct holder *h, const char *id);
/*
 * The device is through the gate, or not. Who is not is taken in, while HOLDER_GATED are not there: the rules hold everybody who is not
 * known to be through, so the others only lack their counters and whom they may reach.
 */
void holder_gate(struct holder *h, const struct device *d, bool gated);
/* Nobody speaks of it any more: it leaves, unless it is held or there is an order. */
void holder_gone(struct holder *h, const char *id);
/* The i-th MAC at which it is held, or NULL: no more. */
const struct mac *holder_mac(const struct holder_entry *e, size_t i);
bool holder_has(const struct holder_entry *e, const struct mac *mac);
/*
 * What the kernel has counted as dropped of that MAC so far. What is held for its verdict and still causes more drops than a clean
 * device would is a sign: one that is cut off where nobody looks would seem to have become quiet.
 */
void holder_count(struct holder *h, const struct mac *mac, const struct holder_count *count);

/* Whom it spoke with lately. Of one that is held the kernel knows better. */
void holder_viewers(struct holder *h, const char *id, const struct addr *list, size_t n,
		    int64_t now_ns);

/* What stands outside of the devices themselves. */
struct holder_world {
	enum shield (*shield)(void *context, const struct holder_entry *e);
	bool (*excepted)(void *context, const struct holder_entry *e);
	/* Could its last sign come from another port? Asked of those that are not held yet. NULL: no. */
	bool (*doubted)(void *context, const struct holder_entry *e);
	void *context;
	int64_t now_ns;
};
/* Decides on all. True when a hold changed: those entries are `unsaid`. Who is neither accused nor ordered any more goes. */
bool holder_decide(struct holder *h, const struct holder_world *w);
/* Everybody is let go, since cordon ends: what was ordered, or is held against them, counts again when it begins. */
void holder_lift(struct holder *h);
/* How many are held. */
size_t holder_held(const struct holder *h);
/* The next entry from `*at` on whose hold changed and was not said yet, or NULL: what it was before stands in `was`. */
struct holder_entry *holder_unsaid(struct holder *h, size_t *at);
/* They were said. */
void holder_said(struct holder *h);

/*
 * All that is held, as contain/plan.h wants it, once for each MAC; `out` has room for CONTAIN_DEVICES. First MACs come first, so that
 * further ones are what finds no room.
 */
size_t holder_wanted(const struct holder *h, struct contain_wanted *out, int64_t now_ns);
