/* SPDX-License-Identifier: MIT */
/*
 * The line is rewritten twice a second: it is asked about after each batch of about a thousand packets, and looks at
 * the clock then, which costs nothing beside the batch. A run of less than half a second shows nothing. What the line
 * says is reckoned from the beginning on, so that it does not jump.
 */
#include "cli/progress.h"

#include "base/text.h"
#include "base/timespan.h"
#include "cli/terminal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_NS = 500000000, WIDTH = 80 };

/* Back to the line's beginning, and away with what stood there (ECMA-48: CR, EL). */
static const char clear[] = "\r\033[K";

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

bool progress_begin(struct progress *p, bool quiet)
{
	*p = (struct progress){.wanted = !quiet && terminal_can_rewrite(STDERR_FILENO)};
	if (!p->wanted)
		return false;
	p->begun_ns = now_ns();
	p->next_ns = p->begun_ns + EVERY_NS;
	return true;
}

static void show(struct progress *p, const struct text *line)
{
	ssize_t n;

	if (line->failed)
		return;
	n = write(STDERR_FILENO, line->at, line->len);
	p->shown |= n > 0;
}

/* What is left at the speed so far. */
static void add_left(struct text *t, const struct pipeline_progress *now, double seconds)
{
	double share = (double)now->bytes / (double)now->of;

	if (share <= 0.01 || share >= 1)
		return;
	text_puts(t, ", about ");
	text_duration(t, (uint64_t)(seconds / share * (1 - share)) * (uint64_t)NS_PER_S);
	text_puts(t, " left");
}

static void write_line(struct text *t, const struct pipeline_progress *now, double seconds)
{
	if (now->of > 0 && now->bytes <= now->of) {
		text_printf(t, "%u %% of ", (unsigned)((double)now->bytes * 100 / (double)now->of));
		text_size(t, now->of);
	} else {
		text_size(t, now->bytes);
	}
	text_puts(t, ", ");
	text_count(t, (uint64_t)((double)now->packets / seconds));
	text_puts(t, " packets/s");
	if (now->of > 0)
		add_left(t, now, seconds);
}

void progress_tell(void *progress, const struct pipeline_progress *now)
{
	struct progress *p = progress;
	int64_t at = now_ns();
	struct text words = {0}, line = {0};
	unsigned width;

	if (at < p->next_ns)
		return;
	p->next_ns = at + EVERY_NS;
	width = terminal_width(STDERR_FILENO, WIDTH);
	write_line(&words, now, (double)(at - p->begun_ns) / (double)NS_PER_S);
	/* A line that is wrapped can't be taken back: better none on so narrow a terminal. */
	if (!words.failed && text_width(text_string(&words)) < width) {
		text_puts(&line, clear);
		text_wrap(&line, text_string(&words), 0, width);
		show(p, &line);
	}
	text_fini(&words);
	text_fini(&line);
}

void progress_end(struct progress *p)
{
	if (p->shown && write(STDERR_FILENO, clear, sizeof clear - 1) > 0)
		p->shown = false;
	p->wanted = false;
}
