/* SPDX-License-Identifier: MIT */
/*
 * The packets that a report cites: the model is walked once and every packet number in it becomes an entry with its
 * reason, and the entries are sorted. The list holds pointers, not texts, so that it stays small where an attack cites
 * thousands of packets. Reasons quote strangers, and so do file names: everything goes through text_plain().
 */
#include "report/citations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SHOWN = 120 /* bytes of what a device said: the packet itself has the rest */ };

struct list {
	struct citation *at; /* NULL while counting */
	size_t n;
};

static void add(struct list *l, const struct where *where, struct citation c)
{
	c.where = *where;
	if (l->at != NULL)
		l->at[l->n] = c;
	l->n++;
}

static void add_device(struct list *l, const struct device *d)
{
	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		for (size_t k = 0; k < e->packets_n; k++)
			add(l, &e->packets[k],
			    (struct citation){
				    .kind = CITATION_EVIDENCE, .device = d, .evidence = e});
	}
	for (size_t i = 0; i < d->exposures_n; i++)
		add(l, &d->exposures[i].where,
		    (struct citation){
			    .kind = CITATION_EXPOSURE, .device = d, .exposure = &d->exposures[i]});
	for (size_t i = 0; i < d->claims_n; i++)
		add(l, &d->claims[i].where,
		    (struct citation){.kind = CITATION_CLAIM, .device = d, .claim = &d->claims[i]});
}

static void walk(struct list *l, const struct judged *judged)
{
	for (size_t i = 0; i < judged->devices_n; i++)
		add_device(l, &judged->devices[i]);
	for (size_t i = 0; i < judged->attacks_n; i++) {
		const struct attack *a = &judged->attacks[i];

		for (size_t k = 0; k < a->packet_list_n; k++)
			add(l, &a->packet_list[k],
			    (struct citation){.kind = CITATION_ATTACK, .attack = a});
	}
}

/* What is cited lies in one array for each owner, so its place there is its place in the report. */
static int by_order(const void *x, const void *y)
{
	const struct citation *a = x, *b = y;

	if (a->where.input != b->where.input)
		return a->where.input < b->where.input ? -1 : 1;
	if (a->where.packet != b->where.packet)
		return a->where.packet < b->where.packet ? -1 : 1;
	if ((a->kind == CITATION_ATTACK) != (b->kind == CITATION_ATTACK))
		return a->kind == CITATION_ATTACK ? 1 : -1;
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->evidence != b->evidence)
		return a->evidence < b->evidence ? -1 : 1;
	return 0;
}

int citations_collect(const struct judged *judged, struct citation **list, size_t *n)
{
	struct list counted = {0};
	struct list l = {0};
	size_t kept = 0;

	walk(&counted, judged);
	l.at = calloc(counted.n + 1, sizeof *l.at);
	if (l.at == NULL)
		return -ENOMEM;
	walk(&l, judged);
	qsort(l.at, l.n, sizeof *l.at, by_order);
	for (size_t i = 0; i < l.n; i++) {
		if (l.at[i].where.packet ==
		    0) /* counted from 1: nothing was seen, all was inferred */
			continue;
		if (kept == 0 || by_order(&l.at[kept - 1], &l.at[i]) != 0)
			l.at[kept++] = l.at[i];
	}
	*list = l.at;
	*n = kept;
	return 0;
}

static void say_device(const struct device *d, struct text *to)
{
	char buf[ADDR_TEXT_MAX];

	text_plain(to, d->id, true);
	if (d->addresses_n > 0 && strncmp(d->id, "ip:", 3) != 0)
		text_printf(to, " (%s)", addr_text(&d->addresses[0], buf));
	text_puts(to, ": ");
}

static void say_evidence(const struct evidence *e, struct text *to)
{
	text_puts(to, e->detector);
	if (e->stage != STAGE_NONE)
		text_printf(to, " (%s)", stage_words[e->stage]);
	text_puts(to, ": ");
	text_plain(to, e->text, true);
}

static void say_exposure(const struct exposure *e, struct text *to)
{
	text_printf(to, "%s%s", exposure_words[e->kind], e->inferred ? " (inferred)" : "");
	if (e->service != NULL) {
		text_puts(to, ", ");
		text_plain(to, e->service, true);
	}
	text_puts(to, ": ");
	text_plain(to, e->detail, true);
}

static void say_claim(const struct claim *c, struct text *to)
{
	char start[VALUE_SHOWN + 1];
	size_t n = strnlen(c->value, VALUE_SHOWN);

	/* Not in the middle of a character, whose length is four bytes at most. */
	while (c->value[n] != '\0' && n > VALUE_SHOWN - 3 &&
	       ((unsigned char)c->value[n] & 0xc0) == 0x80)
		n--;
	memcpy(start, c->value, n);
	start[n] = '\0';
	text_plain(to, c->signal, true);
	text_puts(to, " \"");
	text_plain(to, start, true);
	text_printf(to, "%s\" %s ", c->value[n] != '\0' ? "…" : "",
		    c->against ? "speaks against that, it says" : "says");
	text_plain(to, c->says, true);
}

static void say_attack(const struct attack *a, struct text *to)
{
	char buf[ADDR_TEXT_MAX];

	text_printf(to, "attack on %s", addr_text(&a->target, buf));
	if (a->port >= 0)
		text_printf(to, " port %d", a->port);
	text_printf(to, ": %s, %s", vector_words[a->vector], direction_words[a->direction]);
	if (a->detail != NULL) {
		text_puts(to, ": ");
		text_plain(to, a->detail, true);
	}
}

void citation_say(const struct citation *c, struct text *to)
{
	if (c->device != NULL)
		say_device(c->device, to);
	switch (c->kind) {
	case CITATION_EVIDENCE:
		say_evidence(c->evidence, to);
		break;
	case CITATION_EXPOSURE:
		say_exposure(c->exposure, to);
		break;
	case CITATION_CLAIM:
		say_claim(c->claim, to);
		break;
	case CITATION_ATTACK:
		say_attack(c->attack, to);
		break;
	}
}

void citation_say_packet(const struct judged *judged, const struct where *where, struct text *to)
{
	const char *path = judged->inputs[where->input].path;
	const char *slash = strrchr(path, '/');

	text_printf(to, "packet %llu of ", (unsigned long long)where->packet);
	if (judged->inputs_n > 1)
		text_printf(to, "input %u, ", (unsigned)where->input);
	text_plain(to, slash != NULL ? slash + 1 : path, true);
}
