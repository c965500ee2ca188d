/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a capture, through the whole engine: capture, decode, the reader's world, the lanes with all parsers, the
 * verdict, the report in all formats, the packets it cites and the answer to an abuse notice. Each input is judged
 * twice, with another seed for the tables and with the lanes in other hands; both must hear the same facts and give the
 * same reports to the byte (design rule 1). What was judged must hold what judged.h promises, what is written what
 * outputs.h does.
 *
 * Tables come from a small budget that is mapped anew for each run: the kernel gives only the pages that are touched.
 */
#include "outputs.h"

#include "base/arena.h"
#include "capture/capture.h"
#include "capture/source.h"
#include "decode/decode.h"
#include "detect/lane.h"
#include "flow/inquiry.h"
#include "proto/listen.h"
#include "report/answers.h"
#include "report/citations.h"
#include "verdict/answer.h"
#include "verdict/judge.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY = 32 << 20, FRAMES_MAX = 20000 };

struct engine {
	struct budget budget;
	struct arena arena;
	struct world world;
	struct lanes lanes;
	struct listeners listeners;
	struct decode_stats decode;
	struct inquiry inquiry;
	struct judged judged;
	struct input input;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct knowledge knowledge;
static struct catalogue catalogue;
static struct engine engine;
static struct work work;
static struct batch batch;
static uint8_t batch_bytes[BATCH_BYTES];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_stamps(void)
{
	require(work.n <= WORK_PACKETS);
	for (uint32_t i = 0; i < work.n; i++) {
		const struct stamp *s = &work.stamps[i];

		/* Copies leave no stamp: the others close up, and go on pointing to where their packets lie. */
		require(s->packet >= &work.packets[i] && s->packet < &work.packets[WORK_PACKETS]);
		require(i == 0 || s->packet > work.stamps[i - 1].packet);
		require(s->actor_lane < LANES && s->target_lane < LANES);
		require(s->kind != 0 && (s->kind & (s->kind - 1)) == 0);
		require(s->src_mac == NO_MAC || s->src_mac < engine.world.macs_n);
		require(s->dst_mac == NO_MAC || s->dst_mac < engine.world.macs_n);
	}
}

static void note_frame(const struct frame *f)
{
	struct input *in = &engine.input;

	in->packets++;
	in->bytes += f->wire_len;
	if (!in->any || f->time_ns < in->first_ns)
		in->first_ns = f->time_ns;
	if (!in->any || f->time_ns > in->last_ns)
		in->last_ns = f->time_ns;
	in->any = true;
}

static void read_capture(struct capture *c, unsigned workers)
{
	batch.bytes = batch_bytes;
	while (engine.input.packets < FRAMES_MAX && capture_fill(c, &batch) > 0) {
		for (uint32_t i = 0; i < batch.n; i++)
			note_frame(&batch.frames[i]);
		work.n = decode_batch(batch.frames, batch.n, work.packets, &engine.decode);
		for (uint32_t i = 0; i < work.n; i++)
			inquiry_see(&engine.inquiry, &work.packets[i]);
		world_stamp(&engine.world, &work, 0);
		check_stamps();
		for (unsigned w = 0; w < workers; w++)
			lanes_run(&engine.lanes, &work, w, workers);
	}
}

static void check_evidence(const struct device *d)
{
	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		require(e->packets_n > 0 && e->text != NULL && e->text[0] != '\0');
		require(e->first_ns <= e->last_ns || engine.decode.frames > 64);
		for (size_t p = 0; p < e->packets_n; p++) {
			require(e->packets[p].packet >= 1 &&
				e->packets[p].packet <= engine.input.packets);
			require(p == 0 || e->packets[p - 1].packet <= e->packets[p].packet);
		}
	}
}

static void check_exposures(const struct device *d)
{
	require(d->verdict != VERDICT_EXPOSED || (d->exposures_n > 0 && d->why != NULL));
	for (size_t i = 0; i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];

		require(e->kind < EXPOSURE_KINDS && e->detail != NULL && e->detail[0] != '\0');
		require(i == 0 || d->exposures[i - 1].kind <= e->kind);
		require(e->where.packet >= 1 && e->where.packet <= engine.input.packets);
	}
	for (size_t i = 0; i < d->claims_n; i++) {
		require(d->claims[i].value != NULL && d->claims[i].says != NULL);
		require(d->claims[i].where.packet <= engine.input.packets);
	}
	require(d->maker != NULL || d->brand == NULL);
}

static void check_devices(const struct judged *j)
{
	for (size_t i = 0; i < j->devices_n; i++) {
		const struct device *d = &j->devices[i];

		require(i == 0 || strcmp(j->devices[i - 1].id, d->id) < 0);
		require(d->verdict < VERDICT_SUSPECT || (d->evidence_n > 0 && d->why != NULL));
		require(d->verdict != VERDICT_INFECTED || !d->local ||
			d->backing > BACKING_ADDRESS);
		require(d->unicast_out <= d->packets_out);
		require(d->judged == (d->unicast_out > 0 || d->verdict > VERDICT_CLEAR));
		check_evidence(d);
		check_exposures(d);
	}
}

/* All that was heard, as it stands in the lanes. */
static void write_facts(struct text *to)
{
	for (int i = 0; i < LANES; i++) {
		const struct listener *l = &engine.listeners.lane[i];

		for (uint32_t k = 0; k < l->facts.n; k++) {
			const struct fact *fact = facts_at(&l->facts, k);
			struct bytes value = fact_value(&l->facts, fact);

			require(fact->signal < SIGNALS && fact->count > 0 && fact->key >= 1 &&
				fact->key <= engine.input.packets);
			require(fact->mac == NO_MAC || fact->mac < engine.world.macs_n);
			text_add(to, (const char *)&fact->addr, sizeof fact->addr);
			text_printf(to, " %u %u %u %u %llu ", fact->mac, fact->signal, fact->port,
				    fact->count, (unsigned long long)fact->last_key);
			text_add(to, (const char *)value.at, value.len);
		}
		for (uint32_t k = 0; k < l->facts.logins_n; k++) {
			const struct login_fact *login = facts_login_at(&l->facts, k);

			require(login->pair < (int32_t)catalogue.credentials_n &&
				login->pair >= PAIR_UNKNOWN && login->answer_key >= 1);
			text_add(to, (const char *)&login->server, sizeof login->server);
			text_printf(to, " %d %u %u %u %llu ", login->pair, login->outcome,
				    login->port, login->count, (unsigned long long)login->last_key);
		}
		text_printf(to, "%llu %llu %llu %u\n", (unsigned long long)l->packets,
			    (unsigned long long)l->facts.refused,
			    (unsigned long long)l->flows.refused_windows, l->states_n);
	}
}

static void check_attacks(const struct judged *j)
{
	for (size_t i = 0; i < j->attacks_n; i++) {
		const struct attack *a = &j->attacks[i];

		require(a->vector < VECTORS && a->packets > 0 && a->sources > 0);
		require(a->peak_pps <= a->packets && a->packet_list_n > 0);
		require(a->port >= -1 && a->port <= 65535);
	}
}

/* About the first moment, as far as a question can name it (1970 to 2200), and one of two ports that most fixtures have. */
static struct inquiry_question question_about(struct capture *c)
{
	const int64_t most_ns = INT64_C(7289654400) * 1000000000;
	struct inquiry_question q = {.within_ns = INT64_C(3600000000000)};

	if (!capture_first_time(c, &q.time_ns) || q.time_ns < 0 || q.time_ns > most_ns)
		q.time_ns = 0;
	q.port = q.time_ns % 2 == 0 ? 23 : 80;
	return q;
}

static void write_answer(struct text *to)
{
	const struct report_options options = {.width = REPORT_WIDTH};
	struct answer answer = {0};
	struct text t = {0};

	require(answer_find(&answer, &engine.inquiry, &engine.judged) == 0);
	answer_text(&answer, &engine.judged, &options, &t);
	output_check_letters(text_string(&t), t.len, true);
	text_add(to, text_string(&t), t.len);
	text_clear(&t);
	answer_json(&answer, &engine.judged, &t);
	output_check_letters(text_string(&t), t.len, false);
	output_check_json(text_string(&t), t.len, false);
	text_add(to, text_string(&t), t.len);
	require(!t.failed);
	text_fini(&t);
	answer_fini(&answer);
}

/* The packets that --evidence would write, in their order, each in the capture. */
static void write_citations(struct text *to)
{
	struct citation *list = NULL;
	size_t n = 0;
	struct text t = {0};

	require(citations_collect(&engine.judged, &list, &n) == 0);
	for (size_t i = 0; i < n; i++) {
		require(list[i].where.input == 0 && list[i].where.packet >= 1 &&
			list[i].where.packet <= engine.input.packets);
		require(i == 0 || list[i - 1].where.packet <= list[i].where.packet);
		citation_say(&list[i], &t);
		text_puts(&t, "\n");
	}
	output_check_letters(text_string(&t), t.len, false);
	text_add(to, text_string(&t), t.len);
	require(!t.failed);
	text_fini(&t);
	free(list);
}

/* Judges the bytes; the reports are added to `to`. */
static void run(struct capture *c, uint64_t seed, unsigned workers, struct text *to)
{
	const struct inquiry_question question = question_about(c);
	struct judge_in in = {.lanes = &engine.lanes,
			      .world = &engine.world,
			      .knowledge = &knowledge,
			      .listeners = &engine.listeners,
			      .catalogue = &catalogue,
			      .decode = &engine.decode,
			      .inputs = &engine.input,
			      .inputs_n = 1};

	memset(&engine, 0, sizeof engine);
	engine.input = (struct input){.path = "fuzz", .format = "pcap"};
	require(budget_init(&engine.budget, MEMORY) == 0);
	require(world_init(&engine.world, &engine.budget, MEMORY / 100 * 12, &knowledge.limits,
			   NULL, 0, seed) == 0);
	require(lanes_init(&engine.lanes, &engine.budget, MEMORY / 100 * 62, &knowledge, seed) ==
		0);
	require(listeners_init(&engine.listeners, &engine.budget, MEMORY / 100 * 24,
			       &knowledge.limits, &catalogue, seed) == 0);
	require(inquiry_init(&engine.inquiry, &question, &engine.budget, seed) == 0);
	engine.lanes.listeners = &engine.listeners;
	read_capture(c, workers);
	listeners_finish(&engine.listeners);
	require(judge(&in, &engine.arena, &engine.judged) == 0);
	check_devices(&engine.judged);
	check_attacks(&engine.judged);
	outputs_check(&engine.judged, to);
	write_answer(to);
	write_citations(to);
	write_facts(to);
	require(!to->failed);
	arena_fini(&engine.arena);
	budget_fini(&engine.budget);
}

static bool judge_bytes(struct bytes bytes, uint64_t seed, unsigned workers, struct text *to)
{
	struct capture *c = NULL;
	const char *why;

	if (capture_open_bytes(bytes, 0, 0, &c, &why) != 0)
		return false;
	run(c, seed, workers, to);
	capture_close(c);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {.at = data, .len = size};
	struct text one = {0}, other = {0};
	struct knowledge_error error;

	if (knowledge.limits.clock_agree == 0)
		require(knowledge_load(&knowledge, &error) == 0 &&
			catalogue_load(&catalogue, NULL, 0, &error) == 0);
	if (judge_bytes(bytes, 1, 1, &one)) {
		require(judge_bytes(bytes, 0x9e3779b97f4a7c15, 3, &other));
		require(one.len == other.len && memcmp(one.at, other.at, one.len) == 0);
	}
	text_fini(&one);
	text_fini(&other);
	return 0;
}
