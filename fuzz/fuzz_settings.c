/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a file of settings. Whatever is said of them is whole lines that name a line of the file; what is taken can be
 * written and read again as the same, setting by setting.
 *
 * The reader of files is included, for its parse() is nobody else's.
 */
#include "../src/settings/settings_file.c"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_lines(const struct settings_reading *r)
{
	const struct text *said = r->said;

	require((r->status != EXITS_OK) == (said->len > 0));
	require(said->len == 0 || said->at[said->len - 1] == '\n');
	require(strncmp(text_string(said), "f:", said->len > 0 ? 2 : 0) == 0);
}

/* A value that was taken is taken again. */
static void require_same(const struct settings *s)
{
	for (unsigned i = 0; i < SETTINGS; i++) {
		const struct setting *t = &settings_table[i];
		struct text once = {0}, twice = {0}, wanted = {0};
		struct settings again = {0};

		settings_value_write(s, t, &once);
		require(settings_value_read(&again, t, text_string(&once), VALUE_FIRST, &wanted) ==
				0 ||
			t->kind == KIND_NAME || t->kind == KIND_PATH || t->kind == KIND_SIZE ||
			t->kind == KIND_SPAN); /* nobody has said anything of these */
		settings_value_write(&again, t, &twice);
		if (wanted.len == 0)
			require(strcmp(text_string(&once), text_string(&twice)) == 0);
		text_fini(&once);
		text_fini(&twice);
		text_fini(&wanted);
		settings_fini(&again);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = {0}, first = {0};
	struct settings s = {0}, t = {0};
	struct settings_reading r = {.s = &s, .said = &all, .all = true, .file = "f", .layer = 1};
	struct settings_reading q = {.s = &t, .said = &first, .file = "f", .layer = 1};
	char *text;

	if (size > FILE_BYTES_MAX)
		return 0;
	text = malloc(size + 1);
	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	parse(&r, text, size);
	parse(&q, text, size);
	require(r.status == q.status);
	require_lines(&r);
	require_lines(&q);
	/* One mistake is enough for a start. */
	require(q.status == EXITS_OK || strchr(first.at, '\n') == first.at + first.len - 1);
	if (r.status == EXITS_OK)
		require_same(&s);
	settings_fini(&s);
	settings_fini(&t);
	text_fini(&all);
	text_fini(&first);
	free(text);
	return 0;
}
