/* SPDX-License-Identifier: MIT */
/*
 * Does time tell how much of a guess was right? After Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?",
 * 2017: the same work is timed for two classes of input that come in random order, what is far above the rest (interrupts,
 * other programs) is cut off, and Welch's t-test says how sure it is that the means differ. Above 4.5 is a suspicion, above 10
 * a leak.
 *
 * The same measurement is made of a compare that stops at the first difference. If it is not found out, the machine is too
 * noisy for this test to mean anything: it is skipped then, aloud.
 *
 * Limits: it sees differences of the mean on this CPU and with this compiler, and says nothing of caches, power or light. A t
 * that stays small is no proof. What can be proven by counting is counted: tests/instructions runs `timing once CLASS` under
 * callgrind.
 *
 * Usage: timing [MEASUREMENTS]; timing once compare|login CLASS
 */
#include "camera.h"
#include "check.h"
#include "secret.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIZE 32u  /* of a hash */
#define CALLS 32u /* in one measurement */
#define LEAK 10.0

typedef int same(const void *a, const void *b, size_t size);

/* What not to do: it goes on for as long as the bytes agree. */
static __attribute__((noinline)) int leaky(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return 0;
	return 1;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ---- Welch's t ------------------------------------------------------------------------------------------------ */

struct sample {
	double ns;
	int class;
};

static int by_ns(const void *a, const void *b)
{
	double x = ((const struct sample *)a)->ns, y = ((const struct sample *)b)->ns;

	return (x > y) - (x < y);
}

/* By Newton; the maths library is not everywhere. */
static double root(double x)
{
	double guess = x > 1 ? x : 1;

	for (unsigned i = 0; i < 200; i++)
		guess = (guess + x / guess) / 2;
	return guess;
}

/* Of the fastest nine tenths of both classes together. */
static double welch(struct sample *samples, size_t count)
{
	double n[2] = {0, 0}, mean[2] = {0, 0}, m2[2] = {0, 0}, spread;

	qsort(samples, count, sizeof *samples, by_ns);
	for (size_t i = 0; i < count * 9 / 10; i++) {
		int class = samples[i].class;
		double off = samples[i].ns - mean[class];

		n[class]++;
		mean[class] += off / n[class];
		m2[class] += off * (samples[i].ns - mean[class]);
	}
	if (n[0] < 2 || n[1] < 2)
		return 1e9;
	spread = m2[0] / (n[0] - 1) / n[0] + m2[1] / (n[1] - 1) / n[1];
	spread = spread > 0 ? (mean[0] - mean[1]) / root(spread) : 0;
	return spread < 0 ? -spread : spread;
}

/* ---- the compare ---------------------------------------------------------------------------------------------- */

enum kind { FIRST_OR_LAST, FIXED_OR_RANDOM };

static void make_guess(uint8_t guess[SIZE], const uint8_t secret[SIZE], enum kind kind, int class,
		       uint64_t *dice)
{
	memcpy(guess, secret, SIZE);
	if (kind == FIRST_OR_LAST)
		guess[class ? SIZE - 1 : 0] ^= 0x40;
	else if (class)
		for (unsigned i = 0; i < SIZE; i++)
			guess[i] = (uint8_t)(medium_dice(dice) >> 32);
}

struct input {
	uint8_t guess[SIZE];
	int class;
};

/* All guesses are there beforehand: what it takes to make them is not the same for both classes. */
static struct input *make_inputs(const uint8_t secret[SIZE], enum kind kind, size_t count)
{
	struct input *inputs = calloc(count, sizeof *inputs);
	uint64_t dice = 1;

	for (size_t i = 0; inputs && i < count; i++) {
		inputs[i].class = medium_dice(&dice) % 2 != 0;
		make_guess(inputs[i].guess, secret, kind, inputs[i].class, &dice);
	}
	return inputs;
}

static double t_of_compare(same *compare, enum kind kind, size_t count)
{
	static const uint8_t secret[SIZE] = "what a hash might be: 32 bytes.";
	struct input *inputs = make_inputs(secret, kind, count);
	struct sample *samples = calloc(count, sizeof *samples);
	volatile int sink = 0;
	double t = 0;

	for (size_t i = 0; inputs && samples && i < count; i++) {
		uint8_t guess[SIZE];
		double began;

		samples[i].class = inputs[i].class;
		memcpy(guess, inputs[i].guess, SIZE);
		began = now_ns();
		for (unsigned k = 0; k < CALLS; k++)
			sink += compare(secret, guess, SIZE);
		samples[i].ns = now_ns() - began;
	}
	if (inputs && samples)
		t = welch(samples, count);
	free(samples);
	free(inputs);
	return t;
}

/* ---- the login ------------------------------------------------------------------------------------------------ */

/* As long as the right one, wrong in its first or in its last byte, or right. */
static const char *const typed[] = {"Seven herons in the reeds", "seven herons in the reedS",
				    CAMERA_PASSWORD};

static double t_of_login(int one, int other, size_t count)
{
	struct sample *samples = calloc(count, sizeof *samples);
	static struct camera camera;
	uint64_t dice = 2;
	double t;

	if (!samples)
		return 0;
	camera_owned(&camera);
	for (size_t i = 0; i < count; i++) {
		double began;

		samples[i].class = medium_dice(&dice) % 2 != 0;
		camera.medium.now_ms += 60000;
		began = now_ns();
		camera_login(&camera, camera_lan(1), typed[samples[i].class ? other : one], NULL);
		samples[i].ns = now_ns() - began;
	}
	t = welch(samples, count);
	camera_free(&camera);
	free(samples);
	return t;
}

/* ---- for callgrind -------------------------------------------------------------------------------------------- */

static int once(const char *what, unsigned class)
{
	static struct camera camera;
	uint8_t secret[SIZE], guess[SIZE];
	uint64_t dice = 1;
	enum firstuse_status status;

	if (strcmp(what, "login") == 0 && class < 3) {
		camera_owned(&camera);
		status = camera_login(&camera, camera_lan(1), typed[class], NULL);
		camera_free(&camera);
		return status != (class == 2 ? FIRSTUSE_OK : FIRSTUSE_WRONG);
	}
	for (unsigned i = 0; i < SIZE; i++)
		secret[i] = (uint8_t)(medium_dice(&dice) >> 32);
	memcpy(guess, secret, SIZE);
	if (class < SIZE)
		guess[class] ^= 1;
	if (strcmp(what, "leaky") == 0)
		return leaky(secret, guess, SIZE) != (class >= SIZE);
	return fu_same(secret, guess, SIZE) != (class >= SIZE);
}

int main(int count, char **arguments)
{
	size_t measurements = count == 2 ? strtoul(arguments[1], NULL, 10) : 200000;
	double planted, t;

	if (count == 4 && strcmp(arguments[1], "once") == 0)
		return once(arguments[2], (unsigned)strtoul(arguments[3], NULL, 10));
	planted = t_of_compare(leaky, FIRST_OR_LAST, measurements);
	printf("planted leak, first byte or last: t %.1f\n", planted);
	if (!(planted > LEAK)) {
		printf("SKIPPED: a compare that leaks was not found out: this machine is too "
		       "noisy\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	t = t_of_compare(fu_same, FIRST_OR_LAST, measurements);
	printf("fu_same, first byte or last:      t %.1f\n", t);
	CHECK(t < LEAK);
	t = t_of_compare(fu_same, FIXED_OR_RANDOM, measurements);
	printf("fu_same, right or random:         t %.1f\n", t);
	CHECK(t < LEAK);
	t = t_of_login(0, 1, measurements / 10);
	printf("login, first byte or last:        t %.1f\n", t);
	CHECK(t < LEAK);
	printf("login, wrong or right:            t %.1f (may differ: the owner is in)\n",
	       t_of_login(1, 2, measurements / 10));
	return check_end();
}
