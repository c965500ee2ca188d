/* SPDX-License-Identifier: MIT */
/* Devices that describe themselves in JSON: only of themselves, and without ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

static const uint8_t own[6] = {0x02, 0x00, 0x5e, 0x10, 0x00, 0xab};

static bool feed(bool from_client, bool with_mac, const char *text, size_t len)
{
	struct talk t;
	bool mine;

	parsing_init(&p, &proto_about, 40000, 80);
	t = parsing_talk(&p, from_client, (struct bytes){(const uint8_t *)text, len});
	memcpy(p.packet.src_mac.b, own, sizeof own);
	if (with_mac)
		p.packet.flags |= PACKET_HAS_MAC;
	mine = proto_about.datagram(&t, &p.telling);
	parsing_fini(&p);
	return mine;
}

static const char bridge[] =
	"{\"lights\":{\"1\":{\"modelid\":\"LWB006\",\"swversion\":\"66015095\"}},\"config\":"
	"{\"name\":\"Anna's hue\",\"bridgeid\":\"02005EFFFE1000AB\",\"mac\": \"02:00:5e:10:00:ab\","
	"\"modelid\": \"BSB002\",\"swversion\": \"01027237\",\"apiversion\": \"1.9.0\","
	"\"swupdate\":{\"url\":\"\"}},\"schedules\":{}}";

#define BRIDGE_TOLD                                                                                \
	"http-field server modelid: BSB002\n"                                                      \
	"http-field server swversion: 01027237\n"

static void tells_a_bridge(void **state)
{
	(void)state;
	assert_true(feed(false, true, bridge, sizeof bridge - 1));
	expect_told(&p, BRIDGE_TOLD);
	for (size_t n = 0; n < sizeof bridge; n++) {
		feed(false, true, bridge, n);
		expect_no_more(p.text, BRIDGE_TOLD);
	}
}

static void tells_a_relay(void **state)
{
	static const char relay[] =
		"{\"type\":\"SHSW-1\",\"mac\":\"02005E1000AB\",\"auth\":false,"
		"\"fw\":\"20201124-091217/v1.9.0@57ac4ad8\",\"ver\":\"\",\"app\":{\"a\":1},"
		"\"model\":\"a\\u0041\"}";

	(void)state;
	assert_true(feed(false, true, relay, sizeof relay - 1));
	expect_told(&p, "http-field server type: SHSW-1\n"
			"http-field server fw: 20201124-091217/v1.9.0@57ac4ad8\n");
}

static void only_of_itself(void **state)
{
	static const char *const others[] = {
		"",
		"{}",
		"[{\"mac\":\"02005E1000AB\",\"model\":\"X\"}]",
		"{\"mac\":\"02005E1000AC\",\"model\":\"X\"}",
		"{\"mac\":\"02005E1000AB0\",\"model\":\"X\"}",
		"{\"mac\":\"02005E1000\",\"model\":\"X\"}",
		"{\"mac\":\"\",\"model\":\"X\"}",
		"{\"model\":\"X\",\"version\":\"1\"}",
		"{\"clients\":{\"mac\":\"02005E1000AB\",\"model\":\"X\"}}",
		"<mac>02005E1000AB</mac>"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(feed(false, true, others[i], strlen(others[i])));
		expect_told(&p, "");
	}
	assert_false(feed(true, true, bridge, sizeof bridge - 1));
	assert_false(feed(false, false, bridge, sizeof bridge - 1));
	expect_told(&p, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_bridge),
		cmocka_unit_test(tells_a_relay),
		cmocka_unit_test(only_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
