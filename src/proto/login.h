/* SPDX-License-Identifier: MIT */
/*
 * A login as a parser saw it: who tried what, in the form it had on the wire. It lives in the parser's state between the
 * try and the server's answer, and is judged when the answer is there: against the known pairs, offline. What is kept
 * then is the number of the pair that matched, never the password (design.md).
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum login_scheme {
	LOGIN_CLEAR,  /* user, secret: telnet, FTP, Basic, forms, MQTT */
	LOGIN_DIGEST, /* RFC 2617, 7616 (MD5): user, realm, nonce, uri, method, nc, cnonce, qop; secret: response in hex */
	LOGIN_DIGEST_SHA256, /* the same with SHA-256 */
	LOGIN_WSSE, /* WS-Security UsernameToken: user; nonce: base64 as sent; uri: Created; secret: base64(SHA1(nonce + created + password)) */
	LOGIN_SOFIA,	    /* Xiongmai, Dahua generation 1: secret: eight letters */
	LOGIN_DAHUA_RANDOM, /* secret: upper MD5(user:random:gen1(password)); nonce: random */
	LOGIN_DAHUA_GEN2, /* secret: upper MD5(user:random:upper MD5(user:realm:password)); nonce: random */
	LOGIN_DAHUA_BOTH, /* LOGIN_DAHUA_GEN2 and LOGIN_DAHUA_RANDOM one after the other in 64 letters, as sent on 37777 */
	LOGIN_HASHED /* a form that can't be checked offline: that a login was there is all */
};

enum login_outcome {
	LOGIN_UNANSWERED, /* no answer was seen */
	LOGIN_REFUSED,
	LOGIN_ACCEPTED /* the server showed it */
};

/* Closed by NUL; `cut` says that something did not fit, and then nothing can be proven. */
struct login {
	uint8_t scheme; /* enum login_scheme */
	bool cut;
	bool asked;   /* HTTP, RTSP, SIP: the server asked for this realm before */
	bool header;  /* came in an Authorization header: proves nothing when nobody asked for it */
	bool no_user; /* the protocol has no user name here: any user's pair may match */
	bool community; /* SNMP: a community's name, which is neither a user's nor a password */
	char user[64];
	char secret[100];
	char realm[96];
	char nonce[128];
	char uri[192];
	char method[16];
	char nc[12];
	char cnonce[72];
	char qop[12];
	char path[64]; /* HTTP: of what was asked for, as it may be told; "?" when it did not fit */
	uint64_t tried_key; /* order key of the packet with the try */
	int64_t tried_ns;
};

/* Copies a value into a field; sets cut when it does not fit or holds a NUL. */
void login_put(struct login *l, char *field, size_t size, struct bytes value);
#define LOGIN_PUT(login, field, value)                                                             \
	login_put((login), (login)->field, sizeof(login)->field, (value))
