/* SPDX-License-Identifier: MIT */
/*
 * The engine on one capture with its parsers or without them, for the bench alone: what the parsers cost is the
 * difference. It is put together as src/pipeline.c puts it together, with the default memory and one thread; `without`
 * leaves the lanes without listeners and the judge without their facts. Prints the number of packets.
 */
#include "base/arena.h"
#include "base/budget.h"
#include "base/catalogue.h"
#include "base/knowledge.h"
#include "capture/capture.h"
#include "decode/decode.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "engine.h"
#include "proto/listen.h"
#include "verdict/judge.h"
#include "workers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
	bool listening;
	struct budget budget;
	struct arena arena;
	struct knowledge knowledge;
	struct catalogue catalogue;
	struct world world;
	struct lanes lanes;
	struct listeners listeners;
	struct decode_stats decode;
	struct judged judged;
	uint64_t packets;
};

static int prepare(struct bench *e)
{
	struct knowledge_error bad;
	const size_t part = ENGINE_MEMORY_DEFAULT / 100;
	int err = knowledge_load(&e->knowledge, &bad);

	if (err == 0)
		err = catalogue_load(&e->catalogue, NULL, 0, &bad);
	if (err == 0)
		err = budget_init(&e->budget, ENGINE_MEMORY_DEFAULT);
	if (err == 0)
		err = world_init(&e->world, &e->budget, part * ENGINE_WORLD, &e->knowledge.limits,
				 NULL, 0, 1);
	if (err == 0)
		err = lanes_init(&e->lanes, &e->budget, part * ENGINE_LANES, &e->knowledge, 1);
	if (err == 0)
		budget_large_pages(&e->budget);
	if (err == 0)
		err = listeners_init(&e->listeners, &e->budget, part * ENGINE_LISTENERS,
				     &e->knowledge.limits, &e->catalogue, 1);
	e->lanes.listeners = e->listening ? &e->listeners : NULL;
	return err;
}

static void fill(struct bench *e, struct slot *slot)
{
	struct work *work = slot->work;

	work->n = decode_batch(slot->batch->frames, slot->batch->n, work->packets, &e->decode);
	e->packets += slot->batch->n;
	world_stamp(&e->world, work, 0);
}

static int read_all(struct bench *e, const char *path)
{
	struct capture *capture;
	struct workers *workers;
	const char *why;
	int err = capture_open(path, 0, &capture, &why);

	if (err != 0)
		return err;
	err = workers_start(&workers, &e->lanes, 1);
	if (err != 0)
		return err;
	for (;;) {
		struct slot *slot = workers_slot(workers);

		if (capture_fill(capture, slot->batch) == 0)
			break;
		fill(e, slot);
		workers_run(workers, slot);
	}
	workers_stop(workers);
	if (e->listening)
		listeners_finish(&e->listeners);
	capture_close(capture);
	return 0;
}

static int conclude(struct bench *e)
{
	static const struct input input = {.path = "", .format = "pcap", .any = true};
	const struct judge_in in = {.since_ns = INT64_MIN,
				    .lanes = &e->lanes,
				    .world = &e->world,
				    .knowledge = &e->knowledge,
				    .listeners = e->listening ? &e->listeners : NULL,
				    .catalogue = &e->catalogue,
				    .decode = &e->decode,
				    .inputs = &input,
				    .inputs_n = 1};

	return judge(&in, &e->arena, &e->judged);
}

int main(int argc, char **argv)
{
	static struct bench e;
	int err;

	if (argc != 3 || (strcmp(argv[1], "with") != 0 && strcmp(argv[1], "without") != 0)) {
		fprintf(stderr, "usage: engine with|without FILE\n");
		return 64;
	}
	e.listening = strcmp(argv[1], "with") == 0;
	err = prepare(&e);
	if (err == 0)
		err = read_all(&e, argv[2]);
	if (err == 0)
		err = conclude(&e);
	if (err != 0) {
		fprintf(stderr, "engine: %s\n", strerror(-err));
		return 70;
	}
	printf("%" PRIu64 " packets\n", e.packets);
	catalogue_fini(&e.catalogue);
	arena_fini(&e.arena);
	budget_fini(&e.budget);
	return 0;
}
