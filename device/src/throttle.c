/* SPDX-License-Identifier: MIT */
/*
 * The budgets of throttle.h: token buckets (RFC 2697 has their arithmetic) in whole numbers. ETSI EN 303 645 clause 5.1-5
 * asks that guessing over the network be impracticable; a lock-out would do that too, and hand every neighbour a way to
 * keep the owner out, so nothing here ever locks: it only makes wait.
 *
 * What is stored of a budget is never more than what there is. A try is written down only when there would be less than is
 * stored; then some more are reserved with it. So under lasting attack, where all that comes in is spent at once, nothing
 * is stored and nothing needs to be written; and a start finds less than there was, never more.
 *
 * Time is the port's. Where it jumps back, filling goes on from there: a counter of 32 bits that wraps locks nobody out,
 * and time that is told twice counts once, when it runs on as it should.
 */
#include "throttle.h"

#include "crypto.h"
#include "journal.h"
#include "secret.h"

#include <string.h>

#define TRY 1000u

/* Budgets fill by whole numbers of thousandths in each of these, so that no rounding ever loses or makes any. */
#define QUANTUM_MS 600u
#define FILL_OUTSIDE 1u
#define FILL_CLIENT 20u
#define FILL_LAN 60u
/* After so many quanta everything is full, and everything forgotten. */
#define QUANTA_ALL 10000u

/* What a client that is not known must leave to others; a try of its own is forgotten in 10 minutes (one thousandth in a
 * quantum). */
#define SPENT_MAX 8000u

/* Known clients are moved to the front only from the last places: a login by one of several that take turns need not be
 * written each time. */
#define PLACES_LEFT_ALONE (FIRSTUSE_KNOWN_MAX - 2u)

/* Which budget of a struct firstuse_budget. */
enum { OUTSIDE, LAN, KNOWN };

struct purse {
	unsigned which;
	uint32_t most;
	uint32_t fill;
	uint32_t reserve; /* spent on the medium beforehand, with a try */
};

static const struct purse outside_purse = {OUTSIDE, FU_BUDGET_OUTSIDE, FILL_OUTSIDE, 5 * TRY};
static const struct purse lan_purse = {LAN, FU_BUDGET_LAN, FILL_LAN, 16 * TRY};

static struct purse known_purse(unsigned place)
{
	struct purse purse = {KNOWN + place, FU_BUDGET_CLIENT, FILL_CLIENT, 2 * TRY};

	return purse;
}

static uint32_t *in_purse(struct firstuse_budget *budget, unsigned which)
{
	if (which == OUTSIDE)
		return &budget->outside;
	return which == LAN ? &budget->lan : &budget->known[which - KNOWN];
}

static void fill(uint32_t *budget, uint32_t more, uint32_t most)
{
	*budget = most - *budget > more ? *budget + more : most;
}

static uint32_t less(uint32_t from, uint32_t by)
{
	return from > by ? from - by : 0;
}

/* ---- time --------------------------------------------------------------------------------------------------- */

static void fill_all(struct firstuse *device, uint32_t quanta)
{
	fill(&device->budget.outside, quanta * FILL_OUTSIDE, FU_BUDGET_OUTSIDE);
	fill(&device->budget.lan, quanta * FILL_LAN, FU_BUDGET_LAN);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		fill(&device->budget.known[i], quanta * FILL_CLIENT, FU_BUDGET_CLIENT);
	for (unsigned i = 0; i < FIRSTUSE_CLIENTS; i++) {
		fill(&device->clients[i].budget, quanta * FILL_CLIENT, FU_BUDGET_CLIENT);
		device->clients[i].spent = less(device->clients[i].spent, quanta);
	}
}

/* Fills what time has brought. The milliseconds that are not a quantum yet are returned, and counted the next time. */
static uint32_t catch_up(struct firstuse *device)
{
	uint64_t now = device->config->port.now_ms(device->config->port.user);
	uint64_t quanta;

	if (now < device->budget_at_ms) {
		device->budget_at_ms = now;
		return 0;
	}
	quanta = (now - device->budget_at_ms) / QUANTUM_MS;
	if (quanta > QUANTA_ALL)
		quanta = QUANTA_ALL;
	if (quanta == QUANTA_ALL)
		device->budget_at_ms = now;
	else
		device->budget_at_ms += quanta * QUANTUM_MS;
	fill_all(device, (uint32_t)quanta);
	return (uint32_t)(now - device->budget_at_ms);
}

/* In how many seconds there will be `need` where now is `have`. */
static uint32_t seconds_until(uint32_t need, uint32_t have, uint32_t fills, uint32_t past_ms)
{
	uint32_t ms = (less(need, have) + fills - 1) / fills * QUANTUM_MS;

	return ms > past_ms ? (ms - past_ms + 999) / 1000 : 0;
}

/* ---- clients ------------------------------------------------------------------------------------------------ */

/* Not the id itself: a stolen device's memory should not name who lives there. */
static void id_of(const struct firstuse *device, const struct firstuse_peer *peer, uint8_t id[8])
{
	struct fu_sha256 sha;
	uint8_t hash[32];
	uint8_t any = 0;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, device->state.id_key, sizeof device->state.id_key);
	fu_sha256_add(&sha, peer->id, sizeof peer->id);
	fu_sha256_end(&sha, hash);
	memcpy(id, hash, 8);
	for (unsigned i = 0; i < 8; i++)
		any |= id[i];
	if (!any)
		id[0] = 1; /* zero says that a place is free */
}

static unsigned place_of(const uint8_t known[FIRSTUSE_KNOWN_MAX][8], const uint8_t id[8])
{
	unsigned place = 0;

	while (place < FIRSTUSE_KNOWN_MAX && memcmp(known[place], id, 8) != 0)
		place++;
	return place;
}

static struct firstuse_client *client_of(struct firstuse *device, const uint8_t id[8])
{
	for (unsigned i = 0; i < FIRSTUSE_CLIENTS; i++)
		if (memcmp(device->clients[i].id, id, 8) == 0)
			return &device->clients[i];
	return NULL;
}

/* A place for a client that has just paid: of the others the one goes that tried the least of late, so that those who
 * guess without end are remembered longest. */
static struct firstuse_client *new_client(struct firstuse *device, const uint8_t id[8])
{
	struct firstuse_client *best = &device->clients[0];

	for (unsigned i = 1; i < FIRSTUSE_CLIENTS; i++) {
		struct firstuse_client *client = &device->clients[i];

		if (client->spent < best->spent ||
		    (client->spent == best->spent && client->at_ms < best->at_ms))
			best = client;
	}
	memset(best, 0, sizeof *best);
	memcpy(best->id, id, 8);
	best->budget = FU_BUDGET_CLIENT;
	return best;
}

/* ---- the medium --------------------------------------------------------------------------------------------- */

/* What is stored now that there is `left`: what was, if that still holds, or more when there is far more than that. */
static void reserve(uint32_t *stored, uint32_t left, const struct purse *purse)
{
	uint32_t offer = less(left, purse->reserve);

	if (*stored > left || *stored < offer)
		*stored = offer;
}

static void reserve_all(struct firstuse_budget *stored, const struct firstuse_budget *budget)
{
	reserve(&stored->outside, budget->outside, &outside_purse);
	reserve(&stored->lan, budget->lan, &lan_purse);
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++) {
		struct purse purse = known_purse(i);

		reserve(&stored->known[i], budget->known[i], &purse);
	}
}

static enum firstuse_status store_budgets(struct firstuse *device,
					  const struct firstuse_budget *budget)
{
	struct firstuse_state state = device->state;
	enum firstuse_status status;

	reserve_all(&state.budget, budget);
	status = fu_journal_store(device, &state);
	fu_wipe(&state, sizeof state);
	return status;
}

/* The budget holds a try. */
static enum firstuse_status pay(struct firstuse *device, const struct purse *purse)
{
	struct firstuse_budget budget = device->budget;
	uint32_t *left = in_purse(&budget, purse->which);
	enum firstuse_status status = FIRSTUSE_OK;

	*left -= TRY;
	if (*left < *in_purse(&device->state.budget, purse->which))
		status = store_budgets(device, &budget);
	if (status == FIRSTUSE_OK)
		device->budget = budget;
	return status;
}

/* ---- tries -------------------------------------------------------------------------------------------------- */

static enum firstuse_status take_from(struct firstuse *device, const struct purse *purse,
				      uint32_t past_ms, uint32_t *wait_s)
{
	uint32_t have = *in_purse(&device->budget, purse->which);

	if (have >= TRY)
		return pay(device, purse);
	*wait_s = seconds_until(TRY, have, purse->fill, past_ms);
	return FIRSTUSE_WAIT;
}

static enum firstuse_status take_unknown(struct firstuse *device, const uint8_t id[8],
					 uint32_t past_ms, uint32_t *wait_s)
{
	struct firstuse_client *client = client_of(device, id);
	uint32_t own = client ? client->budget : FU_BUDGET_CLIENT;
	uint32_t need = TRY + (client ? client->spent : 0);
	enum firstuse_status status;

	if (own < TRY || device->budget.lan < need) {
		uint32_t for_own = seconds_until(TRY, own, FILL_CLIENT, past_ms);
		uint32_t for_all = seconds_until(need, device->budget.lan, FILL_LAN, past_ms);

		*wait_s = for_own > for_all ? for_own : for_all;
		return FIRSTUSE_WAIT;
	}
	status = pay(device, &lan_purse);
	if (status != FIRSTUSE_OK)
		return status;
	if (!client)
		client = new_client(device, id);
	client->budget -= TRY;
	fill(&client->spent, TRY, SPENT_MAX);
	client->at_ms = device->budget_at_ms;
	return FIRSTUSE_OK;
}

enum firstuse_status fu_throttle_take(struct firstuse *device, const struct firstuse_peer *peer,
				      uint32_t *wait_s)
{
	uint32_t past_ms = catch_up(device);
	struct purse known;
	uint8_t id[8];
	unsigned place;

	if (!peer->on_lan)
		return take_from(device, &outside_purse, past_ms, wait_s);
	id_of(device, peer, id);
	place = place_of((const uint8_t(*)[8])device->state.known, id);
	if (place == FIRSTUSE_KNOWN_MAX)
		return take_unknown(device, id, past_ms, wait_s);
	known = known_purse(place);
	return take_from(device, &known, past_ms, wait_s);
}

void fu_throttle_failed(struct firstuse *device)
{
	struct firstuse_state state;

	if (++device->failed_unsaved < FU_FAILED_STEP)
		return;
	state = device->state;
	fill(&state.failed_tries, device->failed_unsaved, UINT32_MAX);
	reserve_all(&state.budget, &device->budget);
	/* A medium that fails here fails the next try that must be paid for; this one was answered. */
	if (fu_journal_store(device, &state) == FIRSTUSE_OK)
		device->failed_unsaved = 0;
	fu_wipe(&state, sizeof state);
}

void fu_throttle_give_back(struct firstuse *device, const struct firstuse_peer *peer)
{
	struct firstuse_client *client;
	uint8_t id[8];
	unsigned place;

	if (!peer->on_lan) {
		fill(&device->budget.outside, TRY, FU_BUDGET_OUTSIDE);
		return;
	}
	id_of(device, peer, id);
	place = place_of((const uint8_t(*)[8])device->state.known, id);
	if (place < FIRSTUSE_KNOWN_MAX) {
		fill(&device->budget.known[place], TRY, FU_BUDGET_CLIENT);
		return;
	}
	fill(&device->budget.lan, TRY, FU_BUDGET_LAN);
	client = client_of(device, id);
	if (client)
		memset(client, 0, sizeof *client);
}

/* Puts the client at the front of those known; whether that changed anything. */
static int make_known(struct firstuse_state *state, const uint8_t id[8])
{
	unsigned place = place_of((const uint8_t(*)[8])state->known, id);

	if (place < PLACES_LEFT_ALONE)
		return 0;
	if (place == FIRSTUSE_KNOWN_MAX)
		place--;
	memmove(state->known[1], state->known[0], place * sizeof state->known[0]);
	memcpy(state->known[0], id, 8);
	return 1;
}

/* Each client keeps what it has, wherever it stands now; who is new has all. */
static void carry(const struct firstuse *device, struct firstuse_state *state,
		  struct firstuse_budget *budget)
{
	*budget = device->budget;
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++) {
		unsigned before =
			place_of((const uint8_t(*)[8])device->state.known, state->known[i]);
		int is_new = before == FIRSTUSE_KNOWN_MAX;

		budget->known[i] = is_new ? FU_BUDGET_CLIENT : device->budget.known[before];
		state->budget.known[i] = is_new ? 0 : device->state.budget.known[before];
	}
}

enum firstuse_status fu_throttle_remember(struct firstuse *device, const struct firstuse_peer *peer,
					  struct firstuse_state *state, int changed)
{
	struct firstuse_budget budget;
	enum firstuse_status status;
	uint8_t id[8];

	if (peer->on_lan) {
		id_of(device, peer, id);
		changed |= make_known(state, id);
	}
	changed |= state->failed_tries != 0;
	state->failed_tries = 0;
	device->failed_unsaved = 0;
	if (!changed)
		return FIRSTUSE_OK;
	carry(device, state, &budget);
	reserve_all(&state->budget, &budget);
	status = fu_journal_store(device, state);
	if (status == FIRSTUSE_OK)
		device->budget = budget;
	return status;
}

void fu_throttle_start(struct firstuse *device)
{
	memset(device->clients, 0, sizeof device->clients);
	device->failed_unsaved = 0;
	device->budget = device->state.budget;
	device->budget_at_ms = device->config->port.now_ms(device->config->port.user);
}

void fu_throttle_reset(struct firstuse_state *state)
{
	memset(state->known, 0, sizeof state->known);
	state->failed_tries = 0;
	state->budget.outside = FU_BUDGET_OUTSIDE;
	state->budget.lan = FU_BUDGET_LAN;
	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		state->budget.known[i] = FU_BUDGET_CLIENT;
}
