/* SPDX-License-Identifier: MIT */
/* hold/holder: who is on the list, what changes are told once, and what happens when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/holder.h"

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
static bool doubted;

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

static bool is_doubted(void *context, const struct holder_entry *e)
{
	(void)context;
	(void)e;
	return doubted;
}

static bool decide(int64_t now_ns)
{
	const struct holder_world w = {.shield = shield_of,
				       .excepted = is_excepted,
				       .doubted = is_doubted,
				       .now_ns = now_ns};

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
	excepted = doubted = false;
	if (holder_init(&h, &policy) != 0)
		return -1;
	holder_time(&h, NOW, NOW);
	return 0;
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
	holder_time(&h, NOW + 23 * HOUR, NOW + 23 * HOUR);
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

/* Cable and radio, or the MAC that it had before: it is held at all of them, and let go at one that is not its own any more. */
static void test_several_macs(void **state)
{
	static struct contain_wanted wanted[CONTAIN_DEVICES];
	const struct mac both[] = {{{2, 0, 0x5e, 0, 0x53, 1}}, {{2, 0, 0x5e, 0, 0x53, 2}}};
	const struct holder_count some = {.packets = 7, .bytes = 700},
				  more = {.packets = 9, .bytes = 900};
	struct holder_entry *e;
	struct known k;

	(void)state;
	known(&k, 1, VERDICT_INFECTED);
	k.d.macs = both;
	k.d.macs_n = 2;
	holder_note(&h, &k.d);
	assert_true(decide(NOW));
	assert_int_equal(holder_wanted(&h, wanted, NOW), 2);
	assert_memory_equal(&wanted[0].mac, &both[0], sizeof both[0]);
	assert_memory_equal(&wanted[1].mac, &both[1], sizeof both[1]);
	assert_true(addr_equal(&wanted[1].addresses[0], &k.addr));
	holder_count(&h, &both[0], &some);
	holder_count(&h, &both[1], &some);
	e = holder_find(&h, k.id);
	assert_int_equal(e->packets, 14);
	/* The first one is gone: what was counted of the other one goes on. */
	k.d.macs = &both[1];
	k.d.macs_n = 1;
	holder_note(&h, &k.d);
	assert_false(decide(NOW + 1));
	assert_int_equal(holder_wanted(&h, wanted, NOW), 1);
	assert_memory_equal(&wanted[0].mac, &both[1], sizeof both[1]);
	holder_count(&h, &both[0], &more); /* the answer to what was asked before */
	holder_count(&h, &both[1], &more);
	assert_int_equal(e->packets, 16);
	assert_int_equal(e->bytes, 1600);
	holder_count(&h, &both[1], &some); /* the kernel's tables were made anew */
	assert_int_equal(e->packets, 23);
}

/* Whom a contained device may call: hosts that the settings name, then those that it streamed to, and no more than there is room for. */
static void test_recorders(void **state)
{
	static struct contain_wanted wanted[CONTAIN_DEVICES];
	const struct addr seen = addr_v4(0xc0000228);
	struct known k;

	(void)state;
	h.named[h.named_n++] = addr_v4(0xc0000229);
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	book_add(&h.book, k.id, &seen);
	holder_note(&h, &known(&k, 2, VERDICT_INFECTED)->d);
	assert_true(decide(NOW));
	assert_int_equal(holder_wanted(&h, wanted, NOW), 2);
	assert_int_equal(wanted[0].recorders_n, 2);
	assert_true(addr_equal(&wanted[0].recorders[0], &h.named[0]));
	assert_true(addr_equal(&wanted[0].recorders[1], &seen));
	assert_int_equal(wanted[1].recorders_n, 1);
	for (; h.named_n < CONTAIN_ADDRESSES; h.named_n++)
		h.named[h.named_n] = addr_v4(0xc0000200 + (uint32_t)h.named_n);
	assert_int_equal(holder_wanted(&h, wanted, NOW), 2);
	assert_int_equal(wanted[0].recorders_n, CONTAIN_ADDRESSES);
}

/* A full list of devices with several MACs each: first ones before others, and never more than there is room for. */
static void test_full_of_macs(void **state)
{
	static struct contain_wanted wanted[CONTAIN_DEVICES];
	struct mac many[HOLDER_MACS + 2] = {{{2}}};
	struct known k;

	(void)state;
	for (unsigned i = 0; i < CONTAIN_DEVICES; i++) {
		known(&k, i, VERDICT_INFECTED);
		for (unsigned m = 0; m < HOLDER_MACS + 2; m++)
			many[m] =
				(struct mac){{2, (uint8_t)m, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};
		k.d.macs = many;
		k.d.macs_n = i < 500 ? HOLDER_MACS + 2 : 1;
		holder_note(&h, &k.d);
	}
	assert_true(decide(NOW));
	assert_int_equal(holder_wanted(&h, wanted, NOW), CONTAIN_DEVICES);
	for (unsigned i = 0; i < CONTAIN_DEVICES; i++)
		assert_int_equal(wanted[i].mac.b[1], 0);
}

static void test_who_is_gone(void **state)
{
	struct holder_order o = {.order = ORDER_CONTAIN, .given_ns = NOW, .by = "uid 0"};
	struct known k;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_SUSPECT)->d);
	holder_note(&h, &known(&k, 2, VERDICT_INFECTED)->d);
	assert_true(decide(NOW));
	holder_said(&h);
	assert_true(holder_order(&h, &known(&k, 3, VERDICT_CLEAR)->d, &o));
	holder_gone(&h, "mac:1");
	holder_gone(&h, "mac:2"); /* held: a bot that is silent for a day is no better */
	holder_gone(&h, "mac:3");
	holder_gone(&h, "mac:4");
	(void)decide(NOW + 1);
	assert_null(holder_find(&h, "mac:1"));
	assert_int_equal(holder_find(&h, "mac:2")->decision.hold, HOLD_CONTAINED);
	assert_int_equal(holder_find(&h, "mac:3")->decision.hold, HOLD_CONTAINED);
	assert_int_equal(h.n, 2);
}

/* The clock on the wall is set, by hours or by years, to and fro: nobody is let go or held on by that. */
static void test_the_wall_jumps(void **state)
{
	const int64_t jumps[] = {HOUR, -HOUR, 100 * HOUR, -100 * HOUR, 400000 * HOUR, -900 * HOUR};

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		int64_t wall = NOW + jumps[i];
		struct known k;

		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
		known(&k, 1, VERDICT_INFECTED);
		k.exposure.kind = EXPOSURE_FACTORY_PASSWORD; /* it ends with its time alone */
		k.d.exposures = &k.exposure;
		k.d.exposures_n = 1;
		holder_note(&h, &k.d);
		assert_true(decide(NOW));
		holder_said(&h);
		/* The old evidence is told again, and it has not moved. */
		holder_time(&h, NOW + HOUR, wall + HOUR);
		holder_note(&h, &k.d);
		assert_false(decide(NOW + HOUR));
		/* A sign by the engine's clock, which has not followed yet, and then one that has. */
		k.sign.last_ns = NOW + HOUR - 5;
		holder_note(&h, &k.d);
		assert_false(decide(NOW + HOUR));
		holder_time(&h, NOW + 2 * HOUR, wall + 2 * HOUR);
		k.sign.last_ns = wall + 2 * HOUR;
		holder_note(&h, &k.d);
		assert_int_equal(h.list[0].sign_ns, NOW + 2 * HOUR);
		assert_false(decide(NOW + 49 * HOUR));
		assert_true(decide(NOW + 50 * HOUR));
	}
}

/* A gateway that woke in 1970: what the store had of before was right, what is ordered since goes by the time that passes. */
static void test_the_wall_is_set_right(void **state)
{
	struct holder_order o = {.order = ORDER_CONTAIN,
				 .given_ns = NOW - HOUR,
				 .until_ns = NOW + HOUR,
				 .by = "uid 0",
				 .recalled = true};
	struct known k;

	(void)state;
	holder_time(&h, HOUR, HOUR);
	assert_true(holder_order(&h, &known(&k, 1, VERDICT_CLEAR)->d, &o));
	o = (struct holder_order){
		.order = ORDER_CONTAIN, .given_ns = HOUR, .until_ns = 3 * HOUR, .by = "uid 0"};
	assert_true(holder_order(&h, &known(&k, 2, VERDICT_CLEAR)->d, &o));
	assert_true(decide(HOUR));
	holder_step(&h, NOW - HOUR); /* it is NOW */
	assert_int_equal(holder_find(&h, "mac:1")->order_until, 2 * HOUR);
	assert_int_equal(holder_find(&h, "mac:2")->order_until, 3 * HOUR);
}

/* What goes on behind the wall: a scan is one, and a camera that calls for its cloud is none. */
static void test_drops_that_go_on(void **state)
{
	struct holder_count c = {0};
	struct known k;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	h.policy.for_ns = 0;
	assert_true(decide(NOW));
	for (int i = 1; i <= 8 * 60; i++) { /* eight servers that are called all the time */
		c.packets += 240;
		holder_time(&h, NOW + i * 60 * NS_PER_S, NOW + i * 60 * NS_PER_S);
		holder_count(&h, &k.mac, &c);
	}
	assert_int_equal(h.list[0].sign_ns, NOW - 60 * NS_PER_S);
	c.packets += 100; /* a burst is not a minute */
	holder_time(&h, h.now_ns + NS_PER_S, h.now_ns);
	holder_count(&h, &k.mac, &c);
	assert_int_equal(h.list[0].sign_ns, NOW - 60 * NS_PER_S);
	c.packets += 160 * 60;
	holder_time(&h, NOW + 9 * HOUR, NOW + 9 * HOUR);
	holder_count(&h, &k.mac, &c);
	assert_int_equal(h.list[0].sign_ns, NOW - 60 * NS_PER_S); /* 160 s in an hour: so what */
	c.packets += 160 * 60;
	holder_time(&h, NOW + 9 * HOUR + 60 * NS_PER_S, NOW + 9 * HOUR);
	holder_count(&h, &k.mac, &c);
	assert_int_equal(h.list[0].sign_ns, NOW + 9 * HOUR + 60 * NS_PER_S);
	assert_false(decide(NOW + 10 * HOUR));
	assert_true(decide(NOW + 16 * HOUR));
	assert_int_equal(h.list[0].decision.reason, REASON_CLEAN);
}

/* That nobody doubts it any more proves nothing about what was sent; what comes later does. */
static void test_a_doubted_sign_holds_nobody(void **state)
{
	struct known k;

	(void)state;
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	doubted = true;
	assert_false(decide(NOW));
	doubted = false;
	assert_false(decide(NOW + 100 * NS_PER_S));
	assert_int_equal(holder_find(&h, k.id)->decision.reason, REASON_NOT_BACKED);
	k.sign.last_ns = NOW + 150 * NS_PER_S;
	holder_time(&h, NOW + 160 * NS_PER_S, NOW + 160 * NS_PER_S);
	holder_note(&h, &k.d);
	assert_true(decide(NOW + 160 * NS_PER_S));
	assert_int_equal(holder_find(&h, k.id)->decision.hold, HOLD_CONTAINED);
	/* … and who is held is doubted no more. */
	doubted = true;
	k.sign.last_ns = NOW + 170 * NS_PER_S;
	holder_time(&h, NOW + 180 * NS_PER_S, NOW + 180 * NS_PER_S);
	holder_note(&h, &k.d);
	assert_false(decide(NOW + 180 * NS_PER_S));
	assert_int_equal(holder_find(&h, k.id)->decision.hold, HOLD_CONTAINED);
}

/* The gate holds whom nothing else holds farther; it is told as any hold, and a verdict goes before it. */
static void test_the_gate(void **state)
{
	static struct contain_wanted wanted[CONTAIN_DEVICES];
	struct holder_entry *e;
	struct known k;
	enum hold was;

	(void)state;
	holder_gate(&h, &known(&k, 1, VERDICT_CLEAR)->d, false);
	assert_int_equal(h.n, 0);
	holder_gate(&h, &k.d, true);
	assert_true(decide(NOW));
	e = taken(&was);
	assert_int_equal(e->decision.hold, HOLD_GATED);
	assert_int_equal(e->decision.reason, REASON_GATED);
	assert_int_equal(holder_wanted(&h, wanted, NOW), 1);
	assert_int_equal(wanted[0].hold, HOLD_GATED);
	holder_note(&h, &known(&k, 1, VERDICT_INFECTED)->d);
	assert_true(decide(NOW));
	assert_int_equal(taken(&was)->decision.hold, HOLD_CONTAINED);
	assert_int_equal(was, HOLD_GATED);
	holder_note(&h, &known(&k, 1, VERDICT_CLEAR)->d);
	assert_true(decide(NOW + 7 * HOUR));
	assert_int_equal(taken(&was)->decision.hold, HOLD_GATED);
	holder_gate(&h, &k.d, false);
	assert_true(decide(NOW + 7 * HOUR));
	assert_int_equal(taken(&was)->decision.hold, HOLD_NONE);
	/* Taken up after a restart it is no verdict. */
	assert_true(holder_resume(&h, &k.d, HOLD_GATED, NOW));
	h.policy.mode = CONTAIN_ASK;
	assert_true(decide(NOW + 8 * HOUR));
	assert_int_equal(taken(&was)->decision.hold, HOLD_NONE);
	/* No more than there is room for. */
	for (unsigned i = 0; i < 2 * HOLDER_GATED; i++)
		holder_gate(&h, &known(&k, 100 + i, VERDICT_CLEAR)->d, true);
	assert_true(decide(NOW + 8 * HOUR));
	assert_int_equal(h.n, HOLDER_GATED);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_a_release_outlives_innocence),
		RULE(test_a_hold_is_told_once),
		RULE(test_who_is_not_taken_in),
		RULE(test_signs),
		RULE(test_a_shield_and_an_exception),
		RULE(test_orders),
		RULE(test_changes_between_looks),
		RULE(test_it_goes_on),
		RULE(test_the_gate),
		RULE(test_everybody_is_let_go),
		RULE(test_full),
		RULE(test_recorders),
		RULE(test_several_macs),
		RULE(test_full_of_macs),
		RULE(test_who_is_gone),
		RULE(test_the_wall_jumps),
		RULE(test_the_wall_is_set_right),
		RULE(test_drops_that_go_on),
		RULE(test_a_doubted_sign_holds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
