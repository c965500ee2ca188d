/* SPDX-License-Identifier: MIT */
/*
 * Which of two firmware versions is the older one. Makers number as they like, so the answer is often "can't be said",
 * and that is kept apart from "equal".
 */
#pragma once

#include "base/bytes.h"

enum version_order { VERSION_OLDER, VERSION_EQUAL, VERSION_NEWER, VERSION_UNCLEAR };

/*
 * a against b: runs of digits as numbers, runs of letters byte by byte in any case, from the left; a V before the first
 * number and what stands between runs do not count, "1.3" is "1.3.0". Unclear: a text that is no version, a number
 * against letters, letters left over, another word at the head, a date ("20240412") against a version.
 */
enum version_order version_compare(struct bytes a, struct bytes b);

/* The version without blanks at its ends and without a V before its first number. */
struct bytes version_without_v(struct bytes version);
