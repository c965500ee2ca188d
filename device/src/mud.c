/* SPDX-License-Identifier: MIT */
/*
 * A MUD URL as DHCP options, and a MUD file as JSON: RFC 8520 (sections 2 and 10), the access lists of RFC 8519, JSON of YANG as
 * RFC 7951 has it ("empty" is [null], names of another module bear its name). Descriptions are checked first as a whole
 * (mud_check.c), so that a file is written whole or not begun.
 *
 * Each conversation becomes four entries, one for each direction and IP version. The name of a host is the destination of what
 * comes from the device and the source of what goes to it; the port is the server's likewise. Who begins a TCP connection is
 * said in both directions (direction-initiated, which the RFC has for TCP only): without it, an answer that is let in would
 * let in any connection from the same port.
 *
 * Text is escaped even though the check lets nothing through but '"' and '\': the writer does not rest on it.
 */
#include "mud.h"

#include <stdarg.h>
#include <string.h>

#define DHCP4_MUD 161u
#define DHCP6_MUD 112u
#define TCP 6u

/* Where the file goes. After a failure nothing more is put. */
struct sink {
	int (*put)(void *user, const char *text, size_t size);
	void *user;
	int failed;
};

enum way { FROM_DEVICE, TO_DEVICE };

/* One of the four access lists. */
struct list {
	const char *name;
	const char *ip;
	enum way way;
};

static const struct list lists[] = {
	{"from-device-ipv4", "ipv4", FROM_DEVICE},
	{"from-device-ipv6", "ipv6", FROM_DEVICE},
	{"to-device-ipv4", "ipv4", TO_DEVICE},
	{"to-device-ipv6", "ipv6", TO_DEVICE},
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

enum firstuse_status firstuse_mud_dhcp4(const char *url, uint8_t option[FIRSTUSE_MUD_URL_MAX + 2],
					size_t *size)
{
	size_t length;

	if (option == NULL || size == NULL || fu_mud_url_wrong(url) != NULL)
		return FIRSTUSE_BAD_CALL;
	length = strlen(url);
	option[0] = DHCP4_MUD;
	option[1] = (uint8_t)length;
	memcpy(option + 2, url, length);
	*size = length + 2;
	return FIRSTUSE_OK;
}

enum firstuse_status firstuse_mud_dhcp6(const char *url, uint8_t option[FIRSTUSE_MUD_URL_MAX + 4],
					size_t *size)
{
	size_t length;

	if (option == NULL || size == NULL || fu_mud_url_wrong(url) != NULL)
		return FIRSTUSE_BAD_CALL;
	length = strlen(url);
	option[0] = 0;
	option[1] = DHCP6_MUD;
	option[2] = 0;
	option[3] = (uint8_t)length;
	memcpy(option + 4, url, length);
	*size = length + 4;
	return FIRSTUSE_OK;
}

static void put(struct sink *to, const char *text, size_t size)
{
	if (!to->failed && size > 0 && to->put(to->user, text, size) != 0)
		to->failed = 1;
}

/* A string of JSON, what is between two escapes in one piece. */
static void quoted(struct sink *to, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0, n = 0;

	put(to, "\"", 1);
	for (; text[n] != 0; n++) {
		unsigned char c = (unsigned char)text[n];
		char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
			continue;
		put(to, text + from, n - from);
		put(to, escape, sizeof(escape));
		from = n + 1;
	}
	put(to, text + from, n - from);
	put(to, "\"", 1);
}

static void number(struct sink *to, unsigned value)
{
	char digits[12];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	put(to, digits + n, sizeof(digits) - n);
}

/* Text in which %s stands for text as it is, %q for a string of JSON and %u for a number. */
static void emit(struct sink *to, const char *format, ...)
{
	size_t from = 0, n = 0;
	va_list list;

	va_start(list, format);
	for (; format[n] != 0; n++) {
		const char *text;

		if (format[n] != '%')
			continue;
		put(to, format + from, n - from);
		from = n + 2;
		switch (format[++n]) {
		case 's':
			text = va_arg(list, const char *);
			put(to, text, strlen(text));
			break;
		case 'q':
			quoted(to, va_arg(list, const char *));
			break;
		default:
			number(to, va_arg(list, unsigned));
		}
	}
	put(to, format + from, n - from);
	va_end(list);
}

/* A member with a comma and a line of its own before it; none where there is no value. */
static void member(struct sink *to, const char *name, const char *value)
{
	if (value != NULL)
		emit(to, ",\n    %q: %q", name, value);
}

static void write_policy(struct sink *to, enum way way)
{
	const char *before = "";

	emit(to, ",\n    \"%s-device-policy\": {\"access-lists\": {\"access-list\": [",
	     way == FROM_DEVICE ? "from" : "to");
	for (size_t i = 0; i < LISTS; i++) {
		if (lists[i].way != way)
			continue;
		emit(to, "%s{\"name\": %q}", before, lists[i].name);
		before = ", ";
	}
	emit(to, "]}}");
}

static void write_header(struct sink *to, const struct firstuse_mud *mud)
{
	emit(to, "{\n  \"ietf-mud:mud\": {\n    \"mud-version\": 1");
	member(to, "mud-url", mud->url);
	member(to, "last-update", mud->last_update);
	member(to, "mud-signature", mud->signature);
	emit(to, ",\n    \"cache-validity\": %u,\n    \"is-supported\": %s",
	     (unsigned)mud->cache_hours, mud->support_ended ? "false" : "true");
	member(to, "systeminfo", mud->systeminfo);
	member(to, "mfg-name", mud->maker);
	member(to, "model-name", mud->model);
	member(to, "firmware-rev", mud->firmware);
	member(to, "documentation", mud->documentation);
	write_policy(to, FROM_DEVICE);
	write_policy(to, TO_DEVICE);
	emit(to, "\n  },\n");
}

/* Peers that are not a host of the Internet: what their class is. */
static void write_class(struct sink *to, const struct firstuse_mud_rule *rule)
{
	switch (rule->peer) {
	case FIRSTUSE_MUD_HOST:
		return;
	case FIRSTUSE_MUD_LAN:
		emit(to, "\"ietf-mud:mud\": {\"local-networks\": [null]}, ");
		return;
	case FIRSTUSE_MUD_MY_CONTROLLER:
		emit(to, "\"ietf-mud:mud\": {\"my-controller\": [null]}, ");
		return;
	case FIRSTUSE_MUD_CONTROLLER:
		emit(to, "\"ietf-mud:mud\": {\"controller\": %q}, ", rule->host);
		return;
	case FIRSTUSE_MUD_SAME_MAKER:
		emit(to, "\"ietf-mud:mud\": {\"same-manufacturer\": [null]}, ");
	}
}

/* The port is the server's: that of the device where the device is it. */
static void write_transport(struct sink *to, const struct firstuse_mud_rule *rule, enum way way)
{
	int to_server = (way == TO_DEVICE) == (rule->device_is_server != 0);

	if (rule->protocol == TCP)
		emit(to, ", \"tcp\": {\"ietf-mud:direction-initiated\": \"%s-device\"%s",
		     rule->device_is_server ? "to" : "from", rule->port != 0 ? ", " : "}");
	else if (rule->port != 0)
		emit(to, ", \"udp\": {");
	if (rule->port != 0)
		emit(to, "\"%s-port\": {\"operator\": \"eq\", \"port\": %u}}",
		     to_server ? "destination" : "source", (unsigned)rule->port);
}

static void write_entry(struct sink *to, const struct firstuse_mud_rule *rule,
			const struct list *list)
{
	emit(to, "\n          {\"name\": \"%s-%s\", \"matches\": {", rule->name,
	     list->way == FROM_DEVICE ? "from" : "to");
	write_class(to, rule);
	emit(to, "%q: {\"protocol\": %u", list->ip, (unsigned)rule->protocol);
	if (rule->peer == FIRSTUSE_MUD_HOST)
		emit(to, ", \"ietf-acldns:%s-dnsname\": %q",
		     list->way == FROM_DEVICE ? "dst" : "src", rule->host);
	emit(to, "}");
	write_transport(to, rule, list->way);
	emit(to, "}, \"actions\": {\"forwarding\": \"accept\"}}");
}

static void write_list(struct sink *to, const struct firstuse_mud *mud, const struct list *list)
{
	emit(to, "\n      {\"name\": %q, \"type\": \"%s-acl-type\", \"aces\": {\"ace\": [",
	     list->name, list->ip);
	for (size_t i = 0; i < mud->count; i++) {
		emit(to, i > 0 ? "," : "");
		write_entry(to, &mud->rules[i], list);
	}
	emit(to, "]}}");
}

enum firstuse_status firstuse_mud_write(const struct firstuse_mud *mud,
					int (*put_text)(void *user, const char *text, size_t size),
					void *user, const char **wrong)
{
	struct sink to = {put_text, user, 0};
	const char *what = put_text == NULL ? "there is nothing to write to" : fu_mud_wrong(mud);

	if (wrong != NULL)
		*wrong = what;
	if (what != NULL)
		return FIRSTUSE_BAD_CALL;
	write_header(&to, mud);
	emit(&to, "  \"ietf-access-control-list:acls\": {\n    \"acl\": [");
	for (size_t i = 0; i < LISTS; i++) {
		emit(&to, i > 0 ? "," : "");
		write_list(&to, mud, &lists[i]);
	}
	emit(&to, "\n    ]\n  }\n}\n");
	return to.failed ? FIRSTUSE_STORAGE : FIRSTUSE_OK;
}
