/* SPDX-License-Identifier: MIT */
/*
 * Captures, judged and kept and read back: every report of what the store tells must be that of what the engine said, byte
 * for byte, but for inputs and what was not seen. Then once more in a second life of the engine that knows the same: nothing
 * may be told twice.
 *
 * Usage: store_model DIRECTORY CAPTURE...     prints a line for each that differs, and how many did
 */
#include "pipeline.h"
#include "report/formats.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct store_options writing = {
	.most_bytes = UINT64_C(64) << 20, .history_ns = INT64_MAX / 4, .keep_ns = INT64_MAX / 4};

static void forget(const char *directory)
{
	static const char *const names[] = {"cordon.db", "cordon.db-wal", "cordon.db-shm",
					    "cordon.lock"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[4096];

		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		unlink(path);
	}
}

static struct store *opened(const char *directory, bool reading)
{
	struct store_options options = writing;
	char why[STORE_WHY];
	struct store *s;

	options.directory = directory;
	options.reading = reading;
	if (store_open(&options, &s, why) != 0) {
		printf("store: %s\n", why);
		exit(1); /* NOLINT(concurrency-mt-unsafe) */
	}
	return s;
}

static int64_t latest(const struct judged *j)
{
	int64_t now = 0;

	for (size_t i = 0; i < j->devices_n; i++)
		now = j->devices[i].last_ns > now ? j->devices[i].last_ns : now;
	return now;
}

/* One round of everything. Returns how many devices, exposures and findings were news; -1 on an error. */
static long keep(struct store *s, const struct judged *j, uint64_t life)
{
	struct store_round round = {.life = life,
				    .now_ns = latest(j),
				    .version = j->version,
				    .knowledge = j->knowledge};
	struct arena arena = {.failed = false};
	int error = store_begin(s, &round);
	long news = 0;
	bool is_new;

	error |= store_inputs(s, j->inputs, j->inputs_n, j->local, j->local_n, j->place, j->note);
	error |= store_scanned(s, &j->scanned);
	for (size_t i = 0; i < j->devices_n; i++) {
		struct store_change change;

		error |= store_device(s, &j->devices[i], &arena, &change);
		news += change.device_new + __builtin_popcountll(change.exposures_new) +
			__builtin_popcountll(change.evidence_new);
	}
	for (size_t i = 0; i < j->attacks_n; i++) {
		error |= store_attack(s, &j->attacks[i], &is_new);
		news += is_new;
	}
	for (size_t i = 0; i < j->recalls_n; i++)
		error |= store_recall(s, &j->recalls[i]);
	error |= store_commit(s);
	arena_fini(&arena);
	if (error != 0)
		printf("store: %s\n", store_why(s));
	return error != 0 ? -1 : news;
}

static void print_difference(const char *path, const char *format, const char *a, const char *b)
{
	size_t at = 0, line = 0;

	while (a[at] != '\0' && a[at] == b[at]) {
		if (a[at] == '\n')
			line = at + 1;
		at++;
	}
	printf("%s: %s differs: engine \"%.*s\", store \"%.*s\"\n", path, format,
	       (int)strcspn(a + line, "\n"), a + line, (int)strcspn(b + line, "\n"), b + line);
}

static int compare(const char *path, const struct judged *engine, const struct judged *store)
{
	struct report_options options = {.all = true,
					 .utf8 = true,
					 .width = 100,
					 .reporter = "Lab",
					 .reporter_mail = "abuse@example.net",
					 .reporter_domain = "example.net"};
	struct judged sides[2] = {*engine, *store};

	for (int i = 0; i < 2; i++) {
		sides[i].unseen_n = 0;
		sides[i].inputs = engine->inputs;
		sides[i].inputs_n = engine->inputs_n;
	}
	for (size_t f = 0; f < FORMATS; f++) {
		struct text text[2] = {{.at = NULL}, {.at = NULL}};
		bool same;

		for (int i = 0; i < 2; i++)
			formats[f].write(&sides[i], &options, &text[i]);
		same = strcmp(text_string(&text[0]), text_string(&text[1])) == 0;
		if (!same)
			print_difference(path, formats[f].name, text_string(&text[0]),
					 text_string(&text[1]));
		text_fini(&text[0]);
		text_fini(&text[1]);
		if (!same)
			return 1;
	}
	return 0;
}

static int read_back(const char *directory, const char *path, const struct judged *engine)
{
	struct store_query all = {.since_ns = INT64_MIN, .until_ns = INT64_MAX};
	struct arena arena = {.failed = false};
	struct store *s = opened(directory, true);
	struct judged back;
	int wrong;

	if (store_report(s, &all, &arena, &back) != 0) {
		printf("%s: %s\n", path, store_why(s));
		wrong = 1;
	} else {
		wrong = compare(path, engine, &back);
	}
	store_close(s);
	arena_fini(&arena);
	return wrong;
}

static int check(const char *directory, const char *path)
{
	struct pipeline_options options = {.paths = &path,
					   .paths_n = 1,
					   .threads = 1,
					   .memory_bytes = ENGINE_MEMORY_MIN,
					   .max_devices = 10000};
	struct knowledge_error bad;
	struct pipeline *p;
	struct store *s;
	const struct judged *j;
	long first, again;
	int wrong;

	if (pipeline_run(&options, &p, &bad) != 0)
		return 1;
	j = pipeline_judged(p);
	forget(directory);
	s = opened(directory, false);
	first = keep(s, j, 1);
	store_close(s);
	wrong = first < 0 || read_back(directory, path, j) != 0;
	s = opened(directory, false);
	again = keep(s, j, 2);
	store_close(s);
	if (again != 0)
		printf("%s: %ld news in a second life that knew it all\n", path, again);
	wrong |= again != 0 || read_back(directory, path, j) != 0;
	pipeline_free(p);
	return wrong;
}

int main(int argc, char **argv)
{
	int wrong = 0;

	for (int i = 2; i < argc; i++)
		wrong += check(argv[1], argv[i]);
	printf("%d of %d differ\n", wrong, argc - 2);
	return wrong > 0;
}
