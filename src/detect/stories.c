/* SPDX-License-Identifier: MIT */
/*
 * Logins are laid to both of their ends, facts were laid to theirs by profiles; the rest is views. A login between two
 * devices of ours stands in both stories, once as served and once as tried.
 */
#include "detect/stories.h"

#include "detect/detect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One end of a login. */
struct end {
	const struct login_fact *login;
	uint32_t device;
};

struct ends {
	struct end *list;
	const struct login_fact **logins; /* the same order */
	size_t n;
	size_t at; /* where the next device's begin */
};

static int by_device(const void *x, const void *y)
{
	const struct end *a = x, *b = y;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->login->answer_key != b->login->answer_key)
		return a->login->answer_key < b->login->answer_key ? -1 : 1;
	if (a->login->tried_key != b->login->tried_key)
		return a->login->tried_key < b->login->tried_key ? -1 : 1;
	return (a->login->pair > b->login->pair) - (a->login->pair < b->login->pair);
}

static bool take(struct ends *e, struct arena *arena, size_t n)
{
	e->list = arena_take(arena, (n + 1) * sizeof *e->list);
	e->logins = arena_take(arena, (n + 1) * sizeof(struct login_fact *));
	return e->list != NULL && e->logins != NULL;
}

static void lay(struct ends *e, const struct stories_in *in, const struct login_fact *login,
		const struct addr *addr, uint16_t mac)
{
	uint32_t device = profiles_device(in->profiles, in->devices, in->world, addr, mac);

	if (device < in->profiles->n)
		e->list[e->n++] = (struct end){.login = login, .device = device};
}

static void order(struct ends *e)
{
	if (e->n > 0)
		qsort(e->list, e->n, sizeof *e->list, by_device);
	for (size_t i = 0; i < e->n; i++)
		e->logins[i] = e->list[i].login;
}

static bool lay_logins(const struct stories_in *in, struct ends *served, struct ends *tried)
{
	size_t n = 0;

	for (int lane = 0; lane < LANES; lane++)
		n += in->listeners->lane[lane].facts.logins_n;
	if (!take(served, in->arena, n) || !take(tried, in->arena, n))
		return false;
	for (int lane = 0; lane < LANES; lane++) {
		const struct facts *facts = &in->listeners->lane[lane].facts;

		for (uint32_t i = 0; i < facts->logins_n; i++) {
			const struct login_fact *login = facts_login_at(facts, i);

			lay(served, in, login, &login->server, login->server_mac);
			lay(tried, in, login, &login->client, login->client_mac);
		}
	}
	order(served);
	order(tried);
	return true;
}

/* The logins of one device; devices are asked for in order. */
static const struct login_fact *const *take_logins(struct ends *e, size_t device, size_t *n)
{
	size_t from = e->at;

	while (e->at < e->n && e->list[e->at].device == device)
		e->at++;
	*n = e->at - from;
	return e->logins + from;
}

static void judge_one(const struct story *story, uint32_t device, struct findings *out)
{
	for (int d = 0; d < DETECTORS; d++) {
		size_t before = out->n;

		if (detectors[d]->judge_story == NULL)
			continue;
		detectors[d]->judge_story(story, out);
		for (size_t i = before; i < out->n; i++) {
			out->list[i].detector = detectors[d]->name;
			out->list[i].code = detectors[d]->code;
			out->list[i].device = device;
		}
	}
}

bool stories_judge(const struct stories_in *in, struct findings *out)
{
	struct ends served = {.n = 0}, tried = {.n = 0};

	if (!lay_logins(in, &served, &tried))
		return false;
	for (size_t i = 0; i < in->profiles->n; i++) {
		const struct identity *device = &in->devices->list[i];
		const struct profile *profile = &in->profiles->list[i];
		struct story story = {.mac = device->mac,
				      .local = device->local,
				      .told = profile->told,
				      .told_n = profile->told_n,
				      .catalogue = in->catalogue,
				      .limits = in->limits};

		if (device->addresses_n > 0)
			story.addr = device->addresses[0];
		story.served = take_logins(&served, i, &story.served_n);
		story.tried = take_logins(&tried, i, &story.tried_n);
		if (story.told_n + story.served_n + story.tried_n > 0)
			judge_one(&story, (uint32_t)i, out);
	}
	return !out->failed;
}

const struct told *story_facts(const struct story *story, enum signal signal, size_t *n)
{
	size_t low = 0, high = story->told_n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (story->told[middle].fact->signal < signal)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < story->told_n && story->told[end].fact->signal == signal;)
		end++;
	*n = end - low;
	return story->told + low;
}

struct finding *story_finding(const struct story *story, struct findings *out)
{
	struct finding *f = findings_add(out);

	if (f == NULL)
		return NULL;
	f->addr = story->addr;
	f->mac = story->mac;
	f->first_ns = INT64_MAX;
	f->last_ns = INT64_MIN;
	return f;
}

void finding_cite(struct finding *f, uint64_t key)
{
	unsigned at = 0;

	while (at < f->keys_n && f->keys[at] < key)
		at++;
	if (at == FINDING_PACKETS || (at < f->keys_n && f->keys[at] == key))
		return;
	if (f->keys_n < FINDING_PACKETS)
		f->keys_n++;
	memmove(f->keys + at + 1, f->keys + at, (f->keys_n - at - 1U) * sizeof f->keys[0]);
	f->keys[at] = key;
}

void finding_span(struct finding *f, int64_t time_ns)
{
	f->first_ns = time_ns < f->first_ns ? time_ns : f->first_ns;
	f->last_ns = time_ns > f->last_ns ? time_ns : f->last_ns;
}

void finding_add_fact(struct finding *f, const struct fact *fact)
{
	finding_cite(f, fact->key);
	finding_span(f, fact->first_ns);
	finding_span(f, fact->last_ns);
	f->count += fact->count;
}

void finding_say(struct finding *f, const char *format, ...)
{
	size_t used = strlen(f->text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(f->text + used, FINDING_TEXT - used, format, arguments);
	va_end(arguments);
}
