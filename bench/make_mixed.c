/* SPDX-License-Identifier: MIT */
/*
 * Writes the bench's mixed traffic: the Ethernet frames of real captures, shuffled into ten minutes and repeated until the
 * file is as large as asked for. Each round has MAC addresses, addresses, ports and times of its own, so that a round is
 * other devices and conversations, not old news; the same arguments give the same bytes. Checksums follow what is changed.
 * What stands in payloads (names, leases, answers) stays.
 *
 * It reads with cordon's own reader, writes files and sends nothing.
 */
#include "capture/capture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_NS (1700000000 * (int64_t)1000000000)
#define ROUND_NS (600 * (int64_t)1000000000)
#define PAUSE_NS (5 * (int64_t)1000000000) /* between rounds */

enum {
	MAC_LEN = 6,
	ROUNDS_MAX = 256,  /* a round shows in one byte of an IPv4 address */
	WIRE_MAX = 1 << 17 /* captures that are damaged on purpose have frames of gigabytes */
};

struct kept {
	int64_t at_ns; /* from the beginning of a round */
	uint32_t order;
	uint32_t len;
	uint32_t wire_len;
	size_t place; /* in bytes */
};

struct mix {
	struct kept *frames;
	size_t frames_n;
	size_t frames_cap;
	uint8_t *bytes;
	size_t bytes_n;
	size_t bytes_cap;
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void *grown(void *list, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap == 0 ? 1024 : *cap;

	while (more < need)
		more *= 2;
	if (more == *cap)
		return list;
	list = realloc(list, more * size);
	if (list == NULL) {
		fprintf(stderr, "make_mixed: out of memory\n");
		exit(71);
	}
	*cap = more;
	return list;
}

static void keep(struct mix *m, const struct frame *f)
{
	m->frames = grown(m->frames, &m->frames_cap, m->frames_n + 1, sizeof *m->frames);
	m->bytes = grown(m->bytes, &m->bytes_cap, m->bytes_n + f->len, 1);
	m->frames[m->frames_n] =
		(struct kept){.at_ns = f->time_ns,
			      .order = (uint32_t)m->frames_n,
			      .len = f->len,
			      .wire_len = f->wire_len < WIRE_MAX ? f->wire_len : f->len,
			      .place = m->bytes_n};
	memcpy(m->bytes + m->bytes_n, f->data, f->len);
	m->frames_n++;
	m->bytes_n += f->len;
}

/*
 * The capture's frames get their place in the round: a long one is pressed together, a short one begins somewhere. A frame
 * that is older than the one before comes with it.
 */
static void place_in_round(struct mix *m, size_t from)
{
	int64_t first = m->frames[from].at_ns, last = first, shift;

	for (size_t i = from; i < m->frames_n; i++) {
		struct kept *k = &m->frames[i];

		if (k->at_ns < last)
			k->at_ns = last;
		last = k->at_ns;
	}
	shift = last - first >= ROUND_NS
			? 0
			: (int64_t)from * 7919 * 1000000 % (ROUND_NS - (last - first));
	for (size_t i = from; i < m->frames_n; i++) {
		int64_t offset = m->frames[i].at_ns - first;

		if (last - first >= ROUND_NS)
			offset = (int64_t)((double)offset *
					   ((double)ROUND_NS / (double)(last - first)));
		m->frames[i].at_ns = shift + offset;
	}
}

static void read_capture(struct mix *m, struct batch *batch, const char *path)
{
	struct capture *c;
	const char *why;
	size_t from = m->frames_n;

	if (capture_open(path, 0, &c, &why) != 0)
		return; /* some of the real ones are damaged on purpose */
	while (capture_fill(c, batch) > 0) {
		for (uint32_t i = 0; i < batch->n; i++) {
			if (batch->frames[i].linktype == LINK_ETHERNET)
				keep(m, &batch->frames[i]);
		}
	}
	capture_close(c);
	if (m->frames_n > from)
		place_in_round(m, from);
}

static int by_time(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;

	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* ---- changing -------------------------------------------------------------------------------------------------- */

/* What has to be changed, and how checksums follow (RFC 1624). */
struct change {
	uint8_t round;
	uint16_t round16; /* the same, spread over two bytes */
	uint32_t delta;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t v, struct change *c)
{
	c->delta += (uint32_t)(uint16_t)~get16(at) + v;
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void fix_sum(uint8_t *at, uint32_t delta)
{
	uint32_t sum = (uint32_t)(uint16_t)~get16(at) + delta;

	while (sum >> 16 != 0)
		sum = (sum >> 16) + (sum & 0xffff);
	sum = ~sum & 0xffff;
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

static void change_mac(uint8_t *mac, const struct change *c)
{
	static const uint8_t none[MAC_LEN];

	if ((mac[0] & 1) != 0 || memcmp(mac, none, MAC_LEN) == 0)
		return;
	mac[4] ^= (uint8_t)(c->round16 >> 8);
	mac[5] ^= (uint8_t)c->round16;
}

static void change_ipv4(uint8_t *a, struct change *c)
{
	if (a[0] != 0 && a[0] != 127 && a[0] < 224)
		put16(a + 2, (uint16_t)(get16(a + 2) ^ c->round << 8), c);
}

static void change_ipv6(uint8_t *a, struct change *c)
{
	static const uint8_t none[16];

	if (a[0] != 0xff && memcmp(a, none, sizeof none) != 0)
		put16(a + 14, get16(a + 14) ^ c->round16, c);
}

/* The caller's port, which is the higher one nearly always; the other one says what is spoken. */
static void change_ports(uint8_t *ports, struct change *c)
{
	uint8_t *caller = get16(ports) > get16(ports + 2) ? ports : ports + 2;

	if (get16(ports) != get16(ports + 2) && get16(caller) >= 0x8000)
		put16(caller, (uint16_t)(0x8000 | (get16(caller) ^ c->round16)), c);
}

static void change_transport(uint8_t *at, size_t len, uint8_t proto, struct change *c)
{
	if (proto == 6 && len >= 20) {
		change_ports(at, c);
		fix_sum(at + 16, c->delta);
	} else if (proto == 17 && len >= 8) {
		change_ports(at, c);
		if (get16(at + 6) != 0)
			fix_sum(at + 6, c->delta);
	} else if (proto == 58 && len >= 24) {
		if (at[0] == 135 || at[0] == 136) /* neighbour discovery */
			change_ipv6(at + 8, c);
		fix_sum(at + 2, c->delta);
	}
}

static void change_packet4(uint8_t *at, size_t len, struct change *c)
{
	size_t header = (size_t)(at[0] & 15) * 4;

	change_ipv4(at + 12, c);
	change_ipv4(at + 16, c);
	fix_sum(at + 10, c->delta);
	if (header >= 20 && header < len && (get16(at + 6) & 0x1fff) == 0)
		change_transport(at + header, len - header, at[9], c);
}

static void change_frame(uint8_t *f, size_t len, unsigned round)
{
	struct change c = {.round = (uint8_t)round, .round16 = (uint16_t)(round * 0x9e37u)};
	size_t at = 12;

	if (len < 2 * MAC_LEN || round == 0)
		return;
	change_mac(f, &c);
	change_mac(f + MAC_LEN, &c);
	while (at + 6 <= len && (get16(f + at) == 0x8100 || get16(f + at) == 0x88a8))
		at += 4;
	if (at + 2 > len)
		return;
	uint16_t type = get16(f + at);

	at += 2;
	if (type == 0x0806 && len >= at + 28) {
		change_mac(f + at + 8, &c);
		change_ipv4(f + at + 14, &c);
		change_mac(f + at + 18, &c);
		change_ipv4(f + at + 24, &c);
	} else if (type == 0x0800 && len >= at + 20) {
		change_packet4(f + at, len - at, &c);
	} else if (type == 0x86dd && len >= at + 40) {
		change_ipv6(f + at + 8, &c);
		change_ipv6(f + at + 24, &c);
		change_transport(f + at + 40, len - at - 40, f[at + 6], &c);
	}
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void put32_little(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static bool write_header(FILE *to)
{
	uint8_t header[24] = {[4] = 2, [6] = 4};

	put32_little(header, 0xa1b23c4d); /* nanoseconds */
	put32_little(header + 16, 262144);
	put32_little(header + 20, LINK_ETHERNET);
	return fwrite(header, sizeof header, 1, to) == 1;
}

static bool write_frame(FILE *to, const struct mix *m, const struct kept *k, unsigned round)
{
	static uint8_t record[16 + FRAME_BYTES_MAX];
	int64_t ns = FIRST_NS + round * (ROUND_NS + PAUSE_NS) + k->at_ns;

	put32_little(record, (uint32_t)(ns / 1000000000));
	put32_little(record + 4, (uint32_t)(ns % 1000000000));
	put32_little(record + 8, k->len);
	put32_little(record + 12, k->wire_len);
	memcpy(record + 16, m->bytes + k->place, k->len);
	change_frame(record + 16, k->len, round);
	return fwrite(record, 16 + k->len, 1, to) == 1;
}

/* As many rounds as it takes, the last one perhaps in part. */
static bool write_mix(FILE *to, const struct mix *m, uint64_t bytes)
{
	uint64_t written = 24, frames = 0;
	unsigned round = 0;

	if (!write_header(to))
		return false;
	for (; round < ROUNDS_MAX && written < bytes; round++) {
		for (size_t i = 0; i < m->frames_n && written < bytes; i++, frames++) {
			if (!write_frame(to, m, &m->frames[i], round))
				return false;
			written += 16 + m->frames[i].len;
		}
	}
	printf("%llu packets, %llu bytes, %u rounds of %zu packets\n", (unsigned long long)frames,
	       (unsigned long long)written, round, m->frames_n);
	return true;
}

int main(int argc, char **argv)
{
	static struct mix mix;
	static struct batch batch;

	if (argc < 4) {
		fprintf(stderr, "usage: make_mixed BYTES FILE CAPTURE...\n");
		return 64;
	}
	batch.bytes = malloc(BATCH_BYTES);
	if (batch.bytes == NULL)
		return 71;
	for (int i = 3; i < argc; i++)
		read_capture(&mix, &batch, argv[i]);
	if (mix.frames_n == 0) {
		fprintf(stderr, "make_mixed: no Ethernet frame in these captures\n");
		return 65;
	}
	qsort(mix.frames, mix.frames_n, sizeof *mix.frames, by_time);
	FILE *to = fopen(argv[2], "wb");
	bool well = to != NULL && write_mix(to, &mix, strtoull(argv[1], NULL, 10));

	if (to != NULL && fclose(to) != 0)
		well = false;
	if (!well)
		fprintf(stderr, "make_mixed: %s: %s\n", argv[2], strerror(errno));
	free(mix.frames);
	free(mix.bytes);
	free(batch.bytes);
	return well ? 0 : 74;
}
