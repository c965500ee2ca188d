/* SPDX-License-Identifier: MIT */
/* proto/ftp: whose answer an answer is, and which 220 is a mail server's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static void refused_then_accepted(void **state)
{
	static const struct said said[] = {
		S("220-\r\n220-Welcome to the LAB\r\n220 ready\r\n"),
		C("USER lab-user\r\n"),
		S("331 Password required for lab-user.\r\n"),
		C("PASS wrong one \r\n"),
		S("530 Login incorrect.\r\n"),
		C("USER lab-user\r\n"),
		S("331 Password required\r\n"),
		C("PASS lab-pass\r\n"),
		S("230-Hello\r\n 530 this is text\r\n230 Logged in\r\n"),
		C("SYST\r\n"),
		S("215 UNIX Type: L8\r\n"),
		C("SYST\r\n"),
		S("215 UNIX Type: L8\r\n"),
	};

	(void)state;
	dialogue_expect(&proto_ftp, 21, SAID(said),
			"ftp-banner server Welcome to the LAB\n"
			"service server ftp\n"
			"login server clear user=lab-user secret=wrong one  refused\n"
			"login server clear user=lab-user secret=lab-pass accepted\n"
			"ftp-system server UNIX Type: L8\n");
}

/* USER root came before the answers to admin: the first pair is gone, and nothing is laid upon the second but its own. */
static void typed_ahead(void **state)
{
	static const struct said said[] = {
		C("user admin\r\npass 1234\r\nUSER root\r\nPASS \r\nQUIT\r\n"),
		S("220 Camera FTP server ready, SN: 12345678\r\n331 a\r\n530 b\r\n331 c\r\n230 d\r\n221 bye\r\n"),
	};

	(void)state;
	dialogue_expect(&proto_ftp, 2121, SAID(said),
			"ftp-banner server Camera FTP server ready\n"
			"service server ftp\n"
			"login server clear user=root accepted\n");
}

/*
 * Lines that a server passes over, or reads as another command than we do: its answers must not be counted as if each
 * line had one, or the welcome of one name were laid upon the password of another.
 */
static void lines_without_answer(void **state)
{
	static const struct said forged[][8] = {
		{S("220 FTP\r\n"), C("USER admin\r\n\r\n\r\nPASS 1234\r\n"),
		 S("331 a\r\n530 b\r\n"), C("\xff\xf4USER anonymous\r\n"), S("331 c\r\n"),
		 C("\xff\xf4PASS x\r\n"), S("230 d\r\n"), S("")},
		{S("220 FTP\r\n"), C("USER admin\r\nuser\tguest\r\nPASS 1234\r\n"),
		 S("331 a\r\n331 b\r\n230 c\r\n"), S(""), S(""), S(""), S(""), S("")}};
	static const struct said plain[] = {S("220 FTP\r\n"), C("\r\nUSER lab-user\r\n"),
					    S("331 a\r\n"), C("\r\nPASS lab-pass\r\n"),
					    S("230 b\r\n")};

	(void)state;
	for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
		static struct parsing p;

		parsing_init(&p, &proto_ftp, 40000, 21);
		dialogue_feed(&p, forged[i], 8, SIZE_MAX / 2, SIZE_MAX);
		assert_null(strstr(p.text, "accepted"));
		parsing_fini(&p);
	}
	dialogue_expect(&proto_ftp, 21, SAID(plain),
			"ftp-banner server FTP\nservice server ftp\n"
			"login server clear user=lab-user secret=lab-pass accepted\n");
}

static void no_password_asked(void **state)
{
	static const struct said said[] = {S("220 FTP\r\n"), C("USER admin\r\n"), S("230 in\r\n"),
					   C("PASS never-tried\r\n"), S("230 still in\r\n")};

	(void)state;
	dialogue_expect(&proto_ftp, 21, SAID(said), "ftp-banner server FTP\nservice server ftp\n");
}

static void nobody_in_particular(void **state)
{
	static const struct said anonymous[] = {S("220 (vsFTPd 2.3.5)\r\n"),
						C("USER anonymous\r\n"), S("331 mail?\r\n"),
						C("PASS a@example.com\r\n"), S("230 in\r\n")};
	static const struct said refused[] = {S("220 FTP\r\n"), C("USER eve\r\n"), S("530 no\r\n"),
					      C("PASS x\r\n"), S("503 USER first\r\n")};
	static const struct said busy[] = {S("220 FTP\r\n"), C("USER eve\r\n"), S("331 go\r\n"),
					   C("PASS x\r\n"), S("421 too many\r\n")};

	(void)state;
	dialogue_expect(&proto_ftp, 21, SAID(anonymous),
			"ftp-banner server (vsFTPd 2.3.5)\nservice server ftp\n");
	dialogue_expect(&proto_ftp, 21, SAID(refused),
			"ftp-banner server FTP\nservice server ftp\n");
	dialogue_expect(&proto_ftp, 21, SAID(busy), "ftp-banner server FTP\nservice server ftp\n");
}

static void encrypted_from_here(void **state)
{
	static const struct said said[] = {S("220 FTP\r\n"), C("AUTH TLS\r\n"), S("234 go\r\n"),
					   C("USER x\r\nPASS y\r\n"), S("230 no\r\n")};

	(void)state;
	dialogue_expect(&proto_ftp, 21, SAID(said), "ftp-banner server FTP\nservice server ftp\n");
}

/* A 220 alone is nobody's, and neither are answers that are none. */
static void greeting_alone(void **state)
{
	static const struct said said[] = {S("220 lab.example ready\r\n"), C("HELO x\r\n"),
					   S("250 hello\r\n")};
	static const struct said noise[] = {S("what?\r\n220 FTP\r\n")};

	(void)state;
	dialogue_expect(&proto_ftp, 21, SAID(said), "");
	dialogue_expect(&proto_ftp, 21, SAID(noise), "");
}

static void after_a_gap(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_ftp, 40000, 21);
	SERVER(&p, "220 FTP\r\n");
	CLIENT(&p, "USER admin\r\n");
	SERVER(&p, "331 go\r\n");
	parsing_stream(&p, true, "PASS 1234\r\n", 11, true, false);
	SERVER(&p, "230 in\r\n");
	expect_told(&p, "ftp-banner server FTP\nservice server ftp\n");
	CLIENT(&p, "USER lab\r\nPASS ahead\r\n");
	SERVER(&p, "331 go\r\n530 no\r\n");
	expect_told(&p, "");
	CLIENT(&p, "PASS again\r\n");
	SERVER(&p, "503 no\r\n");
	CLIENT(&p, "USER lab\r\n");
	SERVER(&p, "331 go\r\n");
	CLIENT(&p, "PASS lab-pass\r\n");
	SERVER(&p, "230 in\r\n");
	expect_told(&p, "login server clear user=lab secret=lab-pass accepted\n");
	parsing_fini(&p);
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_ftp, 21, false, "220 Camera\r\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_ftp, 9021, false, "220-ProFTPD 1.3\r\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_ftp, 9021, false, "220 Camera\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 21, false, "220 mail ESMTP\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 25, false, "220 ftp.example Postfix\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 21, false, "SSH-2.0-x\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 21, false, "200 news\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 21, false, "220x"), MATCH_NO);
	assert_int_equal(MINE(&proto_ftp, 21, false, ""), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ftp, 21, false, "22"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ftp, 21, false, "220 Came"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ftp, 21, true, "USER admin\r\n"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ftp, 80, true, "GET / HTTP/1.0\r\n"), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_then_accepted),
		cmocka_unit_test(typed_ahead),
		cmocka_unit_test(lines_without_answer),
		cmocka_unit_test(no_password_asked),
		cmocka_unit_test(nobody_in_particular),
		cmocka_unit_test(encrypted_from_here),
		cmocka_unit_test(greeting_alone),
		cmocka_unit_test(after_a_gap),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
