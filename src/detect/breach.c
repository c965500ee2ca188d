/* SPDX-License-Identifier: MIT */
/*
 * That somebody broke into a device of ours, by one of two ways.
 *
 * Over telnet: somebody was let in and had the loader's dialogue with the device (dialogue.h). The device's own answer,
 * "TOKEN: applet not found", is the proof that he commands a shell there; the login itself may have been lost by the
 * capture. A factory password that was accepted is an exposure and no breach: its owner uses it as well. Owners who type
 * enable and sh on a router's console type no system and shell too, and ask busybox for programs that exist.
 *
 * By a request that malware.tsv knows: that it came is told and accuses nobody, for the whole Internet gets them. That it
 * was answered as if it were fine is a sign, unless the server says so to everything: one weakness is a product's, three
 * different makers' weaknesses in one device are a web server with a page for all. A program fetched after that is
 * proof.
 *
 * Strangers are not judged here, though what was typed at their shells is kept: whose it is shows only at the end, and a
 * stranger who was broken into is somebody else's to tell.
 */
#include "detect/detect.h"
#include "detect/dialogue.h"
#include "detect/fetches.h"

#include "base/scan.h"
#include "proto/proto.h"

enum { ATTACKERS = 8 };

/* ---- over telnet -------------------------------------------------------------------------------------------------- */

/* The first login of this peer that was accepted with a password from the lists. */
static const struct login_fact *entered(const struct story *story, const struct addr *peer)
{
	for (size_t i = 0; i < story->served_n; i++) {
		const struct login_fact *l = story->served[i];

		if (l->outcome == LOGIN_ACCEPTED && l->pair >= 0 && l->proto == PROTO_telnet_id &&
		    addr_equal(&l->client, peer))
			return l;
	}
	return NULL;
}

static bool has_capital(const char *token)
{
	while (*token != '\0' && (*token < 'A' || *token > 'Z'))
		token++;
	return *token != '\0';
}

static enum weight weigh_dialogue(const struct dialogue *d, const struct login_fact *login,
				  const struct limits *limits)
{
	bool loaders = dialogue_is_loaders(d, limits);
	bool strange = d->token[0] != '\0' && login != NULL && has_capital(d->token);

	if (d->answered)
		return loaders || strange ? WEIGHT_PROOF : WEIGHT_NOTE;
	if (loaders)
		return WEIGHT_SIGN;
	/* The words alone are those of some routers' consoles too: at home their owner types them. */
	return login != NULL && addr_is_public(&d->peer) &&
			       dialogue_words(d) >= (uint64_t)limits->dialogue_words
		       ? WEIGHT_SIGN
		       : WEIGHT_NOTE;
}

static void write_dialogue(struct finding *f, const struct dialogue *d, bool entered_by_list)
{
	static const char *const words[] = {"enable", "system", "shell", "sh", "linuxshell"};
	char peer[ADDR_TEXT_MAX];
	bool any = false;

	finding_say(f, "%s %s over telnet and typed ", addr_text(&d->peer, peer),
		    entered_by_list ? "was let in with a known factory password" : "had a shell");
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if ((d->words & 1U << i) == 0)
			continue;
		finding_say(f, "%s%s", any ? ", " : "", words[i]);
		any = true;
	}
	if (d->token[0] != '\0')
		finding_say(f, "%s/bin/busybox %s", any ? ", " : "", d->token);
	if (d->answered)
		finding_say(f,
			    ", as loaders of bots do; the device answered \"%s: applet not found\"",
			    d->token);
}

static void judge_dialogue(const struct story *story, const struct dialogue *d,
			   struct findings *out)
{
	const struct login_fact *login = entered(story, &d->peer);
	enum weight weight = weigh_dialogue(d, login, story->limits);
	struct finding *f = weight == WEIGHT_NOTE ? NULL : story_finding(story, out);

	if (f == NULL)
		return;
	f->act = ACT_BREACHED;
	f->weight = weight;
	f->strong = weight == WEIGHT_PROOF && d->known != NULL && login != NULL;
	f->family = d->known == NULL ? NULL : d->known->family;
	f->has_peer = true;
	f->peer = d->peer;
	f->role = ROLE_INTRUDER;
	f->port = d->port;
	dialogue_cite(d, f);
	if (login != NULL) {
		finding_cite(f, login->tried_key);
		finding_cite(f, login->answer_key);
		finding_span(f, login->first_ns);
		f->count++;
	}
	write_dialogue(f, d, login != NULL);
}

/* ---- by a request ------------------------------------------------------------------------------------------------- */

/* What was asked of the device by one peer, and what came of it. */
struct attacker {
	struct addr peer;
	const struct trait *trait; /* the first, or the first that worked */
	const struct told *got;
	const struct told *worked;
	uint32_t requests;
};

struct attackers {
	struct attacker list[ATTACKERS];
	size_t n;
	size_t others;
	const char *titles[4]; /* of those that worked, different ones */
	size_t titles_n;
};

static void note_title(struct attackers *a, const char *title)
{
	for (size_t i = 0; i < a->titles_n; i++) {
		if (strcmp(a->titles[i], title) == 0)
			return;
	}
	if (a->titles_n < sizeof a->titles / sizeof *a->titles)
		a->titles[a->titles_n++] = title;
}

static struct attacker *attacker_of(struct attackers *a, const struct addr *peer)
{
	for (size_t i = 0; i < a->n; i++) {
		if (addr_equal(&a->list[i].peer, peer))
			return &a->list[i];
	}
	if (a->n == ATTACKERS)
		return NULL;
	a->list[a->n] = (struct attacker){.peer = *peer};
	return &a->list[a->n++];
}

/* Those whose request worked come first: they must find room. */
static void collect(const struct story *story, struct attackers *a)
{
	size_t worked_n, got_n;
	const struct told *worked = story_facts(story, SIGNAL_exploit_worked, &worked_n);
	const struct told *got = story_facts(story, SIGNAL_exploit_got, &got_n);

	for (size_t i = 0; i < worked_n; i++) {
		const struct trait *trait = trait_numbered(story->catalogue, worked[i].value);
		struct attacker *one = trait == NULL ? NULL : attacker_of(a, &worked[i].fact->peer);

		if (trait != NULL)
			note_title(a, trait->title);
		if (one == NULL || one->worked != NULL)
			continue;
		one->worked = &worked[i];
		one->trait = trait;
	}
	for (size_t i = 0; i < got_n; i++) {
		const struct trait *trait = trait_numbered(story->catalogue, got[i].value);
		struct attacker *one = trait == NULL ? NULL : attacker_of(a, &got[i].fact->peer);

		a->others += trait != NULL && one == NULL;
		if (one == NULL)
			continue;
		one->requests += got[i].fact->count;
		if (one->got == NULL)
			one->got = &got[i];
		if (one->trait == NULL)
			one->trait = trait;
	}
}

static void write_attack(struct finding *f, const struct attacker *a, const struct told *fetched,
			 size_t others)
{
	char peer[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX];

	finding_say(f, "%s sent a request that abuses %.90s", addr_text(&a->peer, peer),
		    a->trait->title);
	if (fetched != NULL)
		finding_say(f,
			    "; it was answered as if it were fine, and then a program was fetched "
			    "from %s",
			    addr_text(&fetched->fact->peer, from));
	else if (a->worked != NULL)
		finding_say(f, ", and it was answered as if it were fine");
	else if (others > 0)
		finding_say(f, "; nothing shows that it worked (nor did %zu others)", others);
	else
		finding_say(f, "; nothing shows that it worked");
}

static void judge_attacker(const struct story *story, const struct attackers *all,
			   const struct attacker *a, struct findings *out)
{
	bool one_weakness = all->titles_n <= (uint64_t)story->limits->breach_weaknesses_most;
	const struct told *fetched =
		a->worked == NULL ? NULL : fetch_after(story, a->worked->fact->key);
	struct finding *f = story_finding(story, out);

	if (f == NULL)
		return;
	f->act = ACT_BREACHED;
	f->weight = fetched != NULL			? WEIGHT_PROOF
		    : a->worked != NULL && one_weakness ? WEIGHT_SIGN
							: WEIGHT_NOTE;
	f->family = f->weight == WEIGHT_NOTE ? NULL : a->trait->family;
	f->has_peer = true;
	f->peer = a->peer;
	f->role = ROLE_INTRUDER;
	f->count = a->requests > 0 ? a->requests : 1;
	if (a->got != NULL) {
		f->port = a->got->fact->port;
		finding_cite(f, a->got->fact->key);
		finding_span(f, a->got->fact->first_ns);
		finding_span(f, a->got->fact->last_ns);
	}
	if (a->worked != NULL) {
		f->port = a->worked->fact->port;
		finding_cite(f, a->worked->fact->key);
		finding_span(f, a->worked->fact->first_ns);
	}
	if (fetched != NULL) {
		finding_cite(f, fetched->fact->key);
		finding_span(f, fetched->fact->first_ns);
	}
	write_attack(f, a, fetched, a == &all->list[all->n - 1] ? all->others : 0);
}

static void breach_judge(const struct story *story, struct findings *out)
{
	struct dialogue list[DIALOGUES];
	struct attackers attackers = {.n = 0};
	size_t n;

	if (!story->local)
		return;
	n = dialogues_at(story, list);
	for (size_t i = 0; i < n; i++)
		judge_dialogue(story, &list[i], out);
	collect(story, &attackers);
	for (size_t i = 0; i < attackers.n; i++)
		judge_attacker(story, &attackers, &attackers.list[i], out);
}

const struct detector detector_breach = {
	.name = "breach",
	.code = "C-0007",
	.summary = "somebody broke in: a loader's dialogue, or a request that took a device over",
	.slot = -1,
	.judge_story = breach_judge,
};
