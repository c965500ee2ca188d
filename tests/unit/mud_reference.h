/* SPDX-License-Identifier: MIT */
/*
 * What a MUD file says of one packet, read straight from its JSON for each question: slow, and written from the words of
 * RFC 8519 and 8520 alone, beside src/contain/mud_*.c and not from it. What it does not know matches nothing, so a reader that
 * passed over a condition is found out.
 *
 * Shared with the compiler is only what cannot be right or wrong: the packet and the description of the network.
 */
#pragma once

#include "contain/mud_match.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reference {
	const json_t *file;
	const struct mud_place *place;
	const struct mud_packet *packet;
	const json_t *matches; /* of the ACE in question */
	bool drops;	       /* it does: what a fragment hides is then taken as if it matched */
};

/* A member by its name, with or without its module. */
static inline const json_t *reference_get(const json_t *object, const char *name)
{
	json_t *walked = (json_t *)(uintptr_t)object;
	const char *key;
	json_t *value;

	json_object_foreach(walked, key, value)
	{
		const char *colon = strchr(key, ':');

		if (strcmp(colon != NULL ? colon + 1 : key, name) == 0)
			return value;
	}
	return NULL;
}

static inline const char *reference_word(const json_t *object, const char *name, const char *draft)
{
	const json_t *value = reference_get(object, name);
	const char *word;

	if (value == NULL && draft != NULL)
		value = reference_get(object, draft);
	word = json_string_value(value);
	if (word != NULL && strchr(word, ':') != NULL && strncmp(word, "ietf-", 5) == 0)
		word = strchr(word, ':') + 1;
	return word != NULL ? word : "";
}

static inline bool reference_is_v4(const struct addr *a)
{
	static const uint8_t zero[10];

	return memcmp(a->b, zero, 10) == 0 && a->b[10] == 0xff && a->b[11] == 0xff;
}

/* Bit by bit. */
static inline bool reference_in(const struct addr *a, const struct prefix *p)
{
	if (reference_is_v4(a) != reference_is_v4(&p->addr))
		return false;
	for (unsigned i = 0; i < p->bits; i++) {
		if (((a->b[i / 8] ^ p->addr.b[i / 8]) & 0x80 >> i % 8) != 0)
			return false;
	}
	return true;
}

static inline bool reference_is_local(const struct reference *r, const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	for (size_t i = 0; i < r->place->lan_n; i++) {
		if (reference_in(a, &r->place->lan[i]))
			return true;
	}
	if (!reference_is_v4(a))
		return (a->b[0] == 0xfe && a->b[1] >> 6 == 2) || (a->b[0] == 0xff && a->b[1] == 2);
	return (b[0] == 169 && b[1] == 254) || (b[0] == 224 && b[1] == 0 && b[2] == 0) ||
	       (b[0] == 239 && b[1] == 255) || (b[0] & b[1] & b[2] & b[3]) == 255;
}

/* Outside: a unicast address that the Internet routes. */
static inline bool reference_is_outside(const struct reference *r, const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	if (reference_is_local(r, a))
		return false;
	if (!reference_is_v4(a))
		return (a->b[0] & 0xe0) == 0x20;
	return b[0] != 0 && b[0] != 10 && b[0] != 127 && b[0] < 224 &&
	       !(b[0] == 172 && b[1] >= 16 && b[1] < 32) && !(b[0] == 192 && b[1] == 168) &&
	       !(b[0] == 100 && b[1] >= 64 && b[1] < 128);
}

/* ---- names and classes --------------------------------------------------------------------------------------- */

static inline bool reference_says_local(const json_t *matches)
{
	const json_t *m = reference_get(matches, "mud");

	if (m == NULL)
		m = reference_get(matches, "mud-acl");
	return reference_get(matches, "local-networks") != NULL ||
	       reference_get(m, "local-networks") != NULL;
}

static inline bool reference_same_name(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n > 0 && a[n - 1] == '.';
	m -= m > 0 && b[m - 1] == '.';
	return n == m && strncasecmp(a, b, n) == 0;
}

/* A name stands for what the device was told, as long as that holds, and for nothing at home unless the rule says so. */
static inline bool reference_name(const struct reference *r, const char *name, const struct addr *a)
{
	struct addr literal;

	if (addr_parse(name, &literal))
		return memcmp(&literal, a, sizeof literal) == 0;
	if (!reference_is_outside(r, a) && !reference_says_local(r->matches))
		return false;
	for (size_t i = 0; i < r->place->bindings_n; i++) {
		const struct mud_binding *b = &r->place->bindings[i];

		if (reference_same_name(b->name, name) && b->until_ns > r->packet->time_ns &&
		    memcmp(&b->addr, a, sizeof *a) == 0)
			return true;
	}
	return false;
}

static inline bool reference_controller(const struct reference *r, const char *class_uri)
{
	for (size_t i = 0; i < r->place->controllers_n; i++) {
		if (strcmp(r->place->controllers[i].class_uri, class_uri) == 0 &&
		    memcmp(&r->place->controllers[i].addr, &r->packet->peer, sizeof(struct addr)) ==
			    0)
			return true;
	}
	return false;
}

static inline bool reference_neighbour(const struct reference *r, const char *authority,
				       const char *url)
{
	for (size_t i = 0; i < r->place->neighbours_n; i++) {
		const struct mud_neighbour *n = &r->place->neighbours[i];

		if (memcmp(&n->addr, &r->packet->peer, sizeof n->addr) == 0 &&
		    (authority == NULL || strcasecmp(n->authority, authority) == 0) &&
		    (url == NULL || strcmp(n->url, url) == 0))
			return true;
	}
	return false;
}

static inline bool reference_same_manufacturer(const struct reference *r)
{
	const char *url = reference_word(reference_get(r->file, "mud"), "mud-url", NULL);
	char authority[600] = "";

	if (strlen(url) > 8 && strlen(url) < sizeof authority) {
		strcpy(authority, url + 8);
		authority[strcspn(authority, "/?#")] = '\0';
	}
	return *authority != '\0' && reference_neighbour(r, authority, NULL);
}

static inline bool reference_class(const struct reference *r, const char *key, const json_t *value)
{
	const char *s = json_string_value(value);

	if (strcmp(key, "local-networks") == 0)
		return reference_is_local(r, &r->packet->peer);
	if (strcmp(key, "my-controller") == 0)
		return reference_controller(r, "");
	if (strcmp(key, "same-manufacturer") == 0)
		return reference_same_manufacturer(r);
	if (s == NULL || *s == '\0')
		return false;
	if (strcmp(key, "controller") == 0)
		return reference_controller(r, s);
	if (strcmp(key, "manufacturer") == 0)
		return reference_neighbour(r, s, NULL);
	return strcmp(key, "model") == 0 && reference_neighbour(r, NULL, s);
}

/* ---- headers ------------------------------------------------------------------------------------------------- */

static inline bool reference_port(const json_t *value, unsigned port)
{
	const json_t *lower = reference_get(value, "lower-port"),
		     *upper = reference_get(value, "upper-port");
	const json_t *one = reference_get(value, "port");
	const char *op = reference_word(value, "operator", NULL);
	json_int_t n;

	if (lower != NULL && upper != NULL)
		return port >= json_integer_value(lower) && port <= json_integer_value(upper);
	n = json_integer_value(one != NULL ? one : lower);
	if (one == NULL && lower == NULL)
		return false;
	if (strcmp(op, "neq") == 0)
		return port != n;
	if (strcmp(op, "lte") == 0)
		return port <= n;
	if (strcmp(op, "gte") == 0)
		return port >= n;
	return (*op == '\0' || strcmp(op, "eq") == 0) && port == n;
}

/* All ports is no condition; any other asks for what a fragment doesn't show. */
static inline bool reference_ports(const struct reference *r, const json_t *value, bool source)
{
	const struct mud_packet *p = r->packet;
	bool own = source == (p->direction == MUD_FROM_DEVICE);
	bool any = true;

	for (unsigned port = 0; any && port <= 65535;
	     port += port == 0 || port == 65534 ? 1 : 65533)
		any = reference_port(value, port);
	if (any && strcmp(reference_word(value, "operator", NULL), "neq") != 0)
		return true;
	if (p->fragment || p->cut)
		return r->drops;
	return reference_port(value, own ? p->own_port : p->peer_port);
}

static inline bool reference_begun(const struct reference *r, const json_t *value)
{
	const struct mud_packet *p = r->packet;
	bool wants_device = strcmp(json_string_value(value) != NULL ? json_string_value(value) : "",
				   "from-device") == 0;
	bool from = p->direction == MUD_FROM_DEVICE, syn = (p->tcp_flags & 2) != 0,
	     ack = (p->tcp_flags & 16) != 0;

	if (p->fragment || p->cut)
		return r->drops;
	if (syn && !ack)
		return wants_device == from;
	if (syn)
		return wants_device != from;
	return true;
}

static inline bool reference_address(const struct reference *r, const char *key,
				     const json_t *value, bool source)
{
	const struct mud_packet *p = r->packet;
	const struct addr *a = source == (p->direction == MUD_FROM_DEVICE) ? &p->own : &p->peer;
	struct prefix prefix;

	if (strstr(key, "dnsname") == NULL)
		return json_is_string(value) && prefix_parse(json_string_value(value), &prefix) &&
		       reference_in(a, &prefix);
	if (!json_is_string(value))
		return false;
	if (a == &p->own) /* an address may be the device's, a name can't */
		return addr_parse(json_string_value(value), &prefix.addr) &&
		       memcmp(&prefix.addr, a, sizeof *a) == 0;
	return reference_name(r, json_string_value(value), a);
}

static inline bool reference_all(const struct reference *r, const json_t *object);

static inline bool reference_ethertype(const struct reference *r, const json_t *eth)
{
	const json_t *value = reference_get(eth, "ethertype");
	const char *word = json_string_value(value) != NULL ? json_string_value(value) : "";
	bool v4 = reference_is_v4(&r->packet->peer);

	if (json_object_size(eth) != 1)
		return json_object_size(eth) == 0 && json_is_object(eth);
	if (strchr(word, ':') != NULL)
		word = strchr(word, ':') + 1;
	if (json_is_integer(value))
		return json_integer_value(value) == (v4 ? 0x0800 : 0x86dd);
	return strcmp(word, v4 ? "ipv4" : "ipv6") == 0 ||
	       strcmp(word, v4 ? "0x0800" : "0x86dd") == 0;
}

/* Protocols and layers; -1: it is none of them. */
static inline int reference_layer(const struct reference *r, const char *key, const json_t *value)
{
	bool v4 = reference_is_v4(&r->packet->peer);

	if (strcmp(key, "ipv4") == 0 || strcmp(key, "ipv4-acl") == 0)
		return v4 && reference_all(r, value);
	if (strcmp(key, "ipv6") == 0 || strcmp(key, "ipv6-acl") == 0)
		return !v4 && reference_all(r, value);
	if (strcmp(key, "tcp") == 0 || strcmp(key, "tcp-acl") == 0)
		return r->packet->protocol == 6 && reference_all(r, value);
	if (strcmp(key, "udp") == 0 || strcmp(key, "udp-acl") == 0)
		return r->packet->protocol == 17 && reference_all(r, value);
	if (strcmp(key, "icmp") == 0 || strcmp(key, "icmp-acl") == 0)
		return r->packet->protocol == (v4 ? 1 : 58) && reference_all(r, value);
	if (strcmp(key, "l3") == 0 || strcmp(key, "l4") == 0 || strcmp(key, "mud") == 0 ||
	    strcmp(key, "mud-acl") == 0)
		return reference_all(r, value);
	return strcmp(key, "eth") == 0 ? reference_ethertype(r, value) : -1;
}

static inline bool reference_one(const struct reference *r, const char *key, const json_t *value)
{
	const struct mud_packet *p = r->packet;
	bool whole = !p->fragment && !p->cut;
	int layer = reference_layer(r, key, value);

	if (layer >= 0)
		return layer != 0;
	if (strcmp(key, "protocol") == 0)
		return json_is_integer(value) && json_integer_value(value) == p->protocol;
	if (strcmp(key, "type") == 0)
		return whole ? json_is_integer(value) && json_integer_value(value) == p->icmp_type
			     : r->drops;
	if (strcmp(key, "code") == 0)
		return whole ? json_is_integer(value) && json_integer_value(value) == p->icmp_code
			     : r->drops;
	if (strcmp(key, "direction-initiated") == 0)
		return reference_begun(r, value);
	if (strncmp(key, "source-port", 11) == 0)
		return reference_ports(r, value, true);
	if (strncmp(key, "destination-port", 16) == 0)
		return reference_ports(r, value, false);
	if (strcmp(key, "src-dnsname") == 0 || strcmp(key, "source-ipv4-network") == 0 ||
	    strcmp(key, "source-ipv6-network") == 0)
		return reference_address(r, key, value, true);
	if (strcmp(key, "dst-dnsname") == 0 || strcmp(key, "destination-ipv4-network") == 0 ||
	    strcmp(key, "destination-ipv6-network") == 0)
		return reference_address(r, key, value, false);
	return reference_class(r, key, value);
}

/* Every condition must hold. */
static inline bool reference_all(const struct reference *r, const json_t *object)
{
	json_t *walked = (json_t *)(uintptr_t)object;
	const char *key;
	json_t *value;

	if (object != NULL && !json_is_object(object))
		return false;
	json_object_foreach(walked, key, value)
	{
		const char *colon = strchr(key, ':');

		if (!reference_one(r, colon != NULL ? colon + 1 : key, value))
			return false;
	}
	return true;
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

/* 1 accepts, 0 drops, -1 says nothing. */
static inline int reference_ace(struct reference *r, const json_t *ace)
{
	const json_t *actions = reference_get(ace, "actions");
	const char *word = reference_word(actions, "forwarding", NULL);

	r->matches = reference_get(ace, "matches");
	r->drops = strcmp(word, "accept") != 0 && reference_get(actions, "permit") == NULL;
	if (!reference_all(r, r->matches))
		return -1;
	if (strcmp(word, "accept") == 0)
		return 1;
	if (strcmp(word, "drop") == 0 || strcmp(word, "reject") == 0)
		return 0;
	return reference_get(actions, "permit") != NULL ? 1 : 0;
}

static inline int reference_list(struct reference *r, const json_t *acl)
{
	const char *type = reference_word(acl, "type", "acl-type");
	const json_t *aces = reference_get(acl, "aces"), *ace;

	if (*type != '\0' &&
	    strstr(type, reference_is_v4(&r->packet->peer) ? "ipv4" : "ipv6") == NULL)
		return -1;
	ace = reference_get(aces != NULL ? aces : reference_get(acl, "access-list-entries"), "ace");
	for (size_t i = 0; i < json_array_size(ace); i++) {
		int said = reference_ace(r, json_array_get(ace, i));

		if (said >= 0)
			return said;
	}
	return -1;
}

static inline const json_t *reference_find(const struct reference *r, const char *name)
{
	const json_t *acls = reference_get(r->file, "acls"), *acl;

	acl = reference_get(acls != NULL ? acls : reference_get(r->file, "access-lists"), "acl");
	for (size_t i = 0; i < json_array_size(acl); i++) {
		if (strcmp(reference_word(json_array_get(acl, i), "name", "acl-name"), name) == 0)
			return json_array_get(acl, i);
	}
	return NULL;
}

/* Does the file accept the packet? */
static inline bool reference_accepts(const json_t *file, const struct mud_place *place,
				     const struct mud_packet *packet)
{
	struct reference r = {.file = file, .place = place, .packet = packet};
	const char *policy =
		packet->direction == MUD_FROM_DEVICE ? "from-device-policy" : "to-device-policy";
	const json_t *names = reference_get(
		reference_get(reference_get(reference_get(file, "mud"), policy), "access-lists"),
		"access-list");
	bool accepted = false;

	if (reference_is_v4(&packet->own) != reference_is_v4(&packet->peer))
		return false;
	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *ref = json_array_get(names, i);
		const char *type = reference_word(ref, "type", "acl-type");
		int said;

		if (*type != '\0' &&
		    strstr(type, reference_is_v4(&packet->peer) ? "ipv4" : "ipv6") == NULL)
			continue;
		said = reference_list(&r,
				      reference_find(&r, reference_word(ref, "name", "acl-name")));
		if (said == 0)
			return false;
		accepted = accepted || said == 1;
	}
	return accepted;
}
