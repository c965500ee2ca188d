/* SPDX-License-Identifier: MIT */
/*
 * What parsers told, lane by lane and in the order in which it was told, so that of a host's many values the first ones stay.
 * Facts number protocols, signals and lines of knowledge: the stamp holds that these are the same here.
 */
#include "summary/sections.h"
#include "base/scan.h"
#include "proto/facts_join.h"

enum { FACT_LEAST = 70, LOGIN_LEAST = 90 };

static void proto_number(struct archive *a, uint8_t *proto)
{
	archive_u8(a, proto);
	archive_require(a, *proto < PROTOS || *proto == PROTO_NONE_ID, "it names no protocol");
}

static void fact_fields(struct archive *a, struct fact *f)
{
	archive_addr(a, &f->addr);
	archive_addr(a, &f->peer);
	archive_mac(a, &f->mac);
	archive_key(a, &f->key);
	archive_key(a, &f->last_key);
	archive_i64(a, &f->first_ns);
	archive_i64(a, &f->last_ns);
	archive_u32(a, &f->count);
	archive_require(a, f->count > 0, "something was told never");
	archive_u16(a, &f->port);
	archive_u8_within(a, &f->signal, 0, SIGNALS - 1);
	proto_number(a, &f->proto);
	archive_u8_within(a, &f->ours, 0, 1);
}

static void login_fields(struct archive *a, struct login_fact *l, const struct catalogue *c)
{
	archive_addr(a, &l->server);
	archive_addr(a, &l->client);
	archive_mac(a, &l->server_mac);
	archive_mac(a, &l->client_mac);
	archive_key(a, &l->tried_key);
	archive_key(a, &l->answer_key);
	archive_key(a, &l->last_key);
	archive_i64(a, &l->first_ns);
	archive_i64(a, &l->last_ns);
	archive_i32(a, &l->pair);
	archive_require(
		a, l->pair >= PAIR_UNKNOWN && (l->pair < 0 || (size_t)l->pair < c->credentials_n),
		"it names a password that is not known");
	archive_u32(a, &l->count);
	archive_require(a, l->count > 0, "a login was tried never");
	archive_u16(a, &l->port);
	archive_u8_within(a, &l->proto, 0, PROTOS - 1);
	archive_u8_within(a, &l->scheme, 0, LOGIN_HASHED);
	archive_u8_within(a, &l->outcome, 0, LOGIN_ACCEPTED);
	archive_bool(a, &l->server_ours);
	archive_bool(a, &l->client_ours);
	archive_bool(a, &l->client_stranger);
	archive_bool(a, &l->no_user);
	archive_bool(a, &l->community);
	archive_bool(a, &l->cleartext);
}

static uint32_t count_told(const struct hands *h, const struct facts *facts)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < facts->n; i++)
		n += ours_fact(h->ours, facts_at(facts, i));
	return n;
}

static uint32_t count_logins(const struct hands *h, const struct facts *facts)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < facts->logins_n; i++)
		n += ours_login(h->ours, facts_login_at(facts, i));
	return n;
}

static void section_told(struct hands *h, struct facts *facts)
{
	struct archive *a = h->a;
	bool saves = !a->reading && facts != NULL;
	uint32_t n = saves ? count_told(h, facts) : 0;

	archive_count(a, &n, FACT_LEAST);
	for (uint32_t i = 0, from = 0; i < n && !a->broken; i++) {
		struct bytes value = {.at = NULL, .len = 0};
		struct fact fact = {.count = 0};

		if (saves) {
			while (!ours_fact(h->ours, facts_at(facts, from)))
				from++;
			fact = *facts_at(facts, from++);
			value = fact_value(facts, &fact);
		}
		fact_fields(a, &fact);
		value = archive_text(a, value, FACT_TEXT);
		if (joins(h))
			facts_join(facts, &fact, value);
	}
}

static void section_logins(struct hands *h, struct facts *facts)
{
	struct archive *a = h->a;
	bool saves = !a->reading && facts != NULL;
	uint32_t before = saves ? h->ours->tried : 0;
	uint32_t n = saves ? count_logins(h, facts) : 0;

	if (saves)
		h->ours->tried = before;
	archive_count(a, &n, LOGIN_LEAST);
	for (uint32_t i = 0, from = 0; i < n && !a->broken; i++) {
		struct login_fact login = {.count = 0};

		if (saves) {
			while (!ours_login(h->ours, facts_login_at(facts, from)))
				from++;
			login = *facts_login_at(facts, from++);
		}
		login_fields(a, &login, h->catalogue);
		if (joins(h))
			facts_join_login(facts, &login);
	}
}

void section_facts(struct hands *h)
{
	if (!h->a->reading)
		h->ours->tried = 0;
	for (int lane = 0; lane < LANES && !h->a->broken; lane++) {
		struct facts *facts = h->t == NULL ? NULL : &h->t->listeners->lane[lane].facts;

		section_told(h, facts);
		section_logins(h, facts);
	}
}
