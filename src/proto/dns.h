/* SPDX-License-Identifier: MIT */
/*
 * The question of a DNS message (RFC 1035, section 4.1): enough to tell what is asked, by whom the answer is awaited; and
 * the addresses of an answer.
 */
#pragma once

#include "base/addr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DNS_NAME_MAX = 254 /* 253 letters and dots, and the end */
};

struct dns_question {
	uint16_t id;
	uint16_t type;
	bool answer; /* QR bit */
	uint8_t labels;
	uint8_t first_len; /* bytes of the first label */
	char name
		[DNS_NAME_MAX]; /* lower case, without the last dot; bytes that are no letter, digit, '-' or '_' are '?' */
};

/* Reads header and first question. False when it is no well-formed DNS message with exactly one question. */
bool dns_read_question(struct bytes message, struct dns_question *out);

/* The name without its first label: the zone that a random-name flood hits. Empty for a single label. */
const char *dns_zone(const struct dns_question *q);

/*
 * Does the first label look made by a random generator? Six letters or more, with digits strewn in or with four
 * consonants in a row (half of random labels of six letters, nearly all of twelve; few words). Hashes that services put into names look the same, so this is only ever a share of many names
 * of one zone that never repeat.
 */
bool dns_first_label_is_random(const struct dns_question *q);

enum { DNS_ADDRESSES_MAX = 32 };

/* The IPv4 and IPv6 addresses that an answer gives; how many there are, 0 in what is no answer. */
size_t dns_read_addresses(struct bytes message, struct addr out[DNS_ADDRESSES_MAX]);
