/* SPDX-License-Identifier: MIT */
/*
 * A round: what changed, in one transaction of the store together with the lines of its events; then out with the events.
 * Nothing is said before the store has it, and nothing is forgotten that the store has: lines wait in its outbox until they
 * are written (decision 30).
 *
 * A round's memory has a bound. One that is longer, as the first one at a telescope may be, is kept in pieces; each is true
 * by itself. What can't be kept is let go: the packets process tells it again.
 */
#include "watch/service_contain.h"

#include "report/abroad.h"
#include "report/eve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES_KEPT = 4096 };

/* A line of this round, and where it stands in the outbox. */
struct told {
	size_t at;
	size_t len;
	uint64_t number;
};

struct telling {
	struct service *s;
	struct store *store;
	struct eve eve;
	struct judged judged;
	struct input inputs[WIRE_INTERFACES];
	struct arena made; /* what the store says of devices */
	struct text lines;
	struct told *list;
	size_t n, room;
	size_t line_at; /* where the line that is being written began */
	int64_t now_ns;
	struct tally before; /* when nothing is kept, nothing was found */
	uint64_t queue_left; /* bytes of the queue that nobody has yet */
};

void round_void(struct round *r)
{
	arena_fini(&r->arena);
	r->arena = (struct arena){0};
	r->devices_n = r->attacks_n = r->recalls_n = r->gone_n = 0;
	r->scanned = NULL;
	r->peers_n = 0;
	r->torn = false;
	/* Room for a long round is not kept for the short ones that follow. */
	if (r->devices_room > DEVICES_KEPT) {
		free(r->devices);
		r->devices = NULL;
		r->devices_room = 0;
	}
}

void round_peers(struct round *r, const struct wire_peers *peers)
{
	struct wire_peers *copy =
		r->peers_n < ROUND_PEERS ? arena_take(&r->arena, sizeof *copy) : NULL;

	if (copy == NULL)
		return;
	*copy = *peers;
	r->peers[r->peers_n++] = copy;
}

void round_fini(struct round *r)
{
	round_void(r);
	free(r->devices);
	free(r->attacks);
	free(r->recalls);
	free(r->gone);
	*r = (struct round){0};
}

size_t round_size(const struct round *r)
{
	return r->arena.bytes + r->devices_n * sizeof *r->devices +
	       r->attacks_n * sizeof *r->attacks + r->recalls_n * sizeof *r->recalls +
	       r->gone_n * sizeof *r->gone;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static bool wants(const struct telling *t, enum settings_event event)
{
	return t->s->events != NULL && (t->s->settings.events & event) != 0;
}

/* Stage time. A piece of the first round has only that of its devices. */
static int64_t now_of(const struct service *s)
{
	int64_t latest = INT64_MIN;

	if (s->last.number != 0)
		return s->last.now_ns;
	for (size_t i = 0; i < s->round.devices_n; i++)
		if (s->round.devices[i].last_ns > latest)
			latest = s->round.devices[i].last_ns;
	return latest != INT64_MIN ? latest : service_wall();
}

/* The line that was just written goes to the outbox, if the queue will have room for it. */
static int put_line(struct telling *t)
{
	size_t len = t->lines.len - t->line_at;
	struct told *list = t->list;
	uint64_t number = 0;
	int rc;

	if (t->lines.failed)
		return -ENOMEM;
	if (len > t->queue_left) {
		events_drop(t->s->events);
		t->lines.len = t->line_at;
		return 0;
	}
	if (t->n == t->room) {
		list = reallocarray(t->list, t->room == 0 ? 64 : 2 * t->room, sizeof *list);
		if (list == NULL)
			return -ENOMEM;
		t->list = list;
		t->room = t->room == 0 ? 64 : 2 * t->room;
	}
	rc = store_event(t->store, t->lines.at + t->line_at, &number);
	list[t->n++] = (struct told){.at = t->line_at, .len = len, .number = number};
	t->queue_left -= len;
	t->line_at = t->lines.len;
	return rc;
}

static void count_code(struct tally *tally, const char *code)
{
	struct code_count *c = tally->codes;

	for (size_t i = 0; i < tally->codes_n; i++, c++)
		if (strcmp(c->code, code) == 0) {
			c->n++;
			return;
		}
	if (tally->codes_n == FINDING_CODES || strlen(code) >= sizeof c->code) {
		tally->codes_more++;
		return;
	}
	(void)snprintf(c->code, sizeof c->code, "%s", code);
	c->n = 1;
	tally->codes_n++;
}

static bool has_bit(uint64_t bits, size_t i)
{
	return i < 64 && (bits >> i & 1) != 0;
}

static int tell_exposures(struct telling *t, const struct store_change *c)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->now.exposures_n; i++)
		if (has_bit(c->exposures_new, i) && wants(t, EVENT_EXPOSURE)) {
			eve_exposure(&t->eve, &c->now, &c->now.exposures[i]);
			rc = put_line(t);
		}
	return rc;
}

static int tell_evidence(struct telling *t, const struct store_change *c)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->now.evidence_n; i++) {
		if (!has_bit(c->evidence_new, i))
			continue;
		count_code(&t->s->tally, c->now.evidence[i].code);
		if (wants(t, EVENT_ALERT)) {
			eve_alert(&t->eve, &c->now, &c->now.evidence[i]);
			rc = put_line(t);
		}
	}
	return rc;
}

/* Does a new finding show a stage that none showed before? */
static bool has_new_stage(const struct store_change *c)
{
	const struct evidence *e = c->now.evidence;

	for (size_t i = 0; i < c->now.evidence_n; i++) {
		bool known = !has_bit(c->evidence_new, i) || e[i].stage == STAGE_NONE;

		for (size_t k = 0; !known && k < c->now.evidence_n; k++)
			known = e[k].stage == e[i].stage && !has_bit(c->evidence_new, k);
		if (!known)
			return true;
	}
	return false;
}

/* Strangers come and go by the million: only those who did something have events of their own. */
static int tell_change(struct telling *t, const struct store_change *c)
{
	enum verdict before = c->device_new ? VERDICT_CLEAR : c->before;
	bool accused = abroad_accuses(&c->now);
	int rc = 0;

	if ((c->device_new || c->identity) && (c->now.local || accused) && wants(t, EVENT_DEVICE)) {
		eve_device(&t->eve, &c->now);
		rc = put_line(t);
	}
	if (rc == 0)
		rc = tell_exposures(t, c);
	if (rc == 0 &&
	    (c->now.verdict != before ? accused || before >= VERDICT_SUSPECT
				      : accused && has_new_stage(c)) &&
	    wants(t, EVENT_INFECTION)) {
		eve_infection(&t->eve, &c->now, &before);
		rc = put_line(t);
	}
	return rc == 0 ? tell_evidence(t, c) : rc;
}

static int tell_attack(struct telling *t, const struct attack *a, const char *state)
{
	if (!wants(t, EVENT_ATTACK))
		return 0;
	eve_attack(&t->eve, a, state);
	return put_line(t);
}

/* ---- the transaction ------------------------------------------------------------------------------------------- */

static int keep_devices(struct telling *t)
{
	struct round *r = &t->s->round;
	struct store_change c;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->devices_n; i++) {
		c = (struct store_change){0};
		rc = store_device(t->store, &r->devices[i], &t->made, &c);
		if (rc != 0)
			break;
		known_put(&t->s->known, r->devices[i].id, r->devices[i].local, c.now.verdict);
		containment_note(t->s, &c.now);
		rc = tell_change(t, &c);
		arena_fini(&t->made);
		t->made = (struct arena){0};
	}
	return rc;
}

static int keep_attacks(struct telling *t)
{
	struct round *r = &t->s->round;
	const struct attack *over;
	size_t cursor = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->attacks_n; i++) {
		bool is_new = false;

		rc = store_attack(t->store, &r->attacks[i], &is_new);
		if (rc != 0)
			return rc;
		attacks_open_put(&t->s->attacks, &r->attacks[i], t->now_ns);
		if (is_new)
			rc = tell_attack(t, &r->attacks[i], "begun");
	}
	while (rc == 0 && (over = attacks_open_over(&t->s->attacks, t->now_ns, &cursor)) != NULL)
		rc = tell_attack(t, over, "ended");
	return rc;
}

/* Recalls name devices, and who is gone may have become another: both come behind all devices. */
static int keep_rest(struct telling *t)
{
	struct round *r = &t->s->round;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->recalls_n; i++)
		rc = store_recall(t->store, &r->recalls[i]);
	for (size_t i = 0; rc == 0 && i < r->gone_n; i++) {
		known_remove(&t->s->known, r->gone[i]);
		rc = store_gone(t->store, r->gone[i]);
	}
	if (rc == 0 && r->scanned != NULL)
		rc = store_scanned(t->store, &(struct scan_map){.networks = r->scanned});
	return rc;
}

static int put_hold(void *context)
{
	return put_line(context);
}

/* They are done by now; the store and the events only say so. */
static int keep_holds(struct telling *t)
{
	int rc = containment_store(t->s, t->store);

	if (rc == 0 && wants(t, EVENT_CONTAIN))
		rc = containment_tell(t->s, &t->eve, put_hold, t);
	if (rc == 0 && wants(t, EVENT_GATE))
		rc = gatehouse_tell(t->s, &t->eve, put_hold, t);
	return rc;
}

static int keep_counters(struct telling *t)
{
	const struct wire_counts *c = &t->s->counts;
	char names[3 * WIRE_INTERFACES + WIRE_COUNTS_MOST][80];
	struct store_counter list[3 * WIRE_INTERFACES + WIRE_COUNTS_MOST];
	size_t n = 0;

	for (uint32_t i = 0; i < c->interfaces_n; i++) {
		const struct wire_interface *in = &c->interfaces[i];
		const char *const kinds[] = {"packets", "bytes", "dropped"};
		const uint64_t values[] = {in->packets, in->bytes, in->dropped};

		for (size_t k = 0; k < 3; k++) {
			(void)snprintf(names[n], sizeof *names, "%s.%s", kinds[k], in->name);
			list[n] = (struct store_counter){.name = names[n], .value = values[k]};
			n++;
		}
	}
	for (uint32_t i = 0; i < c->unseen_n; i++) {
		(void)snprintf(names[n], sizeof *names, "unseen.%s", c->unseen[i].name);
		list[n] = (struct store_counter){.name = names[n], .value = c->unseen[i].value};
		n++;
	}
	return store_counters(t->store, list, n);
}

static int keep_inputs(struct telling *t)
{
	const struct wire_counts *c = &t->s->counts;

	return store_inputs(t->store, t->inputs, t->judged.inputs_n, c->local, c->local_n, c->place,
			    c->note[0] != '\0' ? c->note : NULL);
}

static int keep_all(struct telling *t, bool whole)
{
	const struct store_round round = {.life = t->s->hello.life,
					  .now_ns = t->now_ns,
					  .version = t->s->hello.version,
					  .knowledge = t->s->hello.knowledge};
	uint64_t told = 0;
	int rc = store_begin(t->store, &round);

	if (rc == 0 && t->s->counted)
		rc = keep_inputs(t);
	if (rc == 0)
		rc = keep_devices(t);
	(void)containment_decide(t->s);
	if (rc == 0)
		rc = keep_holds(t);
	if (rc == 0)
		rc = keep_attacks(t);
	if (rc == 0)
		rc = keep_rest(t);
	if (rc == 0 && whole && t->s->counted)
		rc = keep_counters(t);
	if (rc == 0 && !keeper_take_told(t->s, &told))
		rc = -EIO;
	if (rc == 0)
		rc = store_commit(t->store);
	if (rc == 0)
		t->s->keeper.told = told;
	return rc;
}

/* ---- the round ------------------------------------------------------------------------------------------------- */

static void begin_telling(struct telling *t, struct service *s)
{
	const struct wire_counts *c = &s->counts;

	for (uint32_t i = 0; s->counted && i < c->interfaces_n; i++) {
		const struct wire_interface *in = &c->interfaces[i];

		t->inputs[i] = (struct input){.path = in->name,
					      .format = s->settings.files_n > 0 ? "pcap" : NULL,
					      .packets = in->packets,
					      .bytes = in->bytes,
					      .any = in->packets > 0,
					      .first_ns = in->first_ns,
					      .last_ns = in->last_ns};
		t->judged.inputs_n++;
	}
	t->s = s;
	t->now_ns = now_of(s);
	t->before = s->tally;
	t->judged.inputs = t->inputs;
	t->judged.attacks = s->round.attacks;
	t->judged.attacks_n = s->round.attacks_n;
	t->eve = (struct eve){.judged = &t->judged,
			      .sensor = s->settings.sensor,
			      .now_ns = t->now_ns,
			      .json = {.to = &t->lines, .compact = true}};
	t->queue_left = s->events != NULL ? events_room(s->events) : 0;
}

static void end_telling(struct telling *t, bool kept)
{
	for (size_t i = 0; kept && i < t->n; i++)
		(void)events_put(t->s->events, t->lines.at + t->list[i].at, t->list[i].len,
				 t->list[i].number);
	if (kept) {
		attacks_open_close(&t->s->attacks, t->now_ns);
		containment_said(t->s);
	} else {
		t->s->tally = t->before;
	}
	text_fini(&t->lines);
	arena_fini(&t->made);
	free(t->list);
}

bool service_keep(struct service *s, const struct wire_round *ends)
{
	struct telling *t = calloc(1, sizeof *t);
	struct store *store = keeper_store(s);
	bool torn = s->round.torn;
	int rc = -ENOMEM;

	containment_early(s, &s->round);
	if (t != NULL && store != NULL) {
		t->store = store;
		begin_telling(t, s);
		rc = keep_all(t, ends != NULL);
		if (rc != 0)
			keeper_failed(s, -rc);
		else
			keeper_works(s);
		end_telling(t, rc == 0);
	} else {
		/* How they stand is known all the same. */
		for (size_t i = 0; i < s->round.devices_n; i++)
			known_put(&s->known, s->round.devices[i].id, s->round.devices[i].local,
				  s->round.devices[i].verdict);
	}
	free(t);
	if (rc != 0)
		s->keeper.failed++;
	else if (ends != NULL)
		s->keeper.kept++;
	round_void(&s->round);
	s->round.torn = ends == NULL && (torn || rc != 0);
	return rc == 0 && !torn;
}

bool service_keep_holds(struct service *s)
{
	struct telling *t = calloc(1, sizeof *t);
	const struct store_round round = {.life = s->hello.life, .now_ns = now_of(s)};
	uint64_t told = 0;
	int rc = -ENOMEM;

	/* Before packets said so it is not known in whose life this is; it is tried again. */
	if (t != NULL && s->greeted && (t->store = keeper_store(s)) != NULL) {
		begin_telling(t, s);
		rc = store_begin(t->store, &round);
		if (rc == 0)
			rc = keep_holds(t);
		if (rc == 0 && !keeper_take_told(s, &told))
			rc = -EIO;
		if (rc == 0)
			rc = store_commit(t->store);
		if (rc == 0)
			s->keeper.told = told;
		else
			keeper_failed(s, -rc);
		end_telling(t, rc == 0);
	}
	free(t);
	return rc == 0;
}
