/* SPDX-License-Identifier: MIT */
/*
 * TLS from its opening messages: whom a client asks for, how it greets (JA4), and the certificate that a server shows in
 * TLS 1.2 and older (RFC 5246 sections 6.2.1 and 7.4, RFC 8446 section 5.1). Nothing is decrypted; what TLS 1.3 hides
 * stays hidden, and so does what a client shows of itself: its certificate's name is a cloud id as a rule. SSL 2 hellos, DTLS
 * and QUIC are not read.
 *
 * Messages may be cut into records of any size and records into segments, so each side's records are put together anew
 * from its window until they hold what is wanted; `want` keeps that from happening for every byte that a slow sender lets
 * through. A certificate that does not fit the window is read as far as it goes. No signature is checked: anybody can show
 * a certificate that names somebody else.
 */
#include "proto/proto.h"

#include "base/scan.h"
#include "proto/certificate.h"
#include "proto/hello.h"
#include "proto/ja4.h"
#include "proto/target.h"

enum {
	RECORD_HANDSHAKE = 22,
	RECORD_MAX = 16384,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	CERTIFICATE = 11,
	SUPPLEMENTAL_DATA = 23,
	HELLO_MIN = 38, /* version, random and the empty rest of either hello */
	NAMES_MAX = 6	/* of a certificate's DNS names that are told */
};

struct side {
	uint16_t want; /* bytes that the window must hold before there can be anything new */
	bool greeted;  /* its hello was read */
	bool finished;
};

struct tls {
	struct side sides[2]; /* 0: of the client */
	bool hidden;	      /* all that follows is encrypted */
};

/* The handshake messages at the start of a window, without the records around them. */
struct flight {
	uint8_t at[STREAM_WINDOW];
	size_t len;
	bool ended; /* something else than a handshake record follows */
};

struct message {
	uint8_t type;
	struct bytes body; /* what is there of it */
	size_t missing;
};

static uint32_t be24(struct cursor *c)
{
	uint32_t high = cursor_u8(c);

	return high << 16 | cursor_be16(c);
}

static void gather(struct bytes window, struct flight *f)
{
	struct cursor c = cursor_over(bytes_upto(window, STREAM_WINDOW));

	f->len = 0;
	f->ended = cursor_left(&c) > 0 && *c.at != RECORD_HANDSHAKE;
	while (!f->ended && cursor_left(&c) >= 5) {
		uint8_t type = cursor_u8(&c), major = cursor_u8(&c);
		size_t len, there;

		cursor_skip(&c, 1);
		len = cursor_be16(&c);
		if (type != RECORD_HANDSHAKE || major != 3 || len == 0 || len > RECORD_MAX) {
			f->ended = true;
			return;
		}
		there = len < cursor_left(&c) ? len : cursor_left(&c);
		cursor_copy(&c, f->at + f->len, there);
		f->len += there;
		f->ended = cursor_left(&c) > 0 && *c.at != RECORD_HANDSHAKE;
	}
}

/* False when not even the message's header is there. */
static bool next_message(struct cursor *c, struct message *m)
{
	size_t len, left;

	*m = (struct message){.missing = 0};
	if (cursor_left(c) < 4) {
		m->missing = 4 - cursor_left(c);
		return false;
	}
	m->type = cursor_u8(c);
	len = be24(c);
	left = cursor_left(c);
	m->missing = len > left ? len - left : 0;
	m->body = cursor_take(c, len > left ? left : len);
	return true;
}

/* A host name in lower case, without the root's dot. Nothing but letters, digits, '-', '_', '.' and '*' is one. */
static void tell_host(struct telling *to, const struct talk *t, enum signal signal,
		      struct bytes name)
{
	uint8_t lower[TELL_MAX];

	if (name.len > 0 && name.at[name.len - 1] == '.')
		name.len--;
	if (name.len > sizeof lower)
		return; /* cut it would name another domain */
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = ascii_lower(name.at[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' &&
		    c != '.' && c != '*')
			return;
		lower[i] = c;
	}
	target_tell(to, t, signal, SENDER, (struct bytes){lower, name.len});
}

static void tell_hello(struct telling *to, const struct talk *t, struct bytes body)
{
	struct hello hello;
	char text[JA4_SIZE];

	if (!hello_read(body, &hello))
		return;
	tell_host(to, t, SIGNAL_tls_sni, hello.name);
	if (ja4(&hello, text))
		tell_text(to, t, SIGNAL_tls_ja4, SENDER, text);
}

static void tell_name(struct telling *to, const struct talk *t, enum signal signal,
		      struct bytes name)
{
	char text[CERTIFICATE_NAME];
	size_t n = certificate_name(name, text);

	target_tell(to, t, signal, SENDER, (struct bytes){(const uint8_t *)text, n});
}

static void tell_certificate(struct telling *to, const struct talk *t, struct bytes der)
{
	struct certificate certificate;
	struct bytes dns;

	if (!certificate_read(der, &certificate))
		return;
	tell_name(to, t, SIGNAL_tls_certificate, certificate.subject);
	tell_name(to, t, SIGNAL_tls_issuer, certificate.issuer);
	for (int i = 0; i < NAMES_MAX && certificate_next_dns(&certificate.names, &dns); i++)
		tell_host(to, t, SIGNAL_tls_name, dns);
}

/* False when it is no ServerHello. *hidden: it chose TLS 1.3, in supported_versions. */
static bool read_server_hello(struct bytes body, bool *hidden)
{
	struct cursor c = cursor_over(body), extensions;
	uint16_t version = cursor_be16(&c), type;
	struct bytes content;

	cursor_skip(&c, 32);
	cursor_skip(&c, cursor_u8(&c));
	cursor_skip(&c, 3);
	if (c.broken || version >> 8 != 3)
		return false;
	if (cursor_left(&c) == 0)
		return true;
	extensions = cursor_over(cursor_take(&c, cursor_be16(&c)));
	while (hello_next_extension(&extensions, &type, &content)) {
		if (type == 0x002b && bytes_start_with(content, "\x03\x04", 2))
			*hidden = true;
	}
	return !c.broken && !extensions.broken;
}

/* Returns how many bytes of the first certificate are missing; at the last chance it is told as it is. */
static size_t read_certificate(struct telling *to, const struct talk *t, const struct message *m,
			       bool last)
{
	struct cursor c = cursor_over(m->body);
	size_t len, left;

	if (cursor_left(&c) < 6)
		return m->missing == 0 || last ? 0 : 6 - cursor_left(&c);
	cursor_skip(&c, 3);
	len = be24(&c);
	left = cursor_left(&c);
	if (len > left && m->missing > 0 && !last)
		return len - left;
	if (len <= left || m->missing > 0)
		tell_certificate(to, t, cursor_take(&c, len < left ? len : left));
	return 0;
}

/* Behind the ServerHello: returns how many bytes are missing until the certificate was read, 0 when it won't come. */
static size_t read_rest(struct telling *to, const struct talk *t, struct cursor *c, bool last)
{
	struct message m;

	while (next_message(c, &m)) {
		if (m.type == CERTIFICATE)
			return read_certificate(to, t, &m, last);
		if (m.type != SUPPLEMENTAL_DATA)
			return 0;
		if (m.missing > 0)
			break;
	}
	return m.missing;
}

/* One side's messages from the start. Returns how many bytes are missing before more can be read; 0: all was read. */
static size_t read_flight(struct telling *to, const struct talk *t, struct tls *s,
			  const struct flight *f, bool last)
{
	struct side *side = &s->sides[t->from_client ? 0 : 1];
	struct cursor c = cursor_over((struct bytes){f->at, f->len});
	struct message m;

	if (!next_message(&c, &m) || m.missing > 0) {
		/* Do not wait for megabytes that somebody announces. */
		return m.type <= SERVER_HELLO && m.missing < STREAM_WINDOW ? m.missing : 0;
	}
	if (m.type == CLIENT_HELLO) {
		if (!t->foreign[SENDER])
			tell_hello(to, t, m.body);
		return 0;
	}
	if (m.type != SERVER_HELLO || !read_server_hello(m.body, &s->hidden))
		return 0;
	if (!side->greeted)
		tell_service(to, t, SENDER, &proto_tls);
	side->greeted = true;
	return s->hidden || t->foreign[SENDER] ? 0 : read_rest(to, t, &c, last);
}

static size_t tls_stream(struct talk *t, struct telling *to)
{
	struct tls *s = t->state;
	struct side *side = &s->sides[t->from_client ? 0 : 1];
	bool last = t->closed || t->data.len >= STREAM_WINDOW;

	if (t->gap) {
		side->finished |= side->greeted;
		side->want = 0;
	}
	if (!side->finished) {
		struct flight f;
		size_t missing;

		if (t->data.len < side->want && !last)
			return 0;
		gather(t->data, &f);
		missing = read_flight(to, t, s, &f, last || f.ended);
		if (missing > 0 && !last && !f.ended) {
			missing += t->data.len;
			side->want = (uint16_t)(missing < STREAM_WINDOW ? missing : STREAM_WINDOW);
			return 0;
		}
		side->finished = true;
	}
	if (s->hidden || (s->sides[0].finished && s->sides[1].finished))
		return STREAM_DONE;
	return t->data.len;
}

/* Each byte that is there must fit a hello; eleven of them are enough. */
static enum match tls_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);
	uint8_t type = cursor_u8(&c), major = cursor_u8(&c), minor = cursor_u8(&c);
	uint16_t record = cursor_be16(&c);
	uint8_t message = cursor_u8(&c);
	uint32_t len = be24(&c);
	uint16_t version = cursor_be16(&c);
	size_t n = g->data.len;

	if ((n >= 1 && type != RECORD_HANDSHAKE) || (n >= 2 && major != 3) ||
	    (n >= 3 && minor > 4) || (n >= 5 && (record < 6 || record > RECORD_MAX)) ||
	    (n >= 6 && message != CLIENT_HELLO && message != SERVER_HELLO) ||
	    (n >= 9 && (len < HELLO_MIN || len > 0xffff)))
		return MATCH_NO;
	if (n < 11)
		return MATCH_MAYBE;
	return version >= 0x0300 && version <= 0x0304 ? MATCH_YES : MATCH_NO;
}

const struct proto proto_tls = {.name = "tls",
				.summary =
					"names asked for, certificates shown (RFC 5246, RFC 8446)",
				.carriers = OVER_TCP,
				.state_size = sizeof(struct tls),
				.ports = {443, 8443, 8883, 993},
				.mine = tls_mine,
				.stream = tls_stream};
