/* SPDX-License-Identifier: MIT */
/*
 * One function an exposure. A login counts when the server accepted it; a pair counts when it stands in the lists; a
 * recall counts when its rule matches what the device told of itself (recalls.c).
 */
#include "verdict/exposures.h"

#include "base/pattern.h"
#include "base/put.h"
#include "base/scan.h"
#include "verdict/accesses.h"
#include "verdict/recalls.h"

#include <stdlib.h>

struct finder {
	const struct exposures_in *in;
	struct exposed *all;
};

static struct where where_of(uint64_t key)
{
	return (struct where){.input = (uint32_t)(key >> 40),
			      .packet = key & ((UINT64_C(1) << 40) - 1)};
}

/* Most devices have few: the list begins small and doubles when it is full. */
static bool make_room(struct exposed *e, struct arena *arena)
{
	bool full = e->n == 0 || (e->n >= EXPOSURES_FIRST && (e->n & (e->n - 1)) == 0);
	size_t room = e->n == 0 ? (size_t)EXPOSURES_FIRST : 2 * e->n;
	struct exposure *list;

	if (e->n == EXPOSURES_MAX)
		return false;
	if (!full)
		return true;
	list = arena_take(arena, room * sizeof *list);
	if (list == NULL)
		return false;
	if (e->n > 0)
		memcpy(list, e->list, e->n * sizeof *list);
	e->list = list;
	return true;
}

struct exposure *exposure_add(const struct exposures_in *in, struct exposed *e,
			      enum exposure_kind kind, uint64_t key)
{
	if (!make_room(e, in->arena))
		return NULL;
	e->list[e->n] = (struct exposure){.kind = kind, .where = where_of(key)};
	return &e->list[e->n++];
}

const char *service_text(struct arena *arena, uint8_t proto, uint16_t port)
{
	const char *name = proto < PROTOS ? protos[proto]->name : "tcp";
	char number[PUT_NUMBER_MAX + 1];

	if (port == 0)
		return arena_string(arena, name);
	*put_number(number, port) = '\0';
	return ARENA_JOIN(arena, name, "/", number);
}

const char *secret_mask(struct arena *arena, const char *password)
{
	size_t n = strlen(password);

	if (n == 0)
		return "(empty)";
	if (n <= 2)
		return "…";
	return arena_print(arena, "%c…%c", password[0], password[n - 1]);
}

/* ---- logins ---------------------------------------------------------------------------------------------------- */

static bool same_pair(const struct credential *a, const struct credential *b, bool no_user)
{
	const char *user = a->user == NULL ? "" : a->user, *other = b->user == NULL ? "" : b->user;

	return strcmp(a->password, b->password) == 0 && (no_user || strcmp(user, other) == 0);
}

static bool same(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool is_maker(const struct profile *p, const char *maker)
{
	return maker != NULL && ((p->maker != NULL && same(p->maker, maker)) ||
				 (p->brand != NULL && same(p->brand, maker)));
}

/* Of the entries with this pair the one that says most about this device: its maker's, the bots', any. */
static const struct credential *best_entry(const struct catalogue *c, const struct profile *p,
					   const struct login_fact *login)
{
	const struct credential *first = &c->credentials[login->pair], *best = first;

	for (size_t i = (size_t)login->pair; i < c->credentials_n; i++) {
		const struct credential *entry = &c->credentials[i];

		if (!same_pair(first, entry, login->no_user) ||
		    (login->community && (entry->services & SERVICE_SNMP) == 0))
			continue;
		if (is_maker(p, entry->maker))
			return entry;
		if (entry->bots && !best->bots)
			best = entry;
	}
	return best;
}

/* Can its owner not change it? So says the entry of its own maker, or every entry that has this pair. */
static bool is_built_in(const struct catalogue *c, const struct profile *p,
			const struct login_fact *login, const struct credential *entry)
{
	if (is_maker(p, entry->maker))
		return entry->changeable == YES_NO;
	for (size_t i = (size_t)login->pair; i < c->credentials_n; i++) {
		if (same_pair(&c->credentials[login->pair], &c->credentials[i], login->no_user) &&
		    c->credentials[i].changeable != YES_NO)
			return false;
	}
	return true;
}

bool login_is_built_in(const struct exposures_in *in, const struct profile *p,
		       const struct login_fact *login)
{
	return is_built_in(in->catalogue, p, login, best_entry(in->catalogue, p, login));
}

static const char *whose(const struct profile *p, const struct credential *entry)
{
	if (is_maker(p, entry->maker))
		return entry->bots ? "this maker's factory password, known to bots"
				   : "this maker's factory password";
	return entry->bots ? "a factory password known to bots"
			   : "a factory password of other makers";
}

/* Is this of this service said already? Bots log in by the hundred with one and the same pair. */
static bool is_said(const struct exposed *e, enum exposure_kind kind, const char *service,
		    const char *begin)
{
	for (size_t i = 0; service != NULL && i < e->n; i++) {
		const struct exposure *x = &e->list[i];

		if (x->kind == kind && x->detail != NULL && strcmp(x->service, service) == 0 &&
		    strncmp(x->detail, begin, strlen(begin)) == 0)
			return true;
	}
	return false;
}

/* "admin / x…1 (…) accepted from "; a community that everybody tries first is no secret that had to be hidden. */
static const char *accepted_text(const struct exposures_in *in, const struct profile *p,
				 const struct login_fact *login, const struct credential *entry)
{
	const char *secret = in->show_secrets
				     ? (entry->password[0] == '\0' ? "(empty)" : entry->password)
				     : secret_mask(in->arena, entry->password);
	bool user = !login->no_user && entry->user != NULL;

	if (login->community)
		return arena_print(in->arena, "community string %s (%s) answers ", entry->password,
				   is_maker(p, entry->maker) ? "this maker's default"
							     : "a default that everybody tries");
	return arena_print(in->arena, "%s%s%s (%s) accepted from ", user ? entry->user : "",
			   user ? " / " : "", secret, whose(p, entry));
}

static void add_factory(const struct exposures_in *in, struct exposed *e, const struct profile *p,
			const struct login_fact *login)
{
	const struct credential *entry = best_entry(in->catalogue, p, login);
	const char *service = service_text(in->arena, login->proto, login->port);
	const char *what = accepted_text(in, p, login, entry);
	char client[ADDR_TEXT_MAX];
	struct exposure *x;

	if (what == NULL || is_said(e, EXPOSURE_FACTORY_PASSWORD, service, what))
		return;
	x = exposure_add(in, e, EXPOSURE_FACTORY_PASSWORD, login->answer_key);
	if (x == NULL)
		return;
	x->service = service;
	x->time_ns = login->last_ns;
	x->detail = arena_print(in->arena, "%s%s", what, addr_text(&login->client, client));
	if (!is_built_in(in->catalogue, p, login, entry) ||
	    is_said(e, EXPOSURE_UNCHANGEABLE_PASSWORD, service, ""))
		return;
	x = exposure_add(in, e, EXPOSURE_UNCHANGEABLE_PASSWORD, login->answer_key);
	if (x == NULL)
		return;
	x->service = service;
	x->time_ns = login->last_ns;
	x->detail = "this password is written into the firmware: its owner can't change it";
}

enum { LATER_LOGINS = 4096 /* looked through for a refusal */ };

/* Where the same pair was refused there later: it has been changed since. NULL: nowhere. list begins with the accepted one. */
static const struct login_fact *was_changed(const struct login_fact *const *list, size_t n,
					    const struct login_fact *accepted)
{
	for (size_t i = 0; i < n && accepted->pair >= 0 && i < LATER_LOGINS &&
			   addr_equal(&list[i]->server, &accepted->server);
	     i++) {
		const struct login_fact *l = list[i];

		if (l->outcome == LOGIN_REFUSED && l->pair == accepted->pair &&
		    l->port == accepted->port && l->proto == accepted->proto &&
		    l->server_mac == accepted->server_mac && l->last_key > accepted->last_key)
			return l;
	}
	return NULL;
}

/* The first such time; a refusal that was told before already counts from its last. */
static void note_changed(struct exposed *e, const struct login_fact *accepted,
			 const struct login_fact *refused)
{
	int64_t ns =
		refused->answer_key > accepted->last_key ? refused->first_ns : refused->last_ns;

	if (e->changed && e->changed_ns <= ns)
		return;
	e->changed = true;
	e->changed_ns = ns;
}

static void add_login(const struct exposures_in *in, struct exposed *e, const struct profile *p,
		      const struct login_fact *login, const struct login_fact *changed)
{
	const char *service;
	struct exposure *x;

	if (login->outcome != LOGIN_ACCEPTED || login->last_ns < in->since_ns)
		return;
	if (changed != NULL)
		note_changed(e, login, changed);
	else if (login->pair >= 0)
		add_factory(in, e, p, login);
	service = service_text(in->arena, login->proto, login->port);
	if (!login->cleartext || service == NULL ||
	    is_said(e, EXPOSURE_CLEARTEXT_LOGIN, service, ""))
		return;
	x = exposure_add(in, e, EXPOSURE_CLEARTEXT_LOGIN, login->answer_key);
	if (x == NULL)
		return;
	x->service = service;
	x->time_ns = login->last_ns;
	x->detail = "the password crossed the network in clear: whoever is on the way can read it";
}

static int by_place(const void *x, const void *y)
{
	const struct login_fact *a = *(const struct login_fact *const *)x;
	const struct login_fact *b = *(const struct login_fact *const *)y;
	int order = addr_compare(&a->server, &b->server);

	if (order != 0)
		return order;
	if (a->answer_key != b->answer_key)
		return a->answer_key < b->answer_key ? -1 : 1;
	return a->tried_key < b->tried_key ? -1 : a->tried_key > b->tried_key;
}

/* Only logins at devices of ours: what is used at strangers' servers is their concern. */
static void add_logins(struct finder *f)
{
	const struct exposures_in *in = f->in;
	const struct login_fact **list;
	size_t n = 0;

	for (int i = 0; i < LANES; i++)
		n += in->listeners->lane[i].facts.logins_n;
	list = arena_take(in->arena, (n + 1) * sizeof *list);
	if (list == NULL)
		return;
	n = 0;
	for (int i = 0; i < LANES; i++) {
		const struct facts *facts = &in->listeners->lane[i].facts;

		for (uint32_t k = 0; k < facts->logins_n; k++) {
			if (facts_login_at(facts, k)->server_ours)
				list[n++] = facts_login_at(facts, k);
		}
	}
	if (n > 0)
		qsort(list, n, sizeof *list, by_place);
	for (size_t i = 0; i < n; i++) {
		uint32_t device = profiles_device(in->profiles, in->devices, in->world,
						  &list[i]->server, list[i]->server_mac);
		const struct login_fact *changed;

		if (device >= in->profiles->n)
			continue;
		changed = was_changed(list + i, n - i, list[i]);
		add_login(in, &f->all[device], &in->profiles->list[device], list[i], changed);
		access_login(in, &f->all[device], &in->profiles->list[device], list[i], changed);
	}
}

/* ---- facts ----------------------------------------------------------------------------------------------------- */

static void add_telnet(const struct exposures_in *in, struct exposed *e, const struct told *t)
{
	const char *service;
	struct exposure *x;

	if (!bytes_are(t->value, "telnet"))
		return;
	service = service_text(in->arena, t->fact->proto, t->fact->port);
	if (is_said(e, EXPOSURE_OPEN_TELNET, service, ""))
		return;
	x = exposure_add(in, e, EXPOSURE_OPEN_TELNET, t->fact->key);
	if (x == NULL)
		return;
	x->time_ns = t->fact->first_ns;
	x->service = service;
	x->detail = "answers telnet: whoever knows the password commands the device";
}

/* A port that was recognised later stands there twice: the protocol's name is the better one. */
static bool is_named_elsewhere(const struct profile *p, const struct told *t)
{
	if (!bytes_are(t->value, "tcp"))
		return false;
	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *other = &p->told[i];

		if (other->fact->signal == SIGNAL_reached && other->fact->port == t->fact->port &&
		    !bytes_are(other->value, "tcp"))
			return true;
	}
	return false;
}

static void add_reached(const struct exposures_in *in, struct exposed *e, const struct profile *p,
			const struct told *t)
{
	const char *service = service_text(in->arena, t->fact->proto, t->fact->port);
	char peer[ADDR_TEXT_MAX];
	struct exposure *x;

	if (is_named_elsewhere(p, t) || is_said(e, EXPOSURE_INTERNET_REACHABLE, service, ""))
		return;
	x = exposure_add(in, e, EXPOSURE_INTERNET_REACHABLE, t->fact->key);
	if (x == NULL)
		return;
	x->time_ns = t->fact->first_ns;
	x->service = service;
	x->detail = ARENA_JOIN(in->arena, "accepted a connection from the Internet, from ",
			       addr_text(&t->fact->peer, peer));
}

/* A recorder somewhere that answers a maker's discovery to the whole Internet. */
static void add_discovered(const struct exposures_in *in, struct exposed *e, const struct told *t)
{
	struct exposure *x;

	if (t->fact->signal != SIGNAL_beacon || !addr_is_public(&t->fact->addr))
		return;
	x = exposure_add(in, e, EXPOSURE_INTERNET_REACHABLE, t->fact->key);
	if (x == NULL)
		return;
	x->time_ns = t->fact->first_ns;
	x->service = service_text(in->arena, t->fact->proto, 0);
	x->detail =
		"answers its maker's discovery protocol on the Internet: it can be found, and used "
		"to amplify attacks";
}

/* The last word on activation: SADP's "false", or the two lowest bits of Dahua's Init (1: no password set yet). */
static void add_activation(const struct exposures_in *in, struct exposed *e,
			   const struct profile *p)
{
	const struct told *last = NULL;
	struct exposure *x;
	bool missing;

	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *t = &p->told[i];

		if ((t->fact->signal == SIGNAL_sadp_activated ||
		     t->fact->signal == SIGNAL_dahua_init) &&
		    (last == NULL || t->fact->last_key > last->fact->last_key))
			last = t;
	}
	if (last == NULL)
		return;
	if (last->fact->last_ns < in->since_ns)
		return;
	missing = last->fact->signal == SIGNAL_sadp_activated
			  ? bytes_are(last->value, "false")
			  : bytes_number(last->value) >= 0 && (bytes_number(last->value) & 3) == 1;
	x = missing ? exposure_add(in, e, EXPOSURE_NOT_ACTIVATED, last->fact->key) : NULL;
	if (x == NULL)
		return;
	x->time_ns = last->fact->first_ns;
	x->service = service_text(in->arena, last->fact->proto, 0);
	x->detail = "says that no password has been set yet: the first who comes sets it";
}

/* "tcp 8080 to 192.168.1.20:80": the device that the port leads to; the one that told it when no address stands there. */
static uint32_t mapped_device(const struct exposures_in *in, const struct told *t)
{
	struct bytes rest = t->value, address;
	char text[ADDR_TEXT_MAX];
	struct addr addr;
	uint32_t device;

	address = bytes_from(rest, bytes_find(rest, " to ") + strlen(" to "));
	while (address.len > 0 && address.at[address.len - 1] != ':')
		address.len--;
	if (address.len < 2 || address.len > sizeof text)
		return t->device;
	memcpy(text, address.at, address.len - 1);
	text[address.len - 1] = '\0';
	if (!addr_parse(text, &addr))
		return t->device;
	device = profiles_device(in->profiles, in->devices, in->world, &addr, NO_MAC);
	return device < in->profiles->n ? device : t->device;
}

static void add_mapping(struct finder *f, const struct told *t)
{
	struct exposed *e = &f->all[mapped_device(f->in, t)];
	struct exposure *x = exposure_add(f->in, e, EXPOSURE_PORT_MAPPING, t->fact->key);

	if (x == NULL)
		return;
	x->time_ns = t->fact->first_ns;
	x->service = service_text(f->in->arena, t->fact->proto, 0);
	x->detail = arena_print(f->in->arena, "the router forwards a port from the Internet: %.*s",
				(int)t->value.len, (const char *)t->value.at);
}

static void add_facts(struct finder *f, uint32_t device)
{
	const struct profile *p = &f->in->profiles->list[device];
	struct exposed *e = &f->all[device];
	bool local = f->in->devices->list[device].local;

	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *t = &p->told[i];

		if (t->fact->last_ns < f->in->since_ns)
			continue;
		if (!local)
			add_discovered(f->in, e, t);
		else if (t->fact->signal == SIGNAL_service)
			add_telnet(f->in, e, t);
		else if (t->fact->signal == SIGNAL_reached)
			add_reached(f->in, e, p, t);
		else if (t->fact->signal == SIGNAL_port_mapping)
			add_mapping(f, t);
	}
	add_activation(f->in, e, p);
}

/* A maker whose telnet password is fixed, and telnet answers: that nobody logged in yet changes nothing. */
static void infer_unchangeable(const struct exposures_in *in, struct exposed *e,
			       const struct profile *p)
{
	const struct exposure *telnet = NULL;
	struct exposure *x;

	for (size_t i = 0; i < e->n; i++) {
		if (e->list[i].kind == EXPOSURE_UNCHANGEABLE_PASSWORD)
			return;
		if (e->list[i].kind == EXPOSURE_OPEN_TELNET)
			telnet = &e->list[i];
	}
	for (size_t i = 0; telnet != NULL && i < in->catalogue->credentials_n; i++) {
		const struct credential *c = &in->catalogue->credentials[i];

		if (!c->fixed || c->changeable != YES_NO || (c->services & SERVICE_TELNET) == 0 ||
		    !is_maker(p, c->maker))
			continue;
		x = exposure_add(in, e, EXPOSURE_UNCHANGEABLE_PASSWORD, 0);
		if (x == NULL)
			return;
		x->where = telnet->where;
		x->time_ns = telnet->time_ns;
		x->service = telnet->service;
		x->inferred = true;
		x->detail = "devices of this maker that answer telnet have a password there that "
			    "their owner can't change";
		return;
	}
}

/* ---- all together ---------------------------------------------------------------------------------------------- */

static int by_kind(const void *x, const void *y)
{
	const struct exposure *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->where.input != b->where.input)
		return a->where.input < b->where.input ? -1 : 1;
	if (a->where.packet != b->where.packet)
		return a->where.packet < b->where.packet ? -1 : 1;
	if (a->service == NULL || b->service == NULL)
		return (a->service != NULL) - (b->service != NULL);
	if (strcmp(a->service, b->service) != 0)
		return strcmp(a->service, b->service);
	return strcmp(a->detail, b->detail);
}

static void add_steps(const struct exposures_in *in, struct exposed *e, const struct profile *p)
{
	const struct product *best = NULL;
	struct bytes rest;

	for (size_t i = 0; i < in->catalogue->products_n && p->maker != NULL && e->n > 0; i++) {
		const struct product *product = &in->catalogue->products[i];
		struct bytes capture, model = bytes_of(p->model == NULL ? "" : p->model);

		if (product->steps == NULL || product->maker == NULL ||
		    !is_maker(p, product->maker) || !pattern_match(product->model, model, &capture))
			continue;
		if (best == NULL || bytes_are(best->model, "*"))
			best = product; /* one for this very model before one for the whole maker */
	}
	rest = bytes_of(best == NULL ? "" : best->steps);
	while (rest.len > 0 && e->steps_n < STEPS_MAX) {
		struct bytes step = bytes_trim(bytes_cut(&rest, '|'));

		if (step.len > 0)
			e->steps[e->steps_n++] = arena_bytes(in->arena, step.at, step.len);
	}
}

/* Protocols that computers and phones rarely serve. */
static bool is_thing_protocol(struct bytes name)
{
	static const char *const names[] = {"telnet", "rtsp",	"dvrip", "dahua",    "sadp",
					    "onvif",  "tplink", "tuya",	 "ubiquiti", "beacons"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (bytes_are(name, names[i]))
			return true;
	}
	return false;
}

/* A port that such a protocol has for its own, whatever was spoken there. */
static bool is_thing_port(uint16_t port)
{
	for (unsigned i = 0; i < PROTOS; i++) {
		if ((protos[i]->carriers & OVER_TCP) == 0 ||
		    !is_thing_protocol(bytes_of(protos[i]->name)))
			continue;
		for (int k = 0; k < PROTO_PORTS && protos[i]->ports[k] != 0; k++) {
			if (protos[i]->ports[k] == port)
				return true;
		}
	}
	return false;
}

bool profile_serves_as_thing(const struct profile *p)
{
	for (size_t i = 0; i < p->told_n; i++) {
		const struct fact *fact = p->told[i].fact;

		if (fact->signal == SIGNAL_service && is_thing_protocol(p->told[i].value))
			return true;
		if (fact->signal == SIGNAL_reached && is_thing_port(fact->port))
			return true;
	}
	return false;
}

static bool is_thing(const struct profile *p)
{
	static const char *const others[] = {"pc", "phone", "tablet", "server", "laptop"};

	for (size_t i = 0; p->product != NULL && i < sizeof others / sizeof others[0]; i++) {
		if (strcmp(p->product, others[i]) == 0)
			return false;
	}
	return p->product != NULL || profile_serves_as_thing(p);
}

struct exposed *exposures_find(const struct exposures_in *in)
{
	struct finder f = {.in = in};

	f.all = arena_take(in->arena, (in->profiles->n + 1) * sizeof *f.all);
	if (f.all == NULL)
		return NULL;
	add_logins(&f);
	for (uint32_t i = 0; i < in->profiles->n; i++)
		add_facts(&f, i);
	for (uint32_t i = 0; i < in->profiles->n && !in->arena->failed; i++) {
		const struct profile *p = &in->profiles->list[i];

		f.all[i].thing = is_thing(p) || !in->devices->list[i].local;
		infer_unchangeable(in, &f.all[i], p);
		if (in->devices->list[i].local || f.all[i].n > 0)
			recalls_match(in, &f.all[i], p);
		if (in->devices->list[i].local)
			accesses_close(in, &f.all[i], p);
		if (f.all[i].n > 0)
			qsort(f.all[i].list, f.all[i].n, sizeof *f.all[i].list, by_kind);
		add_steps(in, &f.all[i], p);
	}
	return in->arena->failed ? NULL : f.all;
}
