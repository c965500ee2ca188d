/* SPDX-License-Identifier: MIT */
/*
 * A protocol: one file, one line in protos.def. A parser reads bytes of a stranger through a cursor and tells what it
 * learns of either end. It does no I/O, reads no clock, keeps no globals; what it must remember between two packets of
 * a conversation stands in `state`.
 *
 * Serial numbers, cloud ids and keys of people's devices are never told.
 */
#pragma once

#include "base/bytes.h"
#include "base/signal.h"
#include "decode/packet.h"
#include "proto/login.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PROTO_STATE_MAX = 1536, /* bytes of state a conversation may have */
	PROTO_PORTS = 8,
	STREAM_WINDOW = 8192, /* bytes that a stream parser may wait for at once */
	TELL_MAX = 200	      /* bytes of a value that are kept */
};

enum carrier {
	OVER_UDP = 1 << 0,
	OVER_TCP = 1 << 1,
	OVER_HTTP = 1 << 2, /* bodies of HTTP messages (and of SSDP's relatives) */
	OVER_LINK = 1 << 3, /* frames without IP: ARP, LLDP, CDP, … */
	OVER_ICMP = 1 << 4  /* ND; data is what stands behind type, code and checksum */
};

/* Which end of a conversation, seen from the bytes at hand. */
enum party { SENDER, RECEIVER };

enum match {
	MATCH_NO,
	MATCH_MAYBE, /* too few bytes to say */
	MATCH_YES
};

/* What recognisers are shown: the first bytes of one direction, or a datagram. */
struct glance {
	struct bytes data;
	uint16_t sport;
	uint16_t dport;
	bool from_client; /* TCP: sent by the one who opened the connection (a guess when the opening was not seen) */
	bool hinted; /* one of the ports is among the protocol's own */
	bool body;   /* a body of HTTP; a protocol without mine() is shown all of them */
};

/* Bytes of one direction of a TCP connection, in order, or a datagram, or a body. */
struct talk {
	const struct packet *packet; /* the one that completed these bytes */
	struct bytes data;	     /* not used up yet; a datagram or body: all of it */
	void *state; /* state_size zeroed bytes at first, shared by both directions; NULL when state_size is 0 */
	bool from_client; /* as in glance; a body: of a request */
	bool gap;	  /* bytes right before these were lost: what was begun is broken off */
	bool joined; /* … only because the connection was under way before the capture: nothing was begun */
	bool closed; /* nothing follows in this direction; data may be empty */
	bool failed; /* a body of an answer whose status says that it is an error */
	/* By enum party: nobody of ours. Of those only what a device says of itself is kept: work may be saved. */
	bool foreign[2];
};

/* A request, for those that malware.tsv knows: sent by SENDER. */
struct request {
	struct bytes method; /* "POST", or the protocol when it has none: "DVRIP" */
	struct bytes target; /* as it was sent, with its query */
	struct bytes body;   /* the first bytes of it, when they are here; else empty */
};

/* The stage to the right of parsers listens through these. */
struct telling {
	void (*tell)(struct telling *to, const struct talk *talk, enum signal signal,
		     enum party about, struct bytes value);
	void (*login)(struct telling *to, const struct talk *talk, const struct login *login,
		      enum party server, enum login_outcome outcome);
	/* Hands a body of HTTP to the protocols that are carried over it. */
	void (*body)(struct telling *to, const struct talk *talk, struct bytes body);
	/*
	 * Is it one that malware.tsv knows? Then that is kept of both ends. Returns 1 + its number there, 0: it is none.
	 * Ask again with the body when it comes, unless the answer was other than 0 before.
	 */
	unsigned (*request)(struct telling *to, const struct talk *talk,
			    const struct request *request);
	/* SENDER answered such a request as if it were fine. */
	void (*worked)(struct telling *to, const struct talk *talk, unsigned number);
	/* Is it a User-Agent with which droppers fetch, by malware.tsv? Wget and curl are everybody's. */
	bool (*dropper)(struct telling *to, struct bytes agent);
};

/* A stream parser that wants nothing more of this conversation. */
#define STREAM_DONE ((size_t)-1)

struct proto {
	const char *name;    /* "dhcp" */
	const char *summary; /* one line */
	uint8_t carriers;    /* enum carrier */
	bool timid;  /* weak marks: recognised on its own ports only, or after all others said no */
	bool paired; /* UDP: questions and answers are joined in a conversation, which has a state */
	uint16_t state_size;
	uint16_t ports[PROTO_PORTS]; /* hints; 0 ends the list */
	/* Is it mine? For UDP and TCP; cheap. Never reads beyond glance.data. */
	enum match (*mine)(const struct glance *g);
	/* UDP, LINK, ICMP, HTTP bodies: false when it is malformed or not mine after all. */
	bool (*datagram)(const struct talk *t, struct telling *to);
	/*
	 * TCP: reads what it can and returns how many bytes it used up. The rest is offered again with what follows,
	 * up to STREAM_WINDOW bytes; a window that is full and of which nothing is used up loses its bytes (gap).
	 * Called once more with `closed` when a direction ends.
	 */
	size_t (*stream)(struct talk *t, struct telling *to);
};

enum proto_id {
#define PROTO(name) PROTO_##name##_id,
#include "proto/protos.def"
#undef PROTO
	PROTOS
};

#define PROTO(name) extern const struct proto proto_##name;
#include "proto/protos.def"
#undef PROTO

extern const struct proto *const protos[PROTOS];

/* Tells a value with blanks at either end cut off and control bytes become blanks; an empty value is not told. */
void tell(struct telling *to, const struct talk *t, enum signal signal, enum party about,
	  struct bytes value);
void tell_text(struct telling *to, const struct talk *t, enum signal signal, enum party about,
	       const char *value);
void tell_printf(struct telling *to, const struct talk *t, enum signal signal, enum party about,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));
void tell_login(struct telling *to, const struct talk *t, const struct login *login,
		enum party server, enum login_outcome outcome);
/* It answers in this protocol: once it is sure that the sender (or receiver) serves it. */
void tell_service(struct telling *to, const struct talk *t, enum party server,
		  const struct proto *proto);
