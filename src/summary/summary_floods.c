/* SPDX-License-Identifier: MIT */
/* What was counted at the targets of floods, lane by lane: targets, records of a vector each, senders of ours. */
#include "summary/sections.h"
#include "base/hash.h"
#include "detect/flood_join.h"

#include <stdlib.h>

enum { TARGET_LEAST = 80, RECORD_LEAST = 300, SENDER_LEAST = 50 };

/* No capture has so many packets; a sum of them stays far from the end of 64 bits. */
#define COUNT_MOST (UINT64_C(1) << 48)

static void target_fields(struct archive *a, struct flood_target *t)
{
	archive_addr(a, &t->addr);
	archive_u64(a, &t->replies_udp);
	archive_u64(a, &t->replies_tcp);
	archive_u64(a, &t->replies_icmp);
	archive_u64(a, &t->replies_other);
	archive_u64(a, &t->resets);
	archive_u64(a, &t->syns_sent);
	archive_u64(a, &t->sent);
	archive_u64(a, &t->received);
	archive_u64(a, &t->went_on);
	archive_bool(a, &t->prefix_local);
}

static void votes(struct archive *a, int64_t *v)
{
	archive_i64(a, v);
	archive_require(a, *v >= 0 && *v <= (int64_t)COUNT_MOST, "a count is out of its range");
}

static void shape_fields(struct archive *a, struct flood_shape *s)
{
	archive_u64(a, &s->judged);
	archive_u64(a, &s->orderly);
	archive_u64(a, &s->same);
	archive_u64(a, &s->seen);
	archive_u64(a, &s->installs);
	archive_words(a, s->dports, 4);
	archive_words(a, s->sports, 4);
	archive_u16(a, &s->port);
	votes(a, &s->port_votes);
	archive_u64(a, &s->port_hits);
}

static void label_fields(struct archive *a, struct flood_record *r)
{
	archive_u64(a, &r->label_hash);
	votes(a, &r->label_votes);
	archive_u64(a, &r->labelled);
	archive_bytes(a, r->label, sizeof r->label);
	r->label[sizeof r->label - 1] = '\0';
}

static void macs_fields(struct archive *a, struct flood_record *r)
{
	archive_u8_within(a, &r->macs_n, 0, FLOOD_MACS);
	for (unsigned i = 0; i < r->macs_n; i++) {
		archive_mac(a, &r->macs[i].mac);
		archive_u64(a, &r->macs[i].packets);
		archive_u64(a, &r->macs[i].false_source);
	}
}

static void sums_fields(struct archive *a, struct flood_record *r)
{
	archive_u64(a, &r->packets);
	archive_require(a, r->packets > 0 && r->packets <= COUNT_MOST,
			"a count is out of its range");
	archive_u64(a, &r->bytes);
	archive_u32(a, &r->peak);
	archive_u32(a, &r->peak_two);
	archive_u32(a, &r->hot_seconds);
	archive_u64(a, &r->tunnelled);
	archive_u64(a, &r->answered);
	archive_u64(a, &r->raw);
	archive_u64(a, &r->from_ours);
	archive_u64(a, &r->random_names);
	archive_u64(a, &r->empty);
	archive_u64(a, &r->lengths_same);
	archive_u64(a, &r->names_seen);
	archive_require(a, r->names_seen <= FLOOD_NAMES, "a count is out of its range");
}

static void record_fields(struct archive *a, struct flood_record *r)
{
	archive_u32(a, &r->target);
	archive_u8_within(a, &r->vector, 0, FLOOD_VECTORS - 1);
	archive_keys(a, r->keys, &r->keys_n, 1, FINDING_PACKETS);
	archive_i64(a, &r->first_ns);
	archive_i64(a, &r->last_ns);
	sums_fields(a, r);
	section_rates(a, &r->rates);
	label_fields(a, r);
	archive_words(a, r->amplifiers, AMPLIFIERS_MAX + 1);
	shape_fields(a, &r->shape);
	macs_fields(a, r);
}

static void sources_fields(struct archive *a, struct flood_senders_from *s)
{
	archive_bool(a, &s->sketched);
	archive_bool(a, &s->refused);
	archive_words(a, s->bits, 4);
	if (s->sketched) {
		archive_bytes(a, s->registers, sizeof s->registers);
		return;
	}
	archive_count(a, &s->n, sizeof s->list[0]);
	archive_require(a, s->n <= SOURCES_EXACT, "it counts more sources than it names");
	if (a->broken)
		s->n = 0;
	archive_words(a, s->list, s->n);
}

static void sender_fields(struct archive *a, struct flood_sender *s)
{
	archive_u32(a, &s->record);
	archive_addr(a, &s->addr);
	archive_mac(a, &s->mac);
	archive_keys(a, s->keys, &s->keys_n, 1, FLOOD_SENDER_PACKETS);
	archive_u64(a, &s->packets);
	archive_i64(a, &s->first_ns);
	archive_i64(a, &s->last_ns);
}

/* What a lane's tables became in ours: the places of the file's targets and records. */
struct places {
	struct flood_target **targets;
	struct flood_record **records;
	struct flood_senders_from sources; /* of the record at hand */
	uint32_t targets_n;
	uint32_t records_n;
	/* Saving: the file's numbers of ours, or LEFT_OUT. */
	uint32_t *target_number;
	uint32_t *record_number;
	uint32_t targets_in;
	uint32_t records_in;
};

enum { LEFT_OUT = UINT32_MAX };

/* Which records go into the file, and which targets with them. */
static bool number_all(const struct hands *h, const struct lane *lane, struct places *at)
{
	const struct flood_lane *f = flood_lane_of(lane);

	at->target_number = calloc(f->targets_n + 1, sizeof *at->target_number);
	at->record_number = calloc(f->records_n + 1, sizeof *at->record_number);
	if (at->target_number == NULL || at->record_number == NULL)
		return false;
	for (uint32_t i = 0; i < f->targets_n; i++)
		at->target_number[i] = LEFT_OUT;
	at->targets_in = at->records_in = 0;
	for (uint32_t i = 0; i < f->records_n; i++) {
		bool in = ours_record(h->ours, lane, &f->records[i]);

		at->record_number[i] = in ? at->records_in++ : LEFT_OUT;
		if (in)
			at->target_number[f->records[i].target] = 0;
	}
	for (uint32_t i = 0; i < f->targets_n; i++) {
		if (!h->ours->alone || at->target_number[i] == 0)
			at->target_number[i] = at->targets_in++;
	}
	return true;
}

static uint32_t count_senders(const struct flood_lane *f, const struct places *at)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->senders_n; i++)
		n += at->record_number[f->senders[i].record] != LEFT_OUT;
	return n;
}

static void section_targets(struct hands *h, struct flood_lane *f, int lane, struct places *at)
{
	struct archive *a = h->a;
	bool saves = at->target_number != NULL;
	uint32_t n = saves ? at->targets_in : 0, from = 0;

	archive_count(a, &n, TARGET_LEAST);
	if (joins(h)) {
		at->targets = calloc(n + 1, sizeof(struct flood_target *));
		h->failed |= at->targets == NULL;
	}
	for (uint32_t i = 0; i < n && !a->broken && !h->failed; i++) {
		struct flood_target t = {.sent = 0};

		if (saves) {
			while (at->target_number[from] == LEFT_OUT)
				from++;
			t = f->targets[from++];
		}
		target_fields(a, &t);
		archive_require(a, hash_addr(&t.addr) >> 58 == (uint64_t)lane,
				"a target is in another's lane");
		if (joins(h) && at->targets != NULL)
			at->targets[i] = flood_join_target(f, &t);
	}
	at->targets_n = n;
}

/* The sources as they are saved. */
static void list_sources(const struct flood_lane *f, const struct flood_record *r,
			 struct flood_senders_from *out)
{
	const struct flood_sources *s = &r->sources;

	out->sketched = s->sketched;
	out->refused = s->refused;
	memcpy(out->bits, s->bits, sizeof out->bits);
	out->n = 0;
	if (s->sketched)
		memcpy(out->registers, sources_registers(s, &f->sources), sizeof out->registers);
	else if (s->refused)
		memcpy(out->list, s->first, (out->n = s->n) * sizeof out->list[0]);
	else
		out->n = sources_list(s, &f->sources, out->list);
}

/* The second that was being counted is over. */
static void close_second(struct flood_record *r)
{
	if (r->in_second > 0)
		rates_add(&r->rates, r->second, r->in_second);
	r->in_second = 0;
}

static void section_records(struct hands *h, struct flood_lane *f, struct places *at)
{
	struct archive *a = h->a;
	bool saves = at->record_number != NULL && at->target_number != NULL;
	uint32_t n = saves ? at->records_in : 0, from = 0;

	archive_count(a, &n, RECORD_LEAST);
	if (joins(h)) {
		at->records = calloc(n + 1, sizeof(struct flood_record *));
		h->failed |= at->records == NULL;
	}
	for (uint32_t i = 0; i < n && !a->broken && !h->failed; i++) {
		struct flood_record r = {.packets = 0};

		at->sources.n = 0;
		if (saves) {
			while (at->record_number[from] == LEFT_OUT)
				from++;
			r = f->records[from];
			list_sources(f, &f->records[from++], &at->sources);
			close_second(&r);
			r.target = at->target_number[r.target];
		}
		record_fields(a, &r);
		sources_fields(a, &at->sources);
		archive_require(a, r.target < at->targets_n, "a flood hits nobody");
		if (joins(h) && at->records != NULL && at->targets != NULL &&
		    at->targets[r.target] != NULL)
			at->records[i] =
				flood_join_record(f, at->targets[r.target], &r, &at->sources);
	}
	at->records_n = n;
}

static void section_senders(struct hands *h, struct flood_lane *f, struct places *at)
{
	struct archive *a = h->a;
	bool saves = at->record_number != NULL;
	uint32_t n = saves ? count_senders(f, at) : 0, from = 0;

	archive_count(a, &n, SENDER_LEAST);
	for (uint32_t i = 0; i < n && !a->broken && !h->failed; i++) {
		struct flood_sender s = {.packets = 0};

		if (saves) {
			while (at->record_number[f->senders[from].record] == LEFT_OUT)
				from++;
			s = f->senders[from++];
			s.record = at->record_number[s.record];
		}
		sender_fields(a, &s);
		archive_require(a, s.record < at->records_n, "somebody takes part in no flood");
		if (joins(h) && at->records != NULL && at->records[s.record] != NULL)
			flood_join_sender(f, at->records[s.record], &s);
	}
}

static void section_lane(struct hands *h, int lane, struct places *at)
{
	struct lane *one = h->t == NULL ? NULL : &h->t->lanes->lane[lane];
	struct flood_lane *f = one == NULL ? NULL : flood_lane_of(one);

	if (!h->a->reading && (one == NULL || !number_all(h, one, at))) {
		h->failed = true;
		return;
	}
	section_targets(h, f, lane, at);
	section_records(h, f, at);
	section_senders(h, f, at);
}

void section_floods(struct hands *h)
{
	struct places *at = calloc(1, sizeof *at);

	h->failed |= at == NULL;
	for (int lane = 0; lane < LANES && !h->failed && !h->a->broken; lane++) {
		section_lane(h, lane, at);
		free(at->targets);
		free(at->records);
		free(at->target_number);
		free(at->record_number);
		*at = (struct places){.targets = NULL};
	}
	free(at);
}
