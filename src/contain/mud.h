/* SPDX-License-Identifier: MIT */
/*
 * A MUD profile (RFC 8520): what the maker of a device, or its owner, says the device needs of the network. This is the model
 * alone, as plain values; mud_read.c fills it from JSON, mud_compile.c lays it to one network, mud_rules.c makes a
 * firewall's text of that, mud_match.c asks it of single packets.
 *
 * What a profile says holds as a whole or not at all: a construct that can't be enforced refuses the profile, with the place
 * in the JSON and the reason. Whatever no rule accepts is not allowed (RFC 8520, section 2).
 *
 * The text is a stranger's. All that it can choose has a bound here, and a profile that passes one is refused.
 */
#pragma once

#include "base/addr.h"
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MUD_FILE_BYTES = 64 * 1024,
	MUD_DEPTH = 24,	      /* of braces and brackets; the RFC's own form has 12 */
	MUD_LISTS = 32,	      /* ACLs, and of them those that a policy names */
	MUD_RULES = 256,      /* ACEs of those, both directions together */
	MUD_STRING = 512,     /* bytes of any text, URLs too */
	MUD_NAME = 254,	      /* of a host's name, with its NUL (RFC 1035) */
	MUD_PEERS = 4,	      /* conditions on the other end of one rule, all of which must hold */
	MUD_CACHE_HOURS = 48, /* where the profile doesn't say */
	MUD_REASON = 400
};

enum mud_direction { MUD_FROM_DEVICE, MUD_TO_DEVICE };

/* Of ietf-mud and ietf-acldns: who the other end may be. */
enum mud_peer_kind {
	MUD_NAMED,	       /* a host's name */
	MUD_LOCAL,	       /* in the local networks */
	MUD_CONTROLLER,	       /* of the class that is named */
	MUD_MY_CONTROLLER,     /* of this device */
	MUD_SAME_MANUFACTURER, /* a device whose profile has the same authority in its URL */
	MUD_MANUFACTURER,      /* … the authority that is named */
	MUD_MODEL	       /* a device whose profile has the URL that is named */
};
extern const char *const mud_peer_words[]; /* as the RFC calls them: "local-networks", … */

struct mud_peer {
	enum mud_peer_kind kind;
	const char *what; /* the name, the class, the authority (lower case), the URL; else "" */
};

/* All from `from` to `to`, or all others; 0 to 65535 and not `others` is any port. */
struct mud_ports {
	uint16_t from;
	uint16_t to;
	bool others;
};

enum { MUD_V4 = 1 << 0, MUD_V6 = 1 << 1 };
enum {
	MUD_ANY_PROTOCOL = -1,
	MUD_ICMP = 256, /* ICMP in IPv4, ICMPv6 in IPv6 */
	MUD_ANY_TYPE = -1
};
/* Who began the connection; TCP alone. */
enum mud_begun { MUD_BY_ANY, MUD_BY_DEVICE, MUD_BY_PEER };

/* One ACE in one direction. */
struct mud_rule {
	const char *list; /* name of its ACL */
	const char *name;
	enum mud_direction direction;
	bool drop; /* else accept; the first rule of its direction that matches decides */
	uint8_t families;
	int protocol; /* 0 to 255, MUD_ICMP or MUD_ANY_PROTOCOL */
	enum mud_begun begun;
	struct mud_ports own;
	struct mud_ports peer;
	int icmp_type; /* or MUD_ANY_TYPE; likewise the code */
	int icmp_code;
	bool has_own_prefix;
	bool has_peer_prefix;
	struct prefix own_prefix;
	struct prefix peer_prefix;
	struct mud_peer peers[MUD_PEERS];
	size_t peers_n;
};

struct mud_profile {
	struct arena arena; /* holds all of it */
	const char *url;
	const char *authority;	   /* of the URL, lower case: "mud.example:8443" */
	const char *signature_url; /* "" where there is none, as with all that may be missing */
	const char *systeminfo;
	const char *maker;
	const char *model;
	const char *firmware;
	const char *software;
	const char *documentation;
	int64_t last_update_ns;
	unsigned cache_hours;
	bool supported; /* its maker still does */
	bool draft;	/* in a form of before the RFC */
	struct mud_rule *rules;
	size_t rules_n;
};

/* Why a profile was refused. `where` is the path in the JSON; both are printable ASCII, whatever the profile holds. */
struct mud_refusal {
	char where[MUD_REASON];
	char why[MUD_REASON];
};

/*
 * Reads a profile; false and the refusal when it can't be enforced whole. What the refused one took is given back. Whether the
 * URL in it is the one that the device announced, and whether its signature holds, is for the caller to ask.
 */
bool mud_read(const char *json, size_t len, struct mud_profile *out, struct mud_refusal *refusal);
void mud_fini(struct mud_profile *profile);

/* The authority of an https URL (RFC 3986, 3.2) in lower case, without userinfo, which is refused; false: it is none. */
bool mud_authority(const char *url, char *out, size_t room);
/* A host's name as it is compared: lower case, no dot at its end. False when it is none (labels of letters, digits, - and _). */
bool mud_host_name(const char *name, char *out, size_t room);

static inline bool mud_ports_any(const struct mud_ports *p)
{
	return !p->others && p->from == 0 && p->to == UINT16_MAX;
}

/* Does the rule ask for what only the first fragment of a packet shows? */
static inline bool mud_rule_asks_deep(const struct mud_rule *r)
{
	return r->begun != MUD_BY_ANY || !mud_ports_any(&r->own) || !mud_ports_any(&r->peer) ||
	       r->icmp_type != MUD_ANY_TYPE || r->icmp_code != MUD_ANY_TYPE;
}
