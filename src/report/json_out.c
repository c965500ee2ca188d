/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON, see json_out.h. Strings are escaped by text_json(): whatever a device calls itself, what comes out is
 * JSON, and nothing in it commands a terminal or reorders what stands beside it.
 */
#include "report/json_out.h"

#include <assert.h>

void json_member(struct json *j, const char *key)
{
	if (j->filled)
		text_puts(j->to, ",");
	if (j->depth > 0 && !j->compact) {
		text_puts(j->to, "\n");
		text_settle(j->to);
		text_repeat(j->to, ' ', 2 * (size_t)j->depth);
	}
	j->filled = true;
	if (key != NULL) {
		text_json(j->to, key);
		text_puts(j->to, j->compact ? ":" : ": ");
	}
}

void json_open(struct json *j, const char *key, const char *bracket)
{
	json_member(j, key);
	text_puts(j->to, bracket);
	j->depth++;
	j->filled = false;
}

void json_close(struct json *j, const char *bracket)
{
	assert(j->depth > 0);
	j->depth--;
	if (j->filled && !j->compact) {
		text_puts(j->to, "\n");
		text_repeat(j->to, ' ', 2 * (size_t)j->depth);
	}
	text_puts(j->to, bracket);
	j->filled = true;
}

void json_end(struct json *j)
{
	assert(j->depth == 0);
	text_puts(j->to, "\n");
	text_settle(j->to);
	j->filled = false;
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_member(j, key);
	if (value == NULL)
		text_puts(j->to, "null");
	else
		text_json(j->to, value);
}

void json_known(struct json *j, const char *key, const char *value)
{
	if (value != NULL)
		json_string(j, key, value);
}

void json_count(struct json *j, const char *key, uint64_t value)
{
	json_member(j, key);
	text_number(j->to, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_member(j, key);
	text_puts(j->to, value ? "true" : "false");
}

void json_strings(struct json *j, const char *key, const char *const *values, size_t n)
{
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_string(j, NULL, values[i]);
	json_close(j, "]");
}

void json_mac(struct json *j, const char *key, const struct mac *mac)
{
	char buf[MAC_TEXT_MAX];

	json_string(j, key, mac == NULL ? NULL : mac_text(mac, buf));
}

void json_addr(struct json *j, const char *key, const struct addr *addr)
{
	char buf[ADDR_TEXT_MAX];

	json_string(j, key, addr_text(addr, buf));
}

void json_time(struct json *j, const char *key, int64_t ns)
{
	json_time_as(j, key, ns, 9, "Z");
}

void json_time_as(struct json *j, const char *key, int64_t ns, unsigned digits, const char *zone)
{
	json_member(j, key);
	text_puts(j->to, "\"");
	text_time_as(j->to, ns, digits, zone);
	text_puts(j->to, "\"");
}

void json_macs(struct json *j, const char *key, const struct mac *list, size_t n)
{
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_mac(j, NULL, &list[i]);
	json_close(j, "]");
}

void json_addrs(struct json *j, const char *key, const struct addr *list, size_t n)
{
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_addr(j, NULL, &list[i]);
	json_close(j, "]");
}
