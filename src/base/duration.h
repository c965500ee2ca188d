/* SPDX-License-Identifier: MIT */
/*
 * A span of time as settings and options have it: a number and one unit, "10s", "5m", "2h", "30d". A number without a unit is
 * none: who writes "--since 24" means hours as easily as seconds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds, 0 and up; false when the text is no duration, or longer than about 290 years. */
bool duration_parse(const char *s, int64_t *ns);
