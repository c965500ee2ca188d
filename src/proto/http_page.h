/* SPDX-License-Identifier: MIT */
/*
 * What bodies of HTTP say about their sender: the title of a page, marks of makers' pages, fields that name a model or a
 * version, and whether an answer says that a login was taken.
 */
#pragma once

#include "base/bytes.h"
#include "proto/proto.h"

#include <stdbool.h>

/* Is a body of this type text that is worth waiting for? An empty type counts as text. */
bool page_is_text(struct bytes type);

/* Tells title and marks of a page. */
void page_tell(struct telling *to, const struct talk *t, struct bytes body);

/* Tells fields of a request: of its query or form, or of its JSON. */
void page_tell_form(struct telling *to, const struct talk *t, struct bytes form);
void page_tell_json(struct telling *to, const struct talk *t, struct bytes body);

/* JSON that says that it worked: {"result": true}, {"Ret": 100}, … */
bool page_is_success(struct bytes body);

/* … or that holds a session's token. */
bool page_has_token(struct bytes body);

/* A page that asks for a password, or says that it was wrong. */
bool page_refuses(struct bytes body);

/* What a camera's CGI answers instead of what it was asked for. */
bool page_is_error(struct bytes body);

/* Does the text hold a word of login pages, or one of failure? In any case of letters. */
bool page_names_login(struct bytes text);
bool page_names_failure(struct bytes text);

/* The text that the chunks at the start of a body make (RFC 9112 section 7.1), as far as it is there. */
struct bytes page_of_chunks(struct bytes body, char *buf, size_t size);

enum chunk { CHUNK_MORE, CHUNK_BAD, CHUNK_LAST, CHUNK_DATA };

/* Reads the line that begins a chunk, and the line end of the chunk before it: *head bytes, then *size bytes of data. */
enum chunk page_chunk(struct bytes body, size_t *head, uint64_t *size);
