/* SPDX-License-Identifier: MIT */
/*
 * Which descriptions make a MUD file that a manager will take: RFC 8520 sections 3 and 4, and the types of its YANG modules
 * (RFC 6991: uri, host, date-and-time; RFC 7950 section 9.4: what a string may hold; RFC 8519: names of 1 to 64 characters).
 *
 * A description may come from a file that somebody else wrote, so nothing in it is trusted: no string is read beyond its bound,
 * text must be UTF-8 of one line, and what would not fit its place is refused, never cut. Text with line breaks or control
 * characters could pretend to be something else on the screen of an administrator.
 *
 * Stricter than the RFC on purpose: hosts are names with a dot and never addresses, since an address in a file that lives for
 * years is somebody else's one day.
 */
#include "mud.h"

#include <string.h>

#define TEXT_MAX                                                                                   \
	255u /* bytes of a maker, a model, a firmware: as SnmpAdminString, from which RFC 8348 has them */
#define SYSTEMINFO_CHARACTERS 60u
#define HOST_MAX 253u
#define LABEL_MAX 63u
#define CACHE_HOURS_MAX 168u

/* Of a string, at most `most` + 1. */
static size_t length_up_to(const char *text, size_t most)
{
	size_t n = 0;

	while (n <= most && text[n] != 0)
		n++;
	return n;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 3986, section 2: what may stand in a URI, percent signs only before two hexadecimal digits. */
static int is_uri_text(const char *text, size_t size)
{
	static const char others[] = "-._~:/?#[]@!$&'()*+,;=";

	for (size_t i = 0; i < size; i++) {
		if (is_letter(text[i]) || is_digit(text[i]) ||
		    memchr(others, text[i], sizeof(others) - 1) != NULL)
			continue;
		if (text[i] != '%' || size - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
			return 0;
	}
	return size > 0;
}

/* Letters, digits, '-' and '_' between dots: RFC 6991's domain-name without a dot at its end. */
static int is_host_name(const char *name, size_t size)
{
	size_t label = 0, dots = 0;
	int digits_only = 1;

	for (size_t i = 0; i < size; i++) {
		if (name[i] == '.') {
			if (label == 0 || name[i - 1] == '-' || name[i - 1] == '_')
				return 0;
			label = 0;
			digits_only = 1;
			dots++;
			continue;
		}
		if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '_' &&
		    (name[i] != '-' || label == 0))
			return 0;
		if (!is_digit(name[i]))
			digits_only = 0;
		if (++label > LABEL_MAX)
			return 0;
	}
	/* No name's last label is a number (RFC 3696 section 2): that is an address. */
	return label > 0 && dots > 0 && !digits_only && name[size - 1] != '-' &&
	       name[size - 1] != '_';
}

/* The host of a URL: what stands before the path, without the port. */
static int has_host(const char *authority, size_t size)
{
	size_t n = 0, port;

	while (n < size && authority[n] != '/' && authority[n] != '?' && authority[n] != '#' &&
	       authority[n] != ':')
		n++;
	if (!is_host_name(authority, n))
		return 0;
	if (n == size || authority[n] != ':')
		return 1;
	port = ++n;
	while (n < size && is_digit(authority[n]))
		n++;
	return n > port && n - port <= 5 &&
	       (n == size || authority[n] == '/' || authority[n] == '?' || authority[n] == '#');
}

static int begins(const char *text, size_t size, const char *with)
{
	size_t n = strlen(with);

	return size > n && memcmp(text, with, n) == 0;
}

const char *fu_mud_url_wrong(const char *url)
{
	size_t size;

	if (url == NULL)
		return "the MUD URL is missing";
	size = length_up_to(url, FIRSTUSE_MUD_URL_MAX);
	if (size > FIRSTUSE_MUD_URL_MAX)
		return "the MUD URL is longer than 253 bytes";
	if (!begins(url, size, "https://"))
		return "the MUD URL does not begin with https://";
	if (!is_uri_text(url, size))
		return "the MUD URL has a character that no URL may have";
	if (!has_host(url + 8, size - 8))
		return "the MUD URL does not name a host";
	return NULL;
}

/* A URL for people, which may be http. */
static int is_web_address(const char *url)
{
	size_t size = length_up_to(url, FIRSTUSE_MUD_URL_MAX), scheme;

	if (size > FIRSTUSE_MUD_URL_MAX || !is_uri_text(url, size))
		return 0;
	scheme = begins(url, size, "https://") ? 8 : begins(url, size, "http://") ? 7 : 0;
	return scheme > 0 && has_host(url + scheme, size - scheme);
}

/* A URI with any scheme, such as urn:ietf:params:mud:ntp: RFC 3986, section 3.1. */
static int is_uri(const char *uri, size_t size)
{
	size_t n = 0;

	if (size == 0 || !is_letter(uri[0]))
		return 0;
	while (n < size && (is_letter(uri[n]) || is_digit(uri[n]) || uri[n] == '+' ||
			    uri[n] == '-' || uri[n] == '.'))
		n++;
	return n + 1 < size && uri[n] == ':' && is_uri_text(uri, size);
}

/*
 * One character of UTF-8 (RFC 3629: shortest form, no surrogates, nothing above U+10FFFF); its bytes, or 0 when it is none.
 * `left` bytes are there.
 */
static size_t take_character(const unsigned char *at, size_t left, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = at[0] < 0x80	       ? 1
		      : (at[0] & 0xE0) == 0xC0 ? 2
		      : (at[0] & 0xF0) == 0xE0 ? 3
		      : (at[0] & 0xF8) == 0xF0 ? 4
					       : 0;
	uint32_t c;

	if (size == 0 || size > left)
		return 0;
	c = size == 1 ? at[0] : at[0] & (0x7Fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3Fu);
	}
	if (c < least[size] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*character = c;
	return size;
}

/* Control characters, line and paragraph ends, and the code points that are no characters. */
static int is_unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

/* One line of at most `most` characters and TEXT_MAX bytes. */
static int is_line(const char *text, size_t most)
{
	size_t size = length_up_to(text, TEXT_MAX), at = 0, characters = 0;

	if (size == 0 || size > TEXT_MAX)
		return 0;
	while (at < size) {
		uint32_t c;
		size_t n = take_character((const unsigned char *)text + at, size - at, &c);

		if (n == 0 || is_unprintable(c))
			return 0;
		at += n;
		characters++;
	}
	return characters <= most;
}

/* Two digits of at most `most`. */
static int is_pair(const char *at, int most)
{
	return is_digit(at[0]) && is_digit(at[1]) && (at[0] - '0') * 10 + (at[1] - '0') <= most;
}

/* RFC 3339: 2026-11-23T19:00:00Z, with fractions of a second and an offset where there is one. */
static int is_time(const char *text)
{
	size_t size = length_up_to(text, 40), n = 19;

	if (size < 20 || size > 40)
		return 0;
	if (!is_pair(text, 99) || !is_pair(text + 2, 99) || text[4] != '-' ||
	    !is_pair(text + 5, 12) || memcmp(text + 5, "00", 2) == 0 || text[7] != '-' ||
	    !is_pair(text + 8, 31) || memcmp(text + 8, "00", 2) == 0 || text[10] != 'T')
		return 0;
	if (!is_pair(text + 11, 23) || text[13] != ':' || !is_pair(text + 14, 59) ||
	    text[16] != ':' || !is_pair(text + 17, 59))
		return 0;
	if (text[n] == '.') {
		if (!is_digit(text[++n]))
			return 0;
		while (is_digit(text[n]))
			n++;
	}
	if (text[n] == 'Z')
		return size == n + 1;
	return (text[n] == '+' || text[n] == '-') && size == n + 6 && is_pair(text + n + 1, 23) &&
	       text[n + 3] == ':' && is_pair(text + n + 4, 59);
}

static int is_rule_name(const char *name)
{
	size_t size = length_up_to(name, FIRSTUSE_MUD_NAME_MAX);

	for (size_t i = 0; i < size; i++)
		if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '-')
			return 0;
	return size > 0 && size <= FIRSTUSE_MUD_NAME_MAX;
}

static const char *host_wrong(const struct firstuse_mud_rule *rule)
{
	size_t size = rule->host == NULL ? 0 : length_up_to(rule->host, HOST_MAX);

	switch (rule->peer) {
	case FIRSTUSE_MUD_HOST:
		return size <= HOST_MAX && is_host_name(rule->host, size)
			       ? NULL
			       : "a rule's host is not a full name such as cloud.example.com";
	case FIRSTUSE_MUD_CONTROLLER:
		return size <= HOST_MAX && is_uri(rule->host, size)
			       ? NULL
			       : "a rule's controller is not a URI such as urn:ietf:params:mud:ntp";
	case FIRSTUSE_MUD_LAN:
	case FIRSTUSE_MUD_MY_CONTROLLER:
	case FIRSTUSE_MUD_SAME_MAKER:
		return size == 0 ? NULL : "a rule names a host, and its peer has none";
	}
	return "a rule has a peer that there is not";
}

static const char *rules_wrong(const struct firstuse_mud *mud)
{
	if (mud->count > FIRSTUSE_MUD_RULES_MAX)
		return "there are more than 64 rules";
	if (mud->count > 0 && mud->rules == NULL)
		return "the rules are missing";
	for (size_t i = 0; i < mud->count; i++) {
		const struct firstuse_mud_rule *rule = &mud->rules[i];
		const char *wrong;

		if (rule->name == NULL || !is_rule_name(rule->name))
			return "a rule's name is not of 1 to 48 letters, digits and '-'";
		for (size_t k = 0; k < i; k++)
			if (strcmp(mud->rules[k].name, rule->name) == 0)
				return "two rules have the same name";
		wrong = host_wrong(rule);
		if (wrong != NULL)
			return wrong;
		if (rule->protocol != 6 && rule->protocol != 17)
			return "a rule's protocol is neither 6 (TCP) nor 17 (UDP)";
	}
	return NULL;
}

static const char *texts_wrong(const struct firstuse_mud *mud)
{
	if (mud->systeminfo == NULL || !is_line(mud->systeminfo, SYSTEMINFO_CHARACTERS))
		return "systeminfo is not one line of UTF-8 of 1 to 60 characters";
	if (mud->maker != NULL && !is_line(mud->maker, TEXT_MAX))
		return "the maker is not one line of UTF-8 of 1 to 255 bytes";
	if (mud->model != NULL && !is_line(mud->model, TEXT_MAX))
		return "the model is not one line of UTF-8 of 1 to 255 bytes";
	if (mud->firmware != NULL && !is_line(mud->firmware, TEXT_MAX))
		return "the firmware is not one line of UTF-8 of 1 to 255 bytes";
	if (mud->documentation != NULL && !is_web_address(mud->documentation))
		return "the documentation is not a URL of at most 253 bytes";
	if (mud->signature != NULL && !is_web_address(mud->signature))
		return "the signature is not a URL of at most 253 bytes";
	return NULL;
}

const char *fu_mud_wrong(const struct firstuse_mud *mud)
{
	const char *wrong;

	if (mud == NULL)
		return "the description is missing";
	wrong = fu_mud_url_wrong(mud->url);
	if (wrong != NULL)
		return wrong;
	if (mud->last_update == NULL || !is_time(mud->last_update))
		return "last-update is not a time such as 2026-11-23T19:00:00Z";
	if (mud->cache_hours == 0 || mud->cache_hours > CACHE_HOURS_MAX)
		return "cache-validity is not between 1 and 168 hours";
	wrong = texts_wrong(mud);
	return wrong != NULL ? wrong : rules_wrong(mud);
}
