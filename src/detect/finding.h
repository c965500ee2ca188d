/* SPDX-License-Identifier: MIT */
/*
 * A finding: what one detector concluded about one sender, with the packets that show it. The verdict stage weighs
 * findings and never looks behind them.
 */
#pragma once

#include "base/addr.h"
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FINDING_PACKETS = 8,
	FINDING_TEXT = 320 /* two IPv6 addresses, a path and a title in one sentence */
};

/* How much a finding says by itself. */
enum weight {
	WEIGHT_NOTE, /* worth telling, accuses nobody */
	WEIGHT_SIGN, /* one kind of sign: suspect */
	WEIGHT_PROOF /* proof of a stage: infected */
};

enum act { /* which stage of an infection it shows */
	   ACT_NONE,
	   ACT_BREACHED,
	   ACT_LOADED,
	   ACT_RECRUITED,
	   ACT_SCANNING,
	   ACT_ATTACKING
};

/* What the peer of a finding is to the accused. */
enum role { ROLE_NONE, ROLE_INTRUDER, ROLE_LOADER, ROLE_COMMAND, ROLE_TARGET };

struct finding {
	const char *detector;
	const char *code;
	struct addr addr; /* of the sender; zero: the MAC as a whole */
	uint16_t mac;	  /* index in the world's MACs, or NO_MAC */
	enum weight weight;
	enum act act;
	const char *family;   /* "mirai", or NULL */
	enum weight stranger; /* what it weighs against a stranger */
	bool borrowed;	     /* sent under an address that is not the device's own; set by reduce */
	uint32_t units;	     /* of the same detector add up over a device's addresses … */
	uint32_t units_sign; /* … to a sign, from so many on */
	uint32_t units_proof; /* … and to proof; 0: they do not add up */
	bool strong;	      /* more than enough of it: confidence may be sure */
	bool after_load; /* says nothing of a device that was not proven to have loaded a program before */
	bool late; /* what it shows had begun before any of it was seen: its stage stands where it usually does */
	bool has_peer;
	struct addr peer;
	enum role role;	      /* of the peer */
	uint16_t port;	      /* of the one who was called, 0: no one port */
	uint16_t caller_port; /* of the caller, in the packet of keys[0]; 0: not known */
	uint32_t device;      /* in the list of devices; set by reduce */
	int64_t first_ns;
	int64_t last_ns;
	uint64_t count;
	int64_t host_first_ns; /* of the sender as a whole, when a lane's host was found out */
	int64_t host_last_ns;
	uint64_t host_packets;
	uint8_t keys_n;
	uint64_t keys[FINDING_PACKETS]; /* order keys, smallest first, at least one */
	char *text; /* room for FINDING_TEXT, NUL and all, until the next one is added */
};

struct findings {
	struct finding *list;
	size_t n;
	size_t cap;
	struct arena texts; /* of the findings, as long as each is … */
	char *open;	    /* … but for the one written last */
	bool failed;	    /* out of memory: the report can't be made */
};

/* A zeroed finding to fill in, or NULL when memory is out. Valid until the next call. */
struct finding *findings_add(struct findings *f);
void findings_fini(struct findings *f);
