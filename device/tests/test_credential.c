/* SPDX-License-Identifier: MIT */
/*
 * Set-up, login, change of the password, stream key: what each call says in each state of the device and from each place,
 * that whatever fails changes nothing but the count of tries, that a hash is made anew when the cost changed, and that no
 * secret is left on the stack. With the quick hash of crypto_fake; test_owner.c has the same with the real one.
 */
#include "camera.h"
#include "check.h"
#include "crypto_fake.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

#define CODE "K7Q2-M9XD"

static enum firstuse_status set_up(struct camera *camera, struct firstuse_peer peer,
				   const char *code, const char *password, uint32_t *wait_s)
{
	return firstuse_set_up(&camera->device, &peer, code, code ? strlen(code) : 0, password,
			       strlen(password), wait_s);
}

static enum firstuse_status change(struct camera *camera, struct firstuse_peer peer,
				   const char *old, const char *password)
{
	return firstuse_change_password(&camera->device, &peer, old, strlen(old), password,
					strlen(password), NULL);
}

static void coded(struct camera *camera)
{
	camera_new(camera);
	camera->config.setup_code = CODE;
	CHECK(camera_restart(camera) == FIRSTUSE_NOT_SET_UP);
}

/* Of a device that holds a damaged record and no good one. */
static void damage(struct camera *camera)
{
	memset(camera->medium.area[0].now, 0x55, camera->medium.area[0].size);
	memset(camera->medium.area[1].now, 0x55, camera->medium.area[1].size);
	CHECK(camera_restart(camera) == FIRSTUSE_DAMAGED);
}

/* ---- nothing but FIRSTUSE_OK changes anything ---------------------------------------------------------------- */

/* The record without what counts tries, and without its number. */
static void essence(const struct camera *camera, uint8_t record[FU_RECORD])
{
	struct firstuse_state state = camera->device.state;

	memset(&state.budget, 0, sizeof state.budget);
	state.failed_tries = 0;
	state.sequence = 1;
	fu_record_write(&state, record);
}

static uint8_t essence_before[FU_RECORD];

static void begin(const struct camera *camera)
{
	essence(camera, essence_before);
}

static int is_same(struct camera *camera)
{
	uint8_t now[FU_RECORD];

	essence(camera, now);
	return memcmp(now, essence_before, sizeof now) == 0;
}

/* In memory and after a start. */
static int stays_same(struct camera *camera)
{
	int same = is_same(camera);

	camera_restart(camera);
	return same && is_same(camera);
}

/* ---- states and places --------------------------------------------------------------------------------------- */

static void test_states(void)
{
	struct camera camera;
	struct firstuse_peer home = camera_lan(1), far = camera_outside(1);
	char key[FIRSTUSE_STREAM_KEY];

	camera_new(&camera);
	CHECK(camera.opened == FIRSTUSE_NOT_SET_UP);
	begin(&camera);
	fake_hashes = 0;
	CHECK(camera_login(&camera, home, CAMERA_PASSWORD, NULL) == FIRSTUSE_NOT_SET_UP);
	CHECK(camera_login(&camera, far, "", NULL) == FIRSTUSE_NOT_SET_UP);
	CHECK(change(&camera, home, "", CAMERA_PASSWORD) == FIRSTUSE_NOT_SET_UP);
	CHECK(firstuse_stream_key(&camera.device, key) == FIRSTUSE_NOT_SET_UP && key[0] == '\0');
	CHECK(set_up(&camera, far, NULL, CAMERA_PASSWORD, NULL) == FIRSTUSE_NOT_FROM_HERE);
	CHECK(set_up(&camera, home, NULL, "short", NULL) == FIRSTUSE_TOO_SHORT);
	CHECK(set_up(&camera, home, NULL, "adminadmin", NULL) == FIRSTUSE_LISTED);
	CHECK(set_up(&camera, home, NULL, "gardeneyelc2026x", NULL) == FIRSTUSE_GUESSABLE);
	CHECK(set_up(&camera, home, CODE, CAMERA_PASSWORD, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(fake_hashes == 0 && stays_same(&camera));

	CHECK(set_up(&camera, home, NULL, CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(firstuse_standing(&camera.device) == FIRSTUSE_OK);
	begin(&camera);
	CHECK(set_up(&camera, home, NULL, CAMERA_OTHER, NULL) == FIRSTUSE_ALREADY_SET_UP);
	CHECK(set_up(&camera, far, NULL, CAMERA_OTHER, NULL) == FIRSTUSE_NOT_FROM_HERE);
	CHECK(camera_login(&camera, home, CAMERA_OTHER, NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, home, "", NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, far, CAMERA_OTHER, NULL) == FIRSTUSE_WRONG);
	CHECK(change(&camera, home, CAMERA_OTHER, CAMERA_OTHER) == FIRSTUSE_WRONG);
	CHECK(change(&camera, home, CAMERA_PASSWORD, "password2024") == FIRSTUSE_LISTED);
	CHECK(stays_same(&camera));
	camera.medium.now_ms += 30000; /* what was reserved is lost by the restart */
	CHECK(camera_login(&camera, home, CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, far, CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);

	damage(&camera);
	fake_hashes = 0;
	CHECK(camera_login(&camera, home, CAMERA_PASSWORD, NULL) == FIRSTUSE_DAMAGED);
	CHECK(change(&camera, home, CAMERA_PASSWORD, CAMERA_OTHER) == FIRSTUSE_DAMAGED);
	CHECK(set_up(&camera, home, NULL, CAMERA_OTHER, NULL) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_stream_key(&camera.device, key) == FIRSTUSE_DAMAGED && key[0] == '\0');
	CHECK(fake_hashes == 0);
	CHECK(firstuse_reset(&camera.device) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, home, CAMERA_PASSWORD, NULL) == FIRSTUSE_NOT_SET_UP);
	CHECK(camera_login(&camera, home, "", NULL) == FIRSTUSE_NOT_SET_UP);
	camera_free(&camera);
}

static void test_bad_calls(void)
{
	struct camera camera;
	struct firstuse_peer peer = camera_lan(1);
	struct firstuse none;
	uint32_t wait_s = 5;

	memset(&none, 0, sizeof none);
	camera_owned(&camera);
	begin(&camera);
	fake_hashes = 0;
	CHECK(firstuse_login(NULL, &peer, "x", 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_login(&none, &peer, "x", 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_login(&camera.device, NULL, "x", 1, &wait_s) == FIRSTUSE_BAD_CALL);
	CHECK(wait_s == 0);
	CHECK(firstuse_login(&camera.device, &peer, NULL, 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_set_up(&none, &peer, NULL, 0, "x", 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_set_up(&camera.device, &peer, NULL, 1, "x", 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_set_up(&camera.device, &peer, NULL, 0, NULL, 1, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_change_password(&camera.device, &peer, NULL, 1, "x", 1, NULL) ==
	      FIRSTUSE_BAD_CALL);
	CHECK(firstuse_change_password(&camera.device, &peer, "x", 1, NULL, 1, NULL) ==
	      FIRSTUSE_BAD_CALL);
	CHECK(firstuse_check_password(&none, "x", 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_check_password(&camera.device, NULL, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_check_password(&camera.device, CAMERA_OTHER, strlen(CAMERA_OTHER)) ==
	      FIRSTUSE_OK);
	CHECK(firstuse_stream_key(&camera.device, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(fake_hashes == 0 && stays_same(&camera));
	CHECK(firstuse_login(&camera.device, &peer, NULL, 0, NULL) == FIRSTUSE_WRONG);
	camera_free(&camera);
}

/* Another length than the owner's, also much longer: wrong, counted, and the very long one without a hash. */
static void test_lengths(void)
{
	struct camera camera;
	char text[300];
	struct firstuse_peer peer = camera_lan(1);

	memset(text, 'q', sizeof text);
	memcpy(text, CAMERA_PASSWORD, strlen(CAMERA_PASSWORD));
	camera_owned(&camera);
	for (size_t size = 0; size <= sizeof text; size++) {
		camera.medium.now_ms += 30000;
		fake_hashes = 0;
		CHECK(firstuse_login(&camera.device, &peer, text, size, NULL) ==
		      (size == strlen(CAMERA_PASSWORD) ? FIRSTUSE_OK : FIRSTUSE_WRONG));
		CHECK(fake_hashes == (size <= FIRSTUSE_PASSWORD_MAX));
	}
	CHECK(firstuse_failed_tries(&camera.device) == sizeof text - strlen(CAMERA_PASSWORD));
	while (firstuse_login(&camera.device, &peer, text, 200, NULL) == FIRSTUSE_WRONG)
		;
	CHECK(firstuse_login(&camera.device, &peer, text, 200, NULL) == FIRSTUSE_WAIT);
	camera_free(&camera);
}

/* ---- the set-up code ------------------------------------------------------------------------------------------ */

static void test_code(void)
{
	struct camera camera;
	struct firstuse_peer home = camera_lan(1);
	uint32_t wait_s;
	char long_one[40];

	memset(long_one, 'K', sizeof long_one);
	coded(&camera);
	begin(&camera);
	CHECK(set_up(&camera, home, CODE, "short", NULL) == FIRSTUSE_TOO_SHORT);
	CHECK(firstuse_set_up(&camera.device, &home, long_one, 33, CAMERA_PASSWORD, 25, NULL) ==
	      FIRSTUSE_TOO_LONG);
	CHECK(firstuse_failed_tries(&camera.device) == 0);
	CHECK(set_up(&camera, home, NULL, CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(set_up(&camera, home, "K7Q2-M9X", CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(set_up(&camera, home, CODE "D", CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(firstuse_set_up(&camera.device, &home, CODE "\0", sizeof CODE, CAMERA_PASSWORD, 25,
			      NULL) == FIRSTUSE_WRONG);
	CHECK(firstuse_set_up(&camera.device, &home, long_one, 32, CAMERA_PASSWORD, 25, &wait_s) ==
	      FIRSTUSE_WRONG);
	CHECK(wait_s == 0 && firstuse_failed_tries(&camera.device) == 5);
	CHECK(set_up(&camera, home, CODE, CAMERA_PASSWORD, &wait_s) == FIRSTUSE_WAIT);
	CHECK(wait_s == 30 && is_same(&camera));
	camera.medium.now_ms += 30000;
	CHECK(set_up(&camera, camera_outside(1), CODE, CAMERA_PASSWORD, NULL) ==
	      FIRSTUSE_NOT_FROM_HERE);
	CHECK(set_up(&camera, home, CODE, CAMERA_PASSWORD, &wait_s) == FIRSTUSE_OK);
	CHECK(wait_s == 0 && firstuse_failed_tries(&camera.device) == 0);
	CHECK(camera_login(&camera, home, CODE, NULL) == FIRSTUSE_WRONG);
	CHECK(firstuse_reset(&camera.device) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, home, CODE, NULL) == FIRSTUSE_NOT_SET_UP);
	CHECK(set_up(&camera, home, CODE, CAMERA_OTHER, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

/* ---- what fails in the middle --------------------------------------------------------------------------------- */

/* The code is printed on the device: no password. That is told to nobody who has not the code or the password already. */
static void test_code_as_password(void)
{
	struct camera camera;
	struct firstuse_peer home = camera_lan(1);

	coded(&camera);
	begin(&camera);
	CHECK(firstuse_check_password(&camera.device, "k7q2-M9XD-2026", 14) == FIRSTUSE_OK);
	CHECK(set_up(&camera, home, "not the code", "k7q2m9xd 2026", NULL) == FIRSTUSE_WRONG);
	CHECK(set_up(&camera, home, CODE, "k7q2m9xd 2026", NULL) == FIRSTUSE_GUESSABLE);
	CHECK(set_up(&camera, home, CODE, "my " CODE "!", NULL) == FIRSTUSE_GUESSABLE);
	CHECK(stays_same(&camera) && camera.opened == FIRSTUSE_NOT_SET_UP);
	CHECK(set_up(&camera, home, CODE, CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	begin(&camera);
	CHECK(change(&camera, home, CAMERA_OTHER, CODE "--") == FIRSTUSE_WRONG);
	CHECK(change(&camera, home, CAMERA_PASSWORD, CODE "--") == FIRSTUSE_GUESSABLE);
	CHECK(stays_same(&camera));
	CHECK(change(&camera, home, CAMERA_PASSWORD, CODE " and a heron") == FIRSTUSE_OK);
	camera_free(&camera);
}

enum trouble { NO_WRITE, NO_FLUSH, NO_RANDOM, NO_HASH, TROUBLES };

static void make_trouble(struct camera *camera, enum trouble trouble, unsigned nth)
{
	camera->medium.fail_write = trouble == NO_WRITE ? nth : 0;
	camera->medium.fail_flush = trouble == NO_FLUSH ? nth : 0;
	camera->medium.fail_random = trouble == NO_RANDOM ? nth : 0;
	fake_failing = trouble == NO_HASH ? nth : 0;
}

static enum firstuse_status status_of(enum trouble trouble)
{
	return trouble == NO_RANDOM ? FIRSTUSE_RANDOM
	       : trouble == NO_HASH ? FIRSTUSE_CRYPTO
				    : FIRSTUSE_STORAGE;
}

static void no_trouble(struct camera *camera)
{
	make_trouble(camera, TROUBLES, 0);
}

static void test_set_up_fails(enum trouble trouble)
{
	struct camera camera;

	camera_new(&camera);
	begin(&camera);
	make_trouble(&camera, trouble, 1);
	CHECK(set_up(&camera, camera_lan(1), NULL, CAMERA_PASSWORD, NULL) == status_of(trouble));
	no_trouble(&camera);
	CHECK(is_same(&camera) && firstuse_standing(&camera.device) == FIRSTUSE_NOT_SET_UP);
	CHECK(set_up(&camera, camera_lan(1), NULL, CAMERA_OTHER, NULL) == FIRSTUSE_OK);
	CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_OTHER, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

static void test_change_fails(enum trouble trouble)
{
	struct camera camera;
	char key[2][FIRSTUSE_STREAM_KEY];

	for (unsigned nth = 1; nth <= 2; nth++) {
		enum firstuse_status status;

		camera_owned(&camera);
		camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL);
		firstuse_stream_key(&camera.device, key[0]);
		begin(&camera);
		make_trouble(&camera, trouble, nth);
		status = change(&camera, camera_lan(1), CAMERA_PASSWORD, CAMERA_OTHER);
		no_trouble(&camera);
		firstuse_stream_key(&camera.device, key[1]);
		if (status != FIRSTUSE_OK) {
			CHECK(status == status_of(trouble) && is_same(&camera));
			CHECK(strcmp(key[0], key[1]) == 0);
		} else {
			CHECK(nth == 2); /* more of it than the call needs */
			CHECK(strcmp(key[0], key[1]) != 0);
		}
		CHECK(camera_login(&camera, camera_lan(1),
				   status == FIRSTUSE_OK ? CAMERA_OTHER : CAMERA_PASSWORD,
				   NULL) == FIRSTUSE_OK);
		camera_free(&camera);
	}
}

/* A login that is right stays so when what follows it fails: a new client, a new hash. */
static void test_login_fails(enum trouble trouble)
{
	struct camera camera;

	camera_owned(&camera);
	camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL);
	camera.medium.now_ms += 10000000;
	camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL);
	camera.config.cost.passes = 3;
	begin(&camera);
	make_trouble(&camera, trouble, 1);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) ==
	      (trouble == NO_HASH ? FIRSTUSE_CRYPTO : FIRSTUSE_OK));
	CHECK(camera.medium.fail_write == 0 && camera.medium.fail_flush == 0 &&
	      camera.medium.fail_random == 0 && fake_failing == 0);
	CHECK(is_same(&camera));
	CHECK(camera.device.state.password.cost.passes == 1);
	no_trouble(&camera);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(camera.device.state.password.cost.passes == 3);
	CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

/* A new cost: a new hash and salt with the next right login, none with a wrong one, and no second time. */
static void test_rehash(void)
{
	struct camera camera;
	struct firstuse_secret before;
	const struct firstuse_secret *now = &camera.device.state.password;
	char key[2][FIRSTUSE_STREAM_KEY];

	camera_owned(&camera);
	firstuse_stream_key(&camera.device, key[0]);
	before = camera.device.state.password;
	camera.config.cost.memory_kib = 16;
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_OTHER, NULL) == FIRSTUSE_WRONG);
	CHECK(memcmp(before.hash, now->hash, sizeof before.hash) == 0);
	CHECK(now->cost.memory_kib == before.cost.memory_kib);
	fake_hashes = 0;
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(fake_hashes == 2);
	CHECK(camera.device.state.password.cost.memory_kib == 16);
	CHECK(memcmp(before.salt, camera.device.state.password.salt, sizeof before.salt) != 0);
	CHECK(memcmp(before.hash, camera.device.state.password.hash, sizeof before.hash) != 0);
	fake_hashes = 0;
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(fake_hashes == 1);
	firstuse_stream_key(&camera.device, key[1]);
	CHECK(strcmp(key[0], key[1]) == 0);
	camera_free(&camera);
}

/* ---- change, clients, stream key ------------------------------------------------------------------------------ */

static void test_change(void)
{
	struct camera camera;
	char key[2][FIRSTUSE_STREAM_KEY];

	camera_owned(&camera);
	for (uint32_t client = 2; client < 6; client++)
		CHECK(camera_login(&camera, camera_lan(client), CAMERA_PASSWORD, NULL) ==
		      FIRSTUSE_OK);
	CHECK(camera.device.state.known[4][0] | camera.device.state.known[4][7]);
	firstuse_stream_key(&camera.device, key[0]);
	CHECK(change(&camera, camera_lan(3), CAMERA_PASSWORD, CAMERA_OTHER) == FIRSTUSE_OK);
	firstuse_stream_key(&camera.device, key[1]);
	CHECK(strcmp(key[0], key[1]) != 0);
	for (unsigned i = 1; i < FIRSTUSE_KNOWN_MAX; i++)
		for (unsigned k = 0; k < 8; k++)
			CHECK(camera.device.state.known[i][k] == 0);
	CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_lan(3), CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(3), CAMERA_OTHER, NULL) == FIRSTUSE_OK);
	CHECK(change(&camera, camera_outside(9), CAMERA_OTHER, CAMERA_PASSWORD) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_lan(3), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

/* Bit by bit, by the definition. */
static void twin_key(const uint8_t bytes[15], char key[FIRSTUSE_STREAM_KEY])
{
	for (unsigned i = 0; i < 24; i++) {
		unsigned value = 0;

		for (unsigned bit = 5 * i; bit < 5 * i + 5; bit++)
			value = 2 * value + (bytes[bit / 8] >> (7 - bit % 8) & 1);
		key[i] = "0123456789abcdefghjkmnpqrstvwxyz"[value];
	}
	key[24] = '\0';
}

static void test_stream_key(void)
{
	struct camera camera;
	char key[FIRSTUSE_STREAM_KEY], twin[FIRSTUSE_STREAM_KEY];
	uint64_t dice = 9;

	camera_owned(&camera);
	for (unsigned round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < 15; i++)
			camera.device.state.stream_key[i] =
				round == 0   ? 0
				: round == 1 ? 0xFF
					     : (uint8_t)(medium_dice(&dice) >> 32);
		CHECK(firstuse_stream_key(&camera.device, key) == FIRSTUSE_OK);
		twin_key(camera.device.state.stream_key, twin);
		CHECK(strcmp(key, twin) == 0);
		if (round < 2)
			CHECK(strspn(key, round ? "z" : "0") == 24);
	}
	camera_free(&camera);
}

/* ---- what is left behind --------------------------------------------------------------------------------------- */

#if defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define STACK 32768u

/* Of the library, that is: the backend here leaves nothing. (libsodium 1.0.18 leaves the hash, not the password.)
 * A stretch of the stack below its caller, filled, and after a call looked through. */
static __attribute__((noinline)) void fill_stack(void)
{
	volatile uint8_t room[STACK];

	for (size_t i = 0; i < sizeof room; i++)
		room[i] = 0xA5;
}

/* Eight bytes in a row of the secret. The room is not initialised on purpose: it holds what the call left. */
static __attribute__((noinline)) int is_left(const void *secret, size_t size)
{
	volatile uint8_t room[STACK];
	const uint8_t *bytes = secret;
	int found = 0;

	__asm__ volatile("" : : "r"(room) : "memory");
	for (size_t i = 0; i + 8 <= sizeof room; i++)
		for (size_t k = 0; k + 8 <= size; k++) {
			size_t n = 0;

			/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
			while (n < 8 && room[i + n] == bytes[k + n])
				n++;
			found |= n == 8;
		}
	return found;
}

static void check_nothing_left(const struct firstuse_state *state, const char *after)
{
	int hash = is_left(state->password.hash, sizeof state->password.hash);
	int key = is_left(state->stream_key, sizeof state->stream_key);
	int first = is_left(CAMERA_PASSWORD, strlen(CAMERA_PASSWORD));
	int other = is_left(CAMERA_OTHER, strlen(CAMERA_OTHER));

	if (!CHECK(!hash && !key && !first && !other))
		printf("     after %s:%s%s%s%s\n", after, hash ? " the hash" : "",
		       key ? " the stream key" : "", first ? " the password" : "",
		       other ? " the other password" : "");
}

/* Not on this function's own frame, which is above what is looked through. */
static void test_wiped(void)
{
	struct camera *camera = calloc(1, sizeof *camera);
	struct firstuse_peer home = camera_lan(1);
	const size_t size = strlen(CAMERA_PASSWORD), other = strlen(CAMERA_OTHER);
	enum firstuse_status status[5];

	if (!CHECK(camera))
		return;
	camera_new(camera);
	fill_stack();
	status[0] = firstuse_set_up(&camera->device, &home, NULL, 0, CAMERA_PASSWORD, size, NULL);
	check_nothing_left(&camera->device.state, "set-up");
	fill_stack();
	status[1] = firstuse_login(&camera->device, &home, CAMERA_OTHER, other, NULL);
	check_nothing_left(&camera->device.state, "a wrong login");
	fill_stack();
	status[2] = firstuse_login(&camera->device, &home, CAMERA_PASSWORD, size, NULL);
	check_nothing_left(&camera->device.state, "a login");
	home.id[7] = 1;
	camera->config.cost.passes++;
	fill_stack();
	status[2] = firstuse_login(&camera->device, &home, CAMERA_PASSWORD, size, NULL);
	check_nothing_left(&camera->device.state, "a login that hashes anew");
	camera->medium.fail_write = 1;
	fill_stack();
	status[3] = firstuse_change_password(&camera->device, &home, CAMERA_PASSWORD, size,
					     CAMERA_OTHER, other, NULL);
	check_nothing_left(&camera->device.state, "a change that failed");
	fill_stack();
	status[4] = firstuse_change_password(&camera->device, &home, CAMERA_PASSWORD, size,
					     CAMERA_OTHER, other, NULL);
	check_nothing_left(&camera->device.state, "a change");
	CHECK(status[0] == FIRSTUSE_OK && status[1] == FIRSTUSE_WRONG && status[2] == FIRSTUSE_OK);
	CHECK(status[3] == FIRSTUSE_STORAGE && status[4] == FIRSTUSE_OK);
	camera_free(camera);
	free(camera);
}
#else
static void test_wiped(void)
{
	printf("skipped: what is left on the stack can't be seen with sanitizers\n");
}
#endif

int main(void)
{
	test_states();
	test_bad_calls();
	test_lengths();
	test_code();
	test_code_as_password();
	for (unsigned trouble = 0; trouble < TROUBLES; trouble++) {
		test_set_up_fails((enum trouble)trouble);
		test_change_fails((enum trouble)trouble);
		test_login_fails((enum trouble)trouble);
	}
	test_rehash();
	test_change();
	test_stream_key();
	test_wiped();
	return check_end();
}
