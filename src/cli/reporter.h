/* SPDX-License-Identifier: MIT */
/*
 * Who reports: "Example Net <abuse@example.net>", as abuse reports ask for it.
 */
#pragma once

#include <stdbool.h>

enum { REPORTER_ORG_MOST = 200, REPORTER_MAIL_MOST = 254 };

struct reporter {
	char org[REPORTER_ORG_MOST + 1]; /* "" : not given */
	char mail[REPORTER_MAIL_MOST + 1];
	const char *domain; /* in mail */
};

/* False when the text is no name and mail address, or one of them is too long. */
bool reporter_read(const char *text, struct reporter *out);
