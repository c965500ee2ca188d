/* SPDX-License-Identifier: MIT */
/*
 * Who came to the first-use gate, and where each stands: at most CONTAIN_PASSED devices, by contain/gate.h. It does nothing itself. A
 * device is taken in when its packets are surely its own (design: two-way or better); who is not in the list is not through, so that
 * ten thousand invented MACs take no place. Full: of those that are neither open nor have the owner's word the one seen longest
 * ago makes room, then a computer that was not seen for a day; else the newcomer is refused and counted. Nothing is lost by
 * that: what a device is through for is seen again, and meanwhile it waits.
 *
 * Times are those of the clock on the wall, as are those of logins.
 */
#pragma once

#include "base/addr.h"
#include "contain/element.h"
#include "contain/gate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GATEKEEPER_ID = 64,
	GATEKEEPER_BY = 48,
	GATEKEEPER_MACS = 4,
	GATEKEEPER_SERVICE = 32,
	GATEKEEPER_NAME = 64,
	GATEKEEPER_WHAT = 96
};

struct gate_row {
	char id[GATEKEEPER_ID];
	struct mac macs[GATEKEEPER_MACS];
	size_t macs_n;
	struct addr addresses[CONTAIN_ADDRESSES];
	size_t addresses_n;
	char name[GATEKEEPER_NAME]; /* what people know it by: from the network */
	char what[GATEKEEPER_WHAT]; /* maker, class, model: from the network */
	int64_t seen_ns;
	/* Where it stands. */
	enum gate_state state;
	enum gate_reason reason;
	char service[GATEKEEPER_SERVICE]; /* "": none */
	int64_t since_ns;		  /* of the state */
	bool before;
	bool shielded; /* through for that, whatever its state */
	bool listed;   /* the holder has it */
	/* The owner's last word. */
	enum gate_word word;
	int64_t word_ns;
	char by[GATEKEEPER_BY];
	/* What is to be stored and told. */
	bool unkept, unsaid;
	bool is_new;	     /* nothing was told of it yet … */
	enum gate_state was; /* … or this */
};

struct gatekeeper {
	struct gate_row *rows; /* CONTAIN_PASSED, sorted by id */
	size_t n;
	int64_t since_ns; /* the gate was switched on */
	uint64_t refused;
};

int gatekeeper_init(struct gatekeeper *g);
void gatekeeper_fini(struct gatekeeper *g);

struct gate_row *gatekeeper_find(struct gatekeeper *g, const char *id);
/* What is known of a device now. NULL: it has no place in the list. */
struct gate_row *gatekeeper_note(struct gatekeeper *g, const struct device *d, int64_t now_ns);
/* The same from one who may know too little: it only shuts. */
void gatekeeper_worse(struct gatekeeper *g, const struct device *d, int64_t now_ns);
/* Its names and addresses, nothing else. */
void gatekeeper_describe(struct gate_row *r, const struct device *d);

struct gate_said {
	enum gate_word word;
	int64_t now_ns;
	const char *by;
};
/*
 * The owner's word on a device. NULL when it is taken; else why not, in words that go after its name; with *row NULL there is no
 * place for it.
 */
const char *gatekeeper_say(struct gatekeeper *g, const struct device *d,
			   const struct gate_said *said, struct gate_row **row);
/* A row as an earlier service left it; it need not have its macs. False: no room. */
bool gatekeeper_resume(struct gatekeeper *g, const struct gate_row *row);

/* As it stands with its shield. */
struct gate_decision gatekeeper_stands(const struct gate_row *r);
bool gatekeeper_is_through(const struct gate_row *r);
/* MACs of all that are through: the first of each, then further ones, while there is room. */
size_t gatekeeper_passed(const struct gatekeeper *g, struct mac *out, size_t room);

/* The next row from *at on that is to be stored; of these those that are `unsaid` are to be told too. */
struct gate_row *gatekeeper_unkept(struct gatekeeper *g, size_t *at);
/* They are stored and told. */
void gatekeeper_kept(struct gatekeeper *g);
