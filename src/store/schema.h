/* SPDX-License-Identifier: MIT */
/*
 * Private to the store: the schema, embedded at build from src/store/schema/NNNN.sql by scripts/embed-schema. Entry i makes
 * version i + 1 out of version i; a released one is never edited.
 */
#pragma once

#include <stddef.h>

extern const char *const store_schema[];
extern const size_t store_schema_n;
