/* SPDX-License-Identifier: MIT */
/*
 * Putting the model together. Findings are brought into one order first (address, MAC, detector, first packet), so
 * that nothing depends on which lane or thread they came from.
 */
#include "verdict/judge.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "detect/stories.h"
#include "identify/devices.h"
#include "verdict/attacks.h"
#include "verdict/choose.h"
#include "verdict/founded.h"
#include "verdict/since.h"
#include "verdict/pictures.h"
#include "verdict/unseen.h"
#include "verdict/vantage.h"
#include "verdict/write_attacks.h"
#include "verdict/write_profile.h"
#include "verdict/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EVIDENCE_MAX = 32 /* lines of one device */
};

struct work_in_hand {
	const struct judge_in *in;
	struct arena *arena;
	struct devices devices;
	struct attacks attacks;
	struct profiles profiles;
	struct exposed *exposed; /* by device, as far as there are profiles */
	struct findings findings;
	struct sent
		*sorted; /* findings by sender; the list itself is too heavy to be moved about */
	const struct finding **by_device; /* findings, device by device */
	uint64_t left_out;		  /* strangers, for want of room in the report */
};

static int compare_senders(const struct finding *a, const struct finding *b)
{
	int order = addr_compare(&a->addr, &b->addr);

	if (order != 0)
		return order;
	if (a->mac != b->mac)
		return a->mac < b->mac ? -1 : 1;
	order = strcmp(a->code, b->code);
	if (order != 0)
		return order;
	if (a->keys[0] != b->keys[0])
		return a->keys[0] < b->keys[0] ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* A finding by its sender's address, as two numbers: looking at the finding itself costs a miss of the cache each time. */
struct sent {
	uint64_t high, low;
	struct finding *finding;
};

static int by_sender(const void *x, const void *y)
{
	const struct sent *a = x, *b = y;

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return compare_senders(a->finding, b->finding);
}

static int by_first_packet(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x;
	const struct finding *b = *(const struct finding *const *)y;

	if (a->keys[0] != b->keys[0])
		return a->keys[0] < b->keys[0] ? -1 : 1;
	if (a->act != b->act)
		return a->act < b->act ? -1 : 1; /* one line may break in and load */
	return compare_senders(a, b);
}

/* Local devices are observed by their bindings; who has none is observed by what the lanes counted. */
static void observe(struct identity *device, const struct finding *f)
{
	bool by_lane = f->host_packets > 0;
	int64_t first = by_lane ? f->host_first_ns : f->first_ns;
	int64_t last = by_lane ? f->host_last_ns : f->last_ns;

	if (device->bound)
		return;
	if (device->packets == 0 || first < device->first_ns)
		device->first_ns = first;
	if (device->packets == 0 || last > device->last_ns)
		device->last_ns = last;
	if (!by_lane && device->packets >= f->count)
		return;
	device->packets += by_lane ? f->host_packets : f->count - device->packets;
	device->unicast = device->packets;
}

static bool has_address(const struct identity *device, const struct addr *a)
{
	for (size_t i = 0; i < device->addresses_n; i++) {
		if (addr_equal(&device->addresses[i], a))
			return true;
	}
	return false;
}

static bool sort_senders(struct work_in_hand *h)
{
	h->sorted = malloc((h->findings.n + 1) * sizeof *h->sorted);
	if (h->sorted == NULL) {
		h->findings.failed = true;
		return false;
	}
	for (size_t i = 0; i < h->findings.n; i++) {
		struct finding *f = &h->findings.list[i];

		h->sorted[i] = (struct sent){.high = bytes_be64(f->addr.b),
					     .low = bytes_be64(f->addr.b + 8),
					     .finding = f};
	}
	if (h->findings.n > 1)
		qsort(h->sorted, h->findings.n, sizeof *h->sorted, by_sender);
	return true;
}

/* False when memory is out. */
static bool find_senders(struct work_in_hand *h)
{
	const struct finding *before = NULL;

	if (!sort_senders(h))
		return false;
	for (size_t i = 0; i < h->findings.n; i++) {
		struct finding *f = h->sorted[i].finding;
		struct identity *device =
			devices_get(&h->devices, h->in->world, h->arena, &f->addr, f->mac);

		if (device == NULL)
			break;
		if (before == NULL || before->mac != f->mac || !addr_equal(&before->addr, &f->addr))
			observe(device, f);
		f->borrowed = !addr_is_zero(&f->addr) && !has_address(device, &f->addr);
		f->device = (uint32_t)(device - h->devices.list);
		before = f;
	}
	free(h->sorted);
	return !h->devices.failed;
}

/* by_device: each device's findings together, by their first packets; start[d] is where d's begin. */
static size_t *group_findings(struct work_in_hand *h)
{
	size_t *start = arena_take(h->arena, (h->devices.n + 2) * sizeof *start);
	size_t *at = arena_take(h->arena, (h->devices.n + 2) * sizeof *at);

	h->by_device = arena_take(h->arena, (h->findings.n + 1) * sizeof *h->by_device);
	if (start == NULL || at == NULL || h->by_device == NULL)
		return NULL;
	for (size_t i = 0; i < h->findings.n; i++)
		start[h->findings.list[i].device + 1]++;
	for (size_t d = 0; d < h->devices.n; d++)
		start[d + 1] += start[d];
	memcpy(at, start, (h->devices.n + 1) * sizeof *at);
	for (size_t i = 0; i < h->findings.n; i++)
		h->by_device[at[h->findings.list[i].device]++] = &h->findings.list[i];
	for (size_t d = 0; d < h->devices.n; d++) {
		if (start[d + 1] - start[d] > 1)
			qsort(h->by_device + start[d], start[d + 1] - start[d],
			      sizeof *h->by_device, by_first_packet);
	}
	return start;
}

static const char *const role_words[] = {NULL, "intruder", "loader", "command-server", "target"};
static const char *const weight_words[] = {"note", "sign", "proof"};

static void write_evidence(struct work_in_hand *h, struct device *out,
			   const struct finding *const *findings, size_t n)
{
	char peer[ADDR_TEXT_MAX];
	struct evidence *list;

	n = n > EVIDENCE_MAX ? EVIDENCE_MAX : n;
	list = arena_take(h->arena, n * sizeof *list);
	for (size_t i = 0; list != NULL && i < n; i++) {
		const struct finding *f = findings[i];

		list[i] = (struct evidence){
			.detector = f->detector,
			.code = f->code,
			.first_ns = f->first_ns,
			.last_ns = f->last_ns,
			.count = f->count,
			.packets = where_list(h->arena, f->keys, f->keys_n),
			.packets_n = f->keys_n,
			.peer = f->has_peer ? arena_string(h->arena, addr_text(&f->peer, peer))
					    : NULL,
			.text = arena_string(h->arena, f->text),
			.stage = stage_of(f->act),
			.inward = f->role == ROLE_INTRUDER,
			.role = role_words[f->role],
			.port = f->port == 0 ? -1 : f->port,
			.caller_port = f->caller_port,
			.sender = f->addr,
			.family = f->family,
			.weight = weight_words[out->local ? f->weight : f->stranger],
		};
		order_times(&list[i].first_ns, &list[i].last_ns);
	}
	out->evidence = list;
	out->evidence_n = n;
}

static enum backing backing_of(const struct identity *device)
{
	switch (device->backed) {
	case BACKED_SESSION:
		return BACKING_SESSION;
	case BACKED_TWO_WAY:
		return BACKING_TWO_WAY;
	case BACKED_MAC:
		return BACKING_MAC;
	default:
		return BACKING_ADDRESS;
	}
}

static void *keep(struct arena *arena, const void *from, size_t bytes)
{
	void *copy = bytes == 0 ? NULL : arena_take(arena, bytes);

	if (copy != NULL)
		memcpy(copy, from, bytes);
	return copy;
}

static void write_ruling(struct work_in_hand *h, struct device *out, const struct ruling *r)
{
	out->verdict = r->verdict;
	out->confidence = r->confidence;
	out->why = r->why;
	out->stages = keep(h->arena, r->stages, r->stages_n * sizeof r->stages[0]);
	out->stages_n = r->stages_n;
	out->families = keep(h->arena, r->families, r->families_n * sizeof r->families[0]);
	out->families_n = r->families_n;
	out->todo = keep(h->arena, r->steps, r->steps_n * sizeof r->steps[0]);
	out->todo_n = r->steps_n;
}

/* A device of which nobody told anything has no exposures. */
static const struct exposed *exposed_of(const struct work_in_hand *h, size_t device)
{
	static const struct exposed none;

	return h->exposed == NULL || device >= h->profiles.n ? &none : &h->exposed[device];
}

/* What speaks for its being clean again. */
static const char *find_since(const struct work_in_hand *h, size_t device,
			      const struct finding *const *findings, size_t n)
{
	const struct since_in in = {.findings = findings,
				    .findings_n = n,
				    .profile = &h->profiles.list[device],
				    .exposed = exposed_of(h, device),
				    .last_ns = h->devices.list[device].last_ns,
				    .limits = &h->in->knowledge->limits};

	return since_text(&in, h->arena);
}

/* When each address of a local device was in use, by its bindings. */
static const struct seen *addresses_seen(const struct work_in_hand *h, const struct identity *from)
{
	uint16_t mac = from->via != NO_MAC ? from->via : from->mac;
	struct seen *list;

	if (from->addresses_n == 0)
		return NULL;
	list = arena_take(h->arena, from->addresses_n * sizeof *list);
	for (size_t i = 0; list != NULL && i < from->addresses_n; i++) {
		const struct binding *b = world_find(h->in->world, &from->addresses[i], mac);

		list[i] = b != NULL ? (struct seen){b->first_ns, b->last_ns}
				    : (struct seen){from->first_ns, from->last_ns};
		order_times(&list[i].first_ns, &list[i].last_ns);
	}
	return list;
}

static void write_device(struct work_in_hand *h, const struct identity *from, struct device *out)
{
	const struct world_mac *macs = h->in->world->macs;

	*out = (struct device){.id = arena_string(h->arena, from->id),
			       .local = from->local,
			       .addresses = from->addresses,
			       .addresses_n = from->addresses_n,
			       .backing = backing_of(from),
			       .first_ns = from->first_ns,
			       .last_ns = from->last_ns,
			       .packets_out = from->packets,
			       .unicast_out = from->unicast,
			       .two_way = from->two_way,
			       .judged = from->unicast > 0};
	order_times(&out->first_ns, &out->last_ns);
	if (from->own_mac && from->mac != NO_MAC) {
		out->macs = &macs[from->mac].mac;
		out->macs_n = 1;
	}
	if (from->via != NO_MAC)
		out->via = &macs[from->via].mac;
	if (from->local)
		out->addresses_seen = addresses_seen(h, from);
}

/* A device to be reported, by its id: what begins alike in 16 bytes is compared as a string. */
struct named_device {
	uint64_t first, second;
	const struct identity *who;
};

static int by_id(const void *x, const void *y)
{
	const struct named_device *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return strcmp(a->who->id, b->who->id);
}

/* By device, where its findings begin; and what was decided of each. */
struct rulings {
	size_t *start;
	uint8_t *verdicts;
};

static struct ruling rule(const struct work_in_hand *h, const struct rulings *r, size_t d)
{
	const struct identity *from = &h->devices.list[d];
	const struct exposed *exposed = exposed_of(h, d);
	struct accused accused = {.local = from->local,
				  .wan = h->devices.wan && from->local,
				  .judged = from->unicast > 0,
				  .two_way = from->two_way,
				  .relayed = from->via != NO_MAC,
				  .backing = backing_of(from),
				  .thing = exposed->thing,
				  .exposures = exposed->list,
				  .exposures_n = exposed->n,
				  .model_steps = exposed->steps,
				  .model_steps_n = exposed->steps_n};

	return verdict_of(&accused, h->by_device + r->start[d], r->start[d + 1] - r->start[d]);
}

/* Verdicts first, of all; the model is made of those alone who are chosen. *n: how many these are. */
static bool rule_all(struct work_in_hand *h, struct rulings *r, size_t *n)
{
	size_t most = h->in->max_devices == 0 ? SIZE_MAX : h->in->max_devices;

	r->start = group_findings(h);
	r->verdicts = arena_take(h->arena, h->devices.n + 1);
	if (r->start == NULL || r->verdicts == NULL)
		return false;
	for (size_t d = 0; d < h->devices.n; d++)
		r->verdicts[d] = (uint8_t)rule(h, r, d).verdict;
	if (!choose_devices(&h->devices, r->verdicts, most, h->arena, &h->left_out))
		return false;
	*n = 0;
	for (size_t d = 0; d < h->devices.n; d++)
		*n += h->devices.list[d].local || r->verdicts[d] != VERDICT_CLEAR;
	return true;
}

static void write_one(struct work_in_hand *h, const struct rulings *r, size_t d,
		      struct device *device)
{
	const struct finding *const *findings = h->by_device + r->start[d];
	size_t n = r->start[d + 1] - r->start[d];
	struct ruling ruling = rule(h, r, d);

	write_device(h, &h->devices.list[d], device);
	device->judged |= ruling.verdict > VERDICT_CLEAR;
	write_ruling(h, device, &ruling);
	write_evidence(h, device, findings, n);
	if (d >= h->profiles.n)
		return;
	write_profile(device, &h->profiles.list[d], exposed_of(h, d), h->arena);
	write_told_names(device, &h->profiles.list[d], h->arena);
	if (ruling.verdict >= VERDICT_SUSPECT)
		device->since = find_since(h, d, findings, n);
}

/* All local devices, and the strangers who are more than clear, as many as may be named: n of them, by id. */
static struct named_device *order_devices(struct work_in_hand *h, const struct rulings *r, size_t n)
{
	struct named_device *list = malloc((n + 1) * sizeof *list);
	size_t at = 0;

	for (size_t d = 0; list != NULL && d < h->devices.n; d++) {
		const struct identity *who = &h->devices.list[d];
		const uint8_t *id = (const uint8_t *)who->id;

		if (who->local || r->verdicts[d] != VERDICT_CLEAR)
			list[at++] = (struct named_device){
				.first = bytes_be64(id), .second = bytes_be64(id + 8), .who = who};
	}
	if (list != NULL && n > 1)
		qsort(list, n, sizeof *list, by_id);
	return list;
}

static void write_devices(struct work_in_hand *h, struct judged *out)
{
	const struct rates **rates = pictures_of_devices(&h->devices, h->in->world, h->arena);
	struct named_device *named;
	struct rulings rulings;
	struct recall_device *recalled;
	struct device *list;
	size_t n;

	if (rates == NULL || !rule_all(h, &rulings, &n))
		return;
	list = arena_take(h->arena, (n + 1) * sizeof *list);
	recalled = arena_take(h->arena, (n + 1) * sizeof *recalled);
	named = order_devices(h, &rulings, n);
	h->arena->failed |= named == NULL;
	for (size_t i = 0; !h->arena->failed && i < n; i++) {
		size_t d = (size_t)(named[i].who - h->devices.list);

		write_one(h, &rulings, d, &list[i]);
		if (list[i].verdict >= VERDICT_SUSPECT)
			list[i].rates = pictures_series(rates[d], h->arena);
		recalled[i] = (struct recall_device){.id = list[i].id, .exposed = exposed_of(h, d)};
		out->judged += list[i].local && list[i].judged;
		out->of += list[i].local;
	}
	free(named);
	if (h->arena->failed)
		return;
	out->devices = list;
	out->devices_n = n;
	if (h->profiles.n == 0)
		return;
	out->recalls = recalls_list(recalled, n, h->arena, &out->recalls_n);
	out->makers = makers_count(out, h->arena, &out->makers_n);
}

static int by_prefix(const void *x, const void *y)
{
	const struct prefix *a = x, *b = y;
	int order = addr_compare(&a->addr, &b->addr);

	return order != 0 ? order : (int)a->bits - (int)b->bits;
}

/* The ranges that were taken as ours: given, or private ones and what the capture showed. */
static void write_local(struct work_in_hand *h, struct judged *out)
{
	static const char *const private_ranges[] = {
		"10.0.0.0/8",	  "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "fc00::/7",	   "fe80::/10"};
	enum { PRIVATE = sizeof private_ranges / sizeof private_ranges[0] };
	const struct world *w = h->in->world;
	struct prefix *list = arena_take(h->arena, (w->prefixes_n + PRIVATE + 1) * sizeof *list);
	size_t n = 0;

	if (list == NULL)
		return;
	for (uint32_t i = 0; i < w->prefixes_n; i++)
		list[n++] = w->prefixes[i];
	for (int i = 0; i < PRIVATE && w->prefixes_given == 0 && !h->devices.wan; i++)
		prefix_parse(private_ranges[i], &list[n++]);
	if (h->devices.wan)
		list[n++] = (struct prefix){.addr = h->devices.wan_addr, .bits = 128};
	if (w->prefixes_given == 0)
		qsort(list, n, sizeof *list, by_prefix);
	out->local = list;
	out->local_n = n;
}

/* The router's Internet side is no binding of the world: the lanes saw it send. */
static void add_wan(struct work_in_hand *h)
{
	uint64_t hash = hash_addr(&h->devices.wan_addr);
	const struct hosts *hosts = &h->in->lanes->lane[hash >> 58].hosts;
	const struct host *host = hosts_find(hosts, &h->devices.wan_addr, NO_MAC,
					     world_key(h->in->world, &h->devices.wan_addr));
	struct identity *device;

	if (host == NULL)
		return;
	device = devices_get(&h->devices, h->in->world, h->arena, &host->addr, host->mac);
	if (device == NULL || device->bound)
		return;
	device->local = device->bound = device->two_way = true;
	device->packets = device->unicast = host->packets;
	device->first_ns = host->first_ns;
	device->last_ns = host->last_ns;
}

/* A stranger of whom only what he told was noted: the lanes counted what he sent. */
static void observe_tellers(struct work_in_hand *h, size_t from)
{
	for (size_t i = from; i < h->devices.n; i++) {
		struct identity *device = &h->devices.list[i];
		const struct hosts *hosts;
		const struct host *host;

		if (device->packets > 0 || device->bound || device->addresses_n != 1)
			continue;
		hosts = &h->in->lanes->lane[hash_addr(&device->addresses[0]) >> 58].hosts;
		host = hosts_find(hosts, &device->addresses[0], NO_MAC,
				  world_key(h->in->world, &device->addresses[0]));
		if (host == NULL)
			continue;
		device->packets = device->unicast = host->packets;
		device->first_ns = host->first_ns;
		device->last_ns = host->last_ns;
	}
	for (size_t i = 0; i < h->devices.n; i++) /* what it told came in a packet */
		h->devices.list[i].packets += h->devices.list[i].packets == 0;
}

static void find_exposures(struct work_in_hand *h)
{
	const struct judge_in *in = h->in;
	const struct exposures_in exposures = {.listeners = in->listeners,
					       .profiles = &h->profiles,
					       .devices = &h->devices,
					       .world = in->world,
					       .catalogue = in->catalogue,
					       .arena = h->arena,
					       .show_secrets = in->show_secrets,
					       .since_ns = in->since_ns};
	const struct stories_in stories = {.listeners = in->listeners,
					   .profiles = &h->profiles,
					   .devices = &h->devices,
					   .world = in->world,
					   .catalogue = in->catalogue,
					   .limits = &in->knowledge->limits,
					   .arena = h->arena};
	size_t known = h->devices.n;

	profiles_find(&h->profiles, in->listeners, &h->devices, in->world, in->catalogue, h->arena);
	if (h->profiles.failed)
		return;
	observe_tellers(h, known);
	h->exposed = exposures_find(&exposures);
	h->findings.failed |= !stories_judge(&stories, &h->findings);
}

static void find_all(struct work_in_hand *h)
{
	const struct judge_in *in = h->in;

	devices_reduce(&h->devices, in->world, h->arena);
	if (h->devices.failed)
		return;
	if (h->devices.wan)
		add_wan(h);
	lanes_conclude(in->lanes, in->world, &h->findings);
	attacks_find(&h->attacks, in->lanes, &h->devices, in->world, in->knowledge, h->arena,
		     &h->findings);
	attacks_drop(&h->attacks, in->since_ns);
	if (!find_senders(h))
		return;
	if (in->listeners != NULL && !h->devices.failed)
		find_exposures(h);
	findings_founded(&h->findings, h->devices.n, h->arena);
	findings_drop(&h->findings, in->since_ns);
}

int judge(const struct judge_in *in, struct arena *arena, struct judged *out)
{
	struct work_in_hand h = {.in = in, .arena = arena};
	char digest[17];
	bool failed;

	*out = (struct judged){.inputs = in->inputs, .inputs_n = in->inputs_n};
	find_all(&h);
	failed = h.devices.failed || h.findings.failed || h.profiles.failed || h.attacks.failed ||
		 arena->failed;
	if (!failed) {
		out->version = CORDON_VERSION;
		out->knowledge = arena_string(arena, knowledge_digest(digest));
		out->place = vantage_find(in->world, in->lanes, &h.devices, &h.attacks, &out->note);
		write_local(&h, out);
		write_devices(&h, out);
		write_attacks(&(struct attacks_out){.attacks = &h.attacks,
						    .world = in->world,
						    .knowledge = in->knowledge,
						    .devices = &h.devices,
						    .arena = arena},
			      out);
		out->scanned = pictures_scan(in->lanes, out, arena);
		out->unseen = unseen_counts(in->lanes, in->world, in->decode, in->cut_flows,
					    h.left_out, arena, &out->unseen_n);
		failed = arena->failed || h.devices.failed;
	}
	out->heap_bytes = arena->bytes + h.findings.texts.bytes +
			  h.findings.cap * sizeof *h.findings.list +
			  h.devices.cap * sizeof *h.devices.list;
	devices_fini(&h.devices);
	attacks_fini(&h.attacks);
	findings_fini(&h.findings);
	return failed ? -ENOMEM : 0;
}
