/* SPDX-License-Identifier: MIT */
/* In place of join_side.c where the library that reads JSON is not there. */
#include "cli/join_side.h"

#include <errno.h>

int side_read(struct side *s, const char *json, size_t len, const char **why)
{
	(void)json;
	(void)len;
	*s = (struct side){.root = NULL};
	*why = "this build can't read reports: it was made without jansson";
	return -EBADMSG;
}

void side_fini(struct side *s)
{
	(void)s;
}

const struct side_host *side_host(const struct side *s, uint64_t hash)
{
	(void)s;
	(void)hash;
	return NULL;
}
