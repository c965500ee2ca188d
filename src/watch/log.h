/* SPDX-License-Identifier: MIT */
/*
 * What the programs behind `cordon watch` say to whoever runs them: one line on standard error, in one write, escaped as a
 * whole so that nothing in it commands a terminal or makes it two lines. With systemd as the parent each line begins with
 * its level, as sd-daemon(3) has it; or each is an object of JSON. Any thread may call this.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As syslog(3) numbers them. */
enum log_level {
	LEVEL_ERROR = 3,
	LEVEL_WARNING = 4,
	LEVEL_NOTICE = 5,
	LEVEL_INFO = 6,
	LEVEL_DEBUG = 7
};

enum { LOG_ERROR_TEXT = 80 };

/* Once, before there are threads. What is said above that level is left out. */
void log_begin(const char *program, bool json, enum log_level most);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The same for what may happen again and again: one line in ten minutes, with how many were held back. `{0}` begins. Each
 * limit belongs to one thread.
 */
struct log_limit {
	int64_t next_ns;
	uint64_t held;
};
void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The system's words for an errno value, in the room. */
const char *log_error(int err, char room[LOG_ERROR_TEXT]);
