/* SPDX-License-Identifier: MIT */
/* Fields of a form as browsers send them: application/x-www-form-urlencoded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The first field of that name, decoded and closed by a zero. False: it is not there, does not fit, or holds a zero. */
bool form_field(const char *body, size_t n, const char *name, char *to, size_t size);
