/* SPDX-License-Identifier: MIT */
/* Each is added as if it had just been told; what that did not count is put right after it. */
#include "proto/facts_join.h"

static uint32_t add_most(uint32_t a, uint32_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

static void widen(int64_t *first_ns, int64_t *last_ns, int64_t first, int64_t last)
{
	*first_ns = first < *first_ns ? first : *first_ns;
	*last_ns = last > *last_ns ? last : *last_ns;
}

void facts_join(struct facts *f, const struct fact *from, struct bytes value)
{
	const struct subject who = {.addr = from->addr, .mac = from->mac, .ours = from->ours};
	const struct saying said = {.peer = from->peer,
				    .value = value,
				    .key = from->key,
				    .time_ns = from->first_ns,
				    .signal = (enum signal)from->signal,
				    .port = from->port,
				    .proto = from->proto};
	const struct fact *had = facts_find(f, &who, &said);
	int64_t last_ns = had == NULL ? from->last_ns : had->last_ns;
	uint64_t surplus = f->surplus;
	struct fact *fact = facts_add(f, &who, &said);

	if (fact == NULL) {
		f->surplus += f->surplus > surplus ? from->count - 1 : 0;
		return;
	}
	fact->count = had == NULL ? from->count : add_most(fact->count, from->count - 1);
	fact->last_ns = last_ns;
	widen(&fact->first_ns, &fact->last_ns, from->first_ns, from->last_ns);
	fact->last_key = from->last_key > fact->last_key ? from->last_key : fact->last_key;
}

void facts_join_login(struct facts *f, const struct login_fact *from)
{
	uint32_t before = f->logins_n;
	struct login_fact *login = facts_add_login(f, from);

	if (login == NULL) {
		f->refused_logins += from->count - 1;
		return;
	}
	if (f->logins_n > before)
		return;
	login->count = add_most(login->count, from->count - 1);
	widen(&login->first_ns, &login->last_ns, from->first_ns, from->last_ns);
	login->last_key = from->last_key;
}
