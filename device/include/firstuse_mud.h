/* SPDX-License-Identifier: MIT */
/*
 * What the device needs of the network, said so that a gateway can hold it to that: Manufacturer Usage Description,
 * RFC 8520. Needs neither device nor storage nor crypto; runs on the device or where the maker builds.
 *
 * Serves ETSI EN 303 645 clause 5.6 (minimise exposed attack surface) and CRA Annex I, part I (2)(j).
 */
#pragma once

#include "firstuse.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FIRSTUSE_MUD_URL_MAX 253u /* bytes, so that it fits one DHCP option */
#define FIRSTUSE_MUD_RULES_MAX 64u
#define FIRSTUSE_MUD_NAME_MAX 48u /* bytes of a rule's name; "-from" and "-to" are put behind it */

enum firstuse_mud_peer {
	FIRSTUSE_MUD_HOST,	    /* a name on the Internet, in `host` */
	FIRSTUSE_MUD_LAN,	    /* the local networks */
	FIRSTUSE_MUD_MY_CONTROLLER, /* what the owner appoints, such as the recorder */
	FIRSTUSE_MUD_CONTROLLER,    /* a class by URI, in `host`, such as urn:ietf:params:mud:dns */
	FIRSTUSE_MUD_SAME_MAKER	    /* devices with the same authority in their MUD URL */
};

/* One conversation that the device needs. */
struct firstuse_mud_rule {
	const char *name; /* of the rule: letters, digits, '-'; unique */
	enum firstuse_mud_peer peer;
	const char *host;	  /* a name with a dot, or a URI; NULL with the other peers */
	uint8_t protocol;	  /* 6 TCP, 17 UDP */
	uint16_t port;		  /* of the server; 0: any */
	uint8_t device_is_server; /* the peer begins; else the device does */
};

struct firstuse_mud {
	const char *url;	 /* https, of this file */
	const char *last_update; /* RFC 3339, of the description */
	uint8_t cache_hours;	 /* 1 to 168 */
	const char *systeminfo;	 /* one line for people, at most 60 characters of UTF-8 */
	const char *maker; /* may be NULL, as may the next three; one line, at most 255 bytes */
	const char *model;
	const char *firmware;	   /* only where an update can bring another URL (section 3.8) */
	const char *documentation; /* a URL */
	const char *signature;	   /* a URL of the file's detached CMS signature; may be NULL */
	uint8_t support_ended; /* no firmware and no MUD file will follow: is-supported is false */
	const struct firstuse_mud_rule *rules;
	size_t count;
};

/* DHCPv4 option 161 (RFC 8520, section 10): code, length, URL; `*size` bytes of `option`. FIRSTUSE_BAD_CALL: no https URL, or
 * too long. */
enum firstuse_status firstuse_mud_dhcp4(const char *url, uint8_t option[FIRSTUSE_MUD_URL_MAX + 2],
					size_t *size);

/* DHCPv6 option 112 likewise: code and length of two bytes each. */
enum firstuse_status firstuse_mud_dhcp6(const char *url, uint8_t option[FIRSTUSE_MUD_URL_MAX + 4],
					size_t *size);

/*
 * Writes the MUD file, JSON of RFC 7951, for IPv4 and IPv6, in pieces to `put`, which returns 0 or ends it (FIRSTUSE_STORAGE).
 * FIRSTUSE_BAD_CALL: the description breaks a rule of the RFC; `*wrong` (may be NULL) says which in words, and nothing was put.
 * Text is escaped. What it can't say: ICMP, ranges of ports, groups of multicast.
 */
enum firstuse_status firstuse_mud_write(const struct firstuse_mud *mud,
					int (*put)(void *user, const char *text, size_t size),
					void *user, const char **wrong);

#ifdef __cplusplus
}
#endif
