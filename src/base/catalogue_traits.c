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
	REQUEST_MAX = 512 /* of a request is compared */
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
	struct bytes target = pattern, method = bytes_cut(&target, ' ');

	if (bytes_begin(pattern, "."))
		return ANY_LETTER;
	for (size_t i = 0; i < method.len; i++) {
		if (strchr("*?#(\\", method.at[i]) != NULL)
			return ANY_LETTER;
	}
	if (bytes_begin(target, "/"))
		target = bytes_from(target, 1);
	if (target.len > 0 && strchr("*?#()\\/", target.at[0]) != NULL)
		return ANY_LETTER;
	return letter_of(target);
}

bool catalogue_order_traits(struct catalogue *c)
{
	size_t n = 0, most = 0;

	if (!order_traits(c))
		return false;
	for (uint32_t i = c->of_trait[TRAIT_REQUEST]; i < c->of_trait[TRAIT_REQUEST + 1]; i++)
		most += pattern_letter(c->traits[i].pattern) == ANY_LETTER ? LETTERS : 1;
	c->requests = arena_take(&c->arena, most * sizeof *c->requests);
	if (c->requests == NULL)
		return false;
	for (unsigned letter = 0; letter < LETTERS; letter++) {
		c->of_letter[letter] = (uint32_t)n;
		for (uint32_t i = c->of_trait[TRAIT_REQUEST]; i < c->of_trait[TRAIT_REQUEST + 1];
		     i++) {
			unsigned one = pattern_letter(c->traits[i].pattern);

			if (one == letter || one == ANY_LETTER)
				c->requests[n++] = i;
		}
	}
	c->of_letter[LETTERS] = (uint32_t)n;
	return true;
}

static bool is_trait(const struct trait *t, struct bytes value, struct bytes second)
{
	struct bytes capture;

	return pattern_match(t->pattern, value, &capture) &&
	       (t->kind != TRAIT_REQUEST || t->second.at == NULL ||
		pattern_match(t->second, second, &capture));
}

const struct trait *catalogue_trait(const struct catalogue *c, enum trait_kind kind,
				    struct bytes value, struct bytes second)
{
	for (uint32_t i = c->of_trait[kind]; i < c->of_trait[kind + 1]; i++) {
		if (is_trait(&c->traits[i], value, second))
			return &c->traits[i];
	}
	return NULL;
}

const struct trait *catalogue_request(const struct catalogue *c, struct bytes method,
				      struct bytes target, struct bytes body)
{
	uint8_t letter = letter_of(target), text[REQUEST_MAX];
	uint32_t from = c->of_letter[letter], to = c->of_letter[letter + 1];
	struct bytes line = {.at = text, .len = method.len + 1};

	if (from == to || line.len > sizeof text)
		return NULL;
	target = bytes_upto(target, sizeof text - line.len);
	if (method.len > 0)
		memcpy(text, method.at, method.len);
	text[method.len] = ' ';
	if (target.len > 0)
		memcpy(text + line.len, target.at, target.len);
	line.len += target.len;
	for (uint32_t i = from; i < to; i++) {
		const struct trait *t = &c->traits[c->requests[i]];

		if (is_trait(t, line, body))
			return t;
	}
	return NULL;
}
