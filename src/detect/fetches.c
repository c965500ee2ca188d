/* SPDX-License-Identifier: MIT */
/*
 * Reading the values of elf_fetched ("bare 203.0.113.9/bins/mirai.arm7"), elf_raw ("tftp mirai.arm7") and of exploit
 * facts (a number of malware.tsv). Makers name the servers of their updates, since addresses change and certificates
 * bear names; loaders are told an address. What came from a named server is therefore never held against anybody.
 */
#include "detect/fetches.h"

#include "base/scan.h"

const struct trait *trait_numbered(const struct catalogue *c, struct bytes number)
{
	int64_t n = bytes_number(number);

	if (n < 0 || (uint64_t)n >= c->traits_n || c->traits[n].kind != TRAIT_REQUEST)
		return NULL;
	return &c->traits[n];
}

static const struct trait *named_file(const struct story *story, struct bytes value)
{
	const struct trait *t = value.len == 0 ? NULL
					       : catalogue_trait(story->catalogue, TRAIT_FILE,
								 value, (struct bytes){NULL, 0});

	return t == NULL || t->family == NULL || t->confidence == CLAIM_LOW ? NULL : t;
}

const struct trait *fetch_file(const struct story *story, struct bytes path)
{
	const struct trait *t = named_file(story, path);
	size_t name = path.len;

	while (name > 0 && path.at[name - 1] != '/')
		name--;
	return t != NULL || name == 0 ? t : named_file(story, bytes_from(path, name));
}

struct fetch fetch_of(const struct story *story, const struct told *told)
{
	struct fetch f = {.from = told->value, .abroad = addr_is_public(&told->fact->peer)};
	struct bytes word = bytes_cut(&f.from, ' ');

	if (bytes_are(word, "bare"))
		f.how = FETCH_BARE;
	else if (bytes_are(word, "dropper"))
		f.how = FETCH_DROPPER;
	else if (bytes_are(word, "tcp") || bytes_are(word, "tftp"))
		f.how = FETCH_RAW;
	if (f.how != FETCH_RAW)
		f.file = fetch_file(story, bytes_from(f.from, bytes_find(f.from, "/")));
	else if (bytes_are(word, "tftp"))
		f.file = fetch_file(story, f.from);
	if (f.how == FETCH_RAW)
		f.from = told->value;
	return f;
}

const struct told *fetch_after(const struct story *story, uint64_t key)
{
	static const enum signal signals_read[] = {SIGNAL_elf_fetched, SIGNAL_elf_raw};
	const struct told *first = NULL;

	for (size_t s = 0; s < sizeof signals_read / sizeof *signals_read; s++) {
		size_t n;
		const struct told *told = story_facts(story, signals_read[s], &n);

		for (size_t i = 0; i < n; i++) {
			struct fetch f = fetch_of(story, &told[i]);

			if (told[i].fact->key > key && f.how != FETCH_NAMED &&
			    (f.abroad || f.file != NULL || f.how == FETCH_DROPPER) &&
			    (first == NULL || told[i].fact->key < first->fact->key))
				first = &told[i];
		}
	}
	return first;
}

void fetch_print(struct bytes from, char *out, size_t size)
{
	size_t n = from.len < size - 1 ? from.len : size - 1;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = from.at[i];
		bool plain = ascii_is_alnum(c) || strchr("._-/:[] ", c) != NULL;

		out[i] = '?';
		if (plain && c != '\0')
			out[i] = (char)c;
	}
	out[n] = '\0';
}
