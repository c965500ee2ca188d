/* SPDX-License-Identifier: MIT */
/* Records: what is written is read, and nothing else is: no changed bit, no field out of bounds, no noise. */
#include "check.h"
#include "crypto.h"
#include "firstuse_update.h"
#include "medium.h"
#include "record.h"
#include "slots.h"
#include "throttle.h"

#include <string.h>

static uint64_t dice = 2016;

static uint32_t roll(uint32_t below)
{
	return (uint32_t)((medium_dice(&dice) >> 20) % below);
}

static void fill(void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = (uint8_t)roll(256);
}

static void random_state(struct firstuse_state *state)
{
	memset(state, 0, sizeof *state);
	state->sequence = 1 + roll(0xFFFFFFF0u);
	state->has_owner = (uint8_t)roll(2);
	if (state->has_owner) {
		state->password.method = (uint8_t)(1 + roll(2));
		state->password.cost.passes = 1 + roll(64);
		if (state->password.method == FU_METHOD_ARGON2ID)
			state->password.cost.memory_kib = 8 + roll(FU_ARGON2_KIB_MAX - 7);
		fill(state->password.salt, 16);
		fill(state->password.hash, 32);
		fill(state->stream_key, 15);
	}
	fill(state->id_key, 16);
	fill(state->known, sizeof state->known);
	state->budget.outside = roll(FU_BUDGET_OUTSIDE + 1);
	state->budget.lan = roll(FU_BUDGET_LAN + 1);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		state->budget.known[i] = roll(FU_BUDGET_CLIENT + 1);
	fill(&state->failed_tries, 4);
	state->active_slot = (uint8_t)roll(2);
	state->bootable = (uint8_t)(1u << state->active_slot);
	state->trial_slot = FU_NO_SLOT;
	if (roll(2)) {
		state->trial_slot = 1 - state->active_slot;
		state->trial_starts = (uint8_t)roll(FIRSTUSE_STARTS + 1);
		state->bootable = 3;
	}
	fill(&state->counter, 4);
	fill(&state->trial_counter, 4);
	fill(&state->progress, sizeof state->progress);
}

static void test_there_and_back(void)
{
	for (unsigned i = 0; i < 300; i++) {
		struct firstuse_state state, read;
		uint8_t record[FU_RECORD], again[FU_RECORD];

		random_state(&state);
		fu_record_write(&state, record);
		memset(&read, 0xA5, sizeof read);
		CHECK(fu_record_read(&read, record) == 0);
		CHECK(read.sequence == state.sequence && read.has_owner == state.has_owner);
		CHECK(memcmp(&read.password.hash, &state.password.hash, 32) == 0);
		CHECK(memcmp(&read.progress.next, &state.progress.next, 32) == 0);
		CHECK(read.progress.offset == state.progress.offset);
		fu_record_write(&read, again);
		CHECK(memcmp(record, again, FU_RECORD) == 0);
	}
}

/* The bytes are the same on every machine: numbers are little-endian, and the fields lie where the format says. */
static void test_format(void)
{
	struct firstuse_state state;
	uint8_t record[FU_RECORD];

	memset(&state, 0, sizeof state);
	state.sequence = 0x04030201;
	state.has_owner = 1;
	state.password.method = 1;
	state.password.cost.memory_kib = 19456;
	state.password.cost.passes = 2;
	memset(state.password.salt, 0x5A, 16);
	state.budget.outside = 10000;
	state.bootable = 1;
	state.trial_slot = 0xFF;
	state.counter = 0x0A0B0C0D;
	fu_record_write(&state, record);
	CHECK(memcmp(record, "FUS1\1\2\3\4\1\1\0\x4c\0\0\2\0\0\0\x5a", 19) == 0);
	CHECK(record[33] == 0x5A && record[34] == 0);
	CHECK(record[161] == 0x10 && record[162] == 0x27); /* 10000 */
	CHECK(record[206] == 1 && record[207] == 0xFF);
	CHECK(memcmp(record + 209, "\x0d\x0c\x0b\x0a", 4) == 0);
}

/* Any single bit, and any single byte made 0x00 or 0xFF. */
static void test_changed(void)
{
	struct firstuse_state state, read;
	uint8_t record[FU_RECORD];
	unsigned taken = 0;

	random_state(&state);
	fu_record_write(&state, record);
	for (unsigned i = 0; i < FU_RECORD * 8; i++) {
		record[i / 8] ^= (uint8_t)(1u << i % 8);
		taken += fu_record_read(&read, record) == 0;
		record[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (unsigned i = 0; i < FU_RECORD * 2; i++) {
		uint8_t was = record[i / 2];

		record[i / 2] = i % 2 ? 0xFF : 0;
		taken += record[i / 2] != was && fu_record_read(&read, record) == 0;
		record[i / 2] = was;
	}
	CHECK(taken == 0);
	CHECK(fu_record_read(&read, record) == 0);
	for (unsigned i = 0; i < 2000; i++) {
		fill(record + 4, 1 + roll(FU_RECORD - 4)); /* behind the magic */
		taken += fu_record_read(&read, record) == 0;
	}
	CHECK(taken == 0);
}

static int is_taken(const struct firstuse_state *state)
{
	struct firstuse_state read, untouched;
	uint8_t record[FU_RECORD];
	int result;

	memset(&read, 0x5C, sizeof read);
	untouched = read;
	fu_record_write(state, record);
	result = fu_record_read(&read, record) == 0;
	CHECK(result || memcmp(&read, &untouched, sizeof read) == 0);
	return result;
}

/* A good state with one field changed, which makes it none. */
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct firstuse_state s = good;                                                    \
		CHECK(is_taken(&s));                                                               \
		change;                                                                            \
		CHECK(!is_taken(&s));                                                              \
	} while (0)

static void test_bounds_of_owner(struct firstuse_state good)
{
	REFUSED(s.sequence = 0);
	REFUSED(s.sequence = FU_SEQUENCE_MAX + 1);
	REFUSED(s.has_owner = 2);
	REFUSED(s.has_owner = 0); /* and yet a password */
	REFUSED(s.password.method = 0);
	REFUSED(s.password.method = 3);
	REFUSED(s.password.cost.memory_kib = 7);
	REFUSED(s.password.cost.memory_kib = FU_ARGON2_KIB_MAX + 1);
	REFUSED(s.password.cost.passes = 0);
	REFUSED(s.password.cost.passes = FU_ARGON2_PASSES_MAX + 1);
	REFUSED(s.password.method = FU_METHOD_PBKDF2); /* with memory */
	good.password.method = FU_METHOD_PBKDF2;
	good.password.cost.memory_kib = 0;
	good.password.cost.passes = 600000;
	REFUSED(s.password.cost.passes = 0);
	REFUSED(s.password.cost.passes = FU_PBKDF2_PASSES_MAX + 1);
	good.has_owner = 0;
	memset(&good.password, 0, sizeof good.password);
	memset(good.stream_key, 0, sizeof good.stream_key);
	REFUSED(s.password.method = 1);
	REFUSED(s.password.cost.passes = 1);
	REFUSED(s.password.cost.memory_kib = 1);
	REFUSED(s.password.salt[15] = 1);
	REFUSED(s.password.hash[0] = 1);
	REFUSED(s.stream_key[14] = 1);
}

static void test_bounds_of_the_rest(const struct firstuse_state good)
{
	REFUSED(s.budget.outside = FU_BUDGET_OUTSIDE + 1);
	REFUSED(s.budget.lan = FU_BUDGET_LAN + 1);
	REFUSED(s.budget.known[FIRSTUSE_KNOWN_MAX - 1] = FU_BUDGET_CLIENT + 1);
	REFUSED(s.active_slot = 2);
	REFUSED(s.bootable = 4 | 3);
	REFUSED(s.bootable = 2);   /* what is active can't be started */
	REFUSED(s.bootable = 1);   /* what is on trial can't */
	REFUSED(s.trial_slot = 0); /* is active */
	REFUSED(s.trial_slot = 2);
	REFUSED(s.trial_slot = 0xFF); /* with starts left */
	REFUSED(s.trial_starts = FIRSTUSE_STARTS + 1);
}

static void test_reserved(void)
{
	struct firstuse_state state, read;
	struct fu_sha256 sha;
	uint8_t record[FU_RECORD], hash[32];

	random_state(&state);
	fu_record_write(&state, record);
	record[FU_RECORD - 17] = 1; /* with a checksum that is right */
	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, record, FU_RECORD - 16);
	fu_sha256_end(&sha, hash);
	memcpy(record + FU_RECORD - 16, hash, 16);
	CHECK(fu_record_read(&read, record) != 0);
}

int main(void)
{
	struct firstuse_state state;

	CHECK(fu_crypto_init() == 0);
	test_there_and_back();
	test_format();
	test_changed();
	do
		random_state(&state);
	while (state.password.method != FU_METHOD_ARGON2ID || state.active_slot != 0 ||
	       state.trial_slot != 1 || state.trial_starts == 0);
	test_bounds_of_owner(state);
	test_bounds_of_the_rest(state);
	test_reserved();
	return check_end();
}
