/* SPDX-License-Identifier: MIT */
/*
 * A recall names a device when its maker and model fit and its rule matches. What a rule needs and nobody told makes it
 * undecided: that is shown too, for on a real network most devices tell no version. Records of low confidence are advice for people who look at the
 * list themselves, never a finding.
 */
#include "verdict/recalls.h"

#include "base/pattern.h"
#include "base/recall_rule.h"
#include "base/scan.h"

#include <stdlib.h>

enum { SERVICES_MAX = 32, SERVERS_MAX = 8, FIELDS_MAX = 2, NAMED_MAX = 24 };

struct known {
	struct recall_service services[SERVICES_MAX];
	struct recall_field fields[FIELDS_MAX];
	uint64_t said[FIELDS_MAX]; /* order keys of these */
	const char *servers[SERVERS_MAX];
	struct recall_facts facts;
};

/* The last word counts: firmware is updated. */
static void know_field(struct known *k, const char *name, const struct told *t)
{
	size_t i = 0;

	while (i < k->facts.fields_n && strcmp(k->fields[i].name, name) != 0)
		i++;
	if (i == FIELDS_MAX || (i < k->facts.fields_n && k->said[i] > t->fact->last_key))
		return;
	k->fields[i] = (struct recall_field){.name = name, .absent = bytes_are(t->value, "absent")};
	k->said[i] = t->fact->last_key;
	k->facts.fields_n += i == k->facts.fields_n;
}

static void add_known(struct known *k, const struct told *t, struct arena *arena)
{
	struct recall_facts *f = &k->facts;

	switch (t->fact->signal) {
	case SIGNAL_service:
		if (f->services_n < SERVICES_MAX)
			k->services[f->services_n++] = (struct recall_service){
				.name = t->fact->proto < PROTOS ? protos[t->fact->proto]->name : "",
				.port = t->fact->port};
		break;
	case SIGNAL_dahua_init:
		know_field(k, "Init", t);
		break;
	case SIGNAL_sadp_activated:
		know_field(k, "Activated", t);
		break;
	case SIGNAL_http_server:
		if (f->http_servers_n < SERVERS_MAX)
			k->servers[f->http_servers_n++] =
				arena_bytes(arena, t->value.at, t->value.len);
		break;
	default:
		break;
	}
}

static void gather(struct known *k, const struct profile *p, struct arena *arena)
{
	*k = (struct known){.facts = {.firmware = p->firmware,
				      .built_day = p->built_known ? p->built_day : RECALL_NO_DAY}};
	k->facts.services = k->services;
	k->facts.fields = k->fields;
	k->facts.http_servers = k->servers;
	for (size_t i = 0; i < p->told_n; i++)
		add_known(k, &p->told[i], arena);
}

enum fit {
	FIT_NO,
	FIT_MAYBE, /* the recall is of a class of devices, and this one's is not known */
	FIT_MAKER, /* it names nothing but the maker */
	FIT_MODEL
};

static enum fit fit_one(struct bytes one, const struct profile *p)
{
	struct bytes capture;

	if (bytes_are(one, "*"))
		return FIT_MAKER;
	if (bytes_begin(one, "class:")) {
		if (p->product == NULL)
			return FIT_MAYBE;
		return bytes_are_nocase(bytes_from(one, 6), p->product) ? FIT_MODEL : FIT_NO;
	}
	return p->model != NULL && pattern_match(one, bytes_of(p->model), &capture) ? FIT_MODEL
										    : FIT_NO;
}

/* How the device fits the recall's list of models and classes: its best entry counts. */
static enum fit fit_models(const struct recall *r, const struct profile *p)
{
	struct bytes rest = bytes_of(r->models == NULL ? "*" : r->models);
	enum fit best = FIT_NO;

	while (rest.len > 0) {
		enum fit fit = fit_one(bytes_trim(bytes_cut(&rest, '|')), p);

		if (fit > best)
			best = fit;
	}
	return best;
}

static bool same(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool is_maker(const struct recall *r, const struct profile *p)
{
	return r->maker != NULL && p->maker != NULL &&
	       (same(r->maker, p->maker) || (p->brand != NULL && same(r->maker, p->brand)));
}

static uint64_t key_of(const struct profile *p, const struct recall *r)
{
	bool dated = strncmp(r->rule, "built", 5) == 0 || strncmp(r->rule, "build", 5) == 0;

	if (dated && p->built_key != 0)
		return p->built_key;
	if (strcmp(r->rule, "all") != 0 && p->firmware_key != 0)
		return p->firmware_key;
	return p->model_key != 0 ? p->model_key : p->maker_key;
}

/* The service that a rule "svc:telnet/23" or "svc:telnet" speaks of, as the device showed it. */
static const struct told *service_of(const struct profile *p, const struct recall *r)
{
	struct bytes rest = bytes_of(r->rule), name;
	int64_t port;

	if (!bytes_begin(rest, "svc:"))
		return NULL;
	rest = bytes_from(rest, 4);
	name = bytes_cut(&rest, '/');
	port = bytes_number(rest);
	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *t = &p->told[i];

		if (t->fact->signal == SIGNAL_service && t->value.len == name.len &&
		    memcmp(t->value.at, name.at, name.len) == 0 &&
		    (port < 0 || t->fact->port == port))
			return t;
	}
	return NULL;
}

static void add_recall(const struct exposures_in *in, struct exposed *e, const struct profile *p,
		       const struct recall *r)
{
	bool dated = strncmp(r->rule, "built<", 6) == 0 || strncmp(r->rule, "build<", 6) == 0;
	enum exposure_kind kind =
		r->action == RECALL_UPDATE ? EXPOSURE_OUTDATED_FIRMWARE : EXPOSURE_RECALLED;
	const struct told *service = service_of(p, r);
	uint64_t key = service != NULL ? service->fact->key : key_of(p, r);
	struct exposure *x = exposure_add(in, e, kind, key);

	if (x == NULL)
		return;
	if (service != NULL) {
		x->service = service_text(in->arena, service->fact->proto, service->fact->port);
		x->time_ns = service->fact->first_ns;
	}
	x->inferred = true;
	x->detail = ARENA_JOIN(
		in->arena, r->advisory, ": ", r->todo == NULL ? "see the advisory" : r->todo,
		dated ? " (the date is the firmware's; when the device was made can't be seen)"
		      : "");
}

static void note(const struct recall ***list, size_t *n, const struct recall *r,
		 struct arena *arena)
{
	if (*list == NULL)
		*list = arena_take(arena, NAMED_MAX * sizeof **list);
	if (*list != NULL && *n < NAMED_MAX)
		(*list)[(*n)++] = r;
}

void recalls_match(const struct exposures_in *in, struct exposed *e, const struct profile *p)
{
	struct known known;

	if (p->maker == NULL)
		return;
	gather(&known, p, in->arena);
	for (size_t i = 0; i < in->catalogue->recalls_n; i++) {
		const struct recall *r = &in->catalogue->recalls[i];
		enum fit fit = is_maker(r, p) ? fit_models(r, p) : FIT_NO;
		bool all = strcmp(r->rule, "all") == 0;
		enum recall_match match;

		if (fit == FIT_NO)
			continue;
		match = recall_rule_match(bytes_of(r->rule), &known.facts);
		/* "Every device of this maker" is no finding, and a record of low confidence is none. */
		if (match == RECALL_MATCH &&
		    (fit == FIT_MAYBE || (fit == FIT_MAKER && all) || r->confidence == CLAIM_LOW))
			match = RECALL_UNKNOWN;
		if (match == RECALL_MATCH) {
			add_recall(in, e, p, r);
			note(&e->named, &e->named_n, r, in->arena);
		} else if (match == RECALL_UNKNOWN) {
			note(&e->undecided, &e->undecided_n, r, in->arena);
		}
	}
}

/* ---- the list -------------------------------------------------------------------------------------------------- */

struct row {
	const struct recall *recall;
	const char *id;
	bool decided;
};

static int by_advisory(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int order = strcmp(a->recall->maker, b->recall->maker);

	if (order == 0)
		order = strcmp(a->recall->advisory, b->recall->advisory);
	if (order == 0)
		order = strcmp(a->id, b->id);
	return order != 0 ? order : (int)b->decided - (int)a->decided;
}

static const char *action_text(const struct recall *r, struct arena *arena)
{
	static const char *const words[] = {[RECALL_RETURN] = "return it to its maker",
					    [RECALL_UPDATE] = "update the firmware",
					    [RECALL_NO_FIX] = "no fix: keep it off the Internet",
					    [RECALL_ADVICE] = "see the advisory"};

	if (r->action == RECALL_UPDATE && r->fixed != NULL)
		return arena_print(arena, "update the firmware to %s or later", r->fixed);
	return r->todo == NULL ? words[r->action]
			       : arena_print(arena, "%s (%s)", words[r->action], r->todo);
}

static size_t collect(const struct recall_device *devices, size_t devices_n, struct row *rows)
{
	size_t n = 0;

	for (size_t d = 0; d < devices_n; d++) {
		const struct exposed *e = devices[d].exposed;

		for (size_t i = 0; i < e->named_n; i++)
			rows[n++] = (struct row){e->named[i], devices[d].id, true};
		for (size_t i = 0; i < e->undecided_n; i++)
			rows[n++] = (struct row){e->undecided[i], devices[d].id, false};
	}
	return n;
}

/* One advisory may ask one thing of cameras and another of recorders: each is said once. */
static const char *all_actions(const struct row *rows, size_t n, struct arena *arena)
{
	const struct recall *said[NAMED_MAX];
	const char *text = "";
	size_t said_n = 0;

	for (size_t i = 0; i < n && said_n < NAMED_MAX && text != NULL; i++) {
		bool again = false;

		for (size_t k = 0; k < said_n; k++)
			again |= said[k] == rows[i].recall;
		if (again)
			continue;
		said[said_n++] = rows[i].recall;
		text = arena_print(arena, "%s%s%s", text, said_n > 1 ? "; or " : "",
				   action_text(rows[i].recall, arena));
	}
	return text;
}

/* One entry from rows that share maker and advisory; a device named twice stands there once. */
static void fill_entry(struct recall_entry *out, const struct row *rows, size_t n,
		       struct arena *arena)
{
	const char **named = arena_take(arena, n * sizeof *named);
	const char **undecided = arena_take(arena, n * sizeof *undecided);

	if (named == NULL || undecided == NULL)
		return;
	*out = (struct recall_entry){.maker = rows[0].recall->maker,
				     .advisory = rows[0].recall->advisory,
				     .action = all_actions(rows, n, arena),
				     .devices = named,
				     .undecided = undecided};
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(rows[i].id, rows[i - 1].id) == 0)
			continue;
		if (rows[i].decided)
			named[out->devices_n++] = rows[i].id;
		else
			undecided[out->undecided_n++] = rows[i].id;
	}
}

const struct recall_entry *recalls_list(const struct recall_device *devices, size_t devices_n,
					struct arena *arena, size_t *n)
{
	struct recall_entry *list;
	struct row *rows;
	size_t rows_n = 0, at = 0;

	for (size_t d = 0; d < devices_n; d++)
		rows_n += devices[d].exposed->named_n + devices[d].exposed->undecided_n;
	rows = arena_take(arena, (rows_n + 1) * sizeof *rows);
	list = arena_take(arena, (rows_n + 1) * sizeof *list);
	*n = 0;
	if (rows == NULL || list == NULL)
		return NULL;
	collect(devices, devices_n, rows);
	if (rows_n > 0)
		qsort(rows, rows_n, sizeof *rows, by_advisory);
	while (at < rows_n) {
		size_t end = at + 1;

		while (end < rows_n &&
		       strcmp(rows[end].recall->maker, rows[at].recall->maker) == 0 &&
		       strcmp(rows[end].recall->advisory, rows[at].recall->advisory) == 0)
			end++;
		fill_entry(&list[(*n)++], rows + at, end - at, arena);
		at = end;
	}
	return list;
}
