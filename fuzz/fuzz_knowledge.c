/* SPDX-License-Identifier: MIT */
/*
 * Any text as a file of knowledge. The first byte chooses the file's name; the rest is its text, read beside the
 * embedded files that it does not replace. An error must name file, line and what should have stood there; what
 * loads must hold what the header promises.
 */
#include "base/knowledge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"limits.tsv", "ports.tsv", "amplifiers.tsv", "other.tsv"};

enum { NAMES = sizeof names / sizeof names[0], FILES_MAX = 16 };

static struct knowledge k;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static void check_error(const struct knowledge_error *error, const struct knowledge_file *given)
{
	require(error->file != NULL && error->expect != NULL && error->expect[0] != '\0');
	require(strcmp(error->file, given->name) == 0);
	require(error->line <= count_lines(given->text, given->len));
}

static void check_knowledge(void)
{
	require(k.amplifiers_n <= AMPLIFIERS_MAX);
	for (size_t i = 0; i < k.amplifiers_n; i++) {
		const struct amplifier *a = &k.amplifiers[i];

		size_t len = strnlen(a->name, sizeof a->name);

		require(len > 0 && len < sizeof a->name);
		for (size_t c = 0; c < len; c++)
			require(a->name[c] > ' ' && a->name[c] <= '~');
		require(a->prefix_len <= AMPLIFIER_PREFIX_MAX);
		require((k.ports_amplified[a->port / 8] >> a->port % 8 & 1) == 1);
	}
	for (int port = 0; port < 65536; port++)
		require(k.ports[port] < PORT_CLASSES);
	require(k.limits.clock_agree >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct knowledge_file files[FILES_MAX + 1];
	struct knowledge_error error = {0};
	size_t n = 0;

	if (size == 0)
		return 0;
	files[n++] = (struct knowledge_file){
		.name = names[data[0] % NAMES], .text = (const char *)data + 1, .len = size - 1};
	for (size_t i = 0; i < knowledge_files_n && n < FILES_MAX; i++) {
		if (strcmp(knowledge_files[i].name, files[0].name) != 0)
			files[n++] = knowledge_files[i];
	}
	if (knowledge_load_from(files, n, &k, &error) != 0)
		check_error(&error, &files[0]);
	else
		check_knowledge();
	return 0;
}
