/* SPDX-License-Identifier: MIT */
/*
 * The portal's words: what a person who opens a page from a held phone or computer reads, and which answer a request gets.
 * Pure, so that tests hold every word. Names come from the network and are escaped; a page has no script, no form, no
 * cookie and nothing from elsewhere, and says nothing that its reader sent (the Host header, a path).
 */
#pragma once

#include "base/addr.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PORTAL_SLUG = MAC_TEXT_MAX, PORTAL_LISTED = 64 /* devices on the page */ };

/* One that is held. */
struct portal_device {
	char slug[PORTAL_SLUG]; /* its MAC with '-': what its own page is called */
	const char *name;	/* as it calls itself; NULL: by its MAC */
	const char *what;	/* "Xiongmai camera-2015", or NULL */
	const char *how;	/* "kept off the Internet": after "is" */
	const char *since;	/* when that began, for people; NULL: not known */
	const char *why;	/* plain words, no full stop */
	const char *const *todo;
	size_t todo_n;
	const char *let_out;   /* the command that lets it out, without its MAC */
	const char *by_itself; /* a sentence: what lets it out by itself; NULL: nothing does */
};

struct portal_view {
	const struct portal_device *devices;
	size_t n;
	uint64_t more; /* held, but not listed */
	bool mine;     /* the reader's own is among them */
};

void portal_page_list(const struct portal_view *v, struct text *to);
void portal_page_device(const struct portal_device *d, bool mine, struct text *to);
/* Beside a 302 or a 511: where the list is. */
void portal_page_away(const char *url, struct text *to);
/* For a path that is none, and for who asks in another way than GET. */
void portal_page_other(const char *title, const char *words, struct text *to);

extern const char portal_policy[]; /* Content-Security-Policy of all of them */

enum portal_answer {
	PORTAL_MINE, /* what holds the reader's own device; else the list */
	PORTAL_LIST,
	PORTAL_DEVICE,
	PORTAL_AWAY,	/* it meant somebody else: to the list, by its own address */
	PORTAL_CAPTIVE, /* likewise, and it can't be led there: RFC 6585 */
	PORTAL_NONE,	/* no such page */
	PORTAL_METHOD	/* neither GET nor HEAD */
};

/* What is asked for? `here` is where the reader got through to, and slug what stood in the path of a device. */
enum portal_answer portal_asks(const char *method, const char *path, const char *host,
			       const struct addr *here, uint16_t port, char slug[PORTAL_SLUG]);
/* "http://192.0.2.1:8081/", "http://[2001:db8::1]:8081/". */
enum { PORTAL_URL = ADDR_TEXT_MAX + 24 };
char *portal_url(const struct addr *here, uint16_t port, char url[PORTAL_URL]);
