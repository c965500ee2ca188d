/* SPDX-License-Identifier: MIT */
/*
 * From the engine's lookups to messages. A name that was asked for by IPv4 and by IPv6 is one name of the device; at two
 * resolvers, two. Times are told anew when they went on by ten seconds.
 */
#include "watch/names_tell.h"

#include "base/hash.h"
#include "base/timespan.h"
#include "proto/lookups.h"

#include <string.h>

_Static_assert((int)WIRE_NAME == (int)LOOKUP_NAME &&
		       (int)WIRE_NAME_ADDRESSES == (int)LOOKUP_ADDRESSES,
	       "a message holds what the engine keeps");

enum { LOOKUPS_MOST = 4 * WIRE_NAMES_MOST };

void names_tell_again(struct names_tell *t)
{
	memset(t->told, 0, sizeof t->told);
	t->begun = false;
}

static uint64_t hash_text(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = hash_more(h, (uint8_t)*text);
	return h;
}

static uint64_t digest_of(const struct wire_names *names)
{
	uint64_t h = hash_text(names->names_n, names->id);

	for (uint32_t i = 0; i < names->names_n; i++) {
		const struct wire_name *n = &names->names[i];

		h = hash_more(hash_text(h, n->name), hash_addr(&n->server));
		for (uint32_t k = 0; k < n->addrs_n; k++) {
			h = hash_more(h, hash_addr(&n->addrs[k]));
			h = hash_more(h, (uint64_t)(n->until_ns[k] / (10 * NS_PER_S)));
		}
	}
	return h | 1;
}

static void add_address(struct wire_name *n, const struct addr *a, int64_t until_ns, bool near)
{
	uint32_t i = 0;

	while (i < n->addrs_n && !addr_equal(&n->addrs[i], a))
		i++;
	if (i == WIRE_NAME_ADDRESSES)
		return;
	if (i == n->addrs_n) {
		n->addrs[n->addrs_n++] = *a;
		n->until_ns[i] = until_ns;
	}
	if (until_ns > n->until_ns[i])
		n->until_ns[i] = until_ns;
	if (near)
		n->near |= (uint8_t)(1u << i);
}

static void add_lookup(struct wire_names *names, const struct lookup *l, const struct engine *e)
{
	struct wire_name *n;
	uint32_t i = 0;

	while (i < names->names_n && (strcmp(names->names[i].name, l->name) != 0 ||
				      !addr_equal(&names->names[i].server, &l->server)))
		i++;
	if (i == WIRE_NAMES_MOST)
		return;
	n = &names->names[i];
	if (i == names->names_n) {
		names->names_n++;
		*n = (struct wire_name){.server = l->server};
		memcpy(n->name, l->name, sizeof n->name);
	}
	for (uint32_t k = 0; k < l->addrs_n; k++)
		if (l->until_ns[k] > engine_now(e))
			add_address(n, &l->addrs[k], l->until_ns[k],
				    engine_is_near(e, &l->addrs[k]));
}

/* False when the service takes no more now. */
static bool tell_device(struct names_tell *t, struct rounds *r, struct engine *e,
			const struct device *d, unsigned *told)
{
	struct lookup lookups[LOOKUPS_MOST];
	size_t n = engine_names(e, d->addresses, d->addresses_n, lookups, LOOKUPS_MOST);
	uint64_t *known = &t->told[hash_text(1, d->id) % NAMES_TOLD];
	size_t len = strlen(d->id);
	uint64_t digest;

	if (n == 0 || len >= sizeof t->names.id)
		return true;
	t->names = (struct wire_names){.names_n = 0};
	memcpy(t->names.id, d->id, len);
	for (size_t i = 0; i < n; i++)
		add_lookup(&t->names, &lookups[i], e);
	digest = digest_of(&t->names);
	if (*known == digest)
		return true;
	if (!rounds_names(r, &t->names))
		return false;
	*known = digest;
	++*told;
	return true;
}

void names_tell(struct names_tell *t, struct rounds *r, struct engine *e,
		const struct judged *judged)
{
	uint32_t changes = engine_names_changes(e);
	unsigned told = 0;

	if (t->begun && changes == t->changes)
		return;
	for (size_t i = 0; i < judged->devices_n; i++) {
		if (!judged->devices[i].local)
			continue;
		if (told == NAMES_A_ROUND || !tell_device(t, r, e, &judged->devices[i], &told))
			return;
	}
	t->changes = changes;
	t->begun = true;
}
