/* SPDX-License-Identifier: MIT */
/*
 * Captures built in memory, read back and compared field by field: every variant of both formats, every way bytes can
 * arrive (at once, one by one, packed, through a pipe), every place a file can be cut at, and random mixtures of all.
 */
#include "capture/capture.h"
#include "capture/source.h"
#include "capture/tick.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

/* ---- building captures ---- */

struct made {
	uint8_t *at;
	size_t n;
	size_t room;
	bool swap; /* write numbers in the byte order that is not ours */
};

/* What a frame must be read back as. Its bytes follow from its number. */
struct want {
	uint32_t len;
	uint32_t wire_len;
	int64_t time_ns;
	uint64_t number;
	uint32_t iface;
	uint16_t linktype;
	bool swapped;
};

enum { WANTS_MAX = 4096, FLIGHT_MAX = 6 };

static void put(struct made *m, const void *data, size_t n)
{
	if (n == 0)
		return;
	if (m->n + n > m->room) {
		m->room = (m->n + n) * 2;
		m->at = realloc(m->at, m->room);
		assert_non_null(m->at);
	}
	memcpy(m->at + m->n, data, n);
	m->n += n;
}

static void put_zeros(struct made *m, size_t n)
{
	while (n-- > 0)
		put(m, "", 1);
}

static void put16(struct made *m, uint16_t v)
{
	v = m->swap ? __builtin_bswap16(v) : v;
	put(m, &v, sizeof(v));
}

static void put32(struct made *m, uint32_t v)
{
	v = m->swap ? __builtin_bswap32(v) : v;
	put(m, &v, sizeof(v));
}

static void put64(struct made *m, uint64_t v)
{
	v = m->swap ? __builtin_bswap64(v) : v;
	put(m, &v, sizeof(v));
}

static uint8_t pattern(uint64_t number, size_t i)
{
	return (uint8_t)(number * 31 + i * 7 + (i >> 8));
}

static void put_packet(struct made *m, uint64_t number, uint32_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = pattern(number, i);
		put(m, &byte, 1);
	}
}

static void put_pcap_header(struct made *m, uint32_t magic, uint16_t minor, uint32_t snaplen,
			    uint32_t link)
{
	put32(m, magic);
	put16(m, 2);
	put16(m, minor);
	put64(m, 0);
	put32(m, snaplen);
	put32(m, link);
}

static void put_record(struct made *m, uint64_t number, uint32_t s, uint32_t part, uint32_t len,
		       uint32_t wire)
{
	put32(m, s);
	put32(m, part);
	put32(m, len);
	put32(m, wire);
	put_packet(m, number, len);
}

/* Opens a block and gives the place of its first length; the end fills both in. */
static size_t block_begin(struct made *m, uint32_t type)
{
	put32(m, type);
	put32(m, 0);
	return m->n - 4;
}

static void block_end(struct made *m, size_t length_at)
{
	put_zeros(m, (4 - m->n % 4) % 4); /* every block begins at a multiple of four */
	put32(m, (uint32_t)(m->n - length_at + 8));
	memcpy(m->at + length_at, m->at + m->n - 4, 4);
}

static void put_section(struct made *m)
{
	size_t b = block_begin(m, 0x0a0d0d0a);
	put32(m, 0x1a2b3c4d);
	put16(m, 1);
	put16(m, 0);
	put64(m, UINT64_MAX);
	block_end(m, b);
}

/* A resolution of 0 and an offset of 0 are left out. */
static void put_iface(struct made *m, uint16_t link, uint32_t snaplen, uint8_t resolution,
		      int64_t offset_s)
{
	size_t b = block_begin(m, 1);
	put16(m, link);
	put16(m, 0);
	put32(m, snaplen);
	put16(m, 2); /* if_name, padded */
	put16(m, 3);
	put(m, "lan\0", 4);
	if (resolution != 0) {
		put16(m, 9);
		put16(m, 1);
		put(m, &resolution, 1);
		put_zeros(m, 3);
	}
	if (offset_s != 0) {
		put16(m, 14);
		put16(m, 8);
		put64(m, (uint64_t)offset_s);
	}
	put32(m, 0);
	block_end(m, b);
}

static void put_enhanced(struct made *m, uint64_t number, uint32_t iface, uint64_t ticks,
			 uint32_t len, uint32_t wire)
{
	size_t b = block_begin(m, 6);
	put32(m, iface);
	put32(m, (uint32_t)(ticks >> 32));
	put32(m, (uint32_t)ticks);
	put32(m, len);
	put32(m, wire);
	put_packet(m, number, len);
	block_end(m, b);
}

static void put_obsolete(struct made *m, uint64_t number, uint16_t iface, uint64_t ticks,
			 uint32_t len, uint32_t wire)
{
	size_t b = block_begin(m, 2);
	put16(m, iface);
	put16(m, 17); /* drops */
	put32(m, (uint32_t)(ticks >> 32));
	put32(m, (uint32_t)ticks);
	put32(m, len);
	put32(m, wire);
	put_packet(m, number, len);
	block_end(m, b);
}

static void put_simple(struct made *m, uint64_t number, uint32_t len, uint32_t wire)
{
	size_t b = block_begin(m, 3);
	put32(m, wire);
	put_packet(m, number, len);
	block_end(m, b);
}

static void put_unknown(struct made *m, uint32_t type, size_t len)
{
	size_t b = block_begin(m, type);
	put_zeros(m, len);
	block_end(m, b);
}

static void put_gzip(struct made *m, struct bytes plain)
{
	size_t room = plain.len + plain.len / 1000 + 1024;
	uint8_t *packed = malloc(room);
	assert_non_null(packed);
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)plain.at, .avail_in = (uInt)plain.len};
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_out = packed;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	put(m, packed, room - z.avail_out);
	deflateEnd(&z);
	free(packed);
}

static void zstd_pack(struct made *m, struct bytes plain, int checksum)
{
	size_t room = ZSTD_compressBound(plain.len);
	uint8_t *packed = malloc(room);
	assert_non_null(packed);
	ZSTD_CCtx *z = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
	size_t n = ZSTD_compress2(z, packed, room, plain.at, plain.len);
	assert_false(ZSTD_isError(n));
	put(m, packed, n);
	ZSTD_freeCCtx(z);
	free(packed);
}

static void put_zstd(struct made *m, struct bytes plain)
{
	zstd_pack(m, plain, 1);
}

static struct bytes whole(const struct made *m)
{
	return (struct bytes){.at = m->at, .len = m->n};
}

/* ---- reading them back ---- */

static struct batch *batch_new(void)
{
	struct batch *b = malloc(sizeof(*b));
	assert_non_null(b);
	b->n = 0;
	b->bytes = malloc(BATCH_BYTES);
	assert_non_null(b->bytes);
	return b;
}

static void batch_free(struct batch *b)
{
	free(b->bytes);
	free(b);
}

static struct capture *open_bytes(struct bytes bytes, size_t chunk)
{
	struct capture *c = NULL;
	const char *why = NULL;
	int err = capture_open_bytes(bytes, chunk, 3, &c, &why);
	if (err != 0)
		fail_msg("not opened: %d, %s", err, why);
	return c;
}

static void check_frame(const struct frame *f, const struct want *w)
{
	assert_int_equal(f->number, w->number);
	assert_int_equal(f->len, w->len);
	assert_int_equal(f->wire_len, w->wire_len);
	assert_int_equal(f->time_ns, w->time_ns);
	assert_int_equal(f->iface, w->iface);
	assert_int_equal(f->linktype, w->linktype);
	assert_int_equal(f->swapped, w->swapped);
	assert_int_equal(f->input, 3);
	for (size_t i = 0; i < f->len; i++) {
		if (f->data[i] != pattern(w->number, i))
			fail_msg("packet %u: byte %zu differs", (unsigned)f->number, i);
	}
}

/*
 * Reads all of a capture with `flight` batches in turn. A batch is looked at only when its turn comes again, so bytes
 * that a later fill overwrites are noticed.
 */
static void check_all(struct capture *c, const struct want *wants, size_t wants_n, unsigned flight)
{
	struct batch *ring[FLIGHT_MAX];
	for (unsigned i = 0; i < flight; i++)
		ring[i] = batch_new();
	size_t seen = 0;
	unsigned turn = 0;
	for (unsigned idle = 0; idle < flight; turn = (turn + 1) % flight) {
		struct batch *b = ring[turn];
		for (uint32_t i = 0; i < b->n; i++, seen++) {
			assert_true(seen < wants_n);
			check_frame(&b->frames[i], &wants[seen]);
		}
		idle = capture_fill(c, b) == 0 ? idle + 1 : 0;
	}
	assert_int_equal(seen, wants_n);
	for (unsigned i = 0; i < flight; i++)
		batch_free(ring[i]);
}

static void check_clean(const struct capture *c)
{
	if (capture_damage(c)->there)
		fail_msg("damaged: %s", capture_damage(c)->reason);
}

static void check_bytes(struct bytes bytes, size_t chunk, const struct want *wants, size_t wants_n,
			unsigned flight)
{
	struct capture *c = open_bytes(bytes, chunk);
	check_all(c, wants, wants_n, flight);
	check_clean(c);
	capture_close(c);
}

static void check_damage(struct bytes bytes, const struct want *wants, size_t wants_n,
			 uint64_t offset, const char *reason)
{
	struct capture *c = open_bytes(bytes, 0);
	check_all(c, wants, wants_n, 1);
	const struct capture_damage *damage = capture_damage(c);
	assert_true(damage->there);
	assert_string_equal(damage->reason, reason);
	assert_int_equal(damage->offset, offset);
	capture_close(c);
}

static void check_not_opened(struct bytes bytes, const char *part)
{
	struct capture *c = NULL;
	const char *why = NULL;
	assert_int_equal(capture_open_bytes(bytes, 0, 0, &c, &why), -EBADMSG);
	assert_null(c);
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, part);
}

/* ---- pcap ---- */

static const uint32_t MAGIC_US = 0xa1b2c3d4, MAGIC_NS = 0xa1b23c4d, MAGIC_MODIFIED = 0xa1b2cd34;

static void test_pcap_variants(void **state)
{
	(void)state;
	const uint32_t magics[] = {MAGIC_US, MAGIC_NS, MAGIC_MODIFIED};
	for (unsigned v = 0; v < 6; v++) {
		uint32_t magic = magics[v / 2];
		struct made m = {.swap = v % 2};
		/* A frame check sequence of four bytes is stated above the link type. */
		put_pcap_header(&m, magic, 4, 65535, 0x50000000 | LINK_SLL);
		struct want wants[3];
		for (uint32_t i = 0; i < 3; i++) {
			put32(&m, 4000000000u + i);
			put32(&m, 999999);
			put32(&m, 40 + i);
			put32(&m, 60);
			if (magic == MAGIC_MODIFIED)
				put_zeros(&m, 8);
			put_packet(&m, i + 1, 40 + i);
			wants[i] = (struct want){40 + i, 60, 0, i + 1, 0, LINK_SLL, v % 2};
			wants[i].time_ns = (4000000000LL + i) * 1000000000 +
					   999999 * (magic == MAGIC_NS ? INT64_C(1) : 1000);
		}
		check_bytes(whole(&m), 0, wants, 3, 1);
		check_bytes(whole(&m), 1, wants, 3, 2);
		free(m.at);
	}
}

static void test_pcap_odd_records(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_record(&m, 1, 10, 2500000, 60, 60); /* a fraction of two and a half seconds */
	put_record(&m, 2, UINT32_MAX, UINT32_MAX, 60, 60); /* the largest time */
	put_record(&m, 3, 11, 0, 60, 40);		   /* captured more than there was */
	put_record(&m, 4, 11, 0, 60, 0);		   /* length on the wire not known */
	put_record(&m, 5, 11, 0, 0, 1500);		   /* nothing captured */
	put_record(&m, 6, 11, 0, 20, UINT32_MAX);
	const struct want wants[] = {
		{60, 60, 12500000000, 1, 0, 1, false},
		{60, 60, 4294967295000000000 + 4294967295000, 2, 0, 1, false},
		{40, 40, 11000000000, 3, 0, 1, false},
		{60, 60, 11000000000, 4, 0, 1, false},
		{0, 1500, 11000000000, 5, 0, 1, false},
		{20, UINT32_MAX, 11000000000, 6, 0, 1, false},
	};
	check_bytes(whole(&m), 0, wants, 6, 1);
	free(m.at);
}

/* Before 2.3 the lengths stood the other way round; with 2.3 it depends on the writer. */
static void test_pcap_old_versions(void **state)
{
	(void)state;
	for (uint16_t minor = 2; minor <= 3; minor++) {
		struct made m = {.at = NULL};
		put_pcap_header(&m, MAGIC_US, minor, 96, LINK_ETHERNET);
		put32(&m, 1);
		put32(&m, 0);
		put32(&m, 1500);
		put32(&m, 96);
		put_packet(&m, 1, 96);
		const struct want want = {96, 1500, 1000000000, 1, 0, 1, false};
		check_bytes(whole(&m), 0, &want, 1, 1);
		free(m.at);
	}
}

static void test_pcap_impossible_length(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_record(&m, 1, 1, 0, 60, 60);
	/* The longest that is taken, whatever the snap length. */
	put_record(&m, 2, 1, 0, FRAME_BYTES_MAX, FRAME_BYTES_MAX);
	size_t at = m.n;
	put_record(&m, 3, 1, 0, FRAME_BYTES_MAX + 1, FRAME_BYTES_MAX + 1);
	const struct want wants[] = {
		{60, 60, 1000000000, 1, 0, 1, false},
		{FRAME_BYTES_MAX, FRAME_BYTES_MAX, 1000000000, 2, 0, 1, false},
	};
	check_damage(whole(&m), wants, 2, at, "a packet's length can't be");
	free(m.at);
}

/* A file may say that its packets are longer than a batch: their front is taken and the rest passed over. */
static void test_long_packets(void **state)
{
	(void)state;
	const uint32_t len = FRAME_BYTES_MAX + 300001, wire = len + 5;
	const struct want wants[] = {
		{60, 60, 1000000000, 1, 0, 1, false},
		{FRAME_BYTES_MAX, wire, 2000000000, 2, 0, 1, false},
		{60, 60, 3000000000, 3, 0, 1, false},
	};
	struct made p = {.at = NULL};
	put_pcap_header(&p, MAGIC_US, 4, 1 << 20, LINK_ETHERNET);
	put_record(&p, 1, 1, 0, 60, 60);
	size_t pcap_at = p.n;
	put_record(&p, 2, 2, 0, len, wire);
	put_record(&p, 3, 3, 0, 60, 60);
	check_bytes(whole(&p), 0, wants, 3, 3);
	check_bytes(whole(&p), 4099, wants, 3, 3);
	check_damage((struct bytes){p.at, p.n - 100}, wants, 2, pcap_at,
		     "cut off in the middle of a packet or block");
	free(p.at);

	struct made g = {.at = NULL};
	put_section(&g);
	put_iface(&g, LINK_ETHERNET, 1 << 20, 0, 0);
	put_enhanced(&g, 1, 0, 1000000, 60, 60);
	size_t pcapng_at = g.n;
	put_enhanced(&g, 2, 0, 2000000, len, wire);
	put_enhanced(&g, 3, 0, 3000000, 60, 60);
	check_bytes(whole(&g), 0, wants, 3, 3);
	check_bytes(whole(&g), 4099, wants, 3, 3);
	check_damage((struct bytes){g.at, g.n - 100}, wants, 2, pcapng_at,
		     "cut off in the middle of a packet or block");
	free(g.at);
}

/* ---- pcapng ---- */

/* Two sections of different byte orders, four interfaces, all kinds of packets; ends of records in ends[]. */
static void make_pcapng(struct made *m, struct want *wants, size_t *ends)
{
	put_section(m);
	put_iface(m, LINK_ETHERNET, 262144, 0, 0);
	put_iface(m, LINK_SLL2, 128, 9, 1000);
	put_enhanced(m, 1, 1, 5000000001, 61, 1500);
	ends[0] = m->n;
	put_unknown(m, 0x0badf00d, 33);
	put_simple(m, 2, 62, 62);
	ends[1] = m->n;
	m->swap = true;
	put_section(m);
	put_iface(m, LINK_RAW, 0, 0x80 | 20, 0);
	put_unknown(m, 4, 0);
	put_enhanced(m, 3, 0, 3 << 20 | 1 << 19, 63, 63);
	ends[2] = m->n;
	put_iface(m, LINK_80211_RADIOTAP, 65535, 3, 0); /* interfaces may come late */
	put_obsolete(m, 4, 1, 4001, 64, 90);
	ends[3] = m->n;
	wants[0] = (struct want){61, 1500, 1005000000001, 1, 1, LINK_SLL2, false};
	wants[1] = (struct want){62, 62, 1005000000001, 2, 0, LINK_ETHERNET, false};
	wants[2] = (struct want){63, 63, 3500000000, 3, 2, LINK_RAW, true};
	wants[3] = (struct want){64, 90, 4001000000, 4, 3, LINK_80211_RADIOTAP, true};
}

static void test_pcapng_mixture(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	struct want wants[4];
	size_t ends[4];
	make_pcapng(&m, wants, ends);
	check_bytes(whole(&m), 0, wants, 4, 1);
	check_bytes(whole(&m), 1, wants, 4, 3);
	check_bytes(whole(&m), 13, wants, 4, 2);
	free(m.at);
}

static void test_pcapng_simple_packets_snap(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	put_section(&m);
	put_iface(&m, LINK_ETHERNET, 50, 0, 0);
	put_simple(&m, 1, 50, 1500);
	put_enhanced(&m, 2, 0, 9000000, 50, 1500);
	put_simple(&m, 3, 49, 49);
	const struct want wants[] = {
		{50, 1500, 0, 1, 0, 1, false},
		{50, 1500, 9000000000, 2, 0, 1, false},
		{49, 49, 9000000000, 3, 0, 1, false},
	};
	check_bytes(whole(&m), 0, wants, 3, 1);
	free(m.at);
}

/* Blocks longer than a batch: unknown ones, and packets with very long options. */
static void test_pcapng_huge_blocks(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	put_section(&m);
	put_iface(&m, LINK_ETHERNET, 65535, 0, 0);
	put_unknown(&m, 10, 1000000);
	size_t b = block_begin(&m, 6);
	put32(&m, 0);
	put64(&m, 0);
	put32(&m, 100);
	put32(&m, 100);
	put_packet(&m, 1, 100);
	put_zeros(&m, 500000);
	block_end(&m, b);
	put_enhanced(&m, 2, 0, 0, 60, 60);
	put_unknown(&m, 10, 400000);
	const struct want wants[] = {{100, 100, 0, 1, 0, 1, false}, {60, 60, 0, 2, 0, 1, false}};
	check_bytes(whole(&m), 0, wants, 2, 1);
	check_bytes(whole(&m), 1001, wants, 2, 2);
	free(m.at);
}

/* What Wireshark gives a number, though it is no packet, gets one here. */
static void test_pcapng_numbers(void **state)
{
	(void)state;
	const struct {
		uint32_t type;
		uint64_t second;
	} blocks[] = {{0xbad, 3}, {0x40000bad, 3}, {9, 3}, {0x204, 3}, {5, 2}, {10, 2}, {0x208, 2}};
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		struct made m = {.at = NULL};
		put_section(&m);
		put_iface(&m, LINK_ETHERNET, 65535, 0, 0);
		put_enhanced(&m, 1, 0, 0, 60, 60);
		put_unknown(&m, blocks[i].type, 40);
		put_enhanced(&m, blocks[i].second, 0, 0, 60, 60);
		const struct want wants[] = {{60, 60, 0, 1, 0, 1, false},
					     {60, 60, 0, blocks[i].second, 0, 1, false}};
		check_bytes(whole(&m), 0, wants, 2, 1);
		free(m.at);
	}
}

/* Each row changes one 32-bit number of a good file with one packet, counted from its last block. */
static void test_pcapng_damage(void **state)
{
	(void)state;
	const struct {
		size_t at;
		uint32_t value;
		const char *reason;
	} rows[] = {
		{4, 8, "a block's length can't be"},
		{4, 0, "a block's length can't be"},
		{4, 88, "a block's two lengths differ"},
		{88, 96, "a block's two lengths differ"},
		{8, 1, "a packet of an interface that is not described"},
		{20, 61, "a packet is longer than its block"},
		{20, UINT32_MAX, "a packet is longer than its block"},
		{0, 3, "a packet is longer than its block"},
		{0, 0x0a0d0d0a, "a section begins in an unknown byte order"},
		{4, UINT32_MAX, "cut off in the middle of a packet"},
		{4, 96, "cut off in the middle of a packet"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = {.at = NULL};
		put_section(&m);
		put_iface(&m, LINK_ETHERNET, 10, 0, 0);
		put_enhanced(&m, 1, 0, 0, 60, 60);
		size_t last = m.n;
		put_enhanced(&m, 2, 0, 0, 60, 60);
		if (rows[i].at == 0 && rows[i].value == 3) {
			m.n = last; /* a simple packet, snapped to 10 bytes, in a block for 4 */
			size_t b = block_begin(&m, 3);
			put32(&m, 1500);
			put32(&m, 0);
			block_end(&m, b);
		} else {
			memcpy(m.at + last + rows[i].at, &rows[i].value, 4);
		}
		const struct want want = {60, 60, 0, 1, 0, 1, false};
		check_damage(whole(&m), &want, 1, last, rows[i].reason);
		free(m.at);
	}
}

static void test_pcapng_short_blocks(void **state)
{
	(void)state;
	const struct {
		uint32_t type;
		size_t len;
		const char *reason;
	} rows[] = {
		{1, 4, "an interface's description is too short"},
		{6, 16, "a packet block is too short"},
		{2, 0, "a packet block is too short"},
		{3, 0, "a packet block is too short"},
		{3, 4, "a packet of an interface that is not described"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = {.at = NULL};
		put_section(&m);
		put_unknown(&m, rows[i].type, rows[i].len);
		check_damage(whole(&m), NULL, 0, 28, rows[i].reason);
		free(m.at);
	}
	struct made m = {.at = NULL};
	put_section(&m);
	for (unsigned i = 0; i < 16385; i++)
		put_iface(&m, LINK_ETHERNET, 0, 0, 0);
	check_damage(whole(&m), NULL, 0, m.n - (m.n - 28) / 16385,
		     "more interfaces in a section than can be");
	free(m.at);
}

static void test_tick(void **state)
{
	(void)state;
	const struct {
		uint64_t ticks;
		uint8_t resolution;
		int64_t offset_s;
		int64_t ns;
	} rows[] = {
		{1, 0, 0, 1000000000},
		{1477000000123456, 6, 0, 1477000000123456000},
		{1477000000123456789, 9, 0, 1477000000123456789},
		{1477000000999, 12, 0, 1477000000},
		{UINT64_MAX, 19, 0, 1844674407},
		{UINT64_MAX, 28, 0, 1},
		{UINT64_MAX, 29, 0, 0},
		{UINT64_MAX, 127, 0, 0},
		{UINT64_MAX, 6, 0, INT64_MAX},
		{UINT64_MAX, 0, -1, INT64_MAX},
		{UINT64_MAX, 0, INT64_MAX, INT64_MAX},
		{0, 6, INT64_MIN, INT64_MIN},
		{0, 6, INT64_MAX, INT64_MAX},
		{5000000, 6, -10, -5000000000},
		{3, 0x80 | 1, 0, 1500000000},
		{5, 0x80, 0, 5000000000},
		{0xffffffff, 0x80 | 32, 0, 999999999},
		{0x100000001, 0x80 | 32, 0, 1000000000},
		{UINT64_MAX, 0x80 | 63, 0, 1999999999},
		{UINT64_MAX, 0x80 | 64, 0, 999999999},
		{UINT64_MAX, 0x80 | 95, 0, 0},
		{UINT64_MAX, 0x80 | 127, 0, 0},
		{UINT64_C(1) << 40 | UINT64_C(1) << 39, 0x80 | 40, 7, 8500000000},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(tick_ns(rows[i].ticks, rows[i].resolution, rows[i].offset_s),
				 rows[i].ns);
}

/* ---- files cut anywhere ---- */

static void check_cut(struct bytes cut, const struct want *wants, const size_t *ends, size_t n,
		      size_t begin)
{
	size_t there = 0, last = begin;
	while (there < n && ends[there] <= cut.len)
		last = ends[there++];
	struct capture *c = open_bytes(cut, 0);
	check_all(c, wants, there, 2);
	const struct capture_damage *damage = capture_damage(c);
	if (damage->there) {
		assert_true(damage->offset >= last && damage->offset < cut.len);
		assert_memory_equal(damage->reason, "cut off in the middle of a ", 27);
	}
	if (cut.len == ends[n - 1])
		assert_false(damage->there);
	capture_close(c);
}

static void test_cut_pcap(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	struct want wants[5];
	size_t ends[5];
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	for (uint32_t i = 0; i < 5; i++) {
		put_record(&m, i + 1, i, 0, 20 + i, 60);
		wants[i] = (struct want){20 + i, 60, i * 1000000000LL, i + 1, 0, 1, false};
		ends[i] = m.n;
	}
	for (size_t n = 0; n < 24; n++)
		check_not_opened((struct bytes){m.at, n}, n == 0 ? "empty" : "not a capture: ");
	size_t last = 24;
	for (size_t n = 24, i = 0; n <= m.n; n++) {
		check_cut((struct bytes){m.at, n}, wants, ends, 5, 24);
		if (i < 5 && n == ends[i])
			last = ends[i++];
		else if (n > 24)
			check_damage((struct bytes){m.at, n}, wants, i, last,
				     "cut off in the middle of a packet");
	}
	free(m.at);
}

static void test_cut_pcapng(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	struct want wants[4];
	size_t ends[4];
	make_pcapng(&m, wants, ends);
	for (size_t n = 0; n < 28; n++)
		check_not_opened((struct bytes){m.at, n}, n == 0 ? "empty" : "not a capture: ");
	for (size_t n = 28; n <= m.n; n++)
		check_cut((struct bytes){m.at, n}, wants, ends, 4, 28);
	free(m.at);
}

/* ---- sizes and buffers ---- */

static void test_tiny_records(void **state)
{
	(void)state;
	struct made m = {.at = NULL};
	static struct want wants[WANTS_MAX];
	put_pcap_header(&m, MAGIC_NS, 4, 65535, LINK_ETHERNET);
	for (uint32_t i = 0; i < WANTS_MAX; i++) {
		put_record(&m, i + 1, 7, i, i % 3, 60);
		wants[i] = (struct want){i % 3, 60, 7000000000 + i, i + 1, 0, 1, false};
	}
	for (unsigned flight = 1; flight <= FLIGHT_MAX; flight++)
		check_bytes(whole(&m), 0, wants, WANTS_MAX, flight);
	check_bytes(whole(&m), 17, wants, WANTS_MAX, 3);
	free(m.at);
}

/* Records that end just before, at and behind the borders of reads and batches. */
static void test_buffer_borders(void **state)
{
	(void)state;
	const uint32_t borders[] = {BATCH_READ, 2 * BATCH_READ, 4 * BATCH_READ - 24,
				    FRAME_BYTES_MAX};
	for (size_t k = 0; k < sizeof(borders) / sizeof(borders[0]); k++) {
		struct made m = {.at = NULL};
		struct want wants[120];
		uint32_t n = 0;
		put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
		for (int around = -20; around < 20; around++) {
			uint32_t len = (uint32_t)((int64_t)borders[k] + around);
			len = len < FRAME_BYTES_MAX ? len : FRAME_BYTES_MAX;
			const uint32_t lens[] = {60, len, 0};
			for (unsigned i = 0; i < 3; i++, n++) {
				put_record(&m, n + 1, n, 0, lens[i], 300000);
				wants[n] = (struct want){
					lens[i], 300000, n * 1000000000LL, n + 1, 0, 1, false};
			}
		}
		check_bytes(whole(&m), 0, wants, n, FLIGHT_MAX);
		check_bytes(whole(&m), 60000, wants, n, 2);
		free(m.at);
	}
}

/* ---- packed ---- */

static void check_packed_damage(struct bytes packed, const char *reason, size_t most)
{
	struct capture *c = open_bytes(packed, 0);
	struct batch *b = batch_new();
	size_t n = 0;
	while (capture_fill(c, b) > 0)
		n += b->n;
	assert_true(n <= most);
	assert_true(capture_damage(c)->there);
	assert_string_equal(capture_damage(c)->reason, reason);
	batch_free(b);
	capture_close(c);
}

static void check_count(struct bytes bytes, size_t count)
{
	struct capture *c = open_bytes(bytes, 0);
	struct batch *b = batch_new();
	size_t n = 0;
	while (capture_fill(c, b) > 0)
		n += b->n;
	assert_int_equal(n, count);
	check_clean(c);
	batch_free(b);
	capture_close(c);
}

static void test_packed(void **state)
{
	(void)state;
	void (*const packers[])(struct made *, struct bytes) = {put_gzip, put_zstd};
	struct made m = {.at = NULL};
	static struct want wants[3000];
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	for (uint32_t i = 0; i < 3000; i++) {
		put_record(&m, i + 1, i, 0, 60 + i % 700, 1000);
		wants[i] = (struct want){60 + i % 700, 1000, i * 1000000000LL, i + 1, 0, 1, false};
	}
	for (size_t p = 0; p < 2; p++) {
		struct made one = {.at = NULL}, many = {.at = NULL};
		packers[p](&one, whole(&m));
		check_bytes(whole(&one), 0, wants, 3000, 3);
		check_bytes(whole(&one), 7, wants, 3000, 3);
		/* Several members that are cut anywhere, one of them empty. */
		packers[p](&many, (struct bytes){m.at, 30});
		packers[p](&many, (struct bytes){m.at, 0});
		packers[p](&many, (struct bytes){m.at + 30, 99999});
		packers[p](&many, (struct bytes){m.at + 100029, m.n - 100029});
		check_bytes(whole(&many), 0, wants, 3000, 3);
		check_bytes(whole(&many), 1, wants, 3000, 1);

		check_packed_damage((struct bytes){one.at, one.n - 1},
				    "the compressed file is cut off", 3000);
		check_packed_damage((struct bytes){one.at, one.n / 2},
				    "the compressed file is cut off", 2999);
		one.at[one.n - (p == 0 ? 8 : 2)] ^= 1; /* the checksum */
		check_packed_damage(whole(&one), "the compressed data are damaged", 3000);
		put(&many, "garbage!", 8);
		check_packed_damage(whole(&many), "the compressed data are damaged", 3000);
		free(one.at);
		free(many.at);
	}
	free(m.at);
}

static void test_packed_details(void **state)
{
	(void)state;
	struct made m = {.at = NULL}, packed = {.at = NULL};
	const struct want want = {60, 60, 0, 1, 0, 1, false};
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_record(&m, 1, 0, 0, 60, 60);
	put_gzip(&packed, whole(&m));
	put_zeros(&packed, 1000); /* tape blocks */
	check_bytes(whole(&packed), 0, &want, 1, 1);
	packed.n = 0;
	put(&packed, "\x5a\x2a\x4d\x18\3\0\0\0abc", 11); /* a skippable frame in front */
	put_zstd(&packed, whole(&m));
	check_bytes(whole(&packed), 0, &want, 1, 1);
	check_bytes(whole(&packed), 1, &want, 1, 1);

	check_not_opened((struct bytes){packed.at + 11, 9}, "the compressed file is cut off");
	/* The file ends long before what it unpacks to: no checksum, a few bytes for hundreds of kilobytes. */
	struct made zeros = {.at = NULL};
	put_pcap_header(&zeros, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_record(&zeros, 1, 0, 0, 60, 60);
	put_zeros(&zeros, (size_t)16 * 30000);
	packed.n = 0;
	zstd_pack(&packed, whole(&zeros), 0);
	check_count(whole(&packed), 30001);
	packed.n = 0;
	put_gzip(&packed, whole(&zeros));
	check_count(whole(&packed), 30001);
	free(zeros.at);

	packed.n = 0;
	put_gzip(&packed, (struct bytes){(const uint8_t *)"words", 5});
	check_not_opened(whole(&packed), "text");
	struct made twice = {.at = NULL};
	put_gzip(&twice, whole(&packed));
	check_not_opened(whole(&twice), "packed twice");
	packed.at[3] = 0xff; /* reserved gzip flags */
	check_not_opened(whole(&packed), "the compressed data are damaged");
	free(twice.at);
	free(packed.at);
	free(m.at);
}

/* ---- files, pipes, standard input ---- */

struct writer {
	int fd;
	struct bytes bytes;
	size_t chunk;
};

static void *write_all(void *arg)
{
	struct writer *w = arg;
	for (size_t at = 0; at < w->bytes.len;) {
		size_t n = w->bytes.len - at < w->chunk ? w->bytes.len - at : w->chunk;
		ssize_t got = write(w->fd, w->bytes.at + at, n);
		if (got <= 0)
			break;
		at += (size_t)got;
	}
	close(w->fd);
	return NULL;
}

/* Reads the capture from standard input, fed by a thread. */
static void check_stdin(struct bytes bytes, size_t chunk, const struct want *wants, size_t n)
{
	int ends[2];
	int saved = dup(STDIN_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	struct writer w = {.fd = ends[1], .bytes = bytes, .chunk = chunk};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
	struct capture *c = NULL;
	const char *why = NULL;
	assert_int_equal(capture_open("-", 3, &c, &why), 0);
	int64_t time_ns;
	assert_true(capture_first_time(c, &time_ns));
	assert_int_equal(time_ns, wants[0].time_ns);
	capture_park(c); /* does nothing: a pipe can't be read twice */
	check_all(c, wants, n, 3);
	check_clean(c);
	assert_string_equal(capture_path(c), "-");
	capture_close(c);
	pthread_join(thread, NULL);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* it is not ours to close */
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void test_stdin(void **state)
{
	(void)state;
	struct made m = {.at = NULL}, packed = {.at = NULL};
	struct want wants[4];
	size_t ends[4];
	make_pcapng(&m, wants, ends);
	check_stdin(whole(&m), 1, wants, 4);
	check_stdin(whole(&m), 1 << 20, wants, 4);
	put_gzip(&packed, whole(&m));
	check_stdin(whole(&packed), 1, wants, 4);
	packed.n = 0;
	put_zstd(&packed, whole(&m));
	check_stdin(whole(&packed), 1, wants, 4);
	free(packed.at);
	free(m.at);
}

/* A whole packet in a pipe is handed out though the writer has not finished the next one. */
static void test_pipe_does_not_wait(void **state)
{
	(void)state;
	int ends[2];
	char path[64];
	struct made m = {.at = NULL};
	put_pcap_header(&m, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_record(&m, 1, 1, 0, 60, 60);
	put_record(&m, 2, 2, 0, 60, 60);
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(write(ends[1], m.at, m.n - 10), m.n - 10);
	struct capture *c = NULL;
	const char *why = NULL;
	assert_int_equal(capture_open(path, 3, &c, &why), 0);
	struct batch *b = batch_new();
	assert_int_equal(capture_fill(c, b), 1);
	assert_int_equal(write(ends[1], m.at + m.n - 10, 10), 10);
	assert_int_equal(capture_fill(c, b), 1);
	const struct want want = {60, 60, 2000000000, 2, 0, 1, false};
	check_frame(&b->frames[0], &want);
	close(ends[1]);
	assert_int_equal(capture_fill(c, b), 0);
	assert_int_equal(capture_fill(c, b), 0);
	check_clean(c);
	batch_free(b);
	capture_close(c);
	close(ends[0]);
	free(m.at);
}

static void write_file(const char *path, struct bytes bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

static void test_files(void **state)
{
	(void)state;
	char dir[] = "/tmp/cordon-capture-XXXXXX";
	char path[64], other[64];
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(other, sizeof(other), "%s/b", dir);
	struct made m = {.at = NULL};
	struct want wants[4];
	size_t ends[4];
	make_pcapng(&m, wants, ends);
	write_file(path, whole(&m));

	struct capture *c = NULL;
	const char *why = NULL;
	int64_t time_ns;
	for (unsigned peeks = 0; peeks < 8; peeks++) { /* every order of peeking and parking */
		assert_int_equal(capture_open(path, 0, &c, &why), 0);
		assert_int_equal(capture_format(c), CAPTURE_PCAPNG);
		if (peeks & 1)
			capture_park(c);
		if (peeks & 2) {
			assert_true(capture_first_time(c, &time_ns));
			assert_int_equal(time_ns, wants[0].time_ns);
		}
		if (peeks & 4)
			capture_park(c);
		capture_set_input(c, 3);
		check_all(c, wants, 4, 2);
		check_clean(c);
		assert_true(capture_first_time(c, &time_ns));
		assert_int_equal(time_ns, wants[0].time_ns);
		capture_park(c); /* too late: nothing is read twice */
		check_all(c, NULL, 0, 1);
		capture_close(c);
	}
	/* Parked, and then another file is put in its place. */
	write_file(other, whole(&m));
	assert_int_equal(capture_open(path, 0, &c, &why), 0);
	capture_park(c);
	assert_int_equal(rename(other, path), 0);
	check_all(c, NULL, 0, 1);
	assert_string_equal(capture_damage(c)->reason,
			    "the file was replaced while it was being read");
	capture_close(c);

	assert_int_equal(capture_open(other, 0, &c, &why), -ENOENT);
	assert_string_equal(why, "there is no such file");
	assert_int_equal(capture_open(dir, 0, &c, &why), -EISDIR);
	unlink(path);
	rmdir(dir);
	free(m.at);
}

static void test_no_packets(void **state)
{
	(void)state;
	struct made p = {.at = NULL}, g = {.at = NULL};
	put_pcap_header(&p, MAGIC_US, 4, 65535, LINK_ETHERNET);
	put_section(&g);
	const struct made *const both[] = {&p, &g};
	for (size_t i = 0; i < 2; i++) {
		struct capture *c = open_bytes(whole(both[i]), 0);
		int64_t time_ns = 1;
		assert_false(capture_first_time(c, &time_ns));
		check_all(c, NULL, 0, 1);
		check_clean(c);
		capture_close(c);
	}
	/* The first packet is the damage. */
	put_record(&p, 1, 1, 0, 60, 60);
	struct capture *c = open_bytes((struct bytes){p.at, p.n - 1}, 0);
	int64_t time_ns;
	assert_false(capture_first_time(c, &time_ns));
	check_all(c, NULL, 0, 1);
	assert_true(capture_damage(c)->there);
	assert_int_equal(capture_damage(c)->offset, 24);
	capture_close(c);
	free(p.at);
	free(g.at);
}

static void test_foreign(void **state)
{
	(void)state;
	const struct {
		struct bytes bytes;
		const char *part;
	} rows[] = {
		{{(const uint8_t *)"", 0}, "empty"},
		{{(const uint8_t *)"a", 1}, "text"},
		{{(const uint8_t *)"11:04:31.1 IP 192.0.2.1 > 198.51.100.1: ICMP", 44}, "text"},
		{{(const uint8_t *)"snoop\0\0\0\0\0\0\2\0\0\0\4", 16}, "snoop"},
		{{(const uint8_t *)"\xfd"
				   "7zXZ\0",
		  6},
		 "xz"},
		{{(const uint8_t *)"BZh91AY", 7}, "bzip2"},
		{{(const uint8_t *)"PK\3\4\0\0", 6}, "zip"},
		{{(const uint8_t *)"\xff\xfe\0\1\2\3", 6}, "neither like pcap nor like pcapng"},
		{{(const uint8_t *)"\xd4\xc3\xb2\xa1\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 24},
		 "version"},
		{{(const uint8_t *)"\x0a\x0d\x0d\x0a\x1c\0\0\0abcdefgh", 16}, "first pcapng block"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_not_opened(rows[i].bytes, rows[i].part);
}

/* ---- random mixtures ---- */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)((*seed >> 33) % below);
}

static uint32_t draw_len(uint64_t *seed)
{
	const uint32_t most[] = {4, 100, 100, 1514, 1514, 9000, 66000};
	return draw(seed, most[draw(seed, 7)]);
}

static void random_pcap(struct made *m, struct want *wants, size_t n, uint64_t *seed)
{
	bool ns = draw(seed, 2);
	m->swap = draw(seed, 2);
	put_pcap_header(m, ns ? MAGIC_NS : MAGIC_US, 4, 65535, 113);
	for (size_t i = 0; i < n; i++) {
		uint32_t len = draw_len(seed), s = draw(seed, UINT32_MAX),
			 part = draw(seed, 1000000);
		put_record(m, i + 1, s, part, len, len + 5);
		wants[i] = (struct want){len, len + 5, 0, i + 1, 0, 113, m->swap};
		wants[i].time_ns = (int64_t)s * 1000000000 + (int64_t)part * (ns ? 1 : 1000);
	}
}

static void random_pcapng(struct made *m, struct want *wants, size_t n, uint64_t *seed)
{
	uint32_t before = 0, ifaces = 0;
	int64_t last = 0;
	for (size_t i = 0; i < n;) {
		unsigned what = m->n == 0 ? 0 : ifaces == 0 ? 4 : draw(seed, 100);
		if (what < 2) {
			m->swap = draw(seed, 2);
			put_section(m);
			before += ifaces;
			ifaces = 0;
		} else if (what < 6) {
			put_iface(m, (uint16_t)(100 + ifaces++), 0, 9, 0);
		} else if (what < 12) {
			put_unknown(m, 0x1000 + what, draw_len(seed));
		} else {
			uint32_t len = draw_len(seed), iface = what < 20 ? 0 : draw(seed, ifaces);
			uint64_t ticks =
				(uint64_t)draw(seed, 1 << 30) << 32 | draw(seed, UINT32_MAX);
			last = what < 20 ? last : (int64_t)ticks;
			if (what < 20)
				put_simple(m, i + 1, len, len);
			else if (what < 30)
				put_obsolete(m, i + 1, (uint16_t)iface, ticks, len, len);
			else
				put_enhanced(m, i + 1, iface, ticks, len, len);
			wants[i] = (struct want){
				len,	len, last, i + 1, before + iface, (uint16_t)(100 + iface),
				m->swap};
			i++;
		}
	}
}

static void test_random(void **state)
{
	(void)state;
	static struct want wants[WANTS_MAX];
	for (uint64_t round = 0; round < 120; round++) {
		uint64_t seed = round * 7919 + 1;
		struct made m = {.at = NULL}, packed = {.at = NULL};
		size_t n = draw(&seed, round % 10 == 0 ? 3000 : 300);
		if (draw(&seed, 2))
			random_pcap(&m, wants, n, &seed);
		else
			random_pcapng(&m, wants, n > 0 ? n : (n = 1), &seed);
		size_t chunk = draw(&seed, 4) == 0 ? 1 + draw(&seed, 300)
						   : draw(&seed, 2) * (1 + draw(&seed, 99999));
		unsigned how = draw(&seed, 3);
		if (how == 1)
			put_gzip(&packed, whole(&m));
		if (how == 2)
			put_zstd(&packed, whole(&m));
		struct capture *c = open_bytes(whole(how == 0 ? &m : &packed), chunk);
		int64_t time_ns;
		if (draw(&seed, 2))
			assert_int_equal(capture_first_time(c, &time_ns), n > 0);
		check_all(c, wants, n, 1 + draw(&seed, FLIGHT_MAX));
		check_clean(c);
		capture_close(c);
		free(packed.at);
		free(m.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_variants),
		cmocka_unit_test(test_pcap_odd_records),
		cmocka_unit_test(test_pcap_old_versions),
		cmocka_unit_test(test_pcap_impossible_length),
		cmocka_unit_test(test_long_packets),
		cmocka_unit_test(test_pcapng_mixture),
		cmocka_unit_test(test_pcapng_simple_packets_snap),
		cmocka_unit_test(test_pcapng_huge_blocks),
		cmocka_unit_test(test_pcapng_numbers),
		cmocka_unit_test(test_pcapng_damage),
		cmocka_unit_test(test_pcapng_short_blocks),
		cmocka_unit_test(test_tick),
		cmocka_unit_test(test_cut_pcap),
		cmocka_unit_test(test_cut_pcapng),
		cmocka_unit_test(test_tiny_records),
		cmocka_unit_test(test_buffer_borders),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_packed_details),
		cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_pipe_does_not_wait),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_packets),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
