/* SPDX-License-Identifier: MIT */
/*
 * Guessing of passwords: Mirai tries up to ten pairs of its list at every telnet server that its scan found, and types the
 * words that lead to a shell where one is accepted; later families do the same over SSH, HTTP and FTP. Here it is told by
 * what a device of ours was refused at others (guesses.h has what tells it from honest logins) and by the loader's words
 * that it typed there (dialogue.h).
 *
 * SSH hides its logins: only that connections were opened is visible, and administrators open many, so it takes very
 * many. At local servers it is never more than a sign, since owners audit their own passwords; telnet there is worm.c's.
 * A stranger who tries to log in at several of ours is evidence about him; about the device it is none until one is
 * accepted (breach.c, exposures).
 */
#include "detect/detect.h"
#include "detect/dialogue.h"
#include "detect/guesses.h"

#include "base/scan.h"
#include "proto/proto.h"

/* ---- passwords that were refused -------------------------------------------------------------------------------- */

static enum weight weigh(const struct guesses *g, struct guess_filter filter,
			 const struct limits *limits)
{
	bool many = g->servers >= (uint64_t)limits->brute_targets_proof;

	if (guesses_are_listed(g, limits))
		return many && filter.strangers ? WEIGHT_PROOF : WEIGHT_SIGN;
	/* Another list than Mirai's: nobody honest is refused by that many strangers over telnet. */
	if (many && filter.strangers && filter.proto == PROTO_telnet_id)
		return WEIGHT_SIGN;
	return WEIGHT_NOTE;
}

static void write_guesses(struct finding *f, const struct guesses *g, struct guess_filter filter)
{
	finding_say(f,
		    "tried %llu passwords at %u%s %s addresses over %s, %llu of them in "
		    "Mirai's list (%u different ones)",
		    (unsigned long long)g->tries, g->servers,
		    g->servers == GUESSED_SERVERS ? " or more" : "",
		    filter.strangers ? "public" : "local", protos[filter.proto]->name,
		    (unsigned long long)g->listed, g->pairs);
	if (g->accepted > 0)
		finding_say(f, "; %llu more were accepted", (unsigned long long)g->accepted);
}

/* Everybody's lists share the commonest pairs: the family shows when hardly anything else is tried, and much of it. */
static const char *family_of(const struct guesses *g, const struct limits *limits)
{
	return g->pairs >= (uint64_t)limits->brute_mirai_pairs &&
			       g->listed * 100 >= g->tries * (uint64_t)limits->brute_mirai_percent
		       ? "mirai"
		       : NULL;
}

static void judge_guesses(const struct story *story, struct findings *out,
			  struct guess_filter filter)
{
	struct guesses g;
	struct finding *f;

	guesses_count(story, filter, &g);
	if (g.servers < 2 || (g.pairs < 2 && weigh(&g, filter, story->limits) == WEIGHT_NOTE))
		return; /* a place or two to log in to, and their password was changed */
	f = story_finding(story, out);
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = weigh(&g, filter, story->limits);
	f->strong = f->weight == WEIGHT_PROOF && family_of(&g, story->limits) != NULL;
	if (f->weight != WEIGHT_NOTE && filter.proto == PROTO_telnet_id)
		f->family = family_of(&g, story->limits);
	f->port = g.ports ? 0 : g.port;
	guesses_cite(story, filter, f);
	write_guesses(f, &g, filter);
}

/* ---- SSH -------------------------------------------------------------------------------------------------------- */

/* Servers that it called: the banner it sent there is kept once for each lane, so that up to 64 of them are counted. */
static bool is_ssh_call(const struct told *t)
{
	return t->fact->port == 0 && t->fact->proto == PROTO_ssh_id &&
	       addr_is_public(&t->fact->peer);
}

static void judge_ssh(const struct story *story, struct findings *out)
{
	size_t n, servers = 0;
	const struct told *told = story_facts(story, SIGNAL_ssh_banner, &n);
	struct finding *f;

	for (size_t i = 0; i < n; i++)
		servers += is_ssh_call(&told[i]);
	if (!story->local || servers < (uint64_t)story->limits->brute_ssh_targets)
		return;
	f = story_finding(story, out);
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = WEIGHT_SIGN;
	for (size_t i = 0; i < n; i++) {
		if (is_ssh_call(&told[i]))
			finding_add_fact(f, told[i].fact);
	}
	finding_say(
		f,
		"opened SSH at %zu or more public addresses, %llu connections; what was tried there "
		"is encrypted",
		servers, (unsigned long long)f->count);
}

/* ---- the loader's words typed at others -------------------------------------------------------------------------- */

static bool is_abroad(const struct dialogue *d, const struct limits *limits)
{
	return dialogue_is_loaders(d, limits) && addr_is_public(&d->peer);
}

static void write_dialogue(struct finding *f, const struct dialogue *d, unsigned more)
{
	char peer[ADDR_TEXT_MAX];

	finding_say(f, "typed a bot's words at %s", addr_text(&d->peer, peer));
	if (more > 0)
		finding_say(f, " and %u other%s", more, more == 1 ? "" : "s");
	finding_say(f, " over telnet, asking busybox for %s%s", d->token,
		    d->answered ? ", and had a shell there" : "");
}

static void judge_dialogues(const struct story *story, struct findings *out)
{
	struct dialogue list[DIALOGUES];
	const struct dialogue *first = NULL;
	size_t n = dialogues_by(story, list);
	struct finding *f = NULL;
	unsigned loaders = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_abroad(&list[i], story->limits) && story->local)
			continue;
		if (!dialogue_is_loaders(&list[i], story->limits))
			continue;
		if (f == NULL && (f = story_finding(story, out)) == NULL)
			return;
		dialogue_cite(&list[i], f);
		if (first == NULL || (list[i].answered && !first->answered))
			first = &list[i];
		loaders++;
	}
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = WEIGHT_PROOF;
	f->stranger = WEIGHT_SIGN;
	f->family = first->known == NULL ? NULL : first->known->family;
	f->has_peer = true;
	f->peer = first->peer;
	f->role = ROLE_TARGET;
	write_dialogue(f, first, loaders - 1);
}

/* ---- strangers ---------------------------------------------------------------------------------------------------- */

/* His tries at ours are kept once for each lane and protocol. */
static void judge_stranger(const struct story *story, struct findings *out)
{
	size_t n, targets = 0;
	const struct told *told = story_facts(story, SIGNAL_login_tried, &n);
	struct finding *f;

	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = addr_equal(&told[k].fact->peer, &told[i].fact->peer);
		targets += !known;
	}
	if (targets < (uint64_t)story->limits->brute_targets_sign)
		return;
	f = story_finding(story, out);
	if (f == NULL)
		return;
	f->act = ACT_SCANNING;
	f->weight = f->stranger = WEIGHT_SIGN;
	for (size_t i = 0; i < n; i++)
		finding_add_fact(f, told[i].fact);
	finding_say(f, "tried to log in to %zu devices here, %llu times", targets,
		    (unsigned long long)f->count);
}

static void bruteforce_judge(const struct story *story, struct findings *out)
{
	static const struct guess_filter filters[] = {
		{PROTO_telnet_id, true}, {PROTO_ftp_id, true},	 {PROTO_http_id, true},
		{PROTO_ftp_id, false},	 {PROTO_http_id, false},
	};

	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		judge_guesses(story, out, filters[i]);
	judge_ssh(story, out);
	judge_dialogues(story, out);
	if (!story->local)
		judge_stranger(story, out);
}

const struct detector detector_bruteforce = {
	.name = "telnet-bruteforce",
	.code = "C-0006",
	.summary = "passwords guessed at many servers, and a bot's words typed there",
	.slot = -1,
	.judge_story = bruteforce_judge,
};
