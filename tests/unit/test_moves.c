/* SPDX-License-Identifier: MIT */
/* watch/moves: who is at two ports, and that nobody who makes up MACs makes others be forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/hold/moves.c"

#define NOW (1000 * NS_PER_S)
enum { BRIDGE = 3, A = 10, B = 11 };

static struct moves m;

static struct mac mac_of(unsigned number)
{
	return (struct mac){
		{2, 0, 0x5e, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

static void seen(unsigned number, uint32_t port, int64_t now_ns)
{
	struct mac mac = mac_of(number);

	moves_seen(&m, &mac, BRIDGE, port, now_ns);
}

static bool doubt(unsigned number, int64_t at_ns)
{
	struct mac mac = mac_of(number);

	return moves_doubt(&m, &mac, at_ns);
}

static int set_up(void **state)
{
	(void)state;
	m = (struct moves){.fd = -1,
			   .key = calloc(MOVES_MACS, sizeof *m.key),
			   .list = calloc(MOVES_MACS, sizeof *m.list)};
	return m.key == NULL || m.list == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	moves_close(&m);
	return 0;
}

static void test_a_move_is_doubt_for_a_minute_around_it(void **state)
{
	(void)state;
	seen(1, A, NOW);
	seen(1, A, NOW + 1);
	assert_false(doubt(1, NOW));
	seen(1, B, NOW);
	assert_true(doubt(1, NOW));
	assert_true(doubt(1, NOW - MOVES_NS));
	assert_true(doubt(1, NOW + MOVES_NS));
	assert_false(doubt(1, NOW - MOVES_NS - 1));
	assert_false(doubt(1, NOW + MOVES_NS + 1));
	assert_false(doubt(2, NOW));
	assert_false(doubt(1, INT64_MIN));
	assert_int_equal(m.flapped, 0); /* one move is a walk through the house */
}

static void test_there_and_back_is_told_once(void **state)
{
	struct mac mac = mac_of(1);

	(void)state;
	for (int i = 0; i < 100; i++)
		seen(1, i % 2 == 0 ? A : B, NOW + i * NS_PER_S);
	assert_int_equal(m.flapped, 1);
	assert_memory_equal(&m.news.mac, &mac, sizeof mac);
	seen(1, A, NOW + MOVES_TOLD_NS + 3 * NS_PER_S);
	assert_int_equal(m.flapped, 1); /* too slow for both at once */
	seen(1, B, NOW + MOVES_TOLD_NS + 4 * NS_PER_S);
	assert_int_equal(m.flapped, 2);
	/* A third port is no way back. */
	seen(2, A, NOW);
	seen(2, B, NOW);
	seen(2, B + 1, NOW);
	assert_int_equal(m.flapped, 2);
	mac = mac_of(2);
	moves_accused(&m, &mac, NOW);
	assert_int_equal(m.flapped, 3);
	moves_accused(&m, &mac, NOW + NS_PER_S);
	assert_int_equal(m.flapped, 3);
}

static void test_another_bridge_is_another_place(void **state)
{
	struct mac mac = mac_of(1);

	(void)state;
	moves_seen(&m, &mac, BRIDGE, A, NOW);
	moves_seen(&m, &mac, BRIDGE + 1, B, NOW);
	assert_false(doubt(1, NOW));
	moves_gone(&m, &mac, BRIDGE, B);
	assert_int_equal(m.n, 2);
	moves_gone(&m, &mac, BRIDGE, A);
	assert_int_equal(m.n, 1);
	moves_seen(&m, &mac, BRIDGE, B, NOW);
	assert_false(doubt(1, NOW));
}

static void test_made_up_macs_push_nobody_out(void **state)
{
	(void)state;
	seen(1, A, NOW);
	for (unsigned i = 100; i < 10100; i++)
		seen(i, B, NOW);
	assert_int_equal(m.n, 1 + MOVES_SHARE);
	assert_int_equal(m.refused, 10000 - MOVES_SHARE);
	seen(1, B, NOW);
	assert_true(doubt(1, NOW));
	for (unsigned port = 20; port < 40; port++)
		for (unsigned i = 0; i < MOVES_SHARE; i++)
			seen(20000 + port * MOVES_SHARE + i, port, NOW);
	assert_int_equal(m.n, MOVES_MACS);
	seen(1, A, NOW);
	assert_int_equal(m.flapped, 1);
}

/* What was lost may have been anybody's move. */
static void test_lost_news_are_doubt(void **state)
{
	(void)state;
	assert_false(doubt(9, NOW));
	m.lost_ns = NOW;
	assert_true(doubt(9, NOW + 1));
	assert_false(doubt(9, NOW + MOVES_NS + 1));
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

struct message {
	struct nlmsghdr head;
	struct ndmsg what;
	uint8_t room[64];
};

static void add(struct message *at, uint16_t type, const void *value, size_t len)
{
	struct rtattr a = {.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(len)};
	uint8_t *to = (uint8_t *)at + NLMSG_ALIGN(at->head.nlmsg_len);

	memcpy(to, &a, sizeof a);
	memcpy(to + RTA_LENGTH(0), value, len);
	at->head.nlmsg_len = NLMSG_ALIGN(at->head.nlmsg_len) + (uint32_t)RTA_ALIGN(a.rta_len);
}

static struct message told(uint16_t type, int port, uint32_t bridge)
{
	struct message at = {
		.head = {.nlmsg_len = NLMSG_LENGTH(sizeof at.what), .nlmsg_type = type},
		.what = {.ndm_family = AF_BRIDGE, .ndm_ifindex = port, .ndm_state = NUD_REACHABLE}};
	struct mac mac = mac_of(1);

	add(&at, NDA_LLADDR, &mac, sizeof mac);
	if (bridge != 0)
		add(&at, NDA_MASTER, &bridge, sizeof bridge);
	return at;
}

static void test_what_the_kernel_tells(void **state)
{
	struct message at = told(RTM_NEWNEIGH, A, BRIDGE);

	(void)state;
	take(&m, &at.head, NOW);
	assert_int_equal(m.n, 1);
	at = told(RTM_NEWNEIGH, B, BRIDGE);
	at.what.ndm_state = NUD_PERMANENT; /* the bridge's own */
	take(&m, &at.head, NOW);
	at.what.ndm_state = NUD_REACHABLE;
	at.what.ndm_family = AF_INET;
	take(&m, &at.head, NOW);
	at = told(RTM_NEWNEIGH, B, 0); /* of a card, not of a bridge */
	take(&m, &at.head, NOW);
	assert_false(doubt(1, NOW));
	at = told(RTM_NEWNEIGH, B, BRIDGE);
	take(&m, &at.head, NOW);
	assert_true(doubt(1, NOW));
	at = told(RTM_DELNEIGH, B, BRIDGE);
	take(&m, &at.head, NOW);
	assert_int_equal(m.n, 0);
	/* Too short for what it should be. */
	at = told(RTM_NEWNEIGH, B, BRIDGE);
	for (uint32_t len = 0; len < at.head.nlmsg_len; len++) {
		struct message cut = at;

		cut.head.nlmsg_len = len;
		take(&m, &cut.head, NOW);
	}
	assert_int_equal(m.n, 0);
}

static void test_the_kernel_is_asked(void **state)
{
	struct moves own;

	(void)state;
	assert_int_equal(moves_open(&own), 0);
	moves_read(&own, NOW);
	moves_close(&own);
	assert_int_equal(own.fd, -1);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_a_move_is_doubt_for_a_minute_around_it),
		RULE(test_there_and_back_is_told_once),
		RULE(test_another_bridge_is_another_place),
		RULE(test_made_up_macs_push_nobody_out),
		RULE(test_lost_news_are_doubt),
		RULE(test_what_the_kernel_tells),
		RULE(test_the_kernel_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
