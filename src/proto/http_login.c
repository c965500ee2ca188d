/* SPDX-License-Identifier: MIT */
/*
 * Logins over HTTP: in headers (RFC 7617, 7616), forms, JSON and addresses. A try is kept with its request and judged by
 * the answer to that request; of a connection one try at a time. What makes an answer count stands in http.c's opening.
 */
#include "proto/http.h"

#include "base/scan.h"
#include "proto/http_page.h"

static bool is_login_busy(const struct http_conn *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->queue[i].try != TRY_NONE)
			return true;
	}
	return c->side[1].judged != TRY_NONE;
}

/* Keeps a try of the newest request. */
static void keep_login(struct http_conn *c, const struct talk *t, const struct login *login,
		       uint8_t try)
{
	struct http_exchange *x = http_newest(c);

	if (x == NULL || c->proxy || is_login_busy(c))
		return;
	c->login = *login;
	c->login.asked &= http_covers(c->locked, x->path, !c->refused);
	c->login.tried_key = t->packet->key;
	c->login.tried_ns = t->packet->time_ns;
	LOGIN_PUT(&c->login, path, bytes_of(x->path[0] != '\0' ? x->path : "?"));
	x->try = try;
}

/* "/webcapture.jpg?command=snap&channel=1&user=admin&password=…": Xiongmai's picture without a session. */
static bool snapshot_login(const struct target *target, struct login *login)
{
	return bytes_are(target->path, "/webcapture.jpg") && form_login(target->query, login) &&
	       target_is_sofia(bytes_of(login->secret));
}

/* Whatever else is asked for, what stands behind its '?' may be read by nobody. */
static bool asks_login_page(const struct http_conn *c)
{
	return c->n > 0 && c->queue[c->n - 1].login_path;
}

void http_try_logins(struct http_conn *c, const struct talk *t, const struct http_head *h,
		     struct bytes method, const struct target *target)
{
	struct login login;

	if (h->authorization.len > 0 && auth_credentials(h->authorization, method, &login)) {
		auth_recall(&c->asked, &login);
		keep_login(c, t, &login, TRY_HEADER);
	} else if (snapshot_login(target, &login)) {
		login.scheme = LOGIN_SOFIA;
		keep_login(c, t, &login, TRY_SNAPSHOT);
	} else if (asks_login_page(c) && form_login(target->query, &login)) {
		keep_login(c, t, &login, TRY_FORM);
	} else if (target_is_cgi(target->path) && form_login(target->query, &login)) {
		keep_login(c, t, &login, TRY_ADDRESS);
	}
}

void http_try_answered(struct http_conn *c, const struct talk *t, struct telling *to,
		       unsigned status, const struct http_head *h)
{
	const struct http_exchange *x = &c->now;
	enum login_outcome outcome = http_judge(x->try, status, h, x->path);
	bool fine = status >= 200 && status < 300;

	c->refused |= x->try == TRY_HEADER && outcome == LOGIN_REFUSED;
	if (outcome == LOGIN_REFUSED)
		tell_login(to, t, &c->login, SENDER, outcome);
	if (outcome == LOGIN_REFUSED || c->deep)
		return;
	if ((fine && x->try == TRY_FORM && x->login_path) || (fine && x->try == TRY_TOKEN) ||
	    (outcome == LOGIN_ACCEPTED && x->method != METHOD_HEAD &&
	     http_needs_page(x->try, status, h)))
		c->side[1].judged = x->try;
	else if (outcome == LOGIN_ACCEPTED)
		tell_login(to, t, &c->login, SENDER, outcome);
}

void http_request_body(struct http_conn *c, const struct talk *t, struct telling *to,
		       const struct http_side *s, struct bytes body)
{
	struct login login;

	http_deed_body(c, t, to, body);
	if (s->kind == HTTP_FORM) {
		page_tell_form(to, t, body);
		if (c->body_last && form_login(body, &login))
			keep_login(c, t, &login, TRY_FORM);
	} else if (s->kind == HTTP_JSON || bytes_begin(bytes_trim(body), "{")) {
		page_tell_json(to, t, body);
		if (c->body_last && json_login(body, &login))
			keep_login(c, t, &login, asks_login_page(c) ? TRY_FORM : TRY_TOKEN);
	}
}

void http_judge_page(struct http_conn *c, const struct talk *t, struct telling *to,
		     struct bytes body)
{
	if (http_page_accepts(c->side[1].judged, body))
		tell_login(to, t, &c->login, SENDER, LOGIN_ACCEPTED);
	c->side[1].judged = TRY_NONE;
}
