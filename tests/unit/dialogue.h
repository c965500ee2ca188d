/* SPDX-License-Identifier: MIT */
/*
 * Conversations over TCP as tables, and the ways in which a network hands them over: whole, in single bytes, and broken
 * off after every byte. What is told must not depend on how it is cut.
 */
#pragma once

#include "../parsing.h"

struct said {
	bool client;
	const char *text;
	size_t len;
};

#define C(text)                                                                                    \
	{                                                                                          \
		true, (text), sizeof(text) - 1                                                     \
	}
#define S(text)                                                                                    \
	{                                                                                          \
		false, (text), sizeof(text) - 1                                                    \
	}
#define SAID(table) (table), sizeof(table) / sizeof *(table)

/* Pieces of so many bytes, and no more than `upto` in all. */
static inline void dialogue_feed(struct parsing *p, const struct said *said, size_t n, size_t piece,
				 size_t upto)
{
	for (size_t i = 0; i < n && upto > 0; i++) {
		size_t len = said[i].len < upto ? said[i].len : upto;

		upto -= len;
		for (size_t at = 0; at < len; at += piece)
			parsing_stream(p, said[i].client, said[i].text + at,
				       len - at < piece ? len - at : piece, false, false);
	}
}

static inline void dialogue_end(struct parsing *p)
{
	parsing_stream(p, true, NULL, 0, false, true);
	parsing_stream(p, false, NULL, 0, false, true);
}

static inline void dialogue_expect(const struct proto *proto, uint16_t port,
				   const struct said *said, size_t n, const char *expected)
{
	static struct parsing p;
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += said[i].len;
	for (size_t piece = 0; piece < 3; piece++) { /* whole, in ones, in twos */
		parsing_init(&p, proto, 40000, port);
		dialogue_feed(&p, said, n, piece == 0 ? SIZE_MAX / 2 : piece, SIZE_MAX);
		dialogue_end(&p);
		assert_string_equal(p.text, expected);
		parsing_fini(&p);
	}
	for (size_t upto = 0; upto < all; upto++) { /* nothing else is told of a part */
		parsing_init(&p, proto, 40000, port);
		dialogue_feed(&p, said, n, SIZE_MAX / 2, upto);
		assert_true(strncmp(p.text, expected, p.len) == 0);
		parsing_fini(&p);
	}
}

static inline enum match dialogue_mine(const struct proto *proto, uint16_t port, bool client,
				       const char *text, size_t len)
{
	static struct parsing p;
	enum match match;

	parsing_init(&p, proto, 40000, port);
	match = parsing_mine(&p, client, text, len);
	parsing_fini(&p);
	return match;
}

#define MINE(proto, port, client, text)                                                            \
	dialogue_mine((proto), (port), (client), (text), sizeof(text) - 1)
