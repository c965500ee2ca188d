/* SPDX-License-Identifier: MIT */
/*
 * Forgetting what was told: facts against a naive twin that keeps a plain list, logins, and conversations that wait for the
 * other half of a request while others beside them are forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aged.h"
#include "base/scan.h"
#include "draw.h"
#include "proto/facts_tables.h"
#include "small_catalogue.h"

#include <stdio.h>

enum { SEEDS = 4 };

/* ---- facts ----------------------------------------------------------------------------------------------------- */

enum { SUBJECTS = 40, TOLD = 4000 };

struct tale {
	unsigned subject;
	enum signal signal;
	uint16_t port;
	uint8_t len;
	char value[FACT_TEXT];
	int64_t last_ns;
	uint32_t count;
	bool gone;
};

struct tellers {
	struct scene *s;
	struct facts *facts;
	struct draw d;
	struct subject subjects[SUBJECTS];
	struct tale *tales;
	unsigned n;
	bool first; /* nothing was aged yet */
};

/* Of ten each: proven devices, such that only claim an address, ours without a binding, strangers. */
static void make_subjects(struct tellers *t)
{
	for (unsigned i = 0; i < SUBJECTS; i++) {
		struct end e = home(20 + i, 1024), other = stranger_at("203.0.113.9", 53);
		struct subject *who = &t->subjects[i];

		if (i % 4 == 3)
			e = stranger(addr_v4(0x0b000000 + i), 53);
		if (i % 4 == 0) {
			scene_after(t->s, 1, make_udp(e, other, NULL, 0));
			scene_after(t->s, 1, make_udp(other, e, NULL, 0));
		} else if (i % 4 == 1) {
			scene_after(t->s, 1, make_arp(e, e.addr, 1));
		}
		*who = (struct subject){.addr = e.addr,
					.mac = world_mac_find(&t->s->world, &e.mac),
					.ours = i % 4 != 3};
	}
}

static struct tale *find_tale(struct tellers *t, const struct tale *like)
{
	for (unsigned i = 0; i < t->n; i++) {
		struct tale *had = &t->tales[i];

		if (!had->gone && had->subject == like->subject && had->signal == like->signal &&
		    had->port == like->port && had->len == like->len &&
		    memcmp(had->value, like->value, like->len) == 0)
			return had;
	}
	return NULL;
}

static unsigned tales_of(const struct tellers *t, const struct tale *like)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->n; i++)
		n += !t->tales[i].gone && t->tales[i].subject == like->subject &&
		     t->tales[i].signal == like->signal;
	return n;
}

static void tell_one(struct tellers *t)
{
	static const enum signal kinds[] = {SIGNAL_http_server, SIGNAL_mdns_txt, SIGNAL_dns_name};
	struct tale tale = {.subject = (unsigned)draw_below(&t->d, SUBJECTS),
			    .signal = kinds[draw_below(&t->d, 3)],
			    .port = (uint16_t)draw_below(&t->d, 2),
			    .last_ns = t->s->now_ns,
			    .count = 1};
	struct tale *had;
	struct fact *fact;

	tale.len = (uint8_t)(1 + draw_below(&t->d, FACT_TEXT));
	memset(tale.value, 'a' + (int)draw_below(&t->d, 2), tale.len);
	had = find_tale(t, &tale);
	fact = facts_add(t->facts, &t->subjects[tale.subject],
			 &(struct saying){.value = {(const uint8_t *)tale.value, tale.len},
					  .key = t->n + 1,
					  .time_ns = t->s->now_ns,
					  .signal = tale.signal,
					  .port = tale.port,
					  .proto = 3});
	if (had != NULL) {
		had->count++;
		had->last_ns = t->s->now_ns;
		assert_int_equal(fact->count, had->count);
		return;
	}
	if (fact == NULL) /* of this signal there are enough, or the store is full */
		return;
	assert_true(tales_of(t, &tale) < t->facts->per_signal);
	t->tales[t->n++] = tale;
}

static bool tale_goes(const struct tellers *t, const struct tale *tale, int64_t keep_s,
		      int64_t strangers_s)
{
	int64_t now = t->s->now_ns;
	bool old = tale->last_ns < now - keep_s * NS_PER_S;
	bool older = tale->last_ns < now - strangers_s * NS_PER_S;

	switch (tale->subject % 4) {
	case 0: /* seen since */
		return old && tales_of(t, tale) >= t->facts->per_signal;
	case 1: /* claimed once, long ago: with the claim; what is told later has none */
		return t->first || older;
	default:
		return older;
	}
}

static void check_tales(const struct tellers *t)
{
	uint32_t n = 0, strangers = 0;

	for (unsigned i = 0; i < t->n; i++) {
		const struct tale *tale = &t->tales[i];
		const struct fact *fact;

		if (tale->gone)
			continue;
		fact = facts_find(
			t->facts, &t->subjects[tale->subject],
			&(struct saying){.value = {(const uint8_t *)tale->value, tale->len},
					 .signal = tale->signal,
					 .port = tale->port});
		assert_non_null(fact);
		assert_int_equal(fact->count, tale->count);
		assert_int_equal(fact->last_ns, tale->last_ns);
		assert_ptr_equal(fact, facts_at(t->facts, n++)); /* in the order of arrival */
		strangers += tale->subject % 4 == 3;
		assert_int_equal(facts_head(t->facts, fact, false)->n, tales_of(t, tale));
	}
	assert_int_equal(t->facts->n, n);
	assert_int_equal(t->facts->strangers_n, strangers);
}

static void age_tales(struct tellers *t, int64_t keep_s, int64_t strangers_s)
{
	static bool goes[TOLD];

	for (unsigned i = 0; i < t->n; i++)
		goes[i] = t->tales[i].gone || tale_goes(t, &t->tales[i], keep_s, strangers_s);
	age_all(t->s, keep_s, strangers_s);
	t->first = false;
	for (unsigned i = 0; i < t->n; i++)
		t->tales[i].gone = goes[i];
	check_tales(t);
}

static void run_tellers(uint64_t seed, const struct catalogue *c)
{
	struct tellers t = {.s = scene_seeded(NULL, seed), .d = draw_from(seed), .first = true};

	scene_listen(t.s, c);
	t.tales = calloc(TOLD, sizeof *t.tales);
	assert_non_null(t.tales);
	make_subjects(&t);
	scene_wait(t.s, 5000 * 1000);
	for (int i = 0; t.facts == NULL; i++) { /* one that hears nothing of all this */
		assert_true(i < LANES);
		if (t.s->listeners->lane[i].facts.n == 0)
			t.facts = &t.s->listeners->lane[i].facts;
	}
	for (int round = 0; round < 12 && t.n < TOLD - 300; round++) {
		for (int i = 0; i < 300; i++) {
			t.s->now_ns += (int64_t)draw_below(&t.d, 8 * NS_PER_S);
			scene_tick(t.s, true);
			tell_one(&t);
		}
		/* Proven devices show themselves. */
		for (unsigned i = 0; i < SUBJECTS; i += 4)
			scene_after(t.s, 1,
				    make_udp(home(20 + i, 1024), stranger_at("203.0.113.9", 53),
					     NULL, 0));
		age_tales(&t, 3000, (int64_t)draw_below(&t.d, 3000));
	}
	assert_true(t.facts->texts_n <= t.facts->texts_cap);
	free(t.tales);
	scene_free(t.s);
}

static void test_facts(void **state)
{
	struct catalogue c;

	(void)state;
	small_catalogue(&c, &(struct small_files){.makers = NULL});
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run_tellers(seed, &c);
	catalogue_fini(&c);
}

static struct login_fact login_of(const struct scene *s, struct end server, struct end client,
				  uint8_t outcome)
{
	return (struct login_fact){.server = server.addr,
				   .client = client.addr,
				   .server_mac = world_mac_find(&s->world, &server.mac),
				   .client_mac = world_mac_find(&s->world, &client.mac),
				   .last_ns = s->now_ns,
				   .first_ns = s->now_ns,
				   .count = 1,
				   .outcome = outcome,
				   .port = 23,
				   .server_ours = true,
				   .pair = PAIR_OWN};
}

/* Strangers' tries go by their own time, what was accepted by ours; both with their server. */
static void test_logins(void **state)
{
	struct scene *s = scene_new(NULL);
	struct end server = home(20, 23), client = stranger_at("203.0.113.9", 1024);
	struct catalogue c;
	struct facts *facts;
	struct login_fact login;

	(void)state;
	small_catalogue(&c, &(struct small_files){.makers = NULL});
	scene_listen(s, &c);
	facts = &s->listeners->lane[9].facts;
	scene_handshake(s, client, server);
	for (unsigned i = 0; i < 50; i++) {
		client.addr = addr_v4(0x0b000000 + i);
		login = login_of(s, server, client, i % 5 == 0 ? LOGIN_ACCEPTED : LOGIN_REFUSED);
		assert_non_null(facts_add_login(facts, &login));
	}
	scene_wait(s, 3600 * 1000);
	scene_handshake(s, client, server);
	age_all(s, 7200, 1800);
	assert_int_equal(facts->logins_n, 10);
	for (unsigned i = 0; i < 50; i += 5) {
		client.addr = addr_v4(0x0b000000 + i);
		login = login_of(s, server, client, LOGIN_ACCEPTED);
		assert_int_equal(facts_add_login(facts, &login)->count, 2);
	}
	scene_wait(s, 3 * 3600 * 1000);
	age_all(s, 7200, 1800);
	assert_int_equal(facts->logins_n, 0);
	assert_null(scene_binding(s, server));
	catalogue_fini(&c);
	scene_free(s);
}

/* ---- conversations --------------------------------------------------------------------------------------------- */

enum { TALKS = 60 };

static struct packet with_bytes(struct packet p, const char *text)
{
	p.payload = (const uint8_t *)text;
	p.payload_len = p.payload_wire = (uint32_t)strlen(text);
	p.ip_len = 40 + p.payload_len;
	p.wire_len = 54 + p.payload_len;
	return p;
}

static bool is_told(const struct scene *s, const char *agent)
{
	for (int i = 0; i < LANES; i++) {
		const struct facts *f = &s->listeners->lane[i].facts;

		for (uint32_t k = 0; k < f->n; k++) {
			if (facts_at(f, k)->signal == SIGNAL_http_agent &&
			    bytes_are(fact_value(f, facts_at(f, k)), agent))
				return true;
		}
	}
	return false;
}

/* What knows a conversation by its position knows the right one. */
static void check_flows(const struct listener *l)
{
	for (uint32_t i = 0; i < l->flows.n; i++) {
		const struct flow *f = flows_at(&l->flows, i);

		assert_int_equal(flows_position(&l->flows, f), i);
		for (int side = 0; side < 2; side++) {
			const struct window *w;

			if (f->side[side].window == 0)
				continue;
			w = stripe_at(&l->flows.windows, f->side[side].window - 1U);
			assert_int_equal(w->owner, i + 1);
			assert_int_equal(w->side, side);
		}
		for (uint32_t at = f->state; at != 0;) {
			const struct parser_state *state = stripe_at(&l->states, at - 1);

			assert_int_equal(state->owner, i + 1);
			at = state->next;
		}
	}
}

/* Requests of which half is said wait in windows and parsers' states; every third goes silent, and is forgotten. */
static void test_conversations(void **state)
{
	static const char begin[] = "GET / HTTP/1.1\r\nHost: lab.example\r\nUser-Agent: ";
	struct scene *s = scene_new(NULL);
	char rest[TALKS][64];
	struct catalogue c;

	(void)state;
	small_catalogue(&c, &(struct small_files){.makers = NULL});
	scene_listen(s, &c);
	for (unsigned i = 0; i < TALKS; i++) {
		struct end host = home(20 + i, 2000), server = stranger_at("203.0.113.9", 80);

		scene_handshake(s, host, server);
		scene_after(
			s, 1,
			with_bytes(make_tcp(host, server, TCP_ACK | TCP_PSH, 1001, 5001), begin));
	}
	scene_wait(s, 3600 * 1000);
	for (unsigned i = 0; i < TALKS; i++) {
		struct end host = home(20 + i, 2000), server = stranger_at("203.0.113.9", 80);

		/* Said again, for a sign of life. */
		if (i % 3 != 0)
			scene_after(
				s, 1,
				with_bytes(make_tcp(host, server, TCP_ACK | TCP_PSH, 1001, 5001),
					   begin));
	}
	age_all(s, 1800, 1800);
	for (int i = 0; i < LANES; i++)
		check_flows(&s->listeners->lane[i]);
	for (unsigned i = 0; i < TALKS; i++) {
		struct end host = home(20 + i, 2000), server = stranger_at("203.0.113.9", 80);

		snprintf(rest[i], sizeof rest[i], "lab-agent-%u\r\n\r\n", i);
		scene_after(s, 1,
			    with_bytes(make_tcp(host, server, TCP_ACK | TCP_PSH,
						1001 + (uint32_t)strlen(begin), 5001),
				       rest[i]));
	}
	for (unsigned i = 0; i < TALKS; i++) {
		*strchr(rest[i], '\r') = '\0';
		assert_int_equal(is_told(s, rest[i]), i % 3 != 0);
	}
	catalogue_fini(&c);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_conversations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
