/* SPDX-License-Identifier: MIT */
/*
 * The way of a packet, in order: capture fills a batch, decode makes packets of its frames, the reader's world stamps
 * them, the lanes run their detectors over them; when all inputs are read, judge() joins the lanes. This file knows
 * every stage and does nothing itself.
 */
#include "pipeline.h"

#include "base/arena.h"
#include "base/budget.h"
#include "base/knowledge.h"
#include "capture/capture.h"
#include "decode/decode.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "flow/inquiry.h"
#include "flow/world.h"
#include "parts.h"
#include "summary/summary.h"
#include "verdict/judge.h"
#include "workers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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
	struct budget budget;
	struct arena arena;
	struct knowledge knowledge;
	struct world world;
	struct inquiry inquiry;
	struct pipeline_progress progress;
	struct catalogue catalogue;
	struct listeners *listeners;
	struct lanes lanes;
	struct decode_stats decode;
	struct judged judged;
	struct source *sources;
	size_t sources_n;
	struct input *inputs;	    /* of captures … */
	const struct input *joined; /* … or of summaries, in the arena */
	size_t inputs_n;
	struct summary_cuts cuts;
	char owner[17]; /* digest of the owner's additions */
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

static void fill_work(struct pipeline *p, struct slot *slot, struct input *in)
{
	struct work *work = slot->work;

	note_frames(in, slot->batch);
	work->n = decode_batch(slot->batch->frames, slot->batch->n, work->packets, &p->decode);
	/* Before copies are left out: the outside of a NAT is one. */
	for (uint32_t i = 0; p->options->question != NULL && i < work->n; i++)
		inquiry_see(&p->inquiry, &work->packets[i]);
	world_stamp(&p->world, work, 0);
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

static void read_input(struct pipeline *p, struct workers *workers, size_t i)
{
	struct capture *capture = p->sources[i].capture;
	struct input *in = &p->inputs[i];
	const struct capture_damage *damage;
	uint64_t before = p->progress.bytes;

	*in = (struct input){.path = capture_path(capture),
			     .format = formats_read[capture_format(capture) != CAPTURE_PCAP]};
	while (p->options->stop == NULL || *p->options->stop == 0) {
		struct slot *slot = workers_slot(workers);

		if (capture_fill(capture, slot->batch) == 0)
			break;
		fill_work(p, slot, in);
		tell_progress(p, capture, before, slot->batch->n);
		workers_run(workers, slot);
	}
	damage = capture_damage(capture);
	in->damaged = damage->there;
	in->damage_offset = damage->offset;
	in->damage_reason = damage->reason;
}

/* A page of 2 MB in each of a dozen tables costs 30 MB and milliseconds: not for a capture that needs a few of 4 KB. */
static void choose_pages(struct pipeline *p)
{
	if (p->progress.of == 0 || p->progress.of >= LARGE_INPUT)
		budget_large_pages(&p->budget);
}

static int reserve(struct pipeline *p)
{
	size_t size = (size_t)p->options->memory_bytes;
	uint64_t seed;
	int err = budget_init(&p->budget, size);

	if (err != 0)
		return err;
	choose_pages(p);
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = 0; /* tables still work; only a stranger who knows the hash could slow them down */
	err = world_init(&p->world, &p->budget, size / 100 * PIPELINE_WORLD, &p->knowledge.limits,
			 p->options->local, p->options->local_n, seed);
	if (err != 0)
		return err;
	err = lanes_init(&p->lanes, &p->budget, size / 100 * PIPELINE_LANES, &p->knowledge, seed);
	if (err != 0)
		return err;
	p->lanes.listeners = p->listeners;
	err = listeners_init(p->listeners, &p->budget, size / 100 * PIPELINE_LISTENERS,
			     &p->knowledge.limits, &p->catalogue, seed);
	if (err == 0 && p->options->question != NULL)
		err = inquiry_init(&p->inquiry, p->options->question, &p->budget, seed);
	return err;
}

/* What goes on at the end of the last packet, before it is ended for the parsers' sake. */
static void note_end(struct pipeline *p)
{
	p->cuts = (struct summary_cuts){
		.parts = 1, .open = summary_open(p->listeners), .end_ns = INT64_MIN};
	for (size_t i = 0; i < p->inputs_n; i++) {
		const struct input *in = &p->inputs[i];

		if (in->any && in->last_ns > p->cuts.end_ns)
			p->cuts.end_ns = in->last_ns;
	}
}

static int read_all(struct pipeline *p)
{
	struct workers *workers;
	int err = workers_start(&workers, &p->lanes, p->options->threads);

	if (err != 0)
		return err;
	for (size_t i = 0; i < p->sources_n; i++) {
		read_input(p, workers, i);
		if (p->options->stop != NULL && *p->options->stop != 0)
			p->sources_n = i + 1;
	}
	workers_stop(workers);
	p->inputs_n = p->sources_n;
	note_end(p);
	listeners_finish(p->listeners);
	return 0;
}

/* ---- summaries ------------------------------------------------------------------------------------------------- */

static struct summary_stamp stamp_of(const struct pipeline *p, char knowledge[17])
{
	return (struct summary_stamp){.version = CORDON_VERSION,
				      .knowledge = knowledge_digest(knowledge),
				      .owner = p->owner};
}

static struct summary_tables tables_of(struct pipeline *p)
{
	return (struct summary_tables){.world = &p->world,
				       .lanes = &p->lanes,
				       .listeners = p->listeners,
				       .decode = &p->decode,
				       .cuts = p->cuts};
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
	struct summary_stamp stamp = stamp_of(p, knowledge);
	struct summary_tables tables = tables_of(p);
	struct parts parts = {.paths = p->options->paths,
			      .paths_n = p->options->paths_n,
			      .stamp = &stamp,
			      .catalogue = &p->catalogue,
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
	struct summary_stamp stamp = stamp_of(p, knowledge);

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
	summary_save(&tables, &stamp, &p->catalogue, sink, context);
	free(list);
	return 0;
}

static void note_listener(struct budget *b, const struct listener *l)
{
	budget_used(b, "flows", l->flows.n);
	budget_used(b, "parser states", l->states_n);
	budget_used(b, "facts", l->facts.n);
	budget_used(b, "fact texts", l->facts.texts_n);
	budget_used(b, "logins", l->facts.logins_n);
}

static void note_use(struct pipeline *p)
{
	struct budget *b = &p->budget;

	budget_used(b, "MACs", p->world.macs_n);
	budget_used(b, "bindings", p->world.binds_n);
	budget_used(b, "rates", p->world.rates_n);
	if (p->options->question != NULL)
		budget_used(b, INQUIRY_SHARE, p->inquiry.n);
	for (int i = 0; i < LANES; i++) {
		const struct lane *lane = &p->lanes.lane[i];
		const struct flood_lane *f = flood_lane_of(lane);

		budget_used(b, "hosts", lane->hosts.n);
		for (int d = 0; d < DETECTORS; d++) {
			if (detectors[d]->slot >= 0)
				budget_used(b, detectors[d]->name,
					    lane->pools[detectors[d]->slot].n);
		}
		budget_used(b, "flood targets", f->targets_n);
		budget_used(b, "flood records", f->records_n);
		budget_used(b, "flood senders", f->senders_n);
		budget_used(b, "flood sources", f->sources.n);
		note_listener(b, &p->listeners->lane[i]);
	}
}

static int run(struct pipeline *p, struct knowledge_error *bad)
{
	struct judge_in in = {.lanes = &p->lanes,
			      .world = &p->world,
			      .knowledge = &p->knowledge,
			      .catalogue = &p->catalogue,
			      .show_secrets = p->options->show_secrets,
			      .max_devices = p->options->max_devices,
			      .decode = &p->decode};
	int err;

	if (knowledge_load(&p->knowledge, bad) != 0)
		return -EINVAL;
	err = catalogue_load(&p->catalogue, p->options->owner, p->options->owner_n, bad);
	if (err != 0)
		return err;
	p->listeners = calloc(1, sizeof *p->listeners);
	p->sources = calloc(p->options->paths_n + 1, sizeof *p->sources);
	p->inputs = calloc(p->options->paths_n + 1, sizeof *p->inputs);
	p->errors = calloc(p->options->paths_n + 1, sizeof *p->errors);
	if (p->sources == NULL || p->inputs == NULL || p->errors == NULL || p->listeners == NULL)
		return -ENOMEM;
	(void)summary_owner(p->options->owner, p->options->owner_n, p->owner);
	if (!p->options->merges)
		open_inputs(p);
	err = reserve(p);
	if (err == 0)
		err = p->options->merges ? join_all(p) : read_all(p);
	if (err != 0)
		return err;
	note_use(p);
	in.listeners = p->listeners;
	in.inputs = p->options->merges ? p->joined : p->inputs;
	in.inputs_n = p->inputs_n;
	in.cut_flows = p->cuts.parts > 1 ? &p->cuts.cut : NULL;
	return judge(&in, &p->arena, &p->judged);
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
	free(p->listeners);
	catalogue_fini(&p->catalogue);
	arena_fini(&p->arena);
	budget_fini(&p->budget);
	free(p);
}

const struct judged *pipeline_judged(const struct pipeline *p)
{
	return &p->judged;
}

const struct inquiry *pipeline_inquiry(const struct pipeline *p)
{
	return p->options->question != NULL ? &p->inquiry : NULL;
}

const struct pipeline_error *pipeline_errors(const struct pipeline *p, size_t *n)
{
	*n = p->errors_n;
	return p->errors;
}

void pipeline_print_memory(const struct pipeline *p, FILE *to)
{
	budget_print(&p->budget, to);
	fprintf(to, "  %-16s %8.1f MB  beside that, for %zu devices\n", "report",
		(double)p->judged.heap_bytes / (1 << 20), p->judged.devices_n);
}
