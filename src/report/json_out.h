/* SPDX-License-Identifier: MIT */
/*
 * JSON (RFC 8259) written straight down, without a tree of values in between: a report on 50,000 strangers needs no
 * more memory than a short one. Either two spaces a level, or compact: all on one line, for formats that have an object
 * a line.
 *
 * `struct json j = {.to = to}` begins; every json_open() has its json_close(). A key is NULL inside a list.
 */
#pragma once

#include "base/addr.h"
#include "base/text.h"

struct json {
	struct text *to;
	unsigned depth;
	bool filled; /* the innermost list or object has a member */
	bool compact;
};

/* What stands before a value: comma, new line, key. The value itself is then added to `to`. */
void json_member(struct json *j, const char *key);
void json_open(struct json *j, const char *key, const char *bracket);
void json_close(struct json *j, const char *bracket);
/* Ends a document, or a line of several. */
void json_end(struct json *j);

void json_string(struct json *j, const char *key, const char *value); /* NULL is null */
/* As json_string(), but nothing at all for NULL. */
void json_known(struct json *j, const char *key, const char *value);
void json_count(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_strings(struct json *j, const char *key, const char *const *values, size_t n);
void json_mac(struct json *j, const char *key, const struct mac *mac); /* NULL is null */
void json_addr(struct json *j, const char *key, const struct addr *addr);
void json_macs(struct json *j, const char *key, const struct mac *list, size_t n);
void json_addrs(struct json *j, const char *key, const struct addr *list, size_t n);

void json_time(struct json *j, const char *key, int64_t ns); /* nanoseconds and Z */
/* So many digits of the second, 0 to 9, and the zone as the format spells UTC. */
void json_time_as(struct json *j, const char *key, int64_t ns, unsigned digits, const char *zone);
