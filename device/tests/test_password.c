/* SPDX-License-Identifier: MIT */
/*
 * Which passwords an owner may choose: examples with their reasons, every factory password in the forms that bots and owners
 * make of them, and random passwords against a twin that asks of each substring whether it is one to be covered.
 */
#include "camera.h"
#include "check.h"
#include "medium.h"
#include "password.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[FIRSTUSE_WORDS_MAX] = {
	"Garden Eye 7", "LC-2026x", "00:A1:b2:c3:D4:e5", "SN-77410-KQ", NULL, "", "abc", "-:-",
};

static enum firstuse_status judge(const char *password)
{
	return fu_password_check(password, strlen(password), words);
}

/* ---- examples ----------------------------------------------------------------------------------------------- */

struct example {
	const char *password;
	enum firstuse_status status;
};

static const struct example examples[] = {
	/* good: long enough behind whatever is in them */
	{"correct horse battery staple", FIRSTUSE_OK},
	{"my admin has a long grey beard", FIRSTUSE_OK},
	{"the LC-2026x hangs over the door", FIRSTUSE_OK},
	{"Garden Eye 7 sees the pear tree", FIRSTUSE_OK},
	{"password: one I made up myself", FIRSTUSE_OK},
	{"8 geese in 1234 gardens", FIRSTUSE_OK},
	{"xkq7wmzp2b", FIRSTUSE_OK},
	{"Tr0ub4dor&3x", FIRSTUSE_OK},
	{"k9#Lw!vTzq", FIRSTUSE_OK},
	{"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c \xd0\xb4\xd0\xbe\xd0\xbc", FIRSTUSE_OK},
	{"s\xe4ttigung-ofen", FIRSTUSE_OK}, /* Latin-1: no UTF-8, and taken */
	{"\xff\xfe\x80\xc0 bytes\x01\x02", FIRSTUSE_OK},
	/* of the factory's */
	{"adminadmin", FIRSTUSE_LISTED},
	{"7ujMko0admin", FIRSTUSE_LISTED},
	{"Admin12345", FIRSTUSE_LISTED},
	{"xc3511XC3511", FIRSTUSE_LISTED},
	{"password2024!", FIRSTUSE_LISTED},
	{"LC2026xadmin!", FIRSTUSE_LISTED},
	{"!!vizxv!!juantech!!", FIRSTUSE_LISTED},
	{"1234567890", FIRSTUSE_LISTED},
	/* of the device's own */
	{"gardeneye7", FIRSTUSE_GUESSABLE},
	{"Garden-Eye-7", FIRSTUSE_GUESSABLE},
	{"7eyenedrag!", FIRSTUSE_GUESSABLE},
	{"00:a1:b2:c3:d4:e5", FIRSTUSE_GUESSABLE},
	{"00a1b2c3d4e5", FIRSTUSE_GUESSABLE},
	{"00-A1-B2-C3-D4-E5", FIRSTUSE_GUESSABLE},
	{"5e4d3c2b1a00", FIRSTUSE_GUESSABLE},
	{"c3d4e5c3d4e5", FIRSTUSE_GUESSABLE},
	{"SN77410KQ!!", FIRSTUSE_GUESSABLE},
	{"garden7741", FIRSTUSE_GUESSABLE},
	/* sequences, repetitions, few characters */
	{"abcdefghij", FIRSTUSE_GUESSABLE},
	{"zyxwvutsrq", FIRSTUSE_GUESSABLE},
	{"qwertyuiop", FIRSTUSE_GUESSABLE},
	{"poiuytrewq", FIRSTUSE_GUESSABLE},
	{"1qaz2wsx3edc", FIRSTUSE_GUESSABLE},
	{"asdfghjkl;", FIRSTUSE_GUESSABLE},
	{"qazwsxedcrfv", FIRSTUSE_GUESSABLE},
	{"qweasdzxc!", FIRSTUSE_GUESSABLE},
	{"q1w2e3r4t5y6", FIRSTUSE_GUESSABLE},
	{"a1s2d3f4g5", FIRSTUSE_GUESSABLE},
	{"a1b2c3d4e5", FIRSTUSE_GUESSABLE},
	{"1a2b3c4d5e", FIRSTUSE_GUESSABLE},
	{"!@#$%^&*()", FIRSTUSE_GUESSABLE},
	{"monkeymonkey", FIRSTUSE_GUESSABLE},
	{"monkey-monkey", FIRSTUSE_GUESSABLE},
	{"MonkeymonkeyMonk", FIRSTUSE_GUESSABLE},
	{"a heron stands a heron stands", FIRSTUSE_OK},
	{"aaaaaaaaaaaa", FIRSTUSE_GUESSABLE},
	{"kvn-kvn-kvn-kvn", FIRSTUSE_GUESSABLE},
	{"8305716294", FIRSTUSE_GUESSABLE},
	{"13.07.1987", FIRSTUSE_GUESSABLE},
	{"0151-23 45 67 8", FIRSTUSE_GUESSABLE},
	{"aabbccddaabbccdd", FIRSTUSE_GUESSABLE},
	{"oooooooooooooooooooooooooooooooooooooooooooooooo", FIRSTUSE_GUESSABLE},
	/* length */
	{"", FIRSTUSE_TOO_SHORT},
	{"xkq7wmzp2", FIRSTUSE_TOO_SHORT},
};

static void test_examples(void)
{
	for (unsigned i = 0; i < sizeof examples / sizeof *examples; i++)
		if (!CHECK(judge(examples[i].password) == examples[i].status))
			printf("     %s: %s\n", examples[i].password,
			       firstuse_status_text(judge(examples[i].password)));
}

static void test_length(void)
{
	char long_one[FIRSTUSE_PASSWORD_MAX + 2];

	for (unsigned i = 0; i < sizeof long_one; i++)
		long_one[i] = "the quick brown fox jumps over lazy dogs"[i % 40];
	CHECK(fu_password_check(long_one, FIRSTUSE_PASSWORD_MAX, words) == FIRSTUSE_OK);
	CHECK(fu_password_check(long_one, FIRSTUSE_PASSWORD_MAX + 1, words) == FIRSTUSE_TOO_LONG);
	CHECK(fu_password_check(NULL, SIZE_MAX, words) == FIRSTUSE_TOO_LONG);
	CHECK(fu_password_check(NULL, 0, words) == FIRSTUSE_TOO_SHORT);
	CHECK(fu_password_check("with\0zeros\0in it", 16, words) == FIRSTUSE_OK);
}

/* ---- the factory list --------------------------------------------------------------------------------------- */

static void check_refused(const char *text)
{
	enum firstuse_status status = judge(text);

	if (!CHECK(status == FIRSTUSE_LISTED || status == FIRSTUSE_GUESSABLE ||
		   status == FIRSTUSE_TOO_SHORT))
		printf("     %s\n", text);
	if (strlen(text) >= FIRSTUSE_PASSWORD_MIN)
		CHECK(status != FIRSTUSE_TOO_SHORT);
}

static void check_forms(const char *entry)
{
	static const char *const forms[] = {
		"%s",	 "%s%s",     "%s%s%s", "%s1",	"%s123",   "%s2024", "%s!",   "%s123!",
		"%s!!!", "%s%s2026", "!%s!",   "%s-%s", "1234%s!", "%s_%s_", "%s0%s", "%s@%s#1",
	};
	char text[3 * 64 + 16];

	for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++) {
		/* The forms are ours, and hold %s three times at most. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(text, sizeof text, forms[i], entry, entry, entry);
#pragma GCC diagnostic pop
		check_refused(text);
		for (char *at = text; *at; at++)
			*at = (char)toupper((unsigned char)*at);
		check_refused(text);
		for (char *at = text; *at && at[1]; at += 2)
			*at = (char)tolower((unsigned char)*at);
		check_refused(text);
	}
}

static void test_factory_list(void)
{
	FILE *file = fopen("../knowledge/credentials.tsv", "r");
	char line[1024];
	unsigned entries = 0;

	if (!file) {
		printf("skipped: every entry of the factory list, which is not beside this folder\n");
		return;
	}
	while (fgets(line, sizeof line, file)) {
		char *at = line;

		for (unsigned tab = 0; tab < 4 && at; tab++)
			at = strchr(at, '\t') ? strchr(at, '\t') + 1 : NULL;
		if (line[0] == '#' || !at)
			continue;
		at[strcspn(at, "\t")] = '\0';
		if (strcmp(at, "<empty>") == 0)
			continue;
		check_forms(at);
		entries++;
	}
	fclose(file);
	CHECK(entries > 100);
}

static void test_factory_table(void)
{
	CHECK(fu_factory_password_count > 50);
	CHECK(fu_factory_password_longest >= 10 && fu_factory_password_longest <= 64);
	for (unsigned i = 1; i < fu_factory_password_count; i++)
		CHECK(fu_factory_passwords[i - 1] < fu_factory_passwords[i]);
}

/* ---- the twin ----------------------------------------------------------------------------------------------- */

static int twin_listed(const char *text, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	if (size < 4 || size > fu_factory_password_longest)
		return 0;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	for (unsigned i = 0; i < fu_factory_password_count; i++)
		if (fu_factory_passwords[i] == hash)
			return 1;
	return 0;
}

/* Letters and digits of a text; backwards when asked. */
static void squeeze(const char *text, size_t size, int back, char *to)
{
	for (size_t i = 0; i < size; i++) {
		char c = (char)tolower((unsigned char)text[back ? size - 1 - i : i]);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			*to++ = c;
	}
	*to = '\0';
}

static int twin_own(const char *text, size_t size)
{
	char part[FIRSTUSE_PASSWORD_MAX + 1], word[256];

	if (!isalnum((unsigned char)text[0]) || (unsigned char)text[0] > 127 ||
	    !isalnum((unsigned char)text[size - 1]) || (unsigned char)text[size - 1] > 127)
		return 0;
	squeeze(text, size, 0, part);
	if (strlen(part) < 4)
		return 0;
	for (unsigned i = 0; i < FIRSTUSE_WORDS_MAX; i++)
		for (int back = 0; back < 2 && words[i]; back++) {
			squeeze(words[i], strlen(words[i]), back, word);
			if (strstr(word, part))
				return 1;
		}
	return 0;
}

static int twin_sequence(const char *text, size_t size, int back)
{
	static const char rows[] =
		"abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop qwertzuiop azertyuiop asdfghjkl "
		"zxcvbnm 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik "
		"q1w2e3r4t5y6u7i8o9p0 a1s2d3f4g5h6j7k8l9 a1b2c3d4e5f6g7h8i9j0 1a2b3c4d5e6f7g8h9i0j "
		"qazwsxedcrfvtgbyhnujmik qweasdzxc !@#$%^&*()_+";

	if (size < 4)
		return 0;
	for (size_t i = 1; i < size; i++) {
		char pair[3] = {text[i - 1], text[i], '\0'};

		if (back) {
			pair[0] = text[i];
			pair[1] = text[i - 1];
		}
		if (pair[0] == ' ' || pair[1] == ' ' || pair[0] == '\0' || pair[1] == '\0' ||
		    !strstr(rows, pair))
			return 0;
	}
	return 1;
}

static int twin_digits(const char *text, size_t size)
{
	int digits = 0;

	for (size_t i = 0; i < size; i++) {
		int digit = text[i] >= '0' && text[i] <= '9';
		int letter = (text[i] >= 'a' && text[i] <= 'z');

		if (letter ||
		    (!digit && (i == 0 || i + 1 == size || text[i - 1] < '0' || text[i - 1] > '9')))
			return 0;
		digits += digit;
	}
	return digits >= 3;
}

static int twin_repeated(const char *whole, size_t from, size_t size)
{
	if (size < 3)
		return 0;
	for (size_t before = 0; before < from; before++)
		if (memcmp(whole + before, whole + from, size) == 0)
			return 1;
	return 0;
}

static int twin_doubled(const char *text, size_t whole, size_t from, size_t size)
{
	for (size_t again = from + 1; size >= 5 && size < 10 && again + size <= whole; again++)
		if (memcmp(text + again, text + from, size) == 0 &&
		    (again + size == whole || text[again + size] != text[from + size]))
			return 1;
	return 0;
}

static enum firstuse_status twin_judge(const char *password, size_t size)
{
	char text[FIRSTUSE_PASSWORD_MAX], covered[FIRSTUSE_PASSWORD_MAX] = {0};
	int listed = 0, seen[2][256] = {{0}}, left = 0, kinds[2] = {0, 0};

	for (size_t i = 0; i < size; i++)
		text[i] = (char)(password[i] >= 'A' && password[i] <= 'Z' ? password[i] + 32
									  : password[i]);
	for (size_t from = 0; from < size; from++)
		for (size_t n = 3; from + n <= size; n++) {
			int one = twin_listed(text + from, n);

			listed |= one;
			if (one || twin_own(text + from, n) || twin_digits(text + from, n) ||
			    twin_sequence(text + from, n, 0) || twin_sequence(text + from, n, 1) ||
			    twin_repeated(text, from, n) || twin_doubled(text, size, from, n))
				memset(covered + from, 1, n);
		}
	for (size_t i = 0; i < size; i++) {
		kinds[0] += !seen[0][(unsigned char)text[i]]++;
		if (!covered[i]) {
			left++;
			kinds[1] += !seen[1][(unsigned char)text[i]]++;
		}
	}
	if (kinds[0] >= 5 && left >= 6 && kinds[1] >= 4)
		return FIRSTUSE_OK;
	return listed ? FIRSTUSE_LISTED : FIRSTUSE_GUESSABLE;
}

/* ---- random passwords --------------------------------------------------------------------------------------- */

/* Pieces that meet each other's borders: parts of words, of lists, of rows, and of nothing. */
static size_t compose(char *to, size_t most, uint64_t *dice)
{
	static const char *const pieces[] = {
		"admin", "1234", "Pass",   "word",  "xc3511", "vizxv",	  "garden", "eneye7",
		"2026",	 "00a1", "B2:C3:", "d4-e5", "77410",  "kq",	  "abcd",   "dcba",
		"qwer",	 "rewq", "1q2w",   "zxcvb", "aaa",    "lab",	  "ab",	    "7",
		"-",	 "!",	 "x",	   "Lc",    "moor",   "\xc3\xa4", "gneis",  "oak",
	};
	size_t size = 0;

	while (size < FIRSTUSE_PASSWORD_MIN || medium_dice(dice) % 4) {
		uint64_t what = medium_dice(dice) % (sizeof pieces / sizeof *pieces + 6);
		char random[2] = {(char)(33 + medium_dice(dice) % 94), '\0'};
		const char *piece = what < sizeof pieces / sizeof *pieces ? pieces[what] : random;

		if (size + strlen(piece) > most)
			break;
		while (*piece)
			to[size++] = *piece++;
	}
	return size;
}

static void test_random(unsigned rounds)
{
	uint64_t dice = 20161021;
	unsigned counts[3] = {0, 0, 0};

	for (unsigned i = 0; i < rounds; i++) {
		char password[48];
		size_t size = compose(password, sizeof password, &dice);
		enum firstuse_status status = fu_password_check(password, size, words);

		if (!CHECK(status == twin_judge(password, size)))
			printf("     %.*s: %s\n", (int)size, password,
			       firstuse_status_text(status));
		counts[status == FIRSTUSE_OK ? 0 : status == FIRSTUSE_LISTED ? 1 : 2]++;
	}
	printf("%u composed passwords: %u good, %u listed, %u guessable\n", rounds, counts[0],
	       counts[1], counts[2]);
	CHECK(counts[0] > rounds / 20 && counts[1] > rounds / 20 && counts[2] > rounds / 20);
}

/* What a password manager makes must do. */
static void test_managers(unsigned rounds)
{
	static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	uint64_t dice = 1;

	for (size_t size = 10; size <= 20; size += 5) {
		unsigned refused = 0;

		for (unsigned i = 0; i < rounds; i++) {
			char password[20];

			for (size_t k = 0; k < size; k++)
				password[k] = alphabet[medium_dice(&dice) % (sizeof alphabet - 1)];
			refused += fu_password_check(password, size, words) != FIRSTUSE_OK;
		}
		printf("%u random ones of %u letters and digits: %u refused\n", rounds,
		       (unsigned)size, refused);
		CHECK(refused * 200 <= rounds);
	}
}

int main(void)
{
	unsigned rounds = 20000 / (unsigned)(camera_every() < 20 ? camera_every() : 20);

	test_examples();
	test_length();
	test_factory_table();
	test_factory_list();
	test_random(rounds);
	test_managers(rounds);
	return check_end();
}
