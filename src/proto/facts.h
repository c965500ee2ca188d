/* SPDX-License-Identifier: MIT */
/*
 * What parsers told, kept for the end: facts about hosts and logins at servers, one store a lane. The same fact told again
 * is counted, not stored again. Bounded: a host keeps so many values of one signal (limits), the store so many facts;
 * strangers may fill half of it. What finds no room is counted.
 */
#pragma once

#include "base/addr.h"
#include "base/bytes.h"
#include "base/signal.h"
#include "base/slots.h"
#include "base/stripe.h"
#include "proto/login.h"

#include <stdbool.h>
#include <stdint.h>

/* Whom a fact is about. */
struct subject {
	struct addr addr; /* zero: the MAC alone, before it has an address */
	uint16_t mac;	  /* index in the world's MACs, or NO_MAC */
	bool ours;
};

struct fact {
	struct addr addr;
	struct addr peer;  /* the other end when it was first told; part of a deed */
	uint64_t key;	   /* order key of the packet that showed it first … */
	uint64_t last_key; /* … and last */
	int64_t first_ns;
	int64_t last_ns;
	uint32_t count;
	uint32_t text; /* where its value begins in the lane's texts */
	uint16_t mac;
	uint16_t port; /* of the server, when the subject served; else 0 */
	uint8_t len;
	uint8_t signal; /* enum signal */
	uint8_t proto;	/* number of the parser, or PROTO_NONE_ID */
	uint8_t ours;
};

/* One thing told of a subject. */
struct saying {
	struct addr peer; /* the other end */
	struct bytes value;
	uint64_t key; /* order key of the packet */
	int64_t time_ns;
	enum signal signal;
	uint16_t port;
	uint8_t proto;
};

enum {
	PAIR_OWN = -1,	   /* none of the known pairs */
	PAIR_UNKNOWN = -2, /* can't be told from what was seen */
	PROTO_NONE_ID = 0xff
};

/* Logins of one client at one service with one pair and one outcome. */
struct login_fact {
	struct addr server;
	struct addr client;
	uint64_t tried_key;  /* packet of the first try … */
	uint64_t answer_key; /* … and of its answer */
	uint64_t last_key;   /* answer of the last one */
	int64_t first_ns;
	int64_t last_ns;
	int32_t pair; /* number of the first credential with this pair, or PAIR_… */
	uint32_t count;
	uint16_t server_mac;
	uint16_t client_mac;
	uint16_t port;
	uint8_t proto;
	uint8_t scheme;
	uint8_t outcome;
	bool server_ours;
	bool client_ours;
	bool client_stranger;
	bool no_user;
	bool community; /* SNMP's: neither a user nor a password */
	bool cleartext; /* a password could be read: no empty one, no community */
};

enum { FACT_MARKS = 4096 /* bits: four for each fact, with the memory that there usually is */ };

struct facts {
	struct slots slots;
	/* A bit for each fact's hash: of what was never told, most is known by it, without a look into the index. */
	uint64_t marks[FACT_MARKS / 64];
	struct stripe entries; /* of struct fact */
	struct stripe texts;   /* of FACT_PIECE bytes each: a value takes as many as it needs */
	struct slots head_slots;
	struct stripe heads; /* of struct fact_head */
	struct slots login_slots;
	struct stripe logins; /* of struct login_fact */
	uint32_t n;
	uint32_t cap;
	uint32_t texts_n;
	uint32_t texts_cap;
	uint32_t heads_n;
	uint32_t logins_n;
	uint32_t logins_cap;
	uint32_t strangers_n;	   /* facts about hosts that are not ours */
	uint32_t strange_logins_n; /* logins at servers that are not ours */
	uint32_t per_signal;
	uint64_t refused;
	uint64_t surplus; /* values of a host and signal beyond per_signal */
	uint64_t refused_logins;
};

enum { FACT_TEXT = 200, /* longest value */ FACT_PIECE = 16 };

/* One value of one host and signal counts how many there are. */
struct fact_head {
	struct addr addr;
	uint16_t mac;
	uint8_t signal;
	uint8_t n;
};

/* The fact, when it was told before; else NULL. */
const struct fact *facts_find(const struct facts *f, const struct subject *who,
			      const struct saying *said);

static inline void facts_mark(struct facts *f, uint64_t hash)
{
	f->marks[hash % FACT_MARKS / 64] |= UINT64_C(1) << hash % 64;
}

/* key and hashes as in stamps. NULL when there is no room. */
struct fact *facts_add(struct facts *f, const struct subject *who, const struct saying *said);

static inline const struct fact *facts_at(const struct facts *f, uint32_t i)
{
	return stripe_at(&f->entries, i);
}

static inline struct bytes fact_value(const struct facts *f, const struct fact *fact)
{
	return (struct bytes){stripe_at(&f->texts, fact->text), fact->len};
}

static inline struct login_fact *facts_login_at(const struct facts *f, uint32_t i)
{
	return stripe_at(&f->logins, i);
}

/* Did this server challenge for the realm (any, when it is empty) on this port? */
bool facts_challenged(const struct facts *f, const struct addr *server, uint16_t port,
		      struct bytes realm);

/* Is this value of this signal among the facts of a host? */
bool facts_hold(const struct facts *f, const struct subject *who, enum signal signal, uint16_t port,
		struct bytes value);

/* The login that is alike, or NULL. */
struct login_fact *facts_find_login(const struct facts *f, const struct login_fact *login);

/* Adds a login, or counts it on the one that is alike, which is returned; NULL when there is no room. */
struct login_fact *facts_add_login(struct facts *f, const struct login_fact *login);
