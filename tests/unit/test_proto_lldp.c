/* SPDX-License-Identifier: MIT */
/*
 * proto/lldp on frames of switches, phones and lamps, whole, cut and spoilt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

static void put_tlv(struct made *w, unsigned type, const void *value, size_t n)
{
	made_be(w, (uint32_t)(type << 9 | n), 2);
	made_put(w, value, n);
}

static void put_organisation(struct made *w, const char *oui, uint8_t subtype, const char *value)
{
	made_be(w, (uint32_t)(127 << 9 | (4 + strlen(value))), 2);
	made_put(w, oui, 3);
	made_be(w, subtype, 1);
	made_text(w, value);
}

static struct made opening(void)
{
	struct made w = {.len = 0};

	put_tlv(&w, 1, "\x04\x00\x00\x5e\x00\x53\x01", 7);
	put_tlv(&w, 2,
		"\x05"
		"eth0",
		5);
	put_tlv(&w, 3, "\x00\x78", 2);
	return w;
}

static struct made phone(void)
{
	struct made w = opening();

	put_tlv(&w, 4, "Port 1", 6);
	put_tlv(&w, 5, "lab-switch", 10);
	put_tlv(&w, 6, "Example OS 1.2 ", 15);
	put_organisation(&w, "\x00\x12\xbb", 5, "A1");
	put_organisation(&w, "\x00\x12\xbb", 6, "1.0.4");
	put_organisation(&w, "\x00\x12\xbb", 8, "EXAMPLE-SERIAL");
	put_organisation(&w, "\x00\x12\xbb", 9, "Example Inc");
	put_organisation(&w, "\x00\x12\xbb", 10, "Phone 300");
	put_organisation(&w, "\x00\x00\x5e", 1, "https://example.com/mud/phone.json");
	put_organisation(&w, "\x00\x00\x5e", 2, "https://example.com/other");
	put_organisation(&w, "\x00\x0e\xcf", 6, "PROFINET");
	put_tlv(&w, 0, "", 0);
	put_tlv(&w, 5, "behind the end", 14);
	return w;
}

#define PHONE                                                                                      \
	"lldp-system sender lab-switch\nlldp-description sender Example OS 1.2\n"                  \
	"lldp-firmware sender 1.0.4\nlldp-manufacturer sender Example Inc\n"                       \
	"lldp-model sender Phone 300\nlldp-mud-url sender https://example.com/mud/phone.json\n"

static void an_inventory(void **unused)
{
	struct made w = phone();

	(void)unused;
	assert_int_equal(mine_of(&proto_lldp, 0, 0, w.at, w.len), MATCH_YES);
	expect_datagram(&proto_lldp, 0, 0, &w, true, PHONE);
	cut_datagram(&proto_lldp, 0, 0, &w, PHONE);
	spoil_datagram(&proto_lldp, 0, 0, &w);
}

static void only_the_opening(void **unused)
{
	struct made w = opening();

	(void)unused;
	expect_datagram(&proto_lldp, 0, 0, &w, true, "");
	put_tlv(&w, 127, "\x00\x12\xbb", 3);
	expect_datagram(&proto_lldp, 0, 0, &w, true, "");
}

static void urls_must_be_https(void **unused)
{
	struct made w = opening();

	(void)unused;
	put_organisation(&w, "\x00\x00\x5e", 1, "http://example.com/mud");
	expect_datagram(&proto_lldp, 0, 0, &w, true, "");
}

/* Port before chassis, a chassis without id, other protocols. */
static void others_are_refused(void **unused)
{
	struct made w = {.len = 0};

	(void)unused;
	put_tlv(&w, 2,
		"\x05"
		"eth0",
		5);
	put_tlv(&w, 1, "\x04\x00\x00\x5e\x00\x53\x01", 7);
	put_tlv(&w, 3, "\x00\x78", 2);
	expect_datagram(&proto_lldp, 0, 0, &w, false, "");
	w.len = 0;
	put_tlv(&w, 1, "\x04", 1);
	put_tlv(&w, 2,
		"\x05"
		"eth0",
		5);
	put_tlv(&w, 3, "\x00\x78", 2);
	assert_int_equal(mine_of(&proto_lldp, 0, 0, w.at, w.len), MATCH_NO);
	assert_int_equal(mine_of(&proto_lldp, 0, 0,
				 "\x02\xb4\x00\x00\x00\x01\x00\x08"
				 "ab12",
				 12),
			 MATCH_NO);
	assert_int_equal(mine_of(&proto_lldp, 0, 0, "", 0), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inventory),
		cmocka_unit_test(only_the_opening),
		cmocka_unit_test(urls_must_be_https),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
