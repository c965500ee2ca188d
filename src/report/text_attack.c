/* SPDX-License-Identifier: MIT */
/*
 * The text report's attacks, biggest first: what hits whom, how hard, for how long, from how many, and which of the
 * devices above take part.
 */
#include "report/page.h"
#include "report/words.h"

#include <stdlib.h>

enum {
	SOURCES_EXACT = 1024 /* above, sources are an estimate (the schema says so) */
};

static void write_taking_part(struct page *p, const struct attack *a)
{
	if (a->devices_n == 0)
		return;
	text_puts(&p->line, "taking part: ");
	page_device_names(p, a->devices, a->devices_n);
	page_end(p, 4, 6);
}

void page_say_measure(struct page *p, const struct attack *a)
{
	page_when(p, a->first_ns, a->last_ns);
	if (a->last_ns > a->first_ns) {
		text_puts(&p->line, " (");
		text_duration(&p->line, (uint64_t)a->last_ns - (uint64_t)a->first_ns);
		text_puts(&p->line, ")");
	}
	text_puts(&p->line, "  ");
	page_count(p, a->packets, "packet");
	text_puts(&p->line, ", ");
	text_size(&p->line, a->bytes);
	text_puts(&p->line, ", at most ");
	text_count(&p->line, a->peak_pps);
	text_puts(&p->line,
		  a->sources > SOURCES_EXACT ? " packets/s, from about " : " packets/s, from ");
	page_count(p, a->sources, "source");
	text_puts(&p->line, a->spoofed ? " (forged addresses)" : "");
}

static void write_measure(struct page *p, const struct attack *a)
{
	page_say_measure(p, a);
	if (a->packet_list_n > 0) {
		text_puts(&p->line, "  ");
		page_packets(p, a->packet_list, a->packet_list_n, a->packets > a->packet_list_n);
	}
	page_end(p, 4, 6);
}

void page_say_attack(struct page *p, const struct attack *a)
{
	text_printf(&p->line, "%s [%s] on ", words_vector(a->vector), vector_words[a->vector]);
	page_addr(p, &a->target);
	if (a->port >= 0)
		text_printf(&p->line, " port %d", a->port);
	text_printf(&p->line, ", %s", direction_words[a->direction]);
	if (a->detail != NULL) {
		text_puts(&p->line, ": ");
		page_outside(p, a->detail);
	}
}

static void write_attack(struct page *p, const struct attack *a)
{
	page_say_attack(p, a);
	page_end(p, 2, 4);
	write_measure(p, a);
	write_taking_part(p, a);
}

static int by_size(const void *left, const void *right)
{
	const struct attack *a = *(const struct attack *const *)left;
	const struct attack *b = *(const struct attack *const *)right;

	if (a->packets != b->packets)
		return a->packets > b->packets ? -1 : 1;
	return a < b ? -1 : a > b;
}

void page_each_attack(struct page *p, void (*visit)(void *context, const struct attack *a),
		      void *context)
{
	const struct judged *judged = p->judged;
	size_t n = judged->attacks_n;
	const struct attack **sorted;

	if (n == 0)
		return;
	sorted = calloc(n, sizeof *sorted);
	if (sorted == NULL) {
		p->to->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = &judged->attacks[i];
	qsort(sorted, n, sizeof *sorted, by_size);
	if (n > PAGE_ATTACKS_SHOWN && !p->options->all)
		n = PAGE_ATTACKS_SHOWN;
	for (size_t i = 0; i < n; i++)
		visit(context, sorted[i]);
	free(sorted);
}

static void visit_attack(void *context, const struct attack *a)
{
	write_attack(context, a);
}

void page_attacks(struct page *p)
{
	size_t n = p->judged->attacks_n;

	if (n == 0)
		return;
	page_heading(p, 0, "");
	page_heading(p, 0, "ATTACKS");
	page_each_attack(p, visit_attack, p);
	if (n > PAGE_ATTACKS_SHOWN && !p->options->all) {
		text_printf(&p->line, "and %zu more; --all lists them.", n - PAGE_ATTACKS_SHOWN);
		page_end(p, 2, 4);
	}
}
