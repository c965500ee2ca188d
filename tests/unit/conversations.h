/* SPDX-License-Identifier: MIT */
/*
 * A small table of conversations, and a reader of the server's side of one: it sends packets whose bytes tell their place
 * in the stream, takes what flow/flows offers, and checks each byte of it. Include after cmocka.h.
 */
#pragma once

#include "base/hash.h"
#include "draw.h"
#include "flow/flows.h"

#include <stdlib.h>

enum { STREAM = 30000, LINE = 37, IDLE_S = 60, ANSWER_S = 10 };

struct table {
	struct flows flows;
	int64_t now_ns;
	unsigned left; /* calls of leave() */
	void *memory[3];
};

static inline void table_leave(void *context, struct flow *f)
{
	(void)f;
	((struct table *)context)->left++;
}

static inline struct table *table_new(uint32_t cap, uint64_t windows, uint64_t seed)
{
	struct table *t = calloc(1, sizeof *t);
	uint32_t buckets = 8;

	assert_non_null(t);
	t->memory[0] = calloc(cap, sizeof(struct flow));
	t->memory[1] = calloc(buckets, sizeof(uint32_t));
	t->memory[2] = calloc(windows, sizeof(struct window));
	t->now_ns = 1000;
	t->flows = (struct flows){.entries = stripe_alone(t->memory[0], sizeof(struct flow)),
				  .buckets = stripe_alone(t->memory[1], sizeof(uint32_t)),
				  .windows = stripe_alone(t->memory[2], sizeof(struct window)),
				  .cap = cap,
				  .buckets_n = buckets,
				  .windows_cap = (uint32_t)windows,
				  .seed = seed,
				  .idle_ns = (int64_t)IDLE_S * 1000000000,
				  .answer_ns = (int64_t)ANSWER_S * 1000000000,
				  .leave = table_leave,
				  .context = t};
	return t;
}

static inline void table_free(struct table *t)
{
	for (int i = 0; i < 3; i++)
		free(t->memory[i]);
	free(t);
}

/* Client n calls a server; the packet goes from that side. */
static inline struct packet table_packet(const struct table *t, unsigned n, bool from_server)
{
	struct packet p = {.src = addr_v4(0xc0a80102 + n),
			   .dst = addr_v4(0xc6336407),
			   .sport = (uint16_t)(40000 + n),
			   .dport = 23,
			   .proto = PROTO_TCP,
			   .flags = PACKET_L4,
			   .tcp_flags = TCP_ACK,
			   .time_ns = t->now_ns,
			   .now_ns = t->now_ns,
			   .key = (uint64_t)t->now_ns};
	struct addr addr = p.src;

	if (from_server) {
		p.src = p.dst;
		p.dst = addr;
		p.sport = 23;
		p.dport = (uint16_t)(40000 + n);
	}
	return p;
}

static inline struct stamp table_stamp(const struct packet *p)
{
	return (struct stamp){.packet = p, .pair_key = hash_addr(&p->src) ^ hash_addr(&p->dst)};
}

static inline struct flow *table_find(const struct table *t, unsigned n)
{
	struct packet p = table_packet(t, n, true);
	struct stamp s = table_stamp(&p);
	unsigned side = 9;
	struct flow *f = flows_find(&t->flows, &s, flows_bucket(&t->flows, &s), &side);

	assert_true(f == NULL || side == SERVER_SIDE);
	return f;
}

/* An entry made by the server's packet; NULL when there is no place. */
static inline struct flow *table_add(struct table *t, unsigned n)
{
	struct packet p = table_packet(t, n, true);
	struct stamp s = table_stamp(&p);

	return flows_add(&t->flows, &s, flows_bucket(&t->flows, &s), SERVER_SIDE);
}

enum reading { READ_ALL, READ_LINES, READ_SOME, READ_NOTHING };

struct reader {
	struct table *table;
	struct flow *flow;
	unsigned number;
	uint32_t first; /* sequence number of the stream's first byte */
	enum reading reading;
	bool strict;   /* the first copy sent of each byte is the one that counts */
	uint32_t read; /* bytes of the stream used up, or missed */
	uint32_t missed;
	unsigned gaps;
	unsigned closed; /* packets at which the end was told */
	bool last_was_closed;
	size_t offered_most;
	uint64_t digest;	    /* of all that was offered */
	uint32_t answered;	    /* bytes that the client sent */
	uint8_t copies[2 * STREAM]; /* first sent of each byte, 0: none yet */
};

/* Never 0, in the lower half; a lie stands in the upper one. Each line ends where it should, lies or not. */
static inline uint8_t byte_at(uint32_t i, bool lie)
{
	uint8_t b = (uint8_t)(hash_mix(i) % 90 + ' ');

	if (i % LINE == LINE - 1)
		return '\n';
	return lie ? b | 0x80 : b;
}

static inline void reader_init(struct reader *r, struct table *t, unsigned number, uint32_t first,
			       enum reading reading)
{
	*r = (struct reader){
		.table = t, .number = number, .first = first, .reading = reading, .strict = true};
	r->flow = table_add(t, number);
	assert_non_null(r->flow);
}

static inline void reader_join(struct reader *r, struct table *t, uint32_t first,
			       enum reading reading)
{
	reader_init(r, t, 0, first, reading);
}

static inline void reader_open_as(struct reader *r, struct table *t, unsigned number,
				  uint32_t first, enum reading reading)
{
	struct packet p = table_packet(t, number, true);

	reader_init(r, t, number, first, reading);
	p.tcp_flags = TCP_SYN | TCP_ACK;
	p.seq = first - 1;
	p.ack = 77;
	flow_open(&t->flows, r->flow, &p);
}

static inline void reader_open(struct reader *r, struct table *t, uint32_t first,
			       enum reading reading)
{
	reader_open_as(r, t, 0, first, reading);
}

/* These bytes stand where they were sent, behind all that was used up, and with a gap where some are missing. */
static inline void reader_check(struct reader *r, const struct flow_bytes *got)
{
	uint32_t at = r->flow->side[SERVER_SIDE].next - r->first;

	if (got->data.len > 0 && got->gap) {
		assert_true(at >= r->read);
		r->gaps++;
		r->missed += at - r->read;
		r->read = at;
	}
	assert_true(got->data.len == 0 || at == r->read);
	assert_true(at + got->data.len <= STREAM);
	for (uint32_t i = 0; i < got->data.len; i++) {
		uint8_t byte = got->data.at[i];

		if (r->strict)
			assert_int_equal(byte, r->copies[at + i]);
		else
			assert_true(byte == byte_at(at + i, false) ||
				    byte == byte_at(at + i, true));
	}
	if (got->data.len > r->offered_most)
		r->offered_most = got->data.len;
	r->digest = hash_more(r->digest, (uint64_t)at << 32 | got->data.len << 2 |
						 (uint64_t)got->gap << 1 | got->closed);
	r->last_was_closed = got->closed;
}

static inline size_t reader_uses(const struct reader *r, struct bytes data)
{
	const uint8_t *end = data.len == 0 ? NULL : memrchr(data.at, '\n', data.len);

	switch (r->reading) {
	case READ_ALL:
		return data.len;
	case READ_LINES:
		return end == NULL ? 0 : (size_t)(end - data.at) + 1;
	case READ_SOME:
		return (data.len + 1) / 2;
	default:
		return 0;
	}
}

static inline void reader_offer(struct reader *r, struct flow_bytes got)
{
	bool closed = false;

	while (got.data.len > 0 || got.closed) {
		size_t used = reader_uses(r, got.data);

		reader_check(r, &got);
		closed |= got.closed;
		r->read += (uint32_t)used;
		got = flow_used(&r->table->flows, r->flow, SERVER_SIDE, &got, used,
				r->table->now_ns);
	}
	r->closed += closed;
}

static inline void reader_packet(struct reader *r, uint32_t at, uint32_t wire, uint32_t there,
				 uint8_t flags, bool lie)
{
	struct packet p = table_packet(r->table, r->number, true);
	uint8_t *payload = malloc(there > 0 ? there : 1);

	for (uint32_t i = 0; i < there; i++) {
		payload[i] = byte_at(at + i, lie);
		if (r->copies[at + i] == 0)
			r->copies[at + i] = payload[i];
	}
	p.payload = payload;
	p.payload_len = there;
	p.payload_wire = wire;
	p.seq = r->first + at;
	p.ack = 77 + r->answered;
	p.tcp_flags |= flags;
	r->table->now_ns += 1000;
	reader_offer(r, flow_take(&r->table->flows, r->flow, SERVER_SIDE, &p));
	free(payload);
}

/* The server sends bytes of the stream. */
static inline void reader_send(struct reader *r, uint32_t at, uint32_t len, uint8_t flags)
{
	reader_packet(r, at, len, len, flags, false);
}

/* … and others in their place. */
static inline void reader_lie(struct reader *r, uint32_t at, uint32_t len)
{
	reader_packet(r, at, len, len, 0, true);
}

/* … of which the capture kept only the first. */
static inline void reader_cut(struct reader *r, uint32_t at, uint32_t len, uint32_t kept)
{
	reader_packet(r, at, len, kept, 0, false);
}

/* The client says something, and that it has the stream up to there. */
static inline void reader_acknowledge(struct reader *r, uint32_t upto)
{
	static const uint8_t byte = '!';
	struct packet p = table_packet(r->table, r->number, false);
	struct flow_bytes got;

	p.payload = &byte;
	p.payload_len = p.payload_wire = 1;
	p.seq = 77 + r->answered++;
	p.ack = r->first + upto;
	got = flow_take(&r->table->flows, r->flow, CLIENT_SIDE, &p);
	assert_int_equal(got.data.len, 1);
	flow_used(&r->table->flows, r->flow, CLIENT_SIDE, &got, 1, r->table->now_ns);
}

/* Nothing comes any more. */
static inline void reader_finish(struct reader *r)
{
	struct flow_bytes got;
	int calls = 0;

	for (bool again = false; flow_rest(&r->table->flows, r->flow, SERVER_SIDE, again, &got);
	     again = true) {
		assert_true(++calls <= WINDOW_RANGES + 2);
		reader_offer(r, got);
	}
}

#define expect_read(r, bytes, holes)                                                               \
	do {                                                                                       \
		assert_int_equal((r)->read, bytes);                                                \
		assert_int_equal((r)->gaps, holes);                                                \
	} while (0)
