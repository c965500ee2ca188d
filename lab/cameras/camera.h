/* SPDX-License-Identifier: MIT */
/*
 * A camera of the lab: what the three programs share. What they differ in is data, one struct camera_kind each, and who keeps
 * the password: an account with a factory's pair (account.c) or libfirstuse (owner.c).
 */
#pragma once

#include "out.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	CAMERA_NAME_MAX = 64,	/* bytes of a user's name, with the zero at its end */
	CAMERA_SECRET_MAX = 132 /* of a password or stream key, likewise */
};

#define CAMERA_STREAMS "/stream1" /* RTSP: where the picture is */

struct camera;
struct request;
struct page;

struct camera_kind {
	const char *name;  /* of the program */
	const char *about; /* a line for --help */
	const char *title; /* of its page */
	const char *http_server;
	const char *realm; /* of its logins by HTTP and RTSP */
	const char *rtsp_server;
	const char *version; /* of its firmware, as DVRIP has it */
	const char *built;   /* "2014-11-20 10:00:00" */
	const char *prompt;  /* of its telnet's login; NULL: it has no telnet */
	bool changeable;     /* may its owner change the password? */
	bool needs_state;    /* --state FOLDER */
	/* An exit status; after a line of why where it is not 0. `state`: the folder, or NULL. */
	int (*open)(struct camera *c, const char *state);
	void (*close)(struct camera *c);
	/* False: nothing is served but the set-up step. */
	bool (*is_set_up)(const struct camera *c);
	/* What opens the stream for that name; false: nothing does. */
	bool (*stream_secret)(const struct camera *c, const char *name,
			      char secret[CAMERA_SECRET_MAX]);
	/* Answers a request by HTTP. */
	void (*pages)(struct camera *c, struct request *r, struct page *p);
	/* The next bytes of a file that is sent; NULL: it takes none. n is 0 before the first. False: no more is wanted. */
	bool (*upload)(struct camera *c, struct request *r, const void *bytes, size_t n);
};

/* One user, and all of the pair may be known to everybody. */
struct account {
	char name[CAMERA_NAME_MAX];
	char secret[CAMERA_SECRET_MAX];
};

struct camera {
	const struct camera_kind *kind;
	struct account account; /* 2014, 2015 */
	struct owner *owner;	/* 2026 */
};

/* main() of each. */
int camera_main(const struct camera_kind *kind, int argc, char **argv);

/* A line of the log, on standard output: what happened, and to whom. Never a password. */
void camera_log(const char *what, const struct sockaddr_storage *who);

/* Milliseconds since some start. */
uint64_t camera_now_ms(void);

/* Bytes that nobody can guess; the program ends without them. */
void camera_random(void *to, size_t n);

/* The pair that stands in the firmware: for kinds with an account. */
void account_set(struct camera *c, const char *name, const char *secret);
bool account_is(const struct camera *c, const char *name, const char *secret);
bool account_is_set_up(const struct camera *c);
bool account_stream_secret(const struct camera *c, const char *name,
			   char secret[CAMERA_SECRET_MAX]);
