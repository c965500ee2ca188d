/* SPDX-License-Identifier: MIT */
/*
 * What camera-2026 keeps of its owner, and all of it by libfirstuse: no password until one was set, throttled tries, a stream key, signed
 * updates. Beside it the sessions of its pages, which end with the program.
 */
#pragma once

#include "camera.h"

#include "firstuse.h"
#include "firstuse_update.h"

enum { SESSIONS = 4, SESSION_TEXT = 33, SESSION_MS = 15 * 60 * 1000 };

/* FOLDER holds the state; a file `maker.pub` in it, as firstuse-sign makes it, is the key that signs updates: else there are none. */
int owner_open(struct camera *c, const char *folder);
void owner_close(struct camera *c);
bool owner_is_set_up(const struct camera *c);
/* For any name: the key is the owner's, and there is one owner. */
bool owner_stream_secret(const struct camera *c, const char *name, char secret[CAMERA_SECRET_MAX]);

/* The steps of the pages; each counts and throttles by who asks. `*wait_s` as libfirstuse has it. */
enum firstuse_status owner_set_up(struct camera *c, const struct sockaddr_storage *who,
				  const char *secret, uint32_t *wait_s);
enum firstuse_status owner_log_in(struct camera *c, const struct sockaddr_storage *who,
				  const char *secret, uint32_t *wait_s);
enum firstuse_status owner_change(struct camera *c, const struct sockaddr_storage *who,
				  const char *old_secret, const char *secret, uint32_t *wait_s);
unsigned owner_failed_tries(const struct camera *c);

/* A session for who logged in; all end when the password changes. `text` is the cookie's value. */
void owner_session_begin(struct camera *c, char text[SESSION_TEXT]);
bool owner_session_is_good(const struct camera *c, const char *text);

/* A file of firmware, in pieces; one at a time. */
enum firstuse_status owner_update_begin(struct camera *c);
enum firstuse_status owner_update_feed(struct camera *c, const void *bytes, size_t n);
enum firstuse_status owner_update_end(struct camera *c);
