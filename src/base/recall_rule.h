/* SPDX-License-Identifier: MIT */
/*
 * The rules of recalls.tsv: which firmware of a model an advisory speaks of. A rule is one of
 *
 *   all                        every version
 *   built<2015-09-01           firmware built before that day
 *   build<210628               the same as Hikvision writes it
 *   fw<1.3.4  fw<=6.42         version order: fields from the left, numbers as numbers, letters byte by byte
 *   fw in A; B; C              exactly one of these, a leading V aside
 *   fw~PATTERN                 the version matches (base/pattern.h)
 *   A build 140721..B build 160530     built from the one to the other day, both included
 *   V4.02.R11.*.20160422..20170727     such a version, built from the one to the other day
 *   svc:telnet/23  svc:http    it answers in that protocol (on that port)
 *   disc:Init absent           its answer to the maker's discovery lacks that field
 *   http.server~PATTERN        one of its HTTP Server headers matches
 *
 * What is not known makes the answer "unknown", never "no": most devices on a real network tell no version.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECALL_RULE_MAX = 600 };

/* NULL when it is a rule, else what should have stood there (static text). */
const char *recall_rule_check(struct bytes rule);

enum recall_match { RECALL_NO_MATCH, RECALL_UNKNOWN, RECALL_MATCH };

#define RECALL_NO_DAY INT32_MIN

struct recall_service {
	const char *name; /* a protocol's: "telnet" */
	uint16_t port;
};

/* A field of a maker's discovery answer that was looked for. */
struct recall_field {
	const char *name; /* "Init" */
	bool absent;
};

/* What is known of a device; zero and NULL mean that nothing is, but for the day. */
struct recall_facts {
	const char *firmware; /* as it was told, or NULL */
	int32_t built_day; /* days since 1970-01-01, or RECALL_NO_DAY: then the firmware's own date counts */
	const struct recall_service *services; /* that it answered in */
	size_t services_n;
	const struct recall_field *fields;
	size_t fields_n;
	const char *const *http_servers;
	size_t http_servers_n;
};

/* Of a rule that was checked; any other is unknown. */
enum recall_match recall_rule_match(struct bytes rule, const struct recall_facts *facts);
