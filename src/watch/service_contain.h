/* SPDX-License-Identifier: MIT */
/* The service's part in holding devices: for service*.c and control.c alone. NULL in struct service: nobody is held here. */
#pragma once

#include "watch/enforcer.h"
#include "watch/holder.h"
#include "watch/service.h"
#include "watch/shields.h"

struct containment {
	const struct settings *settings;
	struct holder holder;
	struct enforcer enforcer;
	struct shields shields;
	struct contain_wanted *wanted; /* CONTAIN_DEVICES */
	uv_poll_t poll;
	int64_t now_ns;	    /* of the wall, when it was decided last */
	int64_t shields_ns; /* of the loop's clock, as the next ones */
	int64_t heard_ns;
	int64_t counted_ns; /* counts went into the store */
	size_t counting;    /* whose count was asked for last */
	bool resumed;	    /* what the last service held is known */
	bool missing_told;
	uint64_t failed_told, reloaded_told;
	struct log_limit limit;
};

/* NULL where the settings don't want it, captures are read, or the first process brought no cordon-enforce (one line then). */
struct containment *containment_new(struct service *s);
/* Every second or so. */
void containment_tick(struct service *s);
/* The service ends: devices stay held, or are let go, as the settings say. */
void containment_end(struct service *s);
/* When the loop has ended. */
void containment_free(struct containment *c);

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
/* The owner's word. NULL when it was done; else why not, or what is in the way. *kept: it will be known after a restart. */
const char *containment_order(struct service *s, const struct device *d,
			      const struct holder_order *o, bool *kept);
