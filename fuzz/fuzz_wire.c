/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the body of a message from the packets process; the first byte is its type. What is taken must be written and
 * read again as the same, and what is made of it - events, every format of a report - must be whole, since that process has
 * met strangers and the service believes it no more than them.
 */
#include "outputs.h"

#include "report/eve.h"
#include "watch/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct page {
	uint8_t at[WIRE_MOST];
	size_t len;
};

static void collect(void *context, const uint8_t *at, size_t len)
{
	struct page *to = context;

	output_require(to->len + len <= sizeof to->at);
	memcpy(to->at + to->len, at, len);
	to->len += len;
}

static struct archive writing(struct page *to)
{
	to->len = 0;
	return (struct archive){.sink = collect, .sink_context = to};
}

/* What the type of record is read from and written to. */
union record {
	struct device device;
	struct attack attack;
	struct recall_entry recall;
	struct wire_hello hello;
	struct wire_counts counts;
	struct wire_round round;
	struct wire_flow flow;
};

static void numbers(enum wire_type type, struct archive *a, union record *r)
{
	switch (type) {
	case WIRE_HELLO:
		wire_hello(a, &r->hello);
		break;
	case WIRE_COUNTS:
		wire_counts(a, &r->counts);
		break;
	case WIRE_ROUND:
		wire_round(a, &r->round);
		break;
	default:
		wire_flow(a, &r->flow);
	}
}

static bool read_record(enum wire_type type, struct bytes body, struct arena *arena,
			union record *r)
{
	struct archive a = {.reading = true, .from = cursor_over(body)};

	memset(r, 0, sizeof *r);
	switch (type) {
	case WIRE_DEVICE:
		return wire_read_device(body, arena, &r->device);
	case WIRE_ATTACK:
		return wire_read_attack(body, arena, &r->attack);
	case WIRE_RECALL:
		return wire_read_recall(body, arena, &r->recall);
	default:
		numbers(type, &a, r);
		return !a.broken && cursor_left(&a.from) == 0;
	}
}

static void write_record(enum wire_type type, union record *r, struct page *to)
{
	struct archive a = writing(to);

	switch (type) {
	case WIRE_DEVICE:
		output_require(wire_write_device(&r->device, &a));
		break;
	case WIRE_ATTACK:
		output_require(wire_write_attack(&r->attack, &a));
		break;
	case WIRE_RECALL:
		output_require(wire_write_recall(&r->recall, &a));
		break;
	default:
		numbers(type, &a, r);
		archive_flush(&a);
	}
}

static void look_at(enum wire_type type, const union record *r)
{
	static const struct input input = {.path = "eth0"};
	struct judged j = {.version = "0", .knowledge = "k", .inputs = &input, .inputs_n = 1};
	struct text t = {0};
	struct eve v = {.judged = &j, .sensor = "lab", .now_ns = 1, .json = {&t, .compact = true}};
	enum verdict before = VERDICT_CLEAR;

	if (type == WIRE_DEVICE) {
		const struct device *d = &r->device;

		j.devices = d;
		j.devices_n = 1;
		eve_device(&v, d);
		eve_infection(&v, d, &before);
		for (size_t i = 0; i < d->exposures_n; i++)
			eve_exposure(&v, d, &d->exposures[i]);
		for (size_t i = 0; i < d->evidence_n; i++)
			eve_alert(&v, d, &d->evidence[i]);
	} else if (type == WIRE_ATTACK) {
		j.attacks = &r->attack;
		j.attacks_n = 1;
		eve_attack(&v, &r->attack, "begun");
	} else if (type == WIRE_RECALL) {
		j.recalls = &r->recall;
		j.recalls_n = 1;
	} else {
		return;
	}
	output_check_json(text_string(&t), t.len, true);
	output_check_letters(text_string(&t), t.len, false);
	outputs_check(&j, &t);
	text_fini(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct page first, second;
	static union record r, again;
	struct arena arena = {0};
	enum wire_type type;

	if (size == 0)
		return 0;
	type = (enum wire_type)(data[0] % 16);
	if (read_record(type, (struct bytes){data + 1, size - 1}, &arena, &r)) {
		look_at(type, &r);
		write_record(type, &r, &first);
		output_require(
			read_record(type, (struct bytes){first.at, first.len}, &arena, &again));
		write_record(type, &again, &second);
		output_require(first.len == second.len &&
			       memcmp(first.at, second.at, first.len) == 0);
	}
	arena_fini(&arena);
	return 0;
}
