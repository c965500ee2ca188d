/* SPDX-License-Identifier: MIT */
/*
 * firstuse-mud: from a description in plain words to the MUD file that a maker publishes (RFC 8520), and to the bytes that the
 * firmware puts into DHCP. Runs where firmware is built. firstuse-mud(1) is the manual of the language.
 *
 * The library decides what is right (firstuse_mud_write); here is known on which line of the text it stands. To find that
 * out, the library is asked about each setting and each rule alone, beside a description that is known to be good.
 */
#include "firstuse_mud.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define TEXT_MAX 65536u
#define WORDS_MAX 12u
#define PATH_MAX_BYTES 4096u

/* The description as it is read; the strings lie in `text`. */
struct reading {
	const char *file;
	char text[TEXT_MAX + 1];
	unsigned line;
	unsigned errors;
	struct firstuse_mud mud;
	unsigned key_lines[16];
	struct firstuse_mud_rule rules[FIRSTUSE_MUD_RULES_MAX];
};

/* The settings that are text: where they lie, and whether there must be one. */
static const struct key {
	const char *name;
	size_t at;
	int required;
} keys[] = {
	{"mud-url", offsetof(struct firstuse_mud, url), 1},
	{"last-update", offsetof(struct firstuse_mud, last_update), 1},
	{"systeminfo", offsetof(struct firstuse_mud, systeminfo), 1},
	{"maker", offsetof(struct firstuse_mud, maker), 0},
	{"model", offsetof(struct firstuse_mud, model), 0},
	{"firmware", offsetof(struct firstuse_mud, firmware), 0},
	{"documentation", offsetof(struct firstuse_mud, documentation), 0},
	{"signature", offsetof(struct firstuse_mud, signature), 0},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))
#define KEY_CACHE KEYS /* places in key_lines of the two that are no text */
#define KEY_SUPPORT (KEYS + 1)

static const struct firstuse_mud good = {
	.url = "https://mud.example/a",
	.last_update = "2026-01-01T00:00:00Z",
	.cache_hours = 48,
	.systeminfo = "a device",
};

static const char **place(struct firstuse_mud *mud, const struct key *key)
{
	return (const char **)(void *)((char *)mud + key->at);
}

/* What stands in the text may hold anything: only what is printable ASCII is shown as it is. */
static void show(const char *text)
{
	fputc('"', stderr);
	for (size_t n = 0; text[n] != 0 && n < 60; n++) {
		unsigned char c = (unsigned char)text[n];

		if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\')
			fputc(c, stderr);
		else
			fprintf(stderr, "\\x%02x", c);
	}
	fputc('"', stderr);
}

/* The system's reason. */
static int complain(const char *what, int status)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
	fprintf(stderr, "firstuse-mud: %s: %s\n", what, strerror(errno));
	return status;
}

static void fail(struct reading *r, unsigned line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", r->file, line, what);
	r->errors++;
}

static void expected(struct reading *r, const char *what, const char *found)
{
	fprintf(stderr, "%s:%u: expected %s, found ", r->file, r->line, what);
	if (found == NULL)
		fputs("the end of the line", stderr);
	else
		show(found);
	fputc('\n', stderr);
	r->errors++;
}

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char *trim(char *text)
{
	size_t size;

	while (is_space(*text))
		text++;
	size = strlen(text);
	while (size > 0 && is_space(text[size - 1]))
		text[--size] = 0;
	return text;
}

/* Digits alone, up to `most`; -1 otherwise. */
static long read_number(const char *text, long most)
{
	long value = 0;

	if (text == NULL || *text == 0)
		return -1;
	for (; *text != 0; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		value = value * 10 + (*text - '0');
		if (value > most)
			return -1;
	}
	return value;
}

/* The words of a line; what comes after WORDS_MAX - 1 of them stays together in the last. */
static size_t cut_words(char *text, char *words[WORDS_MAX + 1])
{
	size_t n = 0;

	while (*text != 0 && n < WORDS_MAX) {
		words[n++] = text;
		while (*text != 0 && !is_space(*text))
			text++;
		if (*text != 0 && n < WORDS_MAX)
			*text++ = 0;
		while (is_space(*text))
			text++;
	}
	words[n] = NULL;
	return n;
}

static int is_word(const char *word, const char *wanted)
{
	return word != NULL && strcmp(word, wanted) == 0;
}

/* The other end of a conversation: how many words it took, 0 when it is none. */
static size_t read_peer(struct reading *r, char *const *words, struct firstuse_mud_rule *rule)
{
	if (is_word(words[0], "host") || is_word(words[0], "controller")) {
		rule->peer =
			is_word(words[0], "host") ? FIRSTUSE_MUD_HOST : FIRSTUSE_MUD_CONTROLLER;
		rule->host = words[1];
		if (words[1] == NULL)
			expected(r, rule->peer == FIRSTUSE_MUD_HOST ? "a name" : "a URI", NULL);
		return words[1] == NULL ? 0 : 2;
	}
	if (is_word(words[0], "local") && is_word(words[1], "network"))
		rule->peer = FIRSTUSE_MUD_LAN;
	else if (is_word(words[0], "my") && is_word(words[1], "controller"))
		rule->peer = FIRSTUSE_MUD_MY_CONTROLLER;
	else if (is_word(words[0], "same") && is_word(words[1], "maker"))
		rule->peer = FIRSTUSE_MUD_SAME_MAKER;
	else {
		expected(
			r,
			"\"host NAME\", \"local network\", \"my controller\", \"controller URI\" or "
			"\"same maker\"",
			words[0]);
		return 0;
	}
	return 2;
}

/* "over tcp port 443", to the end of the line. */
static int read_transport(struct reading *r, char *const *words, struct firstuse_mud_rule *rule)
{
	long port;

	if (!is_word(words[0], "over")) {
		expected(r, "\"over\"", words[0]);
		return -1;
	}
	if (!is_word(words[1], "tcp") && !is_word(words[1], "udp")) {
		expected(r, "\"tcp\" or \"udp\"", words[1]);
		return -1;
	}
	rule->protocol = is_word(words[1], "tcp") ? 6 : 17;
	if (words[2] == NULL)
		return 0;
	port = is_word(words[2], "port") ? read_number(words[3], 65535) : -1;
	if (port < 1) {
		expected(r, "\"port\" and a number from 1 to 65535",
			 is_word(words[2], "port") ? words[3] : words[2]);
		return -1;
	}
	rule->port = (uint16_t)port;
	if (words[4] != NULL)
		expected(r, "the end of the line", words[4]);
	return words[4] == NULL ? 0 : -1;
}

/* "device to PEER over ..." or "PEER to device over ...": who begins is named first. */
static int read_conversation(struct reading *r, char *const *words, struct firstuse_mud_rule *rule)
{
	size_t n;

	if (is_word(words[0], "device")) {
		if (!is_word(words[1], "to")) {
			expected(r, "\"to\"", words[1]);
			return -1;
		}
		n = read_peer(r, words + 2, rule);
		return n == 0 ? -1 : read_transport(r, words + 2 + n, rule);
	}
	rule->device_is_server = 1;
	n = read_peer(r, words, rule);
	if (n == 0)
		return -1;
	if (!is_word(words[n], "to") || !is_word(words[n + 1], "device")) {
		expected(r, "\"to device\"", words[n]);
		return -1;
	}
	return read_transport(r, words + n + 2, rule);
}

/* Right, and yet hardly what was meant. */
static void warn(const struct reading *r, const struct firstuse_mud_rule *rule)
{
	const char *what = NULL;

	if (rule->device_is_server && rule->peer == FIRSTUSE_MUD_HOST)
		what = "this lets the Internet open connections to the device";
	else if (rule->device_is_server && rule->port == 0)
		what = "this opens every port of the device";
	if (what != NULL)
		fprintf(stderr, "%s:%u: warning: %s\n", r->file, r->line, what);
}

static int put_nowhere(void *user, const char *text, size_t size)
{
	(void)user;
	(void)text;
	(void)size;
	return 0;
}

/* What the library says of a description, with the line that is to blame. */
static void ask(struct reading *r, const struct firstuse_mud *mud, unsigned line)
{
	const char *wrong;

	firstuse_mud_write(mud, put_nowhere, NULL, &wrong);
	if (wrong != NULL)
		fail(r, line, wrong);
}

static void read_rule(struct reading *r, char *text)
{
	struct firstuse_mud_rule rule = {0};
	struct firstuse_mud alone = good;
	char *words[WORDS_MAX + 1], *colon = strchr(text, ':');
	unsigned before = r->errors;

	if (colon == NULL) {
		expected(r, "\"rule NAME: ...\"", text);
		return;
	}
	*colon = 0;
	rule.name = trim(text);
	cut_words(trim(colon + 1), words);
	if (read_conversation(r, words, &rule) != 0)
		return;
	alone.rules = &rule;
	alone.count = 1;
	ask(r, &alone, r->line);
	for (size_t i = 0; i < r->mud.count; i++)
		if (strcmp(r->rules[i].name, rule.name) == 0)
			fail(r, r->line, "there is a rule of this name already");
	if (r->mud.count == FIRSTUSE_MUD_RULES_MAX)
		fail(r, r->line, "there are more than 64 rules");
	if (r->errors != before)
		return;
	warn(r, &rule);
	r->rules[r->mud.count++] = rule;
}

static void read_hours(struct reading *r, const char *value)
{
	long hours = read_number(value, 168);

	if (hours < 1)
		expected(r, "hours from 1 to 168", value);
	else
		r->mud.cache_hours = (uint8_t)hours;
}

static void read_supported(struct reading *r, const char *value)
{
	if (!is_word(value, "yes") && !is_word(value, "no"))
		expected(r, "\"yes\" or \"no\"", value);
	r->mud.support_ended = is_word(value, "no");
}

static void read_setting(struct reading *r, const char *name, char *value)
{
	struct firstuse_mud alone = good;
	size_t n = 0;

	while (n < KEYS && strcmp(keys[n].name, name) != 0)
		n++;
	if (n == KEYS)
		n = is_word(name, "cache-hours") ? KEY_CACHE
		    : is_word(name, "supported") ? KEY_SUPPORT
						 : KEYS + 2;
	if (n == KEYS + 2) {
		expected(r,
			 "mud-url, last-update, systeminfo, maker, model, firmware, documentation, "
			 "signature, cache-hours, supported or rule",
			 name);
		return;
	}
	if (r->key_lines[n] != 0)
		fail(r, r->line, "this was set before");
	r->key_lines[n] = r->line;
	if (n == KEY_CACHE)
		read_hours(r, value);
	else if (n == KEY_SUPPORT)
		read_supported(r, value);
	else {
		*place(&r->mud, &keys[n]) = value;
		*place(&alone, &keys[n]) = value;
		ask(r, &alone, r->line);
	}
}

static void read_line(struct reading *r, char *line)
{
	char *equals;

	line = trim(line);
	if (*line == 0 || *line == '#')
		return;
	if (strncmp(line, "rule", 4) == 0 && is_space(line[4])) {
		read_rule(r, line + 5);
		return;
	}
	equals = strchr(line, '=');
	if (equals == NULL) {
		expected(r, "\"name = value\" or \"rule NAME: ...\"", line);
		return;
	}
	*equals = 0;
	read_setting(r, trim(line), trim(equals + 1));
}

static void read_description(struct reading *r, size_t size)
{
	char *at = r->text;

	if (strlen(r->text) != size) {
		fprintf(stderr, "%s: a zero byte: this is no text\n", r->file);
		r->errors++;
		return;
	}
	while (at != NULL) {
		char *next = strchr(at, '\n');

		if (next != NULL)
			*next++ = 0;
		r->line++;
		read_line(r, at);
		at = next;
	}
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].required && r->key_lines[i] == 0) {
			fprintf(stderr, "%s: %s is missing\n", r->file, keys[i].name);
			r->errors++;
		}
}

static int read_file(struct reading *r)
{
	FILE *in = fopen(r->file, "rb");
	size_t size;
	int broken;

	if (in == NULL)
		return complain(r->file, EX_NOINPUT);
	size = fread(r->text, 1, TEXT_MAX + 1, in);
	broken = ferror(in);
	fclose(in);
	if (broken) {
		fprintf(stderr, "firstuse-mud: %s: can't be read\n", r->file);
		return EX_IOERR;
	}
	if (size > TEXT_MAX) {
		fprintf(stderr, "firstuse-mud: %s: larger than 64 kB\n", r->file);
		return EX_DATAERR;
	}
	r->text[size] = 0;
	read_description(r, size);
	return r->errors > 0 ? EX_DATAERR : EX_OK;
}

static int put_file(void *user, const char *text, size_t size)
{
	return fwrite(text, 1, size, user) == size ? 0 : -1;
}

static void print_hex(FILE *out, const char *name, const uint8_t *bytes, size_t size)
{
	fprintf(out, "%s ", name);
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%02x", bytes[i]);
	fputc('\n', out);
}

static int write_all(const struct reading *r, int options, FILE *out)
{
	uint8_t option[FIRSTUSE_MUD_URL_MAX + 4];
	size_t size;

	if (!options)
		return firstuse_mud_write(&r->mud, put_file, out, NULL) == FIRSTUSE_OK ? 0 : -1;
	if (firstuse_mud_dhcp4(r->mud.url, option, &size) != FIRSTUSE_OK)
		return -1;
	print_hex(out, "161", option, size);
	if (firstuse_mud_dhcp6(r->mud.url, option, &size) != FIRSTUSE_OK)
		return -1;
	print_hex(out, "112", option, size);
	return 0;
}

/* Beside the file and then renamed: who reads it sees the old one or the new one. */
static int write_to(const struct reading *r, int options, const char *path)
{
	char beside[PATH_MAX_BYTES];
	FILE *out;
	int failed;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside)) {
		fprintf(stderr, "firstuse-mud: %s: the name is too long\n", path);
		return EX_CANTCREAT;
	}
	out = fopen(beside, "wb");
	if (out == NULL)
		return complain(beside, EX_CANTCREAT);
	failed = write_all(r, options, out);
	failed |= fclose(out);
	if (failed || rename(beside, path) != 0) {
		complain(path, EX_IOERR);
		remove(beside);
		return EX_IOERR;
	}
	return EX_OK;
}

static int write_out(const struct reading *r, int options, const char *path)
{
	if (path != NULL)
		return write_to(r, options, path);
	return write_all(r, options, stdout) == 0 && fflush(stdout) == 0
		       ? EX_OK
		       : complain("standard output", EX_IOERR);
}

static const char usage[] =
	"Usage: firstuse-mud [--option] [-o FILE] DESCRIPTION\n"
	"Writes the MUD file (RFC 8520) that a description in plain words stands for.\n"
	"  -o, --output FILE   there, not to standard output\n"
	"      --option        the bytes of DHCP options 161 and 112 in hex instead\n"
	"  -h, --help          this\n";

int main(int argc, char **argv)
{
	static struct reading reading;
	const char *output = NULL;
	int options = 0, status;

	reading.mud = good;
	reading.mud.rules = reading.rules;
	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i], "-h") || is_word(argv[i], "--help")) {
			fputs(usage, stdout);
			return EX_OK;
		}
		if (is_word(argv[i], "--option"))
			options = 1;
		else if ((is_word(argv[i], "-o") || is_word(argv[i], "--output")) && i + 1 < argc)
			output = argv[++i];
		else if (argv[i][0] != '-' && reading.file == NULL)
			reading.file = argv[i];
		else {
			fprintf(stderr, "firstuse-mud: what is meant by %s?\n%s", argv[i], usage);
			return EX_USAGE;
		}
	}
	if (reading.file == NULL) {
		fprintf(stderr, "firstuse-mud: no description is named\n%s", usage);
		return EX_USAGE;
	}
	status = read_file(&reading);
	return status != EX_OK ? status : write_out(&reading, options, output);
}
