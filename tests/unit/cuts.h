/* SPDX-License-Identifier: MIT */
/*
 * One datagram or body, cut at every length: nothing may be told then that the whole does not tell. Included under cmocka.
 */
#pragma once

#include "../parsing.h"

/* Every line of `part` is a line of `whole`, or the beginning of one. */
static inline void expect_no_more(const char *part, const char *whole)
{
	while (*part != '\0') {
		size_t n = strcspn(part, "\n");
		const char *line = whole;

		while (strncmp(line, part, n) != 0) {
			line += strcspn(line, "\n");
			if (*line != '\n')
				fail_msg("a cut tells more: %.*s", (int)n, part);
			line++;
		}
		part += n + (part[n] == '\n');
	}
}

static inline void expect_cuts(const struct proto *proto, bool from_client, uint16_t client_port,
			       uint16_t server_port, const char *at, size_t len, const char *whole)
{
	static struct parsing p;

	for (size_t n = 0; n < len; n++) {
		parsing_init(&p, proto, client_port, server_port);
		if (proto->mine != NULL)
			parsing_mine(&p, from_client, at, n);
		parsing_datagram(&p, from_client, at, n);
		expect_no_more(p.text, whole);
		parsing_fini(&p);
	}
}

/* One datagram or body on its own. */
static inline bool told_alone(struct parsing *p, const struct proto *proto, bool from_client,
			      const char *text)
{
	bool mine;

	parsing_init(p, proto, 40000, proto->ports[0] != 0 ? proto->ports[0] : 80);
	mine = parsing_datagram(p, from_client, text, strlen(text));
	parsing_fini(p);
	return mine;
}
