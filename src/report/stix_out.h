/* SPDX-License-Identifier: MIT */
/*
 * Objects of STIX 2.1: their ids, and the properties that all of them have. See stix.c for what is written with them.
 */
#pragma once

#include "report/abroad.h"
#include "report/json_out.h"

struct ref {
	char s[64]; /* "infrastructure--…" */
};

struct stix {
	const struct judged *judged;
	const struct report_options *options;
	struct json json;
	struct text content; /* what an id is made of */
	struct ref identity;
	char chain[UUID_TEXT_MAX]; /* of all ids so far; at the end the bundle's */
};

void stix_ref(struct ref *r, const char *type, const char *uuid);
/* An id of ours is made of x->content: begun with what it is and its name, then added to. */
void stix_begin_content(struct stix *x, const char *type, const char *name);
void stix_ref_of_content(struct stix *x, struct ref *r, const char *type);
/* For observables: x->content holds their properties as canonical JSON (RFC 8785). */
void stix_ref_of_observable(struct stix *x, struct ref *r, const char *type);
const char *stix_addr_type(const struct addr *a);
void stix_addr_ref(struct stix *x, struct ref *r, const struct addr *a);
void stix_mac_ref(struct stix *x, struct ref *r, const struct mac *m);

void stix_open(struct stix *x, const char *type, const struct ref *r);
/* With who made it and when; for all but observables. */
void stix_open_own(struct stix *x, const char *type, const struct ref *r, int64_t created_ns);
void stix_close(struct stix *x);
void stix_time(struct stix *x, const char *key, int64_t ns);
void stix_count(struct stix *x, const char *key, uint64_t n);
void stix_relate(struct stix *x, const struct ref *from, const char *how, const struct ref *to,
		 int64_t created_ns);
