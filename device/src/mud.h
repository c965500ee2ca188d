/* SPDX-License-Identifier: MIT */
/* What a description for MUD may not be, in words. Looks at every string up to its bound and no further. */
#pragma once

#include "firstuse_mud.h"

/* NULL: it is a URL that a device can announce. Else what is wrong, for a person; lives for ever. */
const char *fu_mud_url_wrong(const char *url);

/* NULL: the file can be written. */
const char *fu_mud_wrong(const struct firstuse_mud *mud);
