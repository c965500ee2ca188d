/* SPDX-License-Identifier: MIT */
/*
 * Dense tables in the order of arrival with a seeded index over them, as everywhere: nothing is taken out to make room for
 * more (facts_age.c forgets), refusals go by count alone.
 *
 * What a host is and says it says to everybody, so the other end is no part of the fact. A deed is done to somebody: the same
 * done to another is another fact, or one intruder's words would be put into another's mouth wherever both share a lane.
 */
#include "proto/facts_tables.h"
#include "base/hash.h"

static uint64_t stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

static uint64_t load_half(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

/* The last bytes are taken with some of those before them once more: the length, stirred in before, tells them apart. */
static uint64_t stir_bytes(uint64_t h, struct bytes b)
{
	if (b.len >= 8) {
		for (size_t i = 0; i + 8 < b.len; i += 8)
			h = stir(h, hash_load(b.at + i));
		return stir(h, hash_load(b.at + b.len - 8));
	}
	if (b.len >= 4)
		return stir(h, load_half(b.at) | load_half(b.at + b.len - 4) << 32);
	for (size_t i = 0; i < b.len; i++)
		h ^= (uint64_t)b.at[i] << 8 * i;
	return stir(h, 0);
}

static uint64_t stir_addr(uint64_t h, const struct addr *a)
{
	return stir(stir(h, hash_load(a->b)), hash_load(a->b + 8));
}

static bool is_about(const struct fact *fact, const struct subject *who, enum signal signal,
		     uint16_t port)
{
	return fact->signal == (uint8_t)signal && fact->mac == who->mac && fact->port == port &&
	       addr_equal(&fact->addr, &who->addr);
}

/* From the seed on, so that nobody who doesn't know it can make two alike. */
static uint64_t hash_host(const struct facts *f, const struct subject *who, enum signal signal)
{
	return stir(stir_addr(f->slots.seed, &who->addr),
		    (uint64_t)who->mac << 8 | (uint64_t)signal);
}

static uint64_t hash_value(uint64_t host, uint16_t port, struct bytes value)
{
	return stir_bytes(stir(host, (uint64_t)port << 32 | value.len), value);
}

static bool is_same(const struct facts *f, const struct fact *fact, const struct subject *who,
		    enum signal signal, uint16_t port, struct bytes value)
{
	return fact->len == value.len && is_about(fact, who, signal, port) &&
	       memcmp(fact_value(f, fact).at, value.at, value.len) == 0;
}

/* A node of a hash table talks to thousands, which says no more than one does. */
static bool has_object(enum signal signal)
{
	return signals[signal].weight == WEIGHT_DEED && signal != SIGNAL_dht_node;
}

static struct fact_head *find_head(struct facts *f, const struct subject *who, enum signal signal,
				   uint64_t hash, bool make)
{
	struct probe probe = slots_probe(&f->head_slots, hash);
	uint32_t at;

	while (slots_next(&f->head_slots, &probe, &at)) {
		struct fact_head *head = stripe_at(&f->heads, at);

		if (head->signal == signal && head->mac == who->mac &&
		    addr_equal(&head->addr, &who->addr))
			return head;
	}
	if (!make || f->heads_n == f->cap)
		return NULL;
	slots_put(&f->head_slots, &probe, f->heads_n);
	*(struct fact_head *)stripe_at(&f->heads, f->heads_n) =
		(struct fact_head){.addr = who->addr, .mac = who->mac, .signal = (uint8_t)signal};
	return stripe_at(&f->heads, f->heads_n++);
}

static uint32_t pieces_of(struct bytes value)
{
	return (uint32_t)((value.len + FACT_PIECE - 1) / FACT_PIECE);
}

uint32_t facts_place_text(const struct facts *f, struct bytes value)
{
	uint32_t pieces = pieces_of(value), first = f->texts_n;

	if (first % STRIPE_PIECE + pieces > STRIPE_PIECE)
		first = (first / STRIPE_PIECE + 1) * STRIPE_PIECE;
	return first + pieces > f->texts_cap ? f->texts_cap : first;
}

void facts_keep_text(struct facts *f, struct bytes value, uint32_t at)
{
	memmove(stripe_at(&f->texts, at), value.at, value.len);
	f->texts_n = at + pieces_of(value);
}

/* What a device's story is made of; that strangers try passwords is no part of it and can be had in any number. */
static bool takes_on(enum signal signal)
{
	return signals[signal].weight == WEIGHT_DEED && signal != SIGNAL_login_tried;
}

/* Does the store take more of that kind? An eighth is kept for stories. */
static bool is_open(const struct facts *f, const struct subject *who, enum signal signal)
{
	uint32_t cap = takes_on(signal) ? f->cap : f->cap / 8 * 7;

	return f->n < cap && (who->ours || f->strangers_n < f->cap / 2);
}

/* False when there is none, which is counted. */
static bool has_room(struct facts *f, const struct subject *who, enum signal signal, uint64_t hash)
{
	struct fact_head *head = NULL;

	if (is_open(f, who, signal))
		head = find_head(f, who, signal, hash, true);
	if (head == NULL) {
		f->refused++;
		return false;
	}
	if (head->n >= f->per_signal) {
		f->surplus++;
		return false;
	}
	head->n++;
	return true;
}

static void count_again(struct fact *fact, uint64_t key, int64_t time_ns)
{
	fact->count += fact->count < UINT32_MAX;
	fact->last_key = key;
	fact->last_ns = time_ns;
}

uint64_t facts_hash(const struct facts *f, const struct fact *fact)
{
	const struct subject who = {.addr = fact->addr, .mac = fact->mac};
	enum signal signal = (enum signal)fact->signal;
	uint64_t hash = hash_value(hash_host(f, &who, signal), fact->port, fact_value(f, fact));

	return has_object(signal) ? stir_addr(hash, &fact->peer) : hash;
}

struct fact_head *facts_head(struct facts *f, const struct fact *fact, bool make)
{
	const struct subject who = {.addr = fact->addr, .mac = fact->mac};
	enum signal signal = (enum signal)fact->signal;

	return find_head(f, &who, signal, hash_host(f, &who, signal), make);
}

const struct fact *facts_find(const struct facts *f, const struct subject *who,
			      const struct saying *said)
{
	uint64_t hash = hash_value(hash_host(f, who, said->signal), said->port, said->value);
	bool object = has_object(said->signal);
	struct probe probe;
	uint32_t at;

	if (object)
		hash = stir_addr(hash, &said->peer);
	probe = slots_probe(&f->slots, hash);
	while (slots_next(&f->slots, &probe, &at)) {
		const struct fact *fact = facts_at(f, at);

		if (is_same(f, fact, who, said->signal, said->port, said->value) &&
		    (!object || addr_equal(&fact->peer, &said->peer)))
			return fact;
	}
	return NULL;
}

struct fact *facts_add(struct facts *f, const struct subject *who, const struct saying *said)
{
	uint64_t host = hash_host(f, who, said->signal);
	uint64_t hash = hash_value(host, said->port, said->value);
	bool object = has_object(said->signal);
	struct probe probe;
	struct fact *fact;
	uint32_t at, text;

	if (object)
		hash = stir_addr(hash, &said->peer);
	/* Under a flood of strangers' names nearly all that is told ends here. */
	if ((f->marks[hash % FACT_MARKS / 64] >> hash % 64 & 1) == 0 &&
	    !is_open(f, who, said->signal)) {
		f->refused++;
		return NULL;
	}
	probe = slots_probe(&f->slots, hash);
	while (slots_next(&f->slots, &probe, &at)) {
		fact = stripe_at(&f->entries, at);
		if (is_same(f, fact, who, said->signal, said->port, said->value) &&
		    (!object || addr_equal(&fact->peer, &said->peer))) {
			count_again(fact, said->key, said->time_ns);
			return fact;
		}
	}
	text = facts_place_text(f, said->value);
	if (said->value.len > FACT_TEXT || text == f->texts_cap) {
		f->refused++;
		return NULL;
	}
	if (!has_room(f, who, said->signal, host))
		return NULL;
	facts_keep_text(f, said->value, text);
	fact = stripe_at(&f->entries, f->n);
	*fact = (struct fact){.addr = who->addr,
			      .peer = said->peer,
			      .key = said->key,
			      .last_key = said->key,
			      .first_ns = said->time_ns,
			      .last_ns = said->time_ns,
			      .count = 1,
			      .text = text,
			      .mac = who->mac,
			      .port = said->port,
			      .len = (uint8_t)said->value.len,
			      .signal = (uint8_t)said->signal,
			      .proto = said->proto,
			      .ours = who->ours};
	slots_put(&f->slots, &probe, f->n++);
	facts_mark(f, hash);
	f->strangers_n += !who->ours;
	return fact;
}

bool facts_hold(const struct facts *f, const struct subject *who, enum signal signal, uint16_t port,
		struct bytes value)
{
	struct probe probe =
		slots_probe(&f->slots, hash_value(hash_host(f, who, signal), port, value));
	uint32_t at;

	while (slots_next(&f->slots, &probe, &at)) {
		if (is_same(f, facts_at(f, at), who, signal, port, value))
			return true;
	}
	return false;
}

bool facts_challenged(const struct facts *f, const struct addr *server, uint16_t port,
		      struct bytes realm)
{
	for (uint32_t i = 0; i < f->n; i++) {
		const struct fact *fact = facts_at(f, i);
		struct bytes value = fact_value(f, fact);

		if ((fact->signal == SIGNAL_http_realm || fact->signal == SIGNAL_rtsp_realm ||
		     fact->signal == SIGNAL_sip_realm) &&
		    fact->port == port && addr_equal(&fact->addr, server) &&
		    (realm.len == 0 ||
		     (value.len == realm.len && memcmp(value.at, realm.at, realm.len) == 0)))
			return true;
	}
	return false;
}

static bool same_login(const struct login_fact *a, const struct login_fact *b)
{
	return a->port == b->port && a->pair == b->pair && a->outcome == b->outcome &&
	       a->proto == b->proto && a->server_mac == b->server_mac &&
	       a->cleartext == b->cleartext && a->no_user == b->no_user &&
	       a->community == b->community && addr_equal(&a->server, &b->server) &&
	       addr_equal(&a->client, &b->client);
}

uint64_t facts_login_hash(const struct facts *f, const struct login_fact *login)
{
	return hash_more(hash_more(hash_keyed(&login->server, f->slots.seed),
				   hash_keyed(&login->client, f->slots.seed)),
			 (uint64_t)(uint32_t)login->pair << 32 | (uint64_t)login->port << 16 |
				 (uint64_t)login->outcome << 8 | login->proto);
}

struct login_fact *facts_find_login(const struct facts *f, const struct login_fact *login)
{
	struct probe probe = slots_probe(&f->login_slots, facts_login_hash(f, login));
	uint32_t at;

	while (slots_next(&f->login_slots, &probe, &at)) {
		if (same_login(facts_login_at(f, at), login))
			return facts_login_at(f, at);
	}
	return NULL;
}

struct login_fact *facts_add_login(struct facts *f, const struct login_fact *login)
{
	struct probe probe = slots_probe(&f->login_slots, facts_login_hash(f, login));
	uint32_t at;

	while (slots_next(&f->login_slots, &probe, &at)) {
		struct login_fact *had = facts_login_at(f, at);

		if (!same_login(had, login))
			continue;
		had->count += had->count < UINT32_MAX;
		had->last_ns = login->last_ns;
		had->last_key = login->answer_key;
		return had;
	}
	/* What was accepted tells more than what was refused: an eighth is kept for it. */
	if (f->logins_n == f->logins_cap ||
	    (login->outcome != LOGIN_ACCEPTED && f->logins_n >= f->logins_cap / 8 * 7) ||
	    (!login->server_ours && f->strange_logins_n >= f->logins_cap / 2)) {
		f->refused_logins++;
		return NULL;
	}
	*facts_login_at(f, f->logins_n) = *login;
	slots_put(&f->login_slots, &probe, f->logins_n);
	f->strange_logins_n += !login->server_ours;
	return facts_login_at(f, f->logins_n++);
}
