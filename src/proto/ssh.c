/* SPDX-License-Identifier: MIT */
/*
 * The one line of SSH that is in clear: each end's version (RFC 4253, section 4.2). It names the software, and with it
 * a lower bound of the firmware's age. Nothing behind it is read. A server may write other lines before its version;
 * those are passed over, up to a bound, so that a stranger can't keep the parser waiting for ever.
 */
#include "base/scan.h"
#include "proto/proto.h"

enum {
	VERSION_MAX = 255, /* with its line end, RFC 4253 */
	BEFORE_MAX = 4096  /* bytes of other lines */
};

struct ssh_state {
	uint16_t passed[2]; /* bytes before the version; 0: of the client */
	bool seen[2];
};

/* "SSH-2.0-", "SSH-1.99-": MATCH_MAYBE while it may become one. */
static enum match is_version(struct bytes b)
{
	static const char head[] = "SSH-";
	struct cursor c = cursor_over(b);
	size_t digits = 0;

	for (size_t i = 0; i < sizeof head - 1; i++) {
		if (cursor_left(&c) == 0)
			return MATCH_MAYBE;
		if (cursor_u8(&c) != (uint8_t)head[i])
			return MATCH_NO;
	}
	if (cursor_left(&c) < 2)
		return cursor_left(&c) == 0 || ascii_is_digit(cursor_u8(&c)) ? MATCH_MAYBE
									     : MATCH_NO;
	if (!ascii_is_digit(cursor_u8(&c)) || cursor_u8(&c) != '.')
		return MATCH_NO;
	while (cursor_left(&c) > 0) {
		uint8_t byte = cursor_u8(&c);

		if (byte == '-')
			return digits > 0 ? MATCH_YES : MATCH_NO;
		if (!ascii_is_digit(byte) || ++digits > 2)
			return MATCH_NO;
	}
	return MATCH_MAYBE;
}

static enum match ssh_mine(const struct glance *g)
{
	return is_version(g->data);
}

static bool is_printable(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < ' ' || b.at[i] > '~')
			return false;
	}
	return true;
}

static void version_seen(struct talk *t, struct telling *to, struct bytes line)
{
	if (line.len > VERSION_MAX || is_version(line) != MATCH_YES || !is_printable(line))
		return;
	tell(to, t, SIGNAL_ssh_banner, SENDER, line);
	if (!t->from_client)
		tell_service(to, t, SENDER, &proto_ssh);
}

static size_t ssh_stream(struct talk *t, struct telling *to)
{
	struct ssh_state *s = t->state;
	int d = t->from_client ? 0 : 1;
	struct bytes rest = t->data, line;

	if (t->gap)
		s->seen[d] = true;
	while (!s->seen[d] && bytes_line(&rest, &line)) {
		if (bytes_begin(line, "SSH-")) {
			version_seen(t, to, line);
			s->seen[d] = true;
		} else if ((s->passed[d] = (uint16_t)(s->passed[d] + line.len + 1)) > BEFORE_MAX) {
			s->seen[d] = true;
		}
	}
	if (rest.len > BEFORE_MAX || t->closed)
		s->seen[d] = true;
	if (s->seen[0] && s->seen[1])
		return STREAM_DONE;
	return s->seen[d] ? t->data.len : t->data.len - rest.len;
}

const struct proto proto_ssh = {.name = "ssh",
				.summary = "versions of both ends (RFC 4253)",
				.carriers = OVER_TCP,
				.state_size = sizeof(struct ssh_state),
				.ports = {22, 2222},
				.mine = ssh_mine,
				.stream = ssh_stream};
