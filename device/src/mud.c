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
	const char *type;
	const char *ip;
	enum way way;
};

static const struct list lists[] = {
	{"from-device-ipv4", "ipv4-acl-type", "ipv4", FROM_DEVICE},
	{"from-device-ipv6", "ipv6-acl-type", "ipv6", FROM_DEVICE},
	{"to-device-ipv4", "ipv4-acl-type", "ipv4", TO_DEVICE},
	{"to-device-ipv6", "ipv6-acl-type", "ipv6", TO_DEVICE},
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

static void plain(struct sink *to, const char *text)
{
	put(to, text, strlen(text));
}

/* A string of JSON, what is between two escapes in one piece. */
static void quoted(struct sink *to, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0, n = 0;

	plain(to, "\"");
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
	plain(to, "\"");
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

/* A member with a comma and a line of its own before it. */
static void member(struct sink *to, const char *name, const char *value)
{
	if (value == NULL)
		return;
	plain(to, ",\n    \"");
	plain(to, name);
	plain(to, "\": ");
	quoted(to, value);
}

static void write_policy(struct sink *to, enum way way)
{
	const char *before = "";

	plain(to,
	      way == FROM_DEVICE ? ",\n    \"from-device-policy\"" : ",\n    \"to-device-policy\"");
	plain(to, ": {\"access-lists\": {\"access-list\": [");
	for (size_t i = 0; i < LISTS; i++) {
		if (lists[i].way != way)
			continue;
		plain(to, before);
		plain(to, "{\"name\": ");
		quoted(to, lists[i].name);
		plain(to, "}");
		before = ", ";
	}
	plain(to, "]}}");
}

static void write_header(struct sink *to, const struct firstuse_mud *mud)
{
	plain(to, "{\n  \"ietf-mud:mud\": {\n    \"mud-version\": 1");
	member(to, "mud-url", mud->url);
	member(to, "last-update", mud->last_update);
	member(to, "mud-signature", mud->signature);
	plain(to, ",\n    \"cache-validity\": ");
	number(to, mud->cache_hours);
	plain(to, ",\n    \"is-supported\": ");
	plain(to, mud->support_ended ? "false" : "true");
	member(to, "systeminfo", mud->systeminfo);
	member(to, "mfg-name", mud->maker);
	member(to, "model-name", mud->model);
	member(to, "firmware-rev", mud->firmware);
	member(to, "documentation", mud->documentation);
	write_policy(to, FROM_DEVICE);
	write_policy(to, TO_DEVICE);
	plain(to, "\n  },\n");
}

/* Peers that are not a host of the Internet: what their class is. */
static void write_class(struct sink *to, const struct firstuse_mud_rule *rule)
{
	static const char *const classes[] = {
		[FIRSTUSE_MUD_LAN] = "local-networks",
		[FIRSTUSE_MUD_MY_CONTROLLER] = "my-controller",
		[FIRSTUSE_MUD_CONTROLLER] = "controller",
		[FIRSTUSE_MUD_SAME_MAKER] = "same-manufacturer",
	};

	if (rule->peer == FIRSTUSE_MUD_HOST)
		return;
	plain(to, "\"ietf-mud:mud\": {");
	quoted(to, classes[rule->peer]);
	plain(to, ": ");
	if (rule->peer == FIRSTUSE_MUD_CONTROLLER)
		quoted(to, rule->host);
	else
		plain(to, "[null]");
	plain(to, "}, ");
}

/* The port is the server's: that of the device where the device is it. */
static void write_transport(struct sink *to, const struct firstuse_mud_rule *rule, enum way way)
{
	int to_server = (way == TO_DEVICE) == (rule->device_is_server != 0);

	if (rule->protocol != TCP && rule->port == 0)
		return;
	plain(to, rule->protocol == TCP ? ", \"tcp\": {" : ", \"udp\": {");
	if (rule->protocol == TCP) {
		plain(to, "\"ietf-mud:direction-initiated\": ");
		quoted(to, rule->device_is_server ? "to-device" : "from-device");
	}
	if (rule->port != 0) {
		plain(to, rule->protocol == TCP ? ", " : "");
		quoted(to, to_server ? "destination-port" : "source-port");
		plain(to, ": {\"operator\": \"eq\", \"port\": ");
		number(to, rule->port);
		plain(to, "}");
	}
	plain(to, "}");
}

static void write_entry(struct sink *to, const struct firstuse_mud_rule *rule,
			const struct list *list)
{
	plain(to, "\n          {\"name\": \"");
	plain(to, rule->name);
	plain(to, list->way == FROM_DEVICE ? "-from" : "-to");
	plain(to, "\", \"matches\": {");
	write_class(to, rule);
	quoted(to, list->ip);
	plain(to, ": {\"protocol\": ");
	number(to, rule->protocol);
	if (rule->peer == FIRSTUSE_MUD_HOST) {
		plain(to, ", ");
		quoted(to, list->way == FROM_DEVICE ? "ietf-acldns:dst-dnsname"
						    : "ietf-acldns:src-dnsname");
		plain(to, ": ");
		quoted(to, rule->host);
	}
	plain(to, "}");
	write_transport(to, rule, list->way);
	plain(to, "}, \"actions\": {\"forwarding\": \"accept\"}}");
}

static void write_list(struct sink *to, const struct firstuse_mud *mud, const struct list *list)
{
	plain(to, "\n      {\"name\": ");
	quoted(to, list->name);
	plain(to, ", \"type\": ");
	quoted(to, list->type);
	plain(to, ", \"aces\": {\"ace\": [");
	for (size_t i = 0; i < mud->count; i++) {
		plain(to, i > 0 ? "," : "");
		write_entry(to, &mud->rules[i], list);
	}
	plain(to, "]}}");
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
	plain(&to, "  \"ietf-access-control-list:acls\": {\n    \"acl\": [");
	for (size_t i = 0; i < LISTS; i++) {
		plain(&to, i > 0 ? "," : "");
		write_list(&to, mud, &lists[i]);
	}
	plain(&to, "\n    ]\n  }\n}\n");
	return to.failed ? FIRSTUSE_STORAGE : FIRSTUSE_OK;
}
