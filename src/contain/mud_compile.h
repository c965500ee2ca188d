/* SPDX-License-Identifier: MIT */
/*
 * A profile laid to one network: rules over addresses, in place of names and classes. A pure function of the profile and of
 * what is known of the network; it is asked again whenever that changes. What is not known opens nothing: a name that the device
 * never asked for, a class to which nobody is assigned.
 *
 * A name opens addresses of the Internet only, whoever answered for it: an answer that points into the own networks, or to
 * loopback or link-local addresses (DNS rebinding), is left out and counted. A rule that says local-networks beside the name is
 * the one way to have it otherwise.
 */
#pragma once

#include "contain/mud.h"

enum {
	MUD_LINES = 2 * MUD_RULES,	    /* a rule for both families is two lines */
	MUD_GROUPS = MUD_RULES * MUD_PEERS, /* different names and classes of one profile */
	MUD_GROUP_HOSTS = 64, /* addresses of one of them; those beyond are left out and counted */
	MUD_PREFIXES = 80     /* local networks, with those of links */
};

/* What the device was told when it asked for a name itself, and until when that holds. */
struct mud_binding {
	const char *name; /* as mud_host_name() makes it */
	struct addr addr;
	int64_t until_ns;
};

/* Another device of this network whose profile its owner took. */
struct mud_neighbour {
	struct addr addr;
	const char *authority; /* of its profile's URL, as mud_authority() makes it */
	const char *url;
};

/* An address that serves a class of controllers, as its owner says: urn:ietf:params:mud:dns is the gateway's. */
struct mud_controller {
	const char *class_uri; /* "": what is my-controller to this device */
	struct addr addr;
};

struct mud_place {
	const struct prefix *lan; /* own networks; those of links belong to them always */
	size_t lan_n;
	const struct mud_binding *bindings;
	size_t bindings_n;
	const struct mud_neighbour *neighbours; /* without the device itself */
	size_t neighbours_n;
	const struct mud_controller *controllers;
	size_t controllers_n;
	int64_t now_ns;
};

struct mud_host {
	struct addr addr;
	int64_t until_ns; /* 0: no end */
};

/* The addresses that one name or class stands for now. */
struct mud_group {
	enum mud_peer_kind kind;
	const char *what;
	struct mud_host *hosts; /* sorted by address, each once, with its later end */
	size_t n;
	unsigned left_out; /* beyond MUD_GROUP_HOSTS */
	unsigned rebound;  /* answers that point where no name may */
};

enum { MUD_NO_GROUP = 0xffff };

/* One rule for one family. All that it says must hold. */
struct mud_line {
	uint16_t rule; /* of the profile, which it must not outlive */
	bool v4;
	bool to_device;
	bool drop;
	bool local;	  /* the other end is in the local networks */
	int16_t protocol; /* or MUD_ANY_PROTOCOL */
	enum mud_begun begun;
	struct mud_ports own;
	struct mud_ports peer;
	int16_t icmp_type; /* or MUD_ANY_TYPE */
	int16_t icmp_code;
	struct prefix own_prefix; /* 0 bits: any */
	struct prefix peer_prefix;
	uint16_t groups[MUD_PEERS]; /* the other end is in each; MUD_NO_GROUP behind the last */
	bool deep;		    /* asks for what fragments may hide: accepts none, drops all */
};

struct mud_ready {
	struct arena arena;
	struct mud_line *lines; /* in the order in which they decide */
	size_t lines_n;
	struct mud_group *groups;
	size_t groups_n;
	struct prefix local[MUD_PREFIXES];
	size_t local_n;
	unsigned rebound;  /* of all groups */
	unsigned left_out; /* likewise, and local networks beyond MUD_PREFIXES */
	unsigned
		nobody; /* classes, not names, to which nobody is assigned: rules that open nothing until someone is */
};

/* False when there is no memory; then nothing is there. */
bool mud_compile(const struct mud_profile *profile, const struct mud_place *place,
		 struct mud_ready *out);
void mud_ready_fini(struct mud_ready *ready);
bool mud_is_local(const struct mud_ready *ready, const struct addr *addr);
