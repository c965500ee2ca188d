/* SPDX-License-Identifier: MIT */
/*
 * Takes an update file as it comes from the network, in a buffer of one chunk. The format stands in firstuse_update.h.
 *
 * What it resists. The file, its pieces and their order are an attacker's, who may also cut the power and hold every file that
 * the maker ever signed. The signature is checked before anything that it covers is looked at, but for the magic and the
 * algorithm's number. No byte reaches the medium before the hash of its chunk was found right, and that hash is vouched
 * for by the chunk before it, the first one's by the signature. The slot that runs is never written; the other one is marked
 * as not bootable before its first byte is, and bootable only when all of it was read back and found to be what was signed.
 * Progress that is stored is trusted for where to go on and for nothing else, since what it leaves out is read back too.
 *
 * An ECDSA signature (r, s) has a twin (r, n - s) that anybody can make. It signs the same bytes, and nothing here is known by
 * its signature: progress belongs to the signed part alone. So the twin is worth no more than the first.
 */
#include "firstuse_update.h"

#include "crypto.h"
#include "journal.h"
#include "slots.h"

#include <string.h>

#define HASH 32u
#define SIGNED 144u /* bytes of the manifest that are signed */

/* A file of the largest image must be countable in 32 bits: chunks bring a 32nd more. */
#define IMAGE_MAX 0xF0000000u

typedef char checkpoint_is_whole_chunks[FIRSTUSE_CHECKPOINT % FIRSTUSE_CHUNK == 0 ? 1 : -1];

/* Where the manifest has what. */
enum at {
	AT_ALGORITHM = 4,
	AT_ZERO = 5,
	AT_COUNTER = 8,
	AT_SIZE = 12,
	AT_PRODUCT = 16,
	AT_VERSION = 48,
	AT_IMAGE_HASH = 80,
	AT_FIRST_HASH = 112,
	TEXT = 32
};

enum phase { OVER, IN_MANIFEST, IN_IMAGE, WHOLE };

static uint32_t number(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void hash_of(const void *bytes, size_t size, uint8_t hash[HASH])
{
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, bytes, size);
	fu_sha256_end(&sha, hash);
}

/* May the slot that is not active be written? While it is on trial, it runs or will. */
static enum firstuse_status may_write(const struct firstuse *device)
{
	enum firstuse_status status = fu_slots_known(device);

	if (status == FIRSTUSE_OK && device->state.trial_slot != FU_NO_SLOT)
		status = FIRSTUSE_ON_TRIAL;
	return status;
}

enum firstuse_status firstuse_update_begin(struct firstuse_update *update, struct firstuse *device)
{
	enum firstuse_status status = FIRSTUSE_BAD_CALL;

	if (update == NULL)
		return status;
	memset(update, 0, sizeof *update);
	if (device == NULL || device->config == NULL)
		return status;
	if (device->config->slot_bytes == 0 || device->config->product == NULL)
		return status;
	status = may_write(device);
	if (status != FIRSTUSE_OK)
		return status;
	update->device = device;
	update->slot = device->state.active_slot ^ 1u;
	update->phase = IN_MANIFEST;
	device->download = update;
	return FIRSTUSE_OK;
}

/* Is this download one that may go on? Of two for one device the later one may. */
static int goes_on(const struct firstuse_update *update)
{
	return update != NULL && update->phase != OVER && update->device->download == update;
}

/* ---- the manifest ------------------------------------------------------------------------------------------- */

static int is_signed(const struct firstuse_config *config, const uint8_t *manifest)
{
	if (manifest[AT_ALGORITHM] != fu_algorithm())
		return 0;
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *key = config->update_keys[i];

		if (key != NULL && fu_signature_is_good(key, manifest + SIGNED, manifest, SIGNED))
			return 1;
	}
	return 0;
}

/* A text, then zeros to the end of its field; one zero at least. */
static int is_text(const uint8_t *field)
{
	size_t end = 0;

	while (end < TEXT && field[end] != 0)
		end++;
	if (end == TEXT)
		return 0;
	while (end < TEXT && field[end] == 0)
		end++;
	return end == TEXT;
}

/* A maker's mistakes, since this is signed: what a later format may mean by it is not known here. */
static int is_in_form(const uint8_t *manifest)
{
	for (unsigned i = AT_ZERO; i < AT_COUNTER; i++)
		if (manifest[i] != 0)
			return 0;
	return is_text(manifest + AT_PRODUCT) && is_text(manifest + AT_VERSION) &&
	       number(manifest + AT_SIZE) > 0;
}

static int is_for(const char *product, const uint8_t *manifest)
{
	size_t size = strlen(product);

	return size < TEXT && memcmp(manifest + AT_PRODUCT, product, size + 1) == 0;
}

static enum firstuse_status check_manifest(const struct firstuse *device, const uint8_t *manifest)
{
	const struct firstuse_config *config = device->config;
	uint32_t size = number(manifest + AT_SIZE);

	if (memcmp(manifest, "FUM1", 4) != 0)
		return FIRSTUSE_NO_MANIFEST;
	if (!is_signed(config, manifest))
		return FIRSTUSE_BAD_SIGNATURE;
	if (!is_in_form(manifest))
		return FIRSTUSE_NO_MANIFEST;
	if (!is_for(config->product, manifest))
		return FIRSTUSE_FOREIGN;
	if (number(manifest + AT_COUNTER) <= device->state.counter)
		return FIRSTUSE_NOT_NEWER;
	if (size > config->slot_bytes || size > IMAGE_MAX)
		return FIRSTUSE_TOO_LARGE;
	return FIRSTUSE_OK;
}

/* The slot is this image's as far as it was written: it was marked so, and neither reset nor finished since. */
static int slot_is_ours(const struct firstuse_update *update)
{
	const struct firstuse_state *state = &update->device->state;

	return memcmp(state->progress.manifest, update->manifest_hash, HASH) == 0 &&
	       state->active_slot != update->slot && !(state->bootable >> update->slot & 1u);
}

/* Where a byte of the image is in the file. */
static uint32_t in_file(uint32_t offset)
{
	return FIRSTUSE_MANIFEST + offset + offset / FIRSTUSE_CHUNK * HASH;
}

/* How far an earlier download of the same image got, if it is a place from which a slot can be written on. */
static uint32_t kept_before(const struct firstuse_update *update)
{
	uint32_t offset = update->device->state.progress.offset;

	if (!slot_is_ours(update) || offset >= update->size || offset % FIRSTUSE_CHECKPOINT != 0)
		return 0;
	return offset;
}

static enum firstuse_status take_manifest(struct firstuse_update *update)
{
	const uint8_t *manifest = update->buffer;
	enum firstuse_status status = check_manifest(update->device, manifest);

	if (status != FIRSTUSE_OK)
		return status;
	update->size = number(manifest + AT_SIZE);
	update->counter = number(manifest + AT_COUNTER);
	memcpy(update->image_hash, manifest + AT_IMAGE_HASH, HASH);
	memcpy(update->next, manifest + AT_FIRST_HASH, HASH);
	hash_of(manifest, SIGNED, update->manifest_hash);
	update->kept = kept_before(update);
	update->phase = IN_IMAGE;
	return FIRSTUSE_OK;
}

/* ---- the image ---------------------------------------------------------------------------------------------- */

static uint32_t image_in_chunk(const struct firstuse_update *update)
{
	uint32_t left = update->size - update->offset;

	return left < FIRSTUSE_CHUNK ? left : FIRSTUSE_CHUNK;
}

static uint32_t wanted(const struct firstuse_update *update)
{
	uint32_t image;

	if (update->phase == IN_MANIFEST)
		return FIRSTUSE_MANIFEST;
	image = image_in_chunk(update);
	return image + (update->offset + image < update->size ? HASH : 0);
}

/* Before the first byte is written: the slot holds nothing that starts, and what will be in it is this image. */
static enum firstuse_status claim_slot(const struct firstuse_update *update)
{
	struct firstuse *device = update->device;
	enum firstuse_status status = may_write(device);
	struct firstuse_state state = device->state;

	if (status != FIRSTUSE_OK)
		return status;
	if (state.active_slot == update->slot)
		return FIRSTUSE_BAD_CALL;
	if (slot_is_ours(update) && state.progress.offset == 0)
		return FIRSTUSE_OK;
	state.bootable &= (uint8_t) ~(1u << update->slot);
	memcpy(state.progress.manifest, update->manifest_hash, HASH);
	memcpy(state.progress.next, update->next, HASH);
	state.progress.offset = 0;
	return fu_journal_store(device, &state);
}

static enum firstuse_status flush_slot(const struct firstuse_update *update)
{
	const struct firstuse_port *port = &update->device->config->port;

	if (port->flush == NULL ||
	    port->flush(port->user, (enum firstuse_area)(FIRSTUSE_SLOT_A + update->slot)) != 0)
		return FIRSTUSE_STORAGE;
	return FIRSTUSE_OK;
}

/* The image is on the medium before the record is that says so. */
static enum firstuse_status store_progress(const struct firstuse_update *update)
{
	struct firstuse_state state = update->device->state;
	enum firstuse_status status = flush_slot(update);

	if (status != FIRSTUSE_OK)
		return status;
	state.progress.offset = update->offset;
	memcpy(state.progress.next, update->next, HASH);
	return fu_journal_store(update->device, &state);
}

static enum firstuse_status write_chunk(const struct firstuse_update *update, uint32_t image)
{
	const struct firstuse_port *port = &update->device->config->port;
	enum firstuse_status status = FIRSTUSE_OK;

	if (update->offset == 0)
		status = claim_slot(update);
	else if (!slot_is_ours(update))
		status = FIRSTUSE_BAD_CALL;
	if (status != FIRSTUSE_OK)
		return status;
	if (port->write == NULL ||
	    port->write(port->user, (enum firstuse_area)(FIRSTUSE_SLOT_A + update->slot),
			update->offset, update->buffer, image) != 0)
		return FIRSTUSE_STORAGE;
	return FIRSTUSE_OK;
}

static enum firstuse_status take_chunk(struct firstuse_update *update)
{
	enum firstuse_status status = FIRSTUSE_OK;
	uint32_t image = image_in_chunk(update);
	uint8_t hash[HASH];

	hash_of(update->buffer, update->filled, hash);
	if (memcmp(hash, update->next, HASH) != 0)
		return FIRSTUSE_ALTERED;
	if (update->offset >= update->kept)
		status = write_chunk(update, image);
	if (status != FIRSTUSE_OK)
		return status;
	update->offset += image;
	if (update->offset == update->size) {
		update->phase = WHOLE;
		return FIRSTUSE_OK;
	}
	memcpy(update->next, update->buffer + image, HASH);
	if (update->offset > update->kept && update->offset % FIRSTUSE_CHECKPOINT == 0)
		return store_progress(update);
	return FIRSTUSE_OK;
}

/* Takes what is still missing of a piece. Returns how many bytes that was. */
static size_t gather(struct firstuse_update *update, const uint8_t *bytes, size_t size)
{
	uint32_t missing = wanted(update) - update->filled;
	size_t taken = size < missing ? size : missing;

	memcpy(update->buffer + update->filled, bytes, taken);
	update->filled += (uint32_t)taken;
	return taken;
}

/* The next piece, if it is whole. */
static enum firstuse_status take_piece(struct firstuse_update *update)
{
	enum firstuse_status status;

	if (update->filled < wanted(update))
		return FIRSTUSE_OK;
	status = update->phase == IN_MANIFEST ? take_manifest(update) : take_chunk(update);
	update->filled = 0;
	return status;
}

enum firstuse_status firstuse_update_feed(struct firstuse_update *update, const void *bytes,
					  size_t size)
{
	enum firstuse_status status = FIRSTUSE_OK;
	const uint8_t *at = bytes;

	if (!goes_on(update))
		return FIRSTUSE_BAD_CALL;
	if (bytes == NULL && size > 0)
		status = FIRSTUSE_BAD_CALL;
	while (size > 0 && status == FIRSTUSE_OK) {
		size_t taken;

		if (update->phase == WHOLE) {
			status = FIRSTUSE_ALTERED; /* more than was signed */
			break;
		}
		taken = gather(update, at, size);
		at += taken;
		size -= taken;
		status = take_piece(update);
	}
	if (status != FIRSTUSE_OK)
		update->phase = OVER;
	return status;
}

uint32_t firstuse_update_resume_at(struct firstuse_update *update)
{
	if (!goes_on(update))
		return 0;
	if (update->phase == IN_MANIFEST)
		return update->filled;
	if (update->phase == WHOLE)
		return in_file(update->size - 1) + 1;
	if (update->offset < update->kept) {
		if (!slot_is_ours(update))
			return 0;
		memcpy(update->next, update->device->state.progress.next, HASH);
		update->offset = update->kept;
		update->filled = 0;
	}
	return in_file(update->offset) + update->filled;
}

/* ---- the end ------------------------------------------------------------------------------------------------ */

static enum firstuse_status read_back(struct firstuse_update *update)
{
	const struct firstuse_port *port = &update->device->config->port;
	uint8_t hash[HASH];
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	for (update->offset = 0; update->offset < update->size;) {
		uint32_t size = image_in_chunk(update);

		if (port->read(port->user, (enum firstuse_area)(FIRSTUSE_SLOT_A + update->slot),
			       update->offset, update->buffer, size) != 0)
			return FIRSTUSE_STORAGE;
		fu_sha256_add(&sha, update->buffer, size);
		update->offset += size;
	}
	fu_sha256_end(&sha, hash);
	return memcmp(hash, update->image_hash, HASH) == 0 ? FIRSTUSE_OK : FIRSTUSE_ALTERED;
}

/* The slot is worth nothing, and going on in it would come to the same end again. */
static enum firstuse_status forget(struct firstuse *device)
{
	struct firstuse_state state = device->state;

	memset(&state.progress, 0, sizeof state.progress);
	return fu_journal_store(device, &state);
}

static enum firstuse_status put_on_trial(const struct firstuse_update *update)
{
	struct firstuse_state state = update->device->state;

	memset(&state.progress, 0, sizeof state.progress);
	state.bootable |= (uint8_t)(1u << update->slot);
	state.trial_slot = update->slot;
	state.trial_starts = FIRSTUSE_STARTS;
	state.trial_counter = update->counter;
	return fu_journal_store(update->device, &state);
}

enum firstuse_status firstuse_update_end(struct firstuse_update *update)
{
	enum firstuse_status status;
	uint8_t phase;

	if (!goes_on(update))
		return FIRSTUSE_BAD_CALL;
	phase = update->phase;
	update->phase = OVER;
	if (phase != WHOLE)
		return FIRSTUSE_INCOMPLETE;
	if (!slot_is_ours(update))
		return FIRSTUSE_BAD_CALL;
	status = flush_slot(update);
	if (status == FIRSTUSE_OK)
		status = read_back(update);
	if (status == FIRSTUSE_OK)
		return put_on_trial(update);
	if (status == FIRSTUSE_ALTERED)
		(void)forget(update->device); /* if that fails, the next end finds the same */
	return status;
}
