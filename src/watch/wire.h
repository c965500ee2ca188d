/* SPDX-License-Identifier: MIT */
/*
 * What the packets process tells the service and back: messages on a SOCK_SEQPACKET pair, each whole and below WIRE_MOST
 * bytes. Once a round the packets process judges, and says what changed since it last said so; the round ends with
 * WIRE_ROUND, and counts when that has come. A message that finds no room is said again in a later round: nothing here
 * ever waits for the service. A round for which no WIRE_KEPT came within ten seconds is told again whole.
 *
 * A service that begins may find the end of a round whose beginning another one took with it: it says WIRE_AGAIN and drops
 * all that stands before a WIRE_HELLO, which the packets process also sends, unasked, when it begins. What the packets process
 * finds before the WIRE_RESUME of its first HELLO was meant for the one before it.
 *
 * The packets process meets strangers' bytes, so the service trusts none of this: it is read as an archive (base/archive.h),
 * and what can't be ends the message, counted.
 */
#pragma once

#include "base/arena.h"
#include "base/archive.h"
#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_MOST = 160 * 1024, WIRE_VERSION = 2, WIRE_NETWORKS = 65536 / 8 };

enum wire_type {
	/* packets to service */
	WIRE_HELLO =
		1,    /* struct wire_hello: a new life begins; a round that was not ended is void */
	WIRE_DEVICE,  /* struct device: new, or changed */
	WIRE_GONE,    /* an id: no longer among those reported */
	WIRE_ATTACK,  /* struct attack: new, or changed */
	WIRE_RECALL,  /* struct recall_entry: new, or changed */
	WIRE_SCANNED, /* WIRE_NETWORKS bytes: a bit for each /16 of IPv4 that our devices scan */
	WIRE_COUNTS,  /* struct wire_counts */
	WIRE_ROUND,   /* struct wire_round: all of the above counts now */
	WIRE_SUMMARY, /* with a descriptor: the tables as a summary, to be kept for the next life */
	WIRE_FLOW,    /* struct wire_flow: a conversation that ended */
	WIRE_PEERS, /* struct wire_peers: whom an accused device spoke with in the LAN, and the recorders of any */
	WIRE_NAMES, /* struct wire_names: what a device looked up; of no round, and void with no life */
	WIRE_BYE, /* nothing follows: files were read to their end, or it was told to stop */
	/* service to packets */
	WIRE_RESUME = 64, /* answer to HELLO; with the descriptor of the last summary, or without */
	WIRE_KEPT,	  /* struct wire_round: that round is on disk */
	WIRE_KEPT_SUMMARY,
	WIRE_STOP, /* end: a last round, a summary, BYE */
	WIRE_AGAIN /* a new service, or a new store: HELLO again, of the same life, and all is told anew */
};

struct wire_hello {
	uint64_t life; /* differs from that of every other life */
	char version[32];
	char knowledge[17];
};

struct wire_interface {
	char name[64];
	uint64_t packets;
	uint64_t bytes;
	uint64_t dropped;
	uint64_t gone;
	int64_t first_ns;
	int64_t last_ns;
};

struct wire_table {
	char name[24];
	uint64_t entries;
	uint64_t used;
};

struct wire_count {
	char name[32]; /* key under "unseen" */
	uint64_t value;
};

enum { WIRE_INTERFACES = 64, WIRE_TABLES = 40, WIRE_COUNTS_MOST = 48, WIRE_PREFIXES = 80 };

/* Sums since the life began. */
struct wire_counts {
	struct wire_interface interfaces[WIRE_INTERFACES];
	uint32_t interfaces_n;
	struct wire_table tables[WIRE_TABLES];
	uint32_t tables_n;
	struct wire_count unseen[WIRE_COUNTS_MOST];
	uint32_t unseen_n;
	struct prefix local[WIRE_PREFIXES];
	uint32_t local_n;
	enum place place;
	char note[256];
	uint64_t held_back; /* messages that found no room so far */
};

struct wire_round {
	uint64_t number;
	int64_t now_ns;	   /* stage time */
	int64_t wall_ns;   /* of the clock on the wall, when the round was judged */
	uint64_t judge_us; /* judging took */
	uint64_t devices;  /* reported in all */
};

struct wire_flow {
	struct addr client;
	struct addr server;
	uint16_t client_port;
	uint16_t server_port;
	uint8_t transport;
	uint8_t parser; /* number of what was spoken, or 0xff */
	uint16_t vlan;
	uint32_t input;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t packets_out, bytes_out; /* from the client */
	uint64_t packets_in, bytes_in;
};

enum { WIRE_ID = 64, WIRE_PEERS_MOST = 32 };
enum wire_peer {
	WIRE_VIEWER = 1 << 0, /* it spoke with the device lately */
	WIRE_RECORDER =
		1
		<< 1 /* the device streamed to it of its own, before anything was held against it */
};

struct wire_peers {
	char id[WIRE_ID]; /* of the device */
	struct addr peers[WIRE_PEERS_MOST];
	uint8_t kinds[WIRE_PEERS_MOST]; /* enum wire_peer */
	uint32_t peers_n;
};

enum { WIRE_NAMES_MOST = 32, WIRE_NAME = 96, WIRE_NAME_ADDRESSES = 8 };

/* A name that the device asked for itself, and what it was told. */
struct wire_name {
	char name[WIRE_NAME]; /* lower case, without the last dot */
	struct addr server;   /* that answered */
	struct addr addrs[WIRE_NAME_ADDRESSES];
	int64_t until_ns[WIRE_NAME_ADDRESSES]; /* of each */
	uint32_t addrs_n;
	uint8_t near; /* bit i: addrs[i] is of our networks, or private */
};

struct wire_names {
	char id[WIRE_ID]; /* of the device */
	struct wire_name names[WIRE_NAMES_MOST];
	uint32_t names_n;
};

/* Sends one message; never waits. 0 or -errno (-EAGAIN: no room now). fd: comes along, or -1. */
int wire_send(int to, enum wire_type type, const uint8_t *at, size_t len, int fd);

/* A message as it came. */
struct wire_message {
	enum wire_type type;
	struct bytes body;
	int fd; /* the caller closes; -1: none */
};
/* Takes one message into the buffer of WIRE_MOST bytes; never waits. 1, 0 when there is none, or -errno. */
int wire_receive(int from, uint8_t *buffer, struct wire_message *out);

/*
 * Records to and from messages. When reading, strings and lists live in the arena; false when the record can't be (or
 * memory is out). When writing, `to` gets it, and false means that it is longer than WIRE_MOST.
 */
bool wire_write_device(const struct device *d, struct archive *to);
bool wire_read_device(struct bytes from, struct arena *arena, struct device *d);
bool wire_write_attack(const struct attack *a, struct archive *to);
bool wire_read_attack(struct bytes from, struct arena *arena, struct attack *a);
bool wire_write_recall(const struct recall_entry *r, struct archive *to);
bool wire_read_recall(struct bytes from, struct arena *arena, struct recall_entry *r);
void wire_hello(struct archive *a, struct wire_hello *h);
void wire_counts(struct archive *a, struct wire_counts *c);
void wire_round(struct archive *a, struct wire_round *r);
void wire_flow(struct archive *a, struct wire_flow *f);
void wire_peers(struct archive *a, struct wire_peers *p);
void wire_names(struct archive *a, struct wire_names *n);
