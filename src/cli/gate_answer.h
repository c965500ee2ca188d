/* SPDX-License-Identifier: MIT */
/*
 * What the service answered of the first-use gate (watch/control_gate.h), in words. All return 0 and add to `to`; -EBADMSG: it is no
 * such answer; -ENOMEM; -EPERM: it refused, and `why` gets its words, which are not escaped.
 */
#pragma once

#include "base/text.h"

#include <stdbool.h>

/* The list. */
int gate_answer_list(const struct text *answer, bool utf8, struct text *to, struct text *why);
/* The answer to a word on a device. */
int gate_answer_word(const struct text *answer, bool utf8, struct text *to, struct text *why);
