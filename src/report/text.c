/* SPDX-License-Identifier: MIT */
/*
 * The report for people: the plain sentence first, then what could be judged from here, what was read, the devices
 * worst first, attacks, strangers, and last what was not seen. Advice names only what exists.
 */
#include "report/page.h"
#include "report/words.h"

#include <string.h>

enum { NAMES_SHOWN = 4, NETWORKS_SHOWN = 6 };

/* "192.168.1.20 (02:00:5e:00:53:20), 192.168.1.21 and 3 more." */
static void name_devices(struct page *p, enum verdict verdict)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->judged->devices_n; i++) {
		const struct device *d = &p->judged->devices[i];

		if (!d->local || d->verdict != verdict || n++ >= NAMES_SHOWN)
			continue;
		text_puts(&p->line, n == 1 ? ": " : ", ");
		page_device_name(p, d);
		if (d->macs_n == 1 && d->addresses_n > 0) {
			text_puts(&p->line, " (");
			page_mac(p, &d->macs[0]);
			text_puts(&p->line, ")");
		}
	}
	if (n > NAMES_SHOWN) {
		text_puts(&p->line, " and ");
		text_count(&p->line, n - NAMES_SHOWN);
		text_puts(&p->line, " more");
	}
	text_puts(&p->line, ".");
}

/* "1 of 3 devices is", "2 of 3 devices are"; the verb for one, the verb for several */
static void share(struct page *p, uint64_t n, const char *one, const char *several)
{
	text_count(&p->line, n);
	text_puts(&p->line, " of ");
	page_count(p, p->tally.local, "device");
	text_printf(&p->line, " %s", n == 1 ? one : several);
}

static void say_nothing_judged(struct page *p)
{
	const struct tally *t = &p->tally;
	uint64_t packets = 0;

	for (size_t i = 0; i < p->judged->inputs_n; i++)
		packets += p->judged->inputs[i].packets;
	if (packets == 0) {
		text_puts(&p->line, "Nothing could be judged: there is no packet to judge.");
	} else if (t->local > 0) {
		text_puts(&p->line, "Nothing could be judged: only broadcasts were seen.");
	} else if (t->stranger_verdicts[VERDICT_INFECTED] > 0) {
		text_puts(&p->line, "No local device was seen, but ");
		page_count(p, t->stranger_verdicts[VERDICT_INFECTED], "stranger");
		text_puts(&p->line, t->stranger_verdicts[VERDICT_INFECTED] == 1 ? " acts hijacked."
										: " act hijacked.");
	} else {
		text_puts(&p->line, "Nothing could be judged: no local device was seen.");
	}
}

static void say_devices(struct page *p)
{
	const uint64_t *n = p->tally.verdicts;

	if (n[VERDICT_INFECTED] > 0) {
		share(p, n[VERDICT_INFECTED], "is hijacked", "are hijacked");
		name_devices(p, VERDICT_INFECTED);
		if (n[VERDICT_SUSPECT] == 0)
			return;
		text_puts(&p->line, " ");
		text_count(&p->line, n[VERDICT_SUSPECT]);
		text_puts(&p->line, n[VERDICT_SUSPECT] == 1 ? " more acts suspiciously"
							    : " more act suspiciously");
		name_devices(p, VERDICT_SUSPECT);
	} else if (n[VERDICT_SUSPECT] > 0) {
		text_puts(&p->line, "No device here is proven hijacked, but ");
		share(p, n[VERDICT_SUSPECT], "acts suspiciously", "act suspiciously");
		name_devices(p, VERDICT_SUSPECT);
	} else if (n[VERDICT_EXPOSED] > 0) {
		text_puts(&p->line, "No device here acts hijacked, but ");
		share(p, n[VERDICT_EXPOSED], "could be taken", "could be taken");
		name_devices(p, VERDICT_EXPOSED);
	} else if (p->judged->judged > 0) {
		text_puts(&p->line, "No device here acts hijacked.");
	} else {
		say_nothing_judged(p);
	}
}

/* A victim reads of its attack in the first lines too: "2 attacks from outside hit 192.0.2.5." */
static void say_attacks(struct page *p)
{
	const struct judged *judged = p->judged;

	for (int d = DIRECTION_OUTBOUND; d <= DIRECTION_TRANSIT; d++) {
		const struct addr *last = NULL;
		uint64_t targets = 0; /* attacks are sorted by target */
		uint64_t n = 0;

		for (size_t i = 0; i < judged->attacks_n; i++) {
			const struct attack *a = &judged->attacks[i];

			if ((int)a->direction != d)
				continue;
			targets += last == NULL || !addr_equal(last, &a->target);
			last = &a->target;
			n++;
		}
		if (n == 0)
			continue;
		text_puts(&p->line, " ");
		page_count(p, n, "attack");
		text_printf(&p->line, " %s ", words_attacks((enum direction)d, n > 1));
		if (targets == 1) {
			page_addr(p, last);
		} else {
			text_count(&p->line, targets);
			text_puts(&p->line, " addresses");
		}
		text_puts(&p->line, ".");
	}
}

static void write_vantage(struct page *p)
{
	const struct judged *judged = p->judged;
	const char *place = words_place(judged->place);

	if (judged->of == 0) {
		text_puts(&p->line, "From here no local device was seen.");
	} else {
		text_puts(&p->line, "From here ");
		text_count(&p->line, judged->judged);
		text_puts(&p->line, " of ");
		page_count(p, judged->of, "device");
		text_puts(&p->line, " could be judged");
		text_puts(
			&p->line,
			judged->judged < judged->of
				? "; of the others only broadcasts were seen. Capture on the router to see "
				  "all."
				: ".");
	}
	if (judged->note != NULL) {
		text_puts(&p->line, " ");
		page_outside(p, judged->note);
	} else if (place != NULL) {
		text_printf(&p->line, " %s", place);
	}
	page_end(p, 0, 0);
}

static void write_input(struct page *p, const struct input *input)
{
	page_outside(p, input->path);
	text_puts(&p->line, "   ");
	if (input->any) {
		text_time_human(&p->line, input->first_ns);
		text_printf(&p->line, " %s ", p->arrow);
		if (text_time_day(input->first_ns) == text_time_day(input->last_ns))
			text_time_clock(&p->line, input->last_ns);
		else
			text_time_human(&p->line, input->last_ns);
		text_puts(&p->line, " UTC   ");
		if (input->last_ns > input->first_ns) {
			text_duration(&p->line,
				      (uint64_t)input->last_ns - (uint64_t)input->first_ns);
			text_puts(&p->line, "   ");
		}
	}
	page_count(p, input->packets, "packet");
	page_end(p, 0, 2);
	if (!input->damaged)
		return;
	text_puts(&p->line, "damaged at byte ");
	text_count(&p->line, input->damage_offset);
	text_puts(&p->line, ": ");
	page_outside(p, input->damage_reason != NULL ? input->damage_reason : "unreadable");
	text_puts(&p->line, "; what came before counts");
	page_end(p, 2, 4);
}

/* With several inputs this is the legend for packet numbers too: "#1:10302" is packet 10302 of input 1. */
static void write_inputs(struct page *p)
{
	for (size_t i = 0; i < p->judged->inputs_n; i++) {
		if (p->judged->inputs_n > 1)
			text_printf(&p->line, "#%zu  ", i);
		write_input(p, &p->judged->inputs[i]);
	}
}

static void write_tally(struct page *p)
{
	static const char *const words[] = {
		[VERDICT_CLEAR] = "clear",
		[VERDICT_EXPOSED] = "EXPOSED",
		[VERDICT_SUSPECT] = "SUSPECT",
		[VERDICT_INFECTED] = "INFECTED",
	};

	page_count(p, p->tally.local, "local device");
	for (int v = VERDICT_INFECTED; v >= VERDICT_CLEAR; v--) {
		if (p->tally.verdicts[v] == 0)
			continue;
		text_puts(&p->line, "   ");
		text_count(&p->line, p->tally.verdicts[v]);
		text_printf(&p->line, " %s", words[v]);
	}
	if (p->tally.not_judged > 0) {
		text_puts(&p->line, "   ");
		text_count(&p->line, p->tally.not_judged);
		text_puts(&p->line, " not judged");
	}
	page_end(p, 0, 2);
}

static void write_networks(struct page *p)
{
	const struct judged *judged = p->judged;
	size_t most = p->options->all ? judged->local_n : NETWORKS_SHOWN;
	char buf[PREFIX_TEXT_MAX];

	if (judged->local_n == 0)
		return;
	text_puts(&p->line, "taken as local: ");
	for (size_t i = 0; i < judged->local_n && i < most; i++)
		text_printf(&p->line, "%s%s", i == 0 ? "" : ", ",
			    prefix_text(&judged->local[i], buf));
	if (judged->local_n > most)
		text_printf(&p->line, " and %zu more (--all lists them)", judged->local_n - most);
	page_end(p, 0, 2);
}

static void write_unseen(struct page *p)
{
	bool begun = false;

	for (size_t i = 0; i < p->judged->unseen_n; i++) {
		const struct count *c = &p->judged->unseen[i];
		const char *words = words_unseen(c->name, c->value != 1);

		if (c->value == 0)
			continue;
		if (!begun) {
			page_heading(p, 0, "");
			page_heading(p, 0, "NOT SEEN, OR SEEN IN PART");
		}
		begun = true;
		if (words == NULL) {
			page_outside(p, c->name);
			text_puts(&p->line, ": ");
		}
		text_count(&p->line, c->value);
		if (words != NULL)
			text_printf(&p->line, " %s", words);
		page_end(p, 2, 4);
	}
}

void report_text(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct page p;

	page_init(&p, judged, options, to);
	say_devices(&p);
	say_attacks(&p);
	page_end(&p, 0, 0);
	write_vantage(&p);
	page_heading(&p, 0, "");
	write_inputs(&p);
	write_tally(&p);
	write_networks(&p);
	page_devices(&p);
	page_attacks(&p);
	page_strangers(&p);
	write_unseen(&p);
	page_fini(&p);
}
