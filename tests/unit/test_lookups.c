/* SPDX-License-Identifier: MIT */
/*
 * proto/lookups: answers that were asked for are kept and no others; aliases, times, bounds, and bytes that are cut or
 * changed anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "engine.h"
#include "proto/lookups.h"

#include <stdlib.h>

enum { A = 1, CNAME = 5, TXT = 16, AAAA = 28 };

struct message {
	uint8_t at[600];
	uint32_t len;
	unsigned answers;
};

static void put(struct message *m, const void *at, size_t n)
{
	assert_true(m->len + n <= sizeof m->at);
	memcpy(m->at + m->len, at, n);
	m->len += (uint32_t)n;
}

static void put16(struct message *m, unsigned v)
{
	put(m, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

static void put_name(struct message *m, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		put(m, (uint8_t[]){(uint8_t)n}, 1);
		put(m, name, n);
		name += n + (name[n] == '.');
	}
	put(m, "", 1);
}

static struct message begin(unsigned id, bool answer, const char *name, unsigned type)
{
	struct message m = {.len = 0};

	put16(&m, id);
	put16(&m, answer ? 0x8180 : 0x0100);
	put16(&m, 1);
	put(&m, "\0\0\0\0\0\0", 6);
	put_name(&m, name);
	put16(&m, type);
	put16(&m, 1);
	return m;
}

static void put_record(struct message *m, const char *name, unsigned type, uint32_t ttl,
		       const void *data, size_t n)
{
	put_name(m, name);
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, (unsigned)n);
	put(m, data, n);
	m->at[7] = (uint8_t)++m->answers;
}

static void put_a(struct message *m, const char *name, uint32_t ttl, uint8_t last)
{
	put_record(m, name, A, ttl, (uint8_t[]){203, 0, 113, last}, 4);
}

static void put_alias(struct message *m, const char *name, uint32_t ttl, const char *target)
{
	struct message to = {.len = 0};

	put_name(&to, target);
	put_record(m, name, CNAME, ttl, to.at, to.len);
}

/* ---- the stage --------------------------------------------------------------------------------------------------- */

struct house {
	struct scene *s;
	struct budget budget;
	struct lookups l;
	struct end camera, resolver;
};

static void house_begin(struct house *h, size_t share)
{
	*h = (struct house){.s = scene_new(NULL)};
	assert_int_equal(budget_init(&h->budget, 4 << 20), 0);
	assert_int_equal(lookups_init(&h->l, &h->budget, share), 0);
	h->s->lanes.lookups = &h->l;
	h->camera = home(30, 40000);
	h->resolver = home(1, 53);
	scene_send(h->s, make_arp(h->camera, addr_v4(0xc0a80101), 1));
}

static void house_end(struct house *h)
{
	budget_fini(&h->budget);
	scene_free(h->s);
}

static void ask(struct house *h, const struct message *m)
{
	scene_after(h->s, 1, make_udp(h->camera, h->resolver, m->at, m->len));
}

static void answer(struct house *h, const struct message *m)
{
	scene_after(h->s, 1, make_udp(h->resolver, h->camera, m->at, m->len));
}

/* Asks for a name and has it answered by one address. */
static void look_up(struct house *h, unsigned id, const char *name, uint32_t ttl, uint8_t last)
{
	struct message q = begin(id, false, name, A), a = begin(id, true, name, A);

	put_a(&a, name, ttl, last);
	ask(h, &q);
	answer(h, &a);
}

static size_t kept(const struct house *h, struct lookup *out, size_t room)
{
	return lookups_of(&h->l, &h->camera.addr, h->s->now_ns, out, room);
}

static void expect_one(const struct house *h, const char *name, uint8_t last, int64_t seconds)
{
	struct lookup l[2];

	assert_int_equal(kept(h, l, 2), 1);
	assert_string_equal(l[0].name, name);
	assert_int_equal(l[0].addrs_n, 1);
	assert_int_equal(l[0].addrs[0].b[15], last);
	assert_int_equal((l[0].until_ns[0] - h->s->now_ns) / NS_PER_S, seconds);
	assert_true(addr_equal(&l[0].server, &h->resolver.addr));
}

static void expect_none(const struct house *h)
{
	struct lookup l[1];

	assert_int_equal(kept(h, l, 1), 0);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void test_asked_and_answered(void **state)
{
	struct house h;
	uint32_t changes;

	(void)state;
	house_begin(&h, 1 << 20);
	changes = lookups_changes(&h.l);
	look_up(&h, 7, "Update.Maker.EXAMPLE", 300, 9);
	expect_one(&h, "update.maker.example", 9, 300);
	assert_int_not_equal(lookups_changes(&h.l), changes);
	assert_int_equal(lookups_used(&h.l), 1);
	house_end(&h);
}

/* From a minute to a day, and no longer. */
static void test_times(void **state)
{
	static const struct {
		uint32_t ttl;
		int64_t seconds;
	} cases[] = {{0, 60},	     {59, 60},	     {61, 61},
		     {86400, 86400}, {86401, 86400}, {UINT32_MAX, 86400}};
	struct house h;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		house_begin(&h, 1 << 20);
		look_up(&h, 7, "a.example", cases[i].ttl, 1);
		expect_one(&h, "a.example", 1, cases[i].seconds);
		h.s->now_ns += cases[i].seconds * NS_PER_S - 1;
		expect_one(&h, "a.example", 1, 0);
		h.s->now_ns += 1;
		expect_none(&h);
		house_end(&h);
	}
}

/* Whatever does not fit the question opens nothing: by turns another id, name, type, port, server, client. */
static void test_not_asked(void **state)
{
	(void)state;
	for (int what = 0; what < 9; what++) {
		struct message q = begin(7, false, "a.example", A);
		struct message a =
			begin(what == 0 ? 8 : 7, true, what == 1 ? "b.example" : "a.example",
			      what == 2 ? AAAA : A);
		struct house h;
		struct end other = home(31, 40000);

		house_begin(&h, 1 << 20);
		put_a(&a, what == 1 ? "b.example" : "a.example", 300, 1);
		if (what != 6)
			ask(&h, &q);
		if (what == 3)
			h.camera.port++;
		if (what == 4)
			h.resolver = home(2, 53);
		if (what == 5)
			h.camera = other;
		if (what == 7)
			h.s->now_ns += 11 * NS_PER_S;
		if (what == 8)
			a.at[3] |= 3; /* no such name */
		answer(&h, &a);
		expect_none(&h);
		h.camera = home(30, 40000);
		expect_none(&h);
		house_end(&h);
	}
}

/* A second answer, as a forger's who comes late, changes nothing. */
static void test_first_answer(void **state)
{
	struct message forged = begin(7, true, "a.example", A);
	struct house h;

	(void)state;
	house_begin(&h, 1 << 20);
	put_a(&forged, "a.example", 300, 66);
	look_up(&h, 7, "a.example", 300, 1);
	answer(&h, &forged);
	h.s->now_ns -= NS_PER_MS;
	expect_one(&h, "a.example", 1, 300);
	house_end(&h);
}

static void test_aliases(void **state)
{
	struct message q = begin(7, false, "a.example", A), a = begin(7, true, "a.example", A);
	struct house h;

	(void)state;
	house_begin(&h, 1 << 20);
	put_a(&a, "other.example", 300, 66); /* not asked for */
	put_alias(&a, "a.example", 120, "Cdn.example");
	put_a(&a, "a.example", 300, 67); /* an alias has no other records */
	put_record(&a, "cdn.example", TXT, 5, "\001x", 2);
	put_alias(&a, "cdn.EXAMPLE", 900, "edge.example");
	put_a(&a, "edge.example", 600, 1);
	ask(&h, &q);
	answer(&h, &a);
	expect_one(&h, "a.example", 1, 120);
	house_end(&h);
}

static void test_ipv6(void **state)
{
	struct message q = begin(7, false, "a.example", AAAA),
		       a = begin(7, true, "a.example", AAAA);
	struct lookup l[1];
	struct house h;
	struct addr six;

	(void)state;
	house_begin(&h, 1 << 20);
	assert_true(addr_parse("2001:db8::5", &six));
	put_record(&a, "a.example", AAAA, 300, six.b, 16);
	put_record(&a, "a.example", A, 300, six.b, 16); /* of no length that it may have */
	ask(&h, &q);
	answer(&h, &a);
	assert_int_equal(kept(&h, l, 1), 1);
	assert_int_equal(l[0].addrs_n, 1);
	assert_true(addr_equal(&l[0].addrs[0], &six));
	house_end(&h);
}

/* Names whose dots might stand inside of labels, and such as are too long, are not kept. */
static void test_odd_names(void **state)
{
	static const char *const names[] = {
		"a\\b.example", "*.example", "a b.example",
		"0123456789012345678901234567890123456789012345678901234567."
		"0123456789012345678901234567890123456789.example"};
	struct house h;

	(void)state;
	house_begin(&h, 1 << 20);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		look_up(&h, 7, names[i], 300, 1);
	expect_none(&h);
	house_end(&h);
}

/* Of one client so many: those that run out first go. */
static void test_one_client(void **state)
{
	struct lookup l[2 * LOOKUP_NAMES];
	struct house h;
	char name[32];
	size_t n;

	(void)state;
	house_begin(&h, 2 << 20);
	assert_true(h.l.room > LOOKUP_NAMES + 4);
	for (unsigned i = 0; i < LOOKUP_NAMES + 10; i++) {
		snprintf(name, sizeof name, "n%u.example", i);
		look_up(&h, i, name, 300 + i, (uint8_t)i);
	}
	n = kept(&h, l, 2 * LOOKUP_NAMES);
	assert_int_equal(n, LOOKUP_NAMES);
	for (size_t i = 0; i < n; i++)
		assert_true(l[i].addrs[0].b[15] >= 10);
	assert_int_equal(lookups_refused(&h.l), 0);
	house_end(&h);
}

/* A lane that is full refuses, and counts; what ran out makes room. Of one name the addresses that last longest stay. */
static void test_full(void **state)
{
	struct lookup l[LOOKUP_NAMES];
	struct house h;
	char name[32];

	(void)state;
	house_begin(&h, LANES * 3 * 512);
	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "n%u.example", i);
		look_up(&h, i, name, 300, (uint8_t)i);
	}
	assert_int_equal(kept(&h, l, LOOKUP_NAMES), h.l.room);
	assert_int_equal(lookups_refused(&h.l), 10 - h.l.room);
	h.s->now_ns += 301 * NS_PER_S;
	for (unsigned i = 0; i < 3 * LOOKUP_ADDRESSES; i++)
		look_up(&h, i, "a.example", 300 + i, (uint8_t)i);
	assert_int_equal(kept(&h, l, LOOKUP_NAMES), 1);
	assert_int_equal(l[0].addrs_n, LOOKUP_ADDRESSES);
	for (uint32_t i = 0; i < l[0].addrs_n; i++)
		assert_true(l[0].addrs[i].b[15] >= 2 * LOOKUP_ADDRESSES);
	house_end(&h);
}

/* Cut after each byte, and with each byte changed: from memory of just that size. Nothing that was not asked for is kept. */
static void test_hostile(void **state)
{
	struct message a = begin(7, true, "a.example", A), q = begin(7, false, "a.example", A);
	struct lookup l[4];
	struct house h;

	(void)state;
	put_alias(&a, "a.example", 120, "cdn.example");
	put_a(&a, "cdn.example", 300, 1);
	put_a(&a, "cdn.example", 300, 2);
	house_begin(&h, 1 << 20);
	for (uint32_t i = 0; i < 2 * a.len; i++) {
		uint32_t len = i < a.len ? i : a.len;
		uint8_t *exact = malloc(len + 1);

		memcpy(exact, a.at, len);
		if (i >= a.len)
			exact[i - a.len] ^= (uint8_t)(1 + i % 255);
		ask(&h, &q);
		scene_after(h.s, 1, make_udp(h.resolver, h.camera, exact, len));
		free(exact);
		for (size_t k = kept(&h, l, 4); k > 0; k--)
			assert_string_equal(l[k - 1].name, "a.example");
	}
	house_end(&h);
}

/* The whole budget is given away, in the smallest there is and in one that divides badly. */
static void test_fits(void **state)
{
	static const uint64_t sizes[] = {ENGINE_MEMORY_MIN, ENGINE_MEMORY_MIN + 4099,
					 ENGINE_MEMORY_DEFAULT};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const struct engine_options options = {
			.threads = 1, .memory_bytes = sizes[i], .ledger = true, .lookups = true};
		struct knowledge_error bad;
		struct engine *e = NULL;

		assert_int_equal(engine_new(&options, &e, &bad), 0);
		assert_int_equal(engine_names_changes(e), 0);
		engine_free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_asked_and_answered),
					   cmocka_unit_test(test_times),
					   cmocka_unit_test(test_not_asked),
					   cmocka_unit_test(test_first_answer),
					   cmocka_unit_test(test_aliases),
					   cmocka_unit_test(test_ipv6),
					   cmocka_unit_test(test_odd_names),
					   cmocka_unit_test(test_one_client),
					   cmocka_unit_test(test_full),
					   cmocka_unit_test(test_hostile),
					   cmocka_unit_test(test_fits)};

	return cmocka_run_group_tests_name("lookups", tests, NULL, NULL);
}
