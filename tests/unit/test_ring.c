/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a capture ring, made by hand as the kernel makes them, each in a heap block of exactly its size; then with every
 * number in them changed to what it can't be.
 */
#include "capture/ring.h"

#include "draw.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SIZE = 4096,
	FIRST = 48, /* where the kernel puts the first header */
	GAP = 82,   /* from a header to its frame: 14 bytes of Ethernet before a multiple of 16 */
	NET = GAP + 14
};

struct made {
	uint8_t *at;
	size_t size;
	size_t end;  /* of what was put */
	size_t last; /* header put last */
	uint32_t n;
};

static struct made made_new(void)
{
	struct made m = {.at = calloc(1, SIZE), .size = SIZE, .end = FIRST};

	assert_non_null(m.at);
	return m;
}

static struct tpacket3_hdr *header(struct made *m)
{
	return (struct tpacket3_hdr *)(m->at + m->last);
}

static struct tpacket_hdr_v1 *head(struct made *m)
{
	return &((struct tpacket_block_desc *)m->at)->hdr.bh1;
}

static struct tpacket3_hdr *put(struct made *m, const void *frame, uint32_t len)
{
	struct tpacket3_hdr *h = (struct tpacket3_hdr *)(m->at + m->end);
	size_t size = TPACKET_ALIGN(GAP + len);

	assert_true(m->end + size <= m->size);
	if (m->n > 0)
		header(m)->tp_next_offset = (uint32_t)(m->end - m->last);
	*h = (struct tpacket3_hdr){.tp_sec = 1477047734,
				   .tp_nsec = 5 + m->n,
				   .tp_snaplen = len,
				   .tp_len = len,
				   .tp_mac = GAP,
				   .tp_net = NET};
	memcpy((uint8_t *)h + GAP, frame, len);
	m->last = m->end;
	m->end += size;
	*head(m) = (struct tpacket_hdr_v1){
		.block_status = TP_STATUS_USER, .num_pkts = ++m->n, .offset_to_first_pkt = FIRST};
	return h;
}

static struct sockaddr_ll *sender(struct tpacket3_hdr *h)
{
	return (struct sockaddr_ll *)((uint8_t *)h + TPACKET_ALIGN(sizeof *h));
}

/* Walks to the end; what was read of each frame is touched. Returns how many frames there were. */
static unsigned walk(const struct made *m, struct ring_walk *w)
{
	struct ring_frame f;
	unsigned n = 0;

	ring_begin(w, m->at, m->size);
	while (ring_next(w, &f)) {
		uint8_t *copy = malloc(f.len + 1);

		assert_non_null(copy);
		memcpy(copy, f.at, f.len);
		free(copy);
		n++;
	}
	return n;
}

static void frames_come_as_they_are(void **state)
{
	struct made m = made_new();
	struct ring_walk w;
	struct ring_frame f;

	(void)state;
	put(&m, "first frame, 24 bytes...", 24);
	put(&m, "second", 6)->tp_len = 1500;
	ring_begin(&w, m.at, m.size);
	assert_true(ring_next(&w, &f));
	assert_int_equal(f.len, 24);
	assert_int_equal(f.wire_len, 24);
	assert_int_equal(f.network, 14);
	assert_memory_equal(f.at, "first frame, 24 bytes...", 24);
	assert_int_equal(f.time_ns, 1477047734000000005);
	assert_int_equal(f.tpid, 0);
	assert_false(f.unfinished || f.outgoing);
	assert_true(ring_next(&w, &f));
	assert_int_equal(f.len, 6);
	assert_int_equal(f.wire_len, 1500);
	assert_int_equal(f.network, 6); /* not beyond what is there */
	assert_false(ring_next(&w, &f));
	assert_int_equal(w.left, 0);
	free(m.at);
}

static void marks_of_the_kernel_are_read(void **state)
{
	struct made m = made_new();
	struct tpacket3_hdr *h = put(&m, "0123456789abcdef", 16);
	struct ring_walk w;
	struct ring_frame f;

	(void)state;
	h->tp_status = TP_STATUS_VLAN_VALID | TP_STATUS_CSUMNOTREADY;
	h->hv1.tp_vlan_tci = 0x6005;
	h = put(&m, "0123456789abcdef", 16);
	h->tp_status = TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID;
	h->hv1.tp_vlan_tci = 7;
	h->hv1.tp_vlan_tpid = ETH_P_8021AD;
	sender(h)->sll_pkttype = PACKET_OUTGOING;
	h = put(&m, "", 0);
	h->hv1.tp_vlan_tci = 9; /* and no word that it counts */
	h->tp_nsec = 4000000000;
	ring_begin(&w, m.at, m.size);
	assert_true(ring_next(&w, &f));
	assert_int_equal(f.tpid, ETH_P_8021Q);
	assert_int_equal(f.tci, 0x6005);
	assert_true(f.unfinished && !f.outgoing);
	assert_true(ring_next(&w, &f));
	assert_int_equal(f.tpid, ETH_P_8021AD);
	assert_int_equal(f.tci, 7);
	assert_true(!f.unfinished && f.outgoing);
	assert_true(ring_next(&w, &f));
	assert_int_equal(f.tpid, 0);
	assert_int_equal(f.len, 0);
	assert_int_equal(f.time_ns, 1477047734000000000);
	free(m.at);
}

static void an_empty_block_has_none(void **state)
{
	struct made m = made_new();
	struct ring_walk w;

	(void)state;
	assert_int_equal(walk(&m, &w), 0);
	assert_int_equal(w.left, 0);
	m.size = 8; /* no room for the block's own header */
	m.at = realloc(m.at, m.size);
	assert_int_equal(walk(&m, &w), 0);
	free(m.at);
}

/* Each number that leads out of the block ends the walk, and what follows counts as lost. */
static void numbers_that_lead_out_end_the_block(void **state)
{
	static const uint32_t wrong[] = {1, 47, 81, 4000, 4090, 65535, 0x7fffffff, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		for (int field = 0; field < 4; field++) {
			struct made m = made_new();
			struct ring_walk w;
			struct tpacket3_hdr *h;

			put(&m, "0123456789abcdef", 16);
			h = put(&m, "0123456789abcdef", 16);
			put(&m, "0123456789abcdef", 16);
			if (field == 0)
				head(&m)->offset_to_first_pkt = wrong[i] == 48 ? 47 : wrong[i];
			else if (field == 1)
				h->tp_mac = (uint16_t)(wrong[i] == 81 ? 4095 : wrong[i]);
			else if (field == 2)
				h->tp_snaplen = wrong[i] < 4000 ? 4000 : wrong[i];
			else
				h->tp_next_offset = wrong[i] == 81 ? 4095 : wrong[i];
			assert_in_range(walk(&m, &w), 0, 2);
			assert_in_range(w.left, 1, 3);
			free(m.at);
		}
	}
}

static void more_frames_than_there_are_are_lost(void **state)
{
	struct made m = made_new();
	struct ring_walk w;

	(void)state;
	put(&m, "0123456789abcdef", 16);
	head(&m)->num_pkts = 1000;
	assert_int_equal(walk(&m, &w), 1);
	assert_int_equal(w.left, 999);
	head(&m)->num_pkts = 0;
	assert_int_equal(walk(&m, &w), 0);
	free(m.at);
}

static void any_bytes_end(void **state)
{
	struct draw d = draw_from(20261123);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct made m = made_new();
		struct ring_walk w;

		for (unsigned k = 0; k < 12; k++)
			put(&m, "0123456789abcdef0123456789abcdef", (uint32_t)draw_below(&d, 33));
		for (uint64_t n = 1 + draw_below(&d, 6); n > 0; n--) {
			size_t at = draw_below(&d, m.end);

			m.at[at] = draw_below(&d, 2) == 0 ? (uint8_t)draw(&d) : 0xff;
		}
		m.size = 1 + draw_below(&d, SIZE);
		m.at = realloc(m.at, m.size);
		assert_non_null(m.at);
		walk(&m, &w);
		free(m.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_as_they_are),
		cmocka_unit_test(marks_of_the_kernel_are_read),
		cmocka_unit_test(an_empty_block_has_none),
		cmocka_unit_test(numbers_that_lead_out_end_the_block),
		cmocka_unit_test(more_frames_than_there_are_are_lost),
		cmocka_unit_test(any_bytes_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
