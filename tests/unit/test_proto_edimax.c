/* SPDX-License-Identifier: MIT */
/* Edimax's discovery: what is told of an answer, and that a question tells nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

enum { PORT = 20560, APP = 53778, LEN = 186 };

static struct parsing p;

struct answer {
	uint8_t mac[6];
	char maker[12];
	uint8_t kind[4];
	char model[14];
	char version[8];
	char name[128];
	uint8_t addresses[14];
};

static struct answer plug(void)
{
	return (struct answer){
		.mac = {0x02, 0x00, 0x5e, 0x10, 0x00, 0x01},
		.maker = "EDIMAX",
		.kind = {0x01, 0xa1, 0xfe, 0x5e},
		.model = "SP1101W",
		.version = "1.09",
		.name = "Anna's lamp",
		.addresses = {0x10, 0x27, 192, 168, 1, 20, 255, 255, 255, 0, 192, 168, 1, 1}};
}

static bool feed(const struct answer *a, uint16_t from, uint16_t to)
{
	bool mine;

	_Static_assert(sizeof *a == LEN, "as on the wire");
	parsing_init(&p, &proto_edimax, from, to);
	mine = parsing_mine(&p, true, a, sizeof *a) == MATCH_YES;
	if (mine)
		assert_true(parsing_datagram(&p, true, a, sizeof *a));
	parsing_fini(&p);
	return mine;
}

#define TOLD                                                                                       \
	"service sender edimax\n"                                                                  \
	"edimax-model sender SP1101W\n"                                                            \
	"edimax-firmware sender 1.09\n"

static void tells_model_and_firmware(void **state)
{
	struct answer a = plug();

	(void)state;
	assert_true(feed(&a, PORT, APP));
	expect_told(&p, TOLD);
	expect_cuts(&proto_edimax, true, PORT, APP, (const char *)&a, sizeof a, TOLD);
}

static void questions_tell_nothing(void **state)
{
	struct answer a = plug();

	(void)state;
	assert_false(feed(&a, APP, PORT));
	a.kind[2] = 0xff;
	assert_false(feed(&a, PORT, APP));
	a = plug();
	a.maker[7] = 'X';
	assert_false(feed(&a, PORT, APP));
}

static void fields_without_an_end(void **state)
{
	struct answer a = plug();

	(void)state;
	memset(a.model, 'M', sizeof a.model);
	memset(a.version, '\x01', sizeof a.version);
	assert_true(feed(&a, PORT, APP));
	expect_told(&p, "service sender edimax\n"
			"edimax-model sender MMMMMMMMMMMMMM\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_model_and_firmware),
		cmocka_unit_test(questions_tell_nothing),
		cmocka_unit_test(fields_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
