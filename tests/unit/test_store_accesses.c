/* SPDX-License-Identifier: MIT */
/*
 * store/accesses: what was told of logins comes back as it was; what the engine forgot, or a new life does not know yet, takes
 * nothing away; and what was a mistake goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kept.h"

static const char id[] = "mac:00:00:5e:00:53:01";

struct camera {
	struct told t;
	struct access access[8];
};

static void camera_init(struct camera *c, int64_t now)
{
	*c = (struct camera){.access = {{0}}};
	told_init(&c->t, false, 1, "192.0.2.7", START, now);
	c->t.d.accesses = c->access;
	c->t.d.known = c->t.d.thing = true;
}

static void offers(struct camera *c, const char *service, enum access_kind kind, int64_t time_ns)
{
	c->access[c->t.d.accesses_n++] =
		(struct access){.service = service, .kind = kind, .time_ns = time_ns};
}

static void expect(struct kept *k, const char *text)
{
	struct judged all = kept_all(k);
	const struct device *d = kept_find(&all, id);
	char is[512] = "";

	assert_non_null(d);
	for (size_t i = 0; i < d->accesses_n; i++) {
		strcat(is, i > 0 ? " " : "");
		strcat(is, d->accesses[i].service);
		strcat(is, "=");
		strcat(is, access_words[d->accesses[i].kind]);
	}
	if (strcmp(is, text) != 0)
		fail_msg("\"%s\", not \"%s\"", is, text);
}

static void test_comes_back(void **state)
{
	struct kept *k = kept_new();
	struct camera c;
	struct judged all;
	const struct device *d;

	(void)state;
	camera_init(&c, k->now);
	offers(&c, "http/80", ACCESS_OWN, START + 5);
	offers(&c, "telnet/23", ACCESS_FACTORY, START + 6);
	c.access[1].unchangeable = true;
	c.access[1].where = (struct where){0, 99};
	c.t.d.unfixable = true;
	kept_tell(k, &c.t.d);
	all = kept_all(k);
	d = kept_find(&all, id);
	assert_int_equal(d->accesses_n, 2);
	assert_int_equal(d->accesses[0].time_ns, START + 5);
	assert_false(d->accesses[0].unchangeable);
	assert_string_equal(d->accesses[1].service, "telnet/23");
	assert_int_equal(d->accesses[1].kind, ACCESS_FACTORY);
	assert_true(d->accesses[1].unchangeable);
	assert_int_equal(d->accesses[1].where.packet, 99);
	assert_true(d->known && d->thing && d->unfixable);
	kept_free(k);
}

/* In one life the engine's word counts; what it forgot for its age does not change. */
static void test_one_life(void **state)
{
	struct kept *k = kept_new();
	struct camera c;

	(void)state;
	camera_init(&c, k->now);
	offers(&c, "http/80", ACCESS_FACTORY, START);
	offers(&c, "rtsp/554", ACCESS_NONE, 0);
	kept_tell(k, &c.t.d);
	c.access[0].kind = ACCESS_NONE; /* refused */
	c.access[0].time_ns = START + MINUTE;
	kept_tell(k, &c.t.d);
	expect(k, "http/80=none rtsp/554=none");
	c.access[0].kind = ACCESS_OWN;
	c.access[0].time_ns = START + 2 * MINUTE;
	kept_tell(k, &c.t.d);
	expect(k, "http/80=own rtsp/554=none");
	c.access[0].kind = ACCESS_NONE; /* forgotten */
	c.access[0].time_ns = 0;
	kept_tell(k, &c.t.d);
	expect(k, "http/80=own rtsp/554=none");
	c.t.d.accesses_n = 1; /* the other was a mistake */
	kept_tell(k, &c.t.d);
	expect(k, "http/80=own");
	c.t.d.accesses_n = 0; /* … and so is this, for it is young; old, it was forgotten */
	k->now += 8 * DAY;
	c.t.d.last_ns = k->now;
	kept_tell(k, &c.t.d);
	expect(k, "http/80=own");
	kept_free(k);
}

static void test_a_young_mistake(void **state)
{
	struct kept *k = kept_new();
	struct camera c;

	(void)state;
	camera_init(&c, k->now);
	offers(&c, "http/80", ACCESS_OWN, START);
	kept_tell(k, &c.t.d);
	c.t.d.accesses_n = 0;
	kept_tell(k, &c.t.d);
	expect(k, "");
	kept_free(k);
}

/* A new life that lost all tables: silence opens nothing and closes nothing, and what is told handed back is the whole. */
static void test_new_life(void **state)
{
	struct kept *k = kept_new();
	struct store_change change;
	struct camera c;

	(void)state;
	camera_init(&c, k->now);
	offers(&c, "http/80", ACCESS_OWN, START);
	offers(&c, "rtsp/554", ACCESS_NONE, 0);
	offers(&c, "telnet/23", ACCESS_FACTORY, START);
	kept_tell(k, &c.t.d);
	kept_restart(k, 2);
	k->now += HOUR;
	camera_init(&c, k->now);
	c.t.d.known = c.t.d.thing = false;
	change = kept_tell(k, &c.t.d);
	expect(k, "http/80=own rtsp/554=none telnet/23=factory");
	assert_int_equal(change.now.accesses_n, 3);
	assert_true(change.now.known && change.now.thing);
	offers(&c, "http/80", ACCESS_NONE, 0);
	offers(&c, "telnet/23", ACCESS_OWN, k->now);
	change = kept_tell(k, &c.t.d);
	expect(k, "http/80=own rtsp/554=none telnet/23=own");
	assert_int_equal(change.now.accesses_n, 3);
	assert_int_equal(change.now.accesses[0].kind, ACCESS_OWN);
	/* That there is a service is not for ever: what nobody offers any more goes in time. A login stays. */
	k->now += 8 * DAY;
	c.t.d.last_ns = k->now;
	kept_tell(k, &c.t.d);
	kept_tidy(k);
	expect(k, "http/80=own telnet/23=own");
	kept_free(k);
}

/* What it is, and that there is no fix: not to know it is no news. */
static void test_flags(void **state)
{
	struct kept *k = kept_new();
	struct store_change change;
	struct camera c;

	(void)state;
	camera_init(&c, k->now);
	c.t.d.unfixable = true;
	kept_tell(k, &c.t.d);
	kept_restart(k, 2);
	c.t.d.known = c.t.d.thing = c.t.d.unfixable = false;
	change = kept_tell(k, &c.t.d);
	assert_true(change.now.known && change.now.thing && change.now.unfixable);
	c.t.d.known = true; /* told by itself: a computer */
	change = kept_tell(k, &c.t.d);
	assert_true(change.now.known && !change.now.thing && change.now.unfixable);
	c.t.d.model = "LC-2"; /* of which no recall says so */
	change = kept_tell(k, &c.t.d);
	assert_false(change.now.unfixable);
	kept_free(k);
}

/* Services without end: so many stay, those told of last. */
static void test_bounded(void **state)
{
	struct kept *k = kept_new();
	struct camera c;
	char names[8][16];
	struct judged all;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		k->now += HOUR;
		kept_restart(k, round + 1);
		camera_init(&c, k->now);
		for (unsigned i = 0; i < 8; i++) {
			snprintf(names[i], sizeof names[i], "http/%u", round * 8 + i);
			offers(&c, names[i], ACCESS_OWN, k->now);
		}
		kept_tell(k, &c.t.d);
	}
	all = kept_all(k);
	assert_int_equal(kept_find(&all, id)->accesses_n, 32);
	for (unsigned i = 0; i < 8; i++)
		assert_string_equal(kept_find(&all, id)->accesses[24 + i].service, names[i]);
	kept_free(k);
}

/*
 * Random tellings against the rule said plainly: of each service the last login that was told, whatever lives there were in
 * between; and nothing without a login while there was one.
 */
static void test_against_a_list(void **state)
{
	static const char *const services[] = {"dvrip/34567", "http/80", "rtsp/554", "telnet/23"};
	struct kept *k = kept_new();
	struct {
		enum access_kind kind;
		int64_t time_ns;
		bool there;
	} plain[4] = {{0}};
	uint64_t seed = 47;
	uint64_t life = 1;

	(void)state;
	for (unsigned step = 0; step < 400; step++) {
		char text[256] = "";
		struct camera c;

		k->now += MINUTE;
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		if (seed >> 60 == 0)
			kept_restart(k, ++life);
		camera_init(&c, k->now);
		for (unsigned i = 0; i < 4; i++) {
			enum access_kind kind = (enum access_kind)(seed >> (20 + 4 * i) & 3);
			bool silent = (seed >> (40 + i) & 1) != 0;

			if (silent || kind == ACCESS_NONE) {
				offers(&c, services[i], ACCESS_NONE, 0);
				plain[i].there = true;
				continue;
			}
			offers(&c, services[i], kind, k->now);
			plain[i].kind = kind;
			plain[i].time_ns = k->now;
			plain[i].there = true;
		}
		kept_tell(k, &c.t.d);
		for (unsigned i = 0; i < 4; i++) {
			if (!plain[i].there)
				continue;
			strcat(text, text[0] != '\0' ? " " : "");
			strcat(text, services[i]);
			strcat(text, "=");
			strcat(text, access_words[plain[i].kind]);
		}
		expect(k, text);
	}
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back),	cmocka_unit_test(test_one_life),
		cmocka_unit_test(test_a_young_mistake), cmocka_unit_test(test_new_life),
		cmocka_unit_test(test_flags),		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_against_a_list)};

	return cmocka_run_group_tests_name("store_accesses", tests, NULL, NULL);
}
