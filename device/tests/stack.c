/* SPDX-License-Identifier: MIT */
/*
 * The stack that public functions take with their backend and callbacks, measured: each runs on a painted stack of its own, and
 * what is not paint any more was used. What a thread takes for itself is measured likewise and taken off. The callbacks are
 * those of medium.h, which take little. tests/size has the library's own part, by the call graph and with a limit.
 */
#include "check.h"
#include "crypto.h"
#include "make_update.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define STACK (512u * 1024u)
#define PAINT 0xA5

#define PASSWORD "seven herons in the reeds"

static struct update_bench bench;
static struct update_file file;
static const struct firstuse_peer owner = {{1}, 1};
static enum firstuse_status status;

static void *nothing(void *arg)
{
	return arg;
}

static void *open_it(void *arg)
{
	status = firstuse_open(&bench.device, &bench.config);
	return arg;
}

static void *set_up(void *arg)
{
	status = firstuse_set_up(&bench.device, &owner, NULL, 0, PASSWORD, strlen(PASSWORD), NULL);
	return arg;
}

static void *login(void *arg)
{
	status = firstuse_login(&bench.device, &owner, PASSWORD, strlen(PASSWORD), NULL);
	return arg;
}

static void *update(void *arg)
{
	static struct firstuse_update one; /* the caller's memory */

	status = firstuse_update_begin(&one, &bench.device);
	if (status == FIRSTUSE_OK)
		status = firstuse_update_feed(&one, file.bytes, file.size);
	if (status == FIRSTUSE_OK)
		status = firstuse_update_end(&one);
	return arg;
}

/* Bytes from the top of the stack to the lowest that was written. */
static size_t taken(void *(*run)(void *))
{
	uint8_t *stack = NULL;
	pthread_attr_t attributes;
	pthread_t thread;
	size_t untouched = 0;

	if (posix_memalign((void **)&stack, 4096, STACK) != 0)
		return 0;
	memset(stack, PAINT, STACK);
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack, STACK);
	if (CHECK(pthread_create(&thread, &attributes, run, NULL) == 0))
		pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	while (untouched < STACK && stack[untouched] == PAINT)
		untouched++;
	free(stack);
	return STACK - untouched;
}

int main(void)
{
	static const struct {
		const char *name;
		void *(*run)(void *);
		enum firstuse_status wanted;
	} steps[] = {
		{"open", open_it, FIRSTUSE_NOT_SET_UP},
		{"set-up", set_up, FIRSTUSE_OK},
		{"login", login, FIRSTUSE_OK},
		{"update", update, FIRSTUSE_OK},
	};
	uint64_t dice = 5;
	size_t own = taken(nothing);

	CHECK(fu_crypto_init() == 0);
	update_bench_init(&bench, MEDIUM_FLASH, 65536, 1);
	update_make(&file, 0, 7, 5000, &dice);
	printf("stack with the backend and the callbacks, bytes:\n");
	for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		size_t all = taken(steps[i].run);

		CHECK(status == steps[i].wanted);
		printf("  %6lu  %s\n", (unsigned long)(all > own ? all - own : 0), steps[i].name);
	}
	update_free(&file);
	update_bench_fini(&bench);
	return check_end();
}
