/* SPDX-License-Identifier: MIT */
/*
 * The engine between decode and the verdict on a small stage: packets made by hand go through the reader's world and
 * the lanes, one at a time, at a time that the test sets. A house stands at 192.168.1.0/24 behind a router; strangers
 * are any public address, and their packets come from the router with a TTL counted down. Packets never leave memory.
 *
 * Include after cmocka.h.
 */
#pragma once

#include "base/hash.h"
#include "base/timespan.h"
#include "detect/flood.h"
#include "detect/lane.h"

#include <stdlib.h>

enum { SCENE_MEMORY = 32 << 20 };

struct scene {
	struct budget budget;
	struct knowledge knowledge;
	struct world world;
	struct lanes lanes;
	struct findings findings;
	struct work work;
	struct budget ears; /* the listeners', when somebody listens */
	struct listeners *listeners;
	uint64_t seed;
	int64_t now_ns;
	uint64_t number; /* of the packet sent last */
	uint32_t link;
};

/* One end of a conversation. */
struct end {
	struct addr addr;
	struct mac mac;
	uint16_t port;
	uint8_t ttl;
};

/* local: what --local would give, or NULL. */
static inline struct scene *scene_seeded(const char *local, uint64_t seed)
{
	struct scene *s = calloc(1, sizeof *s);
	struct knowledge_error error;
	struct prefix given;

	assert_non_null(s);
	assert_int_equal(knowledge_load(&s->knowledge, &error), 0);
	assert_int_equal(budget_init(&s->budget, SCENE_MEMORY), 0);
	assert_true(local == NULL || prefix_parse(local, &given));
	assert_int_equal(world_init(&s->world, &s->budget, SCENE_MEMORY / 100 * 12,
				    &s->knowledge.limits, &given, local != NULL, seed),
			 0);
	assert_int_equal(
		lanes_init(&s->lanes, &s->budget, SCENE_MEMORY / 100 * 86, &s->knowledge, seed), 0);
	s->now_ns = 1000 * NS_PER_S;
	s->seed = seed;
	return s;
}

enum { SCENE_EARS = 8 << 20 /* of the smallest budget that a user may give */ };

/* How often detectors said that a host of ours was decided. */
static inline uint32_t scene_urgent(const struct scene *s)
{
	uint32_t sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += s->lanes.lane[i].urgent;
	return sum;
}

/* From now on parsers hear every packet. The catalogue must outlive the scene. */
static inline void scene_listen(struct scene *s, const struct catalogue *c)
{
	s->listeners = calloc(1, sizeof *s->listeners);
	assert_non_null(s->listeners);
	assert_int_equal(budget_init(&s->ears, SCENE_EARS), 0);
	assert_int_equal(listeners_init(s->listeners, &s->ears, SCENE_EARS, &s->knowledge.limits, c,
					s->seed),
			 0);
	s->lanes.listeners = s->listeners;
}

static inline struct scene *scene_new(const char *local)
{
	return scene_seeded(local, 12345);
}

/* A new scene of no networks, whose listeners know that. */
static inline struct scene *scene_listening(const struct catalogue *c)
{
	struct scene *s = scene_new(NULL);

	scene_listen(s, c);
	return s;
}

static inline void scene_free(struct scene *s)
{
	findings_fini(&s->findings);
	free(s->listeners);
	budget_fini(&s->ears);
	budget_fini(&s->budget);
	free(s);
}

static inline struct addr scene_addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static inline struct mac scene_mac(unsigned n)
{
	return (struct mac){{0x02, 0x00, 0x5e, 0x00, (uint8_t)(0x53 + n / 256), (uint8_t)n}};
}

/* A host at home, 192.168.1.n. */
static inline struct end home(unsigned n, uint16_t port)
{
	return (struct end){
		.addr = addr_v4(0xc0a80100 + n), .mac = scene_mac(n), .port = port, .ttl = 64};
}

/* Somebody on the Internet, as seen behind the router, whose MAC is the first. */
static inline struct end stranger(struct addr addr, uint16_t port)
{
	return (struct end){.addr = addr, .mac = scene_mac(1), .port = port, .ttl = 50};
}

static inline struct end stranger_at(const char *text, uint16_t port)
{
	return stranger(scene_addr(text), port);
}

static inline struct packet make_packet(struct end from, struct end to, uint8_t proto)
{
	struct packet p = {.src = from.addr,
			   .dst = to.addr,
			   .src_mac = from.mac,
			   .dst_mac = to.mac,
			   .sport = from.port,
			   .dport = to.port,
			   .ttl = from.ttl,
			   .proto = proto,
			   .wire_len = 74,
			   .ip_len = 60,
			   .flags = PACKET_HAS_MAC | PACKET_HAS_DST_MAC | PACKET_L4};

	if (!addr_is_v4(&from.addr))
		p.flags |= PACKET_V6;
	return p;
}

static inline struct packet make_tcp(struct end from, struct end to, uint8_t flags, uint32_t seq,
				     uint32_t ack)
{
	struct packet p = make_packet(from, to, PROTO_TCP);

	p.tcp_flags = flags;
	p.seq = seq;
	p.ack = ack;
	p.window = 64240;
	p.tcp_options = (flags & TCP_SYN) != 0 ? 20 : 0;
	return p;
}

static inline struct packet make_syn(struct end from, struct end to, uint32_t seq)
{
	return make_tcp(from, to, TCP_SYN, seq, 0);
}

/* The payload must live until the packet was sent. */
static inline struct packet make_udp(struct end from, struct end to, const void *payload,
				     uint32_t len)
{
	struct packet p = make_packet(from, to, PROTO_UDP);

	p.payload = payload;
	p.payload_len = p.payload_wire = len;
	p.ip_len = 28 + len;
	p.wire_len = 42 + len;
	return p;
}

static inline struct packet make_arp(struct end claims, struct addr asks, uint8_t op)
{
	struct packet p = make_packet(claims, (struct end){.addr = asks}, PROTO_ARP);

	p.flags = PACKET_HAS_MAC | PACKET_HAS_DST_MAC;
	p.dst_mac = (struct mac){{255, 255, 255, 255, 255, 255}};
	p.arp_mac = claims.mac;
	p.arp_op = op;
	p.ip_len = p.ttl = 0;
	p.sport = p.dport = 0;
	return p;
}

/* Sends now; true when it went to the lanes, and scene.work.stamps[0] is its stamp then. */
static inline bool scene_send(struct scene *s, struct packet p)
{
	p.time_ns = p.now_ns = s->now_ns;
	p.key = ++s->number;
	p.link_key = s->link;
	s->work.packets[0] = p;
	s->work.n = 1;
	world_stamp(&s->world, &s->work, 0);
	lanes_run(&s->lanes, &s->work, 0, 1);
	return s->work.n == 1;
}

/* Sends after so many milliseconds. */
static inline bool scene_after(struct scene *s, int64_t ms, struct packet p)
{
	s->now_ns += ms * NS_PER_MS;
	return scene_send(s, p);
}

/* One exchange with a time server, or only the question: shows that the uplink is alive, or goes on without. */
static inline void scene_tick(struct scene *s, bool answered)
{
	struct end host = home(250, 123), server = stranger_at("203.0.113.123", 123);
	struct packet out = make_udp(host, server, NULL, 0), in = make_udp(server, host, NULL, 0);

	out.ip_id = in.ip_id = (uint16_t)s->number;
	scene_send(s, out);
	if (answered)
		scene_send(s, in);
}

/* Lets time pass; the clock follows because somebody speaks every 50 s. */
static inline void scene_wait_for(struct scene *s, int64_t ms, bool answered)
{
	int64_t until = s->now_ns + ms * NS_PER_MS;

	while (until - s->now_ns > 50 * NS_PER_S) {
		s->now_ns += 50 * NS_PER_S;
		scene_tick(s, answered);
	}
	s->now_ns = until;
}

static inline void scene_wait(struct scene *s, int64_t ms)
{
	scene_wait_for(s, ms, true);
}

/* A handshake that both sides can have made only when both got the other's packets. */
static inline void scene_handshake(struct scene *s, struct end from, struct end to)
{
	scene_after(s, 1, make_syn(from, to, 1000));
	scene_after(s, 1, make_tcp(to, from, TCP_SYN | TCP_ACK, 5000, 1001));
	scene_after(s, 1, make_tcp(from, to, TCP_ACK, 1001, 5001));
}

static inline struct binding *scene_binding(const struct scene *s, struct end e)
{
	return world_find(&s->world, &e.addr, world_mac_find(&s->world, &e.mac));
}

static inline struct world_mac *scene_world_mac(struct scene *s, struct mac mac)
{
	uint16_t at = world_mac_find(&s->world, &mac);

	assert_int_not_equal(at, NO_MAC);
	return &s->world.macs[at];
}

static inline const struct host *scene_host(const struct scene *s, struct end e)
{
	const struct lane *lane = &s->lanes.lane[hash_addr(&e.addr) >> 58];

	return hosts_find(&lane->hosts, &e.addr, world_mac_find(&s->world, &e.mac),
			  world_key(&s->world, &e.addr));
}

/* All that was found out. */
static inline void scene_conclude(struct scene *s)
{
	s->findings.n = 0;
	lanes_conclude(&s->lanes, &s->world, &s->findings);
}

/* The n-th finding with this code about this address, or NULL. Concludes first. */
static inline const struct finding *scene_finding_n(struct scene *s, const char *code,
						    struct addr about, unsigned n)
{
	scene_conclude(s);
	for (size_t i = 0; i < s->findings.n; i++) {
		const struct finding *f = &s->findings.list[i];

		if (strcmp(f->code, code) == 0 && addr_equal(&f->addr, &about) && n-- == 0) {
			assert_true(f->keys_n > 0 && f->keys_n <= FINDING_PACKETS);
			assert_true(strlen(f->text) > 0);
			return f;
		}
	}
	return NULL;
}

static inline const struct finding *scene_finding(struct scene *s, const char *code,
						  struct end about)
{
	return scene_finding_n(s, code, about.addr, 0);
}
