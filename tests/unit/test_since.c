/* SPDX-License-Identifier: MIT */
/*
 * verdict/since: what is said of a device after the last sign of its infection, and when nothing is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "verdict/since.h"

#include <string.h>

#define MINUTES(n) (INT64_C(60000000000) * (n))

/* A sign in minute 10; the device is seen until minute `seen`. */
struct told_since {
	int64_t asked_first; /* minutes; 0: no DHCP */
	int64_t asked_last;
	int64_t changed; /* 0: it was not */
	int64_t seen;
	const char *says; /* NULL: nothing */
};

static const struct told_since cases[] = {
	{0, 0, 0, 100, NULL},
	{5, 5, 0, 100, NULL}, /* before the sign */
	{5, 60, 0, 100,
	 "no sign of infection for 40 min since it asked for an address at 01:00:00"},
	{20, 60, 0, 100,
	 "no sign of infection for 80 min since it asked for an address at 00:20:00"},
	{5, 60, 0, 69, NULL}, /* not long enough */
	{5, 60, 0, 70, "for 10 min since"},
	{0, 0, 30, 100,
	 "for 70 min since a password that it accepted before is refused, at 00:30:00"},
	{5, 60, 30, 100, "at 00:30:00"},
	{5, 60, 8, 100, "at 01:00:00"},
	{5, 60, 0, 60 + 60 * 5, "no sign of infection for 5 h since"},
	{5, 60, 0, 20, NULL}, /* a clock that went back */
};

static void test_cases(void **state)
{
	const struct limits limits = {.since_quiet_s = 600};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct told_since *c = &cases[i];
		struct arena arena = {.failed = false};
		struct finding sign = {.weight = WEIGHT_SIGN, .last_ns = MINUTES(10)};
		struct finding note = {.weight = WEIGHT_NOTE, .last_ns = MINUTES(90)};
		const struct finding *findings[] = {&sign, &note};
		struct fact fact = {.signal = SIGNAL_dhcp_parameters,
				    .first_ns = MINUTES(c->asked_first),
				    .last_ns = MINUTES(c->asked_last)};
		struct told told = {.fact = &fact};
		struct profile profile = {.told = &told, .told_n = c->asked_first > 0};
		struct exposed exposed = {.changed = c->changed > 0,
					  .changed_ns = MINUTES(c->changed)};
		struct since_in in = {.findings = findings,
				      .findings_n = 2,
				      .profile = &profile,
				      .exposed = &exposed,
				      .last_ns = MINUTES(c->seen),
				      .limits = &limits};
		const char *text = since_text(&in, &arena);

		if ((text == NULL) != (c->says == NULL) ||
		    (text != NULL && strstr(text, c->says) == NULL))
			fail_msg("%zu: %s", i, text == NULL ? "nothing" : text);
		in.findings = &findings[1]; /* a note accuses nobody */
		in.findings_n = 1;
		assert_null(since_text(&in, &arena));
		arena_fini(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
