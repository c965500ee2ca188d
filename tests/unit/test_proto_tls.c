/* SPDX-License-Identifier: MIT */
/*
 * proto/tls, with hello, ja4, certificate and der below it: hellos and certificates made by hand, whole, cut, in pieces and
 * with lengths that lie. The JA4 of the first hello is the one that its makers publish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/certificate.h"
#include "proto/der.h"
#include "proto/ja4.h"
#include "made.h"

static const uint16_t browser_suites[] = {0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
					  0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
					  0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t browser_extensions[] = {0xdada, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469,
					      0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
					      0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
static const uint16_t browser_algorithms[] = {0x0403, 0x0804, 0x0401, 0x0503,
					      0x0805, 0x0501, 0x0806, 0x0601};
#define BROWSER_JA4 "t13d1516h2_8daaf6152771_e5627efa2ab1"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void put_pairs(struct made *w, const uint16_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		made_be(w, values[i], 2);
}

static void put_extension(struct made *w, uint16_t type, const char *host)
{
	size_t all, list, one;

	made_be(w, type, 2);
	all = made_open(w, 2);
	switch (type) {
	case 0x0000:
		list = made_open(w, 2);
		made_be(w, 0, 1);
		one = made_open(w, 2);
		made_text(w, host);
		made_close(w, one, 2);
		made_close(w, list, 2);
		break;
	case 0x000d:
		list = made_open(w, 2);
		put_pairs(w, browser_algorithms, COUNT(browser_algorithms));
		made_close(w, list, 2);
		break;
	case 0x0010:
		made_put(w, "\x00\x0c\x02h2\x08http/1.1", 14);
		break;
	case 0x002b:
		made_put(w, "\x06\xba\xba\x03\x04\x03\x03", 7);
		break;
	default:
		made_fill(w, 0, type % 5);
	}
	made_close(w, all, 2);
}

/* Body of a ClientHello up to and without the extensions. */
static void put_hello(struct made *w, uint16_t version, const uint16_t *suites, size_t n)
{
	size_t list;

	made_be(w, version, 2);
	made_fill(w, 0x5a, 32);
	made_be(w, 0, 1);
	list = made_open(w, 2);
	put_pairs(w, suites, n);
	made_close(w, list, 2);
	made_put(w, "\x01\x00", 2);
}

static struct made browser_hello(const char *host)
{
	struct made w = {.len = 0};
	size_t block;

	put_hello(&w, 0x0303, browser_suites, COUNT(browser_suites));
	block = made_open(&w, 2);
	for (size_t i = 0; i < COUNT(browser_extensions); i++)
		put_extension(&w, browser_extensions[i], host);
	made_close(&w, block, 2);
	return w;
}

static struct made message(uint8_t type, const struct made *body)
{
	struct made w = {.len = 0};

	made_be(&w, type, 1);
	made_be(&w, (uint32_t)body->len, 3);
	made_put(&w, body->at, body->len);
	return w;
}

/* Handshake records of at most `size` bytes each. */
static void put_records(struct made *w, const struct made *messages, size_t size)
{
	for (size_t at = 0; at < messages->len; at += size) {
		size_t n = messages->len - at < size ? messages->len - at : size;

		made_put(w, "\x16\x03\x01", 3);
		made_be(w, (uint32_t)n, 2);
		made_put(w, messages->at + at, n);
	}
}

static struct made client_flight(const char *host, size_t record)
{
	struct made body = browser_hello(host), whole = message(1, &body), w = {.len = 0};

	put_records(&w, &whole, record);
	return w;
}

static struct made server_hello(uint16_t version, bool tls13)
{
	struct made w = {.len = 0};

	made_be(&w, version, 2);
	made_fill(&w, 0x77, 32);
	made_be(&w, 0, 1);
	made_put(&w, "\xc0\x2f\x00", 3);
	if (tls13)
		made_put(&w, "\x00\x06\x00\x2b\x00\x02\x03\x04", 8);
	return message(2, &w);
}

/* ---- certificates ---- */

static void der(struct made *w, uint8_t tag, const void *content, size_t n)
{
	made_be(w, tag, 1);
	if (n < 0x80)
		made_be(w, (uint32_t)n, 1);
	else {
		made_be(w, 0x82, 1);
		made_be(w, (uint32_t)n, 2);
	}
	made_put(w, content, n);
}

static void der_of(struct made *w, uint8_t tag, const struct made *content)
{
	der(w, tag, content->at, content->len);
}

static void put_attribute(struct made *name, const char *oid, uint8_t tag, const void *value,
			  size_t n)
{
	struct made pair = {.len = 0}, set = {.len = 0};

	der(&pair, DER_OID, oid, strlen(oid));
	der(&pair, tag, value, n);
	der_of(&set, DER_SEQUENCE, &pair);
	der_of(name, DER_SET, &set);
}

#define ATTRIBUTE(name, oid, text) put_attribute(name, oid, 0x0c, text, strlen(text))

/* C, O, serialNumber, emailAddress, CN: in another order than they are told, with two that are not. */
static struct made camera_name(void)
{
	struct made w = {.len = 0};

	ATTRIBUTE(&w, "\x55\x04\x06", "CN");
	ATTRIBUTE(&w, "\x55\x04\x0a", "HIKVISION");
	ATTRIBUTE(&w, "\x55\x04\x0b", "DVRNVR");
	ATTRIBUTE(&w, "\x55\x04\x0b", "second unit");
	ATTRIBUTE(&w, "\x55\x04\x05", "EXAMPLE-SERIAL");
	ATTRIBUTE(&w, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "owner@example.com");
	ATTRIBUTE(&w, "\x55\x04\x03", "www.hikvision.com");
	return w;
}

static struct made wide_name(void)
{
	struct made w = {.len = 0};

	put_attribute(&w, "\x55\x04\x03", DER_BMP_STRING, "\0a\0x\0i\0s\x4e\x2d\0", 11);
	return w;
}

static void put_alternatives(struct made *tbs)
{
	struct made names = {.len = 0}, value = {.len = 0}, one = {.len = 0}, list = {.len = 0},
		    all = {.len = 0}, explicit = {.len = 0};

	der(&names, 0x82, "Camera.Example.NET", 18);
	der(&names, 0x87, "\xc0\xa8\x01\x14", 4);
	der(&names, 0x82, "bad host", 8);
	der(&names, 0x82, "*.example.org", 13);
	for (char host[] = "a.example"; host[0] < 'h'; host[0]++)
		der(&names, 0x82, host, 9);
	der_of(&value, DER_SEQUENCE, &names);
	der(&one, DER_OID, "\x55\x1d\x0f", 3);
	der(&one, DER_OCTETS, "\x03\x02\x05\xa0", 4);
	der_of(&list, DER_SEQUENCE, &one);
	one.len = 0;
	der(&one, DER_OID, "\x55\x1d\x11", 3);
	der(&one, DER_BOOLEAN, "\xff", 1);
	der_of(&one, DER_OCTETS, &value);
	der_of(&list, DER_SEQUENCE, &one);
	der_of(&all, DER_SEQUENCE, &list);
	der_of(&explicit, 0xa3, &all);
	made_put(tbs, explicit.at, explicit.len);
}

static struct made certificate(size_t key)
{
	struct made tbs = {.len = 0}, whole = {.len = 0}, w = {.len = 0}, subject = camera_name(),
		    issuer = wide_name(), filler = {.len = 0};

	der(&tbs, 0xa0, "\x02\x01\x02", 3);
	der(&tbs, DER_INTEGER, "\x11\x22\x33", 3);
	der(&tbs, DER_SEQUENCE, "\x06\x01\x2a", 3);
	der_of(&tbs, DER_SEQUENCE, &issuer);
	der(&tbs, DER_SEQUENCE, "\x17\x00\x17\x00", 4);
	der_of(&tbs, DER_SEQUENCE, &subject);
	made_fill(&filler, 0x42, key);
	der_of(&tbs, DER_SEQUENCE, &filler);
	put_alternatives(&tbs);
	der_of(&whole, DER_SEQUENCE, &tbs);
	der(&whole, DER_SEQUENCE, "\x06\x01\x2a", 3);
	der(&whole, 0x03, "\x00\x01\x02", 3);
	der_of(&w, DER_SEQUENCE, &whole);
	return w;
}

static struct made certificate_message(size_t key)
{
	struct made one = certificate(key), w = {.len = 0};
	size_t list = made_open(&w, 3);

	for (int i = 0; i < 2; i++) {
		made_be(&w, (uint32_t)one.len, 3);
		made_put(&w, one.at, one.len);
	}
	made_close(&w, list, 3);
	return message(11, &w);
}

static struct made server_flight(size_t key, size_t record)
{
	struct made hello = server_hello(0x0303, false), shown = certificate_message(key),
		    w = {.len = 0};

	made_put(&hello, shown.at, shown.len);
	made_put(&hello, "\x0e\x00\x00\x00", 4);
	put_records(&w, &hello, record);
	return w;
}

#define CLIENT_TOLD "tls-sni client x.tuyaeu.com\ntls-ja4 client " BROWSER_JA4 "\n"
#define SUBJECT_TOLD                                                                               \
	"tls-certificate server CN=www.hikvision.com,O=HIKVISION,OU=DVRNVR,C=CN\n"                 \
	"tls-issuer server CN=axis?\n"
#define NAMES_TOLD                                                                                 \
	"tls-name server camera.example.net\ntls-name server *.example.org\n"                      \
	"tls-name server a.example\ntls-name server b.example\ntls-name server c.example\n"
#define SERVER_TOLD "service server tls\n" SUBJECT_TOLD NAMES_TOLD

/* ---- tests ---- */

static void whole_handshake(void **unused)
{
	static struct parsing p;
	struct made c = client_flight("X.TuyaEU.com.", 16384), s = server_flight(270, 16384);

	(void)unused;
	parsing_init(&p, &proto_tls, 40000, 443);
	assert_int_equal(parsing_mine(&p, true, c.at, c.len), MATCH_YES);
	assert_int_equal(parsing_mine(&p, false, s.at, s.len), MATCH_YES);
	parsing_stream(&p, true, c.at, c.len, false, false);
	expect_told(&p, CLIENT_TOLD);
	assert_false(p.done);
	parsing_stream(&p, false, s.at, s.len, false, false);
	expect_told(&p, SERVER_TOLD);
	assert_true(p.done);
	parsing_fini(&p);
}

static void records_and_segments_of_any_size(void **unused)
{
	static const size_t sizes[] = {1, 2, 3, 7, 41, 1000};
	static struct parsing p;

	(void)unused;
	for (size_t r = 0; r < COUNT(sizes); r++) {
		struct made c = client_flight("x.tuyaeu.com", sizes[r]);
		struct made s = server_flight(100, sizes[r]);

		parsing_init(&p, &proto_tls, 40000, 443);
		for (size_t i = 0; i < c.len; i++)
			parsing_stream(&p, true, c.at + i, 1, false, false);
		expect_told(&p, CLIENT_TOLD);
		for (size_t i = 0; i < s.len; i++)
			parsing_stream(&p, false, s.at + i, 1, false, false);
		expect_told(&p, SERVER_TOLD);
		assert_true(p.done);
		parsing_fini(&p);
	}
}

static void cut_at_every_byte(void **unused)
{
	static struct parsing p;
	struct made c = client_flight("x.tuyaeu.com", 16384), s = server_flight(20, 16384);

	(void)unused;
	for (size_t n = 0; n <= s.len; n++) {
		parsing_init(&p, &proto_tls, 40000, 443);
		parsing_stream(&p, true, c.at, n < c.len ? n : c.len, false, true);
		expect_within(p.text, CLIENT_TOLD);
		parsing_stream(&p, false, s.at, n, false, true);
		parsing_stream(&p, false, NULL, 0, false, true);
		expect_within(p.text, CLIENT_TOLD SERVER_TOLD);
		parsing_fini(&p);
	}
	for (size_t n = 0; n < c.len; n++)
		assert_int_equal(mine_of(&proto_tls, 40000, 443, c.at, n),
				 n < 11 ? MATCH_MAYBE : MATCH_YES);
}

/* A certificate whose key alone is larger than the window: the names before it are told. */
static void certificate_beyond_the_window(void **unused)
{
	static struct parsing p;
	struct made body = server_hello(0x0303, false), w = {.len = 0};
	struct made shown = certificate(6000);

	(void)unused;
	made_put(&body, "\x0b\x00\x40\x06\x00\x40\x03\x00\x40\x00", 10);
	shown.at[2] = shown.at[6] = 0x3f; /* lengths that no window holds */
	made_put(&body, shown.at, shown.len);
	made_fill(&body, 0x42, 3000);
	put_records(&w, &body, 2000);
	parsing_init(&p, &proto_tls, 40000, 443);
	for (size_t at = 0; at < w.len; at += 1400)
		parsing_stream(&p, false, w.at + at, w.len - at < 1400 ? w.len - at : 1400, false,
			       false);
	expect_told(&p, "service server tls\n" SUBJECT_TOLD NAMES_TOLD);
	parsing_fini(&p);
}

static void tls13_hides_the_certificate(void **unused)
{
	static struct parsing p;
	struct made c = client_flight("x.tuyaeu.com", 16384), hello = server_hello(0x0303, true);
	struct made shown = certificate_message(20), w = {.len = 0};

	(void)unused;
	made_put(&hello, shown.at, shown.len);
	put_records(&w, &hello, 16384);
	parsing_init(&p, &proto_tls, 40000, 443);
	parsing_stream(&p, true, c.at, c.len, false, false);
	expect_told(&p, CLIENT_TOLD);
	parsing_stream(&p, false, w.at, w.len, false, false);
	expect_told(&p, "service server tls\n");
	assert_true(p.done);
	parsing_fini(&p);
}

/* Session resumption: ChangeCipherSpec right behind the ServerHello. And an alert instead of any answer. */
static void no_certificate(void **unused)
{
	static struct parsing p;
	struct made c = client_flight("x.tuyaeu.com", 16384), hello = server_hello(0x0302, false),
		    w = {.len = 0};

	(void)unused;
	put_records(&w, &hello, 16384);
	made_put(&w, "\x14\x03\x03\x00\x01\x01", 6);
	parsing_init(&p, &proto_tls, 40000, 443);
	parsing_stream(&p, false, w.at, w.len, false, false);
	expect_told(&p, "service server tls\n");
	assert_false(p.done);
	parsing_stream(&p, true, c.at, c.len, false, false);
	expect_told(&p, CLIENT_TOLD);
	assert_true(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_tls, 40000, 443);
	parsing_stream(&p, true, c.at, c.len, false, false);
	expect_told(&p, CLIENT_TOLD);
	parsing_stream(&p, false, "\x15\x03\x01\x00\x02\x02\x28", 7, false, false);
	expect_told(&p, "");
	assert_true(p.done);
	parsing_fini(&p);
}

static void lost_bytes(void **unused)
{
	static struct parsing p;
	struct made c = client_flight("x.tuyaeu.com", 16384), s = server_flight(20, 16384);

	(void)unused;
	parsing_init(&p, &proto_tls, 40000, 443);
	parsing_stream(&p, true, c.at, 60, false, false);
	parsing_stream(&p, true, c.at + 100, c.len - 100, true, false);
	expect_told(&p, "");
	parsing_stream(&p, false, s.at, 60, false, false);
	expect_told(&p, "service server tls\n");
	parsing_stream(&p, false, s.at + 80, s.len - 80, true, false);
	expect_told(&p, "");
	assert_true(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_tls, 40000, 443);
	parsing_stream(&p, false, s.at, s.len, true, false); /* lost before the hello */
	expect_told(&p, SERVER_TOLD);
	parsing_fini(&p);
}

/* One byte of either flight changed at a time: it survives, and never tells of two certificates. */
static void spoilt_bytes(void **unused)
{
	static const uint8_t values[] = {0x00, 0x01, 0x80, 0x84, 0xff};
	static struct parsing p;
	struct made c = client_flight("x.tuyaeu.com", 16384), s = server_flight(20, 16384);

	(void)unused;
	for (size_t i = 0; i < s.len * COUNT(values); i++) {
		struct made bad_c = c, bad_s = s;

		bad_c.at[i / COUNT(values) % c.len] = values[i % COUNT(values)];
		bad_s.at[i / COUNT(values)] = values[i % COUNT(values)];
		parsing_init(&p, &proto_tls, 40000, 443);
		parsing_stream(&p, true, bad_c.at, bad_c.len, false, false);
		parsing_stream(&p, false, bad_s.at, bad_s.len, false, true);
		parsing_fini(&p);
	}
}

static void names_that_are_none(void **unused)
{
	static const char *const hosts[] = {"", "bad host", "evil\x1b[2J", "a/b", "."};
	static struct parsing p;
	char longest[260];

	(void)unused;
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct made c = client_flight(hosts[i], 16384);

		parsing_init(&p, &proto_tls, 40000, 443);
		parsing_stream(&p, true, c.at, c.len, false, false);
		expect_told(&p, "tls-ja4 client " BROWSER_JA4 "\n");
		parsing_fini(&p);
	}
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		struct made c = client_flight(longest + i * (259 - TELL_MAX), 16384);

		parsing_init(&p, &proto_tls, 40000, 443);
		parsing_stream(&p, true, c.at, c.len, false, false);
		assert_int_equal(strstr(p.text, "tls-sni") != NULL, i == 1);
		parsing_fini(&p);
	}
}

static void other_protocols_are_refused(void **unused)
{
	static const struct {
		const char *at;
		size_t len;
		enum match match;
	} cases[] = {
		{"GET / HTTP/1.1\r\n\r\n", 18, MATCH_NO},
		{"SSH-2.0-dropbear_2014.63\r\n", 26, MATCH_NO},
		{"\xff\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 12, MATCH_NO},
		{"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10\x01", 12, MATCH_NO}, /* SSL 2 */
		{"\x17\x03\x03\x00\x40\x01\x00\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x05\x00\x40\x01\x00\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00", 11, MATCH_NO}, /* DTLS */
		{"\x16\x03\x01\x00\x00\x01\x00\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x50\x00\x01\x00\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x0b\x00\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x01\x00\x00\x10\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x01\x01\x00\x3c\x03\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x02\x03", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x05", 11, MATCH_NO},
		{"\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03", 11, MATCH_YES},
		{"\x16\x03\x01", 3, MATCH_MAYBE},
		{"", 0, MATCH_MAYBE},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(mine_of(&proto_tls, 40000, 443, cases[i].at, cases[i].len),
				 cases[i].match);
}

/* Lengths of megabytes are not waited for. */
static void announced_megabytes(void **unused)
{
	static struct parsing p;

	(void)unused;
	parsing_init(&p, &proto_tls, 40000, 443);
	CLIENT(&p, "\x16\x03\x01\x40\x00\x01\xff\xff\xff\x03\x03");
	SERVER(&p, "\x16\x03\x01\x40\x00\x02\xff\xff\xff\x03\x03");
	expect_told(&p, "");
	assert_true(p.done);
	parsing_fini(&p);
}

static void ja4_is(const struct made *body, const char *expected)
{
	struct hello h;
	char text[JA4_SIZE];

	assert_true(hello_read((struct bytes){body->at, body->len}, &h));
	assert_true(ja4(&h, text));
	assert_string_equal(text, expected);
}

static void fingerprints(void **unused)
{
	static const uint16_t versions[] = {0x0303, 0x0302, 0x0301, 0x0300, 0x0002, 0x7777};
	static const char *const expected[] = {"t12i", "t11i", "t10i", "ts3i", "ts2i", "t00i"};
	static const uint16_t grease[] = {0x0a0a, 0xfafa};
	struct made body;

	(void)unused;
	body = browser_hello("x.tuyaeu.com");
	ja4_is(&body, BROWSER_JA4);
	for (size_t i = 0; i < COUNT(versions); i++) {
		char text[JA4_SIZE + 8];

		body.len = 0;
		put_hello(&body, versions[i], browser_suites, COUNT(browser_suites));
		snprintf(text, sizeof text, "%s150000_8daaf6152771_000000000000", expected[i]);
		ja4_is(&body, text);
	}
	body.len = 0;
	put_hello(&body, 0x0303, grease, 2);
	made_be(&body, 0, 2);
	ja4_is(&body, "t12i000000_000000000000_000000000000");
}

/* The published extension list without signature algorithms, and ALPN values that are no text. */
static void fingerprints_of_odd_extensions(void **unused)
{
	static const struct {
		const char *alpn;
		const char *ends;
	} cases[] = {{"h2", "h2"},    {"http/1.1", "h1"},   {"h", "hh"},
		     {"", "00"},      {"\xab", "ab"},	    {"\xab\xcd", "ad"},
		     {"0\xab", "3b"}, {"01\xab\xcd", "3d"}, {"0\xab\xcd\x31", "01"}};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made body = {.len = 0};
		char text[JA4_SIZE + 8];
		size_t block;

		put_hello(&body, 0x0303, browser_suites, COUNT(browser_suites));
		block = made_open(&body, 2);
		for (size_t k = 0; k < COUNT(browser_extensions); k++) {
			if (browser_extensions[k] == 0x000d) {
				made_put(&body, "\x00\x0d\x00\x02\x00\x00", 6);
			} else if (browser_extensions[k] == 0x0010) {
				size_t n = strlen(cases[i].alpn);

				made_be(&body, 0x0010, 2);
				made_be(&body, (uint32_t)n + 3, 2);
				made_be(&body, (uint32_t)n + 1, 2);
				made_be(&body, (uint32_t)n, 1);
				made_text(&body, cases[i].alpn);
			} else {
				put_extension(&body, browser_extensions[k], "a.example");
			}
		}
		made_close(&body, block, 2);
		snprintf(text, sizeof text, "t13d1516%s_8daaf6152771_6d807ffa2a79", cases[i].ends);
		ja4_is(&body, text);
	}
}

static void fingerprints_of_too_many(void **unused)
{
	static uint16_t suites[2000];
	struct made body = {.len = 0};
	struct hello h;
	char text[JA4_SIZE];

	(void)unused;
	for (size_t i = 0; i < COUNT(suites); i++)
		suites[i] = (uint16_t)(i * 31 + 1);
	put_hello(&body, 0x0303, suites, 1000);
	assert_true(hello_read((struct bytes){body.at, body.len}, &h));
	assert_true(ja4(&h, text));
	assert_memory_equal(text, "t12i9900", 8);
	body.len = 0;
	put_hello(&body, 0x0303, suites, COUNT(suites));
	assert_true(hello_read((struct bytes){body.at, body.len}, &h));
	assert_false(ja4(&h, text));
}

static void hellos_that_contradict_themselves(void **unused)
{
	struct made good = browser_hello("a.example"), bad;
	struct hello h;

	(void)unused;
	for (size_t n = 0; n < good.len; n++) {
		bool whole_without = n == 2 + 32 + 1 + 2 + 2 * COUNT(browser_suites) + 2;

		assert_int_equal(hello_read((struct bytes){good.at, n}, &h), whole_without);
	}
	bad = good;
	made_fill(&bad, 0, 1);
	assert_false(hello_read((struct bytes){bad.at, bad.len}, &h));
	bad = good;
	bad.at[36] = 0x21; /* an odd number of bytes of suites */
	assert_false(hello_read((struct bytes){bad.at, bad.len}, &h));
	bad.at[36] = 0;
	assert_false(hello_read((struct bytes){bad.at, bad.len}, &h));
}

static void der_of_liars(void **unused)
{
	static const struct {
		const char *at;
		size_t len;
		bool good;
		bool cut;
	} cases[] = {
		{"\x30\x00", 2, true, false},
		{"\x30\x81\x01\x05", 4, true, false},
		{"\x30\x02\x05", 3, true, true},
		{"\x30\x83\xff\xff\xff\x05", 6, true, true},
		{"\x30\x84\x00\x00\x00\x00", 6, false, false},
		{"\x30\x80\x00\x00", 4, false, false}, /* indefinite */
		{"\x1f\x01\x00", 3, false, false},     /* a long tag */
		{"\x30\x82\x01", 3, false, false},
		{"\x30", 1, false, false},
		{"", 0, false, false},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cursor c =
			cursor_over((struct bytes){(const uint8_t *)cases[i].at, cases[i].len});
		struct der value;

		assert_int_equal(der_next(&c, &value), cases[i].good);
		if (cases[i].good)
			assert_int_equal(value.cut, cases[i].cut);
	}
}

static void certificates_cut(void **unused)
{
	struct made whole = certificate(30);

	(void)unused;
	for (size_t n = 0; n <= whole.len; n++) {
		struct certificate got;
		struct bytes dns;
		char text[CERTIFICATE_NAME];

		if (!certificate_read((struct bytes){whole.at, n}, &got))
			continue;
		if (certificate_name(got.subject, text) > 0)
			assert_memory_equal(text, "CN=www.hikvision.com,O=HIKVISION", 32);
		while (certificate_next_dns(&got.names, &dns))
			assert_true(dns.len >= 8);
	}
}

static void names_of_full_length(void **unused)
{
	struct made w = {.len = 0};
	char part[100], text[CERTIFICATE_NAME];

	(void)unused;
	memset(part, 'x', 99);
	part[99] = '\0';
	ATTRIBUTE(&w, "\x55\x04\x03", part);
	ATTRIBUTE(&w, "\x55\x04\x0a", part);
	ATTRIBUTE(&w, "\x55\x04\x0b", part);
	ATTRIBUTE(&w, "\x55\x04\x06", part);
	assert_int_equal(certificate_name((struct bytes){w.at, w.len}, text), 4 * 64 + 13);
	assert_int_equal(certificate_name((struct bytes){NULL, 0}, text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_handshake),
		cmocka_unit_test(records_and_segments_of_any_size),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(certificate_beyond_the_window),
		cmocka_unit_test(tls13_hides_the_certificate),
		cmocka_unit_test(no_certificate),
		cmocka_unit_test(lost_bytes),
		cmocka_unit_test(spoilt_bytes),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(other_protocols_are_refused),
		cmocka_unit_test(announced_megabytes),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(fingerprints_of_odd_extensions),
		cmocka_unit_test(fingerprints_of_too_many),
		cmocka_unit_test(hellos_that_contradict_themselves),
		cmocka_unit_test(der_of_liars),
		cmocka_unit_test(certificates_cut),
		cmocka_unit_test(names_of_full_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
