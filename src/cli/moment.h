/* SPDX-License-Identifier: MIT */
/*
 * A moment as people and notices write it: RFC 3339 with its zone, also with a blank for the T and UTC or GMT for the Z.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum moment {
	MOMENT_OK,
	MOMENT_NO_ZONE, /* a time, but of which zone? */
	MOMENT_WRONG
};

/* Nanoseconds since 1970, UTC; years 1970 to 2200. */
enum moment moment_parse(const char *s, int64_t *ns);
