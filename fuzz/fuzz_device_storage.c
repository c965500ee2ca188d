/* SPDX-License-Identifier: MIT */
/*
 * Any bytes in both areas for state, as a worn chip or who has opened the device may leave them; then public calls in any
 * order, with storage that fails now and then. Checksums are put right here where the second byte says so. No call may
 * leave its areas, break the contract of struct firstuse_port, answer what its header does not name, or leave a state that
 * the next start does not find again.
 *
 *	byte 0    1: flash, else files     1   bit n: record n gets its magic and checksum     2   bytes of records / 8
 *	     3 .. the records of area A, then B; behind them the calls, a byte each and a byte of argument
 */
#include "crypto.h"
#include "firstuse_update.h"
#include "journal.h"
#include "medium.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 3u
#define STATE 1024u /* two records */
#define SLOT 8192u
#define CALLS 40u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
	struct medium medium;
	struct firstuse_config config;
	struct firstuse device;
	struct firstuse_update update;
};

static const uint8_t key[32] = {1};
static const char *const passwords[] = {"correct horse battery", "stable of the wrong one", "admin",
					""};

static void require(int holds)
{
	if (!holds)
		abort();
}

/* ---- what is stored ----------------------------------------------------------------------------------------- */

static void seal(uint8_t *record)
{
	struct fu_sha256 sha;
	uint8_t hash[32];

	memcpy(record, "FUS1", 4);
	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, record, FU_RECORD - 16);
	fu_sha256_end(&sha, hash);
	memcpy(record + FU_RECORD - 16, hash, 16);
}

/* Fills both areas; returns how many bytes that took. */
static size_t fill(struct medium *medium, const uint8_t *data, size_t size)
{
	size_t most = (size_t)data[2] * 8, taken = HEAD;

	for (unsigned n = 0; n < 4; n++) {
		struct medium_area *area = &medium->area[n / 2];
		uint8_t *record = area->now + n % 2 * FU_RECORD;
		size_t left = size - taken < most ? size - taken : most;
		size_t bytes = left < FU_RECORD ? left : FU_RECORD;

		memcpy(record, data + taken, bytes);
		taken += bytes;
		most -= bytes;
		if (data[1] >> n & 1 && bytes > 0)
			seal(record);
		area->length = STATE;
		memcpy(area->safe, area->now, STATE);
		area->safe_length = area->length;
	}
	return taken;
}

/* ---- calls -------------------------------------------------------------------------------------------------- */

static struct firstuse_peer peer_of(uint8_t argument)
{
	struct firstuse_peer peer;

	memset(&peer, 0, sizeof peer);
	peer.id[0] = argument % 8;
	peer.on_lan = argument / 8 % 2;
	return peer;
}

static void use_password(struct bench *bench, uint8_t call, uint8_t argument)
{
	struct firstuse_peer peer = peer_of(argument);
	const char *password = passwords[argument / 16 % 4];
	const char *other = passwords[argument / 64 % 4];
	enum firstuse_status before = firstuse_standing(&bench->device);
	enum firstuse_status status;
	uint32_t wait_s = 7;

	switch (call % 4) {
	case 0:
		status = firstuse_login(&bench->device, &peer, password, strlen(password), &wait_s);
		require(status != FIRSTUSE_OK || before == FIRSTUSE_OK);
		break;
	case 1:
		status = firstuse_set_up(&bench->device, &peer, NULL, 0, password, strlen(password),
					 &wait_s);
		require(status != FIRSTUSE_OK || (before == FIRSTUSE_NOT_SET_UP && peer.on_lan));
		break;
	case 2:
		status = firstuse_change_password(&bench->device, &peer, password, strlen(password),
						  other, strlen(other), &wait_s);
		require(status != FIRSTUSE_OK || before == FIRSTUSE_OK);
		break;
	default:
		status = firstuse_check_password(&bench->device, password, strlen(password));
		wait_s = 0;
		break;
	}
	require(status <= FIRSTUSE_BAD_CALL);
	require(before != FIRSTUSE_DAMAGED || status != FIRSTUSE_OK || call % 4 == 3);
	require((wait_s > 0) == (status == FIRSTUSE_WAIT));
}

static void use_image(struct bench *bench, uint8_t call, uint8_t argument)
{
	struct firstuse *device = &bench->device;
	uint8_t bytes[FIRSTUSE_MANIFEST + 8];
	uint8_t slot = 9;

	switch (call % 4) {
	case 0:
		(void)firstuse_boot(device, &slot);
		require(slot <= 1);
		break;
	case 1:
		(void)firstuse_confirm(device, argument);
		break;
	case 2:
		(void)firstuse_counter(device);
		(void)firstuse_failed_counter(device);
		break;
	default:
		memset(bytes, argument, sizeof bytes);
		memcpy(bytes, "FUM1\1\0\0", 8);
		if (firstuse_update_begin(&bench->update, device) == FIRSTUSE_OK) {
			require(firstuse_update_feed(&bench->update, bytes, sizeof bytes) ==
				FIRSTUSE_BAD_SIGNATURE);
			require(firstuse_update_end(&bench->update) == FIRSTUSE_BAD_CALL);
		}
		break;
	}
}

static void use_rest(struct bench *bench, uint8_t call, uint8_t argument)
{
	char stream_key[FIRSTUSE_STREAM_KEY];

	switch (call % 8) {
	case 0:
		(void)firstuse_reset(&bench->device);
		break;
	case 1:
		if (firstuse_stream_key(&bench->device, stream_key) == FIRSTUSE_OK)
			require(strlen(stream_key) == FIRSTUSE_STREAM_KEY - 1);
		break;
	case 2:
		(void)firstuse_failed_tries(&bench->device);
		break;
	case 3:
		bench->medium.now_ms += (uint64_t)argument << argument % 32;
		break;
	case 4:
		bench->medium.fail_write = argument % 4;
		break;
	case 5:
		bench->medium.fail_flush = argument % 4;
		break;
	case 6:
		bench->medium.fail_read = argument;
		break;
	default:
		bench->medium.fail_random = argument % 4;
		break;
	}
}

/* What is stored is what a start finds; and whoever starts, the answer is one of three, or that the device can't be read. */
static enum firstuse_status start(struct bench *bench)
{
	enum firstuse_status status = firstuse_open(&bench->device, &bench->config);

	require(status == FIRSTUSE_OK || status == FIRSTUSE_NOT_SET_UP ||
		status == FIRSTUSE_DAMAGED || status == FIRSTUSE_STORAGE ||
		status == FIRSTUSE_RANDOM);
	if (status <= FIRSTUSE_NOT_SET_UP || status == FIRSTUSE_DAMAGED)
		require(firstuse_standing(&bench->device) == status);
	else
		require(firstuse_standing(&bench->device) == FIRSTUSE_BAD_CALL);
	return status;
}

static void check_state(const struct bench *bench)
{
	uint8_t record[FU_RECORD];
	struct firstuse_state again;

	require(bench->medium.wrong == 0);
	if (firstuse_standing(&bench->device) > FIRSTUSE_NOT_SET_UP)
		return;
	fu_record_write(&bench->device.state, record);
	require(fu_record_read(&again, record) == 0);
	require(again.has_owner == (firstuse_standing(&bench->device) == FIRSTUSE_OK));
}

static void play(struct bench *bench, const uint8_t *calls, size_t size)
{
	for (size_t at = 0; at + 1 < size && at < 2 * CALLS; at += 2) {
		uint8_t call = calls[at] / 4, argument = calls[at + 1];

		switch (calls[at] % 4) {
		case 0:
			use_password(bench, call, argument);
			break;
		case 1:
			use_image(bench, call, argument);
			break;
		case 2:
			use_rest(bench, call, argument);
			break;
		default:
			(void)start(bench);
			break;
		}
		check_state(bench);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench bench;
	size_t taken;

	if (size < HEAD)
		return 0;
	memset(&bench, 0, sizeof bench);
	medium_init(&bench.medium, data[0] % 2 ? MEDIUM_FLASH : MEDIUM_FILE, STATE, SLOT, 1);
	taken = fill(&bench.medium, data, size);
	bench.config.port = medium_port(&bench.medium);
	bench.config.state_bytes = STATE;
	bench.config.slot_bytes = SLOT;
	bench.config.product = "example/cam-2";
	bench.config.update_keys[0] = key;
	(void)start(&bench);
	check_state(&bench);
	play(&bench, data + taken, size - taken);
	medium_fini(&bench.medium);
	return 0;
}
