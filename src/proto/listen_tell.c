/* SPDX-License-Identifier: MIT */
/*
 * From what a parser tells to what is kept: whom it is about, whether that is one of ours, and whether the other end is a
 * stranger. Of strangers only what devices say of themselves is kept; their web pages and certificates are not our concern.
 */
#include "proto/listen_tell.h"

#include "base/scan.h"
#include "proto/auth.h"
#include "proto/login_check.h"

#include <stdio.h>

struct party_info {
	struct subject subject;
	struct addr peer;
	uint16_t port; /* of a server, else 0 */
};

static unsigned side_of(const struct talk *t, enum party about)
{
	return (about == SENDER) == t->from_client ? CLIENT_SIDE : SERVER_SIDE;
}

static void party_of_flow(const struct flow *f, unsigned side, struct party_info *out)
{
	out->subject = (struct subject){.addr = side == CLIENT_SIDE ? f->client : f->server,
					.mac = f->mac[side],
					.ours = (f->who[side] & WHO_OURS) != 0};
	out->peer = side == CLIENT_SIDE ? f->server : f->client;
	out->port = side == SERVER_SIDE ? f->server_port : 0;
}

static bool is_ours(const struct stamp *s, bool sender)
{
	return (s->flags & (sender ? STAMP_SRC_OURS | STAMP_SRC_LOCAL
				   : STAMP_DST_OURS | STAMP_DST_LOCAL)) != 0;
}

/* A packet's end; before it has an address, or when it invents them, the MAC is all that counts. */
static void party_of_packet(const struct stamp *s, enum party about, struct party_info *out)
{
	const struct packet *p = s->packet;
	bool sender = about == SENDER;

	out->subject = (struct subject){.addr = sender ? p->src : p->dst,
					.mac = sender ? s->src_mac : s->dst_mac,
					.ours = is_ours(s, sender)};
	out->peer = sender ? p->dst : p->src;
	out->port = 0;
	if (p->proto == PROTO_LINK || (sender && addr_is_zero(&p->src)) ||
	    (sender && (s->flags & (STAMP_SENDER | STAMP_BELIEVED)) == STAMP_SENDER)) {
		out->subject.addr = (struct addr){{0}};
		out->subject.ours = out->subject.mac != NO_MAC;
	}
}

static void party_of(const struct listener *l, const struct talk *t, enum party about,
		     struct party_info *out)
{
	if (l->flow != NULL)
		party_of_flow(l->flow, side_of(t, about), out);
	else
		party_of_packet(l->stamp, about, out);
}

/* Is the other end one of the Internet that is not ours? */
static bool is_peer_stranger(const struct listener *l, const struct talk *t, enum party about,
			     const struct party_info *who)
{
	if (l->flow != NULL)
		return (l->flow->who[1 - side_of(t, about)] & WHO_STRANGER) != 0;
	return !is_ours(l->stamp, about != SENDER) && addr_is_public(&who->peer) &&
	       !addr_is_multicast(&who->peer);
}

/* Of those that are not ours only deeds are kept, and what they say of themselves. */
static bool is_kept_of_all(enum signal signal)
{
	bool public_talk = signal >= SIGNAL_tls_certificate && signal <= SIGNAL_tls_name;

	return signals[signal].weight == WEIGHT_DEED ||
	       (signals[signal].weight == WEIGHT_SAYS && !public_talk);
}

static void keep(struct listener *l, const struct party_info *who, const struct packet *p,
		 enum signal signal, struct bytes value)
{
	facts_add(&l->facts, &who->subject,
		  &(struct saying){.peer = who->peer,
				   .value = value,
				   .key = p->key,
				   .time_ns = p->time_ns,
				   .signal = signal,
				   .port = who->port,
				   .proto = l->proto});
}

static void tell_fact(struct telling *to, const struct talk *t, enum signal signal,
		      enum party about, struct bytes value)
{
	struct listener *l = (struct listener *)to;
	struct party_info who;

	party_of(l, t, about, &who);
	if ((!who.subject.ours && !is_kept_of_all(signal)) ||
	    addr_is_multicast(&who.subject.addr) || addr_is_broadcast(&who.subject.addr))
		return;
	if (signal == SIGNAL_service && l->flow == NULL)
		who.port = about == SENDER ? t->packet->sport : t->packet->dport;
	keep(l, &who, t->packet, signal, value);
	if (signal == SIGNAL_service && who.subject.ours && !addr_is_multicast(&who.peer))
		keep(l, &who, t->packet,
		     is_peer_stranger(l, t, about, &who) ? SIGNAL_reached : SIGNAL_accepted, value);
}

void listen_accepted(struct listener *l, struct flow *f)
{
	bool reached = (f->who[CLIENT_SIDE] & WHO_STRANGER) != 0;
	struct party_info who;

	f->flags |= FLOW_ACCEPTED;
	if ((f->who[SERVER_SIDE] & WHO_OURS) == 0)
		return;
	l->proto = PROTO_NONE_ID;
	party_of_flow(f, SERVER_SIDE, &who);
	keep(l, &who, l->stamp->packet, reached ? SIGNAL_reached : SIGNAL_accepted,
	     bytes_of("tcp"));
}

/*
 * Did the server ask for this header, on this connection or on one before? Of HTTP's paths some are for all, so that
 * nothing less will do than the same path.
 */
static bool was_asked(const struct listener *l, const struct login *login,
		      const struct party_info *server)
{
	char plain[TELL_MAX + 1];
	struct bytes realm = auth_plain_realm(bytes_of(login->realm), plain, sizeof plain);

	if (!login->header || login->asked)
		return true;
	if (login->path[0] != '\0' && !facts_hold(&l->facts, &server->subject, SIGNAL_http_locked,
						  server->port, bytes_of(login->path)))
		return false;
	return facts_challenged(&l->facts, &server->subject.addr, server->port, bytes_trim(realm));
}

/*
 * A hash that was refused is compared with what this server took from this client before, and with nothing else: so it is
 * seen that a factory password was changed, and who guesses by the thousand costs a look-up a pair, no digest.
 */
static int32_t pair_taken_before(const struct listener *l, const struct login *login,
				 struct login_fact fact)
{
	fact.outcome = LOGIN_ACCEPTED;
	for (size_t i = 0; i < l->catalogue->credentials_n; i++) {
		const struct credential *known = &l->catalogue->credentials[i];

		if (!login_is_by(known, login))
			continue;
		fact.pair = (int32_t)i;
		if (facts_find_login(&l->facts, &fact) != NULL && login_is(known, login))
			return fact.pair;
	}
	return PAIR_UNKNOWN;
}

static void tell_login_seen(struct telling *to, const struct talk *t, const struct login *login,
			    enum party server, enum login_outcome outcome)
{
	struct listener *l = (struct listener *)to;
	struct party_info at, by;
	struct login_fact fact;

	party_of(l, t, server, &at);
	party_of(l, t, server == SENDER ? RECEIVER : SENDER, &by);
	if (outcome == LOGIN_ACCEPTED && !was_asked(l, login, &at))
		outcome = LOGIN_UNANSWERED;
	fact = (struct login_fact){.server = at.subject.addr,
				   .client = by.subject.addr,
				   .tried_key = login->tried_key,
				   .answer_key = t->packet->key,
				   .last_key = t->packet->key,
				   .first_ns = login->tried_ns,
				   .last_ns = t->packet->time_ns,
				   .pair = PAIR_UNKNOWN,
				   .count = 1,
				   .server_mac = at.subject.mac,
				   .client_mac = by.subject.mac,
				   .port = l->flow != NULL ? l->flow->server_port
							   : t->packet->dport,
				   .proto = l->proto,
				   .scheme = login->scheme,
				   .outcome = (uint8_t)outcome,
				   .server_ours = at.subject.ours,
				   .client_ours = by.subject.ours,
				   .client_stranger = is_peer_stranger(l, t, server, &at),
				   .no_user = login->no_user,
				   .community = login->community,
				   .cleartext = login->scheme == LOGIN_CLEAR && !login->community &&
						login->secret[0] != '\0'};
	if (outcome == LOGIN_ACCEPTED || login->scheme == LOGIN_CLEAR)
		fact.pair = login_match(l->catalogue, login);
	else if (outcome == LOGIN_REFUSED)
		fact.pair = pair_taken_before(l, login, fact);
	facts_add_login(&l->facts, &fact);
	if (!by.subject.ours && at.subject.ours && is_kept_of_all(SIGNAL_login_tried))
		keep(l, &by, t->packet, SIGNAL_login_tried, bytes_of(protos[l->proto]->name));
}

static unsigned tell_request(struct telling *to, const struct talk *t, const struct request *r)
{
	struct listener *l = (struct listener *)to;
	const struct trait *trait = catalogue_request(l->catalogue, r->method, r->target, r->body);
	char number[12];

	if (trait == NULL)
		return 0;
	snprintf(number, sizeof number, "%zu", (size_t)(trait - l->catalogue->traits));
	tell_text(to, t, SIGNAL_exploit_sent, SENDER, number);
	tell_text(to, t, SIGNAL_exploit_got, RECEIVER, number);
	return (unsigned)(trait - l->catalogue->traits) + 1;
}

static void tell_worked(struct telling *to, const struct talk *t, unsigned number)
{
	tell_printf(to, t, SIGNAL_exploit_worked, SENDER, "%u", number - 1);
}

static bool tell_dropper(struct telling *to, struct bytes agent)
{
	const struct listener *l = (const struct listener *)to;
	struct bytes none = {.at = NULL, .len = 0};

	return catalogue_trait(l->catalogue, TRAIT_AGENT, agent, none) != NULL;
}

void listen_telling(struct telling *to)
{
	to->request = tell_request;
	to->worked = tell_worked;
	to->dropper = tell_dropper;
	to->tell = tell_fact;
	to->login = tell_login_seen;
}
