/* SPDX-License-Identifier: MIT */
/* What was told, against a naive list: random names come, change, count on and go, in a table that gets full. */
#include "watch/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NAMES = 300, ENTRIES = 200, PAUSE = 60, ROUNDS = 2000 };

struct twin {
	bool here; /* has an entry */
	bool said;
	struct told_digest digest;
	int64_t said_ns;
	unsigned round;
	bool gone; /* told_gone() named it */
};

struct check {
	struct twin *twins;
	unsigned round;
	bool refuse; /* the telling fails */
	bool whole;  /* counters are due */
};

static void name_of(unsigned i, char name[TOLD_NAME])
{
	snprintf(name, TOLD_NAME, "mac:02:00:5e:00:53:%02x of %u", i % 7, i);
}

static bool gone(void *context, const char *name)
{
	struct check *c = context;
	unsigned i = (unsigned)strtoul(strrchr(name, ' ') + 1, NULL, 10);
	struct twin *t = &c->twins[i];

	assert_true(t->here && t->said && t->round != c->round);
	if (c->refuse)
		return false;
	t->gone = true;
	return true;
}

static void ask(struct told *t, const struct check *c, unsigned i, int64_t now, unsigned *used)
{
	struct twin *twin = &c->twins[i];
	struct told_digest digest = {.matter = (uint64_t)(rand() % 3),
				     .all = (uint64_t)(rand() % 5)};
	enum told_answer expected, answer;
	char name[TOLD_NAME];

	name_of(i, name);
	if (!twin->here && *used >= ENTRIES)
		expected = TOLD_FULL;
	else if (!twin->here || !twin->said || twin->digest.matter != digest.matter)
		expected = TOLD_DUE;
	else if (twin->digest.all != digest.all && (c->whole || now - twin->said_ns >= PAUSE))
		expected = TOLD_DUE;
	else
		expected = TOLD_KNOWN;
	answer = told_ask(t, TOLD_DEVICE, name, &digest, now);
	assert_int_equal(answer, expected);
	if (answer == TOLD_FULL)
		return;
	*used += !twin->here;
	twin->here = true;
	if (answer == TOLD_DUE && rand() % 4 != 0) { /* else there was no room for the message */
		told_done(t, TOLD_DEVICE, name, &digest, now);
		twin->said = true;
		twin->digest = digest;
		twin->said_ns = now;
	}
}

static void go(struct told *t, struct check *c, unsigned *used)
{
	c->refuse = rand() % 5 == 0;
	told_gone(t, TOLD_DEVICE, gone, c);
	for (unsigned i = 0; i < NAMES; i++) {
		struct twin *twin = &c->twins[i];

		if (!twin->here || twin->round == c->round)
			continue;
		assert_true(twin->gone || !twin->said || c->refuse);
		if (twin->gone || !twin->said) {
			*twin = (struct twin){.here = false};
			(*used)--;
		}
	}
}

static void test_twin(void **state)
{
	struct twin *twins = calloc(NAMES, sizeof *twins);
	struct check c = {.twins = twins};
	struct told *t;
	unsigned used = 0;

	(void)state;
	srand(7);
	assert_int_equal(told_new(ENTRIES, PAUSE, &t), 0);
	for (c.round = 1; c.round < ROUNDS; c.round++) {
		c.whole = rand() % 9 == 0;
		told_begin(t, c.whole);
		for (unsigned i = 0; i < NAMES; i++) {
			if (rand() % 3 == 0)
				continue;
			ask(t, &c, i, c.round * 7, &used);
			if (twins[i].here)
				twins[i].round = c.round;
		}
		if (c.round % 3 == 0)
			go(t, &c, &used);
		if (c.round % 500 == 0) { /* a new service */
			told_forget(t);
			memset(twins, 0, NAMES * sizeof *twins);
			used = 0;
		}
	}
	told_free(t);
	free(twins);
}

/* The same name of another kind is another thing; a name that is too long is told all the same. */
static void test_kinds_and_long_names(void **state)
{
	const struct told_digest digest = {1, 1};
	char name[300];
	struct told *t;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(told_new(8, PAUSE, &t), 0);
	told_begin(t, false);
	assert_int_equal(told_ask(t, TOLD_DEVICE, name, &digest, 0), TOLD_DUE);
	told_done(t, TOLD_DEVICE, name, &digest, 0);
	assert_int_equal(told_ask(t, TOLD_DEVICE, name, &digest, 0), TOLD_KNOWN);
	assert_int_equal(told_ask(t, TOLD_ATTACK, name, &digest, 0), TOLD_DUE);
	told_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twin),
		cmocka_unit_test(test_kinds_and_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
