/* SPDX-License-Identifier: MIT */
/*
 * See look.h.
 */
#include "cli/look.h"

#include "base/exits.h"
#include "base/say.h"
#include "cli/terminal.h"

#include <string.h>

int look_word(const struct options *o, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(o->value, words[i]) == 0)
			return i;
	return -1;
}

int look_read_format(struct look *look, const struct options *o, unsigned known)
{
	struct text names = {0};
	const char *separator = "";

	for (int f = 0; f < FORMATS; f++) {
		if ((known & 1U << f) == 0)
			continue;
		if (strcmp(o->value, formats[f].name) == 0) {
			look->format = (enum format)f;
			text_fini(&names);
			return EXITS_OK;
		}
		text_puts(&names, separator);
		text_puts(&names, formats[f].name);
		separator = ", ";
	}
	say("%s: --%s wants one of %.*s, not '%s'", o->verb, o->name, (int)names.len, names.at,
	    o->value);
	text_fini(&names);
	return EXITS_USAGE;
}

int look_read_fail_on(struct look *look, const struct options *o)
{
	static const char *const words[] = {"exposed", "suspect", "infected", NULL};
	int i = look_word(o, words);

	if (i < 0)
		return options_wrong_value(o, "exposed, suspect or infected");
	look->fail_on = (enum verdict)(VERDICT_EXPOSED + i);
	look->fails = true;
	return EXITS_OK;
}

int look_read_colour(struct look *look, const struct options *o)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	int i = look_word(o, words);

	if (i < 0)
		return options_wrong_value(o, "auto, always or never");
	look->colour = i == 0 ? COLOUR_AUTO : i == 1 ? COLOUR_ALWAYS : COLOUR_NEVER;
	return EXITS_OK;
}

int look_read_reporter(struct look *look, const struct options *o)
{
	if (!reporter_read(o->value, &look->reporter))
		return options_wrong_value(
			o, "a name and a mail address, 'Example Net <abuse@example.net>'");
	return EXITS_OK;
}

int look_check_reporter(const struct look *look, const char *verb)
{
	if (look->format != FORMAT_XARF || look->reporter.domain != NULL)
		return EXITS_OK;
	say("%s: --format xarf wants to know who reports; try: --reporter 'Example Net <abuse@example.net>'",
	    verb);
	return EXITS_USAGE;
}

struct report_options look_at(const struct look *look, const struct output *out)
{
	/* A file is not a terminal even when we were started at one. */
	int fd = out->borrowed ? out->fd : -1;
	unsigned width = terminal_width(fd, REPORT_WIDTH);

	return (struct report_options){
		.all = look->all,
		.utf8 = terminal_is_utf8(),
		.colour = look->colour == COLOUR_ALWAYS ||
			  (look->colour == COLOUR_AUTO && terminal_has_colour(fd)),
		.width = width < REPORT_WIDTH_MIN   ? REPORT_WIDTH_MIN
			 : width > REPORT_WIDTH_MAX ? REPORT_WIDTH_MAX
						    : width,
		.reporter = look->reporter.domain != NULL ? look->reporter.org : NULL,
		.reporter_mail = look->reporter.domain != NULL ? look->reporter.mail : NULL,
		.reporter_domain = look->reporter.domain,
	};
}

bool look_found(const struct look *look, const struct judged *judged)
{
	for (size_t i = 0; look->fails && i < judged->devices_n; i++)
		if (judged->devices[i].local && judged->devices[i].verdict >= look->fail_on)
			return true;
	return false;
}

int look_write(struct output *out, void (*write)(const void *context, struct text *to),
	       const void *context)
{
	struct text t = {.sink = output_sink, .sink_context = out};
	int status = output_begin(out);
	bool failed;

	if (status != EXITS_OK)
		return status;
	write(context, &t);
	text_finish(&t);
	failed = t.failed;
	text_fini(&t);
	status = output_end(out, !failed);
	if (failed && status == EXITS_OK) {
		say("out of memory while writing the report");
		status = EXITS_OS;
	}
	return status;
}
