/* SPDX-License-Identifier: MIT */
/* The trials of power.h. Random bytes and the clock are part of the medium, so a run up to its cut is the undisturbed one. */
#include "power.h"

#include "journal.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES 64u
#define PRINTED 10u

/* Records in the order in which they were safe. */
struct witness {
	struct medium *medium;
	struct firstuse_port port; /* the medium's */
	struct firstuse_state state[STATES];
	unsigned count;
};

/* ---- writing down what an undisturbed run stores ------------------------------------------------------------- */

static int latest(const struct medium *medium, struct firstuse_state *state)
{
	struct firstuse_state read;
	int found = 0;

	for (unsigned area = 0; area < 2; area++)
		for (uint32_t at = 0; at + FU_RECORD <= medium->area[area].size; at += FU_RECORD)
			if (fu_record_read(&read, medium->area[area].now + at) == 0 &&
			    (!found || read.sequence > state->sequence)) {
				*state = read;
				found = 1;
			}
	return found;
}

static int w_read(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size)
{
	struct witness *w = user;

	return w->port.read(w->port.user, area, offset, to, size);
}

static int w_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		   uint32_t size)
{
	struct witness *w = user;

	return w->port.write(w->port.user, area, offset, from, size);
}

static int w_flush(void *user, enum firstuse_area area)
{
	struct witness *w = user;
	struct firstuse_state state;

	if (w->port.flush(w->port.user, area) != 0)
		return -1;
	if (area < 2 && w->count < STATES && latest(w->medium, &state) &&
	    (w->count == 0 || state.sequence > w->state[w->count - 1].sequence))
		w->state[w->count++] = state;
	return 0;
}

static uint64_t w_now(void *user)
{
	struct witness *w = user;

	return w->port.now_ms(w->port.user);
}

static int w_random(void *user, void *to, uint32_t size)
{
	struct witness *w = user;

	return w->port.random(w->port.user, to, size);
}

static struct firstuse_port witness_port(struct witness *w)
{
	struct firstuse_port port = {w, w_read, w_write, w_flush, w_now, w_random};

	return port;
}

/* ---- a trial ------------------------------------------------------------------------------------------------- */

struct trial {
	const struct power_plan *plan;
	struct power_count *count;
	struct firstuse_config config;
	struct witness expected; /* [0] is what was before, unless the plan is blank */
	struct medium medium, before, cut;
	uint64_t points;
	/* of the run that is looked at */
	uint64_t at;
	enum medium_way way;
	unsigned safe; /* records that were flushed before the cut */
};

/* Coming back may have stored the same again, so numbers are only never less. */
static int same_state(const struct trial *t, const struct firstuse_state *a,
		      const struct firstuse_state *b)
{
	struct firstuse_state x = *a, y = *b;
	uint8_t one[FU_RECORD], other[FU_RECORD];

	x.sequence = y.sequence = 1;
	if (t->plan->blank) /* drawn anew where the first record was lost */
		memcpy(x.id_key, y.id_key, sizeof x.id_key);
	fu_record_write(&x, one);
	fu_record_write(&y, other);
	return memcmp(one, other, sizeof one) == 0;
}

static void complain(struct trial *t, const char *words)
{
	if (t->count->bad++ < PRINTED)
		printf("FAIL %s, %s, shift %u, cut at %lu of %lu, way %u: %s\n", t->plan->name,
		       t->medium.kind == MEDIUM_FLASH ? "flash" : "file", t->plan->shift,
		       (unsigned long)t->at, (unsigned long)t->points, (unsigned)t->way, words);
}

/* The device, opened again after the power came back. */
static void look(struct trial *t, struct firstuse *device, enum firstuse_status opened)
{
	const struct witness *w = &t->expected;
	const char *words;
	unsigned i = t->safe;

	if (opened != FIRSTUSE_OK && opened != FIRSTUSE_NOT_SET_UP) {
		complain(t, firstuse_status_text(opened));
		return;
	}
	while (i < w->count && !same_state(t, &device->state, &w->state[i]))
		i++;
	if (i == w->count)
		complain(t, "neither the state before nor one after");
	else if (device->state.sequence < w->state[i].sequence)
		complain(t, "the number went back");
	else if ((opened == FIRSTUSE_OK) != w->state[i].has_owner ||
		 firstuse_standing(device) != opened)
		complain(t, "its standing is not that of its state");
	words = t->plan->look ? t->plan->look(device, t->plan->arg) : NULL;
	if (words)
		complain(t, words);
	if (t->medium.wrong)
		complain(t, t->medium.complaint);
}

/* Power fails again while the device comes back: after every 8th cut, at every 16th step that this takes, other ones each time. */
static void look_twice(struct trial *t)
{
	struct firstuse device;
	uint64_t steps;

	if ((t->at + t->plan->shift) % 8 != 0)
		return;
	medium_copy(&t->medium, &t->cut);
	steps = t->medium.points;
	firstuse_open(&device, &t->config);
	steps = t->medium.points - steps;
	for (uint64_t at = (t->at / 8 + t->way * 5u) % 16; at < steps; at += 16)
		for (unsigned way = 0; way < MEDIUM_WAYS; way++) {
			medium_copy(&t->medium, &t->cut);
			medium_cut(&t->medium, at, (enum medium_way)way);
			firstuse_open(&device, &t->config);
			medium_power_on(&t->medium);
			t->count->twice++;
			t->count->runs++;
			look(t, &device, firstuse_open(&device, &t->config));
		}
}

/* One for each record. */
static uint32_t flushes(const struct medium *medium)
{
	return medium->area[0].flushes + medium->area[1].flushes;
}

static void run_to_cut(struct trial *t)
{
	struct firstuse device;
	uint32_t before;

	medium_copy(&t->medium, &t->before);
	if (!t->plan->blank)
		firstuse_open(&device, &t->config);
	before = flushes(&t->medium);
	medium_cut(&t->medium, t->at, t->way);
	if (t->plan->blank)
		firstuse_open(&device, &t->config);
	else
		t->plan->operate(&device, t->plan->arg);
	t->safe = flushes(&t->medium) - before;
	if (t->plan->blank && t->safe > 0)
		t->safe--;
	medium_power_on(&t->medium);
	medium_copy(&t->cut, &t->medium);
	t->count->runs++;
	look(t, &device, firstuse_open(&device, &t->config));
}

/* Leaves the medium as it is before the operation, and what the operation is to store. */
static int rehearse(struct trial *t, enum medium_kind kind)
{
	const struct power_plan *plan = t->plan;
	struct firstuse device;

	medium_init(&t->medium, kind, plan->config.state_bytes, plan->config.slot_bytes,
		    plan->shift + 1);
	t->config = plan->config;
	t->config.port = medium_port(&t->medium);
	if (!plan->blank) {
		firstuse_open(&device, &t->config);
		if (plan->prepare)
			plan->prepare(&device, plan->arg);
		for (unsigned i = 0; i < plan->shift; i++)
			fu_journal_store(&device, &device.state);
		medium_power_on(&t->medium);
	}
	medium_copy(&t->before, &t->medium);
	t->expected.medium = &t->medium;
	t->expected.port = t->config.port;
	t->config.port = witness_port(&t->expected);
	if (!plan->blank) {
		if (firstuse_open(&device, &t->config) == FIRSTUSE_BAD_CALL)
			return -1;
		t->expected.state[0] = device.state;
		t->expected.count = 1;
	}
	t->points = t->medium.points;
	if (plan->blank)
		firstuse_open(&device, &t->config);
	else
		plan->operate(&device, plan->arg);
	t->points = t->medium.points - t->points;
	t->config.port = t->expected.port;
	t->count->records += t->expected.count - !plan->blank;
	return 0;
}

void power_try(const struct power_plan *plan, enum medium_kind kind, struct power_count *count)
{
	static struct trial t; /* too large for a small stack */
	const char *every = getenv("FIRSTUSE_EVERY");
	unsigned stride = plan->stride ? plan->stride : 1;

	if (every && atoi(every) > 1)
		stride *= (unsigned)atoi(every);

	memset(&t, 0, sizeof t);
	t.plan = plan;
	t.count = count;
	if (rehearse(&t, kind) != 0 || t.points == 0 || t.expected.count == STATES)
		complain(&t, "the undisturbed run is of no use");
	for (t.at = plan->shift % stride; t.at < t.points; t.at += stride)
		for (unsigned way = 0; way < MEDIUM_WAYS; way++) {
			t.way = (enum medium_way)way;
			run_to_cut(&t);
			look_twice(&t);
		}
	medium_fini(&t.medium);
	medium_fini(&t.before);
	medium_fini(&t.cut);
}

void power_try_all(struct power_plan *plan, struct power_count *count)
{
	const uint32_t places = plan->config.state_bytes / FU_RECORD;

	for (plan->shift = 0; plan->shift < (plan->blank ? 1 : 2 * places); plan->shift++) {
		power_try(plan, MEDIUM_FILE, count);
		power_try(plan, MEDIUM_FLASH, count);
	}
}
