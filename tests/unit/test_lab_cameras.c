/* SPDX-License-Identifier: MIT */
/*
 * What the lab's cameras (lab/cameras) do with received bytes: logins by telnet, DVRIP and RTSP that are right and wrong, bytes
 * cut anywhere, and thousands of mutated talks, from memory of exactly their size. Without sockets: the machines of line.h are fed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lab/cameras/digest.h"
#include "../../lab/cameras/form.h"
#include "../../lab/cameras/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 20000, TALK_MAX = 600 };

static bool set_up = true;

static bool is_set_up(const struct camera *c)
{
	(void)c;
	return set_up;
}

static const struct camera_kind kind = {.name = "camera-test",
					.title = "TEST",
					.realm = "test",
					.rtsp_server = "test",
					.version = "V1",
					.built = "2014-11-20 10:00:00",
					.prompt = "test login: ",
					.is_set_up = is_set_up,
					.stream_secret = account_stream_secret};
static struct camera camera = {.kind = &kind};
static struct out out;

void camera_log(const char *what, const struct sockaddr_storage *who)
{
	(void)what;
	(void)who;
}

void camera_random(void *to, size_t n)
{
	memset(to, 7, n);
}

uint64_t camera_now_ms(void)
{
	return 1000;
}

struct machine {
	void (*begin)(struct line *l);
	size_t (*take)(struct line *l, const uint8_t *in, size_t n);
};

static const struct machine telnet = {telnet_begin, telnet_take};
static const struct machine dvrip = {dvrip_begin, dvrip_take};
static const struct machine rtsp = {rtsp_begin, rtsp_take};

static struct line begin(const struct machine *m)
{
	struct line l = {.camera = &camera, .out = &out};

	account_set(&camera, "lab-root", "lab-factory");
	out.n = 0;
	out.full = false;
	m->begin(&l);
	return l;
}

/* What is kept for the next piece, in memory of exactly its size. */
struct kept {
	uint8_t *at;
	size_t n;
};

/* One piece behind what was kept. True while the connection goes on. */
static bool feed_piece(struct line *l, const struct machine *m, struct kept *k,
		       const uint8_t *piece, size_t n)
{
	uint8_t *exact = malloc(k->n + n);
	size_t used;
	bool goes_on;

	if (k->n > 0)
		memcpy(exact, k->at, k->n);
	memcpy(exact + k->n, piece, n);
	n += k->n;
	used = m->take(l, exact, n);
	goes_on = used != LINE_END && !out.full;
	if (goes_on)
		assert_true(used <= n);
	free(k->at);
	*k = (struct kept){.n = goes_on ? n - used : 0};
	if (k->n > 0) {
		k->at = malloc(k->n);
		memcpy(k->at, exact + used, k->n);
	}
	free(exact);
	return goes_on && k->n < LINE_IN_MAX;
}

/* The bytes in pieces of at most `piece`, as a connection keeps them. */
static bool feed(struct line *l, const struct machine *m, const void *bytes, size_t n, size_t piece)
{
	const uint8_t *at = bytes;
	struct kept k = {.at = NULL};
	bool goes_on = true;

	while (n > 0 && goes_on) {
		size_t more = n < piece ? n : piece;

		goes_on = feed_piece(l, m, &k, at, more);
		at += more;
		n -= more;
	}
	free(k.at);
	return goes_on;
}

static bool said(const char *words)
{
	return memmem(out.bytes, out.n, words, strlen(words)) != NULL;
}

/* ---- telnet ---------------------------------------------------------------------------------------------------- */

static bool type(struct line *l, const char *text)
{
	return feed(l, &telnet, text, strlen(text), strlen(text));
}

static void test_telnet_login(void **state)
{
	struct line l = begin(&telnet);

	(void)state;
	assert_true(said("test login: "));
	assert_true(type(&l, "lab-root\r\n"));
	assert_true(said("Password: "));
	assert_true(type(&l, "lab-factory\r\n"));
	assert_true(said("~ # "));
	assert_false(said("lab-factory")); /* no echo of a password */
	assert_true(type(&l, "/bin/busybox EXAMPLE\n"));
	assert_true(said("/bin/busybox: not found"));
	assert_false(type(&l, "exit\n"));
}

static void test_telnet_refuses(void **state)
{
	struct line l = begin(&telnet);
	char longest[CAMERA_SECRET_MAX + 10];

	(void)state;
	assert_true(type(&l, "lab-root\r\nlab-guess\r\n"));
	assert_true(said("Login incorrect"));
	memset(longest, 'a', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_true(type(&l, "lab-root\r"));
	assert_true(type(&l, longest));
	assert_true(type(&l, "\r"));
	assert_false(said("~ # "));
	assert_true(type(&l, "\r\n"));			/* an empty name is asked for again */
	assert_false(type(&l, "lab-root\nlab\nlab\n")); /* the third wrong one ends it */
}

static void test_telnet_options(void **state)
{
	static const uint8_t asked[] = {255, 253, 24,  255, 251, 24,  255, 250, 31, 0,
					80,  255, 255, 0,   255, 240, 'x', 127, 'l'};
	static const uint8_t declined[] = {255, 252, 24, 255, 254, 24};
	struct line l = begin(&telnet);

	(void)state;
	out.n = 0;
	for (size_t i = 0; i < sizeof asked; i++)
		assert_true(feed(&l, &telnet, asked + i, 1, 1));
	assert_memory_equal(out.bytes, declined, sizeof declined);
	assert_true(type(&l, "ab-root\r\n"));
	assert_true(said("Password: "));
	assert_string_equal(l.is.telnet.name, "lab-root");
}

/* ---- DVRIP ----------------------------------------------------------------------------------------------------- */

static size_t message(uint8_t *to, unsigned id, const char *json)
{
	size_t n = strlen(json);

	memset(to, 0, 20);
	to[0] = 0xff;
	to[14] = (uint8_t)id;
	to[15] = (uint8_t)(id >> 8);
	to[16] = (uint8_t)n;
	to[17] = (uint8_t)(n >> 8);
	memcpy(to + 20, json, n);
	return 20 + n;
}

static size_t login_message(uint8_t *to, const char *name, const char *secret)
{
	char json[200], hash[SOFIA_TEXT];

	sofia(secret, hash);
	snprintf(json, sizeof json,
		 "{\"EncryptType\":\"MD5\",\"PassWord\":\"%s\",\"UserName\":\"%s\"}", hash, name);
	return message(to, 1000, json);
}

static void test_sofia(void **state)
{
	char hash[SOFIA_TEXT];

	(void)state;
	sofia("", hash);
	assert_string_equal(hash, "tlJwpbo6"); /* published */
}

static void test_dvrip_login(void **state)
{
	uint8_t bytes[TALK_MAX];
	struct line l = begin(&dvrip);

	(void)state;
	assert_true(feed(&l, &dvrip, bytes, message(bytes, 1020, "{}"), 20));
	assert_true(said("\"Ret\":105"));
	assert_true(feed(&l, &dvrip, bytes, login_message(bytes, "lab-root", "lab-guess"), 7));
	assert_true(said("\"Ret\":106"));
	assert_int_equal(l.is.dvrip.session, 0);
	assert_true(feed(&l, &dvrip, bytes, login_message(bytes, "lab-root", "lab-factory"), 1));
	assert_true(said("\"Ret\":100"));
	assert_true(feed(&l, &dvrip, bytes, message(bytes, 1020, "{}"), 500));
	assert_true(said("2014-11-20"));
	set_up = false;
	assert_true(feed(&l, &dvrip, bytes, login_message(bytes, "lab-root", "lab-factory"), 500));
	set_up = true;
	assert_true(said("not set up"));
	assert_int_equal(l.is.dvrip.session, 0);
}

static void test_dvrip_lengths(void **state)
{
	uint8_t bytes[TALK_MAX];
	struct line l = begin(&dvrip);
	size_t n = login_message(bytes, "lab-root", "lab-factory");

	(void)state;
	bytes[18] = 0xff; /* 16 MB are to follow */
	assert_false(feed(&l, &dvrip, bytes, n, n));
	l = begin(&dvrip);
	bytes[18] = 0;
	bytes[0] = 'G';
	assert_false(feed(&l, &dvrip, bytes, n, n));
}

static void test_discovery(void **state)
{
	static const uint8_t mac[6] = {0, 0, 0x5e, 0, 0x53, 0x18};
	uint8_t asked[TALK_MAX], answer[DISCOVERY_MAX];
	struct in_addr own = {.s_addr = htonl(0xc0000218)};
	size_t n = message(asked, 1530, "");

	(void)state;
	assert_true(discovery_asks(asked, n));
	assert_false(discovery_asks(asked, n - 1));
	assert_false(discovery_asks(asked, 0));
	n = discovery_answer(&camera, mac, own, answer);
	assert_true(n > 20);
	assert_non_null(memmem(answer, n, "0x180200C0", 10));
	assert_non_null(memmem(answer, n, "00:00:5e:00:53:18", 17));
}

/* ---- RTSP ------------------------------------------------------------------------------------------------------ */

static const char nonce[] = "07070707070707070707070707070707";

/* A request with a login of that password. */
static size_t request(char *to, const char *method, const char *secret, const char *more)
{
	struct digest d = {.user = "lab-root", .realm = "test", .uri = "rtsp://a/stream1"};
	int n;

	snprintf(d.nonce, sizeof d.nonce, "%s", nonce);
	digest_response(&d, method, secret, d.response);
	n = snprintf(to, TALK_MAX,
		     "%s %s RTSP/1.0\r\nCSeq: 3\r\nAuthorization: Digest username=\"%s\", "
		     "realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"\r\n%s\r\n",
		     method, d.uri, d.user, d.realm, d.nonce, d.uri, d.response, more);
	return (size_t)n;
}

static void test_digest(void **state)
{
	struct digest d;

	(void)state;
	/* RFC 2617, section 3.5 */
	assert_true(digest_read(&d, "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
				    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
				    "uri=\"/dir/index.html\", qop=auth, nc=00000001, "
				    "cnonce=\"0a4f113b\", "
				    "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"x\""));
	assert_true(digest_is_of(&d, "GET", "Circle Of Life"));
	assert_false(digest_is_of(&d, "POST", "Circle Of Life"));
	assert_false(digest_is_of(&d, "GET", "Circle of Life"));
	assert_false(digest_read(&d, "Basic bGFi"));
	assert_false(digest_read(&d, "Digest username=\"a"));
	assert_false(digest_read(&d, "Digest , ,"));
}

static void test_rtsp_login(void **state)
{
	static const char plain[] = "DESCRIBE rtsp://a/stream1 RTSP/1.0\r\nCSeq: 2\r\n\r\n";
	char text[TALK_MAX];
	uint8_t packet[RTP_MAX];
	struct line l = begin(&rtsp);
	size_t n;

	(void)state;
	assert_true(feed(&l, &rtsp, plain, sizeof plain - 1, 1));
	assert_true(said("401 Unauthorized"));
	n = request(text, "DESCRIBE", "lab-guess", "");
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_false(said("200 OK"));
	n = request(text, "PLAY", "lab-factory", "");
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_true(said("455 "));
	n = request(text, "DESCRIBE", "lab-factory", "");
	assert_true(feed(&l, &rtsp, text, n, 3));
	assert_true(said("application/sdp"));
	n = request(text, "SETUP", "lab-factory", "Transport: RTP/AVP/TCP;interleaved=0-1\r\n");
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_int_equal(rtsp_packet(&l, 5000, packet), 0);
	n = request(text, "PLAY", "lab-factory", "");
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_true(rtsp_packet(&l, 5000, packet) > 500);
	assert_int_equal(rtsp_packet(&l, 5001, packet), 0);
}

/* What was overheard on another connection opens nothing here. */
static void test_rtsp_other_nonce(void **state)
{
	char text[TALK_MAX];
	struct line l = begin(&rtsp);
	size_t n = request(text, "DESCRIBE", "lab-factory", "");

	(void)state;
	l.is.rtsp.nonce[0] = '8';
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_false(said("200 OK"));
	l.is.rtsp.nonce[0] = nonce[0];
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_true(said("200 OK"));
}

/* The stream goes to who logged in, whatever the request wants; never to a port of the system's. */
static void test_rtsp_udp(void **state)
{
	char text[TALK_MAX];
	struct line l = begin(&rtsp);
	size_t n =
		request(text, "SETUP", "lab-factory",
			"Transport: RTP/AVP;unicast;destination=192.0.2.1;client_port=53-54\r\n");

	(void)state;
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_true(said("461 "));
	n = request(text, "SETUP", "lab-factory", "Transport: RTP/AVP;client_port=5000-5001\r\n");
	assert_true(feed(&l, &rtsp, text, n, n));
	assert_int_equal(l.is.rtsp.udp_port, 5000);
}

static void test_rtsp_not_set_up(void **state)
{
	char text[TALK_MAX];
	struct line l = begin(&rtsp);
	size_t n = request(text, "DESCRIBE", "lab-factory", "");

	(void)state;
	set_up = false;
	assert_true(feed(&l, &rtsp, text, n, n));
	set_up = true;
	assert_true(said("403 Not Set Up"));
	assert_false(said("WWW-Authenticate"));
}

static void test_rtsp_bad_heads(void **state)
{
	static const char *const heads[] = {
		"DESCRIBE a RTSP/1.0\r\nContent-Length: 5\r\n\r\n",
		"DESCRIBE a RTSP/1.0\r\nCSeq: 1\nInjected: x\r\nCSeq: <b>\r\n\r\n",
		"AMETHODTHATISTOOLONGFORANYBODY a RTSP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"\r\n\r\n",
		"DESCRIBE\r\n\r\n",
	};
	char *longest = malloc((size_t)2 * LINE_IN_MAX);
	struct line l;

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		l = begin(&rtsp);
		assert_false(feed(&l, &rtsp, heads[i], strlen(heads[i]), 4));
	}
	memset(longest, 'a', (size_t)2 * LINE_IN_MAX);
	l = begin(&rtsp);
	assert_false(feed(&l, &rtsp, longest, (size_t)2 * LINE_IN_MAX, 1000));
	free(longest);
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static void test_forms(void **state)
{
	static const char body[] = "user=a%20b+c&word=%41%zz%&cut=%4&zero=a%00b&user=late&empty=";
	char to[12];
	size_t n = sizeof body - 1;

	(void)state;
	assert_true(form_field(body, n, "user", to, sizeof to));
	assert_string_equal(to, "a b c");
	assert_true(form_field(body, n, "word", to, sizeof to));
	assert_string_equal(to, "A%zz%");
	assert_true(form_field(body, n, "cut", to, sizeof to));
	assert_string_equal(to, "%4");
	assert_false(form_field(body, n, "zero", to, sizeof to));
	assert_true(form_field(body, n, "empty", to, sizeof to));
	assert_false(form_field(body, n, "ord", to, sizeof to));
	assert_false(form_field(body, n, "user", to, 5));
	assert_true(form_field(body, n, "user", to, 6));
	assert_false(form_field(body, 0, "user", to, sizeof to));
}

/* ---- anything -------------------------------------------------------------------------------------------------- */

static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void mutate(uint8_t *talk, size_t *n, uint32_t *seed)
{
	for (uint32_t i = draw(seed) % 6; i > 0 && *n > 4; i--) {
		size_t at = draw(seed) % *n;

		if (draw(seed) % 4 == 0)
			*n = at;
		else
			talk[at] =
				(uint8_t)(draw(seed) % 3 == 0 ? draw(seed) : talk[draw(seed) % *n]);
	}
}

/* No password but the right one opens anything, and nothing is read beyond what is there. */
static void test_mutated(void **state)
{
	static const struct machine *const machines[] = {&telnet, &dvrip, &rtsp};
	static const char typed[] = "\xff\xfd\x01lab-root\r\nlab-wrong\r\nlab\r\nx\r\n";
	uint8_t talk[TALK_MAX], kept[3][TALK_MAX];
	size_t sizes[3] = {sizeof typed - 1};
	uint32_t seed = 2026;

	(void)state;
	memcpy(kept[0], typed, sizeof typed);
	sizes[1] = login_message(kept[1], "lab-root", "lab-wrong");
	sizes[1] += message(kept[1] + sizes[1], 1020, "{}");
	sizes[2] = request((char *)kept[2], "SETUP", "lab-wrong",
			   "Transport: RTP/AVP;client_port=5000-5001\r\n");
	for (int i = 0; i < MUTATIONS; i++) {
		int which = i % 3;
		struct line l = begin(machines[which]);
		size_t n = sizes[which];

		memcpy(talk, kept[which], n);
		mutate(talk, &n, &seed);
		(void)feed(&l, machines[which], talk, n, 1 + draw(&seed) % TALK_MAX);
		assert_false(said("~ # "));
		assert_false(said("\"Ret\":100"));
		assert_false(said("client_port="));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_telnet_login),	 cmocka_unit_test(test_telnet_refuses),
		cmocka_unit_test(test_telnet_options),	 cmocka_unit_test(test_sofia),
		cmocka_unit_test(test_dvrip_login),	 cmocka_unit_test(test_dvrip_lengths),
		cmocka_unit_test(test_discovery),	 cmocka_unit_test(test_digest),
		cmocka_unit_test(test_rtsp_login),	 cmocka_unit_test(test_rtsp_udp),
		cmocka_unit_test(test_rtsp_other_nonce), cmocka_unit_test(test_rtsp_not_set_up),
		cmocka_unit_test(test_rtsp_bad_heads),	 cmocka_unit_test(test_forms),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
