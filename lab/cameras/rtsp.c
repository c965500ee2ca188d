/* SPDX-License-Identifier: MIT */
/*
 * The picture by RTSP/1.0 (RFC 2326) with Digest (RFC 2617): DESCRIBE, SETUP, PLAY, on the same connection or by UDP. The nonce
 * is the connection's own and new for each, so that a login that was overheard opens no second one. UDP packets go to the address
 * that logged in and to no other: "destination" is not looked at, or whoever knows the password could aim the stream at others.
 *
 * A head longer than the buffer, a body, or more than HEADERS_MAX fields end the connection. The pictures are a few bytes behind a
 * true RTP header (RFC 3550).
 */
#include "digest.h"
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 512, HEADERS_MAX = 32, PACKETS_A_SECOND = 12, PICTURE = 900, CLOCK = 90000 };

/* A request's parts, each closed by a zero. */
struct asked {
	char method[16];
	char uri[256];
	char cseq[12];
	char authorization[TEXT_MAX];
	char transport[TEXT_MAX];
};

static const char description[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=%s\r\nt=0 0\r\n"
				  "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
				  "a=control:track1\r\n";

void rtsp_begin(struct line *l)
{
	uint8_t bytes[16];

	l->is.rtsp = (struct rtsp){.nonce = ""};
	camera_random(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(l->is.rtsp.nonce + 2 * i, 3, "%02x", bytes[i]);
	camera_random(&l->is.rtsp.source, sizeof l->is.rtsp.source);
}

/* Copies up to one of the bytes of `ends`, which must come; where it stands, or NULL. */
static const char *copy(const char *at, const char *ends, char *to, size_t size)
{
	size_t n = strcspn(at, ends);

	if (at[n] == '\0' || n >= size)
		return NULL;
	memcpy(to, at, n);
	to[n] = '\0';
	return at + n;
}

/* One field's value, when it is one of those that count. False: it does not fit. */
static bool read_field(const char *at, struct asked *a)
{
	static const char *const names[] = {"CSeq:", "Authorization:", "Transport:"};
	char *const to[] = {a->cseq, a->authorization, a->transport};
	const size_t sizes[] = {sizeof a->cseq, sizeof a->authorization, sizeof a->transport};

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(names[i]);

		if (strncasecmp(at, names[i], n) == 0)
			return copy(at + n + strspn(at + n, " \t"), "\r\n", to[i], sizes[i]) !=
			       NULL;
	}
	return strncasecmp(at, "Content-Length:", 15) != 0; /* nothing with a body is known here */
}

/* head: closed by a zero, and an empty line before it. */
static bool read_request(const char *head, struct asked *a)
{
	const char *at = copy(head, " \r\n", a->method, sizeof a->method);

	if (at == NULL || *at != ' ')
		return false;
	at = copy(at + 1, " \r\n", a->uri, sizeof a->uri);
	if (at == NULL || strncmp(at, " RTSP/1.0", 9) != 0)
		return false;
	for (int i = 0; i < HEADERS_MAX; i++) {
		at = strchr(at, '\n');
		if (at == NULL || at[1] == '\r' || at[1] == '\n')
			return at != NULL && a->cseq[strspn(a->cseq, "0123456789")] == '\0';
		if (!read_field(++at, a))
			return false;
	}
	return false;
}

static void answer(struct line *l, const struct asked *a, const char *status, const char *more)
{
	out_text(l->out, "RTSP/1.0 %s\r\nCSeq: %s\r\nServer: %s\r\n%s\r\n", status,
		 a->cseq[0] == '\0' ? "0" : a->cseq, l->camera->kind->rtsp_server, more);
}

static bool may_in(struct line *l, const struct asked *a)
{
	const struct camera *c = l->camera;
	char secret[CAMERA_SECRET_MAX];
	struct digest d;

	if (!digest_read(&d, a->authorization) || strcmp(d.realm, c->kind->realm) != 0 ||
	    strcmp(d.nonce, l->is.rtsp.nonce) != 0 || strcmp(d.uri, a->uri) != 0)
		return false;
	return c->kind->stream_secret(c, d.user, secret) && digest_is_of(&d, a->method, secret);
}

static void describe(struct line *l, const struct asked *a)
{
	char body[TEXT_MAX], more[TEXT_MAX];
	int n = snprintf(body, sizeof body, description, l->camera->kind->title);

	camera_log("rtsp: login accepted", &l->peer);
	snprintf(more, sizeof more, "Content-Type: application/sdp\r\nContent-Length: %d\r\n", n);
	answer(l, a, "200 OK", more);
	out_put(l->out, body, (size_t)n);
}

static void set_up(struct line *l, const struct asked *a)
{
	struct rtsp *r = &l->is.rtsp;
	const char *port = strstr(a->transport, "client_port=");
	unsigned long number = port == NULL ? 0 : strtoul(port + 12, NULL, 10);
	bool by_udp = strstr(a->transport, "RTP/AVP/TCP") == NULL;
	char more[TEXT_MAX];

	if (by_udp && (number < 1024 || number > 65534)) {
		answer(l, a, "461 Unsupported Transport", "");
		return;
	}
	r->ready = true;
	r->udp_port = by_udp ? (uint16_t)number : 0;
	if (by_udp)
		snprintf(more, sizeof more,
			 "Transport: RTP/AVP;unicast;client_port=%lu-%lu\r\nSession: %08x\r\n",
			 number, number + 1, (unsigned)r->source);
	else
		snprintf(more, sizeof more,
			 "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: %08x\r\n",
			 (unsigned)r->source);
	answer(l, a, "200 OK", more);
}

static void play(struct line *l, const struct asked *a, bool on)
{
	struct rtsp *r = &l->is.rtsp;

	if (on && !r->ready) {
		answer(l, a, "455 Method Not Valid in This State", "");
		return;
	}
	r->playing = on;
	r->next_ms = 0;
	answer(l, a, "200 OK", "");
}

static void on_request(struct line *l, const struct asked *a)
{
	const struct camera *c = l->camera;
	char more[TEXT_MAX];

	if (strcmp(a->method, "OPTIONS") == 0) {
		answer(l, a, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n");
	} else if (!c->kind->is_set_up(c)) {
		answer(l, a, "403 Not Set Up", "");
	} else if (!may_in(l, a)) {
		if (a->authorization[0] != '\0')
			camera_log("rtsp: login refused", &l->peer);
		snprintf(more, sizeof more,
			 "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\"\r\n", c->kind->realm,
			 l->is.rtsp.nonce);
		answer(l, a, "401 Unauthorized", more);
	} else if (strcmp(a->method, "DESCRIBE") == 0) {
		describe(l, a);
	} else if (strcmp(a->method, "SETUP") == 0) {
		set_up(l, a);
	} else if (strcmp(a->method, "PLAY") == 0 || strcmp(a->method, "TEARDOWN") == 0) {
		play(l, a, a->method[0] == 'P');
	} else {
		answer(l, a, "501 Not Implemented", "");
	}
}

/* What a player sends between its requests, on the same connection: reports that nobody reads. */
static size_t interleaved(const uint8_t *in, size_t n)
{
	size_t len = n < 4 ? 0 : (size_t)in[2] << 8 | in[3];

	if (len > LINE_IN_MAX - 4)
		return LINE_END;
	return n < 4 || n - 4 < len ? 0 : 4 + len;
}

static size_t one(struct line *l, const uint8_t *in, size_t n)
{
	char head[LINE_IN_MAX + 1];
	struct asked a = {.method = ""};
	const char *end;
	size_t len;

	if (in[0] == '$')
		return interleaved(in, n);
	len = n < LINE_IN_MAX ? n : LINE_IN_MAX;
	memcpy(head, in, len);
	head[len] = '\0';
	end = strstr(head, "\r\n\r\n");
	if (end == NULL)
		return n < LINE_IN_MAX && memchr(in, '\0', len) == NULL ? 0 : LINE_END;
	len = (size_t)(end - head) + 4;
	head[len] = '\0';
	if (!read_request(head, &a)) {
		answer(l, &(struct asked){.cseq = "0"}, "400 Bad Request", "");
		return LINE_END;
	}
	on_request(l, &a);
	return len;
}

size_t rtsp_take(struct line *l, const uint8_t *in, size_t n)
{
	size_t used = 0;

	while (used < n) {
		size_t took = one(l, in + used, n - used);

		if (took == LINE_END || l->out->full)
			return LINE_END;
		if (took == 0)
			break;
		used += took;
	}
	return used;
}

size_t rtsp_packet(struct line *l, uint64_t now_ms, uint8_t packet[RTP_MAX])
{
	struct rtsp *r = &l->is.rtsp;
	uint32_t time = (uint32_t)r->number * (CLOCK / PACKETS_A_SECOND);

	if (!r->playing || now_ms < r->next_ms)
		return 0;
	r->next_ms = now_ms + 1000 / PACKETS_A_SECOND;
	packet[0] = 0x80;
	packet[1] = 96;
	packet[2] = (uint8_t)(r->number >> 8);
	packet[3] = (uint8_t)r->number;
	for (int i = 0; i < 4; i++) {
		packet[4 + i] = (uint8_t)(time >> (24 - 8 * i));
		packet[8 + i] = (uint8_t)(r->source >> (24 - 8 * i));
	}
	packet[12] = 0x7c;
	packet[13] = 0x41;
	camera_random(packet + 14, PICTURE);
	r->number++;
	return 14 + PICTURE;
}
