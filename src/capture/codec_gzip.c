/* SPDX-License-Identifier: MIT */
/*
 * gzip (RFC 1952) through zlib: any number of members one after the other (as `cat a.gz b.gz` and bgzip make them),
 * and zeros after the last one, which tapes and block devices leave. Anything else behind a member is damage.
 */
#include "capture/codec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct gzip {
	z_stream z;
	const char *failed; /* kept until what was unpacked before it has been given out */
	bool between;	    /* a member has ended and the next has not begun */
	bool pending;	    /* zlib filled all the room it had: it may hold more */
	uint8_t in[CODEC_INPUT];
};

static bool gzip_is_mine(struct bytes head)
{
	return bytes_start_with(head, "\x1f\x8b", 2);
}

static int gzip_open(void **state, const char **why)
{
	(void)why;
	struct gzip *g = malloc(sizeof(*g));
	if (g == NULL)
		return -ENOMEM;
	g->z = (z_stream){.next_in = g->in};
	g->failed = NULL;
	g->between = false;
	g->pending = false;
	if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK) { /* 16: a gzip header, not zlib's own */
		free(g);
		return -ENOMEM;
	}
	*state = g;
	return 0;
}

static void gzip_close(void *state)
{
	struct gzip *g = state;
	inflateEnd(&g->z);
	free(g);
}

static void skip_padding(struct gzip *g)
{
	while (g->z.avail_in > 0 && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
	}
}

/* 1 when there is something for zlib to do, 0 at a clean end of the file, or -errno. */
static int prepare(struct gzip *g, struct raw *raw)
{
	if (g->between)
		skip_padding(g);
	while (g->z.avail_in == 0 && !g->pending) {
		ssize_t got = raw_read(raw, g->in, sizeof(g->in));
		if (got < 0 || (got == 0 && g->between))
			return (int)got;
		if (got == 0) {
			g->failed = "the compressed file is cut off";
			return -EBADMSG;
		}
		g->z.next_in = g->in;
		g->z.avail_in = (uInt)got;
		if (g->between)
			skip_padding(g);
	}
	if (g->between) {
		inflateReset(&g->z);
		g->between = false;
	}
	return 1;
}

static ssize_t gzip_read(void *state, struct raw *raw, uint8_t *to, size_t n, const char **why)
{
	struct gzip *g = state;
	if (n > INT_MAX)
		n = INT_MAX;
	while (g->failed == NULL) {
		int ready = prepare(g, raw);
		if (ready == -EBADMSG)
			break;
		if (ready <= 0)
			return ready;
		g->z.next_out = to;
		g->z.avail_out = (uInt)n;
		int ret = inflate(&g->z, Z_NO_FLUSH);
		size_t made = n - g->z.avail_out;
		g->between = ret == Z_STREAM_END;
		g->pending = g->z.avail_out == 0 && !g->between;
		if (ret == Z_MEM_ERROR)
			return -ENOMEM;
		if (ret != Z_OK && ret != Z_STREAM_END && ret != Z_BUF_ERROR)
			g->failed = "the compressed data are damaged";
		if (made > 0)
			return (ssize_t)made;
	}
	*why = g->failed;
	return -EBADMSG;
}

const struct codec codec_gzip = {
	.is_mine = gzip_is_mine,
	.open = gzip_open,
	.close = gzip_close,
	.read = gzip_read,
};
