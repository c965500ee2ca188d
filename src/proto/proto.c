/* SPDX-License-Identifier: MIT */
/* The table of protocols, and what every parser needs to tell something. */
#include "proto/proto.h"

#include <stdarg.h>
#include <stdio.h>

const struct proto *const protos[PROTOS] = {
#define PROTO(name) &proto_##name,
#include "proto/protos.def"
#undef PROTO
};

static bool is_blank(uint8_t c)
{
	return c <= ' ' || c == 0x7f;
}

/* Is there a byte among these eight that must become a blank? Of a word with one, no carry can hide it. */
static bool has_control(const uint8_t *at)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
	uint64_t word, not_del;

	memcpy(&word, at, sizeof word);
	not_del = word ^ ones * 0x7f;
	return ((((word - ones * ' ') & ~word) | ((not_del - ones) & ~not_del)) & tops) != 0;
}

static bool is_one_line(struct bytes b)
{
	if (b.len >= 8) {
		for (size_t i = 0; i + 8 < b.len; i += 8) {
			if (has_control(b.at + i))
				return false;
		}
		return !has_control(b.at + b.len - 8);
	}
	for (size_t i = 0; i < b.len; i++) {
		if (is_blank(b.at[i]) && b.at[i] != ' ')
			return false;
	}
	return true;
}

/* A value is one line of text whatever its sender put into it; nearly all are, and are told as they stand. */
void tell(struct telling *to, const struct talk *t, enum signal signal, enum party about,
	  struct bytes value)
{
	uint8_t plain[TELL_MAX];

	while (value.len > 0 && is_blank(value.at[0])) {
		value.at++;
		value.len--;
	}
	if (value.len > TELL_MAX)
		value.len = TELL_MAX;
	while (value.len > 0 && is_blank(value.at[value.len - 1]))
		value.len--;
	if (value.len == 0)
		return;
	if (!is_one_line(value)) {
		for (size_t i = 0; i < value.len; i++)
			plain[i] = is_blank(value.at[i]) ? ' ' : value.at[i];
		value.at = plain;
	}
	to->tell(to, t, signal, about, value);
}

void tell_text(struct telling *to, const struct talk *t, enum signal signal, enum party about,
	       const char *value)
{
	tell(to, t, signal, about, (struct bytes){(const uint8_t *)value, strlen(value)});
}

void tell_printf(struct telling *to, const struct talk *t, enum signal signal, enum party about,
		 const char *format, ...)
{
	char text[TELL_MAX + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tell_text(to, t, signal, about, text);
}

void tell_login(struct telling *to, const struct talk *t, const struct login *login,
		enum party server, enum login_outcome outcome)
{
	to->login(to, t, login, server, outcome);
}

void tell_service(struct telling *to, const struct talk *t, enum party server,
		  const struct proto *proto)
{
	tell_text(to, t, SIGNAL_service, server, proto->name);
}

void login_put(struct login *l, char *field, size_t size, struct bytes value)
{
	size_t n = value.len < size ? value.len : size - 1;

	if (n < value.len || (n > 0 && memchr(value.at, '\0', n) != NULL))
		l->cut = true;
	if (n > 0)
		memcpy(field, value.at, n);
	field[n] = '\0';
}
