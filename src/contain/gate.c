/* SPDX-License-Identifier: MIT */
/*
 * The rules of gate.h, one function each. Every doubt keeps the gate shut for what is new, and open for what is through: a camera
 * that its owner set up must not lose its cloud because a login was forgotten, or because an engine is young.
 *
 * What this can't tell: a bot that set a password of its own looks like the owner (whoever is hijacked is held by policy.h for what
 * it does), and a device that says it is a phone is believed, since phones have no password to change.
 */
#include "contain/gate.h"

#include "base/text.h"

#include <string.h>

const char *const gate_words[] = {"new", "waiting", "never", "open", NULL};
const char *const gate_word_words[] = {"none", "confirmed", "overridden", "closed", NULL};

const char *const gate_reason_words[] = {
	[GATE_UNKNOWN] = "it is not known yet what it is",
	[GATE_FACTORY] = "the factory password was used at %s",
	[GATE_UNSEEN] = "no login with an own password was seen yet at %s",
	[GATE_HIDDEN] = "the password at %s can't be seen, so its owner is to confirm it",
	[GATE_UNCHANGEABLE] = "the factory password at %s can't be changed",
	[GATE_RECALLED] = "it is recalled, and there is no fix",
	[GATE_OWN] = "its own password was seen in use",
	[GATE_UNUSED] = "nobody logged in to it yet",
	[GATE_COMPUTER] = "it is a computer or a phone",
	[GATE_WAS_HERE] = "it was here before the gate was switched on",
	[GATE_BY_OWNER] = "its owner said so",
	[GATE_SHIELDED] =
		"it is the gateway, this host or the administrator's own client, which are never held",
};

const char *const gate_reason_names[] = {
	[GATE_UNKNOWN] = "unknown",   [GATE_FACTORY] = "factory",
	[GATE_UNSEEN] = "unseen",     [GATE_HIDDEN] = "hidden",
	[GATE_RECALLED] = "recalled", [GATE_UNCHANGEABLE] = "unchangeable",
	[GATE_OWN] = "own",	      [GATE_UNUSED] = "unused",
	[GATE_COMPUTER] = "computer", [GATE_WAS_HERE] = "was-here",
	[GATE_BY_OWNER] = "by-owner", [GATE_SHIELDED] = "shielded",
	[GATE_SHIELDED + 1] = NULL,
};

/* %s is the service, %d the device; of those that are open there is nothing to do. */
static const char *const steps[] = {
	[GATE_UNKNOWN] =
		"give it a password of its own and log in to it; if you know what it is: cordon gate confirm %d",
	[GATE_FACTORY] = "change its password, then log in at %s with the new one",
	[GATE_UNSEEN] =
		"log in at %s with its own password, or turn that service off and say: cordon gate confirm %d",
	[GATE_HIDDEN] = "if its password is your own: cordon gate confirm %d",
	[GATE_UNCHANGEABLE] =
		"replace it, or keep it off the Internet; to let it through all the same: cordon gate override %d",
	[GATE_RECALLED] =
		"replace it, or keep it off the Internet; to let it through all the same: cordon gate override %d",
	[GATE_UNUSED] = "give it a password of its own, and log in to it with that",
	[GATE_BY_OWNER] = "to let it through again: cordon gate confirm %d",
	[GATE_SHIELDED] = NULL,
};

static struct gate_decision decision(enum gate_state state, enum gate_reason reason,
				     const char *service)
{
	return (struct gate_decision){.state = state, .reason = reason, .service = service};
}

static const struct access *first_of(const struct device *d, enum access_kind kind)
{
	for (size_t i = 0; i < d->accesses_n; i++)
		if (d->accesses[i].kind == kind)
			return &d->accesses[i];
	return NULL;
}

/* A factory password that was accepted after the owner's word, and after the gate was made for who was here before. */
static const struct access *factory_of(const struct gate_case *c)
{
	const struct device *d = c->device;

	for (size_t i = 0; i < d->accesses_n; i++) {
		const struct access *a = &d->accesses[i];

		if (a->kind != ACCESS_FACTORY)
			continue;
		if (c->word == GATE_CONFIRMED && a->time_ns <= c->word_ns)
			continue;
		if (c->before && a->time_ns <= c->since_ns)
			continue;
		return a;
	}
	return NULL;
}

static const struct access *unchangeable_of(const struct device *d)
{
	for (size_t i = 0; i < d->accesses_n; i++)
		if (d->accesses[i].unchangeable)
			return &d->accesses[i];
	return NULL;
}

/* Telnet that stands open is a service with a login, also where nobody knows its factory password. */
static const char *open_telnet(const struct device *d)
{
	for (size_t i = 0; i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];
		bool listed = false;

		if (e->kind != EXPOSURE_OPEN_TELNET || e->inferred || e->service == NULL)
			continue;
		for (size_t k = 0; k < d->accesses_n; k++)
			listed |= strcmp(d->accesses[k].service, e->service) == 0;
		if (!listed)
			return e->service;
	}
	return NULL;
}

/* A service at which an own password is still to be seen. */
static const char *unseen_of(const struct device *d)
{
	const struct access *none = first_of(d, ACCESS_NONE);

	return none != NULL ? none->service : open_telnet(d);
}

static bool stays(const struct gate_case *c)
{
	const struct device *d = c->device;

	if (c->was != GATE_OPEN)
		return false;
	return c->because == GATE_OWN || (c->because == GATE_COMPUTER && !(d->known && d->thing));
}

/* Nobody said anything, and no factory password was used. */
static struct gate_decision by_logins(const struct gate_case *c)
{
	const struct device *d = c->device;
	const struct access *hidden = first_of(d, ACCESS_HIDDEN);
	const char *unseen = unseen_of(d);

	if (d->known && !d->thing)
		return decision(GATE_OPEN, GATE_COMPUTER, NULL);
	if (first_of(d, ACCESS_OWN) != NULL && unseen == NULL && hidden == NULL)
		return decision(GATE_OPEN, GATE_OWN, NULL);
	if (stays(c))
		return decision(GATE_OPEN, c->because, NULL);
	if (unseen != NULL)
		return decision(GATE_WAITING, GATE_UNSEEN, unseen);
	if (hidden != NULL)
		return decision(GATE_WAITING, GATE_HIDDEN, hidden->service);
	return d->known ? decision(GATE_WAITING, GATE_UNUSED, NULL)
			: decision(GATE_NEW, GATE_UNKNOWN, NULL);
}

struct gate_decision gate_decide(const struct gate_case *c)
{
	const struct device *d = c->device;
	const struct access *factory, *unchangeable;

	if (c->shielded)
		return decision(GATE_OPEN, GATE_SHIELDED, NULL);
	if (c->word == GATE_CLOSED)
		return decision(GATE_WAITING, GATE_BY_OWNER, NULL);
	if (c->word == GATE_OVERRIDDEN)
		return decision(GATE_OPEN, GATE_BY_OWNER, NULL);
	factory = factory_of(c);
	if (c->before && factory == NULL)
		return decision(GATE_OPEN, GATE_WAS_HERE, NULL);
	unchangeable = unchangeable_of(d);
	if (unchangeable != NULL)
		return decision(GATE_NEVER, GATE_UNCHANGEABLE, unchangeable->service);
	if (d->unfixable)
		return decision(GATE_NEVER, GATE_RECALLED, NULL);
	if (factory != NULL)
		return decision(GATE_WAITING, GATE_FACTORY, factory->service);
	if (c->word == GATE_CONFIRMED)
		return decision(GATE_OPEN, GATE_BY_OWNER, NULL);
	return by_logins(c);
}

static void write_with(const char *form, const char *service, const char *device, struct text *to)
{
	for (; *form != '\0'; form++) {
		if (*form != '%') {
			text_add(to, form, 1);
			continue;
		}
		form++;
		text_puts(to, *form == 'd' ? device : service != NULL ? service : "a service");
	}
}

void gate_write_reason(const struct gate_decision *d, struct text *to)
{
	bool shut = d->reason == GATE_BY_OWNER && d->state != GATE_OPEN;

	write_with(shut ? "its owner closed it" : gate_reason_words[d->reason], d->service, "", to);
}

void gate_write_step(const struct gate_decision *d, const char *device, struct text *to)
{
	if (d->state != GATE_OPEN && steps[d->reason] != NULL)
		write_with(steps[d->reason], d->service, device, to);
}
