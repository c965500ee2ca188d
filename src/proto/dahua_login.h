/* SPDX-License-Identifier: MIT */
/*
 * The logins of Dahua's protocols: challenge, try and answer, whatever carries them. The challenge outlives a try, for
 * clients try again under the same one. An answer counts only from the other side than the try.
 */
#pragma once

#include "proto/proto.h"

/* The binary header of TCP 37777 as far as it is used. */
struct dahua_frame {
	struct bytes user; /* of a login in its oldest form, eight bytes */
	struct bytes password;
	uint32_t len;	/* of this frame's payload */
	uint32_t whole; /* of a message over several frames */
	uint32_t session;
	uint32_t tail;
	uint8_t frame; /* first byte */
	uint8_t form;
	uint8_t result;
	uint8_t reason;
};

struct dahua_login {
	struct login login;  /* realm and nonce: the challenge, once `challenged` */
	char encryption[16]; /* as the challenge asks for */
	char id[16];	     /* of the JSON call that the login is */
	bool challenged;
	bool challenge_cut;
	bool pending;
	bool called;	/* a JSON login was seen */
	bool by_client; /* `login` was sent from_client, or `called` */
	bool served;
};

/* A JSON call or its answer. False when it has nothing to do with a login. */
bool dahua_login_json(struct dahua_login *s, const struct talk *t, struct telling *to,
		      struct bytes json);
/* Frame A0, with all of its payload. */
void dahua_login_try(struct dahua_login *s, const struct talk *t, struct telling *to,
		     const struct dahua_frame *frame, struct bytes payload);
/* Frame B0, with all of its payload. */
void dahua_login_answer(struct dahua_login *s, const struct talk *t, struct telling *to,
			const struct dahua_frame *frame, struct bytes payload);
/* Bytes of the sender are missing: another try or another challenge may be among them. */
void dahua_login_lose(struct dahua_login *s, const struct talk *t, struct telling *to);
/* The server's side has ended. */
void dahua_login_close(struct dahua_login *s, const struct talk *t, struct telling *to);
