/* SPDX-License-Identifier: MIT */
/*
 * The pages of a camera with first use: until there is an owner every page but the set-up step says so and nothing else; after that a
 * form takes the password, and a session's cookie (RFC 6265; HttpOnly, and SameSite=Strict, which keeps other sites' pages out)
 * opens the rest. Who tried too often is told when to come again (RFC 6585, section 4; Retry-After).
 *
 * The pages go over plain HTTP, so that what crosses the link can be read, by cordon and by anybody on it: a product has TLS.
 */
#include "pages_owner.h"

#include "owner.h"

#include <string.h>

static unsigned http_status(enum firstuse_status status)
{
	switch (status) {
	case FIRSTUSE_OK:
		return 200;
	case FIRSTUSE_WRONG:
		return 401;
	case FIRSTUSE_NOT_SET_UP:
	case FIRSTUSE_ALREADY_SET_UP:
	case FIRSTUSE_NOT_FROM_HERE:
		return 403;
	case FIRSTUSE_WAIT:
		return 429;
	case FIRSTUSE_DAMAGED:
	case FIRSTUSE_STORAGE:
	case FIRSTUSE_RANDOM:
	case FIRSTUSE_CRYPTO:
		return 503;
	default:
		return 400;
	}
}

/* What a step came to, in words and as HTTP has it. */
static void say_status(const struct camera *c, struct page *p, enum firstuse_status status,
		       uint32_t wait_s)
{
	unsigned number = http_status(status);

	if (number == 401)
		p->asks = ASKS_FORM;
	if (number == 429)
		p->wait_s = wait_s > 0 ? wait_s : 1;
	page_say(p, c, number, firstuse_status_text(status));
}

static void set_up_form(const struct camera *c, struct page *p)
{
	page_begin(p, c, 200);
	page_text(p,
		  "<h1>First use</h1><p>This camera has no password. Set one, of %u "
		  "letters or more.</p>\n<form method=\"post\" action=\"/set-up\">"
		  "<input type=\"password\" name=\"new\"> again <input type=\"password\" "
		  "name=\"again\"><button>Set</button></form>\n",
		  FIRSTUSE_PASSWORD_MIN);
	page_end(p, c);
}

static void set_up(struct camera *c, const struct request *r, struct page *p)
{
	char secret[CAMERA_SECRET_MAX], again[CAMERA_SECRET_MAX];
	uint32_t wait_s = 0;
	enum firstuse_status status;

	if (!request_field(r, "new", secret, sizeof secret) ||
	    !request_field(r, "again", again, sizeof again)) {
		say_status(c, p, FIRSTUSE_TOO_LONG, 0);
		return;
	}
	if (strcmp(secret, again) != 0) {
		page_say(p, c, 400, "the two are not the same");
		return;
	}
	status = owner_set_up(c, &r->peer, secret, &wait_s);
	camera_log(status == FIRSTUSE_OK ? "http: set up" : "http: set-up refused", &r->peer);
	say_status(c, p, status, wait_s);
}

static void log_in(struct camera *c, const struct request *r, struct page *p)
{
	char secret[CAMERA_SECRET_MAX];
	uint32_t wait_s = 0;
	enum firstuse_status status = FIRSTUSE_WRONG;

	if (request_field(r, "password", secret, sizeof secret))
		status = owner_log_in(c, &r->peer, secret, &wait_s);
	if (status != FIRSTUSE_OK) {
		camera_log(status == FIRSTUSE_WAIT ? "http: login held back"
						   : "http: login refused",
			   &r->peer);
		say_status(c, p, status, wait_s);
		return;
	}
	camera_log("http: login accepted", &r->peer);
	owner_session_begin(c, p->session);
	p->location = "/view";
	page_say(p, c, 303, "welcome");
}

static void change(struct camera *c, const struct request *r, struct page *p)
{
	char old[CAMERA_SECRET_MAX], secret[CAMERA_SECRET_MAX];
	uint32_t wait_s = 0;
	enum firstuse_status status = FIRSTUSE_TOO_LONG;

	if (request_field(r, "old", old, sizeof old) &&
	    request_field(r, "new", secret, sizeof secret))
		status = owner_change(c, &r->peer, old, secret, &wait_s);
	if (status == FIRSTUSE_OK)
		camera_log("http: password changed", &r->peer);
	say_status(c, p, status, wait_s);
}

static void view(const struct camera *c, struct page *p)
{
	char key[CAMERA_SECRET_MAX] = "";

	(void)c->kind->stream_secret(c, "", key);
	page_begin(p, c, 200);
	page_text(p,
		  "<img src=\"/snapshot/now.jpg\" alt=\"picture\">\n"
		  "<p>Tries that failed and were not yours: %u</p>\n"
		  "<p>For the recorder: any name, and the stream key <code>%s</code></p>\n"
		  "<form method=\"post\" action=\"/password\"><input type=\"password\" "
		  "name=\"old\"> new <input type=\"password\" name=\"new\">"
		  "<button>Change</button></form>\n",
		  owner_failed_tries(c), key);
	page_end(p, c);
}

static void front(const struct camera *c, struct page *p)
{
	page_begin(p, c, 200);
	page_text(p, "<form method=\"post\" action=\"/login\">name <input name=\"user\"> password "
		     "<input type=\"password\" name=\"password\"><button>Log in</button></form>\n");
	page_end(p, c);
}

/* All was sent: r->result says how it went so far. */
static void updated(struct camera *c, const struct request *r, struct page *p)
{
	enum firstuse_status status = r->result;

	if (!r->streams) {
		say_status(c, p, FIRSTUSE_BAD_CALL, 0);
		return;
	}
	if (status == FIRSTUSE_OK)
		status = owner_update_end(c);
	camera_log(status == FIRSTUSE_OK ? "http: update taken" : "http: update refused", &r->peer);
	say_status(c, p, status, 0);
}

/* Behind the login. */
static void inside(struct camera *c, const struct request *r, struct page *p)
{
	if (request_is(r, "/view", false))
		view(c, p);
	else if (request_is(r, "/password", true))
		change(c, r, p);
	else if (request_is(r, "/update", true))
		updated(c, r, p);
	if (!request_is(r, "/snapshot/now.jpg", false))
		return;
	p->status = 200;
	p->picture = true;
}

static bool is_inside(const char *path)
{
	static const char *const pages[] = {"/view", "/password", "/update", "/snapshot/now.jpg"};

	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		if (strcmp(path, pages[i]) == 0)
			return true;
	}
	return false;
}

void pages_owner(struct camera *c, struct request *r, struct page *p)
{
	if (request_is(r, "/set-up", true)) {
		set_up(c, r, p);
	} else if (!owner_is_set_up(c)) {
		if (request_is(r, "/set-up", false))
			set_up_form(c, p);
		else
			page_say(p, c, 403, "not set up: its owner does that under /set-up");
	} else if (request_is(r, "/login", true)) {
		log_in(c, r, p);
	} else if (request_is(r, "/", false) || request_is(r, "/login", false)) {
		front(c, p);
	} else if (is_inside(r->path)) {
		if (owner_session_is_good(c, request_cookie(r, "session"))) {
			inside(c, r, p);
		} else {
			p->asks = ASKS_FORM;
			page_say(p, c, 401, "log in first");
		}
	}
}

bool pages_owner_upload(struct camera *c, struct request *r, const void *bytes, size_t n)
{
	if (strcmp(r->path, "/update") != 0 || !owner_is_set_up(c) ||
	    !owner_session_is_good(c, request_cookie(r, "session")))
		return false;
	if (bytes == NULL)
		r->result = owner_update_begin(c);
	else if (r->result == FIRSTUSE_OK)
		r->result = owner_update_feed(c, bytes, n);
	return true;
}
