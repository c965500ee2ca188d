/* SPDX-License-Identifier: MIT */
/*
 * The service's part in the first-use gate: for service_contain.c, service_round.c, control_gate.c and the portal alone. It keeps the
 * list (gatekeeper.h) with the store, says who passed, and has the holder hold devices that wait. While the store can't be read
 * nobody new is let through, and who was through before stays, since the kernel keeps its sets (enforcer.h: partial).
 */
#pragma once

#include "contain/plan.h"
#include "report/eve.h"
#include "hold/gatekeeper.h"
#include "hold/holder.h"
#include "watch/service.h"

enum { GATEHOUSE_CROWD_BITS = 1 << 16, GATEHOUSE_CROWD_MOST = 64 };

struct gatehouse {
	struct gatekeeper keeper;
	struct mac *passed; /* CONTAIN_PASSED */
	size_t passed_n;
	bool ready;	    /* the store said who was through */
	int64_t shields_ns; /* of the shields that were asked last */
	/* MACs that knock and have shown no two-way traffic, in this hour: a bit each by a keyed hash. */
	uint64_t crowd[GATEHOUSE_CROWD_BITS / 64];
	size_t crowd_n;
	uint64_t crowd_seed;
	int64_t crowd_until_ns; /* of the loop's clock */
	bool crowd_told;
	uint64_t refused_told;
	struct log_limit limit, crowd_limit, store_limit;
};

struct containment;

/* NULL: out of memory. */
struct gatehouse *gatehouse_new(void);
void gatehouse_free(struct gatehouse *g);

/* Before anything else of a round, and every second: takes up what the store has, as soon as that can be done. */
void gatehouse_tend(struct service *s);
/* The settings say that the gate is off: then what was told of its beginning goes. */
void gatehouse_is_off(struct service *s);

/* A device of a round before the store has it: it may only be shut out. */
void gatehouse_early(struct service *s, const struct device *d);
/* What the store says of a device. */
void gatehouse_note(struct service *s, const struct device *d);
/* Before the holder decides: who waits is held. */
void gatehouse_hold(struct service *s);
/*
 * After it: who is to be in the kernel. `held` is the list that `all` shows; it is put in order, and whom the waiting may reach is added.
 * Those that wait come behind those that policy holds, without those for which there would be too
 * little room behind which nobody who passed would be left out; the rules hold them all the same.
 */
void gatehouse_want(struct service *s, struct contain_wanted *held, struct contain_all *all);

/* Is there anything to store? */
bool gatehouse_has_news(const struct service *s);
/* Within a round. 0 or -errno. */
int gatehouse_store(struct service *s, struct store *store);
int gatehouse_tell(struct service *s, struct eve *v, int (*put)(void *context), void *context);
/* All of it is committed. */
void gatehouse_said(struct service *s);
