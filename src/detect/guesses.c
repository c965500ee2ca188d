/* SPDX-License-Identifier: MIT */
/*
 * What tells guessing from logging in. A monitor that asks thirty cameras for their state every five minutes has the right
 * password: it is accepted. A recorder or an app with an old password is refused for hours, with one and the same pair. A
 * guesser is refused with many pairs, and a bot's pairs stand in the list that Mirai tried in 2016 (credentials.tsv). So
 * tries that were accepted are not counted, and different pairs weigh more than tries.
 *
 * Clients of HTTP send a password before anybody asks; what nobody answered says nothing there.
 */
#include "detect/guesses.h"

#include "proto/proto.h"

#include <string.h>

static bool is_wanted(const struct login_fact *l, struct guess_filter filter)
{
	bool stranger = !l->server_ours && addr_is_public(&l->server);

	if (l->proto != filter.proto || stranger != filter.strangers || l->community)
		return false;
	return l->outcome == LOGIN_REFUSED || l->outcome == LOGIN_ACCEPTED ||
	       l->proto != PROTO_http_id;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

/* A pair's number is that of its first entry; that it is in the list may stand at a later one. */
static bool is_listed(const struct catalogue *c, int32_t pair)
{
	const struct credential *first;

	if (pair < 0 || (size_t)pair >= c->credentials_n)
		return false;
	first = &c->credentials[pair];
	for (size_t i = (size_t)pair; i < c->credentials_n; i++) {
		const struct credential *entry = &c->credentials[i];

		if (entry->bots && same_text(entry->user, first->user) &&
		    same_text(entry->password, first->password))
			return true;
	}
	return false;
}

static void note_server(struct guesses *g, const struct addr *server)
{
	for (uint32_t i = 0; i < g->servers; i++) {
		if (addr_equal(&g->server[i], server))
			return;
	}
	if (g->servers < GUESSED_SERVERS)
		g->server[g->servers++] = *server;
}

static bool note_pair(struct guesses *g, const struct catalogue *c, int32_t pair)
{
	bool listed;

	for (uint32_t i = 0; i < g->pairs_n; i++) {
		if (g->pair[i] == pair)
			return g->pair_listed[i];
	}
	listed = is_listed(c, pair);
	if (g->pairs_n == GUESSED_PAIRS)
		return listed;
	g->pair[g->pairs_n] = pair;
	g->pair_listed[g->pairs_n++] = listed;
	g->pairs += listed;
	return listed;
}

void guesses_count(const struct story *story, struct guess_filter filter, struct guesses *out)
{
	*out = (struct guesses){0};
	for (size_t i = 0; i < story->tried_n; i++) {
		const struct login_fact *l = story->tried[i];

		if (!is_wanted(l, filter))
			continue;
		if (l->outcome == LOGIN_ACCEPTED) {
			out->accepted += l->count;
			continue;
		}
		note_server(out, &l->server);
		out->ports |= out->port != 0 && out->port != l->port;
		out->port = l->port;
		out->tries += l->count;
		out->listed += note_pair(out, story->catalogue, l->pair) ? l->count : 0;
	}
}

void guesses_cite(const struct story *story, struct guess_filter filter, struct finding *f)
{
	for (size_t i = 0; i < story->tried_n; i++) {
		const struct login_fact *l = story->tried[i];

		if (!is_wanted(l, filter) || l->outcome == LOGIN_ACCEPTED)
			continue;
		finding_cite(f, l->answer_key);
		finding_span(f, l->first_ns);
		finding_span(f, l->last_ns);
		f->count += l->count;
	}
}

bool guesses_are_listed(const struct guesses *g, const struct limits *limits)
{
	return g->servers >= (uint64_t)limits->brute_targets_sign &&
	       g->pairs >= (uint64_t)limits->brute_pairs &&
	       g->listed * 100 >= g->tries * (uint64_t)limits->brute_list_percent;
}
