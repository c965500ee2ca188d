/* SPDX-License-Identifier: MIT */
/*
 * proto/ubiquiti on answers of both versions; questions, cut answers and other traffic on its port tell nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

static void put_tlv(struct made *w, uint8_t type, const char *value)
{
	size_t from;

	made_be(w, type, 1);
	from = made_open(w, 2);
	made_text(w, value);
	made_close(w, from, 2);
}

static struct made answer(uint16_t kind)
{
	struct made w = {.len = 0};
	size_t from;

	made_be(&w, kind, 2);
	from = made_open(&w, 2);
	put_tlv(&w, 0x02, "\x11\x22\x33\x44\x55\x66\x0a\x01\x01\x01");
	put_tlv(&w, 0x0b, "somebody's name");
	put_tlv(&w, 0x0c, "N5N");
	put_tlv(&w, 0x0d, "somebody's network");
	put_tlv(&w, 0x03, "XM.ar7240.v5.6.3.28591.151130.1749");
	put_tlv(&w, 0x14, "NanoStation M5");
	made_close(&w, from, 2);
	return w;
}

#define TOLD                                                                                       \
	"ubiquiti-model sender N5N\nubiquiti-firmware sender XM.ar7240.v5.6.3.28591.151130.1749\n" \
	"ubiquiti-model sender NanoStation M5\nservice sender ubiquiti\n"

static void answers(void **unused)
{
	static const uint16_t kinds[] = {0x0100, 0x0206};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct made w = answer(kinds[i]);

		assert_int_equal(mine_of(&proto_ubiquiti, 10001, 41000, w.at, w.len), MATCH_YES);
		assert_int_equal(mine_of(&proto_ubiquiti, 41000, 10001, w.at, w.len), MATCH_YES);
		assert_int_equal(mine_of(&proto_ubiquiti, 41000, 10002, w.at, w.len), MATCH_NO);
		expect_datagram(&proto_ubiquiti, 10001, 41000, &w, true, TOLD);
		spoil_datagram(&proto_ubiquiti, 10001, 41000, &w);
		for (size_t n = 0; n < w.len; n++) {
			struct made cut = w;

			cut.len = n;
			expect_datagram(&proto_ubiquiti, 10001, 41000, &cut, false, "");
		}
	}
}

static void questions(void **unused)
{
	struct made w = {.len = 0};

	(void)unused;
	made_put(&w, "\x01\x00\x00\x00", 4);
	assert_int_equal(mine_of(&proto_ubiquiti, 41000, 10001, w.at, w.len), MATCH_YES);
	expect_datagram(&proto_ubiquiti, 41000, 10001, &w, true, "");
	w.at[0] = 2;
	w.at[1] = 8;
	expect_datagram(&proto_ubiquiti, 41000, 10001, &w, false, "");
}

/* An answer that names no model is no proof of anything. */
static void bare_answers(void **unused)
{
	struct made w = {.len = 0};

	(void)unused;
	made_put(&w, "\x01\x00\x00\x09\x01\x00\x06\x00\x00\x5e\x00\x53\x01", 13);
	expect_datagram(&proto_ubiquiti, 10001, 10001, &w, true, "");
	w.at[3] = 8;
	expect_datagram(&proto_ubiquiti, 10001, 10001, &w, false, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(questions),
		cmocka_unit_test(bare_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
