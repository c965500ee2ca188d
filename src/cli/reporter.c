/* SPDX-License-Identifier: MIT */
/*
 * Reading who reports. The address is one that a receiver will answer to, so it is held to what XARF's schema and mail
 * systems accept everywhere: one @, before it letters, digits and a few signs (RFC 5322, dot-atom), behind it a host name
 * (RFC 1123) of at least two labels. An address in quotes or a domain in brackets is refused.
 */
#include "cli/reporter.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* No dot at either end, no two in a row; else letters, digits and what `signs` has. */
static bool is_dotted(const char *s, size_t n, const char *signs)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.' && (i == 0 || i + 1 == n || s[i - 1] == '.'))
			return false;
		if (s[i] != '.' && !is_plain(s[i]) && strchr(signs, s[i]) == NULL)
			return false;
	}
	return n > 0;
}

static bool is_domain(const char *s)
{
	size_t label = 0;

	if (!is_dotted(s, strlen(s), "-") || strchr(s, '.') == NULL)
		return false;
	for (size_t i = 0; s[i] != '\0'; i++) {
		bool edge = label == 0 || s[i + 1] == '.' || s[i + 1] == '\0';

		if (s[i] == '-' && edge)
			return false;
		label = s[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return true;
}

/*
 * The name goes into mail and other people's systems: no controls, nothing that is no UTF-8 or turns the writing round,
 * and no second address. text_plain() spells all that out, and doubles backslashes.
 */
static bool is_name(const char *s)
{
	struct text plain = {0};
	bool fine;

	text_plain(&plain, s, true);
	fine = !plain.failed && strcmp(text_string(&plain), s) == 0 && strpbrk(s, "<>") == NULL;
	text_fini(&plain);
	return fine;
}

bool reporter_read(const char *text, struct reporter *out)
{
	const char *open = strrchr(text, '<');
	size_t len = strlen(text);
	size_t org, mail;
	char *at;

	*out = (struct reporter){.domain = NULL};
	if (open == NULL || text[len - 1] != '>')
		return false;
	org = (size_t)(open - text);
	mail = len - org - 2;
	while (org > 0 && text[org - 1] == ' ')
		org--;
	while (org > 0 && *text == ' ') {
		text++;
		org--;
	}
	if (org == 0 || org > REPORTER_ORG_MOST || mail > REPORTER_MAIL_MOST)
		return false;
	memcpy(out->org, text, org);
	memcpy(out->mail, open + 1, mail);
	at = strchr(out->mail, '@');
	if (!is_name(out->org) || at == NULL ||
	    !is_dotted(out->mail, (size_t)(at - out->mail), "!#$%&'*+-/=?^_`{|}~") ||
	    !is_domain(at + 1))
		return false;
	out->domain = at + 1;
	return true;
}
