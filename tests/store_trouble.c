/* SPDX-License-Identifier: MIT */
/*
 * A store in places that tests of one process can't make: a disk that is full, one that is read-only, and a reader without
 * rights. And how fast rounds are. tests/groups/store makes the places.
 *
 * Usage: store_trouble full|readonly|reader|some|speed DIRECTORY
 */
#include "base/timespan.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define START (1477047871 * NS_PER_S)

static struct store_options options = {
	.most_bytes = UINT64_C(256) << 20, .history_ns = INT64_MAX / 4, .keep_ns = INT64_MAX / 4};

static struct store *opened(void)
{
	char why[STORE_WHY];
	struct store *s;

	if (store_open(&options, &s, why) == 0)
		return s;
	printf("can't open: %s\n", why);
	exit(1); /* NOLINT(concurrency-mt-unsafe) */
}

/* n devices, each with an address, a name and a finding; round: what changes from one to the next. 0 or -errno. */
static int tell(struct store *s, unsigned n, int64_t round)
{
	const struct store_round head = {.life = 1, .now_ns = START + round * NS_PER_S};
	struct arena arena = {.failed = false};
	int error = store_begin(s, &head);

	for (unsigned i = 0; i < n && error == 0; i++) {
		char id[32], name[32];
		const char *names[] = {name};
		struct mac mac = {{2, 0, 0x5e, 0, (uint8_t)(i >> 8), (uint8_t)i}};
		struct addr address = addr_v4(0x0a000000u + i);
		struct where where = {0, i};
		struct evidence e = {.detector = "mirai-scan",
				     .code = "C-0001",
				     .first_ns = START,
				     .last_ns = head.now_ns,
				     .count = (uint64_t)round,
				     .packets = &where,
				     .packets_n = 1,
				     .text = "scans",
				     .port = -1,
				     .weight = "proof"};
		struct device d = {.id = id,
				   .local = true,
				   .macs = &mac,
				   .macs_n = 1,
				   .addresses = &address,
				   .addresses_n = 1,
				   .names = names,
				   .names_n = 1,
				   .first_ns = START,
				   .last_ns = head.now_ns,
				   .packets_out = (uint64_t)round,
				   .two_way = true,
				   .judged = true,
				   .verdict = i % 8 == 0 ? VERDICT_INFECTED : VERDICT_CLEAR,
				   .evidence = &e,
				   .evidence_n = i % 8 == 0};
		struct store_change change;

		snprintf(id, sizeof id, "mac:%u", i);
		snprintf(name, sizeof name, "device-%u", i);
		error = store_device(s, &d, &arena, &change);
	}
	arena_fini(&arena);
	return error == 0 ? store_commit(s) : error;
}

static size_t devices_kept(void)
{
	struct store_query all = {.since_ns = INT64_MIN, .until_ns = INT64_MAX};
	struct arena arena = {.failed = false};
	struct judged j = {.devices_n = 0};
	struct store *s;
	size_t n;

	options.reading = true;
	s = opened();
	if (store_report(s, &all, &arena, &j) != 0)
		printf("can't read: %s\n", store_why(s));
	n = j.devices_n;
	store_close(s);
	options.reading = false;
	arena_fini(&arena);
	return n;
}

/* ---- a disk that is full -------------------------------------------------------------------------------------------- */

static void fill(const char *path)
{
	static const char bytes[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes)
		;
	close(fd);
}

static int full(void)
{
	char ballast[4096];
	struct store *s = opened();
	int error = tell(s, 100, 1);
	size_t kept;

	if (error != 0)
		return 1;
	snprintf(ballast, sizeof ballast, "%s/ballast", options.directory);
	fill(ballast);
	for (int64_t round = 2; round < 50 && error == 0; round++)
		error = tell(s, 400, round);
	printf("%s\n", store_why(s));
	store_rollback(s);
	if (error != -ENOSPC)
		return 2;
	unlink(ballast);
	for (int64_t round = 50; round < 55; round++) {
		if (tell(s, 500, round) != 0)
			return 3;
	}
	store_close(s);
	kept = devices_kept();
	return kept == 500 ? 0 : 4;
}

/* ---- a disk that is read-only ------------------------------------------------------------------------------------------ */

static int readonly(void)
{
	char why[STORE_WHY];
	struct store *s;

	if (devices_kept() == 0)
		return 1;
	if (store_open(&options, &s, why) != -EROFS)
		return 2;
	printf("%s\n", why);
	return 0;
}

static int reader(void)
{
	size_t n = devices_kept();

	printf("%zu devices\n", n);
	return n == 0;
}

static int some(void)
{
	struct store *s = opened();
	int error = tell(s, 300, 1);

	store_close(s);
	return error != 0;
}

/* ---- speed ---------------------------------------------------------------------------------------------------------------- */

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int speed(void)
{
	struct store *s = opened();
	double times[12], start;
	size_t kept;

	for (int i = 0; i < 12; i++) {
		start = now_s();
		if (tell(s, 10000, i == 11 ? 1000 : i + 1) != 0)
			return 1;
		times[i] = now_s() - start;
	}
	start = now_s();
	if (tell(s, 100, 2000) != 0)
		return 1;
	printf("10000 new devices %.0f ms, the same changed %.0f ms, with new minutes %.0f ms; 100 changed %.1f ms\n",
	       times[0] * 1e3, times[5] * 1e3, times[11] * 1e3, (now_s() - start) * 1e3);
	store_close(s);
	start = now_s();
	kept = devices_kept();
	printf("report of %zu devices %.0f ms\n", kept, (now_s() - start) * 1e3);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} modes[] = {{"full", full},
		     {"some", some},
		     {"readonly", readonly},
		     {"reader", reader},
		     {"speed", speed}};

	if (argc != 3)
		return 64;
	options.directory = argv[2];
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run();
	}
	return 64;
}
