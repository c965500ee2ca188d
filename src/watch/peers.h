/* SPDX-License-Identifier: MIT */
/*
 * Whom devices speak with in the LAN, as the service wants to know it before it holds one: who looks at an accused device, so that no
 * picture is lost while the firewall learns its viewers, and the recorders of all. For packets.c alone.
 */
#pragma once

#include "engine.h"
#include "hold/recorders.h"
#include "watch/rounds.h"

struct peers {
	struct recorders recorders;
	const struct wire_counts *counts; /* has the networks */
	size_t at;			  /* the device whose recorders are told next */
};

int peers_init(struct peers *p, const struct wire_counts *counts);
void peers_fini(struct peers *p);

/* A conversation ended. */
void peers_ended(struct peers *p, const struct ledger_entry *e);
/* Looks at those that go on; every ten seconds or so. */
void peers_look(struct peers *p, struct engine *engine);
/* Of accused devices always; `all`: recorders of the others too, some at a time. */
void peers_tell(struct peers *p, struct engine *engine, const struct judged *judged, bool all,
		struct rounds *rounds);
