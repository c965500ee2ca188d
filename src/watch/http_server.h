/* SPDX-License-Identifier: MIT */
/*
 * Answers to GET and HEAD over HTTP, by libmicrohttpd within the service's loop: through its epoll descriptor, so that it
 * needs no thread. Connections, their memory and how long they may be idle have bounds; what is too long or no request is
 * turned away by the library, without a word of it in the answer.
 */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <uv.h>

struct http_request {
	const char *method; /* "GET" or another */
	const char *path;   /* decoded, without what follows a '?' */
	const char *host;   /* the header; NULL: none */
	void *who;	    /* what http_server_take() was given; NULL */
};

struct http_reply {
	unsigned status;
	const char *type;     /* Content-Type */
	const char *location; /* NULL: none; lives until the answer returns */
	const char *policy;   /* Content-Security-Policy; NULL: none */
	struct text body;     /* freed by the server */
};

struct http_options {
	int listen_fd; /* -1: connections come by http_server_take() alone */
	unsigned connections;
	size_t connection_bytes; /* for a request and the head of its answer */
	unsigned idle_s;
	bool once; /* one request a connection */
	/* Fills the reply, of which nothing is set. */
	void (*answer)(void *context, const struct http_request *q, struct http_reply *r);
	/* The connection of `who` is over; its descriptor is none any more. May be NULL. */
	void (*closed)(void *context, void *who);
	void *context;
};

struct http_server;

/* NULL: memory or descriptors are out. What listens is the server's then, as else. */
struct http_server *http_server_new(uv_loop_t *loop, const struct http_options *options);
/* The descriptor is the server's, also when it returns false and has closed it. */
bool http_server_take(struct http_server *h, int fd, const struct sockaddr *from, socklen_t len,
		      void *who);
/* Looks at its connections now, such as when one was shut down from outside. */
void http_server_turn(struct http_server *h);
/* Ends it; what the loop still has of it is freed by http_server_free(), when that has run out. */
void http_server_end(struct http_server *h);
void http_server_free(struct http_server *h);
