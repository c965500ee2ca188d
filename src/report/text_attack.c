/* SPDX-License-Identifier: MIT */
/*
 * The text report's attacks, biggest first: what hits whom, how hard, for how long, from how many, and which of the
 * devices above take part.
 */
#include "report/page.h"
#include "report/words.h"

#include <stdlib.h>

enum {
	ATTACKS_SHOWN = 20,
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

static void write_measure(struct page *p, const struct attack *a)
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
	if (a->packet_list_n > 0) {
		text_puts(&p->line, "  ");
		page_packets(p, a->packet_list, a->packet_list_n, a->packets > a->packet_list_n);
	}
	page_end(p, 4, 6);
}

static void write_attack(struct page *p, const struct attack *a)
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

void page_attacks(struct page *p)
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
	page_heading(p, 0, "");
	page_heading(p, 0, "ATTACKS");
	for (size_t i = 0; i < n; i++) {
		if (i == ATTACKS_SHOWN && !p->options->all) {
			text_printf(&p->line, "and %zu more; --all lists them.", n - i);
			page_end(p, 2, 4);
			break;
		}
		write_attack(p, sorted[i]);
	}
	free(sorted);
}
