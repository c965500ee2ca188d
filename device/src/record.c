/* SPDX-License-Identifier: MIT */
/*
 * A state as 384 bytes and back; docs/decisions/0035-firstuse-storage.md has the format as a table. Every byte has one
 * meaning: what is reserved is zero, and a state that is written and read is the same.
 *
 * The checksum is SHA-256 cut to 16 bytes, since both backends have it and a torn or worn record then passes for a good one
 * by a chance of 2^-128. It has no key: who can write to the flash chip can also write a record. That is beyond what this
 * library holds off, but even such a record can't lead it out of its buffers or make it hash for hours.
 */
#include "record.h"

#include "crypto.h"
#include "firstuse_update.h"
#include "secret.h"
#include "slots.h"
#include "throttle.h"

#include <string.h>

#define MAGIC 0x31535546u /* "FUS1" */
#define CHECKSUM 16u
#define BODY (FU_RECORD - CHECKSUM)

/* ---- writing ------------------------------------------------------------------------------------------------ */

struct pen {
	uint8_t *at;
};

static void put_bytes(struct pen *pen, const void *bytes, size_t size)
{
	memcpy(pen->at, bytes, size);
	pen->at += size;
}

static void put_8(struct pen *pen, uint8_t value)
{
	*pen->at++ = value;
}

static void put_32(struct pen *pen, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		put_8(pen, (uint8_t)(value >> (8 * i)));
}

static void put_owner(struct pen *pen, const struct firstuse_state *state)
{
	put_8(pen, state->has_owner);
	put_8(pen, state->password.method);
	put_32(pen, state->password.cost.memory_kib);
	put_32(pen, state->password.cost.passes);
	put_bytes(pen, state->password.salt, sizeof state->password.salt);
	put_bytes(pen, state->password.hash, sizeof state->password.hash);
	put_bytes(pen, state->stream_key, sizeof state->stream_key);
}

static void put_clients(struct pen *pen, const struct firstuse_state *state)
{
	put_bytes(pen, state->id_key, sizeof state->id_key);
	put_bytes(pen, state->known, sizeof state->known);
	put_32(pen, state->budget.outside);
	put_32(pen, state->budget.lan);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		put_32(pen, state->budget.known[i]);
	put_32(pen, state->failed_tries);
}

static void put_images(struct pen *pen, const struct firstuse_state *state)
{
	put_8(pen, state->active_slot);
	put_8(pen, state->bootable);
	put_8(pen, state->trial_slot);
	put_8(pen, state->trial_starts);
	put_32(pen, state->counter);
	put_32(pen, state->trial_counter);
	put_bytes(pen, state->progress.manifest, sizeof state->progress.manifest);
	put_32(pen, state->progress.offset);
	put_bytes(pen, state->progress.next, sizeof state->progress.next);
}

static void checksum(const uint8_t record[FU_RECORD], uint8_t hash[32])
{
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, record, BODY);
	fu_sha256_end(&sha, hash);
}

void fu_record_write(const struct firstuse_state *state, uint8_t record[FU_RECORD])
{
	struct pen pen = {record};
	uint8_t hash[32];

	memset(record, 0, FU_RECORD);
	put_32(&pen, MAGIC);
	put_32(&pen, state->sequence);
	put_owner(&pen, state);
	put_clients(&pen, state);
	put_images(&pen, state);
	checksum(record, hash);
	memcpy(record + BODY, hash, CHECKSUM);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* No read can pass the end: the fields are as many as were written, into the same FU_RECORD bytes. */
struct eye {
	const uint8_t *at;
};

static void get_bytes(struct eye *eye, void *bytes, size_t size)
{
	memcpy(bytes, eye->at, size);
	eye->at += size;
}

static uint8_t get_8(struct eye *eye)
{
	return *eye->at++;
}

static uint32_t get_32(struct eye *eye)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++)
		value |= (uint32_t)get_8(eye) << (8 * i);
	return value;
}

static void get_owner(struct eye *eye, struct firstuse_state *state)
{
	state->has_owner = get_8(eye);
	state->password.method = get_8(eye);
	state->password.cost.memory_kib = get_32(eye);
	state->password.cost.passes = get_32(eye);
	get_bytes(eye, state->password.salt, sizeof state->password.salt);
	get_bytes(eye, state->password.hash, sizeof state->password.hash);
	get_bytes(eye, state->stream_key, sizeof state->stream_key);
}

static void get_clients(struct eye *eye, struct firstuse_state *state)
{
	get_bytes(eye, state->id_key, sizeof state->id_key);
	get_bytes(eye, state->known, sizeof state->known);
	state->budget.outside = get_32(eye);
	state->budget.lan = get_32(eye);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		state->budget.known[i] = get_32(eye);
	state->failed_tries = get_32(eye);
}

static void get_images(struct eye *eye, struct firstuse_state *state)
{
	state->active_slot = get_8(eye);
	state->bootable = get_8(eye);
	state->trial_slot = get_8(eye);
	state->trial_starts = get_8(eye);
	state->counter = get_32(eye);
	state->trial_counter = get_32(eye);
	get_bytes(eye, state->progress.manifest, sizeof state->progress.manifest);
	state->progress.offset = get_32(eye);
	get_bytes(eye, state->progress.next, sizeof state->progress.next);
}

static int is_zero(const void *bytes, size_t size)
{
	const uint8_t *at = (const uint8_t *)bytes;
	uint8_t any = 0;

	while (size-- > 0)
		any |= *at++;
	return any == 0;
}

int fu_cost_is_good(uint8_t method, const struct firstuse_cost *cost)
{
	switch (method) {
	case FU_METHOD_ARGON2ID:
		return cost->memory_kib >= 8 && cost->memory_kib <= FU_ARGON2_KIB_MAX &&
		       cost->passes >= 1 && cost->passes <= FU_ARGON2_PASSES_MAX;
	case FU_METHOD_PBKDF2:
		return cost->memory_kib == 0 && cost->passes >= 1 &&
		       cost->passes <= FU_PBKDF2_PASSES_MAX;
	default:
		return 0;
	}
}

static int owner_is_good(const struct firstuse_state *state)
{
	if (state->has_owner == 1)
		return fu_cost_is_good(state->password.method, &state->password.cost);
	return state->has_owner == 0 && state->password.method == 0 &&
	       state->password.cost.memory_kib == 0 && state->password.cost.passes == 0 &&
	       is_zero(state->password.salt, sizeof state->password.salt) &&
	       is_zero(state->password.hash, sizeof state->password.hash) &&
	       is_zero(state->stream_key, sizeof state->stream_key);
}

static int clients_are_good(const struct firstuse_state *state)
{
	if (state->budget.outside > FU_BUDGET_OUTSIDE || state->budget.lan > FU_BUDGET_LAN)
		return 0;
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		if (state->budget.known[i] > FU_BUDGET_CLIENT)
			return 0;
	return 1;
}

static int images_are_good(const struct firstuse_state *state)
{
	if (state->active_slot > 1 || state->bootable > 3 ||
	    !(state->bootable >> state->active_slot & 1))
		return 0;
	if (state->trial_slot == FU_NO_SLOT)
		return state->trial_starts == 0;
	return state->trial_slot == 1 - state->active_slot &&
	       state->bootable >> state->trial_slot & 1 && state->trial_starts <= FIRSTUSE_STARTS;
}

int fu_record_read(struct firstuse_state *state, const uint8_t record[FU_RECORD])
{
	struct eye eye = {record};
	struct firstuse_state read;
	uint8_t hash[32];

	if (get_32(&eye) != MAGIC)
		return -1;
	checksum(record, hash);
	if (!fu_same(hash, record + BODY, CHECKSUM))
		return -1;
	memset(&read, 0, sizeof read);
	read.sequence = get_32(&eye);
	get_owner(&eye, &read);
	get_clients(&eye, &read);
	get_images(&eye, &read);
	if (read.sequence == 0 || read.sequence > FU_SEQUENCE_MAX || !owner_is_good(&read) ||
	    !clients_are_good(&read) || !images_are_good(&read) ||
	    !is_zero(eye.at, (size_t)(record + BODY - eye.at))) {
		fu_wipe(&read, sizeof read);
		return -1;
	}
	*state = read;
	fu_wipe(&read, sizeof read);
	return 0;
}
