/* SPDX-License-Identifier: MIT */
/*
 * Power fails at every byte of every write, in every erase and at every flush of what the core does: a new device's first
 * start, a record, a reset. With both kinds of medium, wherever in the areas the records lie, and again while the device
 * comes back.
 */
#include "check.h"
#include "crypto.h"
#include "journal.h"
#include "power.h"

#include <string.h>

static void conclude(const char *name, const struct power_count *count)
{
	printf("  %-24s %lu failures of power, %lu of them while coming back, %lu records\n", name,
	       count->runs, count->twice, count->records);
	CHECK(count->bad == 0);
	CHECK(count->records > 0 && count->runs > 0);
}

static void give_owner(struct firstuse *device, void *arg)
{
	struct firstuse_state state = device->state;

	(void)arg;
	state.has_owner = 1;
	state.password.method = FU_METHOD_ARGON2ID;
	state.password.cost.memory_kib = 8;
	state.password.cost.passes = 1;
	memset(state.password.hash, 0x77, sizeof state.password.hash);
	memset(state.stream_key, 0x11, sizeof state.stream_key);
	fu_journal_store(device, &state);
}

static void store_one(struct firstuse *device, void *arg)
{
	struct firstuse_state state = device->state;

	(void)arg;
	state.failed_tries++;
	fu_journal_store(device, &state);
}

static void store_many(struct firstuse *device, void *arg)
{
	for (unsigned i = 0; i < 6; i++)
		store_one(device, arg);
}

static void reset(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_reset(device);
}

/* A reset that is done left nothing of the owner, and one that is not done is repeated by the next start. */
static int owner_is_left(const struct medium *medium)
{
	for (unsigned area = 0; area < 2; area++)
		for (uint32_t at = 0; at + 8 < medium->area[area].size; at++)
			if (memcmp(medium->area[area].now + at, "\x77\x77\x77\x77\x77\x77\x77\x77",
				   8) == 0)
				return 1;
	return 0;
}

static const char *is_closed_or_whole(struct firstuse *device, void *arg)
{
	const struct medium *medium = device->config->port.user;

	(void)arg;
	if (device->standing == FIRSTUSE_NOT_SET_UP && owner_is_left(medium))
		return "there is no owner, and yet records of one";
	return NULL;
}

int main(void)
{
	struct power_plan plan;
	struct power_count count;

	memset(&plan, 0, sizeof plan);
	plan.config.product = "example/cam-1";
	plan.config.state_bytes = FIRSTUSE_STATE_MIN;
	CHECK(fu_crypto_init() == 0);

	plan.name = "first start";
	plan.blank = 1;
	memset(&count, 0, sizeof count);
	power_try_all(&plan, &count);
	conclude(plan.name, &count);

	plan.name = "owner, one record";
	plan.blank = 0;
	plan.prepare = give_owner;
	plan.operate = store_one;
	memset(&count, 0, sizeof count);
	power_try_all(&plan, &count);
	conclude(plan.name, &count);

	plan.name = "second record of all";
	plan.prepare = NULL;
	plan.operate = give_owner;
	memset(&count, 0, sizeof count);
	power_try_all(&plan, &count);
	conclude(plan.name, &count);

	plan.name = "six records";
	plan.prepare = give_owner;
	plan.operate = store_many;
	plan.stride = 3;
	memset(&count, 0, sizeof count);
	power_try_all(&plan, &count);
	conclude(plan.name, &count);

	plan.name = "reset";
	plan.prepare = give_owner;
	plan.operate = reset;
	plan.look = is_closed_or_whole;
	plan.stride = 1;
	memset(&count, 0, sizeof count);
	power_try_all(&plan, &count);
	conclude(plan.name, &count);
	return check_end();
}
