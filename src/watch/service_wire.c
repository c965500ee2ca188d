/* SPDX-License-Identifier: MIT */
/*
 * Messages from the packets process. It meets strangers' bytes, so whatever comes from it may have been written by one: a
 * message that can't be is dropped and counted, a descriptor that nobody asked for is closed, and what a round holds has a
 * bound (service_round.c). Nothing that it says makes the service open a path or run anything.
 */
#include "watch/service.h"

#include "base/exits.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	AT_ONCE = 512, /* messages between two looks at the rest of the loop */
	QUEUE_WAIT_MS = 500,
	QUEUE_STEP_MS = 2,
	PIECE_LEAST = 256 << 10,
	PIECE_MOST = 16 << 20,
	ID_MOST = 128
};

static void refuse(struct service *s, const char *what)
{
	s->tally.refused++;
	log_limited(&s->refused_limit, LEVEL_WARNING,
		    "a message of cordon-packets can't be read (%s) and is dropped; "
		    "if this goes on, restart cordon",
		    what);
}

void service_send(struct service *s, enum wire_type type, const uint8_t *at, size_t len, int fd)
{
	int rc = wire_send(s->wire, type, at, len, fd);

	/* What else found no room is asked for again by the other side. */
	if (rc == -EAGAIN && type == WIRE_AGAIN)
		s->again = true;
	if (type == WIRE_STOP)
		s->stop_unsent = rc == -EAGAIN;
}

void service_ask_again(struct service *s)
{
	s->again = false;
	s->greeted = false;
	round_void(&s->round);
	service_send(s, WIRE_AGAIN, NULL, 0, -1);
}

/* ---- one message ----------------------------------------------------------------------------------------------- */

static void *grow(void *list, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : 2 * *room;
	void *at;

	if (n < *room)
		return list;
	at = reallocarray(list, more, size);
	if (at != NULL)
		*room = more;
	return at;
}

static void hear_device(struct service *s, struct bytes body)
{
	struct round *r = &s->round;
	struct device *list = grow(r->devices, r->devices_n, &r->devices_room, sizeof *list);

	if (list != NULL)
		r->devices = list;
	if (list == NULL || !wire_read_device(body, &r->arena, &list[r->devices_n])) {
		refuse(s, "device");
		return;
	}
	r->devices_n++;
}

static void hear_attack(struct service *s, struct bytes body)
{
	struct round *r = &s->round;
	struct attack *list = grow(r->attacks, r->attacks_n, &r->attacks_room, sizeof *list);

	if (list != NULL)
		r->attacks = list;
	if (list == NULL || !wire_read_attack(body, &r->arena, &list[r->attacks_n])) {
		refuse(s, "attack");
		return;
	}
	r->attacks_n++;
}

static void hear_recall(struct service *s, struct bytes body)
{
	struct round *r = &s->round;
	struct recall_entry *list = grow(r->recalls, r->recalls_n, &r->recalls_room, sizeof *list);

	if (list != NULL)
		r->recalls = list;
	if (list == NULL || !wire_read_recall(body, &r->arena, &list[r->recalls_n])) {
		refuse(s, "recall");
		return;
	}
	r->recalls_n++;
}

static void hear_gone(struct service *s, struct bytes body)
{
	struct round *r = &s->round;
	const char **list = grow(r->gone, r->gone_n, &r->gone_room, sizeof *list);
	const char *id = NULL;

	if (list != NULL)
		r->gone = list;
	if (list != NULL && body.len > 0 && body.len <= ID_MOST)
		id = arena_bytes(&r->arena, body.at, body.len);
	if (id == NULL || id[0] == '\0') {
		refuse(s, "device that is gone");
		return;
	}
	list[r->gone_n++] = id;
}

static struct archive reading(struct bytes body)
{
	return (struct archive){.reading = true, .from = cursor_over(body)};
}

static bool was_whole(const struct archive *a)
{
	return !a->broken && cursor_left(&a->from) == 0;
}

static void hear_hello(struct service *s, struct bytes body)
{
	struct archive a = reading(body);
	struct wire_hello h = {0};
	bool first = s->hello.life == 0, same;

	wire_hello(&a, &h);
	if (!was_whole(&a) || h.life == 0) {
		refuse(s, "greeting");
		return;
	}
	round_void(&s->round);
	same = h.life == s->hello.life;
	if (!same) {
		s->tally.lives++;
		known_clear(&s->known);
		s->counted = false;
		if (first) {
			log_line(LEVEL_INFO, "cordon-packets %s has begun", h.version);
		} else {
			log_line(
				LEVEL_WARNING,
				"cordon-packets was started again; what it knew a minute ago is kept");
			service_health(s, "packets-restarted", NULL, s->tally.lives,
				       "the process that looks at packets was started again");
		}
	}
	s->hello = h;
	s->greeted = true;
	s->again = false;
	if (!s->ready) {
		s->ready = true;
		notify_send(&s->notify, "READY=1\nSTATUS=looking at packets");
	}
	summary_resume(s, !same);
	if (s->state == SERVICE_STOPS)
		service_send(s, WIRE_STOP, NULL, 0, -1);
}

/* Losses are said once in a while, and counted always. */
static void look_at_losses(struct service *s, const struct wire_counts *now)
{
	for (uint32_t i = 0; s->counted && i < now->interfaces_n; i++) {
		const struct wire_interface *in = &now->interfaces[i];
		const struct wire_interface *was = &s->counts.interfaces[i];

		if (i >= s->counts.interfaces_n || strcmp(in->name, was->name) != 0)
			continue;
		if (in->gone > was->gone) {
			log_line(LEVEL_WARNING, "%s is down or gone; waiting for it to come back",
				 in->name);
			service_health(s, "interface-gone", in->name, in->gone,
				       "the interface is down or gone");
		}
		if (in->dropped > was->dropped && service_now() >= s->drops_limit.next_ns)
			service_health(s, "capture-drops", in->name, in->dropped,
				       "the kernel dropped packets for want of room");
		if (in->dropped > was->dropped)
			log_limited(&s->drops_limit, LEVEL_WARNING,
				    "%s: %llu packets were dropped by the kernel so far; "
				    "a larger ring= in [capture] may help",
				    in->name, (unsigned long long)in->dropped);
	}
}

static void hear_counts(struct service *s, struct bytes body)
{
	/* Too large for a stack that is shared with libraries. */
	struct wire_counts *c = calloc(1, sizeof *c);
	struct archive a = reading(body);

	if (c != NULL)
		wire_counts(&a, c);
	if (c == NULL || !was_whole(&a)) {
		refuse(s, "counts");
	} else {
		look_at_losses(s, c);
		s->counts = *c;
		s->counted = true;
	}
	free(c);
}

static void hear_round(struct service *s, struct bytes body)
{
	struct archive a = reading(body);
	struct wire_round r = {0};

	wire_round(&a, &r);
	if (!was_whole(&a)) {
		refuse(s, "end of a round");
		round_void(&s->round);
		return;
	}
	s->tally.rounds++;
	s->tally.judge_us += r.judge_us;
	s->resumed = 0;
	s->last = r;
	if (service_keep(s, &r))
		service_send(s, WIRE_KEPT, body.at, body.len, -1);
}

static void hear_scanned(struct service *s, struct bytes body)
{
	uint8_t *networks;

	if (body.len != WIRE_NETWORKS) {
		refuse(s, "map of networks");
		return;
	}
	networks = arena_take(&s->round.arena, body.len);
	if (networks != NULL)
		memcpy(networks, body.at, body.len);
	s->round.scanned = networks;
}

static void hear_peers(struct service *s, struct bytes body)
{
	struct archive a = reading(body);
	struct wire_peers p = {.peers_n = 0};

	wire_peers(&a, &p);
	if (!was_whole(&a))
		refuse(s, "list of peers");
	else
		round_peers(&s->round, &p);
}

/* Of no round: what comes late opens late, and what is lost opens nothing. */
static void hear_names(struct service *s, struct bytes body)
{
	static struct wire_names names; /* large */
	struct archive a = reading(body);

	names = (struct wire_names){.names_n = 0};
	wire_names(&a, &names);
	if (!was_whole(&a))
		refuse(s, "list of names");
	else if (s->containment != NULL)
		(void)names_put(&s->names, &names, service_wall());
}

static void hear_flow(struct service *s, struct bytes body)
{
	struct archive a = reading(body);
	struct wire_flow f = {0};

	wire_flow(&a, &f);
	if (!was_whole(&a))
		refuse(s, "conversation");
	else
		service_flow(s, &f);
}

/* Files end; interfaces don't. */
static void hear_bye(struct service *s)
{
	if (s->state == SERVICE_RUNS && s->settings.files_n == 0) {
		refuse(s, "it says goodbye");
		return;
	}
	service_stop(s, s->status);
	uv_stop(&s->loop);
}

/*
 * A round that takes more is kept in pieces. A device takes about as much room as what is told of it, and the queue of events
 * must take that at once: a third of the queue, so that a disk which is fast enough loses nothing.
 */
static size_t piece_bytes(const struct service *s)
{
	uint64_t third = s->settings.queue_bytes / 3;

	if (s->events == NULL || third > PIECE_MOST)
		return PIECE_MOST;
	return third > PIECE_LEAST ? (size_t)third : PIECE_LEAST;
}

/* Pieces come as fast as they are kept: the disk gets a moment for the events of the last one. One that hangs gets it once. */
static void await_queue(struct service *s)
{
	uint64_t half = s->settings.queue_bytes / 2;

	if (s->events == NULL)
		return;
	for (int waited = 0; !s->queue_stuck && events_room(s->events) < half; waited++) {
		s->queue_stuck = waited * QUEUE_STEP_MS >= QUEUE_WAIT_MS;
		(void)usleep(QUEUE_STEP_MS * 1000);
	}
	if (events_room(s->events) >= half)
		s->queue_stuck = false;
}

static void hear(struct service *s, const struct wire_message *m)
{
	/* What stands before a greeting has lost its beginning to another service. */
	if (!s->greeted && m->type != WIRE_HELLO && m->type != WIRE_BYE) {
		if (m->fd >= 0)
			(void)close(m->fd);
		return;
	}
	if (m->fd >= 0 && m->type != WIRE_SUMMARY) {
		(void)close(m->fd);
		refuse(s, "it brings a descriptor");
		return;
	}
	switch (m->type) {
	case WIRE_HELLO:
		hear_hello(s, m->body);
		break;
	case WIRE_DEVICE:
		hear_device(s, m->body);
		break;
	case WIRE_GONE:
		hear_gone(s, m->body);
		break;
	case WIRE_ATTACK:
		hear_attack(s, m->body);
		break;
	case WIRE_RECALL:
		hear_recall(s, m->body);
		break;
	case WIRE_SCANNED:
		hear_scanned(s, m->body);
		break;
	case WIRE_PEERS:
		hear_peers(s, m->body);
		break;
	case WIRE_NAMES:
		hear_names(s, m->body);
		break;
	case WIRE_COUNTS:
		hear_counts(s, m->body);
		break;
	case WIRE_ROUND:
		hear_round(s, m->body);
		break;
	case WIRE_SUMMARY:
		summary_keep(s, m->fd);
		break;
	case WIRE_FLOW:
		hear_flow(s, m->body);
		break;
	case WIRE_BYE:
		hear_bye(s);
		break;
	default:
		refuse(s, "unknown type");
	}
	if (round_size(&s->round) >= piece_bytes(s)) {
		s->tally.pieces++;
		await_queue(s);
		(void)service_keep(s, NULL);
	}
}

/* An empty message looks like the end of the pair; only a poll tells them apart. */
static bool hung_up(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

void service_hear(struct service *s)
{
	struct wire_message m;

	for (int i = 0; i < AT_ONCE; i++) {
		int rc = wire_receive(s->wire, s->buffer, &m);

		if (rc == 0)
			return;
		if (rc == 1) {
			s->heard_ns = service_now();
			hear(s, &m);
		} else if (rc == -EBADMSG || !hung_up(s->wire)) {
			refuse(s, "its form");
		} else {
			log_line(LEVEL_ERROR, "the pair to cordon-packets is closed; ending");
			(void)uv_poll_stop(&s->packets);
			service_stop(s, s->state == SERVICE_STOPS ? s->status : EXITS_OS);
			uv_stop(&s->loop);
			return;
		}
	}
}
