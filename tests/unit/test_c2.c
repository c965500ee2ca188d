/* SPDX-License-Identifier: MIT */
/*
 * What talk with a command server weighs: halves of it, the whole, and what has honest users. Told by hand, as parsers
 * tell it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/detect.h"

#include <stdlib.h>

enum { FACTS = 16 };

static struct catalogue catalogue;
static struct fact facts[FACTS];
static struct told told[FACTS];
static size_t told_n;
static struct findings found;

static int load(void **state)
{
	struct knowledge_error error;

	(void)state;
	return catalogue_load(&catalogue, NULL, 0, &error);
}

static int unload(void **state)
{
	(void)state;
	catalogue_fini(&catalogue);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	told_n = 0;
	found = (struct findings){.n = 0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	findings_fini(&found);
	return 0;
}

/* As reduce has it: by signal, then by packet. */
static void tells(enum signal signal, const char *value, unsigned server, uint32_t count)
{
	size_t at = told_n;

	assert_true(told_n < FACTS);
	facts[told_n] = (struct fact){.signal = (uint8_t)signal,
				      .peer = addr_v4(0xcb007100 + server),
				      .port = 23,
				      .key = 100 + told_n,
				      .last_key = 200 + told_n,
				      .first_ns = (int64_t)told_n * 1000,
				      .last_ns = 50000,
				      .count = count};
	while (at > 0 && told[at - 1].fact->signal > signal) {
		told[at] = told[at - 1];
		at--;
	}
	told[at] = (struct told){.fact = &facts[told_n],
				 .value = {(const uint8_t *)value, strlen(value)}};
	told_n++;
}

static bool local = true;

static void judge(void)
{
	const struct story story = {.addr = addr_v4(0xc0a80114),
				    .mac = 3,
				    .local = local,
				    .told = told,
				    .told_n = told_n,
				    .catalogue = &catalogue};

	detector_c2.judge_story(&story, &found);
	for (size_t i = 0; i < found.n; i++) {
		const struct finding *f = &found.list[i];

		assert_true(f->keys_n > 0);
		assert_true(f->first_ns <= f->last_ns);
		assert_true(strlen(f->text) > 10);
		assert_true((f->act == ACT_RECRUITED) == (f->weight != WEIGHT_NOTE));
	}
}

/* One finding with that weight and family. */
static const struct finding *one(enum weight weight, const char *family)
{
	judge();
	assert_int_equal(found.n, 1);
	assert_int_equal(found.list[0].weight, weight);
	if (family == NULL)
		assert_null(found.list[0].family);
	else
		assert_string_equal(found.list[0].family, family);
	return &found.list[0];
}

static void test_mirai_whole(void **state)
{
	const struct finding *f;
	struct addr server = addr_v4(0xcb007109);

	(void)state;
	tells(SIGNAL_c2_hello, "mirai telnet.arm7", 9, 1);
	tells(SIGNAL_c2_alive, "mirai", 9, 12);
	tells(SIGNAL_c2_command, "mirai flood UDP packets at 192.0.2.7 for 60 s", 9, 1);
	f = one(WEIGHT_PROOF, "mirai");
	assert_true(f->strong);
	assert_int_equal(f->role, ROLE_COMMAND);
	assert_int_equal(f->port, 23);
	assert_true(f->has_peer && addr_equal(&f->peer, &server));
	assert_int_equal(f->count, 14);
	assert_int_equal(f->keys_n, 4); /* of twelve keep-alives the first and the last */
	assert_non_null(strstr(f->text, "spoke Mirai with 203.0.113.9"));
	assert_non_null(strstr(f->text, "registered as telnet.arm7"));
	assert_non_null(strstr(f->text, "answered 12 times"));
	assert_non_null(strstr(f->text, "1 order, the first: flood UDP packets at 192.0.2.7"));
}

static void test_mirai_kept_alive_is_proof(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "mirai", 9, 1);
	tells(SIGNAL_c2_alive, "mirai", 9, 1);
	assert_false(one(WEIGHT_PROOF, "mirai")->strong);
}

static void test_mirai_ordered_is_proof(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "mirai moobot x86", 9, 1);
	tells(SIGNAL_c2_command, "mirai flood", 9, 1);
	one(WEIGHT_PROOF, "mirai");
}

static void test_halves_are_signs(void **state)
{
	static const enum signal halves[] = {SIGNAL_c2_hello, SIGNAL_c2_alive, SIGNAL_c2_command};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		told_n = 0;
		found.n = 0;
		tells(halves[i], "mirai x", 9, 1);
		one(WEIGHT_SIGN, "mirai");
	}
}

/* A fact is kept under its first server; the orders came from the next. */
static void test_a_change_of_servers(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "mirai arm7", 9, 2);
	tells(SIGNAL_c2_alive, "mirai", 10, 5);
	judge();
	assert_int_equal(found.n, 2);
	assert_int_equal(found.list[0].weight, WEIGHT_PROOF);
	assert_int_equal(found.list[1].weight, WEIGHT_PROOF);
	assert_false(addr_equal(&found.list[0].peer, &found.list[1].peer));
}

/* What one protocol lacks another does not give. */
static void test_protocols_stand_alone(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "mirai", 9, 1);
	tells(SIGNAL_c2_alive, "gafgyt", 9, 5);
	judge();
	assert_int_equal(found.n, 2);
	assert_int_equal(found.list[0].weight, WEIGHT_SIGN);
	assert_int_equal(found.list[1].weight, WEIGHT_NOTE);
}

static void test_gafgyt(void **state)
{
	(void)state;
	tells(SIGNAL_c2_alive, "gafgyt", 9, 30); /* so do clients of many a server */
	one(WEIGHT_NOTE, NULL);
	found.n = 0;
	tells(SIGNAL_c2_hello, "gafgyt", 9, 1);
	one(WEIGHT_SIGN, "gafgyt");
	found.n = 0;
	tells(SIGNAL_c2_command, "gafgyt flood UDP", 9, 1);
	one(WEIGHT_PROOF, "gafgyt");
}

/* Servers of the house keep their clients alive in the same words. */
static void test_a_server_at_home(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "gafgyt", 9, 1);
	tells(SIGNAL_c2_alive, "gafgyt", 9, 30);
	facts[0].peer = facts[1].peer = addr_v4(0xc0a80106);
	one(WEIGHT_NOTE, NULL);
}

static void test_chat_is_a_note_and_orders_a_sign(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "irc", 9, 1);
	tells(SIGNAL_c2_alive, "irc", 9, 90);
	one(WEIGHT_NOTE, NULL);
	found.n = 0;
	tells(SIGNAL_c2_command, "irc flood UDP", 9, 1);
	one(WEIGHT_SIGN, NULL);
}

static void test_reports_are_proof(void **state)
{
	(void)state;
	tells(SIGNAL_c2_report, "mirai 192.0.2.8:23", 9, 3);
	tells(SIGNAL_c2_report, "mirai 192.0.2.9:23", 9, 2);
	assert_non_null(strstr(one(WEIGHT_PROOF, "mirai")->text, "reported 5 logins"));
	assert_non_null(strstr(found.list[0].text, "the first at 192.0.2.8:23"));
}

static void test_sharing_files_accuses_nobody(void **state)
{
	(void)state;
	tells(SIGNAL_dht_node, "bittorrent", 9, 1000);
	one(WEIGHT_NOTE, NULL);
}

static void test_of_strangers_nothing_is_noted(void **state)
{
	(void)state;
	local = false;
	tells(SIGNAL_dht_node, "bittorrent", 9, 1000);
	tells(SIGNAL_c2_hello, "irc", 9, 1);
	judge();
	assert_int_equal(found.n, 0);
	tells(SIGNAL_dht_node, "mozi", 9, 1); /* datagrams can be forged */
	judge();
	assert_int_equal(found.n, 0);
	local = true;
}

static void test_mozi_is_a_sign(void **state)
{
	(void)state;
	tells(SIGNAL_dht_node, "mozi", 9, 10);
	tells(SIGNAL_dht_node, "mozi", 10, 10);
	one(WEIGHT_SIGN, "mozi");
}

static void test_names(void **state)
{
	const struct finding *f;

	(void)state;
	tells(SIGNAL_dns_name, "www.example.com", 53, 9);
	tells(SIGNAL_dns_name, "cbk99.com.example.com", 53, 9);
	judge();
	assert_int_equal(found.n, 0);
	tells(SIGNAL_dns_name, "cdn.cbk99.com", 53, 9);
	f = one(WEIGHT_SIGN, "reaper");
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_false(f->has_peer); /* the resolver is nobody's master */
	assert_non_null(strstr(f->text, ": cbk99.com"));
}

/* Nothing that a stranger chose is printed as it came. */
static void test_texts_are_harmless(void **state)
{
	char name[200] = "mirai \x1b[2J<script>%n%s";
	const struct finding *f;

	(void)state;
	memset(name + 30, 'A', sizeof name - 31);
	tells(SIGNAL_c2_hello, name, 9, 1);
	tells(SIGNAL_c2_alive, "mirai", 9, UINT32_MAX);
	tells(SIGNAL_c2_command, "mirai \x9b\xe2\x80\xae\x01", 9, UINT32_MAX);
	f = one(WEIGHT_PROOF, "mirai");
	for (const char *c = f->text; *c != '\0'; c++)
		assert_true(*c >= ' ' && *c <= '~' && *c != '<' && *c != '%');
	assert_true(strlen(f->text) < FINDING_TEXT);
}

static void test_unknown_words(void **state)
{
	(void)state;
	tells(SIGNAL_c2_hello, "", 9, 1);
	tells(SIGNAL_c2_alive, "miraiz", 9, 1);
	one(WEIGHT_SIGN, NULL);
}

static void test_nothing_told(void **state)
{
	(void)state;
	judge();
	assert_int_equal(found.n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_mirai_whole),
		TEST(test_mirai_kept_alive_is_proof),
		TEST(test_mirai_ordered_is_proof),
		TEST(test_halves_are_signs),
		TEST(test_a_change_of_servers),
		TEST(test_protocols_stand_alone),
		TEST(test_gafgyt),
		TEST(test_a_server_at_home),
		TEST(test_chat_is_a_note_and_orders_a_sign),
		TEST(test_reports_are_proof),
		TEST(test_sharing_files_accuses_nobody),
		TEST(test_of_strangers_nothing_is_noted),
		TEST(test_mozi_is_a_sign),
		TEST(test_names),
		TEST(test_texts_are_harmless),
		TEST(test_unknown_words),
		TEST(test_nothing_told),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
