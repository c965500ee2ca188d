/* SPDX-License-Identifier: MIT */
/*
 * JA4 after FoxIO's technical description: transport, version, whether a name is asked for, number of suites and extensions,
 * ends of the first ALPN value; then a hash of the sorted suites, and one of the sorted extensions (without server_name and
 * ALPN) with the signature algorithms as they came. GREASE counts nowhere. Lists are sorted by heap sort: a hello of
 * thousands of suites costs no more than its length in microseconds.
 */
#include "proto/ja4.h"

#include "base/hex.h"
#include "base/scan.h"
#include "base/sha256.h"

#include <stdio.h>

enum { MOST = 1024 };

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

static void list_sort(struct list *l)
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

/* "002f,0035,…" */
static void hash_list(struct sha256 *h, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		uint8_t pair[2] = {(uint8_t)(l->at[i] >> 8), (uint8_t)l->at[i]};
		char text[6];

		text[0] = ',';
		hex_lower((struct bytes){pair, 2}, text + 1);
		sha256_update(h, (struct bytes){(const uint8_t *)text + (i == 0), i == 0 ? 4 : 5});
	}
}

static void finish(struct sha256 *h, char out[13])
{
	uint8_t digest[SHA256_SIZE];

	sha256_final(h, digest);
	hex_lower((struct bytes){digest, 6}, out);
}

static void hash_suites(struct list *suites, char out[13])
{
	struct sha256 h;

	memcpy(out, "000000000000", 13);
	if (suites->n == 0)
		return;
	list_sort(suites);
	sha256_init(&h);
	hash_list(&h, suites);
	finish(&h, out);
}

/* Without server_name and ALPN, which the first part speaks of. */
static void hash_extensions(const struct list *all, const struct list *algorithms, char out[13])
{
	struct list kept;
	struct sha256 h;

	kept.n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (all->at[i] != 0x0000 && all->at[i] != 0x0010)
			kept.at[kept.n++] = all->at[i];
	}
	memcpy(out, "000000000000", 13);
	if (kept.n == 0)
		return;
	list_sort(&kept);
	sha256_init(&h);
	hash_list(&h, &kept);
	if (algorithms->n > 0) {
		sha256_update(&h, (struct bytes){(const uint8_t *)"_", 1});
		hash_list(&h, algorithms);
	}
	finish(&h, out);
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

static unsigned at_most_99(size_t n)
{
	return n > 99 ? 99 : (unsigned)n;
}

bool ja4(const struct hello *h, char out[JA4_SIZE])
{
	struct list suites, extensions, algorithms;
	struct cursor c = cursor_over(h->extensions);
	struct bytes content;
	uint16_t type;
	char of_suites[13], of_extensions[13], ends[2];

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
	snprintf(out, JA4_SIZE, "t%s%c%02u%02u%.2s_%s_%s", version_text(h->version),
		 h->named ? 'd' : 'i', at_most_99(suites.n), at_most_99(extensions.n), ends,
		 of_suites, of_extensions);
	return true;
}
