/* SPDX-License-Identifier: MIT */
/*
 * hold/enforcer against a stand-in for cordon-enforce that keeps what it is told, refuses now and then, and begins anew at
 * random: in the end it has what is wanted, and a device that is wanted all the time is held all the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/enforcer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOW (1000000 * NS_PER_S)
enum { KERNEL = 4096 };

/* The other side, and the kernel behind it, which outlives it. */
static struct {
	int fd;
	struct contain_element kernel[KERNEL];
	bool wanted[KERNEL]; /* told since BEGIN */
	size_t n;
	bool begun;
	unsigned refuse;  /* the next so many are refused … */
	unsigned refusal; /* … for this; 0: ENOSPC */
	unsigned heard;
	unsigned forgot; /* messages; each after its device was held */
} other;

static struct enforcer e;
static int64_t now;

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	now = NOW;
	memset(&other, 0, sizeof other);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	other.fd = pair[1];
	return enforcer_init(&e, pair[0]);
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(e.fd);
	(void)close(other.fd);
	enforcer_fini(&e);
	return 0;
}

static void answer(uint32_t type, uint64_t cookie, uint32_t number)
{
	struct enforce_message m = {.magic = ENFORCE_MAGIC,
				    .type = type,
				    .cookie = cookie,
				    .number = number,
				    .packets = 7,
				    .bytes = 420};

	(void)send(other.fd, &m, sizeof m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void begin_anew(void)
{
	struct enforce_message lost;

	other.begun = false;
	/* Half of what waits was taken by the one before, and went with it. */
	for (int i = rand() % 8; i > 0; i--)
		(void)recv(other.fd, &lost, sizeof lost, MSG_DONTWAIT);
	answer(ENFORCE_HELLO, 0, 0);
}

static size_t find(const struct contain_element *x)
{
	size_t i = 0;

	while (i < other.n && contain_element_order(&other.kernel[i], x) != 0)
		i++;
	return i;
}

static struct contain_wanted device(unsigned number, enum hold hold, int64_t until_ns)
{
	struct contain_wanted w = {.mac = {{2, 0, 0x5e, 0, 0x53, (uint8_t)number}},
				   .hold = hold,
				   .until_ns = until_ns,
				   .addresses_n = 1};

	w.addresses[0] = addr_v4(0xc0000200 + number);
	return w;
}

static bool is_held(unsigned number)
{
	struct contain_element x = {.set = SET_CONTAINED,
				    .mac = device(number, HOLD_CONTAINED, 0).mac};

	return find(&x) < other.n;
}

static void carry_out(const struct enforce_message *m)
{
	struct contain_element x = {.set = (enum contain_set)m->set};
	size_t i;

	memcpy(x.mac.b, m->mac, 6);
	memcpy(x.addr.b, m->addr, 16);
	x.until_ns = m->seconds == 0 ? 0 : now + m->seconds * NS_PER_S;
	i = find(&x);
	if (m->type == ENFORCE_BEGIN) {
		other.begun = true;
		memset(other.wanted, 0, sizeof other.wanted);
	} else if (m->type == ENFORCE_ADD) {
		assert_true(i < KERNEL);
		other.kernel[i] = x;
		other.wanted[i] = true;
		other.n += i == other.n;
	} else if (m->type == ENFORCE_REMOVE && i < other.n) {
		other.kernel[i] = other.kernel[--other.n];
		other.wanted[i] = other.wanted[other.n];
	} else if (m->type == ENFORCE_FORGET) {
		other.forgot++;
		assert_true(is_held(x.addr.b[15]));
	} else if (m->type == ENFORCE_END && other.begun) {
		other.begun = false;
		for (i = 0; i < other.n;)
			if (other.wanted[i]) {
				i++;
			} else {
				other.kernel[i] = other.kernel[--other.n];
				other.wanted[i] = other.wanted[other.n];
			}
	}
}

/* Takes up to so many messages. */
static void work(int most)
{
	struct enforce_message m;

	while (most-- > 0 && recv(other.fd, &m, sizeof m, MSG_DONTWAIT) == sizeof m) {
		assert_int_equal(m.magic, ENFORCE_MAGIC);
		other.heard++;
		if (other.refuse > 0) {
			other.refuse--;
			answer(ENFORCE_FAILED, m.cookie, other.refusal ? other.refusal : ENOSPC);
			continue;
		}
		carry_out(&m);
		answer(ENFORCE_DONE, m.cookie, 0);
	}
}

/* All is told and carried out. */
static void settle(void)
{
	for (int i = 0; i < 200 && !enforcer_is_done(&e); i++) {
		enforcer_tend(&e, now);
		work(1000);
		now += NS_PER_S;
	}
	assert_true(enforcer_is_done(&e));
}

static void expect_kernel(const struct contain_wanted *wanted, size_t n)
{
	static struct contain_element should[KERNEL];
	size_t refused, should_n = plan_elements(&(struct contain_all){.held = wanted, .held_n = n},
						 should, KERNEL, &refused);

	assert_int_equal(other.n, should_n);
	for (size_t i = 0; i < should_n; i++)
		assert_true(find(&should[i]) < other.n);
}

/* One that runs already is told everything, though it says nothing by itself; one that begins later, again. */
static void test_it_begins_with_everything(void **state)
{
	struct contain_wanted w = device(1, HOLD_CONTAINED, 0);

	(void)state;
	enforcer_want(&e, &(struct contain_all){.held = &w, .held_n = 1}, now);
	work(100);
	expect_kernel(&w, 1);
	settle();
	begin_anew();
	settle();
	expect_kernel(&w, 1);
	assert_true(is_held(1));
}

static void test_only_differences_are_sent(void **state)
{
	struct contain_wanted w[2] = {device(1, HOLD_CONTAINED, 0),
				      device(2, HOLD_ISOLATED, now + 3600 * NS_PER_S)};
	unsigned before;

	(void)state;
	begin_anew();
	enforcer_want(&e, &(struct contain_all){.held = w, .held_n = 2}, now);
	settle();
	expect_kernel(w, 2);
	before = other.heard;
	enforcer_want(&e, &(struct contain_all){.held = w, .held_n = 2}, now);
	settle();
	assert_int_equal(other.heard, before);
	enforcer_want(&e, &(struct contain_all){.held = w, .held_n = 1}, now);
	settle();
	expect_kernel(w, 1);
	assert_true(is_held(1));
}

static void test_what_failed_is_told_again(void **state)
{
	struct contain_wanted w = device(1, HOLD_CONTAINED, 0);

	(void)state;
	begin_anew();
	settle();
	other.refuse = 3;
	enforcer_want(&e, &(struct contain_all){.held = &w, .held_n = 1}, now);
	work(1000);
	enforcer_tend(&e, now);
	assert_int_equal(e.failed, 3);
	assert_int_equal(e.why, ENOSPC);
	assert_false(enforcer_is_done(&e));
	settle();
	expect_kernel(&w, 1);
}

static struct mac counted_mac;
static uint64_t counted_packets;

static void note_count(void *context, const struct mac *mac, uint64_t packets, uint64_t bytes)
{
	(void)context;
	(void)bytes;
	counted_mac = *mac;
	counted_packets = packets;
}

/* It holds nobody of this host, and is not asked to again and again. */
static void test_whom_it_must_not_hold(void **state)
{
	struct contain_wanted w = device(1, HOLD_CONTAINED, 0);
	unsigned before;

	(void)state;
	settle();
	other.refuse = 100;
	other.refusal = EPERM;
	enforcer_want(&e, &(struct contain_all){.held = &w, .held_n = 1}, now);
	settle();
	assert_int_equal(other.n, 0);
	before = other.heard;
	settle();
	assert_int_equal(other.heard, before);
}

static void test_old_answers(void **state)
{
	(void)state;
	answer(ENFORCE_DONE, 3, 0); /* of a service before */
	answer(ENFORCE_FAILED, UINT64_MAX, 5);
	enforcer_tend(&e, now);
	assert_false(e.heard);
	assert_int_equal(e.failed, 0);
}

static void test_counts(void **state)
{
	struct mac mac = {{2, 0, 0x5e, 0, 0x53, 9}};

	(void)state;
	assert_false(enforcer_count(&e, &mac));
	e.counted = note_count;
	begin_anew();
	settle();
	assert_true(enforcer_count(&e, &mac));
	assert_false(enforcer_count(&e, &mac)); /* one at a time */
	work(10);
	enforcer_tend(&e, now);
	assert_memory_equal(&counted_mac, &mac, sizeof mac);
	assert_int_equal(counted_packets, 7);
}

/* Connections are deleted when their device is held and not before, each address once, and no more than there is room for. */
static void test_forgetting(void **state)
{
	static struct contain_wanted w[ENFORCER_FORGETS + 9];
	size_t n = 0;

	(void)state;
	for (unsigned i = 1; i < 200; i++)
		w[n++] = device(i, HOLD_CONTAINED, 0);
	for (size_t i = 0; i < n; i++)
		enforcer_forget(&e, &w[i].addresses[0]);
	enforcer_forget(&e, &w[0].addresses[0]);
	enforcer_want(&e, &(struct contain_all){.held = w, .held_n = n}, now);
	work(10000);
	assert_int_equal(other.forgot, 0); /* who is there? */
	begin_anew();
	settle();
	assert_int_equal(other.forgot, n);
	settle();
	assert_int_equal(other.forgot, n);
	for (unsigned i = 0; i < 3 * ENFORCER_FORGETS; i++)
		enforcer_forget(&e,
				&(struct addr){{0x20, 1, [14] = (uint8_t)(i >> 8), (uint8_t)i}});
	assert_int_equal(e.forget_n, ENFORCER_FORGETS);
	e.forget_n = 0;
	enforcer_forget(&e, &(struct addr){{0}}); /* nobody */
	assert_int_equal(e.forget_n, 0);
}

static void test_what_is_no_answer(void **state)
{
	struct enforce_message m = {.magic = 1, .type = ENFORCE_HELLO};

	(void)state;
	(void)send(other.fd, &m, sizeof m, 0);
	(void)send(other.fd, &m, 5, 0);
	m.magic = ENFORCE_MAGIC;
	m.type = 77;
	(void)send(other.fd, &m, sizeof m, 0);
	enforcer_tend(&e, now);
	assert_false(e.heard);
}

/* Accidents at random; device 1 is wanted from the beginning on, and is held from then on. */
static void test_accidents(void **state)
{
	static struct contain_wanted w[40];

	(void)state;
	srand(7);
	for (int life = 0; life < 300; life++) {
		size_t n = 1 + (size_t)(rand() % 39);

		w[0] = device(1, HOLD_CONTAINED, 0);
		for (size_t i = 1; i < n; i++)
			w[i] = device((unsigned)(2 + rand() % 200), (enum hold)(1 + rand() % 3),
				      rand() % 2 ? 0 : now + (1 + rand() % 90) * NS_PER_S * 60);
		if (rand() % 3 == 0 || life == 0)
			begin_anew();
		if (rand() % 8 == 0)
			other.refuse = (unsigned)(rand() % 4);
		enforcer_want(&e, &(struct contain_all){.held = w, .held_n = n}, now);
		for (int i = rand() % 6; i > 0; i--) {
			work(rand() % 50);
			enforcer_tend(&e, now);
			if (life > 0)
				assert_true(is_held(1));
		}
		if (rand() % 4 == 0 || life == 0) {
			settle();
			/* Twice the same MAC among them is the planner's to join: compare what is in order. */
			assert_true(is_held(1));
		}
		now += NS_PER_S;
	}
	w[0] = device(1, HOLD_CONTAINED, 0);
	w[1] = device(2, HOLD_GATED, 0);
	enforcer_want(&e, &(struct contain_all){.held = w, .held_n = 2}, now);
	settle();
	now += 3600 * NS_PER_S * 24;
	settle();
	expect_kernel(w, 2);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_it_begins_with_everything),
		RULE(test_only_differences_are_sent),
		RULE(test_what_failed_is_told_again),
		RULE(test_whom_it_must_not_hold),
		RULE(test_old_answers),
		RULE(test_counts),
		RULE(test_forgetting),
		RULE(test_what_is_no_answer),
		RULE(test_accidents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
