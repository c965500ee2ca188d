/* SPDX-License-Identifier: MIT */
/* The captures that a summary was made from, as the report lists them; and what was counted beside everything else. */
#include "summary/sections.h"

#include <stdlib.h>

enum { PATH_MOST = 4096, REASON_MOST = 200, INPUT_LEAST = 40 };

static bool has_control(struct bytes b, bool ascii)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] == 0 || (ascii && (b.at[i] < ' ' || b.at[i] > '~')))
			return true;
	}
	return false;
}

static void input_fields(struct archive *a, struct summary_input *in)
{
	in->path = archive_text(a, in->path, PATH_MOST);
	archive_require(a, !has_control(in->path, false), "a path holds a NUL");
	archive_bool(a, &in->next_generation);
	archive_u64(a, &in->packets);
	archive_u64(a, &in->bytes);
	archive_bool(a, &in->any);
	archive_i64(a, &in->first_ns);
	archive_i64(a, &in->last_ns);
	archive_bool(a, &in->damaged);
	archive_u64(a, &in->damage_offset);
	in->damage_reason = archive_text(a, in->damage_reason, REASON_MOST);
	archive_require(a, !has_control(in->damage_reason, true), "a reason is no plain text");
}

static bool make_room(struct hands *h, uint32_t n)
{
	struct summary_tables *t = h->t;
	struct summary_input *list =
		realloc(t->inputs, ((size_t)t->inputs_n + n + 1) * sizeof *list);

	h->failed |= list == NULL;
	if (list != NULL)
		t->inputs = list;
	return list != NULL;
}

void section_inputs(struct hands *h)
{
	struct archive *a = h->a;
	uint32_t n = a->reading ? 0 : h->t->inputs_n;

	archive_count(a, &n, INPUT_LEAST);
	archive_require(a, n <= SUMMARY_INPUTS, "it has too many captures");
	a->inputs = n;
	if (joins(h) && !make_room(h, n))
		return;
	for (uint32_t i = 0; i < n && !a->broken; i++) {
		struct summary_input in = {.any = false};

		if (!a->reading)
			in = h->t->inputs[i];
		input_fields(a, &in);
		if (joins(h))
			h->t->inputs[h->t->inputs_n++] = in;
	}
}

/* ---- counts ---------------------------------------------------------------------------------------------------- */

static void decode_fields(struct archive *a, struct decode_stats *d)
{
	archive_u64(a, &d->frames);
	archive_u64(a, &d->non_ip);
	archive_u64(a, &d->unknown_link);
	archive_u64(a, &d->malformed);
	archive_u64(a, &d->truncated);
	archive_u64(a, &d->bad_checksum);
	archive_u64(a, &d->encrypted);
	archive_u64(a, &d->fragments);
	archive_u64(a, &d->too_deep);
}

static void join_decode(struct decode_stats *to, const struct decode_stats *d)
{
	to->frames += d->frames;
	to->non_ip += d->non_ip;
	to->unknown_link += d->unknown_link;
	to->malformed += d->malformed;
	to->truncated += d->truncated;
	to->bad_checksum += d->bad_checksum;
	to->encrypted += d->encrypted;
	to->fragments += d->fragments;
	to->too_deep += d->too_deep;
}

/* What all lanes count together: reports show sums, so one lane may hold them. */
enum total {
	TOTAL_ONE_WAY,
	TOTAL_ANSWERS,
	TOTAL_UNASKED,
	TOTAL_HOSTS,
	TOTAL_STATES,
	TOTAL_TARGETS,
	TOTAL_SENDERS,
	TOTAL_SOURCES,
	TOTAL_FLOWS,
	TOTAL_CUT,
	TOTAL_WINDOWS,
	TOTAL_PARSERS,
	TOTAL_FACTS,
	TOTAL_SURPLUS,
	TOTAL_LOGINS,
	TOTALS
};

static void find_counters(struct lane *lane, struct listener *l, uint64_t *out[TOTALS])
{
	struct flood_lane *f = flood_lane_of(lane);

	out[TOTAL_ONE_WAY] = &lane->one_way;
	out[TOTAL_ANSWERS] = &lane->answers;
	out[TOTAL_UNASKED] = &lane->unasked;
	out[TOTAL_HOSTS] = &lane->hosts.refused;
	out[TOTAL_STATES] = &lane->pools[0].refused;
	out[TOTAL_TARGETS] = &f->refused_targets;
	out[TOTAL_SENDERS] = &f->refused_senders;
	out[TOTAL_SOURCES] = &f->sources.refused;
	out[TOTAL_FLOWS] = &l->flows.refused;
	out[TOTAL_CUT] = &l->flows.cut;
	out[TOTAL_WINDOWS] = &l->flows.refused_windows;
	out[TOTAL_PARSERS] = &l->refused_states;
	out[TOTAL_FACTS] = &l->facts.refused;
	out[TOTAL_SURPLUS] = &l->facts.surplus;
	out[TOTAL_LOGINS] = &l->facts.refused_logins;
}

static void add_up(const struct summary_tables *t, uint64_t sums[TOTALS])
{
	for (int i = 0; i < LANES; i++) {
		uint64_t *counters[TOTALS];

		find_counters(&t->lanes->lane[i], &t->listeners->lane[i], counters);
		for (int k = 0; k < TOTALS; k++)
			sums[k] += *counters[k];
		for (int p = 1; p < HOST_STATES; p++)
			sums[TOTAL_STATES] += t->lanes->lane[i].pools[p].refused;
	}
}

static void cuts_fields(struct archive *a, struct summary_cuts *c)
{
	archive_u32(a, &c->parts);
	archive_require(a, c->parts > 0, "it was made of nothing");
	archive_u64(a, &c->cut);
	archive_u64(a, &c->open);
	archive_i64(a, &c->end_ns);
}

/* Only the conversations that are open where everything ends were not cut. */
static void join_cuts(struct summary_cuts *to, const struct summary_cuts *c)
{
	if (to->parts == 0) {
		*to = *c;
		return;
	}
	to->parts += c->parts;
	to->cut += c->cut;
	if (c->end_ns < to->end_ns) {
		to->cut += c->open;
		return;
	}
	to->cut += to->open;
	to->open = c->open;
	to->end_ns = c->end_ns;
}

void section_counts(struct hands *h)
{
	uint64_t sums[TOTALS] = {0}, *counters[TOTALS];
	struct decode_stats decode = {0};
	struct summary_cuts cuts = {0};

	if (!h->a->reading) {
		decode = *h->t->decode;
		cuts = h->t->cuts;
		add_up(h->t, sums);
	}
	decode_fields(h->a, &decode);
	archive_words(h->a, sums, TOTALS);
	cuts_fields(h->a, &cuts);
	if (!joins(h))
		return;
	join_decode(h->t->decode, &decode);
	join_cuts(&h->t->cuts, &cuts);
	find_counters(&h->t->lanes->lane[0], &h->t->listeners->lane[0], counters);
	for (int k = 0; k < TOTALS; k++)
		*counters[k] += sums[k];
}

uint64_t summary_open(const struct listeners *l)
{
	uint64_t n = 0;

	for (int lane = 0; lane < LANES; lane++) {
		const struct flows *flows = &l->lane[lane].flows;

		for (uint32_t i = 0; i < flows->n; i++) {
			const struct flow *f = flows_at(flows, i);
			bool ended = (f->side[0].flags & f->side[1].flags & SIDE_CLOSED) != 0 ||
				     (f->flags & FLOW_RESET) != 0;

			n += f->transport == PROTO_TCP && !ended;
		}
	}
	return n;
}
