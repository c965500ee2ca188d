/* SPDX-License-Identifier: MIT */
/*
 * SSDP, the discovery of UPnP (UPnP Device Architecture 1.1, chapter 1): HTTP's header over UDP. A device announces
 * itself by NOTIFY, answers an M-SEARCH by "200 OK", and says in both what runs on it (SERVER), what it offers (NT, ST)
 * and where its description lies (LOCATION). The one who searches may name itself in USER-AGENT.
 *
 * Every device has a UUID that stands in most fields; it is never told, nor are fields of makers' own that hold ids
 * ("hue-bridgeid"). Anybody may send such a datagram, so what is told is no more than what the sender said.
 */
#include "base/scan.h"
#include "proto/places.h"
#include "proto/proto.h"

enum kind { KIND_NONE, KIND_NOTIFY, KIND_SEARCH, KIND_ANSWER };

enum { NAME_MAX_LEN = 10 /* "USER-AGENT" */ };

struct message {
	enum kind kind;
	struct bytes type;  /* NT or ST */
	struct bytes event; /* NTS */
	struct bytes usn;
	struct bytes server;
	struct bytes agent;
	struct bytes location;
	struct bytes man; /* "ssdp:discover", with its quotes */
};

static enum kind kind_of(struct bytes data)
{
	static const struct {
		const char *line;
		enum kind kind;
	} lines[] = {{"NOTIFY * HTTP/1.", KIND_NOTIFY},
		     {"M-SEARCH * HTTP/1.", KIND_SEARCH},
		     {"HTTP/1.1 200 ", KIND_ANSWER},
		     {"HTTP/1.0 200 ", KIND_ANSWER}};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (bytes_begin(data, lines[i].line))
			return lines[i].kind;
	}
	return KIND_NONE;
}

/* Where the colon behind a name stands; NAME_MAX_LEN + 1 when no name of ours ends there. */
static size_t name_length(struct bytes line)
{
	size_t n = 0;

	while (n <= NAME_MAX_LEN && n < line.len && line.at[n] != ':')
		n++;
	return n < line.len ? n : NAME_MAX_LEN + 1;
}

/* Where the value of a field is kept; NULL when it is not. The length leaves few names to compare with. */
static struct bytes *field_of(struct message *m, struct bytes name)
{
	switch (name.len) {
	case 2:
		return bytes_are_nocase(name, "NT") || bytes_are_nocase(name, "ST") ? &m->type
										    : NULL;
	case 3:
		if (bytes_are_nocase(name, "NTS"))
			return &m->event;
		if (bytes_are_nocase(name, "USN"))
			return &m->usn;
		return bytes_are_nocase(name, "MAN") ? &m->man : NULL;
	case 6:
		return bytes_are_nocase(name, "SERVER") ? &m->server : NULL;
	case 8:
		return bytes_are_nocase(name, "LOCATION") ? &m->location : NULL;
	case NAME_MAX_LEN:
		return bytes_are_nocase(name, "USER-AGENT") ? &m->agent : NULL;
	default:
		return NULL;
	}
}

/* Of fields that come twice the first counts. */
static void read_field(struct message *m, struct bytes line)
{
	size_t n = name_length(line);
	struct bytes *to = n > NAME_MAX_LEN ? NULL : field_of(m, bytes_upto(line, n));

	if (to != NULL && to->at == NULL)
		*to = bytes_trim(bytes_from(line, n + 1));
}

/* The last line may lack its end: some devices leave the empty line out. */
static bool read_message(struct bytes data, struct message *m)
{
	struct bytes line;

	*m = (struct message){.kind = kind_of(data)};
	if (m->kind == KIND_NONE || !bytes_line(&data, &line))
		return false;
	while (bytes_line(&data, &line) && line.len > 0)
		read_field(m, line);
	if (m->kind == KIND_NOTIFY)
		return bytes_begin(m->event, "ssdp:");
	if (m->kind == KIND_SEARCH)
		return bytes_hold(m->man, "ssdp:discover") || m->type.len > 0;
	return m->type.len > 0 && m->usn.len > 0;
}

static void tell_hidden(struct telling *to, const struct talk *t, enum signal signal,
			struct bytes value)
{
	char buf[TELL_MAX];

	tell(to, t, signal, SENDER, place_hide_ids(value, buf, sizeof buf));
}

static void tell_type(struct telling *to, const struct talk *t, enum signal signal,
		      struct bytes type)
{
	if (!bytes_begin_nocase(type, "uuid:"))
		tell_hidden(to, t, signal, type);
}

static void tell_offer(struct telling *to, const struct talk *t, const struct message *m)
{
	struct bytes usn = bytes_from(m->usn, bytes_find(m->usn, "::"));
	char buf[TELL_MAX];

	tell_type(to, t, SIGNAL_ssdp_usn, bytes_from(usn, 2));
	tell_hidden(to, t, SIGNAL_ssdp_server, m->server);
	tell(to, t, SIGNAL_ssdp_location, SENDER, place_of_url(m->location, buf, sizeof buf));
}

static enum match ssdp_mine(const struct glance *g)
{
	struct message m;
	uint8_t first = g->data.len == 0 ? 0 : ascii_lower(g->data.at[0]);

	if (first != 'n' && first != 'm' && first != 'h') /* NOTIFY, M-SEARCH, HTTP */
		return MATCH_NO;
	return read_message(g->data, &m) ? MATCH_YES : MATCH_NO;
}

static bool ssdp_datagram(const struct talk *t, struct telling *to)
{
	struct message m;

	if (!read_message(t->data, &m))
		return false;
	if (m.kind == KIND_SEARCH) {
		tell_hidden(to, t, SIGNAL_ssdp_agent, m.agent);
		return true;
	}
	/* The answer alone comes from the port that was asked. */
	if (m.kind == KIND_ANSWER)
		tell_service(to, t, SENDER, &proto_ssdp);
	tell_type(to, t, SIGNAL_ssdp_type, m.type);
	if (m.kind == KIND_ANSWER || !bytes_begin(m.event, "ssdp:byebye"))
		tell_offer(to, t, &m);
	return true;
}

const struct proto proto_ssdp = {.name = "ssdp",
				 .summary = "discovery of UPnP (UPnP Device Architecture 1.1)",
				 .carriers = OVER_UDP,
				 .ports = {1900},
				 .mine = ssdp_mine,
				 .datagram = ssdp_datagram};
