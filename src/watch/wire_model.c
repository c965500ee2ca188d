/* SPDX-License-Identifier: MIT */
/*
 * The judged model as messages: a device, an attack, a recall each. One function for a struct and both directions, so that
 * they can't disagree. Every list has a bound that is checked on both sides: what is longer is cut when it is written and
 * refused when it is read, since the process that writes has met strangers.
 */
#include "watch/wire.h"

#include <string.h>

enum {
	TEXT_MOST = 1500, /* bytes of one string */
	LIST_ADDRESSES = 64,
	LIST_CLAIMS = 128,
	LIST_EXPOSURES = 64,
	LIST_ACCESSES = 32,
	LIST_EVIDENCE = 32,
	LIST_PACKETS = 64,
	LIST_WORDS = 32,
	LIST_BINS = 256,
	LIST_HASHES = 1024,
	LIST_DEVICES = 1024,
	ELEMENT_MOST = sizeof(struct evidence) /* bytes of the largest element */
};

/* The archive, and where what is read comes to live. */
struct codec {
	struct archive *a;
	struct arena *arena;
};

static void text(struct codec *c, const char **s)
{
	bool there = *s != NULL;
	struct bytes b = {.at = NULL, .len = 0};

	archive_bool(c->a, &there);
	if (!c->a->reading && *s != NULL)
		b = (struct bytes){(const uint8_t *)*s, strlen(*s)};
	if (there)
		b = archive_text(c->a, b, TEXT_MOST);
	if (c->a->reading)
		*s = !there ? NULL : b.len == 0 ? "" : arena_bytes(c->arena, b.at, b.len);
}

/* One that is always there: of lists, and what writers of reports take for granted. */
static void word(struct codec *c, void *element)
{
	const char **s = element;

	text(c, s);
	archive_require(c->a, *s != NULL, "a word is missing");
}

/* The number of a list's elements, and when reading the room for them; false when there is nothing to do. */
static bool list(struct codec *c, const void **at, size_t *n, uint32_t most, size_t size)
{
	uint32_t count = (uint32_t)(*n < most ? *n : most);

	archive_u32(c->a, &count);
	archive_require(c->a, count <= most && count <= cursor_left(&c->a->from),
			"it lists more than there can be");
	if (c->a->broken)
		count = 0;
	if (c->a->reading) {
		*at = count > 0 ? arena_take(c->arena, count * size) : NULL;
		if (count > 0 && *at == NULL)
			count = 0;
		*n = count;
	}
	return count > 0;
}

/*
 * The elements of a list, one by one. The archive writes into what it is given in both directions, and elements are const
 * for all others: each is a copy.
 */
static const void *elements(struct codec *c, const void *at, size_t *n, uint32_t most, size_t size,
			    void (*each)(struct codec *c, void *element))
{
	_Alignas(max_align_t) uint8_t copy[ELEMENT_MOST];
	bool any = list(c, &at, n, most, size);

	for (size_t i = 0; any && i < *n && i < most; i++) {
		const uint8_t *from = (const uint8_t *)at + i * size;

		memcpy(copy, from, size);
		each(c, copy);
		if (c->a->reading)
			memcpy((void *)(uintptr_t)from, copy, size);
	}
	return at;
}

#define LIST(c, most, list, n, type, each)                                                         \
	((list) = elements((c), (list), &(n), (most), sizeof(type), (each)))

#define ENUM(c, field, least, most)                                                                \
	do {                                                                                       \
		uint8_t b_ = (uint8_t)(field);                                                     \
		archive_u8_within((c)->a, &b_, (least), (most));                                   \
		(field) = b_;                                                                      \
	} while (0)

static void where(struct codec *c, void *element)
{
	struct where *w = element;

	archive_u32(c->a, &w->input);
	archive_u64(c->a, &w->packet);
}

static void address(struct codec *c, void *element)
{
	struct addr *a = element;

	archive_addr(c->a, a);
}

static void seen(struct codec *c, void *element)
{
	struct seen *s = element;

	archive_i64(c->a, &s->first_ns);
	archive_i64(c->a, &s->last_ns);
}

static void mac(struct codec *c, void *element)
{
	struct mac *m = element;

	archive_bytes(c->a, m->b, sizeof m->b);
}

static void number(struct codec *c, void *element)
{
	uint32_t *v = element;

	archive_u32(c->a, v);
}

static void hash(struct codec *c, void *element)
{
	uint64_t *v = element;

	archive_u64(c->a, v);
}

static void stage(struct codec *c, void *element)
{
	enum stage *s = element;

	ENUM(c, *s, STAGE_NONE, STAGE_ATTACKING);
}

/* Reports reckon the time of each bin, and that of the one behind the last. */
static bool has_times(const struct series *s)
{
	int64_t length, end;

	return s->n == 0 ||
	       (s->step_ns > 0 && !__builtin_mul_overflow(s->step_ns, (int64_t)s->n + 1, &length) &&
		!__builtin_add_overflow(s->start_ns, length, &end));
}

static void series(struct codec *c, struct series *s)
{
	archive_i64(c->a, &s->start_ns);
	archive_i64(c->a, &s->step_ns);
	LIST(c, LIST_BINS, s->count, s->n, uint32_t, number);
	archive_require(c->a, has_times(s), "a row of counts is at no time");
}

static void evidence(struct codec *c, void *element)
{
	struct evidence *e = element;
	int32_t port = e->port;

	word(c, &e->detector);
	word(c, &e->code);
	archive_i64(c->a, &e->first_ns);
	archive_i64(c->a, &e->last_ns);
	archive_u64(c->a, &e->count);
	LIST(c, LIST_PACKETS, e->packets, e->packets_n, struct where, where);
	archive_addr(c->a, &e->sender);
	text(c, &e->peer);
	word(c, &e->text);
	stage(c, &e->stage);
	archive_bool(c->a, &e->inward);
	text(c, &e->role);
	archive_i32(c->a, &port);
	archive_require(c->a, port >= -1 && port <= UINT16_MAX, "a port is out of its range");
	e->port = port;
	archive_u16(c->a, &e->caller_port);
	text(c, &e->family);
	word(c, &e->weight);
	archive_require(c->a, e->packets_n > 0, "a finding cites no packet");
}

static void claim(struct codec *c, void *element)
{
	struct claim *v = element;

	word(c, &v->signal);
	word(c, &v->value);
	word(c, &v->says);
	where(c, &v->where);
	archive_bool(c->a, &v->against);
}

static void exposure(struct codec *c, void *element)
{
	struct exposure *e = element;

	ENUM(c, e->kind, EXPOSURE_FACTORY_PASSWORD, EXPOSURE_KINDS - 1);
	archive_bool(c->a, &e->inferred);
	text(c, &e->service);
	word(c, &e->detail);
	where(c, &e->where);
	archive_i64(c->a, &e->time_ns);
}

static void access_one(struct codec *c, void *element)
{
	struct access *a = element;

	word(c, &a->service);
	ENUM(c, a->kind, ACCESS_NONE, ACCESS_OWN);
	archive_bool(c->a, &a->unchangeable);
	where(c, &a->where);
	archive_i64(c->a, &a->time_ns);
}

static void optional_mac(struct codec *c, const struct mac **m)
{
	bool there = *m != NULL;
	struct mac copy = there ? **m : (struct mac){{0}};
	struct mac *room;

	archive_bool(c->a, &there);
	if (there)
		mac(c, &copy);
	if (!c->a->reading)
		return;
	room = there ? arena_take(c->arena, sizeof *room) : NULL;
	if (room != NULL)
		*room = copy;
	*m = room;
}

static void judgement(struct codec *c, struct device *d)
{
	ENUM(c, d->verdict, VERDICT_CLEAR, VERDICT_INFECTED);
	ENUM(c, d->confidence, CONFIDENCE_NONE, CONFIDENCE_SURE);
	text(c, &d->why);
	text(c, &d->since);
	LIST(c, LIST_WORDS, d->stages, d->stages_n, enum stage, stage);
	LIST(c, LIST_WORDS, d->families, d->families_n, const char *, word);
	LIST(c, LIST_EVIDENCE, d->evidence, d->evidence_n, struct evidence, evidence);
	LIST(c, LIST_WORDS, d->todo, d->todo_n, const char *, word);
	series(c, &d->rates);
}

static void profile(struct codec *c, struct device *d)
{
	text(c, &d->maker);
	text(c, &d->brand);
	text(c, &d->product);
	text(c, &d->model);
	text(c, &d->firmware);
	text(c, &d->built);
	LIST(c, LIST_CLAIMS, d->claims, d->claims_n, struct claim, claim);
	LIST(c, LIST_EXPOSURES, d->exposures, d->exposures_n, struct exposure, exposure);
	LIST(c, LIST_ACCESSES, d->accesses, d->accesses_n, struct access, access_one);
	archive_bool(c->a, &d->unfixable);
	archive_bool(c->a, &d->thing);
	archive_bool(c->a, &d->known);
	LIST(c, LIST_WORDS, d->undecided, d->undecided_n, const char *, word);
}

static void device(struct codec *c, struct device *d)
{
	size_t seen_n = d->addresses_seen != NULL ? d->addresses_n : 0;

	word(c, &d->id);
	archive_bool(c->a, &d->local);
	LIST(c, LIST_ADDRESSES, d->macs, d->macs_n, struct mac, mac);
	LIST(c, LIST_ADDRESSES, d->addresses, d->addresses_n, struct addr, address);
	LIST(c, LIST_ADDRESSES, d->addresses_seen, seen_n, struct seen, seen);
	archive_require(c->a, seen_n == 0 || seen_n == d->addresses_n,
			"times of addresses that it does not have");
	LIST(c, LIST_WORDS, d->names, d->names_n, const char *, word);
	text(c, &d->lease);
	optional_mac(c, &d->via);
	ENUM(c, d->backing, BACKING_ADDRESS, BACKING_PORT);
	archive_i64(c->a, &d->first_ns);
	archive_i64(c->a, &d->last_ns);
	archive_u64(c->a, &d->packets_out);
	archive_u64(c->a, &d->unicast_out);
	archive_bool(c->a, &d->two_way);
	archive_bool(c->a, &d->judged);
	profile(c, d);
	judgement(c, d);
	archive_require(c->a, d->id != NULL && d->id[0] != '\0', "a device has no id");
}

static void attack(struct codec *c, struct attack *v)
{
	int32_t port = v->port;

	ENUM(c, v->vector, VECTOR_UDP, VECTORS - 1);
	archive_addr(c->a, &v->target);
	archive_i32(c->a, &port);
	archive_require(c->a, port >= -1 && port <= UINT16_MAX, "a port is out of its range");
	v->port = port;
	ENUM(c, v->direction, DIRECTION_OUTBOUND, DIRECTION_TRANSIT);
	archive_i64(c->a, &v->first_ns);
	archive_i64(c->a, &v->last_ns);
	archive_u64(c->a, &v->packets);
	archive_u64(c->a, &v->bytes);
	archive_u64(c->a, &v->peak_pps);
	archive_u64(c->a, &v->sources);
	LIST(c, LIST_HASHES, v->source_hashes, v->source_hashes_n, uint64_t, hash);
	LIST(c, LIST_DEVICES, v->devices, v->devices_n, const char *, word);
	archive_bool(c->a, &v->spoofed);
	series(c, &v->rates);
	text(c, &v->detail);
	LIST(c, LIST_PACKETS, v->packet_list, v->packet_list_n, struct where, where);
}

static void recall(struct codec *c, struct recall_entry *r)
{
	word(c, &r->maker);
	word(c, &r->advisory);
	text(c, &r->action);
	LIST(c, LIST_DEVICES, r->devices, r->devices_n, const char *, word);
	LIST(c, LIST_DEVICES, r->undecided, r->undecided_n, const char *, word);
}

static bool written(struct archive *a)
{
	archive_flush(a);
	return a->written <= WIRE_MOST - 16;
}

/* The whole message was one record, and there was memory for it. */
static bool was_read(const struct archive *a, const struct arena *arena)
{
	return !a->broken && cursor_left(&a->from) == 0 && !arena->failed;
}

#define BOTH_WAYS(kind, type)                                                                      \
	bool wire_write_##kind(const struct type *from, struct archive *to)                        \
	{                                                                                          \
		struct type copy = *from;                                                          \
		struct codec c = {.a = to, .arena = NULL};                                         \
                                                                                                   \
		kind(&c, &copy);                                                                   \
		return written(to);                                                                \
	}                                                                                          \
	bool wire_read_##kind(struct bytes from, struct arena *arena, struct type *to)             \
	{                                                                                          \
		struct archive a = {.reading = true, .from = cursor_over(from)};                   \
		struct codec c = {.a = &a, .arena = arena};                                        \
                                                                                                   \
		*to = (struct type){0};                                                            \
		kind(&c, to);                                                                      \
		return was_read(&a, arena);                                                        \
	}

BOTH_WAYS(device, device)
BOTH_WAYS(attack, attack)
BOTH_WAYS(recall, recall_entry)
