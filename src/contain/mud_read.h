/* SPDX-License-Identifier: MIT */
/*
 * Inside the reader of profiles (mud_read.c, mud_ace.c, mud_conditions.c): places in the JSON, refusals, and objects that are read by
 * tables of their members. For these files alone; mud.h has what others call.
 */
#pragma once

#include "contain/mud.h"

#include <jansson.h>

/* Where the reader is: a list on the stack, for refusals. */
struct mud_where {
	const struct mud_where *up;
	const char *key; /* NULL: an element of an array */
	size_t index;
};

struct mud_reader {
	struct mud_profile *profile;
	struct mud_refusal *refusal;
	size_t room; /* in profile->rules */
};

/* An ACL that a policy names, in the direction of that policy. */
struct mud_list {
	const char *name;
	uint8_t families; /* of its type */
	enum mud_direction direction;
};

/*
 * A member that an object may have. A key bears the name of its module, or none (RFC 7951, section 4); twice the same member
 * under both spellings is refused, and so is what is not in the table.
 */
struct mud_member {
	const char *name;
	const char *module; /* "ietf-mud"; NULL: that of the list of rules */
	bool (*read)(struct mud_reader *r, const struct mud_where *at, const json_t *value,
		     void *into);
};

/* Always false. */
bool mud_refuse(struct mud_reader *r, const struct mud_where *at, const char *why);
/* strangers: members of modules that are not ours are passed over, for they can't widen anything there. */
bool mud_read_members(struct mud_reader *r, const struct mud_where *at, const json_t *object,
		      const struct mud_member *members, void *into, bool strangers);
/* A number of 0 to max. */
bool mud_read_number(struct mud_reader *r, const struct mud_where *at, const json_t *value,
		     unsigned max, unsigned *out);
/* A string of at most MUD_STRING bytes; borrowed. */
const char *mud_read_string(struct mud_reader *r, const struct mud_where *at, const json_t *value);
/* An identity or a keyword, without its module. */
const char *mud_read_word(struct mud_reader *r, const struct mud_where *at, const json_t *value);

enum { MUD_NONE = -1, MUD_TCP = 6, MUD_UDP = 17, MUD_ICMP4 = 1, MUD_ICMP6 = 58 };

/* What one ACE says, before its parts are laid beside each other. */
struct mud_ace {
	const struct mud_list *list;
	const char *name;
	uint8_t families;      /* of its ethertype and of ipv4 or ipv6 */
	bool ipv4, ipv6, link; /* matches of these are there */
	bool kept_anyway;      /* of what every host needs: ARP, or the keys of a Wi-Fi */
	int protocol;
	int carried; /* of tcp, udp, icmp: MUD_TCP, MUD_UDP, MUD_ICMP, or MUD_NONE */
	enum mud_begun begun;
	const char *source_name, *target_name;
	bool has_source, has_target;
	struct prefix source, target;
	struct mud_ports source_ports, target_ports;
	bool has_source_ports, has_target_ports;
	int type, code;
	struct mud_peer peers[MUD_PEERS];
	size_t peers_n;
	bool acts, drop;
};

/* Its "matches" and "actions": members that a table names. */
bool mud_read_matches(struct mud_reader *r, const struct mud_where *at, const json_t *value,
		      void *ace);
/* One more condition on the other end. */
bool mud_add_peer(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace,
		  enum mud_peer_kind kind, const char *what);
/* All ACEs of one ACL to rules. */
bool mud_read_aces(struct mud_reader *r, const struct mud_where *at, const json_t *aces,
		   const struct mud_list *list);
