/* SPDX-License-Identifier: MIT */
/*
 * The text report's profile of one device: what it is, by which signs that is known, how it could be taken, and which
 * advisories may be about it. Nearly every word here was chosen by a device or by whoever plays one, so all of it goes
 * through page_outside(); what an exposure or a sign rests on stands behind it as a packet number.
 */
#include "report/page.h"
#include "report/words.h"

#include <string.h>

enum {
	CLAIMS_SHOWN = 3,
	AGAINST_SHOWN = 2,
	EXPOSURES_SHOWN = 12, /* sorted by weight: what follows is more of the mildest kind */
	UNDECIDED_SHOWN = 4,
	SIGNAL_WORD_MAX = 32
};

enum piece { PIECE_PRODUCT, PIECE_MAKER, PIECE_MODEL, PIECE_BRAND, PIECES };

static const char *value_of(const struct device *d, enum piece piece)
{
	switch (piece) {
	case PIECE_PRODUCT:
		return d->product;
	case PIECE_MAKER:
		return d->maker;
	case PIECE_MODEL:
		return d->model;
	default:
		return d->brand != NULL && d->maker != NULL && strcmp(d->brand, d->maker) == 0
			       ? NULL
			       : d->brand;
	}
}

static void add_piece(struct text *to, const struct device *d, enum piece piece, bool first,
		      bool utf8)
{
	const char *value = value_of(d, piece);
	const char *spelt = piece == PIECE_PRODUCT ? words_spelt(value, strlen(value)) : NULL;

	if (piece == PIECE_BRAND)
		text_puts(to, first ? "sold as " : " (sold as ");
	else if (!first)
		text_puts(to, piece == PIECE_MODEL && d->maker != NULL ? " " : "  ");
	text_plain(to, spelt != NULL ? spelt : value, utf8);
	text_puts(to, piece == PIECE_BRAND && !first ? ")" : "");
}

unsigned page_identity(struct page *p, const struct device *d, unsigned from, unsigned room)
{
	struct text piece = {0};
	unsigned i;

	for (i = from; i < PIECES; i++) {
		if (value_of(d, (enum piece)i) == NULL)
			continue;
		text_clear(&piece);
		add_piece(&piece, d, (enum piece)i, p->line.len == 0, p->options->utf8);
		if (text_width(text_string(&p->line)) + text_width(text_string(&piece)) > room)
			break;
		text_puts(&p->line, text_string(&piece));
	}
	p->to->failed |= piece.failed;
	text_fini(&piece);
	return i;
}

void page_firmware(struct page *p, const struct device *d)
{
	if (d->firmware == NULL && d->built == NULL)
		return;
	text_puts(&p->line, "firmware");
	if (d->firmware != NULL) {
		text_puts(&p->line, " ");
		page_outside(p, d->firmware);
	}
	if (d->built != NULL) {
		text_puts(&p->line, " built ");
		page_outside(p, d->built);
	}
	text_puts(&p->line, "; ");
}

/* "dhcp-host-name" as "DHCP host name" */
static void add_signal(struct page *p, const char *name)
{
	char word[SIGNAL_WORD_MAX + 1];

	while (*name != '\0') {
		size_t len = strcspn(name, "-");
		size_t kept = len < SIGNAL_WORD_MAX ? len : SIGNAL_WORD_MAX;
		const char *spelt = words_spelt(name, len);

		memcpy(word, name, kept);
		word[kept] = '\0';
		page_outside(p, spelt != NULL ? spelt : word);
		name += len;
		text_puts(&p->line, *name != '\0' ? " " : "");
		name += *name != '\0';
	}
}

/* The two spaces keep it apart from the words before it; packets count from 1, and 0 is none. */
static void add_packet(struct page *p, const struct where *where)
{
	if (where->packet == 0)
		return;
	text_puts(&p->line, "  ");
	page_packets(p, where, 1, false);
}

void page_say_claim(struct page *p, const struct claim *c)
{
	add_signal(p, c->signal);
	text_puts(&p->line, " \"");
	page_value(p, c->value);
	text_puts(&p->line, "\": ");
	page_value(p, c->says);
}

static void write_claim(struct page *p, const struct claim *c, const char *before)
{
	text_printf(&p->line, "%s ", before);
	page_say_claim(p, c);
	add_packet(p, &c->where);
	page_end(p, 2, 6);
}

/* Returns how many of them were left out. */
static size_t write_claims(struct page *p, const struct device *d, bool against, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < d->claims_n; i++) {
		if (d->claims[i].against != against)
			continue;
		if (n < most || p->options->all)
			write_claim(p, &d->claims[i],
				    against  ? "    but:"
				    : n == 0 ? "known by"
					     : "     and");
		n++;
	}
	return n <= most || p->options->all ? 0 : n - most;
}

void page_claims(struct page *p, const struct device *d)
{
	size_t more = write_claims(p, d, false, CLAIMS_SHOWN);

	more += write_claims(p, d, true, AGAINST_SHOWN);
	if (more == 0)
		return;
	text_puts(&p->line, "     and ");
	page_count(p, more, "more sign");
	text_printf(&p->line, " (--all lists %s)", more == 1 ? "it" : "them");
	page_end(p, 2, 6);
}

void page_say_exposure(struct page *p, const struct exposure *e)
{
	if (e->service != NULL) {
		page_outside(p, e->service);
		text_puts(&p->line, ": ");
	}
	page_outside(p, e->detail != NULL ? e->detail : exposure_words[e->kind]);
	if (e->inferred)
		text_puts(&p->line, " (from its model and firmware)");
}

static void write_exposure(struct page *p, const struct exposure *e)
{
	if (e->time_ns != 0) {
		page_when(p, e->time_ns, e->time_ns);
		text_puts(&p->line, "  ");
	}
	page_say_exposure(p, e);
	add_packet(p, &e->where);
	page_end(p, 4, 6);
}

void page_exposures(struct page *p, const struct device *d)
{
	size_t most = p->options->all ? d->exposures_n : EXPOSURES_SHOWN;

	if (d->exposures_n == 0)
		return;
	if (d->local)
		page_heading(p, 2, "HOW IT IS EXPOSED");
	for (size_t i = 0; i < d->exposures_n && i < most; i++)
		write_exposure(p, &d->exposures[i]);
	if (d->exposures_n > most) {
		text_printf(&p->line, "and %zu more (--all lists them)", d->exposures_n - most);
		page_end(p, 4, 6);
	}
}

void page_say_undecided(struct page *p, const struct device *d)
{
	size_t most = p->options->all ? d->undecided_n : UNDECIDED_SHOWN;

	text_puts(&p->line, d->firmware == NULL && d->built == NULL
				    ? "may concern it, its firmware was not seen: "
				    : "may concern it, what was seen of it does not decide: ");
	for (size_t i = 0; i < d->undecided_n && i < most; i++) {
		text_puts(&p->line, i == 0 ? "" : "; ");
		page_outside(p, d->undecided[i]);
	}
	if (d->undecided_n > most)
		text_printf(&p->line, " and %zu more", d->undecided_n - most);
}

void page_undecided(struct page *p, const struct device *d)
{
	if (d->undecided_n == 0)
		return;
	page_say_undecided(p, d);
	page_end(p, 2, 4);
}
