/* SPDX-License-Identifier: MIT */
/*
 * Captures through the engine with forgetting, as watch does it.
 *
 *   ages same FILE...
 *       Ageing with a time before everything changes no byte of the report: at the end, and after every few packets.
 *   ages often KEEP_S STRANGERS_S FILE
 *       The JSON report when all is forgotten that was last seen so many seconds ago, eight times on the way and at the end.
 *   ages life MEMORY_MIB GAP_S FILE...
 *       All files in the order given, each so many seconds after the one before; room is made whenever it is wanted, and at
 *       last the JSON report. "-" is standard input.
 *   ages months HOURS MEMORY_MIB KEEP_HOURS FILE
 *       The capture again and again, each time later, until so many hours of stage time have gone by; strangers and guests
 *       that come only once come between. The resident memory after each tenth of it, and what the last report says.
 *
 * It reads files and sends nothing.
 */
#include "base/budget.h"
#include "capture/capture.h"
#include "engine.h"
#include "report/report.h"
#include "guests.h"

#include "base/timespan.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PARTS = 10, FLAT_PERCENT = 2, BASE = 1 << 20 };

#define HOUR_NS (3600 * NS_PER_S)

static _Noreturn void give_up(const char *what, const char *why)
{
	fprintf(stderr, "ages: %s: %s\n", what, why);
	exit(1);
}

/* ---- a capture in memory --------------------------------------------------------------------------------------- */

struct film {
	struct frame *frames;
	size_t n;
	uint8_t *bytes;
	struct input input;
};

static void keep_frame(struct film *film, const struct frame *f, size_t *used, size_t *room)
{
	if ((film->n & (film->n - 1)) == 0)
		film->frames = realloc(film->frames, 2 * (film->n + 1) * sizeof *film->frames);
	while (*used + f->len > *room) {
		*room = *room == 0 ? BASE : 2 * *room;
		film->bytes = realloc(film->bytes, *room);
	}
	if (film->frames == NULL || film->bytes == NULL)
		give_up("reading", "out of memory");
	film->frames[film->n] = *f;
	film->frames[film->n++].data = (const uint8_t *)(uintptr_t)*used; /* bytes still move */
	memcpy(film->bytes + *used, f->data, f->len);
	*used += f->len;
}

static void film_read(struct film *film, const char *path, uint32_t input)
{
	struct batch *batch = calloc(1, sizeof *batch);
	struct capture *capture;
	size_t used = 0, room = 0;
	const char *why = "";

	if (batch == NULL || (batch->bytes = malloc(BATCH_BYTES)) == NULL)
		give_up(path, "out of memory");
	if (capture_open(path, input, &capture, &why) != 0)
		give_up(path, why);
	*film = (struct film){.input = {.path = path, .format = "pcap"}};
	while (capture_fill(capture, batch) > 0) {
		for (uint32_t i = 0; i < batch->n; i++)
			keep_frame(film, &batch->frames[i], &used, &room);
	}
	for (size_t i = 0; i < film->n; i++)
		film->frames[i].data = film->bytes + (uintptr_t)film->frames[i].data;
	film->input.packets = film->n;
	film->input.any = film->n > 0;
	if (film->n > 0) {
		film->input.first_ns = film->frames[0].time_ns;
		film->input.last_ns = film->frames[film->n - 1].time_ns;
	}
	capture_close(capture);
	free(batch->bytes);
	free(batch);
}

static void film_free(struct film *film)
{
	free(film->frames);
	free(film->bytes);
}

/* ---- feeding it ------------------------------------------------------------------------------------------------ */

struct show {
	struct engine *engine;
	struct engine_options options;
	int64_t keep_ns;
	struct engine_room room;
	uint64_t made;	 /* so often */
	double slowest;	 /* seconds that making room took at most */
	uint64_t number; /* packets so far */
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void show_begin(struct show *s, uint64_t memory, int64_t keep_ns)
{
	struct knowledge_error bad;

	*s = (struct show){.keep_ns = keep_ns,
			   .options = {.threads = 1,
				       .memory_bytes = memory,
				       .max_devices = (size_t)(memory / ENGINE_DEVICE_BYTES)}};
	if (engine_new(&s->options, &s->engine, &bad) != 0)
		give_up("engine", "can't begin");
}

/* What watch does between batches. */
static void make_room(struct show *s)
{
	double began = seconds(), took;

	if (engine_make_room(s->engine, &s->room, engine_now(s->engine), s->keep_ns) == 0)
		return;
	took = seconds() - began;
	s->slowest = took > s->slowest ? took : s->slowest;
	s->made++;
}

/* Frames [from, to) so much later. */
static void feed(struct show *s, const struct frame *frames, size_t n, int64_t later_ns)
{
	for (size_t at = 0; at < n;) {
		struct batch *batch = engine_batch(s->engine);

		for (batch->n = 0; batch->n < BATCH_FRAMES && at < n; at++) {
			batch->frames[batch->n] = frames[at];
			batch->frames[batch->n].time_ns += later_ns;
			batch->frames[batch->n++].number = ++s->number;
		}
		engine_run(s->engine);
		if (s->keep_ns > 0)
			make_room(s);
	}
}

static void report(struct show *s, const struct input *inputs, size_t n, int64_t since_ns,
		   struct text *out)
{
	const struct engine_view view = {.inputs = inputs, .inputs_n = n, .since_ns = since_ns};
	struct arena arena = {0};
	struct judged judged;

	text_clear(out);
	if (engine_judge(s->engine, &view, &arena, &judged) != 0)
		give_up("judging", "out of memory");
	report_json(&judged, &(struct report_options){.width = REPORT_WIDTH}, out);
	arena_fini(&arena);
}

/* ---- same ------------------------------------------------------------------------------------------------------ */

static void say_difference(const char *path, const char *what, const struct text *a,
			   const struct text *b)
{
	size_t at = 0;

	while (at < a->len && at < b->len && a->at[at] == b->at[at])
		at++;
	at = at < 60 ? 0 : at - 60;
	printf("FAIL ages: %s: %s: \"%.100s\" became \"%.100s\"\n", path, what,
	       at < a->len ? a->at + at : "", at < b->len ? b->at + at : "");
}

/* few: ages after so many packets, too; 0: at the end alone. */
static void run_whole(const struct film *film, size_t few, bool ages, struct text *out)
{
	struct show s;

	show_begin(&s, ENGINE_MEMORY_MIN, 0);
	for (size_t at = 0; few > 0 && at < film->n; at += few) {
		feed(&s, film->frames + at, film->n - at < few ? film->n - at : few, 0);
		engine_age(s.engine, INT64_MIN, INT64_MIN);
	}
	if (few == 0)
		feed(&s, film->frames, film->n, 0);
	engine_finish(s.engine);
	if (ages)
		engine_age(s.engine, INT64_MIN, INT64_MIN);
	report(&s, &film->input, 1, INT64_MIN, out);
	engine_free(s.engine);
}

static int same(int n, char **paths)
{
	struct text whole = {0}, aged = {0};
	int passed = 0, failed = 0;

	for (int i = 0; i < n; i++) {
		struct film film;
		bool fine = true;

		film_read(&film, paths[i], 0);
		run_whole(&film, 0, false, &whole);
		for (size_t few = 0; fine && few <= film.n / 8 + 1; few += film.n / 8 + 1) {
			run_whole(&film, few, true, &aged);
			fine = whole.len == aged.len && memcmp(whole.at, aged.at, whole.len) == 0;
			if (!fine)
				say_difference(paths[i], few == 0 ? "at the end" : "on the way",
					       &whole, &aged);
		}
		passed += fine;
		failed += !fine;
		film_free(&film);
	}
	text_fini(&whole);
	text_fini(&aged);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}

/* ---- often ----------------------------------------------------------------------------------------------------- */

static int often(int64_t keep_ns, int64_t strangers_ns, const char *path)
{
	struct text out = {0};
	struct film film;
	struct show s;
	size_t few;

	film_read(&film, path, 0);
	few = film.n / 8 + 1;
	show_begin(&s, ENGINE_MEMORY_MIN, 0);
	for (size_t at = 0; at < film.n; at += few) {
		int64_t now;

		feed(&s, film.frames + at, film.n - at < few ? film.n - at : few, 0);
		now = engine_now(s.engine);
		engine_age(s.engine, now - keep_ns, now - strangers_ns);
	}
	engine_finish(s.engine);
	report(&s, &film.input, 1, INT64_MIN, &out);
	fputs(text_string(&out), stdout);
	text_fini(&out);
	engine_free(s.engine);
	film_free(&film);
	return 0;
}

/* ---- life ------------------------------------------------------------------------------------------------------ */

static uint64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long long pages = 0;

	if (f == NULL || fscanf(f, "%*u %llu", &pages) != 1)
		give_up("/proc/self/statm", "can't be read");
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* One capture, beginning at begin_ns or, when that is INT64_MIN, when it did. */
static void run_capture(struct show *s, const char *path, uint32_t input, int64_t begin_ns)
{
	struct capture *capture;
	const char *why = "";
	int64_t first_ns, later_ns = 0;
	struct batch *batch;

	if (capture_open(path, input, &capture, &why) != 0)
		give_up(path, why);
	if (begin_ns != INT64_MIN && capture_first_time(capture, &first_ns))
		later_ns = begin_ns - first_ns;
	while (batch = engine_batch(s->engine), capture_fill(capture, batch) > 0) {
		for (uint32_t i = 0; i < batch->n; i++)
			batch->frames[i].time_ns += later_ns;
		engine_run(s->engine);
		make_room(s);
	}
	capture_close(capture);
}

static int life(uint64_t memory, int64_t gap_ns, int n, char **paths)
{
	struct input *inputs = calloc((size_t)n, sizeof *inputs);
	struct text out = {0};
	struct show s;

	if (inputs == NULL)
		give_up("life", "out of memory");
	show_begin(&s, memory, 24 * HOUR_NS);
	for (int i = 0; i < n; i++) {
		int64_t now = i == 0 ? INT64_MIN : engine_now(s.engine) + gap_ns;

		inputs[i] = (struct input){.path = paths[i], .format = "pcap"};
		run_capture(&s, paths[i], (uint32_t)i, now);
		fprintf(stderr, "%s: %.1f MiB resident, room made %" PRIu64 " times, fill %u %%\n",
			paths[i], (double)resident() / (1 << 20), s.made, engine_fill(s.engine));
	}
	engine_finish(s.engine);
	report(&s, inputs, (size_t)n, engine_since(&s.room, engine_now(s.engine), s.keep_ns), &out);
	fputs(text_string(&out), stdout);
	text_fini(&out);
	engine_free(s.engine);
	free(inputs);
	return 0;
}

/* ---- months ---------------------------------------------------------------------------------------------------- */

/* The highest of each tenth, from the middle on: before that tables grow until what comes is what goes. */
struct flatness {
	uint64_t high; /* of this tenth */
	uint64_t least;
	uint64_t most;
};

static void note_high(struct flatness *f, int part)
{
	if (part > PARTS / 2) {
		f->least = f->least == 0 || f->high < f->least ? f->high : f->least;
		f->most = f->high > f->most ? f->high : f->most;
	}
	f->high = 0;
}

static void print_part(struct show *s, double hours, uint64_t high)
{
	static const char *const shown[] = {"MACs", "bindings", "hosts", "facts", "logins"};
	const struct budget *b = engine_budget(s->engine);

	printf("%8.1f h %8.1f MiB  fill %3u %%  room made %6" PRIu64 ", %3.0f ms |", hours,
	       (double)high / (1 << 20), engine_fill(s->engine), s->made, s->slowest * 1000);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		for (size_t k = 0; k < b->shares_n; k++) {
			if (strcmp(b->shares[k].name, shown[i]) == 0)
				printf(" %s %" PRIu64, shown[i], b->shares[k].used);
		}
	}
	putchar('\n');
	fflush(stdout);
}

/* Judges, as watch does all the time, and sees how much memory there is. */
static void look(struct show *s, const struct film *film, struct text *out, struct flatness *flat)
{
	uint64_t now;

	report(s, &film->input, 1, engine_now(s->engine) - s->keep_ns, out);
	now = resident();
	flat->high = now > flat->high ? now : flat->high;
}

static int print_end(const struct show *s, const struct flatness *flat, int64_t hours, double took)
{
	double apart = 100.0 * (double)(flat->most - flat->least) / (double)flat->least;

	printf("%" PRIu64 " packets in %.1f s, %.0f hours a second; memory %.2f %% apart after "
	       "warm-up\n",
	       s->number, took, (double)hours / took, apart);
	return apart > FLAT_PERCENT;
}

static int months(int64_t hours, uint64_t memory, int64_t keep_hours, char *path)
{
	static struct guests guests;
	struct flatness flat = {.least = 0};
	struct text out = {0};
	double began = seconds();
	struct film film;
	struct show s;
	int64_t span, hour = 0, later = 0;
	int part = 0, status;

	film_read(&film, path, 0);
	if (film.n == 0)
		give_up(path, "has no packets");
	span = film.input.last_ns - film.input.first_ns + NS_PER_S;
	show_begin(&s, memory, keep_hours * HOUR_NS);
	while (later < hours * HOUR_NS) {
		feed(&s, film.frames, film.n, later);
		guests_come(&guests, film.input.first_ns + later + span);
		feed(&s, guests.frames, guests.frames_n, 0);
		later += span + GUESTS_NS;
		if (later / HOUR_NS == hour)
			continue;
		hour = later / HOUR_NS;
		look(&s, &film, &out, &flat);
		if (hour * PARTS < (part + 1) * hours)
			continue;
		print_part(&s, (double)later / (double)HOUR_NS, flat.high);
		note_high(&flat, ++part);
	}
	fprintf(stderr, "%s", text_string(&out));
	status = print_end(&s, &flat, hours, seconds() - began);
	text_fini(&out);
	engine_free(s.engine);
	film_free(&film);
	return status;
}

static uint64_t mebibytes(const char *text)
{
	return strtoull(text, NULL, 10) << 20;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "same") == 0)
		return same(argc - 2, argv + 2);
	if (argc == 5 && strcmp(argv[1], "often") == 0)
		return often(strtoll(argv[2], NULL, 10) * NS_PER_S,
			     strtoll(argv[3], NULL, 10) * NS_PER_S, argv[4]);
	if (argc > 4 && strcmp(argv[1], "life") == 0)
		return life(mebibytes(argv[2]), strtoll(argv[3], NULL, 10) * NS_PER_S, argc - 4,
			    argv + 4);
	if (argc == 6 && strcmp(argv[1], "months") == 0)
		return months(strtoll(argv[2], NULL, 10), mebibytes(argv[3]),
			      strtoll(argv[4], NULL, 10), argv[5]);
	fprintf(stderr,
		"usage: ages same FILE... | often KEEP STRANGERS FILE | life MEMORY GAP FILE... | months HOURS MEMORY "
		"KEEP_HOURS FILE\n");
	return 64;
}
