/* SPDX-License-Identifier: MIT */
/*
 * What the service of `cordon watch` answers to {"cmd":"status"}, put into words. Whatever is missing in it is passed over: the
 * service may be older or newer than this program.
 */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Adds the answer to the text: in plain words, or as it came, on one line. 0; -EBADMSG when it is none, and *why (static
 * text) says what it is.
 */
int status_answer(const char *line, size_t len, bool json, bool utf8, struct text *to,
		  const char **why);
