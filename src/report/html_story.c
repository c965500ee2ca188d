/* SPDX-License-Identifier: MIT */
/*
 * Plots over time, as SVG inside the page: the stages of an infection on the capture's time axis, and how much was
 * sent. Words stand beside the drawings and never in them: a drawing is stretched to the width of the screen, and a
 * reader who can't see it has its title and description, which state the same times.
 *
 * Coordinates are whole numbers from integer arithmetic: the same bytes on every machine. A point in time is a line of
 * no length with round ends, which stays round however the drawing is stretched (SVG 2, non-scaling-stroke).
 */
#include "report/html.h"
#include "report/words.h"

#include <string.h>

enum { ROW = 28, SERIES = 64, STAGES = STAGE_ATTACKING + 1 };

unsigned html_x(const struct span *span, int64_t ns)
{
	uint64_t unit = ((uint64_t)span->last_ns - (uint64_t)span->first_ns) / HTML_PLOT_WIDTH + 1;
	uint64_t x;

	if (ns <= span->first_ns)
		return 0;
	x = ((uint64_t)ns - (uint64_t)span->first_ns) / unit;
	return x < HTML_PLOT_WIDTH ? (unsigned)x : HTML_PLOT_WIDTH;
}

void html_svg(struct html *h, const char *kind, unsigned height, const char *title)
{
	unsigned n = ++h->plots;

	text_printf(h->to,
		    "<svg class=\"%s\" role=\"img\" aria-labelledby=\"plot%u plot%u-is\" "
		    "viewBox=\"0 0 %d %u\" height=\"%u\" preserveAspectRatio=\"none\">\n"
		    "<title id=\"plot%u\">%s</title>\n<desc id=\"plot%u-is\">",
		    kind, n, n, HTML_PLOT_WIDTH, height, height, n, title, n);
	/* No element may stand in a description: what would be marked is plain here. */
	html_line(h);
	html_puts(h, "</desc>\n");
}

uint32_t html_peak(const struct series *s)
{
	uint32_t most = 0;

	for (size_t i = 0; i < s->n; i++)
		most = s->count[i] > most ? s->count[i] : most;
	return most;
}

/* As steps: what was counted in a stretch of time is as wide as that. Several that fall on one place show the most. */
static void draw_steps(struct html *h, const struct series *s, const struct span *span)
{
	uint32_t most = html_peak(s);
	unsigned from = html_x(span, s->start_ns);
	uint32_t top = 0;

	text_printf(h->to, "<path class=\"area\" d=\"M%u %d", from, SERIES);
	for (size_t i = 0; i < s->n; i++) {
		unsigned to = html_x(span, s->start_ns + (int64_t)(i + 1) * s->step_ns);
		unsigned height;

		top = s->count[i] > top ? s->count[i] : top;
		if (to == from && i + 1 < s->n)
			continue;
		height = most == 0 ? 0 : (unsigned)((uint64_t)top * (SERIES - 4) / most);
		/* What is not nothing shows. */
		text_printf(h->to, "V%uH%u", SERIES - (top > 0 && height == 0 ? 1 : height), to);
		from = to;
		top = 0;
	}
	text_printf(h->to, "V%dZ\"/>\n", SERIES);
}

void html_series(struct html *h, const struct series *s, const struct span *span, int64_t mark_ns)
{
	html_svg(h, "rates", SERIES, "Packets by time");
	text_printf(h->to, "<path class=\"grid\" d=\"M0 %dH%d\"/>\n", SERIES, HTML_PLOT_WIDTH);
	draw_steps(h, s, span);
	if (mark_ns != 0) {
		unsigned x = html_x(span, mark_ns);

		text_printf(h->to, "<path class=\"mark\" d=\"M%u 0V%d\"/>\n", x, SERIES);
	}
	html_puts(h, "</svg>\n");
}

void html_axis(struct html *h, const struct span *span)
{
	int64_t length = (int64_t)(((uint64_t)span->last_ns - (uint64_t)span->first_ns) / 2);
	const int64_t at[] = {span->first_ns, span->first_ns + length, span->last_ns};
	bool one = span->first_ns / 1000000000 == span->last_ns / 1000000000;

	html_puts(h, "<div class=\"axis\">");
	for (size_t i = 0; i < (one ? 1 : 3); i++) {
		page_when(&h->page, at[i], at[i]);
		html_say(h, i == 1 ? "<span class=\"middle\">" : "<span>", "</span>");
	}
	html_puts(h, "</div>\n");
}

/* ---- stages ---------------------------------------------------------------------------------------------------- */

struct story {
	const struct device *device;
	struct span stage[STAGES];
	bool seen[STAGES];
	int64_t first_sign_ns;
	bool any;
};

static struct story story_of(const struct device *d)
{
	struct story s = {.device = d};

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];
		struct span *stage = &s.stage[e->stage];

		if (e->stage == STAGE_NONE)
			continue;
		if (!s.seen[e->stage])
			*stage = (struct span){e->first_ns, e->last_ns};
		stage->first_ns = e->first_ns < stage->first_ns ? e->first_ns : stage->first_ns;
		stage->last_ns = e->last_ns > stage->last_ns ? e->last_ns : stage->last_ns;
		s.seen[e->stage] = true;
		if (!s.any || e->first_ns < s.first_sign_ns)
			s.first_sign_ns = e->first_ns;
		s.any = true;
	}
	return s;
}

static unsigned count_rows(const struct story *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->device->stages_n; i++)
		n += s->seen[s->device->stages[i]];
	return n;
}

static void draw_stage(struct html *h, const struct story *s, enum stage stage, unsigned row)
{
	unsigned y = row * ROW + ROW / 2;

	text_printf(h->to, "<path class=\"grid\" d=\"M0 %uH%d\"/>\n", y, HTML_PLOT_WIDTH);
	for (size_t i = 0; i < s->device->evidence_n; i++) {
		const struct evidence *e = &s->device->evidence[i];

		if (e->stage == stage)
			text_printf(h->to, "<path class=\"bar %s\" d=\"M%u %uH%u\"/>\n",
				    stage_words[stage], html_x(&h->span, e->first_ns), y,
				    html_x(&h->span, e->last_ns));
	}
}

static void write_stages(struct html *h, const struct story *s)
{
	const struct device *d = s->device;
	unsigned row = 0;
	bool begun = false;

	html_puts(h, "<div class=\"names\">");
	for (size_t i = 0; i < d->stages_n; i++)
		if (s->seen[d->stages[i]])
			text_printf(h->to, "<span class=\"stage\">%s</span>",
				    stage_words[d->stages[i]]);
	html_puts(h, "</div>\n");
	h->page.marked = false;
	for (size_t i = 0; i < d->stages_n; i++) {
		const struct span *stage = &s->stage[d->stages[i]];

		if (!s->seen[d->stages[i]])
			continue;
		text_printf(&h->page.line, "%s%s ", begun ? "; " : "", stage_words[d->stages[i]]);
		page_when(&h->page, stage->first_ns, stage->last_ns);
		begun = true;
	}
	html_svg(h, "stages", count_rows(s) * ROW, "Stages of the infection by time");
	h->page.marked = true;
	for (size_t i = 0; i < d->stages_n; i++)
		if (s->seen[d->stages[i]])
			draw_stage(h, s, d->stages[i], row++);
	html_puts(h, "</svg>\n");
}

/* ---- rates before and after ------------------------------------------------------------------------------------ */

struct sums {
	uint64_t before;
	uint64_t before_ns;
	uint64_t after;
	uint64_t after_ns;
};

/* A step that the mark falls into counts for neither, unless nothing else is after it. */
static struct sums sums_of(const struct series *r, int64_t mark_ns, const struct span *span)
{
	struct sums s = {0};
	struct sums cut = {0};

	for (size_t i = 0; i < r->n; i++) {
		int64_t from = r->start_ns + (int64_t)i * r->step_ns;
		int64_t to = from + r->step_ns;

		/* Steps reach beyond the capture, at its beginning and its end. */
		from = from < span->first_ns ? span->first_ns : from;
		to = to > span->last_ns ? span->last_ns : to;
		if (to <= from)
			to = from + 1;
		if (to <= mark_ns) {
			s.before += r->count[i];
			s.before_ns += (uint64_t)to - (uint64_t)from;
		} else if (from >= mark_ns) {
			s.after += r->count[i];
			s.after_ns += (uint64_t)to - (uint64_t)from;
		} else {
			cut.after += r->count[i];
			cut.after_ns += (uint64_t)to - (uint64_t)from;
		}
	}
	if (s.after_ns == 0) {
		s.after = cut.after;
		s.after_ns = cut.after_ns;
	}
	return s;
}

static void say_rates(struct html *h, const struct story *s)
{
	const struct series *r = &s->device->rates;
	struct sums sums = sums_of(r, s->any ? s->first_sign_ns : INT64_MAX, &h->span);
	struct text *line = &h->page.line;

	if (!s->any) {
		text_puts(line, "It sent ");
		html_rate(h, sums.before, sums.before_ns);
		text_puts(line, " packets/s on average");
	} else {
		if (sums.before_ns > 0) {
			text_puts(line, "It sent ");
			html_rate(h, sums.before, sums.before_ns);
			text_puts(line, " packets/s before the first sign of infection at ");
			page_when(&h->page, s->first_sign_ns, s->first_sign_ns);
			text_puts(line, ", and ");
		} else {
			text_puts(line, "Nothing was seen of it before the first sign of infection "
					"at ");
			page_when(&h->page, s->first_sign_ns, s->first_sign_ns);
			text_puts(line, "; it sent ");
		}
		html_rate(h, sums.after, sums.after_ns);
		text_puts(line, " packets/s after it");
	}
	text_puts(line, "; at most ");
	html_rate(h, html_peak(r), (uint64_t)r->step_ns);
	text_puts(line, " packets/s over ");
	text_duration(line, (uint64_t)r->step_ns);
	text_puts(line, ".");
}

static void write_rates(struct html *h, const struct story *s)
{
	html_puts(h, "<div class=\"names\"><span>packets<br>sent</span></div>\n");
	h->page.marked = false;
	say_rates(h, s);
	h->page.marked = true;
	html_series(h, &s->device->rates, &h->span, s->any ? s->first_sign_ns : 0);
}

void html_story(struct html *h, const struct device *d)
{
	struct story s = story_of(d);
	bool stages = count_rows(&s) > 0;
	bool rates = d->rates.n > 0 && d->rates.step_ns > 0;

	if (!stages && !rates)
		return;
	html_puts(h, "<figure class=\"story\">\n<figcaption>");
	html_puts(h, stages ? "When it happened" : "What it sent, by time");
	html_puts(h, "</figcaption>\n<div class=\"plot\">\n");
	if (stages)
		write_stages(h, &s);
	if (rates)
		write_rates(h, &s);
	html_axis(h, &h->span);
	html_puts(h, "</div>\n");
	if (rates) {
		say_rates(h, &s);
		html_say(h, "<p class=\"rate\">", "</p>");
	}
	html_puts(h, "</figure>\n");
}
