/* SPDX-License-Identifier: MIT */
/*
 * Settings as a file would say them: what is in use, for `cordon check-config`, and the sample with everything commented out
 * that stands in contrib/. That two runs mean the same is asked of the same text, so that no setting can be forgotten.
 */
#include "settings/settings_table.h"

#include <string.h>

enum { SAMPLE_WIDTH = 96 };

static void begin_section(unsigned i, struct text *to)
{
	const char *section = settings_table[i].section;

	if (i > 0 && strcmp(settings_table[i - 1].section, section) == 0)
		return;
	text_printf(to, "%s[%s]\n", i > 0 ? "\n" : "", section);
}

void settings_write(const struct settings *s, struct text *to)
{
	for (unsigned i = 0; i < SETTINGS; i++) {
		size_t start;

		begin_section(i, to);
		start = to->len;
		text_printf(to, "%s = ", settings_table[i].key);
		settings_value_write(s, &settings_table[i], to);
		/* An empty value leaves no blank at the line's end. */
		if (!to->failed && to->len > start && to->at[to->len - 1] == ' ')
			text_took(to, to->at + to->len - 1);
		text_puts(to, "\n");
	}
}

bool settings_same(const struct settings *a, const struct settings *b)
{
	struct text of_a = {0}, of_b = {0};
	bool same = a->files_n == b->files_n;

	settings_write(a, &of_a);
	settings_write(b, &of_b);
	same = same && !of_a.failed && !of_b.failed &&
	       strcmp(text_string(&of_a), text_string(&of_b)) == 0;
	for (size_t i = 0; same && i < a->files_n; i++)
		same = strcmp(a->files[i], b->files[i]) == 0;
	text_fini(&of_a);
	text_fini(&of_b);
	return same;
}

/* The help as comment lines of a bounded length. */
static void write_help(const struct setting *t, struct text *to)
{
	struct text help = {0};

	text_puts(&help, t->help);
	if (t->kind == KIND_SIZE || t->kind == KIND_SPAN || t->kind == KIND_NUMBER)
		text_printf(&help, " (%s)", t->range);
	text_puts(to, "# ");
	while (help.len > 0) {
		const char *at = text_string(&help);
		size_t len = help.len;
		struct text rest = {0};

		while (len > 1 && (len > SAMPLE_WIDTH || (len < help.len && at[len] != ' ')))
			len--;
		text_add(to, at, len);
		text_puts(to, len < help.len ? "\n# " : "\n");
		text_puts(&rest, at + len + (len < help.len));
		text_fini(&help);
		help = rest;
	}
	text_fini(&help);
}

void settings_write_sample(struct text *to)
{
	text_puts(
		to,
		"# Settings of cordon watch: /etc/cordon/cordon.conf, see cordon.conf(5). Every key "
		"may be left out;\n"
		"# what stands here, commented out, are the defaults. 'cordon check-config' says "
		"what would be used.\n\n");
	for (unsigned i = 0; i < SETTINGS; i++) {
		const struct setting *t = &settings_table[i];

		begin_section(i, to);
		write_help(t, to);
		text_printf(to, *t->usual != '\0' ? "#%s = %s\n" : "#%s =%s\n", t->key, t->usual);
	}
}
