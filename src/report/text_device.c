/* SPDX-License-Identifier: MIT */
/*
 * The text report's devices and strangers, worst first: the verdict in a word, every sign with its packets, why this
 * is believed, and what the owner can do.
 */
#include "report/page.h"
#include "report/words.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

enum { ADDRESSES_SHOWN = 4 };

/* Words carry the verdict; colour only repeats it. */
static const struct {
	const char *word;
	const char *colour;
} shown[] = {
	[VERDICT_CLEAR] = {"clear", "\033[32m"},
	[VERDICT_EXPOSED] = {"EXPOSED", "\033[35m"},
	[VERDICT_SUSPECT] = {"SUSPECT", "\033[33m"},
	[VERDICT_INFECTED] = {"INFECTED", "\033[1;31m"},
};

/* An address that people know a device by: IPv4, then any that is not link-local, then any. */
static const struct addr *device_address(const struct device *d)
{
	const struct addr *best = NULL;

	assert(d->addresses != NULL || d->addresses_n == 0);
	for (size_t i = 0; i < d->addresses_n; i++) {
		const struct addr *a = &d->addresses[i];

		if (addr_is_link_local(a))
			continue;
		if (addr_is_v4(a))
			return a;
		if (best == NULL)
			best = a;
	}
	return best == NULL && d->addresses_n > 0 ? &d->addresses[0] : best;
}

void page_device_name(struct page *p, const struct device *d)
{
	const struct addr *a = device_address(d);

	if (a != NULL)
		page_addr(p, a);
	else
		page_outside(p, d->id);
}

bool page_is_unjudged(const struct device *d)
{
	return d->verdict == VERDICT_CLEAR && !d->judged;
}

const char *page_colour(enum verdict verdict)
{
	return shown[verdict].colour;
}

/*
 * Who it is at the left, the verdict at the right margin; the verdict's word is all that is ever coloured. Returns the
 * first piece of its identity that found no room: the name alone may take a second line, the rest never does.
 */
static unsigned write_title(struct page *p, const struct device *d)
{
	const char *word = page_is_unjudged(d) ? "not judged" : shown[d->verdict].word;
	const char *sure = d->confidence == CONFIDENCE_NONE ? "" : confidence_words[d->confidence];
	unsigned tail = 2 + text_width(word) + (*sure != '\0' ? 3 + text_width(sure) : 0);
	unsigned room = tail < p->options->width ? p->options->width - tail : 0;
	unsigned column, rest;

	text_printf(&p->line, "%s ", p->bullet);
	page_device_name(p, d);
	rest = page_identity(p, d, 0, room);
	text_wrap(p->to, text_string(&p->line), 2, p->options->width);
	text_clear(&p->line);
	column = text_column(p->to);
	if (column > room) {
		text_puts(p->to, "\n");
		column = 0;
	}
	text_repeat(p->to, ' ', room > column ? room - column + 2 : 2);
	if (p->options->colour && !page_is_unjudged(d))
		text_printf(p->to, "%s%s\033[0m", shown[d->verdict].colour, word);
	else
		text_puts(p->to, word);
	text_printf(p->to, "%s%s\n", *sure != '\0' ? "   " : "", sure);
	return rest;
}

static void write_macs(struct page *p, const struct device *d)
{
	if (d->macs_n == 0)
		return;
	text_puts(&p->line, d->macs_n == 1 ? "MAC " : "MACs ");
	for (size_t i = 0; i < d->macs_n && i < ADDRESSES_SHOWN; i++) {
		text_puts(&p->line, i == 0 ? "" : ", ");
		page_mac(p, &d->macs[i]);
	}
	if (d->macs_n > ADDRESSES_SHOWN)
		text_printf(&p->line, " and %zu more", d->macs_n - ADDRESSES_SHOWN);
	text_puts(&p->line, "; ");
}

static void write_addresses(struct page *p, const struct device *d)
{
	const struct addr *name = device_address(d);
	size_t n = 0;

	for (size_t i = 0; i < d->addresses_n; i++) {
		if (&d->addresses[i] == name || n++ >= ADDRESSES_SHOWN)
			continue;
		text_puts(&p->line, n == 1 ? "also " : ", ");
		page_addr(p, &d->addresses[i]);
	}
	if (n > ADDRESSES_SHOWN)
		text_printf(&p->line, " and %zu more", n - ADDRESSES_SHOWN);
	if (n > 0)
		text_puts(&p->line, "; ");
}

void page_say_details(struct page *p, const struct device *d, unsigned rest)
{
	page_identity(p, d, rest, UINT_MAX);
	if (p->line.len > 0)
		text_puts(&p->line, "; ");
	page_firmware(p, d);
	write_macs(p, d);
	write_addresses(p, d);
	if (d->via != NULL) {
		text_puts(&p->line, "behind ");
		page_mac(p, d->via);
		text_puts(&p->line, "; ");
	}
	text_puts(&p->line, "sent ");
	page_count(p, d->packets_out, "packet");
	text_puts(&p->line, ", ");
	page_when(p, d->first_ns, d->last_ns);
}

void page_say_backing(struct page *p, const struct device *d)
{
	text_printf(&p->line, "told by %s", words_backing(d->backing));
	for (size_t i = 0; i < d->stages_n; i++)
		text_printf(&p->line, "%s%s", i == 0 ? "; stages: " : ", ",
			    stage_words[d->stages[i]]);
	for (size_t i = 0; i < d->families_n; i++) {
		text_puts(&p->line, i == 0 ? "; acts like " : ", ");
		page_outside(p, d->families[i]);
	}
}

void page_say_sign(struct page *p, const struct evidence *e)
{
	page_outside(p, e->text);
	if (e->peer != NULL && strstr(e->text, e->peer) == NULL) {
		text_puts(&p->line, " (");
		page_outside(p, e->peer);
		text_puts(&p->line, ")");
	}
}

static void write_evidence(struct page *p, const struct evidence *e)
{
	page_when(p, e->first_ns, e->last_ns);
	text_puts(&p->line, "  ");
	page_say_sign(p, e);
	text_puts(&p->line, "  ");
	page_packets(p, e->packets, e->packets_n, e->count > e->packets_n);
	page_end(p, 4, 6);
}

/* Only of an infected device it is said how it was taken: of others we don't know that it was. */
enum page_signs page_signs_of(const struct device *d, const struct evidence *e)
{
	if (d->verdict != VERDICT_INFECTED || !d->local)
		return SIGNS_SEEN;
	switch (e->stage) {
	case STAGE_BREACHED:
	case STAGE_LOADED:
		return SIGNS_TAKEN;
	case STAGE_RECRUITED:
	case STAGE_SCANNING:
	case STAGE_ATTACKING:
		return SIGNS_DOES;
	case STAGE_NONE:
		break;
	}
	return SIGNS_SEEN;
}

const char *const page_signs_words[] = {
	[SIGNS_TAKEN] = "HOW IT WAS TAKEN",
	[SIGNS_DOES] = "WHAT IT DOES",
	[SIGNS_SEEN] = "WHAT WAS SEEN",
};

static void write_signs(struct page *p, const struct device *d)
{
	for (enum page_signs h = SIGNS_TAKEN; h <= SIGNS_SEEN; h++) {
		bool begun = false;

		for (size_t i = 0; i < d->evidence_n; i++) {
			if (page_signs_of(d, &d->evidence[i]) != h)
				continue;
			if (!begun && d->local)
				page_heading(p, 2, page_signs_words[h]);
			begun = true;
			write_evidence(p, &d->evidence[i]);
		}
	}
}

const char *const page_why_words[] = {
	[CONFIDENCE_NONE] = "WHY",
	[CONFIDENCE_POSSIBLE] = "WHY THIS IS POSSIBLE",
	[CONFIDENCE_LIKELY] = "WHY THIS IS LIKELY",
	[CONFIDENCE_SURE] = "WHY WE ARE SURE",
};

static void write_why(struct page *p, const struct device *d)
{
	if (d->why == NULL)
		return;
	text_printf(&p->line, "%s   ", page_why_words[d->confidence]);
	page_outside(p, d->why);
	page_end(p, 2, 4);
	if (d->since == NULL)
		return;
	text_puts(&p->line, "SINCE THEN   ");
	page_outside(p, d->since);
	page_end(p, 2, 4);
}

static void write_todo(struct page *p, const struct device *d)
{
	if (d->todo_n == 0 || !d->local)
		return;
	page_heading(p, 2, "DO THIS");
	for (size_t i = 0; i < d->todo_n; i++) {
		text_printf(&p->line, "%zu  ", i + 1);
		page_outside(p, d->todo[i]);
		page_end(p, 4, 7);
	}
}

void page_device(struct page *p, const struct device *d)
{
	unsigned rest = write_title(p, d);

	page_say_details(p, d, rest);
	page_end(p, 2, 2);
	if (d->verdict != VERDICT_CLEAR) {
		page_say_backing(p, d);
		page_end(p, 2, 2);
	}
	page_claims(p, d);
	write_signs(p, d);
	page_exposures(p, d);
	page_undecided(p, d);
	write_why(p, d);
	write_todo(p, d);
}

/* Exposures are sorted by kind, worst first. */
static enum exposure_kind worst_kind(const struct device *d)
{
	return d->exposures_n > 0 ? d->exposures[0].kind : EXPOSURE_KINDS;
}

struct visitor {
	void (*visit)(void *context, const struct device *d);
	void *context;
};

/* Devices of one side with the same verdict and confidence; of exposed ones those whose worst exposure is of a kind. */
static uint64_t visit_alike(struct page *p, const struct device *like, uint64_t most,
			    const struct visitor *visitor)
{
	const struct judged *judged = p->judged;
	uint64_t n = 0;

	for (size_t i = 0; i < judged->devices_n && n < most; i++) {
		const struct device *d = &judged->devices[i];

		if (d->local != like->local || d->verdict != like->verdict ||
		    d->confidence != like->confidence)
			continue;
		if (d->verdict == VERDICT_EXPOSED && worst_kind(d) != worst_kind(like))
			continue;
		visitor->visit(visitor->context, d);
		n++;
	}
	return n;
}

/*
 * Verdict, confidence and kind have so few values that going over the model once for each of them beats sorting a
 * copy.
 */
void page_each_device(struct page *p, bool local, enum verdict least, uint64_t most,
		      void (*visit)(void *context, const struct device *d), void *context)
{
	const struct visitor visitor = {visit, context};

	for (int v = VERDICT_INFECTED; v >= (int)least; v--) {
		int kinds = v == VERDICT_EXPOSED ? EXPOSURE_KINDS : 0;

		for (int c = CONFIDENCE_SURE; c >= CONFIDENCE_NONE; c--) {
			for (int kind = 0; kind <= kinds && most > 0; kind++) {
				const struct exposure worst = {.kind = (enum exposure_kind)kind};
				const struct device like = {.local = local,
							    .verdict = (enum verdict)v,
							    .confidence = (enum confidence)c,
							    .exposures = &worst,
							    .exposures_n = 1};

				most -= visit_alike(p, &like, most, &visitor);
			}
		}
	}
}

static void write_device(void *context, const struct device *d)
{
	page_heading(context, 0, "");
	page_device(context, d);
}

/* A server that takes a password in clear, a forwarded port: no verdict comes of it, and yet its owner wants to know. */
static void write_worth_knowing(struct page *p)
{
	bool begun = false;

	for (size_t i = 0; i < p->judged->devices_n; i++) {
		const struct device *d = &p->judged->devices[i];

		for (size_t k = 0; d->local && d->verdict == VERDICT_CLEAR && k < d->exposures_n;
		     k++) {
			const struct exposure *e = &d->exposures[k];

			if (!begun) {
				page_heading(p, 0, "");
				page_heading(p, 0, "WORTH KNOWING OF DEVICES THAT ARE CLEAR");
			}
			begun = true;
			page_device_name(p, d);
			text_puts(&p->line, "  ");
			if (e->service != NULL) {
				page_outside(p, e->service);
				text_puts(&p->line, ": ");
			}
			page_outside(p, e->detail);
			text_puts(&p->line, "  ");
			page_packets(p, &e->where, 1, false);
			page_end(p, 2, 4);
		}
	}
}

void page_say_clear(struct page *p)
{
	uint64_t clear = p->tally.verdicts[VERDICT_CLEAR];
	uint64_t unjudged = p->tally.not_judged;

	if (clear > 0) {
		text_count(&p->line, clear);
		text_printf(&p->line, " %sdevice%s nothing wrong",
			    clear + unjudged < p->tally.local ? "other " : "",
			    clear == 1 ? " shows" : "s show");
	}
	if (unjudged > 0) {
		text_puts(&p->line, clear > 0 ? "; " : "");
		text_count(&p->line, unjudged);
		text_printf(&p->line, "%s not judged",
			    clear > 0	    ? ""
			    : unjudged == 1 ? " device was"
					    : " devices were");
	}
	text_puts(&p->line, p->marked		    ? "."
			    : clear + unjudged == 1 ? " (--all lists it)."
						    : " (--all lists them).");
	page_clear_makers(p);
}

void page_devices(struct page *p)
{
	const struct tally *t = &p->tally;

	page_each_device(p, true, p->options->all ? VERDICT_CLEAR : VERDICT_EXPOSED, UINT64_MAX,
			 write_device, p);
	if (p->options->all || t->verdicts[VERDICT_CLEAR] + t->not_judged == 0)
		return;
	page_heading(p, 0, "");
	page_say_clear(p);
	page_end(p, 0, 2);
	write_worth_knowing(p);
}

void page_strangers(struct page *p)
{
	const struct tally *t = &p->tally;
	uint64_t most = p->options->all ? UINT64_MAX : PAGE_STRANGERS_SHOWN;
	bool first = true;

	if (t->strangers == 0)
		return;
	page_heading(p, 0, "");
	text_puts(&p->line, "STRANGERS SEEN   ");
	for (int v = VERDICT_INFECTED; v > VERDICT_CLEAR; v--) {
		if (t->stranger_verdicts[v] == 0)
			continue;
		text_puts(&p->line, first ? "" : ", ");
		text_count(&p->line, t->stranger_verdicts[v]);
		text_printf(&p->line, " %s", shown[v].word);
		first = false;
	}
	page_end(p, 0, 2);
	page_each_device(p, false, VERDICT_EXPOSED, most, write_device, p);
	if (t->strangers > most) {
		page_heading(p, 0, "");
		text_puts(&p->line, "and ");
		text_count(&p->line, t->strangers - most);
		text_puts(&p->line, " more; --all lists them.");
		page_end(p, 0, 2);
	}
}
