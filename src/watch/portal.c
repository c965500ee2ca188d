/* SPDX-License-Identifier: MIT */
/*
 * See portal.h. A door is one address of this host in a network that is watched, bound to its interface (SO_BINDTODEVICE): what
 * comes from the Internet side finds nobody, also when it is sent to an address of the LAN. Who is outside of the local
 * networks is turned away once more by address.
 *
 * Bounds: GUESTS connections, of a MAC at most GUESTS_EACH, since addresses of IPv6 cost nothing; one request each, of
 * REQUEST_BYTES, within GUEST_NS from the first byte to the last. Who finds no room is closed at once. A guest who sends a
 * byte now and then (Slowloris) is shut down with the others.
 */
#include "watch/portal.h"

#include "base/timespan.h"
#include "hold/hold_place.h"
#include "watch/http_server.h"
#include "hold/neighbour.h"
#include "watch/portal_view.h"
#include "watch/service_contain.h"

#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DOORS = 32,
	GUESTS = 32,
	GUESTS_EACH = 4,
	ACCEPTED_AT_ONCE = 16,
	BACKLOG = 32,
	REQUEST_BYTES = 8192, /* half of it for the request, by the library's doing */
	IDLE_S = 5,
	TICK_MS = 1000
};
#define GUEST_NS (5 * NS_PER_S)
#define DOORS_NS (5 * NS_PER_S)

enum door_state { DOOR_NONE, DOOR_OPEN, DOOR_CLOSING };

struct door {
	enum door_state state;
	bool wanted; /* found when it was looked last */
	struct addr addr;
	int interface;
	int fd;
	uv_poll_t poll;
	struct portal *p;
};

struct guest {
	bool here;
	int fd;
	int64_t until_ns;
	const struct door *door;
	struct addr addr;
	bool has_mac;
	struct mac mac;
};

struct portal {
	struct service *s;
	struct http_server *http;
	uint16_t port;
	struct door doors[DOORS];
	struct guest guests[GUESTS];
	struct ruleset_place place;
	struct portal_held held;
	uv_timer_t tick;
	int64_t looked_ns;
	uint64_t turned_away;
	char url[PORTAL_URL]; /* of the last answer */
	struct log_limit limit;
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

/* A browser can't be led to an address of the link, which would need a zone: to another one of that interface. */
static const struct addr *home_of(const struct portal *p, const struct door *door)
{
	if (!addr_is_link_local(&door->addr))
		return &door->addr;
	for (size_t i = 0; i < DOORS; i++)
		if (p->doors[i].state == DOOR_OPEN && p->doors[i].interface == door->interface &&
		    !addr_is_link_local(&p->doors[i].addr))
			return &p->doors[i].addr;
	return &door->addr;
}

static void lead(struct portal *p, const struct guest *g, bool captive, struct http_reply *r)
{
	r->status = captive ? 511 : 302;
	(void)portal_url(home_of(p, g->door), p->port, p->url);
	if (!captive)
		r->location = p->url;
	portal_page_away(p->url, &r->body);
}

static void show(struct portal *p, const struct guest *g, bool own, struct text *to)
{
	const struct portal_device *mine =
		g->has_mac ? portal_held_own(&p->held, p->s, &g->mac) : NULL;

	p->held.view.mine = mine != NULL;
	if (own && mine != NULL)
		portal_page_device(mine, true, to);
	else
		portal_page_list(&p->held.view, to);
}

static void show_device(struct portal *p, const struct guest *g, const char *slug,
			struct http_reply *r)
{
	const struct portal_device *d = NULL;
	struct mac mac;

	if (mac_parse(slug, &mac))
		d = portal_held_find(&p->held, &mac);
	if (d != NULL) {
		portal_page_device(d, g->has_mac && mac_equal(&mac, &g->mac), &r->body);
		return;
	}
	r->status = 404;
	portal_page_other("It is not held",
			  "No device of this name is held; perhaps it was let out.", &r->body);
}

static void answer(void *context, const struct http_request *q, struct http_reply *r)
{
	struct portal *p = context;
	const struct guest *g = q->who;
	char slug[PORTAL_SLUG];
	enum portal_answer what =
		portal_asks(q->method, q->path, q->host, &g->door->addr, p->port, slug);

	r->status = 200;
	r->type = "text/html; charset=utf-8";
	r->policy = portal_policy;
	portal_held_read(&p->held, p->s);
	switch (what) {
	case PORTAL_MINE:
	case PORTAL_LIST:
		show(p, g, what == PORTAL_MINE, &r->body);
		break;
	case PORTAL_DEVICE:
		show_device(p, g, slug, r);
		break;
	case PORTAL_AWAY:
	case PORTAL_CAPTIVE:
		lead(p, g, what == PORTAL_CAPTIVE, r);
		break;
	case PORTAL_NONE:
		r->status = 404;
		portal_page_other("There is no such page", "It may have been there before.",
				  &r->body);
		break;
	case PORTAL_METHOD:
		r->status = 405;
		portal_page_other("That can't be done here", "These pages can only be read.",
				  &r->body);
		break;
	}
}

/* ---- guests ---------------------------------------------------------------------------------------------------- */

static void on_closed(void *context, void *who)
{
	struct guest *g = who;

	(void)context;
	g->here = false;
}

static bool address_from(const struct sockaddr_storage *from, struct addr *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		*out = addr_v4(ntohl(v4.sin_addr.s_addr));
		return true;
	}
	if (from->ss_family != AF_INET6)
		return false;
	memcpy(&v6, from, sizeof v6);
	memcpy(out->b, &v6.sin6_addr, sizeof out->b);
	return true;
}

static bool is_local(const struct ruleset_place *place, const struct addr *a)
{
	for (size_t i = 0; i < place->lan_n; i++)
		if (prefix_has(&place->lan[i], a))
			return true;
	return addr_is_link_local(a);
}

static bool is_same(const struct guest *a, const struct guest *b)
{
	return a->has_mac && b->has_mac ? mac_equal(&a->mac, &b->mac)
					: addr_equal(&a->addr, &b->addr);
}

/* A place for whoever came; NULL: there is none, for him or at all. */
static struct guest *place_for(struct portal *p, const struct guest *who)
{
	struct guest *free_one = NULL;
	size_t same = 0;

	for (size_t i = 0; i < GUESTS; i++) {
		if (!p->guests[i].here)
			free_one = &p->guests[i];
		else
			same += is_same(&p->guests[i], who);
	}
	return same < GUESTS_EACH ? free_one : NULL;
}

static void take_guest(struct portal *p, const struct door *door, int fd,
		       const struct sockaddr_storage *from, socklen_t len)
{
	struct guest who = {
		.here = true, .fd = fd, .until_ns = service_now() + GUEST_NS, .door = door};
	struct guest *g = NULL;

	if (address_from(from, &who.addr) && is_local(&p->place, &who.addr)) {
		who.has_mac = neighbour_mac(door->interface, &who.addr, &who.mac);
		g = place_for(p, &who);
	}
	if (g == NULL) {
		p->turned_away++;
		(void)close(fd);
		return;
	}
	*g = who;
	if (!http_server_take(p->http, fd, (const struct sockaddr *)from, len, g))
		g->here = false;
}

static void on_door(uv_poll_t *poll, int status, int events)
{
	struct door *door = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTED_AT_ONCE && door->state == DOOR_OPEN; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof from;
		int fd = accept4(door->fd, (struct sockaddr *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		take_guest(door->p, door, fd, &from, len);
	}
}

/* Who has been here too long is shut down; the library sees that and closes. */
static void end_guests(struct portal *p, int64_t now, const struct door *of)
{
	bool any = false;

	for (size_t i = 0; i < GUESTS; i++) {
		struct guest *g = &p->guests[i];

		if (!g->here || (of == NULL ? now < g->until_ns : g->door != of))
			continue;
		(void)shutdown(g->fd, SHUT_RDWR);
		any = true;
	}
	if (any)
		http_server_turn(p->http);
}

/* ---- doors ----------------------------------------------------------------------------------------------------- */

static void on_door_closed(uv_handle_t *handle)
{
	struct door *door = handle->data;

	door->state = DOOR_NONE;
}

static void shut(struct door *door)
{
	door->state = DOOR_CLOSING;
	uv_close((uv_handle_t *)&door->poll, on_door_closed);
	(void)close(door->fd);
	end_guests(door->p, 0, door);
}

static int listen_at(const struct door *door, uint16_t port, const char *interface)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is_v4 = addr_is_v4(&door->addr);
	const struct sockaddr *at =
		is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
	int on = 1, err = 0, fd;

	v4.sin_addr.s_addr = htonl(addr_low32(&door->addr));
	memcpy(&v6.sin6_addr, door->addr.b, sizeof v6.sin6_addr);
	v6.sin6_scope_id = addr_is_link_local(&door->addr) ? (uint32_t)door->interface : 0;
	fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) !=
		    0 ||
	    bind(fd, at, is_v4 ? sizeof v4 : sizeof v6) != 0 || listen(fd, BACKLOG) != 0) {
		err = errno;
		(void)close(fd);
	}
	return err != 0 ? -err : fd;
}

static void open_door(struct portal *p, const struct addr *addr, const char *interface)
{
	char text[ADDR_TEXT_MAX], why[LOG_ERROR_TEXT];
	struct door *door = NULL;
	int fd;

	for (size_t i = 0; i < DOORS && door == NULL; i++)
		if (p->doors[i].state == DOOR_NONE)
			door = &p->doors[i];
	if (door == NULL)
		return;
	*door = (struct door){.wanted = true, .addr = *addr, .p = p};
	door->interface = (int)if_nametoindex(interface);
	fd = listen_at(door, p->port, interface);
	if (fd < 0) {
		/* An address that IPv6 is not yet sure of is there a moment later. */
		if (fd != -EADDRNOTAVAIL)
			log_limited(&p->limit, LEVEL_ERROR,
				    "no portal at %s port %u: %s; another port is set by portal in "
				    "[gate] of cordon.conf",
				    addr_text(addr, text), (unsigned)p->port, log_error(-fd, why));
		return;
	}
	door->fd = fd;
	door->poll.data = door;
	if (uv_poll_init(&p->s->loop, &door->poll, fd) != 0) {
		(void)close(fd);
		return;
	}
	door->state = DOOR_OPEN;
	if (uv_poll_start(&door->poll, UV_READABLE, on_door) != 0)
		shut(door);
}

/* Watched itself, or the bridge of a port that is. */
static bool is_ours(const struct settings *s, const char *name)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < s->interfaces_n; i++) {
		if (strcmp(s->interfaces[i], name) == 0)
			return true;
		(void)snprintf(path, sizeof path, "/sys/class/net/%s/brif/%s", name,
			       s->interfaces[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static void want_door(struct portal *p, const struct addr *addr, const char *interface)
{
	int index = (int)if_nametoindex(interface);

	for (size_t i = 0; i < DOORS; i++) {
		struct door *door = &p->doors[i];

		if (door->state == DOOR_OPEN && door->interface == index &&
		    addr_equal(&door->addr, addr)) {
			door->wanted = true;
			return;
		}
	}
	open_door(p, addr, interface);
}

static void look_for_doors(struct portal *p)
{
	struct sockaddr_storage at;
	struct ifaddrs *list;
	struct addr a;

	if (getifaddrs(&list) != 0)
		return;
	(void)hold_place_read(&p->s->settings, &p->place);
	for (size_t i = 0; i < DOORS; i++)
		p->doors[i].wanted = false;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0 ||
		    (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6) ||
		    !is_ours(&p->s->settings, i->ifa_name))
			continue;
		memset(&at, 0, sizeof at);
		memcpy(&at, i->ifa_addr,
		       i->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
							 : sizeof(struct sockaddr_in6));
		if (address_from(&at, &a) && is_local(&p->place, &a))
			want_door(p, &a, i->ifa_name);
	}
	freeifaddrs(list);
	for (size_t i = 0; i < DOORS; i++)
		if (p->doors[i].state == DOOR_OPEN && !p->doors[i].wanted)
			shut(&p->doors[i]);
}

/* ---- beginning and ending -------------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
	struct portal *p = timer->data;
	int64_t now = service_now();

	end_guests(p, now, NULL);
	if (now - p->looked_ns >= DOORS_NS) {
		p->looked_ns = now;
		look_for_doors(p);
	}
}

struct portal *portal_new(struct service *s)
{
	const struct http_options options = {.listen_fd = -1,
					     .connections = GUESTS,
					     .connection_bytes = REQUEST_BYTES,
					     .idle_s = IDLE_S,
					     .once = true,
					     .answer = answer,
					     .closed = on_closed};
	struct http_options o = options;
	struct portal *p;

	if (s->settings.gate_portal == 0 || s->containment == NULL)
		return NULL;
	p = o.context = calloc(1, sizeof *p);
	if (p != NULL)
		p->http = http_server_new(&s->loop, &o);
	if (p == NULL || p->http == NULL || uv_timer_init(&s->loop, &p->tick) != 0 ||
	    uv_timer_start(&p->tick, on_tick, TICK_MS, TICK_MS) != 0) {
		log_line(LEVEL_ERROR, "out of memory or descriptors: there is no portal");
		return NULL; /* what is left of it ends with the process: the loop may have it */
	}
	p->s = s;
	p->tick.data = p;
	p->port = (uint16_t)s->settings.gate_portal;
	p->looked_ns = service_now();
	look_for_doors(p);
	return p;
}

void portal_end(struct portal *p)
{
	for (size_t i = 0; i < DOORS; i++)
		if (p->doors[i].state == DOOR_OPEN)
			shut(&p->doors[i]);
	uv_close((uv_handle_t *)&p->tick, NULL);
	http_server_end(p->http);
}

void portal_free(struct portal *p)
{
	if (p == NULL)
		return;
	http_server_free(p->http);
	portal_held_fini(&p->held);
	free(p);
}
