/* SPDX-License-Identifier: MIT */
/*
 * store: what is told comes back; what is new is said once; verdicts over lives; what earlier lives found goes on, and goes
 * when it is too old; attacks, counters, inputs, events that wait, history.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kept.h"

/* ---- devices ------------------------------------------------------------------------------------------------------ */

static void test_new_and_again(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	c = kept_tell(k, &t.d);
	assert_true(c.device_new && c.identity && !c.verdict);
	assert_int_equal(c.evidence_new | c.exposures_new, 0);
	c = kept_tell(k, &t.d);
	assert_false(c.device_new || c.identity || c.verdict);
	told_infected(&t, START, START + MINUTE);
	told_finding(&t, "C-0101", "203.0.113.9", START, START + MINUTE);
	c = kept_tell(k, &t.d);
	assert_true(c.verdict);
	assert_int_equal(c.before, VERDICT_CLEAR);
	assert_int_equal(c.now.verdict, VERDICT_INFECTED);
	assert_int_equal(c.evidence_new, 3);
	t.evidence[0].count = 9;
	t.exposure[0] = (struct exposure){.kind = EXPOSURE_OPEN_TELNET,
					  .service = "telnet/23",
					  .detail = "a shell",
					  .where = {0, 3},
					  .time_ns = START};
	t.d.exposures_n = 1;
	c = kept_tell(k, &t.d);
	assert_int_equal(c.evidence_new, 0);
	assert_int_equal(c.exposures_new, 1);
	assert_false(c.verdict || c.device_new || c.identity);
	assert_int_equal(c.now.evidence[0].count, 9);
	/* In other words, as numbers in them grow, it is no other one; a second one is. */
	t.exposure[0].detail = "a shell, twice";
	c = kept_tell(k, &t.d);
	assert_int_equal(c.exposures_new, 0);
	assert_string_equal(c.now.exposures[0].detail, "a shell, twice");
	t.exposure[1] = t.exposure[0];
	t.exposure[0].detail = "a shell, before";
	t.d.exposures_n = 2;
	c = kept_tell(k, &t.d);
	assert_int_equal(c.exposures_new, 1);
	assert_int_equal(c.now.exposures_n, 2);
	kept_free(k);
}

/* What the engine says no more, in its own life, was a mistake of it. */
static void test_the_engines_word(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct judged j;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	told_infected(&t, START, START + MINUTE);
	told_finding(&t, "C-0101", "203.0.113.9", START, START + MINUTE);
	kept_tell(k, &t.d);
	t.d.evidence_n = 1;
	t.d.verdict = VERDICT_SUSPECT;
	t.d.confidence = CONFIDENCE_POSSIBLE;
	c = kept_tell(k, &t.d);
	assert_true(c.verdict);
	assert_int_equal(c.before, VERDICT_INFECTED);
	j = kept_all(k);
	assert_int_equal(j.devices[0].evidence_n, 1);
	t.d.evidence_n = 0;
	t.d.verdict = VERDICT_CLEAR;
	c = kept_tell(k, &t.d);
	assert_int_equal(c.before, VERDICT_SUSPECT);
	assert_int_equal(c.now.evidence_n, 0);
	j = kept_all(k);
	assert_int_equal(j.devices[0].evidence_n, 0);
	assert_int_equal(j.devices[0].verdict, VERDICT_CLEAR);
	kept_free(k);
}

/* ---- lives -------------------------------------------------------------------------------------------------------- */

/* A restart that forgot makes nobody clean, until the last sign is older than a week. */
static void test_a_restart_cleans_nobody(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct judged j;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	told_infected(&t, START, START + MINUTE);
	kept_tell(k, &t.d);
	kept_restart(k, 2);
	j = kept_all(k); /* not told yet */
	assert_int_equal(j.devices[0].verdict, VERDICT_INFECTED);
	k->now = START + DAY;
	told_init(&t, false, 1, "192.0.2.8", k->now, k->now);
	t.d.verdict = VERDICT_EXPOSED;
	c = kept_tell(k, &t.d);
	assert_false(c.verdict || c.device_new);
	assert_true(c.identity); /* another address */
	assert_int_equal(c.now.verdict, VERDICT_INFECTED);
	assert_int_equal(c.now.evidence_n, 1);
	assert_int_equal(c.evidence_new, 0);
	assert_string_equal(c.now.why, "it scans as a bot does");
	assert_int_equal(c.now.stages_n, 1);
	assert_int_equal(c.now.first_ns, START);
	assert_int_equal(c.now.packets_out, 20);
	k->now = START + 7 * DAY + 2 * MINUTE;
	t.d.last_ns = k->now;
	c = kept_tell(k, &t.d);
	assert_true(c.verdict);
	assert_int_equal(c.before, VERDICT_INFECTED);
	assert_int_equal(c.now.verdict, VERDICT_EXPOSED);
	assert_int_equal(c.now.evidence_n, 0);
	kept_free(k);
}

/* Scanned and was sure of it before a restart, attacks and is likely after it, and again: it went through both, and is sure. */
static void test_stages_of_all_lives(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	told_infected(&t, START, START + MINUTE);
	kept_tell(k, &t.d);
	for (uint64_t life = 2; life < 4; life++) {
		kept_restart(k, life);
		k->now = START + HOUR * (int64_t)life;
		told_init(&t, false, 1, "192.0.2.7", k->now, k->now);
		told_infected(&t, k->now, k->now);
		t.stage = STAGE_ATTACKING;
		t.evidence[0].code = "C-0004";
		t.d.confidence = CONFIDENCE_LIKELY;
		c = kept_tell(k, &t.d);
		assert_int_equal(c.now.verdict, VERDICT_INFECTED);
		assert_int_equal(c.now.confidence, CONFIDENCE_SURE);
		assert_int_equal(c.now.stages_n, 2);
		assert_int_equal(c.now.stages[0], STAGE_SCANNING);
		assert_int_equal(c.now.stages[1], STAGE_ATTACKING);
		c = kept_tell(k, &t.d); /* nothing new */
		assert_false(c.verdict);
	}
	assert_int_equal(kept_all(k).devices[0].stages_n, 2);
	kept_free(k);
}

/* The same, and the device is silent: tidying says so. */
static void test_verdict_falls_in_silence(void **state)
{
	struct kept *k = kept_new();
	struct store_event_row *rows;
	struct store_query q = {INT64_MIN, INT64_MAX, NULL};
	size_t n;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	told_infected(&t, START, START + MINUTE);
	kept_tell(k, &t.d);
	kept_restart(k, 2);
	for (int i = 0; i < 9; i++, k->now += DAY) {
		kept_begin(k);
		kept_commit(k);
		kept_tidy(k);
		assert_int_equal(kept_all(k).devices[0].verdict,
				 i < 8 ? VERDICT_INFECTED : VERDICT_CLEAR);
	}
	assert_int_equal(store_history(k->s, &q, &k->arena, &rows, &n), 0);
	assert_string_equal(rows[n - 1].kind, "verdict");
	assert_string_equal(rows[n - 1].text, "clear");
	kept_free(k);
}

/* One row over lives: its beginning stays, its end goes on, counts add up, unless the engine knew the beginning. */
static void test_a_finding_goes_on(void **state)
{
	static const struct {
		int64_t first; /* as the second life tells it */
		uint64_t count;
		uint64_t total;
	} cases[] = {{START + HOUR, 5, 8}, {START, 7, 7}, {START, 2, 3}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct kept *k = kept_new();
		struct store_change c;
		struct told t;

		told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
		told_infected(&t, START, START + MINUTE);
		kept_tell(k, &t.d);
		kept_restart(k, 2);
		k->now = START + 2 * HOUR;
		told_init(&t, false, 1, "192.0.2.7", cases[i].first, k->now);
		told_infected(&t, cases[i].first, k->now);
		t.evidence[0].count = cases[i].count;
		c = kept_tell(k, &t.d);
		assert_int_equal(c.evidence_new, 0);
		assert_int_equal(c.now.evidence_n, 1);
		assert_int_equal(c.now.evidence[0].first_ns, START);
		assert_int_equal(c.now.evidence[0].last_ns, k->now);
		assert_int_equal(c.now.evidence[0].count, cases[i].total);
		t.evidence[0].count += 4; /* and grows */
		t.evidence[0].last_ns++;
		c = kept_tell(k, &t.d);
		assert_int_equal(c.now.evidence[0].count, i == 2 ? 6 : cases[i].total + 4);
		kept_free(k);
	}
}

static void test_what_is_known_stays(void **state)
{
	struct kept *k = kept_new();
	struct store_change c;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START);
	t.claim[0] = (struct claim){"xm-version", "V4", "Xiongmai", {0, 3}, false};
	t.d.claims_n = 1;
	t.d.maker = "Xiongmai";
	t.d.model = "AHB7008T";
	t.d.firmware = "V4";
	t.name[0] = "LocalHost";
	t.d.names_n = 1;
	kept_tell(k, &t.d);
	t.d.maker = t.d.model = t.d.firmware = NULL;
	t.d.claims_n = t.d.names_n = 0;
	c = kept_tell(k, &t.d);
	assert_false(c.identity);
	assert_string_equal(c.now.model, "AHB7008T");
	assert_int_equal(c.now.names_n, 1);
	kept_restart(k, 2);
	/* A new life sees the prefix of its MAC alone: a lesser sign. */
	t.claim[0] = (struct claim){"mac-prefix", "Chips", "registered to Chips", {0, 1}, false};
	t.d.claims_n = 1;
	t.d.maker = "Chips";
	c = kept_tell(k, &t.d);
	assert_string_equal(c.now.maker, "Xiongmai");
	assert_string_equal(c.now.claims[0].signal, "xm-version");
	/* … and hears the device itself say something else. */
	t.claim[0] = (struct claim){"dahua-type", "IPC", "Dahua IPC", {0, 9}, false};
	t.d.maker = "Dahua";
	c = kept_tell(k, &t.d);
	assert_true(c.identity);
	assert_string_equal(c.now.maker, "Dahua");
	assert_null(c.now.model); /* of the other maker */
	assert_string_equal(c.now.claims[0].signal, "dahua-type");
	kept_free(k);
}

/* ---- gone --------------------------------------------------------------------------------------------------------- */

/* The engine took a gateway for a device, and thinks again: nothing stays of its first thought. */
static void test_thought_again(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct kept *k = kept_new();
		struct told first, then;
		struct store_change c;
		struct judged j;

		told_init(&first, false, 1, "192.0.2.7", START, START + MINUTE);
		told_infected(&first, START, START + MINUTE);
		kept_tell(k, &first.d);
		told_init(&then, false, 1, "192.0.2.7", START, START + 2 * MINUTE);
		told_infected(&then, START, START + 2 * MINUTE);
		snprintf(then.id, sizeof then.id, "ip:192.0.2.7");
		then.d.via = &then.mac;
		then.d.macs_n = 0;
		kept_begin(k);
		if (order == 0)
			assert_int_equal(store_gone(k->s, first.id), 0);
		assert_int_equal(store_device(k->s, &then.d, &k->arena, &c), 0);
		if (order == 1)
			assert_int_equal(store_gone(k->s, first.id), 0);
		kept_commit(k);
		j = kept_all(k);
		assert_int_equal(j.devices_n, 1);
		assert_string_equal(j.devices[0].id, "ip:192.0.2.7");
		assert_int_equal(j.devices[0].evidence_n, 1);
		kept_free(k);
	}
}

/* Forgotten for its age, its address long another's: it stays, with what was found of it. */
static void test_gone_for_its_age(void **state)
{
	struct kept *k = kept_new();
	struct told old, other;
	struct judged j;

	(void)state;
	told_init(&old, false, 1, "192.0.2.7", START, START + MINUTE);
	told_infected(&old, START, START + MINUTE);
	kept_tell(k, &old.d);
	told_init(&other, false, 2, "192.0.2.7", START + DAY, START + DAY);
	k->now = START + DAY;
	kept_tell(k, &other.d);
	kept_begin(k);
	assert_int_equal(store_gone(k->s, old.id), 0);
	assert_int_equal(store_gone(k->s, "mac:never:told"), 0);
	kept_commit(k);
	j = kept_all(k);
	assert_int_equal(j.devices_n, 2);
	assert_int_equal(j.devices[0].verdict, VERDICT_INFECTED);
	kept_free(k);
}

/* ---- attacks, counters, inputs, events ------------------------------------------------------------------------------- */

static void test_attacks(void **state)
{
	struct kept *k = kept_new();
	const char *ids[] = {"mac:00:00:5e:00:53:01"};
	struct attack a = {.vector = VECTOR_UDP,
			   .port = -1,
			   .direction = DIRECTION_OUTBOUND,
			   .first_ns = START,
			   .last_ns = START + MINUTE,
			   .packets = 100,
			   .bytes = 1000,
			   .peak_pps = 50,
			   .sources = 1,
			   .devices = ids,
			   .devices_n = 1};
	struct judged j;
	bool is_new;

	(void)state;
	assert_true(addr_parse("203.0.113.80", &a.target));
	kept_begin(k);
	assert_int_equal(store_attack(k->s, &a, &is_new), 0);
	assert_true(is_new);
	assert_int_equal(store_attack(k->s, &a, &is_new), 0);
	assert_false(is_new);
	kept_commit(k);
	kept_restart(k, 2);
	kept_begin(k);
	a.first_ns = START + 5 * MINUTE; /* it goes on; what was counted before is not known */
	a.last_ns = START + 6 * MINUTE;
	assert_int_equal(store_attack(k->s, &a, &is_new), 0);
	assert_false(is_new);
	a.first_ns = a.last_ns = START + HOUR;
	assert_int_equal(store_attack(k->s, &a, &is_new), 0);
	assert_true(is_new);
	kept_commit(k);
	j = kept_all(k);
	assert_int_equal(j.attacks_n, 2);
	assert_int_equal(j.attacks[0].packets, 200);
	assert_int_equal(j.attacks[0].first_ns, START);
	assert_int_equal(j.attacks[0].last_ns, START + 6 * MINUTE);
	assert_string_equal(j.attacks[1].devices[0], ids[0]);
	kept_free(k);
}

static void test_counters(void **state)
{
	struct kept *k = kept_new();
	struct store_counter list[] = {{"packets.br-lan", 100}, {"unseen.refused_hosts", 7}};
	struct store_query all = {INT64_MIN, INT64_MAX, NULL};
	struct store_minute *minutes;
	struct judged j;
	size_t n;

	(void)state;
	for (int i = 0; i < 3; i++) {
		kept_begin(k);
		assert_int_equal(store_counters(k->s, list, COUNT(list)), 0);
		kept_commit(k);
		list[0].value += 10;
		k->now += MINUTE;
	}
	kept_restart(k, 2); /* its sums begin anew */
	list[0].value = list[1].value = 5;
	kept_begin(k);
	assert_int_equal(store_counters(k->s, list, COUNT(list)), 0);
	kept_commit(k);
	assert_int_equal(store_minutes(k->s, "packets.br-lan", &all, &k->arena, &minutes, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(minutes[0].growth, 100);
	assert_int_equal(minutes[1].growth, 10);
	assert_int_equal(minutes[3].growth, 5);
	assert_int_equal(minutes[1].time_ns - minutes[0].time_ns, MINUTE);
	j = kept_all(k);
	assert_int_equal(j.unseen_n, 1);
	assert_string_equal(j.unseen[0].name, "refused_hosts");
	assert_int_equal(j.unseen[0].value, 12);
	/* Months later they are by the hour and by the day, and none is lost. */
	for (int day = 0; day < 70; day++) {
		k->now += DAY;
		kept_tidy(k);
	}
	assert_int_equal(store_minutes(k->s, "packets.br-lan", &all, &k->arena, &minutes, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(minutes[0].growth, 125);
	kept_free(k);
}

/* What a packet is cited by is the number of an input; another life may have them in another order. */
static void test_inputs(void **state)
{
	struct kept *k = kept_new();
	struct input list[] = {{.path = "br-lan", .packets = 5, .any = true, .first_ns = START},
			       {.path = "wlan0", .packets = 2}};
	struct input swapped[] = {{.path = "wlan0", .packets = 3},
				  {.path = "br-lan", .packets = 6, .any = true, .first_ns = START}};
	struct prefix ours;
	struct told t;
	struct judged j;

	(void)state;
	assert_true(prefix_parse("192.0.2.0/24", &ours));
	kept_begin(k);
	assert_int_equal(store_inputs(k->s, list, 2, &ours, 1, PLACE_LAN, "a note"), 0);
	kept_commit(k);
	kept_restart(k, 2);
	kept_begin(k);
	assert_int_equal(store_inputs(k->s, swapped, 2, &ours, 1, PLACE_LAN, NULL), 0);
	kept_commit(k);
	kept_restart(k, 2); /* the service alone: numbers must hold */
	told_init(&t, false, 1, "192.0.2.7", START, START);
	told_infected(&t, START, START);
	t.where[0] = (struct where){1, 7}; /* br-lan */
	kept_tell(k, &t.d);
	j = kept_all(k);
	assert_int_equal(j.inputs_n, 2);
	assert_string_equal(j.inputs[0].path, "br-lan");
	assert_null(j.inputs[0].format);
	assert_int_equal(j.inputs[0].packets, 11);
	assert_true(j.inputs[0].any);
	assert_false(j.inputs[1].any);
	assert_int_equal(j.inputs[1].packets, 5);
	assert_int_equal(j.devices[0].evidence[0].packets[0].input, 0);
	assert_int_equal(j.local_n, 1);
	assert_int_equal(j.place, PLACE_LAN);
	assert_null(j.note);
	kept_free(k);
}

static void count_lines(void *context, uint64_t number, const char *line)
{
	uint64_t *seen = context;

	assert_string_equal(line, "{}");
	assert_true(number > *seen);
	*seen = number;
}

static void test_events_wait(void **state)
{
	struct kept *k = kept_new();
	uint64_t number, seen = 0, first;

	(void)state;
	kept_begin(k);
	assert_int_equal(store_event(k->s, "{}", &first), 0);
	assert_int_equal(store_event(k->s, "{}", &number), 0);
	assert_int_equal(number, first + 1);
	kept_commit(k);
	kept_begin(k);
	assert_int_equal(store_event(k->s, "lost with its round", &number), 0);
	store_rollback(k->s);
	assert_int_equal(store_told(k->s, first), 0);
	kept_restart(k, 1);
	assert_int_equal(store_untold(k->s, count_lines, &seen), 0);
	assert_int_equal(seen, first + 1);
	kept_begin(k); /* numbers never come again */
	assert_int_equal(store_told(k->s, seen), 0);
	assert_int_equal(store_event(k->s, "{}", &number), 0);
	assert_true(number > seen);
	kept_commit(k);
	kept_free(k);
}

/* Nobody fetches events for long: the oldest go, and are counted. */
static void test_events_have_a_bound(void **state)
{
	struct kept *k = kept_new();
	char line[4096];
	uint64_t number;
	struct stat st;
	char path[128];

	(void)state;
	k->options.most_bytes = UINT64_C(4) << 20;
	kept_restart(k, 1);
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	for (int i = 0; i < 40; i++) {
		kept_begin(k);
		for (int n = 0; n < 50; n++)
			assert_int_equal(store_event(k->s, line, &number), 0);
		kept_commit(k);
	}
	assert_int_equal(number, 2000);
	assert_true(kept_tidy(k) > 1000);
	snprintf(path, sizeof path, "%s/cordon.db", k->directory);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 3 << 20);
	kept_free(k);
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

static void test_by_name_and_time(void **state)
{
	static const char *const words[] = {"mac:00:00:5e:00:53:01", "00:00:5e:00:53:01",
					    "192.0.2.7", "front-door", "FRONT-DOOR"};
	struct kept *k = kept_new();
	struct told t, late;
	struct judged j;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START + MINUTE);
	t.name[0] = "front-door";
	t.d.names_n = 1;
	told_infected(&t, START, START + MINUTE);
	kept_tell(k, &t.d);
	k->now = START + 2 * DAY;
	told_init(&late, false, 2, "192.0.2.8", k->now, k->now);
	kept_tell(k, &late.d);
	for (size_t i = 0; i < COUNT(words); i++) {
		j = kept_report(k, INT64_MIN, INT64_MAX, words[i]);
		assert_int_equal(j.devices_n, 1);
		assert_string_equal(j.devices[0].id, words[0]);
	}
	assert_int_equal(kept_report(k, INT64_MIN, INT64_MAX, "nobody").devices_n, 0);
	j = kept_report(k, START + DAY, INT64_MAX, NULL);
	assert_int_equal(j.devices_n, 1);
	assert_string_equal(j.devices[0].id, late.id);
	j = kept_report(k, INT64_MIN, START + DAY, NULL);
	assert_int_equal(j.devices_n, 1);
	assert_int_equal(j.of, 1);
	/* Seen today, infected the day before yesterday: the verdict keeps its proof. */
	t.d.last_ns = k->now;
	kept_tell(k, &t.d);
	j = kept_report(k, START + DAY, INT64_MAX, "front-door");
	assert_int_equal(j.devices[0].verdict, VERDICT_INFECTED);
	assert_int_equal(j.devices[0].evidence_n, 1);
	kept_free(k);
}

/* Of a period that is over: the verdict that stood at its end. */
static void test_as_it_was(void **state)
{
	struct kept *k = kept_new();
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START);
	kept_tell(k, &t.d);
	k->now = START + HOUR;
	t.d.last_ns = k->now;
	told_infected(&t, k->now, k->now);
	kept_tell(k, &t.d);
	k->now = START + 2 * HOUR;
	kept_tell(k, &t.d);
	assert_int_equal(kept_report(k, INT64_MIN, START + MINUTE, NULL).devices[0].verdict,
			 VERDICT_CLEAR);
	assert_int_equal(kept_report(k, INT64_MIN, START + MINUTE, NULL).devices[0].evidence_n, 0);
	assert_int_equal(kept_report(k, INT64_MIN, START + 2 * HOUR, NULL).devices[0].verdict,
			 VERDICT_INFECTED);
	kept_free(k);
}

static void test_history(void **state)
{
	static const char *const kinds[] = {"seen",    "address", "name",    "finding",
					    "verdict", "attack",  "address", "gone"};
	struct store_query q = {INT64_MIN, INT64_MAX, "front-door"};
	struct kept *k = kept_new();
	struct store_event_row *rows;
	struct store_span *spans;
	struct seen seen[2] = {{START, START + MINUTE}, {START + HOUR, START + HOUR}};
	struct told t, other;
	const char *ids[] = {t.id};
	struct attack a = {.first_ns = START + MINUTE,
			   .last_ns = START + MINUTE,
			   .port = -1,
			   .devices = ids,
			   .devices_n = 1};
	size_t n;
	bool is_new;

	(void)state;
	assert_true(addr_parse("203.0.113.80", &a.target));
	told_init(&t, false, 1, "192.0.2.7", START, START);
	t.name[0] = "front-door";
	t.d.names_n = 1;
	told_infected(&t, START, START);
	kept_tell(k, &t.d);
	kept_begin(k);
	assert_int_equal(store_attack(k->s, &a, &is_new), 0);
	kept_commit(k);
	k->now = START + HOUR; /* DHCP gives it another address */
	t.d.last_ns = k->now;
	assert_true(addr_parse("192.0.2.9", &t.address[1]));
	t.d.addresses_n = 2;
	t.d.addresses_seen = seen;
	kept_tell(k, &t.d);
	told_init(&other, false, 2, "192.0.2.8", START, START);
	k->now = START + 2 * DAY;
	other.d.last_ns = k->now;
	kept_tell(k, &other.d);
	assert_int_equal(store_history(k->s, &q, &k->arena, &rows, &n), 0);
	assert_int_equal(n, COUNT(kinds));
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t w = 0; w < n; w++)
			found |= strcmp(rows[i].kind, kinds[w]) == 0;
		assert_true(found);
		assert_string_equal(rows[i].device, t.id);
		assert_string_equal(rows[i].name, "front-door");
		assert_true(i == 0 || rows[i].time_ns >= rows[i - 1].time_ns);
	}
	assert_string_equal(rows[n - 1].kind, "gone");
	assert_string_equal(rows[n - 2].text, "uses 192.0.2.9");
	assert_int_equal(store_identity(k->s, t.id, &k->arena, &spans, &n), 0);
	assert_int_equal(n, 4);
	assert_string_equal(spans[0].what, "name");
	assert_string_equal(spans[1].value, "00:00:5e:00:53:01");
	assert_string_equal(spans[2].value, "192.0.2.7");
	assert_int_equal(spans[2].last_ns, START + MINUTE);
	assert_int_equal(spans[3].first_ns, START + HOUR);
	kept_free(k);
}

/* Who reads sees whole rounds, also while one is written; and may open the store that another writes. */
static void test_reading_while_writing(void **state)
{
	struct kept *k = kept_new();
	struct kept reader = {.life = 0};
	struct store_change c;
	struct told t;

	(void)state;
	told_init(&t, false, 1, "192.0.2.7", START, START);
	kept_tell(k, &t.d);
	reader.options = k->options;
	reader.options.reading = true;
	reader.options.keep_ns = 0; /* what counts is the writer's to say */
	assert_int_equal(kept_open(&reader), 0);
	kept_begin(k);
	told_infected(&t, START, START);
	assert_int_equal(store_device(k->s, &t.d, &k->arena, &c), 0);
	assert_int_equal(kept_all(&reader).devices[0].verdict, VERDICT_CLEAR);
	kept_commit(k);
	assert_int_equal(kept_all(&reader).devices[0].verdict, VERDICT_INFECTED);
	k->now += HOUR;
	kept_restart(k, 2);
	kept_begin(k);
	kept_commit(k);
	assert_int_equal(kept_all(&reader).devices[0].verdict, VERDICT_INFECTED);
	store_close(reader.s);
	arena_fini(&reader.arena);
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_and_again),
		cmocka_unit_test(test_the_engines_word),
		cmocka_unit_test(test_a_restart_cleans_nobody),
		cmocka_unit_test(test_stages_of_all_lives),
		cmocka_unit_test(test_verdict_falls_in_silence),
		cmocka_unit_test(test_a_finding_goes_on),
		cmocka_unit_test(test_what_is_known_stays),
		cmocka_unit_test(test_thought_again),
		cmocka_unit_test(test_gone_for_its_age),
		cmocka_unit_test(test_attacks),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_events_wait),
		cmocka_unit_test(test_events_have_a_bound),
		cmocka_unit_test(test_by_name_and_time),
		cmocka_unit_test(test_as_it_was),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_reading_while_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
