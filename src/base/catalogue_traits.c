/* SPDX-License-Identifier: MIT */
/*
 * Looking up what malware.tsv knows. Of most kinds values are few, and every pattern is tried. Requests are many and
 * nearly all of them harmless: their patterns stand in lists by the letter that the target begins with behind its slash,
 * so that a request is compared with the few that could be it, whatever a stranger asks for. A pattern that begins with
 * a wildcard there is in every list.
 */
#include "base/catalogue_lines.h"
#include "base/pattern.h"
#include "base/scan.h"

enum {
	LETTERS = 256,
	ANY_LETTER = LETTERS,
	TARGET_MAX = 512 /* of a target is compared */
};

/* By kind, and of one kind in the order of the files. */
static bool order_traits(struct catalogue *c)
{
	struct trait *sorted = arena_take(&c->arena, c->traits_n * sizeof *sorted);
	uint32_t next[TRAIT_KINDS];

	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < c->traits_n; i++)
		c->of_trait[c->traits[i].kind + 1]++;
	for (int k = 0; k < TRAIT_KINDS; k++) {
		next[k] = c->of_trait[k];
		c->of_trait[k + 1] += c->of_trait[k];
	}
	for (size_t i = 0; i < c->traits_n; i++)
		sorted[next[c->traits[i].kind]++] = c->traits[i];
	c->traits = sorted;
	return true;
}

static uint8_t letter_of(struct bytes target)
{
	if (bytes_begin(target, "/"))
		target = bytes_from(target, 1);
	return target.len == 0 ? 0 : ascii_lower(target.at[0]);
}

/* Of a pattern over "METHOD target", or ANY_LETTER. */
static unsigned pattern_letter(struct bytes pattern)
{
	struct bytes target = pattern;

	bytes_cut(&target, ' ');
	if (bytes_begin(target, "/"))
		target = bytes_from(target, 1);
	if (target.len == 0 || strchr(".*?#()\\/", target.at[0]) != NULL)
		return ANY_LETTER;
	return letter_of(target);
}

/* A letter, digit or mark as one of 64 bits; others share the last ones. */
static uint64_t bit_of(uint8_t c)
{
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'z')
		return UINT64_C(1) << (c - 'a');
	return UINT64_C(1) << (c >= '0' && c <= '9' ? 26 + c - '0' : 36 + c % 28);
}

/* What a target must hold for a pattern over "METHOD target" to match it. */
static uint64_t needs_of(struct bytes pattern)
{
	struct bytes target = pattern;
	uint64_t needs = 0;

	bytes_cut(&target, ' ');
	for (size_t i = 0; i < target.len; i++) {
		if (target.at[i] == '\\' && i + 1 < target.len)
			i++;
		else if (strchr("*?#()", target.at[i]) != NULL)
			continue;
		needs |= bit_of(target.at[i]);
	}
	return needs;
}

static uint64_t bits_of(const struct catalogue *c, struct bytes target)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < target.len; i++)
		bits |= c->request_bits[target.at[i]];
	return bits;
}

bool catalogue_order_traits(struct catalogue *c)
{
	size_t n = 0, most = 0;

	if (!order_traits(c))
		return false;
	for (uint32_t i = c->of_trait[TRAIT_REQUEST]; i < c->of_trait[TRAIT_REQUEST + 1]; i++)
		most += pattern_letter(c->traits[i].pattern) == ANY_LETTER ? LETTERS : 1;
	c->requests = arena_take(&c->arena, most * sizeof *c->requests);
	c->request_needs = arena_take(&c->arena, most * sizeof *c->request_needs);
	if (c->requests == NULL || c->request_needs == NULL)
		return false;
	for (unsigned letter = 0; letter < LETTERS; letter++) {
		c->request_bits[letter] = bit_of((uint8_t)letter);
		c->of_letter[letter] = (uint32_t)n;
		for (uint32_t i = c->of_trait[TRAIT_REQUEST]; i < c->of_trait[TRAIT_REQUEST + 1];
		     i++) {
			unsigned one = pattern_letter(c->traits[i].pattern);

			if (one != letter && one != ANY_LETTER)
				continue;
			c->request_needs[n] = needs_of(c->traits[i].pattern);
			c->requests[n++] = i;
		}
	}
	c->of_letter[LETTERS] = (uint32_t)n;
	return true;
}

static uint8_t first_of(struct bytes value)
{
	return value.len == 0 ? 0 : ascii_lower(value.at[0]);
}

/* Most values differ in their first byte already: `first` is first_of() it. */
static inline bool may_fit(struct bytes pattern, uint8_t first)
{
	uint8_t c = pattern.len == 0 ? 0 : pattern.at[0];

	return c == 0 || ascii_lower(c) == first ||
	       (!ascii_is_alnum(c) && strchr(".*?#(\\", c) != NULL);
}

static bool fits(struct bytes pattern, struct bytes value)
{
	struct bytes capture;

	return may_fit(pattern, first_of(value)) && pattern_match(pattern, value, &capture);
}

/* Method and target each for itself, so that a wildcard for the one never reaches into the other. */
static bool is_request(const struct trait *t, struct bytes method, struct bytes target,
		       struct bytes body)
{
	struct bytes rest = t->pattern, first = bytes_cut(&rest, ' ');

	return fits(rest, target) && fits(first, method) &&
	       (t->second.at == NULL || fits(t->second, body));
}

const struct trait *catalogue_trait(const struct catalogue *c, enum trait_kind kind,
				    struct bytes value, struct bytes second)
{
	struct bytes target = value, method = bytes_cut(&target, ' ');
	uint8_t first = first_of(value);

	for (uint32_t i = c->of_trait[kind]; i < c->of_trait[kind + 1]; i++) {
		const struct trait *t = &c->traits[i];

		if (kind == TRAIT_REQUEST ? is_request(t, method, target, second)
					  : may_fit(t->pattern, first) && fits(t->pattern, value))
			return t;
	}
	return NULL;
}

const struct trait *catalogue_request(const struct catalogue *c, struct bytes method,
				      struct bytes target, struct bytes body)
{
	uint8_t letter = letter_of(target);
	uint64_t bits;

	target = bytes_upto(target, TARGET_MAX);
	bits = bits_of(c, target);
	for (uint32_t i = c->of_letter[letter]; i < c->of_letter[letter + 1]; i++) {
		const struct trait *t = &c->traits[c->requests[i]];

		if ((c->request_needs[i] & ~bits) == 0 && is_request(t, method, target, body))
			return t;
	}
	return NULL;
}
