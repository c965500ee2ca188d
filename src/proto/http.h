/* SPDX-License-Identifier: MIT */
/*
 * Inside of the HTTP parser: what a connection remembers, and what http.c hands on: logins to http_login.c, and the deeds
 * of hijacked devices to http_deeds.c. Of the protocols nobody else includes this.
 */
#pragma once

#include "proto/auth.h"
#include "proto/http_head.h"
#include "proto/proto.h"
#include "proto/target.h"

enum {
	HTTP_QUEUE = 6,
	HTTP_PATH = 64, /* of a path that may be told */
	HTTP_HOST = 48,
	HTTP_MAGIC = 4 /* bytes at the start of a body tell a program */
};

enum http_kind { HTTP_OTHER, HTTP_FORM, HTTP_JSON, HTTP_PAGE }; /* of a body */

enum http_method { METHOD_OTHER, METHOD_HEAD, METHOD_CONNECT, METHOD_POST, METHOD_PUT };

struct http_exchange {
	uint16_t exploit; /* what telling.request said */
	uint8_t method;	  /* enum http_method */
	uint8_t try;	  /* enum http_try: conn.login is this one's */
	bool login_path;
	char path[HTTP_PATH]; /* as it may be told; empty when it did not fit */
};

struct http_side {
	uint64_t left;
	uint16_t seen;	   /* bytes of the window that were looked at */
	uint8_t phase;	   /* enum phase */
	uint8_t kind;	   /* enum http_kind */
	uint8_t judged;	   /* enum http_try: it decides about conn.login */
	bool wanted : 1;   /* the body is to be looked at */
	bool fresh : 1;	   /* nothing of the body was passed by yet */
	bool to_close : 1; /* it ends with the connection */
	bool failed : 1;   /* an answer that is an error */
};

struct http_conn {
	struct login login; /* of the one exchange that has a try */
	struct http_exchange queue[HTTP_QUEUE];
	struct http_exchange now; /* the one whose answer is coming */
	struct http_side side[2]; /* 0: the client's */
	struct auth_memory asked;
	char locked[HTTP_PATH]; /* the last path that was answered 401 */
	uint8_t host_len;
	char host[HTTP_HOST]; /* that was asked for last, or as much as fits */
	uint8_t n;	      /* in the queue, oldest first */
	bool body_last;	      /* the last one of the queue is the request whose body is coming */
	bool served;	      /* the service was told */
	bool agent;	      /* the client's program was told: it stays the same … */
	bool dropper;	      /* … and is one that malware.tsv knows */
	bool server;	      /* … and so does the server's */
	bool deep;	      /* two requests were under way at once */
	bool proxy;	      /* asked for what lies behind it */
	bool refused;	      /* a header was, since the server began to ask */
	bool unsure;	      /* an answer might belong to a request that was not seen */
	bool settled;	      /* unsure, but the last thing seen was the end of an answer */
	bool done;
};

/* The newest request, whose head or body is here; NULL when it is not known which that is. */
static inline struct http_exchange *http_newest(struct http_conn *c)
{
	return c->n == 0 ? NULL : &c->queue[c->n - 1];
}

/* The first part of a request's body that is text. */
void http_request_body(struct http_conn *c, const struct talk *t, struct telling *to,
		       const struct http_side *s, struct bytes body);

/* Logins in a request's head. */
void http_try_logins(struct http_conn *c, const struct talk *t, const struct http_head *h,
		     struct bytes method, const struct target *target);

/* The answer's head to a request with a try; what its page must decide is left to http_judge_page(). */
void http_try_answered(struct http_conn *c, const struct talk *t, struct telling *to,
		       unsigned status, const struct http_head *h);
void http_judge_page(struct http_conn *c, const struct talk *t, struct telling *to,
		     struct bytes body);

/* Is this request one that takes devices over? By its head. */
void http_deed_asked(struct http_conn *c, const struct talk *t, struct telling *to,
		     struct bytes method, struct bytes target);
/* … by its body, that of the newest request. */
void http_deed_body(struct http_conn *c, const struct talk *t, struct telling *to,
		    struct bytes body);
/* … and it was answered: c->now. */
void http_deed_answered(const struct http_conn *c, const struct talk *t, struct telling *to,
			unsigned status);

/* The first bytes of any body: a program tells who fetched what. */
void http_deed_program(const struct http_conn *c, const struct talk *t, struct telling *to,
		       struct bytes body);
