/* SPDX-License-Identifier: MIT */
/*
 * Names as UUIDs of version 5 (RFC 9562, section 5.5): the same name in the same namespace is the same UUID for
 * everybody, so a report made twice is recognised as one.
 */
#pragma once

#include "base/bytes.h"

enum { UUID_SIZE = 16, UUID_TEXT_MAX = 37 };

struct uuid {
	uint8_t b[UUID_SIZE];
};

/* Writes "2ed6657d-e927-568b-95e1-2665a8aea6a2" and a NUL; returns out. */
char *uuid_of_name(const struct uuid *space, struct bytes name, char out[UUID_TEXT_MAX]);
