/* SPDX-License-Identifier: MIT */
/*
 * One input from its first byte to its last: unpacked bytes from source.c, records from a format reader, batches to
 * the pipeline. It holds the one rule about memory here: a batch keeps its frames' bytes while other threads still
 * read them, so bytes behind the last whole record of a fill are copied out and begin the next batch.
 *
 * All buffers are made when the input is opened. Damage is remembered, never logged; nothing after it is guessed at.
 */
#include "capture/capture.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/foreign.h"
#include "capture/reader.h"
#include "capture/source.h"

/* A buffer of BATCH_BYTES, of which [at, end) has been read and not been taken. */
struct window {
	uint8_t *bytes;
	size_t at;
	size_t end;
};

struct capture {
	char *path;
	struct source *source;		 /* NULL while parked */
	struct source_identity identity; /* of the file first opened */
	struct reader reader;
	struct window rest; /* what the last fill, the opening or the peek left over */
	uint64_t offset;    /* in the unpacked stream, of the next byte to take */
	struct capture_damage damage;
	enum capture_format format;
	uint32_t input;
	bool started; /* a fill has been asked for */
	bool ended;   /* nothing more can be read, and what was read has been taken */
	bool first_known;
	bool first_there;
	int64_t first_ns;
};

static const struct format *const formats[] = {&format_pcap, &format_pcapng};

static struct bytes window_view(const struct window *w)
{
	return (struct bytes){.at = w->bytes + w->at, .len = w->end - w->at};
}

static void end_damaged(struct capture *c, uint64_t offset, const char *reason)
{
	c->ended = true;
	c->damage = (struct capture_damage){.there = true, .offset = offset, .reason = reason};
}

/* The input is at its end: cleanly, or inside a record. */
static void end_of_source(struct capture *c, const struct window *w)
{
	const struct reader *r = &c->reader;
	if (r->skip > 0)
		end_damaged(c, r->skip_from, "cut off in the middle of a packet or block");
	else if (w->at < w->end)
		end_damaged(c, c->offset, r->format->cut(r, window_view(w)));
	else
		c->ended = true;
}

/* One read behind what the window has. Its bytes may move only while no frame points into it. */
static ssize_t read_more(struct capture *c, struct window *w, bool may_move)
{
	if (may_move && w->at > 0) {
		memmove(w->bytes, w->bytes + w->at, w->end - w->at);
		w->end -= w->at;
		w->at = 0;
	}
	size_t room = BATCH_BYTES - w->end;
	assert(room > 0);
	ssize_t got =
		source_read(c->source, w->bytes + w->end, room < BATCH_READ ? room : BATCH_READ);
	if (got > 0)
		w->end += (size_t)got;
	return got;
}

/* As read_more(), and ends the input where nothing more comes. */
static bool more(struct capture *c, struct window *w, bool may_move)
{
	ssize_t got = read_more(c, w, may_move);
	if (got == 0)
		end_of_source(c, w);
	else if (got < 0)
		end_damaged(c, c->offset, source_why(c->source));
	return got > 0;
}

/* Takes the packets that are whole in the window, at most `max`. Ends the input at damage. */
static uint32_t take(struct capture *c, struct window *w, struct frame *to, uint32_t max)
{
	struct reader *r = &c->reader;
	uint32_t n = 0;
	for (;;) {
		struct bytes in = window_view(w);
		size_t skip = r->skip < in.len ? (size_t)r->skip : in.len;
		r->skip -= skip;
		w->at += skip;
		c->offset += skip;
		if (r->skip > 0)
			return n;
		in = window_view(w);
		n += r->format->take(r, &in, to + n, max - n);
		size_t taken = w->end - w->at - in.len;
		w->at += taken;
		c->offset += taken;
		if (r->why != NULL)
			end_damaged(c, c->offset, r->why);
		if (r->skip == 0 || c->ended)
			return n;
		r->skip_from = c->offset - r->held;
	}
}

/* What is left goes to the front of the next batch, which is another buffer. */
static void keep_rest(struct capture *c, const struct window *w)
{
	struct bytes left = window_view(w);
	memcpy(c->rest.bytes, left.at, left.len);
	c->rest.at = 0;
	c->rest.end = left.len;
}

/* READER_NOT_MINE when no format knows the first bytes. */
static enum reader_open try_formats(struct capture *c, const char **why)
{
	struct bytes in = window_view(&c->rest);
	if (in.len < 4)
		return READER_NEED_MORE;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct bytes behind = in;
		c->reader = (struct reader){.format = formats[i], .input = c->input};
		enum reader_open result = formats[i]->open(&c->reader, &behind, why);
		if (result == READER_NOT_MINE)
			continue;
		c->rest.at += in.len - behind.len;
		c->offset = c->rest.at;
		if (c->reader.skip > 0)
			c->reader.skip_from = c->offset - c->reader.held;
		return result;
	}
	return READER_NOT_MINE;
}

static int read_header(struct capture *c, const char **why)
{
	for (;;) {
		switch (try_formats(c, why)) {
		case READER_OPEN:
			c->format = c->reader.format->id;
			return 0;
		case READER_NO_MEMORY:
			*why = "not enough memory";
			return -ENOMEM;
		case READER_BAD:
			return -EBADMSG;
		case READER_NOT_MINE:
			*why = foreign_why(window_view(&c->rest));
			return -EBADMSG;
		case READER_NEED_MORE:
			break;
		}
		ssize_t got = read_more(c, &c->rest, false);
		if (got < 0) {
			*why = source_why(c->source);
			return (int)got;
		}
		if (got == 0 && c->rest.end >= 4) {
			*why = "not a capture: it is cut off inside its header; copy or capture it again";
			return -EBADMSG;
		}
		if (got == 0) {
			*why = foreign_why(window_view(&c->rest));
			return -EBADMSG;
		}
	}
}

/* Gives back what begin() took, in any state. */
static void release(struct capture *c)
{
	if (c->reader.format != NULL)
		c->reader.format->close(&c->reader);
	c->reader = (struct reader){.format = NULL};
	free(c->rest.bytes);
	c->rest = (struct window){.bytes = NULL};
	source_close(c->source);
	c->source = NULL;
}

/* Reads the header of a source just opened, which is the capture's from here on. */
static int begin(struct capture *c, struct source *source, const char **why)
{
	c->source = source;
	c->rest.bytes = malloc(BATCH_BYTES);
	if (c->rest.bytes == NULL) {
		*why = "not enough memory";
		return -ENOMEM;
	}
	return read_header(c, why);
}

/* `err` and `source` are what the opening of the source gave. */
static int open_over(const char *path, int err, struct source *source, uint32_t input,
		     struct capture **out, const char **why)
{
	if (err != 0)
		return err;
	struct capture *c = calloc(1, sizeof(*c));
	if (c == NULL || (c->path = strdup(path)) == NULL) {
		free(c);
		source_close(source);
		*why = "not enough memory";
		return -ENOMEM;
	}
	c->input = input;
	c->identity = source_identity(source);
	err = begin(c, source, why);
	if (err != 0) {
		capture_close(c);
		return err;
	}
	*out = c;
	return 0;
}

int capture_open(const char *path, uint32_t input, struct capture **out, const char **why)
{
	struct source *source = NULL;
	int err = source_open(path, &source, why);
	return open_over(path, err, source, input, out, why);
}

int capture_open_bytes(struct bytes whole, size_t chunk, uint32_t input, struct capture **out,
		       const char **why)
{
	struct source *source = NULL;
	int err = source_open_bytes(whole, chunk, &source, why);
	return open_over("memory", err, source, input, out, why);
}

void capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	release(c);
	free(c->path);
	free(c);
}

void capture_set_input(struct capture *c, uint32_t input)
{
	assert(!c->started);
	c->input = input;
	c->reader.input = input;
}

void capture_park(struct capture *c)
{
	if (c->source == NULL || c->started || !source_is_rereadable(c->source))
		return;
	release(c);
	c->offset = 0;
	c->ended = false;
	c->damage = (struct capture_damage){.there = false};
}

/* Opens a parked input again. Somebody may have replaced the file since; its frames must not get mixed up. */
static bool unpark(struct capture *c)
{
	if (c->source != NULL)
		return true;
	struct source *source = NULL;
	const char *why = NULL;
	if (source_open(c->path, &source, &why) != 0) {
		end_damaged(c, 0, why);
		return false;
	}
	struct source_identity now = source_identity(source);
	bool same = now.device == c->identity.device && now.inode == c->identity.inode;
	enum capture_format format = c->format;
	if (begin(c, source, &why) != 0 || !same || c->format != format) {
		release(c);
		end_damaged(c, 0, "the file was replaced while it was being read");
		return false;
	}
	return true;
}

static void note_first(struct capture *c, const struct frame *f, uint32_t n)
{
	if (c->first_known)
		return;
	c->first_known = true;
	c->first_there = n > 0;
	c->first_ns = n > 0 ? f->time_ns : 0;
}

/* Takes the first frame and then steps back in front of it. */
static void peek(struct capture *c)
{
	struct frame first;
	while (!c->ended) {
		struct reader bookmark = c->reader;
		uint64_t offset = c->offset;
		size_t at = c->rest.at;
		if (take(c, &c->rest, &first, 1) == 1) {
			c->reader = bookmark;
			c->offset = offset;
			c->rest.at = at;
			note_first(c, &first, 1);
			return;
		}
		if (!c->ended)
			more(c, &c->rest, true);
	}
	note_first(c, NULL, 0);
}

bool capture_first_time(struct capture *c, int64_t *time_ns)
{
	if (!c->first_known && !c->started && unpark(c))
		peek(c);
	*time_ns = c->first_ns;
	return c->first_there;
}

/*
 * Enough for one batch: it is full, or it has something and another read might wait for a writer or has been made
 * already.
 */
static bool is_enough(const struct capture *c, const struct batch *b, unsigned reads)
{
	if (b->n == BATCH_FRAMES)
		return true;
	return b->n > 0 && (reads > 0 || !source_is_ready(c->source));
}

uint32_t capture_fill(struct capture *c, struct batch *b)
{
	b->n = 0;
	if (c->ended || !unpark(c))
		return 0;
	c->started = true;
	struct window w = {.bytes = b->bytes, .at = 0, .end = c->rest.end - c->rest.at};
	memcpy(w.bytes, c->rest.bytes + c->rest.at, w.end);
	for (unsigned reads = 0;; reads++) {
		b->n += take(c, &w, b->frames + b->n, BATCH_FRAMES - b->n);
		if (c->ended || is_enough(c, b, reads) || !more(c, &w, b->n == 0))
			break;
	}
	note_first(c, b->frames, b->n);
	keep_rest(c, &w);
	return b->n;
}

struct capture_amount capture_amount(const struct capture *c)
{
	return (struct capture_amount){
		.taken = c->source != NULL ? source_taken(c->source) : 0,
		.size = c->identity.size,
	};
}

const char *capture_path(const struct capture *c)
{
	return c->path;
}

enum capture_format capture_format(const struct capture *c)
{
	return c->format;
}

const struct capture_damage *capture_damage(const struct capture *c)
{
	return &c->damage;
}
