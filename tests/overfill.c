/* SPDX-License-Identifier: MIT */
/*
 * Writes captures that overfill one table each, for tests/groups/memory: as many keys as asked for, in the twenty seconds
 * before the captures of lab/ begin. It writes files and sends nothing.
 *
 *   hosts    a SYN to one of our addresses, each from another source
 *   flows    connections between our addresses and others in which both sides spoke, and that go on; how every fourth was
 *            opened was not seen
 *   targets  forty packets within a second to each of so many of our addresses
 *   macs     frames from and to random MACs
 *   names    so many strangers say in Dahua's discovery what they are
 *   leases   so many invented MACs ask for an address, and a server gives each one
 *   logins   so many strangers are refused at forty servers of ours, over telnet, and reset the connection
 */
#include "../bench/frame.h"

#include <stdlib.h>
#include <string.h>

/* lab/network.py begins 134 seconds after the first second of bench/frame.c. */
#define LAB_NS (134 * (uint64_t)1000000000)
#define WHOLE_NS (20 * (uint64_t)1000000000)
#define OURS 0x0a4d0000u /* 10.77.0.0/16 */
#define ROUTER_MAC 0x5e005302u
#define DEVICE_MAC 0x5e100000u

enum { OURS_N = 2000, SERVERS_N = 40, TIMES = 40, BLOCKS = 20, SAID_MAX = 320 };

/* Distinct for distinct n below 2^24, public, and never in a documentation network. */
static uint32_t stranger(uint32_t n)
{
	return 0x0b000000u + (n & 0xffffff) + (n >> 24 << 28);
}

static uint32_t scattered(uint32_t n)
{
	n *= 2654435761u;
	n ^= n >> 15;
	return n * 2246822519u;
}

static struct way inbound(uint32_t from, uint32_t device)
{
	return (struct way){.source = from,
			    .target = OURS + 256 + device,
			    .source_mac = ROUTER_MAC,
			    .target_mac = DEVICE_MAC + device};
}

static struct way turned(struct way way)
{
	return (struct way){.source = way.target,
			    .target = way.source,
			    .source_mac = way.target_mac,
			    .target_mac = way.source_mac};
}

static void ports(struct output *out, const struct way *way, uint32_t from, uint32_t to,
		  const void *data, size_t len)
{
	uint8_t bytes[8 + SAID_MAX] = {0};
	uint32_t fields[] = {from, to, 8 + (uint32_t)len, 0};

	for (size_t i = 0; i < 4; i++) {
		bytes[2 * i] = (uint8_t)(fields[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)fields[i];
	}
	memcpy(bytes + 8, data, len);
	output_fragment(out, &(struct fragment){.way = *way,
						.protocol = 17,
						.id = out->packets & 0xffff,
						.data = bytes,
						.len = 8 + len});
}

static void datagram(struct output *out, const struct way *way, uint32_t port, const void *data,
		     size_t len)
{
	ports(out, way, port, port, data, len);
}

/* ---- what is written for each key ------------------------------------------------------------------------------- */

static void put_host(struct output *out, uint32_t n)
{
	output_segment(out, &(struct segment){.way = inbound(stranger(n), 0),
					      .source_port = 1024 + n % 60000,
					      .port = 80,
					      .seq = scattered(n),
					      .flags = TCP_SYN,
					      .window = 65535});
}

static void put_flow(struct output *out, uint32_t n)
{
	static const char said[] = "\x17\x03\x03\0\x08labtest1";
	struct way way = inbound(stranger(n % 5000), n % OURS_N);
	struct segment s = {.way = way,
			    .source_port = 443,
			    .port = 32768 + n / OURS_N,
			    .seq = scattered(n),
			    .ack = ~scattered(n),
			    .flags = TCP_SYN | TCP_ACK,
			    .window = 8192};

	if (n % 4 != 0)
		output_segment(out, &s);
	s.flags = TCP_ACK | TCP_PSH;
	s.data = said;
	s.len = sizeof said - 1;
	s.seq++;
	output_segment(out, &s);
	s = (struct segment){.way = turned(way),
			     .source_port = s.port,
			     .port = 443,
			     .seq = s.ack,
			     .ack = s.seq + (uint32_t)s.len,
			     .flags = s.flags,
			     .window = 8192,
			     .data = said,
			     .len = s.len};
	output_segment(out, &s);
}

static void put_mac(struct output *out, uint32_t n)
{
	struct way way = {.source = stranger(2 * n),
			  .target = stranger(2 * n + 1),
			  .source_mac = scattered(2 * n),
			  .target_mac = scattered(2 * n + 1)};

	datagram(out, &way, 40000, "lab", 3);
}

static void put_name(struct output *out, uint32_t n)
{
	char said[SAID_MAX];
	struct way way = inbound(stranger(n), n % 50);
	int len = snprintf(said + 32, sizeof said - 32,
			   "{\"method\":\"client.notifyDevInfo\",\"params\":{\"deviceInfo\":"
			   "{\"DeviceType\":\"LAB-%u\"}}}",
			   n);

	/* DHIP: length of the header, its name, and the length of the message twice, in little endian. */
	memset(said, 0, 32);
	memcpy(said, "\x20\0\0\0DHIP", 8);
	said[16] = said[24] = (char)len;
	datagram(out, &way, 37810, said, 32 + (size_t)len);
}

/* DHCP (RFC 2131): the message up to its options. */
static uint8_t *lease_head(uint8_t *said, uint8_t op, uint32_t mac, uint32_t leased)
{
	static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};

	memset(said, 0, SAID_MAX);
	said[0] = op;
	said[1] = 1;
	said[2] = 6;
	for (int i = 0; i < 4; i++) {
		said[16 + i] = (uint8_t)(leased >> (24 - 8 * i));
		said[30 + i] = (uint8_t)(mac >> (24 - 8 * i));
	}
	said[28] = 2;
	memcpy(said + 236, cookie, sizeof cookie);
	return said + 240;
}

static void put_lease(struct output *out, uint32_t n)
{
	static const uint8_t asks[] = {53, 1, 3, 55, 3, 1, 3, 6, 12, 8, 'l', 'a', 'b', '-'};
	static const uint8_t given[] = {53, 1, 5, 1, 4, 255, 255, 0, 0, 255};
	uint32_t mac = 0x60000000u + (scattered(n) & 0xfffffff), leased = OURS + 4096 + n % 60000;
	struct way ask = {.target = 0xffffffff, .source_mac = mac, .target_mac = 0xffffffff};
	struct way give = {
		.source = OURS + 1, .target = leased, .source_mac = ROUTER_MAC, .target_mac = mac};
	uint8_t said[SAID_MAX];
	uint8_t *at = lease_head(said, 1, mac, 0);

	memcpy(at, asks, sizeof asks);
	snprintf((char *)at + sizeof asks, 5, "%04x", n & 0xffff);
	at[sizeof asks + 4] = 255;
	ports(out, &ask, 68, 67, said, 240 + sizeof asks + 5);
	memcpy(lease_head(said, 2, mac, leased), given, sizeof given);
	ports(out, &give, 67, 68, said, 240 + sizeof given);
}

static void put_login(struct output *out, uint32_t n)
{
	static const struct {
		int from_server;
		uint32_t flags;
		const char *text;
	} steps[] = {{0, TCP_SYN, ""},
		     {1, TCP_SYN | TCP_ACK, ""},
		     {1, TCP_ACK | TCP_PSH, "\r\nlab login: "},
		     {0, TCP_ACK | TCP_PSH, "lab\r\n"},
		     {1, TCP_ACK | TCP_PSH, "\r\nPassword: "},
		     {0, TCP_ACK | TCP_PSH, "lab-own\r\n"},
		     {1, TCP_ACK | TCP_PSH, "\r\nLogin incorrect\r\n"},
		     {0, TCP_RST | TCP_ACK, ""}};
	struct way way = inbound(stranger(n), n % SERVERS_N);
	uint32_t next[2] = {scattered(n), ~scattered(n)};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int back = steps[i].from_server;
		struct segment s = {.way = back ? turned(way) : way,
				    .source_port = back ? 23 : 40000,
				    .port = back ? 40000 : 23,
				    .seq = next[back],
				    .ack = (steps[i].flags & TCP_ACK) != 0 ? next[!back] : 0,
				    .flags = steps[i].flags,
				    .window = 8192,
				    .data = steps[i].text,
				    .len = strlen(steps[i].text)};

		output_segment(out, &s);
		next[back] += (uint32_t)s.len + ((s.flags & TCP_SYN) != 0);
	}
}

/* Forty rounds over the targets of a block, each block within a second. */
static void put_targets(struct output *out, uint32_t keys)
{
	uint32_t size = keys / BLOCKS + 1;

	for (uint32_t first = 0; first < keys; first += size) {
		for (uint32_t i = 0; i < TIMES * size; i++) {
			struct way way = inbound(stranger(scattered(out->packets) & 0xffffff),
						 first + i % size);

			datagram(out, &way, 1024 + i % 60000, "lab lab lab lab", 15);
		}
	}
}

static const struct kind {
	const char *name;
	uint32_t packets; /* for each key */
	void (*put)(struct output *out, uint32_t n);
} kinds[] = {
	{"hosts", 1, put_host},	  {"flows", 3, put_flow}, {"targets", TIMES, NULL},
	{"macs", 1, put_mac},	  {"names", 1, put_name}, {"leases", 2, put_lease},
	{"logins", 8, put_login},
};

static int overfill(const struct kind *kind, uint32_t keys, const char *path)
{
	struct output out = {.to = fopen(path, "wb"), .wanted = keys * kind->packets};

	if (out.to == NULL || keys == 0)
		return -1;
	out.step_ns = WHOLE_NS / out.wanted;
	out.begin_ns = LAB_NS - WHOLE_NS;
	output_begin(&out);
	if (kind->put == NULL)
		put_targets(&out, keys);
	for (uint32_t n = 0; output_wants(&out); n++)
		kind->put(&out, n);
	return fclose(out.to) != 0 || out.failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct kind *kind = kinds, *behind = kinds + sizeof kinds / sizeof *kinds;

	while (argc == 4 && kind < behind && strcmp(argv[1], kind->name) != 0)
		kind++;
	if (argc != 4 || kind == behind || strlen(argv[2]) > 8) {
		fprintf(stderr,
			"usage: overfill hosts|flows|targets|macs|names|leases|logins KEYS FILE\n");
		return 64;
	}
	if (overfill(kind, (uint32_t)strtoul(argv[2], NULL, 10), argv[3]) != 0) {
		perror(argv[3]);
		return 74;
	}
	return 0;
}
