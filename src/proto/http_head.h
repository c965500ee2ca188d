/* SPDX-License-Identifier: MIT */
/*
 * What the fields of an HTTP head say, as views into it, and what an answer's head says about a login.
 */
#pragma once

#include "base/bytes.h"
#include "proto/login.h"
#include "proto/proto.h"

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_CHALLENGES = 4 };

struct http_head {
	struct bytes host; /* without port */
	struct bytes agent;
	struct bytes server;
	struct bytes type;
	struct bytes authorization;
	struct bytes location;
	struct bytes challenge[HTTP_CHALLENGES]; /* values of WWW-Authenticate */
	uint64_t length;
	uint8_t challenges;
	bool has_length;
	bool bad_length; /* no number, or two different ones: where the body ends is not known */
	bool chunked;
	bool encoded; /* compressed */
	bool session; /* a session's cookie is set */
};

/* Reads the fields behind the start line. */
void http_head_read(struct bytes fields, struct http_head *out);

enum http_try {
	TRY_NONE,
	TRY_HEADER, /* Basic and Digest: 401 refuses, a stale nonce apart */
	TRY_FORM, /* taken when the answer sets a session's cookie and leads on to something that is no login page */
	TRY_TOKEN, /* JSON sent to a path that speaks of no login: taken when a session's token is answered */
	TRY_SNAPSHOT, /* a picture that is asked for with user and password in its address */
	TRY_ADDRESS   /* … any other CGI of a camera */
};

/* LOGIN_UNANSWERED: the answer's head says nothing about the login. The path is the one that was asked for. */
enum login_outcome http_judge(enum http_try try, unsigned status, const struct http_head *h,
			      const char *path);

/* An accepted one is accepted by its head alone, or its page must be looked at first: it may be the next login page. */
bool http_needs_page(enum http_try try, unsigned status, const struct http_head *h);

/* Is it accepted by what the page says? */
bool http_page_accepts(enum http_try try, struct bytes body);

/* Does a login that is asked for at one path cover another: the same, or one that lies beneath it and is not for all? */
bool http_covers(const char *locked, const char *path, bool beneath);

/* Whoever asks for a whole address asks a proxy, unless it is the receiver's own; `host` is empty for a path alone. */
bool http_is_proxied(const struct talk *t, struct bytes method, struct bytes host);
