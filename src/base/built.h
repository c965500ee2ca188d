/* SPDX-License-Identifier: MIT */
/*
 * The day a firmware was built, as devices write it. A clock that was never set writes 1970 or 2000: nothing before
 * 2008 is believed. Whether a date lies in the future the caller must know, who knows the time of the packet.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* Days since 1970-01-01 of a day that exists, from 2008 to 2099; false for any other. */
bool built_day(int64_t year, int64_t month, int64_t day, int32_t *out);

/*
 * "2020-11-24 16:47:14", "2014/12/05", "20170420", "Nov 24 2020", "24 Nov 2020", and "build 170124" (year, month, day)
 * anywhere in a text. False when it is none of these or no day that is believed.
 */
bool built_parse(struct bytes text, int32_t *day);

/* Only the last of these forms, as in "V5.4.0 build 160530". */
bool built_of_build(struct bytes firmware, int32_t *day);

/* Eight digits YYYYMMDD at the end of a version, as in "V4.02.R11.Nat.20170301". */
bool built_at_end(struct bytes firmware, int32_t *day);
