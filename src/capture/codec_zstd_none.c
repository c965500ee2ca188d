/* SPDX-License-Identifier: MIT */
/*
 * Stands in for codec_zstd.c in a build without libzstd: it knows such a file, and says what to do with it.
 */
#include "capture/codec.h"

#include <errno.h>

static bool zstd_is_mine(struct bytes head)
{
	return bytes_start_with(head, "\x28\xb5\x2f\xfd", 4);
}

static int zstd_open(void **state, const char **why)
{
	*state = NULL;
	*why = "not a capture we can read: this build has no zstd; unpack it first (unzstd)";
	return -EBADMSG;
}

static void zstd_close(void *state)
{
	(void)state;
}

/* Never reached: nothing was opened. */
static ssize_t zstd_read(void *state, struct raw *raw, uint8_t *to, size_t n, const char **why)
{
	(void)state;
	(void)raw;
	(void)to;
	(void)n;
	(void)why;
	return -EBADMSG;
}

const struct codec codec_zstd = {
	.is_mine = zstd_is_mine,
	.open = zstd_open,
	.close = zstd_close,
	.read = zstd_read,
};
