/* SPDX-License-Identifier: MIT */
/*
 * Stands in for codec_gzip.c in a build without zlib: it knows such a file, and says what to do with it.
 */
#include "capture/codec.h"

#include <errno.h>

static bool gzip_is_mine(struct bytes head)
{
	return bytes_start_with(head, "\x1f\x8b", 2);
}

static int gzip_open(void **state, const char **why)
{
	*state = NULL;
	*why = "not a capture we can read: this build has no gzip; unpack it first (gunzip)";
	return -EBADMSG;
}

static void gzip_close(void *state)
{
	(void)state;
}

/* Never reached: nothing was opened. */
static ssize_t gzip_read(void *state, struct raw *raw, uint8_t *to, size_t n, const char **why)
{
	(void)state;
	(void)raw;
	(void)to;
	(void)n;
	(void)why;
	return -EBADMSG;
}

const struct codec codec_gzip = {
	.is_mine = gzip_is_mine,
	.open = gzip_open,
	.close = gzip_close,
	.read = gzip_read,
};
