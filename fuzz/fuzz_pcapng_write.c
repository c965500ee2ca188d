/* SPDX-License-Identifier: MIT */
/*
 * What capture/pcapng_write.h writes, our own reader reads, and finds every packet as it was. The input is a recipe: of
 * the section's comment the length; how many interfaces, of each its link type; then packets, of each its interface,
 * time, lengths and bytes, and a comment that may be longer than an option can be.
 */
#include "capture/capture.h"
#include "capture/pcapng_write.h"
#include "capture/source.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { INTERFACES = 4, PACKETS = 256, COMMENT_ROOM = 70000 };

struct made {
	struct frame frames[PACKETS];
	uint32_t n;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A string of the input's bytes over and over, none of them zero. */
static const char *comment_of(struct cursor *c)
{
	static char room[COMMENT_ROOM + 1];
	size_t len = cursor_be16(c) + cursor_u8(c) * 16U;
	struct bytes seed = cursor_take(c, cursor_u8(c) % 9 < cursor_left(c) ? 3 : 0);

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = seed.len > 0 ? seed.at[i % seed.len] : 'x';

		room[i] = (char)(byte != 0 ? byte : 'x');
	}
	room[len] = '\0';
	return room;
}

static uint32_t write_interfaces(struct cursor *c, uint16_t types[INTERFACES], struct text *to)
{
	uint32_t n = cursor_u8(c) % INTERFACES + 1;

	for (uint32_t i = 0; i < n; i++) {
		types[i] = cursor_be16(c);
		pcapng_write_interface(to, types[i], 0, comment_of(c));
	}
	return n;
}

static void write_packets(struct cursor *c, const uint16_t *types, uint32_t n, struct made *m,
			  struct text *to)
{
	while (m->n < PACKETS && cursor_left(c) > 0) {
		struct frame *f = &m->frames[m->n++];
		struct bytes body;

		f->iface = cursor_u8(c) % n;
		f->linktype = types[f->iface];
		f->time_ns = (int64_t)((uint64_t)cursor_be32(c) << 31 | cursor_be32(c) >> 1);
		f->wire_len = cursor_be16(c);
		body = cursor_take(c, f->wire_len < cursor_left(c) ? f->wire_len : cursor_left(c));
		f->data = body.len > 0 ? body.at : (const uint8_t *)"";
		f->len = (uint32_t)body.len;
		pcapng_write_packet(to, f, f->iface, comment_of(c));
	}
}

static void compare(const struct batch *b, uint32_t from, const struct made *m)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct frame *got = &b->frames[i], *want = &m->frames[from + i];

		require(from + i < m->n && got->number == from + i + 1);
		require(got->len == want->len && got->wire_len == want->wire_len);
		require(got->time_ns == want->time_ns && got->iface == want->iface &&
			got->linktype == want->linktype);
		require(want->len == 0 || memcmp(got->data, want->data, want->len) == 0);
	}
}

static void read_back(const struct text *t, const struct made *m)
{
	struct bytes whole = {.at = (const uint8_t *)text_string(t), .len = t->len};
	struct batch *b = calloc(1, sizeof *b);
	struct capture *c = NULL;
	const char *why = NULL;
	uint32_t n = 0;

	require(b != NULL && (b->bytes = malloc(BATCH_BYTES)) != NULL);
	require(capture_open_bytes(whole, 0, 0, &c, &why) == 0);
	for (; capture_fill(c, b) > 0; n += b->n)
		compare(b, n, m);
	require(n == m->n && !capture_damage(c)->there);
	capture_close(c);
	free(b->bytes);
	free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct made m;
	struct cursor c = cursor_over((struct bytes){data, size});
	uint16_t types[INTERFACES];
	struct text t = {0};
	uint32_t n;

	m.n = 0;
	pcapng_write_section(&t, comment_of(&c), "cordon 0");
	n = write_interfaces(&c, types, &t);
	write_packets(&c, types, n, &m, &t);
	require(!t.failed && t.len % 4 == 0);
	read_back(&t, &m);
	text_fini(&t);
	return 0;
}
