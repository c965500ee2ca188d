/* SPDX-License-Identifier: MIT */
/*
 * A million guesses, spread over a day and over an hour: from one address and from a thousand, from outside and from the
 * LAN, from addresses that change at each guess and from the forged ones of the owner's clients; without restarts, with one
 * at each thousandth guess, and with one at each. How many passwords are really looked at (a count of hashes), what that
 * writes to flash, and, at moments all over the attack, how long the owner takes to log in while it goes on: he mistypes
 * once, waits as long as he is told, and types it right. Time is simulated, the hash is that of crypto_fake.
 *
 * FIRSTUSE_EVERY=n makes a n-th of the guesses, at the same pace for a n-th of the time; FIRSTUSE_LONG=1 makes the million
 * also where the device starts again at each.
 */
#include "camera.h"
#include "check.h"
#include "crypto_fake.h"

#include <stdlib.h>
#include <string.h>

#define GUESSES 1000000ul
#define DAY_MS 86400000ull
#define HOUR_MS 3600000ull
#define OWNER_MOST_S 60u
#define OWNER_GIVES_UP_S 90u

enum whence { OUTSIDE, LAN, CHANGING, FORGED };
enum restarts { NEVER, EACH_1000, EACH };

struct attack {
	const char *name;
	enum whence whence;
	uint32_t addresses;
	enum restarts restarts;
	uint64_t span_ms; /* of a million guesses */
	/* The most that may be looked at: what is full at first, and what fills. */
	unsigned long at_once;
	uint64_t one_in_ms;
	/* Does the owner get in within the minute, with a client that logged in before, and with a new one? */
	int known_in_time, new_in_time;
};

static const struct attack attacks[] = {
	{"one outside, a day", OUTSIDE, 1, NEVER, DAY_MS, 10, 600000, 1, 1},
	{"one outside, an hour", OUTSIDE, 1, NEVER, HOUR_MS, 10, 600000, 1, 1},
	{"1,000 outside, a day", OUTSIDE, 1000, NEVER, DAY_MS, 10, 600000, 1, 1},
	{"1,000 outside, an hour", OUTSIDE, 1000, NEVER, HOUR_MS, 10, 600000, 1, 1},
	{"1,000 outside, a day, restarts", OUTSIDE, 1000, EACH_1000, DAY_MS, 10, 600000, 1, 1},
	{"one on the LAN, a day", LAN, 1, NEVER, DAY_MS, 5, 30000, 1, 1},
	{"one on the LAN, an hour", LAN, 1, NEVER, HOUR_MS, 5, 30000, 1, 1},
	{"one on the LAN, a day, restarts", LAN, 1, EACH_1000, DAY_MS, 64, 10000, 1, 1},
	{"30 on the LAN, a day", LAN, 30, NEVER, DAY_MS, 64, 10000, 1, 1},
	{"30 on the LAN, an hour", LAN, 30, NEVER, HOUR_MS, 64, 10000, 1, 1},
	{"1,000 on the LAN, a day", LAN, 1000, NEVER, DAY_MS, 64, 10000, 1, 0},
	{"1,000 on the LAN, an hour", LAN, 1000, NEVER, HOUR_MS, 64, 10000, 1, 0},
	{"1,000 on the LAN, a day, restarts", LAN, 1000, EACH_1000, DAY_MS, 64, 10000, 1, 0},
	{"a new MAC each guess, a day", CHANGING, 0, NEVER, DAY_MS, 64, 10000, 1, 0},
	{"a new MAC each guess, an hour", CHANGING, 0, NEVER, HOUR_MS, 64, 10000, 1, 0},
	{"a new MAC each guess, restarts", CHANGING, 0, EACH_1000, DAY_MS, 64, 10000, 1, 0},
	{"8 known clients forged, a day", FORGED, 8, NEVER, DAY_MS, 40, 3750, 0, 1},
	{"one outside, restart each", OUTSIDE, 1, EACH, DAY_MS, 10, 600000, 0, 0},
	{"a new MAC and restart each", CHANGING, 0, EACH, DAY_MS, 64, 10000, 0, 0},
};

/* The camera, the attack on it, and when it is. */
struct scene {
	struct camera camera;
	const struct attack *attack;
	uint64_t now_ms;
	uint64_t started_ms;	 /* the device */
	unsigned long made;	 /* guesses */
	unsigned long looked_at; /* of these */
};

static struct firstuse_peer attacker(const struct attack *attack, unsigned long n)
{
	switch (attack->whence) {
	case OUTSIDE:
		return camera_outside(1000000 + (uint32_t)(n % attack->addresses));
	case LAN:
		return camera_lan(1000000 + (uint32_t)(n % attack->addresses));
	case FORGED:
		return camera_lan(1 + (uint32_t)(n % attack->addresses));
	default:
		return camera_lan(1000000 + (uint32_t)n);
	}
}

static void to_time(struct scene *scene, uint64_t ms)
{
	scene->now_ms = ms;
	scene->camera.medium.now_ms = ms - scene->started_ms;
}

static void one_guess(struct scene *scene)
{
	const struct attack *attack = scene->attack;
	enum firstuse_status status;

	status = camera_login(&scene->camera, attacker(attack, scene->made), "a wrong guess", NULL);
	if (status != FIRSTUSE_WRONG && status != FIRSTUSE_WAIT)
		CHECK(!"a guess is wrong or has to wait");
	scene->looked_at += status == FIRSTUSE_WRONG;
	scene->made++;
	if (attack->restarts == EACH ||
	    (attack->restarts == EACH_1000 && scene->made % 1000 == 0)) {
		if (camera_restart(&scene->camera) != FIRSTUSE_OK)
			CHECK(!"it has an owner after a restart");
		scene->started_ms = scene->now_ms;
		to_time(scene, scene->now_ms);
	}
}

static uint64_t time_of_guess(const struct scene *scene, unsigned long n)
{
	return n * scene->attack->span_ms / GUESSES;
}

/* The attack goes on up to that time; at one and the same millisecond the attacker is first. */
static void go_on(struct scene *scene, uint64_t until_ms)
{
	while (time_of_guess(scene, scene->made) <= until_ms) {
		to_time(scene, time_of_guess(scene, scene->made));
		one_guess(scene);
	}
	to_time(scene, until_ms);
}

/* Seconds until the owner is in, who begins now; he mistypes once and does as the wait says. */
static uint32_t owner_takes(const struct scene *now, struct scene *play, uint32_t client)
{
	static const char *const typed[] = {"a mistyped one", CAMERA_PASSWORD};
	uint64_t began = now->now_ms;
	unsigned step = 0;

	camera_copy(&play->camera, &now->camera);
	play->attack = now->attack;
	play->now_ms = now->now_ms;
	play->started_ms = now->started_ms;
	play->made = now->made;
	while (step < 2 && play->now_ms - began < OWNER_GIVES_UP_S * 1000ull) {
		uint32_t wait_s = 0;
		enum firstuse_status status =
			camera_login(&play->camera, camera_lan(client), typed[step], &wait_s);

		CHECK(status == FIRSTUSE_WAIT ||
		      status == (step == 0 ? FIRSTUSE_WRONG : FIRSTUSE_OK));
		if (status == FIRSTUSE_WAIT)
			go_on(play, play->now_ms + 1000ull * wait_s);
		else
			step++;
	}
	return (uint32_t)((play->now_ms - began + 999) / 1000);
}

struct owner {
	uint32_t most_s[2]; /* with a known client, with a new one */
	unsigned in_time[2];
	unsigned moments;
};

static void ask_owner(const struct scene *scene, struct scene *play, struct owner *owner)
{
	for (unsigned is_new = 0; is_new < 2; is_new++) {
		uint32_t took = owner_takes(scene, play, is_new ? 500 : 3);

		if (took > owner->most_s[is_new])
			owner->most_s[is_new] = took;
		owner->in_time[is_new] += took <= OWNER_MOST_S;
	}
	owner->moments++;
}

static void print_owner(const struct owner *owner, unsigned is_new)
{
	if (owner->moments == 0)
		printf("  %13s", "-");
	else if (owner->in_time[is_new] == owner->moments)
		printf("  %11us ", owner->most_s[is_new]);
	else
		printf("  %3u%% in time ", 100 * owner->in_time[is_new] / owner->moments);
}

static void conclude(const struct scene *scene, const struct owner *owner, unsigned long hashes)
{
	const struct attack *attack = scene->attack;
	const struct medium_area *area = scene->camera.medium.area;
	uint64_t passed = scene->now_ms;

	printf("%-34s %7lu %7lu", attack->name, scene->made, scene->looked_at);
	print_owner(owner, 0);
	print_owner(owner, 1);
	printf(" %6lu %5lu\n", (unsigned long)area[0].writes + area[1].writes,
	       (unsigned long)area[0].erases + area[1].erases);
	CHECK(scene->looked_at <= attack->at_once + passed / attack->one_in_ms + 1);
	CHECK(scene->looked_at == hashes);
	CHECK(scene->looked_at > 0 && scene->camera.medium.wrong == 0);
	CHECK(firstuse_standing(&scene->camera.device) == FIRSTUSE_OK);
	if (attack->known_in_time)
		CHECK(owner->in_time[0] == owner->moments);
	if (attack->new_in_time)
		CHECK(owner->in_time[1] == owner->moments);
}

static void run(const struct attack *attack, struct scene *scene, struct scene *play)
{
	unsigned long guesses = GUESSES / camera_every(), hashes = 0;
	/* Moments: thirty at the beginning, when least has been learned of who guesses; then some fifty at random. */
	unsigned long next = 0, step;
	unsigned early = camera_every() > 1 ? 10 : 30;
	uint64_t dice = 11;
	struct owner owner;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	if (attack->restarts == EACH && !getenv("FIRSTUSE_LONG"))
		guesses /= 50; /* each reads the whole journal */
	step = guesses / (camera_every() > 1 ? 10 : 50);
	memset(&owner, 0, sizeof owner);
	camera_free(&scene->camera);
	memset(scene, 0, sizeof *scene);
	camera_owned(&scene->camera);
	for (uint32_t client = 2; client <= 8; client++)
		CHECK(camera_login(&scene->camera, camera_lan(client), CAMERA_PASSWORD, NULL) ==
		      FIRSTUSE_OK);
	scene->attack = attack;
	for (unsigned i = 0; i < 2; i++) {
		scene->camera.medium.area[i].writes = 0;
		scene->camera.medium.area[i].erases = 0;
	}
	while (scene->made < guesses) {
		unsigned long before = fake_hashes;

		go_on(scene, time_of_guess(scene, scene->made));
		hashes += fake_hashes - before;
		if (attack->restarts != EACH && scene->made >= next) {
			ask_owner(scene, play, &owner);
			/* Not in step with the restarts. */
			next += 1 + medium_dice(&dice) %
					    (owner.moments < early ? step / 150 + 1 : 2 * step);
		}
	}
	conclude(scene, &owner, hashes);
}

int main(void)
{
	static struct scene scene, play;

	printf("%-34s %7s %7s  %13s  %13s %6s %5s\n", "attack", "guesses", "looked", "known client",
	       "new client", "writes", "erase");
	for (unsigned i = 0; i < sizeof attacks / sizeof *attacks; i++)
		run(&attacks[i], &scene, &play);
	camera_free(&scene.camera);
	camera_free(&play.camera);
	return check_end();
}
