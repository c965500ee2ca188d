/* SPDX-License-Identifier: MIT */
/*
 * TCP in order, as far as parsers need it (RFC 9293, 3.10.7.4): bytes below the next expected one are old news, bytes
 * above it wait in a window. A hole is given up when the receiver acknowledged what was in it (it was sent, and only we
 * did not see it), when the window is full, or when the connection ends. Resistance: of two texts for one place the first
 * counts; a reset counts only where its sender stands in the sequence; windows and entries are few and of fixed size.
 */
#include "flow/flows.h"

#include <stddef.h>

enum {
	PLACES_TRIED =
		16, /* entries looked at for one that may be used anew when the table is full … */
	PLACES_GLANCED =
		2, /* … and before, so that a table no larger than what is open stays at hand */
	PLACES_FIRST = 64,
	FAR = 1
	      << 20 /* bytes ahead that no receiver lets a sender be without an answer: forged, or of another time */
};

static bool is_between(const struct flow *f, const struct addr *client, const struct addr *server)
{
	return addr_equal(&f->client, client) && addr_equal(&f->server, server);
}

/* Ports first: one comparison for both tells most others apart. */
struct flow *flows_find(const struct flows *t, const struct stamp *s, uint32_t bucket,
			unsigned *side)
{
	const struct packet *p = s->packet;
	const uint32_t *first = stripe_at(&t->buckets, bucket);
	struct flow *f;

	for (uint32_t at = *first; at != 0; at = f->chain) {
		f = flows_at(t, at - 1);
		if (f->transport != p->proto)
			continue;
		if (f->client_port == p->sport && f->server_port == p->dport &&
		    is_between(f, &p->src, &p->dst)) {
			*side = CLIENT_SIDE;
			return f;
		}
		if (f->server_port == p->sport && f->client_port == p->dport &&
		    is_between(f, &p->dst, &p->src)) {
			*side = SERVER_SIDE;
			return f;
		}
	}
	return NULL;
}

static void unchain(struct flows *t, const struct flow *f, uint32_t position)
{
	uint32_t *link = stripe_at(&t->buckets, f->bucket);

	while (*link != position + 1)
		link = &flows_at(t, *link - 1)->chain;
	*link = f->chain;
}

static bool has_ended(const struct flow *f)
{
	return (f->side[0].flags & f->side[1].flags & SIDE_CLOSED) != 0 ||
	       (f->flags & FLOW_RESET) != 0;
}

static bool is_two_way(const struct flow *f)
{
	bool any = ((f->side[0].flags | f->side[1].flags) & SIDE_SPOKE) != 0;
	bool both = (f->side[0].flags & f->side[1].flags & SIDE_SPOKE) != 0;

	return both || (any && (f->flags & FLOW_OPENED) != 0);
}

/* Ended, or never answered although there was time. */
static bool is_over(const struct flows *t, const struct flow *f, int64_t now_ns)
{
	return has_ended(f) || (now_ns - f->last_ns > t->answer_ns && !is_two_way(f));
}

bool flows_may_go(const struct flows *t, const struct flow *f, int64_t now_ns)
{
	return has_ended(f) || !is_two_way(f) || now_ns - f->last_ns > t->idle_ns;
}

/* The places that will be looked at next come from memory while others are worked on, and the bucket of the first. */
static inline __attribute__((always_inline)) void look_ahead(const struct flows *t)
{
	uint32_t next = t->hand;

	__builtin_prefetch(stripe_at(&t->buckets, flows_at(t, next)->bucket));
	for (uint32_t i = 1; i <= PLACES_GLANCED; i++) {
		const char *far;

		next = next + 1 == t->n ? 0 : next + 1;
		far = (const char *)flows_at(t, next);

		for (size_t at = 0; at < sizeof(struct flow); at += 64)
			__builtin_prefetch(far + at);
	}
}

/* The entry at this place makes room. */
static void vacate(struct flows *t, uint32_t at)
{
	struct flow *f = flows_at(t, at);

	t->cut += (f->side[0].flags & f->side[1].flags & SIDE_CLOSED) == 0 &&
		  (f->flags & (FLOW_DEAF | FLOW_RESET)) == 0;
	flow_forget(t, f);
	t->leave(t->context, f);
	unchain(t, f, at);
}

/*
 * A place for a new entry, or t->cap. What is over makes room first, then a new place is taken, then what is silent goes.
 * One that is seen from its beginning also takes that of one to which nobody listens any more: nothing is lost but a place.
 */
static uint32_t find_place(struct flows *t, int64_t now_ns, bool opening)
{
	bool full = t->n == t->cap;
	unsigned tries = full ? PLACES_TRIED : t->n < PLACES_FIRST ? 0 : PLACES_GLANCED;

	while (tries-- > 0) {
		uint32_t at = t->hand;
		const struct flow *f = flows_at(t, at);

		t->hand = at + 1 == t->n ? 0 : at + 1;
		if (full ? flows_may_go(t, f, now_ns) || (opening && (f->flags & FLOW_DEAF) != 0)
			 : is_over(t, f, now_ns)) {
			vacate(t, at);
			look_ahead(t);
			return at;
		}
	}
	if (!full)
		return t->n++;
	t->refused++;
	return t->cap;
}

static uint8_t public_of(const struct addr *a)
{
	return addr_is_public(a) ? WHO_PUBLIC : 0;
}

struct flow *flows_add(struct flows *t, const struct stamp *s, uint32_t bucket, unsigned side)
{
	const struct packet *p = s->packet;
	uint32_t at = find_place(t, p->now_ns, (p->tcp_flags & TCP_SYN) != 0);
	uint32_t *head = stripe_at(&t->buckets, bucket);
	bool sender_calls = side == CLIENT_SIDE;
	struct flow *f;

	if (at == t->cap)
		return NULL;
	f = flows_at(t, at);
	*f = (struct flow){.client = sender_calls ? p->src : p->dst,
			   .server = sender_calls ? p->dst : p->src,
			   .client_port = sender_calls ? p->sport : p->dport,
			   .server_port = sender_calls ? p->dport : p->sport,
			   .transport = p->proto,
			   .bucket = bucket,
			   .chain = *head,
			   .who = {public_of(sender_calls ? &p->src : &p->dst),
				   public_of(sender_calls ? &p->dst : &p->src)},
			   .last_ns = p->now_ns};
	*head = at + 1;
	return f;
}

static struct window *window_of(const struct flows *t, const struct side *side)
{
	return side->window == 0 ? NULL : stripe_at(&t->windows, side->window - 1U);
}

static void give_back(struct flows *t, struct side *side)
{
	struct window *w = window_of(t, side);

	if (w == NULL)
		return;
	w->owner = 0;
	side->window = 0;
}

void flow_forget(struct flows *t, struct flow *f)
{
	give_back(t, &f->side[0]);
	give_back(t, &f->side[1]);
}

/* All that waits is given up, holes and all; what comes again of it is old news. */
static void lose_window(struct side *s, const struct window *w)
{
	s->next += w->ranges_n == 0 ? 0 : w->ranges[w->ranges_n - 1].to;
	s->flags |= SIDE_GAP;
	s->window = 0;
}

/* A free window, or the one untouched the longest when that is long enough; its owner then has a gap. */
static struct window *find_window(struct flows *t, uint32_t *at, int64_t now_ns)
{
	struct window *oldest = NULL;

	for (uint32_t i = 0; i < t->windows_cap; i++) {
		struct window *w = stripe_at(&t->windows, i);

		if (w->owner == 0) {
			*at = i;
			return w;
		}
		if (oldest == NULL || w->touched_ns < oldest->touched_ns) {
			oldest = w;
			*at = i;
		}
	}
	if (oldest == NULL || now_ns - oldest->touched_ns <= t->idle_ns)
		return NULL;
	lose_window(&flows_at(t, oldest->owner - 1)->side[oldest->side], oldest);
	return oldest;
}

uint32_t flows_position(const struct flows *t, const struct flow *f)
{
	const uint32_t *bucket = stripe_at(&t->buckets, f->bucket);
	uint32_t at = *bucket;

	while (flows_at(t, at - 1) != f)
		at = flows_at(t, at - 1)->chain;
	return at - 1;
}

static struct window *get_window(struct flows *t, struct flow *f, unsigned side, int64_t now_ns)
{
	struct window *w = window_of(t, &f->side[side]);
	uint32_t at = 0;

	if (w == NULL) {
		w = find_window(t, &at, now_ns);
		if (w == NULL) {
			t->refused_windows++;
			return NULL;
		}
		w->owner = flows_position(t, f) + 1;
		w->side = (uint8_t)side;
		w->ranges_n = 0;
		f->side[side].window = (uint16_t)(at + 1);
	}
	w->touched_ns = now_ns;
	return w;
}

/* Takes the gap that stands before the next bytes, and whether the side ends with them. */
static struct flow_bytes next_bytes(struct side *s, struct bytes data)
{
	struct flow_bytes got = {.data = data, .gap = (s->flags & SIDE_GAP) != 0};

	if (data.len > 0)
		s->flags &= (uint8_t)~SIDE_GAP;
	if ((s->flags & (SIDE_CLOSED | SIDE_TOLD)) == SIDE_CLOSED &&
	    (int32_t)(s->next + (uint32_t)data.len - s->end) >= 0) {
		s->flags |= SIDE_TOLD;
		got.closed = true;
	}
	return got;
}

/* Bytes before the first that waits are gone for good. */
static void skip_hole(struct side *s, struct window *w)
{
	uint32_t first = window_first(w);

	if (first == 0 || first >= WINDOW_BYTES)
		return;
	window_drop(w, first);
	s->next += first;
	s->flags |= SIDE_GAP;
}

static struct flow_bytes take_later(struct flows *t, struct flow *f, unsigned side,
				    struct bytes data, uint32_t offset, int64_t now_ns)
{
	struct side *s = &f->side[side];
	struct window *w = get_window(t, f, side, now_ns);
	uint32_t before = s->next;

	/* No room so far ahead: the hole is given up before what waits behind it. */
	if (w != NULL && offset + data.len > WINDOW_BYTES)
		skip_hole(s, w);
	offset -= s->next - before;
	if (w == NULL || offset + data.len > WINDOW_BYTES) {
		/* Too far, or no room to wait in: what came before is lost. */
		give_back(t, s);
		s->next += offset;
		if (offset > 0)
			s->flags |= SIDE_GAP;
		return next_bytes(s, data);
	}
	window_put(w, offset, data);
	return next_bytes(s, window_front(w));
}

static void note_acknowledged(struct flows *t, struct side *s, const struct packet *p)
{
	struct window *w = window_of(t, s);

	if (w == NULL || (p->tcp_flags & TCP_ACK) == 0)
		return;
	if (window_first(w) > 0 && (int32_t)(p->ack - s->next) >= (int32_t)window_first(w))
		skip_hole(s, w);
}

static void note_end(struct flow *f, unsigned side, const struct packet *p)
{
	struct side *s = &f->side[side];
	uint32_t end = p->seq + p->payload_wire;
	bool old = (s->flags & SIDE_KNOWN) != 0 && (int32_t)(end - s->next) < 0;

	/* An end before what was read already is no end: forged, or of a connection before. */
	if ((p->tcp_flags & TCP_FIN) != 0 && (s->flags & SIDE_CLOSED) == 0 && !old) {
		s->end = end;
		s->flags |= SIDE_CLOSED;
	}
	if ((p->tcp_flags & TCP_RST) == 0)
		return;
	if ((s->flags & SIDE_KNOWN) != 0 && (uint32_t)(p->seq - s->next) > 0xffff &&
	    (uint32_t)(s->next - p->seq) > 1)
		return; /* not from where the sender stands: forged, or very late */
	f->flags |= FLOW_RESET;
	for (int i = 0; i < 2; i++) {
		f->side[i].flags |= SIDE_CLOSED;
		f->side[i].end = f->side[i].next;
	}
}

void flow_open(struct flows *t, struct flow *f, const struct packet *syn_ack)
{
	flow_forget(t, f);
	f->side[CLIENT_SIDE] = (struct side){.next = syn_ack->ack, .flags = SIDE_KNOWN};
	f->side[SERVER_SIDE] = (struct side){.next = syn_ack->seq + 1, .flags = SIDE_KNOWN};
	f->flags = FLOW_OPENED;
	f->last_ns = syn_ack->now_ns;
}

/* The snap length left bytes out that will never come. */
static void pass_cut(struct flows *t, struct side *s)
{
	if ((int32_t)(s->cut_to - s->next) <= 0)
		return;
	give_back(t, s);
	s->next = s->cut_to;
	s->flags |= SIDE_GAP;
}

struct flow_bytes flow_take(struct flows *t, struct flow *f, unsigned side, const struct packet *p)
{
	struct side *s = &f->side[side];
	struct bytes data = packet_payload(p);
	int32_t offset;

	f->last_ns = p->now_ns;
	f->last_key = p->key;
	f->last_time_ns = p->time_ns;
	s->flags |= SIDE_SPOKE;
	note_acknowledged(t, &f->side[1 - side], p);
	if ((s->flags & SIDE_KNOWN) == 0) {
		s->next = p->seq;
		s->flags |= SIDE_KNOWN;
		if ((f->flags & FLOW_OPENED) == 0)
			s->flags |= SIDE_GAP;
	}
	if ((s->flags & SIDE_CUT) != 0) {
		s->flags &= (uint8_t)~SIDE_CUT;
		pass_cut(t, s);
	}
	if (p->payload_len < p->payload_wire) {
		s->cut_to = p->seq + p->payload_wire;
		s->flags |= SIDE_CUT;
	}
	note_end(f, side, p);
	offset = (int32_t)(p->seq - s->next);
	if (offset > FAR)
		return next_bytes(s, (struct bytes){.at = NULL, .len = 0});
	if (offset < 0) {
		size_t old = (size_t)(-(int64_t)offset);

		data = old < data.len ? (struct bytes){data.at + old, data.len - old}
				      : (struct bytes){.at = NULL, .len = 0};
		offset = 0;
	}
	if (data.len == 0) {
		struct window *w = window_of(t, s);

		return next_bytes(s, w == NULL ? (struct bytes){.at = NULL, .len = 0}
					       : window_front(w));
	}
	s->seen = s->seen > UINT32_MAX - (uint32_t)data.len ? UINT32_MAX
							    : s->seen + (uint32_t)data.len;
	if (offset == 0 && s->window == 0)
		return next_bytes(s, data);
	return take_later(t, f, side, data, (uint32_t)offset, p->now_ns);
}

struct flow_bytes flow_used(struct flows *t, struct flow *f, unsigned side,
			    const struct flow_bytes *got, size_t used, int64_t now_ns)
{
	static const struct flow_bytes nothing = {.data = {NULL, 0}};
	struct side *s = &f->side[side];
	struct window *w = window_of(t, s);
	size_t left = got->data.len - used;
	bool stuck = used == 0 && got->data.len >= WINDOW_BYTES;
	struct flow_bytes more;

	if (stuck) {
		used = got->data.len;
		left = 0;
		s->flags |= SIDE_GAP;
	}
	s->next += (uint32_t)used;
	if (w != NULL) {
		window_drop(w, (uint32_t)used);
		if (window_is_empty(w)) {
			give_back(t, s);
			return nothing;
		}
		if (used == 0 || window_front(w).len == 0)
			return nothing;
		more = next_bytes(s, window_front(w));
		more.closed |= got->closed;
		return more;
	}
	if (left == 0)
		return nothing;
	if (used > 0) /* once more what is left, before it is copied away */
		return (struct flow_bytes){.data = {got->data.at + used, left},
					   .closed = got->closed};
	w = get_window(t, f, side, now_ns);
	if (w == NULL) {
		s->next += (uint32_t)left;
		s->flags |= SIDE_GAP;
		return nothing;
	}
	window_put(w, 0, got->data);
	return nothing;
}

/* What was offered and not used: bytes that would have explained it are lost. */
static void pass_front(struct side *s, struct window *w)
{
	uint32_t n = (uint32_t)window_front(w).len;

	if (n == 0)
		return;
	window_drop(w, n);
	s->next += n;
	s->flags |= SIDE_GAP;
}

bool flow_rest(struct flows *t, struct flow *f, unsigned side, bool again, struct flow_bytes *got)
{
	struct side *s = &f->side[side];
	struct window *w = window_of(t, s);
	struct bytes none = {.at = NULL, .len = 0};
	uint32_t waiting = 0;

	if ((s->flags & SIDE_TOLD) != 0)
		return false;
	if (w != NULL && again)
		pass_front(s, w);
	if (w != NULL)
		skip_hole(s, w);
	if (w != NULL && !window_is_empty(w))
		waiting = w->ranges[w->ranges_n - 1].to;
	s->end = s->next + waiting;
	s->flags |= SIDE_CLOSED;
	*got = next_bytes(s, w == NULL ? none : window_front(w));
	return true;
}

struct flow_bytes flow_waiting(struct flows *t, struct flow *f, unsigned side)
{
	struct side *s = &f->side[side];
	struct window *w = window_of(t, s);
	struct bytes none = {.at = NULL, .len = 0};

	return next_bytes(s, w == NULL ? none : window_front(w));
}

void flow_skip(struct flow *f, unsigned side, const struct packet *p)
{
	struct side *s = &f->side[side];

	f->last_ns = p->now_ns;
	if ((p->tcp_flags & (TCP_FIN | TCP_RST)) == 0)
		return;
	s->flags |= SIDE_CLOSED;
	if ((p->tcp_flags & TCP_RST) != 0)
		f->flags |= FLOW_RESET;
}
