/* SPDX-License-Identifier: MIT */
/*
 * Names of devices, see names.h: a short list of devices, each with a short list of names, looked through in order. What a
 * device could do with it is to open addresses of its own choice to itself under a name that its owner allowed; that takes a
 * resolver of the network's that answers so.
 */
#include "watch/names.h"

#include "base/pattern.h"
#include "base/scan.h"

#include <stdlib.h>
#include <string.h>

struct names_device {
	char id[WIRE_ID];
	struct wire_name list[WIRE_NAMES_MOST];
	size_t n;
};

void names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	*names = (struct names){.n = 0};
}

static int64_t end_of(const struct wire_name *n)
{
	int64_t end = INT64_MIN;

	for (uint32_t i = 0; i < n->addrs_n; i++)
		end = n->until_ns[i] > end ? n->until_ns[i] : end;
	return end;
}

static bool has_run_out(const struct names_device *d, int64_t now_ns)
{
	for (size_t i = 0; i < d->n; i++) {
		if (end_of(&d->list[i]) > now_ns)
			return false;
	}
	return true;
}

static struct names_device *find(const struct names *names, const char *id)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->list[i]->id, id) == 0)
			return names->list[i];
	}
	return NULL;
}

static struct names_device *room_for(struct names *names, int64_t now_ns)
{
	struct names_device *d = NULL;

	if (names->n < NAMES_DEVICES) {
		d = malloc(sizeof *d);
		if (d != NULL)
			names->list[names->n++] = d;
		return d;
	}
	for (size_t i = 0; i < names->n && d == NULL; i++) {
		if (has_run_out(names->list[i], now_ns))
			d = names->list[i];
	}
	return d;
}

/* The name's place; else a new one, or that of the name that runs out first. */
static struct wire_name *place_of(struct names_device *d, const struct wire_name *told)
{
	struct wire_name *first = &d->list[0];

	for (size_t i = 0; i < d->n; i++) {
		struct wire_name *n = &d->list[i];

		if (strcmp(n->name, told->name) == 0 && addr_equal(&n->server, &told->server))
			return n;
		first = end_of(n) < end_of(first) ? n : first;
	}
	return d->n < WIRE_NAMES_MOST ? &d->list[d->n++] : first;
}

bool names_put(struct names *names, const struct wire_names *told, int64_t now_ns)
{
	struct names_device *d = find(names, told->id);

	if (d == NULL) {
		d = room_for(names, now_ns);
		if (d == NULL) {
			names->refused++;
			return false;
		}
		*d = (struct names_device){.n = 0};
		memcpy(d->id, told->id, sizeof d->id);
	}
	for (uint32_t i = 0; i < told->names_n; i++)
		if (told->names[i].name[0] != '\0')
			*place_of(d, &told->names[i]) = told->names[i];
	return true;
}

void names_resolvers(struct names *names, const struct addr *list, size_t n)
{
	names->resolvers_n = n < NAMES_RESOLVERS ? n : NAMES_RESOLVERS;
	if (names->resolvers_n > 0)
		memcpy(names->resolvers, list, names->resolvers_n * sizeof *list);
}

/* A resolver outside answers by the gateway; one inside must be it. */
static bool is_resolver(const struct names *names, const struct addr *server)
{
	for (size_t i = 0; i < names->resolvers_n; i++) {
		if (addr_equal(&names->resolvers[i], server))
			return true;
	}
	return names->resolvers_n == 0 || addr_is_public(server);
}

static size_t add(const struct wire_name *n, int64_t now_ns, struct addr *out, size_t found,
		  size_t room)
{
	for (uint32_t i = 0; i < n->addrs_n && found < room; i++) {
		size_t k = 0;

		if (n->until_ns[i] <= now_ns || (n->near >> i & 1) != 0)
			continue;
		while (k < found && !addr_equal(&out[k], &n->addrs[i]))
			k++;
		if (k == found)
			out[found++] = n->addrs[i];
	}
	return found;
}

size_t names_of(const struct names *names, const char *device_id, const char *name_or_pattern,
		struct addr *out, size_t room, int64_t now_ns)
{
	const struct names_device *d = find(names, device_id);
	struct bytes pattern = bytes_of(name_or_pattern), capture;
	size_t found = 0;

	if (pattern.len > 0 && pattern.at[pattern.len - 1] == '.')
		pattern.len--;
	if (d == NULL || pattern.len == 0 || pattern_check(pattern) != NULL)
		return 0;
	for (size_t i = 0; i < d->n; i++)
		if (pattern_match(pattern, bytes_of(d->list[i].name), &capture) &&
		    is_resolver(names, &d->list[i].server))
			found = add(&d->list[i], now_ns, out, found, room);
	return found;
}

void names_each(const struct names *names, const char *device_id, int64_t now_ns,
		void (*each)(void *context, const struct wire_name *name), void *context)
{
	const struct names_device *d = find(names, device_id);

	for (size_t i = 0; d != NULL && i < d->n; i++)
		if (end_of(&d->list[i]) > now_ns && is_resolver(names, &d->list[i].server))
			each(context, &d->list[i]);
}
