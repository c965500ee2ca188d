/* SPDX-License-Identifier: MIT */
/*
 * The loader of thresholds, ports and amplifiers; fields as each file's first comment says. It accepts exactly what it
 * understands; a line with a field too many is an error like one with a field missing. What is known of makers and
 * devices is catalogue.c's.
 */
#include "base/knowledge.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/prefixes.h"
#include "base/scan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool parse_number(struct bytes b, int64_t max, int64_t *out)
{
	int64_t value = 0;

	if (b.len == 0 || b.len > 15)
		return false;
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < '0' || b.at[i] > '9')
			return false;
		value = value * 10 + (b.at[i] - '0');
	}
	*out = value;
	return value <= max;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "HTTP/1.1", "\x20\x00", "-" for none. */
static bool parse_prefix(struct bytes b, struct amplifier *a)
{
	struct cursor c = cursor_over(b);

	a->prefix_len = 0;
	if (bytes_are(b, "-"))
		return true;
	while (cursor_left(&c) > 0) {
		uint8_t byte = cursor_u8(&c);

		if (a->prefix_len == AMPLIFIER_PREFIX_MAX)
			return false;
		if (byte == '\\') {
			uint8_t x = cursor_u8(&c);
			int high = hex_digit(cursor_u8(&c)), low = hex_digit(cursor_u8(&c));

			if (c.broken || x != 'x' || high < 0 || low < 0)
				return false;
			byte = (uint8_t)(high << 4 | low);
		}
		a->prefix[a->prefix_len++] = byte;
	}
	return a->prefix_len > 0;
}

struct limit_name {
	const char *name;
	size_t offset;
};

static const struct limit_name limit_names[] = {
#define LIMIT(name) {#name, offsetof(struct limits, name)},
#include "base/limits.def"
#undef LIMIT
};

enum { LIMITS_N = sizeof limit_names / sizeof limit_names[0] };

/* Printed in reports as it stands. */
static bool is_name(struct bytes b, size_t most)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] <= ' ' || b.at[i] > '~')
			return false;
	}
	return b.len > 0 && b.len <= most;
}

/* Expected token, or NULL when the line is fine. */
static const char *load_limit(struct knowledge *k, const struct line *line, bool seen[LIMITS_N])
{
	int64_t value;

	if (line->n != 4)
		return "four fields: name, value, unit, source";
	if (!parse_number(line->field[1], INT64_C(1) << 40, &value))
		return "a whole number as value";
	for (size_t i = 0; i < LIMITS_N; i++) {
		if (!bytes_are(line->field[0], limit_names[i].name))
			continue;
		if (seen[i])
			return "each name only once";
		seen[i] = true;
		memcpy((char *)&k->limits + limit_names[i].offset, &value, sizeof value);
		return NULL;
	}
	return "the name of a threshold that the code knows (src/base/limits.def)";
}

static const char *load_port(struct knowledge *k, const struct line *line)
{
	int64_t port;

	if (line->n != 3)
		return "three fields: port, class, source";
	if (!parse_number(line->field[0], 65535, &port))
		return "a port from 0 to 65535";
	if (bytes_are(line->field[1], "telnet"))
		k->ports[port] = PORT_TELNET;
	else if (bytes_are(line->field[1], "worm"))
		k->ports[port] = PORT_WORM;
	else if (bytes_are(line->field[1], "usual"))
		k->ports[port] = PORT_USUAL;
	else
		return "class telnet, worm or usual";
	return NULL;
}

static const char *load_amplifier(struct knowledge *k, const struct line *line)
{
	struct amplifier *a = &k->amplifiers[k->amplifiers_n];
	int64_t port, min;

	if (line->n != 5)
		return "five fields: name, port, least bytes, prefix, source";
	if (k->amplifiers_n == AMPLIFIERS_MAX)
		return "at most 32 amplifiers";
	if (!is_name(line->field[0], sizeof a->name - 1))
		return "a name of 1 to 15 letters";
	if (!parse_number(line->field[1], 65535, &port) ||
	    !parse_number(line->field[2], 65535, &min))
		return "port and least bytes from 0 to 65535";
	memset(a, 0, sizeof *a);
	if (!parse_prefix(line->field[3], a))
		return "a prefix of 1 to 16 bytes, \\xNN for unprintable ones, or -";
	memcpy(a->name, line->field[0].at, line->field[0].len);
	a->port = (uint16_t)port;
	a->min_bytes = (uint16_t)min;
	k->ports_amplified[port / 8] |= (uint8_t)(1U << port % 8);
	k->amplifiers_n++;
	return NULL;
}

struct kind_name {
	const char *begins;
	enum knowledge_kind kind;
};

static const struct kind_name kind_names[] = {
	{"makers", KNOWLEDGE_MAKERS},
	{"products", KNOWLEDGE_PRODUCTS},
	{"fingerprints", KNOWLEDGE_FINGERPRINTS},
	{"credentials", KNOWLEDGE_CREDENTIALS},
	{"recalls", KNOWLEDGE_RECALLS},
	{"malware", KNOWLEDGE_MALWARE},
};

enum knowledge_kind knowledge_kind(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	size_t len = strlen(name);

	if (strcmp(name, "limits.tsv") == 0)
		return KNOWLEDGE_LIMITS;
	if (strcmp(name, "ports.tsv") == 0)
		return KNOWLEDGE_PORTS;
	if (strcmp(name, "amplifiers.tsv") == 0)
		return KNOWLEDGE_AMPLIFIERS;
	for (size_t i = 0; i < sizeof kind_names / sizeof kind_names[0]; i++) {
		size_t n = strlen(kind_names[i].begins);

		if (len >= n + 4 && memcmp(name, kind_names[i].begins, n) == 0 &&
		    strcmp(name + len - 4, ".tsv") == 0)
			return kind_names[i].kind;
	}
	return KNOWLEDGE_UNKNOWN;
}

static const char *load_line(struct knowledge *k, enum knowledge_kind kind, const struct line *line,
			     bool seen[LIMITS_N])
{
	switch (kind) {
	case KNOWLEDGE_LIMITS:
		return load_limit(k, line, seen);
	case KNOWLEDGE_PORTS:
		return load_port(k, line);
	case KNOWLEDGE_AMPLIFIERS:
		return load_amplifier(k, line);
	default:
		return NULL;
	}
}

static void wrong(struct knowledge_report *report, const char *file, unsigned line,
		  const char *expect)
{
	struct knowledge_error error = {.file = file, .line = line, .expect = expect};

	report->wrong(report, &error);
	report->errors++;
}

void knowledge_check(const struct knowledge_file *files, size_t n, struct knowledge *out,
		     struct knowledge_report *report)
{
	bool seen[LIMITS_N] = {false};

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		enum knowledge_kind kind = knowledge_kind(files[i].name);
		struct lines lines = lines_of(files[i].text, files[i].len);
		struct line line;

		if (kind == KNOWLEDGE_UNKNOWN)
			wrong(report, files[i].name, 0, KNOWLEDGE_FILES_EXPECTED);
		else if (kind > KNOWLEDGE_AMPLIFIERS)
			continue; /* the catalogue's */
		while (kind != KNOWLEDGE_UNKNOWN && lines_next(&lines, &line)) {
			const char *expect = load_line(out, kind, &line, seen);

			if (expect != NULL)
				wrong(report, files[i].name, lines.number, expect);
		}
	}
	for (size_t i = 0; i < LIMITS_N; i++) {
		if (!seen[i])
			wrong(report, "limits.tsv", 0, limit_names[i].name);
	}
}

void knowledge_keep_first(struct knowledge_report *report, const struct knowledge_error *error)
{
	struct knowledge_error *first = report->context;

	if (report->errors == 0)
		*first = *error;
}

int knowledge_load_from(const struct knowledge_file *files, size_t n, struct knowledge *out,
			struct knowledge_error *error)
{
	struct knowledge_report report = {.wrong = knowledge_keep_first, .context = error};

	knowledge_check(files, n, out, &report);
	return report.errors == 0 ? 0 : -EINVAL;
}

int knowledge_load(struct knowledge *out, struct knowledge_error *error)
{
	return knowledge_load_from(knowledge_files, knowledge_files_n, out, error);
}

static uint64_t hash_text(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = hash_more(h, (uint8_t)*text);
	return h;
}

/* The digest of the texts is made at build: a quarter of a megabyte need not be hashed at each start. */
const char *knowledge_digest(char buf[17])
{
	uint64_t h = hash_text(hash_text(0, knowledge_files_digest), prefixes_date);

	snprintf(buf, 17, "%016llx", (unsigned long long)h);
	return buf;
}
