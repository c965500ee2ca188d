/* SPDX-License-Identifier: MIT */
/*
 * watch/names: which addresses a name has for a device, what runs out, what is refused; and the message that tells of it,
 * whole, cut and changed.
 */
#include "watch/names.h"

#include "base/timespan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1477047871 * NS_PER_S)

static struct wire_names told;

static void add(const char *name, const char *server, const char *address, int64_t until_s,
		bool near)
{
	struct wire_name *n = &told.names[told.names_n++];

	*n = (struct wire_name){.addrs_n = 1, .near = near};
	snprintf(n->name, sizeof n->name, "%s", name);
	assert_true(addr_parse(server, &n->server));
	assert_true(addr_parse(address, &n->addrs[0]));
	n->until_ns[0] = NOW + until_s * NS_PER_S;
}

static void begin(const char *id)
{
	told = (struct wire_names){.names_n = 0};
	snprintf(told.id, sizeof told.id, "%s", id);
}

static void expect(const struct names *names, const char *id, const char *pattern, int64_t after_s,
		   const char *addresses)
{
	struct addr out[8];
	char text[256] = "", one[ADDR_TEXT_MAX];
	size_t n = names_of(names, id, pattern, out, 8, NOW + after_s * NS_PER_S);

	for (size_t i = 0; i < n; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, addr_text(&out[i], one));
	}
	if (strcmp(text, addresses) != 0)
		fail_msg("%s of %s is \"%s\", not \"%s\"", pattern, id, text, addresses);
}

static void test_names(void **state)
{
	struct names names = {.n = 0};

	(void)state;
	begin("mac:a");
	add("update.maker.example", "192.168.1.1", "203.0.113.1", 300, false);
	add("time.maker.example", "192.168.1.1", "203.0.113.2", 60, false);
	add("evilmaker.example", "192.168.1.1", "203.0.113.3", 300, false);
	assert_true(names_put(&names, &told, NOW));
	begin("mac:b");
	add("update.maker.example", "192.168.1.1", "203.0.113.9", 300, false);
	assert_true(names_put(&names, &told, NOW));
	expect(&names, "mac:a", "update.maker.example", 0, "203.0.113.1");
	expect(&names, "mac:a", "Update.Maker.example.", 0, "203.0.113.1");
	expect(&names, "mac:a", "*.maker.example", 0, "203.0.113.1 203.0.113.2");
	expect(&names, "mac:a", ".maker.example", 60, "203.0.113.1");
	expect(&names, "mac:a", "*.maker.example", 300, "");
	expect(&names, "mac:a", "maker.example", 0, "");
	expect(&names, "mac:b", "time.maker.example", 0, "");
	expect(&names, "mac:c", "*", 0, "");
	expect(&names, "mac:a", "", 0, "");
	expect(&names, "mac:a", ".", 0, "");
	names_fini(&names);
}

/* A name told again goes on; one that is told no more stays until its time. */
static void test_again(void **state)
{
	struct names names = {.n = 0};

	(void)state;
	begin("mac:a");
	add("a.example", "192.168.1.1", "203.0.113.1", 60, false);
	add("b.example", "192.168.1.1", "203.0.113.2", 300, false);
	assert_true(names_put(&names, &told, NOW));
	begin("mac:a");
	add("a.example", "192.168.1.1", "203.0.113.7", 600, false);
	assert_true(names_put(&names, &told, NOW));
	expect(&names, "mac:a", "*", 0, "203.0.113.7 203.0.113.2");
	expect(&names, "mac:a", "*", 300, "203.0.113.7");
	names_fini(&names);
}

static void count(void *context, const struct wire_name *name)
{
	*(unsigned *)context += name->near != 0;
}

/* A name that leads into the house, and one that a neighbour answered. */
static void test_refused(void **state)
{
	struct names names = {.n = 0};
	struct addr gateway;
	unsigned marked = 0;

	(void)state;
	begin("mac:a");
	add("a.example", "192.168.1.1", "192.168.1.20", 300, true);
	add("b.example", "192.168.1.66", "203.0.113.66", 300, false);
	add("c.example", "198.51.100.1", "203.0.113.3", 300, false);
	assert_true(names_put(&names, &told, NOW));
	expect(&names, "mac:a", "a.example", 0, "");
	expect(&names, "mac:a", "b.example", 0, "203.0.113.66");
	assert_true(addr_parse("192.168.1.1", &gateway));
	names_resolvers(&names, &gateway, 1);
	expect(&names, "mac:a", "b.example", 0, "");
	expect(&names, "mac:a", "c.example", 0,
	       addr_is_public(&told.names[2].server) ? "203.0.113.3" : "");
	names_each(&names, "mac:a", NOW, count, &marked);
	assert_int_equal(marked, 1);
	names_fini(&names);
}

/* Ten thousand devices that look names up: those that are known stay, and what ran out makes room. */
static void test_bounded(void **state)
{
	struct names names = {.n = 0};
	char id[32], name[32];

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(id, sizeof id, "mac:%u", i);
		begin(id);
		add("a.example", "192.168.1.1", "203.0.113.1", 300, false);
		assert_int_equal(names_put(&names, &told, NOW), i < NAMES_DEVICES);
	}
	assert_int_equal(names.refused, 10000 - NAMES_DEVICES);
	expect(&names, "mac:0", "a.example", 0, "203.0.113.1");
	assert_true(names_put(&names, &told, NOW + 301 * NS_PER_S));
	for (unsigned i = 0; i < 3 * WIRE_NAMES_MOST; i++) {
		begin("mac:1");
		snprintf(name, sizeof name, "n%u.example", i);
		add(name, "192.168.1.1", "203.0.113.1", 400 + (int64_t)i, false);
		assert_true(names_put(&names, &told, NOW));
	}
	expect(&names, "mac:1", name, 0, "203.0.113.1");
	expect(&names, "mac:1", "n0.example", 0, "");
	names_fini(&names);
}

/* ---- the message ------------------------------------------------------------------------------------------------- */

struct buffer {
	uint8_t at[64 * 1024];
	size_t len;
};

static void fill(void *context, const uint8_t *at, size_t len)
{
	struct buffer *b = context;

	assert_true(b->len + len <= sizeof b->at);
	memcpy(b->at + b->len, at, len);
	b->len += len;
}

static bool comes_back(const uint8_t *at, size_t len, struct wire_names *out)
{
	struct archive a = {.reading = true, .from = cursor_over((struct bytes){at, len})};

	*out = (struct wire_names){.names_n = 0};
	wire_names(&a, out);
	return !a.broken && cursor_left(&a.from) == 0;
}

static void test_message(void **state)
{
	struct buffer *b = calloc(1, sizeof *b);
	struct archive to = {.sink = fill, .sink_context = b};
	struct wire_names *out = calloc(1, sizeof *out);

	(void)state;
	begin("mac:02:00:5e:00:53:01");
	add("a.example", "192.168.1.1", "203.0.113.1", 300, true);
	add("b.example", "192.168.1.1", "2001:db8::1", -1, false);
	wire_names(&to, &told);
	archive_flush(&to);
	assert_true(comes_back(b->at, b->len, out));
	assert_memory_equal(out, &told, sizeof told);
	for (size_t len = 0; len < b->len; len++) {
		uint8_t *exact = malloc(len + 1);

		memcpy(exact, b->at, len);
		assert_false(comes_back(exact, len, out));
		free(exact);
	}
	for (size_t i = 0; i < b->len; i++) { /* refused, or with ends and numbers that hold */
		b->at[i] ^= 0xff;
		if (comes_back(b->at, b->len, out)) {
			assert_true(out->names_n <= WIRE_NAMES_MOST);
			assert_true(strlen(out->id) < sizeof out->id);
			for (uint32_t k = 0; k < out->names_n; k++) {
				assert_true(out->names[k].addrs_n <= WIRE_NAME_ADDRESSES);
				assert_true(strlen(out->names[k].name) < WIRE_NAME);
			}
		}
		b->at[i] ^= 0xff;
	}
	free(out);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_again),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_message)};

	return cmocka_run_group_tests_name("names_kept", tests, NULL, NULL);
}
