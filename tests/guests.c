/* SPDX-License-Identifier: MIT */
/* Ethernet, ARP (RFC 826), IPv4 (RFC 791), UDP and the first word of TCP, checksums left out where they may be. */
#include "guests.h"

#include <string.h>

enum {
	CALLERS = 60,
	CALLED = 20,
	CLAIMERS = 20,
	ETHERNET = 14,
	IP = 20,
	OURS = 0x0a4d0000, /* 10.77.0.0/16 */
	ROUTER = 1,
	HOST = 2,
	GUEST = 0x40000000, /* of MACs, with their number behind */
	CLAIMER = 0x50000000
};

/* Who sends to whom: addresses, and MACs by their last four bytes. */
struct hop {
	uint32_t mac, to_mac;
	uint32_t addr, to;
	uint8_t ttl;
};

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static uint8_t *begin(struct guests *g, const struct hop *h, uint32_t ethertype, size_t len)
{
	uint8_t *at = g->bytes[g->frames_n];
	struct frame *f = &g->frames[g->frames_n];
	int64_t last_ns = g->frames_n == 0 ? f->time_ns : f[-1].time_ns;

	*f = (struct frame){.data = at,
			    .time_ns = last_ns + GUESTS_NS / GUESTS_FRAMES,
			    .len = (uint32_t)len,
			    .wire_len = (uint32_t)len,
			    .linktype = LINK_ETHERNET};
	g->frames_n++;
	memset(at, 0, len);
	at[0] = at[6] = 2;
	put32(at + 2, h->to_mac);
	put32(at + 8, h->mac);
	put16(at + 12, ethertype);
	return at + ETHERNET;
}

static uint32_t sum_of(const uint8_t *at, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16)) & 0xffff;
}

static uint8_t *packet(struct guests *g, const struct hop *h, uint8_t protocol, size_t payload)
{
	uint8_t *ip = begin(g, h, 0x0800, ETHERNET + IP + payload);

	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(IP + payload));
	put16(ip + 4, g->n + (uint32_t)g->frames_n);
	ip[8] = h->ttl;
	ip[9] = protocol;
	put32(ip + 12, h->addr);
	put32(ip + 16, h->to);
	put16(ip + 10, sum_of(ip, IP));
	return ip + IP;
}

static void datagram(struct guests *g, const struct hop *h, uint32_t from_port, uint32_t port)
{
	uint8_t *udp = packet(g, h, 17, 8 + 24);

	put16(udp, from_port);
	put16(udp + 2, port);
	put16(udp + 4, 8 + 24);
	memset(udp + 8, 0xee, 24);
}

static struct hop back(const struct hop *h, uint8_t ttl)
{
	return (struct hop){
		.mac = h->to_mac, .to_mac = h->mac, .addr = h->to, .to = h->addr, .ttl = ttl};
}

/* One asks, one answers: the phone is proven. */
static void exchange(struct guests *g, const struct hop *out, uint32_t port)
{
	struct hop in = back(out, 50);

	datagram(g, out, port, 40001);
	datagram(g, &in, 40001, port);
	datagram(g, out, port, 40001);
}

static void call(struct guests *g, const struct hop *h, uint32_t port)
{
	uint8_t *tcp = packet(g, h, 6, 20);

	put16(tcp, 50000);
	put16(tcp + 2, port);
	put32(tcp + 4, g->n * 2654435761u + (uint32_t)g->frames_n);
	tcp[12] = 0x50;
	tcp[13] = 2;
	put16(tcp + 14, 64240);
}

static void claim(struct guests *g, uint32_t mac, uint32_t addr)
{
	struct hop h = {.mac = mac, .to_mac = 0xffffffff};
	uint8_t *arp = begin(g, &h, 0x0806, ETHERNET + 28);

	put16(arp, 1);
	put16(arp + 2, 0x0800);
	arp[4] = 6;
	arp[5] = 4;
	put16(arp + 6, 1);
	arp[8] = 2;
	put32(arp + 10, mac);
	put32(arp + 14, addr);
	put32(arp + 24, addr);
}

/* Public, and never the same again before three years are over. */
static uint32_t stranger(const struct guests *g, uint32_t i)
{
	return 0x0b000000u + ((g->n * 128 + i) & 0x1fffffff);
}

void guests_come(struct guests *g, int64_t begin_ns)
{
	struct hop out = {.mac = GUEST + g->n,
			  .to_mac = ROUTER,
			  .addr = OURS + 1000 + g->n % 20000,
			  .to = stranger(g, 0),
			  .ttl = 64};

	g->frames_n = 0;
	g->frames[0].time_ns = begin_ns;
	claim(g, out.mac, out.addr);
	exchange(g, &out, 41000);
	for (uint32_t i = 0; i < CLAIMERS; i++)
		claim(g, CLAIMER + g->n * CLAIMERS + i, OURS + 30000 + i * 800 + g->n % 800);
	for (uint32_t i = 0; i < CALLED; i++) {
		out = (struct hop){.mac = HOST,
				   .to_mac = ROUTER,
				   .addr = OURS + 2,
				   .to = stranger(g, 1 + i),
				   .ttl = 64};
		exchange(g, &out, 42000 + i);
	}
	for (uint32_t i = 0; i < CALLERS; i++) {
		out = (struct hop){.mac = ROUTER,
				   .to_mac = HOST,
				   .addr = stranger(g, 1 + CALLED + i),
				   .to = OURS + 2,
				   .ttl = 50};
		call(g, &out, 443);
	}
	g->n++;
}
