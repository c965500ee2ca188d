/* SPDX-License-Identifier: MIT */
/*
 * What the fields of an HTTP head say, as views into it, and what an answer's head says about a login.
 */
#pragma once

#include "base/bytes.h"
#include "proto/login.h"

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
	TRY_SNAPSHOT /* a picture that is asked for with user and password in its address */
};

/* LOGIN_UNANSWERED: the answer's head says nothing about the login. */
enum login_outcome http_judge(enum http_try try, unsigned status, const struct http_head *h);
