/* SPDX-License-Identifier: MIT */
/* proto/mqtt: CONNECT from end to end, masked ids, packets that are stepped over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static const char connect_5[] =
	"\020.\000\004MQTT\005\306\000<\005\021\000\000\000\012\000\003cam\002\001\001\000\005state\000\003off\000\004user\000\002pw";
static const char connect_31[] = "\020\030\000\006MQIsdp\003\200\000<\000\003old\000\005admin";
static const char connect_bridge[] = "\020\026\000\004MQTT\204\002\000<\000\012deadbeef00";
static const char subscribe_5[] = "\202\015\000\001\000\000\003a/b\001\000\001c\000";
static const char connect_311[] =
	"\020,\000\004MQTT\004\302\000<\000\014plug-1a2b3c4\000\010lab-user\000\010lab-pass";

#define TABLE(is_client, array)                                                                    \
	{                                                                                          \
		is_client, (array), sizeof(array) - 1                                              \
	}

static void login_of_311(void **state)
{
	static const struct said said[] = {
		TABLE(true, connect_311),
		S("\x20\2\0\0"),
		C("\x82\x0a\0\1\0\5"
		  "cmd/#\0"),
		S("\x90\3\0\1\0"),
		C("\x30\x16\0\x12"
		  "tele/0012345678/on{\"\"}"),
		C("\xc0\0"),
		S("\xd0\0\x30\x08\0\5"
		  "cmd/#x"),
	};

	(void)state;
	dialogue_expect(&proto_mqtt, 1883, SAID(said),
			"mqtt-client-id client plug-*\n"
			"service server mqtt\n"
			"login server clear user=lab-user secret=lab-pass accepted\n"
			"mqtt-topic client cmd/#\n"
			"mqtt-topic client tele/*/on\n");
}

static void properties_of_5(void **state)
{
	static const struct said said[] = {
		TABLE(true, connect_5),
		S("\xf0\2\x18\0"),
		S("\x20\3\0\x86\0"),
		TABLE(true, subscribe_5),
	};

	(void)state;
	dialogue_expect(&proto_mqtt, 1883, SAID(said),
			"mqtt-client-id client cam\n"
			"service server mqtt\n"
			"login server clear user=user secret=pw refused\n"
			"mqtt-topic client a/b\n"
			"mqtt-topic client c\n");
}

static void older_and_bridges(void **state)
{
	static const struct said old[] = {TABLE(true, connect_31), S("\x20\2\0\4")};
	static const struct said unwilling[] = {TABLE(true, connect_31), S("\x20\2\0\3")};
	static const struct said bridge[] = {TABLE(true, connect_bridge), S("\x20\2\0\0")};

	(void)state;
	dialogue_expect(&proto_mqtt, 1884, SAID(old),
			"mqtt-client-id client old\nservice server mqtt\n"
			"login server clear user=admin refused\n");
	dialogue_expect(&proto_mqtt, 1884, SAID(unwilling),
			"mqtt-client-id client old\nservice server mqtt\n");
	dialogue_expect(&proto_mqtt, 1884, SAID(bridge), "service server mqtt\n");
}

static void long_packets(void **state)
{
	static struct parsing p;
	static char body[20000];

	(void)state;
	parsing_init(&p, &proto_mqtt, 40000, 1883);
	parsing_stream(&p, true, connect_311, sizeof connect_311 - 1, false, false);
	SERVER(&p, "\x20\2\0\0");
	p.len = 0;
	CLIENT(&p, "\x30\xa5\x9c\1\0\3big"); /* 20005 bytes */
	parsing_stream(&p, true, body, sizeof body, false, false);
	CLIENT(&p, "\x30\xa0\4\1\x40"); /* a topic of 320 bytes, 544 in all */
	parsing_stream(&p, true, body, 542, false, false);
	CLIENT(&p, "\x30\4\0\2ok\x30\5\0\2a\n!\x30\6\0\3b@c!\x30\0\x30\2\0\0");
	expect_told(&p, "mqtt-topic client big\nmqtt-topic client ok\n");
	for (char c = 'a'; c <= 'z'; c++) {
		char one[] = {0x30, 3, 0, 1, c};

		parsing_stream(&p, true, one, sizeof one, false, false);
	}
	assert_int_equal(p.text[p.len - 2], 'f'); /* the eighth */
	assert_false(p.done);
	parsing_stream(&p, true, "\x30\3\0\1a", 5, true, false);
	assert_true(p.done);
	parsing_fini(&p);
}

/* Each of these ends the conversation and tells nothing more. */
static void out_of_order(void **state)
{
	static const struct said wrong[] = {C("\x30\3\0\1a"),
					    C("\x10\x80\x80\x80\x80\1"),
					    C("\x82\1\0"),
					    C("\x36\3\0\1a"),
					    C("\x82\6\0\1\0\x7f"
					      "ab"),
					    TABLE(true, connect_311),
					    S("\x20\2\0\0"),
					    S("\x20\3\0\0\0"),
					    S("\x20\2\2\0"),
					    S("\x30\3\0\1a"),
					    C("\x30\3\0\x09g"),
					    C("\xf0\2\0\0"),
					    C("\1\0"),
					    C("\x80\6\0\1\0\1x\0")};
	static struct parsing p;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		bool begun = i > 1 && i != 5 && i != 6 && i != 9;

		parsing_init(&p, &proto_mqtt, 40000, 1883);
		if (begun)
			parsing_stream(&p, true, connect_311, sizeof connect_311 - 1, false, false);
		p.len = 0;
		p.text[0] = '\0';
		dialogue_feed(&p, &wrong[i], 1, 100, 100);
		if (i != 5 && i != 10)
			expect_told(&p, "");
		assert_true(p.done || i == 5 || i == 10);
		parsing_fini(&p);
	}
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(dialogue_mine(&proto_mqtt, 9999, true, connect_5, sizeof connect_5 - 1),
			 MATCH_YES);
	for (size_t i = 0; i < sizeof connect_5 - 1; i++)
		assert_int_equal(dialogue_mine(&proto_mqtt, 9999, true, connect_5, i),
				 i < 14 ? MATCH_MAYBE : MATCH_YES);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0b\0\4MQTT\4\2\0\x3c\0\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0c\0\4MQTT\4\2\0\x3c\0\1"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0"),
			 MATCH_YES);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0c\0\4MQTT\3\2\0\x3c\0\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0c\0\4MQTT\4\3\0\x3c\0\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\x0c\0\4MQTT\4\x22\0\x3c\0\0"),
			 MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\xff\xff\xff\x7f"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x10\xff\xff\xff\xff\x7f"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, false, "\x20\2\0\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "\x16\3\1\2\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, "GET / HTTP/1.1\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_mqtt, 1883, true, ""), MATCH_MAYBE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_of_311),	     cmocka_unit_test(properties_of_5),
		cmocka_unit_test(older_and_bridges), cmocka_unit_test(long_packets),
		cmocka_unit_test(out_of_order),	     cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
