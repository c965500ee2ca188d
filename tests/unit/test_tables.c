/* SPDX-License-Identifier: MIT */
/*
 * base/slots, base/stripe and flow/hosts against linear lists under random operations, and the promise that the seed, which a
 * stranger can't know, decides nothing that shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "draw.h"
#include "flow/hosts.h"
#include "flow/stamp.h"

#include <stdlib.h>

enum { KEYS = 500 };

struct index {
	struct slots slots;
	uint64_t *words;
	uint64_t keys[KEYS];
	uint32_t n;
};

static void index_init(struct index *x, uint64_t seed)
{
	x->words = calloc(slots_words(KEYS), sizeof *x->words);
	x->n = 0;
	slots_init(&x->slots, stripe_alone(x->words, sizeof *x->words), slots_words(KEYS), seed);
}

/* Position of the key, put in when it is new. spread: how many different hashes all keys share. */
static uint32_t index_get(struct index *x, uint64_t key, uint64_t spread)
{
	struct probe probe = slots_probe(&x->slots, hash_mix(key % spread));
	uint32_t at;

	while (slots_next(&x->slots, &probe, &at)) {
		assert_true(at < x->n);
		if (x->keys[at] == key)
			return at;
	}
	x->keys[x->n] = key;
	slots_put(&x->slots, &probe, x->n);
	return x->n++;
}

static void check_slots(uint64_t seed, uint64_t spread)
{
	struct draw d = draw_from(seed);
	struct index x;
	uint64_t list[KEYS];
	uint32_t n = 0;

	index_init(&x, seed);
	for (int i = 0; i < 5000; i++) {
		uint64_t key = draw_below(&d, KEYS);
		uint32_t at = 0;

		while (at < n && list[at] != key)
			at++;
		if (at == n)
			list[n++] = key;
		assert_int_equal(index_get(&x, key, spread), at);
	}
	assert_int_equal(x.n, n);
	free(x.words);
}

/* Few hashes make long chains, one makes a list. */
static void test_slots_find_what_a_list_finds(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		check_slots(seed, UINT64_MAX);
		check_slots(seed, 16);
		check_slots(seed, 1);
	}
	check_slots(UINT64_MAX, UINT64_MAX);
}

static void test_slots_are_at_most_half_full(void **state)
{
	(void)state;
	for (uint32_t cap = 0; cap < 100000; cap = cap * 3 / 2 + 1) {
		uint32_t words = slots_words(cap);

		assert_true(words >= 2 * cap && words >= SLOTS_FIRST);
		assert_int_equal(words & (words - 1), 0);
	}
}

enum {
	CAP = 256,
	FOR_STRANGERS = CAP - CAP / 8 /* the rest is kept for our side */
};

/* The twin: the rules of hosts.h over a list. */
struct twin {
	struct host list[CAP];
	uint32_t n;
	uint64_t refused;
};

static struct host *twin_find(struct twin *t, const struct addr *a, uint16_t mac, bool exact)
{
	struct host *first = NULL;

	for (uint32_t i = 0; i < t->n; i++) {
		if (!addr_equal(&t->list[i].addr, a))
			continue;
		if (t->list[i].mac == mac)
			return &t->list[i];
		first = first == NULL ? &t->list[i] : first;
	}
	return exact ? NULL : first;
}

static struct host *twin_get(struct twin *t, const struct addr *a, uint16_t mac, bool ours)
{
	struct host *host = twin_find(t, a, mac, true);
	unsigned macs = 0;

	if (host != NULL)
		return host;
	for (uint32_t i = 0; i < t->n; i++)
		macs += addr_equal(&t->list[i].addr, a);
	if (t->n >= (ours ? CAP : FOR_STRANGERS) || macs == 8) {
		t->refused++;
		return NULL;
	}
	t->list[t->n] = (struct host){.addr = *a, .mac = mac, .flags = ours ? HOST_OURS : 0};
	return &t->list[t->n++];
}

/* Three tables interleaved in one budget; the one in the middle is tested. */
struct bench {
	struct budget budget;
	struct stripe words[3];
	struct stripe entries[3];
	struct hosts hosts;
};

static void bench_init(struct bench *b, uint64_t seed)
{
	uint32_t words_n = slots_words(CAP);

	assert_int_equal(budget_init(&b->budget, 1 << 20), 0);
	assert_int_equal(stripes_take(b->words, 3, &b->budget, "words", words_n, 8), 0);
	assert_int_equal(
		stripes_take(b->entries, 3, &b->budget, "entries", CAP, sizeof(struct host)), 0);
	b->hosts = (struct hosts){.entries = b->entries[1], .cap = CAP};
	slots_init(&b->hosts.slots, b->words[1], words_n, seed);
}

/* Nobody wrote into the tables beside it. */
static void bench_fini(struct bench *b)
{
	static const struct host none;

	for (uint32_t i = 0; i < CAP; i++) {
		assert_memory_equal(stripe_at(&b->entries[0], i), &none, sizeof none);
		assert_memory_equal(stripe_at(&b->entries[2], i), &none, sizeof none);
	}
	budget_fini(&b->budget);
}

/* Number of a host in its table, or -1. */
static int64_t place(const struct hosts *t, const struct host *host)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (hosts_at(t, i) == host)
			return i;
	}
	assert_null(host);
	return -1;
}

static int64_t twin_place(const struct twin *t, const struct host *host)
{
	return host == NULL ? -1 : host - t->list;
}

static void check_hosts(uint64_t seed, uint64_t addresses, uint64_t macs)
{
	struct draw d = draw_from(seed);
	struct twin twin = {.n = 0};
	struct bench b;

	bench_init(&b, draw(&d));
	for (int i = 0; i < 4000; i++) {
		struct addr a = addr_v4((uint32_t)(0xc0000200 + draw_below(&d, addresses)));
		uint16_t mac = (uint16_t)draw_below(&d, macs);
		bool ours = draw_below(&d, 8) == 0;
		uint64_t hash = hash_addr(&a);

		mac = mac == 0 ? NO_MAC : mac;
		if (draw_below(&d, 3) == 0) {
			assert_int_equal(place(&b.hosts, hosts_find(&b.hosts, &a, mac, hash)),
					 twin_place(&twin, twin_find(&twin, &a, mac, false)));
			continue;
		}
		assert_int_equal(place(&b.hosts, hosts_get(&b.hosts, &a, mac, hash, ours)),
				 twin_place(&twin, twin_get(&twin, &a, mac, ours)));
	}
	assert_int_equal(b.hosts.n, twin.n);
	assert_int_equal(b.hosts.refused, twin.refused);
	for (uint32_t i = 0; i < twin.n; i++)
		assert_memory_equal(hosts_at(&b.hosts, i), &twin.list[i], sizeof(struct host));
	bench_fini(&b);
}

static void test_hosts_do_what_a_list_does(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		check_hosts(seed, 20, 12);  /* the limit of MACs is reached */
		check_hosts(seed, 400, 2);  /* the table fills */
		check_hosts(seed, 100, 20); /* both */
	}
}

static void test_a_full_table_keeps_whom_it_knows(void **state)
{
	struct bench b;
	struct addr a;

	(void)state;
	bench_init(&b, 99);
	for (uint32_t i = 0; i < 1000; i++) {
		a = addr_v4(i + 1);
		assert_int_equal(hosts_get(&b.hosts, &a, NO_MAC, hash_addr(&a), false) != NULL,
				 i < FOR_STRANGERS);
	}
	assert_int_equal(b.hosts.refused, 1000 - FOR_STRANGERS);
	a = addr_v4(2);
	assert_ptr_equal(hosts_get(&b.hosts, &a, NO_MAC, hash_addr(&a), false),
			 hosts_at(&b.hosts, 1));
	a = addr_v4(999);
	assert_non_null(hosts_get(&b.hosts, &a, NO_MAC, hash_addr(&a), true));
	assert_int_equal(b.hosts.refused, 1000 - FOR_STRANGERS);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_find_what_a_list_finds),
		cmocka_unit_test(test_slots_are_at_most_half_full),
		cmocka_unit_test(test_hosts_do_what_a_list_does),
		cmocka_unit_test(test_a_full_table_keeps_whom_it_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
