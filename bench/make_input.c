/* SPDX-License-Identifier: MIT */
/*
 * Writes the inputs of the bench: classic pcap files, the same bytes for the same arguments.
 *
 *   scan       SYNs shaped like Mirai's scan (sequence number = target, ports 23 and 2323 as 9 to 1, no options),
 *              from a bounded number of sources to addresses all over the Internet
 *   spoofed    SYNs to one target, from as many sources as asked for, each in its turn
 *   flows      short TCP connections, eight packets each, with a few bytes to and fro; so many clients of ours, and
 *              servers all over the Internet
 *   logins     so many strangers try invented names and passwords at twice as many devices of ours (4096 at most), over
 *              telnet and HTTP; each is refused
 *   fragments  pieces of UDP datagrams from so many sources: whole ones, and ones whose first piece never comes
 *
 * It writes files, or to standard output for `-`, and sends nothing.
 */
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	WINDOW = 1024, /* conversations that go on at the same time */
	STEPS = 12,    /* packets of one, at most */
	TEXT = 160,    /* bytes of a step */
	OUR_DEVICES = 4096,
	PIECE = 64 /* bytes of a datagram in one fragment */
};

#define TARGET 0xc0000250u /* 192.0.2.80 */
#define OURS 0x0a4d0000u   /* 10.77.0.0/16 */
#define ROUTER_MAC 0x5e005302u
#define SERVER_MAC 0x5e005301u
#define DEVICE_MAC 0x5e100000u

static uint64_t mixed(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t next_random(uint64_t *state)
{
	return mixed(*state += 0x9e3779b97f4a7c15u);
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

/* One of many, by chance: two n may share one. */
static uint32_t some_address(uint32_t n)
{
	uint32_t skipped = 0;

	return public_address(n, &skipped);
}

static const struct way from_router = {.source_mac = ROUTER_MAC, .target_mac = SERVER_MAC};

/* ---- SYNs ------------------------------------------------------------------------------------------------------ */

static void write_scan(struct output *out, uint32_t sources_n)
{
	uint64_t state = 20161021;
	uint32_t skipped = 0;
	uint32_t *sources = calloc(sources_n, sizeof *sources);

	out->failed |= sources == NULL;
	for (uint32_t i = 0; i < sources_n && output_wants(out); i++)
		sources[i] = public_address(i + 1, &skipped);
	while (output_wants(out)) {
		uint64_t a = next_random(&state), b = next_random(&state);
		struct segment syn = {.way = from_router, .flags = TCP_SYN};

		syn.way.source = sources[(a >> 32) % sources_n];
		syn.way.target = some_address((uint32_t)a);
		syn.source_port = 1024 + (uint32_t)(b & 0x7fff);
		syn.port = (b >> 15) % 10 == 0 ? 2323 : 23;
		syn.seq = syn.way.target;
		syn.id = (uint32_t)(b >> 32) & 0xffff;
		syn.window = (uint32_t)(b >> 48);
		output_segment(out, &syn);
	}
	free(sources);
}

static void write_spoofed(struct output *out, uint32_t sources_n)
{
	uint64_t state = 20161021;
	uint32_t skipped = 0;

	for (uint32_t i = 0; output_wants(out); i = (i + 1) % sources_n) {
		uint64_t a = next_random(&state);
		struct segment syn = {
			.way = from_router, .port = 80, .flags = TCP_SYN, .window = 65535};

		if (i == 0)
			skipped = 0;
		syn.way.source = public_address(i + 1, &skipped);
		syn.way.target = TARGET;
		syn.source_port = (uint32_t)(a & 0xffff);
		syn.seq = (uint32_t)(a >> 32);
		syn.id = (uint32_t)(a >> 16) & 0xffff;
		output_segment(out, &syn);
	}
}

/* ---- conversations --------------------------------------------------------------------------------------------- */

struct step {
	int from_server;
	uint32_t flags;
	size_t len;
	char text[TEXT];
};

struct talk {
	uint32_t client, server;
	uint32_t client_mac, server_mac;
	uint32_t client_port, server_port;
	uint32_t begin; /* first sequence number of the client; its opposite is the server's */
	unsigned steps_n;
	struct step steps[STEPS];
};

static void add(struct talk *t, int from_server, uint32_t flags, const char *text)
{
	struct step *step = &t->steps[t->steps_n++];

	step->from_server = from_server;
	step->flags = flags;
	step->len = strlen(text);
	memcpy(step->text, text, step->len);
}

static void begin(struct talk *t)
{
	add(t, 0, TCP_SYN, "");
	add(t, 1, TCP_SYN | TCP_ACK, "");
	add(t, 0, TCP_ACK, "");
}

static void say(struct talk *t, int from_server, const char *text)
{
	add(t, from_server, TCP_ACK | TCP_PSH, text);
}

static void end(struct talk *t)
{
	add(t, 0, TCP_FIN | TCP_ACK, "");
	add(t, 1, TCP_FIN | TCP_ACK, "");
	add(t, 0, TCP_ACK, "");
}

static void put_step(struct output *out, const struct talk *t, unsigned number)
{
	const struct step *step = &t->steps[number];
	const int back = step->from_server;
	uint32_t next[2] = {t->begin, ~t->begin};
	struct segment s = {.window = 8192,
			    .flags = step->flags,
			    .id = (t->begin + number) & 0xffff,
			    .data = step->text,
			    .len = step->len};

	for (const struct step *had = t->steps; had < step; had++)
		next[had->from_server] +=
			(uint32_t)had->len + ((had->flags & (TCP_SYN | TCP_FIN)) != 0);
	s.way = (struct way){.source = back ? t->server : t->client,
			     .target = back ? t->client : t->server,
			     .source_mac = back ? t->server_mac : t->client_mac,
			     .target_mac = back ? t->client_mac : t->server_mac};
	s.source_port = back ? t->server_port : t->client_port;
	s.port = back ? t->client_port : t->server_port;
	s.seq = next[back];
	s.ack = (s.flags & TCP_ACK) != 0 ? next[!back] : 0;
	output_segment(out, &s);
}

typedef void make_talk(struct talk *t, uint32_t number, uint32_t sources_n);

/* Blocks of conversations that go on at the same time, all of them a step further in each turn. */
static void write_talks(struct output *out, make_talk *make, uint32_t sources_n)
{
	static struct talk talks[WINDOW];

	for (uint32_t first = 0; output_wants(out); first += WINDOW) {
		for (uint32_t i = 0; i < WINDOW; i++) {
			talks[i].steps_n = 0;
			make(&talks[i], first + i, sources_n);
		}
		for (unsigned step = 0; step < STEPS; step++) {
			for (uint32_t i = 0; i < WINDOW; i++) {
				if (step < talks[i].steps_n)
					put_step(out, &talks[i], step);
			}
		}
	}
}

/* Half of them look sealed, a quarter fetch a page, a quarter speak what nobody knows. */
static void make_short(struct talk *t, uint32_t number, uint32_t sources_n)
{
	static const uint32_t ports[] = {443, 443, 80, 40404};
	static const char *const asked[] = {
		"\x17\x03\x03\x01\x10~lab~lab~", "\x17\x03\x03\x01\x20#lab#",
		"GET /lab HTTP/1.1\r\nHost: example.com\r\n\r\n", "lab?lab?"};
	static const char *const told[] = {
		"\x17\x03\x03\x01\x30~lab~", "\x17\x03\x03\x01\x40#lab#lab#",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "lab!"};
	uint64_t chance = mixed(number + 1);
	unsigned kind = chance % 4;
	uint32_t client = (uint32_t)(chance >> 8) % sources_n;

	t->client = OURS + client % 65536;
	t->client_mac = DEVICE_MAC + client % 65536;
	t->server = some_address((uint32_t)(chance >> 32));
	t->server_mac = ROUTER_MAC;
	t->client_port = 32768 + number / 7 % 28000;
	t->server_port = ports[kind];
	t->begin = (uint32_t)(chance >> 16);
	begin(t);
	say(t, 0, asked[kind]);
	say(t, 1, told[kind]);
	end(t);
}

static void say_telnet(struct talk *t, unsigned pair)
{
	char text[TEXT];

	say(t, 1, "\xff\xfd\x18\xff\xfb\x01\r\nlab login: ");
	snprintf(text, sizeof text, "lab-%u\r\n", pair);
	say(t, 0, text);
	say(t, 1, "\r\nPassword: ");
	snprintf(text, sizeof text, "lab-pass-%u\r\n", pair);
	say(t, 0, text);
	say(t, 1, "\r\nLogin incorrect\r\n");
}

static void say_http(struct talk *t, unsigned pair)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char plain[16], base64[2 * sizeof plain] = "", text[TEXT];

	/* fifteen characters, so that nothing has to be filled up */
	snprintf(plain, sizeof plain, "lab-%02u:lab-p-%02u", pair % 100, pair % 100);
	for (size_t i = 0, to = 0; i + 3 <= strlen(plain); i += 3) {
		unsigned v = (unsigned)plain[i] << 16 | (unsigned)plain[i + 1] << 8 |
			     (unsigned)plain[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			base64[to++] = letters[v >> shift & 63];
	}
	snprintf(text, sizeof text,
		 "GET / HTTP/1.1\r\nHost: lab\r\nAuthorization: Basic %s\r\n\r\n", base64);
	say(t, 0, "GET / HTTP/1.1\r\nHost: lab\r\n\r\n");
	say(t, 1,
	    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"lab\"\r\n"
	    "Content-Length: 0\r\n\r\n");
	say(t, 0, text);
	say(t, 1,
	    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"lab\"\r\n"
	    "Content-Length: 0\r\n\r\n");
}

static void make_login(struct talk *t, uint32_t number, uint32_t sources_n)
{
	uint64_t chance = mixed(number + 1);
	uint32_t devices = sources_n < OUR_DEVICES / 2 ? 2 * sources_n : OUR_DEVICES;
	uint32_t device = (uint32_t)(chance >> 32) % devices;
	unsigned pair = (unsigned)(chance >> 20) % 64;

	t->client = some_address((uint32_t)(chance % sources_n) + 1);
	t->client_mac = ROUTER_MAC;
	t->server = OURS + 256 + device;
	t->server_mac = DEVICE_MAC + device;
	t->client_port = 32768 + number / 7 % 28000;
	t->server_port = number % 2 == 0 ? 23 : 80;
	t->begin = (uint32_t)(chance >> 16);
	begin(t);
	if (number % 2 == 0)
		say_telnet(t, pair);
	else
		say_http(t, pair);
	end(t);
}

/* ---- fragments ------------------------------------------------------------------------------------------------- */

/* Three pieces a datagram; every other one lacks its first and goes to the one target. */
static void write_fragments(struct output *out, uint32_t sources_n)
{
	/* UDP: ports 40000 and 40001, 192 bytes, no checksum. */
	static const uint8_t header[8] = {0x9c, 0x40, 0x9c, 0x41, 0, 3 * PIECE},
			     rest[8] = "lab lab";
	uint64_t state = 20161021;

	for (uint32_t number = 0; output_wants(out); number++) {
		uint64_t chance = next_random(&state);
		uint32_t lost = number % 2;
		uint8_t bytes[PIECE] = {0};
		struct fragment f = {.way = from_router,
				     .protocol = 17,
				     .id = (uint32_t)(chance >> 48),
				     .data = bytes,
				     .len = sizeof bytes};

		f.way.source = some_address((uint32_t)(chance % sources_n) + 1);
		f.way.target = lost ? TARGET : OURS + (uint32_t)(chance >> 32) % 4096;
		for (uint32_t piece = lost; piece < 3 + lost; piece++) {
			memcpy(bytes, piece == 0 ? header : rest, 8);
			f.offset = piece * PIECE;
			f.more = piece < 2 + lost;
			output_fragment(out, &f);
		}
	}
}

/* ---- command line ---------------------------------------------------------------------------------------------- */

static void write_flows(struct output *out, uint32_t sources_n)
{
	write_talks(out, make_short, sources_n);
}

static void write_logins(struct output *out, uint32_t sources_n)
{
	write_talks(out, make_login, sources_n);
}

static const struct kind {
	const char *name;
	uint64_t step_ns;
	void (*write)(struct output *out, uint32_t sources_n);
} kinds[] = {
	{"scan", 20000, write_scan},	      {"spoofed", 2000, write_spoofed},
	{"flows", 10000, write_flows},	      {"logins", 20000, write_logins},
	{"fragments", 2000, write_fragments},
};

static int write_input(const struct kind *kind, uint32_t packets, uint32_t sources,
		       const char *path)
{
	int piped = strcmp(path, "-") == 0;
	struct output out = {.to = piped ? stdout : fopen(path, "wb"),
			     .wanted = packets,
			     .step_ns = kind->step_ns};

	if (out.to == NULL)
		return -1;
	setvbuf(out.to, NULL, _IOFBF, 1 << 20);
	output_begin(&out);
	kind->write(&out, sources);
	if (fclose(out.to) != 0)
		out.failed = 1;
	return out.failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct kind *kind = kinds, *behind = kinds + sizeof kinds / sizeof *kinds;

	while (argc == 5 && kind < behind && strcmp(argv[1], kind->name) != 0)
		kind++;
	if (argc != 5 || kind == behind) {
		fprintf(stderr,
			"usage: make_input scan|spoofed|flows|logins|fragments PACKETS SOURCES FILE|-\n");
		return 64;
	}
	unsigned long packets = strtoul(argv[2], NULL, 10);
	unsigned long sources = strtoul(argv[3], NULL, 10);
	if (packets > 1000000000 || sources == 0 || sources > 100000000) {
		fprintf(stderr,
			"make_input: at most 1000000000 packets from 1 to 100000000 sources\n");
		return 64;
	}
	int rc = write_input(kind, (uint32_t)packets, (uint32_t)sources, argv[4]);
	if (rc != 0)
		fprintf(stderr, "make_input: %s: %s\n", argv[4], strerror(errno));
	return rc == 0 ? 0 : 74;
}
