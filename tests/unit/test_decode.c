/* SPDX-License-Identifier: MIT */
/*
 * Decode, by frames that are built from the inside out: one innermost packet, wrapped in every link type and tunnel
 * there is, IPv4 and IPv6 alike. Each frame is also cut at every length, from a heap block of exactly that size, so
 * that the address sanitizer sees a read of one byte too many.
 *
 * With "--seeds DIRECTORY" it writes its frames as seeds of the fuzz target instead.
 */
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SPORT = 40000,
	DPORT = 23,
	SEQ = 0xc6336402,
	ACK = 0x01020304,
	WINDOW = 5840,
	TTL = 61,
	IP_ID = 0x1234,
	SESSION = 0x0b0b,
	SHAPE_WRAPS = 8
};

static const uint8_t client_mac[6] = {0x02, 0x00, 0x5e, 0x00, 0x53, 0x01};
static const uint8_t server_mac[6] = {0x02, 0x00, 0x5e, 0x00, 0x53, 0x02};
static const uint8_t bssid[6] = {0x02, 0x00, 0x5e, 0x00, 0x53, 0xaa};
static const uint8_t client4[4] = {192, 0, 2, 7};
static const uint8_t server4[4] = {198, 51, 100, 2};
static const uint8_t client6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
static const uint8_t server6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2};
static const uint8_t payload[] = {'l', 'a', 'b', '-', 'c', 'a', 'm', '\r', '\n'};

/* A frame under construction; headers are put in front. */
struct maker {
	uint8_t bytes[2048];
	size_t start;
	uint16_t type; /* ethertype of what it begins with */
	uint8_t proto; /* protocol number of what it begins with, for an IP header in front */
	bool v6;       /* the innermost packet is IPv6 */
};

static uint8_t *prepend(struct maker *m, size_t n)
{
	assert_true(m->start >= n);
	m->start -= n;
	memset(m->bytes + m->start, 0, n);
	return m->bytes + m->start;
}

/* Moves what is made to the front by n bytes, to have them behind it. */
static void append(struct maker *m, size_t n, uint8_t value)
{
	size_t len = sizeof m->bytes - m->start;

	assert_true(m->start >= n);
	memmove(m->bytes + m->start - n, m->bytes + m->start, len);
	memset(m->bytes + sizeof m->bytes - n, value, n);
	m->start -= n;
}

static size_t made(const struct maker *m)
{
	return sizeof m->bytes - m->start;
}

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

/* The checksum the slow way, bytes and all: not the code under test. */
static unsigned add_up(const uint8_t *at, size_t n, unsigned sum)
{
	for (size_t i = 0; i < n; i++)
		sum += (i & 1) != 0 ? at[i] : (unsigned)at[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static unsigned pseudo(bool v6, uint8_t proto, size_t len)
{
	unsigned sum = proto + (unsigned)len;

	if (v6)
		return add_up(client6, 16, add_up(server6, 16, sum));
	return add_up(client4, 4, add_up(server4, 4, sum));
}

static void put_transport_checksum(struct maker *m, uint8_t proto, size_t at)
{
	uint8_t *segment = m->bytes + m->start;
	unsigned sum = proto == PROTO_ICMP ? 0 : pseudo(m->v6, proto, made(m));

	put16(segment + at, 0);
	put16(segment + at, ~add_up(segment, made(m), sum) & 0xffff);
	m->proto = proto;
}

static void begin(struct maker *m, bool v6, size_t payload_len)
{
	*m = (struct maker){.start = sizeof m->bytes, .v6 = v6};
	assert_true(payload_len <= sizeof payload);
	memcpy(prepend(m, payload_len), payload, payload_len);
}

static void put_tcp(struct maker *m)
{
	uint8_t *h = prepend(m, 24);

	put16(h, SPORT);
	put16(h + 2, DPORT);
	put32(h + 4, SEQ);
	put32(h + 8, ACK);
	h[12] = 6 << 4;
	h[13] = TCP_SYN | TCP_PSH;
	put16(h + 14, WINDOW);
	memcpy(h + 20, "\x02\x04\x05\xb4", 4);
	put_transport_checksum(m, PROTO_TCP, 16);
}

static void put_udp(struct maker *m, uint16_t dport)
{
	uint8_t *h = prepend(m, 8);

	put16(h, SPORT);
	put16(h + 2, dport);
	put16(h + 4, (unsigned)made(m));
	put_transport_checksum(m, PROTO_UDP, 6);
}

static void put_icmp(struct maker *m)
{
	uint8_t *h = prepend(m, 8);

	h[0] = m->v6 ? 128 : 8;
	put_transport_checksum(m, m->v6 ? PROTO_ICMPV6 : PROTO_ICMP, 2);
}

static void fix_ip4(uint8_t *h)
{
	size_t len = (size_t)(h[0] & 15) * 4;

	put16(h + 10, 0);
	put16(h + 10, ~add_up(h, len, 0) & 0xffff);
}

static uint8_t *put_ip4(struct maker *m, const uint8_t *src, const uint8_t *dst)
{
	uint8_t *h = prepend(m, 20);

	h[0] = 0x45;
	put16(h + 2, (unsigned)made(m));
	put16(h + 4, IP_ID);
	h[8] = TTL;
	h[9] = m->proto;
	memcpy(h + 12, src, 4);
	memcpy(h + 16, dst, 4);
	fix_ip4(h);
	m->proto = PROTO_IPIP;
	m->type = 0x0800;
	return h;
}

static uint8_t *put_ip6(struct maker *m, const uint8_t *src, const uint8_t *dst)
{
	size_t len = made(m);
	uint8_t *h = prepend(m, 40);

	h[0] = 0x60;
	put16(h + 4, (unsigned)len);
	h[6] = m->proto;
	h[7] = TTL;
	memcpy(h + 8, src, 16);
	memcpy(h + 24, dst, 16);
	m->proto = PROTO_IPV6;
	m->type = 0x86dd;
	return h;
}

static uint8_t *put_ip(struct maker *m)
{
	return m->v6 ? put_ip6(m, client6, server6) : put_ip4(m, client4, server4);
}

/* Wraps: each puts one header, or one tunnel's headers, in front. */

static void ethernet(struct maker *m)
{
	uint8_t *h = prepend(m, 14);

	memcpy(h, server_mac, 6);
	memcpy(h + 6, client_mac, 6);
	put16(h + 12, m->type);
	m->type = 0x6558;
}

static void tag(struct maker *m, uint16_t type, uint16_t id)
{
	uint8_t *h = prepend(m, 4);

	put16(h, 0xe000U | id);
	put16(h + 2, m->type);
	m->type = type;
}

static void vlan7(struct maker *m)
{
	tag(m, 0x8100, 7);
}

static void qinq300(struct maker *m)
{
	tag(m, 0x88a8, 300);
}

static void qinq_old300(struct maker *m)
{
	tag(m, 0x9100, 300);
}

static void llc(struct maker *m)
{
	memcpy(prepend(m, 3), "\x06\x06\x03", 3);
	m->type = (uint16_t)made(m);
}

static void snap(struct maker *m)
{
	uint8_t *h = prepend(m, 8);

	memcpy(h, "\xaa\xaa\x03", 3);
	put16(h + 6, m->type);
	m->type = (uint16_t)made(m);
}

static void ppp_protocol(struct maker *m)
{
	put16(prepend(m, 2), m->type == 0x0800 ? 0x0021 : m->type == 0x86dd ? 0x0057 : 0x0281);
}

static void ppp_compressed(struct maker *m)
{
	prepend(m, 1)[0] = m->type == 0x0800 ? 0x21 : 0x57;
}

static void ppp_hdlc(struct maker *m)
{
	memcpy(prepend(m, 2), "\xff\x03", 2);
}

static void cisco_hdlc(struct maker *m)
{
	uint8_t *h = prepend(m, 4);

	h[0] = 0x0f;
	put16(h + 2, m->type);
}

static void ppp_direction(struct maker *m)
{
	prepend(m, 1)[0] = 1;
}

static void pppoe(struct maker *m)
{
	size_t len = made(m);
	uint8_t *h = prepend(m, 6);

	h[0] = 0x11;
	put16(h + 2, SESSION);
	put16(h + 4, (unsigned)len);
	m->type = 0x8864;
}

static void mpls(struct maker *m)
{
	put32(prepend(m, 4), 0x00064140); /* label 100, bottom of the stack */
	put32(prepend(m, 4), 0x000c8040); /* label 200 */
	m->type = 0x8847;
}

static void control_word(struct maker *m)
{
	prepend(m, 4);
}

static void sll(struct maker *m)
{
	uint8_t *h = prepend(m, 16);

	put16(h, 4);
	put16(h + 2, 1);
	put16(h + 4, 6);
	memcpy(h + 6, client_mac, 6);
	put16(h + 14, m->type);
}

static void sll2(struct maker *m)
{
	uint8_t *h = prepend(m, 20);

	put16(h, m->type);
	put32(h + 4, 3);
	put16(h + 8, 1);
	h[11] = 6;
	memcpy(h + 12, client_mac, 6);
}

static void loop(struct maker *m)
{
	put32(prepend(m, 4), m->type == 0x0800 ? 2 : 24);
}

static void null_little(struct maker *m)
{
	prepend(m, 4)[0] = m->type == 0x0800 ? 2 : 30;
}

static uint8_t *wifi(struct maker *m, size_t len, uint8_t subtype, uint8_t flags, const uint8_t *a1,
		     const uint8_t *a2, const uint8_t *a3)
{
	uint8_t *h = prepend(m, len);

	h[0] = (uint8_t)(0x08 | subtype);
	h[1] = flags;
	memcpy(h + 4, a1, 6);
	memcpy(h + 10, a2, 6);
	memcpy(h + 16, a3, 6);
	return h;
}

static void wifi_to_ds(struct maker *m)
{
	wifi(m, 24, 0, 0x01, bssid, client_mac, server_mac);
}

static void wifi_from_ds(struct maker *m)
{
	wifi(m, 24, 0, 0x02, server_mac, bssid, client_mac);
}

static void wifi_adhoc(struct maker *m)
{
	wifi(m, 24, 0, 0, server_mac, client_mac, bssid);
}

static void wifi_qos(struct maker *m)
{
	wifi(m, 26, 0x80, 0x01, bssid, client_mac, server_mac);
}

static void wifi_qos_ht(struct maker *m)
{
	wifi(m, 30, 0x80, 0x81, bssid, client_mac, server_mac);
}

static void wifi_wds_retry(struct maker *m)
{
	uint8_t *h = wifi(m, 32, 0x80, 0x0b, bssid, bssid, server_mac);

	memcpy(h + 24, client_mac, 6);
}

static void wifi_amsdu(struct maker *m)
{
	size_t len = made(m);
	uint8_t *sub = prepend(m, 14);

	memcpy(sub, server_mac, 6);
	memcpy(sub + 6, client_mac, 6);
	put16(sub + 12, (unsigned)len);
	wifi(m, 26, 0x80, 0x01, bssid, client_mac, bssid)[24] = 0x80;
}

static void radiotap(struct maker *m)
{
	prepend(m, 8)[2] = 8;
}

/* Two present words, a time stamp in front of the flags, a check sequence behind the frame. */
static void radiotap_fcs(struct maker *m)
{
	uint8_t *h;

	append(m, 4, 0xee);
	h = prepend(m, 25);
	h[2] = 25;
	memcpy(h + 4, "\x03\x00\x00\x80", 4);
	h[24] = 0x10;
}

/* As some Atheros cards hand frames over: two zeros between a QoS header and the rest. */
static void radiotap_padded(struct maker *m)
{
	uint8_t *at = prepend(m, 2);

	memmove(at, at + 2, 26);
	memset(at + 26, 0, 2);
	at = prepend(m, 9);
	at[2] = 9;
	at[4] = 0x02;
	at[8] = 0x20;
}

static void prism(struct maker *m)
{
	uint8_t *h = prepend(m, 144);

	h[0] = 0x44;
	h[4] = 144;
}

static void avs(struct maker *m)
{
	uint8_t *h = prepend(m, 64);

	put32(h, 0x80211001);
	put32(h + 4, 64);
}

static void outer4(struct maker *m)
{
	put_ip4(m, (const uint8_t[]){203, 0, 113, 1}, (const uint8_t[]){203, 0, 113, 2});
}

static void outer6(struct maker *m)
{
	put_ip6(m, (const uint8_t[16]){0x20, 1, 0xd, 0xb8, 9, [15] = 1},
		(const uint8_t[16]){0x20, 1, 0xd, 0xb8, 9, [15] = 2});
}

static void gre(struct maker *m)
{
	put16(prepend(m, 4) + 2, m->type);
	m->proto = PROTO_GRE;
}

static void gre_all(struct maker *m)
{
	uint8_t *h = prepend(m, 16);

	put16(h, 0xb000);
	put16(h + 2, m->type);
	m->proto = PROTO_GRE;
}

static void erspan1(struct maker *m)
{
	m->type = 0x88be;
	gre(m);
}

static void erspan2(struct maker *m)
{
	uint8_t *h = prepend(m, 8);

	h[0] = 0x10;
	h = prepend(m, 8);
	put16(h, 0x1000);
	put16(h + 2, 0x88be);
	m->proto = PROTO_GRE;
}

static void vxlan_on(struct maker *m, uint16_t dport, uint32_t flags)
{
	uint8_t *h = prepend(m, 8);

	put32(h, flags);
	h = prepend(m, 8);
	put16(h, 49152);
	put16(h + 2, dport);
	put16(h + 4, (unsigned)made(m));
	m->proto = PROTO_UDP;
}

static void vxlan(struct maker *m)
{
	vxlan_on(m, 4789, 0x08000000);
}

static void vxlan_group(struct maker *m)
{
	vxlan_on(m, 8472, 0x88080005);
}

enum macs { MACS_BOTH, MACS_SRC, MACS_NONE };

struct shape {
	const char *name;
	uint16_t link;
	void (*wrap[SHAPE_WRAPS])(struct maker *);
	uint16_t vlan; /* of the innermost packet, as all below */
	uint32_t session;
	enum macs macs;
	bool retry;
	bool only4;	  /* LLC without SNAP knows only IPv4 */
	unsigned packets; /* 0 means 1 */
	uint8_t gre;	  /* of the outermost packet */
};

enum { QINQ = 300 << 12 | 7 };

static const struct shape shapes[] = {
	{.name = "ethernet", .link = LINK_ETHERNET, .wrap = {ethernet}},
	{.name = "vlan", .link = LINK_ETHERNET, .wrap = {vlan7, ethernet}, .vlan = 7},
	{.name = "qinq",
	 .link = LINK_ETHERNET,
	 .wrap = {vlan7, qinq300, ethernet},
	 .vlan = 7,
	 .session = QINQ},
	{.name = "qinq-9100",
	 .link = LINK_ETHERNET,
	 .wrap = {vlan7, qinq_old300, ethernet},
	 .vlan = 7,
	 .session = QINQ},
	{.name = "snap", .link = LINK_ETHERNET, .wrap = {snap, ethernet}},
	{.name = "snap-vlan", .link = LINK_ETHERNET, .wrap = {snap, vlan7, ethernet}, .vlan = 7},
	{.name = "llc", .link = LINK_ETHERNET, .wrap = {llc, ethernet}, .only4 = true},
	{.name = "pppoe",
	 .link = LINK_ETHERNET,
	 .wrap = {ppp_protocol, pppoe, ethernet},
	 .session = SESSION},
	{.name = "pppoe-qinq",
	 .link = LINK_ETHERNET,
	 .wrap = {ppp_protocol, pppoe, vlan7, qinq300, ethernet},
	 .vlan = 7,
	 .session = SESSION},
	{.name = "pppoe-link",
	 .link = LINK_PPPOE,
	 .wrap = {ppp_protocol, pppoe},
	 .session = SESSION,
	 .macs = MACS_NONE},
	{.name = "mpls", .link = LINK_ETHERNET, .wrap = {mpls, ethernet}},
	{.name = "mpls-ethernet", .link = LINK_ETHERNET, .wrap = {ethernet, mpls, ethernet}},
	{.name = "mpls-control-word",
	 .link = LINK_ETHERNET,
	 .wrap = {vlan7, ethernet, control_word, mpls, ethernet},
	 .vlan = 7},
	{.name = "ppp", .link = LINK_PPP, .wrap = {ppp_protocol}, .macs = MACS_NONE},
	{.name = "ppp-short", .link = LINK_PPP, .wrap = {ppp_compressed}, .macs = MACS_NONE},
	{.name = "ppp-mpls",
	 .link = LINK_PPP_HDLC,
	 .wrap = {mpls, ppp_protocol, ppp_hdlc},
	 .macs = MACS_NONE},
	{.name = "ppp-hdlc",
	 .link = LINK_PPP_HDLC,
	 .wrap = {ppp_protocol, ppp_hdlc},
	 .macs = MACS_NONE},
	{.name = "cisco-hdlc", .link = LINK_PPP_HDLC, .wrap = {cisco_hdlc}, .macs = MACS_NONE},
	{.name = "ppp-direction",
	 .link = LINK_PPP_DIR,
	 .wrap = {ppp_protocol, ppp_hdlc, ppp_direction},
	 .macs = MACS_NONE},
	{.name = "raw", .link = LINK_RAW, .wrap = {NULL}, .macs = MACS_NONE},
	{.name = "raw-bsd", .link = LINK_RAW_BSD, .wrap = {NULL}, .macs = MACS_NONE},
	{.name = "raw-openbsd", .link = LINK_RAW_OPENBSD, .wrap = {NULL}, .macs = MACS_NONE},
	{.name = "null", .link = LINK_NULL, .wrap = {null_little}, .macs = MACS_NONE},
	{.name = "null-big", .link = LINK_NULL, .wrap = {loop}, .macs = MACS_NONE},
	{.name = "loop", .link = LINK_LOOP, .wrap = {loop}, .macs = MACS_NONE},
	{.name = "sll", .link = LINK_SLL, .wrap = {sll}, .macs = MACS_SRC},
	{.name = "sll-vlan", .link = LINK_SLL, .wrap = {vlan7, sll}, .vlan = 7, .macs = MACS_SRC},
	{.name = "sll2", .link = LINK_SLL2, .wrap = {sll2}, .macs = MACS_SRC},
	{.name = "wifi-to-ds", .link = LINK_80211, .wrap = {snap, wifi_to_ds}},
	{.name = "wifi-from-ds", .link = LINK_80211, .wrap = {snap, wifi_from_ds}},
	{.name = "wifi-adhoc", .link = LINK_80211, .wrap = {snap, wifi_adhoc}},
	{.name = "wifi-qos", .link = LINK_80211, .wrap = {snap, wifi_qos}},
	{.name = "wifi-qos-ht", .link = LINK_80211, .wrap = {snap, wifi_qos_ht}},
	{.name = "wifi-wds", .link = LINK_80211, .wrap = {snap, wifi_wds_retry}, .retry = true},
	{.name = "wifi-amsdu", .link = LINK_80211, .wrap = {snap, wifi_amsdu}},
	{.name = "radiotap", .link = LINK_80211_RADIOTAP, .wrap = {snap, wifi_from_ds, radiotap}},
	{.name = "radiotap-fcs",
	 .link = LINK_80211_RADIOTAP,
	 .wrap = {snap, wifi_qos, radiotap_fcs}},
	{.name = "radiotap-padded",
	 .link = LINK_80211_RADIOTAP,
	 .wrap = {snap, wifi_qos, radiotap_padded}},
	{.name = "prism", .link = LINK_80211_PRISM, .wrap = {snap, wifi_to_ds, prism}},
	{.name = "avs", .link = LINK_80211_PRISM, .wrap = {snap, wifi_to_ds, avs}},
	{.name = "gre-4",
	 .link = LINK_ETHERNET,
	 .wrap = {gre, outer4, ethernet},
	 .macs = MACS_NONE,
	 .packets = 2,
	 .gre = GRE_IP},
	{.name = "gre-6",
	 .link = LINK_ETHERNET,
	 .wrap = {gre_all, outer6, ethernet},
	 .macs = MACS_NONE,
	 .packets = 2,
	 .gre = GRE_IP},
	{.name = "gre-ethernet-4",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, gre_all, outer4, ethernet},
	 .packets = 2,
	 .gre = GRE_ETHERNET},
	{.name = "gre-ethernet-6",
	 .link = LINK_ETHERNET,
	 .wrap = {vlan7, ethernet, gre, outer6, ethernet},
	 .vlan = 7,
	 .packets = 2,
	 .gre = GRE_ETHERNET},
	{.name = "erspan-1",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, erspan1, outer4, ethernet},
	 .packets = 2,
	 .gre = GRE_OTHER},
	{.name = "erspan-2",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, erspan2, outer4, ethernet},
	 .packets = 2,
	 .gre = GRE_OTHER},
	{.name = "ip-in-4",
	 .link = LINK_ETHERNET,
	 .wrap = {outer4, vlan7, ethernet},
	 .macs = MACS_NONE,
	 .packets = 2},
	{.name = "ip-in-6",
	 .link = LINK_ETHERNET,
	 .wrap = {outer6, vlan7, qinq300, ethernet},
	 .macs = MACS_NONE,
	 .packets = 2},
	{.name = "vxlan-4",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, vxlan, outer4, ethernet},
	 .packets = 2},
	{.name = "vxlan-6",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, vxlan_group, outer6, ethernet},
	 .packets = 2},
	{.name = "nested",
	 .link = LINK_ETHERNET,
	 .wrap = {ethernet, gre, outer6, ethernet, vxlan, outer4, ethernet},
	 .packets = 3},
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void make_shape(struct maker *m, const struct shape *s, bool v6)
{
	begin(m, v6, sizeof payload);
	put_tcp(m);
	put_ip(m);
	for (size_t i = 0; i < SHAPE_WRAPS && s->wrap[i] != NULL; i++)
		s->wrap[i](m);
}

static struct frame frame_of(const uint8_t *data, size_t len, size_t wire_len, uint16_t link)
{
	return (struct frame){
		.data = data,
		.len = (uint32_t)len,
		.wire_len = (uint32_t)wire_len,
		.time_ns = 1477047751000000000,
		.number = 42,
		.input = 3,
		.iface = 1,
		.linktype = link,
	};
}

/* Decodes from a heap block of exactly len bytes; payload pointers are only compared, never followed, after it. */
static unsigned decode_bytes(const uint8_t *bytes, size_t len, size_t wire_len, uint16_t link,
			     struct packet out[DECODE_PACKETS], struct decode_stats *stats)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct frame f = frame_of(copy, len, wire_len, link);
	unsigned n;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	n = decode_frame(&f, out, stats);
	assert_true(n <= DECODE_PACKETS);
	for (unsigned i = 0; i < n; i++) {
		assert_true(out[i].payload_len <= out[i].payload_wire);
		assert_true(out[i].payload == NULL ||
			    (out[i].payload >= copy &&
			     out[i].payload + out[i].payload_len <= copy + len));
		assert_int_equal((out[i].flags & PACKET_OUTER) != 0, i + 1 < n);
		assert_int_equal((out[i].flags & PACKET_INNER) != 0, i > 0);
	}
	free(copy);
	return n;
}

static unsigned decode_made(const struct maker *m, uint16_t link, struct packet out[DECODE_PACKETS],
			    struct decode_stats *stats)
{
	return decode_bytes(m->bytes + m->start, made(m), made(m), link, out, stats);
}

static void check_addresses(const struct packet *p, bool v6)
{
	struct addr src = {.b = {[10] = 0xff, [11] = 0xff}};
	struct addr dst = src;

	if (v6) {
		memcpy(src.b, client6, 16);
		memcpy(dst.b, server6, 16);
	} else {
		memcpy(src.b + 12, client4, 4);
		memcpy(dst.b + 12, server4, 4);
	}
	assert_memory_equal(&p->src, &src, sizeof src);
	assert_memory_equal(&p->dst, &dst, sizeof dst);
	assert_int_equal((p->flags & PACKET_V6) != 0, v6);
}

static void check_shape(const struct shape *s, const struct packet *p, bool v6)
{
	check_addresses(p, v6);
	assert_int_equal(p->proto, PROTO_TCP);
	assert_int_equal(p->sport, SPORT);
	assert_int_equal(p->dport, DPORT);
	assert_int_equal(p->seq, SEQ);
	assert_int_equal(p->ack, ACK);
	assert_int_equal(p->window, WINDOW);
	assert_int_equal(p->ttl, TTL);
	assert_int_equal(p->ip_id, v6 ? 0 : IP_ID);
	assert_int_equal(p->tcp_flags, TCP_SYN | TCP_PSH);
	assert_int_equal(p->tcp_options, 4);
	assert_int_equal(p->payload_len, sizeof payload);
	assert_int_equal(p->payload_wire, sizeof payload);
	assert_int_equal(p->ip_len, (v6 ? 40 : 20) + 24 + sizeof payload);
	assert_int_equal(p->key, (uint64_t)3 << 40 | 42);
	assert_int_equal(p->vlan, s->vlan);
	assert_int_equal(p->session, s->session);
	assert_int_equal((p->flags & PACKET_SESSION) != 0, s->session != 0);
	assert_int_equal((p->flags & PACKET_HAS_MAC) != 0, s->macs != MACS_NONE);
	assert_int_equal((p->flags & PACKET_HAS_DST_MAC) != 0, s->macs == MACS_BOTH);
	assert_int_equal((p->flags & PACKET_RADIO_RETRY) != 0, s->retry);
	if (s->macs != MACS_NONE)
		assert_memory_equal(p->src_mac.b, client_mac, 6);
	if (s->macs == MACS_BOTH)
		assert_memory_equal(p->dst_mac.b, server_mac, 6);
	assert_int_equal(p->flags & (PACKET_TRUNCATED | PACKET_BAD_CHECKSUM | PACKET_FRAGMENT), 0);
	assert_true((p->flags & PACKET_L4) != 0);
}

static void every_shape_gives_the_same_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * SHAPES; i++) {
		const struct shape *s = &shapes[i / 2];
		unsigned packets = s->packets == 0 ? 1 : s->packets;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};
		struct maker m;
		bool v6 = i % 2 == 1;

		if (v6 && s->only4)
			continue;
		make_shape(&m, s, v6);
		assert_int_equal(decode_made(&m, s->link, out, &stats), packets);
		check_shape(s, &out[packets - 1], v6);
		if (s->gre != 0)
			assert_int_equal(out[0].gre, s->gre);
		assert_int_equal(stats.frames, 1);
		assert_int_equal(
			stats.malformed + stats.non_ip + stats.truncated + stats.bad_checksum, 0);
	}
}

static bool zero_or(uint32_t got, uint32_t want)
{
	return got == 0 || got == want;
}

/* What a cut packet says is what the whole one says, or nothing. */
static void check_no_invention(const struct packet *cut, const struct packet *whole)
{
	bool fewer_headers = cut->proto != whole->proto;

	assert_memory_equal(&cut->src, &whole->src, sizeof cut->src);
	assert_memory_equal(&cut->dst, &whole->dst, sizeof cut->dst);
	assert_memory_equal(&cut->src_mac, &whole->src_mac, sizeof cut->src_mac);
	assert_int_equal(cut->ip_len, whole->ip_len);
	assert_int_equal(cut->link_key, whole->link_key);
	assert_int_equal(cut->session, whole->session);
	assert_int_equal(cut->vlan, whole->vlan);
	assert_int_equal(cut->ttl, whole->ttl);
	assert_false(fewer_headers && (cut->flags & PACKET_L4) != 0);
	assert_true(zero_or(cut->sport, whole->sport) && zero_or(cut->dport, whole->dport));
	assert_true(zero_or(cut->seq, whole->seq) && zero_or(cut->ack, whole->ack));
	assert_true(zero_or(cut->window, whole->window) &&
		    zero_or(cut->tcp_flags, whole->tcp_flags));
	assert_true(zero_or(cut->tcp_options, whole->tcp_options) && zero_or(cut->gre, whole->gre));
	assert_true(zero_or(cut->icmp_type, whole->icmp_type));
	assert_int_equal(cut->flags & PACKET_BAD_CHECKSUM, 0);
	if ((cut->flags & PACKET_L4) != 0) {
		assert_int_equal(cut->sport, whole->sport);
		assert_int_equal(cut->seq, whole->seq);
		assert_int_equal(cut->tcp_flags, whole->tcp_flags);
		assert_int_equal(cut->payload_wire, whole->payload_wire);
	}
	assert_true(cut->payload_len <= whole->payload_len ||
		    cut->payload_wire > whole->payload_wire);
}

static void cut_everywhere(const struct maker *m, uint16_t link)
{
	struct packet whole[DECODE_PACKETS];
	struct decode_stats stats = {0};
	unsigned n = decode_made(m, link, whole, &stats);

	for (size_t len = 0; len < made(m); len++) {
		struct packet out[DECODE_PACKETS];
		struct decode_stats cut = {0};
		unsigned got = decode_bytes(m->bytes + m->start, len, made(m), link, out, &cut);

		assert_true(got <= n);
		assert_int_equal(cut.malformed, stats.malformed);
		assert_int_equal(cut.bad_checksum, 0);
		assert_true(cut.truncated <= 1);
		/* A radiotap check sequence is the only thing that may be lost without loss. */
		assert_true(cut.truncated == 1 || link == LINK_80211_RADIOTAP);
		for (unsigned i = 0; i < got; i++)
			check_no_invention(&out[i], &whole[i]);
	}
}

static void no_cut_invents_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * SHAPES; i++) {
		const struct shape *s = &shapes[i / 2];
		struct maker m;

		if (i % 2 == 1 && s->only4)
			continue;
		make_shape(&m, s, i % 2 == 1);
		cut_everywhere(&m, s->link);
	}
}

static void fifty_four_bytes_of_a_syn_are_enough(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	make_shape(&m, &shapes[0], false);
	assert_int_equal(decode_bytes(m.bytes + m.start, 54, made(&m), LINK_ETHERNET, out, &stats),
			 1);
	assert_int_equal(out[0].flags & (PACKET_L4 | PACKET_TRUNCATED),
			 PACKET_L4 | PACKET_TRUNCATED);
	assert_int_equal(out[0].seq, SEQ);
	assert_int_equal(out[0].window, WINDOW);
	assert_true(packet_is_syn(&out[0]));
	assert_int_equal(out[0].tcp_options, 4);
	assert_int_equal(out[0].payload_len, 0);
	assert_int_equal(out[0].payload_wire, sizeof payload);
	assert_int_equal(stats.truncated, 1);
}

/* A VLAN tag leaves 16 of TCP's bytes before byte 54: all that a packet holds, and the length of the options. */
static void sixteen_bytes_of_tcp_are_enough(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	unsigned cut = PACKET_L4 | PACKET_TRUNCATED;

	(void)state;
	make_shape(&m, &(struct shape){.link = LINK_ETHERNET, .wrap = {vlan7, ethernet}}, false);
	for (size_t snaplen = 54; snaplen < 58; snaplen++) {
		assert_int_equal(decode_bytes(m.bytes + m.start, snaplen, made(&m), LINK_ETHERNET,
					      out, &stats),
				 1);
		assert_int_equal(out[0].flags & cut, cut);
		assert_true(packet_is_syn(&out[0]));
		assert_int_equal(out[0].dport, DPORT);
		assert_int_equal(out[0].seq, SEQ);
		assert_int_equal(out[0].window, WINDOW);
		assert_int_equal(out[0].tcp_options, 4);
		assert_int_equal(out[0].payload_len, 0);
		assert_int_equal(out[0].payload_wire, sizeof payload);
	}
	assert_int_equal(stats.truncated, 4);
	/* One byte less and the header is not there: addresses only. */
	assert_int_equal(decode_bytes(m.bytes + m.start, 53, made(&m), LINK_ETHERNET, out, &stats),
			 1);
	assert_int_equal(out[0].flags & cut, PACKET_TRUNCATED);
	assert_int_equal(out[0].sport, 0);
	assert_int_equal(stats.malformed + stats.bad_checksum, 0);
}

/* Sixteen bytes are enough only where the capture took the rest, not where the rest never was. */
static void a_short_tcp_header_is_none(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	uint8_t *h;

	(void)state;
	begin(&m, false, 0);
	put_tcp(&m);
	h = put_ip(&m);
	put16(h + 2, 20 + 19);
	fix_ip4(h);
	for (size_t snaplen = 20 + 16; snaplen <= 20 + 19; snaplen++) {
		assert_int_equal(decode_bytes(h, snaplen, made(&m), LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].flags & PACKET_L4, 0);
	}
	/* In a first fragment the header goes on in the next. */
	put16(h + 2, 20 + 16);
	put16(h + 6, 0x2000);
	fix_ip4(h);
	assert_int_equal(decode_bytes(h, 20 + 16, 20 + 16, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags, PACKET_FRAGMENT | PACKET_MORE_FRAGMENTS);
}

/* Every single bit of headers and payload, turned over, is noticed, and only counted. */
static void a_wrong_bit_is_a_bad_checksum(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 6; kind++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};
		size_t ip_header = kind % 2 == 1 ? 40 : 20;
		uint8_t *at;

		begin(&m, kind % 2 == 1, sizeof payload);
		if (kind / 2 == 0)
			put_tcp(&m);
		else if (kind / 2 == 1)
			put_udp(&m, 53);
		else
			put_icmp(&m);
		put_ip(&m);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(stats.bad_checksum, 0);
		assert_true((out[0].flags & PACKET_L4) != 0);
		at = m.bytes + m.start;
		for (size_t bit = (ip_header + 8) * 8; bit < made(&m) * 8; bit++) {
			if (kind / 2 == 0 && bit / 8 == ip_header + 12)
				continue; /* the header length: malformed */
			at[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
			assert_true((out[0].flags & PACKET_BAD_CHECKSUM) != 0);
			at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_true(stats.bad_checksum > 0 && stats.malformed == 0);
	}
}

static void udp_may_come_without_checksum(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, false, sizeof payload);
	put_udp(&m, 53);
	put16(m.bytes + m.start + 6, 0);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(stats.bad_checksum, 0);
	begin(&m, true, sizeof payload);
	put_udp(&m, 53);
	put16(m.bytes + m.start + 6, 0);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(stats.bad_checksum, 1);
}

static void an_ip4_header_checksum_is_checked(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	make_shape(&m, &shapes[0], false);
	m.bytes[m.start + 14 + 8]--;
	assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 1);
	assert_int_equal(stats.bad_checksum, 1);
	assert_true((out[0].flags & PACKET_L4) != 0);
}

static void padding_is_no_payload(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		begin(&m, v6 == 1, 0);
		put_tcp(&m);
		put_ip(&m);
		ethernet(&m);
		append(&m, 10, 0x5a);
		assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 1);
		assert_int_equal(out[0].payload_len, 0);
		assert_int_equal(out[0].payload_wire, 0);
		assert_int_equal(out[0].ip_len, v6 == 1 ? 64 : 44);
		assert_int_equal(stats.bad_checksum + stats.malformed + stats.truncated, 0);
		/* The snap length may take the padding: nothing is lost then. */
		assert_int_equal(decode_bytes(m.bytes + m.start, made(&m) - 7, made(&m),
					      LINK_ETHERNET, out, &stats),
				 1);
		assert_int_equal(stats.truncated, 0);
	}
}

static void fragments4(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	uint8_t *h;

	(void)state;
	begin(&m, false, sizeof payload);
	put_tcp(&m);
	h = put_ip(&m);
	put16(h + 6, 0x2000);
	fix_ip4(h);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags, PACKET_FRAGMENT | PACKET_MORE_FRAGMENTS | PACKET_L4);
	assert_int_equal(out[0].frag_offset, 0);
	assert_int_equal(out[0].dport, DPORT);
	put16(h + 6, 0x3fff);
	fix_ip4(h);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags,
			 PACKET_FRAGMENT | PACKET_LATER_FRAGMENT | PACKET_MORE_FRAGMENTS);
	assert_int_equal(out[0].frag_offset, 0x1fff);
	put16(h + 6, 0x0003);
	fix_ip4(h);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags, PACKET_FRAGMENT | PACKET_LATER_FRAGMENT);
	assert_int_equal(out[0].frag_offset, 3);
	assert_int_equal(out[0].dport, 0);
	assert_int_equal(out[0].proto, PROTO_TCP);
	assert_int_equal(out[0].payload_len, 24 + sizeof payload);
	assert_int_equal(stats.fragments, 3);
	assert_int_equal(stats.bad_checksum + stats.malformed, 0);
}

static uint8_t *put_extension(struct maker *m, uint8_t number, size_t len)
{
	uint8_t *h = prepend(m, len);

	h[0] = m->proto;
	h[1] = (uint8_t)(number == 44 ? 0 : number == 51 ? len / 4 - 2 : len / 8 - 1);
	if (number == 0 || number == 60) { /* PadN over all of it */
		h[2] = 1;
		h[3] = (uint8_t)(len - 4);
	}
	m->proto = number;
	return h;
}

static void fragments6(void **state)
{
	enum { FIRST = PACKET_V6 | PACKET_FRAGMENT, LATER = FIRST | PACKET_LATER_FRAGMENT };
	static const struct {
		uint16_t field;
		uint16_t flags;
		uint16_t offset;
		uint16_t dport;
	} cases[] = {
		{0x0001, FIRST | PACKET_MORE_FRAGMENTS | PACKET_L4, 0, DPORT},
		{0xffff, LATER | PACKET_MORE_FRAGMENTS, 0x1fff, 0},
		{0x0008, LATER, 1, 0},
		{0x0000, PACKET_V6 | PACKET_L4, 0, DPORT}, /* atomic: whole */
	};
	struct decode_stats stats = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		uint8_t *h;

		begin(&m, true, sizeof payload);
		put_tcp(&m);
		h = put_extension(&m, 44, 8);
		put16(h + 2, cases[i].field);
		put32(h + 4, 0xabcd1234);
		put_ip(&m);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].flags, cases[i].flags);
		assert_int_equal(out[0].frag_offset, cases[i].offset);
		assert_int_equal(out[0].dport, cases[i].dport);
		assert_int_equal(out[0].ip_id, 0x1234);
		assert_int_equal(out[0].proto, PROTO_TCP);
	}
	assert_int_equal(stats.fragments, 3);
	assert_int_equal(stats.bad_checksum + stats.malformed, 0);
}

static void extension_headers_are_walked(void **state)
{
	static const uint8_t numbers[] = {140, 139, 135, 60, 51, 43, 60, 0};
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, true, sizeof payload);
	put_tcp(&m);
	for (size_t i = 0; i < sizeof numbers; i++)
		put_extension(&m, numbers[i], 8 * (i + 2));
	put_ip(&m);
	ethernet(&m);
	assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 1);
	check_addresses(&out[0], true);
	assert_int_equal(out[0].dport, DPORT);
	assert_int_equal(out[0].payload_len, sizeof payload);
	assert_int_equal(stats.malformed + stats.bad_checksum, 0);
	cut_everywhere(&m, LINK_ETHERNET);
}

static void extension_headers_end(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, true, 0);
	put_tcp(&m);
	for (size_t i = 0; i < 40; i++)
		put_extension(&m, 60, 8);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags & PACKET_L4, 0);
	assert_int_equal(out[0].proto, 60);
	assert_int_equal(stats.too_deep, 1);
}

/* AH in IPv4; hop-by-hop is no extension there but protocol 0. */
static void authentication_header4(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, false, sizeof payload);
	put_tcp(&m);
	put_extension(&m, 51, 24);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].dport, DPORT);
	assert_int_equal(stats.bad_checksum, 0);
	begin(&m, false, sizeof payload);
	put_tcp(&m);
	put_extension(&m, 0, 8);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].proto, 0);
	assert_int_equal(out[0].flags & PACKET_L4, 0);
}

static void source_routes_have_other_addresses(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, true, sizeof payload);
	put_tcp(&m);
	m.bytes[m.start + 16] ^= 0x55; /* made with the last address of the route */
	put_extension(&m, 43, 24)[3] = 1;
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	begin(&m, true, sizeof payload);
	put_tcp(&m);
	m.bytes[m.start + 16] ^= 0x55; /* made with the home address */
	memcpy(put_extension(&m, 60, 24) + 2, "\x01\x02\0\0\xc9\x10", 6);
	put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(stats.bad_checksum, 0);
	assert_true((out[0].flags & PACKET_L4) != 0);
}

static void offloaded_lengths(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};
		uint8_t *h;

		begin(&m, v6 == 1, sizeof payload);
		put_tcp(&m);
		h = put_ip(&m);
		put16(h + (v6 == 1 ? 4 : 2), 0);
		if (v6 == 0)
			fix_ip4(h);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].payload_len, sizeof payload);
		assert_int_equal(out[0].ip_len, made(&m));
		assert_int_equal(stats.malformed + stats.bad_checksum + stats.truncated, 0);
	}
}

/* Only TCP and UDP are ever segmented by a card: behind anything else a length of 0 is what it says. */
static void no_length_and_no_offload(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, true, sizeof payload);
	put_icmp(&m);
	put16(put_ip(&m) + 4, 0);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].ip_len, 40);
	assert_int_equal(out[0].payload_wire, 0);
	assert_int_equal(out[0].flags & PACKET_L4, 0);
	assert_int_equal(stats.malformed, 1);
}

static void jumbograms(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	uint8_t *option;
	uint8_t *h;

	(void)state;
	begin(&m, true, sizeof payload);
	put_udp(&m, 53);
	put16(m.bytes + m.start + 4, 0);
	option = put_extension(&m, 0, 8);
	memcpy(option + 2, "\xc2\x04\x00\x01\x11\x70", 6); /* 70000 */
	h = put_ip(&m);
	put16(h + 4, 0);
	assert_int_equal(decode_bytes(h, made(&m), 70040, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].ip_len, 70040);
	assert_int_equal(out[0].payload_wire, 70000 - 16);
	assert_int_equal(out[0].payload_len, sizeof payload);
	assert_int_equal(out[0].dport, 53);
	assert_int_equal(stats.malformed, 0);
	put32(option + 4, 65535); /* would have fitted: forbidden */
	assert_int_equal(decode_bytes(h, made(&m), 70040, LINK_RAW, out, &stats), 0);
	put32(option + 4, UINT32_MAX);
	assert_int_equal(decode_bytes(h, made(&m), 70040, LINK_RAW, out, &stats), 0);
	assert_int_equal(stats.malformed, 2);
}

static void arp(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};
		uint8_t *h;

		begin(&m, false, 0);
		h = prepend(&m, 28);
		memcpy(h, "\x00\x01\x08\x00\x06\x04\x00\x02", 8);
		memcpy(h + 8, server_mac, 6);
		memcpy(h + 14, client4, 4);
		memcpy(h + 24, server4, 4);
		m.type = i == 2 ? 0x8035 : 0x0806;
		(i == 1 ? sll : ethernet)(&m);
		if (i == 2) { /* reverse ARP binds nothing */
			assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 0);
			assert_int_equal(stats.non_ip, 1);
			continue;
		}
		cut_everywhere(&m, i == 1 ? LINK_SLL : LINK_ETHERNET);
		assert_int_equal(decode_made(&m, i == 1 ? LINK_SLL : LINK_ETHERNET, out, &stats),
				 1);
		check_addresses(&out[0], false);
		assert_int_equal(out[0].proto, PROTO_ARP);
		assert_int_equal(out[0].arp_op, 2);
		assert_int_equal(out[0].ip_len, 0);
		assert_memory_equal(out[0].arp_mac.b, server_mac, 6);
		assert_memory_equal(out[0].src_mac.b, client_mac, 6);
	}
}

/* The number that marks ARP inside cordon can't be had by writing it into an IP header. */
static void nobody_sends_our_own_marks(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		begin(&m, v6 == 1, sizeof payload);
		m.proto = PROTO_ARP;
		put_ip(&m);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].proto, 255);
	}
}

static void mapped_addresses_are_malformed(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	uint8_t *h;

	(void)state;
	begin(&m, true, sizeof payload);
	put_tcp(&m);
	h = put_ip(&m);
	for (size_t at = 8; at <= 24; at += 16) {
		uint8_t saved[16];

		memcpy(saved, h + at, 16);
		memset(h + at, 0, 16);
		memset(h + at + 10, 0xff, 2);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 0);
		memcpy(h + at, saved, 16);
	}
	assert_int_equal(stats.malformed, 2);
	assert_int_equal(stats.non_ip, 0);
}

struct lie {
	const char *what;
	size_t at; /* in a raw IPv4 or IPv6 packet */
	uint8_t value;
	bool v6;
	unsigned packets;
};

static void impossible_headers(void **state)
{
	static const struct lie lies[] = {
		{"version 5", 0, 0x55, false, 0},
		{"header of 16 bytes", 0, 0x44, false, 0},
		{"total below header", 3, 19, false, 0},
		{"total above frame", 2, 1, false, 1},
		{"version 7", 0, 0x75, true, 0},
		{"length above frame", 4, 1, true, 1},
		{"TCP header of 16 bytes", 32, 0x40, false, 1},
		{"TCP header beyond the packet", 32, 0xf0, false, 1},
		{"TCP header of 16 bytes, v6", 52, 0x40, true, 1},
		{"packet ends in the TCP header", 3, 39, false, 1},
		{"packet ends in the TCP header, v6", 5, 19, true, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		make_shape(&m, &(struct shape){.link = LINK_RAW}, lies[i].v6);
		m.bytes[m.start + lies[i].at] = lies[i].value;
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), lies[i].packets);
		assert_int_equal(stats.malformed, 1);
		if (lies[i].packets > 0)
			check_addresses(&out[0], lies[i].v6);
	}
}

static void udp_lengths_that_lie(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		static const uint16_t lengths[] = {0, 7, 200};
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		begin(&m, i % 2 == 1, sizeof payload);
		put_udp(&m, 53);
		put16(m.bytes + m.start + 4, lengths[i / 2]);
		put_ip(&m);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].dport, 53);
		assert_int_equal(out[0].payload_len, lengths[i / 2] == 200 ? sizeof payload : 0);
		assert_int_equal(stats.malformed, 1);
	}
}

static void wrong_version_for_the_ethertype(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		begin(&m, v6 == 1, sizeof payload);
		put_tcp(&m);
		put_ip(&m);
		m.type = v6 == 1 ? 0x0800 : 0x86dd;
		ethernet(&m);
		assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 0);
		assert_int_equal(stats.malformed, 1);
	}
}

static void a_broken_inner_packet_leaves_the_outer(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		begin(&m, v6 == 1, sizeof payload);
		put_tcp(&m);
		put_ip(&m)[0] = 0;
		gre(&m);
		outer4(&m);
		ethernet(&m);
		assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 1);
		assert_int_equal(out[0].flags & (PACKET_OUTER | PACKET_HAS_MAC), PACKET_HAS_MAC);
		assert_int_equal(out[0].proto, PROTO_GRE);
		assert_int_equal(out[0].gre, GRE_IP);
		assert_int_equal(stats.malformed, 1);
	}
}

static void other_gre_is_not_entered(void **state)
{
	static const struct {
		uint16_t flags;
		uint16_t type;
	} cases[] = {{0x3001, 0x880b}, {0x0001, 0x0800}, {0x4000, 0x0800}, {0x0000, 0x883e}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};
		uint8_t *h;

		begin(&m, false, sizeof payload);
		put_tcp(&m);
		put_ip(&m);
		gre(&m);
		h = m.bytes + m.start;
		put16(h, cases[i].flags);
		put16(h + 2, cases[i].type);
		outer4(&m);
		assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
		assert_int_equal(out[0].gre, GRE_OTHER);
		assert_int_equal(stats.malformed, 0);
	}
}

static void vxlan_flags_must_fit(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, false, sizeof payload);
	put_tcp(&m);
	put_ip(&m);
	ethernet(&m);
	vxlan_on(&m, 4789, 0x0c000000);
	outer4(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), 1);
	assert_int_equal(out[0].flags, PACKET_L4);
	assert_int_equal(stats.malformed, 0);
}

static void depth_is_bounded(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	begin(&m, false, sizeof payload);
	put_tcp(&m);
	for (int i = 0; i < 20; i++)
		put_ip(&m);
	assert_int_equal(decode_made(&m, LINK_RAW, out, &stats), DECODE_PACKETS);
	assert_int_equal(stats.too_deep, 1);

	for (int tags = 1; tags <= 9; tags++) {
		begin(&m, true, sizeof payload);
		put_tcp(&m);
		put_ip(&m);
		for (int i = 0; i < tags; i++)
			vlan7(&m);
		ethernet(&m);
		assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), tags <= 8 ? 1 : 0);
	}
	assert_int_equal(stats.too_deep, 2);

	begin(&m, false, sizeof payload);
	put_tcp(&m);
	put_ip(&m);
	for (int i = 0; i < 40; i++) {
		mpls(&m);
		ethernet(&m);
	}
	assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 0);
	assert_int_equal(stats.too_deep, 3);
}

static void neighbours_describe_themselves(void **state)
{
	static const char lldp[] = "\x01\x80\xc2\0\0\x0e\x02\0\x5e\0\x53\x01\x88\xcc\x02\x07\x04";
	static const char cdp[] = "\x01\0\x0c\xcc\xcc\xcc\x02\0\x5e\0\x53\x01\0\x0a"
				  "\xaa\xaa\x03\0\0\x0c\x20\0\x02\xb4";
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};

	(void)state;
	assert_int_equal(decode_bytes((const uint8_t *)lldp, 17, 17, LINK_ETHERNET, out, &stats),
			 1);
	assert_int_equal(out[0].proto, PROTO_LINK);
	assert_int_equal(out[0].dport, 0x88cc);
	assert_int_equal(out[0].payload_len, 3);
	assert_int_equal(decode_bytes((const uint8_t *)cdp, 24, 24, LINK_ETHERNET, out, &stats), 1);
	assert_int_equal(out[0].dport, 0x2000);
	assert_int_equal(out[0].payload_len, 2);
	assert_int_equal(stats.non_ip, 0);
}

static void frames_without_ip_are_counted(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint16_t link;
		bool encrypted;
		bool unknown;
	} cases[] = {
		{"\x01\x80\xc2\0\0\0\x02\0\x5e\0\x53\x01\x00\x03\x42\x42\x03", 17, LINK_ETHERNET,
		 false, false},
		{"\xff\xff\xff\xff\xff\xff\x02\0\x5e\0\x53\x01\x88\x63\x11\x09\0\0\0\0", 20,
		 LINK_ETHERNET, false, false},
		{"\x80\x00\0\0\xff\xff\xff\xff\xff\xff", 10, LINK_80211, false, false}, /* beacon */
		{"\xd4\x00\0\0\x02\0\x5e\0\x53\x01", 10, LINK_80211, false,
		 false}, /* acknowledgement */
		{"\x48\x01\0\0\x02\0\x5e\0\x53\x01", 10, LINK_80211, false,
		 false}, /* data without data */
		{"\x88\x41\0\0\x02\0\x5e\0\x53\x01", 10, LINK_80211, true, false},
		{"\xc0\x21\x09\x00", 4, LINK_PPP, false, false},
		{"\x00\x00\x00\x07", 4, LINK_LOOP, false, false},
		{"\x02\x00\x00\x05", 4, LINK_NULL, false, false}, /* no family in either order */
		{"\x45\x00", 2, 147, false, true},
		{"\x45\x00", 2, 65535, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		assert_int_equal(decode_bytes((const uint8_t *)cases[i].bytes, cases[i].len,
					      cases[i].len, cases[i].link, out, &stats),
				 0);
		assert_int_equal(stats.encrypted, cases[i].encrypted);
		assert_int_equal(stats.unknown_link, cases[i].unknown);
		assert_int_equal(stats.non_ip, !cases[i].encrypted && !cases[i].unknown);
		assert_int_equal(stats.malformed + stats.truncated, 0);
	}
}

static void impossible_senders_have_no_mac(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct maker m;
		struct packet out[DECODE_PACKETS];
		struct decode_stats stats = {0};

		make_shape(&m, &shapes[0], false);
		memset(m.bytes + m.start, 0, 6);
		memset(m.bytes + m.start + 6, i == 0 ? 0 : 0xff, 6);
		assert_int_equal(decode_made(&m, LINK_ETHERNET, out, &stats), 1);
		assert_int_equal(out[0].flags & (PACKET_HAS_MAC | PACKET_HAS_DST_MAC), 0);
	}
}

static uint32_t key_of(const struct shape *s, size_t at, uint8_t value, unsigned which)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	unsigned n;

	make_shape(&m, s, false);
	if (at != SIZE_MAX)
		m.bytes[m.start + at] = value;
	n = decode_made(&m, s->link, out, &stats);
	assert_true(n > which);
	return out[which].link_key;
}

static void copies_on_other_links_differ(void **state)
{
	const struct shape ether = {.link = LINK_ETHERNET, .wrap = {ethernet}};
	const struct shape tagged = {.link = LINK_ETHERNET, .wrap = {vlan7, ethernet}};
	const struct shape cooked = {.link = LINK_SLL, .wrap = {sll}};
	const struct shape cooked2 = {.link = LINK_SLL2, .wrap = {sll2}};
	const struct shape up = {.link = LINK_80211, .wrap = {snap, wifi_to_ds}};
	const struct shape down = {.link = LINK_80211, .wrap = {snap, wifi_from_ds}};
	const struct shape tunnel = {.link = LINK_ETHERNET, .wrap = {gre, outer4, ethernet}};
	uint32_t keys[] = {
		key_of(&ether, SIZE_MAX, 0, 0),
		key_of(&tagged, SIZE_MAX, 0, 0),
		key_of(&tagged, 15, 8, 0), /* another VLAN */
		key_of(&cooked, SIZE_MAX, 0, 0),
		key_of(&cooked, 1, 0, 0), /* incoming instead of outgoing */
		key_of(&cooked2, SIZE_MAX, 0, 0),
		key_of(&cooked2, 7, 4, 0), /* another interface */
		key_of(&up, SIZE_MAX, 0, 0),
		key_of(&down, SIZE_MAX, 0, 0),
		key_of(&tunnel, SIZE_MAX, 0, 1),
	};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(keys[i], keys[j]);
	assert_int_equal(key_of(&tunnel, SIZE_MAX, 0, 0), keys[0]);
}

static void damaged_and_fragmented_radio_frames(void **state)
{
	struct maker m;
	struct packet out[DECODE_PACKETS];
	struct decode_stats stats = {0};
	uint8_t *h;

	(void)state;
	make_shape(&m,
		   &(struct shape){.link = LINK_80211_RADIOTAP,
				   .wrap = {snap, wifi_to_ds, radiotap_fcs}},
		   false);
	m.bytes[m.start + 24] |= 0x40;
	assert_int_equal(decode_made(&m, LINK_80211_RADIOTAP, out, &stats), 0);
	assert_int_equal(stats.malformed, 1);

	make_shape(&m, &(struct shape){.link = LINK_80211, .wrap = {snap, wifi_to_ds}}, false);
	h = m.bytes + m.start;
	h[1] |= 0x04;
	assert_int_equal(decode_bytes(h, made(&m) - 5, made(&m) - 5, LINK_80211, out, &stats), 1);
	assert_true((out[0].flags & PACKET_TRUNCATED) != 0);
	assert_int_equal(stats.malformed, 1);
	h[22] = 1;
	assert_int_equal(decode_made(&m, LINK_80211, out, &stats), 0);
	assert_int_equal(stats.malformed, 1);
}

/* The fuzz target takes the link type from the first two bytes, big-endian, and the frame from the rest. */
static int write_seeds(const char *directory)
{
	for (size_t i = 0; i < 2 * SHAPES; i++) {
		const struct shape *s = &shapes[i / 2];
		struct maker m;
		char path[4096];
		uint8_t *h;
		FILE *to;
		size_t written;

		if (i % 2 == 1 && s->only4)
			continue;
		make_shape(&m, s, i % 2 == 1);
		h = prepend(&m, 2);
		put16(h, s->link);
		snprintf(path, sizeof path, "%s/%s-%c", directory, s->name, i % 2 == 1 ? '6' : '4');
		to = fopen(path, "wb");
		if (to == NULL)
			return 1;
		written = fwrite(h, 1, made(&m), to);
		if (fclose(to) != 0 || written != made(&m))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_gives_the_same_packet),
		cmocka_unit_test(no_cut_invents_anything),
		cmocka_unit_test(fifty_four_bytes_of_a_syn_are_enough),
		cmocka_unit_test(sixteen_bytes_of_tcp_are_enough),
		cmocka_unit_test(a_short_tcp_header_is_none),
		cmocka_unit_test(a_wrong_bit_is_a_bad_checksum),
		cmocka_unit_test(udp_may_come_without_checksum),
		cmocka_unit_test(an_ip4_header_checksum_is_checked),
		cmocka_unit_test(padding_is_no_payload),
		cmocka_unit_test(fragments4),
		cmocka_unit_test(fragments6),
		cmocka_unit_test(extension_headers_are_walked),
		cmocka_unit_test(extension_headers_end),
		cmocka_unit_test(authentication_header4),
		cmocka_unit_test(source_routes_have_other_addresses),
		cmocka_unit_test(offloaded_lengths),
		cmocka_unit_test(no_length_and_no_offload),
		cmocka_unit_test(jumbograms),
		cmocka_unit_test(arp),
		cmocka_unit_test(nobody_sends_our_own_marks),
		cmocka_unit_test(mapped_addresses_are_malformed),
		cmocka_unit_test(impossible_headers),
		cmocka_unit_test(udp_lengths_that_lie),
		cmocka_unit_test(wrong_version_for_the_ethertype),
		cmocka_unit_test(a_broken_inner_packet_leaves_the_outer),
		cmocka_unit_test(other_gre_is_not_entered),
		cmocka_unit_test(vxlan_flags_must_fit),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(neighbours_describe_themselves),
		cmocka_unit_test(frames_without_ip_are_counted),
		cmocka_unit_test(impossible_senders_have_no_mac),
		cmocka_unit_test(copies_on_other_links_differ),
		cmocka_unit_test(damaged_and_fragmented_radio_frames),
	};

	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
		return write_seeds(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
