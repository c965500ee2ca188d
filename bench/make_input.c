/* SPDX-License-Identifier: MIT */
/*
 * Writes the inputs of the bench: classic pcap files of 60-byte TCP SYNs, the same bytes for the same arguments.
 *
 *   scan     SYNs shaped like Mirai's scan (sequence number = target, ports 23 and 2323 as 9 to 1, no options),
 *            from a bounded number of sources to addresses all over the Internet
 *   spoofed  SYNs to one target, from as many sources as asked for, each in its turn
 *
 * It writes files and sends nothing. Checksums are right, because wrong ones would be counted on another path.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME = 60, RECORD_HEADER = 16, IP_AT = 14, TCP_AT = 34 };

/* One packet in so many ns of capture time. */
#define SCAN_STEP_NS 20000u
#define SPOOFED_STEP_NS 2000u
#define FIRST_SECOND 1477047600u
#define TARGET 0xc0000250u /* 192.0.2.80 */

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

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

static void put32_little(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t sum16(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	return sum;
}

static uint32_t fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16)) & 0xffff;
}

struct syn {
	uint32_t source;
	uint32_t target;
	uint32_t source_port;
	uint32_t port;
	uint32_t seq;
	uint32_t id;
	uint32_t window;
};

static void put_frame(uint8_t frame[FRAME], const struct syn *syn)
{
	static const uint8_t ethernet[IP_AT] = {0x02, 0x00, 0x5e, 0x00, 0x53, 0x01, 0x02,
						0x00, 0x5e, 0x00, 0x53, 0x02, 0x08, 0x00};
	uint8_t *ip = frame + IP_AT;
	uint8_t *tcp = frame + TCP_AT;

	memset(frame, 0, FRAME);
	memcpy(frame, ethernet, sizeof ethernet);
	ip[0] = 0x45;
	put16(ip + 2, 40);
	put16(ip + 4, syn->id);
	ip[8] = 54;
	ip[9] = 6;
	put32(ip + 12, syn->source);
	put32(ip + 16, syn->target);
	put16(ip + 10, fold(sum16(ip, 20, 0)));
	put16(tcp, syn->source_port);
	put16(tcp + 2, syn->port);
	put32(tcp + 4, syn->seq);
	tcp[12] = 0x50;
	tcp[13] = 0x02;
	put16(tcp + 14, syn->window);
	put16(tcp + 16, fold(sum16(tcp, 20, sum16(ip + 12, 8, 6 + 20))));
}

static int is_public(uint32_t address)
{
	uint32_t first = address >> 24;

	return first != 0 && first != 10 && first != 127 && first < 224 &&
	       (address >> 20) != 0xac1 && (address >> 16) != 0xc0a8 && (address >> 16) != 0xa9fe &&
	       (address >> 22) != 0x191;
}

/* The n-th of many distinct public addresses; *skipped remembers what was passed over. */
static uint32_t public_address(uint32_t n, uint32_t *skipped)
{
	for (;;) {
		uint32_t address = (n + *skipped) * 2654435761u; /* odd: no two n share one */
		if (is_public(address))
			return address;
		(*skipped)++;
	}
}

static struct syn scan_syn(uint64_t *state, const uint32_t *sources, uint32_t sources_n)
{
	uint64_t a = next_random(state);
	uint64_t b = next_random(state);
	uint32_t skipped = 0;
	uint32_t target = public_address((uint32_t)a, &skipped);

	return (struct syn){
		.source = sources[(a >> 32) % sources_n],
		.target = target,
		.source_port = 1024 + (uint32_t)(b & 0x7fff),
		.port = (b >> 15) % 10 == 0 ? 2323 : 23,
		.seq = target,
		.id = (uint32_t)(b >> 32) & 0xffff,
		.window = (uint32_t)(b >> 48),
	};
}

static struct syn spoofed_syn(uint64_t *state, uint32_t source)
{
	uint64_t a = next_random(state);

	return (struct syn){
		.source = source,
		.target = TARGET,
		.source_port = (uint32_t)(a & 0xffff),
		.port = 80,
		.seq = (uint32_t)(a >> 32),
		.id = (uint32_t)(a >> 16) & 0xffff,
		.window = 65535,
	};
}

static int put_file_header(FILE *to)
{
	uint8_t header[24] = {0};

	put32_little(header, 0xa1b23c4d); /* nanoseconds */
	header[4] = 2;
	header[6] = 4;
	put32_little(header + 16, 262144);
	put32_little(header + 20, 1); /* Ethernet */
	return fwrite(header, sizeof header, 1, to) == 1 ? 0 : -1;
}

static int put_packet(FILE *to, uint64_t ns, const struct syn *syn)
{
	uint8_t record[RECORD_HEADER + FRAME];

	put32_little(record, FIRST_SECOND + (uint32_t)(ns / 1000000000u));
	put32_little(record + 4, (uint32_t)(ns % 1000000000u));
	put32_little(record + 8, FRAME);
	put32_little(record + 12, FRAME);
	put_frame(record + RECORD_HEADER, syn);
	return fwrite(record, sizeof record, 1, to) == 1 ? 0 : -1;
}

static int write_input(FILE *to, int scan, uint32_t packets, uint32_t sources_n)
{
	uint64_t state = 20161021;
	uint32_t skipped = 0;
	int rc = put_file_header(to);
	uint32_t *sources = calloc(sources_n, sizeof *sources);
	if (!sources)
		return -1;
	for (uint32_t i = 0; i < sources_n; i++)
		sources[i] = public_address(i + 1, &skipped);
	for (uint32_t i = 0; i < packets && rc == 0; i++) {
		struct syn syn = scan ? scan_syn(&state, sources, sources_n)
				      : spoofed_syn(&state, sources[i % sources_n]);
		rc = put_packet(to, (uint64_t)i * (scan ? SCAN_STEP_NS : SPOOFED_STEP_NS), &syn);
	}
	free(sources);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc != 5 || (strcmp(argv[1], "scan") != 0 && strcmp(argv[1], "spoofed") != 0)) {
		fprintf(stderr, "usage: make_input scan|spoofed PACKETS SOURCES FILE\n");
		return 64;
	}
	unsigned long packets = strtoul(argv[2], NULL, 10);
	unsigned long sources = strtoul(argv[3], NULL, 10);
	if (packets > 1000000000 || sources == 0 || sources > 100000000) {
		fprintf(stderr,
			"make_input: at most 1000000000 packets from 1 to 100000000 sources\n");
		return 64;
	}
	FILE *to = fopen(argv[4], "wb");
	int rc = to ? write_input(to, argv[1][1] == 'c', (uint32_t)packets, (uint32_t)sources) : -1;
	if (to && fclose(to) != 0)
		rc = -1;
	if (rc != 0)
		fprintf(stderr, "make_input: %s: %s\n", argv[4], strerror(errno));
	return rc == 0 ? 0 : 74;
}
