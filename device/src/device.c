/* SPDX-License-Identifier: MIT */
/*
 * A device is opened, says how it stands, and is reset. ETSI EN 303 645 clause 5.1-1 (no default password: a new device has
 * no owner and says so), 5.11-1 (a reset erases the owner's data).
 *
 * Whatever goes wrong here leaves the device closed: `standing` is FIRSTUSE_OK only after a good record of an owner was
 * read, and FIRSTUSE_NOT_SET_UP only where journal.c is sure that there never was one.
 */
#include "crypto.h"
#include "journal.h"
#include "record.h"
#include "secret.h"
#include "slots.h"
#include "throttle.h"

#include <string.h>

#define PRODUCT_MAX 31u

/* The length of a string, or `most` + 1 when it is longer. */
static size_t length_to(const char *text, size_t most)
{
	size_t n = 0;

	while (n <= most && text[n] != '\0')
		n++;
	return n;
}

static int is_usable(const struct firstuse_config *config)
{
	const struct firstuse_port *port = &config->port;
	struct firstuse_cost cost = config->cost;
	size_t n;

	if (!port->read || !port->now_ms || !port->random || (!port->write) != (!port->flush))
		return 0;
	if (config->state_bytes < FIRSTUSE_STATE_MIN || !config->product)
		return 0;
	n = length_to(config->product, PRODUCT_MAX);
	if (n == 0 || n > PRODUCT_MAX)
		return 0;
	if (config->setup_code) {
		n = length_to(config->setup_code, FIRSTUSE_CODE_MAX);
		if (n < FIRSTUSE_CODE_MIN || n > FIRSTUSE_CODE_MAX)
			return 0;
	}
	return fu_cost_is_good(fu_method(&cost), &cost);
}

/* As it leaves the factory: no owner, slot 0 runs and nothing is on trial. */
static void make_new(struct firstuse_state *state)
{
	memset(state, 0, sizeof *state);
	state->bootable = 1;
	state->trial_slot = FU_NO_SLOT;
	fu_throttle_reset(state);
}

static int new_id_key(const struct firstuse *device, struct firstuse_state *state)
{
	const struct firstuse_port *port = &device->config->port;

	return port->random(port->user, state->id_key, sizeof state->id_key);
}

static enum firstuse_status first_record(struct firstuse *device)
{
	struct firstuse_state state;
	enum firstuse_status status = FIRSTUSE_RANDOM;

	make_new(&state);
	if (new_id_key(device, &state) == 0)
		status = fu_journal_begin(device, &state);
	fu_wipe(&state, sizeof state);
	return status;
}

static enum firstuse_status take_up(struct firstuse *device)
{
	int traces;
	enum firstuse_status status = fu_journal_load(device, &traces);

	switch (status) {
	case FIRSTUSE_OK:
		device->standing = device->state.has_owner ? FIRSTUSE_OK : FIRSTUSE_NOT_SET_UP;
		/* The reset or set-up itself is done; what is left to erase can wait for the next start too. */
		if (traces)
			(void)fu_journal_renew(device, &device->state);
		break;
	case FIRSTUSE_NOT_SET_UP:
		status = first_record(device);
		if (status != FIRSTUSE_OK)
			return status;
		break;
	case FIRSTUSE_DAMAGED:
		make_new(&device->state);
		device->standing = FIRSTUSE_DAMAGED;
		break;
	default:
		return status;
	}
	fu_throttle_start(device);
	return (enum firstuse_status)device->standing;
}

enum firstuse_status firstuse_open(struct firstuse *device, const struct firstuse_config *config)
{
	enum firstuse_status status;

	if (!device)
		return FIRSTUSE_BAD_CALL;
	memset(device, 0, sizeof *device);
	device->standing = FIRSTUSE_BAD_CALL;
	if (!config || !is_usable(config))
		return FIRSTUSE_BAD_CALL;
	if (fu_crypto_init() != 0)
		return FIRSTUSE_CRYPTO;
	device->config = config;
	status = take_up(device);
	if (status != FIRSTUSE_OK && status != FIRSTUSE_NOT_SET_UP && status != FIRSTUSE_DAMAGED) {
		fu_wipe(&device->state, sizeof device->state);
		device->standing = FIRSTUSE_BAD_CALL;
	}
	return status;
}

enum firstuse_status firstuse_standing(const struct firstuse *device)
{
	/* Memory of zeros that nobody opened would say FIRSTUSE_OK. */
	if (!device || !device->config)
		return FIRSTUSE_BAD_CALL;
	return (enum firstuse_status)device->standing;
}

uint32_t firstuse_failed_tries(const struct firstuse *device)
{
	uint32_t stored;

	if (firstuse_standing(device) == FIRSTUSE_BAD_CALL)
		return 0;
	stored = device->state.failed_tries;
	return stored < UINT32_MAX - device->failed_unsaved ? stored + device->failed_unsaved
							    : UINT32_MAX;
}

/* What runs is not the owner's, and an older image must not come back by a reset. */
static void keep_images(struct firstuse_state *state, const struct firstuse_state *old)
{
	state->active_slot = old->active_slot;
	state->bootable = old->bootable;
	state->trial_slot = old->trial_slot;
	state->trial_starts = old->trial_starts;
	state->counter = old->counter;
	state->trial_counter = old->trial_counter;
	state->progress = old->progress;
}

enum firstuse_status firstuse_reset(struct firstuse *device)
{
	struct firstuse_state state;
	enum firstuse_status status;

	if (firstuse_standing(device) == FIRSTUSE_BAD_CALL)
		return FIRSTUSE_BAD_CALL;
	make_new(&state);
	keep_images(&state, &device->state);
	if (new_id_key(device, &state) != 0)
		return FIRSTUSE_RANDOM;
	status = fu_journal_renew(device, &state);
	if (device->standing == FIRSTUSE_NOT_SET_UP) {
		memset(device->clients, 0, sizeof device->clients);
		fu_throttle_start(device);
	}
	return status;
}
