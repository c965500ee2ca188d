/* SPDX-License-Identifier: MIT */
/*
 * flow/world, flow/neighbours and flow/copies: what proves an address, what a MAC may hold, what is learned of
 * prefixes, which copies are left out, and what each packet's stamp says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

static struct scene *s;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

static unsigned flags_of(struct end e)
{
	const struct binding *b = scene_binding(s, e);

	return b == NULL ? 0 : b->flags;
}

static struct end server(void)
{
	return stranger_at("198.51.100.1", 443);
}

/* ---- proofs ---- */

static void test_a_handshake_proves_both(void **state)
{
	(void)state;
	scene_handshake(s, home(20, 4000), home(30, 80));
	assert_true((flags_of(home(20, 0)) & BIND_HANDSHAKE) != 0);
	assert_true((flags_of(home(30, 0)) & BIND_HANDSHAKE) != 0);
	assert_true((flags_of(home(20, 0)) & BIND_TWO_WAY) != 0);
	assert_int_equal(scene_world_mac(s, scene_mac(20))->unproven, 0);
}

static void test_a_handshake_with_a_stranger_proves_ours(void **state)
{
	(void)state;
	scene_handshake(s, home(20, 4000), server());
	assert_true((flags_of(home(20, 0)) & BIND_HANDSHAKE) != 0);
	assert_int_equal(flags_of(server()), 0); /* no address of ours */
}

/* A blind forger can't know the number; what it guesses proves nothing. */
static void test_a_wrong_acknowledgement_proves_nothing(void **state)
{
	struct end forged = home(20, 4000);

	(void)state;
	scene_send(s, make_syn(forged, server(), 1000));
	scene_after(s, 1, make_tcp(server(), forged, TCP_SYN | TCP_ACK, 5000, 1001));
	for (uint32_t guess = 0; guess < 5001; guess += 100)
		scene_after(s, 1, make_tcp(forged, server(), TCP_ACK, 1001, guess));
	scene_after(s, 1, make_tcp(forged, server(), TCP_ACK, 1001, 5002));
	assert_int_equal(flags_of(forged) & BIND_HANDSHAKE, 0);
	scene_after(s, 1, make_tcp(forged, server(), TCP_ACK | TCP_RST, 1001, 5001));
	assert_int_equal(flags_of(forged) & BIND_HANDSHAKE, 0);
	scene_after(s, 1, make_tcp(forged, server(), TCP_ACK, 1001, 5001));
	assert_int_not_equal(flags_of(forged) & BIND_HANDSHAKE, 0);
}

static void test_the_right_number_from_another_peer_proves_nothing(void **state)
{
	(void)state;
	scene_send(s, make_syn(home(20, 4000), server(), 1000));
	scene_after(s, 1, make_tcp(server(), home(20, 4000), TCP_SYN | TCP_ACK, 5000, 1001));
	scene_after(s, 1, make_tcp(home(20, 4000), home(9, 443), TCP_ACK, 1001, 5001));
	assert_int_equal(flags_of(home(20, 0)) & BIND_HANDSHAKE, 0);
}

static void test_being_acknowledged_proves_too(void **state)
{
	static const uint8_t data[10];
	struct packet p = make_tcp(home(20, 4000), server(), TCP_ACK, 7000, 1);

	(void)state;
	p.payload = data;
	p.payload_len = p.payload_wire = sizeof data;
	scene_send(s, p);
	scene_after(s, 1, make_tcp(server(), home(20, 4000), TCP_ACK, 1, 7009));
	assert_int_equal(flags_of(home(20, 0)) & BIND_HANDSHAKE, 0);
	scene_after(s, 1, make_tcp(server(), home(20, 4000), TCP_ACK, 1, 7010));
	assert_int_not_equal(flags_of(home(20, 0)) & BIND_HANDSHAKE, 0);
}

static void test_two_ways_prove_less(void **state)
{
	(void)state;
	scene_send(s, make_udp(home(20, 5000), server(), NULL, 0));
	assert_int_equal(flags_of(home(20, 0)) & BIND_PROVEN, 0);
	scene_send(s, make_udp(stranger_at("198.51.100.2", 443), home(20, 5000), NULL, 0));
	assert_int_equal(flags_of(home(20, 0)) & BIND_PROVEN, 0); /* somebody else */
	scene_send(s, make_udp(server(), home(20, 5000), NULL, 0));
	assert_int_equal(flags_of(home(20, 0)) & BIND_PROVEN, BIND_TWO_WAY);
}

static void test_resets_and_syns_are_no_answers(void **state)
{
	(void)state;
	scene_send(s, make_syn(home(20, 5000), server(), 1));
	scene_send(s, make_tcp(server(), home(20, 5000), TCP_RST | TCP_ACK, 0, 2));
	scene_send(s, make_syn(server(), home(20, 5000), 1));
	assert_int_equal(flags_of(home(20, 0)) & BIND_PROVEN, 0);
}

static void test_answers_to_another_mac_prove_nothing(void **state)
{
	struct end forged = home(20, 5000), owner = forged;

	(void)state;
	owner.mac = scene_mac(66);
	scene_send(s, make_udp(owner, home(9, 1), NULL, 0));
	scene_send(s, make_udp(forged, server(), NULL, 0));
	scene_send(s, make_udp(server(), owner, NULL, 0)); /* goes to the owner */
	assert_int_equal(flags_of(forged) & BIND_PROVEN, 0);
	assert_int_not_equal(flags_of(forged) & BIND_CONFLICT, 0);
	assert_int_not_equal(flags_of(owner) & BIND_CONFLICT, 0);
}

/* ---- what a MAC may hold ---- */

static struct end invented(unsigned n)
{
	struct end e = home(20, 4000);

	e.addr = addr_v4(0x0a000000 + n);
	return e;
}

static void test_64_unproven_addresses_a_mac(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct addr none = {{0}};

		assert_true(scene_send(s, make_udp(invented(i), server(), NULL, 0)));
		assert_int_equal(scene_binding(s, invented(i)) != NULL, i < 64);
		assert_int_equal(addr_equal(&s->work.stamps[0].actor, &none), i >= 64);
		assert_int_equal((s->work.stamps[0].flags & STAMP_BELIEVED) != 0, i < 64);
	}
	assert_int_equal(s->world.refused_binds, 936);
	assert_int_equal(scene_world_mac(s, scene_mac(20))->unproven, 64);
	assert_int_equal(scene_world_mac(s, scene_mac(20))->invented, 936);
	scene_send(s, make_udp(home(21, 1), server(), NULL, 0)); /* another has its own */
	assert_non_null(scene_binding(s, home(21, 0)));
}

static void test_proof_makes_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++)
		scene_send(s, make_udp(invented(i), server(), NULL, 0));
	scene_send(s, make_udp(server(), invented(7), NULL, 0));
	assert_int_equal(scene_world_mac(s, scene_mac(20))->unproven, 63);
	scene_send(s, make_udp(invented(100), server(), NULL, 0));
	assert_non_null(scene_binding(s, invented(100)));
	scene_send(s, make_udp(invented(101), server(), NULL, 0));
	assert_null(scene_binding(s, invented(101)));
	scene_send(s, make_arp(invented(101), home(1, 0).addr, 1));
	assert_non_null(scene_binding(s, invented(101)));
}

/* Hosts behind a repeater or gateway show a TTL counted down: they are not held to the quota. */
static void test_forwarded_hosts_are_not_limited(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct end e = invented(i);

		e.ttl = 63;
		scene_send(s, make_udp(e, server(), NULL, 0));
		assert_non_null(scene_binding(s, e));
	}
}

static void test_1024_claims_a_mac(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		scene_send(s, make_arp(invented(i), home(1, 0).addr, 2));
		assert_int_equal(scene_binding(s, invented(i)) != NULL, i < 1024);
	}
}

static void test_an_address_has_at_most_nine_macs(void **state)
{
	unsigned bound = 0;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct end e = home(20, 4000);

		e.mac = scene_mac(100 + i);
		scene_send(s, make_udp(e, server(), NULL, 0));
		bound += scene_binding(s, e) != NULL;
	}
	assert_true(bound >= 2 && bound <= 9);
	assert_int_equal(s->world.refused_binds, 50 - bound);
}

static void test_macs_run_out(void **state)
{
	struct draw d = draw_from(1);
	uint32_t cap = s->world.macs_cap;

	(void)state;
	for (uint32_t i = 0; i < cap + 100; i++) {
		struct mac m = {{2, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
				 (uint8_t)i, 7}};

		assert_int_equal(world_mac_get(&s->world, &m), i < cap ? i : NO_MAC);
	}
	assert_int_equal(s->world.refused_macs, 100);
	for (uint32_t n = 0; n < 1000; n++) {
		uint32_t i = (uint32_t)draw_below(&d, cap + 100);
		struct mac m = {{2, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
				 (uint8_t)i, 7}};

		assert_int_equal(world_mac_find(&s->world, &m), i < cap ? i : NO_MAC);
	}
}

/* ---- ARP, neighbour discovery, DHCP ---- */

static void test_arp_claims(void **state)
{
	(void)state;
	assert_true(scene_send(s, make_arp(home(20, 0), home(1, 0).addr, 1)));
	assert_int_equal(s->work.stamps[0].kind, KIND_LINK); /* for the parsers alone */
	assert_int_equal(flags_of(home(20, 0)), BIND_ARP);
	assert_int_not_equal(scene_world_mac(s, scene_mac(20))->flags & MAC_OURS, 0);
	assert_null(scene_binding(s, home(1, 0)));
}

static void test_arp_nonsense(void **state)
{
	struct end e = home(20, 0);

	(void)state;
	e.mac = (struct mac){{0}};
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	e.mac = (struct mac){{1, 0, 0x5e, 0, 0, 1}};
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	e = stranger_at("0.0.0.0", 0); /* a probe (RFC 5227) */
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	e = stranger_at("224.0.0.1", 0);
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	e = stranger_at("127.0.0.1", 0);
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	e = stranger_at("255.255.255.255", 0);
	scene_send(s, make_arp(e, home(1, 0).addr, 1));
	assert_int_equal(s->world.binds_n, 0);
}

static struct packet icmpv6(struct end from, struct end to, uint8_t type, const uint8_t *payload,
			    uint32_t len)
{
	struct packet p = make_packet(from, to, PROTO_ICMPV6);

	p.ttl = 255;
	p.icmp_type = type;
	p.payload = payload;
	p.payload_len = p.payload_wire = len;
	return p;
}

static struct end link_local(unsigned n)
{
	struct end e = home(n, 0);

	e.addr = scene_addr("fe80::");
	e.addr.b[15] = (uint8_t)n;
	e.ttl = 255;
	return e;
}

static void test_neighbour_advertisements_claim(void **state)
{
	struct end target = link_local(20), all = stranger_at("ff02::1", 0);
	uint8_t payload[24];
	struct packet p;

	(void)state;
	target.addr = scene_addr("fd00::20");
	memcpy(payload, target.addr.b, 16);
	memcpy(payload + 16, "\x02\x01\x02\x00\x5e\x00\x53\x14", 8); /* its own MAC */
	p = icmpv6(link_local(20), all, 136, payload, sizeof payload);
	p.ttl = 254; /* RFC 4861, 7.1.2: came from elsewhere */
	scene_send(s, p);
	assert_null(scene_binding(s, target));
	p.ttl = 255;
	scene_send(s, p);
	assert_int_not_equal(flags_of(target) & BIND_ARP, 0);
	assert_int_not_equal(flags_of(link_local(20)) & BIND_ARP, 0);
}

/* A proxy says another's MAC: what it sends from is not thereby its own. */
static void test_options_must_name_the_sender(void **state)
{
	uint8_t payload[24] = {0xfd};
	struct end all = stranger_at("ff02::1", 0);

	(void)state;
	memcpy(payload + 16, "\x01\x01\x02\x00\x5e\x00\x53\x99", 8);
	scene_send(s, icmpv6(link_local(20), all, 135, payload, sizeof payload));
	assert_int_equal(flags_of(link_local(20)) & BIND_ARP, 0);
	payload[23] = 0x14;
	scene_send(s, icmpv6(link_local(20), all, 135, payload, sizeof payload));
	assert_int_not_equal(flags_of(link_local(20)) & BIND_ARP, 0);
}

static void advertise(const char *prefix, uint8_t flags, size_t cut)
{
	uint8_t payload[8 + 32] = {64, 0, 7, 8, 0};
	struct prefix p;

	assert_true(prefix_parse(prefix, &p));
	payload[8] = 3;
	payload[9] = 4;
	payload[10] = p.bits;
	payload[11] = flags;
	memcpy(payload + 24, p.addr.b, 16);
	scene_send(s, icmpv6(link_local(1), stranger_at("ff02::1", 0), 134, payload,
			     (uint32_t)(sizeof payload - cut)));
}

static void test_router_advertisements_teach_prefixes(void **state)
{
	struct addr inside = scene_addr("2001:db8:1::7");

	(void)state;
	advertise("2001:db8:1::/64", 0x40, 0); /* not on this link */
	advertise("2001:db8:1::/64", 0xc0, 1); /* cut */
	advertise("2001::/8", 0xc0, 0);	       /* whoever says so takes much for itself */
	advertise("fe80::/64", 0xc0, 0);
	assert_int_equal(s->world.prefixes_n, 0);
	assert_int_not_equal(scene_world_mac(s, scene_mac(1))->flags & MAC_ROUTER_SAID, 0);
	advertise("2001:db8:1::/64", 0xc0, 0);
	advertise("2001:db8:1::/64", 0xc0, 0);
	advertise("2001:db8:1:0:8::/80", 0xc0, 0); /* inside */
	assert_int_equal(s->world.prefixes_n, 1);
	assert_true(world_prefix_is_local(&s->world, &inside));
}

static void test_prefixes_run_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		char text[PREFIX_TEXT_MAX];

		snprintf(text, sizeof text, "2001:db8:%x::/48", i + 1);
		advertise(text, 0xc0, 0);
	}
	assert_int_equal(s->world.prefixes_n, WORLD_PREFIXES);
	assert_int_equal(s->world.refused_prefixes, 100 - WORLD_PREFIXES);
}

static void test_given_prefixes_are_all_there_is(void **state)
{
	struct addr private = scene_addr("192.168.1.20"), given = scene_addr("192.0.2.20");
	struct addr link = scene_addr("169.254.1.1");

	(void)state;
	scene_free(s);
	s = scene_new("192.0.2.0/24");
	advertise("2001:db8:1::/64", 0xc0, 0);
	assert_int_equal(s->world.prefixes_n, 1);
	assert_true(world_prefix_is_local(&s->world, &given));
	assert_true(world_prefix_is_local(&s->world, &link));
	assert_false(world_prefix_is_local(&s->world, &private));
	scene_send(s, make_arp(home(20, 0), home(1, 0).addr, 1));
	assert_null(scene_binding(s, home(20, 0)));
}

struct dhcp {
	uint8_t bytes[260];
};

/* An acknowledgement for home(n) with a mask. */
static struct dhcp make_lease(unsigned n, struct addr addr, uint8_t type, const char *mask)
{
	struct dhcp d = {{2, 1, 6, 0}};
	struct mac m = scene_mac(n);
	struct addr netmask = scene_addr(mask);

	memcpy(d.bytes + 16, addr.b + 12, 4);
	memcpy(d.bytes + 28, m.b, 6);
	memcpy(d.bytes + 236, "\x63\x82\x53\x63\x00\x35\x01", 7);
	d.bytes[243] = type;
	memcpy(d.bytes + 244, "\x01\x04", 2);
	memcpy(d.bytes + 246, netmask.b + 12, 4);
	d.bytes[250] = 255;
	return d;
}

static void lease(unsigned n, struct addr addr, uint8_t type, const char *mask, uint32_t len)
{
	struct dhcp d = make_lease(n, addr, type, mask);

	scene_send(s, make_udp(home(1, 67), stranger_at("255.255.255.255", 68), d.bytes, len));
}

static void test_leases_bind(void **state)
{
	(void)state;
	lease(20, home(20, 0).addr, 2, "255.255.255.0", 260); /* an offer is no lease */
	lease(20, home(20, 0).addr, 5, "255.255.255.0", 243); /* cut */
	assert_null(scene_binding(s, home(20, 0)));
	lease(20, home(20, 0).addr, 5, "255.255.255.0", 260);
	assert_int_equal(flags_of(home(20, 0)), BIND_DHCP);
	assert_int_equal(s->world.prefixes_n, 0); /* private anyway */
}

static void test_leases_of_nobody(void **state)
{
	struct dhcp d = make_lease(20, home(20, 0).addr, 5, "255.255.255.0");

	(void)state;
	lease(20, scene_addr("0.0.0.0"), 5, "255.255.255.0", 260);
	memset(d.bytes + 28, 0, 6);
	scene_send(s, make_udp(home(1, 67), home(20, 68), d.bytes, 260));
	d.bytes[28] = 1;
	scene_send(s, make_udp(home(1, 67), home(20, 68), d.bytes, 260));
	d.bytes[28] = 2;
	d.bytes[236] = 0; /* no cookie */
	scene_send(s, make_udp(home(1, 67), home(20, 68), d.bytes, 260));
	d.bytes[236] = 0x63;
	scene_send(s, make_udp(home(1, 68), home(20, 67), d.bytes, 260)); /* not from a server */
	for (uint32_t i = 0; i < s->world.binds_n; i++)
		assert_int_equal(s->world.binds[i].flags & BIND_DHCP, 0);
}

static void test_leases_teach_public_networks(void **state)
{
	struct addr inside = scene_addr("203.0.113.250"), outside = scene_addr("203.0.114.1");

	(void)state;
	lease(20, scene_addr("203.0.113.20"), 5, "254.0.0.0", 260); /* too much to take */
	assert_int_equal(s->world.prefixes_n, 0);
	lease(20, scene_addr("203.0.113.20"), 5, "255.255.255.0", 260);
	assert_int_equal(s->world.prefixes_n, 1);
	assert_true(world_prefix_is_local(&s->world, &inside));
	assert_false(world_prefix_is_local(&s->world, &outside));
}

/* What was bound and never spoke was last seen when it was bound, not in 1970. */
static void test_silent_bindings_have_a_time(void **state)
{
	(void)state;
	lease(20, home(20, 0).addr, 5, "255.255.255.0", 260);
	assert_int_equal(scene_binding(s, home(20, 0))->first_ns, s->now_ns);
	assert_int_equal(scene_binding(s, home(20, 0))->last_ns, s->now_ns);
	assert_int_equal(scene_binding(s, home(20, 0))->packets, 0);
}

/* ---- IPv6 before any advertisement ---- */

static void test_a_global_address_is_its_own(void **state)
{
	struct end e = {
		.addr = scene_addr("2001:db8::20"), .mac = scene_mac(20), .port = 1, .ttl = 64};
	struct end far = {
		.addr = scene_addr("2001:db8:f::1"), .mac = scene_mac(1), .port = 443, .ttl = 50};

	(void)state;
	scene_send(s, make_udp(e, far, NULL, 0));
	assert_non_null(scene_binding(s, e));
	scene_send(s, make_udp(far, e, NULL, 0));
	assert_null(scene_binding(s, far));
	assert_int_not_equal(flags_of(e) & BIND_TWO_WAY, 0);
	assert_int_not_equal(s->work.stamps[0].flags & STAMP_DST_OURS, 0);
}

/* ---- stamps ---- */

static void test_stamps(void **state)
{
	const struct stamp *stamp = &s->work.stamps[0];

	(void)state;
	scene_handshake(s, home(20, 4000), server());
	scene_send(s, make_syn(home(20, 4000), server(), 1));
	assert_int_equal(stamp->kind, KIND_SYN);
	assert_int_equal(stamp->flags, STAMP_SENDER | STAMP_TARGET | STAMP_UPLINK | STAMP_SRC_OURS |
					       STAMP_SRC_LOCAL | STAMP_BELIEVED);
	assert_int_equal(stamp->actor_lane, stamp->actor_hash >> 58);
	assert_int_equal(stamp->target_lane, stamp->target_hash >> 58);
	assert_true(stamp->actor_hash == hash_addr(&s->work.packets[0].src));
	assert_true(stamp->target_hash == hash_addr(&s->work.packets[0].dst));
	assert_int_equal(stamp->second, s->now_ns / NS_PER_S);
	assert_ptr_equal(stamp->packet, &s->work.packets[0]);
	scene_send(s, make_udp(server(), home(20, 4000), NULL, 0));
	assert_int_equal(stamp->kind, KIND_UDP);
	assert_int_equal(stamp->flags, STAMP_SENDER | STAMP_TARGET | STAMP_UPLINK | STAMP_DST_OURS |
					       STAMP_BELIEVED | STAMP_DST_LOCAL);
}

static void test_kinds(void **state)
{
	static const struct {
		uint8_t flags;
		uint8_t kind;
	} kinds[] = {{TCP_SYN, KIND_SYN},
		     {TCP_SYN | TCP_PSH, KIND_SYN},
		     {TCP_SYN | TCP_ACK, KIND_ANSWER},
		     {TCP_RST, KIND_ANSWER},
		     {TCP_RST | TCP_ACK, KIND_ANSWER},
		     {TCP_SYN | TCP_FIN, KIND_TCP},
		     {TCP_ACK, KIND_TCP},
		     {TCP_FIN | TCP_ACK, KIND_TCP},
		     {0, KIND_TCP}};
	struct packet p = make_packet(home(20, 0), server(), PROTO_GRE);

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		scene_send(s, make_tcp(home(20, 4000), server(), kinds[i].flags, 1, 1));
		assert_int_equal(s->work.stamps[0].kind, kinds[i].kind);
	}
	scene_send(s, p);
	assert_int_equal(s->work.stamps[0].kind, KIND_OTHER_IP);
	p.proto = PROTO_ICMPV6;
	scene_send(s, p);
	assert_int_equal(s->work.stamps[0].kind, KIND_ICMP);
	p = make_syn(home(20, 4000), server(), 1);
	p.flags &= (uint16_t)~PACKET_L4; /* a later fragment */
	scene_send(s, p);
	assert_int_equal(s->work.stamps[0].kind, KIND_TCP);
}

static void test_nobodys_packets(void **state)
{
	static const char *const nobodies[] = {
		"0.0.0.0", "224.0.0.1", "255.255.255.255", "127.0.0.1", "::", "::1", "ff02::1"};
	uint64_t n = sizeof nobodies / sizeof nobodies[0];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(
			scene_send(s, make_udp(stranger_at(nobodies[i], 68), server(), NULL, 0)));
		assert_int_equal(s->work.stamps[0].flags & STAMP_SENDER, 0);
	}
	assert_int_equal(s->world.no_actor, n);
}

/* While the clock stands still, rates are counted by the packets' own seconds. */
static void test_seconds_of_held_packets(void **state)
{
	(void)state;
	scene_send(s, make_udp(home(20, 1), server(), NULL, 0));
	s->now_ns += 1000 * NS_PER_S;
	scene_send(s, make_udp(home(20, 1), server(), NULL, 0));
	assert_int_equal(s->work.packets[0].now_ns, s->now_ns - 1000 * NS_PER_S);
	assert_int_equal(s->work.stamps[0].second, s->now_ns / NS_PER_S);
}

static void test_the_uplink_is_alive_for_ten_minutes(void **state)
{
	(void)state;
	scene_tick(s, false);
	assert_false(world_has_uplink(&s->world));
	scene_send(s, make_udp(home(20, 1), home(30, 1), NULL, 0));
	scene_send(s, make_udp(home(30, 1), home(20, 1), NULL, 0));
	assert_false(world_has_uplink(&s->world)); /* neighbours are no uplink */
	scene_tick(s, true);
	assert_true(world_has_uplink(&s->world));
	scene_wait_for(s, 600 * 1000, false);
	scene_tick(s, false);
	assert_true(world_has_uplink(&s->world));
	scene_wait_for(s, 1000, false);
	scene_tick(s, false);
	assert_false(world_has_uplink(&s->world));
}

/* ---- copies ---- */

static bool on_link(uint32_t link, int64_t ms, struct packet p)
{
	s->link = link;
	return scene_after(s, ms, p);
}

static void test_copies_on_another_link_count_once(void **state)
{
	struct packet p = make_syn(home(20, 4000), server(), 77);
	struct packet forwarded = p;

	(void)state;
	forwarded.ttl--;
	forwarded.src_mac = scene_mac(1);
	forwarded.dst_mac = scene_mac(2);
	assert_true(on_link(1, 0, p));
	assert_false(on_link(2, 10, forwarded));
	assert_false(on_link(3, 40, forwarded));
	assert_int_equal(s->world.copies.seen, 2);
	assert_true(on_link(2, 1, forwarded)); /* 51 ms: somebody sent it again */
}

static void test_equal_packets_on_one_link_are_no_copies(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(on_link(1, 0, make_udp(home(20, 4000), server(), "same", 4)));
	assert_int_equal(s->world.copies.seen, 0);
}

static void test_a_flood_seen_twice_counts_once(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_true(on_link(1, 1, make_udp(home(20, 4000), server(), "same", 4)));
		assert_false(on_link(2, 0, make_udp(home(20, 4000), server(), "same", 4)));
	}
	assert_int_equal(s->world.copies.seen, 1000);
}

static void test_behind_a_nat_the_source_differs(void **state)
{
	struct packet inside = make_syn(home(20, 4000), server(), 77), outside = inside;

	(void)state;
	outside.src = scene_addr("203.0.113.9");
	outside.sport = 61000;
	assert_true(on_link(1, 0, inside));
	assert_false(on_link(2, 1, outside));
	assert_true(on_link(1, 1000, outside));
	assert_true(on_link(2, 1, inside)); /* a NAT does not make private what was public */
}

/* One file with both sides of a router in it: there is one link, and the router's hand shows. */
static void test_both_sides_of_a_router_on_one_link(void **state)
{
	struct packet inside = make_syn(home(20, 4000), server(), 77), outside = inside;

	(void)state;
	outside.src_mac = scene_mac(2);
	outside.dst_mac = scene_mac(3);
	assert_true(on_link(1, 0, inside));
	assert_true(on_link(1, 1, outside)); /* nobody counted it down */
	outside.ttl--;
	assert_true(on_link(1, 1000, inside));
	assert_false(on_link(1, 1, outside));
	assert_true(on_link(1, 1000, outside));
	assert_true(on_link(1, 1, inside)); /* nothing counts up */
}

static void test_both_sides_of_a_nat_on_one_link(void **state)
{
	struct packet inside = make_syn(home(20, 4000), server(), 77), outside = inside;

	(void)state;
	outside.src = scene_addr("203.0.113.9");
	assert_true(on_link(1, 0, inside));
	assert_true(on_link(1, 1, outside)); /* one MAC, two addresses */
	outside.src_mac = scene_mac(2);
	assert_true(on_link(1, 1000, inside));
	assert_false(on_link(1, 1, outside)); /* some NATs count nothing down */
	outside.ttl--;
	assert_true(on_link(1, 1000, inside));
	assert_false(on_link(1, 1, outside));
}

static void differ(struct packet other)
{
	assert_true(on_link(1, 1000, make_syn(home(20, 4000), server(), 77)));
	assert_true(on_link(2, 1, other));
}

static void test_what_makes_packets_differ(void **state)
{
	struct packet p = make_syn(home(20, 4000), server(), 77), other;

	(void)state;
	other = p;
	other.seq++;
	differ(other);
	other = p;
	other.ip_id = 9;
	differ(other);
	other = p;
	other.dport++;
	differ(other);
	other = p;
	other.dst = scene_addr("198.51.100.2");
	differ(other);
	other = p;
	other.tcp_flags = TCP_ACK;
	differ(other);
	other = p;
	other.ip_len++;
	differ(other);
	other = p;
	other.payload = (const uint8_t *)"x";
	other.payload_len = 1;
	differ(other);
	other = p;
	other.src = scene_addr("192.168.1.21");
	differ(other);
}

/* Stamps close up over what is left out, and what was inside a copy goes with it. */
static void test_batches_close_up(void **state)
{
	struct work *work = &s->work;
	struct packet outer = make_packet(home(20, 0), server(), PROTO_GRE);
	struct packet inner = make_udp(home(20, 1), stranger_at("198.51.100.9", 7), NULL, 0);

	(void)state;
	outer.flags |= PACKET_OUTER;
	inner.flags |= PACKET_INNER;
	work->packets[0] = outer;
	work->packets[1] = inner;
	work->packets[2] = outer;
	work->packets[3] = inner;
	work->packets[2].link_key = work->packets[3].link_key = 5; /* copies */
	work->packets[4] = make_arp(home(21, 0), home(1, 0).addr, 1);
	work->packets[5] = make_syn(home(22, 4000), server(), 5);
	for (uint64_t i = 0; i < 6; i++) {
		work->packets[i].time_ns = s->now_ns;
		work->packets[i].key = i + 1;
	}
	work->n = 6;
	assert_int_equal(world_stamp(&s->world, work, 0), 4);
	assert_int_equal(work->n, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_ptr_equal(work->stamps[i].packet, &work->packets[i < 2 ? i : i + 2]);
	assert_int_equal(work->stamps[2].kind, KIND_LINK);
	assert_int_equal(work->stamps[3].kind, KIND_SYN);
	assert_int_equal(s->world.copies.seen, 1);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_a_handshake_proves_both),
		RULE(test_a_handshake_with_a_stranger_proves_ours),
		RULE(test_a_wrong_acknowledgement_proves_nothing),
		RULE(test_the_right_number_from_another_peer_proves_nothing),
		RULE(test_being_acknowledged_proves_too),
		RULE(test_two_ways_prove_less),
		RULE(test_resets_and_syns_are_no_answers),
		RULE(test_answers_to_another_mac_prove_nothing),
		RULE(test_64_unproven_addresses_a_mac),
		RULE(test_proof_makes_room),
		RULE(test_forwarded_hosts_are_not_limited),
		RULE(test_1024_claims_a_mac),
		RULE(test_an_address_has_at_most_nine_macs),
		RULE(test_macs_run_out),
		RULE(test_arp_claims),
		RULE(test_arp_nonsense),
		RULE(test_neighbour_advertisements_claim),
		RULE(test_options_must_name_the_sender),
		RULE(test_router_advertisements_teach_prefixes),
		RULE(test_prefixes_run_out),
		RULE(test_given_prefixes_are_all_there_is),
		RULE(test_leases_bind),
		RULE(test_leases_of_nobody),
		RULE(test_leases_teach_public_networks),
		RULE(test_silent_bindings_have_a_time),
		RULE(test_a_global_address_is_its_own),
		RULE(test_stamps),
		RULE(test_kinds),
		RULE(test_nobodys_packets),
		RULE(test_seconds_of_held_packets),
		RULE(test_the_uplink_is_alive_for_ten_minutes),
		RULE(test_copies_on_another_link_count_once),
		RULE(test_equal_packets_on_one_link_are_no_copies),
		RULE(test_a_flood_seen_twice_counts_once),
		RULE(test_behind_a_nat_the_source_differs),
		RULE(test_both_sides_of_a_router_on_one_link),
		RULE(test_both_sides_of_a_nat_on_one_link),
		RULE(test_what_makes_packets_differ),
		RULE(test_batches_close_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
