/* SPDX-License-Identifier: MIT */
/*
 * verdict/verdict: the pure function as a table of cases, and properties over all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "verdict/verdict.h"

#include <stdio.h>
#include <string.h>

enum { FINDINGS = 6 };

#define NOTE(a)                                                                                    \
	{                                                                                          \
		.weight = WEIGHT_NOTE, .stranger = WEIGHT_NOTE, .act = a, .code = "C-1"            \
	}
#define SIGN(a)                                                                                    \
	{                                                                                          \
		.weight = WEIGHT_SIGN, .stranger = WEIGHT_SIGN, .act = a, .code = "C-2"            \
	}
#define PROOF(a)                                                                                   \
	{                                                                                          \
		.weight = WEIGHT_PROOF, .stranger = WEIGHT_PROOF, .act = a, .code = "C-3"          \
	}
#define STRONG(a)                                                                                  \
	{                                                                                          \
		.weight = WEIGHT_PROOF, .stranger = WEIGHT_PROOF, .act = a, .strong = true,        \
		.code = "C-4"                                                                      \
	}
#define PROOF_AT_HOME(a)                                                                           \
	{                                                                                          \
		.weight = WEIGHT_PROOF, .stranger = WEIGHT_SIGN, .act = a, .code = "C-5"           \
	}
#define MARKS(n, w)                                                                                \
	{                                                                                          \
		.weight = w, .stranger = w, .act = ACT_SCANNING, .units = n, .units_sign = 2,      \
		.units_proof = 3, .family = "mirai", .code = "C-0001"                              \
	}
#define SCAN ACT_SCANNING
#define FLOOD ACT_ATTACKING

struct verdict_case {
	const char *about;
	bool stranger;
	enum backing backing;
	struct finding findings[FINDINGS];
	size_t n;
	enum verdict verdict;
	enum confidence confidence;
};

#define CLEAR VERDICT_CLEAR
#define SUSPECT VERDICT_SUSPECT
#define INFECTED VERDICT_INFECTED
#define POSSIBLE CONFIDENCE_POSSIBLE
#define LIKELY CONFIDENCE_LIKELY
#define SURE CONFIDENCE_SURE

/* clang-format off */
static const struct verdict_case cases[] = {
	{"a note accuses nobody", false, BACKING_TWO_WAY, {NOTE(SCAN)}, 1, CLEAR, LIKELY},
	{"nor do many", false, BACKING_TWO_WAY, {NOTE(SCAN), NOTE(FLOOD), NOTE(SCAN)}, 3, CLEAR, LIKELY},
	{"one sign", false, BACKING_SESSION, {SIGN(SCAN)}, 1, SUSPECT, POSSIBLE},
	{"two signs of one stage", false, BACKING_TWO_WAY, {SIGN(SCAN), SIGN(SCAN)}, 2, SUSPECT, POSSIBLE},
	{"signs of two stages", false, BACKING_TWO_WAY, {SIGN(SCAN), SIGN(FLOOD)}, 2, INFECTED, LIKELY},
	{"a sign and a note of another stage", false, BACKING_TWO_WAY, {SIGN(SCAN), NOTE(FLOOD)}, 2, SUSPECT, POSSIBLE},
	{"a sign of no stage", false, BACKING_TWO_WAY, {SIGN(ACT_NONE)}, 1, SUSPECT, POSSIBLE},
	{"a sign of a stage and one of none", false, BACKING_TWO_WAY, {SIGN(SCAN), SIGN(ACT_NONE)}, 2, SUSPECT, POSSIBLE},
	{"one proof", false, BACKING_TWO_WAY, {PROOF(SCAN)}, 1, INFECTED, LIKELY},
	{"strong proof", false, BACKING_TWO_WAY, {STRONG(SCAN)}, 1, INFECTED, SURE},
	{"two proofs", false, BACKING_TWO_WAY, {PROOF(SCAN), PROOF(FLOOD)}, 2, INFECTED, SURE},
	{"session backing", false, BACKING_SESSION, {STRONG(SCAN)}, 1, INFECTED, SURE},
	{"port backing", false, BACKING_PORT, {STRONG(SCAN)}, 1, INFECTED, SURE},
	{"a MAC alone is never sure", false, BACKING_MAC, {STRONG(SCAN), STRONG(FLOOD)}, 2, INFECTED, LIKELY},
	{"an address alone is never more than suspect", false, BACKING_ADDRESS, {STRONG(SCAN), STRONG(FLOOD)}, 2, SUSPECT, LIKELY},
	{"an address alone with a sign", false, BACKING_ADDRESS, {SIGN(SCAN)}, 1, SUSPECT, POSSIBLE},
	{"an address alone with signs of two stages", false, BACKING_ADDRESS, {SIGN(SCAN), SIGN(FLOOD)}, 2, SUSPECT, LIKELY},
	{"a stranger is convicted by proof, never surely", true, BACKING_ADDRESS, {STRONG(SCAN), STRONG(FLOOD)}, 2, INFECTED, LIKELY},
	{"what weighs less against strangers", true, BACKING_ADDRESS, {PROOF_AT_HOME(SCAN)}, 1, SUSPECT, POSSIBLE},
	{"the same at home", false, BACKING_TWO_WAY, {PROOF_AT_HOME(SCAN)}, 1, INFECTED, LIKELY},
	{"one mark", false, BACKING_TWO_WAY, {MARKS(1, WEIGHT_NOTE)}, 1, CLEAR, LIKELY},
	{"one mark under each of two addresses", false, BACKING_TWO_WAY, {MARKS(1, WEIGHT_NOTE), MARKS(1, WEIGHT_NOTE)}, 2, SUSPECT, POSSIBLE},
	{"two marks and one", false, BACKING_TWO_WAY, {MARKS(2, WEIGHT_SIGN), MARKS(1, WEIGHT_NOTE)}, 2, INFECTED, SURE},
	{"units of other detectors do not add up", false, BACKING_TWO_WAY, {MARKS(2, WEIGHT_SIGN), SIGN(SCAN), SIGN(SCAN)}, 3, SUSPECT, POSSIBLE},
	{"two marks and a connection", false, BACKING_TWO_WAY, {MARKS(2, WEIGHT_PROOF)}, 1, INFECTED, LIKELY},
};
/* clang-format on */

static struct ruling rule(const struct accused *a, const struct finding *list, size_t n)
{
	const struct finding *findings[FINDINGS];

	for (size_t i = 0; i < n; i++)
		findings[i] = &list[i];
	return verdict_of(a, findings, n);
}

static struct accused accused_of(bool local, enum backing backing)
{
	return (struct accused){
		.local = local, .judged = true, .two_way = true, .backing = backing};
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct verdict_case *c = &cases[i];
		struct accused a = accused_of(!c->stranger, c->backing);
		struct ruling r = rule(&a, c->findings, c->n);

		if (r.verdict != c->verdict || r.confidence != c->confidence)
			fail_msg("%s: verdict %d, confidence %d", c->about, r.verdict,
				 r.confidence);
	}
}

static void test_clear(void **state)
{
	struct accused a = accused_of(true, BACKING_TWO_WAY);

	(void)state;
	assert_int_equal(rule(&a, NULL, 0).confidence, LIKELY);
	a.two_way = false;
	assert_int_equal(rule(&a, NULL, 0).confidence, POSSIBLE);
	a.judged = false;
	assert_int_equal(rule(&a, NULL, 0).confidence, CONFIDENCE_NONE);
	assert_int_equal(rule(&a, NULL, 0).verdict, CLEAR);
	assert_null(rule(&a, NULL, 0).why);
	assert_int_equal(rule(&a, NULL, 0).steps_n, 0);
}

static void test_stages_in_the_order_seen(void **state)
{
	const struct finding list[] = {NOTE(SCAN), PROOF(FLOOD), SIGN(SCAN), SIGN(FLOOD)};
	struct accused a = accused_of(true, BACKING_TWO_WAY);
	struct ruling r = rule(&a, list, 4);

	(void)state;
	assert_int_equal(r.stages_n, 2);
	assert_int_equal(r.stages[0], STAGE_ATTACKING);
	assert_int_equal(r.stages[1], STAGE_SCANNING);
	assert_int_equal(rule(&a, list, 1).stages_n, 0);
}

static void test_families_each_once(void **state)
{
	const struct finding list[] = {MARKS(3, WEIGHT_PROOF), MARKS(3, WEIGHT_PROOF), SIGN(SCAN)};
	struct accused a = accused_of(true, BACKING_TWO_WAY);
	struct ruling r = rule(&a, list, 3);

	(void)state;
	assert_int_equal(r.families_n, 1);
	assert_string_equal(r.families[0], "mirai");
}

static void test_more_families_than_fit(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
	struct finding list[FINDINGS];
	struct accused a = accused_of(true, BACKING_TWO_WAY);

	(void)state;
	for (int i = 0; i < FINDINGS; i++) {
		list[i] = (struct finding)SIGN(SCAN);
		list[i].family = names[i];
	}
	assert_int_equal(rule(&a, list, FINDINGS).families_n, VERDICT_FAMILIES);
}

static void test_proof_names_the_family(void **state)
{
	struct finding list[] = {SIGN(SCAN), PROOF(FLOOD), NOTE(FLOOD)};
	struct accused a = accused_of(true, BACKING_TWO_WAY);

	(void)state;
	list[0].family = "gafgyt";
	list[2].family = "mozi";
	assert_string_equal(rule(&a, list, 3).families[0], "gafgyt");
	list[1].family = "mirai";
	assert_int_equal(rule(&a, list, 3).families_n, 1);
	assert_string_equal(rule(&a, list, 3).families[0], "mirai");
}

/* Two readings of the same packets are one kind of sign. */
static void test_signs_of_the_same_packets(void **state)
{
	struct finding list[] = {SIGN(ACT_BREACHED), SIGN(ACT_LOADED)};
	struct accused a = accused_of(true, BACKING_TWO_WAY);

	(void)state;
	list[0].keys[0] = list[1].keys[0] = 7;
	list[0].keys_n = list[1].keys_n = 1;
	assert_int_equal(rule(&a, list, 2).verdict, SUSPECT);
	list[1].keys[list[1].keys_n++] = 9; /* all of the one stand in the other */
	assert_int_equal(rule(&a, list, 2).verdict, SUSPECT);
	list[0].keys[list[0].keys_n++] = 8;
	assert_int_equal(rule(&a, list, 2).verdict, INFECTED);
	assert_int_equal(rule(&a, list, 2).stages_n, 2);
}

static void test_why(void **state)
{
	const struct finding proof[] = {PROOF(SCAN), PROOF(FLOOD)}, sign[] = {SIGN(SCAN)};
	const struct finding signs[] = {SIGN(SCAN), SIGN(FLOOD)};
	struct accused by_address = accused_of(true, BACKING_ADDRESS);
	struct accused by_mac = accused_of(true, BACKING_MAC);
	struct accused by_both = accused_of(true, BACKING_TWO_WAY);
	struct accused outside = accused_of(false, BACKING_ADDRESS);

	(void)state;
	assert_non_null(strstr(rule(&by_address, proof, 1).why, "only an address"));
	assert_non_null(strstr(rule(&by_mac, proof, 1).why, "neighbour"));
	assert_non_null(strstr(rule(&by_both, proof, 1).why, "the proof below"));
	assert_non_null(strstr(rule(&by_both, proof, 2).why, "several independent"));
	assert_non_null(strstr(rule(&outside, proof, 1).why, "from outside"));
	assert_non_null(strstr(rule(&by_both, sign, 1).why, "one kind of sign"));
	assert_non_null(strstr(rule(&by_both, signs, 2).why, "signs of several stages"));
}

static void test_steps(void **state)
{
	const struct finding proof[] = {PROOF(SCAN)}, sign[] = {SIGN(SCAN)};
	struct accused a = accused_of(true, BACKING_TWO_WAY);

	(void)state;
	assert_non_null(strstr(rule(&a, proof, 1).steps[0], "now: block it"));
	assert_int_equal(rule(&a, proof, 1).steps_n, 3);
	assert_int_equal(rule(&a, sign, 1).steps_n, 2);
	a.wan = true;
	assert_non_null(strstr(rule(&a, proof, 1).steps[0], "behind this router"));
	a.local = false;
	assert_int_equal(rule(&a, proof, 1).steps_n, 0); /* nobody here can do anything */
}

static struct finding any_finding(struct draw *d)
{
	static const char *const codes[] = {"C-1", "C-2", "C-3"};
	struct finding f = {.weight = (enum weight)draw_below(d, 3),
			    .stranger = (enum weight)draw_below(d, 3),
			    .act = (enum act)draw_below(d, 3),
			    .strong = draw_below(d, 2) == 0,
			    .code = codes[draw_below(d, 3)]};

	if (draw_below(d, 2) == 0) {
		f.units = (uint32_t)draw_below(d, 4);
		f.units_sign = 2;
		f.units_proof = 3;
	}
	return f;
}

/* Whatever is found: the caps hold, there is a reason for every accusation, and more evidence never acquits. */
static void test_no_findings_break_the_rules(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct accused a = accused_of(draw_below(&d, 2) == 0,
					      (enum backing)draw_below(&d, BACKING_PORT + 1));
		struct finding list[FINDINGS];
		enum verdict before = CLEAR;

		for (size_t n = 0; n <= FINDINGS; n++) {
			struct ruling r = rule(&a, list, n);

			assert_true(r.verdict >= before);
			assert_true(r.verdict != INFECTED || !a.local ||
				    a.backing > BACKING_ADDRESS);
			assert_true(r.confidence != SURE || (a.local && r.verdict == INFECTED &&
							     a.backing >= BACKING_TWO_WAY));
			assert_int_equal(r.why != NULL, r.verdict >= SUSPECT);
			assert_int_equal(r.steps_n > 0, r.verdict >= SUSPECT && a.local);
			assert_true(r.stages_n == 0 || r.verdict >= SUSPECT);
			assert_int_not_equal(r.verdict, VERDICT_EXPOSED);
			before = r.verdict;
			if (n < FINDINGS)
				list[n] = any_finding(&d);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_stages_in_the_order_seen),
		cmocka_unit_test(test_families_each_once),
		cmocka_unit_test(test_more_families_than_fit),
		cmocka_unit_test(test_proof_names_the_family),
		cmocka_unit_test(test_signs_of_the_same_packets),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_no_findings_break_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
