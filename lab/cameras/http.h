/* SPDX-License-Identifier: MIT */
/*
 * A camera's pages: requests and answers over libmicrohttpd, driven by the program's one loop. What the pages say is the business of
 * pages_account.c and pages_owner.c; here are the bounds: connections, bodies, time.
 */
#pragma once

#include "camera.h"

enum { BODY_MAX = 2048, PAGE_MAX = 4096, PATH_MAX_HERE = 64, HTTP_PORT = 80 };

struct MHD_Connection;
struct http;

/* What was asked; lives from its first line to its answer. */
struct request {
	bool used;
	struct MHD_Connection *connection;
	struct sockaddr_storage peer;
	char path[PATH_MAX_HERE];
	bool is_post;
	bool streams; /* its body went to kind->upload */
	bool too_long;
	unsigned result; /* for kind->upload to keep what it came to */
	char body[BODY_MAX];
	size_t body_n;
};

enum page_asks { ASKS_NOTHING, ASKS_BASIC, ASKS_DIGEST, ASKS_FORM };

/* What is answered. */
struct page {
	unsigned status;
	char text[PAGE_MAX];
	size_t n;
	bool picture; /* in place of the text */
	const char *location;
	char session[40]; /* a cookie to set; empty: none */
	unsigned wait_s;
	enum page_asks asks; /* with 401: for which kind of login */
	bool stale;
};

/* Adds to the text; what does not fit is left out. */
void page_text(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A page with a title, a paragraph, and the footer that says where it is from. */
void page_say(struct page *p, const struct camera *c, unsigned status, const char *words);
/* The same in pieces: the text between is the caller's. */
void page_begin(struct page *p, const struct camera *c, unsigned status);
void page_end(struct page *p, const struct camera *c);

/* A field of the form that was sent; false: none, too long, or it holds a zero. */
bool request_field(const struct request *r, const char *name, char *to, size_t size);
/* The value of a cookie, or NULL. */
const char *request_cookie(const struct request *r, const char *name);
bool request_is(const struct request *r, const char *path, bool is_post);

enum login_state { LOGIN_NONE, LOGIN_WRONG, LOGIN_STALE, LOGIN_RIGHT };

/* Does the request bring the camera's account, in the way that the camera asks for? */
enum login_state request_login(const struct request *r, const struct camera *c,
			       enum page_asks asks);

/* NULL: it can't be opened. `fd` is what the loop waits for. */
struct http *http_open(struct camera *c, int *fd);
void http_close(struct http *h);
/* After each wait; before the next one, how many milliseconds that may take at most (-1: as long as it will). */
void http_serve(struct http *h);
int http_wait_ms(const struct http *h);
