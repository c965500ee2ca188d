/* SPDX-License-Identifier: MIT */
/* contain/gate: who is through, case by case; then all combinations, against the rules said again in another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contain/gate.h"

enum { THEN = 1000, WORD = 2000, LATER = 3000 };

#define AT(service_, kind_, time_)                                                                 \
	{                                                                                          \
		.service = (service_), .kind = (kind_), .time_ns = (time_)                         \
	}

struct row {
	const char *what;
	struct access accesses[3];
	bool known, thing, unfixable, before, shielded, telnet;
	enum gate_word word;
	enum gate_state was;
	enum gate_reason because;
	enum gate_state state;
	enum gate_reason reason;
	const char *service;
};

static const struct row rows[] = {
	{"nothing is known", .state = GATE_NEW, .reason = GATE_UNKNOWN},
	{"a phone", .known = true, .state = GATE_OPEN, .reason = GATE_COMPUTER},
	{"a camera that nobody used", .known = true, .thing = true, .state = GATE_WAITING,
	 .reason = GATE_UNUSED},
	{"the factory password",
	 {AT("http/80", ACCESS_FACTORY, LATER)},
	 .known = true,
	 .thing = true,
	 .state = GATE_WAITING,
	 .reason = GATE_FACTORY,
	 .service = "http/80"},
	{"an own password on the page, and telnet nobody used",
	 {AT("http/80", ACCESS_OWN, LATER), AT("telnet/23", ACCESS_NONE, 0)},
	 .known = true,
	 .thing = true,
	 .state = GATE_WAITING,
	 .reason = GATE_UNSEEN,
	 .service = "telnet/23"},
	{"an own password on the page, and the factory's at telnet",
	 {AT("http/80", ACCESS_OWN, LATER), AT("telnet/23", ACCESS_FACTORY, THEN)},
	 .known = true,
	 .thing = true,
	 .state = GATE_WAITING,
	 .reason = GATE_FACTORY,
	 .service = "telnet/23"},
	{"an own password on the page, and telnet of a maker nobody knows",
	 {AT("http/80", ACCESS_OWN, LATER)},
	 .telnet = true,
	 .state = GATE_WAITING,
	 .reason = GATE_UNSEEN,
	 .service = "telnet/23"},
	{"own passwords everywhere",
	 {AT("http/80", ACCESS_OWN, LATER), AT("telnet/23", ACCESS_OWN, THEN)},
	 .known = true,
	 .thing = true,
	 .telnet = true,
	 .state = GATE_OPEN,
	 .reason = GATE_OWN},
	{"an own password at what nobody knows",
	 {AT("http/80", ACCESS_OWN, LATER)},
	 .state = GATE_OPEN,
	 .reason = GATE_OWN},
	{"inside TLS",
	 {AT("https/443", ACCESS_HIDDEN, LATER)},
	 .known = true,
	 .thing = true,
	 .state = GATE_WAITING,
	 .reason = GATE_HIDDEN,
	 .service = "https/443"},
	{"inside TLS, and its owner says so",
	 {AT("https/443", ACCESS_HIDDEN, LATER)},
	 .known = true,
	 .thing = true,
	 .word = GATE_CONFIRMED,
	 .state = GATE_OPEN,
	 .reason = GATE_BY_OWNER},
	{"confirmed after the factory password was changed",
	 {AT("http/80", ACCESS_FACTORY, THEN)},
	 .word = GATE_CONFIRMED,
	 .state = GATE_OPEN,
	 .reason = GATE_BY_OWNER},
	{"confirmed, and then the factory password",
	 {AT("http/80", ACCESS_FACTORY, LATER)},
	 .word = GATE_CONFIRMED,
	 .was = GATE_OPEN,
	 .because = GATE_BY_OWNER,
	 .state = GATE_WAITING,
	 .reason = GATE_FACTORY,
	 .service = "http/80"},
	{"confirmed, but it can't be changed",
	 {{.service = "telnet/23", .kind = ACCESS_NONE, .unchangeable = true}},
	 .word = GATE_CONFIRMED,
	 .state = GATE_NEVER,
	 .reason = GATE_UNCHANGEABLE,
	 .service = "telnet/23"},
	{"it can't be changed, and its owner overrides",
	 {{.service = "telnet/23", .kind = ACCESS_FACTORY, .unchangeable = true, .time_ns = LATER}},
	 .unfixable = true,
	 .word = GATE_OVERRIDDEN,
	 .state = GATE_OPEN,
	 .reason = GATE_BY_OWNER},
	{"recalled without a fix",
	 {AT("http/80", ACCESS_OWN, LATER)},
	 .known = true,
	 .thing = true,
	 .unfixable = true,
	 .state = GATE_NEVER,
	 .reason = GATE_RECALLED},
	{"here before", .before = true, .known = true, .thing = true, .state = GATE_OPEN,
	 .reason = GATE_WAS_HERE},
	{"here before, recalled", .before = true, .unfixable = true, .state = GATE_OPEN,
	 .reason = GATE_WAS_HERE},
	{"here before, the factory password before",
	 {AT("http/80", ACCESS_FACTORY, THEN - 1)},
	 .before = true,
	 .state = GATE_OPEN,
	 .reason = GATE_WAS_HERE},
	{"here before, the factory password now",
	 {AT("http/80", ACCESS_FACTORY, THEN + 1)},
	 .before = true,
	 .was = GATE_OPEN,
	 .because = GATE_WAS_HERE,
	 .state = GATE_WAITING,
	 .reason = GATE_FACTORY,
	 .service = "http/80"},
	{"closed by its owner", .before = true, .known = true, .word = GATE_CLOSED,
	 .state = GATE_WAITING, .reason = GATE_BY_OWNER},
	{"the gateway", .shielded = true, .word = GATE_CLOSED, .state = GATE_OPEN,
	 .reason = GATE_SHIELDED},
	{"its logins were forgotten",
	 {AT("http/80", ACCESS_NONE, 0)},
	 .known = true,
	 .thing = true,
	 .was = GATE_OPEN,
	 .because = GATE_OWN,
	 .state = GATE_OPEN,
	 .reason = GATE_OWN},
	{"a phone of a young engine", .was = GATE_OPEN, .because = GATE_COMPUTER,
	 .state = GATE_OPEN, .reason = GATE_COMPUTER},
	{"a phone that turned out to be a camera", .known = true, .thing = true, .was = GATE_OPEN,
	 .because = GATE_COMPUTER, .state = GATE_WAITING, .reason = GATE_UNUSED},
	{"a shield that is no more", .was = GATE_OPEN, .because = GATE_SHIELDED, .state = GATE_NEW,
	 .reason = GATE_UNKNOWN},
};

static const struct exposure telnet = {.kind = EXPOSURE_OPEN_TELNET, .service = "telnet/23"};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		struct device d = {.known = r->known,
				   .thing = r->thing,
				   .unfixable = r->unfixable,
				   .accesses = r->accesses,
				   .exposures = &telnet,
				   .exposures_n = r->telnet};
		const struct gate_case c = {.device = &d,
					    .was = r->was,
					    .because = r->because,
					    .before = r->before,
					    .since_ns = THEN,
					    .word = r->word,
					    .word_ns = WORD,
					    .shielded = r->shielded};
		struct gate_decision got;

		while (d.accesses_n < 3 && r->accesses[d.accesses_n].service != NULL)
			d.accesses_n++;
		got = gate_decide(&c);
		if (got.state != r->state || got.reason != r->reason)
			print_error("%s: %s, %s\n", r->what, gate_words[got.state],
				    gate_reason_names[got.reason]);
		assert_int_equal(got.state, r->state);
		assert_int_equal(got.reason, r->reason);
		if (r->service == NULL)
			assert_null(got.service);
		else
			assert_string_equal(got.service, r->service);
		assert_non_null(gate_reason_words[got.reason]);
		assert_int_equal(strstr(gate_reason_words[got.reason], "%s") != NULL,
				 got.service != NULL);
	}
}

/* ---- all combinations ------------------------------------------------------------------------------------------ */

/* Speaks against it: accepted last, and neither the owner nor the gate's beginning came after it. */
static bool speaks(const struct gate_case *c, const struct access *a)
{
	bool excused = (c->word == GATE_CONFIRMED && a->time_ns <= c->word_ns) ||
		       (c->before && a->time_ns <= c->since_ns);

	return a->kind == ACCESS_FACTORY && !excused;
}

/* Is it through? The sentences of the issue, each by itself. */
static bool naive(const struct gate_case *c)
{
	const struct device *d = c->device;
	bool factory = false, fixed = d->unfixable, own = false, lacks = false;

	for (size_t i = 0; i < d->accesses_n; i++) {
		factory |= speaks(c, &d->accesses[i]);
		fixed |= d->accesses[i].unchangeable;
		own |= d->accesses[i].kind == ACCESS_OWN;
		lacks |= d->accesses[i].kind == ACCESS_NONE || d->accesses[i].kind == ACCESS_HIDDEN;
	}
	if (c->shielded || c->word == GATE_CLOSED || c->word == GATE_OVERRIDDEN)
		return c->shielded || c->word == GATE_OVERRIDDEN;
	if (c->before && !factory)
		return true;
	if (fixed || factory)
		return false;
	return c->word == GATE_CONFIRMED || (d->known && !d->thing) || (own && !lacks) ||
	       (c->was == GATE_OPEN &&
		(c->because == GATE_OWN || (c->because == GATE_COMPUTER && !d->known)));
}

static void check(const struct gate_case *c)
{
	const struct device *d = c->device;
	struct gate_decision got = gate_decide(c), again;
	struct gate_case next = *c;
	bool open = got.state == GATE_OPEN;

	assert_int_equal(open, naive(c));
	if (c->word == GATE_OVERRIDDEN)
		assert_true(open);
	for (size_t i = 0; i < d->accesses_n; i++)
		if (speaks(c, &d->accesses[i]) && c->word != GATE_OVERRIDDEN && !c->shielded)
			assert_false(open);
	/* Asked again when nothing changed, it says the same. */
	next.was = got.state;
	next.because = got.reason;
	again = gate_decide(&next);
	assert_int_equal(again.state, got.state);
	/* A confirmation shuts nothing, a close opens nothing, and the factory password opens nothing. */
	next = *c;
	next.word = GATE_CONFIRMED;
	next.word_ns = LATER + 1;
	if (open && c->word == GATE_SAID_NOTHING)
		assert_int_equal(gate_decide(&next).state, GATE_OPEN);
	next.word = GATE_CLOSED;
	if (!c->shielded)
		assert_int_not_equal(gate_decide(&next).state, GATE_OPEN);
}

static void check_worse(const struct gate_case *c, struct access *accesses)
{
	bool open = gate_decide(c).state == GATE_OPEN;

	for (size_t i = 0; i < c->device->accesses_n; i++) {
		struct access kept = accesses[i];

		accesses[i].kind = ACCESS_FACTORY;
		accesses[i].time_ns = LATER;
		if (!open)
			assert_int_not_equal(gate_decide(c).state, GATE_OPEN);
		accesses[i] = kept;
	}
}

static void test_all(void **state)
{
	static const int64_t times[] = {THEN - 1, WORD, LATER};
	struct access accesses[2];
	size_t seen = 0;

	(void)state;
	/* kinds and times of two services, which of them are there, what it is, what stands outside */
	for (unsigned a = 0; a < 3 * 4 * 3 * 4 * 3; a++)
		for (unsigned b = 0; b < 2 * 2 * 2 * 2 * 2 * 4; b++)
			for (unsigned was = 0; was < 5; was++) {
				static const enum gate_reason reasons[] = {
					GATE_UNKNOWN, GATE_OWN, GATE_COMPUTER, GATE_BY_OWNER,
					GATE_WAS_HERE};
				struct device d = {.known = b & 1,
						   .thing = b >> 1 & 1,
						   .unfixable = b >> 2 & 1,
						   .accesses = accesses,
						   .accesses_n = a % 3};
				struct gate_case c = {.device = &d,
						      .was = was == 0 ? GATE_WAITING : GATE_OPEN,
						      .because = reasons[was],
						      .before = b >> 3 & 1,
						      .since_ns = THEN,
						      .word = (enum gate_word)(b >> 5),
						      .word_ns = WORD};

				accesses[0] = (struct access){.service = "http/80",
							      .kind = (enum access_kind)(a / 3 % 4),
							      .time_ns = times[a / 12 % 3],
							      .unchangeable = b >> 4 & 1};
				accesses[1] =
					(struct access){.service = "telnet/23",
							.kind = (enum access_kind)(a / 36 % 4),
							.time_ns = times[a / 144 % 3]};
				for (int s = 0; s < 2; s++) {
					c.shielded = s;
					check(&c);
					check_worse(&c, accesses);
					seen++;
				}
			}
	assert_int_equal(seen, 3 * 4 * 3 * 4 * 3 * 128 * 5 * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
					   cmocka_unit_test(test_all)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
