/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON, see json_out.h. Strings are escaped by text_json(): whatever a device calls itself, what comes out is
 * JSON, and nothing in it commands a terminal or reorders what stands beside it. Before each member room is made for
 * all of it at once.
 */
#include "report/json_out.h"

#include <assert.h>

enum { LEAD = 2 * JSON_DEPTH_MAX + 2 };

static const char lead[LEAD + 1] = ",\n                              ";

char *json_lead(struct json *j, size_t n)
{
	char *at = text_room(j->to, n + LEAD);
	unsigned comma = j->filled;

	if (at == NULL)
		return NULL;
	/* One copy of a fixed length; what is too much of it is written over. */
	memcpy(at, lead + !comma, LEAD);
	j->filled = true;
	return at + comma + j->indent;
}

char *json_member(struct json *j, const char *key, size_t key_len, size_t n)
{
	char *at = json_lead(j, key_len + 4 + n);

	if (at == NULL || key == NULL)
		return at;
	*at++ = '"';
	memcpy(at, key, key_len);
	at += key_len;
	*at++ = '"';
	*at++ = ':';
	*at = ' ';
	return at + !j->compact;
}

static void set_depth(struct json *j, unsigned depth)
{
	assert(depth <= JSON_DEPTH_MAX);
	j->depth = depth;
	j->indent = j->compact || depth == 0 ? 0 : 1 + 2 * depth;
}

void json_open_as(struct json *j, const char *key, size_t key_len, const char *bracket)
{
	text_settle(j->to);
	json_bare_as(j, key, key_len, bracket, 1);
	set_depth(j, j->depth + 1);
	j->filled = false;
}

void json_close(struct json *j, const char *bracket)
{
	char *at = text_room(j->to, LEAD + 1);

	assert(j->depth > 0);
	set_depth(j, j->depth - 1);
	if (at != NULL) {
		if (j->filled && !j->compact) {
			memcpy(at, lead + 1, LEAD);
			at += 1 + 2 * (size_t)j->depth;
		}
		*at = *bracket;
		text_took(j->to, at + 1);
	}
	j->filled = true;
}

void json_end(struct json *j)
{
	assert(j->depth == 0);
	text_add(j->to, "\n", 1);
	text_settle(j->to);
	j->filled = false;
}

void json_bare_as(struct json *j, const char *key, size_t key_len, const char *value, size_t n)
{
	char *at = json_member(j, key, key_len, n);

	if (at == NULL)
		return;
	memcpy(at, value, n);
	text_took(j->to, at + n);
}

void json_string_as(struct json *j, const char *key, size_t key_len, const char *value)
{
	char *at;

	if (value == NULL) {
		json_bare_as(j, key, key_len, "null", 4);
		return;
	}
	at = json_member(j, key, key_len, 0);
	if (at == NULL)
		return;
	text_took(j->to, at);
	text_json(j->to, value);
}

void json_word_as(struct json *j, const char *key, size_t key_len, const char *word)
{
	size_t n;
	char *at;

	if (word == NULL) {
		json_bare_as(j, key, key_len, "null", 4);
		return;
	}
	n = strlen(word);
	at = json_member(j, key, key_len, n + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	memcpy(at, word, n);
	at[n] = '"';
	text_took(j->to, at + n + 1);
}

void json_count_as(struct json *j, const char *key, size_t key_len, uint64_t value)
{
	char *at = json_member(j, key, key_len, PUT_NUMBER_MAX);

	if (at != NULL)
		text_took(j->to, put_number(at, value));
}

void json_strings(struct json *j, const char *key, const char *const *values, size_t n)
{
	if (n == 0) {
		json_bare(j, key, "[]");
		return;
	}
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_string(j, NULL, values[i]);
	json_close(j, "]");
}

void json_mac(struct json *j, const char *key, const struct mac *mac)
{
	char *at;

	if (mac == NULL) {
		json_null(j, key);
		return;
	}
	at = json_member(j, JSON_KEY(key), MAC_TEXT_MAX + 2);
	if (at == NULL)
		return;
	*at = '"';
	mac_text(mac, at + 1);
	at[MAC_TEXT_MAX] = '"';
	text_took(j->to, at + MAC_TEXT_MAX + 1);
}

void json_addr(struct json *j, const char *key, const struct addr *addr)
{
	char *at = json_member(j, JSON_KEY(key), ADDR_TEXT_MAX + 2);

	if (at == NULL)
		return;
	*at = '"';
	at = put_addr(at + 1, addr);
	*at = '"';
	text_took(j->to, at + 1);
}

void json_macs(struct json *j, const char *key, const struct mac *list, size_t n)
{
	if (n == 0) {
		json_bare(j, key, "[]");
		return;
	}
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_mac(j, NULL, &list[i]);
	json_close(j, "]");
}

void json_addrs(struct json *j, const char *key, const struct addr *list, size_t n)
{
	if (n == 0) {
		json_bare(j, key, "[]");
		return;
	}
	json_open(j, key, "[");
	for (size_t i = 0; i < n; i++)
		json_addr(j, NULL, &list[i]);
	json_close(j, "]");
}

void json_time_as(struct json *j, const char *key, int64_t ns, unsigned digits, const char *zone)
{
	size_t n = strlen(zone);
	char *at = json_member(j, JSON_KEY(key), PUT_TIME_MAX + n + 2);

	if (at == NULL)
		return;
	*at++ = '"';
	at = put_time(at, &j->minute, ns, digits);
	at = stpcpy(at, zone);
	*at = '"';
	text_took(j->to, at + 1);
}

void json_time(struct json *j, const char *key, int64_t ns)
{
	json_time_as(j, key, ns, 9, "Z");
}
