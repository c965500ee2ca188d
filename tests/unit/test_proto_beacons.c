/* SPDX-License-Identifier: MIT */
/*
 * proto/beacons: each line of its table with an answer, the question to it, the wrong port and a cut; MNDP and Reolink.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

struct sample {
	const char *told;
	const char *head;
	uint8_t head_len;
	uint16_t at; /* where tail stands, 0: nowhere */
	const char *tail;
	uint8_t tail_len;
	uint16_t len;
	uint16_t sport;
	uint16_t dport;
};

#define BYTES(text) text, sizeof(text) - 1

static const struct sample answers[] = {
	{"foscam", BYTES("MO_I\x01"), 0, BYTES(""), 96, 10000, 40000},
	{"vivotek", BYTES("\x01\x4a\x5d\x8f\x1c"), 0, BYTES(""), 64, 10000, 40000},
	{"vstarcam", BYTES("\x44\x48\x01\x08"), 0, BYTES(""), 528, 8600, 40000},
	{"hanwha", BYTES("\x0b"), 133, BYTES("http://192.0.2.1/"), 262, 7701, 40000},
	{"hanwha", BYTES("\x0b"), 133, BYTES("http://192.0.2.1/"), 262, 40000, 7711},
	{"sony", BYTES("\x02MAC:00-00-5E"), 0, BYTES(""), 90, 2380, 2380},
	{"bosch", BYTES("\x99\x39\xa4\x27"), 0, BYTES(""), 32, 1757, 40000},
	{"bosch", BYTES("\x99\x39\xa4\x27"), 0, BYTES(""), 32, 40000, 1758},
	{"dlink", BYTES("\xff\xff\x04\x00\xa0\x00"), 0, BYTES(""), 178, 62976, 62976},
	{"lifx", BYTES("\x29\x00\x00\x14"), 32, BYTES("\x03"), 41, 56700, 40000},
	{"miio", BYTES("\x21\x31\x00\x20\x00\x00\x00\x00\x01\x02\x03\x04"), 0, BYTES(""), 32, 54321,
	 40000},
};

/* Questions, and what looks like an answer but isn't one. */
static const struct sample others[] = {
	{"", BYTES("MO_I"), 0, BYTES(""), 27, 40000, 10000},
	{"", BYTES("MO_I"), 0, BYTES(""), 96, 10000, 40000},
	{"", BYTES("\xf1\x01\x00\x10"), 0, BYTES(""), 20, 32100, 10000}, /* PPPP */
	{"", BYTES("\x01\x4a\x5d\x8f\x1c"), 0, BYTES(""), 5, 10000, 10000},
	{"", BYTES("\x44\x48\x01\x01"), 0, BYTES(""), 4, 40000, 8600},
	{"", BYTES("\x01"), 133, BYTES("\x88\x13\x10\x27"), 262, 7711, 7701},
	{"",
	 BYTES("\x02"
	       "ENQ:allinfo\xff\x03"),
	 0, BYTES(""), 40, 2380, 2380},
	{"", BYTES("\x99\x39\xa4\x27\x00\x00\x00\x01\xff\x00\x06\xde"), 0, BYTES(""), 12, 1758,
	 1757},
	{"", BYTES("\xfd\xfd\x00\x01\xa1\x00"), 0, BYTES(""), 178, 62976, 62976},
	{"", BYTES("\x24\x00\x00\x34"), 32, BYTES("\x02"), 36, 40000, 56700},
	{"", BYTES("\x29\x00\x00\x14"), 32, BYTES("\x6b"), 41, 56700, 40000},
	{"", BYTES("\x21\x31\x00\x20\xff\xff\xff\xff\xff\xff\xff\xff"), 0, BYTES(""), 32, 54321,
	 8053},
	{"", BYTES("\x21\x31\x00\x20\x00\x00\x00\x00\x01\x02\x03\x04"), 0, BYTES(""), 32, 8053,
	 54321},
	{"", BYTES("\x21\x31\x00\x30\x00\x00\x00\x00\x01\x02\x03\x04"), 0, BYTES(""), 32, 54321,
	 40000},
	{"", BYTES("\x3a\xcf\x87\x2a"), 0, BYTES(""), 60, 9999, 40000}, /* Reolink, either end */
	{"", BYTES("\x00\x01\x00\x00\x00\x0d"), 0, BYTES(""), 52, 10669, 10670},
	{"", BYTES(""), 0, BYTES(""), 0, 10000, 62976},
};

static struct made made_of(const struct sample *s)
{
	struct made w = {.len = 0};

	made_put(&w, s->head, s->head_len);
	if (s->len > w.len)
		made_fill(&w, 0, s->len - w.len);
	if (s->at > 0)
		memcpy(w.at + s->at, s->tail, s->tail_len);
	return w;
}

static void each_answer(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		const struct sample *s = &answers[i];
		struct made w = made_of(s);
		char told[64];

		snprintf(told, sizeof told, "beacon sender %s\n", s->told);
		assert_int_equal(mine_of(&proto_beacons, s->sport, s->dport, w.at, w.len),
				 MATCH_YES);
		expect_datagram(&proto_beacons, s->sport, s->dport, &w, true, told);
		cut_datagram(&proto_beacons, s->sport, s->dport, &w, told);
		spoil_datagram(&proto_beacons, s->sport, s->dport, &w);
		if (strcmp(s->told, "vstarcam") != 0)
			assert_int_equal(mine_of(&proto_beacons, 40000, 53, w.at, w.len), MATCH_NO);
	}
}

static void questions_and_lookalikes(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct made w = made_of(&others[i]);

		assert_int_equal(
			mine_of(&proto_beacons, others[i].sport, others[i].dport, w.at, w.len),
			MATCH_NO);
		expect_datagram(&proto_beacons, others[i].sport, others[i].dport, &w, false, "");
	}
}

static void put_tlv(struct made *w, uint16_t type, const char *value)
{
	size_t from;

	made_be(w, type, 2);
	from = made_open(w, 2);
	made_text(w, value);
	made_close(w, from, 2);
}

#define ROUTER                                                                                     \
	"beacon sender mndp\nmndp-version sender 6.48.6 (long-term)\nmndp-board sender RB750Gr3\n"

static void mikrotik(void **unused)
{
	struct made w = {.len = 0};

	(void)unused;
	made_fill(&w, 0, 4);
	expect_datagram(&proto_beacons, 5678, 5678, &w, false, ""); /* a question */
	put_tlv(&w, 1, "\x11\x22\x33\x44\x55\x66");
	put_tlv(&w, 5, "somebody's router");
	put_tlv(&w, 7, "6.48.6 (long-term)");
	put_tlv(&w, 8, "MikroTik");
	put_tlv(&w, 11, "EXAMPLE");
	put_tlv(&w, 12, "RB750Gr3");
	assert_int_equal(mine_of(&proto_beacons, 5678, 5678, w.at, w.len), MATCH_YES);
	expect_datagram(&proto_beacons, 5678, 5678, &w, true, ROUTER);
	cut_datagram(&proto_beacons, 5678, 5678, &w, ROUTER);
	spoil_datagram(&proto_beacons, 5678, 5678, &w);
	expect_datagram(&proto_beacons, 5678, 40000, &w, false, "");
	w.at[5] = 2;
	expect_datagram(&proto_beacons, 5678, 5678, &w, false, "");
}

/* Baichuan's header: magic, message 1, length, four words of which the last two bytes are the class. */
static const char reolink_answer[] =
	"\xf0\xde\xbc\x0a\x01\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x00\xdd\x14\x66";
static const char reolink_login[] =
	"\xf0\xde\xbc\x0a\x01\x00\x00\x00\x2c\x07\x00\x00\x00\x00\x00\x00\x01\xdc\x14\x65";

static void reolink(void **unused)
{
	static struct parsing p;

	(void)unused;
	for (size_t n = 0; n <= 20; n++)
		assert_int_equal(mine_of(&proto_beacons, 40000, 9000, reolink_login, n),
				 n < 4 ? MATCH_MAYBE : MATCH_YES);
	assert_int_equal(mine_of(&proto_beacons, 40000, 9001, reolink_login, 20), MATCH_NO);
	assert_int_equal(mine_of(&proto_beacons, 40000, 9000, "SSH-2.0-x\r\n", 11), MATCH_NO);
	parsing_init(&p, &proto_beacons, 40000, 9000);
	CLIENT(&p, reolink_login);
	for (size_t i = 0; i < 20; i++)
		parsing_stream(&p, false, reolink_answer + i, 1, false, false);
	expect_told(&p, "beacon server reolink\n");
	assert_true(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_beacons, 40000, 9000);
	SERVER(&p, reolink_login);
	expect_told(&p, "");
	assert_true(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_beacons, 40000, 9000);
	parsing_stream(&p, false, reolink_answer, 19, false, true);
	expect_told(&p, "");
	parsing_fini(&p);
	parsing_init(&p, &proto_beacons, 40000, 9000);
	parsing_stream(&p, false, reolink_answer, 20, true, false);
	expect_told(&p, "");
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer),
		cmocka_unit_test(questions_and_lookalikes),
		cmocka_unit_test(mikrotik),
		cmocka_unit_test(reolink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
