/* SPDX-License-Identifier: MIT */
/* The simulated device itself: what tests with failing power rely on must fail as real media do. */
#include "check.h"
#include "medium.h"

#include <string.h>

static int all_are(const uint8_t *bytes, uint32_t size, uint8_t value)
{
	for (uint32_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return 0;
	return 1;
}

static void test_reads_what_was_written(enum medium_kind kind)
{
	struct medium medium;
	struct firstuse_port port = medium_port(&medium);
	uint8_t bytes[64], zeros[64] = {0};

	medium_init(&medium, kind, 1024, 8192, 1);
	CHECK(port.read(port.user, FIRSTUSE_STATE_B, 900, bytes, 64) == 0);
	CHECK(all_are(bytes, 64, 0xFF));
	CHECK(port.write(port.user, FIRSTUSE_STATE_B, 0, zeros, 64) == 0);
	CHECK(port.write(port.user, FIRSTUSE_STATE_B, 64, zeros, 32) == 0);
	CHECK(port.read(port.user, FIRSTUSE_STATE_B, 40, bytes, 64) == 0);
	CHECK(all_are(bytes, 56, 0) && all_are(bytes + 56, 8, 0xFF));
	CHECK(port.write(port.user, FIRSTUSE_STATE_B, 0, zeros, 1) == 0); /* anew */
	CHECK(port.read(port.user, FIRSTUSE_STATE_B, 0, bytes, 64) == 0);
	CHECK(bytes[0] == 0 && all_are(bytes + 1, 63, 0xFF));
	CHECK(medium.area[FIRSTUSE_STATE_B].erases == 2 && medium.wrong == 0);
	CHECK(port.read(port.user, FIRSTUSE_SLOT_A, 8190, bytes, 3) != 0 && medium.wrong == 1);
	medium_fini(&medium);
}

static void test_power_fails_in_each_way(enum medium_kind kind)
{
	for (unsigned way = 0; way < MEDIUM_WAYS; way++) {
		struct medium medium;
		struct firstuse_port port = medium_port(&medium);
		uint8_t bytes[64], zeros[64] = {0};

		medium_init(&medium, kind, 1024, 8192, 7 + way);
		CHECK(port.write(port.user, FIRSTUSE_STATE_A, 0, zeros, 16) == 0);
		CHECK(port.flush(port.user, FIRSTUSE_STATE_A) == 0);
		CHECK(medium.points == 18); /* erase, bytes, flush */
		medium_cut(&medium, 8, (enum medium_way)way);
		CHECK(port.write(port.user, FIRSTUSE_STATE_A, 16, zeros, 16) != 0);
		CHECK(medium.off && port.read(port.user, FIRSTUSE_STATE_A, 0, bytes, 1) != 0);
		CHECK(port.flush(port.user, FIRSTUSE_STATE_A) != 0);
		medium_power_on(&medium);
		CHECK(port.read(port.user, FIRSTUSE_STATE_A, 0, bytes, 64) == 0);
		CHECK(all_are(bytes, 16, 0)); /* was flushed */
		CHECK(all_are(bytes + 25, 39, 0xFF) || kind == MEDIUM_FILE);
		if (way == MEDIUM_DONE)
			CHECK(all_are(bytes, 25, 0));
		if (way == MEDIUM_CLEAN)
			CHECK(all_are(bytes, 24, 0) && bytes[24] == 0xFF);
		if (way == MEDIUM_TORN && kind == MEDIUM_FILE)
			CHECK(all_are(bytes + 16, 48, 0xFF));
		medium_fini(&medium);
	}
}

static void test_erase_fails(void)
{
	uint8_t zeros[64] = {0};
	int seen_half = 0, seen_noise = 0, seen_none = 0;

	for (unsigned way = 0; way < MEDIUM_WAYS; way++) {
		struct medium medium;
		struct firstuse_port port = medium_port(&medium);
		const uint8_t *a;

		medium_init(&medium, MEDIUM_FLASH, 1024, 0, 3);
		a = medium.area[0].now;
		for (uint32_t at = 0; at < 1024; at += 64)
			CHECK(port.write(port.user, FIRSTUSE_STATE_A, at, zeros, 64) == 0);
		medium_cut(&medium, 0, (enum medium_way)way);
		CHECK(port.write(port.user, FIRSTUSE_STATE_A, 0, zeros, 64) != 0);
		seen_none += all_are(a, 1024, 0);
		seen_half += all_are(a, 512, 0xFF) && all_are(a + 512, 512, 0);
		seen_noise += a[3] != a[4] && a[1000] != a[1001];
		medium_fini(&medium);
	}
	CHECK(seen_none == 1 && seen_half == 1 && seen_noise == 1);
}

static void test_bits_only_fall(void)
{
	struct medium medium;
	struct firstuse_port port = medium_port(&medium);
	uint8_t byte = 0x0F;

	medium_init(&medium, MEDIUM_FLASH, 1024, 0, 3);
	CHECK(port.write(port.user, FIRSTUSE_STATE_A, 5, &byte, 1) == 0);
	byte = 0x33;
	CHECK(port.write(port.user, FIRSTUSE_STATE_A, 5, &byte, 1) == 0);
	CHECK(medium.area[0].now[5] == 0x03 && medium.wrong == 1);
	medium_fini(&medium);
}

static void test_copies(void)
{
	struct medium medium, copy;
	struct firstuse_port port = medium_port(&medium);
	uint8_t byte = 1;

	medium_init(&medium, MEDIUM_FILE, 1024, 64, 3);
	memset(&copy, 0, sizeof copy);
	medium_copy(&copy, &medium);
	CHECK(medium_same(&copy, &medium));
	CHECK(port.write(port.user, FIRSTUSE_SLOT_B, 63, &byte, 1) == 0);
	CHECK(!medium_same(&copy, &medium));
	medium_copy(&medium, &copy);
	CHECK(medium_same(&copy, &medium));
	medium_fini(&medium);
	medium_fini(&copy);
}

static void test_failing_callbacks(void)
{
	struct medium medium;
	struct firstuse_port port = medium_port(&medium);
	uint8_t byte = 1;

	medium_init(&medium, MEDIUM_FILE, 1024, 64, 3);
	medium.fail_random = 2;
	CHECK(port.random(port.user, &byte, 1) == 0);
	CHECK(port.random(port.user, &byte, 1) != 0);
	CHECK(port.random(port.user, &byte, 1) == 0);
	medium_fini(&medium);
}

int main(void)
{
	test_reads_what_was_written(MEDIUM_FILE);
	test_reads_what_was_written(MEDIUM_FLASH);
	test_power_fails_in_each_way(MEDIUM_FILE);
	test_power_fails_in_each_way(MEDIUM_FLASH);
	test_erase_fails();
	test_bits_only_fall();
	test_copies();
	test_failing_callbacks();
	return check_end();
}
