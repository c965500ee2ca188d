/* SPDX-License-Identifier: MIT */
/* watch/gatekeeper: who gets a row, what is told once, the owner's words, and what happens when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/gatekeeper.h"

#define HOUR (3600 * NS_PER_S)
#define NOW (1000 * HOUR)
#define SINCE (900 * HOUR)

static struct gatekeeper g;

struct known {
	struct device d;
	struct mac mac;
	struct addr addr;
	struct access access;
	char id[GATEKEEPER_ID];
};

/* A camera of this house that nobody logged in to yet, new behind the gate. */
static struct known *camera(struct known *k, unsigned number)
{
	*k = (struct known){.mac = {{2, 0, 0x5e, 0, (uint8_t)(number >> 8), (uint8_t)number}},
			    .addr = addr_v4(0xc0000200 + number),
			    .access = {.service = "http/80"}};
	(void)snprintf(k->id, sizeof k->id, "mac:%05u", number);
	k->d = (struct device){.id = k->id,
			       .local = true,
			       .macs = &k->mac,
			       .macs_n = 1,
			       .addresses = &k->addr,
			       .addresses_n = 1,
			       .backing = BACKING_TWO_WAY,
			       .first_ns = NOW - HOUR,
			       .last_ns = NOW,
			       .known = true,
			       .thing = true,
			       .accesses = &k->access,
			       .accesses_n = 1};
	return k;
}

static struct known *logged_in(struct known *k, enum access_kind kind, int64_t time_ns)
{
	k->access.kind = kind;
	k->access.time_ns = time_ns;
	return k;
}

static size_t passed(void)
{
	static struct mac macs[CONTAIN_PASSED];

	return gatekeeper_passed(&g, macs, CONTAIN_PASSED);
}

static const char *say(struct known *k, enum gate_word word)
{
	const struct gate_said said = {.word = word, .now_ns = NOW, .by = "the owner (uid 0)"};
	struct gate_row *r;

	return gatekeeper_say(&g, &k->d, &said, &r);
}

static int set_up(void **state)
{
	(void)state;
	if (gatekeeper_init(&g) != 0)
		return -1;
	g.since_ns = SINCE;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gatekeeper_fini(&g);
	return 0;
}

static void test_it_opens_by_itself_and_is_told_once(void **state)
{
	struct gate_row *r;
	struct known k;
	size_t at = 0;

	(void)state;
	r = gatekeeper_note(&g, &camera(&k, 1)->d, NOW);
	assert_int_equal(r->state, GATE_WAITING);
	assert_true(r->unsaid && r->unkept && r->is_new);
	assert_int_equal(passed(), 0);
	gatekeeper_kept(&g);
	r = gatekeeper_note(&g, &k.d, NOW + 1);
	assert_false(r->unkept);
	r = gatekeeper_note(&g, &logged_in(&k, ACCESS_OWN, NOW)->d, NOW + 2);
	assert_int_equal(r->state, GATE_OPEN);
	assert_int_equal(r->was, GATE_WAITING);
	assert_int_equal(r->since_ns, NOW + 2);
	assert_int_equal(passed(), 1);
	assert_ptr_equal(gatekeeper_unkept(&g, &at), r);
	assert_null(gatekeeper_unkept(&g, &at));
	gatekeeper_kept(&g);
	/* A young engine knows nothing: that shuts nothing, and a factory password does. */
	gatekeeper_worse(&g, &(struct device){.id = k.id}, NOW + 3);
	assert_int_equal(r->state, GATE_OPEN);
	gatekeeper_worse(&g, &logged_in(&k, ACCESS_FACTORY, NOW)->d, NOW + 3);
	assert_int_equal(r->state, GATE_WAITING);
	assert_string_equal(r->service, "http/80");
	assert_int_equal(passed(), 0);
	/* … and opening is not the young engine's to say. */
	gatekeeper_worse(&g, &logged_in(&k, ACCESS_OWN, NOW)->d, NOW + 4);
	assert_int_equal(r->state, GATE_WAITING);
}

static void test_who_gets_a_row(void **state)
{
	struct known k;

	(void)state;
	camera(&k, 1)->d.backing = BACKING_MAC;
	assert_null(gatekeeper_note(&g, &k.d, NOW));
	camera(&k, 1)->d.local = false;
	assert_null(gatekeeper_note(&g, &k.d, NOW));
	camera(&k, 1)->d.macs_n = 0;
	assert_null(gatekeeper_note(&g, &k.d, NOW));
	assert_int_equal(g.n, 0);
	camera(&k, 1)->d.first_ns = SINCE - 2 * HOUR;
	assert_int_equal(gatekeeper_note(&g, &k.d, NOW)->reason, GATE_WAS_HERE);
	/* The owner's word needs no proof of whose packets they were. */
	camera(&k, 2)->d.backing = BACKING_MAC;
	assert_null(say(&k, GATE_CONFIRMED));
	assert_int_equal(passed(), 2);
}

static void test_the_owners_words(void **state)
{
	struct gate_row *r;
	struct known k;

	(void)state;
	camera(&k, 1);
	assert_null(say(&k, GATE_CONFIRMED));
	r = gatekeeper_find(&g, k.id);
	assert_int_equal(r->state, GATE_OPEN);
	assert_int_equal(r->reason, GATE_BY_OWNER);
	assert_string_equal(r->by, "the owner (uid 0)");
	assert_null(say(&k, GATE_CLOSED));
	assert_int_equal(r->state, GATE_WAITING);
	(void)gatekeeper_note(&g, &logged_in(&k, ACCESS_OWN, NOW + 1)->d, NOW + 1);
	assert_int_equal(r->state, GATE_WAITING);
	/* What can't be made safe is not confirmed, and the word before stands. */
	k.access.unchangeable = true;
	assert_non_null(strstr(say(&k, GATE_CONFIRMED), "can't be changed"));
	assert_int_equal(r->word, GATE_CLOSED);
	assert_null(say(&k, GATE_OVERRIDDEN));
	assert_int_equal(r->state, GATE_OPEN);
	r->shielded = true;
	assert_non_null(say(&k, GATE_CLOSED));
	assert_int_equal(r->word, GATE_OVERRIDDEN);
}

static void test_a_shield_opens_while_it_is_there(void **state)
{
	struct gate_row *r;
	struct known k;

	(void)state;
	r = gatekeeper_note(&g, &camera(&k, 1)->d, NOW);
	r->shielded = true;
	assert_int_equal(passed(), 1);
	assert_int_equal(gatekeeper_stands(r).reason, GATE_SHIELDED);
	r->shielded = false;
	assert_int_equal(passed(), 0);
}

/* Those that wait make room, the one seen longest ago first; whoever is through, was here or has a word does not. */
static void test_full(void **state)
{
	struct known k;

	(void)state;
	for (unsigned i = 0; i < CONTAIN_PASSED; i++) {
		camera(&k, i);
		k.d.last_ns = NOW + i;
		if (i % 4 == 1)
			logged_in(&k, ACCESS_OWN, NOW);
		if (i % 4 == 2)
			k.d.first_ns = SINCE - 2 * HOUR;
		if (i % 4 == 3)
			assert_null(say(&k, GATE_CLOSED));
		assert_non_null(gatekeeper_note(&g, &k.d, NOW));
	}
	assert_int_equal(g.n, CONTAIN_PASSED);
	assert_non_null(gatekeeper_note(&g, &camera(&k, 20000)->d, NOW));
	assert_null(gatekeeper_find(&g, "mac:00000"));
	assert_non_null(gatekeeper_find(&g, "mac:00004"));
	for (unsigned i = 0; i < 3 * CONTAIN_PASSED; i++) {
		camera(&k, 30000 + i);
		k.d.last_ns = NOW + HOUR + i;
		assert_non_null(gatekeeper_note(&g, &k.d, NOW));
	}
	for (unsigned i = 0; i < CONTAIN_PASSED; i++) {
		(void)snprintf(k.id, sizeof k.id, "mac:%05u", i);
		assert_int_equal(gatekeeper_find(&g, k.id) != NULL, i % 4 != 0);
	}
	assert_int_equal(g.n, CONTAIN_PASSED);
	assert_int_equal(g.refused, 0);
	for (size_t i = 1; i < g.n; i++)
		assert_true(strcmp(g.rows[i - 1].id, g.rows[i].id) < 0);
	/* Nobody waits any more: the newcomer is refused, but a phone that was away for a day makes room. */
	for (size_t i = 0; i < g.n; i++)
		if (g.rows[i].state != GATE_OPEN && g.rows[i].word == GATE_SAID_NOTHING)
			g.rows[i].word = GATE_CONFIRMED;
	assert_null(gatekeeper_note(&g, &camera(&k, 60000)->d, NOW));
	assert_int_equal(g.refused, 1);
	g.rows[7].word = GATE_SAID_NOTHING;
	g.rows[7].before = false;
	g.rows[7].state = GATE_OPEN;
	g.rows[7].reason = GATE_COMPUTER;
	g.rows[7].seen_ns = NOW - 25 * HOUR;
	assert_non_null(gatekeeper_note(&g, &k.d, NOW));
}

static void test_it_goes_on(void **state)
{
	struct gate_row kept = {.id = "mac:00009",
				.macs = {{{2, 0, 0x5e, 0, 0, 9}}},
				.macs_n = 1,
				.state = GATE_OPEN,
				.reason = GATE_OWN,
				.since_ns = SINCE + 5};
	struct gate_row *r;
	struct known k;
	size_t at = 0;

	(void)state;
	assert_true(gatekeeper_resume(&g, &kept));
	assert_int_equal(passed(), 1);
	assert_null(gatekeeper_unkept(&g, &at));
	r = gatekeeper_note(&g, &camera(&k, 9)->d, NOW);
	assert_int_equal(r->state, GATE_OPEN);
	assert_int_equal(r->since_ns, SINCE + 5);
	assert_string_equal(r->name, "192.0.2.9");
	memset(kept.id, 'x', sizeof kept.id - 1);
	k.d.id = "mac:0123456789012345678901234567890123456789012345678901234567890123456789";
	assert_null(gatekeeper_note(&g, &k.d, NOW)); /* none of ours */
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_it_opens_by_itself_and_is_told_once),
		RULE(test_who_gets_a_row),
		RULE(test_the_owners_words),
		RULE(test_a_shield_opens_while_it_is_there),
		RULE(test_full),
		RULE(test_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
