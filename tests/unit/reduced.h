/* SPDX-License-Identifier: MIT */
/*
 * From what was told on the stage of scene.h to profiles and exposures, as judge does it. Facts may also be put into the
 * listeners by hand. Include after cmocka.h.
 */
#pragma once

#include "listening.h"
#include "small_catalogue.h"
#include "verdict/exposures.h"
#include "verdict/write_profile.h"

struct reduced {
	struct arena arena;
	struct devices devices;
	struct profiles profiles;
	struct exposed *exposed;
};

/* What a host tells of itself; the packet is made up. */
static inline void tells_on(struct scene *s, struct end who, enum signal signal, unsigned proto,
			    uint16_t port, const char *value, uint64_t key)
{
	struct addr peer = addr_v4(0xcb007109);
	struct subject subject = {.addr = who.addr,
				  .mac = world_mac_find(&s->world, &who.mac),
				  .ours = !addr_is_public(&who.addr)};

	if (!subject.ours)
		subject.mac = NO_MAC;
	assert_non_null(facts_add(&s->listeners->lane[0].facts, &subject,
				  &(struct saying){.peer = peer,
						   .value = bytes_of(value),
						   .key = key,
						   .time_ns = s->now_ns,
						   .signal = signal,
						   .port = port,
						   .proto = (uint8_t)proto}));
}

static inline void tells(struct scene *s, struct end who, enum signal signal, const char *value,
			 uint64_t key)
{
	tells_on(s, who, signal, PROTO_http_id, 0, value, key);
}

/* A login from a stranger; the pair is a number of the catalogue, or PAIR_… */
static inline struct login_fact login_at(struct scene *s, struct end server, unsigned proto,
					 int32_t pair, uint64_t key)
{
	return (struct login_fact){.server = server.addr,
				   .client = addr_v4(0xcb007109),
				   .tried_key = key - 1,
				   .answer_key = key,
				   .last_key = key,
				   .pair = pair,
				   .count = 1,
				   .server_mac = world_mac_find(&s->world, &server.mac),
				   .client_mac = NO_MAC,
				   .port = server.port,
				   .proto = (uint8_t)proto,
				   .outcome = LOGIN_ACCEPTED,
				   .server_ours = true,
				   .client_stranger = true};
}

static inline void logs_in(struct scene *s, struct login_fact login)
{
	facts_add_login(&s->listeners->lane[0].facts, &login);
}

static inline void reduce(struct reduced *r, struct scene *s, const struct catalogue *c, bool show)
{
	struct exposures_in in = {.listeners = s->listeners,
				  .profiles = &r->profiles,
				  .devices = &r->devices,
				  .world = &s->world,
				  .catalogue = c,
				  .arena = &r->arena,
				  .show_secrets = show};

	*r = (struct reduced){.arena = {.failed = false}};
	devices_reduce(&r->devices, &s->world, &r->arena);
	profiles_find(&r->profiles, s->listeners, &r->devices, &s->world, c, &r->arena);
	assert_false(r->profiles.failed);
	r->exposed = exposures_find(&in);
	assert_non_null(r->exposed);
}

static inline void reduced_fini(struct reduced *r)
{
	devices_fini(&r->devices);
	arena_fini(&r->arena);
}

/* The place of the device with this id. */
static inline size_t device_named(const struct reduced *r, const char *id)
{
	for (size_t i = 0; i < r->devices.n; i++) {
		if (strcmp(r->devices.list[i].id, id) == 0)
			return i;
	}
	fail_msg("no device %s", id);
	return 0;
}

static inline const char *id_of_mac(struct mac mac)
{
	static char id[32];
	char text[MAC_TEXT_MAX];

	snprintf(id, sizeof id, "mac:%s", mac_text(&mac, text));
	return id;
}

static inline const struct profile *profile_of(const struct reduced *r, struct end e)
{
	return &r->profiles.list[device_named(r, id_of_mac(e.mac))];
}

static inline const struct exposed *exposed_of(const struct reduced *r, struct end e)
{
	return &r->exposed[device_named(r, id_of_mac(e.mac))];
}

/* A host that everybody has seen: it has spoken with its router. */
static inline struct end settle(struct scene *s, unsigned n)
{
	struct end e = home(n, 23);

	scene_send(s, make_arp(e, addr_v4(0xc0a80101), 1));
	scene_send(s, make_udp(e, home(1, 53), NULL, 0));
	scene_send(s, make_udp(home(1, 53), e, NULL, 0));
	return e;
}
