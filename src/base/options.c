/* SPDX-License-Identifier: MIT */
/*
 * Walking a command line by a table of options. getopt_long(3) is not used: it shortens names, keeps globals, prints on its
 * own, and can't say what was probably meant.
 */
#include "base/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	WORD_MAX = 32, /* longer words are never near to one of ours */
	NAMES_MAX = 48,
	LINE_MAX_BYTES = 4096
};

void options_begin(struct options *o, const char *verb, const struct option_spec *specs, int argc,
		   char **argv)
{
	*o = (struct options){.verb = verb, .specs = specs, .argv = argv, .argc = argc, .at = 1};
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/*
 * Edits between two short words: letters added, left out, changed, or two neighbours swapped (the optimal string
 * alignment distance).
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];
	size_t la = strlen(a);
	size_t lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = (unsigned)i;
	for (size_t k = 0; k <= lb; k++)
		d[0][k] = (unsigned)k;
	for (size_t i = 1; i <= la; i++) {
		for (size_t k = 1; k <= lb; k++) {
			d[i][k] = least(d[i - 1][k] + 1, d[i][k - 1] + 1,
					d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    d[i - 2][k - 2] + 1 < d[i][k])
				d[i][k] = d[i - 2][k - 2] + 1;
		}
	}
	return d[la][lb];
}

const char *options_nearest(const char *wrong, const char *const *words)
{
	const char *best = NULL;
	unsigned best_distance =
		(unsigned)strlen(wrong) / 3 + 1; /* a third of the letters wrong is another word */

	for (size_t i = 0; words[i] != NULL; i++) {
		unsigned d = distance(wrong, words[i]);

		/* "mem" is a beginning, not a misspelling */
		if (strlen(wrong) >= 3 && strncmp(words[i], wrong, strlen(wrong)) == 0)
			d = 1;
		if (d < best_distance || (d == best_distance && best == NULL)) {
			best_distance = d;
			best = words[i];
		}
	}
	return best;
}

__attribute__((format(printf, 2, 3))) static void tell(const struct options *o, const char *format,
						       ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (o->tell == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	o->tell(o->context, line);
}

static int wrong_option(const struct options *o, const char *name, size_t len)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	char word[WORD_MAX + 1] = "";
	const char *nearest;
	size_t n = 0;

	for (const struct option_spec *s = o->specs; s->name != NULL && n < NAMES_MAX; s++)
		names[n++] = s->name;
	if (len < sizeof word)
		memcpy(word, name, len);
	nearest = options_nearest(word, names);
	if (nearest != NULL)
		tell(o, "%s: unknown option --%.*s; did you mean --%s?", o->verb, (int)len, name,
		     nearest);
	else
		tell(o, "%s: unknown option --%.*s; 'cordon %s --help' lists the options", o->verb,
		     (int)len, name, o->verb);
	return OPTIONS_WRONG;
}

/* The argument that an option takes when it was not written together with it: the next word. */
static bool take_next(struct options *o, const struct option_spec *spec)
{
	if (o->at >= o->argc) {
		tell(o, "%s: --%s needs %s after it", o->verb, spec->name, spec->argument);
		return false;
	}
	o->value = o->argv[o->at++];
	return true;
}

static int next_long(struct options *o, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] == '=' ? word + len + 1 : NULL;
	const struct option_spec *s = o->specs;

	while (s->name != NULL && (strlen(s->name) != len || memcmp(s->name, word, len) != 0))
		s++;
	if (s->name == NULL)
		return wrong_option(o, word, len);
	o->name = s->name;
	o->value = value;
	if (s->argument == NULL && value != NULL) {
		tell(o, "%s: --%s takes no value", o->verb, s->name);
		return OPTIONS_WRONG;
	}
	if (s->argument != NULL && value == NULL && !take_next(o, s))
		return OPTIONS_WRONG;
	return s->id;
}

static int next_letter(struct options *o)
{
	char letter = *o->letters++;
	const char *rest = o->letters;
	const struct option_spec *s = o->specs;

	if (*rest == '\0')
		o->letters = NULL;
	while (s->name != NULL && s->letter != letter)
		s++;
	if (s->name == NULL) {
		tell(o, "%s: unknown option -%c; 'cordon %s --help' lists the options", o->verb,
		     letter, o->verb);
		return OPTIONS_WRONG;
	}
	o->name = s->name;
	o->value = NULL;
	if (s->argument == NULL)
		return s->id;
	o->letters = NULL;
	if (*rest != '\0')
		o->value = rest;
	else if (!take_next(o, s))
		return OPTIONS_WRONG;
	return s->id;
}

int options_next(struct options *o)
{
	const char *word;

	if (o->letters != NULL)
		return next_letter(o);
	if (!o->operands_only && o->at < o->argc && strcmp(o->argv[o->at], "--") == 0) {
		o->operands_only = true;
		o->at++;
	}
	if (o->at >= o->argc)
		return OPTIONS_END;
	word = o->argv[o->at++];
	o->value = word;
	if (o->operands_only || word[0] != '-' || word[1] == '\0')
		return OPTIONS_OPERAND;
	if (word[1] == '-')
		return next_long(o, word + 2);
	o->letters = word + 1;
	return next_letter(o);
}
