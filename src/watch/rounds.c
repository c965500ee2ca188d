/* SPDX-License-Identifier: MIT */
/*
 * Encodes each device, attack and recall, and sends those whose encoding changed. What only counts on - packets sent, last
 * times, how often a sign was seen - makes another digest than what matters, and is told seldom (told.h).
 *
 * The socket never waits: once it is full, the rest of the round is left, and a later round finds it still to be told.
 */
#include "watch/rounds.h"

#include "base/hash.h"
#include "base/timespan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OTHER_ENTRIES = 8192, EVIDENCE_MOST = 32, ACCESSES_MOST = 32 };

static const int64_t pause_ns = 60LL * 1000000000;

int rounds_init(struct rounds *r, size_t max_devices, int service)
{
	*r = (struct rounds){.service = service, .buffer = malloc(WIRE_MOST)};
	if (r->buffer == NULL)
		return -ENOMEM;
	return told_new(max_devices + OTHER_ENTRIES, pause_ns, &r->told);
}

void rounds_fini(struct rounds *r)
{
	told_free(r->told);
	free(r->buffer);
}

/* ---- encoding -------------------------------------------------------------------------------------------------- */

static void collect(void *context, const uint8_t *at, size_t len)
{
	struct rounds *r = context;

	if (r->len + len <= WIRE_MOST)
		memcpy(r->buffer + r->len, at, len);
	r->len += len;
}

static struct archive begin_message(struct rounds *r)
{
	r->len = 0;
	return (struct archive){.sink = collect, .sink_context = r};
}

static uint64_t digest_of(const struct rounds *r)
{
	uint64_t hash = hash_mix(r->len);
	size_t at = 0;

	for (; at + 8 <= r->len && at + 8 <= WIRE_MOST; at += 8)
		hash = hash_words(hash_load(r->buffer + at), hash);
	for (; at < r->len && at < WIRE_MOST; at++)
		hash = hash_more(hash, r->buffer[at]);
	return hash;
}

static bool send_message(struct rounds *r, enum wire_type type)
{
	if (r->blocked)
		return false;
	if (wire_send(r->service, type, r->buffer, r->len, -1) != 0) {
		r->blocked = true;
		r->held_back++;
		return false;
	}
	r->said++;
	return true;
}

/* ---- what matters ---------------------------------------------------------------------------------------------- */

/*
 * That a factory password was used again matters, since it makes an owner's earlier word void (contain/gate.h); but bots use it
 * by the hundred, so it is told once in ten seconds.
 */
static size_t still_accesses(const struct device *d, struct access still[ACCESSES_MOST])
{
	size_t n = d->accesses_n < ACCESSES_MOST ? d->accesses_n : ACCESSES_MOST;

	for (size_t i = 0; i < n; i++) {
		still[i] = d->accesses[i];
		still[i].where = (struct where){0};
		still[i].time_ns =
			still[i].kind == ACCESS_FACTORY ? still[i].time_ns / (10 * NS_PER_S) : 0;
	}
	return n;
}

/* The device without what counts on by itself. */
static uint64_t matter_of_device(struct rounds *r, const struct device *d)
{
	struct evidence still[EVIDENCE_MOST];
	struct access accesses[ACCESSES_MOST];
	struct device copy = *d;
	struct archive to = begin_message(r);
	size_t n = d->evidence_n < EVIDENCE_MOST ? d->evidence_n : EVIDENCE_MOST;

	for (size_t i = 0; i < n; i++) {
		still[i] = d->evidence[i];
		still[i].count = 0;
		still[i].last_ns = 0;
		still[i].text = "";
	}
	copy.evidence = still;
	copy.evidence_n = n;
	copy.accesses = accesses;
	copy.accesses_n = still_accesses(d, accesses);
	copy.last_ns = 0;
	copy.addresses_seen = NULL;
	copy.packets_out = copy.unicast_out = 0;
	copy.rates = (struct series){.n = 0};
	copy.since = NULL; /* "no sign for 40 min" */
	(void)wire_write_device(&copy, &to);
	return digest_of(r);
}

static uint64_t matter_of_attack(struct rounds *r, const struct attack *a)
{
	struct attack copy = *a;
	struct archive to = begin_message(r);

	copy.packets = copy.bytes = copy.peak_pps = copy.sources = 0;
	copy.last_ns = 0;
	copy.source_hashes_n = 0;
	copy.rates = (struct series){.n = 0};
	copy.detail = NULL;
	(void)wire_write_attack(&copy, &to);
	return digest_of(r);
}

/* Tells what stands in the buffer, when it is due. */
static void tell(struct rounds *r, enum told_kind kind, const char *name,
		 const struct told_digest *digest)
{
	static const enum wire_type types[] = {WIRE_DEVICE, WIRE_ATTACK, WIRE_RECALL, WIRE_SCANNED};

	switch (told_ask(r->told, kind, name, digest, r->now_ns)) {
	case TOLD_KNOWN:
		return;
	case TOLD_FULL:
		r->held_back++;
		return;
	case TOLD_DUE:
		break;
	}
	if (send_message(r, types[kind]))
		told_done(r->told, kind, name, digest, r->now_ns);
}

static void tell_device(struct rounds *r, const struct device *d)
{
	struct told_digest digest = {.matter = matter_of_device(r, d)};
	struct archive to = begin_message(r);

	if (!wire_write_device(d, &to)) {
		r->held_back++;
		return;
	}
	digest.all = digest_of(r);
	tell(r, TOLD_DEVICE, d->id, &digest);
}

static void tell_attack(struct rounds *r, const struct attack *a)
{
	struct told_digest digest = {.matter = matter_of_attack(r, a)};
	struct archive to = begin_message(r);
	char name[TOLD_NAME], target[ADDR_TEXT_MAX];

	if (!wire_write_attack(a, &to)) {
		r->held_back++;
		return;
	}
	digest.all = digest_of(r);
	(void)snprintf(name, sizeof name, "%s %d %d %d", addr_text(&a->target, target),
		       (int)a->vector, a->port, (int)a->direction);
	tell(r, TOLD_ATTACK, name, &digest);
}

static uint64_t hash_text(const char *s)
{
	uint64_t hash = 0;

	for (; *s != '\0'; s++)
		hash = hash_more(hash, (uint8_t)*s);
	return hash;
}

static void tell_recall(struct rounds *r, const struct recall_entry *entry)
{
	struct archive to = begin_message(r);
	struct told_digest digest;
	char name[TOLD_NAME];

	if (!wire_write_recall(entry, &to)) {
		r->held_back++;
		return;
	}
	digest.matter = digest.all = digest_of(r);
	(void)snprintf(name, sizeof name, "%.40s %016llx", entry->maker,
		       (unsigned long long)hash_text(entry->advisory));
	tell(r, TOLD_RECALL, name, &digest);
}

/* A scan adds networks all the time: a counter, and told as such. */
static void tell_scanned(struct rounds *r, const struct scan_map *map)
{
	struct archive to = begin_message(r);
	struct told_digest digest = {.matter = 0};

	if (map->networks == NULL)
		return;
	archive_bytes(&to, (void *)(uintptr_t)map->networks, WIRE_NETWORKS);
	archive_flush(&to);
	digest.all = digest_of(r);
	tell(r, TOLD_SCANNED, "networks", &digest);
}

static bool tell_gone(void *context, const char *name)
{
	struct rounds *r = context;

	r->len = strlen(name);
	memcpy(r->buffer, name, r->len);
	return send_message(r, WIRE_GONE);
}

static bool forget_quietly(void *context, const char *name)
{
	(void)context;
	(void)name;
	return true;
}

bool rounds_tell(struct rounds *r, const struct judged *judged, int64_t now_ns, bool whole)
{
	r->now_ns = now_ns;
	r->blocked = false;
	r->said = 0;
	told_begin(r->told, whole);
	for (size_t i = 0; i < judged->devices_n; i++)
		tell_device(r, &judged->devices[i]);
	for (size_t i = 0; i < judged->attacks_n; i++)
		tell_attack(r, &judged->attacks[i]);
	for (size_t i = 0; i < judged->recalls_n; i++)
		tell_recall(r, &judged->recalls[i]);
	tell_scanned(r, &judged->scanned);
	told_gone(r->told, TOLD_DEVICE, tell_gone, r);
	/* An attack or a recall that is no longer judged so stays what it was in the store. */
	told_gone(r->told, TOLD_ATTACK, forget_quietly, r);
	told_gone(r->told, TOLD_RECALL, forget_quietly, r);
	return r->said > 0;
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

bool rounds_counts(struct rounds *r, struct wire_counts *counts)
{
	struct archive to = begin_message(r);

	counts->held_back = r->held_back;
	wire_counts(&to, counts);
	archive_flush(&to);
	return r->len <= WIRE_MOST && send_message(r, WIRE_COUNTS);
}

bool rounds_end(struct rounds *r, struct wire_round *round)
{
	struct archive to = begin_message(r);

	wire_round(&to, round);
	archive_flush(&to);
	r->blocked = false; /* it may have got room in the meantime */
	return send_message(r, WIRE_ROUND);
}

bool rounds_hello(struct rounds *r, struct wire_hello *hello)
{
	struct archive to = begin_message(r);

	wire_hello(&to, hello);
	archive_flush(&to);
	r->blocked = false;
	return send_message(r, WIRE_HELLO);
}

bool rounds_flow(struct rounds *r, struct wire_flow *flow)
{
	struct archive to = begin_message(r);

	wire_flow(&to, flow);
	archive_flush(&to);
	return send_message(r, WIRE_FLOW);
}

bool rounds_peers(struct rounds *r, struct wire_peers *peers)
{
	struct archive to = begin_message(r);

	wire_peers(&to, peers);
	archive_flush(&to);
	return send_message(r, WIRE_PEERS);
}

bool rounds_names(struct rounds *r, struct wire_names *names)
{
	struct archive to = begin_message(r);

	wire_names(&to, names);
	archive_flush(&to);
	return send_message(r, WIRE_NAMES);
}

bool rounds_say(struct rounds *r, enum wire_type type, int fd)
{
	return wire_send(r->service, type, NULL, 0, fd) == 0;
}
