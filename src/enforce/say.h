/* SPDX-License-Identifier: MIT */
#pragma once

/* One line on standard error, its level in front as sd-daemon(3) has it where the journal listens; so many a minute. What of
 * it may come from outside is escaped. */
void enforce_say(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
