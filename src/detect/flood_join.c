/* SPDX-License-Identifier: MIT */
/*
 * Joining what was counted of one target and vector in two summaries. Sums, bits, registers and firsts are exact. The
 * second in which the one ends and the other begins counts in two halves, so a peak may come out too small, never too
 * large. A majority vote keeps the winner of the two parts, with the votes that the other does not take from it.
 */
#include "detect/flood_join.h"
#include "base/hash.h"

#include <string.h>

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct flood_target *get_target(struct flood_lane *f, const struct flood_target *from)
{
	struct probe probe =
		slots_probe(&f->target_slots, hash_keyed(&from->addr, f->target_slots.seed));
	uint32_t at;

	while (slots_next(&f->target_slots, &probe, &at)) {
		if (addr_equal(&f->targets[at].addr, &from->addr))
			return &f->targets[at];
	}
	if (f->targets_n == f->targets_cap) {
		f->refused_targets++;
		return NULL;
	}
	f->targets[f->targets_n] =
		(struct flood_target){.addr = from->addr, .prefix_local = from->prefix_local};
	slots_put(&f->target_slots, &probe, f->targets_n);
	return &f->targets[f->targets_n++];
}

struct flood_target *flood_join_target(struct flood_lane *f, const struct flood_target *from)
{
	struct flood_target *t = get_target(f, from);

	if (t == NULL)
		return NULL;
	t->replies_udp += from->replies_udp;
	t->replies_tcp += from->replies_tcp;
	t->replies_icmp += from->replies_icmp;
	t->replies_other += from->replies_other;
	t->resets += from->resets;
	t->syns_sent += from->syns_sent;
	t->sent += from->sent;
	t->received += from->received;
	t->went_on += from->went_on;
	return t;
}

static void join_label(struct flood_record *r, const struct flood_record *from)
{
	if (r->label_hash == from->label_hash) {
		r->label_votes += from->label_votes;
		r->labelled += from->labelled;
		memcpy(r->label, from->label, sizeof r->label);
	} else if (from->label_votes > r->label_votes || r->labelled == 0) {
		r->label_votes = from->label_votes - r->label_votes;
		r->label_hash = from->label_hash;
		r->labelled = from->labelled;
		memcpy(r->label, from->label, sizeof r->label);
	} else {
		r->label_votes -= from->label_votes;
	}
}

static void join_shape(struct flood_shape *s, const struct flood_shape *from)
{
	s->judged += from->judged;
	s->orderly += from->orderly;
	s->same += from->same;
	s->seen += from->seen;
	s->installs += from->installs;
	for (int i = 0; i < 4; i++) {
		s->dports[i] |= from->dports[i];
		s->sports[i] |= from->sports[i];
	}
	if (s->port == from->port) {
		s->port_votes += from->port_votes;
		s->port_hits += from->port_hits;
	} else if (from->port_votes > s->port_votes || s->port_hits == 0) {
		s->port_votes = from->port_votes - s->port_votes;
		s->port = from->port;
		s->port_hits = from->port_hits;
	} else {
		s->port_votes -= from->port_votes;
	}
}

static void join_mac(struct flood_record *r, const struct flood_mac *from)
{
	int i = 0;

	while (i < r->macs_n && r->macs[i].mac != from->mac)
		i++;
	if (i == FLOOD_MACS || from->mac == NO_MAC)
		return;
	if (i == r->macs_n)
		r->macs[r->macs_n++] = (struct flood_mac){.mac = from->mac};
	r->macs[i].packets += from->packets;
	r->macs[i].false_source += from->false_source;
}

static void join_sources(struct flood_lane *f, struct flood_sources *s,
			 const struct flood_senders_from *from)
{
	if (from->sketched)
		sources_add_registers(s, &f->sources, from->registers);
	for (uint32_t i = 0; i < from->n; i++)
		sources_add(s, &f->sources, from->list[i]);
	s->refused |= from->refused && s->block == 0;
	for (int i = 0; i < 4; i++)
		s->bits[i] |= from->bits[i];
}

/* Names looked at are bits, amplifiers are counts. */
static void join_names(struct flood_record *r, const struct flood_record *from)
{
	for (int i = 0; i <= AMPLIFIERS_MAX; i++) {
		if (r->vector == FLOOD_DNS)
			r->names[i] |= from->names[i];
		else
			r->amplifiers[i] += from->amplifiers[i];
	}
	r->names_seen += from->names_seen;
	if (r->names_seen > FLOOD_NAMES)
		r->names_seen = FLOOD_NAMES;
}

static void join_sums(struct flood_record *r, const struct flood_record *from)
{
	r->packets += from->packets;
	r->bytes += from->bytes;
	r->hot_seconds += from->hot_seconds;
	r->tunnelled += from->tunnelled;
	r->answered += from->answered;
	r->raw += from->raw;
	r->from_ours += from->from_ours;
	r->random_names += from->random_names;
	r->empty += from->empty;
	r->lengths_same += from->lengths_same;
	r->peak = r->peak > from->peak ? r->peak : from->peak;
	r->peak_two = r->peak_two > from->peak_two ? r->peak_two : from->peak_two;
}

struct flood_record *flood_join_record(struct flood_lane *f, struct flood_target *t,
				       const struct flood_record *from,
				       const struct flood_senders_from *sources)
{
	struct flood_record *r = flood_record_of(f, t, from->vector, f->records_cap);
	bool first;

	if (r == NULL)
		return NULL;
	first = r->packets == 0;
	r->first_ns = first ? from->first_ns : earlier(r->first_ns, from->first_ns);
	r->last_ns = first ? from->last_ns : later(r->last_ns, from->last_ns);
	join_sums(r, from);
	rates_join(&r->rates, &from->rates);
	join_label(r, from);
	join_names(r, from);
	join_shape(&r->shape, &from->shape);
	for (unsigned i = 0; i < from->macs_n; i++)
		join_mac(r, &from->macs[i]);
	for (unsigned i = 0; i < from->keys_n; i++)
		keep_key(r->keys, &r->keys_n, from->keys[i]);
	join_sources(f, &r->sources, sources);
	return r;
}

static struct flood_sender *get_sender(struct flood_lane *f, uint32_t record,
				       const struct flood_sender *from)
{
	uint64_t hash = flood_sender_hash(f, &from->addr, record, from->mac);
	struct probe probe = slots_probe(&f->sender_slots, hash);
	uint32_t at;

	while (slots_next(&f->sender_slots, &probe, &at)) {
		struct flood_sender *s = &f->senders[at];

		if (s->record == record && s->mac == from->mac && addr_equal(&s->addr, &from->addr))
			return s;
	}
	if (f->senders_n == f->senders_cap) {
		f->refused_senders++;
		return NULL;
	}
	f->senders[f->senders_n] = (struct flood_sender){.addr = from->addr,
							 .record = record,
							 .mac = from->mac,
							 .hash = hash,
							 .first_ns = from->first_ns,
							 .last_ns = from->last_ns};
	slots_put(&f->sender_slots, &probe, f->senders_n);
	return &f->senders[f->senders_n++];
}

void flood_join_sender(struct flood_lane *f, const struct flood_record *r,
		       const struct flood_sender *from)
{
	struct flood_sender *s = get_sender(f, (uint32_t)(r - f->records), from);

	if (s == NULL)
		return;
	s->packets += from->packets;
	s->first_ns = earlier(s->first_ns, from->first_ns);
	s->last_ns = later(s->last_ns, from->last_ns);
	for (unsigned i = 0; i < from->keys_n && s->keys_n < FLOOD_SENDER_PACKETS; i++)
		s->keys[s->keys_n++] = from->keys[i];
}
