/* SPDX-License-Identifier: MIT */
/*
 * The knowledge loader: tab-separated lines, `#` starts a comment line, fields as each file's first comment says.
 * It accepts exactly what it understands; a line with a field too many is an error like one with a field missing.
 */
#include "base/knowledge.h"
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 6 };

struct line {
	struct bytes field[FIELDS_MAX];
	size_t n;
};

struct reader {
	struct bytes rest;
	unsigned number; /* of the line read last */
};

static bool bytes_equal(struct bytes b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.at, text, b.len) == 0;
}

static struct bytes cut_at(struct bytes *rest, uint8_t mark)
{
	const uint8_t *hit = rest->len == 0 ? NULL : memchr(rest->at, mark, rest->len);
	struct bytes head = {.at = rest->at,
			     .len = hit == NULL ? rest->len : (size_t)(hit - rest->at)};
	size_t used = hit == NULL ? head.len : head.len + 1;

	rest->at += used;
	rest->len -= used;
	return head;
}

/* One field too many makes n FIELDS_MAX + 1; an empty one at the end is a field too. */
static void split(struct bytes text, struct line *out)
{
	bool more = true;

	for (out->n = 0; more && out->n < FIELDS_MAX; out->n++) {
		more = memchr(text.at, '\t', text.len) != NULL;
		out->field[out->n] = cut_at(&text, '\t');
	}
	out->n += more;
}

/* The next line that says something, in fields; false at the end. */
static bool next_line(struct reader *r, struct line *out)
{
	while (r->rest.len > 0) {
		struct bytes text = cut_at(&r->rest, '\n');

		r->number++;
		if (text.len == 0 || text.at[0] == '#')
			continue;
		split(text, out);
		return true;
	}
	return false;
}

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
	if (bytes_equal(b, "-"))
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
		if (!bytes_equal(line->field[0], limit_names[i].name))
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
	if (bytes_equal(line->field[1], "telnet"))
		k->ports[port] = PORT_TELNET;
	else if (bytes_equal(line->field[1], "worm"))
		k->ports[port] = PORT_WORM;
	else
		return "class telnet or worm";
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

static const char *load_line(struct knowledge *k, const char *file, const struct line *line,
			     bool seen[LIMITS_N])
{
	if (strcmp(file, "limits.tsv") == 0)
		return load_limit(k, line, seen);
	if (strcmp(file, "ports.tsv") == 0)
		return load_port(k, line);
	if (strcmp(file, "amplifiers.tsv") == 0)
		return load_amplifier(k, line);
	return "a file that the loader knows: limits.tsv, ports.tsv, amplifiers.tsv";
}

static int fail(struct knowledge_error *error, const char *file, unsigned line, const char *expect)
{
	*error = (struct knowledge_error){.file = file, .line = line, .expect = expect};
	return -EINVAL;
}

int knowledge_load_from(const struct knowledge_file *files, size_t n, struct knowledge *out,
			struct knowledge_error *error)
{
	bool seen[LIMITS_N] = {false};

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		struct reader r = {.rest = {(const uint8_t *)files[i].text, files[i].len},
				   .number = 0};
		struct line line;

		while (next_line(&r, &line)) {
			const char *expect = load_line(out, files[i].name, &line, seen);

			if (expect != NULL)
				return fail(error, files[i].name, r.number, expect);
		}
	}
	for (size_t i = 0; i < LIMITS_N; i++) {
		if (!seen[i])
			return fail(error, "limits.tsv", 0, limit_names[i].name);
	}
	return 0;
}

int knowledge_load(struct knowledge *out, struct knowledge_error *error)
{
	return knowledge_load_from(knowledge_files, knowledge_files_n, out, error);
}

const char *knowledge_digest(char buf[17])
{
	uint64_t h = 0;

	for (size_t i = 0; i < knowledge_files_n; i++) {
		for (const char *p = knowledge_files[i].name; *p != '\0'; p++)
			h = hash_more(h, (uint8_t)*p);
		for (size_t j = 0; j < knowledge_files[i].len; j++)
			h = hash_more(h, (uint8_t)knowledge_files[i].text[j]);
	}
	snprintf(buf, 17, "%016llx", (unsigned long long)h);
	return buf;
}
