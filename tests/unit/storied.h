/* SPDX-License-Identifier: MIT */
/*
 * A story made by hand, told to one detector that reads stories, over the knowledge that is built in. Include after
 * cmocka.h.
 */
#pragma once

#include "base/catalogue.h"
#include "base/scan.h"
#include "detect/detect.h"
#include "proto/proto.h"

#include <stdlib.h>
#include <string.h>

enum { STORIED_FACTS = 256, STORIED_LOGINS = 512 };

#define HOME(n) addr_v4(0xc0a80100 + (uint32_t)(n))   /* 192.168.1.n */
#define ABROAD(n) addr_v4(0xcb007100 + (uint32_t)(n)) /* 203.0.113.n */

struct storied {
	struct story story;
	struct fact facts[STORIED_FACTS];
	struct told told[STORIED_FACTS];
	char texts[STORIED_FACTS][FACT_TEXT + 1];
	struct login_fact logins[STORIED_LOGINS];
	const struct login_fact *served[STORIED_LOGINS];
	const struct login_fact *tried[STORIED_LOGINS];
	size_t logins_n;
	uint64_t key; /* of the next packet, a second after the last */
	struct findings out;
};

static struct catalogue storied_catalogue;
static struct knowledge storied_knowledge;

static inline int storied_load(void **state)
{
	struct knowledge_error error;

	(void)state;
	assert_int_equal(knowledge_load(&storied_knowledge, &error), 0);
	assert_int_equal(catalogue_load(&storied_catalogue, NULL, 0, &error), 0);
	return 0;
}

static inline int storied_unload(void **state)
{
	(void)state;
	catalogue_fini(&storied_catalogue);
	return 0;
}

/* The device is 192.168.1.20. */
static inline struct storied *storied_new(bool local)
{
	struct storied *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->key = 1;
	s->story = (struct story){.addr = local ? HOME(20) : ABROAD(20),
				  .mac = NO_MAC,
				  .local = local,
				  .told = s->told,
				  .served = s->served,
				  .tried = s->tried,
				  .catalogue = &storied_catalogue,
				  .limits = &storied_knowledge.limits};
	return s;
}

static inline void storied_free(struct storied *s)
{
	findings_fini(&s->out);
	free(s);
}

static inline int64_t storied_time(uint64_t key)
{
	return (int64_t)key * 1000000000;
}

static inline int storied_order(const void *x, const void *y)
{
	const struct told *a = x, *b = y;

	if (a->fact->signal != b->fact->signal)
		return a->fact->signal < b->fact->signal ? -1 : 1;
	return (a->fact->key > b->fact->key) - (a->fact->key < b->fact->key);
}

/* A fact about the device, in a packet of its own. Returns the packet. */
static inline uint64_t told_at(struct storied *s, enum signal signal, struct addr peer,
			       uint16_t port, uint8_t proto, const char *value)
{
	size_t n = s->story.told_n++;

	assert_true(n < STORIED_FACTS && strlen(value) <= FACT_TEXT);
	strcpy(s->texts[n], value);
	s->facts[n] = (struct fact){.addr = s->story.addr,
				    .peer = peer,
				    .key = s->key,
				    .last_key = s->key,
				    .first_ns = storied_time(s->key),
				    .last_ns = storied_time(s->key),
				    .count = 1,
				    .mac = NO_MAC,
				    .port = port,
				    .signal = (uint8_t)signal,
				    .proto = proto,
				    .ours = s->story.local};
	s->told[n] = (struct told){.fact = &s->facts[n], .value = bytes_of(s->texts[n])};
	return s->key++;
}

static inline uint64_t tells_of(struct storied *s, enum signal signal, struct addr peer,
				const char *value)
{
	return told_at(s, signal, peer, 0, PROTO_http_id, value);
}

static inline uint64_t log_in(struct storied *s, bool served, struct addr peer, uint8_t proto,
			      int32_t pair, enum login_outcome outcome)
{
	struct login_fact *l = &s->logins[s->logins_n++];

	assert_true(s->logins_n < STORIED_LOGINS);
	*l = (struct login_fact){.server = served ? s->story.addr : peer,
				 .client = served ? peer : s->story.addr,
				 .tried_key = s->key,
				 .answer_key = s->key + 1,
				 .last_key = s->key + 1,
				 .first_ns = storied_time(s->key),
				 .last_ns = storied_time(s->key + 1),
				 .pair = pair,
				 .count = 1,
				 .server_mac = NO_MAC,
				 .client_mac = NO_MAC,
				 .port = 23,
				 .proto = proto,
				 .outcome = (uint8_t)outcome,
				 .server_ours = !addr_is_public(served ? &s->story.addr : &peer)};
	if (served)
		s->served[s->story.served_n++] = l;
	else
		s->tried[s->story.tried_n++] = l;
	s->key += 2;
	return s->key - 1;
}

/* The n-th pair that stands in Mirai's list, or that does not. */
static inline int32_t pair_number(unsigned n, bool listed)
{
	for (size_t i = 0; i < storied_catalogue.credentials_n; i++) {
		if (storied_catalogue.credentials[i].bots == listed && n-- == 0)
			return (int32_t)i;
	}
	fail_msg("no such pair");
	return 0;
}

/* The value of an exploit's fact: the first request of that family, or of none. */
static inline const char *request_number(const char *family, unsigned n)
{
	static char text[4][24];
	static unsigned at;

	for (size_t i = 0; i < storied_catalogue.traits_n; i++) {
		const struct trait *t = &storied_catalogue.traits[i];

		if (t->kind == TRAIT_REQUEST && t->confidence == CLAIM_HIGH &&
		    (family == NULL ? t->family == NULL
				    : t->family != NULL && strcmp(t->family, family) == 0) &&
		    n-- == 0) {
			char *out = text[at++ % 4];

			snprintf(out, sizeof text[0], "%zu", i);
			return out;
		}
	}
	fail_msg("no such request");
	return NULL;
}

static inline bool is_peer(const struct addr *a, struct addr b)
{
	return addr_equal(a, &b);
}

/* What the detector finds. A story may be judged again when more of it was told. */
static inline size_t judge_with(struct storied *s, const struct detector *d)
{
	s->out.n = 0;
	qsort(s->told, s->story.told_n, sizeof *s->told, storied_order);
	d->judge_story(&s->story, &s->out);
	assert_false(s->out.failed);
	for (size_t i = 0; i < s->out.n; i++) {
		const struct finding *f = &s->out.list[i];

		assert_true(f->keys_n > 0);
		assert_true(f->first_ns <= f->last_ns);
		assert_true(f->first_ns <= storied_time(f->keys[0]));
		assert_true(f->count > 0);
		assert_true(strlen(f->text) > 0);
	}
	return s->out.n;
}

/* The only finding. */
static inline const struct finding *the_finding(struct storied *s, const struct detector *d,
						enum weight weight, const char *holds)
{
	if (judge_with(s, d) != 1)
		fail_msg("%zu findings, one expected", s->out.n);
	if (s->out.list[0].weight != weight)
		fail_msg("weight %d: %s", s->out.list[0].weight, s->out.list[0].text);
	if (strstr(s->out.list[0].text, holds) == NULL)
		fail_msg("\"%s\" does not hold \"%s\"", s->out.list[0].text, holds);
	return &s->out.list[0];
}

static inline void expect_nothing(struct storied *s, const struct detector *d)
{
	if (judge_with(s, d) != 0)
		fail_msg("%s", s->out.list[0].text);
}
