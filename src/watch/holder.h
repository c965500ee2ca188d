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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOLDER_ID = 64, HOLDER_BY = 48 };

struct holder_entry {
	char id[HOLDER_ID];
	struct mac mac;
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
	int64_t sign_ns; /* INT64_MIN: none */
	bool cause_gone;
	/* The owner's last word. */
	enum order order;
	int64_t ordered_ns, order_until;
	char by[HOLDER_BY];
	/* As it is. */
	struct policy_decision decision;
	int64_t began_ns;		       /* of the hold; 0: not held */
	uint64_t packets, bytes;	       /* dropped since */
	uint64_t packets_kept;		       /* … as the store has it */
	uint64_t packets_before, bytes_before; /* what the kernel had counted before */
	bool unsaid;			       /* its hold changed, and nobody took that yet */
	enum hold was;			       /* … from this one */
};

struct holder {
	struct holder_entry *list; /* CONTAIN_DEVICES */
	size_t n;
	uint64_t refused;
	struct policy policy;
};

int holder_init(struct holder *h, const struct policy *policy);
void holder_fini(struct holder *h);

/* What is known of a device now. Takes it in when it is accused; one that has no MAC can't be held and is left out. */
void holder_note(struct holder *h, const struct device *d);
/* The owner's word on a device that is known; false when there is no room for it. */
struct holder_order {
	enum order order;
	int64_t given_ns, until_ns;
	const char *by;
};
bool holder_order(struct holder *h, const struct device *d, const struct holder_order *o);
/* The same for one that is on the list. */
void holder_give(struct holder_entry *e, const struct holder_order *o);
/* It was held when the service ended: takes it up where it was. */
bool holder_resume(struct holder *h, const struct device *d, enum hold hold, int64_t began_ns);
struct holder_entry *holder_find(struct holder *h, const char *id);

/* Whom it spoke with lately. Of one that is held the kernel knows better. */
void holder_viewers(struct holder *h, const char *id, const struct addr *list, size_t n,
		    int64_t now_ns);

/* What stands outside of the devices themselves. */
struct holder_world {
	enum shield (*shield)(void *context, const struct holder_entry *e);
	bool (*excepted)(void *context, const struct holder_entry *e);
	void *context;
	int64_t now_ns;
};
/* Decides on all. True when a hold changed: those entries are `unsaid`. Who is neither accused nor ordered any more goes. */
bool holder_decide(struct holder *h, const struct holder_world *w);
/* Everybody is let go, since cordon ends: what was ordered, or is held against them, counts again when it begins. */
void holder_lift(struct holder *h);
/* The next entry from `*at` on whose hold changed and was not said yet, or NULL: what it was before stands in `was`. */
struct holder_entry *holder_unsaid(struct holder *h, size_t *at);
/* They were said. */
void holder_said(struct holder *h);

/* All that is held, as contain/plan.h wants it; `out` has room for CONTAIN_DEVICES. */
size_t holder_wanted(const struct holder *h, struct contain_wanted *out, int64_t now_ns);
