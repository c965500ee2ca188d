/* SPDX-License-Identifier: MIT */
/* Comparing and forgetting secrets in ways that neither time nor the compiler gives away. */
#pragma once

#include <stddef.h>

/* 1 when equal. Takes the same time wherever the first difference is. */
int fu_same(const void *a, const void *b, size_t size);

/* Overwrites with zeros, also where nobody reads them any more. */
void fu_wipe(void *bytes, size_t size);
