/* SPDX-License-Identifier: MIT */
/*
 * A detector: one file, one line in detectors.def. It sees the packets of one lane in input order and keeps two kinds
 * of state: for each host that it asks for, from a pool of its own in the lane, and for the lane as a whole. It does
 * no I/O, reads no clock and keeps no globals; what it concludes it says in conclude(), when the lanes are joined.
 */
#pragma once

#include "base/archive.h"
#include "base/budget.h"
#include "base/knowledge.h"
#include "detect/finding.h"
#include "detect/story.h"
#include "flow/hosts.h"
#include "flow/stamp.h"
#include "flow/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum detector_id {
#define DETECTOR(name) DETECTOR_##name,
#include "detect/detectors.def"
#undef DETECTOR
	DETECTORS
};

/*
 * Fixed room for the states of one detector in one lane. Full: refused and counted, never evicted. A quarter is kept
 * for hosts on our side.
 */
struct pool {
	struct stripe states;
	uint32_t n;
	uint32_t cap;
	uint32_t given; /* the first so many were given out before */
	uint32_t free;	/* 1 + place of one that was given back, 0: none */
	uint64_t refused;
};

/* What makes a packet of a sender worth a detector's while; most packets show none of it. */
enum hint {
	HINT_MARK = 1 << 0,   /* a SYN with the Mirai mark */
	HINT_TOOL = 1 << 1,   /* … with that of ZMap or masscan */
	HINT_TESTED = 1 << 2, /* … without a mark, to a telnet-class port or one of other worms */
	HINT_OURS = 1 << 3,   /* anything from a host on our side */
	HINTS = 16	      /* combinations of them */
};

enum { AHEAD_CELLS = 2048, AHEAD_BYTES = 8 };

enum { SCAN_MAP_BYTES = 8192 /* a bit for each /16 of IPv4 */ };

struct lane {
	const struct knowledge *knowledge;
	uint8_t *
		scan_map; /* which /16 networks our hosts sent first contacts to that a scan would */
	int64_t end_ns;	  /* stage time of the last packet, set before conclude() */
	bool end_uplink;  /* answers from outside were seen then */
	uint64_t one_way; /* contacts not judged because the link showed no answers */
	uint64_t answers; /* SYN-ACKs and resets to addresses that sent something before */
	uint64_t unasked; /* answers to addresses that never sent anything: backscatter */
	uint32_t
		urgent; /* hosts of ours that a detector has just decided: whoever watches live judges at once */
	struct hosts hosts;
	struct pool pools[HOST_STATES];
	const char *
		ahead; /* what passing() touches first of a target: AHEAD_CELLS of AHEAD_BYTES, by the target's hash */
	void *own[DETECTORS]; /* lane-wide states */
};

struct detector {
	const char *name; /* as in the report */
	const char *code; /* stable, never reused */
	const char *summary;
	uint8_t kinds;	 /* enum stamp_kind it wants of senders */
	uint8_t answers; /* enum stamp_kind it wants that are addressed to a known host; of KIND_UDP name servers' answers alone */
	uint8_t hints; /* enum hint: of senders it has no state for, it wants only packets that show one of these */
	int slot; /* in host.state and lane.pools; -1: no state of hosts */
	uint32_t state_size;
	uint32_t share; /* of the budget for states, in percent */
	bool ours_only; /* keeps states for hosts on our side alone: its pool may be small */
	/* A packet that the host sent. */
	void (*sent)(struct lane *lane, struct host *host, const struct stamp *s);
	/* A packet addressed to the host. */
	void (*answered)(struct lane *lane, struct host *host, const struct stamp *s);
	/* All packets, known hosts or not, some dozens at once. lanes[i] is NULL where others run that lane. One detector alone
	 * has this, and looks at targets. */
	void (*passing)(struct lane *const lanes[LANES], const struct stamp *stamps, uint32_t n);
	/* Takes the lane-wide states' memory, all lanes' at once; -ENOMEM when it can't be had. share: bytes a lane. */
	int (*prepare)(struct lane lanes[LANES], struct budget *budget, size_t share);
	/* What the host's state says, once all packets were seen. */
	void (*conclude)(struct lane *lane, const struct host *host, const void *state,
			 struct findings *out);
	/* What was told of one device, after devices and their facts are joined. */
	void (*judge_story)(const struct story *story, struct findings *out);
	/*
	 * For summaries, all three where hosts have states. settle: all packets were seen; decides or drops what waited for
	 * more of them, in a copy of the state. fields: to or from a file. join: adds what the state says that the same host
	 * has in a summary whose packets come later; never takes back what either of the two had decided.
	 */
	void (*settle)(struct lane *lane, void *state);
	void (*fields)(struct archive *a, void *state);
	void (*join)(void *state, const void *later, const struct limits *limits);
	/* Where tables forget: the host goes on; drops what its state holds too much of. Or NULL. */
	void (*expire)(void *state);
	/* What the reader's world says, all lanes aside. */
	void (*conclude_world)(const struct world *w, struct findings *out);
};

#define DETECTOR(name) extern const struct detector detector_##name;
#include "detect/detectors.def"
#undef DETECTOR

extern const struct detector *const detectors[DETECTORS];

/* The host's state in a detector's slot, made (zeroed) when there is room; NULL otherwise. */
void *detect_state(struct lane *lane, struct host *host, int slot);
/* The same, or NULL when it was never made. */
void *detect_state_if(const struct lane *lane, const struct host *host, int slot);

/* Gives back all states of a host that is forgotten. */
void detect_give_back(struct lane *lane, struct host *host);

/* To be called once, when the host's state has decided it. Read by the reader's thread while lanes run. */
static inline void detect_urge(struct lane *lane, const struct host *host)
{
	if ((host->flags & HOST_OURS) != 0)
		(void)__atomic_fetch_add(&lane->urgent, 1, __ATOMIC_RELAXED);
}

/* From now on the detector sees only those packets of the host that show a hint. */
static inline void detect_unwatch(struct host *host, int slot)
{
	host->flags &= (uint16_t) ~(HOST_WATCHED << slot);
}

/* Marks the network of a first contact that one of our hosts sent, as a scan would. */
static inline void detect_map(struct lane *lane, const struct stamp *s)
{
	uint32_t network = addr_low32(&s->packet->dst) >> 16;

	if ((s->flags & STAMP_SRC_OURS) != 0 && (s->packet->flags & PACKET_V6) == 0)
		lane->scan_map[network >> 3] |= (uint8_t)(1U << (network & 7));
}

/* The sum, or the largest value there is. */
static inline uint32_t add_most(uint32_t a, uint32_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

/* Adds a port to those kept, when it is new and there is room. */
static inline void keep_port(uint16_t *ports, uint8_t *n, unsigned most, uint16_t port)
{
	for (unsigned i = 0; i < *n; i++) {
		if (ports[i] == port)
			return;
	}
	if (*n < most)
		ports[(*n)++] = port;
}

/* Keeps the first FINDING_PACKETS keys. */
static inline void keep_key(uint64_t keys[FINDING_PACKETS], uint8_t *n, uint64_t key)
{
	if (*n < FINDING_PACKETS)
		keys[(*n)++] = key;
}
