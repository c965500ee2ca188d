/* SPDX-License-Identifier: MIT */
/*
 * proto/dahua on invented messages: discovery, logins of TCP 37777 in each form, JSON calls over TCP and HTTP, cuts.
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

static void put_le32(uint8_t *at, size_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static struct message dhip(const char *json)
{
	struct message m = {.bytes = {0x20, 0, 0, 0, 'D', 'H', 'I', 'P'}, .len = 32 + strlen(json)};

	put_le32(m.bytes + 16, strlen(json));
	put_le32(m.bytes + 24, strlen(json));
	memcpy(m.bytes + 32, json, strlen(json));
	return m;
}

/* A frame of the binary protocol; its middle is 16 bytes from position 8 on. */
static struct message frame(uint8_t first, uint8_t form, const char middle[16], const char *payload)
{
	struct message m = {.bytes = {first, form}, .len = 32 + strlen(payload)};

	put_le32(m.bytes + 4, strlen(payload));
	memcpy(m.bytes + 8, middle, 16);
	memcpy(m.bytes + 24, "\x05\x02\x01\x01\x00\x00\xa1\xaa", 8);
	memcpy(m.bytes + 32, payload, strlen(payload));
	return m;
}

static struct message json_frame(const char *json)
{
	struct message m = frame(0xf6, 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", json);

	put_le32(m.bytes + 16, strlen(json));
	return m;
}

static void begin(uint16_t server_port)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_dahua, 50123, server_port);
}

static void send_message(bool from_client, struct message m)
{
	parsing_stream(&p, from_client, m.bytes, m.len, false, false);
}

/* ---- discovery ---- */

#define NOTIFY(fields)                                                                                        \
	"{\"mac\":\"00:00:5e:00:53:01\",\"method\":\"client.notifyDevInfo\",\"params\":{\"deviceInfo\":{"     \
	"\"AlarmInputChannels\":4,\"DeviceClass\":\"NVR\",\"DeviceType\":\"LAB-NVR\\/0000\",\"HttpPort\":80," \
	"\"IPv4Address\":{\"DefaultGateway\":\"192.0.2.1\",\"IPAddress\":\"192.0.2.2\"}," fields              \
	"\"MachineName\":\"NVR\",\"Port\":37777,\"SerialNo\":\"EXAMPLE0000\"}}}\n"
#define FOUND                                                                                      \
	"beacon server dahua\nservice server dahua\ndahua-class server NVR\n"                      \
	"dahua-type server LAB-NVR/0000\n"

static void discovery_names_the_device(void **unused)
{
	static const struct {
		const char *answer, *told;
	} answers[] = {
		{NOTIFY("\"Init\":166,\"Manufacturer\":\"Private\",\"Vendor\":\"Lab\",\"Version\":\"3.210.2.0\","),
		 FOUND
		 "dahua-version server 3.210.2.0\ndahua-vendor server Lab\ndahua-init server 166\n"},
		{NOTIFY("\"Manufacturer\":\"Private\",\"Version\":\"2.420.AC00.15.R.20151212\","),
		 FOUND
		 "dahua-version server 2.420.AC00.15.R.20151212\ndahua-built server 20151212\n"
		 "dahua-vendor server Private\ndahua-init server absent\n"},
		{NOTIFY("\"Vendor\":\"\",\"Manufacturer\":\"Private\",\"Version\":\"2.400.0000.16.R, build : 2017-08-31\","),
		 FOUND "dahua-version server 2.400.0000.16.R, build : 2017-08-31\n"
		       "dahua-built server 2017-08-31\ndahua-vendor server Private\n"
		       "dahua-init server absent\n"},
		{NOTIFY("\"BuildDate\":\"2016-01-02\",\"Init\":\"x\",\"Version\":\"2.20151312.20151200.120151212\","),
		 FOUND "dahua-version server 2.20151312.20151200.120151212\n"
		       "dahua-built server 2016-01-02\n"},
		{NOTIFY("\"Init\":1,\"Version\":\"2.20151312.20151200.120151212.201512123.2015-00-01\","),
		 FOUND "dahua-version server 2.20151312.20151200.120151212.201512123.2015-00-01\n"
		       "dahua-init server 1\n"},
	};

	(void)unused;
	begin(37810);
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct message m = dhip(answers[i].answer);

		assert_int_equal(parsing_mine(&p, false, m.bytes, m.len), MATCH_YES);
		assert_true(parsing_datagram(&p, false, m.bytes, m.len));
		expect_told(&p, answers[i].told);
	}
}

/* The first fragment of an answer holds the first part of it: what stands there is told, nothing is said to be absent. */
static void cut_discovery_tells_what_stands_before(void **unused)
{
	static const char whole[] = NOTIFY("\"Vendor\":\"Lab\",\"Version\":\"3.210.2.0\",");
	static const char told[] = FOUND "dahua-version server 3.210.2.0\ndahua-vendor server Lab\n"
					 "dahua-init server absent\n";
	struct message m = dhip(whole);
	size_t complete = m.len - 3;

	(void)unused;
	begin(37810);
	for (size_t n = 0; n < m.len; n++) {
		parsing_datagram(&p, false, m.bytes, n);
		assert_int_equal(strstr(p.text, "absent") != NULL, n >= complete);
		for (char *line = strtok(p.text, "\n"); line != NULL; line = strtok(NULL, "\n"))
			assert_non_null(strstr(told, line));
		p.len = 0;
		p.text[0] = '\0';
	}
}

static void questions_tell_nothing(void **unused)
{
	struct message m =
		dhip("{\"method\":\"DHDiscover.search\",\"params\":{\"mac\":\"\",\"uni\":1}}");

	(void)unused;
	begin(37810);
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, m.bytes, m.len));
	m = dhip("");
	assert_true(parsing_datagram(&p, true, m.bytes, m.len));
	expect_told(&p, "");
}

/* ---- TCP 37777 ---- */

#define HASH "0123456789ABCDEF0123456789ABCDEF"
#define WELCOME "\x00\x08\x00\x00\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00"
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define SERVED "service server dahua\ndahua-dvrip server server\n"
#define CHALLENGED " realm=Login to EXAMPLE nonce=1234567890 asked"

static void send_challenge(void)
{
	send_message(true, frame(0xa0, 1, ZEROS, ""));
	send_message(false, frame(0xb0, 1, "\x01\x00\0\0\0\0\0\0\0\0\0\0\0\0\0",
				  "Realm:Login to EXAMPLE\r\nRandom:1234567890\r\n\r\n"));
	expect_told(&p, SERVED);
}

static void hash_logins_answer_a_challenge(void **unused)
{
	static const struct {
		const char *secret, *scheme, *answer, *outcome;
	} logins[] = {
		{HASH HASH, "dahua-both", WELCOME, "accepted"},
		{HASH, "dahua-gen2", "\x01\x00\0\0\0\0\0\0\0\0\0\0\0\0\0", "refused"},
		{"6QNMIQGe", "sofia", "\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0", "refused"},
		{"0123456789abcdef0123456789abcdef", "hashed", "\x01\x04\0\0\0\0\0\0\0\0\0\0\0\0\0",
		 "refused"},
		{HASH, "dahua-gen2", "\x01\x11\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL},
		{HASH, "dahua-gen2", "\x03\x03\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL},
		{HASH, "dahua-gen2", ZEROS, NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		char text[400];

		begin(37777);
		send_challenge();
		snprintf(text, sizeof text, "lab-user&&%s", logins[i].secret);
		send_message(true, frame(0xa0, 5, ZEROS, text));
		expect_told(&p, "");
		send_message(false, frame(0xb0, 0, logins[i].answer, ""));
		snprintf(text, sizeof text,
			 "login server %s user=lab-user secret=%s" CHALLENGED " %s\n",
			 logins[i].scheme, logins[i].secret,
			 logins[i].outcome == NULL ? "" : logins[i].outcome);
		expect_told(&p, logins[i].outcome == NULL ? "" : text);
	}
}

static void hashes_without_their_challenge_prove_nothing(void **unused)
{
	(void)unused;
	begin(37777);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH HASH));
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(false, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, "login server hashed user=lab-user secret=" HASH HASH " unanswered\n" SERVED
			"login server hashed user=lab-user secret=" HASH " accepted\n");
	send_message(true, frame(0xa0, 5, ZEROS, "no such form"));
	send_message(false, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, "");
}

static void the_oldest_logins_are_in_the_header(void **unused)
{
	static const struct {
		const char *middle, *told;
	} logins[] = {
		{"admin\0\0\0lab\0\0\0\0", "clear user=admin secret=lab"},
		{"admin\0\0\0\0\0\0\0\0\0\0", "clear user=admin"},
		{"admin\0\0\0lab-pass", "hashed user=admin secret=lab-pass"},
		{"lab-user888888\0", "hashed user=lab-user secret=888888"},
		{"admin\0x\0lab\0\0\0\0", "hashed"},
		{"\x91\xe3\x02\x44\x71\xf0\x0a\x33\x18\x92\x77\x0c\xb4\x55\x20", "hashed"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		char text[200];

		begin(37777);
		send_message(true, frame(0xa0, 0, logins[i].middle, ""));
		send_message(false, frame(0xb0, 0, WELCOME, ""));
		snprintf(text, sizeof text, SERVED "login server %s accepted\n", logins[i].told);
		expect_told(&p, text);
	}
}

#define CALL(id, rest)                                                                             \
	"{\"id\":" id ",\"method\":\"global.login\",\"params\":{\"userName\":\"lab-user\"," rest   \
	"}}"
#define FIRST CALL("1", "\"password\":\"\",\"clientType\":\"Lab\"")
#define SECOND(password) CALL("2", "\"password\":\"" password "\",\"authorityType\":\"Default\"")
#define CHALLENGE                                                                                           \
	"{\"error\":{\"code\":268632079,\"message\":\"Component error: login challenge!\"},\"id\":1,"       \
	"\"params\":{\"encryption\":\"Default\",\"random\":\"1234567890\",\"realm\":\"Login to EXAMPLE\"}," \
	"\"result\":false,\"session\":7}\n"
#define REFUSAL                                                                                    \
	"{\"error\":{\"code\":268632085,\"message\":\"Component error\"},\"id\":2,\"result\":false}"
#define GEN2 "login server dahua-gen2 user=lab-user secret=" HASH CHALLENGED

static void json_calls_log_in(void **unused)
{
	struct message m;

	(void)unused;
	begin(37777);
	send_message(true, json_frame(FIRST));
	m = json_frame(CHALLENGE);
	parsing_stream(&p, false, m.bytes, 100, false, false);
	expect_told(&p, "");
	parsing_stream(&p, false, m.bytes + 100, m.len - 100, false, false);
	expect_told(&p, SERVED);
	send_message(true, json_frame(SECOND(HASH)));
	send_message(false, json_frame("{\"id\":9,\"result\":false}"));
	send_message(false, json_frame("{\"id\":2,\"note\":true}"));
	send_message(true, json_frame("{\"id\":3,\"method\":\"system.listService\"}"));
	expect_told(&p, "");
	send_message(false, json_frame(REFUSAL));
	expect_told(&p, GEN2 " refused\n");
	send_message(true, json_frame(SECOND(HASH)));
	send_message(
		false,
		json_frame("{\"id\":2,\"params\":{\"keepAliveInterval\":60},\"result\":true}"));
	expect_told(&p, GEN2 " accepted\n");
	/* A challenge out of date, without its parameters. */
	send_message(true, json_frame(SECOND(HASH)));
	send_message(false,
		     json_frame("{\"id\":2,\"error\":{\"code\":268632079},\"result\":false}"));
	expect_told(&p, "");
}

static void json_runs_over_dhip_and_http(void **unused)
{
	static const char first[] = FIRST, asked[] = CHALLENGE, second[] = SECOND(HASH),
			  welcome[] = "{\"id\":2,\"result\":true}";

	(void)unused;
	begin(5000);
	send_message(true, dhip(FIRST));
	send_message(false, dhip(CHALLENGE));
	send_message(true, dhip(SECOND(HASH)));
	send_message(false, dhip(welcome));
	expect_told(&p, SERVED GEN2 " accepted\n");
	begin(80);
	assert_false(parsing_datagram(&p, false, asked, sizeof asked - 1));
	assert_true(parsing_datagram(&p, true, first, sizeof first - 1));
	assert_false(parsing_datagram(&p, true, asked, sizeof asked - 1));
	assert_true(parsing_datagram(&p, false, asked, sizeof asked - 1));
	assert_true(parsing_datagram(&p, true, second, sizeof second - 1));
	assert_true(parsing_datagram(&p, false, welcome, sizeof welcome - 1));
	expect_told(&p, SERVED GEN2 " accepted\n");
	assert_false(parsing_datagram(&p, true, "{\"method\":\"other\"}", 18));
	assert_false(parsing_datagram(&p, true, "<html>", 6));
	assert_false(parsing_datagram(&p, true, "", 0));
}

static void eight_letters_are_the_old_hash_where_asked(void **unused)
{
	(void)unused;
	begin(37777);
	send_message(true, json_frame(FIRST));
	send_message(
		false,
		json_frame("{\"id\":1,\"params\":{\"realm\":\"r\",\"random\":\"n\",\"encryption\":"
			   "\"OldDigest\"},\"result\":false}"));
	send_message(true, json_frame(CALL("2", "\"password\":\"6QNMIQGe\"")));
	send_message(false, json_frame("{\"id\":2,\"result\":true}"));
	expect_told(&p,
		    SERVED "login server sofia user=lab-user secret=6QNMIQGe realm=r nonce=n asked "
			   "accepted\n");
	send_message(true, json_frame(CALL(
				   "3", "\"password\":\"6QNMIQGe\",\"authorityType\":\"Basic\"")));
	send_message(false, json_frame("{\"id\":3,\"result\":true}"));
	expect_told(
		&p,
		"login server hashed user=lab-user secret=6QNMIQGe realm=r nonce=n asked accepted\n");
}

/* ---- the stream ---- */

static struct message whole_login(bool client)
{
	struct message m =
		client ? frame(0xa0, 1, ZEROS, "")
		       : frame(0xb0, 1, ZEROS, "Realm:Login to EXAMPLE\r\nRandom:1234567890\r\n");
	struct message next = client ? frame(0xa0, 5, ZEROS, "lab-user&&" HASH HASH)
				     : frame(0xb0, 0, WELCOME, "");

	memcpy(m.bytes + m.len, next.bytes, next.len);
	m.len += next.len;
	return m;
}

static void single_bytes_and_cuts(void **unused)
{
	struct message client = whole_login(true), server = whole_login(false);
	size_t challenge = server.len - 32;

	(void)unused;
	for (size_t n = 0; n <= server.len; n++) {
		begin(37777);
		for (size_t i = 0; i < 32; i++)
			parsing_stream(&p, true, client.bytes + i, 1, false, false);
		for (size_t i = 0; i < n; i++) {
			if (i == challenge)
				parsing_stream(&p, true, client.bytes + 32, client.len - 32, false,
					       false);
			parsing_stream(&p, false, server.bytes + i, 1, false, false);
		}
		parsing_stream(&p, false, NULL, 0, false, true);
		assert_int_equal(strstr(p.text, "dahua-both") != NULL, n > challenge);
		assert_int_equal(strstr(p.text, "accepted") != NULL, n == server.len);
		assert_int_equal(strstr(p.text, "unanswered") != NULL,
				 n > challenge && n < server.len);
	}
}

static void media_is_counted_down(void **unused)
{
	static uint8_t media[8000];
	struct message head = frame(0xbc, 0, ZEROS, "");

	(void)unused;
	memset(media, 0xa0, sizeof media);
	begin(37777);
	put_le32(head.bytes + 4, 40000);
	send_message(false, head);
	for (size_t sent = 0; sent < 40000; sent += 4000)
		parsing_stream(&p, false, media, 4000, false, false);
	expect_told(&p, "");
	send_challenge();
	/* No frame, and one too long to be: the next segment is tried anew. */
	parsing_stream(&p, false, "garbage", 7, false, false);
	put_le32(head.bytes + 4, (1 << 20) + 1);
	send_message(false, head);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(false, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, GEN2 " accepted\n");
	/* Bytes of a frame are lost: what follows is no part of it. */
	put_le32(head.bytes + 4, 40000);
	send_message(false, head);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	/* The try's own answer may be among what is lost. */
	head = frame(0xb0, 0, WELCOME, "");
	parsing_stream(&p, false, head.bytes, head.len, true, false);
	expect_told(&p, GEN2 " unanswered\n");
	/* More JSON than a window holds is passed by. */
	begin(37777);
	send_challenge();
	head = json_frame("{\"id\":1,");
	put_le32(head.bytes + 4, 20008);
	put_le32(head.bytes + 16, 20008);
	send_message(false, head);
	for (size_t sent = 0; sent < 20000; sent += 4000)
		parsing_stream(&p, false, media, 4000, false, false);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(false, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, GEN2 " accepted\n");
}

/* One side alone proves nothing of the other; the sides may be mistaken for each other. */
/* In a gap may be another challenge of the server, or another try of the client. */
static void gaps_prove_nothing(void **unused)
{
	struct message welcome = frame(0xb0, 0, WELCOME, "");

	(void)unused;
	begin(37777);
	send_challenge();
	parsing_stream(&p, false, "x", 1, true, false);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(false, welcome);
	assert_null(strstr(p.text, "gen2"));
	assert_non_null(strstr(p.text, "login server hashed user=lab-user"));
	begin(37777);
	send_challenge();
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	parsing_stream(&p, true, "x", 1, true, false);
	send_message(false, welcome);
	assert_non_null(strstr(p.text, GEN2 " unanswered\n"));
	assert_null(strstr(p.text, "accepted"));
}

static void answers_come_from_the_other_side(void **unused)
{
	(void)unused;
	begin(37777);
	send_message(true, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(true, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, "");
	begin(37777);
	send_message(false, frame(0xa0, 5, ZEROS, "lab-user&&" HASH));
	send_message(true, frame(0xb0, 0, WELCOME, ""));
	expect_told(&p, "service client dahua\ndahua-dvrip client server\n"
			"login client hashed user=lab-user secret=" HASH " accepted\n");
	begin(37777);
	send_message(true, json_frame(FIRST));
	send_message(true, json_frame(CHALLENGE));
	expect_told(&p, "");
}

static void other_protocols_are_refused(void **unused)
{
	static const char *const others[] = {"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", "DHIP",
					     "SSH-2.0-lab",
					     "\x16\x03\x01\x02.............................."};
	struct message m = dhip("{}");

	(void)unused;
	begin(8000);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(parsing_mine(&p, true, others[i], strlen(others[i])), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, "", 0), MATCH_NO);
	for (size_t n = 1; n < 32; n++)
		assert_int_equal(parsing_mine(&p, true, m.bytes, n), MATCH_MAYBE);
	put_le32(m.bytes + 16, 1 << 21);
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = frame(0xa0, 1, ZEROS, "");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
	m.bytes[31] = 0;
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = frame(0xb0, 1, ZEROS, "Realm:Login to EXAMPLE\r\n");
	assert_int_equal(parsing_mine(&p, false, m.bytes, 36), MATCH_MAYBE);
	assert_int_equal(parsing_mine(&p, false, m.bytes, m.len), MATCH_YES);
	m = frame(0xb0, 1, ZEROS, "");
	assert_int_equal(parsing_mine(&p, false, m.bytes, m.len), MATCH_NO);
	m = json_frame("{\"id\":1}");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
	m = json_frame("<id>1</id>");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m.bytes[1] = 1;
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	m = frame(0xa1, 0, ZEROS, "");
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_NO);
	begin(37777);
	assert_int_equal(parsing_mine(&p, true, m.bytes, m.len), MATCH_YES);
}

static int fini(void **unused)
{
	(void)unused;
	parsing_fini(&p);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(discovery_names_the_device),
		cmocka_unit_test(cut_discovery_tells_what_stands_before),
		cmocka_unit_test(questions_tell_nothing),
		cmocka_unit_test(hash_logins_answer_a_challenge),
		cmocka_unit_test(hashes_without_their_challenge_prove_nothing),
		cmocka_unit_test(the_oldest_logins_are_in_the_header),
		cmocka_unit_test(json_calls_log_in),
		cmocka_unit_test(json_runs_over_dhip_and_http),
		cmocka_unit_test(eight_letters_are_the_old_hash_where_asked),
		cmocka_unit_test(single_bytes_and_cuts),
		cmocka_unit_test(media_is_counted_down),
		cmocka_unit_test(gaps_prove_nothing),
		cmocka_unit_test(answers_come_from_the_other_side),
		cmocka_unit_test(other_protocols_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, fini);
}
