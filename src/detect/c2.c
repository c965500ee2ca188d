/* SPDX-License-Identifier: MIT */
/*
 * Talk with a command server, as parsers told it: Mirai's check-in, keep-alives and orders, Gafgyt's lines, bots on IRC,
 * Mozi's nodes, logins reported to a report server, and names of known command servers that were asked for. What parsers
 * accept is their concern; here it is weighed (published analyses of the families, docs/verdicts.md).
 *
 * Proof takes both ends: a check-in that a server then kept alive or gave an order, an order in Gafgyt's own form, a
 * report whose lengths close. One half of that is a sign. What has honest users weighs less, whoever speaks it: IRC and
 * BitTorrent are notes, orders over IRC a sign, and a name is a sign too, for a resolver or a researcher asks for it as
 * well. All that stands in the text is ours or spelt out of harmless letters, since bots and their masters choose the rest.
 */
#include "detect/detect.h"

#include "base/scan.h"

#include <string.h>

enum talk_part { PART_HELLO, PART_ALIVE, PART_COMMAND, PARTS };

static const enum signal part_signals[PARTS] = {
	[PART_HELLO] = SIGNAL_c2_hello,
	[PART_ALIVE] = SIGNAL_c2_alive,
	[PART_COMMAND] = SIGNAL_c2_command,
};

enum { WORDS_KEPT = 64 };

/* What a protocol's parts weigh. */
struct tongue {
	const char *word; /* as parsers spell it */
	const char *name; /* for people */
	const char *family;
	enum weight one;   /* a check-in alone */
	enum weight alive; /* keep-alives alone */
	enum weight both;
	enum weight order; /* one that nothing else was seen with */
};

static const struct tongue tongues[] = {
	{"mirai", "Mirai", "mirai", WEIGHT_SIGN, WEIGHT_SIGN, WEIGHT_PROOF, WEIGHT_SIGN},
	/* PING and PONG are what other programs say too. */
	{"gafgyt", "Gafgyt", "gafgyt", WEIGHT_SIGN, WEIGHT_NOTE, WEIGHT_SIGN, WEIGHT_PROOF},
	{"mozi", "Mozi", "mozi", WEIGHT_SIGN, WEIGHT_SIGN, WEIGHT_SIGN, WEIGHT_SIGN},
	{"irc", "IRC", NULL, WEIGHT_NOTE, WEIGHT_NOTE, WEIGHT_NOTE, WEIGHT_SIGN},
	{NULL, "unknown", NULL, WEIGHT_NOTE, WEIGHT_NOTE, WEIGHT_SIGN, WEIGHT_SIGN},
};

/* The talk of one device with one server. */
struct talk_with {
	const struct tongue *tongue;
	const struct addr *peer;
	const struct told *part[PARTS]; /* the first of each; NULL: none */
	uint64_t n[PARTS];
};

static const struct tongue *tongue_of(struct bytes value)
{
	const struct tongue *t = tongues;
	struct bytes word = bytes_cut(&value, ' ');

	while (t->word != NULL && !bytes_are(word, t->word))
		t++;
	return t;
}

/* What follows the protocol's name, out of letters that do no harm. Returns to. */
static const char *harmless(const struct told *told, char to[WORDS_KEPT])
{
	struct bytes rest = told->value;
	size_t n = 0;

	bytes_cut(&rest, ' ');
	for (; n < rest.len && n < WORDS_KEPT - 1; n++) {
		uint8_t c = rest.at[n];

		to[n] = '?';
		if (c != '\0' && (ascii_is_alnum(c) || strchr(" .,:/_-()", c) != NULL))
			to[n] = (char)c;
	}
	to[n] = '\0';
	return to;
}

static void cite(struct finding *f, const struct fact *fact)
{
	finding_add_fact(f, fact);
	if (fact->count > 1)
		finding_cite(f, fact->last_key);
}

static struct finding *start(const struct story *story, enum weight weight, const char *family,
			     struct findings *out)
{
	struct finding *f = story_finding(story, out);

	if (f == NULL)
		return NULL;
	f->act = weight == WEIGHT_NOTE ? ACT_NONE : ACT_RECRUITED;
	f->weight = weight;
	f->stranger = weight;
	f->family = weight == WEIGHT_NOTE ? NULL : family;
	return f;
}

static void name_peer(struct finding *f, const struct fact *fact)
{
	f->has_peer = true;
	f->peer = fact->peer;
	f->role = ROLE_COMMAND;
	f->port = fact->port;
}

/*
 * Facts are kept once a value, under the peer of the first: a bot that changes its server leaves its check-in at the old
 * one and its orders at the new. So whether a part was seen is asked of the device, whom it was with of the fact.
 */
static bool has_part(const struct story *story, enum talk_part part, const struct tongue *tongue)
{
	size_t n;
	const struct told *facts = story_facts(story, part_signals[part], &n);

	for (size_t i = 0; i < n; i++) {
		if (tongue_of(facts[i].value) == tongue)
			return true;
	}
	return false;
}

static enum weight weigh(const struct story *story, const struct talk_with *w)
{
	bool hello = has_part(story, PART_HELLO, w->tongue);
	bool alive = has_part(story, PART_ALIVE, w->tongue);
	bool order = has_part(story, PART_COMMAND, w->tongue);
	enum weight weight = hello && (alive || order) ? w->tongue->both
			     : hello || order	       ? w->tongue->one
						       : w->tongue->alive;

	if (w->part[PART_COMMAND] != NULL && weight < w->tongue->order)
		weight = w->tongue->order;
	/* A command server at home? Less than proof is some other program of the house. */
	if (weight == WEIGHT_SIGN && !order && !addr_is_public(w->peer))
		weight = WEIGHT_NOTE;
	return weight;
}

static void write_talk(struct finding *f, const struct talk_with *w, const char *name)
{
	char ip[ADDR_TEXT_MAX], words[WORDS_KEPT];

	finding_say(f, "spoke %s with %s%s", name, addr_text(w->peer, ip),
		    w->tongue->family != NULL ? ", as bots do with their command server" : "");
	if (w->part[PART_HELLO] != NULL) {
		const char *id = harmless(w->part[PART_HELLO], words);

		finding_say(f, ": it registered%s%s", id[0] != '\0' ? " as " : "", id);
	}
	if (w->part[PART_ALIVE] != NULL)
		finding_say(f, "; keep-alives were answered %llu time%s",
			    (unsigned long long)w->n[PART_ALIVE], w->n[PART_ALIVE] == 1 ? "" : "s");
	if (w->part[PART_COMMAND] != NULL)
		finding_say(f, "; it was given %llu order%s, the first: %s",
			    (unsigned long long)w->n[PART_COMMAND],
			    w->n[PART_COMMAND] == 1 ? "" : "s",
			    harmless(w->part[PART_COMMAND], words));
}

/* Gathers what was said with the same server in the same protocol; false: an earlier fact stood for it already. */
static bool gather(const struct story *story, const struct told *with, struct talk_with *w,
		   struct finding *f)
{
	*w = (struct talk_with){.tongue = tongue_of(with->value), .peer = &with->fact->peer};
	for (int part = 0; part < PARTS; part++) {
		size_t n;
		const struct told *facts = story_facts(story, part_signals[part], &n);

		for (size_t i = 0; i < n; i++) {
			if (tongue_of(facts[i].value) != w->tongue ||
			    !addr_equal(&facts[i].fact->peer, w->peer))
				continue;
			if (f == NULL && w->part[0] == NULL && w->part[1] == NULL &&
			    w->part[2] == NULL && &facts[i] != with)
				return false;
			if (w->part[part] == NULL)
				w->part[part] = &facts[i];
			w->n[part] += facts[i].fact->count;
			if (f != NULL)
				cite(f, facts[i].fact);
		}
	}
	return true;
}

/* A check-in that comes no sooner than what follows one was not seen: the talk had begun before. */
static bool saw_check_in(const struct talk_with *w)
{
	const struct told *hello = w->part[PART_HELLO];

	for (int part = PART_ALIVE; hello != NULL && part < PARTS; part++) {
		if (w->part[part] != NULL && w->part[part]->fact->key <= hello->fact->key)
			return false;
	}
	return hello != NULL;
}

static void judge_talks(const struct story *story, struct findings *out)
{
	for (int part = 0; part < PARTS; part++) {
		size_t n;
		const struct told *facts = story_facts(story, part_signals[part], &n);

		for (size_t i = 0; i < n; i++) {
			struct talk_with w;
			enum weight weight;
			struct finding *f;

			if (!gather(story, &facts[i], &w, NULL))
				continue;
			weight = weigh(story, &w);
			if (weight == WEIGHT_NOTE && !story->local)
				continue; /* what strangers do lawfully is nobody's business */
			f = start(story, weight, w.tongue->family, out);
			if (f == NULL)
				return;
			name_peer(f, facts[i].fact);
			gather(story, &facts[i], &w, f);
			f->late = !saw_check_in(&w);
			f->strong = f->weight == WEIGHT_PROOF && w.part[PART_HELLO] != NULL &&
				    w.part[PART_ALIVE] != NULL && w.part[PART_COMMAND] != NULL;
			write_talk(f, &w,
				   w.tongue->word == NULL ? "an unknown protocol" : w.tongue->name);
		}
	}
}

/* All reports together: each names another victim. */
static void judge_reports(const struct story *story, struct findings *out)
{
	char ip[ADDR_TEXT_MAX], victim[WORDS_KEPT];
	struct finding *f;
	size_t n;
	const struct told *facts = story_facts(story, SIGNAL_c2_report, &n);

	if (n == 0)
		return;
	f = start(story, WEIGHT_PROOF, "mirai", out);
	if (f == NULL)
		return;
	name_peer(f, facts[0].fact);
	f->late = true; /* it had its orders before it found anybody */
	for (size_t i = 0; i < n; i++)
		cite(f, facts[i].fact);
	finding_say(
		f, "reported %llu login%s that it found to %s, as Mirai's bots do; the first at %s",
		(unsigned long long)f->count, f->count == 1 ? "" : "s",
		addr_text(&facts[0].fact->peer, ip), harmless(&facts[0], victim));
}

static bool is_mozi(const struct told *told)
{
	return strcmp(tongue_of(told->value)->name, "Mozi") == 0;
}

/* One finding a kind, whoever its neighbours are. Of strangers nothing: datagrams can be forged. */
static void judge_nodes(const struct story *story, bool mozi, struct findings *out)
{
	struct finding *f = NULL;
	size_t n;
	const struct told *facts = story_facts(story, SIGNAL_dht_node, &n);

	for (size_t i = 0; i < n && story->local; i++) {
		if (is_mozi(&facts[i]) != mozi)
			continue;
		if (f == NULL)
			f = start(story, mozi ? WEIGHT_SIGN : WEIGHT_NOTE, "mozi", out);
		if (f == NULL)
			return;
		cite(f, facts[i].fact);
	}
	if (f != NULL)
		finding_say(
			f, "%s",
			mozi ? "is a node of Mozi's network: its datagrams bear that bot's marks"
			     : "is a node of BitTorrent's network, as programs that share files are, and some bots");
}

static void judge_names(const struct story *story, enum signal signal, struct findings *out)
{
	size_t n;
	const struct told *facts = story_facts(story, signal, &n);
	const struct bytes none = {.at = NULL, .len = 0};

	for (size_t i = 0; i < n; i++) {
		const struct trait *t =
			catalogue_trait(story->catalogue, TRAIT_NAME, facts[i].value, none);
		struct bytes domain;
		enum weight weight;
		struct finding *f;

		if (t == NULL)
			continue;
		weight = t->confidence == CLAIM_LOW ? WEIGHT_NOTE : WEIGHT_SIGN;
		f = start(story, weight, t->family, out);
		if (f == NULL)
			return;
		f->stranger = WEIGHT_NOTE; /* resolvers ask for others */
		if (signal == SIGNAL_tls_sni)
			name_peer(f, facts[i].fact);
		cite(f, facts[i].fact);
		domain = t->pattern;
		if (bytes_begin(domain, ".")) /* the domain and all below it */
			domain = bytes_from(domain, 1);
		finding_say(f, "%s the name of %.80s: %.*s",
			    signal == SIGNAL_tls_sni ? "called" : "asked for", t->title,
			    (int)(domain.len < 80 ? domain.len : 80), (const char *)domain.at);
	}
}

static void c2_story(const struct story *story, struct findings *out)
{
	judge_talks(story, out);
	judge_reports(story, out);
	judge_nodes(story, true, out);
	judge_nodes(story, false, out);
	judge_names(story, SIGNAL_dns_name, out);
	judge_names(story, SIGNAL_tls_sni, out);
}

const struct detector detector_c2 = {
	.name = "c2",
	.code = "C-0010",
	.summary =
		"talk with a command server: check-ins, keep-alives, orders, reports, known names",
	.slot = -1,
	.judge_story = c2_story,
};
