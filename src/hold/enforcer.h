/* SPDX-License-Identifier: MIT */
/*
 * The service's end of the pair to cordon-enforce (enforce/message.h): what should be in the kernel is handed over whole,
 * and what differs from what was told before is sent. Nothing here waits: what finds no room is sent when there is some. When the
 * other side begins anew, or could not do something, everything is told again between BEGIN and END.
 */
#pragma once

#include "contain/plan.h"
#include "enforce/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENFORCER_FORGETS = 256 };

struct enforcer {
	int fd;	      /* -1: there is none */
	bool heard;   /* it said HELLO, or answered */
	bool begun;   /* BEGIN was sent, END was not yet */
	bool partial; /* what is wanted is not all known yet: nothing that is held goes for that */
	bool again;   /* all is to be told anew, from again_ns on */
	int64_t again_ns;
	struct contain_element *wanted; /* CONTAIN_ELEMENTS each */
	size_t wanted_n;
	struct contain_element *told;
	size_t told_n;
	struct contain_action *actions; /* twice as many */
	uint64_t first; /* cookies begin here: answers to an earlier service are none of ours */
	uint64_t cookie;
	uint64_t answered;		      /* cookie of the last answer */
	uint64_t refused;		      /* devices for whose elements there was no room */
	uint64_t failed;		      /* messages that could not be carried out … */
	int why;			      /* … the last one's errno value */
	uint64_t reloaded;		      /* times that somebody took the tables away */
	struct addr forget[ENFORCER_FORGETS]; /* whose connections are to end, once all is told */
	size_t forget_n;
	struct mac counting; /* whom the message with this cookie asks about */
	uint64_t count_cookie;
	/* An answer to enforcer_count(). */
	void (*counted)(void *context, const struct mac *mac, uint64_t packets, uint64_t bytes);
	void *context;
};

/* 0 or -ENOMEM. A descriptor of -1 is one that never answers. */
int enforcer_init(struct enforcer *e, int fd);
void enforcer_fini(struct enforcer *e);

/* From now on this is held; sorted by importance. Sends what it can. now_ns: of the clock on the wall. */
void enforcer_want(struct enforcer *e, const struct contain_all *all, int64_t now_ns);
/* Takes answers, and sends what found no room; to be called when the pair can be read, and every second. */
void enforcer_tend(struct enforcer *e, int64_t now_ns);
/* Asks what was dropped of a device; answered by `counted`. One question at a time: false, and it was not asked. */
bool enforcer_count(struct enforcer *e, const struct mac *mac);
/* Deletes the connections that conntrack knows of an address, as soon as what is wanted was told: who is held can't open them
 * again. More than ENFORCER_FORGETS that wait are not: they end by their time, and no packet of theirs passes. */
void enforcer_forget(struct enforcer *e, const struct addr *addr);
/* Everything is lifted: tables and all. */
void enforcer_remove_all(struct enforcer *e);
/* All that is wanted was sent, and answered. */
bool enforcer_is_done(const struct enforcer *e);
