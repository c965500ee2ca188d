/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a DNS message: what is read must be a name of the letters promised, and a message that was read must
 * be read the same with bytes after it, and be refused when it is cut.
 */
#include "proto/dns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_name(const struct dns_question *q)
{
	size_t len = strnlen(q->name, DNS_NAME_MAX);
	unsigned dots = 0;

	require(len < DNS_NAME_MAX);
	for (size_t i = 0; i < len; i++) {
		char c = q->name[i];

		require((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
			c == '?' || c == '.');
		dots += c == '.';
	}
	require(dots + 1 == q->labels || (len == 0 && q->labels == 0));
	require(q->first_len <= 63 && q->first_len <= len);
	require(q->labels < 2 || q->name[q->first_len] == '.');
	require(strlen(dns_zone(q)) + q->first_len + (q->labels > 1) == len);
	require(!dns_first_label_is_random(q) || q->first_len >= 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q, again;
	size_t used;

	if (!dns_read_question((struct bytes){data, size}, &q))
		return 0;
	check_name(&q);
	/* Header, name with a length before each label and the end, type and class. */
	used = 12 + strlen(q.name) + (q.labels > 0) + 1 + 4;
	require(used <= size);
	require(dns_read_question((struct bytes){data, used}, &again));
	require(strcmp(q.name, again.name) == 0 && q.type == again.type && q.id == again.id);
	require(!dns_read_question((struct bytes){data, used - 1}, &again));
	return 0;
}
