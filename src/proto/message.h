/* SPDX-License-Identifier: MIT */
/*
 * The head of a message as HTTP, RTSP and SIP share it (RFC 9112 section 2, RFC 2326 section 4, RFC 3261 section 7): a
 * start line, fields, an empty line. Views only; lines may end in LF alone and fields may be folded, as old devices
 * write them.
 */
#pragma once

#include "base/bytes.h"
#include "proto/proto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What tells one of these protocols from the others. */
struct message_kind {
	const char *version;	    /* "HTTP/1." */
	const char *const *methods; /* ends with NULL */
	const char *const *targets; /* how a target may begin; ends with NULL */
};

/* Does a message begin here? MATCH_MAYBE: too short to say. */
enum match message_begins(struct bytes data, const struct message_kind *kind);

/*
 * The length of the head with its empty line, 0 when it is not complete. *seen is 0 at first and remembers how far was
 * looked, so that a head in many pieces costs no more than one in one piece.
 */
size_t message_head(struct bytes data, size_t *seen);

/* "METHOD target VERSION"; the target may hold blanks, as sloppy clients send them. */
bool message_request(struct bytes line, const struct message_kind *kind, struct bytes *method,
		     struct bytes *target);

/* "VERSION 200 reason"; 0 when it is none. */
unsigned message_status(struct bytes line, const struct message_kind *kind);

struct field {
	struct bytes name;
	struct bytes value; /* trimmed; a folded one holds its line ends */
};

/* Takes the next field; lines that are none are passed over. False at the end of the head. */
bool message_field(struct bytes *rest, struct field *field);

/* The first field of this name, or of its one-letter form (SIP; NULL: there is none). */
bool message_find(struct bytes fields, const char *name, const char *letter, struct bytes *value);

/* The value of a Content-Length: digits only, below 10^18. */
bool message_length(struct bytes value, uint64_t *length);
