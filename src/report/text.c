/* SPDX-License-Identifier: MIT */
/*
 * The report for people: a plain sentence on the first line, from the second on what could be judged from here, then
 * what was read, the devices worst first, recalls, attacks, strangers, and last what was not seen. Advice names only
 * what exists.
 */
#include "report/page.h"
#include "report/words.h"

#include <string.h>

enum { NAMES_SHOWN = 4, NETWORKS_SHOWN = 6 };

/* ": 192.168.1.20, 192.168.1.21 and 3 more"; nothing for `shown` = 0. */
static void name_devices(struct page *p, enum verdict verdict, uint64_t shown)
{
	uint64_t n = 0;

	if (shown == 0)
		return;
	for (size_t i = 0; i < p->judged->devices_n; i++) {
		const struct device *d = &p->judged->devices[i];

		if (!d->local || d->verdict != verdict || n++ >= shown)
			continue;
		text_puts(&p->line, n == 1 ? ": " : ", ");
		page_device_name(p, d);
	}
	if (n > shown) {
		text_puts(&p->line, " and ");
		text_count(&p->line, n - shown);
		text_puts(&p->line, " more");
	}
}

static const char *acts(enum verdict verdict, bool several)
{
	static const char *const words[][2] = {
		[VERDICT_CLEAR] = {"shows nothing wrong", "show nothing wrong"},
		[VERDICT_EXPOSED] = {"could be taken", "could be taken"},
		[VERDICT_SUSPECT] = {"acts suspiciously", "act suspiciously"},
		[VERDICT_INFECTED] = {"is hijacked", "are hijacked"},
	};

	return words[verdict][several];
}

/* What else is to be said of the devices, in a sentence of its own. */
static void add_remark(struct page *p, enum verdict worst)
{
	uint64_t suspects = p->tally.verdicts[VERDICT_SUSPECT];
	uint64_t exposed = p->tally.verdicts[VERDICT_EXPOSED];
	enum verdict other = suspects > 0 ? VERDICT_SUSPECT : VERDICT_EXPOSED;
	uint64_t n = suspects > 0 ? suspects : exposed;

	if (worst == VERDICT_EXPOSED) {
		text_puts(&p->line, " None acts hijacked.");
	} else if (worst == VERDICT_SUSPECT) {
		text_puts(&p->line, " None is proven hijacked.");
	} else if (n > 0) {
		text_puts(&p->line, " ");
		text_count(&p->line, n);
		text_printf(&p->line, " %s.", acts(other, n > 1));
	}
}

static bool fits(const struct page *p)
{
	return text_width(text_string(&p->line)) <= p->options->width;
}

/* "4 of 9 devices are hijacked: 192.168.1.20 and 3 more. 1 acts suspiciously." Does it fit the line? */
static bool try_worst(struct page *p, enum verdict worst, uint64_t names, bool remark)
{
	uint64_t n = p->tally.verdicts[worst];

	text_clear(&p->line);
	text_count(&p->line, n);
	text_puts(&p->line, " of ");
	page_count(p, p->tally.local, "device");
	text_printf(&p->line, " %s", acts(worst, n > 1));
	name_devices(p, worst, names);
	text_puts(&p->line, ".");
	if (remark)
		add_remark(p, worst);
	return fits(p);
}

/* As much as fits, names before the remark: the tally below tells that again. */
static void say_worst(struct page *p, enum verdict worst)
{
	for (int remark = 1; remark >= 0; remark--) {
		for (uint64_t names = NAMES_SHOWN; names > 0; names--) {
			if (try_worst(p, worst, names, remark == 1))
				return;
		}
	}
	if (try_worst(p, worst, 0, true) || try_worst(p, worst, 0, false))
		return;
	text_clear(&p->line);
	page_count(p, p->tally.verdicts[worst], "device");
	text_printf(&p->line, " %s.", acts(worst, p->tally.verdicts[worst] > 1));
}

static void say_nothing_judged(struct page *p)
{
	const char *why = "no local device was seen";
	uint64_t packets = 0;

	for (size_t i = 0; i < p->judged->inputs_n; i++)
		packets += p->judged->inputs[i].packets;
	if (packets == 0)
		why = "there is no packet to judge";
	else if (p->tally.local > 0)
		why = "only broadcasts were seen";
	text_printf(&p->line, "Nothing could be judged: %s.", why);
	if (fits(p))
		return;
	text_clear(&p->line);
	text_puts(&p->line, "Nothing could be judged.");
}

static void say_strangers(struct page *p, enum verdict verdict)
{
	uint64_t n = p->tally.stranger_verdicts[verdict];
	const char *what = verdict == VERDICT_EXPOSED ? "could be taken"
			   : n > 1		      ? "act hijacked"
						      : "acts hijacked";

	text_puts(&p->line, "No local device was seen, but ");
	page_count(p, n, "stranger");
	text_printf(&p->line, " %s.", what);
	if (fits(p))
		return;
	text_clear(&p->line);
	page_count(p, n, "stranger");
	text_printf(&p->line, " %s.", what);
}

/* One line at any width: the next one always says what could be judged. */
void page_say_devices(struct page *p)
{
	const struct tally *t = &p->tally;

	if (t->verdicts[VERDICT_INFECTED] > 0)
		say_worst(p, VERDICT_INFECTED);
	else if (t->verdicts[VERDICT_SUSPECT] > 0)
		say_worst(p, VERDICT_SUSPECT);
	else if (t->verdicts[VERDICT_EXPOSED] > 0)
		say_worst(p, VERDICT_EXPOSED);
	else if (p->judged->judged > 0)
		text_puts(&p->line, "No device here acts hijacked.");
	else if (t->local == 0 && t->stranger_verdicts[VERDICT_INFECTED] > 0)
		say_strangers(p, VERDICT_INFECTED);
	else if (t->local == 0 && t->stranger_verdicts[VERDICT_EXPOSED] > 0)
		say_strangers(p, VERDICT_EXPOSED);
	else
		say_nothing_judged(p);
}

void page_say_vantage(struct page *p)
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
}

/* A victim reads of its attack in the first lines too: "2 attacks from outside hit 192.0.2.5." */
void page_say_attacks(struct page *p)
{
	const struct judged *judged = p->judged;
	bool begun = false;

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
		text_puts(&p->line, begun ? " " : "");
		begun = true;
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

void page_say_damage(struct page *p, const struct input *input)
{
	text_puts(&p->line, "damaged at byte ");
	text_count(&p->line, input->damage_offset);
	text_puts(&p->line, ": ");
	page_outside(p, input->damage_reason != NULL ? input->damage_reason : "unreadable");
	text_puts(&p->line, "; what came before counts");
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
	page_say_damage(p, input);
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

void page_say_networks(struct page *p)
{
	const struct judged *judged = p->judged;
	size_t most = p->options->all ? judged->local_n : NETWORKS_SHOWN;
	char buf[PREFIX_TEXT_MAX];

	text_puts(&p->line, "taken as local: ");
	for (size_t i = 0; i < judged->local_n && i < most; i++)
		text_printf(&p->line, "%s%s", i == 0 ? "" : ", ",
			    prefix_text(&judged->local[i], buf));
	if (judged->local_n > most)
		text_printf(&p->line, " and %zu more (--all lists them)", judged->local_n - most);
}

void page_say_unseen(struct page *p, const struct count *c)
{
	const char *words = words_unseen(c->name, c->value != 1);

	if (words == NULL) {
		page_outside(p, c->name);
		text_puts(&p->line, ": ");
	}
	text_count(&p->line, c->value);
	if (words != NULL)
		text_printf(&p->line, " %s", words);
}

const char page_logins_unseen[] = "logins inside TLS, SSH and other encrypted protocols can't be "
				  "seen: what was not seen is not safe";

static void begin_unseen(struct page *p, bool *begun)
{
	if (*begun)
		return;
	page_heading(p, 0, "");
	page_heading(p, 0, "NOT SEEN, OR SEEN IN PART");
	*begun = true;
}

static void write_unseen(struct page *p)
{
	bool begun = false;

	for (size_t i = 0; i < p->judged->unseen_n; i++) {
		const struct count *c = &p->judged->unseen[i];

		if (c->value == 0)
			continue;
		begin_unseen(p, &begun);
		page_say_unseen(p, c);
		page_end(p, 2, 4);
	}
	if (p->judged->judged == 0)
		return;
	begin_unseen(p, &begun);
	text_puts(&p->line, page_logins_unseen);
	page_end(p, 2, 4);
}

void report_text_device(const struct judged *judged, const struct device *device,
			const struct report_options *options, struct text *to)
{
	struct page p;

	page_init(&p, judged, options, to);
	page_device(&p, device);
	page_fini(&p);
}

void report_text(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct page p;

	page_init(&p, judged, options, to);
	page_say_devices(&p);
	page_end(&p, 0, 0);
	page_say_vantage(&p);
	page_end(&p, 0, 0);
	page_say_attacks(&p);
	if (p.line.len > 0)
		page_end(&p, 0, 0);
	page_heading(&p, 0, "");
	write_inputs(&p);
	write_tally(&p);
	page_makers(&p);
	if (judged->local_n > 0) {
		page_say_networks(&p);
		page_end(&p, 0, 2);
	}
	page_devices(&p);
	page_recalls(&p);
	page_attacks(&p);
	page_strangers(&p);
	write_unseen(&p);
	page_fini(&p);
}
