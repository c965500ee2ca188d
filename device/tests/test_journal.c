/* SPDX-License-Identifier: MIT */
/*
 * The journal beside a twin that is a plain list: under random records, restarts, resets, failing callbacks and failing power,
 * what is open is what the twin says. Then what only a whole life shows: wear, damage, and a medium that lies.
 */
#include "check.h"
#include "crypto.h"
#include "journal.h"
#include "medium.h"
#include "record.h"
#include "throttle.h"

#include <stdlib.h>
#include <string.h>

static uint64_t dice = 74;

static uint32_t roll(uint32_t below)
{
	return (uint32_t)((medium_dice(&dice) >> 20) % below);
}

struct rig {
	struct medium medium;
	struct firstuse_config config;
	struct firstuse device;
};

static void rig_up(struct rig *rig, enum medium_kind kind, uint32_t state_bytes)
{
	memset(rig, 0, sizeof *rig);
	medium_init(&rig->medium, kind, state_bytes, 0, 1 + roll(1000000));
	rig->config.port = medium_port(&rig->medium);
	rig->config.product = "example/cam-1";
	rig->config.state_bytes = state_bytes;
}

static enum firstuse_status rig_open(struct rig *rig)
{
	return firstuse_open(&rig->device, &rig->config);
}

static void set_owner(struct firstuse_state *state, uint8_t mark)
{
	state->has_owner = 1;
	state->password.method = FU_METHOD_PBKDF2;
	state->password.cost.memory_kib = 0;
	state->password.cost.passes = 1000;
	memset(state->password.hash, mark, sizeof state->password.hash);
}

static void change(struct firstuse_state *state)
{
	switch (roll(5)) {
	case 0:
		set_owner(state, (uint8_t)roll(256));
		break;
	case 1:
		state->failed_tries = roll(0xFFFFFFFFu);
		break;
	case 2:
		state->budget.known[roll(FIRSTUSE_KNOWN_MAX)] = roll(FU_BUDGET_CLIENT + 1);
		break;
	case 3:
		state->progress.offset = roll(1u << 30);
		state->progress.next[roll(32)] = (uint8_t)roll(256);
		break;
	default:
		state->counter++;
	}
}

static int same(const struct firstuse_state *a, const struct firstuse_state *b)
{
	struct firstuse_state x = *a, y = *b;
	uint8_t one[FU_RECORD], other[FU_RECORD];

	x.sequence = y.sequence = 1;
	fu_record_write(&x, one);
	fu_record_write(&y, other);
	return memcmp(one, other, FU_RECORD) == 0;
}

/* ---- the twin ------------------------------------------------------------------------------------------------ */

#define MAYBE 40u

/* What the state is, and what it may turn out to be after a start: since a call failed nobody knows. */
struct twin {
	struct firstuse_state now;
	struct firstuse_state maybe[MAYBE];
	unsigned count;
};

static void twin_knows(struct twin *twin, const struct firstuse_state *state)
{
	twin->now = *state;
	twin->count = 0;
}

static void twin_doubts(struct twin *twin, const struct firstuse_state *state)
{
	if (twin->count < MAYBE)
		twin->maybe[twin->count++] = *state;
}

static int twin_allows(const struct twin *twin, const struct firstuse_state *state)
{
	if (same(state, &twin->now))
		return 1;
	for (unsigned i = 0; i < twin->count; i++)
		if (same(state, &twin->maybe[i]))
			return 1;
	return 0;
}

/* ---- random lives -------------------------------------------------------------------------------------------- */

static void trouble(struct rig *rig)
{
	enum medium_way way;

	switch (roll(12)) {
	case 0:
		rig->medium.fail_write = 1 + roll(2);
		break;
	case 1:
		rig->medium.fail_flush = 1 + roll(2);
		break;
	case 2:
		rig->medium.fail_read = 1 + roll(8);
		break;
	case 3:
	case 4:
		way = (enum medium_way)roll(MEDIUM_WAYS); /* in this order on every machine */
		medium_cut(&rig->medium, roll(900), way);
		break;
	default:
		break;
	}
}

static void peace(struct rig *rig)
{
	rig->medium.fail_write = rig->medium.fail_flush = rig->medium.fail_read = 0;
	rig->medium.fail_random = 0;
	medium_power_on(&rig->medium);
}

static void start_again(struct rig *rig, struct twin *twin)
{
	enum firstuse_status status;

	peace(rig);
	status = rig_open(rig);
	CHECK(status == FIRSTUSE_OK || status == FIRSTUSE_NOT_SET_UP);
	CHECK(twin_allows(twin, &rig->device.state));
	CHECK((status == FIRSTUSE_OK) == rig->device.state.has_owner);
	twin_knows(twin, &rig->device.state);
}

static void store(struct rig *rig, struct twin *twin)
{
	struct firstuse_state state = rig->device.state;

	change(&state);
	if (fu_journal_store(&rig->device, &state) == FIRSTUSE_OK)
		twin_knows(twin, &state);
	else
		twin_doubts(twin, &state);
}

static void reset(struct rig *rig, struct twin *twin)
{
	struct firstuse_state was = rig->device.state;
	uint64_t random = rig->medium.random;
	enum firstuse_status status = firstuse_reset(&rig->device);

	if (status == FIRSTUSE_OK || !same(&rig->device.state, &was)) {
		CHECK(!rig->device.state.has_owner && rig->device.state.counter == was.counter);
		twin_knows(twin, &rig->device.state);
	} else { /* what it would have become */
		struct firstuse_state state = was;
		uint64_t here = rig->medium.random;

		state.has_owner = 0;
		memset(&state.password, 0, sizeof state.password);
		memset(state.stream_key, 0, sizeof state.stream_key);
		state.failed_tries = 0;
		fu_throttle_reset(&state);
		rig->medium.random = random;
		for (unsigned i = 0; i < sizeof state.id_key; i++)
			state.id_key[i] = (uint8_t)(medium_dice(&rig->medium.random) >> 32);
		rig->medium.random = here;
		twin_doubts(twin, &state);
	}
}

static void test_random_life(enum medium_kind kind, uint32_t state_bytes, unsigned steps)
{
	static struct rig rig;
	static struct twin twin;

	rig_up(&rig, kind, state_bytes);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	twin_knows(&twin, &rig.device.state);
	while (steps-- > 0) {
		trouble(&rig);
		if (roll(20) == 0)
			reset(&rig, &twin);
		else
			store(&rig, &twin);
		CHECK(same(&rig.device.state, &twin.now));
		if (rig.medium.off || roll(6) == 0 || twin.count == MAYBE)
			start_again(&rig, &twin);
		else
			peace(&rig);
	}
	CHECK(rig.medium.wrong == 0);
	medium_fini(&rig.medium);
}

/* ---- wear ---------------------------------------------------------------------------------------------------- */

static void test_wear(uint32_t state_bytes)
{
	const uint32_t places = state_bytes / FU_RECORD;
	static struct rig rig;
	uint32_t records = 4000;

	rig_up(&rig, MEDIUM_FLASH, state_bytes);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	for (uint32_t i = 1; i < records; i++) {
		struct firstuse_state state = rig.device.state;

		change(&state);
		if (fu_journal_store(&rig.device, &state) != FIRSTUSE_OK)
			CHECK(!"a record was not stored");
	}
	CHECK(rig.device.state.sequence == records + 1); /* the first with an owner is two */
	CHECK(rig.medium.area[0].erases <= records / (2 * places) + 2);
	CHECK(rig.medium.area[1].erases <= records / (2 * places) + 2);
	CHECK(rig.medium.wrong == 0);
	medium_fini(&rig.medium);
}

/* ---- damage -------------------------------------------------------------------------------------------------- */

static void spoil(struct medium *medium, unsigned area)
{
	for (uint32_t at = 0; at < medium->area[area].size; at++)
		if (medium->area[area].now[at] != 0xFF)
			medium->area[area].now[at] ^= 0x10;
}

/* With both areas spoilt a device is closed, takes no record, and opens again as a new one after a reset only. */
static void test_damaged(void)
{
	static struct rig rig;
	struct firstuse_state state;

	rig_up(&rig, MEDIUM_FLASH, 1024);
	rig_open(&rig);
	state = rig.device.state;
	set_owner(&state, 1);
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_OK);
	CHECK(rig_open(&rig) == FIRSTUSE_OK);
	spoil(&rig.medium, 0);
	spoil(&rig.medium, 1);
	CHECK(rig_open(&rig) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_DAMAGED);
	CHECK(rig.device.state.has_owner == 0 && rig.device.state.active_slot == 0);
	state = rig.device.state;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_DAMAGED);
	CHECK(rig_open(&rig) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_reset(&rig.device) == FIRSTUSE_OK);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_NOT_SET_UP);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	medium_fini(&rig.medium);
}

/* Area A can't be read, B was begun: there may have been an owner. The other way round there is A. */
static void test_half_damaged(void)
{
	static struct rig rig;
	struct firstuse_state state;

	rig_up(&rig, MEDIUM_FLASH, 1024);
	rig_open(&rig);
	state = rig.device.state;
	set_owner(&state, 1);
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	spoil(&rig.medium, 0);
	CHECK(rig_open(&rig) == FIRSTUSE_OK);
	medium_fini(&rig.medium);

	rig_up(&rig, MEDIUM_FLASH,
	       1024); /* noise in A alone, as a first erase that failed leaves */
	for (uint32_t at = 0; at < 1024; at++)
		rig.medium.area[0].now[at] = (uint8_t)roll(256);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP && rig.device.state.sequence == 1);
	medium_fini(&rig.medium);

	rig_up(&rig, MEDIUM_FLASH, 1024); /* noise in B alone, which nothing here leaves */
	rig.medium.area[1].now[500] = 0;
	CHECK(rig_open(&rig) == FIRSTUSE_DAMAGED);
	medium_fini(&rig.medium);
}

/* ---- media that fail or lie ---------------------------------------------------------------------------------- */

static int (*honest_write)(void *, enum firstuse_area, uint32_t, const void *, uint32_t);
static unsigned lies;

/* Says that all is well, and has one bit that stays. */
static int lying_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		       uint32_t size)
{
	struct medium *medium = user;
	int result = honest_write(user, area, offset, from, size);

	if (lies > 0) {
		lies--;
		medium->area[area].now[offset + 200] ^= 1;
	}
	return result;
}

static void test_worn_cell(void)
{
	static struct rig rig;
	struct firstuse_state state;
	uint32_t number;

	rig_up(&rig, MEDIUM_FLASH, 4096);
	honest_write = rig.config.port.write;
	rig.config.port.write = lying_write;
	rig_open(&rig);
	state = rig.device.state;
	number = state.sequence;
	set_owner(&state, 9);
	lies = 1;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_STORAGE);
	CHECK(!rig.device.state.has_owner);
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	CHECK(rig.device.state.sequence == number + 3); /* the first with an owner is two */
	CHECK(rig_open(&rig) == FIRSTUSE_OK);
	medium_fini(&rig.medium);
}

/* The write failed for the caller, and yet the record is there: what comes after has the last word. */
static void test_late_failure(void)
{
	static struct rig rig;
	struct firstuse_state state;

	rig_up(&rig, MEDIUM_FLASH, 4096);
	rig_open(&rig);
	state = rig.device.state;
	state.counter = 1;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	state.counter = 2;
	rig.medium.fail_flush = 1;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_STORAGE);
	CHECK(rig.device.state.counter == 1);
	state.counter = 3;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP && rig.device.state.counter == 3);
	CHECK(rig.medium.wrong == 0);
	medium_fini(&rig.medium);
}

/* What a start read from a cache after a flush that failed: it was acted on, so it may not be lost with the power. */
static void test_read_from_a_cache(void)
{
	static struct rig rig;
	struct firstuse_state state;

	rig_up(&rig, MEDIUM_FILE, 4096);
	rig_open(&rig);
	state = rig.device.state;
	set_owner(&state, 5);
	rig.medium.fail_flush = 1;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_STORAGE);
	CHECK(rig_open(&rig) == FIRSTUSE_OK);
	medium_cut(&rig.medium, 0, MEDIUM_TORN);
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_STORAGE);
	medium_power_on(&rig.medium);
	CHECK(rig_open(&rig) == FIRSTUSE_OK);
	medium_fini(&rig.medium);
}

/* After a first start and another one, the owner's record is in B: A may be full of noise then and nothing opens. */
static void test_second_record(void)
{
	for (unsigned starts = 1; starts < 3; starts++) {
		static struct rig rig;
		struct firstuse_state state;

		rig_up(&rig, MEDIUM_FLASH, 4096);
		for (unsigned i = 0; i < starts; i++)
			rig_open(&rig);
		state = rig.device.state;
		set_owner(&state, 5);
		CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
		CHECK(rig.device.area == 0 && rig.medium.area[1].bytes == FU_RECORD);
		spoil(&rig.medium, 0);
		CHECK(rig_open(&rig) == FIRSTUSE_OK);
		medium_fini(&rig.medium);
	}
}

/* A reset that is done left nothing of the owner, without another start. */
/* One place for a record, or a whole area, no longer reads as it was written. */
static void rot(struct rig *rig, unsigned area, uint32_t from, uint32_t size)
{
	for (uint32_t i = from; i < from + size && i < rig->medium.area[area].size; i++)
		rig->medium.area[area].now[i] ^= (uint8_t)(1u << i % 8);
	memcpy(rig->medium.area[area].safe, rig->medium.area[area].now,
	       rig->medium.area[area].size);
}

/* Whatever one place rots, the owner stays; where the power failed too the device may be closed, and is never open. */
static void rot_everywhere(const struct rig *owned, int cut)
{
	enum firstuse_status status;
	struct rig rig;

	memset(&rig, 0, sizeof rig);
	for (unsigned area = 0; area < 2; area++)
		for (uint32_t at = 0; at <= 4096; at += FU_RECORD) {
			medium_copy(&rig.medium, &owned->medium);
			rig.config = owned->config;
			rig.config.port = medium_port(&rig.medium);
			rot(&rig, area, at % 4096, at == 0 ? 4096 : FU_RECORD);
			status = rig_open(&rig);
			CHECK(status == FIRSTUSE_OK || (cut && status == FIRSTUSE_DAMAGED));
		}
	medium_fini(&rig.medium);
}

/* Set up at once, or after a reset; and with the power failing at any point of it, once it is there. */
static void test_rot_opens_nothing(void)
{
	for (unsigned after = 0; after < 2; after++)
		for (uint64_t cut = 0, points = 1; cut <= points; cut += 7) {
			struct rig rig;
			struct firstuse_state state;
			uint64_t before;

			rig_up(&rig, MEDIUM_FLASH, 4096);
			CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
			if (after)
				CHECK(firstuse_reset(&rig.device) == FIRSTUSE_OK);
			state = rig.device.state;
			set_owner(&state, 7);
			before = rig.medium.points;
			if (cut > 0)
				medium_cut(&rig.medium, cut - 1, MEDIUM_CLEAN);
			(void)fu_journal_store(&rig.device, &state);
			if (cut == 0)
				points = rig.medium.points - before;
			medium_power_on(&rig.medium);
			if (cut == 0 || rig_open(&rig) == FIRSTUSE_OK)
				rot_everywhere(&rig, cut > 0);
			else
				CHECK(cut > 0);
			medium_fini(&rig.medium);
		}
}

static void test_reset_erases(void)
{
	static struct rig rig;
	struct firstuse_state state;
	unsigned left = 0;

	rig_up(&rig, MEDIUM_FLASH, 1024);
	rig_open(&rig);
	for (unsigned i = 0; i < 5; i++) {
		state = rig.device.state;
		set_owner(&state, 0x77);
		CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_OK);
	}
	CHECK(firstuse_reset(&rig.device) == FIRSTUSE_OK);
	for (unsigned area = 0; area < 2; area++)
		for (uint32_t at = 0; at + 8 <= 1024; at++)
			left += memcmp(rig.medium.area[area].now + at,
				       "\x77\x77\x77\x77\x77\x77\x77\x77", 8) == 0;
	CHECK(left == 0);
	medium_fini(&rig.medium);
}

static void test_bad_state_is_not_stored(void)
{
	static struct rig rig;
	struct firstuse_state state;
	uint64_t points;

	rig_up(&rig, MEDIUM_FILE, 4096);
	rig_open(&rig);
	points = rig.medium.points;
	state = rig.device.state;
	state.budget.lan = FU_BUDGET_LAN + 1;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_BAD_CALL);
	CHECK(rig.medium.points == points && rig.device.state.budget.lan == FU_BUDGET_LAN);
	medium_fini(&rig.medium);
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static void test_open_failures(void)
{
	static struct rig rig;

	rig_up(&rig, MEDIUM_FILE, 1024);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_BAD_CALL); /* zeros are not open */
	CHECK(firstuse_standing(NULL) == FIRSTUSE_BAD_CALL);
	rig.medium.fail_read = 1;
	CHECK(rig_open(&rig) == FIRSTUSE_STORAGE);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_reset(&rig.device) == FIRSTUSE_BAD_CALL);
	CHECK(fu_journal_store(&rig.device, &rig.device.state) == FIRSTUSE_BAD_CALL);
	rig.medium.fail_random = 1;
	CHECK(rig_open(&rig) == FIRSTUSE_RANDOM);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_BAD_CALL);
	rig.medium.fail_write = 1;
	CHECK(rig_open(&rig) == FIRSTUSE_STORAGE);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	rig.medium.fail_random = 1;
	CHECK(firstuse_reset(&rig.device) == FIRSTUSE_RANDOM);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_NOT_SET_UP);
	medium_fini(&rig.medium);
}

/* A boot loader that only looks: nothing is written, every change fails. */
static void test_read_only(void)
{
	static struct rig rig;
	struct firstuse_state state;
	uint64_t points;

	rig_up(&rig, MEDIUM_FLASH, 1024);
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	points = rig.medium.points;
	rig.config.port.write = NULL;
	CHECK(rig_open(&rig) == FIRSTUSE_BAD_CALL);
	rig.config.port.flush = NULL;
	CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);
	state = rig.device.state;
	CHECK(fu_journal_store(&rig.device, &state) == FIRSTUSE_STORAGE);
	CHECK(firstuse_reset(&rig.device) == FIRSTUSE_STORAGE);
	CHECK(rig.medium.points == points);
	medium_fini(&rig.medium);
	rig_up(&rig, MEDIUM_FLASH, 1024);
	rig.config.port.write = NULL;
	rig.config.port.flush = NULL;
	CHECK(rig_open(&rig) == FIRSTUSE_STORAGE);
	medium_fini(&rig.medium);
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		const struct firstuse_config good = rig.config;                                    \
		change;                                                                            \
		CHECK(rig_open(&rig) == FIRSTUSE_BAD_CALL);                                        \
		rig.config = good;                                                                 \
		CHECK(rig_open(&rig) == FIRSTUSE_NOT_SET_UP);                                      \
	} while (0)

static void test_wrong_configurations(void)
{
	static struct rig rig;

	rig_up(&rig, MEDIUM_FILE, 1024);
	rig.config.setup_code = "12345678";
	REFUSED(rig.config.port.read = NULL);
	REFUSED(rig.config.port.now_ms = NULL);
	REFUSED(rig.config.port.random = NULL);
	REFUSED(rig.config.state_bytes = FIRSTUSE_STATE_MIN - 1);
	REFUSED(rig.config.product = NULL);
	REFUSED(rig.config.product = "");
	REFUSED(rig.config.product = "example/a-name-of-32-characters.");
	REFUSED(rig.config.setup_code = "1234567");
	REFUSED(rig.config.setup_code = "123456789012345678901234567890123");
	REFUSED(rig.config.cost.memory_kib = 4);
	REFUSED(rig.config.cost.passes = 0xFFFFFFFFu);
	CHECK(firstuse_open(&rig.device, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_standing(&rig.device) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_open(NULL, &rig.config) == FIRSTUSE_BAD_CALL);
	medium_fini(&rig.medium);
}

static void test_words(void)
{
	for (int i = 0; i <= FIRSTUSE_ON_TRIAL; i++)
		CHECK(strcmp(firstuse_status_text((enum firstuse_status)i), "unknown status") != 0);
	CHECK(firstuse_status_text((enum firstuse_status)1000) != NULL);
}

int main(void)
{
	static const uint32_t sizes[] = {1024, 1500, 4096};
	const unsigned steps = getenv("FIRSTUSE_EVERY") ? 1000 : 10000;

	CHECK(fu_crypto_init() == 0);
	for (unsigned i = 0; i < 3; i++) {
		test_random_life(MEDIUM_FILE, sizes[i], steps);
		test_random_life(MEDIUM_FLASH, sizes[i], steps);
		test_wear(sizes[i]);
	}
	test_damaged();
	test_half_damaged();
	test_worn_cell();
	test_late_failure();
	test_read_from_a_cache();
	test_second_record();
	test_rot_opens_nothing();
	test_reset_erases();
	test_bad_state_is_not_stored();
	test_open_failures();
	test_read_only();
	test_wrong_configurations();
	test_words();
	return check_end();
}
