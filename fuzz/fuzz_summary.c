/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the sections of a saved summary: stamp and checksum are put around them here, for whoever sends one makes
 * them fit too, and so that seeds outlive a change of knowledge. A summary that is taken for whole must join twice, be judged
 * and written in all formats without a fault, and must be saved again as one that is whole; what is refused must say why.
 */
#include "outputs.h"

#include "summary/summary.h"
#include "verdict/judge.h"

enum { MEMORY = 32 << 20 };

struct engine {
	struct budget budget;
	struct arena arena;
	struct world world;
	struct lanes lanes;
	struct listeners listeners;
	struct decode_stats decode;
	struct judged judged;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct knowledge knowledge;
static struct catalogue catalogue;
static struct engine engine;
static const struct summary_stamp stamp = {.version = "1", .knowledge = "k", .owner = "o"};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void load_knowledge(void)
{
	static bool loaded;
	struct knowledge_error bad;

	if (loaded)
		return;
	require(knowledge_load(&knowledge, &bad) == 0);
	require(catalogue_load(&catalogue, NULL, 0, &bad) == 0);
	loaded = true;
}

static struct summary_tables begin(void)
{
	struct limits *limits = &knowledge.limits;

	memset(&engine, 0, sizeof engine);
	require(budget_init(&engine.budget, MEMORY) == 0);
	require(world_init(&engine.world, &engine.budget, MEMORY / 100 * 12, limits, NULL, 0, 1) ==
		0);
	require(lanes_init(&engine.lanes, &engine.budget, MEMORY / 100 * 62, &knowledge, 1) == 0);
	engine.lanes.listeners = &engine.listeners;
	require(listeners_init(&engine.listeners, &engine.budget, MEMORY / 100 * 24, limits,
			       &catalogue, 1) == 0);
	return (struct summary_tables){.world = &engine.world,
				       .lanes = &engine.lanes,
				       .listeners = &engine.listeners,
				       .decode = &engine.decode};
}

static void end(struct summary_tables *t)
{
	free(t->inputs);
	arena_fini(&engine.arena);
	budget_fini(&engine.budget);
}

static void add(void *text, const char *at, size_t len)
{
	text_add(text, at, len);
}

static struct bytes bytes_in(const struct text *t)
{
	return (struct bytes){(const uint8_t *)t->at, t->len};
}

/* What stands before the sections of any summary that this build makes. */
static void put_stamp(struct text *to)
{
	struct summary_tables t = begin();
	struct text whole = {0};
	const char *sections;

	t.cuts.parts = 1;
	summary_save(&t, &stamp, &catalogue, add, &whole);
	require(!whole.failed);
	sections = memmem(whole.at, whole.len, "captures", 8);
	require(sections != NULL);
	text_add(to, whole.at, (size_t)(sections - whole.at));
	text_fini(&whole);
	end(&t);
}

static void report(struct summary_tables *t)
{
	struct input *inputs = calloc(t->inputs_n + 1, sizeof *inputs);
	struct judge_in in = {.lanes = &engine.lanes,
			      .world = &engine.world,
			      .knowledge = &knowledge,
			      .listeners = &engine.listeners,
			      .catalogue = &catalogue,
			      .decode = &engine.decode,
			      .inputs = inputs,
			      .inputs_n = t->inputs_n,
			      .cut_flows = &t->cuts.cut};
	struct text out = {0};

	require(inputs != NULL);
	for (uint32_t i = 0; i < t->inputs_n; i++)
		inputs[i] = (struct input){.path = "p", .format = "pcap"};
	require(judge(&in, &engine.arena, &engine.judged) == 0);
	outputs_check(&engine.judged, &out);
	text_fini(&out);
	free(inputs);
}

static void save_again(struct summary_tables *t)
{
	char why[SUMMARY_ERROR];
	struct summary_head head;
	struct text again = {0};

	summary_save(t, &stamp, &catalogue, add, &again);
	require(!again.failed);
	require(summary_check(bytes_in(&again), &stamp, &catalogue, &head, why));
	require(head.inputs_n == t->inputs_n);
	text_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t digest[SHA256_SIZE];
	char why[SUMMARY_ERROR];
	struct summary_head head;
	struct summary_tables t;
	struct text file = {0};

	load_knowledge();
	put_stamp(&file);
	text_add(&file, (const char *)data, size);
	sha256(bytes_in(&file), digest);
	text_add(&file, (const char *)digest, sizeof digest);
	require(!file.failed);
	if (summary_check(bytes_in(&file), &stamp, &catalogue, &head, why)) {
		t = begin();
		require(summary_join(bytes_in(&file), &catalogue, &t));
		require(summary_join(bytes_in(&file), &catalogue, &t));
		require(t.inputs_n == 2 * head.inputs_n);
		report(&t);
		save_again(&t);
		end(&t);
	} else {
		require(why[0] != '\0');
	}
	text_fini(&file);
	return 0;
}
