/* SPDX-License-Identifier: MIT */
/*
 * The Mirai mark, rule by rule: what counts as an independent mark, what a chance match looks like, what convicts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#define CODE "C-0001"

static struct scene *s;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

static struct end bot(uint16_t port)
{
	return home(20, port);
}

static struct end target(unsigned n)
{
	return stranger(addr_v4(0xc6336400 + n), 23); /* 198.51.100.n */
}

static struct packet marked(struct end from, struct end to)
{
	return make_syn(from, to, addr_low32(&to.addr));
}

static void expect_about(struct end who, uint32_t units, enum weight weight)
{
	const struct finding *f = scene_finding(s, CODE, who);

	assert_non_null(f);
	assert_int_equal(f->units, units);
	assert_int_equal(f->weight, weight);
	assert_int_equal(f->stranger, weight);
	assert_int_equal(f->act, ACT_SCANNING);
	assert_string_equal(f->family, "mirai");
	assert_string_equal(f->detector, "mirai-scan");
}

static void expect(uint32_t units, enum weight weight)
{
	expect_about(bot(0), units, weight);
}

static void test_no_mark_no_finding(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 200; i++) {
		struct packet p = marked(bot(1000), target(i));

		p.seq ^= 1U << i % 32;
		scene_after(s, 5, p);
		p = marked(bot(1000), target(i)); /* the mark, but no SYN */
		p.tcp_flags = i % 2 == 0 ? TCP_ACK : TCP_SYN | TCP_ACK;
		scene_after(s, 5, p);
	}
	assert_null(scene_finding(s, CODE, bot(0)));
}

static void test_one_mark_is_a_note(void **state)
{
	const struct finding *f;

	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	expect(1, WEIGHT_NOTE);
	f = scene_finding(s, CODE, bot(0));
	assert_int_equal(f->keys_n, 1);
	assert_int_equal(f->keys[0], 1);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->first_ns, s->now_ns);
	assert_int_equal(f->last_ns, s->now_ns);
}

/* A kernel whose random sequence number hit the address by chance sends its SYN at 0, 1, 3, 7, 15, 31 and 63 s. */
static void test_a_kernels_retransmissions_count_once(void **state)
{
	static const int64_t gaps_ms[] = {1000, 2000, 4000, 8000, 16000, 32000};

	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	for (size_t i = 0; i < sizeof gaps_ms / sizeof gaps_ms[0]; i++)
		scene_after(s, gaps_ms[i], marked(bot(1000), target(1)));
	expect(1, WEIGHT_NOTE);
	assert_int_equal(scene_finding(s, CODE, bot(0))->count, 7);
}

/* The stage clock is held at a leap in time until others agree; the gap is between the packets all the same. */
static void test_gaps_are_the_packets_own(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 140 * 1000, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
	scene_after(s, -140 * 1000, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
}

static void test_copies_on_the_way_count_once(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 99, marked(bot(1000), target(1)));
	scene_after(s, 701, marked(bot(1000), target(1)));
	expect(1, WEIGHT_NOTE);
}

static void test_another_target_counts(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 10, marked(bot(1000), target(2)));
	expect(2, WEIGHT_SIGN);
	scene_after(s, 10, marked(bot(1000), target(3)));
	expect(3, WEIGHT_PROOF);
	assert_false(scene_finding(s, CODE, bot(0))->strong);
	scene_after(s, 10, marked(bot(1000), target(4)));
	expect(4, WEIGHT_PROOF);
	assert_true(scene_finding(s, CODE, bot(0))->strong);
}

static void test_another_port_counts(void **state)
{
	struct end other = target(1);

	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 1000, marked(bot(1001), target(1))); /* source */
	expect(2, WEIGHT_SIGN);
	other.port = 2323;
	scene_after(s, 1000, marked(bot(1001), other));
	expect(3, WEIGHT_PROOF);
	assert_non_null(strstr(scene_finding(s, CODE, bot(0))->text, "23, 2323"));
}

static void test_another_window_counts(void **state)
{
	struct packet p = marked(bot(1000), target(1));

	(void)state;
	scene_send(s, p);
	p.window = 5840;
	scene_after(s, 1000, p);
	expect(2, WEIGHT_SIGN);
}

static void test_an_answer_between_makes_it_count(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 20, make_tcp(target(1), bot(1000), TCP_SYN | TCP_ACK, 9, 1));
	scene_after(s, 980, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
}

static void test_a_reset_of_the_target_between_makes_it_count(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 20, make_tcp(target(1), bot(1000), TCP_RST | TCP_ACK, 0, 1));
	scene_after(s, 980, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
}

/* The kernel knows nothing of the raw socket's SYN and resets the answer that it did not ask for. */
static void test_a_reset_of_the_sender_between_makes_it_count(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 20, make_tcp(bot(1000), target(1), TCP_RST, 1, 0));
	scene_after(s, 980, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
}

static void test_an_answer_of_somebody_else_changes_nothing(void **state)
{
	struct end other_port = target(1);

	(void)state;
	other_port.port = 80;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 20, make_tcp(target(2), bot(1000), TCP_SYN | TCP_ACK, 9, 1));
	scene_after(s, 20, make_tcp(other_port, bot(1000), TCP_SYN | TCP_ACK, 9, 1));
	scene_after(s, 20, make_tcp(target(1), home(21, 1000), TCP_SYN | TCP_ACK, 9, 1));
	scene_after(s, 940, marked(bot(1000), target(1)));
	expect(1, WEIGHT_NOTE);
}

static void test_times_no_kernel_has(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 300, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
	scene_after(s, 100, marked(bot(1000), target(1)));
	expect(3, WEIGHT_PROOF);
}

static void test_131_seconds_later_is_a_new_try(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_wait(s, 130000);
	scene_send(s, marked(bot(1000), target(1)));
	expect(1, WEIGHT_NOTE);
	scene_wait(s, 131000);
	scene_send(s, marked(bot(1000), target(1)));
	expect(2, WEIGHT_SIGN);
}

static void test_two_marks_and_a_connection_convict(void **state)
{
	const struct finding *f;

	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 10, marked(bot(1000), target(2)));
	scene_after(s, 500, make_syn(bot(40000), target(1), 77));
	expect(2, WEIGHT_PROOF);
	f = scene_finding(s, CODE, bot(0));
	assert_int_equal(f->keys_n, 3);
	assert_int_equal(f->keys[2], 3);
	assert_non_null(strstr(f->text, "then an ordinary connection"));
}

static void test_a_connection_elsewhere_convicts_nobody(void **state)
{
	struct end other_port = target(1);

	(void)state;
	other_port.port = 443;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 10, marked(bot(1000), target(2)));
	scene_after(s, 10, make_syn(bot(40000), target(3), 77));
	scene_after(s, 10, make_syn(bot(40000), other_port, 77));
	scene_after(s, 10, make_syn(home(21, 40000), target(1), 77));
	expect(2, WEIGHT_SIGN);
}

static void test_one_mark_and_a_connection_convict_nobody(void **state)
{
	(void)state;
	scene_send(s, marked(bot(1000), target(1)));
	scene_after(s, 500, make_syn(bot(40000), target(1), 77));
	expect(1, WEIGHT_NOTE);
	scene_after(s, 500, marked(bot(1000), target(2)));
	expect(2, WEIGHT_SIGN); /* the connection came before the second mark */
}

/* NAT64 carries the address in the last 32 bits; small tails and small sequence numbers are made by hand. */
static void test_ipv6(void **state)
{
	struct end from = {
		.addr = scene_addr("fd00::20"), .mac = scene_mac(20), .port = 1000, .ttl = 64};
	struct end to = stranger_at("64:ff9b::198.51.100.1", 23);

	(void)state;
	scene_send(s, make_syn(from, to, 0xc6336401));
	expect_about(from, 1, WEIGHT_NOTE);
	to = stranger_at("2001:db8::1:0", 23);
	scene_after(s, 10, make_syn(from, to, 0x10000));
	expect_about(from, 2, WEIGHT_SIGN);
	to = stranger_at("2001:db8::ffff", 23);
	scene_after(s, 10, make_syn(from, to, 0xffff));
	expect_about(from, 2, WEIGHT_SIGN);
}

static void test_sequence_zero_is_no_mark(void **state)
{
	(void)state;
	scene_send(s, make_syn(bot(1000), stranger_at("0.0.0.0", 23), 0));
	assert_null(scene_finding(s, CODE, bot(0)));
}

static void test_every_port_is_tested(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		struct end to = target(i);

		to.port = (uint16_t)(i * 20000);
		scene_after(s, 10, marked(bot(1000), to));
	}
	expect(3, WEIGHT_PROOF);
}

/* … and look at a packet again at every power of two of marks, for the ports. */
static void test_decided_hosts_only_count(void **state)
{
	const struct finding *f;

	(void)state;
	for (unsigned marks = 1; marks <= 1000; marks++) {
		struct end to = target(marks % 250);

		to.port = marks == 512 ? 7547 : marks == 700 ? 2323 : 23;
		scene_after(s, 7, marked(bot((uint16_t)marks), to));
	}
	f = scene_finding(s, CODE, bot(0));
	assert_int_equal(f->weight, WEIGHT_PROOF);
	assert_int_equal(f->count, 1000);
	assert_int_equal(f->last_ns, s->now_ns);
	assert_non_null(strstr(f->text, "ports 23, 7547: "));
	assert_true(f->units < 100);
	assert_int_equal(f->keys_n, FINDING_PACKETS);
	for (unsigned i = 0; i < FINDING_PACKETS; i++)
		assert_int_equal(f->keys[i], i + 1);
}

static void test_senders_are_kept_apart(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++)
		scene_after(s, 10, marked(stranger(addr_v4(0xcb007100 + i), 1000), home(30, 23)));
	scene_conclude(s);
	for (size_t i = 0; i < s->findings.n; i++)
		assert_int_equal(s->findings.list[i].weight, WEIGHT_NOTE);
	assert_int_equal(s->findings.n, 200);
}

/* Both ends of time: what damaged files say. */
static void test_marks_at_the_ends_of_time(void **state)
{
	(void)state;
	s->now_ns = INT64_MIN;
	scene_send(s, marked(bot(1000), target(1)));
	s->now_ns = INT64_MAX;
	for (int i = 0; i < 100; i++)
		scene_send(s, marked(bot(1000), target(1)));
	s->now_ns = INT64_MIN;
	for (int i = 0; i < 100; i++)
		scene_send(s, marked(bot(1000), target(1)));
	assert_non_null(scene_finding(s, CODE, bot(0)));
}

/* Who watches live judges at once, and once: at the mark that decides, and whoever looks changes nothing. */
static void test_the_third_mark_is_urgent(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 40; i++) {
		scene_after(s, 5, marked(bot(1000), target(i)));
		(void)scene_finding(s, CODE, bot(0));
		assert_int_equal(scene_urgent(s), i >= 3);
	}
	/* Somebody else's scan is no reason to hurry. */
	for (unsigned i = 1; i <= 9; i++)
		scene_after(s, 5, marked(stranger(addr_v4(0x05060708), 1000), target(50 + i)));
	assert_int_equal(scene_urgent(s), 1);
}

static void test_a_connection_after_two_marks_is_urgent(void **state)
{
	(void)state;
	scene_after(s, 5, marked(bot(1000), target(1)));
	scene_after(s, 5, marked(bot(1000), target(2)));
	assert_int_equal(scene_urgent(s), 0);
	for (int i = 0; i < 3; i++) {
		scene_after(s, 500, make_syn(bot(4000), target(1), 77));
		assert_int_equal(scene_urgent(s), 1);
	}
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_no_mark_no_finding),
		RULE(test_one_mark_is_a_note),
		RULE(test_a_kernels_retransmissions_count_once),
		RULE(test_gaps_are_the_packets_own),
		RULE(test_copies_on_the_way_count_once),
		RULE(test_another_target_counts),
		RULE(test_another_port_counts),
		RULE(test_another_window_counts),
		RULE(test_an_answer_between_makes_it_count),
		RULE(test_a_reset_of_the_target_between_makes_it_count),
		RULE(test_a_reset_of_the_sender_between_makes_it_count),
		RULE(test_an_answer_of_somebody_else_changes_nothing),
		RULE(test_times_no_kernel_has),
		RULE(test_131_seconds_later_is_a_new_try),
		RULE(test_two_marks_and_a_connection_convict),
		RULE(test_a_connection_elsewhere_convicts_nobody),
		RULE(test_one_mark_and_a_connection_convict_nobody),
		RULE(test_the_third_mark_is_urgent),
		RULE(test_a_connection_after_two_marks_is_urgent),
		RULE(test_ipv6),
		RULE(test_sequence_zero_is_no_mark),
		RULE(test_every_port_is_tested),
		RULE(test_decided_hosts_only_count),
		RULE(test_senders_are_kept_apart),
		RULE(test_marks_at_the_ends_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
