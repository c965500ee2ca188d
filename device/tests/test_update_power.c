/* SPDX-License-Identifier: MIT */
/*
 * The power fails at every step of an update, a boot and a confirmation: at each byte, erase and flush, in each of the ways
 * that medium.h knows. Afterwards the state is one of those that the undisturbed run went through, the slot that is named
 * holds a whole image that was signed (or the factory's), and the update can be brought to its end; also when the power
 * fails a second time while that is tried.
 *
 * FIRSTUSE_TEST_SHARE=1 tries every step, 20 one in twenty; without it one in four is. update.c is included for a checkpoint within a small image.
 */
#define FIRSTUSE_CHECKPOINT 4096u
#include "../src/update.c"

#include "check.h"
#include "make_update.h"
#include "record.h"

#include <stdlib.h>

#define SLOT 8192u
#define STATES 8u

static uint64_t dice = 99;
static unsigned every = 1; /* one step of so many */

/* What runs, and what comes: counter 1 is active in slot 1 when these tests begin, or the factory's in slot 0. */
static struct update_file old, new;

typedef enum firstuse_status operation(struct firstuse *device);

static enum firstuse_status op_update(struct firstuse *device)
{
	return update_whole(device, &new);
}

static enum firstuse_status op_boot(struct firstuse *device)
{
	uint8_t slot;

	return firstuse_boot(device, &slot);
}

static enum firstuse_status op_confirm(struct firstuse *device)
{
	return firstuse_confirm(device, device->state.trial_slot);
}

/* ---- states ------------------------------------------------------------------------------------------------- */

/* All but the sequence number, which grows when a start finds traces of a torn record and begins the areas anew. */
static int same_state(const struct firstuse_state *a, const struct firstuse_state *b)
{
	return update_same_start(a, b) && a->bootable == b->bootable &&
	       a->progress.offset == b->progress.offset &&
	       memcmp(a->progress.manifest, b->progress.manifest, 32) == 0 &&
	       memcmp(a->progress.next, b->progress.next, 32) == 0;
}

struct history {
	struct firstuse_state states[STATES];
	unsigned count;
};

static int is_in(const struct history *history, const struct firstuse_state *state)
{
	for (unsigned i = 0; i < history->count; i++)
		if (same_state(&history->states[i], state))
			return 1;
	return 0;
}

/* All states that an undisturbed run leaves: the one that it finds, and the records that it writes. Returns its points. */
static uint64_t learn(struct update_bench *bench, const struct medium *before, operation *run,
		      struct history *history)
{
	struct firstuse_state state;
	uint64_t points;

	medium_copy(&bench->medium, before);
	update_bench_open(bench);
	history->states[0] = bench->device.state;
	history->count = 1;
	points = bench->medium.points;
	CHECK(run(&bench->device) == FIRSTUSE_OK);
	points = bench->medium.points - points;
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t at = 0; at + FU_RECORD <= bench->config.state_bytes;
		     at += FU_RECORD) {
			if (fu_record_read(&state, bench->medium.area[i].now + at) == 0 &&
			    state.sequence > history->states[0].sequence &&
			    history->count < STATES && !is_in(history, &state))
				history->states[history->count++] = state;
		}
	return points;
}

/* ---- after the failure -------------------------------------------------------------------------------------- */

static int slot_is_whole(const struct update_bench *bench, unsigned slot)
{
	uint8_t factory[UPDATE_RUNNING];

	for (unsigned i = 0; i < UPDATE_RUNNING; i++)
		factory[i] = (uint8_t)(i * 7 + 1);
	return update_slot_holds(&bench->medium, slot, new.image, new.image_size) ||
	       update_slot_holds(&bench->medium, slot, old.image, old.image_size) ||
	       update_slot_holds(&bench->medium, slot, factory, UPDATE_RUNNING);
}

/* Whatever happened, this brings the new image to stay. */
static int bring_to_end(struct update_bench *bench)
{
	enum firstuse_status status = FIRSTUSE_OK;

	if (bench->device.state.counter == 2)
		return 1;
	if (bench->device.state.trial_slot == 0xFF)
		status = update_whole(&bench->device, &new);
	return status == FIRSTUSE_OK && update_bench_settle(bench) &&
	       firstuse_counter(&bench->device) == 2 &&
	       update_slot_holds(&bench->medium, bench->device.state.active_slot, new.image,
				 new.image_size);
}

static void power_returns(struct update_bench *bench)
{
	medium_power_on(&bench->medium);
	CHECK(update_bench_open(bench) == FIRSTUSE_NOT_SET_UP);
}

static void look_after(struct update_bench *bench, const struct history *history, int twice)
{
	uint8_t slot = 9;

	power_returns(bench);
	CHECK(is_in(history, &bench->device.state));
	CHECK(slot_is_whole(bench, bench->device.state.active_slot));
	CHECK(firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK && slot_is_whole(bench, slot));
	/* That was a start of the trial's; at the last of them bring_to_end() begins from the download. */
	if (twice) {
		medium_cut(&bench->medium, (medium_dice(&dice) >> 16) % 6000,
			   (enum medium_way)((medium_dice(&dice) >> 16) % MEDIUM_WAYS));
		(void)bring_to_end(bench);
		power_returns(bench);
		CHECK(slot_is_whole(bench, bench->device.state.active_slot));
	}
	if (bench->device.state.trial_slot != 0xFF && bench->device.state.trial_starts == 0)
		CHECK(firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK);
	CHECK(bring_to_end(bench));
}

static void cut_everywhere(const struct update_bench *start, operation *run, unsigned states)
{
	struct update_bench bench;
	struct history history;
	uint64_t points, tried = 0;

	memset(&bench, 0, sizeof bench);
	bench.config = start->config;
	medium_copy(&bench.medium, &start->medium);
	bench.config.port = medium_port(&bench.medium);
	points = learn(&bench, &start->medium, run, &history);
	CHECK(history.count == states);
	for (uint64_t n = 0; n < points; n += 1 + medium_dice(&dice) % (2 * every - 1))
		for (unsigned way = 0; way < MEDIUM_WAYS; way++, tried++) {
			medium_copy(&bench.medium, &start->medium);
			update_bench_open(&bench);
			medium_cut(&bench.medium, n, (enum medium_way)way);
			CHECK(run(&bench.device) != FIRSTUSE_OK);
			look_after(&bench, &history, tried % 5 == 0);
			CHECK(bench.medium.wrong == 0);
		}
	update_bench_fini(&bench);
}

/* ---- what is disturbed -------------------------------------------------------------------------------------- */

static void test_kind(enum medium_kind kind)
{
	struct update_bench bench;
	uint8_t slot;

	/* From the factory: slot 1 is blank. */
	update_bench_init(&bench, kind, SLOT, 1);
	cut_everywhere(&bench, op_update, 4); /* before, begun, checkpoint, on trial */
	/* On trial: each start that is counted, the one that gives up, and the confirmation at the last start. */
	CHECK(update_whole(&bench.device, &new) == FIRSTUSE_OK);
	for (unsigned i = 0; i < FIRSTUSE_STARTS; i++) {
		cut_everywhere(&bench, op_boot, 2);
		CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
		cut_everywhere(&bench, op_confirm, 2);
	}
	cut_everywhere(&bench, op_boot, 2);
	update_bench_fini(&bench);

	/* Later in life: slot 0 holds what ran before, and half of another download. */
	update_bench_init(&bench, kind, SLOT, 2);
	CHECK(update_whole(&bench.device, &old) == FIRSTUSE_OK && update_bench_settle(&bench));
	every *= 3;
	cut_everywhere(&bench, op_update, 4);
	every /= 3;
	update_bench_fini(&bench);
}

int main(void)
{
	const char *share = getenv("FIRSTUSE_TEST_SHARE");

	every = share ? (unsigned)strtoul(share, NULL, 10) : 4;
	every = every > 0 ? every : 1;
	update_make(&old, 0, 1, 5000, &dice);
	update_make(&new, 1, 2, 4096 + 60, &dice);
	test_kind(MEDIUM_FLASH);
	test_kind(MEDIUM_FILE);
	update_free(&old);
	update_free(&new);
	return check_end();
}
