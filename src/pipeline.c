/* SPDX-License-Identifier: MIT */
/*
 * Captures to a judged model: opens the inputs, feeds them to the engine one after the other, and asks it at the end; or
 * joins summaries into the engine's tables in place of that.
 */
#include "pipeline.h"

#include "base/arena.h"
#include "base/budget.h"
#include "capture/capture.h"
#include "parts.h"
#include "summary/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats_read[] = {"pcap", "pcapng"};

enum { LARGE_INPUT = 16 << 20 };

struct source {
	struct capture *capture;
	size_t given; /* place on the command line */
	bool any;
	int64_t first_ns;
};

struct pipeline {
	const struct pipeline_options *options;
	struct engine_options engine_options;
	struct engine *engine;
	struct arena arena;
	struct pipeline_progress progress;
	struct judged judged;
	struct source *sources;
	size_t sources_n;
	struct input *inputs;	    /* of captures … */
	const struct input *joined; /* … or of summaries, in the arena */
	size_t inputs_n;
	struct summary_cuts cuts;
	struct pipeline_error *errors;
	size_t errors_n;
};

static int by_first_time(const void *x, const void *y)
{
	const struct source *a = x, *b = y;

	if (a->any != b->any)
		return a->any ? -1 : 1;
	if (a->any && a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns ? -1 : 1;
	return a->given < b->given ? -1 : 1;
}

/* One file of unknown size, and the sum is not known. */
static void add_sizes(struct pipeline *p)
{
	for (size_t i = 0; i < p->sources_n; i++) {
		uint64_t size = capture_amount(p->sources[i].capture).size;

		if (size == 0) {
			p->progress.of = 0;
			return;
		}
		p->progress.of += size;
	}
}

/* Opens all inputs; those that can't be used become errors. Sorted by first time, and numbered so. */
static void open_inputs(struct pipeline *p)
{
	for (size_t i = 0; i < p->options->paths_n; i++) {
		struct source *s = &p->sources[p->sources_n];
		const char *why = "";
		int err = capture_open(p->options->paths[i], 0, &s->capture, &why);

		if (err != 0) {
			p->errors[p->errors_n++] = (struct pipeline_error){
				.path = p->options->paths[i], .err = -err, .why = why};
			continue;
		}
		s->given = i;
		s->any = capture_first_time(s->capture, &s->first_ns);
		capture_park(s->capture);
		p->sources_n++;
	}
	add_sizes(p);
	if (p->sources_n > 0)
		qsort(p->sources, p->sources_n, sizeof *p->sources, by_first_time);
	for (size_t i = 0; i < p->sources_n; i++)
		capture_set_input(p->sources[i].capture, (uint32_t)i);
}

static void note_frames(struct input *in, const struct batch *b)
{
	int64_t first_ns = in->any ? in->first_ns : INT64_MAX;
	int64_t last_ns = in->any ? in->last_ns : INT64_MIN;
	uint64_t bytes = 0;

	for (const struct frame *f = b->frames; f < b->frames + b->n; f++) {
		bytes += f->wire_len;
		first_ns = f->time_ns < first_ns ? f->time_ns : first_ns;
		last_ns = f->time_ns > last_ns ? f->time_ns : last_ns;
	}
	in->packets += b->n;
	in->bytes += bytes;
	in->first_ns = first_ns;
	in->last_ns = last_ns;
	in->any = true;
}

static void tell_progress(struct pipeline *p, const struct capture *capture, uint64_t before,
			  uint32_t packets)
{
	if (p->options->progress == NULL)
		return;
	p->progress.packets += packets;
	p->progress.bytes = before + capture_amount(capture).taken;
	p->options->progress(p->options->progress_context, &p->progress);
}

static void read_input(struct pipeline *p, size_t i)
{
	struct capture *capture = p->sources[i].capture;
	struct input *in = &p->inputs[i];
	const struct capture_damage *damage;
	uint64_t before = p->progress.bytes;

	*in = (struct input){.path = capture_path(capture),
			     .format = formats_read[capture_format(capture) != CAPTURE_PCAP]};
	while (p->options->stop == NULL || *p->options->stop == 0) {
		struct batch *batch = engine_batch(p->engine);

		if (capture_fill(capture, batch) == 0)
			break;
		note_frames(in, batch);
		tell_progress(p, capture, before, batch->n);
		engine_run(p->engine);
	}
	damage = capture_damage(capture);
	in->damaged = damage->there;
	in->damage_offset = damage->offset;
	in->damage_reason = damage->reason;
}

/* What goes on at the end of the last packet, before it is ended for the parsers' sake. */
static void note_end(struct pipeline *p)
{
	p->cuts = (struct summary_cuts){
		.parts = 1, .open = engine_open_flows(p->engine), .end_ns = INT64_MIN};
	for (size_t i = 0; i < p->inputs_n; i++) {
		const struct input *in = &p->inputs[i];

		if (in->any && in->last_ns > p->cuts.end_ns)
			p->cuts.end_ns = in->last_ns;
	}
}

static void read_all(struct pipeline *p)
{
	for (size_t i = 0; i < p->sources_n; i++) {
		read_input(p, i);
		if (p->options->stop != NULL && *p->options->stop != 0)
			p->sources_n = i + 1;
	}
	p->inputs_n = p->sources_n;
	note_end(p);
	engine_finish(p->engine);
}

/* ---- summaries ------------------------------------------------------------------------------------------------- */

static struct summary_tables tables_of(struct pipeline *p)
{
	struct summary_tables tables = engine_tables(p->engine);

	tables.cuts = p->cuts;
	return tables;
}

static int list_inputs(struct pipeline *p, const struct summary_tables *t)
{
	struct input *list = arena_take(&p->arena, (t->inputs_n + 1) * sizeof *list);

	if (list == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->inputs_n; i++) {
		const struct summary_input *in = &t->inputs[i];

		list[i] = (struct input){
			.path = (const char *)in->path.at,
			.format = formats_read[in->next_generation],
			.packets = in->packets,
			.bytes = in->bytes,
			.any = in->any,
			.first_ns = in->first_ns,
			.last_ns = in->last_ns,
			.damaged = in->damaged,
			.damage_offset = in->damage_offset,
			.damage_reason = in->damaged ? (const char *)in->damage_reason.at : NULL};
	}
	free(p->inputs);
	p->inputs = NULL;
	p->joined = list;
	p->inputs_n = t->inputs_n;
	return 0;
}

static int join_all(struct pipeline *p)
{
	char knowledge[17];
	struct summary_stamp stamp = engine_stamp(p->engine, knowledge);
	struct summary_tables tables = tables_of(p);
	struct parts parts = {.paths = p->options->paths,
			      .paths_n = p->options->paths_n,
			      .stamp = &stamp,
			      .catalogue = engine_catalogue(p->engine),
			      .arena = &p->arena,
			      .errors = p->errors};
	int err = parts_join(&parts, &tables);

	p->errors_n = parts.errors_n;
	p->cuts = tables.cuts;
	if (err == 0)
		err = list_inputs(p, &tables);
	free(tables.inputs);
	return err;
}

static struct bytes bytes_of_text(const char *s)
{
	return s == NULL ? (struct bytes){.at = NULL, .len = 0}
			 : (struct bytes){(const uint8_t *)s, strlen(s)};
}

int pipeline_summary(struct pipeline *p, void (*sink)(void *context, const char *at, size_t len),
		     void *context)
{
	const struct judged *judged = &p->judged;
	struct summary_input *list = calloc(judged->inputs_n + 1, sizeof *list);
	struct summary_tables tables = tables_of(p);
	char knowledge[17];
	struct summary_stamp stamp = engine_stamp(p->engine, knowledge);
	bool fine;

	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < judged->inputs_n; i++) {
		const struct input *in = &judged->inputs[i];

		list[i] = (struct summary_input){
			.path = bytes_of_text(in->path),
			.next_generation = strcmp(in->format, formats_read[true]) == 0,
			.any = in->any,
			.damaged = in->damaged,
			.packets = in->packets,
			.bytes = in->bytes,
			.first_ns = in->first_ns,
			.last_ns = in->last_ns,
			.damage_offset = in->damage_offset,
			.damage_reason = bytes_of_text(in->damage_reason)};
	}
	tables.inputs = list;
	tables.inputs_n = (uint32_t)judged->inputs_n;
	fine = summary_save(&tables, &stamp, engine_catalogue(p->engine), sink, context);
	free(list);
	return fine ? 0 : -ENOMEM;
}

/* A page of 2 MB in each of a dozen tables costs 30 MB and milliseconds: not for a capture that needs a few of 4 KB. */
static bool is_large(const struct pipeline *p)
{
	return p->progress.of == 0 || p->progress.of >= LARGE_INPUT;
}

static int begin(struct pipeline *p, struct knowledge_error *bad)
{
	const struct pipeline_options *options = p->options;

	p->engine_options = (struct engine_options){.local = options->local,
						    .local_n = options->local_n,
						    .threads = options->threads,
						    .memory_bytes = options->memory_bytes,
						    .large_pages = is_large(p),
						    .max_devices = options->max_devices,
						    .owner = options->owner,
						    .owner_n = options->owner_n,
						    .show_secrets = options->show_secrets,
						    .question = options->question};
	return engine_new(&p->engine_options, &p->engine, bad);
}

static int run(struct pipeline *p, struct knowledge_error *bad)
{
	struct engine_view view = {.since_ns = INT64_MIN};
	int err;

	p->sources = calloc(p->options->paths_n + 1, sizeof *p->sources);
	p->inputs = calloc(p->options->paths_n + 1, sizeof *p->inputs);
	p->errors = calloc(p->options->paths_n + 1, sizeof *p->errors);
	if (p->sources == NULL || p->inputs == NULL || p->errors == NULL)
		return -ENOMEM;
	if (!p->options->merges)
		open_inputs(p);
	err = begin(p, bad);
	if (err != 0)
		return err;
	if (p->options->merges)
		err = join_all(p);
	else
		read_all(p);
	if (err != 0)
		return err;
	view.inputs = p->options->merges ? p->joined : p->inputs;
	view.inputs_n = p->inputs_n;
	view.cut_flows = p->cuts.parts > 1 ? &p->cuts.cut : NULL;
	return engine_judge(p->engine, &view, &p->arena, &p->judged);
}

int pipeline_run(const struct pipeline_options *options, struct pipeline **out,
		 struct knowledge_error *bad)
{
	struct pipeline *p = calloc(1, sizeof *p);
	int err;

	if (p == NULL)
		return -ENOMEM;
	p->options = options;
	err = run(p, bad);
	if (err != 0) {
		pipeline_free(p);
		return err;
	}
	*out = p;
	return 0;
}

void pipeline_free(struct pipeline *p)
{
	for (size_t i = 0; p->sources != NULL && i < p->options->paths_n;
	     i++) { /* none when merging */
		if (p->sources[i].capture != NULL)
			capture_close(p->sources[i].capture);
	}
	free(p->sources);
	free(p->inputs);
	free(p->errors);
	arena_fini(&p->arena);
	engine_free(p->engine);
	free(p);
}

const struct judged *pipeline_judged(const struct pipeline *p)
{
	return &p->judged;
}

const struct inquiry *pipeline_inquiry(const struct pipeline *p)
{
	return engine_inquiry(p->engine);
}

const struct pipeline_error *pipeline_errors(const struct pipeline *p, size_t *n)
{
	*n = p->errors_n;
	return p->errors;
}

void pipeline_print_memory(const struct pipeline *p, FILE *to)
{
	budget_print(engine_budget(p->engine), to);
	fprintf(to, "  %-16s %8.1f MB  beside that, for %zu devices\n", "report",
		(double)p->judged.heap_bytes / (1 << 20), p->judged.devices_n);
}
