/* SPDX-License-Identifier: MIT */
/*
 * Looks a MAC up in the embedded lists of the IEEE. Blocks of 24 bits (MA-L), 28 (MA-M) and 36 (MA-S and the older
 * IAB) lie in one table each, as sorted rows of bytes: 42 000 prefixes take 300 kB and a look-up at most 38 comparisons.
 * A MAC proves nothing: anybody can send any, so this is the weakest of all signals.
 */
#include "base/prefixes.h"

#include <stdint.h>
#include <string.h>

enum {
	KEY_SHORTEST = 3, /* bytes of a 24-bit prefix; each further table has one more */
	PLACE = 3,	  /* bytes of a place among the names */
	GROUP = 1,
	LOCAL = 2
};

static const char *find(const struct prefixes_table *table, const uint8_t *key, size_t key_len)
{
	size_t row = key_len + PLACE, low = 0, high = table->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *at = table->rows + middle * row;
		int order = memcmp(key, at, key_len);
		uint8_t place[PLACE];

		if (order < 0) {
			high = middle;
		} else if (order > 0) {
			low = middle + 1;
		} else {
			memcpy(place, at + key_len, sizeof place);
			return prefixes_names +
			       ((size_t)place[0] << 16 | (size_t)place[1] << 8 | place[2]);
		}
	}
	return NULL;
}

const char *prefixes_organisation(const struct mac *mac)
{
	const char *name = NULL;

	if ((mac->b[0] & (GROUP | LOCAL)) != 0)
		return NULL;
	for (size_t i = PREFIXES_TABLES; i-- > 0 && name == NULL;) {
		struct mac key = *mac;
		size_t len = KEY_SHORTEST + i;

		/* 28 and 36 bits end in the middle of a byte. */
		if (i > 0)
			key.b[len - 1] &= 0xf0;
		name = find(&prefixes_tables[i], key.b, len);
	}
	return name;
}
