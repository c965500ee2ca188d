/* SPDX-License-Identifier: MIT */
/* A catalogue of a few lines, written in the test that needs them. Include after cmocka.h. */
#pragma once

#include "base/catalogue.h"

#include <string.h>

/* Each a file's text, or NULL for none. Fields stand between tabs, as in knowledge/. */
struct small_files {
	const char *makers;
	const char *products;
	const char *fingerprints;
	const char *credentials;
	const char *recalls;
};

static inline void small_wrong(struct knowledge_report *report, const struct knowledge_error *error)
{
	(void)report;
	fail_msg("%s:%u: expected %s", error->file, error->line, error->expect);
}

static inline void small_catalogue(struct catalogue *c, const struct small_files *from)
{
	const struct knowledge_file all[] = {{"makers.tsv", from->makers, 0},
					     {"products.tsv", from->products, 0},
					     {"fingerprints.tsv", from->fingerprints, 0},
					     {"credentials.tsv", from->credentials, 0},
					     {"recalls.tsv", from->recalls, 0}};
	struct knowledge_report report = {.wrong = small_wrong};
	struct knowledge_file files[5];
	size_t n = 0;

	for (size_t i = 0; i < 5; i++) {
		if (all[i].text == NULL)
			continue;
		files[n] = all[i];
		files[n++].len = strlen(all[i].text);
	}
	assert_int_equal(catalogue_check(c, files, n, NULL, 0, &report), 0);
}

/* The end of a group of tests whose state is its catalogue. */
static inline int small_catalogue_fini(void **state)
{
	catalogue_fini(*state);
	return 0;
}
