/* SPDX-License-Identifier: MIT */
/*
 * store/join: who is who. A phone that takes another MAC goes on, two phones stay two, and whatever comes in whatever order,
 * the store groups identities as a naive twin does that keeps all in one list and looks at every pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "draw.h"
#include "kept.h"
#include "store/inside.h"

static const char lease[] = "1,3,6,15,26,28,51,58,59,43 android-dhcp-13";

/* ---- names ------------------------------------------------------------------------------------------------------ */

static void test_names(void **state)
{
	static const char *const own[] = {"annas-iphone",
					  "Anna's iPhone",
					  "DESKTOP-7Q2K9LM",
					  "front-door",
					  "android-1a2b3c4d5e6f7a8b",
					  "LAPTOP-AB12CD34",
					  "m\xc3\xbcller"};
	static const char *const common[] = {
		"iPhone",	"iPad",	   "android",	"Galaxy-S9",   "Pixel-7",	"SM-G991B",
		"Redmi-Note-9", "",	   "localhost", "esp",	       "12345678",	"-",
		"phone1",	"camera2", "wlan0",	"raspberrypi", "Windows-Phone", "Mi-9T"};

	(void)state;
	for (size_t i = 0; i < COUNT(own); i++)
		assert_true(name_is_distinctive(own[i]));
	for (size_t i = 0; i < COUNT(common); i++)
		assert_false(name_is_distinctive(common[i]));
}

/* ---- one story after the other ------------------------------------------------------------------------------------ */

struct phone {
	uint8_t number; /* of its MAC */
	bool random;
	const char *name;
	const char *lease;
};

static const struct phone anna_1 = {1, true, "annas-phone", lease};
static const struct phone anna_2 = {2, true, "annas-phone", lease};

static struct store_change seen(struct kept *k, const struct phone *p, int64_t first, int64_t last)
{
	struct told t;

	told_init(&t, p->random, p->number, NULL, START + first, START + last);
	t.name[0] = p->name;
	t.d.names_n = p->name != NULL;
	t.d.lease = p->lease;
	k->now = START + last;
	return kept_tell(k, &t.d);
}

static size_t devices(struct kept *k)
{
	return kept_all(k).devices_n;
}

static void test_another_mac(void **state)
{
	struct kept *k = kept_new();
	struct store_span *spans;
	struct store_change c;
	struct judged j;
	size_t n;

	(void)state;
	seen(k, &anna_1, 0, HOUR);
	c = seen(k, &anna_2, HOUR + MINUTE, HOUR + MINUTE);
	assert_true(c.device_new); /* the first may yet come back */
	seen(k, &anna_2, HOUR + MINUTE, HOUR + 10 * MINUTE);
	assert_int_equal(devices(k), 2);
	seen(k, &anna_2, HOUR + MINUTE, HOUR + 16 * MINUTE);
	assert_int_equal(devices(k), 1);
	j = kept_all(k);
	assert_string_equal(j.devices[0].id, "mac:02:00:5e:00:53:02");
	assert_int_equal(j.devices[0].first_ns, START);
	assert_int_equal(j.devices[0].packets_out, 20);
	assert_int_equal(store_identity(k->s, "mac:02:00:5e:00:53:01", &k->arena, &spans, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(spans[0].what, "name");
	assert_string_equal(spans[1].value, "02:00:5e:00:53:01");
	assert_string_equal(spans[2].value, "02:00:5e:00:53:02");
	/* Found by any of its names. */
	assert_int_equal(kept_report(k, INT64_MIN, INT64_MAX, "02:00:5e:00:53:01").devices_n, 1);
	kept_free(k);
}

/* What was found under the old MAC stands with the new one. */
static void test_deeds_go_along(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct told t;

	(void)state;
	told_init(&t, true, 1, NULL, START, START + MINUTE);
	t.name[0] = "annas-phone";
	t.d.names_n = 1;
	t.d.lease = lease;
	told_infected(&t, START, START + MINUTE);
	kept_tell(k, &t.d);
	c = seen(k, &anna_2, HOUR, 2 * HOUR);
	assert_int_equal(devices(k), 1);
	assert_int_equal(c.now.verdict, VERDICT_INFECTED);
	assert_int_equal(c.now.evidence_n, 1);
	assert_false(c.device_new || c.verdict || c.evidence_new != 0);
	assert_int_equal(kept_all(k).devices[0].verdict, VERDICT_INFECTED);
	kept_free(k);
}

static void test_stay_two(void **state)
{
	static const struct phone other[] = {
		{2, false, "annas-phone", lease},	 /* its MAC is its own */
		{2, true, "annas-phone", "1,3,6 other"}, /* it asks in another way */
		{2, true, "annas-phone", NULL},
		{2, true, "pauls-phone", lease},
		{2, true, NULL, lease}};

	(void)state;
	for (size_t i = 0; i < COUNT(other); i++) {
		struct kept *k = kept_new();

		seen(k, &anna_1, 0, HOUR);
		seen(k, &other[i], 2 * HOUR, 3 * HOUR);
		seen(k, &other[i], 2 * HOUR, 5 * HOUR);
		assert_int_equal(devices(k), 2);
		kept_free(k);
	}
}

/* What many have joins nobody. */
static void test_common_names(void **state)
{
	static const struct phone first = {1, true, "iPhone", lease},
				  second = {2, true, "iPhone", lease};
	struct kept *k = kept_new();

	(void)state;
	seen(k, &first, 0, HOUR);
	seen(k, &second, 2 * HOUR, 3 * HOUR);
	assert_int_equal(devices(k), 2);
	kept_free(k);
}

/* Both at once: never one, and a third that comes is neither. */
static void test_two_of_one_name(void **state)
{
	static const struct phone third = {3, true, "annas-phone", lease};
	struct kept *k = kept_new();

	(void)state;
	seen(k, &anna_1, 0, HOUR);
	seen(k, &anna_2, HOUR / 2, 2 * HOUR);
	seen(k, &anna_2, HOUR / 2, 9 * HOUR);
	assert_int_equal(devices(k), 2);
	seen(k, &third, 10 * HOUR, 11 * HOUR);
	assert_int_equal(devices(k), 3);
	kept_free(k);
}

/* It was another after all: it speaks while the one that it was taken for does, and they part for good. */
static void test_parted(void **state)
{
	struct kept *k = kept_new();
	struct judged j;

	(void)state;
	seen(k, &anna_1, 0, HOUR);
	seen(k, &anna_2, 2 * HOUR, 3 * HOUR);
	assert_int_equal(devices(k), 1);
	seen(k, &anna_1, 0, 3 * HOUR + MINUTE);
	assert_int_equal(devices(k), 1); /* it may have changed back */
	seen(k, &anna_2, 2 * HOUR, 3 * HOUR + 2 * MINUTE);
	seen(k, &anna_1, 0, 3 * HOUR + 3 * MINUTE);
	assert_int_equal(devices(k), 2);
	seen(k, &anna_2, 2 * HOUR, 9 * HOUR);
	seen(k, &anna_1, 0, 20 * HOUR);
	assert_int_equal(devices(k), 2);
	j = kept_all(k);
	assert_int_equal(j.devices[0].packets_out, 10);
	assert_int_equal(j.devices[1].packets_out, 10);
	kept_free(k);
}

/* One MAC a network: by day this one and by night that one, and one device. */
static void test_back_and_forth(void **state)
{
	struct kept *k = kept_new();
	int64_t t = 0;

	(void)state;
	for (int day = 0; day < 5; day++, t += 24 * HOUR) {
		seen(k, &anna_1, 0, t + HOUR);
		seen(k, &anna_1, 0, t + 10 * HOUR);
		seen(k, &anna_2, 12 * HOUR, t + 13 * HOUR);
		seen(k, &anna_2, 12 * HOUR, t + 20 * HOUR);
	}
	assert_int_equal(devices(k), 1);
	kept_free(k);
}

/* A MAC a day for a year is one phone. */
static void test_a_mac_a_day(void **state)
{
	struct kept *k = kept_new();

	(void)state;
	k->options.history_ns = 400 * DAY;
	kept_restart(k, 1);
	for (int day = 0; day < 200; day++) {
		struct phone p = anna_1;

		p.number = (uint8_t)day;
		seen(k, &p, day * DAY, day * DAY + MINUTE);
		seen(k, &p, day * DAY, day * DAY + HOUR);
	}
	assert_int_equal(devices(k), 1);
	assert_int_equal(kept_all(k).devices[0].packets_out, 10 * 64); /* of as many as are read */
	kept_free(k);
}

/* DHCP gives addresses anew, and two swap theirs: each is who it was. */
static void test_addresses_swap(void **state)
{
	struct kept *k = kept_new();
	struct told a, b;
	struct judged j;

	(void)state;
	told_init(&a, false, 1, "192.0.2.7", START, START);
	told_init(&b, false, 2, "192.0.2.8", START, START);
	kept_tell(k, &a.d);
	kept_tell(k, &b.d);
	kept_restart(k, 2);
	k->now += HOUR;
	told_init(&a, false, 1, "192.0.2.8", k->now, k->now);
	told_init(&b, false, 2, "192.0.2.7", k->now, k->now);
	kept_tell(k, &a.d);
	kept_tell(k, &b.d);
	j = kept_all(k);
	assert_int_equal(j.devices_n, 2);
	assert_int_equal(j.devices[0].addresses_n, 1); /* that of now; both stand in its identity */
	assert_int_equal(j.devices[0].addresses[0].b[15], 8);
	kept_free(k);
}

/* ---- the twin ------------------------------------------------------------------------------------------------------ */

enum { PHONES = 12, PEOPLE = 3, TELLINGS = 400 };

struct twin {
	bool told, alone, joined;
	int group;
	int person;
	int64_t began, last, look;
};

static void twin_part(struct twin *all, int i)
{
	int least = -1;

	for (int o = 0; o < PHONES; o++) {
		if (o != i && all[o].told && all[o].group == all[i].group && least < 0)
			least = o;
	}
	if (all[i].group == i) {
		for (int o = 0; o < PHONES; o++) {
			if (o != i && all[o].told && all[o].group == i)
				all[o].group = PHONES + least; /* renamed below */
		}
		for (int o = 0; o < PHONES; o++) {
			if (all[o].group == PHONES + least)
				all[o].group = least;
		}
	}
	all[i].group = i;
	all[i].alone = true;
}

static void twin_tell(struct twin *all, int i, int64_t now)
{
	struct twin *t = &all[i];
	bool between = false, doubt = false;
	int found = -1;

	if (!t->told) {
		*t = (struct twin){.told = true,
				   .group = i,
				   .person = t->person,
				   .began = now,
				   .last = now,
				   .look = -MINUTE};
	}
	for (int o = 0; o < PHONES; o++)
		between |= o != i && all[o].told && all[o].group == t->group &&
			   all[o].last > t->last && all[o].last < now;
	if (between && t->joined && now - t->last < 15 * MINUTE)
		twin_part(all, i);
	if (!t->alone && !t->joined && now >= t->look) {
		t->look = t->look < 0 ? 0 : now + MINUTE;
		for (int o = 0; o < PHONES; o++) {
			const struct twin *other = &all[o];

			if (!other->told || other->group == t->group || other->person != t->person)
				continue;
			doubt |= other->last >= t->began || other->alone ||
				 now - other->last < 15 * MINUTE;
			doubt |= found >= 0 && found != other->group;
			found = other->group;
		}
		if (found >= 0 && !doubt) {
			int mine = t->group;

			for (int o = 0; o < PHONES; o++) {
				if (!all[o].told || (all[o].group != mine && all[o].group != found))
					continue;
				all[o].group = found;
				all[o].joined = true;
			}
		}
	}
	t->last = now;
}

static int64_t group_of(struct kept *k, int i)
{
	char id[32];
	int64_t group = -1;

	snprintf(id, sizeof id, "mac:02:00:5e:00:53:%02x", (unsigned)i);
	if (sql_ask(k->s, SQL_DEVICE_OF, "t", id))
		group = sql_int(k->s, SQL_DEVICE_OF, 0);
	sql_done(k->s, SQL_DEVICE_OF);
	return group;
}

static void test_as_the_twin(void **state)
{
	static const char *const names[PEOPLE] = {"annas-phone", "pauls-phone", "marys-phone"};
	unsigned joined = 0, parted = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct kept *k = kept_new();
		struct twin twins[PHONES] = {{.told = false}};
		struct draw d = {.state = seed};
		int64_t now = 0;

		for (int i = 0; i < TELLINGS; i++) {
			int who = (int)draw_below(&d, PHONES);
			struct phone p = {(uint8_t)who, true, names[who % PEOPLE], lease};

			/* Mostly long silences, so that there is something to join. */
			now += draw_below(&d, 3) == 0 ? (int64_t)draw_below(&d, 5) * MINUTE
						      : (int64_t)draw_below(&d, 90) * MINUTE;
			now += NS_PER_S;
			twins[who].person = who % PEOPLE;
			twin_tell(twins, who, now);
			seen(k, &p, twins[who].began, now);
		}
		for (int a = 0; a < PHONES; a++) {
			parted += twins[a].alone;
			joined += twins[a].group != a;
			for (int b = 0; b < PHONES; b++) {
				if (twins[a].told && twins[b].told)
					assert_int_equal(group_of(k, a) == group_of(k, b),
							 twins[a].group == twins[b].group);
			}
		}
		kept_free(k);
	}
	assert_true(joined > 5);
	assert_true(parted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_another_mac),
		cmocka_unit_test(test_deeds_go_along), cmocka_unit_test(test_stay_two),
		cmocka_unit_test(test_common_names),   cmocka_unit_test(test_two_of_one_name),
		cmocka_unit_test(test_parted),	       cmocka_unit_test(test_back_and_forth),
		cmocka_unit_test(test_a_mac_a_day),    cmocka_unit_test(test_addresses_swap),
		cmocka_unit_test(test_as_the_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
