/* SPDX-License-Identifier: MIT */
/*
 * The flood detector: counts per target and vector what the gate admits. It convicts nobody by itself; flood_judge
 * says which records are attacks, and reduce finds out who took part.
 *
 * What looks the same and is none: streaming video (25 Mbit/s one way), backups, speed tests, NFS, games, resolvers,
 * port scans of an administrator. The shape of the traffic and what comes back tell them apart; each has a test.
 *
 * Full: a target or record that finds no room is refused and counted. Senders on our side have a table of their own, so strangers can't push them out.
 */
#include "detect/flood.h"
#include "base/hash.h"
#include "base/timespan.h"
#include "proto/dns.h"

#include <errno.h>
#include <string.h>

#define REPLAY_GAP_NS (50 * NS_PER_MS)

static struct flood_target *find_target(struct flood_lane *f, const struct addr *a, uint64_t hash)
{
	struct probe probe = slots_probe(&f->target_slots, hash);
	uint32_t at = f->last_target;

	if (addr_equal(&f->targets[at].addr, a))
		return &f->targets[at];
	while (slots_next(&f->target_slots, &probe, &at)) {
		if (addr_equal(&f->targets[at].addr, a)) {
			f->last_target = at;
			return &f->targets[at];
		}
	}
	return NULL;
}

static void note_second(struct flood_record *r, uint32_t second, int64_t least)
{
	if (second != r->second) {
		r->in_last = second == r->second + 1 ? r->in_second : 0;
		if (r->second != UINT32_MAX)
			rates_add(&r->rates, r->second, r->in_second);
		r->second = second;
		r->in_second = 0;
	}
	r->in_second++;
	if (r->in_second > r->peak)
		r->peak = r->in_second;
	if (r->in_second + r->in_last > r->peak_two)
		r->peak_two = r->in_second + r->in_last;
	if (r->in_second == least)
		r->hot_seconds++;
}

static void note_mac(struct flood_record *r, const struct gate_seen *seen)
{
	bool foreign = (seen->flags & STAMP_SRC_OURS) == 0;
	int i;

	if (seen->src_mac == NO_MAC)
		return;
	for (i = 0; i < r->macs_n && r->macs[i].mac != seen->src_mac; i++)
		;
	if (i == FLOOD_MACS)
		return;
	if (i == r->macs_n)
		r->macs[r->macs_n++].mac = seen->src_mac;
	r->macs[i].packets++;
	r->macs[i].false_source += foreign;
}

static struct flood_sender *sender_of(struct flood_lane *f, uint32_t record,
				      const struct gate_seen *seen)
{
	struct flood_sender *last = &f->senders[f->last_sender];
	struct probe probe;
	uint64_t hash;
	uint32_t at;

	if (f->senders_n > 0 && last->record == record && last->mac == seen->src_mac &&
	    addr_equal(&last->addr, &seen->actor))
		return last;
	hash = flood_sender_hash(f, &seen->actor, record, seen->src_mac);
	probe = slots_probe(&f->sender_slots, hash);

	while (slots_next(&f->sender_slots, &probe, &at)) {
		struct flood_sender *s = &f->senders[at];

		if (s->hash == hash && s->record == record && s->mac == seen->src_mac &&
		    addr_equal(&s->addr, &seen->actor)) {
			f->last_sender = at;
			return s;
		}
	}
	if (f->senders_n == f->senders_cap) {
		f->refused_senders++;
		return NULL;
	}
	f->senders[f->senders_n] = (struct flood_sender){.addr = seen->actor,
							 .record = record,
							 .mac = seen->src_mac,
							 .hash = hash,
							 .first_ns = seen->time_ns};
	slots_put(&f->sender_slots, &probe, f->senders_n);
	return &f->senders[f->senders_n++];
}

static void note_sender(struct flood_lane *f, struct flood_record *r, const struct gate_seen *seen)
{
	struct flood_sender *s;

	if ((seen->flags & STAMP_SENDER) == 0 ||
	    ((seen->flags & STAMP_SRC_OURS) == 0 && (seen->flags & STAMP_BELIEVED) != 0))
		return;
	r->from_ours++;
	s = sender_of(f, (uint32_t)(r - f->records), seen);
	if (s == NULL)
		return;
	s->packets++;
	s->last_ns = seen->time_ns;
	if (s->keys_n < FLOOD_SENDER_PACKETS)
		s->keys[s->keys_n++] = seen->key;
}

/* What every packet counts, from before the admission or after. */
static void note_seen(struct flood_lane *f, struct flood_record *r, const struct gate_seen *seen,
		      const struct limits *limits)
{
	if (r->packets++ == 0)
		r->first_ns = seen->time_ns;
	r->last_ns = seen->time_ns;
	r->bytes += seen->bytes;
	note_second(r, seen->second, flood_least_rate(seen->vector, limits));
	note_mac(r, seen);
	note_sender(f, r, seen);
	sources_add(&r->sources, &f->sources, seen->source);
	keep_key(r->keys, &r->keys_n, seen->key);
}

/* A quarter of the tables is kept for what our side sends: strangers must not hide our own bots. */
static uint32_t with_reserve(uint32_t cap, bool ours)
{
	return ours ? cap : cap - cap / 4;
}

struct flood_record *flood_record_of(struct flood_lane *f, struct flood_target *t, uint8_t vector,
				     uint32_t cap)
{
	struct flood_record *r;

	if (t->record[vector] != 0)
		return &f->records[t->record[vector] - 1];
	if (f->records_n >= cap) {
		f->refused_targets++;
		return NULL;
	}
	r = &f->records[f->records_n];
	memset(r, 0, sizeof *r);
	r->target = (uint32_t)(t - f->targets);
	r->vector = vector;
	r->second = UINT32_MAX;
	t->record[vector] = ++f->records_n;
	return r;
}

static struct flood_record *record_of(struct flood_lane *f, struct flood_target *t, uint8_t vector,
				      bool ours)
{
	return flood_record_of(f, t, vector, with_reserve(f->records_cap, ours));
}

/* Majority vote (Boyer & Moore, 1981) over zones or request lines. */
static void vote_label(struct flood_record *r, struct bytes label)
{
	uint64_t hash = 1;

	for (size_t i = 0; i < label.len; i++)
		hash = hash_more(hash, label.at[i]);
	if (r->label_votes == 0) {
		size_t n = label.len < FLOOD_LABEL - 1 ? label.len : FLOOD_LABEL - 1;

		r->label_hash = hash;
		r->labelled = 0;
		if (n > 0)
			memcpy(r->label, label.at, n);
		r->label[n] = '\0';
	}
	r->label_votes += r->label_hash == hash ? 1 : -1;
	r->labelled += r->label_hash == hash;
}

static void note_name(struct flood_record *r, const char *name)
{
	uint64_t hash = 1;

	if (r->names_seen == FLOOD_NAMES)
		return;
	for (; *name != '\0'; name++)
		hash = hash_more(hash, (uint8_t)*name);
	hash %= sizeof r->names * 8;
	r->names[hash / 64] |= UINT64_C(1) << hash % 64;
	r->names_seen++;
}

static void note_dns(struct flood_record *r, const struct packet *p)
{
	struct dns_question q;
	const char *zone;

	if (!dns_read_question(packet_payload(p), &q))
		return;
	r->random_names += dns_first_label_is_random(&q);
	note_name(r, q.name);
	zone = dns_zone(&q);
	vote_label(r, (struct bytes){(const uint8_t *)zone, strlen(zone)});
}

static void note_http(struct flood_record *r, const struct packet *p)
{
	struct bytes payload = packet_payload(p);
	const uint8_t *end = memchr(payload.at, '\r', payload.len);

	vote_label(r, (struct bytes){payload.at,
				     end == NULL ? payload.len : (size_t)(end - payload.at)});
}

/* The published hash of the source: the actor's, unless the packet is laid to its MAC. */
static uint64_t source_hash(const struct stamp *s)
{
	return (s->flags & STAMP_BELIEVED) != 0 ? s->actor_hash : hash_addr(&s->packet->src);
}

/* By the published hashes of both. */
static uint64_t conversation(uint64_t target, uint64_t source, uint16_t target_port,
			     uint16_t source_port)
{
	return hash_more(target ^ hash_mix(source), (uint64_t)target_port << 16 | source_port) | 1;
}

/* What needs the packet itself. */
static void note_packet(struct flood_lane *f, struct flood_record *r, const struct stamp *s,
			unsigned amplifier)
{
	const struct packet *p = s->packet;
	uint64_t source = source_hash(s);

	/* Of a tunnel, the shape of what is inside tells. */
	if (p->proto != PROTO_GRE)
		shape_add(&r->shape, p, source);
	else if ((p->flags & PACKET_OUTER) != 0)
		shape_add(&r->shape, p + 1, hash_addr(&p[1].src));
	r->lengths_same += r->packets > 1 && r->last_length == p->ip_len;
	r->last_length = p->ip_len;
	r->tunnelled += (p->flags & PACKET_INNER) != 0;
	switch (r->vector) {
	case FLOOD_SYN:
		r->raw += p->tcp_options == 0 || (p->window == 0 && p->tcp_options > 0);
		break;
	case FLOOD_ACK: {
		uint64_t tag = conversation(s->target_hash, source, p->dport, p->sport);

		r->answered += f->answered[tag % FLOOD_ANSWERED] == tag;
		r->empty += p->payload_wire == 0;
		break;
	}
	case FLOOD_DNS:
		note_dns(r, p);
		break;
	case FLOOD_HTTP:
		note_http(r, p);
		break;
	case FLOOD_AMPLIFICATION:
		r->amplifiers[amplifier]++;
		break;
	default:
		break;
	}
}

/*
 * How far back the replay goes, in entries of the ring: all of this second, and before that as long as packets to the
 * target follow each other closely, since a flood does not begin with the second.
 */
static int replay_depth(const struct flood_lane *f, uint64_t hash, int64_t second, int64_t now_ns)
{
	int depth = 0;

	for (int i = 1; i <= GATE_RING; i++) {
		const struct gate_seen *seen =
			&f->gate.ring[(f->gate.head + GATE_RING - i) % GATE_RING];

		if (seen->key == 0 || seen->target != hash)
			continue;
		if (seen->second != (uint32_t)second &&
		    !time_is_within(seen->time_ns, now_ns, REPLAY_GAP_NS))
			break;
		now_ns = seen->time_ns;
		depth = i;
	}
	return depth;
}

/* Gives a new target what the ring still has of it, oldest first. */
static void replay(struct flood_lane *f, struct flood_target *t, const struct stamp *s,
		   const struct limits *limits)
{
	uint64_t hash = s->target_hash;

	for (int i = replay_depth(f, hash, s->second, s->packet->time_ns); i > 0; i--) {
		const struct gate_seen *seen =
			&f->gate.ring[(f->gate.head + GATE_RING - i) % GATE_RING];
		struct flood_record *r;

		if (seen->target != hash)
			continue;
		r = record_of(f, t, seen->vector, stamp_is_ours(s));
		if (r == NULL)
			continue;
		note_seen(f, r, seen, limits);
		shape_add_ports(&r->shape, seen->sport, seen->dport);
	}
}

static struct flood_target *admit(struct flood_lane *f, const struct stamp *s,
				  const struct limits *limits)
{
	struct probe probe = slots_probe(&f->target_slots, s->target_key);
	struct flood_target *t;
	uint32_t at;

	if (f->targets_n >= with_reserve(f->targets_cap, stamp_is_ours(s))) {
		f->refused_targets++;
		return NULL;
	}
	while (slots_next(&f->target_slots, &probe, &at))
		;
	t = &f->targets[f->targets_n];
	*t = (struct flood_target){.addr = s->packet->dst,
				   .prefix_local = (s->flags & STAMP_DST_LOCAL) != 0};
	slots_put(&f->target_slots, &probe, f->targets_n++);
	replay(f, t, s, limits);
	return t;
}

static inline void digest(struct gate_seen *seen, const struct stamp *s, uint8_t vector)
{
	const struct packet *p = s->packet;

	*seen = (struct gate_seen){.target = s->target_hash,
				   .source = source_hash(s),
				   .key = p->key,
				   .time_ns = p->time_ns,
				   .second = (uint32_t)s->second,
				   .actor = s->actor,
				   .bytes = p->wire_len > UINT16_MAX ? UINT16_MAX
								     : (uint16_t)p->wire_len,
				   .src_mac = s->src_mac,
				   .sport = p->sport,
				   .dport = p->dport,
				   .vector = vector,
				   .flags = s->flags};
}

/* A packet to a target that is counted. Apart, so that what every packet does stays short. */
static __attribute__((noinline)) void count_packet(struct lane *lane, struct flood_target *t,
						   const struct stamp *s, enum flood_vector vector,
						   unsigned amplifier)
{
	struct flood_lane *f = flood_lane_of(lane);
	struct flood_record *r;
	struct gate_seen seen;

	t->received++;
	t->went_on += s->kind == KIND_TCP;
	digest(&seen, s, (uint8_t)vector);
	r = record_of(f, t, (uint8_t)vector, stamp_is_ours(s));
	if (r == NULL)
		return;
	note_seen(f, r, &seen, &lane->knowledge->limits);
	note_packet(f, r, s, amplifier);
}

static __attribute__((noinline)) struct flood_target *
admitted(struct lane *lane, const struct stamp *s, uint32_t count)
{
	const struct limits *limits = &lane->knowledge->limits;
	struct flood_lane *f = flood_lane_of(lane);
	struct flood_target *t = find_target(f, &s->packet->dst, s->target_key);

	return t == NULL && count >= limits->flood_admit_pps ? admit(f, s, limits) : t;
}

static inline void flood_to(struct lane *lane, struct flood_lane *f, const struct stamp *s)
{
	unsigned amplifier = 0;
	enum flood_vector vector = flood_vector_of(s, lane->knowledge, &amplifier);
	struct flood_target *t = NULL;
	uint32_t count;

	if (vector == FLOOD_NONE)
		return;
	count = gate_count(&f->gate, s->target_hash, s->second);
	if (f->targets_n > 0 || count >= lane->knowledge->limits.flood_admit_pps)
		t = admitted(lane, s, count);
	if (t != NULL)
		count_packet(lane, t, s, vector, amplifier);
	else
		digest(gate_next(&f->gate), s, (uint8_t)vector);
}

static bool is_syn_ack(const struct packet *p)
{
	return (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
}

static void note_answered(struct flood_lane *f, const struct stamp *s)
{
	const struct packet *p = s->packet;
	uint64_t tag = conversation(source_hash(s), s->target_hash, p->sport, p->dport);

	f->answered[tag % FLOOD_ANSWERED] = tag;
}

/* What a target sends itself. */
static __attribute__((noinline)) void flood_from(struct flood_lane *f, const struct stamp *s)
{
	struct flood_target *t = find_target(f, &s->actor, s->actor_key);

	if (t == NULL)
		return;
	t->sent++;
	if (s->kind == KIND_SYN)
		t->syns_sent++;
	else if (s->kind == KIND_ANSWER && !is_syn_ack(s->packet))
		t->resets++;
	else if (s->kind == KIND_ANSWER || s->kind == KIND_TCP)
		t->replies_tcp++;
	else if (s->kind == KIND_UDP)
		t->replies_udp++;
	else if (s->kind == KIND_ICMP)
		t->replies_icmp++;
	else
		t->replies_other++;
}

static void flood_passing(struct lane *const lanes[LANES], const struct stamp *stamps, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct stamp *s = &stamps[i];
		struct lane *from = lanes[s->actor_lane], *to = lanes[s->target_lane];

		if (from != NULL && (s->flags & STAMP_SENDER) != 0) {
			struct flood_lane *f = flood_lane_of(from);

			if (s->kind == KIND_ANSWER && is_syn_ack(s->packet))
				note_answered(f, s);
			if (f->targets_n > 0)
				flood_from(f, s);
		}
		if (to != NULL && (s->flags & STAMP_TARGET) != 0)
			flood_to(to, flood_lane_of(to), s);
	}
}

enum { SOURCES_LEAST = 2 /* blocks a lane has in the smallest engine */ };

static uint32_t part(size_t bytes, unsigned percent, size_t cost)
{
	return (uint32_t)(bytes / 100 * percent / cost);
}

/* Where one lane's part of a table begins that was taken for all. */
#define PART_OF(all, lane, cap) ((all) + (size_t)(lane) * (cap))

/* Tables of all lanes, each as one block, lane after lane. */
struct flood_tables {
	struct flood_lane *lanes;
	uint64_t *target_words;
	uint64_t *sender_words;
	struct gate_cell *cells;
	struct gate_seen *ring;
	uint64_t *answered;
	struct flood_target *targets;
	struct flood_record *records;
	struct flood_sender *senders;
	uint64_t *blocks;
};

static void plan(struct flood_lane *f, size_t share)
{
	size_t fixed = sizeof *f + GATE_CELLS * sizeof(struct gate_cell) +
		       GATE_RING * sizeof(struct gate_seen) + FLOOD_ANSWERED * sizeof(uint64_t) +
		       1024;
	size_t rest = share > fixed ? share - fixed : 0;

	f->targets_cap = part(rest, 6, sizeof *f->targets + 64);
	f->records_cap = part(rest, 38, sizeof *f->records);
	f->senders_cap = part(rest, 18, sizeof *f->senders + 64);
	f->sources.cap = part(rest, 36, SOURCES_BLOCK_BYTES);
	if (f->sources.cap < SOURCES_LEAST)
		f->sources.cap = SOURCES_LEAST;
}

static bool take_tables(struct flood_tables *t, const struct flood_lane *f, struct budget *b)
{
	t->lanes = budget_take(b, "flood lanes", LANES, sizeof *t->lanes);
	t->cells = budget_take(b, "target sketch", LANES * GATE_CELLS, sizeof *t->cells);
	t->ring = budget_take(b, "target ring", LANES * GATE_RING, sizeof *t->ring);
	t->answered = budget_take(b, "answered", LANES * FLOOD_ANSWERED, sizeof *t->answered);
	t->target_words = budget_take(b, "flood index", LANES * slots_words(f->targets_cap), 8);
	t->sender_words = budget_take(b, "flood index", LANES * slots_words(f->senders_cap), 8);
	t->targets = budget_take(b, "flood targets", LANES * f->targets_cap, sizeof *t->targets);
	t->records = budget_take(b, "flood records", LANES * f->records_cap, sizeof *t->records);
	t->senders = budget_take(b, "flood senders", LANES * f->senders_cap, sizeof *t->senders);
	t->blocks = budget_take(b, "flood sources", LANES * f->sources.cap, SOURCES_BLOCK_BYTES);
	return t->lanes != NULL && t->cells != NULL && t->ring != NULL && t->answered != NULL &&
	       t->target_words != NULL && t->sender_words != NULL && t->targets != NULL &&
	       t->records != NULL && t->senders != NULL && t->blocks != NULL;
}

static void place(struct flood_lane *f, const struct flood_tables *t, int i, uint64_t seed)
{
	uint32_t target_words = slots_words(f->targets_cap);
	uint32_t sender_words = slots_words(f->senders_cap);

	f->gate.cells = PART_OF(t->cells, i, GATE_CELLS);
	f->gate.ring = PART_OF(t->ring, i, GATE_RING);
	f->answered = PART_OF(t->answered, i, FLOOD_ANSWERED);
	f->targets = PART_OF(t->targets, i, f->targets_cap);
	f->records = PART_OF(t->records, i, f->records_cap);
	f->senders = PART_OF(t->senders, i, f->senders_cap);
	f->sources.blocks = PART_OF(t->blocks, i, f->sources.cap * SOURCES_CELLS);
	slots_init(&f->target_slots, stripe_alone(PART_OF(t->target_words, i, target_words), 8),
		   target_words, seed);
	slots_init(&f->sender_slots, stripe_alone(PART_OF(t->sender_words, i, sender_words), 8),
		   sender_words, seed);
}

static int flood_prepare(struct lane lanes[LANES], struct budget *budget, size_t share)
{
	struct flood_tables tables;
	struct flood_lane caps = {0};

	plan(&caps, share);
	if (!take_tables(&tables, &caps, budget))
		return -ENOMEM;
	for (int i = 0; i < LANES; i++) {
		struct flood_lane *f = &tables.lanes[i];

		*f = caps;
		place(f, &tables, i, lanes[i].hosts.slots.seed);
		lanes[i].own[DETECTOR_flood] = f;
		lanes[i].ahead = (const char *)f->gate.cells;
	}
	return 0;
}

const struct detector detector_flood = {
	.name = "flood",
	.code = "C-0004",
	.summary = "packet floods, by target and vector",
	.slot = -1,
	.share = 40,
	.prepare = flood_prepare,
	.passing = flood_passing,
};
