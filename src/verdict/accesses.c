/* SPDX-License-Identifier: MIT */
/*
 * Logins to accesses, see accesses.h. Addresses of a device are one here: a service answers by IPv4 and by IPv6. An attacker
 * who wants a gate to open would have to show an own password at the device, which is to have the device.
 */
#include "verdict/accesses.h"

#include "base/scan.h"
#include "verdict/recalls.h"

#include <stdlib.h>

/* What is known of one service while logins are laid to it. */
struct entry {
	struct access access; /* first: that is what is handed on */
	uint64_t key;	      /* order key of the login that it was taken from */
	uint16_t port;
	uint8_t proto;
};

struct accesses {
	struct entry entry[ACCESSES_MAX];
	size_t n;
};

static struct where where_of(uint64_t key)
{
	return (struct where){.input = (uint32_t)(key >> 40),
			      .packet = key & ((UINT64_C(1) << 40) - 1)};
}

static struct entry *find(struct accesses *a, uint8_t proto, uint16_t port)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->entry[i].port == port && a->entry[i].proto == proto)
			return &a->entry[i];
	}
	return NULL;
}

static struct entry *add(const struct exposures_in *in, struct exposed *e, uint8_t proto,
			 uint16_t port)
{
	struct accesses *a = e->found;
	struct entry *entry;

	if (a == NULL)
		a = e->found = arena_take(in->arena, sizeof *a);
	if (a == NULL || a->n == ACCESSES_MAX)
		return NULL;
	entry = &a->entry[a->n++];
	*entry = (struct entry){.port = port, .proto = proto};
	entry->access.service = service_text(in->arena, proto, port);
	return entry;
}

/* ---- logins ---------------------------------------------------------------------------------------------------- */

/* How much a login decides: one that tells whose password it was before one that does not, and that before a refusal. */
static int weight_of(enum access_kind kind)
{
	static const int weights[] = {
		[ACCESS_NONE] = 0, [ACCESS_HIDDEN] = 1, [ACCESS_FACTORY] = 2, [ACCESS_OWN] = 2};

	return weights[kind];
}

static enum access_kind kind_of(const struct login_fact *login, const struct login_fact *refused)
{
	if (login->pair == PAIR_OWN)
		return ACCESS_OWN;
	if (login->pair < 0)
		return ACCESS_HIDDEN;
	return refused != NULL ? ACCESS_NONE : ACCESS_FACTORY;
}

void access_login(const struct exposures_in *in, struct exposed *e, const struct profile *p,
		  const struct login_fact *login, const struct login_fact *refused)
{
	enum access_kind kind = kind_of(login, refused);
	const struct login_fact *shown = kind == ACCESS_NONE ? refused : login;
	struct entry *entry;

	if (login->outcome != LOGIN_ACCEPTED)
		return;
	entry = e->found == NULL ? NULL : find(e->found, login->proto, login->port);
	if (entry == NULL)
		entry = add(in, e, login->proto, login->port);
	if (entry == NULL || weight_of(kind) < weight_of(entry->access.kind) ||
	    (weight_of(kind) == weight_of(entry->access.kind) && shown->last_key < entry->key))
		return;
	entry->key = shown->last_key;
	entry->access.kind = kind;
	entry->access.where = where_of(shown->last_key);
	entry->access.time_ns = shown->last_ns;
	entry->access.unchangeable = kind == ACCESS_FACTORY && login_is_built_in(in, p, login);
}

/* ---- services without a login ---------------------------------------------------------------------------------- */

/* For which services there are passwords of its maker, and for which of these one that can't be changed. */
struct factory {
	unsigned known;
	unsigned fixed;
};

static bool is_maker(const struct profile *p, const char *maker)
{
	return maker != NULL && ((p->maker != NULL && strcmp(p->maker, maker) == 0) ||
				 (p->brand != NULL && strcmp(p->brand, maker) == 0));
}

/*
 * That a password is fixed is taken for telnet alone, as exposures.c does: elsewhere lists tell of hidden accounts of some
 * firmware, which shut out no device before they are seen in use.
 */
static struct factory factory_of(const struct catalogue *c, const struct profile *p)
{
	struct factory f = {0};

	for (size_t i = 0; i < c->credentials_n; i++) {
		const struct credential *entry = &c->credentials[i];

		if (!is_maker(p, entry->maker))
			continue;
		f.known |= entry->services;
		if (entry->fixed && entry->changeable == YES_NO)
			f.fixed |= entry->services & SERVICE_TELNET;
	}
	return f;
}

static const struct {
	const char *name;
	unsigned service;
} services[] = {{"telnet", SERVICE_TELNET}, {"http", SERVICE_HTTP},   {"ftp", SERVICE_FTP},
		{"rtsp", SERVICE_RTSP},	    {"ssh", SERVICE_SSH},     {"dvrip", SERVICE_DVRIP},
		{"dahua", SERVICE_DAHUA},   {"onvif", SERVICE_ONVIF}, {"sip", SERVICE_SIP},
		{"mqtt", SERVICE_MQTT},	    {"snmp", SERVICE_SNMP}};

static unsigned service_of(struct bytes name)
{
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		if (bytes_are(name, services[i].name))
			return services[i].service;
	}
	return 0;
}

/* A port at which nothing was understood: what is usually spoken there; PROTOS when that is nothing. */
static unsigned proto_of_port(uint16_t port)
{
	for (unsigned i = 0; i < PROTOS; i++) {
		if (service_of(bytes_of(protos[i]->name)) == 0 ||
		    (protos[i]->carriers & OVER_TCP) == 0)
			continue;
		for (int k = 0; k < PROTO_PORTS && protos[i]->ports[k] != 0; k++) {
			if (protos[i]->ports[k] == port)
				return i;
		}
	}
	return PROTOS;
}

/* What a fact says that the device offers: the number of a protocol that has passwords, or PROTOS. */
static unsigned offered(const struct told *t)
{
	unsigned signal = t->fact->signal;

	if (signal != SIGNAL_service && signal != SIGNAL_accepted && signal != SIGNAL_reached)
		return PROTOS;
	if (bytes_are(t->value, "tcp"))
		return proto_of_port(t->fact->port);
	if (t->fact->proto >= PROTOS || service_of(t->value) == 0 ||
	    !bytes_are(t->value, protos[t->fact->proto]->name))
		return PROTOS;
	return t->fact->proto;
}

static struct entry *at_port(const struct exposed *e, uint16_t port)
{
	struct accesses *a = e->found;

	for (size_t i = 0; a != NULL && i < a->n; i++) {
		if (a->entry[i].port == port)
			return &a->entry[i];
	}
	return NULL;
}

static void add_offered(const struct exposures_in *in, struct exposed *e, const struct told *t,
			const struct factory *f)
{
	unsigned proto = offered(t), service;
	struct entry *entry;

	if (proto == PROTOS)
		return;
	service = service_of(bytes_of(protos[proto]->name));
	if ((f->known & service) == 0)
		return;
	/* One port is one service, whatever else is carried over it: a login by HTTP is one at ONVIF's pages, too. */
	entry = at_port(e, t->fact->port);
	if (entry == NULL)
		entry = add(in, e, (uint8_t)proto, t->fact->port);
	if (entry != NULL && entry->proto == proto)
		entry->access.unchangeable |= (f->fixed & service) != 0;
}

/* Pages of its own that can be read: then its logins show there. */
static bool has_clear_pages(const struct exposed *e)
{
	const struct accesses *a = e->found;

	for (size_t i = 0; a != NULL && i < a->n; i++) {
		if (a->entry[i].proto == PROTO_http_id)
			return true;
	}
	return false;
}

static void add_hidden(const struct exposures_in *in, struct exposed *e, const struct told *t)
{
	uint16_t port = t->fact->port;
	struct entry *entry;

	if (t->fact->signal != SIGNAL_service || !bytes_are(t->value, "tls") ||
	    (port != 443 && port != 8443) || at_port(e, port) != NULL)
		return;
	entry = add(in, e, PROTO_tls_id, port);
	if (entry != NULL)
		entry->access.kind = ACCESS_HIDDEN;
}

/* ---- what it is ------------------------------------------------------------------------------------------------ */

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/*
 * Its own message, its behaviour, a banner or its way of asking for a lease; never the prefix of its MAC or a name that it
 * looks up, which anything may share. A browser's name alone is none: bots write it into what they send.
 */
static bool is_own_word(const struct evidence_for *v)
{
	return !v->against && v->weight <= WEIGHT_LEASE && v->confidence != CLAIM_LOW &&
	       !(v->signal == SIGNAL_http_agent && catalogue_is_computer(v->product));
}

static void note_known(const struct exposures_in *in, struct exposed *e, const struct profile *p)
{
	const struct maker *maker;
	bool made = false;

	for (size_t i = 0; i < p->evidence_n; i++) {
		const struct evidence_for *v = &p->evidence[i];

		if (!is_own_word(v))
			continue;
		e->known |= same(v->product, p->product);
		made |= same(v->maker, p->maker) || same(v->maker, p->brand);
	}
	e->known |= e->thing && profile_serves_as_thing(p);
	if (e->known || !made || p->product != NULL)
		return;
	/* Its maker alone says what it is when that makes nothing else. */
	maker = catalogue_maker(in->catalogue, p->maker);
	e->known = e->made_thing = maker != NULL && !maker->computers;
}

/* ---- all together ---------------------------------------------------------------------------------------------- */

static int by_service(const void *x, const void *y)
{
	const struct access *a = x, *b = y;

	return strcmp(a->service, b->service);
}

static void hand_on(const struct exposures_in *in, struct exposed *e)
{
	const struct accesses *a = e->found;
	struct access *list = a == NULL ? NULL : arena_take(in->arena, a->n * sizeof *list);

	for (size_t i = 0; list != NULL && i < a->n && !in->arena->failed; i++)
		list[i] = a->entry[i].access;
	if (list == NULL || in->arena->failed)
		return;
	qsort(list, a->n, sizeof *list, by_service);
	e->accesses = list;
	e->accesses_n = a->n;
}

void accesses_close(const struct exposures_in *in, struct exposed *e, const struct profile *p)
{
	struct factory f = factory_of(in->catalogue, p);

	for (size_t i = 0; f.known != 0 && i < p->told_n; i++)
		add_offered(in, e, &p->told[i], &f);
	if ((f.known & SERVICE_HTTP) != 0 && !has_clear_pages(e)) {
		for (size_t i = 0; i < p->told_n; i++)
			add_hidden(in, e, &p->told[i]);
	}
	for (size_t i = 0; i < e->named_n; i++)
		e->unfixable |= e->named[i]->action == RECALL_NO_FIX;
	note_known(in, e, p);
	hand_on(in, e);
}
