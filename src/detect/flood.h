/* SPDX-License-Identifier: MIT */
/*
 * Floods, seen at their target: what the gate admits, what is counted of it, what is concluded. The files:
 * flood_vector (packet to vector), flood_gate (who is counted at all), flood_sources (how many take part), flood_shape
 * (is it a disciplined stream?), flood_judge (is it a flood?), flood (the detector itself).
 */
#pragma once

#include "base/hash.h"
#include "base/rates.h"
#include "detect/detect.h"
#include "detect/flood_gate.h"
#include "detect/flood_shape.h"
#include "detect/flood_sources.h"
#include "detect/flood_vector.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	FLOOD_SENDER_PACKETS = 4,
	FLOOD_NAMES = 2048,   /* names of a zone looked at for repeats */
	FLOOD_MACS = 8,	      /* MACs that sent to a target, by vector */
	FLOOD_LABEL = 72,     /* bytes of a zone or request line kept */
	FLOOD_ANSWERED = 1024 /* cells that remember conversations a target opened */
};

struct flood_mac {
	uint16_t mac;
	uint64_t packets;
	uint64_t false_source; /* from addresses that are not ours, with a start TTL */
};

/* Somebody on our side who sends to a target by a vector. */
struct flood_sender {
	struct addr addr; /* zero: the MAC, under invented addresses */
	uint32_t record;
	uint16_t mac;
	uint8_t keys_n;
	uint64_t hash;
	uint64_t packets;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t keys[FLOOD_SENDER_PACKETS];
};

/* What was counted of one vector against one target. */
struct flood_record {
	uint32_t target;
	uint8_t vector; /* enum flood_vector */
	uint8_t macs_n;
	uint8_t keys_n;
	uint64_t packets;
	uint64_t bytes;
	int64_t first_ns;
	int64_t last_ns;
	uint32_t second; /* the one being counted */
	uint32_t in_second;
	uint32_t peak;
	uint32_t peak_two;  /* most in two seconds on end: a burst does not begin with the second */
	uint32_t in_last;   /* packets of the second before the one being counted */
	struct rates rates; /* packets by time, but for the second being counted */
	uint32_t hot_seconds; /* with at least the vector's least rate */
	uint64_t tunnelled;   /* packets that came out of a tunnel */
	uint64_t answered;    /* packets of conversations that the target had opened */
	uint64_t raw;	      /* SYNs that no kernel sends: no options, or window 0 with options */
	uint64_t from_ours;   /* packets from our side */
	uint64_t random_names;
	uint64_t label_hash; /* majority vote over zones or request lines */
	int64_t label_votes;
	uint64_t labelled; /* packets with the label since it won */
	char label[FLOOD_LABEL];
	uint64_t empty;	     /* TCP packets without payload */
	uint64_t names_seen; /* names looked at for repeats, at most FLOOD_NAMES */
	union {
		uint64_t amplifiers[AMPLIFIERS_MAX + 1];
		uint64_t names[AMPLIFIERS_MAX + 1]; /* DNS: linear counting of names */
	};
	uint64_t lengths_same; /* packets as long as the one before */
	uint32_t last_length;
	struct flood_shape shape;
	struct flood_sources sources;
	struct flood_mac macs[FLOOD_MACS];
	uint64_t keys[FINDING_PACKETS];
};

struct flood_target {
	struct addr addr;
	uint64_t replies_udp; /* packets the target sent since it was admitted */
	uint64_t replies_tcp; /* … resets left out */
	uint64_t replies_icmp;
	uint64_t replies_other; /* … of other protocols, GRE among them */
	uint64_t resets;
	uint64_t syns_sent;
	uint64_t sent;
	uint64_t received;
	uint64_t went_on; /* TCP packets to it that are neither SYN nor SYN-ACK nor reset */
	uint32_t record[FLOOD_VECTORS]; /* 1 + index, 0: none */
	bool prefix_local;
};

/* All that a lane knows of floods. */
struct flood_lane {
	struct gate gate;
	struct slots target_slots;
	struct slots sender_slots;
	struct flood_target *targets;
	struct flood_record *records;
	struct flood_sender *senders;
	uint64_t *answered; /* FLOOD_ANSWERED tags of (target, source, ports) */
	struct sources_pool sources;
	uint32_t last_sender; /* the ones found last: floods come in runs */
	uint32_t last_target;
	uint32_t targets_n, targets_cap;
	uint32_t records_n, records_cap;
	uint32_t senders_n, senders_cap;
	uint64_t refused_targets;
	uint64_t refused_senders;
};

/* What a record amounts to, for reduce. */
enum flood_kind {
	FLOOD_IS_NONE,
	FLOOD_IS_ATTACK,
	FLOOD_IS_STOMP /* an attack by FLOOD_ACK that turned out to be one */
};

enum flood_kind flood_judge(const struct flood_lane *f, const struct flood_record *r,
			    const struct limits *limits);
/* The record of a vector against a target, made while there are fewer than cap; NULL otherwise (counted). */
struct flood_record *flood_record_of(struct flood_lane *f, struct flood_target *t, uint8_t vector,
				     uint32_t cap);
int64_t flood_least_rate(enum flood_vector vector, const struct limits *limits);
/* Plain words on what is special: zone, amplifiers, ports. */
void flood_describe(const struct flood_record *r, const struct knowledge *k, char *text,
		    size_t size);

/* Where a sender of a record stands in the index. */
static inline uint64_t flood_sender_hash(const struct flood_lane *f, const struct addr *addr,
					 uint32_t record, uint16_t mac)
{
	return hash_more(hash_keyed(addr, f->sender_slots.seed), (uint64_t)record << 16 | mac);
}

struct ages;
/* Forgets records, and targets and senders with them (flood_age.c). */
void flood_age(struct flood_lane *f, struct ages *a, const struct limits *limits);

static inline struct flood_lane *flood_lane_of(const struct lane *lane)
{
	return lane->own[DETECTOR_flood];
}
