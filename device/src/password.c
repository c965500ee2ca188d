/* SPDX-License-Identifier: MIT */
/*
 * Which passwords an owner may choose. NIST SP 800-63B section 5.1.1.2 asks for a length, a comparison with lists of known
 * passwords and with words of the context (the name of the service, of the user), and against rules of composition ("one
 * digit, one capital letter"), which there are none of here.
 *
 * What is in the factory lists, of the device's own words, a run of digits, a sequence, or a repetition is *covered*: a
 * guesser has it in his list of parts. What is left must be FRESH_MIN bytes, of which FRESH_KINDS differ. Six letters are
 * 300 million guesses; at the 8,700 a day that throttle.h grants to a house full of hijacked hosts, a century. So a good
 * pass phrase may well hold "admin" or the model, and "admin" made longer by what everybody puts behind it may not.
 *
 * A password is bytes here: UTF-8, or whatever a page has sent, is taken as it comes, since a login sends the same. Bytes
 * above 127 have no case and belong to no list. Letters are compared without case: bots try both.
 */
#include "password.h"

#include "secret.h"

#include <string.h>

#define FRESH_MIN 6u
#define FRESH_KINDS 4u
#define KINDS_MIN 5u /* different bytes in all */

#define FACTORY_MIN 4u /* bytes: of the set; shorter ones are not in it */
#define WORD_MIN 4u   /* letters and digits of an own word, in a row, that count as taken from it */
#define WORD_MAX 64u  /* that are looked at */
#define DIGITS_MIN 3u /* digits in a row: years, dates, numbers of houses and telephones */
#define SEQUENCE_MIN 4u /* abcd, 4321, qwer */
#define REPEATED_MIN 3u /* bytes that stood there before: aaaa, lab-lab- */
#define DOUBLED_MIN 5u /* of these the first is covered too: monkeymonkey is one word and a habit */

struct sheet {
	char text[FIRSTUSE_PASSWORD_MAX]; /* in lower case */
	uint8_t covered[FIRSTUSE_PASSWORD_MAX];
	size_t size;
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z');
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

static void cover(struct sheet *sheet, size_t from, size_t size)
{
	memset(sheet->covered + from, 1, size);
}

/* ---- the factory's ------------------------------------------------------------------------------------------ */

static int is_listed(uint64_t hash)
{
	unsigned low = 0, high = fu_factory_password_count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (fu_factory_passwords[middle] == hash)
			return 1;
		if (fu_factory_passwords[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* The longest factory password that begins here, or 0. FNV-1a grows with each byte, so all lengths cost as one. */
static size_t factory_at(const struct sheet *sheet, size_t from)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t found = 0;

	for (size_t i = from; i < sheet->size && i - from < fu_factory_password_longest; i++) {
		hash = (hash ^ (uint8_t)sheet->text[i]) * UINT64_C(0x100000001b3);
		if (i - from + 1 >= FACTORY_MIN && is_listed(hash))
			found = i - from + 1;
	}
	return found;
}

/* Whether there was any. */
static int cover_factory(struct sheet *sheet)
{
	size_t any = 0;

	for (size_t i = 0; i < sheet->size; i++) {
		size_t size = factory_at(sheet, i);

		cover(sheet, i, size);
		any |= size;
	}
	return any != 0;
}

/* ---- the device's own words --------------------------------------------------------------------------------- */

/* A word without what separates its parts, so that a MAC is found with colons, with dashes and with nothing. */
static size_t letters_of(const char *word, char letters[WORD_MAX])
{
	size_t n = 0;

	for (; *word != '\0' && n < WORD_MAX; word++)
		if (is_alnum(lower(*word)))
			letters[n++] = lower(*word);
	return n;
}

/* How far the password, from `from` on, goes on as the word does from `at` on, whatever stands between its letters. */
static void cover_run(struct sheet *sheet, size_t from, const char *letters, size_t count)
{
	size_t same = 0, end = from;

	for (size_t i = from; i < sheet->size && same < count; i++) {
		if (!is_alnum(sheet->text[i]))
			continue;
		if (sheet->text[i] != letters[same])
			break;
		same++;
		end = i + 1;
	}
	if (same >= WORD_MIN)
		cover(sheet, from, end - from);
}

static void cover_word(struct sheet *sheet, const char *word)
{
	char letters[WORD_MAX], reversed[WORD_MAX];
	size_t count = letters_of(word, letters);

	for (size_t i = 0; i < count; i++)
		reversed[i] = letters[count - 1 - i];
	for (size_t from = 0; from < sheet->size; from++) {
		if (!is_alnum(sheet->text[from]))
			continue;
		for (size_t at = 0; at + WORD_MIN <= count; at++) {
			if (letters[at] == sheet->text[from])
				cover_run(sheet, from, letters + at, count - at);
			if (reversed[at] == sheet->text[from])
				cover_run(sheet, from, reversed + at, count - at);
		}
	}
}

/* ---- digits, sequences, repetitions ------------------------------------------------------------------------- */

/* Also 13.07.1987 and 0151-23 45 67: one byte between digits, if it is no letter, belongs to them. */
static void cover_digits(struct sheet *sheet)
{
	size_t from = 0, digits = 0;

	for (size_t i = 0; i < sheet->size; i++) {
		if (!is_digit(sheet->text[i])) {
			if (is_alnum(sheet->text[i]) || i == 0 || !is_digit(sheet->text[i - 1]))
				digits = 0;
			continue;
		}
		if (digits++ == 0)
			from = i;
		if (digits >= DIGITS_MIN)
			cover(sheet, from, i + 1 - from);
	}
}

/* What follows what: the alphabet, the rows of keyboards (English, German, French), and their columns. */
static int follows(char a, char b)
{
	static const char *const rows[] = {
		"abcdefghijklmnopqrstuvwxyz",
		"01234567890",
		"qwertyuiop",
		"qwertzuiop",
		"azertyuiop",
		"asdfghjkl",
		"zxcvbnm",
		"1q2w3e4r5t6y7u8i9o0p",
		"q1w2e3r4t5y6u7i8o9p0",
		"a1s2d3f4g5h6j7k8l9",
		"a1b2c3d4e5f6g7h8i9j0",
		"1a2b3c4d5e6f7g8h9i0j",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
		"qazwsxedcrfvtgbyhnujmik",
		"qweasdzxc",
		"!@#$%^&*()_+",
	};

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		for (const char *at = rows[i]; at[1] != '\0'; at++)
			if (at[0] == a && at[1] == b)
				return 1;
	return 0;
}

static void cover_sequences(struct sheet *sheet, int back)
{
	size_t run = 1;

	for (size_t i = 1; i < sheet->size; i++) {
		char before = sheet->text[i - 1], here = sheet->text[i];

		run = (back ? follows(here, before) : follows(before, here)) ? run + 1 : 1;
		if (run >= SEQUENCE_MIN)
			cover(sheet, i + 1 - run, run);
	}
}

/* What stood there before says nothing new; its first time is left as it is, where it is no word. */
static void cover_repeated(struct sheet *sheet)
{
	for (size_t i = 1; i < sheet->size; i++)
		for (size_t before = 0; before < i; before++) {
			size_t n = 0;

			while (i + n < sheet->size && sheet->text[before + n] == sheet->text[i + n])
				n++;
			if (n >= REPEATED_MIN)
				cover(sheet, i, n);
			if (n >= DOUBLED_MIN && n < FIRSTUSE_PASSWORD_MIN)
				cover(sheet, before, n);
		}
}

/* ---- what is left ------------------------------------------------------------------------------------------- */

/* How many different bytes; of those that are not covered, or of all. */
static unsigned kinds(const struct sheet *sheet, int of_all, unsigned *count)
{
	uint8_t seen[256 / 8];
	unsigned different = 0;

	memset(seen, 0, sizeof seen);
	*count = 0;
	for (size_t i = 0; i < sheet->size; i++) {
		uint8_t byte = (uint8_t)sheet->text[i];
		uint8_t bit = (uint8_t)(1u << (byte & 7u));

		if (sheet->covered[i] && !of_all)
			continue;
		(*count)++;
		different += !(seen[byte >> 3] & bit);
		seen[byte >> 3] |= bit;
	}
	return different;
}

static int is_fresh(const struct sheet *sheet)
{
	unsigned left, different = kinds(sheet, 0, &left);

	return left >= FRESH_MIN && different >= FRESH_KINDS;
}

static enum firstuse_status judge(struct sheet *sheet, const char *const *words)
{
	int listed = cover_factory(sheet);
	unsigned all;

	for (unsigned i = 0; i < FIRSTUSE_WORDS_MAX; i++)
		if (words[i])
			cover_word(sheet, words[i]);
	cover_digits(sheet);
	cover_sequences(sheet, 0);
	cover_sequences(sheet, 1);
	cover_repeated(sheet);
	if (kinds(sheet, 1, &all) >= KINDS_MIN && is_fresh(sheet))
		return FIRSTUSE_OK;
	return listed ? FIRSTUSE_LISTED : FIRSTUSE_GUESSABLE;
}

enum firstuse_status fu_password_check(const char *password, size_t size, const char *const *words)
{
	struct sheet sheet;
	enum firstuse_status status;

	if (size < FIRSTUSE_PASSWORD_MIN)
		return FIRSTUSE_TOO_SHORT;
	if (size > FIRSTUSE_PASSWORD_MAX)
		return FIRSTUSE_TOO_LONG;
	memset(&sheet, 0, sizeof sheet);
	sheet.size = size;
	for (size_t i = 0; i < size; i++)
		sheet.text[i] = lower(password[i]);
	status = judge(&sheet, words);
	fu_wipe(&sheet, sizeof sheet);
	return status;
}
