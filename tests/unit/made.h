/* SPDX-License-Identifier: MIT */
/*
 * Messages made by hand for the tests of parsers, and what is asked of every parser: that half a message tells nothing
 * that the whole one does not. Include after cmocka.h.
 */
#pragma once

#include "../parsing.h"

struct made {
	uint8_t at[1 << 14];
	size_t len;
};

static inline void made_put(struct made *w, const void *bytes, size_t n)
{
	assert_true(w->len + n <= sizeof w->at);
	memcpy(w->at + w->len, bytes, n);
	w->len += n;
}

static inline void made_text(struct made *w, const char *text)
{
	made_put(w, text, strlen(text));
}

/* n bytes, big-endian. */
static inline void made_be(struct made *w, uint32_t value, unsigned n)
{
	for (unsigned i = n; i > 0; i--) {
		uint8_t byte = (uint8_t)(value >> 8 * (i - 1));

		made_put(w, &byte, 1);
	}
}

static inline void made_fill(struct made *w, uint8_t byte, size_t n)
{
	while (n-- > 0)
		made_put(w, &byte, 1);
}

/* A length field of n bytes, filled in by made_close() with what came behind it. */
static inline size_t made_open(struct made *w, unsigned n)
{
	made_be(w, 0, n);
	return w->len;
}

static inline void made_close(struct made *w, size_t from, unsigned n)
{
	size_t end = w->len;

	w->len = from - n;
	made_be(w, (uint32_t)(end - from), n);
	w->len = end;
}

/* Every line of part stands in whole too. */
static inline void expect_within(const char *part, const char *whole)
{
	while (*part != '\0') {
		size_t n = strcspn(part, "\n") + 1;
		char line[2 * PARSING_TEXT / 64];

		assert_true(n < sizeof line);
		memcpy(line, part, n);
		line[n] = '\0';
		if (strstr(whole, line) == NULL)
			fail_msg("half a message told: %s", line);
		part += n;
	}
}

/* A datagram from `sport`, whole: what it tells. The text is that of *p. */
static inline void expect_datagram(const struct proto *proto, uint16_t sport, uint16_t dport,
				   const struct made *w, bool mine, const char *told)
{
	static struct parsing p;

	parsing_init(&p, proto, sport, dport);
	assert_int_equal(parsing_datagram(&p, true, w->at, w->len), mine);
	assert_string_equal(p.text, told);
	parsing_fini(&p);
}

/* The same datagram cut at every length. */
static inline void cut_datagram(const struct proto *proto, uint16_t sport, uint16_t dport,
				const struct made *w, const char *told)
{
	static struct parsing p;

	for (size_t n = 0; n <= w->len; n++) {
		parsing_init(&p, proto, sport, dport);
		parsing_mine(&p, true, w->at, n);
		parsing_datagram(&p, true, w->at, n);
		expect_within(p.text, told);
		parsing_fini(&p);
	}
}

/* One byte changed at a time: nothing to expect but that it survives. */
static inline void spoil_datagram(const struct proto *proto, uint16_t sport, uint16_t dport,
				  const struct made *w)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	static struct parsing p;
	static struct made spoilt;

	for (size_t i = 0; i < w->len * sizeof values; i++) {
		spoilt = *w;
		spoilt.at[i / sizeof values] = values[i % sizeof values];
		parsing_init(&p, proto, sport, dport);
		parsing_mine(&p, true, spoilt.at, spoilt.len);
		parsing_datagram(&p, true, spoilt.at, spoilt.len);
		parsing_fini(&p);
	}
}

static inline enum match mine_of(const struct proto *proto, uint16_t sport, uint16_t dport,
				 const void *at, size_t len)
{
	static struct parsing p;
	enum match match;

	parsing_init(&p, proto, sport, dport);
	match = parsing_mine(&p, true, at, len);
	parsing_fini(&p);
	return match;
}
