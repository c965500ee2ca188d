/* SPDX-License-Identifier: MIT */
/*
 * proto/cdp on frames of switches and phones, whole, cut and with lengths that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

static void put_tlv(struct made *w, uint16_t type, const char *value)
{
	made_be(w, type, 2);
	made_be(w, (uint32_t)strlen(value) + 4, 2);
	made_text(w, value);
}

static struct made frame(uint8_t version)
{
	struct made w = {.len = 0};

	made_be(&w, version, 1);
	made_put(&w, "\xb4\x12\x34", 3);
	put_tlv(&w, 1, "switch.example.net(EXAMPLE123)");
	put_tlv(&w, 3, "GigabitEthernet0/1");
	put_tlv(&w, 5, "Cisco IOS Software, C2960\nTechnical Support");
	put_tlv(&w, 6, "cisco WS-C2960-24TT-L");
	return w;
}

#define TOLD                                                                                       \
	"cdp-device sender switch.example.net\ncdp-version sender Cisco IOS Software, C2960\n"     \
	"cdp-platform sender cisco WS-C2960-24TT-L\n"

static void a_switch(void **unused)
{
	struct made w;

	(void)unused;
	for (uint8_t version = 1; version <= 2; version++) {
		w = frame(version);
		assert_int_equal(mine_of(&proto_cdp, 0, 0, w.at, w.len), MATCH_YES);
		expect_datagram(&proto_cdp, 0, 0, &w, true, TOLD);
		cut_datagram(&proto_cdp, 0, 0, &w, TOLD);
		spoil_datagram(&proto_cdp, 0, 0, &w);
	}
}

static void lengths_that_cant_be(void **unused)
{
	struct made w = frame(2);

	(void)unused;
	made_put(&w, "\x00\x06\x00\x03", 4);
	put_tlv(&w, 6, "never read");
	expect_datagram(&proto_cdp, 0, 0, &w, true, TOLD);
	w = frame(2);
	w.at[7] = 3;
	expect_datagram(&proto_cdp, 0, 0, &w, false, "");
	w.at[6] = 0xff;
	expect_datagram(&proto_cdp, 0, 0, &w, false, "");
}

static void others_are_refused(void **unused)
{
	struct made w = frame(3);

	(void)unused;
	expect_datagram(&proto_cdp, 0, 0, &w, false, "");
	assert_int_equal(mine_of(&proto_cdp, 0, 0, w.at, w.len), MATCH_NO);
	w = frame(2);
	w.at[5] = 0;
	assert_int_equal(mine_of(&proto_cdp, 0, 0, w.at, w.len), MATCH_NO);
	w.at[5] = 0x77;
	assert_int_equal(mine_of(&proto_cdp, 0, 0, w.at, w.len), MATCH_NO);
	assert_int_equal(mine_of(&proto_cdp, 0, 0, "\x02\x07\x04\x00\x00\x5e\x00\x53\x01", 9),
			 MATCH_NO);
	assert_int_equal(mine_of(&proto_cdp, 0, 0, "", 0), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch),
		cmocka_unit_test(lengths_that_cant_be),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
