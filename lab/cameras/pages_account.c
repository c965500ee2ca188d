/* SPDX-License-Identifier: MIT */
/*
 * Pages as cameras of 2014 and 2015 had them: the first one for everybody, the picture behind a login by Basic or Digest, and, where
 * the owner may, a page to change name and password. No throttling: that is what made them easy prey.
 */
#include "pages_account.h"

#include <string.h>

static void first(const struct camera *c, struct page *p)
{
	page_begin(p, c, 200);
	page_text(p, "<h1>%s</h1><p><a href=\"/view\">Picture</a>%s</p>\n", c->kind->title,
		  c->kind->changeable ? " <a href=\"/password\">Password</a>" : "");
	page_end(p, c);
}

static void password_form(const struct camera *c, struct page *p)
{
	page_begin(p, c, 200);
	page_text(p, "<form method=\"post\" action=\"/password\">new name <input name=\"new_name\">"
		     " new password <input type=\"password\" name=\"new_word\">"
		     "<button>Change</button></form>\n");
	page_end(p, c);
}

static void change(struct camera *c, const struct request *r, struct page *p)
{
	char name[CAMERA_NAME_MAX], secret[CAMERA_SECRET_MAX];

	if (!request_field(r, "new_name", name, sizeof name) || name[0] == '\0' ||
	    !request_field(r, "new_word", secret, sizeof secret)) {
		page_say(p, c, 400, "a name and a password are wanted");
		return;
	}
	account_set(c, name, secret);
	camera_log("http: password changed", &r->peer);
	page_say(p, c, 200, "changed");
}

/* Behind the login. */
static void inside(struct camera *c, const struct request *r, struct page *p)
{
	if (request_is(r, "/snapshot/now.jpg", false)) {
		p->status = 200;
		p->picture = true;
	} else if (request_is(r, "/view", false)) {
		page_begin(p, c, 200);
		page_text(p, "<img src=\"/snapshot/now.jpg\" alt=\"picture\">\n");
		page_end(p, c);
	} else if (request_is(r, "/password", false)) {
		password_form(c, p);
	} else if (request_is(r, "/password", true)) {
		change(c, r, p);
	}
}

static bool is_page(const struct camera *c, const char *path)
{
	return strcmp(path, "/snapshot/now.jpg") == 0 || strcmp(path, "/view") == 0 ||
	       (strcmp(path, "/password") == 0 && c->kind->changeable);
}

static void pages(struct camera *c, struct request *r, struct page *p, enum page_asks asks)
{
	enum login_state state;

	if (request_is(r, "/", false)) {
		first(c, p);
		return;
	}
	if (!is_page(c, r->path))
		return;
	state = request_login(r, c, asks);
	if (state == LOGIN_RIGHT) {
		inside(c, r, p);
		return;
	}
	p->asks = asks;
	p->stale = state == LOGIN_STALE;
	page_say(p, c, 401, "name and password are wanted");
}

void pages_basic(struct camera *c, struct request *r, struct page *p)
{
	pages(c, r, p, ASKS_BASIC);
}

void pages_digest(struct camera *c, struct request *r, struct page *p)
{
	pages(c, r, p, ASKS_DIGEST);
}
