/* SPDX-License-Identifier: MIT */
/*
 * The short way through ordinary frames against the walk, which is its naive twin: the same packet, field for field,
 * over frames of every shape near to what is ordinary, made at random, with right and wrong checksums, lengths that
 * lie, padding, cuts and bytes changed; and over the frames of real captures where those are. Both ways write into
 * memory that was full of something else, so that a field left out shows. The checksum itself, which both ways share,
 * is compared with one of sixteen bits at a time.
 */
#include "decode/plain.c"

#include "capture/capture.h"
#include "draw.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	FRAMES = 400000,
	FRAME_ROOM = 2048,
	SUMS = 20000,
	/* Whole packets, less what stands behind the last field on some machines. */
	COMPARED = offsetof(struct packet, ttl) + 1
};

struct made {
	uint8_t bytes[FRAME_ROOM];
	size_t len;
};

static uint8_t *put(struct made *m, size_t n)
{
	assert_true(m->len + n <= sizeof m->bytes);
	m->len += n;
	return m->bytes + m->len - n;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool one_in(struct draw *d, unsigned n)
{
	return draw_below(d, n) == 0;
}

static void put_random(struct draw *d, uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)draw(d);
}

/* The sum of RFC 1071, sixteen bits at a time, not yet turned over. */
static uint32_t naive_sum(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put_mac(struct draw *d, uint8_t *at)
{
	put_random(d, at, 6);
	at[0] &= 0xfe;
	if (one_in(d, 8))
		at[0] |= 1;
	if (one_in(d, 8))
		memset(at, 0, draw_below(d, 7));
	if (one_in(d, 16))
		memset(at + draw_below(d, 4), 0, 3);
}

static void put_link(struct draw *d, struct made *m, uint16_t type)
{
	static const uint16_t kinds[] = {TYPE_VLAN, TYPE_VLAN, TYPE_QINQ};

	put_mac(d, put(m, 6));
	put_mac(d, put(m, 6));
	for (unsigned tags = one_in(d, 3) ? 1 + one_in(d, 8) : 0; tags > 0; tags--) {
		put16(put(m, 2), kinds[draw_below(d, 3)]);
		put_random(d, put(m, 2), 2);
	}
	put16(put(m, 2), one_in(d, 50) ? draw(d) : type);
}

static uint8_t draw_proto(struct draw *d)
{
	static const uint8_t others[] = {PROTO_ICMP, PROTO_IPIP,   PROTO_IPV6, PROTO_GRE, 0,
					 44,	     PROTO_ICMPV6, 253,	       254,	  60};

	if (one_in(d, 12))
		return others[draw_below(d, sizeof others)];
	return one_in(d, 3) ? PROTO_UDP : PROTO_TCP;
}

static size_t draw_payload(struct draw *d)
{
	static const size_t most[] = {1, 9, 40, 130, 600, 1400};

	return draw_below(d, most[draw_below(d, 6)]);
}

static uint16_t draw_port(struct draw *d)
{
	static const uint16_t known[] = {PORT_VXLAN, PORT_VXLAN_LINUX, 23, 53, 67, 80};

	return one_in(d, 4) ? known[draw_below(d, 6)] : (uint16_t)draw(d);
}

static void put_transport(struct draw *d, struct made *m, uint8_t proto)
{
	size_t payload = draw_payload(d), header = proto == PROTO_UDP ? 8 : 20;
	uint8_t *at;

	if (proto == PROTO_TCP && one_in(d, 2))
		header += draw_below(d, 11) * 4;
	at = put(m, header + payload);
	put_random(d, at, header + payload);
	put16(at, draw_port(d));
	put16(at + 2, draw_port(d));
	if (proto == PROTO_UDP)
		put16(at + 4, one_in(d, 12) ? draw_below(d, payload + 12) : header + payload);
	else
		at[12] = one_in(d, 24) ? (uint8_t)draw(d) : (uint8_t)(header / 4 << 4);
}

/* Where the transport checksum stands, or NULL. */
static uint8_t *checksum_place(uint8_t *l4, size_t len, uint8_t proto)
{
	size_t at = proto == PROTO_TCP ? 16 : 6;

	return (proto == PROTO_TCP || proto == PROTO_UDP) && len >= at + 2 ? l4 + at : NULL;
}

/* `addresses`: both, as they stand in the header. */
static void put_checksum(struct draw *d, uint8_t *l4, size_t len, uint8_t proto,
			 const uint8_t *addresses, size_t addresses_len)
{
	uint8_t *at = checksum_place(l4, len, proto);
	uint32_t sum;

	if (at == NULL || one_in(d, 12))
		return;
	put16(at, 0);
	if (one_in(d, 12))
		return;
	if (proto == PROTO_UDP && load_be16(l4 + 4) >= 8 && load_be16(l4 + 4) <= len)
		len = load_be16(l4 + 4);
	sum = naive_sum((uint32_t)len + proto, addresses, addresses_len);
	sum = ~naive_sum(sum, l4, len) & 0xffff;
	put16(at, sum == 0 && proto == PROTO_UDP ? 0xffff : sum);
}

static void put_ip4(struct draw *d, struct made *m)
{
	uint8_t proto = draw_proto(d);
	size_t start = m->len, header = one_in(d, 16) ? 24 : 20;
	uint8_t *at = put(m, header);

	put_random(d, at, header);
	at[0] = (uint8_t)(0x40 | header / 4);
	if (one_in(d, 24))
		at[0] = (uint8_t)draw(d);
	put16(at + 6, one_in(d, 2) ? 0x4000 : 0);
	if (one_in(d, 16))
		put16(at + 6, draw(d));
	at[9] = proto;
	put_transport(d, m, proto);
	put16(at + 2, m->len - start);
	if (one_in(d, 16))
		put16(at + 2, draw_below(d, m->len - start + 8));
	put16(at + 10, one_in(d, 16) ? 0x1234 : 0);
	if (one_in(d, 16) == 0)
		put16(at + 10, ~naive_sum(0, at, header));
	put_checksum(d, at + header, m->len - start - header, proto, at + 12, 8);
}

static void put_address6(struct draw *d, uint8_t *at)
{
	put_random(d, at, 16);
	if (one_in(d, 12))
		memset(at, 0, 10);
	if (one_in(d, 12))
		memset(at, 0, 8);
	if (one_in(d, 3))
		at[10] = at[11] = 0xff;
}

static void put_ip6(struct draw *d, struct made *m)
{
	uint8_t proto = draw_proto(d);
	size_t start = m->len + 40;
	uint8_t *at = put(m, 40);

	put_random(d, at, 8);
	at[0] = one_in(d, 24) ? (uint8_t)draw(d) : 0x60;
	at[6] = proto;
	put_address6(d, at + 8);
	put_address6(d, at + 24);
	put_transport(d, m, proto);
	put16(at + 4, m->len - start);
	if (one_in(d, 16))
		put16(at + 4, draw_below(d, m->len - start + 8));
	put_checksum(d, at + 40, m->len - start, proto, at + 8, 32);
}

/* Pads, cuts and changes bytes, as networks, capture tools and strangers do. Returns the length on the wire. */
static uint32_t spoil(struct draw *d, struct made *m)
{
	uint32_t wire;

	if (m->len < 60)
		put_random(d, put(m, 60 - m->len), 60 - m->len);
	if (one_in(d, 6)) {
		size_t n = draw_below(d, 12);

		put_random(d, put(m, n), n);
	}
	wire = (uint32_t)m->len;
	if (one_in(d, 6))
		m->len = draw_below(d, m->len + 1);
	else if (one_in(d, 6) && m->len > 96)
		m->len = 54 + draw_below(d, 43);
	if (one_in(d, 12))
		wire = (uint32_t)m->len; /* the tool that cut it lost how long it was */
	for (uint64_t n = one_in(d, 2) ? draw_below(d, 4) : 0; n > 0 && m->len > 0; n--)
		m->bytes[draw_below(d, one_in(d, 2) || m->len < 80 ? m->len : 80)] ^=
			(uint8_t)(1 << draw_below(d, 8));
	return wire;
}

static void make_frame(struct draw *d, struct made *m, struct frame *f)
{
	bool v6 = one_in(d, 3);

	m->len = 0;
	put_link(d, m, v6 ? TYPE_IP6 : TYPE_IP4);
	if (v6)
		put_ip6(d, m);
	else
		put_ip4(d, m);
	*f = (struct frame){.data = m->bytes,
			    .wire_len = spoil(d, m),
			    .time_ns = (int64_t)(draw(d) >> 2),
			    .number = draw(d) >> 24,
			    .input = (uint32_t)draw_below(d, 9),
			    .iface = (uint32_t)draw_below(d, 9),
			    .linktype = one_in(d, 64) ? LINK_RAW : LINK_ETHERNET,
			    .unfinished = one_in(d, 8)};
	f->len = (uint32_t)m->len;
}

/* Both ways; true when the short one took it. */
static bool compare(const struct frame *f)
{
	struct packet batch[DECODE_PACKETS], walked[DECODE_PACKETS];
	struct decode_stats batch_stats = {0}, stats = {0};
	bool plain;
	unsigned n;

	memset(batch, 0xaa, sizeof batch);
	memset(walked, 0x55, sizeof walked);
	plain = plain_read(batch, f);
	assert_int_equal(decode_batch(f, 1, batch, &batch_stats),
			 n = decode_frame(f, walked, &stats));
	assert_memory_equal(&batch_stats, &stats, sizeof stats);
	assert_true(!plain || n == 1);
	for (unsigned i = 0; i < n; i++) {
		if (memcmp(&batch[i], &walked[i], COMPARED) == 0)
			continue;
		for (uint32_t b = 0; b < f->len; b++)
			fprintf(stderr, "%02x%s", f->data[b], b % 16 == 15 ? "\n" : " ");
		assert_memory_equal(&batch[i], &walked[i], COMPARED);
	}
	return plain;
}

static void short_way_and_walk_agree_on_any_frame(void **state)
{
	struct draw d = draw_from(20161021);
	unsigned plain = 0;

	(void)state;
	for (unsigned i = 0; i < FRAMES; i++) {
		struct made m;
		struct frame f;
		uint8_t *copy;

		make_frame(&d, &m, &f);
		copy = malloc(m.len > 0 ? m.len : 1);
		assert_non_null(copy);
		memcpy(copy, m.bytes, m.len);
		f.data = copy; /* of exactly that size: the sanitizer sees a read too far */
		plain += compare(&f);
		free(copy);
	}
	/* Else this compares the walk with itself. */
	assert_in_range(plain, FRAMES / 3, FRAMES * 9 / 10);
}

/* What is made right is found right, and any one bit of what is covered makes it wrong. */
static void checksums_are_verified(void **state)
{
	struct draw d = draw_from(20161022);
	unsigned seen = 0;

	(void)state;
	while (seen < 20000) {
		struct decode_stats stats = {0};
		struct packet p[DECODE_PACKETS];
		struct made m;
		struct frame f;
		size_t at;

		make_frame(&d, &m, &f);
		f.unfinished = false;
		if (!plain_read(p, &f) || p->payload_len == 0 ||
		    (p->flags & (PACKET_BAD_CHECKSUM | PACKET_TRUNCATED)) != 0)
			continue;
		seen++;
		at = (size_t)(p->payload - m.bytes) + draw_below(&d, p->payload_len);
		if (p->proto == PROTO_UDP && load_be16(p->payload - 2) == 0)
			continue;
		m.bytes[at] ^= (uint8_t)(1 << draw_below(&d, 8));
		assert_int_equal(decode_batch(&f, 1, p, &stats), 1);
		assert_int_equal(stats.bad_checksum, 1);
	}
}

/* A virtual link has no hardware that would finish the checksum: what stands there says nothing, but IP's own does. */
static void unfinished_checksums_are_not_judged(void **state)
{
	struct draw d = draw_from(20161025);
	unsigned seen = 0;

	(void)state;
	while (seen < 5000) {
		struct decode_stats stats = {0};
		struct packet p[DECODE_PACKETS];
		struct made m;
		struct frame f;
		size_t payload;

		make_frame(&d, &m, &f);
		f.unfinished = true;
		if (!plain_read(p, &f) || p->payload_len == 0 ||
		    (p->flags & (PACKET_BAD_CHECKSUM | PACKET_TRUNCATED | PACKET_V6)) != 0)
			continue;
		seen++;
		payload = (size_t)(p->payload - m.bytes);
		m.bytes[payload] ^= 0x10;
		assert_int_equal(decode_batch(&f, 1, p, &stats), 1);
		assert_int_equal(decode_frame(&f, p, &stats), 1);
		assert_int_equal(stats.bad_checksum, 0);
		payload -= p->proto == PROTO_TCP ? TCP_HEADER + p->tcp_options : UDP_HEADER;
		m.bytes[payload - IP4_HEADER + 8] ^= 1; /* the time to live */
		decode_batch(&f, 1, p, &stats);
		assert_int_equal(stats.bad_checksum, 1);
	}
}

static void checksum_is_that_of_sixteen_bits(void **state)
{
	struct draw d = draw_from(20161023);
	static uint8_t bytes[70000];

	(void)state;
	for (unsigned i = 0; i < SUMS; i++) {
		size_t from = draw_below(&d, 16);
		size_t len = draw_below(&d, one_in(&d, 100) ? 65536 : 300);
		uint32_t sum;

		if (one_in(&d, 4))
			memset(bytes, one_in(&d, 2) ? 0xff : 0, from + len + 2);
		else
			put_random(&d, bytes, from + len + 2);
		assert_true(checksum_is_good(checksum_add(0, bytes + from, len)) ==
			    (naive_sum(0, bytes + from, len) == 0xffff));
		sum = ~naive_sum(0, bytes + from, len) & 0xffff;
		if (len % 2 != 0 || sum == 0xffff)
			continue;
		put16(bytes + from + len, sum);
		assert_true(checksum_is_good(checksum_add(0, bytes + from, len + 2)));
		assert_true(checksum_is_good(
			checksum_add(checksum_add_be16(0, (uint16_t)sum), bytes + from, len)));
	}
}

static void a_batch_is_its_frames(void **state)
{
	enum { N = 300 };
	static struct packet batch[N * DECODE_PACKETS];
	static struct made made[N];
	static struct frame frames[N];
	struct draw d = draw_from(20161024);
	struct decode_stats batch_stats = {0}, stats = {0};
	uint32_t n = 0, at = 0;

	(void)state;
	for (size_t i = 0; i < N; i++)
		make_frame(&d, &made[i], &frames[i]);
	n = decode_batch(frames, N, batch, &batch_stats);
	for (size_t i = 0; i < N; i++) {
		struct packet walked[DECODE_PACKETS];
		unsigned more = decode_frame(&frames[i], walked, &stats);

		for (unsigned k = 0; k < more; k++)
			assert_memory_equal(&batch[at++], &walked[k], COMPARED);
	}
	assert_int_equal(n, at);
	assert_memory_equal(&batch_stats, &stats, sizeof stats);
	assert_int_equal(decode_batch(frames, 0, batch, &stats), 0);
}

static size_t real_frames;

static int compare_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	static struct batch b;
	static uint8_t bytes[BATCH_BYTES];
	struct capture *c = NULL;
	const char *why = NULL;

	(void)st;
	(void)where;
	if (kind != FTW_F || capture_open(path, 0, &c, &why) != 0)
		return 0;
	b.bytes = bytes;
	while (capture_fill(c, &b) > 0) {
		for (uint32_t i = 0; i < b.n; i++)
			compare(&b.frames[i]);
		real_frames += b.n;
	}
	capture_close(c);
	return 0;
}

static void short_way_and_walk_agree_on_real_captures(void **state)
{
	const char *folder = getenv("CORDON_CAPTURES");

	(void)state;
	nftw(folder != NULL ? folder : "../shared/captures", compare_file, 16, FTW_PHYS);
	if (real_frames == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_way_and_walk_agree_on_any_frame),
		cmocka_unit_test(checksums_are_verified),
		cmocka_unit_test(unfinished_checksums_are_not_judged),
		cmocka_unit_test(checksum_is_that_of_sixteen_bits),
		cmocka_unit_test(a_batch_is_its_frames),
		cmocka_unit_test(short_way_and_walk_agree_on_real_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
