/* SPDX-License-Identifier: MIT */
/*
 * contain/mud_rules: what stands in the text, and what never does. That the kernel decides by it as mud_match() does is tried
 * with packets (tests/groups/mud).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mud_house.h"

#include "contain/mud_rules.h"

static const struct mac cam = {{0x02, 0x00, 0x5e, 0x00, 0x53, 0x0a}};
static struct text text;

static void write_file(const char *file, int64_t now_ns,
		       void (*write)(const struct mud_ready *, const struct mac *, int64_t,
				     struct text *))
{
	struct mud_refusal said;
	struct mud_profile p;
	struct mud_ready ready;
	size_t len;
	char *json = house_file(file, &len);

	assert_true(mud_read(json, len, &p, &said));
	assert_true(mud_compile(&p, &house, &ready));
	text_clear(&text);
	write(&ready, &cam, now_ns, &text);
	mud_ready_fini(&ready);
	mud_fini(&p);
	free(json);
}

static bool has(const char *what)
{
	return strstr(text_string(&text), what) != NULL;
}

static void lines_say_what_rules_say(void **unused)
{
	(void)unused;
	write_file("names", HOUSE_NOW, mud_rules_write);
	assert_true(has(
		"ip daddr @mud_02005e00530a_g0v4 ip frag-off & 0x3fff == 0 meta l4proto 6 tcp dport "
		"443 tcp flags & (syn | ack) != (syn | ack) counter name mud_02005e00530a_r0 accept\n"));
	assert_true(has(
		"ip saddr @mud_02005e00530a_g0v4 ip frag-off & 0x3fff == 0 meta l4proto 6 tcp sport "
		"443 tcp flags & (syn | ack) != syn counter name mud_02005e00530a_r7 accept\n"));
	assert_true(has("ip daddr 198.51.100.77/32 ") || has("ip daddr 198.51.100.77 "));
	assert_true(has(
		"add element netdev cordon mud_from { 02:00:5e:00:53:0a : goto mud_02005e00530a_from }\n"));
	assert_true(has(
		"add element bridge cordon mud_to { 02:00:5e:00:53:0a : goto mud_02005e00530a_to }\n"));
	assert_false(has("add element inet cordon mud_to"));
	write_file("ports", HOUSE_NOW, mud_rules_write);
	assert_true(has("udp sport 5000 udp dport != 53 "));
	assert_true(has("udp sport 0-1023 udp dport 123 "));
	assert_true(has("tcp sport 1024-65535 tcp dport 554-557 "));
	assert_true(has("ip daddr 203.0.113.0/28 meta l4proto 47 counter "));
	write_file("icmp", HOUSE_NOW, mud_rules_write);
	assert_true(has("meta l4proto 1 icmp type 8 icmp code 0 "));
	assert_true(has("meta l4proto 58 icmpv6 code 3 "));
	write_file("drops", HOUSE_NOW, mud_rules_write);
	assert_true(has("tcp dport 23 counter name mud_02005e00530a_r0 goto dropped\n"));
	assert_true(has("tcp dport 23 counter name mud_02005e00530a_r8 goto dropped_to\n"));
}

/* The profile's own words stay out: they are a stranger's. */
static void nothing_of_the_profile_is_written(void **unused)
{
	static const char *const theirs[] = {"example", "maker", "cloud",     "T-1",
					     "\"",	"urn",	 "unassigned"};

	(void)unused;
	write_file("classes", HOUSE_NOW, mud_rules_write);
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
		assert_false(has(theirs[i]));
}

static void answers_end(void **unused)
{
	static const int64_t second = 1000000000;

	(void)unused;
	house_bindings[0].until_ns = HOUSE_NOW + 300 * second;
	house_bindings[1].until_ns = HOUSE_NOW + 20 * second;
	write_file("names", HOUSE_NOW, mud_rules_write_elements);
	assert_true(has(
		"add element netdev cordon mud_02005e00530a_g0v4 { 198.51.100.10 timeout 300s }\n"));
	assert_false(has("chain"));
	/* Nothing that was answered for a moment, nothing of home. */
	assert_false(has("198.51.100.11"));
	assert_false(has("192.0.2.20"));
	assert_false(has("127.0.0.1"));
	write_file("names", HOUSE_NOW + 299 * second, mud_rules_write_elements);
	assert_true(has("{ 198.51.100.10 timeout 1s }\n"));
	house_build();
}

static int build(void **unused)
{
	(void)unused;
	house_build();
	return 0;
}

static int done(void **unused)
{
	(void)unused;
	text_fini(&text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_say_what_rules_say),
		cmocka_unit_test(nothing_of_the_profile_is_written),
		cmocka_unit_test(answers_end),
	};

	return cmocka_run_group_tests(tests, build, done);
}
