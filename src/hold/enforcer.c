/* SPDX-License-Identifier: MIT */
/*
 * The pair to cordon-enforce, see enforcer.h. What was told is kept as a list, and the difference to what is wanted is always
 * reckoned by plan_actions(): a socket that is full, a restart or a message that failed need no bookkeeping of their own. The
 * other side is ours but has privileges: its answers are looked at, never believed further than a number.
 */
#include "hold/enforcer.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_NS (5 * NS_PER_S)
#define SLACK_NS (2 * NS_PER_S)

int enforcer_init(struct enforcer *e, int fd)
{
	*e = (struct enforcer){.fd = fd, .again = true};
	if (getrandom(&e->first, sizeof e->first, GRND_NONBLOCK) != sizeof e->first)
		e->first = (uint64_t)getpid();
	e->first >>= 8; /* it never wraps */
	e->cookie = e->answered = e->first;
	e->wanted = calloc(CONTAIN_ELEMENTS, sizeof *e->wanted);
	e->told = calloc(CONTAIN_ELEMENTS, sizeof *e->told);
	e->actions = calloc((size_t)2 * CONTAIN_ELEMENTS, sizeof *e->actions);
	if (e->wanted != NULL && e->told != NULL && e->actions != NULL)
		return 0;
	enforcer_fini(e);
	return -ENOMEM;
}

void enforcer_fini(struct enforcer *e)
{
	free(e->wanted);
	free(e->told);
	free(e->actions);
	*e = (struct enforcer){.fd = -1};
}

/* ---- sending --------------------------------------------------------------------------------------------------- */

static bool send_one(struct enforcer *e, struct enforce_message *m)
{
	m->magic = ENFORCE_MAGIC;
	m->cookie = e->cookie + 1;
	if (e->fd < 0 || send(e->fd, m, sizeof *m, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof *m)
		return false;
	e->cookie++;
	return true;
}

static bool send_type(struct enforcer *e, enum enforce_type type)
{
	struct enforce_message m = {.type = type};

	return send_one(e, &m);
}

/* Whole seconds, rounded up, so that nothing ends before it should; 0: no end. */
static uint32_t seconds_left(int64_t until_ns, int64_t now_ns)
{
	int64_t left = time_since(now_ns, until_ns);

	if (until_ns == 0)
		return 0;
	if (left <= 0)
		return 1;
	left = left / NS_PER_S + (left % NS_PER_S != 0);
	return left > ENFORCE_SECONDS_MOST ? ENFORCE_SECONDS_MOST : (uint32_t)left;
}

static bool send_action(struct enforcer *e, const struct contain_action *a, int64_t now_ns)
{
	struct enforce_message m = {.type = a->deed == DEED_REMOVE ? ENFORCE_REMOVE : ENFORCE_ADD,
				    .set = (uint32_t)a->element.set};

	if (a->deed != DEED_REMOVE)
		m.seconds = seconds_left(a->element.until_ns, now_ns);
	memcpy(m.mac, a->element.mac.b, sizeof m.mac);
	memcpy(m.addr, a->element.addr.b, sizeof m.addr);
	return send_one(e, &m);
}

/* ---- what was told --------------------------------------------------------------------------------------------- */

static void note_told(struct enforcer *e, const struct contain_action *a)
{
	bool there;
	size_t at = contain_element_place(e->told, e->told_n, &a->element, &there);

	if (a->deed == DEED_REMOVE) {
		if (there)
			memmove(&e->told[at], &e->told[at + 1],
				(--e->told_n - at) * sizeof *e->told);
		return;
	}
	if (!there)
		memmove(&e->told[at + 1], &e->told[at], (e->told_n++ - at) * sizeof *e->told);
	e->told[at] = a->element;
}

/* The kernel forgot what ended. */
static void drop_ended(struct enforcer *e, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->told_n; i++)
		if (e->told[i].until_ns == 0 || e->told[i].until_ns > now_ns)
			e->told[kept++] = e->told[i];
	e->told_n = kept;
}

/* Behind the holds: what is deleted before that would begin again. */
static void send_forgets(struct enforcer *e)
{
	while (e->heard && e->forget_n > 0) {
		struct enforce_message m = {.type = ENFORCE_FORGET};

		memcpy(m.addr, e->forget[e->forget_n - 1].b, sizeof m.addr);
		if (!send_one(e, &m))
			return;
		e->forget_n--;
	}
}

static void push(struct enforcer *e, int64_t now_ns)
{
	size_t n;

	if (e->fd < 0)
		return;
	if (e->again && now_ns >= e->again_ns) {
		if (!send_type(e, ENFORCE_BEGIN))
			return;
		e->again = false;
		e->begun = true;
		e->told_n = 0;
	}
	drop_ended(e, now_ns);
	n = plan_actions(e->wanted, e->wanted_n, e->told, e->told_n, SLACK_NS, e->actions);
	for (size_t i = 0; i < n; i++) {
		/* What goes and what comes are never together more than there is room for, but an old hold goes last. */
		if (e->actions[i].deed == DEED_ADD && e->told_n == CONTAIN_ELEMENTS)
			continue;
		if (!send_action(e, &e->actions[i], now_ns))
			return;
		note_told(e, &e->actions[i]);
	}
	/* At END goes what was not said: not before all of it is known. */
	if (e->begun && !e->partial && send_type(e, ENFORCE_END))
		e->begun = false;
	send_forgets(e);
}

void enforcer_want(struct enforcer *e, const struct contain_all *all, int64_t now_ns)
{
	size_t refused = 0;

	e->wanted_n = plan_elements(all, e->wanted, CONTAIN_ELEMENTS, &refused);
	e->refused = refused;
	push(e, now_ns);
}

bool enforcer_count(struct enforcer *e, const struct mac *mac)
{
	struct enforce_message m = {.type = ENFORCE_COUNT};

	memcpy(m.mac, mac->b, sizeof m.mac);
	if (!e->heard || e->begun || e->count_cookie > e->answered || !send_one(e, &m))
		return false;
	e->counting = *mac;
	e->count_cookie = e->cookie;
	return true;
}

void enforcer_forget(struct enforcer *e, const struct addr *addr)
{
	for (size_t i = 0; i < e->forget_n; i++)
		if (addr_equal(&e->forget[i], addr))
			return;
	if (e->forget_n < ENFORCER_FORGETS && (addr_class(addr) & ADDR_NO_SENDER) == 0)
		e->forget[e->forget_n++] = *addr;
}

void enforcer_remove_all(struct enforcer *e)
{
	e->wanted_n = e->told_n = 0;
	e->begun = e->again = false;
	(void)send_type(e, ENFORCE_REMOVE_ALL);
}

bool enforcer_is_done(const struct enforcer *e)
{
	return e->heard && !e->begun && !e->again && e->answered == e->cookie;
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

static bool is_ours(const struct enforcer *e, uint64_t cookie)
{
	return cookie > e->first && cookie <= e->cookie;
}

static void take_failure(struct enforcer *e, const struct enforce_message *m, int64_t now_ns)
{
	e->failed++;
	e->why = (int)m->number;
	/* Whom it must not hold it won't the next time either; whom it knows nothing of there is nothing to count. */
	if (m->number == EPERM || m->cookie == e->count_cookie || e->again)
		return;
	e->again = true;
	e->again_ns = now_ns + AGAIN_NS;
}

static void take(struct enforcer *e, const struct enforce_message *m, int64_t now_ns)
{
	if (m->type == ENFORCE_HELLO) { /* whatever was under way to the one before is void */
		e->heard = e->again = true;
		e->begun = false;
		e->again_ns = now_ns;
		e->answered = e->cookie;
	} else if (m->type == ENFORCE_RELOADED) {
		e->reloaded += m->bytes == 0; /* else a port came or went */
	} else if ((m->type == ENFORCE_DONE || m->type == ENFORCE_FAILED) &&
		   is_ours(e, m->cookie)) {
		e->heard = true;
		e->answered = m->cookie;
		if (m->type == ENFORCE_FAILED)
			take_failure(e, m, now_ns);
		else if (e->counted != NULL && m->cookie == e->count_cookie)
			e->counted(e->context, &e->counting, m->packets, m->bytes);
	}
}

void enforcer_tend(struct enforcer *e, int64_t now_ns)
{
	struct enforce_message m;

	while (e->fd >= 0) {
		ssize_t n = recv(e->fd, &m, sizeof m, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			break;
		if (n == 0) { /* the first process keeps both ends, so this is the end of all */
			e->heard = false;
			break;
		}
		if (n == sizeof m && m.magic == ENFORCE_MAGIC)
			take(e, &m, now_ns);
	}
	push(e, now_ns);
}
