/* SPDX-License-Identifier: MIT */
/*
 * Takes the place of mud_read.c in a build without jansson: profiles can't be read, and whoever asks is told.
 */
#include "contain/mud.h"

#include <stdio.h>

bool mud_read(const char *json, size_t len, struct mud_profile *out, struct mud_refusal *refusal)
{
	(void)json;
	(void)len;
	*out = (struct mud_profile){0};
	refusal->where[0] = '\0';
	snprintf(refusal->why, sizeof refusal->why, "%s",
		 "this build can't read profiles: it was made without jansson");
	return false;
}
