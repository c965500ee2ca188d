/* SPDX-License-Identifier: MIT */
/*
 * Which slot is started, and how a new image comes to stay: it has a few starts to say that it works, and each start is
 * counted on the medium before it is made. So an image that hangs, or that resets the device in its first instruction, is
 * given up without having to do anything for that; and a device whose medium can't be written starts nothing that it could
 * not give up again. The counter against rollback is raised when an image is confirmed and not before: until then the old
 * one must be allowed to start.
 *
 * This runs in a boot loader, before there is a network. What it can't know is whether the bytes of a slot are still those
 * that were verified when they came: a boot loader that must resist who can open the device verifies them itself.
 */
#include "firstuse_update.h"

#include "journal.h"
#include "slots.h"

enum firstuse_status fu_slots_known(const struct firstuse *device)
{
	if (device == NULL || device->config == NULL)
		return FIRSTUSE_BAD_CALL;
	if (device->standing == FIRSTUSE_DAMAGED)
		return FIRSTUSE_DAMAGED;
	if (device->standing != FIRSTUSE_OK && device->standing != FIRSTUSE_NOT_SET_UP)
		return FIRSTUSE_BAD_CALL;
	return FIRSTUSE_OK;
}

/* The trial is over, and what was on it is not worth a start. Its counter stays, to tell which image that was. */
static void give_up(struct firstuse_state *state)
{
	state->bootable &= (uint8_t) ~(1u << state->trial_slot);
	state->trial_slot = FU_NO_SLOT;
	state->trial_starts = 0;
}

enum firstuse_status firstuse_boot(struct firstuse *device, uint8_t *slot)
{
	enum firstuse_status status;
	struct firstuse_state state;
	uint8_t named;

	if (slot == NULL)
		return FIRSTUSE_BAD_CALL;
	*slot = 0;
	status = fu_slots_known(device);
	if (status != FIRSTUSE_OK)
		return status;
	state = device->state;
	*slot = state.active_slot;
	if (state.trial_slot == FU_NO_SLOT)
		return FIRSTUSE_OK;
	named = state.active_slot;
	if (state.trial_starts > 0) {
		named = state.trial_slot;
		state.trial_starts--;
	} else {
		give_up(&state);
	}
	status = fu_journal_store(device, &state);
	if (status == FIRSTUSE_OK)
		*slot = named;
	return status;
}

enum firstuse_status firstuse_confirm(struct firstuse *device, uint8_t slot)
{
	enum firstuse_status status = fu_slots_known(device);
	struct firstuse_state state;

	if (status != FIRSTUSE_OK)
		return status;
	if (slot > 1)
		return FIRSTUSE_BAD_CALL;
	state = device->state;
	if (state.trial_slot != slot || state.trial_starts == FIRSTUSE_STARTS)
		return FIRSTUSE_NO_UPDATE; /* what was never started can't be what runs */
	state.active_slot = slot;
	state.counter = state.trial_counter;
	state.trial_slot = FU_NO_SLOT;
	state.trial_starts = 0;
	state.trial_counter = 0;
	return fu_journal_store(device, &state);
}

uint32_t firstuse_failed_counter(const struct firstuse *device)
{
	if (fu_slots_known(device) != FIRSTUSE_OK || device->state.trial_slot != FU_NO_SLOT)
		return 0;
	return device->state.trial_counter;
}

uint32_t firstuse_counter(const struct firstuse *device)
{
	return fu_slots_known(device) == FIRSTUSE_OK ? device->state.counter : 0;
}
