/* SPDX-License-Identifier: MIT */
/*
 * Lines on standard error of a service, see log.h. JOURNAL_STREAM names device and inode of the stream that the journal
 * reads (systemd.exec(5)): only when standard error is that very stream do levels stand before lines.
 */
#include "watch/log.h"

#include "base/text.h"
#include "base/timespan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MOST = 6000 /* a path may be 4096 bytes */ };
#define LIMIT_NS (600 * NS_PER_S)

/* Written by log_begin() alone. */
static struct {
	const char *program;
	enum log_level most;
	bool json;
	bool journal;
} set = {.program = "cordon", .most = LEVEL_INFO};

static bool is_journal(void)
{
	/* Threads begin later. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char *end;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	device = strtoull(stream, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoull(end + 1, &end, 10);
	return *end == '\0' && device == st.st_dev && inode == st.st_ino;
}

void log_begin(const char *program, bool json, enum log_level most)
{
	set.program = program;
	set.json = json;
	set.most = most;
	set.journal = is_journal();
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t = {0};

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LEVEL_ERROR:
		return "error";
	case LEVEL_WARNING:
		return "warning";
	case LEVEL_NOTICE:
		return "notice";
	case LEVEL_INFO:
		return "info";
	default:
		return "debug";
	}
}

static void put_json(struct text *to, enum log_level level, const char *message)
{
	text_puts(to, "{\"time\":\"");
	text_time(to, clock_ns(CLOCK_REALTIME));
	text_puts(to, "\",\"level\":\"");
	text_puts(to, level_word(level));
	text_puts(to, "\",\"program\":\"");
	text_puts(to, set.program);
	text_puts(to, "\",\"message\":");
	text_json(to, message);
	text_puts(to, "}\n");
}

static void say(enum log_level level, const char *message)
{
	struct text line = {0};

	if (set.journal)
		text_printf(&line, "<%d>", (int)level);
	if (set.json) {
		put_json(&line, level, message);
	} else {
		text_puts(&line, set.program);
		text_puts(&line, ": ");
		text_plain(&line, message, true);
		text_puts(&line, "\n");
	}
	/* Where standard error itself fails there is nobody left to tell. */
	if (!line.failed && write(STDERR_FILENO, line.at, line.len) < 0)
		line.failed = true;
	text_fini(&line);
}

void log_line(enum log_level level, const char *format, ...)
{
	char message[MESSAGE_MOST];
	va_list args;

	if (level > set.most)
		return;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	say(level, message);
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	char message[MESSAGE_MOST];
	va_list args;
	int n;

	if (now < limit->next_ns) {
		limit->held++;
		return;
	}
	va_start(args, format);
	n = vsnprintf(message, sizeof message, format, args);
	va_end(args);
	if (limit->held > 0 && n >= 0 && (size_t)n < sizeof message)
		(void)snprintf(message + n, sizeof message - (size_t)n,
			       " (%llu more such lines were held back)",
			       (unsigned long long)limit->held);
	limit->next_ns = now + LIMIT_NS;
	limit->held = 0;
	if (level <= set.most)
		say(level, message);
}

const char *log_error(int err, char room[LOG_ERROR_TEXT])
{
	return strerror_r(err, room, LOG_ERROR_TEXT);
}
