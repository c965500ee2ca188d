/* SPDX-License-Identifier: MIT */
/* proto/sip: phones that register and call, over UDP and TCP, with answers that are not theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"

static struct parsing p;

static void begin(void)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_sip, 5060, 5060);
}

static int end(void **state)
{
	(void)state;
	parsing_fini(&p);
	p.state = NULL;
	return 0;
}

static bool say(bool from_client, const char *text)
{
	return parsing_datagram(&p, from_client, text, strlen(text));
}

#define HEAD(cseq) "From: <sip:lab@example.org>\r\nCall-ID: a84b4c76e66710\r\nCSeq: " cseq "\r\n"
#define DIGEST                                                                                     \
	"Digest username=\"lab-user\",realm=\"example.org\",nonce=\"n\",uri=\"sip:example.org\","  \
	"response=\"6629fae49393a05397450978507c4ef1\"\r\n"
#define REGISTER(cseq) "REGISTER sip:example.org SIP/2.0\r\n" HEAD(cseq)
#define TRY(cseq) REGISTER(cseq) "User-Agent: Lab Phone 1.0\r\nAuthorization: " DIGEST "\r\n"
#define ASK(cseq)                                                                                  \
	"SIP/2.0 401 Unauthorized\r\n" HEAD(                                                       \
		cseq) "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n\"\r\nServer: Lab PBX\r\n\r\n"
#define OK(cseq) "SIP/2.0 200 OK\r\n" HEAD(cseq) "\r\n"
#define PHONE "sip-agent sender Lab Phone 1.0\n"
#define FROM_SERVER(end)                                                                           \
	"login sender digest user=lab-user secret=6629fae49393a05397450978507c4ef1 "               \
	"realm=example.org nonce=n uri=sip:example.org method=REGISTER" end "\n"

/* Phones write their hardware address into their name. */
static void test_marks_of_one_device(void **state)
{
	(void)state;
	begin();
	assert_true(
		say(true, REGISTER("1 REGISTER") "User-Agent: Lab Phone 1.0 0011223344ff\r\n\r\n"));
	expect_told(&p, "sip-agent sender Lab Phone 1.0 *\n");
}

static void test_a_registration(void **state)
{
	(void)state;
	begin();
	assert_true(say(true, REGISTER("1 REGISTER") "\r\n"));
	assert_true(say(false, ASK("1 REGISTER")));
	expect_told(&p,
		    "sip-agent sender Lab PBX\nservice sender sip\nsip-realm sender example.org\n");
	assert_true(say(true, TRY("2 REGISTER")));
	assert_true(say(false, "SIP/2.0 100 Trying\r\n" HEAD("2 REGISTER") "\r\n"));
	expect_told(&p, PHONE);
	assert_true(say(false, OK("2 REGISTER")));
	expect_told(&p, FROM_SERVER(" asked accepted"));
	assert_true(say(false, OK("2 REGISTER")));
	assert_true(say(true, "\r\n\r\n"));
	expect_told(&p, "");
	/* the same once more, refused */
	assert_true(say(true, TRY("3 REGISTER")));
	assert_true(say(false, "SIP/2.0 403 Forbidden\r\n" HEAD("3 REGISTER") "\r\n"));
	expect_told(&p, PHONE FROM_SERVER(" asked refused"));
	assert_true(say(true, TRY("4 REGISTER")));
	assert_true(say(
		false,
		"SIP/2.0 401 x\r\n" HEAD(
			"4 REGISTER") "WWW-Authenticate: Digest realm=\"example.org\", stale=true\r\n\r\n"));
	expect_told(&p, PHONE "sip-realm sender example.org\n");
	assert_true(say(true, TRY("5 REGISTER")));
	assert_true(say(false, "SIP/2.0 503 x\r\n" HEAD("5 REGISTER") "\r\n"));
	expect_told(&p, PHONE);
}

static void test_answers_that_prove_nothing(void **state)
{
	(void)state;
	begin();
	say(true, TRY("2 REGISTER")); /* not asked for */
	say(false, OK("2 REGISTER"));
	expect_told(&p, PHONE "service sender sip\n");
	begin();
	say(false, ASK("1 REGISTER"));
	say(true, TRY("2 REGISTER"));
	p.len = 0;
	p.text[0] = '\0';
	say(false, OK("3 REGISTER")); /* to another request, … */
	say(false, "SIP/2.0 200 OK\r\nCall-ID: other\r\nCSeq: 2 REGISTER\r\n\r\n"); /* call, … */
	expect_told(&p, "");
	say(true, OK("2 REGISTER")); /* and from the wrong end */
	expect_told(&p, "service sender sip\n");
}

static void test_calls(void **state)
{
	(void)state;
	begin();
	say(true, "INVITE sip:lab@example.org SIP/2.0\r\ni: x\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\n");
	say(false, "SIP/2.0 407 x\r\ni: x\r\nCSeq: 1 INVITE\r\nProxy-Authenticate: Digest "
		   "realm=\"example.org\", nonce=\"n\"\r\n\r\n");
	say(true,
	    "ACK sip:lab@example.org SIP/2.0\r\ni: x\r\nCSeq: 1 ACK\r\nProxy-Authorization: " DIGEST
	    "\r\n");
	say(true, "INVITE sip:lab@example.org SIP/2.0\r\ni: x\r\nCSeq: 2 INVITE\r\n"
		  "Proxy-Authorization: " DIGEST "\r\n");
	say(false, "SIP/2.0 200 OK\r\ni: x\r\nCSeq: 2 INVITE\r\n\r\n");
	expect_told(&p,
		    "service sender sip\nsip-realm sender example.org\n"
		    "login sender digest user=lab-user secret=6629fae49393a05397450978507c4ef1 "
		    "realm=example.org nonce=n uri=sip:example.org method=INVITE asked accepted\n");
	/* the server calls and is asked */
	say(false, REGISTER("7 REGISTER") "\r\n");
	say(true, ASK("7 REGISTER"));
	say(false, TRY("8 REGISTER"));
	say(true, OK("8 REGISTER"));
	expect_told(
		&p,
		"sip-agent sender Lab PBX\nservice sender sip\nsip-realm sender example.org\n" PHONE
			FROM_SERVER(" asked accepted"));
}

static void test_malformed(void **state)
{
	static const char whole[] = TRY("2 REGISTER");

	(void)state;
	begin();
	for (size_t cut = 1; cut < sizeof whole - 1; cut++)
		assert_false(parsing_datagram(&p, true, whole, cut));
	expect_told(&p, "");
	assert_false(say(true, "REGISTER sip:x SIP/2.0\r\nCall-ID: x\r\n\r\n"));
	assert_false(say(true, "REGISTER sip:x SIP/2.0\r\nCSeq: 1\r\n\r\n"));
	assert_false(say(true, "REGISTER sip:x SIP/2.0\r\nCall-ID: x\r\nCSeq: x\r\n\r\n"));
	assert_false(say(true, "REGISTER http://x SIP/2.0\r\n" HEAD("1 x") "\r\n"));
	assert_false(say(true, "SIP/2.0 abc\r\n" HEAD("1 x") "\r\n"));
	assert_true(say(true, REGISTER("1 REGISTER") "Authorization: Basic eDp5\r\n\r\n"));
	assert_true(say(true, REGISTER("1 REGISTER") "Authorization: Other x\r\n\r\n"));
	assert_true(say(false,
			"SIP/2.0 401 x\r\n" HEAD("1 REGISTER") "WWW-Authenticate: Other\r\n\r\n"));
	expect_told(&p, "service sender sip\nlogin sender clear user=x secret=y refused\n");
}

static const char stream_server[] = "SIP/2.0 401 x\r\n" HEAD(
	"1 REGISTER") "WWW-Authenticate: Digest realm=\"example.org\"\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n";

static void test_over_tcp(void **state)
{
	static const char client[] = TRY("2 REGISTER"), tail[] = "tail\r\n";

	(void)state;
	begin();
	CLIENT(&p, REGISTER("1 REGISTER") "l: 0\r\n\r\n");
	for (size_t i = 0; i < sizeof stream_server - 1; i++)
		parsing_stream(&p, false, stream_server + i, 1, false, false);
	for (size_t i = 0; i < sizeof client - 1; i++)
		parsing_stream(&p, true, client + i, 1, false, false);
	SERVER(&p, OK("2 REGISTER"));
	expect_told(
		&p,
		"service server sip\nsip-realm server example.org\nsip-agent client Lab Phone 1.0\n"
		"login server digest user=lab-user secret=6629fae49393a05397450978507c4ef1 "
		"realm=example.org nonce=n uri=sip:example.org method=REGISTER asked accepted\n");
	/* lost bytes: the answer may be another's */
	CLIENT(&p, TRY("3 REGISTER"));
	parsing_stream(&p, false, tail, sizeof tail - 1, true, false);
	SERVER(&p, OK("3 REGISTER"));
	expect_told(&p, "sip-agent client Lab Phone 1.0\n");
	CLIENT(&p, "nothing of ours\r\n");
	CLIENT(&p, REGISTER("4 REGISTER") "Content-Length: x\r\n\r\n");
	parsing_stream(&p, true, NULL, 0, false, true);
	expect_told(&p, "");
}

static enum match mine(const char *text)
{
	begin();
	return parsing_mine(&p, true, text, strlen(text));
}

static void test_whose_it_is(void **state)
{
	static const char *const not_ours[] = {
		"OPTIONS * HTTP/1.1\r\n", "NOTIFY * HTTP/1.1\r\n",	   "RTSP/1.0 200 OK\r\n",
		"HTTP/1.1 200 OK\r\n",	  "OPTIONS / SIP/2.0\r\n",	   "SIP/2.0 2 x\r\n",
		"\x12\x34\x01",		  "\r\n\r\nOPTIONS / HTTP/1.1\r\n"};

	(void)state;
	assert_int_equal(mine("OPTIONS sip:x SIP/2.0\r\n"), MATCH_YES);
	assert_int_equal(mine("INVITE sips:x SIP/2.0\r\n"), MATCH_YES);
	assert_int_equal(mine("SIP/2.0 180 Ringing\r\n"), MATCH_YES);
	assert_int_equal(mine("SIP/2"), MATCH_MAYBE);
	assert_int_equal(mine("REGISTER s"), MATCH_MAYBE);
	assert_int_equal(mine("\r\n\r\n"), MATCH_MAYBE);
	assert_int_equal(mine("\r\nOPTIONS sip:x SIP/2.0\r\n"), MATCH_YES);
	for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++)
		assert_int_equal(mine(not_ours[i]), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_of_one_device),
		cmocka_unit_test(test_a_registration),
		cmocka_unit_test(test_answers_that_prove_nothing),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_over_tcp),
		cmocka_unit_test(test_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
