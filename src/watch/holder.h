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

enum { HOLDER_ID = 64, HOLDER_BY = 48, HOLDER_PEERS = CONTAIN_ADDRESSES };

struct holder_entry {
	char id[HOLDER_ID];
	struct mac mac;
	struct addr addresses[CONTAIN_ADDRESSES];
	size_t addresses_n;
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
struct holder_entry *holder_find(struct holder *h, const char *id);

/* What stands outside of the devices themselves. */
struct holder_world {
	enum shield (*shield)(void *context, const struct holder_entry *e);
	bool (*excepted)(void *context, const struct holder_entry *e);
	void *context;
	int64_t now_ns;
};
/* Decides on all. True when a hold changed: those entries are `unsaid`. Who is neither accused nor ordered any more goes. */
bool holder_decide(struct holder *h, const struct holder_world *w);
/* The next entry whose hold changed since it was last taken here, or NULL. `*was` is the hold before. */
struct holder_entry *holder_take(struct holder *h, enum hold *was);

/* All that is held, as contain/plan.h wants it; `out` has room for CONTAIN_DEVICES. */
size_t holder_wanted(const struct holder *h, struct contain_wanted *out);
