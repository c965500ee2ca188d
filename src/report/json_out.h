/* SPDX-License-Identifier: MIT */
/*
 * JSON (RFC 8259) written straight down, without a tree of values in between: a report on 50,000 strangers needs no
 * more memory than a short one. Either two spaces a level, or compact: all on one line, for formats that have an object
 * a line.
 *
 * `struct json j = {.to = to}` begins; every json_open() has its json_close(). A key is NULL inside a list, else a word of
 * our own, with nothing in it to escape: its length is known when this is compiled, hence the functions ending in _as.
 */
#pragma once

#include "base/addr.h"
#include "base/put.h"
#include "base/text.h"

enum { JSON_DEPTH_MAX = 15 };

struct json {
	struct text *to;
	unsigned depth;
	unsigned indent; /* of a member here, with the new line before it */
	bool filled;	 /* the innermost list or object has a member */
	bool compact;
	struct put_minute minute;
};

/*
 * What stands before a member: comma, new line, indentation. Returns where the member itself is to be written, with room
 * for n bytes, or NULL when memory is out; text_took() then says where it ended.
 */
char *json_lead(struct json *j, size_t n);

/* A key and its length. */
#define JSON_KEY(key) (key), (key) == NULL ? 0 : strlen(key)

/* The same and the key. */
char *json_member(struct json *j, const char *key, size_t key_len, size_t n);

void json_open_as(struct json *j, const char *key, size_t key_len, const char *bracket);
void json_close(struct json *j, const char *bracket);
/* Ends a document, or a line of several. */
void json_end(struct json *j);

/* Bytes that need no escape and no quotes: a number, true, null. */
void json_bare_as(struct json *j, const char *key, size_t key_len, const char *value, size_t n);
void json_string_as(struct json *j, const char *key, size_t key_len, const char *value);
void json_word_as(struct json *j, const char *key, size_t key_len, const char *word);
void json_count_as(struct json *j, const char *key, size_t key_len, uint64_t value);

static inline void json_open(struct json *j, const char *key, const char *bracket)
{
	json_open_as(j, JSON_KEY(key), bracket);
}

static inline void json_bare(struct json *j, const char *key, const char *value)
{
	json_bare_as(j, JSON_KEY(key), value, strlen(value));
}

static inline void json_null(struct json *j, const char *key)
{
	json_bare(j, key, "null");
}

static inline void json_bool(struct json *j, const char *key, bool value)
{
	json_bare(j, key, value ? "true" : "false");
}

/* NULL is null. */
static inline void json_string(struct json *j, const char *key, const char *value)
{
	json_string_as(j, JSON_KEY(key), value);
}

/* A word of our own, with nothing in it to escape; NULL is null. */
static inline void json_word(struct json *j, const char *key, const char *word)
{
	json_word_as(j, JSON_KEY(key), word);
}

/* As json_string(), but nothing at all for NULL. */
static inline void json_known(struct json *j, const char *key, const char *value)
{
	if (value != NULL)
		json_string(j, key, value);
}

static inline void json_count(struct json *j, const char *key, uint64_t value)
{
	json_count_as(j, JSON_KEY(key), value);
}

void json_strings(struct json *j, const char *key, const char *const *values, size_t n);
void json_mac(struct json *j, const char *key, const struct mac *mac); /* NULL is null */
void json_addr(struct json *j, const char *key, const struct addr *addr);
void json_macs(struct json *j, const char *key, const struct mac *list, size_t n);
void json_addrs(struct json *j, const char *key, const struct addr *list, size_t n);

void json_time(struct json *j, const char *key, int64_t ns); /* nanoseconds and Z */
/* So many digits of the second, 0 to 9, and the zone as the format spells UTC. */
void json_time_as(struct json *j, const char *key, int64_t ns, unsigned digits, const char *zone);
