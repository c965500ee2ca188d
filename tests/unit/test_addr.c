/* SPDX-License-Identifier: MIT */
/*
 * base/addr and base/hash: classes against the registries of RFC 6890 read bit by bit, text there and back, prefixes
 * against a naive twin, and the published hash's values, which may never change: lanes depend on them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/hash.h"
#include "draw.h"

static struct addr addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

/* One bit at a time, as the definition of a prefix says. */
static bool slow_has(const struct prefix *p, const struct addr *a)
{
	for (unsigned bit = 0; bit < p->bits; bit++) {
		uint8_t mask = (uint8_t)(0x80U >> bit % 8);

		if ((p->addr.b[bit / 8] & mask) != (a->b[bit / 8] & mask))
			return false;
	}
	return true;
}

static bool in_any(const char *const *list, const struct addr *a)
{
	for (; *list != NULL; list++) {
		struct prefix p;

		assert_true(prefix_parse(*list, &p));
		if (slow_has(&p, a))
			return true;
	}
	return false;
}

static const char *const zeros[] = {"0.0.0.0", "::", NULL};
static const char *const multicasts[] = {"224.0.0.0/4", "ff00::/8", NULL};
static const char *const broadcasts[] = {"255.255.255.255", NULL};
static const char *const loopbacks[] = {"127.0.0.0/8", "::1", NULL};
static const char *const link_locals[] = {"169.254.0.0/16", "fe80::/10", NULL};
static const char *const privates[] = {
	"10.0.0.0/8",	  "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
	"169.254.0.0/16", "fc00::/7",	   "fe80::/10",	     NULL};
static const char *const nobodys[] = {"0.0.0.0/8", "240.0.0.0/4", NULL};

static void check_classes(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];
	bool public = !in_any(privates, a) && !in_any(loopbacks, a) && !in_any(multicasts, a) &&
		      !in_any(zeros, a) && !in_any(nobodys, a);

	if (addr_is_zero(a) != in_any(zeros, a) || addr_is_multicast(a) != in_any(multicasts, a) ||
	    addr_is_broadcast(a) != in_any(broadcasts, a) ||
	    addr_is_loopback(a) != in_any(loopbacks, a) ||
	    addr_is_link_local(a) != in_any(link_locals, a) ||
	    addr_is_private(a) != in_any(privates, a) || addr_is_public(a) != public)
		fail_msg("%s is in another class", addr_text(a, text));
}

/* The address that lies step beside a prefix's first or last one. */
static struct addr edge(const struct prefix *p, bool last, int step)
{
	struct addr a = p->addr;
	int carry = step;

	for (unsigned bit = p->bits; last && bit < 128; bit++)
		a.b[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
	for (int i = 15; i >= 0 && carry != 0; i--) {
		int sum = a.b[i] + carry;

		a.b[i] = (uint8_t)sum;
		carry = sum < 0 ? -1 : sum > 255;
	}
	return a;
}

static void check_edges(const char *const *list)
{
	for (; *list != NULL; list++) {
		struct prefix p;

		assert_true(prefix_parse(*list, &p));
		for (int step = -1; step <= 1; step++) {
			struct addr first = edge(&p, false, step), last = edge(&p, true, step);

			check_classes(&first);
			check_classes(&last);
		}
	}
}

static void test_classes_at_their_edges(void **state)
{
	(void)state;
	check_edges(zeros);
	check_edges(multicasts);
	check_edges(broadcasts);
	check_edges(loopbacks);
	check_edges(link_locals);
	check_edges(privates);
	check_edges(nobodys);
}

static void test_classes_of_any_address(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct addr a = addr_v4((uint32_t)draw(&d));

		check_classes(&a);
		for (int j = 0; j < 16; j++)
			a.b[j] = (uint8_t)draw(&d);
		a.b[0] = (uint8_t)(draw_below(&d, 2) == 0 ? 0xfc + draw_below(&d, 4) : a.b[0]);
		check_classes(&a);
	}
}

static void test_internet_addresses_are_public(void **state)
{
	static const char *const internet[] = {"1.0.0.1",    "100.63.255.255", "100.128.0.0",
					       "172.15.0.1", "172.32.0.0",     "192.0.2.1",
					       "198.18.0.1", "223.255.255.1",  "2001:db8::1",
					       "64:ff9b::1", "fec0::1"};

	(void)state;
	for (size_t i = 0; i < sizeof internet / sizeof internet[0]; i++) {
		struct addr a = addr(internet[i]);

		assert_true(addr_is_public(&a));
	}
}

static void test_prefixes_hold_what_they_hold(void **state)
{
	struct draw d = draw_from(2);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct prefix p = {.bits = (uint8_t)draw_below(&d, 129)};
		unsigned flip = (unsigned)draw_below(&d, 128);
		struct addr a;

		for (int j = 0; j < 16; j++)
			p.addr.b[j] = (uint8_t)draw(&d);
		a = p.addr;
		assert_true(prefix_has(&p, &a));
		a.b[flip / 8] ^= (uint8_t)(0x80U >> flip % 8);
		assert_int_equal(prefix_has(&p, &a), flip >= p.bits);
		assert_int_equal(prefix_has(&p, &a), slow_has(&p, &a));
	}
}

static void test_families_do_not_mix(void **state)
{
	struct addr four = addr("192.0.2.1"), six = addr("2001:db8::1");
	struct prefix all_four, all;

	(void)state;
	assert_true(prefix_parse("0.0.0.0/0", &all_four) && prefix_parse("::/0", &all));
	assert_int_equal(all_four.bits, 96);
	assert_true(prefix_has(&all_four, &four));
	assert_false(prefix_has(&all_four, &six));
	assert_true(prefix_has(&all, &four) && prefix_has(&all, &six));
}

static void expect_prefix(const char *text, const char *printed)
{
	char buf[PREFIX_TEXT_MAX];
	struct prefix p, again;

	assert_true(prefix_parse(text, &p));
	assert_string_equal(prefix_text(&p, buf), printed);
	assert_true(prefix_parse(buf, &again));
	assert_memory_equal(&p.addr, &again.addr, sizeof p.addr);
	assert_int_equal(p.bits, again.bits);
}

static void test_prefix_text(void **state)
{
	(void)state;
	expect_prefix("192.0.2.7", "192.0.2.7/32");
	expect_prefix("192.0.2.7/24", "192.0.2.0/24");
	expect_prefix("192.0.2.255/25", "192.0.2.128/25");
	expect_prefix("203.0.113.9/0", "0.0.0.0/0");
	expect_prefix("2001:db8::1", "2001:db8::1/128");
	expect_prefix("2001:DB8:0:0:ffff::1/33", "2001:db8::/33");
	expect_prefix("::/0", "::/0");
	expect_prefix("::ffff:192.0.2.7/120", "192.0.2.0/24");
	expect_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
}

static void test_no_prefixes(void **state)
{
	static const char *const bad[] = {
		"",
		"/8",
		"192.0.2.1/",
		"192.0.2.1/33",
		"192.0.2.1/+8",
		"192.0.2.1/ 8",
		"192.0.2.1/8 ",
		"192.0.2.1/0x8",
		"192.0.2.1/008x",
		"192.0.2.1/0008",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1/8/8",
		"2001:db8::/129",
		"2001:db8::/1000",
		":::",
		"fe80::1%eth0",
		"localhost",
		"192.0.2.1/-1",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"};
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (prefix_parse(bad[i], &p))
			fail_msg("\"%s\" is no prefix", bad[i]);
	}
}

static void test_text_and_back(void **state)
{
	struct draw d = draw_from(3);
	char buf[PREFIX_TEXT_MAX];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct prefix p = {.addr = addr_v4((uint32_t)draw(&d))}, again;
		struct addr back;
		bool four = draw_below(&d, 2) == 0;

		for (int j = 0; j < 16 && !four; j++)
			p.addr.b[j] = (uint8_t)(draw_below(&d, 3) == 0 ? 0 : draw(&d));
		assert_true(addr_parse(addr_text(&p.addr, buf), &back));
		assert_true(addr_equal(&p.addr, &back));
		p.bits = (uint8_t)(four ? 96 + draw_below(&d, 33) : draw_below(&d, 129));
		for (unsigned bit = p.bits; bit < 128; bit++)
			p.addr.b[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
		assert_true(strlen(prefix_text(&p, buf)) < PREFIX_TEXT_MAX);
		assert_true(prefix_parse(buf, &again));
		assert_true(addr_equal(&p.addr, &again.addr));
		assert_int_equal(p.bits, again.bits);
	}
}

static void test_macs(void **state)
{
	struct mac m = {{0x02, 0x00, 0x5e, 0x00, 0x53, 0xff}}, group = m, none = {{0}},
		   last = {{0}};
	char buf[MAC_TEXT_MAX];

	(void)state;
	group.b[0] |= 1;
	last.b[5] = 1;
	assert_string_equal(mac_text(&m, buf), "02:00:5e:00:53:ff");
	assert_true(mac_is_group(&group) && !mac_is_group(&m));
	assert_true(mac_is_zero(&none) && !mac_is_zero(&m) && !mac_is_zero(&last));
	assert_true(mac_equal(&m, &m) && !mac_equal(&m, &group));
	assert_true(mac_compare(&none, &last) < 0 && mac_compare(&m, &last) > 0);
	assert_int_equal(mac_compare(&m, &m), 0);
}

static void test_low_bits_and_order(void **state)
{
	struct addr a = addr("192.0.2.1"), b = addr("192.0.2.2"), six = addr("2001:db8::c000:201");

	(void)state;
	assert_int_equal(addr_low32(&a), 0xc0000201);
	assert_int_equal(addr_low32(&six), 0xc0000201);
	assert_true(addr_is_v4(&a) && !addr_is_v4(&six));
	assert_true(addr_compare(&a, &b) < 0 && addr_compare(&b, &a) > 0);
	assert_true(addr_compare(&b, &six) < 0 && addr_compare(&a, &a) == 0);
}

/* The right values were computed by another program from the definition in the header. */
static void test_published_hash(void **state)
{
	struct addr a = addr("192.0.2.1"), zero = addr("0.0.0.0"), six = addr("2001:db8::1");
	struct mac m = {{0x02, 0x00, 0x5e, 0x00, 0x53, 0x01}};

	(void)state;
	assert_true(hash_mix(1) == UINT64_C(0xb456bcfc34c2cb2c));
	assert_true(hash_addr(&a) == UINT64_C(0xeb048e0d7f0365d8));
	assert_true(hash_addr(&zero) == UINT64_C(0x3b355d07373b1322));
	assert_true(hash_addr(&six) == UINT64_C(0xab7ad0673a57316e));
	assert_true(hash_mac(&m) == UINT64_C(0x8c07838ad52bd42f));
	assert_true(hash_more(5, 7) == UINT64_C(0x24cb4c996f60a9b8));
}

/* An IPv6 address with the published hash of another one: the lower half is any, the upper half makes up for it. */
static struct addr with_hash_of(struct addr a, uint64_t low)
{
	uint64_t inverse =
		0x9e3779b97f4a7c15ULL; /* Newton: each step doubles the bits that are right */
	uint64_t high;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - 0x9e3779b97f4a7c15ULL * inverse;
	high = hash_load(a.b) + (hash_mix(hash_load(a.b + 8) ^ 0x2545f4914f6cdd1dULL) -
				 hash_mix(low ^ 0x2545f4914f6cdd1dULL)) *
					inverse;
	for (int i = 0; i < 8; i++) {
		a.b[i] = (uint8_t)(high >> 8 * i);
		a.b[8 + i] = (uint8_t)(low >> 8 * i);
	}
	return a;
}

/* Anybody can write down addresses with one published hash; the key, which nobody knows, spreads them. */
static void test_the_keyed_hash_spreads_what_was_chosen(void **state)
{
	enum { CHOSEN = 6400 };
	struct addr first = addr("2001:db8::1");
	unsigned cells[64] = {0};
	double chi = 0;

	(void)state;
	for (uint64_t i = 0; i < CHOSEN; i++) {
		struct addr a = with_hash_of(first, i * 0x10001);

		assert_true(hash_addr(&a) == hash_addr(&first));
		cells[hash_keyed(&a, 12345) >> 58]++;
	}
	for (int i = 0; i < 64; i++)
		chi += (cells[i] - 100.0) * (cells[i] - 100.0) / 100.0;
	assert_true(chi < 120);
}

/* Of IPv4 addresses no two share a hash, so there the published one places them; slots mix the seed in. */
static void test_the_keyed_hash_of_ipv4(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 10000; i++) {
		struct addr a = addr_v4(0xc0000200 + i), b = addr_v4(0xc0000200 + i - 1);

		assert_true(hash_keyed(&a, 7) != hash_keyed(&b, 7));
		assert_true(hash_keyed(&a, 7) == hash_addr(&a));
		assert_true(hash_keyed(&a, 8) == hash_addr(&a));
	}
}

/* Neighbours in one network spread over all lanes: chi square of 63 degrees stays below 120 (1 in 50000). */
static void test_lanes_fill_evenly(void **state)
{
	unsigned lanes[64] = {0};
	double chi = 0;

	(void)state;
	for (uint32_t i = 0; i < 64000; i++) {
		struct addr a = addr_v4(0x0a000000 + i);

		lanes[hash_addr(&a) >> 58]++;
	}
	for (int i = 0; i < 64; i++)
		chi += (lanes[i] - 1000.0) * (lanes[i] - 1000.0) / 1000.0;
	assert_true(chi < 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes_at_their_edges),
		cmocka_unit_test(test_classes_of_any_address),
		cmocka_unit_test(test_internet_addresses_are_public),
		cmocka_unit_test(test_prefixes_hold_what_they_hold),
		cmocka_unit_test(test_families_do_not_mix),
		cmocka_unit_test(test_prefix_text),
		cmocka_unit_test(test_no_prefixes),
		cmocka_unit_test(test_text_and_back),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_low_bits_and_order),
		cmocka_unit_test(test_published_hash),
		cmocka_unit_test(test_the_keyed_hash_spreads_what_was_chosen),
		cmocka_unit_test(test_the_keyed_hash_of_ipv4),
		cmocka_unit_test(test_lanes_fill_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
