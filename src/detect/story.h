/* SPDX-License-Identifier: MIT */
/*
 * What was told of one device over the whole capture: its facts and logins, as the detectors of infections read them when
 * the lanes have been joined. Views only; whoever makes a finding of it gives the keys of the facts' packets.
 */
#pragma once

#include "base/catalogue.h"
#include "detect/finding.h"
#include "identify/profiles.h"
#include "proto/facts.h"

struct story {
	struct addr addr; /* one of its addresses, or zero … */
	uint16_t mac;	  /* … and its MAC, or NO_MAC: whom a finding names */
	bool local;
	const struct told *told; /* facts about it, by signal and then key */
	size_t told_n;
	const struct login_fact *const *served; /* logins at it, by the packet of the answer */
	size_t served_n;
	const struct login_fact *const
		*tried; /* logins that it tried at others, in the same order */
	size_t tried_n;
	const struct catalogue *catalogue;
	const struct limits *limits;
};

/* The facts of one signal: *n of them, by key. */
const struct told *story_facts(const struct story *story, enum signal signal, size_t *n);

/* A finding about the device, to be filled in; NULL when memory is out. */
struct finding *story_finding(const struct story *story, struct findings *out);

/* Adds a packet to those of a finding: the smallest FINDING_PACKETS stay, sorted, none twice. */
void finding_cite(struct finding *f, uint64_t key);

/* Adds a fact: its packet, its times, how often it was told. */
void finding_add_fact(struct finding *f, const struct fact *fact);

/* Adds to the text of a finding; what does not fit is cut off. */
void finding_say(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Widens first_ns and last_ns of a finding to hold the time. */
void finding_span(struct finding *f, int64_t time_ns);

/* The ports that bots look for telnet on. */
static inline bool story_is_telnet(uint16_t port)
{
	return port == 23 || port == 2323;
}
