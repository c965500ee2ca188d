/* SPDX-License-Identifier: MIT */
/*
 * The password as cameras of 2014 and 2015 kept it: one pair from the factory, compared in clear. What libfirstuse does better is
 * the other camera's; here it is as bad as it was: no throttling, no refusal of a poor password.
 */
#include "camera.h"

#include <stdio.h>
#include <string.h>

void account_set(struct camera *c, const char *name, const char *secret)
{
	snprintf(c->account.name, sizeof c->account.name, "%s", name);
	snprintf(c->account.secret, sizeof c->account.secret, "%s", secret);
}

bool account_is(const struct camera *c, const char *name, const char *secret)
{
	return strcmp(c->account.name, name) == 0 && strcmp(c->account.secret, secret) == 0;
}

bool account_is_set_up(const struct camera *c)
{
	(void)c;
	return true;
}

bool account_stream_secret(const struct camera *c, const char *name, char secret[CAMERA_SECRET_MAX])
{
	if (strcmp(c->account.name, name) != 0)
		return false;
	memcpy(secret, c->account.secret, sizeof c->account.secret);
	return true;
}
