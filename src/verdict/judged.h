/* SPDX-License-Identifier: MIT */
/*
 * What cordon concluded: the model that every report, store and event is written from. Plain values, sorted as
 * schema/report.schema.json asks; strings and arrays live in the arena that made them. Writers only read it.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict { VERDICT_CLEAR, VERDICT_EXPOSED, VERDICT_SUSPECT, VERDICT_INFECTED };
enum confidence { CONFIDENCE_NONE, CONFIDENCE_POSSIBLE, CONFIDENCE_LIKELY, CONFIDENCE_SURE };
enum stage {
	STAGE_NONE,
	STAGE_BREACHED,
	STAGE_LOADED,
	STAGE_RECRUITED,
	STAGE_SCANNING,
	STAGE_ATTACKING
};
/* Weakest first. */
enum backing { BACKING_ADDRESS, BACKING_MAC, BACKING_TWO_WAY, BACKING_SESSION, BACKING_PORT };
enum direction { DIRECTION_OUTBOUND, DIRECTION_INBOUND, DIRECTION_INTERNAL, DIRECTION_TRANSIT };
enum place {
	PLACE_LAN,
	PLACE_WAN,
	PLACE_UPSTREAM,
	PLACE_TELESCOPE,
	PLACE_VICTIM,
	PLACE_MIXED,
	PLACE_UNKNOWN
};
enum vector {
	VECTOR_UDP,
	VECTOR_SYN,
	VECTOR_ACK,
	VECTOR_STOMP,
	VECTOR_VSE,
	VECTOR_GRE_IP,
	VECTOR_GRE_ETH,
	VECTOR_DNS,
	VECTOR_HTTP,
	VECTOR_ICMP,
	VECTOR_AMPLIFICATION,
	VECTOR_FRAGMENT,
	VECTOR_OTHER,
	VECTORS
};

/* The schema's words for the enums above, by value. */
extern const char *const verdict_words[];
extern const char *const confidence_words[];
extern const char *const stage_words[]; /* stage_words[STAGE_NONE] is NULL */
extern const char *const backing_words[];
extern const char *const direction_words[];
extern const char *const place_words[];
extern const char *const vector_words[];

struct where {
	uint32_t input;
	uint64_t packet;
};

struct evidence {
	const char *detector; /* "mirai-scan" */
	const char *code;     /* "C-0001" */
	int64_t first_ns;
	int64_t last_ns;
	uint64_t count;		     /* of packets or events, as the text says */
	const struct where *packets; /* at least one, smallest first */
	size_t packets_n;
	struct addr sender; /* the device's address that did it; zero: not known */
	const char *peer;   /* an address, or NULL */
	const char *text;   /* plain words, one line, no trailing full stop */
	enum stage stage;
	bool inward; /* direction "in" */
	const char *
		role; /* what the peer is: "intruder", "loader", "command-server", "target", or NULL */
	int port;     /* of the one who was called; -1: no one port */
	uint16_t caller_port; /* of the caller, in the first packet cited; 0: not known */
	const char *family;   /* or NULL */
	const char *weight;   /* "proof", "sign" or "note" */
};

/* Packets by time: count[i] were sent from start_ns + i * step_ns on. */
struct series {
	int64_t start_ns;
	int64_t step_ns;
	const uint32_t *count;
	size_t n; /* 0: not known */
};

/* Which /16 networks of IPv4 local devices sent first contacts to that make up a scan. */
struct scan_map {
	const uint8_t *networks; /* 65536 bits, bit 0 of byte 0 is 0.0.0.0/16; NULL: no scan */
	uint32_t n;		 /* of them set */
};

/* One thing that says who made a device, what it is or which firmware it runs. */
struct claim {
	const char *signal; /* "dhcp-host-name" */
	const char *value;  /* what was seen, as it came from the network */
	const char *says;   /* plain words: "D-Link camera DCS-935L" */
	struct where where;
	bool against; /* says something else than what was concluded */
};

enum exposure_kind { /* in the order of the report */
		     EXPOSURE_FACTORY_PASSWORD,
		     EXPOSURE_UNCHANGEABLE_PASSWORD,
		     EXPOSURE_NOT_ACTIVATED,
		     EXPOSURE_OPEN_TELNET,
		     EXPOSURE_RECALLED,
		     EXPOSURE_OUTDATED_FIRMWARE,
		     EXPOSURE_INTERNET_REACHABLE,
		     EXPOSURE_PORT_MAPPING,
		     EXPOSURE_CLEARTEXT_LOGIN,
		     EXPOSURE_KINDS
};
extern const char *const exposure_words[]; /* the schema's, by value */

struct exposure {
	enum exposure_kind kind;
	bool inferred;	     /* from model and firmware; else seen */
	const char *service; /* "telnet/23", or NULL */
	const char *detail;  /* plain words, one line, no trailing full stop */
	struct where where;
	int64_t time_ns; /* when it was seen first */
};

/* When something was seen first and last. */
struct seen {
	int64_t first_ns;
	int64_t last_ns;
};

/* How a service of the device was logged in to last. */
enum access_kind {
	ACCESS_NONE, /* no login was seen; there is a service, and a factory password of this product is known for it */
	ACCESS_FACTORY, /* with a password of the lists, and it was not refused since */
	ACCESS_HIDDEN, /* accepted, but the form can't be checked against the lists; or inside TLS */
	ACCESS_OWN     /* with a password that is in no list */
};
extern const char *const access_words[]; /* "none", "factory", "hidden", "own" */

struct access {
	const char *service; /* "telnet/23" */
	enum access_kind kind;
	bool unchangeable; /* the factory password that was accepted, or is known for it, can't be changed */
	struct where where; /* zero: no login was seen */
	int64_t time_ns;    /* of the login; 0 */
};

struct device {
	const char *id; /* "mac:02:…" or "ip:…" */
	bool local;
	const struct mac *macs;
	size_t macs_n;
	const struct addr *addresses;
	size_t addresses_n;
	const struct seen *addresses_seen; /* of each; NULL: not known */
	const char *const
		*names; /* host names that it gave itself, the one told most often first */
	size_t names_n;
	const char
		*lease; /* how it asks for an address by DHCP: "1,3,6,15 udhcp 1.24.1", or NULL */
	const struct mac *via; /* NULL when seen directly */
	enum backing backing;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t packets_out;
	uint64_t unicast_out;
	bool two_way;
	bool judged; /* more than broadcasts was seen of it */
	enum verdict verdict;
	enum confidence confidence;
	const char *maker;   /* NULL: not known */
	const char *brand;   /* sold under this name, when another maker built it; NULL */
	const char *product; /* class: "camera" */
	const char *model;
	const char *firmware;
	const char *built;	    /* "2014-12-05": the firmware's build date */
	const struct claim *claims; /* best first */
	size_t claims_n;
	const struct exposure *exposures;
	size_t exposures_n;
	/* Services that it offers and whose factory password is known, and those at which a login was accepted; sorted by service.
	 * What the first-use gate asks for. */
	const struct access *accesses;
	size_t accesses_n;
	bool unfixable; /* a recall without a fix names it */
	bool thing;	/* does one job (camera, plug, router): not a computer or phone */
	bool known; /* product class or maker was told by its own behaviour, so that `thing` holds */
	const char *const
		*undecided; /* advisories that may concern it, but its firmware was not seen */
	size_t undecided_n;
	const char *since; /* what speaks for its being clean again: "no sign since …", or NULL */
	struct series rates; /* packets it sent */
	const char *why;     /* one line: why this verdict with this confidence; NULL when clear */
	const enum stage *stages; /* in the order first seen */
	size_t stages_n;
	const char *const *families;
	size_t families_n;
	const struct evidence *evidence;
	size_t evidence_n;
	const char *const *todo; /* "do": first step first */
	size_t todo_n;
};

struct attack {
	enum vector vector;
	struct addr target;
	int port; /* -1 when there is no one port */
	enum direction direction;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t packets;
	uint64_t bytes; /* on the wire */
	uint64_t peak_pps;
	uint64_t sources;
	const uint64_t
		*source_hashes; /* published hash of each, ascending; NULL: too many, or forged */
	size_t source_hashes_n;
	const char *const *devices; /* ids */
	size_t devices_n;
	bool spoofed;
	struct series rates;		 /* packets that arrived, or were sent */
	const char *detail;		 /* plain words, or NULL */
	const struct where *packet_list; /* first packets, for the text report */
	size_t packet_list_n;
};
/* The order of attacks in a report: target, vector and direction as words. For qsort(). */
int attack_order(const void *x, const void *y);

/* One recall or advisory, and the devices that it names. */
struct recall_entry {
	const char *maker;
	const char *advisory;
	const char *action;	    /* what to do, plain words */
	const char *const *devices; /* ids */
	size_t devices_n;
	const char *const *undecided; /* ids of devices of that model whose firmware was not seen */
	size_t undecided_n;
};

/* How many of the devices reported are of one maker, and how they stand. */
struct maker_count {
	const char *maker;
	uint64_t devices;
	uint64_t exposed; /* verdict exposed, or worse with exposures */
	uint64_t infected;
};

struct input {
	const char *path;
	const char *format; /* "pcap" or "pcapng" */
	uint64_t packets;
	uint64_t bytes; /* on the wire */
	bool any;	/* first_ns and last_ns hold */
	int64_t first_ns;
	int64_t last_ns;
	bool damaged;
	uint64_t damage_offset;
	const char *damage_reason;
};

struct count {
	const char *name; /* key under "unseen" */
	uint64_t value;
};

struct judged {
	const char *version;
	const char *knowledge; /* digest of the knowledge used */
	enum place place;
	uint64_t judged;  /* local devices judged … */
	uint64_t of;	  /* … of so many */
	const char *note; /* one sentence on the vantage point, or NULL */
	const struct input *inputs;
	size_t inputs_n;
	const struct prefix *local;
	size_t local_n;
	const struct device *devices; /* sorted by id */
	size_t devices_n;
	const struct attack *attacks; /* sorted by target, vector, direction */
	size_t attacks_n;
	const struct recall_entry *recalls; /* sorted by maker, advisory */
	size_t recalls_n;
	const struct maker_count *makers; /* sorted by maker */
	size_t makers_n;
	struct scan_map scanned;
	const struct count *unseen;
	size_t unseen_n;
	size_t heap_bytes; /* what judging took, the model included; never in a report */
};
