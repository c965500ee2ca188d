/* SPDX-License-Identifier: MIT */
/*
 * A store in a folder of its own, and devices to tell it of. Include cmocka.h before. Time is fed: nothing here sleeps.
 */
#pragma once

#include "base/timespan.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define MINUTE (60 * NS_PER_S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START (1477047871 * NS_PER_S) /* 2016-10-21 11:04:31 UTC */

struct kept {
	char directory[64];
	struct store_options options;
	struct store *s;
	struct arena arena;
	uint64_t life;
	int64_t now;
	char why[STORE_WHY];
};

static inline void kept_run(const char *command, const char *argument)
{
	char line[256];

	snprintf(line, sizeof line, command, argument);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
}

static inline int kept_open(struct kept *k)
{
	return store_open(&k->options, &k->s, k->why);
}

/* In memory where there is such a place: a commit then costs no disk. */
static inline void kept_folder(struct kept *k)
{
	snprintf(k->directory, sizeof k->directory, "%s/cordon-store-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(k->directory));
	k->options = (struct store_options){.directory = k->directory,
					    .most_bytes = UINT64_C(64) << 20,
					    .history_ns = 365 * DAY,
					    .keep_ns = 7 * DAY};
	k->life = 1;
	k->now = START;
}

static inline struct kept *kept_new(void)
{
	struct kept *k = calloc(1, sizeof *k);

	assert_non_null(k);
	kept_folder(k);
	assert_int_equal(kept_open(k), 0);
	return k;
}

static inline void kept_free(struct kept *k)
{
	store_close(k->s);
	arena_fini(&k->arena);
	kept_run("rm -rf %s", k->directory);
	free(k);
}

static inline void kept_begin(struct kept *k)
{
	struct store_round round = {.life = k->life, .now_ns = k->now};

	assert_int_equal(store_begin(k->s, &round), 0);
}

static inline void kept_commit(struct kept *k)
{
	assert_int_equal(store_commit(k->s), 0);
}

/* The service ends and begins again; the engine, too, when the life changes. */
static inline void kept_restart(struct kept *k, uint64_t life)
{
	store_close(k->s);
	assert_int_equal(kept_open(k), 0);
	assert_string_equal(k->why, "");
	k->life = life;
}

/* A round with one device in it. */
static inline struct store_change kept_tell(struct kept *k, const struct device *d)
{
	struct store_change change;

	kept_begin(k);
	assert_int_equal(store_device(k->s, d, &k->arena, &change), 0);
	kept_commit(k);
	return change;
}

static inline struct judged kept_report(struct kept *k, int64_t since, int64_t until,
					const char *device)
{
	struct store_query q = {.since_ns = since, .until_ns = until, .device = device};
	struct judged out;

	assert_int_equal(store_report(k->s, &q, &k->arena, &out), 0);
	return out;
}

static inline struct judged kept_all(struct kept *k)
{
	return kept_report(k, INT64_MIN, INT64_MAX, NULL);
}

static inline const struct device *kept_find(const struct judged *j, const char *id)
{
	for (size_t i = 0; i < j->devices_n; i++) {
		if (strcmp(j->devices[i].id, id) == 0)
			return &j->devices[i];
	}
	return NULL;
}

static inline uint64_t kept_tidy(struct kept *k)
{
	uint64_t dropped;

	assert_int_equal(store_tidy(k->s, k->now, &dropped), 0);
	return dropped;
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

/* A device with room for what it points to; as a value it is copied, so fill it where it lies. */
struct told {
	struct device d;
	char id[64];
	struct mac mac;
	struct addr address[4];
	const char *name[4];
	struct evidence evidence[8];
	struct exposure exposure[4];
	struct claim claim[2];
	enum stage stage;
	struct where where[2];
};

/* mac: the last byte, of the documentation's range when it is global; else locally administered. */
static inline void told_init(struct told *t, bool random, uint8_t number, const char *address,
			     int64_t first, int64_t last)
{
	char text[MAC_TEXT_MAX];

	*t = (struct told){.mac = {{random ? 0x02 : 0x00, 0, 0x5e, 0, 0x53, number}}};
	snprintf(t->id, sizeof t->id, "mac:%s", mac_text(&t->mac, text));
	t->d = (struct device){.id = t->id,
			       .local = true,
			       .macs = &t->mac,
			       .macs_n = 1,
			       .addresses = t->address,
			       .backing = BACKING_TWO_WAY,
			       .first_ns = first,
			       .last_ns = last,
			       .packets_out = 10,
			       .unicast_out = 5,
			       .two_way = true,
			       .judged = true,
			       .names = t->name,
			       .evidence = t->evidence,
			       .exposures = t->exposure,
			       .claims = t->claim,
			       .stages = &t->stage};
	if (address != NULL) {
		assert_true(addr_parse(address, &t->address[0]));
		t->d.addresses_n = 1;
	}
	t->where[0] = (struct where){0, 7};
}

static inline struct evidence *told_finding(struct told *t, const char *code, const char *peer,
					    int64_t first, int64_t last)
{
	struct evidence *e = &t->evidence[t->d.evidence_n++];

	*e = (struct evidence){.detector = "mirai-scan",
			       .code = code,
			       .first_ns = first,
			       .last_ns = last,
			       .count = 3,
			       .packets = t->where,
			       .packets_n = 1,
			       .sender = t->address[0],
			       .peer = peer,
			       .text = "scans",
			       .stage = STAGE_SCANNING,
			       .port = 23,
			       .family = "mirai",
			       .weight = "proof"};
	return e;
}

static inline void told_infected(struct told *t, int64_t first, int64_t last)
{
	told_finding(t, "C-0001", NULL, first, last);
	t->d.verdict = VERDICT_INFECTED;
	t->d.confidence = CONFIDENCE_SURE;
	t->d.why = "it scans as a bot does";
	t->stage = STAGE_SCANNING;
	t->d.stages_n = 1;
}
