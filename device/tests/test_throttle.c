/* SPDX-License-Identifier: MIT */
/*
 * The budgets of tries against a twin that keeps every client for itself and counts in plain sums, under random logins,
 * failures, restarts and times; and what a clock that is wrong, a medium that fails and a restart at each try can gain a
 * guesser: nothing. With the quick hash of crypto_fake.
 */
#include "camera.h"
#include "check.h"
#include "crypto_fake.h"
#include "throttle.h"

#include <string.h>

#define CLIENTS                                                                                    \
	30u /* fewer than FIRSTUSE_CLIENTS, so that the library forgets none that the twin remembers */

/* ---- the twin ----------------------------------------------------------------------------------------------- */

struct twin {
	long outside, lan, own[CLIENTS], spent[CLIENTS], known_budget[CLIENTS];
	unsigned known[FIRSTUSE_KNOWN_MAX]; /* clients, the front first */
	unsigned count;
	uint64_t since; /* the clock at the last start */
	uint64_t quanta;
};

static long least(long a, long b)
{
	return a < b ? a : b;
}

static void twin_fill(struct twin *twin, long quanta)
{
	twin->outside = least(10000, twin->outside + quanta);
	twin->lan = least(64000, twin->lan + 60 * quanta);
	for (unsigned i = 0; i < CLIENTS; i++) {
		twin->own[i] = least(5000, twin->own[i] + 20 * quanta);
		twin->known_budget[i] = least(5000, twin->known_budget[i] + 20 * quanta);
		twin->spent[i] = twin->spent[i] > quanta ? twin->spent[i] - quanta : 0;
	}
}

static void twin_time(struct twin *twin, uint64_t now)
{
	uint64_t quanta = (now - twin->since) / 600;

	twin_fill(twin, (long)(quanta - twin->quanta));
	twin->quanta = quanta;
}

static int twin_knows(const struct twin *twin, unsigned client)
{
	for (unsigned i = 0; i < twin->count; i++)
		if (twin->known[i] == client)
			return 1;
	return 0;
}

static int twin_may(const struct twin *twin, unsigned client, int on_lan)
{
	if (!on_lan)
		return twin->outside >= 1000;
	if (twin_knows(twin, client))
		return twin->known_budget[client] >= 1000;
	return twin->own[client] >= 1000 && twin->lan >= 1000 + twin->spent[client];
}

static void twin_fails(struct twin *twin, unsigned client, int on_lan)
{
	if (!on_lan) {
		twin->outside -= 1000;
	} else if (twin_knows(twin, client)) {
		twin->known_budget[client] -= 1000;
	} else {
		twin->lan -= 1000;
		twin->own[client] -= 1000;
		twin->spent[client] = least(8000, twin->spent[client] + 1000);
	}
}

static void twin_succeeds(struct twin *twin, unsigned client, int on_lan)
{
	unsigned place = 0;

	if (!on_lan)
		return;
	while (place < twin->count && twin->known[place] != client)
		place++;
	if (place < FIRSTUSE_KNOWN_MAX - 2 && place < twin->count)
		return;
	if (place == twin->count) {
		twin->known_budget[client] = 5000;
		twin->own[client] = 5000;
		twin->spent[client] = 0;
		if (twin->count < FIRSTUSE_KNOWN_MAX)
			twin->count++;
		else
			place--;
	}
	for (; place > 0; place--)
		twin->known[place] = twin->known[place - 1];
	twin->known[0] = client;
}

/* The seconds that the library says are enough, and hardly more: spent tries are forgotten meanwhile, which it leaves out. */
static void check_wait(const struct twin *now, unsigned client, int on_lan, uint32_t wait_s,
		       uint64_t clock)
{
	struct twin later = *now;

	CHECK(wait_s >= 1 && wait_s <= 600);
	twin_time(&later, clock + 1000 * (uint64_t)wait_s);
	CHECK(twin_may(&later, client, on_lan));
	if (wait_s < 3 || (on_lan && now->spent[client] > 0))
		return;
	later = *now;
	twin_time(&later, clock + 1000 * (uint64_t)(wait_s - 2));
	CHECK(!twin_may(&later, client, on_lan));
}

/* ---- random logins ------------------------------------------------------------------------------------------ */

/* What is stored is never more than what there is. */
static int stored_is_less(const struct firstuse *device)
{
	const struct firstuse_budget *stored = &device->state.budget, *live = &device->budget;
	int good = stored->outside <= live->outside && stored->lan <= live->lan;

	for (unsigned i = 0; i < FIRSTUSE_KNOWN_MAX; i++)
		good &= stored->known[i] <= live->known[i];
	return good;
}

static void twin_restarts(struct twin *twin, const struct camera *camera)
{
	const struct firstuse_budget *budget = &camera->device.budget;

	CHECK((long)budget->outside <= twin->outside && (long)budget->lan <= twin->lan);
	twin->outside = (long)budget->outside;
	twin->lan = (long)budget->lan;
	for (unsigned i = 0; i < CLIENTS; i++) {
		twin->own[i] = 5000;
		twin->spent[i] = 0;
	}
	for (unsigned i = 0; i < twin->count; i++) {
		CHECK((long)budget->known[i] <= twin->known_budget[twin->known[i]]);
		twin->known_budget[twin->known[i]] = (long)budget->known[i];
	}
	twin->since = camera->medium.now_ms;
	twin->quanta = 0;
}

static void one_login(struct camera *camera, struct twin *twin, uint64_t *dice)
{
	unsigned client = (unsigned)(medium_dice(dice) % CLIENTS);
	int on_lan = medium_dice(dice) % 8 != 0, right = medium_dice(dice) % 16 == 0;
	unsigned long hashes = fake_hashes;
	uint32_t wait_s = 99;
	enum firstuse_status status, expected;

	twin_time(twin, camera->medium.now_ms);
	status = camera_login(camera, on_lan ? camera_lan(client) : camera_outside(client),
			      right ? CAMERA_PASSWORD : "a wrong guess", &wait_s);
	expected = !twin_may(twin, client, on_lan) ? FIRSTUSE_WAIT
		   : right			   ? FIRSTUSE_OK
						   : FIRSTUSE_WRONG;
	CHECK(status == expected);
	CHECK(fake_hashes - hashes == (status != FIRSTUSE_WAIT));
	CHECK(stored_is_less(&camera->device));
	if (status == FIRSTUSE_WAIT)
		check_wait(twin, client, on_lan, wait_s, camera->medium.now_ms);
	else
		CHECK(wait_s == 0);
	if (status == FIRSTUSE_WRONG)
		twin_fails(twin, client, on_lan);
	if (status == FIRSTUSE_OK)
		twin_succeeds(twin, client, on_lan);
}

static void test_twin(unsigned long rounds)
{
	struct camera camera;
	struct twin twin;
	uint64_t dice = 537;

	camera_owned(&camera);
	memset(&twin, 0, sizeof twin);
	twin_fill(&twin, 10000);
	twin.known[0] = 1;
	twin.count = 1;
	for (unsigned long i = 0; i < rounds; i++) {
		one_login(&camera, &twin, &dice);
		if (medium_dice(&dice) % 3 == 0)
			camera.medium.now_ms +=
				medium_dice(&dice) % (medium_dice(&dice) % 50 == 0 ? 900000 : 4000);
		if (medium_dice(&dice) % 400 == 0) {
			twin_time(&twin, camera.medium.now_ms);
			CHECK(camera_restart(&camera) == FIRSTUSE_OK);
			twin_restarts(&twin, &camera);
		}
	}
	CHECK(camera.medium.wrong == 0);
	camera_free(&camera);
}

/* ---- clocks ------------------------------------------------------------------------------------------------- */

/* Guesses by one client until it must wait; how many were looked at. */
static unsigned guess_all(struct camera *camera, struct firstuse_peer peer)
{
	unsigned looked_at = 0;

	while (camera_login(camera, peer, "a wrong guess", NULL) == FIRSTUSE_WRONG)
		looked_at++;
	return looked_at;
}

static void test_clock_stands(void)
{
	struct camera camera;

	camera_owned(&camera);
	CHECK(guess_all(&camera, camera_outside(1)) == 10);
	CHECK(guess_all(&camera, camera_lan(1)) == 5);
	CHECK(guess_all(&camera, camera_lan(2)) == 5);
	for (unsigned i = 0; i < 1000; i++)
		CHECK(guess_all(&camera, camera_outside(i)) == 0);
	camera_free(&camera);
}

/* It jumps back now and then, and runs on from there: never more tries than by the time that really passed. */
static void test_clock_jumps_back(void)
{
	struct camera camera;
	uint64_t dice = 3, passed = 0;
	unsigned tries;

	camera_owned(&camera);
	camera.medium.now_ms = 1000000000;
	tries = guess_all(&camera, camera_lan(1));
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t step = medium_dice(&dice) % 5000;

		camera.medium.now_ms += step;
		passed += step;
		tries += guess_all(&camera, camera_lan(1));
		if (medium_dice(&dice) % 20 == 0)
			camera.medium.now_ms -= medium_dice(&dice) % camera.medium.now_ms;
		tries += guess_all(&camera, camera_lan(1));
	}
	CHECK(tries <= 10 + passed / 30000); /* 5 at the first, 5 more for a clock set forward */
	CHECK(tries >= passed / 30000 / 2);
	camera_free(&camera);
}

static void test_clock_wraps(void)
{
	struct camera camera;

	camera_owned(&camera);
	camera.medium.now_ms = UINT32_MAX - 10;
	CHECK(guess_all(&camera, camera_lan(1)) == 5);
	camera.medium.now_ms = 20; /* 32 bits have wrapped */
	CHECK(guess_all(&camera, camera_lan(1)) == 0);
	camera.medium.now_ms = 30020;
	CHECK(guess_all(&camera, camera_lan(1)) == 1);
	camera.medium.now_ms = UINT64_MAX - 5;
	CHECK(guess_all(&camera, camera_lan(1)) == 5);
	camera.medium.now_ms = UINT64_MAX;
	CHECK(guess_all(&camera, camera_lan(1)) == 0);
	CHECK(guess_all(&camera, camera_outside(1)) == 10);
	camera_free(&camera);
}

/* ---- restarts and media ------------------------------------------------------------------------------------- */

/* Off and on after each guess, without time to fill: never more than there was, and soon none. */
static void test_restart_after_each(void)
{
	struct camera camera;
	unsigned lan = 0, outside = 0, owner = 0;

	camera_owned(&camera);
	for (unsigned i = 0; i < 300; i++) {
		lan += camera_login(&camera, camera_lan(100 + i), "a wrong guess", NULL) ==
		       FIRSTUSE_WRONG;
		CHECK(camera_restart(&camera) == FIRSTUSE_OK);
		outside += camera_login(&camera, camera_outside(i), "a wrong guess", NULL) ==
			   FIRSTUSE_WRONG;
		CHECK(camera_restart(&camera) == FIRSTUSE_OK);
		owner += camera_login(&camera, camera_lan(1), "a wrong guess", NULL) ==
			 FIRSTUSE_WRONG;
		CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	}
	CHECK(lan > 0 && lan <= 64);
	CHECK(outside > 0 && outside <= 10);
	CHECK(owner > 0 && owner <= 5);
	printf("restarts at each guess, no time: %u, %u, %u tries of 64, 10, 5\n", lan, outside,
	       owner);
	camera_free(&camera);
}

/* What can't be written down is not looked at, also when it is right. */
static void test_medium_fails(void)
{
	struct camera camera;
	unsigned long hashes;

	camera_owned(&camera);
	while (guess_all(&camera, camera_lan(1)) > 0)
		;
	camera.medium.now_ms += 10000000;
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	for (unsigned fails = 0; fails < 3; fails++) {
		hashes = fake_hashes;
		camera_restart(&camera);
		for (unsigned i = 0; i < 10; i++) {
			camera.medium.fail_write = fails == 0;
			camera.medium.fail_flush = fails == 1;
			camera.medium.fail_read = fails == 2;
			CHECK(camera_login(&camera, camera_lan(50), CAMERA_PASSWORD, NULL) ==
			      FIRSTUSE_STORAGE);
			CHECK(stored_is_less(&camera.device));
		}
		CHECK(fake_hashes == hashes);
	}
	camera.medium.fail_write = camera.medium.fail_flush = camera.medium.fail_read = 0;
	CHECK(camera_login(&camera, camera_lan(50), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

/* More clients than are remembered: who guesses most is remembered, and all together are bounded. */
static void test_many_clients(void)
{
	struct camera camera;
	unsigned tries = 0;

	camera_owned(&camera);
	CHECK(guess_all(&camera, camera_lan(7)) == 5);
	for (unsigned i = 0; i < 5000; i++)
		tries += camera_login(&camera, camera_lan(1000 + i), "a wrong guess", NULL) ==
			 FIRSTUSE_WRONG;
	CHECK(tries == 59);
	camera.medium.now_ms += 120000; /* 4 tries of its own, 12 of all */
	CHECK(guess_all(&camera, camera_lan(7)) == 4);
	CHECK(guess_all(&camera, camera_lan(8)) ==
	      4); /* 8 are left: it takes one while it leaves as many as it took */
	camera_free(&camera);
}

/* ---- failed tries ------------------------------------------------------------------------------------------- */

static void test_failed_tries(void)
{
	struct camera camera;
	uint32_t failed = 0;

	camera_owned(&camera);
	CHECK(firstuse_failed_tries(&camera.device) == 0);
	for (unsigned i = 0; i < 200; i++) {
		camera.medium.now_ms += 30000;
		CHECK(camera_login(&camera, camera_lan(1), "a wrong guess", NULL) ==
		      FIRSTUSE_WRONG);
		CHECK(firstuse_failed_tries(&camera.device) == ++failed);
		if (i % 70 == 69) {
			camera_restart(&camera);
			CHECK(firstuse_failed_tries(&camera.device) <= failed);
			CHECK(failed - firstuse_failed_tries(&camera.device) < FU_FAILED_STEP);
			failed = firstuse_failed_tries(&camera.device);
		}
	}
	camera.medium.now_ms += 30000;
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(firstuse_failed_tries(&camera.device) == 0);
	camera_restart(&camera);
	CHECK(firstuse_failed_tries(&camera.device) == 0);
	camera.device.state.failed_tries = UINT32_MAX - 2;
	for (unsigned i = 0; i < 2 * FU_FAILED_STEP; i++) {
		camera.medium.now_ms += 30000;
		camera_login(&camera, camera_lan(1), "a wrong guess", NULL);
		CHECK(firstuse_failed_tries(&camera.device) >= UINT32_MAX - 2);
	}
	camera_free(&camera);
}

/* Logins of the owner's clients in turn, as a page does that asks for each request, write nothing once they are known. */
static void test_writes_of_the_owner(void)
{
	struct camera camera;
	uint32_t writes;

	camera_owned(&camera);
	for (uint32_t i = 0; i < 6; i++)
		CHECK(camera_login(&camera, camera_lan(i), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	writes = camera.medium.area[0].writes + camera.medium.area[1].writes;
	for (uint32_t i = 0; i < 1000; i++) {
		CHECK(camera_login(&camera, camera_lan(i % 6), CAMERA_PASSWORD, NULL) ==
		      FIRSTUSE_OK);
		camera.medium.now_ms += 1000;
	}
	writes = camera.medium.area[0].writes + camera.medium.area[1].writes - writes;
	CHECK(writes == 0);
	camera_free(&camera);
}

int main(void)
{
	test_twin(300000 / camera_every());
	test_clock_stands();
	test_clock_jumps_back();
	test_clock_wraps();
	test_restart_after_each();
	test_medium_fails();
	test_many_clients();
	test_failed_tries();
	test_writes_of_the_owner();
	return check_end();
}
