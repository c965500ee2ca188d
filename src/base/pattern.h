/* SPDX-License-Identifier: MIT */
/*
 * Patterns of knowledge/ (design rule 13): literal text in which `*` stands for any run of bytes, `?` for one byte and
 * `#` for one digit; `(*)` or `(#*)`-like groups are the capture, one at most: "DCS-(*)_*", "AXIS (*) - *". `\` takes the
 * next byte as it stands. A pattern that begins with a dot, ".xmeye.net", is a domain: the name itself and all below it.
 * ASCII letters match in both cases; the whole value must match. No regular expressions: matching takes at most
 * value × pattern steps, whatever a stranger sends.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum { PATTERN_MAX = 160 };

/* NULL when it is a pattern, else what is wrong with it (static text). */
const char *pattern_check(struct bytes pattern);

/*
 * Does the whole value match? *capture is what the group took (empty, at == NULL, when the pattern has none); of several
 * ways to match, each `*` takes as little as possible, from the left.
 */
bool pattern_match(struct bytes pattern, struct bytes value, struct bytes *capture);
