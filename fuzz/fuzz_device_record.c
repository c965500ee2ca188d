/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a record of a device's state. The first byte says whether the magic and the checksum are put right here, as
 * anybody could. A record that is taken holds nothing that would lead its reader astray, and is the only way to write that
 * state; one that is refused leaves the state that was there.
 *
 * Linked with the quick backend of device/tests.
 */
#include "crypto.h"
#include "firstuse_update.h"
#include "record.h"
#include "throttle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void seal(uint8_t record[FU_RECORD])
{
	struct fu_sha256 sha;
	uint8_t hash[32];

	memcpy(record, "FUS1", 4);
	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, record, FU_RECORD - 16);
	fu_sha256_end(&sha, hash);
	memcpy(record + FU_RECORD - 16, hash, 16);
}

/* What the rest of the library relies on. */
static void check_bounds(const struct firstuse_state *state)
{
	const struct firstuse_cost *cost = &state->password.cost;

	require(state->has_owner <= 1 && state->sequence > 0);
	require(state->password.method <= 2 && (state->password.method > 0) == state->has_owner);
	require(cost->memory_kib <= 1u << 20 && cost->passes <= 10000000);
	require(state->active_slot <= 1 && state->bootable <= 3);
	require(state->bootable & 1u << state->active_slot);
	if (state->trial_slot != 0xFF) {
		require(state->trial_slot <= 1 && state->trial_slot != state->active_slot);
		require(state->bootable == 3 && state->trial_starts <= FIRSTUSE_STARTS);
	}
	require(state->budget.outside <= FU_BUDGET_OUTSIDE && state->budget.lan <= FU_BUDGET_LAN);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		require(state->budget.known[i] <= FU_BUDGET_CLIENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct firstuse_state state, before;
	uint8_t record[FU_RECORD], again[FU_RECORD];

	if (size == 0)
		return 0;
	memset(record, 0, sizeof record);
	memcpy(record, data + 1, size - 1 < sizeof record ? size - 1 : sizeof record);
	if (data[0] % 4 != 0)
		seal(record);
	memset(&state, 0xA5, sizeof state);
	before = state;
	if (fu_record_read(&state, record) != 0) {
		require(memcmp(&state, &before, sizeof state) == 0);
		return 0;
	}
	check_bounds(&state);
	fu_record_write(&state, again);
	require(memcmp(record, again, sizeof record) == 0);
	return 0;
}
