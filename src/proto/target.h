/* SPDX-License-Identifier: MIT */
/*
 * Addresses that are asked of a server, forms, and what of them may be told: never a password, a serial number or
 * another mark of one single device or person.
 */
#pragma once

#include "base/bytes.h"
#include "proto/login.h"
#include "proto/proto.h"

#include <stdbool.h>
#include <stddef.h>

enum { TARGET_MAX = 160 /* room for a path that may be told */ };

struct target {
	struct bytes host; /* without user and port; empty when the target is a path alone */
	struct bytes path; /* up to '?' */
	struct bytes query;
};

/* Splits "/path?query" or "scheme://user@host:port/path?query". */
void target_split(struct bytes text, struct target *out);

/* The host of "host:port" or "[host]:port"; empty when it holds what no host may. */
struct bytes target_host(struct bytes text);

/*
 * Copies text without serial numbers that are announced as such, and with what looks like a mark of one device replaced by `*`: 12 or more hexadecimal digits (with ':' or '-'
 * among them), 8 or more digits, 14 or more letters and digits with 6 digits. A copy that finds no room is cut.
 */
struct bytes target_plain(struct bytes text, char *buf, size_t size);

/* The same for models and versions, in which up to 11 digits are no serial number. */
struct bytes target_version(struct bytes text, char *buf, size_t size);

/* Tells it so: a banner, a title, a name, of which makers are told by and into which they put marks of one device. */
void target_tell(struct telling *to, const struct talk *t, enum signal signal, enum party about,
		 struct bytes text);

/* The same for a path, in which keys of 32 letters or more become `*` too, and what stands for user and password: "/user=*_password=*_channel=1". */
struct bytes target_path(struct bytes path, char *buf, size_t size);

/* Takes the next "name=value" of a query or form; the value is as it was sent. */
bool form_field(struct bytes *rest, struct bytes *name, struct bytes *value);

/* Resolves %XX and '+'. False when it does not fit. */
bool form_decode(struct bytes text, char *buf, size_t size, struct bytes *out);

/*
 * A query or form with a user's name and a password becomes a login in clear; LOGIN_HASHED when the password is a digest
 * that the page computed. False when it is none.
 */
bool form_login(struct bytes form, struct login *login);

/* The same of the members of a JSON object. */
bool json_login(struct bytes json, struct login *login);

/* Is it a CGI, by its path? */
bool target_is_cgi(struct bytes path);

/* Xiongmai's "user=NAME_password=HASH_channel=" or "user=NAME&password=HASH&channel=" in a path, or as its query. */
bool target_login(struct bytes text, struct login *login);

/* Eight letters and digits, the form of Xiongmai's hash. */
bool target_is_sofia(struct bytes secret);
