/* SPDX-License-Identifier: MIT */
/* watch/holder: who is on the list, what changes are told once, and what happens when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "watch/holder.h"

#define HOUR (3600 * NS_PER_S)
#define NOW (1000 * HOUR)

static const struct policy policy = {.mode = CONTAIN_ENFORCE,
				     .verdict = VERDICT_INFECTED,
				     .confidence = CONFIDENCE_LIKELY,
				     .for_ns = 48 * HOUR,
				     .quiet_ns = 6 * HOUR,
				     .released_ns = 24 * HOUR};

static struct holder h;

/* A device of this house, with one sign against it. */
struct known {
	struct device d;
	struct mac mac;
	struct addr addr;
	struct evidence sign;
	struct exposure exposure;
	char id[HOLDER_ID];
};

static struct known *known(struct known *k, unsigned number, enum verdict verdict)
{
	*k = (struct known){.mac = {{2, 0, 0x5e, 0, (uint8_t)(number >> 8), (uint8_t)number}},
			    .addr = addr_v4(0xc0000200 + number),
			    .sign = {.weight = "proof", .last_ns = NOW - 60 * NS_PER_S}};
	(void)snprintf(k->id, sizeof k->id, "mac:%u", number);
	k->d = (struct device){.id = k->id,
			       .local = true,
			       .macs = &k->mac,
			       .macs_n = 1,
			       .addresses = &k->addr,
			       .addresses_n = 1,
			       .backing = BACKING_TWO_WAY,
			       .verdict = verdict,
			       .confidence = CONFIDENCE_SURE,
			       .evidence = &k->sign,
			       .evidence_n = verdict >= VERDICT_SUSPECT};
	return k;
}

static enum shield gateway;
static bool excepted;

static enum shield shield_of(void *context, const struct holder_entry *e)
{
	(void)context;
	(void)e;
	return gateway;
}

static bool is_excepted(void *context, const struct holder_entry *e)
{
	(void)context;
	(void)e;
	return excepted;
}

static bool decide(int64_t now_ns)
{
	const struct holder_world w = {
		.shield = shield_of, .excepted = is_excepted, .now_ns = now_ns};

	return holder_decide(&h, &w);
}

/* The one whose hold changed, if there is one; then it is said. */
static struct holder_entry *taken(enum hold *was)
{
	size_t at = 0;
	struct holder_entry *e = holder_unsaid(&h, &at);

	if (e != NULL) {
		*was = e->was;
		assert_null(holder_unsaid(&h, &at));
	}
	holder_said(&h);
	return e;
}

static int set_up(void **state)
{
	(void)state;
	gateway = SHIELD_NONE;
	excepted = false;
	return holder_init(&h, &policy);
}

static int tear_down(void **state)
{
	(void)state;
	holder_fini(&h);
	return 0;
}

/* The owner let it out before anybody accused it: policy stays away as long as he was promised. */
static void test_a_release_outlives_innocence(void **state)
{
	const struct holder_order o = {.order = ORDER_RELEASE, .given_ns = NOW, .by = "uid 0"};
	struct known k;

	(void)state;
	assert_true(holder_order(&h, &known(&k, 1, VERDICT_CLEAR)->d, &o));
	assert_false(decide(NOW));
	known(&k, 1, VERDICT_INFECTED);
	k.sign.last_ns = NOW + 23 * HOUR;
	holder_note(&h, &k.d);
	assert_false(decide(NOW + 23 * HOUR));
	assert_true(decide(NOW + 24 * HOUR));
}

static void test_a_hold_is_told_once(void **state)
{
	static struct contain_wanted wanted[CONTAIN_DEVICES];
	const struct addr viewer = addr_v4(0xc0000228);
	struct holder_entry *e;
	struct known k;
	enum hold was;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	holder_viewers(&h, k.id, &viewer, 1, NOW);
	assert_true(decide(NOW));
	holder_viewers(&h, k.id, &k.addr, 1, NOW); /* too late: the kernel has them by now */
	e = taken(&was);
	assert_non_null(e);
	assert_string_equal(e->id, k.id);
	assert_int_equal(was, HOLD_NONE);
	assert_int_equal(e->decision.hold, HOLD_CONTAINED);
	assert_int_equal(e->began_ns, NOW);
	assert_null(taken(&was));
	assert_false(decide(NOW + NS_PER_S));
	assert_null(taken(&was));
	assert_int_equal(holder_wanted(&h, wanted, NOW), 1);
	assert_memory_equal(&wanted[0].mac, &k.mac, sizeof k.mac);
	assert_int_equal(wanted[0].addresses_n, 1);
	assert_int_equal(wanted[0].hold, HOLD_CONTAINED);
	assert_int_equal(wanted[0].viewers_n, 1);
	assert_true(addr_equal(&wanted[0].viewers[0], &viewer));
	assert_int_equal(holder_wanted(&h, wanted, NOW + 301 * NS_PER_S), 1);
	assert_int_equal(wanted[0].viewers_n, 0);
	assert_int_equal(holder_wanted(&h, wanted, NOW), 1);
	assert_int_equal(wanted[0].until_ns, k.sign.last_ns + policy.for_ns);
	/* It ends by itself, is told, and leaves the list when nothing is held against it any more. */
	known(&k, 1, VERDICT_CLEAR);
	holder_note(&h, &k.d);
	assert_true(decide(NOW + HOUR));
	e = taken(&was);
	assert_int_equal(was, HOLD_CONTAINED);
	assert_int_equal(e->decision.hold, HOLD_NONE);
	assert_int_equal(e->decision.reason, REASON_CLEAN);
	assert_false(decide(NOW + 23 * HOUR));
	assert_int_equal(h.n, 0);
}

static void test_who_is_not_taken_in(void **state)
{
	struct known k;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_EXPOSED)->d);
	known(&k, 2, VERDICT_INFECTED);
	k.d.local = false;
	holder_note(&h, &k.d);
	known(&k, 3, VERDICT_INFECTED);
	k.d.macs_n = 0;
	holder_note(&h, &k.d);
	assert_int_equal(h.n, 0);
}

/* What others did to it is no deed of its own, nor is a note. */
static void test_signs(void **state)
{
	struct known k;

	(void)state;
	known(&k, 1, VERDICT_INFECTED);
	k.sign.inward = true;
	holder_note(&h, &k.d);
	assert_false(decide(NOW));
	k.sign.inward = false;
	k.sign.weight = "note";
	holder_note(&h, &k.d);
	assert_false(decide(NOW));
	k.sign.weight = "sign";
	holder_note(&h, &k.d);
	assert_true(decide(NOW));
}

static void test_a_shield_and_an_exception(void **state)
{
	struct known k;

	(void)state;
	gateway = SHIELD_GATEWAY;
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	assert_false(decide(NOW));
	gateway = SHIELD_NONE;
	excepted = true;
	assert_false(decide(NOW));
	excepted = false;
	assert_true(decide(NOW));
	gateway = SHIELD_ADMINISTRATOR; /* who is held logs in as administrator: let go */
	assert_true(decide(NOW));
}

static void test_orders(void **state)
{
	struct holder_order o = {
		.order = ORDER_ISOLATE, .given_ns = NOW, .until_ns = NOW + HOUR, .by = "uid 1000"};
	struct holder_entry *e;
	struct known k;
	enum hold was;

	(void)state;
	known(&k, 1, VERDICT_CLEAR);
	k.d.backing = BACKING_MAC;
	assert_true(holder_order(&h, &k.d, &o));
	assert_true(decide(NOW));
	e = taken(&was);
	assert_int_equal(e->decision.hold, HOLD_ISOLATED);
	assert_string_equal(e->by, "uid 1000");
	o.order = ORDER_CONTAIN;
	assert_true(holder_order(&h, &k.d, &o));
	assert_true(decide(NOW + 1));
	e = taken(&was);
	assert_int_equal(was, HOLD_ISOLATED);
	assert_int_equal(e->began_ns, NOW); /* held all the time */
	assert_true(decide(NOW + HOUR));
	assert_int_equal(taken(&was)->order, ORDER_NONE);
	assert_false(decide(NOW + 23 * HOUR));
	assert_int_equal(h.n, 0);
}

/* Two changes between two looks are one: what stands is told, with what was told last. */
static void test_changes_between_looks(void **state)
{
	struct holder_order o = {.order = ORDER_CONTAIN, .given_ns = NOW, .by = "uid 0"};
	struct known k;
	enum hold was;

	(void)state;
	known(&k, 1, VERDICT_CLEAR);
	assert_true(holder_order(&h, &k.d, &o));
	assert_true(decide(NOW));
	o.order = ORDER_ISOLATE;
	assert_true(holder_order(&h, &k.d, &o));
	assert_true(decide(NOW));
	assert_int_equal(taken(&was)->decision.hold, HOLD_ISOLATED);
	assert_int_equal(was, HOLD_NONE);
	assert_null(taken(&was));
}

/* After a restart: what was held is, and is not told as new. */
static void test_it_goes_on(void **state)
{
	struct known k;
	enum hold was;

	(void)state;
	h.policy.mode = CONTAIN_ASK;
	known(&k, 1, VERDICT_INFECTED);
	assert_true(holder_resume(&h, &k.d, HOLD_CONTAINED, NOW - HOUR));
	assert_false(decide(NOW));
	assert_null(taken(&was));
	assert_int_equal(holder_find(&h, k.id)->began_ns, NOW - HOUR);
	known(&k, 2, VERDICT_CLEAR); /* what it was held for is too old by now */
	assert_true(holder_resume(&h, &k.d, HOLD_CONTAINED, NOW - HOUR));
	assert_true(decide(NOW));
	assert_int_equal(taken(&was)->decision.hold, HOLD_NONE);
	assert_int_equal(was, HOLD_CONTAINED);
}

/* Cordon ends and lets go: that is told, and what stood against the device stands. */
static void test_everybody_is_let_go(void **state)
{
	struct known k;
	enum hold was;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	assert_true(decide(NOW));
	assert_non_null(taken(&was));
	holder_note(&h, &known(&k, 2, VERDICT_SUSPECT)->d);
	holder_lift(&h);
	assert_int_equal(taken(&was)->decision.reason, REASON_LIFTED);
	assert_int_equal(was, HOLD_CONTAINED);
	assert_null(taken(&was));
	assert_true(decide(NOW + 1));
}

static void test_full(void **state)
{
	struct holder_order o = {.order = ORDER_CONTAIN, .given_ns = NOW, .by = "uid 0"};
	struct known k;

	(void)state;
	for (unsigned i = 0; i < CONTAIN_DEVICES; i++)
		holder_note(&h, &known(&k, i, VERDICT_SUSPECT)->d);
	assert_int_equal(h.n, CONTAIN_DEVICES);
	holder_note(&h, &known(&k, 5000, VERDICT_SUSPECT)->d);
	assert_int_equal(h.refused, 1);
	holder_note(&h, &known(&k, 5001, VERDICT_INFECTED)->d);
	assert_non_null(holder_find(&h, k.id));
	assert_int_equal(h.refused, 1);
	assert_true(holder_order(&h, &known(&k, 5002, VERDICT_CLEAR)->d, &o));
	assert_int_equal(h.n, CONTAIN_DEVICES);
	/* Once all are held nobody makes room. */
	for (unsigned i = 0; i < 3 * CONTAIN_DEVICES; i++)
		holder_note(&h, &known(&k, 6000 + i, VERDICT_INFECTED)->d);
	assert_true(decide(NOW));
	assert_false(holder_order(&h, &known(&k, 5003, VERDICT_CLEAR)->d, &o));
	assert_non_null(holder_find(&h, "mac:5002"));
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_a_release_outlives_innocence), RULE(test_a_hold_is_told_once),
		RULE(test_who_is_not_taken_in),		 RULE(test_signs),
		RULE(test_a_shield_and_an_exception),	 RULE(test_orders),
		RULE(test_changes_between_looks),	 RULE(test_it_goes_on),
		RULE(test_everybody_is_let_go),		 RULE(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
