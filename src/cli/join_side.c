/* SPDX-License-Identifier: MIT */
/*
 * Reports come from other people too: nothing in one is trusted to be there or to have its type. Keys that stand twice are
 * refused, depth is bounded by the library, and what is no report says what is missing in it.
 */
#include "cli/join_side.h"

#include "base/hash.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *string_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool list_has(const json_t *list, const char *word)
{
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value)
	{
		if (json_is_string(value) && strcmp(json_string_value(value), word) == 0)
			return true;
	}
	return false;
}

static bool is_accused(const json_t *device)
{
	const char *verdict = string_in(device, "verdict");

	return verdict != NULL &&
	       (strcmp(verdict, "suspect") == 0 || strcmp(verdict, "infected") == 0);
}

static bool has_mark(const json_t *device)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(device, "evidence"), i, item)
	{
		const char *detector = string_in(item, "detector");

		if (detector != NULL && strcmp(detector, "mirai-scan") == 0)
			return true;
	}
	return false;
}

static void add_hosts(struct side *s, const json_t *device, size_t number)
{
	const char *family =
		json_string_value(json_array_get(json_object_get(device, "families"), 0));
	bool marked = has_mark(device);
	struct addr addr;
	size_t i;
	json_t *value;

	json_array_foreach(json_object_get(device, "addresses"), i, value)
	{
		if (!json_is_string(value) || !addr_parse(json_string_value(value), &addr))
			continue;
		s->hosts[s->hosts_n++] = (struct side_host){.hash = hash_addr(&addr),
							    .address = json_string_value(value),
							    .maker = string_in(device, "maker"),
							    .family = family,
							    .marked = marked,
							    .device = number};
	}
}

static int port_of(const json_t *value)
{
	json_int_t port = json_is_integer(value) ? json_integer_value(value) : -1;

	return port >= 0 && port <= UINT16_MAX ? (int)port : -1;
}

/* A device that calls a server often calls it once here: devices are read one after the other. */
static bool has_master(const struct side *s, const struct side_master *m)
{
	for (size_t i = s->masters_n; i > 0 && s->masters[i - 1].device == m->device; i--) {
		const char *was = s->masters[i - 1].address;

		if (s->masters[i - 1].port == m->port && was != NULL &&
		    strcmp(was, m->address) == 0)
			return true;
	}
	return false;
}

static void add_masters(struct side *s, const json_t *device, size_t number)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(device, "evidence"), i, item)
	{
		const char *role = string_in(item, "role"), *peer = string_in(item, "peer");
		const json_t *port = json_object_get(item, "port");
		struct side_master m;

		if (role == NULL || peer == NULL || strcmp(role, "command-server") != 0)
			continue;
		m = (struct side_master){.address = peer, .port = port_of(port), .device = number};
		if (!has_master(s, &m))
			s->masters[s->masters_n++] = m;
	}
}

static int by_hash(const void *x, const void *y)
{
	const struct side_host *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->device > b->device) - (a->device < b->device);
}

/* Scanners, and whoever calls a command server. */
static int read_devices(struct side *s, const json_t *devices)
{
	size_t hosts = 0, masters = 0, i;
	json_t *device;

	json_array_foreach(devices, i, device)
	{
		hosts += json_array_size(json_object_get(device, "addresses"));
		masters += json_array_size(json_object_get(device, "evidence"));
	}
	s->hosts = calloc(hosts + 1, sizeof *s->hosts);
	s->masters = calloc(masters + 1, sizeof *s->masters);
	if (s->hosts == NULL || s->masters == NULL)
		return -ENOMEM;
	json_array_foreach(devices, i, device)
	{
		if (!is_accused(device))
			continue;
		if (list_has(json_object_get(device, "stages"), "scanning"))
			add_hosts(s, device, i);
		add_masters(s, device, i);
	}
	qsort(s->hosts, s->hosts_n, sizeof *s->hosts, by_hash);
	return 0;
}

static bool read_hashes(struct side_attack *a, const char *text)
{
	size_t n = (strlen(text) + 1) / 17;

	a->hashes = calloc(n + 1, sizeof *a->hashes);
	if (a->hashes == NULL)
		return false;
	for (char *end; a->hashes_n < n; text = end) {
		a->hashes[a->hashes_n] = strtoull(text, &end, 16);
		if (end == text)
			break;
		a->hashes_n++;
	}
	return true;
}

static int read_attacks(struct side *s, const json_t *attacks)
{
	size_t i;
	json_t *attack;

	s->attacks = calloc(json_array_size(attacks) + 1, sizeof *s->attacks);
	if (s->attacks == NULL)
		return -ENOMEM;
	json_array_foreach(attacks, i, attack)
	{
		struct side_attack *a = &s->attacks[s->attacks_n];
		const char *hashes = string_in(attack, "source_hashes");

		a->vector = string_in(attack, "vector");
		a->target = string_in(attack, "target");
		a->first = string_in(attack, "first");
		a->last = string_in(attack, "last");
		a->sources = (uint64_t)json_integer_value(json_object_get(attack, "sources"));
		a->spoofed = json_is_true(json_object_get(attack, "spoofed"));
		if (a->vector == NULL || a->target == NULL || a->first == NULL || a->last == NULL)
			continue;
		s->attacks_n++;
		if (hashes == NULL)
			continue;
		if (!read_hashes(a, hashes))
			return -ENOMEM;
		a->exact = a->hashes_n > 0;
	}
	return 0;
}

int side_read(struct side *s, const char *json, size_t len, const char **why)
{
	json_error_t error;
	const char *schema;
	int err;

	*s = (struct side){.root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error)};
	if (s->root == NULL) {
		*why = "it is neither a capture nor JSON that can be read";
		return -EBADMSG;
	}
	schema = string_in(s->root, "schema");
	if (schema == NULL || strcmp(schema, "cordon.report/1") != 0) {
		*why = "it is JSON, and no report of 'cordon inspect --format json'";
		side_fini(s);
		return -EBADMSG;
	}
	err = read_devices(s, json_object_get(s->root, "devices"));
	if (err == 0)
		err = read_attacks(s, json_object_get(s->root, "attacks"));
	if (err != 0)
		side_fini(s);
	return err;
}

void side_fini(struct side *s)
{
	for (size_t i = 0; i < s->attacks_n; i++)
		free(s->attacks[i].hashes);
	free(s->attacks);
	free(s->hosts);
	free(s->masters);
	json_decref(s->root);
	*s = (struct side){.root = NULL};
}

const struct side_host *side_host(const struct side *s, uint64_t hash)
{
	size_t low = 0, high = s->hosts_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->hosts[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->hosts_n && s->hosts[low].hash == hash ? &s->hosts[low] : NULL;
}
