/* SPDX-License-Identifier: MIT */
/*
 * Text being written: the buffer, escaping, times, numbers and line breaks. See text.h.
 *
 * Resists: names, banners and paths chosen by strangers. Nothing of theirs reaches a terminal or a JSON reader
 * unescaped: no escape sequence (ECMA-48, C0 and C1), no bidirectional override (Unicode TR36, "Trojan Source"), no
 * malformed or overlong UTF-8 (RFC 3629).
 */
#include "base/text.h"
#include "base/put.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_FIRST_ROOM = 256,
	PRINT_USUAL = 64 /* hardly any single print is longer: one pass is enough then */
};

#define NBSP "\xc2\xa0"
#define NS_PER_DAY (INT64_C(86400) * 1000000000)

void text_fini(struct text *t)
{
	free(t->at);
	*t = (struct text){0};
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->at != NULL)
		t->at[0] = '\0';
}

const char *text_string(const struct text *t)
{
	return t->at != NULL ? t->at : "";
}

bool text_grow(struct text *t, size_t n)
{
	size_t room = t->room < TEXT_FIRST_ROOM ? TEXT_FIRST_ROOM : t->room;
	char *at;

	if (t->failed)
		return false;
	if (t->at != NULL && n < t->room - t->len)
		return true;
	if (n >= SIZE_MAX / 4 || t->len >= SIZE_MAX / 4) {
		t->failed = true;
		return false;
	}
	while (room - t->len <= n)
		room *= 2;
	at = realloc(t->at, room);
	if (at == NULL) {
		t->failed = true;
		return false;
	}
	t->at = at;
	t->room = room;
	return true;
}

void text_add(struct text *t, const char *at, size_t len)
{
	if (t->failed || (len >= t->room - t->len && !text_grow(t, len)))
		return;
	memcpy(t->at + t->len, at, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void text_repeat(struct text *t, char c, size_t n)
{
	if (!text_grow(t, n))
		return;
	memset(t->at + t->len, c, n);
	t->len += n;
	t->at[t->len] = '\0';
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	va_list again;
	int n;

	if (!text_grow(t, PRINT_USUAL))
		return;
	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(t->at + t->len, t->room - t->len, format, args);
	va_end(args);
	if (n < 0) {
		t->failed = true;
	} else if ((size_t)n < t->room - t->len) {
		t->len += (size_t)n;
	} else if (text_grow(t, (size_t)n)) {
		(void)vsnprintf(t->at + t->len, (size_t)n + 1, format, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

void text_finish(struct text *t)
{
	if (t->sink == NULL || t->len == 0)
		return;
	t->sink(t->sink_context, t->at, t->len);
	text_clear(t);
}

/*
 * The character at s, a string; returns its length in bytes, 1 to 4, or 0 when these bytes are no UTF-8. The closing
 * NUL is no continuation byte, so a cut sequence never reads past it.
 */
static unsigned utf8_next(const char *s, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* less is overlong */
	const unsigned char *u = (const unsigned char *)s;
	unsigned n = u[0] < 0x80 ? 1 : u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	uint32_t c = n == 1 ? u[0] : u[0] & (0x7fU >> n);

	if (u[0] >= 0xf8 || (u[0] >= 0x80 && u[0] < 0xc0))
		return 0;
	for (unsigned i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

struct range {
	uint32_t from;
	uint32_t to;
};

static bool range_has(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

#define RANGES_HAVE(ranges, c) range_has(ranges, sizeof(ranges) / sizeof(ranges)[0], c)

/* Characters that command a terminal, reorder what stands beside them, or can't be seen. */
static bool is_unsafe(uint32_t c)
{
	static const struct range unsafe[] = {
		{0x00, 0x1f},	  {0x7f, 0x9f},	    {0xad, 0xad},	{0x61c, 0x61c},
		{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},	{0x2060, 0x206f},
		{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}, {0xfdd0, 0xfdef},
		{0xe000, 0xf8ff}, /* private use: every terminal draws its own */
	};

	return RANGES_HAVE(unsafe, c);
}

static void add_json_char(struct text *t, const char *s, unsigned n, uint32_t c)
{
	static const char short_for[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof short_for; i += 2) {
		if (c == (unsigned char)short_for[i]) {
			text_printf(t, "\\%c", short_for[i + 1]);
			return;
		}
	}
	if (!is_unsafe(c)) {
		text_add(t, s, n);
	} else if (c < 0x10000) {
		text_printf(t, "\\u%04x", c);
	} else {
		c -= 0x10000;
		text_printf(t, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	}
}

void text_number(struct text *t, uint64_t value)
{
	char *at = text_room(t, PUT_NUMBER_MAX);

	if (at != NULL)
		text_took(t, put_number(at, value));
}

/* Is a byte among these eight that JSON or a terminal would not take as it stands? Any order of bytes will do. */
static bool has_special(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = 0x80 * ones;
	uint64_t quote = x ^ ('"' * ones), backslash = x ^ ('\\' * ones);

	return ((x | (x + ones) | ((x - ' ' * ones) & ~x) | ((quote - ones) & ~quote) |
		 ((backslash - ones) & ~backslash)) &
		highs) != 0;
}

/* Does a string of n bytes need no escape in JSON? */
static bool is_plain(const char *s, size_t n)
{
	uint64_t eight;
	size_t at = 0;

	for (; at + sizeof eight <= n; at += sizeof eight) {
		memcpy(&eight, s + at, sizeof eight);
		if (has_special(eight))
			return false;
	}
	memset(&eight, ' ', sizeof eight);
	memcpy(&eight, s + at, n - at);
	return !has_special(eight);
}

static void add_escaped(struct text *t, const char *s)
{
	text_add(t, "\"", 1);
	while (*s != '\0') {
		uint32_t c;
		unsigned n = utf8_next(s, &c);

		if (n == 0)
			text_puts(t, "\xef\xbf\xbd");
		else
			add_json_char(t, s, n, c);
		s += n == 0 ? 1 : n;
	}
	text_add(t, "\"", 1);
}

void text_json(struct text *t, const char *s)
{
	size_t n = strlen(s);
	char *at;

	if (!is_plain(s, n)) {
		add_escaped(t, s);
		return;
	}
	at = text_room(t, n + 2);
	if (at == NULL)
		return;
	*at = '"';
	at = put_bytes(at + 1, s, n);
	*at = '"';
	text_took(t, at + 1);
}

/* The signs that our own sentences use, and what stands for them where there is only ASCII. */
static const char *ascii_likeness(uint32_t c)
{
	static const struct {
		uint32_t c;
		const char *ascii;
	} likeness[] = {
		{0xa0, " "},	 {0xb5, "u"},	 {0xb7, "-"},	{0xd7, "x"},	{0x2013, "-"},
		{0x2014, "--"},	 {0x2018, "'"},	 {0x2019, "'"}, {0x201c, "\""}, {0x201d, "\""},
		{0x2026, "..."}, {0x2192, "->"}, {0x25cf, "*"}, {0x2264, "<="}, {0x2265, ">="},
	};

	for (size_t i = 0; i < sizeof likeness / sizeof likeness[0]; i++)
		if (likeness[i].c == c)
			return likeness[i].ascii;
	return NULL;
}

static void add_plain_char(struct text *t, const char *s, unsigned n, uint32_t c, bool utf8)
{
	const char *likeness;

	if (c == '\\') {
		text_puts(t, "\\\\");
	} else if (c < 0x80 && is_unsafe(c)) {
		text_printf(t, "\\x%02x", c);
	} else if (!is_unsafe(c) && (c < 0x80 || utf8)) {
		text_add(t, s, n);
	} else if (!utf8 && (likeness = ascii_likeness(c)) != NULL) {
		text_puts(t, likeness);
	} else {
		text_printf(t, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
}

void text_plain(struct text *t, const char *s, bool utf8)
{
	while (*s != '\0') {
		uint32_t c;
		unsigned n = utf8_next(s, &c);

		if (n == 0)
			text_printf(t, "\\x%02x", (unsigned char)*s);
		else
			add_plain_char(t, s, n, c, utf8);
		s += n == 0 ? 1 : n;
	}
}

void text_html(struct text *t, const char *s)
{
	static const char *const references[] = {
		['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	while (*s != '\0') {
		uint32_t c;
		unsigned n = utf8_next(s, &c);

		if (n == 0)
			text_printf(t, "\\x%02x", (unsigned char)*s);
		else if (c < sizeof references / sizeof references[0] && references[c] != NULL)
			text_puts(t, references[c]);
		else if (c == '\\')
			text_add(t, s, n);
		else
			add_plain_char(t, s, n, c, true);
		s += n == 0 ? 1 : n;
	}
}

int64_t text_time_day(int64_t ns)
{
	return ns >= 0 ? ns / NS_PER_DAY : -1 - (-1 - ns) / NS_PER_DAY;
}

void text_time(struct text *t, int64_t ns)
{
	text_time_as(t, ns, 9, "Z");
}

void text_time_as(struct text *t, int64_t ns, unsigned digits, const char *zone)
{
	struct put_minute minute = {0};
	char buf[PUT_TIME_MAX];

	text_add(t, buf, (size_t)(put_time(buf, &minute, ns, digits) - buf));
	text_puts(t, zone);
}

void text_time_human(struct text *t, int64_t ns)
{
	struct put_date c = put_date_of(ns);

	text_printf(t, "%04lld-%02u-%02u" NBSP, (long long)c.year, c.month, c.day);
	text_time_clock(t, ns);
}

void text_time_clock(struct text *t, int64_t ns)
{
	struct put_date c = put_date_of(ns);

	text_printf(t, "%02u:%02u:%02u", c.hour, c.minute, c.second);
}

void text_count(struct text *t, uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 1000)
		unit *= 1000;
	text_printf(t, "%u", (unsigned)(n / unit));
	for (unit /= 1000; unit > 0; unit /= 1000)
		text_printf(t, NBSP "%03u", (unsigned)(n / unit % 1000));
}

/* Two units at most, for nobody needs the seconds of a day; cut, not rounded. */
void text_duration(struct text *t, uint64_t ns)
{
	uint64_t s = ns / 1000000000;
	uint64_t tenths = ns / 100000000;

	if (ns < 1000000)
		text_puts(t, ns == 0 ? "0" NBSP "s" : "under" NBSP "1" NBSP "ms");
	else if (ns < 100000000)
		text_printf(t, "%u" NBSP "ms", (unsigned)(ns / 1000000));
	else if (tenths < 100)
		text_printf(t, "%u.%u" NBSP "s", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
	else if (s < 60)
		text_printf(t, "%u" NBSP "s", (unsigned)s);
	else if (s < 3600)
		text_printf(t, "%u" NBSP "m" NBSP "%02u" NBSP "s", (unsigned)(s / 60),
			    (unsigned)(s % 60));
	else if (s < 86400)
		text_printf(t, "%u" NBSP "h" NBSP "%02u" NBSP "m", (unsigned)(s / 3600),
			    (unsigned)(s / 60 % 60));
	else
		text_printf(t, "%llu" NBSP "d" NBSP "%02u" NBSP "h",
			    (unsigned long long)(s / 86400), (unsigned)(s / 3600 % 24));
}

void text_size(struct text *t, uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		text_printf(t, "%u" NBSP "%s", (unsigned)bytes, bytes == 1 ? "byte" : "bytes");
		return;
	}
	while (bytes / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	text_printf(t, "%u.%u" NBSP "%s", (unsigned)(bytes / unit),
		    (unsigned)(bytes % unit / (unit / 10)), units[i]);
}

/* Columns of one character. Ranges after Unicode's EastAsianWidth (W, F) and combining marks (Mn), the common blocks. */
static unsigned char_width(uint32_t c)
{
	static const struct range none[] = {
		{0x300, 0x36f},	  {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
		{0x64b, 0x65f},	  {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff},
		{0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	};
	static const struct range two[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},	{0x3041, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},	{0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
	};

	if (c < 0x300)
		return 1;
	return RANGES_HAVE(none, c) ? 0 : RANGES_HAVE(two, c) ? 2 : 1;
}

/* Length of the piece at s, a character or a colour sequence ("ESC [ … m"), and its columns. */
static size_t piece(const char *s, unsigned *columns)
{
	uint32_t c = 0;
	size_t n = utf8_next(s, &c);

	*columns = n == 0 ? 1 : char_width(c);
	if (c != 0x1b || s[1] != '[')
		return n == 0 ? 1 : n;
	*columns = 0;
	n = 2 + strspn(s + 2, "0123456789;");
	return s[n] == 'm' ? n + 1 : n;
}

unsigned text_width(const char *s)
{
	unsigned width = 0;
	unsigned columns;

	for (; *s != '\0'; width += columns)
		s += piece(s, &columns);
	return width;
}

unsigned text_column(const struct text *t)
{
	size_t at = t->len;

	while (at > 0 && t->at[at - 1] != '\n')
		at--;
	return t->at != NULL ? text_width(t->at + at) : 0;
}

static void new_line(struct text *t, unsigned indent)
{
	text_puts(t, "\n");
	text_repeat(t, ' ', indent);
}

/* Adds the word at s, len bytes, at this column; cut where not even a line of its own is wide enough. */
static unsigned add_word(struct text *t, const char *s, size_t len, unsigned column,
			 unsigned indent, unsigned width)
{
	for (size_t i = 0; i < len;) {
		unsigned columns;
		size_t n = piece(s + i, &columns);

		if (column + columns > width && column > indent) {
			new_line(t, indent);
			column = indent;
		}
		if (n == 2 && memcmp(s + i, NBSP, 2) == 0)
			text_puts(t, " ");
		else
			text_add(t, s + i, n);
		column += columns;
		i += n;
	}
	return column;
}

static unsigned word_width(const char *s, size_t len)
{
	unsigned width = 0;
	unsigned columns;

	for (size_t i = 0; i < len; width += columns)
		i += piece(s + i, &columns);
	return width;
}

void text_wrap(struct text *t, const char *s, unsigned indent, unsigned width)
{
	unsigned column = text_column(t);

	while (*s != '\0') {
		unsigned spaces = (unsigned)strspn(s, " ");
		size_t len = strcspn(s + spaces, " ");

		if (column > indent && column + spaces + word_width(s + spaces, len) > width) {
			new_line(t, indent);
			column = indent;
		} else {
			text_repeat(t, ' ', spaces);
			column += spaces;
		}
		column = add_word(t, s + spaces, len, column, indent, width);
		s += spaces + len;
	}
}
