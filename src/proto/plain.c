/* SPDX-License-Identifier: MIT */
/*
 * Banners and ids are written by strangers and shown to people: a terminal escape in a banner must not reach a terminal
 * (ECMA-48, section 5.4, says what a sequence looks like), and a serial number must not reach a report. What is cut too
 * much costs a detail of a name; what is cut too little would show a key to somebody's camera.
 */
#include "proto/plain.h"

#include "base/scan.h"

enum {
	ESCAPE_NONE,
	ESCAPE_BEGUN, /* behind ESC */
	ESCAPE_CSI,   /* behind ESC [: parameters up to a letter */
	ESCAPE_OSC,   /* behind ESC ]: up to BEL or ESC \ */

	ID_DIGITS = 6, /* so many hexadecimal digits in a row name one device */
	ID_GROUP = 4,  /* … and groups of so many behind them belong to a UUID */
	ID_WORD = 16,
	SERIAL_MIN = 3,	 /* "s/n" */
	SERIAL_MAX = 128 /* with what announces it */
};

bool plain_escape(uint8_t *state, uint8_t byte)
{
	if (byte == 0x1b) {
		*state = ESCAPE_BEGUN;
		return false;
	}
	switch (*state) {
	case ESCAPE_BEGUN:
		if (byte == '[')
			*state = ESCAPE_CSI;
		else if (byte == ']')
			*state = ESCAPE_OSC;
		else if (byte < 0x20 || byte > 0x2f) /* those stand between ESC and the last byte */
			*state = ESCAPE_NONE;
		return false;
	case ESCAPE_CSI:
		if (byte < 0x20 || byte > 0x3f)
			*state = ESCAPE_NONE;
		return byte < 0x20;
	case ESCAPE_OSC:
		if (byte == 0x07 || byte == '\n')
			*state = ESCAPE_NONE;
		return byte == '\n';
	default:
		return true;
	}
}

static bool is_space_or_mark(uint8_t c)
{
	return c == ' ' || c == ':' || c == '=' || c == '#' || c == '.';
}

static bool ends_value(uint8_t c)
{
	return c <= ' ' || c == ',' || c == ';' || c == ')' || c == ']' || c == '"';
}

/* By the first two letters: this is asked at each word of a text. */
static bool may_announce(uint8_t first, uint8_t second)
{
	return (first == 's' && (second == 'e' || second == '/' || second == 'n')) ||
	       (first == 'u' && second == 'u') || (first == 'i' && second == 'm');
}

/* How many bytes at the beginning announce a number that names one device. */
static size_t announces(struct bytes b)
{
	static const char *const words[] = {"serial", "s/n", "sn:", "sn=", "sn#", "uuid", "imei"};
	static const char *const tails[] = {"number", "num", "no"};
	size_t n = 0;

	if (b.len < SERIAL_MIN || !may_announce(ascii_lower(b.at[0]), ascii_lower(b.at[1])))
		return 0;
	for (size_t i = 0; n == 0 && i < sizeof words / sizeof *words; i++) {
		if (bytes_begin_nocase(b, words[i]))
			n = strlen(words[i]);
	}
	if (n == 0 || (n < b.len && ascii_is_letter(b.at[n]) && ascii_is_letter(b.at[n - 1])))
		return 0; /* "serialise", "uuids" */
	while (n < b.len && is_space_or_mark(b.at[n]))
		n++;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		if (bytes_begin_nocase(bytes_from(b, n), tails[i])) {
			n += strlen(tails[i]);
			break;
		}
	}
	while (n < b.len && is_space_or_mark(b.at[n]))
		n++;
	return n;
}

size_t plain_serial(struct bytes b)
{
	bool digits = false;
	size_t n;

	b = bytes_upto(b, SERIAL_MAX);
	n = announces(b);

	if (n == 0)
		return 0;
	for (; n < b.len && !ends_value(b.at[n]); n++)
		digits |= ascii_is_digit(b.at[n]);
	if (n < b.len && (b.at[n] == ')' || b.at[n] == ']'))
		n++;
	return digits ? n : 0; /* "Serial Server" */
}

struct bytes plain_end(struct bytes b)
{
	while (b.len > 0 &&
	       (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == ',' || b.at[b.len - 1] == ';' ||
		b.at[b.len - 1] == '(' || b.at[b.len - 1] == '[' || b.at[b.len - 1] == '-' ||
		b.at[b.len - 1] == '/' || b.at[b.len - 1] == '|'))
		b.len--;
	return b;
}

struct writer {
	char *out;
	size_t size;
	size_t len;
};

static void put(struct writer *w, uint8_t c)
{
	if (w->len + 1 < w->size)
		w->out[w->len++] = (char)c;
}

static void put_all(struct writer *w, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		put(w, b.at[i]);
}

static size_t finish(struct writer *w)
{
	if (w->size > 0)
		w->out[w->len] = '\0';
	return w->len;
}

/* The first pass: a line of plain bytes with single blanks. */
static size_t write_plain(struct writer *w, struct bytes in)
{
	uint8_t escape = ESCAPE_NONE;
	bool blank = true;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.at[i];

		if (!plain_escape(&escape, c))
			continue;
		if (c <= ' ' || c == 0x7f) {
			if (!blank)
				put(w, ' ');
			blank = true;
			continue;
		}
		put(w, c);
		blank = false;
	}
	while (w->len > 0 && w->out[w->len - 1] == ' ')
		w->len--;
	return finish(w);
}

size_t plain_text(char *out, size_t size, struct bytes in)
{
	char line[512];
	struct writer first = {line, sizeof line, 0}, w = {out, size, 0};
	struct bytes b = {(const uint8_t *)line, write_plain(&first, in)};

	for (size_t i = 0; i < b.len;) {
		bool begins =
			i == 0 || (!ascii_is_letter(b.at[i - 1]) && !ascii_is_digit(b.at[i - 1]));
		size_t n = begins ? plain_serial(bytes_from(b, i)) : 0;

		if (n == 0) {
			put(&w, b.at[i++]);
			continue;
		}
		w.len = plain_end((struct bytes){(const uint8_t *)out, w.len}).len;
		i += n;
	}
	return finish(&w);
}

static size_t hex_run(struct bytes b, size_t from)
{
	size_t n = 0;

	while (from + n < b.len && ascii_is_hex(b.at[from + n]))
		n++;
	return n;
}

/* "00:11:22:33" and the like; at least three pairs. */
static size_t pairs_run(struct bytes b)
{
	size_t n = 0, pairs = 0;
	uint8_t mark = 0;

	while (hex_run(b, n) == 2) {
		pairs++;
		n += 2;
		if (n >= b.len || (b.at[n] != ':' && b.at[n] != '-') ||
		    (mark != 0 && b.at[n] != mark))
			break;
		mark = b.at[n];
		if (hex_run(b, n + 1) != 2)
			break;
		n++;
	}
	return pairs * 2 >= ID_DIGITS ? n : 0;
}

static size_t word_run(struct bytes b, bool *digits)
{
	size_t n = 0;

	*digits = false;
	while (n < b.len && (ascii_is_letter(b.at[n]) || ascii_is_digit(b.at[n])))
		*digits |= ascii_is_digit(b.at[n++]);
	return n;
}

/* How many bytes at the beginning of a word name one device. */
static size_t id_run(struct bytes b, bool word_begins)
{
	bool digits;
	size_t n = word_begins ? word_run(b, &digits) : 0;

	if (n >= ID_WORD && digits)
		return n;
	n = hex_run(b, 0);
	if (n >= ID_DIGITS) {
		while (n < b.len && (b.at[n] == '-' || b.at[n] == '_' || b.at[n] == ':') &&
		       hex_run(b, n + 1) >= ID_GROUP)
			n += 1 + hex_run(b, n + 1);
		return n;
	}
	return word_begins ? pairs_run(b) : 0;
}

size_t plain_ids(char *out, size_t size, struct bytes in)
{
	struct writer w = {out, size, 0};

	in = bytes_upto(in, 512); /* every byte may look ahead over a run */
	for (size_t i = 0; i < in.len;) {
		bool begins =
			i == 0 || (!ascii_is_letter(in.at[i - 1]) && !ascii_is_digit(in.at[i - 1]));
		size_t n = id_run(bytes_from(in, i), begins);
		size_t run = hex_run(in, i);

		if (n > 0) {
			put(&w, '*');
			i += n;
			continue;
		}
		/* A run that is too short is copied whole: its tail is no beginning. */
		run = run > 0 ? run : 1;
		put_all(&w, bytes_upto(bytes_from(in, i), run));
		i += run;
	}
	return finish(&w);
}
