/* SPDX-License-Identifier: MIT */
/*
 * Challenges and credentials of HTTP, RTSP and SIP: Basic (RFC 7617) and Digest (RFC 2069, 2617, 7616). Read only; nothing
 * is computed here.
 */
#pragma once

#include "base/bytes.h"
#include "proto/login.h"

#include <stdbool.h>
#include <stddef.h>

enum auth_scheme { AUTH_OTHER, AUTH_BASIC, AUTH_DIGEST };

struct challenge {
	enum auth_scheme scheme;
	struct bytes realm; /* as it stands between its quotes */
	bool stale;	    /* the password may be right: the nonce was too old */
};

/* The first challenge of a WWW-Authenticate value; false when it is none. */
bool auth_challenge(struct bytes value, struct challenge *out);

/*
 * What an Authorization value tries; false when it is neither Basic nor Digest. What cannot be checked offline (MD5-sess,
 * auth-int, hashed user names) is cut.
 */
bool auth_credentials(struct bytes value, struct bytes method, struct login *out);

/* What a server asked for on this connection. */
struct auth_memory {
	bool asked;
	char realm[96];
};

void auth_remember(struct auth_memory *m, struct bytes realm);

/* Fills `asked`, and for Basic the realm that was asked for. */
void auth_recall(const struct auth_memory *m, struct login *l);

/* A realm as it may be told: "Login to 4C0123…" without the serial number. */
struct bytes auth_plain_realm(struct bytes realm, char *buf, size_t size);
