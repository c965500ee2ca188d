/* SPDX-License-Identifier: MIT */
/*
 * Fills a store as `cordon watch` would: judges a capture and keeps the model as one round. For tests of the verbs that read
 * stores.
 *
 * Usage: store_fill [OPTION]... DIR CAPTURE
 *   --life N       which life of the packets process this is (default 1)
 *   --shift N      all times N seconds later; --shift now: the last packet is a minute old
 *   --addresses N  all local addresses of IPv4 are N higher: the devices have moved
 *   --hostile      devices call themselves what harms a terminal, a page or a table
 *   --clear        nothing was found of any device
 *   --loop N       writes rounds for N seconds, one after the other, as fast as it can
 */
#include "base/arena.h"
#include "base/timespan.h"
#include "pipeline.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fill {
	const char *directory;
	const char *capture;
	uint64_t life;
	int64_t shift_ns;
	bool to_now;
	unsigned addresses;
	bool hostile;
	bool clears;
	int64_t loop_s;
	struct arena arena;
};

static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "store_fill: %s: %s\n", what, why);
	exit(1); /* NOLINT(concurrency-mt-unsafe): one thread */
}

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* A copy that may be changed; never of nothing. */
static void *copy(struct fill *f, const void *from, size_t bytes)
{
	void *to = arena_take(&f->arena, bytes + 1);

	if (to == NULL)
		fail("memory", strerror(ENOMEM)); /* NOLINT(concurrency-mt-unsafe) */
	return bytes > 0 ? memcpy(to, from, bytes) : to;
}

static const struct addr *moved(struct fill *f, const struct device *d)
{
	struct addr *list = copy(f, d->addresses, d->addresses_n * sizeof *list);

	for (size_t i = 0; d->local && i < d->addresses_n; i++)
		if (addr_is_v4(&list[i]))
			list[i] = addr_v4(addr_low32(&list[i]) + f->addresses);
	return list;
}

static void harm(struct device *d)
{
	static const char *const names[] = {
		"=cmd|' /C calc'!A0",
		"\033]0;owned\007\033[31mred",
		"<script>alert(1)</script>",
		"a;b\"c,d\xff\xe2\x80\xae",
	};

	d->names = names;
	d->names_n = sizeof names / sizeof names[0];
	d->maker = "+maker\033[2J<b>";
	d->model = "@model\r\n-x";
}

static struct device changed(struct fill *f, const struct device *from)
{
	struct device d = *from;
	struct evidence *evidence = copy(f, d.evidence, d.evidence_n * sizeof *evidence);
	struct exposure *exposures = copy(f, d.exposures, d.exposures_n * sizeof *exposures);
	struct seen *seen = copy(f, d.addresses_seen,
				 d.addresses_seen != NULL ? d.addresses_n * sizeof *seen : 0);

	for (size_t i = 0; i < d.evidence_n; i++) {
		evidence[i].first_ns += f->shift_ns;
		evidence[i].last_ns += f->shift_ns;
	}
	for (size_t i = 0; i < d.exposures_n; i++)
		if (exposures[i].time_ns != 0)
			exposures[i].time_ns += f->shift_ns;
	for (size_t i = 0; d.addresses_seen != NULL && i < d.addresses_n; i++) {
		seen[i].first_ns += f->shift_ns;
		seen[i].last_ns += f->shift_ns;
	}
	d.evidence = evidence;
	d.exposures = exposures;
	d.addresses_seen = d.addresses_seen != NULL ? seen : NULL;
	d.addresses = f->addresses != 0 ? moved(f, from) : d.addresses;
	d.first_ns += f->shift_ns;
	d.last_ns += f->shift_ns;
	d.rates.start_ns += f->shift_ns;
	if (f->hostile)
		harm(&d);
	if (f->clears) {
		d.evidence_n = d.exposures_n = d.stages_n = d.families_n = d.todo_n = 0;
		d.verdict = VERDICT_CLEAR;
		d.why = NULL;
	}
	return d;
}

static void must(struct store *s, const char *what, int err)
{
	if (err != 0)
		fail(what, store_why(s));
}

static void put_inputs(struct fill *f, struct store *s, const struct judged *judged)
{
	struct input *inputs = copy(f, judged->inputs, judged->inputs_n * sizeof *inputs);

	for (size_t i = 0; i < judged->inputs_n; i++) {
		inputs[i].first_ns += f->shift_ns;
		inputs[i].last_ns += f->shift_ns;
	}
	must(s, "inputs",
	     store_inputs(s, inputs, judged->inputs_n, judged->local, judged->local_n,
			  judged->place, judged->note));
}

static void put_rest(struct fill *f, struct store *s, const struct judged *judged)
{
	bool is_new;

	for (size_t i = 0; i < judged->attacks_n && !f->clears; i++) {
		struct attack a = judged->attacks[i];

		a.first_ns += f->shift_ns;
		a.last_ns += f->shift_ns;
		a.rates.start_ns += f->shift_ns;
		must(s, "attack", store_attack(s, &a, &is_new));
	}
	for (size_t i = 0; i < judged->recalls_n; i++)
		must(s, "recall", store_recall(s, &judged->recalls[i]));
	if (judged->scanned.networks != NULL && !f->clears)
		must(s, "scanned", store_scanned(s, &judged->scanned));
}

static int64_t last_of(const struct judged *judged)
{
	int64_t last_ns = 0;

	for (size_t i = 0; i < judged->inputs_n; i++)
		if (judged->inputs[i].any && judged->inputs[i].last_ns > last_ns)
			last_ns = judged->inputs[i].last_ns;
	return last_ns;
}

static void put_round(struct fill *f, struct store *s, const struct judged *judged)
{
	struct store_round round = {.life = f->life,
				    .now_ns = last_of(judged) + f->shift_ns,
				    .version = judged->version,
				    .knowledge = judged->knowledge};
	struct store_counter unseen[64];
	size_t n = 0;

	must(s, "begin", store_begin(s, &round));
	put_inputs(f, s, judged);
	for (size_t i = 0; i < judged->devices_n; i++) {
		struct device d = changed(f, &judged->devices[i]);
		struct store_change change;

		must(s, d.id, store_device(s, &d, &f->arena, &change));
	}
	put_rest(f, s, judged);
	for (size_t i = 0; i < judged->unseen_n && n < 64; i++) {
		const char *name = ARENA_JOIN(&f->arena, "unseen.", judged->unseen[i].name);

		unseen[n++] = (struct store_counter){name, judged->unseen[i].value};
	}
	must(s, "counters", store_counters(s, unseen, n));
	must(s, "commit", store_commit(s));
}

static void fill(struct fill *f, const struct judged *judged)
{
	const struct store_options options = {.directory = f->directory,
					      .most_bytes = UINT64_C(256) << 20,
					      .history_ns = INT64_C(3650) * 86400 * NS_PER_S,
					      .keep_ns = INT64_C(3650) * 86400 * NS_PER_S};
	const int64_t until_ns = now_ns() + f->loop_s * NS_PER_S;
	char why[STORE_WHY] = "";
	struct store *s;
	unsigned rounds = 0;

	if (store_open(&options, &s, why) != 0)
		fail(f->directory, why);
	if (f->to_now)
		f->shift_ns = now_ns() - 60 * NS_PER_S - last_of(judged);
	do {
		put_round(f, s, judged);
		arena_fini(&f->arena);
		f->shift_ns += f->loop_s > 0 ? NS_PER_S / 10 : 0;
		rounds++;
	} while (now_ns() < until_ns);
	if (f->loop_s > 0)
		printf("%u rounds\n", rounds);
	store_close(s);
}

static void read_line(struct fill *f, int argc, char **argv)
{
	int at = 1;

	for (; at + 2 < argc; at++) {
		const char *word = argv[at];
		const char *value = argv[at + 1];

		if (strcmp(word, "--hostile") == 0)
			f->hostile = true;
		else if (strcmp(word, "--clear") == 0)
			f->clears = true;
		else if (strcmp(word, "--life") == 0 && ++at)
			f->life = strtoull(value, NULL, 10);
		else if (strcmp(word, "--addresses") == 0 && ++at)
			f->addresses = (unsigned)strtoul(value, NULL, 10);
		else if (strcmp(word, "--loop") == 0 && ++at)
			f->loop_s = strtoll(value, NULL, 10);
		else if (strcmp(word, "--shift") == 0 && ++at && strcmp(value, "now") == 0)
			f->to_now = true;
		else if (strcmp(word, "--shift") == 0)
			f->shift_ns = strtoll(value, NULL, 10) * NS_PER_S;
		else
			fail(word, "no such option");
	}
	if (at + 2 != argc)
		fail("usage", "store_fill [OPTION]... DIR CAPTURE");
	f->directory = argv[at];
	f->capture = argv[at + 1];
}

int main(int argc, char **argv)
{
	struct fill f = {.life = 1};
	struct pipeline_options options = {.paths = &f.capture,
					   .paths_n = 1,
					   .threads = 1,
					   .memory_bytes = ENGINE_MEMORY_DEFAULT,
					   .max_devices = ENGINE_DEVICES_DEFAULT};
	struct knowledge_error bad = {0};
	struct pipeline *p;
	size_t errors;

	read_line(&f, argc, argv);
	if (pipeline_run(&options, &p, &bad) != 0)
		fail(f.capture, "can't be judged");
	if (pipeline_errors(p, &errors) != NULL && errors > 0)
		fail(f.capture, "can't be read");
	fill(&f, pipeline_judged(p));
	pipeline_free(p);
	return 0;
}
