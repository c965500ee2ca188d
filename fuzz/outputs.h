/* SPDX-License-Identifier: MIT */
/*
 * What every format of a report must hold, whatever the capture was: UTF-8 without control bytes, JSON where JSON is
 * promised, ASCII where a terminal knows no more. A reader of JSON that knows the grammar of RFC 8259 and nothing else
 * stands here, so that the targets need no library.
 */
#pragma once

#include "report/formats.h"

#include <stdlib.h>
#include <string.h>

enum { OUTPUT_DEPTH = 32 };

static void output_require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

struct output_reader {
	const char *at;
	const char *end;
};

static bool output_takes(struct output_reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static void output_skip(struct output_reader *r, const char *set)
{
	while (r->at < r->end && *r->at != '\0' && strchr(set, *r->at) != NULL)
		r->at++;
}

static void output_string(struct output_reader *r)
{
	output_require(output_takes(r, '"'));
	while (!output_takes(r, '"')) {
		output_require(r->at < r->end && (unsigned char)*r->at >= ' ');
		if (!output_takes(r, '\\')) {
			r->at++;
			continue;
		}
		output_require(r->at < r->end && strchr("\"\\/bfnrtu", *r->at) != NULL);
		if (*r->at++ != 'u')
			continue;
		for (int i = 0; i < 4; i++, r->at++)
			output_require(r->at < r->end && *r->at != '\0' &&
				       strchr("0123456789abcdefABCDEF", *r->at) != NULL);
	}
}

static void output_number(struct output_reader *r)
{
	static const char digits[] = "0123456789";
	const char *first;

	(void)output_takes(r, '-');
	first = r->at;
	output_skip(r, digits);
	output_require(r->at > first && (*first != '0' || r->at == first + 1));
	if (output_takes(r, '.')) {
		first = r->at;
		output_skip(r, digits);
		output_require(r->at > first);
	}
	if (output_takes(r, 'e') || output_takes(r, 'E')) {
		if (!output_takes(r, '-'))
			(void)output_takes(r, '+');
		first = r->at;
		output_skip(r, digits);
		output_require(r->at > first);
	}
}

static bool output_word(struct output_reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static void output_value(struct output_reader *r, unsigned depth);

/* What stands between braces or brackets. */
static void output_members(struct output_reader *r, char close, unsigned depth)
{
	static const char blanks[] = " \t\r\n";

	output_skip(r, blanks);
	if (output_takes(r, close))
		return;
	do {
		output_skip(r, blanks);
		if (close == '}') {
			output_string(r);
			output_skip(r, blanks);
			output_require(output_takes(r, ':'));
		}
		output_value(r, depth + 1);
		output_skip(r, blanks);
	} while (output_takes(r, ','));
	output_require(output_takes(r, close));
}

static void output_value(struct output_reader *r, unsigned depth)
{
	output_require(depth < OUTPUT_DEPTH);
	output_skip(r, " \t\r\n");
	output_require(r->at < r->end);
	if (output_takes(r, '{'))
		output_members(r, '}', depth);
	else if (output_takes(r, '['))
		output_members(r, ']', depth);
	else if (*r->at == '"')
		output_string(r);
	else if (!output_word(r, "true") && !output_word(r, "false") && !output_word(r, "null"))
		output_number(r);
}

/* One document; or any number of objects, a line each. */
static void output_check_json(const char *at, size_t len, bool lines)
{
	struct output_reader r = {.at = at, .end = at + len};

	if (!lines)
		output_value(&r, 0);
	for (; lines && r.at < r.end; output_require(output_takes(&r, '\n'))) {
		output_require(*r.at == '{');
		output_value(&r, 0);
	}
	output_skip(&r, "\n");
	output_require(r.at == r.end);
}

/* ---- letters --------------------------------------------------------------------------------------------------- */

/* Bytes of the character at `at`, 0 when it is none: no overlong form, no surrogate, nothing above U+10FFFF. */
static size_t output_letter(const unsigned char *at, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t c = n < 2 ? at[0] : at[0] & (0x7fU >> n);

	if (n == 0 || n > left || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? n : 0;
}

static void output_check_letters(const char *at, size_t len, bool ascii)
{
	const unsigned char *s = (const unsigned char *)at;

	for (size_t i = 0, n; i < len; i += n) {
		n = output_letter(s + i, len - i);
		output_require(n == 1 || (n > 1 && !ascii));
		output_require(s[i] >= ' ' || s[i] == '\n' || s[i] == '\r');
		output_require(s[i] != 0x7f && (n != 2 || s[i] != 0xc2 || s[i + 1] >= 0xa0));
	}
}

/* ---- formats --------------------------------------------------------------------------------------------------- */

static size_t output_times(const struct text *t, const char *what)
{
	size_t n = 0;

	for (const char *at = text_string(t); (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* No element of a stranger's: scripts are our own, and nothing of the page calls out or ends early. */
static void output_check_page(const struct text *t)
{
	output_require(output_times(t, "</html") == 1 && output_times(t, "</body") == 1);
	output_require(output_times(t, "<script") == output_times(t, "</script"));
	output_require(output_times(t, "<svg") == output_times(t, "</svg"));
	output_require(output_times(t, "<img") == 0 && output_times(t, "<iframe") == 0);
}

/* Writes the report in every format; what was written is added to `to`. */
static void outputs_check(const struct judged *judged, struct text *to)
{
	const struct report_options look[] = {
		{.all = true, .utf8 = true, .width = REPORT_WIDTH},
		{.width = REPORT_WIDTH_MIN,
		 .reporter = "Example Net",
		 .reporter_mail = "abuse@example.net",
		 .reporter_domain = "example.net"},
	};
	struct text t = {0};

	for (int i = 0; i < FORMATS * 2; i++) {
		enum format f = (enum format)(i / 2);
		const struct report_options *options = &look[i % 2];
		bool lines = f == FORMAT_EVE || f == FORMAT_NDJSON || f == FORMAT_XARF;

		if (f == FORMAT_XARF && options->reporter == NULL)
			continue;
		text_clear(&t);
		formats[f].write(judged, options, &t);
		output_require(!t.failed);
		output_check_letters(text_string(&t), t.len, f == FORMAT_TEXT && !options->utf8);
		if (lines || f == FORMAT_JSON || f == FORMAT_STIX || f == FORMAT_MISP)
			output_check_json(text_string(&t), t.len, lines);
		if (f == FORMAT_HTML)
			output_check_page(&t);
		text_add(to, text_string(&t), t.len);
	}
	text_fini(&t);
}
