/* SPDX-License-Identifier: MIT */
/*
 * Short lists that are always read as a whole lie in one column: words as lines, cited packets as "input:packet input:packet",
 * so that who asks with sqlite3 can read them; counts of pictures and hashes as little-endian numbers. What is read back is
 * checked as if a stranger had written it: a file on a disk may be.
 */
#include "base/hash.h"
#include "base/text.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 256, PACKETS_MOST = 256, BINS_MOST = 4096, HASHES_MOST = 4096 };

int word_find(const char *const *words, int n, const char *word)
{
	for (int i = 0; word != NULL && i < n; i++) {
		if (words[i] != NULL && strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

const char *pack_words(struct arena *arena, const char *const *words, size_t n)
{
	const char *parts[2 * WORDS_MOST];
	size_t used = 0;

	for (size_t i = 0; i < n && i < WORDS_MOST; i++) {
		if (used > 0)
			parts[used++] = "\n";
		parts[used++] = words[i];
	}
	return used == 0 ? NULL : arena_join(arena, parts, used);
}

static size_t count_of(const char *text, char between, size_t most)
{
	size_t n = 1;

	for (const char *at = text; n < most && (at = strchr(at, between)) != NULL; at++)
		n++;
	return n;
}

const char *const *unpack_words(struct arena *arena, const char *lines, size_t *n)
{
	const char **list;
	char *at;

	*n = 0;
	if (lines == NULL)
		return NULL;
	at = arena_string(arena, lines);
	list = arena_take(arena, count_of(lines, '\n', WORDS_MOST) * sizeof *list);
	while (list != NULL && at != NULL && *n < WORDS_MOST) {
		char *end = strchr(at, '\n');

		if (end != NULL)
			*end++ = '\0';
		list[(*n)++] = at;
		at = end;
	}
	return list;
}

const char *unite_words(struct arena *arena, const char *first, const char *second)
{
	const char *all[WORDS_MOST];
	size_t n, m, used = 0;
	const char *const *lists[] = {unpack_words(arena, first, &n),
				      unpack_words(arena, second, &m)};

	for (size_t i = 0; i < n + m && used < WORDS_MOST; i++) {
		const char *word = i < n ? lists[0][i] : lists[1][i - n];
		size_t k = 0;

		while (k < used && strcmp(all[k], word) != 0)
			k++;
		if (k == used)
			all[used++] = word;
	}
	return pack_words(arena, all, used);
}

const char *pack_stages(struct arena *arena, const enum stage *stages, size_t n)
{
	const char *words[WORDS_MOST];

	n = n < WORDS_MOST ? n : WORDS_MOST;
	for (size_t i = 0; i < n; i++)
		words[i] = stages[i] == STAGE_NONE ? "none" : stage_words[stages[i]];
	return pack_words(arena, words, n);
}

const enum stage *unpack_stages(struct arena *arena, const char *lines, size_t *n)
{
	const char *const *words = unpack_words(arena, lines, n);
	enum stage *list = *n == 0 ? NULL : arena_take(arena, *n * sizeof *list);

	for (size_t i = 0; list != NULL && i < *n; i++)
		list[i] = word_find(stage_words, STAGE_ATTACKING + 1, words[i]);
	if (list == NULL)
		*n = 0;
	return list;
}

int64_t input_number(const struct store *s, uint32_t input)
{
	return input < STORE_INPUTS && s->input_of[input] >= 0 ? s->input_of[input] : input;
}

const char *pack_packets(const struct store *s, struct arena *arena, const struct where *list,
			 size_t n)
{
	struct text t = {.at = NULL};
	char *out;

	for (size_t i = 0; i < n && i < PACKETS_MOST; i++) {
		if (i > 0)
			text_puts(&t, " ");
		text_number(&t, (uint64_t)input_number(s, list[i].input));
		text_puts(&t, ":");
		text_number(&t, list[i].packet);
	}
	arena->failed |= t.failed;
	out = arena_string(arena, text_string(&t));
	text_fini(&t);
	return out;
}

const struct where *unpack_packets(struct arena *arena, const char *text, size_t *n)
{
	struct where *list;

	*n = 0;
	if (text == NULL || text[0] == '\0')
		return NULL;
	list = arena_take(arena, count_of(text, ' ', PACKETS_MOST) * sizeof *list);
	while (list != NULL && *n < PACKETS_MOST && *text != '\0') {
		char *end;

		list[*n].input = (uint32_t)strtoul(text, &end, 10);
		if (*end != ':')
			break;
		list[(*n)++].packet = strtoull(end + 1, &end, 10);
		text = *end == ' ' ? end + 1 : "";
	}
	return list;
}

static void put_u64(uint8_t *at, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

const void *pack_series(struct arena *arena, const struct series *series, size_t *bytes)
{
	size_t n = series->n < BINS_MOST ? series->n : BINS_MOST;
	uint8_t *out;

	*bytes = n == 0 ? 0 : 16 + 4 * n;
	out = n == 0 ? NULL : arena_take(arena, *bytes);
	if (out == NULL)
		return NULL;
	put_u64(out, (uint64_t)series->start_ns);
	put_u64(out + 8, (uint64_t)series->step_ns);
	for (size_t i = 0; i < n; i++) {
		for (int b = 0; b < 4; b++)
			out[16 + 4 * i + (size_t)b] = (uint8_t)(series->count[i] >> 8 * b);
	}
	return out;
}

struct series unpack_series(struct arena *arena, const void *at, size_t bytes)
{
	const uint8_t *from = at;
	struct series out = {.n = 0};
	uint32_t *count;
	size_t n;

	if (from == NULL || bytes < 20 || bytes % 4 != 0 || bytes > 16 + 4 * BINS_MOST)
		return out;
	n = (bytes - 16) / 4;
	count = arena_take(arena, n * sizeof *count);
	if (count == NULL)
		return out;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *b = from + 16 + 4 * i;

		count[i] = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
			   (uint32_t)b[3] << 24;
	}
	out = (struct series){.start_ns = (int64_t)hash_load(from),
			      .step_ns = (int64_t)hash_load(from + 8),
			      .count = count,
			      .n = n};
	return out.step_ns <= 0 ? (struct series){.n = 0} : out;
}

const void *pack_hashes(struct arena *arena, const uint64_t *list, size_t n, size_t *bytes)
{
	uint8_t *out;

	n = n < HASHES_MOST ? n : HASHES_MOST;
	*bytes = 8 * n;
	out = n == 0 ? NULL : arena_take(arena, *bytes);
	for (size_t i = 0; out != NULL && i < n; i++)
		put_u64(out + 8 * i, list[i]);
	return out;
}

const uint64_t *unpack_hashes(struct arena *arena, const void *at, size_t bytes, size_t *n)
{
	const uint8_t *from = at;
	uint64_t *out;

	*n = bytes / 8 < HASHES_MOST ? bytes / 8 : HASHES_MOST;
	out = *n == 0 ? NULL : arena_take(arena, *n * sizeof *out);
	if (out == NULL)
		*n = 0;
	for (size_t i = 0; i < *n; i++)
		out[i] = hash_load(from + 8 * i);
	return out;
}
