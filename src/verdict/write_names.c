/* SPDX-License-Identifier: MIT */
/*
 * What a device calls itself: the host names of its DHCP requests (RFC 2132, 3.14; RFC 4702; RFC 4704), of mDNS (RFC 6762),
 * of NetBIOS (RFC 1002) and of LLMNR (RFC 4795). One name told in two ways is one name. And how it asks for its lease, which
 * differs from one system to the next and stays when a phone takes another MAC: the options that it wants, and its vendor
 * class. All of it is what the device says: it names, and proves nothing.
 */
#include "verdict/write_profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	NAMES_MAX = 4,
	NAMES_WEIGHED = 32 /* values that are looked at; a host keeps so many of each signal */
};

struct name {
	struct bytes value;
	uint64_t count;
	uint64_t key; /* packet that told it first */
};

/* "cam.local" and "CAM<00>" are "cam" and "CAM"; empty when the signal holds no name. */
static struct bytes name_in(const struct told *t)
{
	static const char local[] = ".local";
	struct bytes v = t->value;
	size_t suffix = sizeof local - 1;

	switch (t->fact->signal) {
	case SIGNAL_dhcp_host_name:
	case SIGNAL_dhcp_fqdn:
	case SIGNAL_dhcp6_fqdn:
	case SIGNAL_llmnr_name:
	case SIGNAL_mdns_host:
		break;
	case SIGNAL_nbns_name:
		v.len = v.len > 4 && v.at[v.len - 4] == '<' ? v.len - 4 : 0;
		break;
	default:
		return (struct bytes){NULL, 0};
	}
	if (v.len > 0 && v.at[v.len - 1] == '.')
		v.len--;
	if (v.len > suffix && strncasecmp((const char *)v.at + v.len - suffix, local, suffix) == 0)
		v.len -= suffix;
	return v;
}

static void weigh_name(struct name *list, size_t *n, struct bytes value, const struct fact *fact)
{
	size_t i = 0;

	while (i < *n && (list[i].value.len != value.len ||
			  strncasecmp((const char *)list[i].value.at, (const char *)value.at,
				      value.len) != 0))
		i++;
	if (i == NAMES_WEIGHED)
		return;
	if (i == *n) {
		list[(*n)++] = (struct name){value, fact->count, fact->key};
		return;
	}
	list[i].count += fact->count;
	if (fact->key < list[i].key) {
		list[i].key = fact->key;
		list[i].value = value;
	}
}

static int by_count(const void *x, const void *y)
{
	const struct name *a = x, *b = y;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

static const struct told *last_told(const struct profile *p, enum signal signal)
{
	const struct told *last = NULL;

	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *t = &p->told[i];

		if (t->fact->signal == signal &&
		    (last == NULL || t->fact->last_key > last->fact->last_key))
			last = t;
	}
	return last;
}

static const char *lease_of(const struct profile *p, struct arena *arena)
{
	const struct told *parameters = last_told(p, SIGNAL_dhcp_parameters);
	const struct told *class = last_told(p, SIGNAL_dhcp_vendor_class);
	const char *wants;

	if (parameters == NULL)
		return NULL;
	wants = arena_bytes(arena, parameters->value.at, parameters->value.len);
	if (wants == NULL || class == NULL)
		return wants;
	return ARENA_JOIN(arena, wants, " ", arena_bytes(arena, class->value.at, class->value.len));
}

void write_told_names(struct device *out, const struct profile *p, struct arena *arena)
{
	struct name list[NAMES_WEIGHED];
	const char **names;
	size_t n = 0;

	if (!out->local)
		return;
	for (size_t i = 0; i < p->told_n; i++) {
		struct bytes value = name_in(&p->told[i]);

		if (value.len > 0)
			weigh_name(list, &n, value, p->told[i].fact);
	}
	out->lease = lease_of(p, arena);
	if (n == 0)
		return;
	qsort(list, n, sizeof list[0], by_count);
	n = n < NAMES_MAX ? n : NAMES_MAX;
	names = arena_take(arena, n * sizeof *names);
	if (names == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		names[i] = arena_bytes(arena, list[i].value.at, list[i].value.len);
	out->names = names;
	out->names_n = n;
}
