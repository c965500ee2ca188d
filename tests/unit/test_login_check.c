/* SPDX-License-Identifier: MIT */
/*
 * proto/login_check: a recorded login against known pairs, scheme by scheme. The expected values are published ones where
 * there are any (RFC 2069 as its errata correct it, RFC 2617, RFC 7616, ONVIF's guide, Xiongmai's hashes), else made here
 * from the base's digests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/md5.h"
#include "base/scan.h"
#include "proto/facts.h"
#include "proto/login_check.h"
#include "small_catalogue.h"

#include <stdio.h>

static struct catalogue known;

/* The numbers of pairs are their lines here. */
enum {
	ADMIN,
	ADMIN_EMPTY,
	ROOT,
	MUFASA,
	MUFASA_SPACED,
	MUFASA_OF,
	ONVIF,
	PUBLIC,
	ADMIN_AGAIN,
	LAB
};

static int load(void **state)
{
	static const struct small_files files = {
		.credentials = "-\t-\thttp\tadmin\tadmin\t-\tno\tno\ttest\tlow\n"
			       "-\t-\thttp\tadmin\t<empty>\t-\tno\tno\ttest\tlow\n"
			       "-\t-\ttelnet\troot\txc3511\tno\tyes\tyes\ttest\tlow\n"
			       "-\t-\thttp\tMufasa\tCircleOfLife\t-\tno\tno\ttest\tlow\n"
			       "-\t-\thttp\tMufasa\tCircle Of Life\t-\tno\tno\ttest\tlow\n"
			       "-\t-\thttp\tMufasa\tCircle of Life\t-\tno\tno\ttest\tlow\n"
			       "-\t-\tonvif\tuser\tuserpassword\t-\tno\tno\ttest\tlow\n"
			       "-\t-\tsnmp\t-\tpublic\t-\tno\tno\ttest\tlow\n"
			       "-\t-\tftp\tadmin\tadmin\t-\tno\tno\ttest\tlow\n"
			       "-\t-\thttp\tlab-user\tlab-pass\t-\tno\tno\ttest\tlow\n"};

	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

static void expect_match(const struct login *l, int32_t pair)
{
	assert_int_equal(login_match(&known, l), pair);
}

static struct login clear(const char *user, const char *secret)
{
	struct login l = {.scheme = LOGIN_CLEAR};

	LOGIN_PUT(&l, user, bytes_of(user));
	LOGIN_PUT(&l, secret, bytes_of(secret));
	return l;
}

static void test_clear(void **state)
{
	static const struct {
		const char *user, *secret;
		int32_t pair;
	} cases[] = {{"admin", "admin", ADMIN},
		     {"admin", "", ADMIN_EMPTY},
		     {"root", "xc3511", ROOT},
		     {"admin", "admin1", PAIR_OWN}, /* begins with a known one */
		     {"admin", "admi", PAIR_OWN},
		     {"admin", "Admin", PAIR_OWN},
		     {"Admin", "admin", PAIR_OWN},
		     {"admi", "admin", PAIR_OWN},
		     {"root", "admin", PAIR_OWN},
		     {"", "public", PAIR_OWN}, /* an empty name is not the same as none */
		     {"lab-user", "lab-pass", LAB}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct login l = clear(cases[i].user, cases[i].secret);

		expect_match(&l, cases[i].pair);
	}
}

static void test_no_user(void **state)
{
	struct login l = clear("", "public");

	(void)state;
	l.no_user = true;
	expect_match(&l, PUBLIC);
	l = clear("", "xc3511");
	l.no_user = true;
	expect_match(&l, ROOT);
	l = clear("", "own");
	l.no_user = true;
	expect_match(&l, PAIR_OWN);
	/* a community is no password of telnet's */
	l = clear("", "xc3511");
	l.no_user = l.community = true;
	expect_match(&l, PAIR_OWN);
	l = clear("", "public");
	l.no_user = l.community = true;
	expect_match(&l, PUBLIC);
}

static void test_what_was_cut_proves_nothing(void **state)
{
	struct login l = clear("admin", "admin");
	char text[sizeof l.secret + 1];

	(void)state;
	l.cut = true;
	expect_match(&l, PAIR_UNKNOWN);
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	l = clear("admin", text); /* does not fit */
	assert_true(l.cut);
	expect_match(&l, PAIR_UNKNOWN);
	text[sizeof text - 2] = '\0';
	l = clear("admin", text);
	expect_match(&l, PAIR_OWN);
	l = clear("admin", "");
	LOGIN_PUT(&l, secret, ((struct bytes){(const uint8_t *)"admin\0x", 7}));
	expect_match(&l, PAIR_UNKNOWN);
	l = clear("admin", "admin");
	l.scheme = LOGIN_HASHED;
	expect_match(&l, PAIR_UNKNOWN);
	l.scheme = 200;
	expect_match(&l, PAIR_UNKNOWN);
}

/* ---- digests ---------------------------------------------------------------------------------------------------- */

/* RFC 2069 section 2.4, with the response that its errata give. */
static const struct login rfc2069 = {.scheme = LOGIN_DIGEST,
				     .user = "Mufasa",
				     .realm = "testrealm@host.com",
				     .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
				     .uri = "/dir/index.html",
				     .method = "GET",
				     .secret = "1949323746fe6a43ef61f9606e7febea"};

/* RFC 2617 section 3.5 */
static const struct login rfc2617 = {.scheme = LOGIN_DIGEST,
				     .user = "Mufasa",
				     .realm = "testrealm@host.com",
				     .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
				     .uri = "/dir/index.html",
				     .method = "GET",
				     .nc = "00000001",
				     .cnonce = "0a4f113b",
				     .qop = "auth",
				     .secret = "6629fae49393a05397450978507c4ef1"};

/* RFC 7616 section 3.9.1 */
static const struct login rfc7616 = {.scheme = LOGIN_DIGEST,
				     .user = "Mufasa",
				     .realm = "http-auth@example.org",
				     .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
				     .uri = "/dir/index.html",
				     .method = "GET",
				     .nc = "00000001",
				     .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
				     .qop = "auth",
				     .secret = "8ca523f5e9506fed4657c9700eebdbec"};

static void test_digest_examples(void **state)
{
	struct login l = rfc7616;

	(void)state;
	expect_match(&rfc2069, MUFASA);
	expect_match(&rfc2617, MUFASA_SPACED);
	expect_match(&rfc7616, MUFASA_OF);
	l.scheme = LOGIN_DIGEST_SHA256;
	expect_match(&l, PAIR_OWN);
	strcpy(l.secret, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
	expect_match(&l, MUFASA_OF);
	l.secret[0] = '8';
	expect_match(&l, PAIR_OWN);
}

/* Every field takes part; the response alone may be written in either case. */
static void test_digest_fields(void **state)
{
	(void)state;
	for (int field = 0; field < 8; field++) {
		struct login l = rfc2617;
		char *fields[] = {l.user,   l.realm,  l.nonce, l.uri,
				  l.method, l.cnonce, l.nc,    l.secret};

		fields[field][0] ^= 1;
		expect_match(&l, PAIR_OWN);
	}
	for (int upper = 0; upper < 2; upper++) {
		struct login l = rfc2617;

		for (char *c = l.secret; upper == 1 && *c != '\0'; c++)
			*c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
		expect_match(&l, MUFASA_SPACED);
	}
}

static void test_digest_over_bodies_is_unknown(void **state)
{
	struct login l = rfc2617;

	(void)state;
	strcpy(l.qop, "auth-int");
	expect_match(&l, PAIR_UNKNOWN);
	strcpy(l.qop, "AUTH");
	expect_match(&l, PAIR_OWN); /* checked, and its letters take part */
}

/* ONVIF Application Programmer's Guide, 6.1.1.3 */
static void test_wsse_example(void **state)
{
	struct login l = {.scheme = LOGIN_WSSE,
			  .user = "user",
			  .nonce = "LKqI6G/AikKCQrN0zqZFlg==",
			  .uri = "2010-09-16T07:50:45Z",
			  .secret = "tuOSpGlFlIXsozq4HFNeeGeFLEI="};

	(void)state;
	expect_match(&l, ONVIF);
	l.uri[0] = '3';
	expect_match(&l, PAIR_OWN);
	l.uri[0] = '2';
	l.secret[0] = 'T';
	expect_match(&l, PAIR_OWN);
	l.secret[0] = 't';
	l.nonce[3] = '!';
	expect_match(&l, PAIR_UNKNOWN);
}

/* ---- the makers' own -------------------------------------------------------------------------------------------- */

static void test_sofia(void **state)
{
	static const char *const vectors[][2] = {
		{"", "tlJwpbo6"},	  {"password", "mF95aD4o"}, {"admin", "6QNMIQGe"},
		{"admin123", "Ny2SRZzv"}, {"123456", "nTBCS19C"},   {"1111", "Rk7Zt3SK"},
		{"12345", "6V0Y4HLF"},	  {"000000", "qAj0oSP1"},   {"1234", "d2gNs1nj"},
		{"54321", "MauuzBvy"},	  {"888888", "4WzwxXxM"},   {"juantech", "VKf94Xml"},
		{"666666", "sh15yfFM"},	  {"vizxv", "6dsZE59Q"},    {"xc3511", "34547USn"},
		{"00000000", "mIgIONHc"}, {"xmhdipc", "Xjn1wZCK"},  {"88888888", "p30uqvBO"},
		{"tluafed", "OxhlwSG8"},  {"1111111", "lKHnYqC0"},  {"7ujMko0admin", "7NeKeTjU"}};
	char out[9];

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		login_sofia(vectors[i][0], out);
		assert_string_equal(out, vectors[i][1]);
	}
}

static void test_sofia_logins(void **state)
{
	struct login l = {.scheme = LOGIN_SOFIA, .user = "admin", .secret = "tlJwpbo6"};

	(void)state;
	expect_match(&l, ADMIN_EMPTY);
	strcpy(l.secret, "6QNMIQGe");
	expect_match(&l, ADMIN);
	strcpy(l.secret, "6QNMIQGE"); /* letters in the other case are others */
	expect_match(&l, PAIR_OWN);
	strcpy(l.secret, "34547USn");
	expect_match(&l, PAIR_OWN);
	strcpy(l.user, "root");
	expect_match(&l, ROOT);
}

static void md5_upper(char out[33], const char *a, const char *b, const char *c)
{
	char text[256];
	uint8_t sum[MD5_SIZE];

	snprintf(text, sizeof text, "%s:%s:%s", a, b, c);
	md5(bytes_of(text), sum);
	hex_upper((struct bytes){sum, sizeof sum}, out);
}

/* What a Dahua client sends for admin and this password. */
static void dahua(const char *password, char gen1[33], char gen2[33])
{
	char hash[9], ha1[33];

	login_sofia(password, hash);
	md5_upper(gen1, "admin", "1234567890", hash);
	md5_upper(ha1, "admin", "Login to LAB0001", password);
	md5_upper(gen2, "admin", "1234567890", ha1);
}

static void test_dahua(void **state)
{
	struct login l = {.user = "admin", .realm = "Login to LAB0001", .nonce = "1234567890"};
	char gen1[33], gen2[33];

	(void)state;
	for (int own = 0; own < 2; own++) {
		int32_t pair = own == 1 ? PAIR_OWN : ADMIN;

		dahua(own == 1 ? "admin-own" : "admin", gen1, gen2);
		l.scheme = LOGIN_DAHUA_RANDOM;
		strcpy(l.secret, gen1);
		expect_match(&l, pair);
		l.scheme = LOGIN_DAHUA_GEN2;
		expect_match(&l, PAIR_OWN);
		strcpy(l.secret, gen2);
		expect_match(&l, pair);
		l.scheme = LOGIN_DAHUA_BOTH;
		expect_match(&l, PAIR_OWN); /* half of it */
		snprintf(l.secret, sizeof l.secret, "%s%s", gen2, gen1);
		expect_match(&l, pair);
		snprintf(l.secret, sizeof l.secret, "%s%s", gen1, gen2);
		expect_match(&l, pair);
		snprintf(l.secret, sizeof l.secret, "%032d%s", 0, gen1);
		expect_match(&l, pair);
	}
}

/* Of pairs alike the first is named. */
static void test_first_of_the_same(void **state)
{
	(void)state;
	assert_string_equal(known.credentials[ADMIN_AGAIN].password, "admin");
	assert_string_equal(known.credentials[ADMIN_AGAIN].user, "admin");
	for (uint8_t scheme = LOGIN_CLEAR; scheme < LOGIN_HASHED; scheme++) {
		struct login l = {.scheme = scheme, .user = "nobody", .secret = "x"};

		expect_match(&l, PAIR_OWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_no_user),
		cmocka_unit_test(test_what_was_cut_proves_nothing),
		cmocka_unit_test(test_digest_examples),
		cmocka_unit_test(test_digest_fields),
		cmocka_unit_test(test_digest_over_bodies_is_unknown),
		cmocka_unit_test(test_wsse_example),
		cmocka_unit_test(test_sofia),
		cmocka_unit_test(test_sofia_logins),
		cmocka_unit_test(test_dahua),
		cmocka_unit_test(test_first_of_the_same),
	};

	return cmocka_run_group_tests(tests, load, small_catalogue_fini);
}
