/* SPDX-License-Identifier: MIT */
/*
 * proto/tplink: answers of plugs over UDP and TCP, in any pieces, and what must not be told: names, places, commands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

#define INFO(kind)                                                                                 \
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.2.6 Build 200727\",\"hw_ver\":\"1.0\","      \
	"\"model\":\"HS110(EU)\",\"deviceId\":\"EXAMPLE\",\"alias\":\"kitchen\",\"" kind           \
	"\":\"IOT.SMARTPLUGSWITCH\",\"mac\":\"00:00:5E:00:53:01\",\"latitude_i\":525000}}}"
#define ASK "{\"system\":{\"get_sysinfo\":{}}}"
#define TOLD_OF(who)                                                                               \
	"service " who " tplink\ntplink-model " who " HS110(EU)\ntplink-type " who                 \
	" IOT.SMARTPLUGSWITCH\ntplink-software " who " 1.2.6 Build 200727\ntplink-hardware " who   \
	" 1.0\n"

/* The cipher, written the other way round. */
static void put_hidden(struct made *w, const char *text)
{
	uint8_t key = 171;

	for (; *text != '\0'; text++) {
		key ^= (uint8_t)*text;
		made_be(w, key, 1);
	}
}

static struct made datagram(const char *text)
{
	struct made w = {.len = 0};

	put_hidden(&w, text);
	return w;
}

static struct made message(const char *text)
{
	struct made w = {.len = 0};
	size_t from = made_open(&w, 4);

	put_hidden(&w, text);
	made_close(&w, from, 4);
	return w;
}

static void answers_by_datagram(void **unused)
{
	struct made w = datagram(INFO("mic_type")), ask = datagram(ASK);

	(void)unused;
	assert_int_equal(mine_of(&proto_tplink, 9999, 41000, w.at, w.len), MATCH_YES);
	assert_int_equal(mine_of(&proto_tplink, 9998, 41000, w.at, w.len), MATCH_NO);
	expect_datagram(&proto_tplink, 9999, 41000, &w, true, TOLD_OF("sender"));
	cut_datagram(&proto_tplink, 9999, 41000, &w, TOLD_OF("sender"));
	spoil_datagram(&proto_tplink, 9999, 41000, &w);
	w = datagram(INFO("type"));
	expect_datagram(&proto_tplink, 9999, 41000, &w, true, TOLD_OF("sender"));
	expect_datagram(&proto_tplink, 41000, 9999, &ask, true, "");
	w = datagram("{\"smartlife\":{\"model\":\"X\"}}");
	expect_datagram(&proto_tplink, 9999, 41000, &w, true, "");
	w = datagram("{\"1\":1}");
	expect_datagram(&proto_tplink, 9999, 41000, &w, false, "");
	w = datagram("{}");
	expect_datagram(&proto_tplink, 9999, 41000, &w, false, "");
}

static void answers_by_stream(void **unused)
{
	static struct parsing p;
	struct made ask = message(ASK), info = message(INFO("type"));

	(void)unused;
	assert_int_equal(mine_of(&proto_tplink, 41000, 9999, ask.at, ask.len), MATCH_YES);
	for (size_t piece = 1; piece <= info.len; piece += piece < 9 ? 1 : 97) {
		parsing_init(&p, &proto_tplink, 41000, 9999);
		parsing_stream(&p, true, ask.at, ask.len, false, false);
		for (size_t at = 0; at < info.len; at += piece)
			parsing_stream(&p, false, info.at + at,
				       info.len - at < piece ? info.len - at : piece, false, false);
		parsing_stream(&p, true, ask.at, ask.len, false, true);
		expect_told(&p, TOLD_OF("server"));
		assert_false(p.done);
		parsing_fini(&p);
	}
}

static void streams_cut(void **unused)
{
	static struct parsing p;
	struct made info = message(INFO("type"));

	(void)unused;
	for (size_t n = 0; n <= info.len; n++) {
		parsing_init(&p, &proto_tplink, 41000, 9999);
		parsing_stream(&p, false, info.at, n, false, true);
		expect_within(p.text, TOLD_OF("server"));
		parsing_fini(&p);
	}
}

/* A strip of sockets answers with more than is read; what follows its message is found again. */
static void long_answers(void **unused)
{
	static struct parsing p;
	static char text[12000];
	struct made w, info = message(INFO("type"));

	(void)unused;
	snprintf(text, sizeof text,
		 "{\"system\":{\"get_sysinfo\":{\"model\":\"HS300(US)\",\"children\":[%*s]}}}",
		 11000, "");
	w = message(text);
	parsing_init(&p, &proto_tplink, 41000, 9999);
	for (size_t at = 0; at < w.len; at += 1400)
		parsing_stream(&p, false, w.at + at, w.len - at < 1400 ? w.len - at : 1400, false,
			       false);
	expect_told(&p, "service server tplink\ntplink-model server HS300(US)\n");
	parsing_stream(&p, false, info.at, info.len, false, false);
	expect_told(&p, TOLD_OF("server"));
	parsing_fini(&p);
}

static void lost_bytes_and_strangers(void **unused)
{
	static struct parsing p;
	struct made info = message(INFO("type"));

	(void)unused;
	parsing_init(&p, &proto_tplink, 41000, 9999);
	parsing_stream(&p, false, info.at, 100, false, false);
	parsing_stream(&p, false, info.at + 120, info.len - 120, true, false);
	parsing_stream(&p, false, info.at, info.len, false, false);
	expect_told(&p, "");
	assert_false(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_tplink, 41000, 9999);
	SERVER(&p, "HTTP/1.1 200 OK\r\n\r\n");
	assert_true(p.done);
	parsing_fini(&p);
}

static void others_are_refused(void **unused)
{
	static const struct {
		const char *at;
		size_t len;
		enum match match;
	} cases[] = {
		{"GET / HTTP/1.1\r\n\r\n", 18, MATCH_NO},
		{"\x00\x00\x00\x10", 4, MATCH_MAYBE},
		{"\x00\x00\x00\x10\xd0\xf2\x81", 7, MATCH_YES},
		{"\x00\x00\x00\x10\xd0\xf2\xd2", 7, MATCH_NO},
		{"\x00\x00\x00\x01\xd0\xf2\x81", 7, MATCH_NO},
		{"\x00\x00\x00\x10\x00\x00\x00", 7, MATCH_NO},
		{"\x00\x02\x00\x10\xd0\xf2\x81", 7, MATCH_NO},
		{"\xff\x01", 2, MATCH_NO},
		{"", 0, MATCH_MAYBE},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(mine_of(&proto_tplink, 41000, 9999, cases[i].at, cases[i].len),
				 cases[i].match);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_by_datagram),
		cmocka_unit_test(answers_by_stream),
		cmocka_unit_test(streams_cut),
		cmocka_unit_test(long_answers),
		cmocka_unit_test(lost_bytes_and_strangers),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
