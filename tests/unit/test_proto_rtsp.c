/* SPDX-License-Identifier: MIT */
/* proto/rtsp: a camera's stream from OPTIONS to PLAY, its logins, lost and hostile bytes. */
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
	parsing_init(&p, &proto_rtsp, 40000, 554);
}

static int end(void **state)
{
	(void)state;
	parsing_fini(&p);
	p.state = NULL;
	return 0;
}

static void forget(void)
{
	p.len = 0;
	p.text[0] = '\0';
}

#define SERVED "service server rtsp\n"
#define SDP                                                                                           \
	"v=0\r\no=- 12345678 1 IN IP4 192.0.2.1\r\ns=RTSP Session\r\ni=H264DVR\r\nm=video 0 RTP/AVP " \
	"96\r\ni=stream\r\n"

static void test_a_stream(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "OPTIONS rtsp://192.0.2.1:554/Streaming/Channels/101?x=1 RTSP/1.0\r\nCSeq: 1\r\n"
		   "User-Agent: LibVLC/3.0\r\n\r\n");
	expect_told(&p, "rtsp-agent client LibVLC/3.0\n");
	SERVER(&p, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: H264DVR 1.0\r\nPublic: DESCRIBE\r\n\r\n");
	expect_told(&p, "rtsp-server server H264DVR 1.0\n" SERVED);
	CLIENT(&p,
	       "DESCRIBE rtsp://192.0.2.1:554/Streaming/Channels/101?x=1 RTSP/1.0\r\nCSeq: 2\r\n\r\n");
	SERVER(&p, "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest "
		   "realm=\"Login to 4C01234PAZ12345\", nonce=\"n1\"\r\nWWW-Authenticate: Basic "
		   "realm=\"Login to 4C01234PAZ12345\"\r\n\r\n");
	expect_told(&p, "rtsp-realm server Login to\nrtsp-realm server Login to\n"
			"rtsp-uri server /Streaming/Channels/101\n");
	CLIENT(&p,
	       "DESCRIBE rtsp://192.0.2.1:554/x RTSP/1.0\r\nCSeq: 3\r\nAuthorization: Digest "
	       "username=\"lab-user\", realm=\"Login to 4C01234PAZ12345\", nonce=\"n1\", "
	       "uri=\"rtsp://192.0.2.1:554/x\", response=\"1949323746fe6a43ef61f9606e7febea\"\r\n\r\n");
	SERVER(&p, "RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Type: application/sdp\r\nContent-Length: "
		   "97\r\n\r\n" SDP);
	expect_told(
		&p,
		"rtsp-uri server /x\nlogin server digest user=lab-user "
		"secret=1949323746fe6a43ef61f9606e7febea realm=Login to 4C01234PAZ12345 nonce=n1 "
		"uri=rtsp://192.0.2.1:554/x method=DESCRIBE asked accepted\n"
		"rtsp-session server RTSP Session\nrtsp-session server H264DVR\n");
	/* packets between messages, in pieces */
	SERVER(&p, "$\x00\x00\x04"
		   "RTSP$\x01\x00");
	SERVER(&p, "\x0a"
		   "0123456");
	SERVER(&p, "789\r\nRTSP/1.0 200 OK\r\nCSeq: 4\r\nServer: again\r\n\r\n");
	expect_told(&p, "rtsp-server server again\n");
}

static void expect_answer(const char *request, const char *response, const char *expected)
{
	begin();
	parsing_stream(&p, true, request, strlen(request), false, false);
	expect_told(&p, "");
	parsing_stream(&p, false, response, strlen(response), false, false);
	expect_told(&p, expected);
}

#define BASIC "Authorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n"
#define CLEAR "login server clear user=lab-user secret=lab-pass "
#define XM                                                                                         \
	"DESCRIBE rtsp://192.0.2.1/user=lab_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream "
#define XM_URI "rtsp-uri server /user=*_password=*_channel=1_stream=0.sdp\n"

static void test_what_an_answer_means(void **state)
{
	(void)state;
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n", SERVED CLEAR "accepted\n");
	expect_answer("SETUP /a RTSP/2.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/2.0 200 OK\r\nCSeq: 7\r\n\r\n", SERVED CLEAR "accepted\n");
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 401 no\r\nCSeq: 7\r\n\r\n", SERVED CLEAR "refused\n");
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 401 no\r\nCSeq: 7\r\nWWW-Authenticate: Digest realm=\"r\", "
		      "stale=true\r\n\r\n",
		      SERVED "rtsp-realm server r\n");
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 404 no\r\nCSeq: 7\r\n\r\n", SERVED);
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 100 go\r\nCSeq: 7\r\n\r\n"
		      "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n",
		      SERVED CLEAR "accepted\n");
	/* another's answer, none's answer, and a method that needs no login */
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 200 OK\r\nCSeq: 8\r\n\r\n", SERVED);
	expect_answer("SETUP /a RTSP/1.0\r\n" BASIC, "RTSP/1.0 200 OK\r\n\r\n", SERVED);
	expect_answer("OPTIONS /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC,
		      "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n", SERVED);
	expect_answer("SETUP /a RTSP/1.0\r\nCSeq: 7\r\nAuthorization: Other x\r\n\r\n",
		      "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n", SERVED);
}

static void test_logins_in_addresses(void **state)
{
	(void)state;
	expect_answer(XM "RTSP/1.0\r\nCSeq: 2\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
		      SERVED XM_URI "login server sofia user=lab secret=tlJwpbo6 accepted\n");
	expect_answer(XM "RTSP/1.0\r\nCSeq: 2\r\n\r\n", "RTSP/1.0 401 x\r\nCSeq: 2\r\n\r\n",
		      SERVED XM_URI "login server sofia user=lab secret=tlJwpbo6 refused\n");
	expect_answer("DESCRIBE rtsp://192.0.2.1/user=lab&password=lab-pass&channel=1&stream=0.sdp "
		      "RTSP/1.0\r\nCSeq: 2\r\n\r\n",
		      "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
		      SERVED "rtsp-uri server /user=*&password=*&channel=1&stream=0.sdp\n"
			     "login server clear user=lab secret=lab-pass accepted\n");
	expect_answer(
		"DESCRIBE rtsp://192.0.2.1/user=lab_password=short_channel=1 RTSP/1.0\r\nCSeq: 2\r\n\r\n",
		"RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
		SERVED "rtsp-uri server /user=*_password=*_channel=1\n"
		       "login server sofia user=lab secret=short cut accepted\n");
	expect_answer(
		"DESCRIBE rtsp://192.0.2.1/user=_password=_channel=1 RTSP/1.0\r\nCSeq: 2\r\n\r\n",
		"RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
		SERVED "rtsp-uri server /user=*_password=*_channel=1\n");
	expect_answer("DESCRIBE rtsp://u:p@192.0.2.1/user=lab RTSP/1.0\r\nCSeq: 2\r\n\r\n",
		      "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n", SERVED "rtsp-uri server /user=*\n");
}

static void test_a_server_that_asks(void **state)
{
	(void)state;
	begin();
	SERVER(&p, "OPTIONS * RTSP/1.0\r\nCSeq: 9\r\nUser-Agent: x\r\n\r\n");
	CLIENT(&p, "RTSP/1.0 200 OK\r\nCSeq: 9\r\nServer: client\r\n\r\n");
	expect_told(&p, "");
}

static void test_lost_bytes(void **state)
{
	static const char tail[] = "end of a picture", ok[] = "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n";

	(void)state;
	begin();
	CLIENT(&p, "SETUP /a RTSP/1.0\r\nCSeq: 7\r\n" BASIC);
	parsing_stream(&p, false, tail, sizeof tail - 1, true, false);
	parsing_stream(&p, false, ok, sizeof ok - 1, false, false);
	expect_told(&p, SERVED);
	CLIENT(&p, "no RTSP at all\r\n");
	CLIENT(&p, "SETUP /a RTSP/1.0\r\nCSeq: 8\r\nContent-Length: x\r\n" BASIC);
	SERVER(&p, "RTSP/1.0 200 OK\r\nCSeq: 8\r\n\r\n");
	expect_told(&p, "");
	CLIENT(&p, "\r\nSETUP /a OTHER/1.0\r\nCSeq: 8\r\n\r\n");
	SERVER(&p, "RTSP/1.0 2000 OK\r\n\r\n");
	expect_told(&p, "");
	/* as many requests as are remembered, and one more */
	begin();
	for (char i = '1'; i < '7'; i++) {
		char text[] = "DESCRIBE /a RTSP/1.0\r\nCSeq: 1\r\n\r\n";

		*(strchr(text, ':') + 2) = i;
		parsing_stream(&p, true, text, sizeof text - 1, false, false);
	}
	SERVER(&p, "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 6\r\n\r\n");
	expect_told(&p, SERVED "rtsp-uri server /a\n");
}

static const char talk_client[] = "DESCRIBE /a RTSP/1.0\nCSeq: 2\n\n"
				  "SETUP /a RTSP/1.0\r\nCSeq: 3\r\n" BASIC;
static const char talk_server[] =
	"RTSP/1.0 401 x\r\nCSeq: 2\r\nWWW-Authenticate: Basic realm=\"r\"\r\n\r\n"
	"$\x01\x00\x03"
	"abcRTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Type: application/sdp\r\n"
	"Content-Length: 7\r\n\r\ns=cam\r\n";

static void test_cut_anywhere(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof talk_client - 1; i++)
		parsing_stream(&p, true, talk_client + i, 1, false, false);
	for (size_t i = 0; i < sizeof talk_server - 1; i++)
		parsing_stream(&p, false, talk_server + i, 1, false, false);
	expect_told(&p, SERVED "rtsp-realm server r\nrtsp-uri server /a\n" CLEAR
			       "accepted\nrtsp-session server cam\n");
	for (size_t cut = 0; cut < sizeof talk_server - 1; cut++) {
		begin();
		CLIENT(&p, "SETUP /a RTSP/1.0\r\nCSeq: 3\r\n" BASIC);
		parsing_stream(&p, false, talk_server, cut, false, true);
		assert_true(cut > 120 || strstr(p.text, "login") == NULL);
		begin();
		parsing_stream(&p, false, talk_server + cut, sizeof talk_server - 1 - cut, true,
			       true);
		assert_null(strstr(p.text, "login"));
	}
	forget();
}

static enum match mine(const char *text)
{
	begin();
	return parsing_mine(&p, true, text, strlen(text));
}

static void test_whose_it_is(void **state)
{
	static const char *const not_ours[] = {"OPTIONS * HTTP/1.1\r\n",
					       "GET / HTTP/1.1\r\n",
					       "HTTP/1.1 200 OK\r\n",
					       "SIP/2.0 200 OK\r\n",
					       "REGISTER sip:x SIP/2.0\r\n",
					       "DESCRIBE x RTSP/1.0\r\n",
					       "$\x01\x02\x03",
					       "SETUP\r\n",
					       "RTSP/3.0 200 OK\r\n"};

	(void)state;
	assert_int_equal(mine("OPTIONS * RTSP/1.0\r\n"), MATCH_YES);
	assert_int_equal(mine("DESCRIBE rtsp://x/ RTSP/2.0\r\n"), MATCH_YES);
	assert_int_equal(mine("RTSP/1.0 200 OK\r\n"), MATCH_YES);
	assert_int_equal(mine("RTSP/2.0 200 OK\r\n"), MATCH_YES);
	assert_int_equal(mine("RTSP/"), MATCH_MAYBE);
	assert_int_equal(mine("DESCRIBE rt"), MATCH_MAYBE);
	for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++)
		assert_int_equal(mine(not_ours[i]), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stream),
		cmocka_unit_test(test_what_an_answer_means),
		cmocka_unit_test(test_logins_in_addresses),
		cmocka_unit_test(test_a_server_that_asks),
		cmocka_unit_test(test_lost_bytes),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
