/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a saved report for `cordon join`: reports come from other people. What is read must be whole: names that
 * are there, ports that are ports, hosts in the order in which they are looked for, each found by its hash.
 */
#include "cli/join_side.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_hosts(const struct side *s)
{
	for (size_t i = 0; i < s->hosts_n; i++) {
		const struct side_host *h = &s->hosts[i];
		const struct side_host *found = side_host(s, h->hash);

		require(i == 0 || s->hosts[i - 1].hash <= h->hash);
		require(h->address != NULL && found != NULL && found->hash == h->hash);
		require(found == s->hosts || (found - 1)->hash != h->hash);
	}
	(void)side_host(s, 0);
	(void)side_host(s, UINT64_MAX);
}

static void check_masters(const struct side *s)
{
	for (size_t i = 0; i < s->masters_n; i++) {
		const struct side_master *m = &s->masters[i];

		require(m->address != NULL && m->port >= -1 && m->port <= 65535);
		require(i == 0 || s->masters[i - 1].device <= m->device);
	}
}

static void check_attacks(const struct side *s)
{
	for (size_t i = 0; i < s->attacks_n; i++) {
		const struct side_attack *a = &s->attacks[i];

		require(a->vector != NULL && a->target != NULL && a->first != NULL &&
			a->last != NULL);
		require(!a->exact || a->hashes_n > 0);
		for (size_t k = 0; k < a->hashes_n; k++)
			(void)side_host(s, a->hashes[k]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct side s;

	if (side_read(&s, (const char *)data, size, &why) != 0) {
		require(why != NULL && s.root == NULL && s.hosts == NULL);
		return 0;
	}
	check_hosts(&s);
	check_masters(&s);
	check_attacks(&s);
	side_fini(&s);
	return 0;
}
