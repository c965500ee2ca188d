/* SPDX-License-Identifier: MIT */
/*
 * From records to attacks. Direction is judged by the majority of packets: those from our side against the rest, and
 * whether the target is ours.
 */
#include "verdict/attacks.h"
#include "base/hash.h"
#include "base/timespan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum vector report_vector(const struct flood_record *r, enum flood_kind kind)
{
	static const enum vector vectors[FLOOD_VECTORS] = {
		[FLOOD_UDP] = VECTOR_UDP,	    [FLOOD_SYN] = VECTOR_SYN,
		[FLOOD_ACK] = VECTOR_ACK,	    [FLOOD_VSE] = VECTOR_VSE,
		[FLOOD_GRE_IP] = VECTOR_GRE_IP,	    [FLOOD_GRE_ETH] = VECTOR_GRE_ETH,
		[FLOOD_DNS] = VECTOR_DNS,	    [FLOOD_HTTP] = VECTOR_HTTP,
		[FLOOD_ICMP] = VECTOR_ICMP,	    [FLOOD_AMPLIFICATION] = VECTOR_AMPLIFICATION,
		[FLOOD_FRAGMENT] = VECTOR_FRAGMENT,
	};

	return kind == FLOOD_IS_STOMP ? VECTOR_STOMP : vectors[r->vector];
}

static struct attack_case *add_case(struct attacks *a)
{
	if (a->n == a->cap) {
		size_t cap = a->cap == 0 ? 16 : a->cap * 2;
		struct attack_case *list = realloc(a->list, cap * sizeof *list);

		if (list == NULL) {
			a->failed = true;
			return NULL;
		}
		a->list = list;
		a->cap = cap;
	}
	a->list[a->n] = (struct attack_case){0};
	return &a->list[a->n++];
}

void attacks_drop(struct attacks *a, int64_t since_ns)
{
	for (size_t i = 0; i < a->n; i++)
		a->list[i].suppressed |= a->list[i].record->last_ns < since_ns;
}

void attacks_fini(struct attacks *a)
{
	free(a->list);
	*a = (struct attacks){0};
}

/* A UDP flood from random ports hits an amplifier's port now and then: these packets are its own. */
static void add_chance_amplifiers(struct attack_case *c)
{
	uint32_t other = c->lane->targets[c->record->target].record[FLOOD_AMPLIFICATION];
	const struct flood_record *r;

	if (c->record->vector != FLOOD_UDP || other == 0)
		return;
	r = &c->lane->records[other - 1];
	if (r->packets * 100 < c->record->packets) {
		c->packets += r->packets;
		c->bytes += r->bytes;
	}
}

static void find_cases(struct attacks *a, const struct lanes *lanes, const struct knowledge *k)
{
	for (int l = 0; l < LANES; l++) {
		const struct flood_lane *f = flood_lane_of(&lanes->lane[l]);

		for (uint32_t i = 0; i < f->records_n; i++) {
			const struct flood_record *r = &f->records[i];
			enum flood_kind kind = flood_judge(f, r, &k->limits);
			struct attack_case *c = kind == FLOOD_IS_NONE ? NULL : add_case(a);

			if (c == NULL)
				continue;
			c->record = r;
			c->lane = f;
			c->target = f->targets[r->target].addr;
			c->packets = r->packets;
			c->bytes = r->bytes;
			add_chance_amplifiers(c);
			c->vector = report_vector(r, kind);
		}
	}
}

/* Packets of MACs that forge their senders. */
static uint64_t forged_by_ours(const struct flood_record *r, const struct world *w)
{
	uint64_t packets = 0;

	for (int i = 0; i < r->macs_n; i++) {
		if (world_is_spoofer(&w->macs[r->macs[i].mac], w->limits))
			packets += r->macs[i].packets;
	}
	return packets;
}

/* A router's own Internet address sends, as seen from outside. */
static bool is_from_wan_device(const struct attack_case *c, const struct devices *d)
{
	uint64_t hash = hash_addr(&d->wan_addr);
	const struct flood_sources *s = &c->record->sources;

	if (!d->wan || s->block != 0 || s->n > 2)
		return false;
	for (uint32_t i = 0; i < s->n; i++) {
		if (s->first[i] == hash)
			return true;
	}
	return false;
}

static bool is_many_ones(const struct attack_case *c, const struct limits *limits)
{
	uint64_t sources = sources_count(&c->record->sources, &c->lane->sources);

	if (c->vector == VECTOR_AMPLIFICATION || c->vector == VECTOR_HTTP ||
	    c->vector == VECTOR_STOMP)
		return false;
	return sources >= (uint64_t)limits->flood_one_each_sources &&
	       c->record->packets < sources * (uint64_t)limits->flood_one_each_packets;
}

/* Packets of senders that turned out to be ours. */
static uint64_t packets_of_ours(const struct attack_case *c, const struct devices *d,
				const struct world *w)
{
	uint32_t record = (uint32_t)(c->record - c->lane->records);
	uint64_t packets = 0;

	for (uint32_t i = 0; i < c->lane->senders_n; i++) {
		const struct flood_sender *s = &c->lane->senders[i];
		const struct binding *b;

		if (s->record != record)
			continue;
		b = addr_is_zero(&s->addr) ? NULL : world_find(w, &s->addr, s->mac);
		if (addr_is_zero(&s->addr) || (b != NULL && d->of_bind[b - w->binds] != 0))
			packets += s->packets;
	}
	return packets;
}

static void find_direction(struct attack_case *c, const struct devices *d, const struct world *w)
{
	uint64_t forged = forged_by_ours(c->record, w);
	bool by_ours = packets_of_ours(c, d, w) * 2 > c->record->packets ||
		       forged * 2 > c->record->packets || is_from_wan_device(c, d);
	bool at_ours = devices_is_local(d, w, &c->target);

	/* Link-scope targets are hit from the link. */
	if (addr_is_multicast(&c->target))
		by_ours = at_ours = true;
	if (by_ours)
		c->direction = at_ours ? DIRECTION_INTERNAL : DIRECTION_OUTBOUND;
	else
		c->direction = at_ours ? DIRECTION_INBOUND : DIRECTION_TRANSIT;
	c->spoofed = by_ours ? forged * 2 > c->record->packets : is_many_ones(c, w->limits);
}

static bool overlaps(const struct flood_record *a, const struct flood_record *b)
{
	return a->first_ns <= b->last_ns && b->first_ns <= a->last_ns;
}

static bool is_gre(const struct attack_case *c)
{
	return c->vector == VECTOR_GRE_IP || c->vector == VECTOR_GRE_ETH;
}

/* What a GRE flood carries inside is no second attack. */
static bool is_inside_gre(const struct attacks *a, const struct attack_case *c)
{
	if (c->record->tunnelled * 2 <= c->record->packets)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (is_gre(&a->list[i]) && overlaps(a->list[i].record, c->record))
			return true;
	}
	return false;
}

/* A little of another vector beside a big one at the same target belongs to it: retries, errors, probes. */
static bool is_small_beside(const struct attacks *a, const struct attack_case *c,
			    const struct limits *limits)
{
	uint64_t together = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (addr_equal(&a->list[i].target, &c->target))
			together += a->list[i].record->packets;
	}
	return c->record->packets * 100 < together * (uint64_t)limits->flood_share_percent;
}

/* A resolver passes a random-name flood on: it is hit by the same, and no bot for it. */
static bool is_forwarder(const struct attacks *a, const struct attack_case *c,
			 const struct addr *sender)
{
	if (c->vector != VECTOR_DNS)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->list[i].vector == VECTOR_DNS && addr_equal(&a->list[i].target, sender))
			return true;
	}
	return false;
}

static bool takes_part(const struct attack_case *c, uint64_t packets, const struct limits *limits)
{
	uint64_t least =
		(uint64_t)(flood_least_rate(c->record->vector, limits) * limits->flood_seconds / 5);

	return packets * 100 >= c->record->packets * (uint64_t)limits->flood_part_percent ||
	       packets >= least;
}

static void add_participant(struct attack_case *c, const struct addr *addr, uint16_t mac,
			    struct arena *arena)
{
	struct participant *grown = arena_take(arena, (c->participants_n + 1) * sizeof *grown);

	if (grown == NULL)
		return;
	if (c->participants_n > 0)
		memcpy(grown, c->participants, c->participants_n * sizeof *grown);
	grown[c->participants_n] = (struct participant){.addr = *addr, .mac = mac};
	c->participants = grown;
	c->participants_n++;
}

static void write_text(const struct attack_case *c, uint64_t packets, bool forged, char *text,
		       size_t size)
{
	char target[ADDR_TEXT_MAX];

	snprintf(text, size, "%s %s (%s): %llu packets, up to %u a second%s",
		 c->vector == VECTOR_AMPLIFICATION ? "answers forged requests and so floods"
						   : "floods",
		 addr_text(&c->target, target), vector_words[c->vector],
		 (unsigned long long)packets, c->record->peak,
		 forged ? ", under forged senders" : "");
}

static struct finding *accuse(struct attack_case *c, const struct addr *addr, uint16_t mac,
			      uint64_t packets, bool forged, struct arena *arena,
			      struct findings *out)
{
	struct finding *f = findings_add(out);

	if (f == NULL)
		return NULL;
	add_participant(c, addr, mac, arena);
	f->detector = detector_flood.name;
	f->code = detector_flood.code;
	f->addr = *addr;
	f->mac = mac;
	/* A reflector is abused through an open service; it runs nobody's program. */
	f->weight = c->vector == VECTOR_AMPLIFICATION ? WEIGHT_NOTE : WEIGHT_PROOF;
	f->act = c->vector == VECTOR_AMPLIFICATION ? ACT_NONE : ACT_ATTACKING;
	f->strong = c->vector == VECTOR_GRE_IP || c->vector == VECTOR_GRE_ETH;
	f->has_peer = true;
	f->peer = c->target;
	f->count = packets;
	f->first_ns = c->record->first_ns;
	f->last_ns = c->record->last_ns;
	f->keys_n = c->record->keys_n;
	memcpy(f->keys, c->record->keys, sizeof f->keys);
	write_text(c, packets, forged, f->text, FINDING_TEXT);
	return f;
}

/* Who forges senders is accused once, by the MAC. */
static bool is_forger(const struct world *w, uint16_t mac)
{
	return mac != NO_MAC && world_is_spoofer(&w->macs[mac], w->limits);
}

static void accuse_senders(struct attacks *a, struct attack_case *c, const struct world *w,
			   struct arena *arena, struct findings *out)
{
	uint32_t record = (uint32_t)(c->record - c->lane->records);

	for (uint32_t i = 0; i < c->lane->senders_n; i++) {
		const struct flood_sender *s = &c->lane->senders[i];
		struct finding *f;

		if (s->record != record || is_forger(w, s->mac) ||
		    !takes_part(c, s->packets, w->limits) || is_forwarder(a, c, &s->addr))
			continue;
		f = accuse(c, &s->addr, s->mac, s->packets, addr_is_zero(&s->addr), arena, out);
		if (f == NULL)
			return;
		f->first_ns = s->first_ns;
		f->last_ns = s->last_ns;
		f->keys_n = s->keys_n;
		memcpy(f->keys, s->keys, sizeof s->keys);
	}
}

static void accuse_spoofers(struct attack_case *c, const struct world *w, struct arena *arena,
			    struct findings *out)
{
	const struct addr none = {{0}};

	for (int i = 0; i < c->record->macs_n; i++) {
		const struct flood_mac *m = &c->record->macs[i];

		if (world_is_spoofer(&w->macs[m->mac], w->limits) &&
		    takes_part(c, m->packets, w->limits))
			accuse(c, &none, m->mac, m->packets, true, arena, out);
	}
}

static void find_participants(struct attacks *a, struct attack_case *c, const struct devices *d,
			      const struct world *w, struct arena *arena, struct findings *out)
{
	if (c->direction != DIRECTION_OUTBOUND && c->direction != DIRECTION_INTERNAL)
		return;
	if (is_from_wan_device(c, d)) {
		uint16_t mac = c->record->macs_n > 0 ? c->record->macs[0].mac : NO_MAC;

		accuse(c, &d->wan_addr, mac, c->record->packets, false, arena, out);
		return;
	}
	accuse_senders(a, c, w, arena, out);
	accuse_spoofers(c, w, arena, out);
}

void attacks_find(struct attacks *a, const struct lanes *lanes, const struct devices *devices,
		  const struct world *w, const struct knowledge *k, struct arena *arena,
		  struct findings *out)
{
	find_cases(a, lanes, k);
	for (size_t i = 0; i < a->n; i++)
		find_direction(&a->list[i], devices, w);
	for (size_t i = 0; i < a->n; i++)
		a->list[i].suppressed = is_inside_gre(a, &a->list[i]) ||
					is_small_beside(a, &a->list[i], &k->limits);
	for (size_t i = 0; i < a->n; i++) {
		if (!a->list[i].suppressed)
			find_participants(a, &a->list[i], devices, w, arena, out);
	}
}
