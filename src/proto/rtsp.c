/* SPDX-License-Identifier: MIT */
/*
 * RTSP/1.0 (RFC 2326) and 2.0 (RFC 7826), which cameras and recorders serve their picture by: banners, the address of
 * the stream, the names in its description (SDP, RFC 8866; not the `o=` line, which names its origin), and logins by
 * Basic, Digest and in Xiongmai's addresses. Answers find their request by CSeq. Interleaved packets ('$', channel, length)
 * are passed over by their length, so pictures cost nothing.
 *
 * OPTIONS is answered without a login by many servers: it proves none.
 */
#include "base/scan.h"
#include "proto/auth.h"
#include "proto/message.h"
#include "proto/proto.h"
#include "proto/target.h"

enum { ASKED = 4, CSEQ_NONE = 0, PATH_KEPT = 96, INTERLEAVED_HEAD = 4, CHECK_AGAIN = 16 };

struct asked {
	uint32_t cseq; /* CSEQ_NONE: free */
	bool describes;
	char path[PATH_KEPT]; /* as it may be told */
};

struct side {
	uint64_t left; /* of a body, or of an interleaved packet */
	uint16_t seen;
	bool sdp;  /* the body is a description, to be looked at */
	bool lost; /* waits for a piece that begins with a message */
};

struct conn {
	struct login login;
	uint32_t login_cseq; /* CSEQ_NONE: there is none */
	struct asked asked[ASKED];
	struct side side[2]; /* 0: the client's */
	struct auth_memory memory;
	uint8_t next; /* place in asked */
	bool served;
};
_Static_assert(sizeof(struct conn) <= PROTO_STATE_MAX, "state of a conversation");

static const char *const methods[] = {
	"OPTIONS",  "DESCRIBE",	   "SETUP",  "PLAY",	      "PAUSE",
	"TEARDOWN", "ANNOUNCE",	   "RECORD", "GET_PARAMETER", "SET_PARAMETER",
	"REDIRECT", "PLAY_NOTIFY", NULL};
static const char *const targets[] = {"rtsp://", "rtsps://", "rtspu://", "RTSP://", "/", "*", NULL};
static const struct message_kind rtsp[] = {
	{.version = "RTSP/1.", .methods = methods, .targets = targets},
	{.version = "RTSP/2.", .methods = methods, .targets = targets}};

static enum match begins(struct bytes data)
{
	enum match one = message_begins(data, &rtsp[0]), two;

	if (one == MATCH_YES)
		return one;
	two = message_begins(data, &rtsp[1]);
	return two == MATCH_NO ? one : two;
}

static uint32_t read_cseq(struct bytes fields)
{
	struct bytes value;
	int64_t n = message_find(fields, "CSeq", NULL, &value) ? bytes_number(value) : -1;

	return n < 0 ? CSEQ_NONE : (uint32_t)n + 1;
}

/* Bytes are missing: what was asked is forgotten. */
static void lose(struct conn *c, struct side *s)
{
	*s = (struct side){.lost = true};
	memset(c->asked, 0, sizeof c->asked);
	c->login_cseq = CSEQ_NONE;
}

static void keep_login(struct conn *c, const struct talk *t, const struct login *login,
		       uint32_t cseq)
{
	c->login = *login;
	c->login.tried_key = t->packet->key;
	c->login.tried_ns = t->packet->time_ns;
	c->login_cseq = cseq;
}

static bool proves_login(struct bytes method)
{
	return bytes_are(method, "DESCRIBE") || bytes_are(method, "SETUP") ||
	       bytes_are(method, "PLAY") || bytes_are(method, "ANNOUNCE") ||
	       bytes_are(method, "RECORD");
}

static void on_login(struct conn *c, const struct talk *t, struct bytes fields, struct bytes method,
		     struct bytes text, uint32_t cseq)
{
	struct login login;
	struct bytes value;

	if (!proves_login(method) || cseq == CSEQ_NONE)
		return;
	if (message_find(fields, "Authorization", NULL, &value)) {
		if (!auth_credentials(value, method, &login))
			return;
		auth_recall(&c->memory, &login);
		keep_login(c, t, &login, cseq);
	} else if (target_login(text, &login)) {
		keep_login(c, t, &login, cseq);
	}
}

/* Remembers what was asked, the oldest makes room. */
static void remember(struct conn *c, struct bytes method, struct bytes text, uint32_t cseq)
{
	struct asked *a = &c->asked[c->next];
	char room[TARGET_MAX];
	struct target target;
	struct bytes path;

	c->next = (uint8_t)((c->next + 1) % ASKED);
	*a = (struct asked){.cseq = cseq, .describes = bytes_are(method, "DESCRIBE")};
	target_split(text, &target);
	path = target_path(target.path, room, sizeof room);
	if (a->describes && path.len < sizeof a->path && path.len > 0)
		memcpy(a->path, path.at, path.len);
}

static bool on_request(struct conn *c, const struct talk *t, struct telling *to, struct bytes line,
		       struct bytes fields)
{
	uint32_t cseq = read_cseq(fields);
	struct bytes method = {NULL, 0}, text = {NULL, 0}, agent;

	if (!message_request(line, &rtsp[0], &method, &text) &&
	    !message_request(line, &rtsp[1], &method, &text))
		return false;
	if (!t->from_client)
		return true;
	if (message_find(fields, "User-Agent", NULL, &agent))
		target_tell(to, t, SIGNAL_rtsp_agent, SENDER, agent);
	if (cseq != CSEQ_NONE)
		remember(c, method, text, cseq);
	on_login(c, t, fields, method, text, cseq);
	return true;
}

/* Tells every challenge of a 401. True when one says that only the nonce was too old. */
static bool on_challenges(struct conn *c, const struct talk *t, struct telling *to,
			  struct bytes fields)
{
	struct challenge challenge;
	bool stale = false;
	char room[TARGET_MAX];
	struct field f;

	while (message_field(&fields, &f)) {
		if (!bytes_are_nocase(f.name, "WWW-Authenticate") ||
		    !auth_challenge(f.value, &challenge))
			continue;
		stale |= challenge.stale;
		auth_remember(&c->memory, challenge.realm);
		tell(to, t, SIGNAL_rtsp_realm, SENDER,
		     auth_plain_realm(challenge.realm, room, sizeof room));
	}
	return stale;
}

static void on_answer(struct conn *c, const struct talk *t, struct telling *to, unsigned status,
		      bool stale, uint32_t cseq)
{
	for (size_t i = 0; i < ASKED; i++) {
		struct asked *a = &c->asked[i];

		if (cseq == CSEQ_NONE || a->cseq != cseq)
			continue;
		if (a->describes && (status == 200 || status == 401))
			tell_text(to, t, SIGNAL_rtsp_uri, SENDER, a->path);
		a->cseq = CSEQ_NONE;
	}
	if (cseq == CSEQ_NONE || c->login_cseq != cseq)
		return;
	c->login_cseq = CSEQ_NONE;
	if (status == 200)
		tell_login(to, t, &c->login, SENDER, LOGIN_ACCEPTED);
	else if (status == 401 && !stale)
		tell_login(to, t, &c->login, SENDER, LOGIN_REFUSED);
}

static bool on_response(struct conn *c, const struct talk *t, struct telling *to, struct bytes line,
			struct bytes fields)
{
	unsigned status = message_status(line, &rtsp[0]);
	struct bytes server;
	bool stale;

	if (status == 0)
		status = message_status(line, &rtsp[1]);
	if (status == 0)
		return false;
	if (t->from_client) /* the answer to a server's own request */
		return true;
	if (message_find(fields, "Server", NULL, &server))
		target_tell(to, t, SIGNAL_rtsp_server, SENDER, server);
	if (!c->served)
		tell_service(to, t, SENDER, &proto_rtsp);
	c->served = true;
	stale = status == 401 && on_challenges(c, t, to, fields);
	if (status >= 200)
		on_answer(c, t, to, status, stale, read_cseq(fields));
	return true;
}

/* False when it is not known where the body ends. */
static bool begin_body(struct side *s, struct bytes fields)
{
	struct bytes value;

	*s = (struct side){.left = 0};
	if (message_find(fields, "Content-Length", "l", &value) && !message_length(value, &s->left))
		return false;
	s->sdp = message_find(fields, "Content-Type", NULL, &value) &&
		 bytes_begin_nocase(value, "application/sdp");
	return true;
}

static size_t step_head(struct conn *c, const struct talk *t, struct telling *to, struct side *s,
			struct bytes data)
{
	size_t seen = s->seen, head;
	struct bytes fields, line = {NULL, 0};
	bool fine;

	if (seen < CHECK_AGAIN && begins(data) == MATCH_NO) {
		lose(c, s);
		return data.len;
	}
	head = message_head(data, &seen);
	s->seen = (uint16_t)seen;
	if (head == 0)
		return 0;
	fields = bytes_upto(data, head);
	bytes_line(&fields, &line);
	fine = bytes_begin(line, "RTSP/") ? on_response(c, t, to, line, fields)
					  : on_request(c, t, to, line, fields);
	if (fine && begin_body(s, fields))
		return head;
	lose(c, s);
	return data.len;
}

static void tell_sdp(const struct talk *t, struct telling *to, struct bytes sdp)
{
	struct bytes line;

	while (sdp.len > 0) {
		line = bytes_cut(&sdp, '\n');
		if (bytes_begin(line, "m=")) /* of the streams from here on */
			return;
		if (bytes_begin(line, "s=") || bytes_begin(line, "i="))
			target_tell(to, t, SIGNAL_rtsp_session, SENDER, bytes_from(line, 2));
	}
}

static size_t step_body(const struct talk *t, struct telling *to, struct side *s, struct bytes data)
{
	uint64_t want = s->left < STREAM_WINDOW ? s->left : STREAM_WINDOW;
	size_t n = s->left < data.len ? (size_t)s->left : data.len;

	if (s->sdp && data.len < want && !t->closed)
		return 0;
	if (s->sdp)
		tell_sdp(t, to, bytes_upto(data, n));
	s->sdp = false;
	s->left -= n;
	return n;
}

static size_t step_interleaved(struct side *s, struct bytes data)
{
	struct cursor c = cursor_over(data);

	cursor_skip(&c, 2);
	*s = (struct side){.left = cursor_be16(&c)};
	return c.broken ? 0 : INTERLEAVED_HEAD;
}

static size_t step(struct conn *c, const struct talk *t, struct telling *to, struct side *s,
		   struct bytes data)
{
	if (s->lost && begins(data) == MATCH_NO)
		return data.len;
	s->lost = false;
	if (s->left > 0)
		return step_body(t, to, s, data);
	if (data.at[0] == '$')
		return step_interleaved(s, data);
	if (data.at[0] == '\r' || data.at[0] == '\n') {
		s->seen = 0;
		return 1;
	}
	return step_head(c, t, to, s, data);
}

static size_t rtsp_stream(struct talk *t, struct telling *to)
{
	struct conn *c = t->state;
	struct side *s = &c->side[t->from_client ? 0 : 1];
	struct bytes rest = t->data;

	if (t->gap)
		lose(c, s);
	while (rest.len > 0) {
		size_t used = step(c, t, to, s, rest);

		if (used == 0)
			break;
		rest = bytes_from(rest, used);
	}
	return t->closed ? t->data.len : t->data.len - rest.len;
}

static enum match rtsp_mine(const struct glance *g)
{
	return begins(g->data);
}

const struct proto proto_rtsp = {.name = "rtsp",
				 .summary = "cameras' streams, their names and logins (RFC 2326)",
				 .carriers = OVER_TCP,
				 .state_size = sizeof(struct conn),
				 .ports = {554, 8554, 10554},
				 .mine = rtsp_mine,
				 .stream = rtsp_stream};
