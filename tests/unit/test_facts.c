/* SPDX-License-Identifier: MIT */
/*
 * proto/facts: what is told twice is counted, what finds no room is counted too, and whose room it is. Checked by cases,
 * and against a naive twin that keeps a plain list; the seed moves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "flow/stamp.h"
#include "draw.h"
#include "proto/facts.h"

#include <stdio.h>
#include <stdlib.h>

enum { CAP = 128, TEXTS = 256, LOGINS = 64, PER_SIGNAL = 5 };

struct store {
	struct facts facts;
	void *memory[8];
	unsigned n;
};

static struct stripe take(struct store *s, uint32_t cap, uint32_t entry)
{
	s->memory[s->n] = calloc(cap, entry);
	assert_non_null(s->memory[s->n]);
	return stripe_alone(s->memory[s->n++], entry);
}

static void take_slots(struct store *s, struct slots *out, uint32_t cap, uint64_t seed)
{
	uint32_t n = slots_words(cap);

	slots_init(out, take(s, n, sizeof(uint64_t)), n, seed);
}

static struct store *store_new(uint32_t texts, uint64_t seed)
{
	struct store *s = calloc(1, sizeof *s);
	struct facts *f = &s->facts;

	*f = (struct facts){
		.cap = CAP, .texts_cap = texts, .logins_cap = LOGINS, .per_signal = PER_SIGNAL};
	f->entries = take(s, CAP, sizeof(struct fact));
	f->texts = take(s, texts, FACT_PIECE);
	f->heads = take(s, CAP, sizeof(struct fact_head));
	f->logins = take(s, LOGINS, sizeof(struct login_fact));
	take_slots(s, &f->slots, CAP, seed);
	take_slots(s, &f->head_slots, CAP, seed);
	take_slots(s, &f->login_slots, LOGINS, seed);
	return s;
}

static void store_free(struct store *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->memory[i]);
	free(s);
}

static struct subject host(unsigned n, bool ours)
{
	return (struct subject){.addr = addr_v4((ours ? 0xc0a80100 : 0xc6336400) + n),
				.mac = ours ? (uint16_t)n : NO_MAC,
				.ours = ours};
}

static struct fact *add(struct store *s, struct subject who, enum signal signal, uint16_t port,
			const char *value, uint64_t key)
{
	return facts_add(&s->facts, &who,
			 &(struct saying){.value = bytes_of(value),
					  .key = key,
					  .time_ns = (int64_t)key * 10,
					  .signal = signal,
					  .port = port,
					  .proto = 3});
}

static void test_told_again(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	struct fact *f = add(s, host(1, true), SIGNAL_http_server, 80, "uc-httpd 1.0.0", 5);

	(void)state;
	assert_int_equal(f->count, 1);
	assert_ptr_equal(add(s, host(1, true), SIGNAL_http_server, 80, "uc-httpd 1.0.0", 9), f);
	assert_int_equal(f->count, 2);
	assert_int_equal(f->key, 5);
	assert_int_equal(f->last_key, 9);
	assert_int_equal(f->first_ns, 50);
	assert_int_equal(f->last_ns, 90);
	assert_true(bytes_are(fact_value(&s->facts, f), "uc-httpd 1.0.0"));
	f->count = UINT32_MAX;
	add(s, host(1, true), SIGNAL_http_server, 80, "uc-httpd 1.0.0", 9);
	assert_int_equal(f->count, UINT32_MAX);
	assert_int_equal(s->facts.n, 1);
	store_free(s);
}

static void test_what_makes_another(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	struct subject who = host(1, true), elsewhere = who;

	(void)state;
	elsewhere.mac = 77;
	add(s, who, SIGNAL_http_server, 80, "a", 1);
	add(s, who, SIGNAL_http_server, 80, "", 2);
	add(s, who, SIGNAL_http_server, 80, "ab", 2);
	add(s, who, SIGNAL_http_server, 81, "a", 2);
	add(s, who, SIGNAL_http_title, 80, "a", 2);
	add(s, host(2, true), SIGNAL_http_server, 80, "a", 2);
	add(s, elsewhere, SIGNAL_http_server, 80, "a", 2);
	assert_int_equal(s->facts.n, 7);
	for (uint32_t i = 0; i < s->facts.n; i++)
		assert_int_equal(facts_at(&s->facts, i)->count, 1);
	store_free(s);
}

/* What one did to another and what he did to a third are two deeds; to whom a device names itself does not matter. */
static void test_whom_it_was_done_to(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	struct subject who = host(1, true);
	static const struct {
		enum signal signal;
		uint32_t facts;
	} rows[] = {{SIGNAL_telnet_typed, 2}, {SIGNAL_http_server, 1}, {SIGNAL_dht_node, 1}};
	uint32_t all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (unsigned k = 0; k < 6; k++)
			facts_add(&s->facts, &who,
				  &(struct saying){.peer = addr_v4(0xcb007100 + k % 2),
						   .value = bytes_of("enable"),
						   .key = k,
						   .signal = rows[i].signal});
		all += rows[i].facts;
		assert_int_equal(s->facts.n, all);
		assert_int_equal(facts_at(&s->facts, all - 1)->count, 6 / rows[i].facts);
	}
	store_free(s);
}

static void test_values_of_one_signal(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	char value[8];

	(void)state;
	for (unsigned i = 0; i < PER_SIGNAL + 3; i++) {
		snprintf(value, sizeof value, "v%u", i);
		assert_int_equal(add(s, host(1, true), SIGNAL_mdns_txt, 0, value, i) != NULL,
				 i < PER_SIGNAL);
	}
	assert_int_equal(s->facts.surplus, 3);
	assert_int_equal(s->facts.refused, 0);
	assert_non_null(add(s, host(1, true), SIGNAL_mdns_txt, 0, "v0", 99));
	assert_non_null(add(s, host(1, true), SIGNAL_mdns_host, 0, "v0", 99));
	assert_non_null(add(s, host(2, true), SIGNAL_mdns_txt, 0, "v9", 99));
	assert_int_equal(s->facts.surplus, 3);
	store_free(s);
}

static void test_longest_value(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	char value[FACT_TEXT + 2];

	(void)state;
	memset(value, 'x', sizeof value);
	value[FACT_TEXT + 1] = '\0';
	assert_null(add(s, host(1, true), SIGNAL_mdns_txt, 0, value, 1));
	value[FACT_TEXT] = '\0';
	assert_int_equal(add(s, host(1, true), SIGNAL_mdns_txt, 0, value, 1)->len, FACT_TEXT);
	store_free(s);
}

/* Tries of strangers, which can be had in any number, leave an eighth for what a story is made of. */
static void test_an_eighth_is_for_stories(void **state)
{
	struct store *s = store_new(4 * TEXTS, 1);

	(void)state;
	for (unsigned i = 0; i < CAP; i++)
		assert_int_equal(add(s, host(i, true), SIGNAL_login_tried, 0, "telnet", i) != NULL,
				 i < CAP / 8 * 7);
	for (unsigned i = 0; i < CAP; i++)
		assert_int_equal(add(s, host(i, true), SIGNAL_telnet_command, 0, "sh", i) != NULL,
				 i < CAP / 8);
	assert_int_equal(s->facts.n, CAP);
	store_free(s);
}

static void test_strangers_have_half(void **state)
{
	struct store *s = store_new(4 * TEXTS, 1);

	(void)state;
	for (unsigned i = 0; i < CAP; i++)
		assert_int_equal(add(s, host(i, false), SIGNAL_beacon, 0, "b", i) != NULL,
				 i < CAP / 2);
	assert_int_equal(s->facts.refused, CAP / 2);
	for (unsigned i = 0; i < CAP; i++)
		assert_int_equal(add(s, host(i, true), SIGNAL_beacon, 0, "b", i) != NULL,
				 i < CAP / 8 * 3);
	assert_int_equal(s->facts.n, CAP / 8 * 7);
	assert_non_null(add(s, host(0, false), SIGNAL_beacon, 0, "b", 9999)); /* counts again */
	store_free(s);
}

/* When the texts are full, what is refused takes nothing of its host's share; a shorter value may still fit. */
static void test_texts_full(void **state)
{
	struct store *s = store_new(3, 1);
	char value[40];

	(void)state;
	assert_non_null(add(s, host(1, true), SIGNAL_mdns_txt, 0, "seventeen letters", 1));
	for (unsigned i = 0; i < 2 * PER_SIGNAL; i++) {
		snprintf(value, sizeof value, "seventeen letters, %u", i);
		assert_null(add(s, host(2, true), SIGNAL_mdns_txt, 0, value, i));
	}
	assert_int_equal(s->facts.heads_n, 1);
	assert_non_null(add(s, host(2, true), SIGNAL_mdns_txt, 0, "sixteen letters!", 9));
	assert_null(add(s, host(2, true), SIGNAL_mdns_txt, 0, "x", 9));
	assert_int_equal(s->facts.refused, 2 * PER_SIGNAL + 1);
	store_free(s);
}

/* A value that would cross the end of a stripe's piece begins on the next. */
static void test_texts_stand_together(void **state)
{
	struct store *s = store_new(2 * STRIPE_PIECE, 1);
	char value[FACT_TEXT + 1];
	struct fact *f = NULL;

	(void)state;
	memset(value, 'x', FACT_TEXT);
	value[FACT_TEXT] = '\0';
	for (unsigned i = 0; i < 6; i++) { /* 13 pieces each, four to a stripe's piece */
		value[0] = (char)('a' + i);
		f = add(s, host(i, true), SIGNAL_mdns_txt, 0, value, i);
	}
	assert_int_equal(f->text, STRIPE_PIECE + 13);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(fact_value(&s->facts, facts_at(&s->facts, i)).at[0], 'a' + i);
	store_free(s);
}

static void test_challenges(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	struct addr a = host(1, true).addr, b = host(2, true).addr;

	(void)state;
	add(s, host(1, true), SIGNAL_http_realm, 80, "DVR", 1);
	add(s, host(1, true), SIGNAL_http_title, 81, "DVR", 1);
	add(s, host(1, true), SIGNAL_rtsp_realm, 554, "IPC", 1);
	assert_true(facts_challenged(&s->facts, &a, 80, bytes_of("DVR")));
	assert_true(facts_challenged(&s->facts, &a, 80, bytes_of("")));
	assert_true(facts_challenged(&s->facts, &a, 554, bytes_of("IPC")));
	assert_false(facts_challenged(&s->facts, &a, 80, bytes_of("dvr")));
	assert_false(facts_challenged(&s->facts, &a, 80, bytes_of("DV")));
	assert_false(facts_challenged(&s->facts, &a, 81, bytes_of("DVR")));
	assert_false(facts_challenged(&s->facts, &b, 80, bytes_of("DVR")));
	store_free(s);
}

/* ---- logins ----------------------------------------------------------------------------------------------------- */

static struct login_fact login(unsigned client, enum login_outcome outcome, bool ours, uint64_t key)
{
	return (struct login_fact){.server = host(1, ours).addr,
				   .client = host(client, false).addr,
				   .tried_key = key,
				   .answer_key = key + 1,
				   .last_key = key + 1,
				   .last_ns = (int64_t)key,
				   .pair = 4,
				   .count = 1,
				   .port = 23,
				   .outcome = (uint8_t)outcome,
				   .server_ours = ours};
}

static void add_login(struct store *s, struct login_fact l)
{
	facts_add_login(&s->facts, &l);
}

static void test_logins_alike(void **state)
{
	struct store *s = store_new(TEXTS, 1);
	struct login_fact l = login(1, LOGIN_ACCEPTED, true, 10);
	const struct login_fact *first = facts_login_at(&s->facts, 0);

	(void)state;
	add_login(s, l);
	add_login(s, login(1, LOGIN_ACCEPTED, true, 20));
	assert_int_equal(s->facts.logins_n, 1);
	assert_int_equal(first->count, 2);
	assert_int_equal(first->answer_key, 11);
	assert_int_equal(first->last_key, 21);
	assert_int_equal(first->last_ns, 20);
	add_login(s, login(2, LOGIN_ACCEPTED, true, 30));
	add_login(s, login(1, LOGIN_REFUSED, true, 30));
	l.pair = PAIR_OWN;
	add_login(s, l);
	l.cleartext = true; /* the same password, readable this time */
	add_login(s, l);
	l.port = 2323;
	add_login(s, l);
	l.proto = 7;
	add_login(s, l);
	l.server_mac = 9;
	add_login(s, l);
	assert_int_equal(s->facts.logins_n, 8);
	assert_int_equal(first->count, 2);
	store_free(s);
}

static void test_an_eighth_is_for_accepted_ones(void **state)
{
	struct store *s = store_new(TEXTS, 1);

	(void)state;
	for (unsigned i = 0; i < LOGINS; i++)
		add_login(s, login(i, i % 2 == 0 ? LOGIN_REFUSED : LOGIN_UNANSWERED, true, i));
	assert_int_equal(s->facts.logins_n, LOGINS / 8 * 7);
	assert_int_equal(s->facts.refused_logins, LOGINS / 8);
	for (unsigned i = 0; i < LOGINS; i++)
		add_login(s, login(i, LOGIN_ACCEPTED, true, i));
	assert_int_equal(s->facts.logins_n, LOGINS);
	assert_int_equal(s->facts.refused_logins, LOGINS);
	add_login(s, login(0, LOGIN_REFUSED, true, 99)); /* counted on the one that is there */
	assert_int_equal(facts_login_at(&s->facts, 0)->count, 2);
	assert_int_equal(s->facts.refused_logins, LOGINS);
	store_free(s);
}

static void test_half_is_for_ours(void **state)
{
	struct store *s = store_new(TEXTS, 1);

	(void)state;
	for (unsigned i = 0; i < LOGINS; i++)
		add_login(s, login(i, LOGIN_ACCEPTED, false, i));
	assert_int_equal(s->facts.logins_n, LOGINS / 2);
	add_login(s, login(1, LOGIN_ACCEPTED, true, 1));
	assert_int_equal(s->facts.logins_n, LOGINS / 2 + 1);
	store_free(s);
}

/* ---- against a list --------------------------------------------------------------------------------------------- */

struct line {
	struct subject who;
	enum signal signal;
	uint16_t port;
	char value[64];
	uint32_t count;
};

struct list {
	struct line lines[CAP];
	uint32_t n;
	uint32_t strangers;
	uint32_t refused;
	uint32_t pieces;
};

static bool same_host(const struct line *a, const struct line *b)
{
	return a->who.mac == b->who.mac && addr_equal(&a->who.addr, &b->who.addr);
}

static void list_add(struct list *l, const struct line *new)
{
	uint32_t alike = 0, pieces = (uint32_t)(strlen(new->value) + 15) / 16, at = l->pieces;

	for (uint32_t i = 0; i < l->n; i++) {
		struct line *had = &l->lines[i];

		if (!same_host(had, new) || had->signal != new->signal)
			continue;
		if (had->port == new->port && strcmp(had->value, new->value) == 0) {
			had->count++;
			return;
		}
		alike++;
	}
	if (at % STRIPE_PIECE + pieces > STRIPE_PIECE)
		at = (at / STRIPE_PIECE + 1) * STRIPE_PIECE;
	if (alike == PER_SIGNAL || l->n == CAP / 8 * 7 || at + pieces > TEXTS ||
	    (!new->who.ours && l->strangers == CAP / 2)) {
		l->refused++;
		return;
	}
	l->lines[l->n] = *new;
	l->lines[l->n++].count = 1;
	l->strangers += !new->who.ours;
	l->pieces = at + pieces;
}

static void draw_line(struct line *line, struct draw *d, unsigned hosts)
{
	*line = (struct line){.who = host((unsigned)draw_below(d, hosts), draw_below(d, 2) == 0),
			      .signal = (enum signal)draw_below(d, 4),
			      .port = (uint16_t)draw_below(d, 2)};
	snprintf(line->value, sizeof line->value, "%.*s%u", (int)draw_below(d, 50),
		 "of those that a device may tell of itself, the longest",
		 (unsigned)draw_below(d, 9));
}

static void play(uint64_t seed, uint64_t course, unsigned hosts)
{
	static struct list list;
	struct store *s = store_new(TEXTS, seed);
	struct draw d = draw_from(course);

	memset(&list, 0, sizeof list);
	for (unsigned i = 0; i < 1500; i++) {
		struct line line;

		draw_line(&line, &d, hosts);
		list_add(&list, &line);
		add(s, line.who, line.signal, line.port, line.value, i);
	}
	assert_int_equal(s->facts.n, list.n);
	assert_int_equal(s->facts.refused + s->facts.surplus, list.refused);
	assert_true(list.refused > 0);
	for (uint32_t i = 0; i < list.n; i++) {
		const struct fact *fact = facts_at(&s->facts, i);
		const struct line *line = &list.lines[i];

		assert_true(addr_equal(&fact->addr, &line->who.addr) && fact->mac == line->who.mac);
		assert_true(fact->signal == line->signal && fact->port == line->port);
		assert_true(bytes_are(fact_value(&s->facts, fact), line->value));
		assert_int_equal(fact->count, line->count);
	}
	store_free(s);
}

static void test_as_the_list_with_any_seed(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		play(i * 0x9876543210fedcba, i, 2);
		play(i * 0x9876543210fedcba, i, 20);
		play(~i, 7, 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_again),
		cmocka_unit_test(test_what_makes_another),
		cmocka_unit_test(test_whom_it_was_done_to),
		cmocka_unit_test(test_values_of_one_signal),
		cmocka_unit_test(test_longest_value),
		cmocka_unit_test(test_strangers_have_half),
		cmocka_unit_test(test_an_eighth_is_for_stories),
		cmocka_unit_test(test_texts_full),
		cmocka_unit_test(test_texts_stand_together),
		cmocka_unit_test(test_challenges),
		cmocka_unit_test(test_logins_alike),
		cmocka_unit_test(test_an_eighth_is_for_accepted_ones),
		cmocka_unit_test(test_half_is_for_ours),
		cmocka_unit_test(test_as_the_list_with_any_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
