/* SPDX-License-Identifier: MIT */
/*
 * What readers and users of profiles share: the words, and how URLs and names are compared. A name that could be written in
 * two ways would be matched in one and missed in the other, so there is one form, and what has none is refused: RFC 3986 for
 * the authority, RFC 1123 (2.1) for names of hosts.
 */
#include "contain/mud.h"

#include <string.h>

const char *const mud_peer_words[] = {
	[MUD_NAMED] = "dnsname",
	[MUD_LOCAL] = "local-networks",
	[MUD_CONTROLLER] = "controller",
	[MUD_MY_CONTROLLER] = "my-controller",
	[MUD_SAME_MANUFACTURER] = "same-manufacturer",
	[MUD_MANUFACTURER] = "manufacturer",
	[MUD_MODEL] = "model",
};

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c;
}

/* Labels of 1 to 63, none that begins or ends with '-'; the last is no number, else it would be an address. */
static bool is_host_name(const char *name, size_t len)
{
	size_t label = 0;
	bool digits = true;

	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0 || name[i - 1] == '-')
				return false;
			label = 0;
			digits = true;
			continue;
		}
		if (!is_in_name(name[i]) || (label == 0 && name[i] == '-') || ++label > 63)
			return false;
		digits = digits && name[i] >= '0' && name[i] <= '9';
	}
	return label > 0 && name[len - 1] != '-' && !digits;
}

bool mud_host_name(const char *name, char *out, size_t room)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || len >= room || len >= MUD_NAME)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = lower(name[i]);
	out[len] = '\0';
	return is_host_name(out, len);
}

/* What stands before the port is a name or an IPv4 address; addresses in brackets name no maker and are refused. */
static bool is_authority(const char *at, size_t len)
{
	const char *colon = memchr(at, ':', len);
	size_t host = colon != NULL ? (size_t)(colon - at) : len;
	char name[MUD_NAME];

	if (host == 0 || host >= sizeof name)
		return false;
	memcpy(name, at, host);
	name[host] = '\0';
	if (!mud_host_name(name, name, sizeof name))
		return false;
	for (size_t i = host + 1; i < len; i++) {
		if (at[i] < '0' || at[i] > '9' || i > host + 5)
			return false;
	}
	return colon == NULL || len > host + 1;
}

bool mud_authority(const char *url, char *out, size_t room)
{
	static const char scheme[] = "https://";
	size_t begin = sizeof scheme - 1, len;

	for (size_t i = 0; i < begin; i++) {
		if (lower(url[i]) != scheme[i])
			return false;
	}
	for (const char *s = url; *s != '\0'; s++) {
		if (*s <= ' ' || *s >= 0x7f || strchr("\"<>\\^`{|}", *s) != NULL)
			return false;
	}
	len = strcspn(url + begin, "/?#");
	if (len >= room || !is_authority(url + begin, len))
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = lower(url[begin + i]);
	out[len] = '\0';
	return true;
}

void mud_fini(struct mud_profile *profile)
{
	arena_fini(&profile->arena);
	*profile = (struct mud_profile){0};
}
