/* SPDX-License-Identifier: MIT */
/* Asking the running service of `cordon watch` over its control socket. */
#pragma once

#include "base/text.h"

#include <stdbool.h>

/*
 * Sends the request, one line of JSON with its end, and appends the answer, one line without. path: of the socket; NULL: that of
 * the settings. Returns an exit status, after one line of what is wrong.
 */
/* Does nobody listen there? False when somebody does, however badly, and where the settings name no socket. */
bool control_nobody(const char *path);

int control_ask(const char *verb, const char *path, const struct text *request,
		struct text *answer);
