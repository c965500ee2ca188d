/* SPDX-License-Identifier: MIT */
/*
 * Several taps in the order of their frames' time, copied into batches.
 *
 * A tap shows frames late, when the kernel closes a block, so the oldest frame at hand need not be the oldest there is. It
 * is handed out when every other tap shows a later one, or when it is ripe: from then on no tap can bring an older one.
 * Which is so many milliseconds after it was seen, by the monotonic clock: the clock on the wall may jump, and times in
 * frames with it. A tap whose ring is filling is not made to wait.
 *
 * No clock but that, no file; the system calls after live_add() are poll, getsockopt, and where an interface was away,
 * ioctl (SIOCGIFINDEX, SIOCGIFFLAGS), bind, getsockname and setsockopt.
 */
#include "capture/live.h"

#include "capture/tap.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOK_NS = 500 * 1000 * 1000, /* so often an interface that is away is looked for */
	VLAN_TAG = 4,
	BEHIND_MACS = 12
};

struct port {
	struct tap *tap;
	struct tap_frame head;
	bool has_head;
	uint32_t input;
	uint32_t snaplen;
	uint64_t number;
	int64_t look_ns; /* when it is looked for again */
	struct live_count count;
};

struct live {
	struct port ports[LIVE_INTERFACES];
	size_t n;
};

int64_t tap_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

/* The port with the oldest frame at hand, or NULL. */
static struct port *oldest_port(struct live *l)
{
	struct port *oldest = NULL;

	for (struct port *p = l->ports; p < l->ports + l->n; p++) {
		if (p->has_head && (oldest == NULL || p->head.time_ns < oldest->head.time_ns))
			oldest = p;
	}
	return oldest;
}

static bool all_show_one(const struct live *l)
{
	for (const struct port *p = l->ports; p < l->ports + l->n; p++) {
		if (!p->has_head && !p->tap->away)
			return false;
	}
	return true;
}

/* The port whose turn it is; NULL when there is no frame, or when older ones may come. */
static struct port *next_port(struct live *l, int64_t now_ns)
{
	struct port *p = oldest_port(l);

	return p == NULL || p->head.ripe_ns <= now_ns || all_show_one(l) ? p : NULL;
}

/* Copies the frame's bytes, with the VLAN tag in its place again. Returns how many. */
static uint32_t copy(const struct tap_frame *t, uint8_t *to)
{
	uint32_t len = t->len < FRAME_BYTES_MAX - VLAN_TAG ? t->len : FRAME_BYTES_MAX - VLAN_TAG;

	if (t->tpid == 0 || len < BEHIND_MACS) {
		memcpy(to, t->at, len);
		return len;
	}
	memcpy(to, t->at, BEHIND_MACS);
	to[BEHIND_MACS] = (uint8_t)(t->tpid >> 8);
	to[BEHIND_MACS + 1] = (uint8_t)t->tpid;
	to[BEHIND_MACS + 2] = (uint8_t)(t->tci >> 8);
	to[BEHIND_MACS + 3] = (uint8_t)t->tci;
	memcpy(to + BEHIND_MACS + VLAN_TAG, t->at + BEHIND_MACS, len - BEHIND_MACS);
	return len + VLAN_TAG;
}

static void count(struct live_count *c, const struct frame *f)
{
	c->frames++;
	c->bytes += f->wire_len;
	if (c->frames == 1 || f->time_ns < c->first_ns)
		c->first_ns = f->time_ns;
	if (c->frames == 1 || f->time_ns > c->last_ns)
		c->last_ns = f->time_ns;
}

/* Makes a frame of the port's next one; its bytes go to `to`. */
static void hand_out(struct port *p, struct frame *f, uint8_t *to)
{
	const struct tap_frame *t = &p->head;
	uint32_t tag = t->tpid == 0 ? 0 : VLAN_TAG;

	*f = (struct frame){.data = to,
			    .time_ns = t->time_ns,
			    .number = ++p->number,
			    .len = copy(t, to),
			    .wire_len = t->wire_len + tag,
			    .input = p->input,
			    .iface = p->input,
			    .snaplen = p->snaplen,
			    .linktype = p->tap->linktype,
			    .unfinished = t->unfinished};
	count(&p->count, f);
	p->tap->method->take(p->tap);
	p->has_head = p->tap->method->peek(p->tap, &p->head);
}

/* What is at hand. */
static uint32_t gather(struct live *l, struct batch *b)
{
	int64_t now_ns = tap_now_ns();
	size_t used = 0;

	b->n = 0;
	for (struct port *p = l->ports; p < l->ports + l->n; p++) {
		if (!p->has_head)
			p->has_head = p->tap->method->peek(p->tap, &p->head);
	}
	/* Behind BATCH_READ bytes there is always room for the longest frame. */
	while (b->n < BATCH_FRAMES && used < BATCH_READ) {
		struct port *p = next_port(l, now_ns);

		if (p == NULL)
			break;
		hand_out(p, &b->frames[b->n], b->bytes + used);
		used += b->frames[b->n++].len;
	}
	return b->n;
}

/* ---- waiting --------------------------------------------------------------------------------------------------- */

static void look(struct port *p)
{
	bool was_away = p->tap->away;

	p->tap->method->look(p->tap);
	p->look_ns = tap_now_ns() + LOOK_NS;
	p->count.gone += p->tap->away && !was_away;
}

/* The error of a socket is looked at once: an interface that was up again by then was gone all the same. */
static void trouble(struct port *p)
{
	uint64_t gone = p->count.gone;
	bool was_away = p->tap->away;

	look(p);
	if (!was_away && p->count.gone == gone)
		p->count.gone++;
}

/* When there is something to do though no socket says so. */
static int64_t wake_ns(struct live *l, int64_t end_ns)
{
	const struct port *oldest = oldest_port(l);

	if (oldest != NULL && oldest->head.ripe_ns < end_ns)
		end_ns = oldest->head.ripe_ns;
	for (const struct port *p = l->ports; p < l->ports + l->n; p++) {
		if (p->tap->away && p->look_ns < end_ns)
			end_ns = p->look_ns;
	}
	return end_ns;
}

static int milliseconds_to(int64_t ns)
{
	int64_t left = ns - tap_now_ns();

	if (left <= 0)
		return 0;
	return left >= INT64_C(1000000) * INT32_MAX ? INT32_MAX : (int)((left + 999999) / 1000000);
}

/* Waits for a frame, an error, or until that time. False when whoever called should have its turn. */
static bool wait_until(struct live *l, int64_t end_ns, int wake_fd)
{
	struct pollfd fds[LIVE_INTERFACES + 1];
	bool turn;

	for (size_t i = 0; i < l->n; i++) {
		/* One that has a frame would not let us wait for the others. */
		fds[i] = (struct pollfd){.fd = l->ports[i].has_head ? -1 : l->ports[i].tap->fd,
					 .events = POLLIN};
	}
	fds[l->n] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
	if (poll(fds, l->n + 1, milliseconds_to(wake_ns(l, end_ns))) < 0)
		return false;
	turn = fds[l->n].revents != 0;
	for (size_t i = 0; i < l->n; i++) {
		struct port *p = &l->ports[i];

		if ((fds[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
			trouble(p);
		else if (p->tap->away && p->look_ns <= tap_now_ns())
			look(p);
	}
	return !turn;
}

uint32_t live_fill(struct live *l, struct batch *b, int wait_ms, int wake_fd)
{
	int64_t end_ns;

	if (gather(l, b) > 0)
		return b->n;
	end_ns = wait_ms < 0 ? INT64_MAX : tap_now_ns() + wait_ms * INT64_C(1000000);
	while (wait_until(l, end_ns, wake_fd)) {
		if (gather(l, b) > 0 || tap_now_ns() >= end_ns)
			return b->n;
	}
	return gather(l, b);
}

/* While others are busy nobody waits, and who waits learns of errors. */
static void look_if_due(struct port *p)
{
	struct pollfd fd = {.fd = p->tap->fd};

	if (poll(&fd, 1, 0) > 0)
		trouble(p);
	else if ((p->tap->away || p->tap->silent) && p->look_ns <= tap_now_ns())
		look(p);
}

void live_count(struct live *l, size_t interface, struct live_count *out)
{
	struct port *p = &l->ports[interface];

	look_if_due(p);
	p->count.dropped = p->tap->method->dropped(p->tap);
	p->count.away = p->tap->away;
	p->count.stale = p->tap->stale;
	*out = p->count;
}

/* ---- begin and end --------------------------------------------------------------------------------------------- */

int live_new(struct live **out)
{
	*out = calloc(1, sizeof **out);
	return *out == NULL ? -ENOMEM : 0;
}

static void added(struct live *l, const struct live_options *options)
{
	struct port *p = &l->ports[l->n++];

	p->input = options->input;
	p->number = options->number;
	p->snaplen = options->snaplen;
}

int live_add(struct live *l, const struct live_options *options, const char **why)
{
	struct port *p = &l->ports[l->n];
	int err = -E2BIG;

	*why = "too many interfaces";
	if (l->n < LIVE_INTERFACES)
		err = tap_ring.open(options, &p->tap, why);
	if (err != 0)
		close(options->fd);
	else
		added(l, options);
	return err;
}

int live_add_xdp(struct live *l, const struct live_options *options, const struct live_xdp *sockets,
		 const char **why)
{
	int err = -E2BIG;

	*why = "too many interfaces";
	if (l->n < LIVE_INTERFACES)
		err = tap_xdp_open(options, sockets, &l->ports[l->n].tap, why);
	if (err == 0)
		added(l, options);
	return err;
}

void live_free(struct live *l)
{
	for (size_t i = 0; l != NULL && i < l->n; i++) {
		struct tap *t = l->ports[i].tap;
		int fd = t->fd;

		t->method->close(t);
		close(fd);
	}
	free(l);
}
