/* SPDX-License-Identifier: MIT */
/*
 * Zstandard (RFC 8878) through libzstd: any number of frames, skippable ones included. The window stays at
 * libzstd's default limit of 128 MiB, so that a header written by a stranger can't ask for more memory than that;
 * libzstd allocates it when it meets the first frame that needs it.
 */
#include "capture/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct zstd {
	ZSTD_DStream *stream;
	ZSTD_inBuffer input;
	const char *failed; /* kept until what was unpacked before it has been given out */
	bool between;	    /* a frame has ended and the next has not begun */
	bool pending;	    /* libzstd filled all the room it had: it may hold more */
	uint8_t in[CODEC_INPUT];
};

static bool zstd_is_mine(struct bytes head)
{
	if (bytes_start_with(head, "\x28\xb5\x2f\xfd", 4))
		return true;
	/* A skippable frame in front: the low half of the first byte is the user's. */
	return head.len >= 4 && head.at[0] >> 4 == 5 && memcmp(head.at + 1, "\x2a\x4d\x18", 3) == 0;
}

static int zstd_open(void **state, const char **why)
{
	(void)why;
	struct zstd *z = malloc(sizeof(*z));
	if (z == NULL)
		return -ENOMEM;
	z->stream = ZSTD_createDStream();
	if (z->stream == NULL) {
		free(z);
		return -ENOMEM;
	}
	z->input = (ZSTD_inBuffer){.src = z->in, .size = 0, .pos = 0};
	z->failed = NULL;
	z->between = false;
	z->pending = false;
	*state = z;
	return 0;
}

static void zstd_close(void *state)
{
	struct zstd *z = state;
	ZSTD_freeDStream(z->stream);
	free(z);
}

static const char *reason(size_t code)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
		return "it is packed with a window over 128 MiB (zstd --long): unpack it first";
	return "the compressed data are damaged";
}

static ssize_t zstd_read(void *state, struct raw *raw, uint8_t *to, size_t n, const char **why)
{
	struct zstd *z = state;
	while (z->failed == NULL) {
		if (z->input.pos == z->input.size && !z->pending) {
			ssize_t got = raw_read(raw, z->in, sizeof(z->in));
			if (got < 0 || (got == 0 && z->between))
				return got;
			if (got == 0) {
				z->failed = "the compressed file is cut off";
				break;
			}
			z->input = (ZSTD_inBuffer){.src = z->in, .size = (size_t)got, .pos = 0};
		}
		ZSTD_outBuffer out = {.dst = to, .size = n, .pos = 0};
		size_t ret = ZSTD_decompressStream(z->stream, &out, &z->input);
		if (ZSTD_isError(ret))
			z->failed = reason(ret);
		z->between = ret == 0;
		z->pending = out.pos == out.size && !z->between;
		if (out.pos > 0)
			return (ssize_t)out.pos;
	}
	*why = z->failed;
	return -EBADMSG;
}

const struct codec codec_zstd = {
	.is_mine = zstd_is_mine,
	.open = zstd_open,
	.close = zstd_close,
	.read = zstd_read,
};
