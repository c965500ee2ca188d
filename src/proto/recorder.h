/* SPDX-License-Identifier: MIT */
/*
 * What the private protocols of video recorders have in common: little-endian headers, logins as JSON, hashes of eight
 * letters.
 */
#pragma once

#include "base/json.h"
#include "base/scan.h"
#include "proto/proto.h"

static inline uint16_t recorder_le16(struct cursor *c)
{
	return __builtin_bswap16(cursor_be16(c));
}

static inline uint32_t recorder_le32(struct cursor *c)
{
	return __builtin_bswap32(cursor_be32(c));
}

/* Eight of 0-9 A-Z a-z: what the hash that Xiongmai and Dahua's first generation share looks like. */
static inline bool recorder_is_sofia(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = ascii_lower(b.at[i]);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z'))
			return false;
	}
	return b.len == 8;
}

/* Text of JSON for a login: with escapes in it, it is not what was typed. */
static inline void recorder_put(struct login *l, char *field, size_t size, struct bytes text)
{
	login_put(l, field, size, text);
	if (text.len > 0 && memchr(text.at, '\\', text.len) != NULL)
		l->cut = true;
}
#define RECORDER_PUT(login, field, text)                                                           \
	recorder_put((login), (login)->field, sizeof(login)->field, (text))

static inline bool recorder_is_json(struct bytes b)
{
	return b.len > 0 && b.at[0] == '{';
}

/* Tells the value at a path when there is one. */
static inline bool recorder_tell(struct telling *to, const struct talk *t, enum signal signal,
				 struct bytes json, const char *path)
{
	struct bytes value;

	if (!json_find(json, path, &value))
		return false;
	tell(to, t, signal, SENDER, value);
	return true;
}
