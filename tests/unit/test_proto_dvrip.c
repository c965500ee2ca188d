/* SPDX-License-Identifier: MIT */
/*
 * proto/dvrip on invented messages of Xiongmai's boards: discovery, logins by the published hashes, media, cuts and gaps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"

static struct parsing p;

struct message {
	uint8_t bytes[8192];
	size_t len;
};

static struct message message_of(uint16_t id, const void *payload, size_t len, uint32_t claimed)
{
	struct message m = {.bytes = {0xff,
				      1,
				      0,
				      0,
				      7,
				      0,
				      0,
				      0,
				      1,
				      0,
				      0,
				      0,
				      0,
				      0,
				      (uint8_t)id,
				      (uint8_t)(id >> 8),
				      (uint8_t)claimed,
				      (uint8_t)(claimed >> 8),
				      (uint8_t)(claimed >> 16),
				      (uint8_t)(claimed >> 24)},
			    .len = 20 + len};

	memcpy(m.bytes + 20, payload, len);
	return m;
}

static struct message message(uint16_t id, const char *json)
{
	return message_of(id, json, strlen(json), (uint32_t)strlen(json));
}

static void append(struct message *to, struct message more)
{
	memcpy(to->bytes + to->len, more.bytes, more.len);
	to->len += more.len;
}

static void begin(void)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_dvrip, 50123, 34567);
}

static void send_message(bool from_client, struct message m)
{
	parsing_stream(&p, from_client, m.bytes, m.len, false, false);
}

static const char discovery[] =
	"{ \"Name\" : \"NetWork.NetCommon\", \"NetWork.NetCommon\" : { \"BuildDate\" : \"2014-11-24 16:47:14\", "
	"\"ChannelNum\" : 4, \"DeviceType\" : 1, \"HostIP\" : \"0x0A01A8C0\", \"HostName\" : \"LocalHost\", "
	"\"MAC\" : \"00:00:5e:00:53:01\", \"SN\" : \"0123456789abcdef\", \"TCPPort\" : 34567, "
	"\"Version\" : \"V4.02.R11.00000000.10010.000000.0000000\" }, \"Ret\" : 100 }\n";

static void discovery_names_the_firmware(void **unused)
{
	struct message m = message(1531, discovery);

	(void)unused;
	begin();
	assert_int_equal(parsing_mine(&p, false, m.bytes, m.len), MATCH_YES);
	assert_true(parsing_datagram(&p, false, m.bytes, m.len));
	expect_told(&p, "xm-version sender V4.02.R11.00000000.10010.000000.0000000\n"
			"xm-built sender 2014-11-24 16:47:14\n"
			"xm-host-name sender LocalHost\n"
			"beacon sender xiongmai\n");
	m = message(1531, "{\"NetWork.NetCommon\":{\"DeviceType\":\"50H10L\"}}");
	assert_true(parsing_datagram(&p, false, m.bytes, m.len));
	expect_told(&p, "xm-device-type sender 50H10L\nbeacon sender xiongmai\n");
	m = message(1531, "{\"NetWork.NetMail\":{},\"Name\":\"NetWork.NetCommon\"}");
	assert_true(parsing_datagram(&p, false, m.bytes, m.len));
	expect_told(&p, "");
	m = message_of(1531, "\x12\x34\x56", 3, 3);
	assert_true(parsing_datagram(&p, false, m.bytes, m.len));
	expect_told(&p, "xm-dvrip sender server\n");
}

/* Every cut tells a part of the whole, line by line, and never a cut value. */
static void cut_discovery_tells_what_stands_before(void **unused)
{
	struct message m = message(1531, discovery);

	(void)unused;
	begin();
	for (size_t n = 0; n < m.len; n++) {
		parsing_datagram(&p, false, m.bytes, n);
		for (char *line = strtok(p.text, "\n"); line != NULL; line = strtok(NULL, "\n"))
			assert_true(strcmp(line, "xm-built sender 2014-11-24 16:47:14") == 0 ||
				    strcmp(line, "xm-host-name sender LocalHost") == 0 ||
				    strcmp(line, "xm-version sender "
						 "V4.02.R11.00000000.10010.000000.0000000") == 0 ||
				    strcmp(line, "beacon sender xiongmai") == 0);
		p.len = 0;
		p.text[0] = '\0';
	}
}

static void questions_tell_nothing(void **unused)
{
	struct message m = message(1530, "");

	(void)unused;
	begin();
	m.bytes[4] = 0;
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, m.bytes, m.len));
	m = message(
		1532,
		"{ \"EncryptType\" : 1, \"Password\" : \"6QNMIQGe\", \"Username\" : \"admin\" }");
	assert_true(parsing_datagram(&p, true, m.bytes, m.len));
	expect_told(&p, "");
}

static struct message login_request(const char *encryption, const char *user, const char *password)
{
	char json[400];

	snprintf(
		json, sizeof json,
		"{ \"EncryptType\" : \"%s\", \"LoginType\" : \"DVRIP-Web\", \"PassWord\" : \"%s\", "
		"\"UserName\" : \"%s\" }\n",
		encryption, password, user);
	return message(1000, json);
}

static const char welcome[] =
	"{ \"AliveInterval\" : 20, \"ChannelNum\" : 4, \"DeviceType \" : \"DVR\", "
	"\"ExtraChannel\" : 0, \"Ret\" : 100, \"SessionID\" : \"0x00000007\" }\n";
#define SERVED "service server dvrip\nxm-dvrip server server\n"

static void logins_are_judged_by_the_answer(void **unused)
{
	static const struct {
		const char *encryption, *password, *answer, *told;
	} logins[] = {
		{"MD5", "tlJwpbo6", "{ \"Ret\" : 100 }",
		 SERVED "login server sofia user=admin secret=tlJwpbo6 accepted\n"},
		{"MD5", "6QNMIQGe", "{ \"Ret\" : 106 }",
		 SERVED "login server sofia user=admin secret=6QNMIQGe refused\n"},
		{"MD5", "nTBCS19C", "{ \"Ret\" : 203 }",
		 SERVED "login server sofia user=admin secret=nTBCS19C refused\n"},
		{"MD5", "nTBCS19C", "{ \"Ret\" : 206 }",
		 SERVED "login server sofia user=admin secret=nTBCS19C refused\n"},
		{"MD5", "nTBCS19C", "{ \"Ret\" : 207 }", SERVED},
		{"MD5", "nTBCS19C", "{ \"Ret\" : 101 }", SERVED},
		{"MD5", "too-long-a-hash", "{ \"Ret\" : 100 }",
		 SERVED "login server hashed user=admin secret=too-long-a-hash accepted\n"},
		{"MD5", "12-45678", "{ \"Ret\" : 100 }",
		 SERVED "login server hashed user=admin secret=12-45678 accepted\n"},
		{"3DES", "nTBCS19C", "{ \"Ret\" : 205 }",
		 SERVED "login server hashed user=admin secret=nTBCS19C refused\n"},
		{"None", "lab-pass", "{ \"Ret\" : 100 }",
		 SERVED "login server clear user=admin secret=lab-pass accepted\n"},
		{"NONE", "lab\\\"pass", "{ \"Ret\" : 100 }",
		 SERVED "login server clear user=admin secret=lab\\\"pass cut accepted\n"},
		{"NONE", "", "{ \"Ret\" : 106 }", SERVED "login server clear user=admin refused\n"},
		{"MD5", "nTBCS19C", "no JSON", SERVED},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		begin();
		send_message(true,
			     login_request(logins[i].encryption, "admin", logins[i].password));
		expect_told(&p, "");
		send_message(false, message(1001, logins[i].answer));
		expect_told(&p, logins[i].told);
		send_message(false, message(1001, "{ \"Ret\" : 100 }"));
		expect_told(&p, "");
	}
}

static void the_answer_names_the_device(void **unused)
{
	struct message m = login_request("MD5", "default", "OxhlwSG8");

	(void)unused;
	begin();
	m.bytes[14] = 999 & 255;
	m.bytes[15] = 999 >> 8;
	send_message(true, m);
	m = message(1000, welcome);
	append(&m,
	       message(1021,
		       "{ \"Name\" : \"SystemInfo\", \"Ret\" : 100, \"SystemInfo\" : { \"BuildTime\" : "
		       "\"2015-03-05 10:11:12\", \"DeviceModel\" : \"7004T\", \"HardWare\" : \"MBD6304T\", "
		       "\"SerialNo\" : \"0123456789abcdef\", \"SoftWareVersion\" : \"V4.02.R11\" } }\n"));
	send_message(false, m);
	expect_told(&p, SERVED "login server sofia user=default secret=OxhlwSG8 accepted\n"
			       "xm-device-type server DVR\n"
			       "xm-version server V4.02.R11\n"
			       "xm-built server 2015-03-05 10:11:12\n"
			       "xm-hardware server MBD6304T\n"
			       "xm-device-type server 7004T\n");
	m = message(1488, "{ \"Ret\" : 100 }");
	send_message(false, m);
	expect_told(&p, "");
}

static void single_bytes_tell_the_same(void **unused)
{
	struct message request = login_request("MD5", "admin", "tlJwpbo6"),
		       answer = message(1001, welcome);

	(void)unused;
	begin();
	for (size_t i = 0; i < request.len; i++)
		parsing_stream(&p, true, request.bytes + i, 1, false, false);
	for (size_t i = 0; i < answer.len; i++)
		parsing_stream(&p, false, answer.bytes + i, 1, false, false);
	expect_told(&p, SERVED "login server sofia user=admin secret=tlJwpbo6 accepted\n"
			       "xm-device-type server DVR\n");
}

/* The connection ends within the answer: only what was read of it counts. */
static void cut_answers_claim_nothing_false(void **unused)
{
	struct message request = login_request("MD5", "admin", "tlJwpbo6"),
		       answer = message(1001, welcome);
	size_t whole = 20 + (size_t)(strstr(welcome, "100,") - welcome) + 4;

	(void)unused;
	for (size_t n = 0; n < answer.len; n++) {
		begin();
		send_message(true, request);
		parsing_stream(&p, false, answer.bytes, n, false, true);
		if (n == 0)
			parsing_stream(&p, false, NULL, 0, false, true);
		assert_int_equal(strstr(p.text, "accepted") != NULL, n >= whole);
		assert_null(strstr(p.text, "refused"));
	}
}

static void media_is_counted_down(void **unused)
{
	static uint8_t media[8000];
	struct message head = message_of(1412, "\x00\x00\x01\xfc", 4, 100004), m;

	(void)unused;
	begin();
	memset(media, 0xff, sizeof media);
	send_message(false, head);
	for (size_t sent = 0; sent < 100000; sent += 4000)
		parsing_stream(&p, false, media, 4000, false, false);
	expect_told(&p, "");
	send_message(false, message(1001, welcome));
	expect_told(&p, SERVED "xm-device-type server DVR\n");
	/* Too much for a message, then a segment that begins with one. */
	m = message_of(1412, "", 0, (1 << 20) + 1);
	send_message(false, m);
	send_message(true, login_request("MD5", "admin", "tlJwpbo6"));
	send_message(false, message(1001, "{ \"Ret\" : 100 }"));
	expect_told(&p, "login server sofia user=admin secret=tlJwpbo6 accepted\n");
	/* A login that would fill more than a window is passed by. */
	head = message_of(1001, "{ \"Ret\" : 100, \"x\" : \"", 22, 20022);
	send_message(false, head);
	for (size_t sent = 0; sent < 20000; sent += 4000)
		parsing_stream(&p, false, media, 4000, false, false);
	send_message(false, message(1021, "{ \"SystemInfo\" : { \"HardWare\" : \"X\" } }"));
	expect_told(&p, "xm-hardware server X\n");
}

static void gaps_break_off_what_was_begun(void **unused)
{
	struct message request = login_request("MD5", "admin", "tlJwpbo6"),
		       answer = message(1001, welcome);

	(void)unused;
	begin();
	send_message(true, request);
	parsing_stream(&p, false, answer.bytes, 30, false, false);
	parsing_stream(&p, false, answer.bytes + 60, answer.len - 60, true, false);
	expect_told(&p, "login server sofia user=admin secret=tlJwpbo6 unanswered\n");
	send_message(true, login_request("MD5", "admin", "6QNMIQGe"));
	expect_told(&p, "");
	send_message(false, answer);
	expect_told(&p, SERVED "login server sofia user=admin secret=6QNMIQGe accepted\n"
			       "xm-device-type server DVR\n");
	send_message(true, request);
	parsing_stream(&p, true, NULL, 0, false, true);
	expect_told(&p, "");
	parsing_stream(&p, false, NULL, 0, false, true);
	expect_told(&p, "login server sofia user=admin secret=tlJwpbo6 unanswered\n");
}

/* A second try may be in the gap: the answer that follows is not laid upon the first. */
static void gaps_of_the_client_end_its_try(void **unused)
{
	(void)unused;
	begin();
	send_message(true, login_request("MD5", "admin", "tlJwpbo6"));
	parsing_stream(&p, true, "x", 1, true, false);
	expect_told(&p, "login server sofia user=admin secret=tlJwpbo6 unanswered\n");
	send_message(false, message(1001, welcome));
	expect_told(&p, SERVED "xm-device-type server DVR\n");
}

/* The opening was not seen and the wrong end is taken for the client; or the client answers itself. */
static void sides_are_told_by_what_they_say(void **unused)
{
	(void)unused;
	begin();
	send_message(false, login_request("MD5", "admin", "tlJwpbo6"));
	send_message(true, message(1001, "{ \"Ret\" : 100 }"));
	expect_told(&p, "service client dvrip\nxm-dvrip client server\n"
			"login client sofia user=admin secret=tlJwpbo6 accepted\n");
	begin();
	send_message(true, login_request("MD5", "admin", "tlJwpbo6"));
	send_message(true, message(1001, "{ \"Ret\" : 100 }"));
	send_message(true, message(1021, "{ \"SystemInfo\" : { \"HardWare\" : \"X\" } }"));
	assert_null(strstr(p.text, "login"));
	assert_null(strstr(p.text, "xm-hardware"));
}

static void other_protocols_are_refused(void **unused)
{
	static const char *const others[] = {
		"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
		"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x18\xff\xfd\x1f....",
		"\xff\xd8\xff\xe0....................",
		"\x16\x03\x01\x02....................",
	};
	struct message m;

	(void)unused;
	begin();
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(parsing_mine(&p, true, others[i], strlen(others[i])), MATCH_NO);
	m = message(1531, discovery);
	for (size_t n = 1; n < 20; n++)
		assert_int_equal(parsing_mine(&p, true, m.bytes, n), MATCH_MAYBE);
	assert_int_equal(parsing_mine(&p, true, m.bytes, 0), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, m.bytes, 20), MATCH_MAYBE);
	for (size_t n = 21; n < m.len; n++)
		assert_int_equal(parsing_mine(&p, true, m.bytes, n), MATCH_YES);
	m = message(989, "{}");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	assert_false(parsing_datagram(&p, true, m.bytes, m.len));
	m = message(3601, "{}");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = message_of(1000, "{}", 2, 0xffffffff);
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	parsing_fini(&p);
	/* Away from its ports it must look like JSON. */
	parsing_init(&p, &proto_dvrip, 50123, 8000);
	m = message(1000, "\x01\x02\x03");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = message(1000, "");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = message(1000, "{ }");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
	parsing_stream(&p, false, "\xff\x01garbage", 9, false, false);
	parsing_stream(&p, false, "\xff\x01", 2, false, true);
	expect_told(&p, "");
}

static int fini(void **unused)
{
	(void)unused;
	parsing_fini(&p);
	return 0;
}

/* The message that needs no login is an attack only from one who never tried to log in, and is told once. */
static void a_message_without_a_login(void **unused)
{
	struct message m = message(1009, "{\"Name\":\"EXAMPLE\"}");
	struct message login = message(
		1000, "{\"EncryptType\":\"MD5\",\"PassWord\":\"tlJwpbo6\",\"UserName\":\"lab\"}");

	(void)unused;
	begin();
	p.any_request = true;
	send_message(true, m);
	send_message(true, m);
	expect_told(&p, "exploit client DVRIP 1009\n");
	begin();
	p.any_request = true;
	send_message(false, m);
	assert_null(strstr(p.text, "exploit"));
	begin();
	p.any_request = true;
	send_message(true, login);
	send_message(true, m);
	expect_told(&p, "");
	begin();
	p.any_request = true;
	parsing_stream(&p, true, m.bytes, m.len, true, false);
	expect_told(&p, "");
	send_message(true, message(1010, "{}"));
	send_message(true, m);
	expect_told(&p, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_a_login),
		cmocka_unit_test(discovery_names_the_firmware),
		cmocka_unit_test(cut_discovery_tells_what_stands_before),
		cmocka_unit_test(questions_tell_nothing),
		cmocka_unit_test(logins_are_judged_by_the_answer),
		cmocka_unit_test(the_answer_names_the_device),
		cmocka_unit_test(single_bytes_tell_the_same),
		cmocka_unit_test(cut_answers_claim_nothing_false),
		cmocka_unit_test(media_is_counted_down),
		cmocka_unit_test(gaps_break_off_what_was_begun),
		cmocka_unit_test(gaps_of_the_client_end_its_try),
		cmocka_unit_test(sides_are_told_by_what_they_say),
		cmocka_unit_test(other_protocols_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, fini);
}
