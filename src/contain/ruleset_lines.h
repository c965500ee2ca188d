/* SPDX-License-Identifier: MIT */
/*
 * The rules as lines of nft(8) text, in the order in which they are written; for ruleset.c alone. A line stands in each
 * family whose bit it has, if all is there that it needs.
 */
#pragma once

#include <stddef.h>

enum {
	N = 1 << 0, /* netdev */
	B = 1 << 1, /* bridge */
	I = 1 << 2, /* inet */
	ANY = N | B | I,
	L2 = N | B,
	PORTAL = 1 << 3, /* what must be there */
	GATE4 = 1 << 4,
	GATE6 = 1 << 5,
	PORTS = 1 << 6,
	GATED = 1 << 7,	  /* the first-use gate is on … */
	UNGATED = 1 << 8, /* … or off */
	NEEDS = PORTAL | GATE4 | GATE6 | PORTS | GATED | UNGATED
};

struct ruleset_line {
	unsigned when;
	const char *text;
};

extern const struct ruleset_line ruleset_lines[];
extern const size_t ruleset_lines_n;
