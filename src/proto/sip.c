/* SPDX-License-Identifier: MIT */
/*
 * SIP (RFC 3261): names of phones and servers, and logins by Digest (section 22, RFC 8760 for SHA-256). Either end may ask;
 * an answer belongs to the try when it comes from the other end with the same CSeq and Call-ID. A login counts only where a
 * challenge for its realm came first. Users' names and numbers in From, To and Contact are not told.
 *
 * Over TCP messages stand one behind the other with Content-Length bodies; keep-alives are empty lines (RFC 5626).
 */
#include "base/scan.h"
#include "proto/auth.h"
#include "proto/message.h"
#include "proto/proto.h"
#include "proto/target.h"

enum { CHECK_AGAIN = 16 };

struct side {
	uint64_t left; /* of a body */
	uint16_t seen;
	bool lost;
};

struct conn {
	struct login login;
	uint64_t call;		     /* of the try: Call-ID and CSeq as a number */
	bool tried;		     /* login waits for its answer … */
	bool by_client;		     /* … and was sent by the client */
	bool served[2];		     /* the service was told: 0: of the client */
	struct side side[2];	     /* TCP only */
	struct auth_memory asked[2]; /* by whom: 0: the client */
};
_Static_assert(sizeof(struct conn) <= PROTO_STATE_MAX, "state of a conversation");

static const char *const methods[] = {"REGISTER", "INVITE", "ACK",	 "BYE",	    "CANCEL",
				      "OPTIONS",  "NOTIFY", "SUBSCRIBE", "INFO",    "UPDATE",
				      "MESSAGE",  "PRACK",  "REFER",	 "PUBLISH", NULL};
static const char *const targets[] = {"sip:", "sips:", "tel:", "SIP:", NULL};
static const struct message_kind sip = {
	.version = "SIP/2.", .methods = methods, .targets = targets};

/* Two calls with one number are taken for one; that needs a Call-ID made for it (FNV-1a). */
static uint64_t mix(uint64_t hash, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		hash = (hash ^ b.at[i]) * 0x100000001b3;
	return hash;
}

/* False when the message lacks what every message has. */
static bool call_of(struct bytes fields, uint64_t *call)
{
	struct bytes id, cseq;

	if (!message_find(fields, "Call-ID", "i", &id) ||
	    !message_find(fields, "CSeq", NULL, &cseq) || bytes_number(cseq) < 0)
		return false;
	*call = mix(mix(0xcbf29ce484222325, id), cseq);
	return true;
}

static void on_request(struct conn *c, const struct talk *t, struct bytes fields,
		       struct bytes method, uint64_t call)
{
	struct login login;
	struct bytes value;

	if (!message_find(fields, "Authorization", NULL, &value) &&
	    !message_find(fields, "Proxy-Authorization", NULL, &value))
		return;
	if (bytes_are(method, "ACK") || !auth_credentials(value, method, &login))
		return;
	c->login = login;
	auth_recall(&c->asked[t->from_client ? 1 : 0], &c->login);
	c->login.tried_key = t->packet->key;
	c->login.tried_ns = t->packet->time_ns;
	c->call = call;
	c->by_client = t->from_client;
	c->tried = true;
}

/* True when a challenge says that only the nonce was too old. */
static bool on_challenges(struct conn *c, const struct talk *t, struct telling *to,
			  struct bytes fields)
{
	struct challenge challenge;
	bool stale = false;
	char room[TARGET_MAX];
	struct field f;

	while (message_field(&fields, &f)) {
		if ((!bytes_are_nocase(f.name, "WWW-Authenticate") &&
		     !bytes_are_nocase(f.name, "Proxy-Authenticate")) ||
		    !auth_challenge(f.value, &challenge))
			continue;
		stale |= challenge.stale;
		auth_remember(&c->asked[t->from_client ? 0 : 1], challenge.realm);
		tell(to, t, SIGNAL_sip_realm, SENDER,
		     auth_plain_realm(challenge.realm, room, sizeof room));
	}
	return stale;
}

static void on_response(struct conn *c, const struct talk *t, struct telling *to, unsigned status,
			struct bytes fields, uint64_t call)
{
	bool *served = &c->served[t->from_client ? 0 : 1], stale = false;

	if (!*served)
		tell_service(to, t, SENDER, &proto_sip);
	*served = true;
	if (status == 401 || status == 407)
		stale = on_challenges(c, t, to, fields);
	if (status < 200 || !c->tried || c->by_client == t->from_client || c->call != call)
		return;
	c->tried = false;
	if (status < 300 && c->login.asked)
		tell_login(to, t, &c->login, SENDER, LOGIN_ACCEPTED);
	else if ((status == 401 || status == 407 || status == 403) && !stale)
		tell_login(to, t, &c->login, SENDER, LOGIN_REFUSED);
}

/* A whole head: start line and fields. */
static bool on_head(struct conn *c, const struct talk *t, struct telling *to, struct bytes head)
{
	struct bytes line, method, text, agent, fields = head;
	unsigned status;
	uint64_t call;

	if (!bytes_line(&fields, &line) || !call_of(fields, &call))
		return false;
	status = message_status(line, &sip);
	if (status == 0 && !message_request(line, &sip, &method, &text))
		return false;
	if (message_find(fields, "User-Agent", NULL, &agent) ||
	    message_find(fields, "Server", NULL, &agent))
		target_tell(to, t, SIGNAL_sip_agent, SENDER, agent);
	if (status != 0)
		on_response(c, t, to, status, fields, call);
	else
		on_request(c, t, fields, method, call);
	return true;
}

static bool sip_datagram(const struct talk *t, struct telling *to)
{
	size_t seen = 0, head;

	if (bytes_trim(t->data).len == 0) /* keep-alive */
		return true;
	head = message_head(t->data, &seen);
	return head > 0 && on_head(t->state, t, to, bytes_upto(t->data, head));
}

static void lose(struct conn *c, struct side *s)
{
	*s = (struct side){.lost = true};
	c->tried = false;
}

static size_t step_head(struct conn *c, const struct talk *t, struct telling *to, struct side *s,
			struct bytes data)
{
	struct bytes fields, line, value;
	size_t seen = s->seen, head;

	if (seen < CHECK_AGAIN && message_begins(data, &sip) == MATCH_NO) {
		lose(c, s);
		return data.len;
	}
	head = message_head(data, &seen);
	s->seen = (uint16_t)seen;
	if (head == 0)
		return 0;
	*s = (struct side){.left = 0};
	fields = bytes_upto(data, head);
	if (on_head(c, t, to, fields) && bytes_line(&fields, &line) &&
	    (!message_find(fields, "Content-Length", "l", &value) ||
	     message_length(value, &s->left)))
		return head;
	lose(c, s);
	return data.len;
}

static size_t step(struct conn *c, const struct talk *t, struct telling *to, struct side *s,
		   struct bytes data)
{
	size_t n;

	if (s->lost && message_begins(data, &sip) == MATCH_NO)
		return data.len;
	s->lost = false;
	if (s->left > 0) {
		n = s->left < data.len ? (size_t)s->left : data.len;
		s->left -= n;
		return n;
	}
	if (data.at[0] == '\r' || data.at[0] == '\n') {
		s->seen = 0;
		return 1;
	}
	return step_head(c, t, to, s, data);
}

static size_t sip_stream(struct talk *t, struct telling *to)
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

static enum match sip_mine(const struct glance *g)
{
	return message_begins(g->data, &sip);
}

const struct proto proto_sip = {.name = "sip",
				.summary = "phones, their servers and logins (RFC 3261)",
				.carriers = OVER_UDP | OVER_TCP,
				.paired = true,
				.state_size = sizeof(struct conn),
				.ports = {5060, 5062},
				.mine = sip_mine,
				.datagram = sip_datagram,
				.stream = sip_stream};
