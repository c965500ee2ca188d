/* SPDX-License-Identifier: MIT */
/*
 * A device that spreads what it has: it sends others the requests by which its kind takes devices over, guesses telnet
 * passwords inside its own network, has the router let strangers in to it, or serves programs as Mozi's nodes do.
 *
 * Requests that malware.tsv knows have no honest use towards strangers: to two of them is proof, to one a sign. At home
 * owners look for weaknesses of their own devices, so there all of this is a sign at most. A web server on the Internet
 * may offer programs to people, by its name: only what is fetched from it by a bare address counts.
 */
#include "detect/detect.h"
#include "detect/dialogue.h"
#include "detect/fetches.h"
#include "detect/guesses.h"

#include "base/scan.h"
#include "proto/proto.h"

enum { TARGETS = 64, PATH_SHOWN = 60 };

/* ---- requests that take devices over ----------------------------------------------------------------------------- */

struct volley {
	struct addr targets[TARGETS];
	size_t n;
	const struct trait *first;
	const char *family; /* that all of them are of */
	bool mixed;
	bool sure; /* not all of them are doubtful patterns */
};

/* A doubtful pattern may be an owner's own page. */
static bool is_fired_at(const struct told *told, const struct trait *trait, bool strangers)
{
	return trait != NULL && addr_is_public(&told->fact->peer) == strangers &&
	       (strangers || trait->confidence != CLAIM_LOW);
}

static void note_shot(struct volley *v, const struct told *told, const struct trait *trait)
{
	bool known = false;

	for (size_t i = 0; i < v->n && !known; i++)
		known = addr_equal(&v->targets[i], &told->fact->peer);
	if (!known && v->n < TARGETS)
		v->targets[v->n++] = told->fact->peer;
	if (v->first == NULL) {
		v->first = trait;
		v->family = trait->family;
	}
	if (trait != v->first)
		v->mixed |= v->family == NULL || trait->family == NULL ||
			    strcmp(v->family, trait->family) != 0;
	v->sure |= trait->confidence != CLAIM_LOW;
}

static void write_volley(struct finding *f, const struct volley *v, bool strangers)
{
	char target[ADDR_TEXT_MAX];

	finding_say(f, "sent requests that take devices over to %zu%s %s address%s", v->n,
		    v->n == TARGETS ? " or more" : "", strangers ? "public" : "local",
		    v->n == 1 ? "" : "es");
	finding_say(f, ", first to %s: %.100s", addr_text(&v->targets[0], target), v->first->title);
}

static void judge_requests(const struct story *story, struct findings *out, bool strangers)
{
	size_t n;
	const struct told *told = story_facts(story, SIGNAL_exploit_sent, &n);
	struct volley v = {.n = 0};
	struct finding *f = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct trait *trait = trait_numbered(story->catalogue, told[i].value);

		if (!is_fired_at(&told[i], trait, strangers))
			continue;
		if (f == NULL && (f = story_finding(story, out)) == NULL)
			return;
		note_shot(&v, &told[i], trait);
		finding_add_fact(f, told[i].fact);
	}
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = strangers && v.sure && v.n >= (uint64_t)story->limits->worm_targets_proof
			    ? WEIGHT_PROOF
			    : WEIGHT_SIGN;
	f->stranger = WEIGHT_SIGN;
	f->family = v.mixed ? NULL : v.family;
	f->has_peer = true;
	f->peer = v.targets[0];
	f->role = ROLE_TARGET;
	write_volley(f, &v, strangers);
}

/* ---- telnet inside the own network --------------------------------------------------------------------------------- */

static void judge_lateral(const struct story *story, struct findings *out)
{
	const struct guess_filter filter = {.proto = PROTO_telnet_id, .strangers = false};
	struct guesses g;
	struct finding *f;

	guesses_count(story, filter, &g);
	if (!guesses_are_listed(&g, story->limits))
		return;
	f = story_finding(story, out);
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = WEIGHT_SIGN;
	f->port = g.ports ? 0 : g.port;
	guesses_cite(story, filter, f);
	finding_say(
		f,
		"tried %llu passwords over telnet at %u devices of its own network, %llu of them in "
		"Mirai's list (%u different ones)",
		(unsigned long long)g.tries, g.servers, (unsigned long long)g.listed, g.pairs);
}

/* A loader's dialogue with a neighbour. */
static void judge_neighbours(const struct story *story, struct findings *out)
{
	struct dialogue list[DIALOGUES];
	size_t n = dialogues_by(story, list), neighbours = 0;
	const struct dialogue *first = NULL;
	struct finding *f = NULL;
	char peer[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		if (!dialogue_is_loaders(&list[i], story->limits) || addr_is_public(&list[i].peer))
			continue;
		if (f == NULL && (f = story_finding(story, out)) == NULL)
			return;
		first = first == NULL ? &list[i] : first;
		neighbours++;
		dialogue_cite(&list[i], f);
	}
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = WEIGHT_SIGN;
	f->family = first->known == NULL ? NULL : first->known->family;
	f->has_peer = true;
	f->peer = first->peer;
	f->role = ROLE_TARGET;
	finding_say(
		f,
		"typed a bot's words at %zu device%s of its own network, first at %s, asking busybox "
		"for %s",
		neighbours, neighbours == 1 ? "" : "s", addr_text(&first->peer, peer),
		first->token);
}

/* ---- doors that it opens for strangers ------------------------------------------------------------------------------ */

struct mapping {
	int64_t outside;
	int64_t inside;
	bool to_itself;
};

static struct bytes behind(struct bytes text, const char *mark)
{
	size_t at = bytes_find(text, mark);

	return at == text.len ? (struct bytes){NULL, 0} : bytes_from(text, at + strlen(mark));
}

/* "tcp 8080 to 192.168.1.20:80", or "tcp 8080 to port 80", which is the asker's own. */
static struct mapping mapping_of(const struct told *told)
{
	struct bytes target = behind(told->value, " to ");
	struct mapping m = {.outside = bytes_number(behind(told->value, " ")), .inside = -1};
	char own[ADDR_TEXT_MAX];
	size_t n;

	if (bytes_begin(target, "port ")) {
		m.inside = bytes_number(behind(target, "port "));
		m.to_itself = true;
		return m;
	}
	addr_text(&told->fact->addr, own);
	n = strlen(own);
	if (target.len > n && bytes_begin(target, own) && target.at[n] == ':') {
		m.inside = bytes_number(bytes_from(target, n + 1));
		m.to_itself = true;
	}
	return m;
}

/* The port from which it gave somebody a program. */
static const struct told *served_from(const struct story *story, int64_t port)
{
	size_t n;
	const struct told *told = story_facts(story, SIGNAL_elf_served, &n);

	for (size_t i = 0; i < n; i++) {
		if (told[i].fact->port != 0 && told[i].fact->port == port &&
		    addr_is_public(&told[i].fact->peer))
			return &told[i];
	}
	return NULL;
}

static bool is_telnet_port(int64_t port)
{
	return port > 0 && port <= UINT16_MAX && story_is_telnet((uint16_t)port);
}

static void judge_mappings(const struct story *story, struct findings *out)
{
	size_t n;
	const struct told *told = story_facts(story, SIGNAL_port_mapping, &n);

	for (size_t i = 0; i < n; i++) {
		struct mapping m = mapping_of(&told[i]);
		bool telnet = is_telnet_port(m.outside) || is_telnet_port(m.inside);
		const struct told *served = m.to_itself ? served_from(story, m.inside) : NULL;
		struct finding *f;

		if (!m.to_itself || (!telnet && served == NULL))
			continue;
		f = story_finding(story, out);
		if (f == NULL)
			return;
		f->act = ACT_NONE; /* an open door is a sign of itself, and no stage yet */
		f->weight = WEIGHT_SIGN;
		f->port = (uint16_t)m.inside;
		finding_add_fact(f, told[i].fact);
		if (served != NULL)
			finding_add_fact(f, served->fact);
		finding_say(f, "had the router let strangers in to its own TCP port %d%s",
			    (int)m.inside,
			    served != NULL ? ", and gave them a program (ELF) there"
					   : ", telnet's");
		return;
	}
}

/* ---- programs that it serves ---------------------------------------------------------------------------------------- */

static bool is_spread(const struct fetch *f)
{
	return f->abroad && (f->how != FETCH_NAMED || f->file != NULL);
}

static void judge_served(const struct story *story, struct findings *out)
{
	size_t n, times = 0;
	const struct told *told = story_facts(story, SIGNAL_elf_served, &n);
	const struct told *best = NULL;
	struct fetch what = {.file = NULL};
	struct finding *f = NULL;
	char path[PATH_SHOWN], peer[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		struct fetch fetch = fetch_of(story, &told[i]);

		if (!is_spread(&fetch))
			continue;
		if (f == NULL && (f = story_finding(story, out)) == NULL)
			return;
		finding_add_fact(f, told[i].fact);
		times += told[i].fact->count;
		if (best == NULL || (what.file == NULL && fetch.file != NULL)) {
			best = &told[i];
			what = fetch;
		}
	}
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = what.file != NULL ? WEIGHT_PROOF : WEIGHT_SIGN;
	f->family = what.file == NULL ? NULL : what.file->family;
	f->has_peer = true;
	f->peer = best->fact->peer;
	f->role = ROLE_TARGET;
	f->port = best->fact->port;
	fetch_print(what.from, path, sizeof path);
	finding_say(f, "gave strangers a program (ELF) %zu time%s, first %s: %s%s%.80s", times,
		    times == 1 ? "" : "s", addr_text(&best->fact->peer, peer), path,
		    what.file != NULL ? ", " : "", what.file != NULL ? what.file->title : "");
}

static void worm_judge(const struct story *story, struct findings *out)
{
	judge_requests(story, out, true);
	judge_requests(story, out, false);
	if (!story->local)
		return;
	judge_lateral(story, out);
	judge_neighbours(story, out);
	judge_mappings(story, out);
	judge_served(story, out);
}

const struct detector detector_worm = {
	.name = "worm",
	.code = "C-0009",
	.summary = "spreads: requests that take devices over, telnet at home, programs served",
	.slot = -1,
	.judge_story = worm_judge,
};
