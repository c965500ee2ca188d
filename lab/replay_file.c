/* SPDX-License-Identifier: MIT */
/*
 * The frames to be replayed, and where each may go. Every IP packet in a frame, those inside tunnels too, must be for a
 * documentation address (RFC 5737, RFC 3849), or for one that no router forwards: multicast, broadcast, link-local, none.
 * ARP asks and answers for such addresses only. What can't be read to its destination does not leave.
 *
 * The capture is read once, into memory: a file that changes afterwards changes nothing.
 */
#include "replay.h"

#include "base/exits.h"
#include "capture/capture.h"
#include "decode/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MOST = 1 << 30, FRAMES_STEP = 65536, BYTES_STEP = 16 << 20 };

/* Whose growth is under way: frames hold offsets until the last one is read. */
struct loading {
	struct replay_file *f;
	size_t frames_room;
	size_t bytes_room;
	struct decode_stats stats;
};

static bool is_documentation(const struct addr *a)
{
	static const char *const texts[] = {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
					    "2001:db8::/32"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct prefix p;

		if (prefix_parse(texts[i], &p) && prefix_has(&p, a))
			return true;
	}
	return false;
}

static bool may_be_sent_to(const struct addr *a)
{
	uint8_t class = addr_class(a);

	return (class & (ADDR_ZERO | ADDR_MULTICAST | ADDR_BROADCAST | ADDR_LINK_LOCAL)) != 0 ||
	       is_documentation(a);
}

static int judge_packets(const struct frame *f, const struct packet *packets, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char text[ADDR_TEXT_MAX];

		if (packets[i].proto == PROTO_LINK || may_be_sent_to(&packets[i].dst))
			continue;
		return replay_refuse(
			EXITS_DATA,
			"packet %" PRIu64
			" is for %s, which is no documentation address: nothing was sent",
			f->number, addr_text(&packets[i].dst, text));
	}
	return EXITS_OK;
}

static int judge_frame(struct loading *l, const struct frame *f)
{
	struct packet packets[DECODE_PACKETS];
	struct decode_stats before = l->stats;
	unsigned n;

	if (f->linktype != LINK_ETHERNET)
		return replay_refuse(
			EXITS_DATA,
			"packet %" PRIu64
			" has link type %u: only Ethernet frames are replayed; nothing was sent",
			f->number, f->linktype);
	if (f->len < f->wire_len || f->len < 14)
		return replay_refuse(EXITS_DATA,
				     "packet %" PRIu64 " is not whole (%u of %u bytes): capture "
				     "with -s 0; nothing was sent",
				     f->number, f->len, f->wire_len);
	n = decode_frame(f, packets, &l->stats);
	if (l->stats.malformed != before.malformed || l->stats.too_deep != before.too_deep)
		return replay_refuse(EXITS_DATA,
				     "packet %" PRIu64 " can't be read to its last destination: "
				     "nothing was sent",
				     f->number);
	return judge_packets(f, packets, n);
}

static bool grow(void **list, size_t *room, size_t need, size_t each, size_t step)
{
	size_t more = *room + *room / 2 + step;
	void *longer;

	if (need <= *room)
		return true;
	if (more < need)
		more = need;
	longer = realloc(*list, more * each);
	if (longer == NULL)
		return false;
	*list = longer;
	*room = more;
	return true;
}

static int keep_frame(struct loading *l, const struct frame *f)
{
	struct replay_file *to = l->f;
	void *frames = to->frames, *bytes = to->bytes;
	bool room;

	if (to->n == REPLAY_FRAMES_MOST || to->bytes_n + f->len > BYTES_MOST)
		return replay_refuse(EXITS_DATA,
				     "the capture has more than %d packets or %d MB: cut it and "
				     "replay it with --loop",
				     REPLAY_FRAMES_MOST, BYTES_MOST >> 20);
	room = grow(&frames, &l->frames_room, to->n + 1, sizeof *to->frames, FRAMES_STEP);
	to->frames = frames;
	room = room && grow(&bytes, &l->bytes_room, to->bytes_n + f->len, 1, BYTES_STEP);
	to->bytes = bytes;
	if (!room)
		return replay_refuse(EXITS_OS, "no memory for the capture");
	memcpy(to->bytes + to->bytes_n, f->data, f->len);
	to->frames[to->n++] = (struct replay_frame){.len = f->len, .time_ns = f->time_ns};
	to->bytes_n += f->len;
	return EXITS_OK;
}

static int read_all(struct loading *l, struct capture *c, struct batch *b)
{
	const uint8_t *at;

	while (capture_fill(c, b) > 0) {
		for (const struct frame *f = b->frames; f < b->frames + b->n; f++) {
			int status = judge_frame(l, f);

			if (status == EXITS_OK)
				status = keep_frame(l, f);
			if (status != EXITS_OK)
				return status;
		}
	}
	if (capture_damage(c)->there)
		return replay_refuse(EXITS_DATA, "the capture is damaged: %s; nothing was sent",
				     capture_damage(c)->reason);
	if (l->f->n == 0)
		return replay_refuse(EXITS_DATA, "the capture has no packets");
	at = l->f->bytes;
	for (size_t i = 0; i < l->f->n; i++) {
		l->f->frames[i].at = at;
		at += l->f->frames[i].len;
	}
	return EXITS_OK;
}

int replay_file_read(struct replay_file *f, const char *path)
{
	struct loading l = {.f = f};
	struct batch *b = malloc(sizeof *b);
	struct capture *c = NULL;
	const char *why = "";
	int status, err;

	*f = (struct replay_file){.n = 0};
	if (b == NULL || (b->bytes = malloc(BATCH_BYTES)) == NULL) {
		free(b);
		return replay_refuse(EXITS_OS, "no memory");
	}
	err = capture_open(path, 0, &c, &why);
	if (err != 0)
		status = replay_refuse(err == -EBADMSG ? EXITS_DATA : EXITS_NO_INPUT, "%s: %s",
				       path, why);
	else
		status = read_all(&l, c, b);
	if (c != NULL)
		capture_close(c);
	free(b->bytes);
	free(b);
	return status;
}

void replay_file_free(struct replay_file *f)
{
	free(f->frames);
	free(f->bytes);
	*f = (struct replay_file){.n = 0};
}
