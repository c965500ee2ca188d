/* SPDX-License-Identifier: MIT */
/*
 * MACs at two ports (hold/moves.h), for the service: what the kernel told is read before anybody is decided on, and what is
 * suspicious of it becomes a line and a health event, at most one of each for a MAC in ten minutes and one a second in all.
 */
#include "watch/service_contain.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>

enum { CROWD = 256 }; /* MACs that found no room since it was told last */

static const char *name_of(uint32_t port, char room[IF_NAMESIZE])
{
	if (if_indextoname(port, room) == NULL)
		(void)snprintf(room, IF_NAMESIZE, "port %u", port % 1000000);
	return room;
}

static void tell_of_flap(struct service *s, struct containment *c)
{
	char mac[MAC_TEXT_MAX], here[IF_NAMESIZE], there[IF_NAMESIZE], text[256];
	const struct moves_mac *news = &c->moves.news;

	(void)snprintf(
		text, sizeof text,
		"%s is at two ports, %s and %s: somebody may be using its MAC. It is not held for "
		"what was sent meanwhile",
		mac_text(&news->mac, mac), name_of(news->before, there), name_of(news->port, here));
	log_limited(&c->moves_limit, LEVEL_WARNING, "%s", text);
	service_health(s, "mac-on-two-ports", here, c->moves.flapped, text);
	c->flapped_told = c->moves.flapped;
}

static void tell_of_crowd(struct service *s, struct containment *c)
{
	static const char text[] =
		"there are more MACs behind one port than a home has: somebody may be making them up";

	log_limited(&c->moves_limit, LEVEL_WARNING, "%s", text);
	service_health(s, "macs-made-up", NULL, c->moves.refused + c->moves.lost, text);
	c->crowd_told = c->moves.refused;
	c->lost_told = c->moves.lost;
}

void containment_moves_read(struct service *s, struct containment *c)
{
	moves_read(&c->moves, containment_now(s));
	if (c->moves.flapped != c->flapped_told)
		tell_of_flap(s, c);
	if (c->moves.refused - c->crowd_told >= CROWD || c->moves.lost != c->lost_told)
		tell_of_crowd(s, c);
}

bool containment_doubts(void *context, const struct holder_entry *e)
{
	struct containment *c = context;
	const struct mac *mac;

	for (size_t i = 0; e->verdict >= VERDICT_SUSPECT && (mac = holder_mac(e, i)) != NULL; i++) {
		if (moves_doubt(&c->moves, mac, e->sign_ns)) {
			moves_accused(&c->moves, mac, c->now_ns);
			doubts_note(&c->doubts, mac, e->sign_ns);
		}
		if (doubts_has(&c->doubts, mac, e->sign_ns))
			return true;
	}
	return false;
}

int containment_doubts_store(struct containment *c, struct store *store)
{
	struct text text = {0};
	int rc;

	if (!c->doubts.changed)
		return 0;
	doubts_write(&c->doubts, &text);
	rc = text.failed ? -ENOMEM : store_doubts_set(store, text_string(&text));
	text_fini(&text);
	return rc;
}

void containment_doubts_resume(struct containment *c, struct store *store, struct arena *arena)
{
	const char *text = store_doubts(store, arena);

	if (text != NULL)
		doubts_read(&c->doubts, text);
}

static void on_moves(uv_poll_t *poll, int status, int events)
{
	struct service *s = poll->data;

	(void)status;
	(void)events;
	if (s->containment != NULL)
		containment_moves_read(s, s->containment);
}

void containment_moves_begin(struct service *s, struct containment *c)
{
	char why[LOG_ERROR_TEXT];
	int err = moves_open(&c->moves);

	c->moves_poll.data = s;
	if (err == 0 && (uv_poll_init(&s->loop, &c->moves_poll, c->moves.fd) != 0 ||
			 uv_poll_start(&c->moves_poll, UV_READABLE, on_moves) != 0))
		err = -ENOMEM;
	if (err != 0)
		log_line(LEVEL_WARNING, "the kernel does not say which MAC is at which port: %s",
			 log_error(-err, why));
}

void containment_moves_end(struct containment *c)
{
	if (c->moves.fd >= 0)
		(void)uv_poll_stop(&c->moves_poll);
}
