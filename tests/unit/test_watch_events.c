/* SPDX-License-Identifier: MIT */
/*
 * watch/events_file and watch/events: lines whole or not at all, in whatever way the file is found, moved away or refuses;
 * the queue's bound, a pipe that nobody reads, and what the counters say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/events.h"
#include "watch/events_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char line[] = "{\"timestamp\":\"2016-10-21T11:04:31.000000+0000\"}\n";
enum { LINE = sizeof line - 1 };

static char folder[] = "/tmp/cordon-events-XXXXXX";
static char path[sizeof folder + 16];
static char other[sizeof folder + 16];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/eve.json", folder);
	(void)snprintf(other, sizeof other, "%s/eve.json.1", folder);
	return 0;
}

static int clear_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(other);
	return 0;
}

static int remove_folder(void **state)
{
	(void)clear_folder(state);
	return rmdir(folder);
}

static void write_file(const char *at, const char *text)
{
	int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void expect_file(const char *at, const char *text)
{
	size_t len;
	char *tail = events_file_tail(at, 1 << 20, &len);

	if (text[0] == '\0') {
		assert_null(tail);
		return;
	}
	assert_non_null(tail);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(tail, text, len);
	free(tail);
}

static void add(struct events_file *f, const char *lines)
{
	size_t written;

	assert_int_equal(events_file_ready(f), 0);
	assert_int_equal(events_file_add(f, lines, strlen(lines), &written), 0);
	assert_int_equal(written, strlen(lines));
}

/* What stands there when it is opened, and what it becomes with a line more. */
static void test_torn_ends(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"a\n", "a\n"},
		{"a\nb", "a\nb\n"}, /* not ours: it stays, and gets its end */
		{"{\"timestamp\":\"2016\"}\n{\"timestamp\":\"2016-10-2",
		 "{\"timestamp\":\"2016\"}\n"},
		{"{\"timest", ""},
		{"a\n{", "a\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct events_file f;
		char wanted[256];

		(void)clear_folder(state);
		write_file(path, cases[i][0]);
		events_file_init(&f, path);
		add(&f, line);
		(void)snprintf(wanted, sizeof wanted, "%s%s", cases[i][1], line);
		expect_file(path, wanted);
		events_file_close(&f);
	}
}

static void test_rotation(void **state)
{
	struct events_file f;

	(void)state;
	events_file_init(&f, path);
	add(&f, line);
	assert_int_equal(rename(path, other), 0);
	add(&f, line);
	add(&f, line);
	assert_int_equal(unlink(path), 0);
	add(&f, line);
	expect_file(other, line);
	expect_file(path, line);
	events_file_close(&f);
}

/* A limit on the file's size is as good as a full disk: half a line gets in. */
static void test_no_room(void **state)
{
	const struct rlimit little = {.rlim_cur = 2 * LINE + 10, .rlim_max = RLIM_INFINITY};
	struct rlimit before;
	struct events_file f;
	char lines[4 * LINE + 1] = "", two[2 * LINE + 1] = "";
	size_t written;

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)memcpy(lines + i * LINE, line, LINE);
	(void)memcpy(two, lines, 2 * LINE);
	(void)signal(SIGXFSZ, SIG_IGN);
	events_file_init(&f, path);
	assert_int_equal(events_file_ready(&f), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(events_file_add(&f, lines, 4 * LINE, &written), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(written, 2 * LINE);
	expect_file(path, two);
	assert_int_equal(events_file_add(&f, line, LINE, &written), 0);
	events_file_close(&f);
}

/* ---- the queue ------------------------------------------------------------------------------------------------- */

static void test_all_are_written(void **state)
{
	struct events_count count;
	struct events *e;
	struct stat st;

	(void)state;
	assert_int_equal(events_new(path, 1 << 20, &e), 0);
	for (uint64_t i = 1; i <= 1000; i++)
		assert_true(events_put(e, line, LINE, i));
	do {
		events_count(e, &count);
	} while (count.waiting_bytes > 0);
	assert_int_equal(count.written, 1000);
	assert_int_equal(count.done, 1000);
	assert_int_equal(count.dropped_full + count.dropped_failed, 0);
	assert_int_equal(events_room(e), 1 << 20);
	assert_true(events_finish(e, 5000));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1000 * LINE);
}

/* A pipe that nobody reads takes some bytes and then none: the bound holds, and nobody waits. */
static void test_nobody_reads(void **state)
{
	struct events_count count;
	struct events *e;
	char *rest;
	int reader;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(events_new(path, 100 * LINE, &e), 0);
	/* More than a pipe holds: 64 KB. */
	for (uint64_t i = 1; i <= 20000; i++) {
		(void)events_put(e, line, LINE, i);
		if (i % 100 == 0)
			(void)usleep(1000);
	}
	events_count(e, &count);
	assert_true(count.dropped_full > 10000);
	assert_true(count.waiting_bytes <= 100 * LINE);
	assert_false(events_finish(e, 50)); /* the disk holds the thread */
	/* Somebody reads after all. */
	rest = malloc(1 << 20);
	assert_non_null(rest);
	for (int i = 0; i < 1000; i++) {
		(void)!read(reader, rest, 1 << 20);
		if (events_finish(e, 10))
			break;
	}
	free(rest);
	(void)close(reader);
}

/* What the file refuses is dropped, counted and done with; when it is there again, all goes on. */
static void test_refused(void **state)
{
	struct events_count count;
	struct events *e;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(events_new(path, 1 << 20, &e), 0);
	assert_true(events_put(e, line, LINE, 7));
	do {
		events_count(e, &count);
	} while (count.waiting_bytes > 0);
	assert_true(count.failing);
	assert_non_null(strstr(count.why, path));
	assert_int_equal(count.dropped_failed, 1);
	assert_int_equal(count.done, 7);
	assert_int_equal(rmdir(path), 0);
	assert_true(events_put(e, line, LINE, 8));
	do {
		events_count(e, &count);
	} while (count.waiting_bytes > 0);
	assert_false(count.failing);
	assert_int_equal(count.written, 1);
	assert_true(events_finish(e, 5000));
	expect_file(path, line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_torn_ends, clear_folder),
		cmocka_unit_test_teardown(test_rotation, clear_folder),
		cmocka_unit_test_teardown(test_no_room, clear_folder),
		cmocka_unit_test_teardown(test_all_are_written, clear_folder),
		cmocka_unit_test_teardown(test_nobody_reads, clear_folder),
		cmocka_unit_test_teardown(test_refused, clear_folder),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
