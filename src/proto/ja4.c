/* SPDX-License-Identifier: MIT */
/*
 * JA4 after FoxIO's technical description: transport, version, whether a name is asked for, number of suites and extensions,
 * ends of the first ALPN value; then a hash of the sorted suites, and one of the sorted extensions (without server_name and
 * ALPN) with the signature algorithms as they came. GREASE counts nowhere. Long lists are sorted by heap sort: a hello of
 * thousands of suites costs no more than its length in microseconds.
 */
#include "proto/ja4.h"

#include "base/hex.h"
#include "base/scan.h"
#include "base/sha256.h"

enum {
	MOST = 1024,
	FEW = 40,
	VALUE_TEXT = 5, /* "002f," */
	HASH_TEXT = 13
};

struct list {
	uint16_t at[MOST];
	size_t n;
	bool full;
};

static void list_add(struct list *l, uint16_t value)
{
	if (hello_is_grease(value))
		return;
	if (l->n == MOST)
		l->full = true;
	else
		l->at[l->n++] = value;
}

static void list_fill(struct list *l, struct bytes pairs)
{
	struct cursor c = cursor_over(pairs);

	while (cursor_left(&c) >= 2 && !l->full)
		list_add(l, cursor_be16(&c));
}

static void sift(uint16_t *v, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		uint16_t held = v[root];

		if (child + 1 < n && v[child + 1] > v[child])
			child++;
		if (v[child] <= held)
			return;
		v[root] = v[child];
		v[child] = held;
	}
}

static void heap_sort(struct list *l)
{
	for (size_t i = l->n / 2; i > 0; i--)
		sift(l->at, i - 1, l->n);
	for (size_t i = l->n; i > 1; i--) {
		uint16_t held = l->at[0];

		l->at[0] = l->at[i - 1];
		l->at[i - 1] = held;
		sift(l->at, 0, i - 1);
	}
}

/* Honest lists are short: each value is put in its place among those before it. */
static void list_sort(struct list *l)
{
	if (l->n > FEW) {
		heap_sort(l);
		return;
	}
	for (size_t i = 1; i < l->n; i++) {
		uint16_t held = l->at[i];
		size_t to = i;

		for (; to > 0 && l->at[to - 1] > held; to--)
			l->at[to] = l->at[to - 1];
		l->at[to] = held;
	}
}

/* What is hashed: two lists at most. */
struct text {
	char at[2 * MOST * VALUE_TEXT];
	size_t n;
};

/* "002f,0035,…" */
static void add_list(struct text *t, const struct list *l)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < l->n; i++) {
		char *to = t->at + t->n;

		to[0] = digits[l->at[i] >> 12];
		to[1] = digits[l->at[i] >> 8 & 15];
		to[2] = digits[l->at[i] >> 4 & 15];
		to[3] = digits[l->at[i] & 15];
		to[4] = ',';
		t->n += VALUE_TEXT;
	}
	if (l->n > 0)
		t->n--; /* the last comma */
}

static void hash_text(const struct text *t, char out[HASH_TEXT])
{
	uint8_t digest[SHA256_SIZE];

	sha256((struct bytes){(const uint8_t *)t->at, t->n}, digest);
	hex_lower((struct bytes){digest, (HASH_TEXT - 1) / 2}, out);
}

static void hash_suites(struct list *suites, char out[HASH_TEXT])
{
	struct text text;

	text.n = 0;
	memcpy(out, "000000000000", HASH_TEXT);
	if (suites->n == 0)
		return;
	list_sort(suites);
	add_list(&text, suites);
	hash_text(&text, out);
}

/* Without server_name and ALPN, which the first part speaks of. */
static void hash_extensions(const struct list *all, const struct list *algorithms,
			    char out[HASH_TEXT])
{
	struct list kept;
	struct text text;

	kept.n = text.n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (all->at[i] != 0x0000 && all->at[i] != 0x0010)
			kept.at[kept.n++] = all->at[i];
	}
	memcpy(out, "000000000000", HASH_TEXT);
	if (kept.n == 0)
		return;
	list_sort(&kept);
	add_list(&text, &kept);
	if (algorithms->n > 0) {
		text.at[text.n++] = '_';
		add_list(&text, algorithms);
	}
	hash_text(&text, out);
}

static const char *version_text(uint16_t version)
{
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	default:
		return "00";
	}
}

/* First and last character, or of their hex text when either is no letter or digit. */
static void alpn_ends(struct bytes alpn, char out[2])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t first, last;

	out[0] = out[1] = '0';
	if (alpn.len == 0)
		return;
	first = alpn.at[0];
	last = alpn.at[alpn.len - 1];
	if (ascii_is_alnum(first) && ascii_is_alnum(last)) {
		out[0] = (char)first;
		out[1] = (char)last;
	} else {
		out[0] = digits[first >> 4];
		out[1] = digits[last & 15];
	}
}

static void put_count(char to[2], size_t n)
{
	n = n > 99 ? 99 : n;
	to[0] = (char)('0' + n / 10);
	to[1] = (char)('0' + n % 10);
}

bool ja4(const struct hello *h, char out[JA4_SIZE])
{
	struct list suites, extensions, algorithms;
	struct cursor c = cursor_over(h->extensions);
	struct bytes content;
	uint16_t type;
	char of_suites[HASH_TEXT], of_extensions[HASH_TEXT], ends[2];

	suites.n = extensions.n = algorithms.n = 0;
	suites.full = extensions.full = algorithms.full = false;
	list_fill(&suites, h->suites);
	list_fill(&algorithms, h->algorithms);
	while (!extensions.full && hello_next_extension(&c, &type, &content))
		list_add(&extensions, type);
	if (suites.full || extensions.full || algorithms.full)
		return false;
	hash_suites(&suites, of_suites);
	hash_extensions(&extensions, &algorithms, of_extensions);
	alpn_ends(h->alpn, ends);
	out[0] = 't';
	memcpy(out + 1, version_text(h->version), 2);
	out[3] = h->named ? 'd' : 'i';
	put_count(out + 4, suites.n);
	put_count(out + 6, extensions.n);
	memcpy(out + 8, ends, 2);
	out[10] = '_';
	memcpy(out + 11, of_suites, HASH_TEXT - 1);
	out[23] = '_';
	memcpy(out + 24, of_extensions, HASH_TEXT);
	return true;
}
