/* SPDX-License-Identifier: MIT */
/*
 * proto/telnet: logins as devices and their callers carry them on. "Accepted" must never be said of a refusal, passwords
 * must never be told as commands, and no other protocol may be taken for telnet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

#define PROMPTED "service server telnet\ntelnet-prompt server login:\n"
#define ACCEPTED "login server clear user=root secret=lab-pass accepted\n"
#define REFUSED "login server clear user=root secret=lab-pass refused\n"

/* Name and password are given at their prompts; then comes what the server says. */
#define LOGIN S("login: "), C("root\r\n"), S("root\r\nPassword: "), C("lab-pass\r\n"), S("\r\n")

static void recorder(void **state)
{
	static const struct said said[] = {
		S("\xff\xfd\1\xff\xfd\x1f\xff\xfb\1\xff\xfb\3"),
		C("\xff\xfc\1\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0\xff\xfd\1\xff\xfd\3"),
		S("\x1b[2J****\r\nLab Recorder\r\n\r\nLocalHost login: "),
		C("root\r\0"),
		S("root\r\n"),
		S("Password: "),
		C("xc3511\r\0"),
		S("\r\nWelcome to the lab.\r\n[root@LocalHost /]$ "),
		C("enable\0\r\n"),
		S("enable\r\n-sh: enable: not found\r\n[root@LocalHost /]$ "),
		C("/bin/busybox EXAMPLE\r\n"),
		S("/bin/busybox EXAMPLE\r\nEXAMPLE: applet not found\r\n[root@LocalHost /]$ "),
	};

	(void)state;
	dialogue_expect(
		&proto_telnet, 23, SAID(said),
		"telnet-options server do 1 do 31 will 1 will 3\n"
		"service server telnet\n"
		"telnet-banner server Lab Recorder\n"
		"telnet-prompt server LocalHost login:\n"
		"login server clear user=root secret=xc3511 accepted\n"
		"telnet-command server enable\ntelnet-typed client enable\n"
		"telnet-output server -sh: enable: not found\n"
		"telnet-command server /bin/busybox EXAMPLE\ntelnet-typed client /bin/busybox EXAMPLE\n"
		"telnet-output server EXAMPLE: applet not found\n");
}

/* A person types: every key comes back. Backspace, kill, and a password with a shell's mark at its end. */
static void single_keys(void **state)
{
	static const struct said said[] = {
		S("\r\nUsername: "),
		C("a"),
		S("a"),
		C("b"),
		S("b"),
		C("\x7f"),
		S("\b \b"),
		C("d"),
		S("d"),
		C("\r\n"),
		S("\r\nPassword: "),
		C("zzz\x15"),
		C("k"),
		S("k"),
		C("#"),
		S("#"),
		C("\r\n"),
		S("\r\n\r\nLab Switch\r\nLab Switch 5 (su)->"),
		C("s"),
		S("s"),
		C("h"),
		S("h"),
		C("\r\n"),
		S("\r\nUnknown word\r\nLab Switch 5 (su)->"),
	};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(said),
			"service server telnet\n"
			"telnet-prompt server Username:\n"
			"login server clear user=ad secret=k# accepted\n"
			"telnet-command server sh\ntelnet-typed client sh\n"
			"telnet-output server Unknown word\n");
}

static void refusals(void **state)
{
	static const struct said clear[] = {LOGIN, S("Login incorrect\r\nlogin: ")};
	static const struct said again[] = {LOGIN, S("login: ")};
	static const struct said percent[] = {LOGIN, S("% Bad passwords\r\nlogin: ")};
	static const struct said likely[] = {LOGIN, S("Your account is locked!\r\nlogin: ")};
	static const struct said word[] = {LOGIN, S("please wait\r\nfailed\r\nlogin: ")};
	static const struct said closed[] = {LOGIN};
	static const struct said echoed[] = {S("login: "),  C("root\n"),     S("Password:"),
					     C("denied\n"), S("denied\r\n"), S("~ # "),
					     C("exit\n")};
	static struct parsing p;

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(clear), PROMPTED REFUSED);
	dialogue_expect(&proto_telnet, 23, SAID(again), PROMPTED REFUSED);
	dialogue_expect(&proto_telnet, 23, SAID(percent), PROMPTED REFUSED);
	dialogue_expect(&proto_telnet, 23, SAID(likely), PROMPTED REFUSED);
	dialogue_expect(&proto_telnet, 23, SAID(word), PROMPTED REFUSED);
	dialogue_expect(&proto_telnet, 23, SAID(closed), PROMPTED); /* the client went first */
	dialogue_expect(&proto_telnet, 23, SAID(echoed),
			PROMPTED "login server clear user=root secret=denied accepted\n"
				 "telnet-command server exit\ntelnet-typed client exit\n");

	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(closed), 100, SIZE_MAX);
	parsing_stream(&p, false, NULL, 0, false, true);
	expect_told(&p, PROMPTED REFUSED);
	parsing_fini(&p);
}

/* Three tries on one connection, and only a password is asked for. */
static void password_alone(void **state)
{
	static const struct said said[] = {
		S("Lab Access Verification\r\n\r\nPassword: "),
		C("one\r\n"),
		S("\r\nPassword: "),
		C("two\r\n"),
		S("\r\nAccess denied\r\nPassword: "),
		C("\r\n"),
		S("\r\nlab-gw>"),
		C("show\r\n"),
	};

	(void)state;
	dialogue_expect(&proto_telnet, 2323, SAID(said),
			"telnet-banner server Lab Access Verification\n"
			"service server telnet\n"
			"telnet-prompt server Password:\n"
			"login server clear secret=one no-user refused\n"
			"login server clear secret=two no-user refused\n"
			"login server clear no-user accepted\n"
			"telnet-command server show\ntelnet-typed client show\n");
}

/* What sounds like an end, and is none. */
static void words_of_the_day(void **state)
{
	static const struct said last[] = {
		LOGIN, S("Last failed login: Mon Nov 23 from 192.0.2.9\r\n"),
		S("Last login: Sun Nov 22\r\nNote: user: guest has no mail\r\nlab:~$ "),
		C("id\r\n")};
	static const struct said ash[] = {LOGIN, S("BusyBox v1.2 built-in shell (ash)\r\n")};
	static const struct said unsure[] = {LOGIN, S("mount failed\r\n~ # "), C("ls\r\n")};
	static const struct said several[] = {LOGIN, S("Lab modem\r\nLab ADSL modem> "),
					      C("x\r\n")};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(last),
			PROMPTED ACCEPTED "telnet-command server id\ntelnet-typed client id\n");
	dialogue_expect(&proto_telnet, 23, SAID(ash), PROMPTED ACCEPTED);
	dialogue_expect(&proto_telnet, 23, SAID(unsure),
			PROMPTED "telnet-command server ls\ntelnet-typed client ls\n");
	dialogue_expect(&proto_telnet, 23, SAID(several),
			PROMPTED ACCEPTED "telnet-command server x\ntelnet-typed client x\n");
}

/* No acceptance: rules, progress, pages, questions, refusals of menus, the password itself. */
static void not_accepted(void **state)
{
	static const struct said rule[] = {LOGIN, S("#########"), C("x\r\n")};
	static const struct said progress[] = {LOGIN, S("loading 99%"), C("x\r\n")};
	static const struct said page[] = {LOGIN, S("<html>"), C("x\r\n")};
	static const struct said user[] = {LOGIN, S("again\r\nuser> "), C("x\r\n")};
	static const struct said retry[] = {LOGIN, S("1. Retry login\r\n2. Login help\r\nSelect: "),
					    C("1\r\n")};
	static const struct said unknown[] = {
		LOGIN,	       S("Kasutaja?\r\n"), C("other\r\n"), S("Parool?\r\n"),
		C("word\r\n"), S("~ # "),	   C("ls\r\n")};
	static const struct said asked[] = {LOGIN, S("Kasutaja? "), C("other\r\n"), S("\r\n~ # "),
					    C("ls\r\n")};
	static const struct said echo[] = {S("login: "),  C("root\r\n"), S("Password: "),
					   C("abc$\r\n"), S("abc$"),	 C("x\r\n")};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(rule), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(progress), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(page), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(user), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(retry), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(unknown),
			PROMPTED "telnet-command server ls\ntelnet-typed client ls\n");
	dialogue_expect(&proto_telnet, 23, SAID(asked),
			PROMPTED "telnet-command server ls\ntelnet-typed client ls\n");
	dialogue_expect(&proto_telnet, 23, SAID(echo), PROMPTED);
}

static void menu(void **state)
{
	static const struct said said[] = {
		LOGIN, S("Main menu\r\n 1. Status\r\n [2] Network\r\n\r\nSelect: "), C("1\r\n"),
		S("1\r\nup\r\n")};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(said), PROMPTED ACCEPTED);
}

/* Bots do not wait: everything is sent at once, and the device answers with or without an echo. */
static void typed_ahead(void **state)
{
	static const struct said echo[] = {C("root\r\nlab-pass\r\nsh\r\n"),
					   S("Lab\r\nlogin: root\r\nPassword: \r\n~ # ")};
	static const struct said joined[] = {C("root\r\nlab-pass\r\n"), S("login: Password: "),
					     S("\r\nLogin incorrect\r\n")};
	static const struct said early[] = {S("login: "), C("root\r\nlab-pass\r\n"),
					    S("root\r\nPassword: "), S("\r\n# "), C("sh\r\n")};

	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(echo), 1000, SIZE_MAX);
	expect_told(&p, PROMPTED ACCEPTED "telnet-command server sh\ntelnet-typed client sh\n");
	parsing_fini(&p);
	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(joined), 1000, SIZE_MAX);
	expect_told(&p, "service server telnet\ntelnet-prompt server login: Password:\n" REFUSED);
	parsing_fini(&p);
	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(early), 1000, SIZE_MAX);
	expect_told(&p, PROMPTED ACCEPTED "telnet-command server sh\ntelnet-typed client sh\n");
	parsing_fini(&p);
}

static void no_password(void **state)
{
	static const struct said name[] = {S("login: "), C("root\r\n"), S("root\r\n# "),
					   C("ls\r\n")};
	static const struct said none[] = {S("\xff\xfb\1\xff\xfb\3/ # "), C("ls\r\n"),
					   S("ls\r\nbin\r\n/ # "), C("shell\r\nfoo\r\n")};

	(void)state;
	dialogue_expect(
		&proto_telnet, 23, SAID(name),
		PROMPTED
		"login server clear user=root accepted\ntelnet-command server ls\ntelnet-typed client ls\n");
	dialogue_expect(
		&proto_telnet, 23, SAID(none),
		"telnet-options server will 1 will 3\nservice server telnet\n"
		"telnet-command server ls\ntelnet-typed client ls\ntelnet-output server bin\n"
		"telnet-command server shell\ntelnet-typed client shell\ntelnet-command server foo\ntelnet-typed client foo\n");
}

/* Secrets behind the login are nobody's commands. */
static void secrets_in_the_shell(void **state)
{
	static const struct said said[] = {LOGIN,
					   S("~ # "),
					   C("passwd\r\n"),
					   S("passwd\r\nNew password: "),
					   C("secret-1\r\n"),
					   S("\r\nRetype password: "),
					   C("secret-1\r\n"),
					   S("\r\n~ # "),
					   C("su\r\nsecret-2\r\n"),
					   S("su\r\nPassword: \r\n~ # "),
					   C("telnet lab\r\n"),
					   S("telnet lab\r\nlogin: "),
					   C("someone\r\n"),
					   S("someone\r\nPassword: "),
					   C("secret-3\r\n"),
					   S("\r\n~ # "),
					   C("exit\r\n")};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(said),
			PROMPTED ACCEPTED
			"telnet-command server passwd\ntelnet-typed client passwd\n"
			"telnet-command server su\ntelnet-typed client su\n"
			"telnet-command server telnet lab\ntelnet-typed client telnet lab\n"
			"telnet-command server exit\ntelnet-typed client exit\n");
}

/* What takes a password as its argument is told by its first word, and everything beside it as it was typed. */
static void secrets_as_arguments(void **state)
{
	static const struct {
		const char *typed, *told;
	} lines[] = {
		{"passwd root secret-1", "passwd"},
		{"/bin/busybox passwd -d root", "/bin/busybox"},
		{"echo root:secret-1 | /usr/sbin/chpasswd", "echo"},
		{"cd /tmp; sshpass -p secret-1 ssh lab; ls", "cd /tmp;sshpass ls"},
		{"cd /tmp; echo 'root:secret;1' | chpasswd", "cd"},
		{"cat /etc/passwd", "cat /etc/passwd"},
		{"ls|cat;passwd", "ls|cat;passwd"},
		{"a;;b&&c", "a;;b&&c"},
		{"busybox", "busybox"},
		{"|;&", "|;&"},
	};
	char expected[200];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct parsing p;

		parsing_init(&p, &proto_telnet, 50123, 23);
		SERVER(&p, "\xff\xfb\1\xff\xfb\3~ # ");
		parsing_stream(&p, true, lines[i].typed, strlen(lines[i].typed), false, false);
		CLIENT(&p, "\r\n");
		snprintf(expected, sizeof expected,
			 "telnet-options server will 1 will 3\nservice server telnet\n"
			 "telnet-command server %s\ntelnet-typed client %s\n",
			 lines[i].told, lines[i].told);
		expect_told(&p, expected);
		parsing_fini(&p);
	}
}

static void languages(void **state)
{
	static const struct said german[] = {S("Benutzername: "), C("root\r\n"),
					     S("\r\nKennwort: "), C("lab-pass\r\n"),
					     S("\r\nlab# "),	  C("x\r\n")};
	static const struct said chinese[] = {S("用户名："), C("root\r\n"), S("\r\n密码："),
					      C("lab-pass\r\n"), S("\r\n密码错误\r\n")};
	static const struct said unknown[] = {
		S("Kasutaja: "),   C("root\r\n"),  S("\r\nPassword for lab: "),
		C("lab-pass\r\n"), S("\r\nlab# "), C("x\r\n")};
	static struct parsing p;

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(german),
			"service server telnet\ntelnet-prompt server Benutzername:\n" ACCEPTED
			"telnet-command server x\ntelnet-typed client x\n");
	dialogue_expect(&proto_telnet, 23, SAID(unknown),
			"service server telnet\ntelnet-prompt server Password for lab:\n" ACCEPTED
			"telnet-command server x\ntelnet-typed client x\n");
	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(chinese), 100, SIZE_MAX);
	assert_non_null(strstr(p.text, REFUSED));
	parsing_fini(&p);
}

static void gaps(void **state)
{
	static const struct said begun[] = {S("login: "), C("root\r\n"), S("root\r\nPassword: ")};
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(begun), 100, SIZE_MAX);
	expect_told(&p, PROMPTED);
	parsing_stream(&p, true, "pass\r\n", 6, true, false);
	SERVER(&p, "\r\n~ # ");
	CLIENT(&p, "ls\r\n");
	expect_told(&p, "telnet-command server ls\ntelnet-typed client ls\n");
	parsing_stream(&p, false, "n: x\r\nbin\r\n~ # ", 15, true, false);
	CLIENT(&p, "sh\r\n");
	expect_told(&p, "telnet-command server sh\ntelnet-typed client sh\n");
	parsing_fini(&p);

	parsing_init(&p, &proto_telnet, 40000, 23);
	dialogue_feed(&p, SAID(begun), 100, SIZE_MAX);
	CLIENT(&p, "lab-pass\r\n");
	parsing_stream(&p, false, "\r\n~ # ", 6, true, false);
	CLIENT(&p, "ls\r\n");
	expect_told(&p, PROMPTED "telnet-command server ls\ntelnet-typed client ls\n");
	parsing_fini(&p);
}

static void lengths(void **state)
{
	static struct parsing p;
	static char line[6000];

	(void)state;
	memset(line, 'a', sizeof line);
	line[sizeof line - 2] = '\r';
	line[sizeof line - 1] = '\n';
	parsing_init(&p, &proto_telnet, 40000, 23);
	parsing_stream(&p, false, line, sizeof line, false, false);
	SERVER(&p, "login: ");
	parsing_stream(&p, true, line, sizeof line, false, false);
	SERVER(&p, "\r\nPassword: ");
	parsing_stream(&p, true, line, sizeof line, false, false);
	SERVER(&p, "\r\n~ # ");
	assert_non_null(strstr(p.text, " cut accepted\n"));
	p.len = 0;
	for (int i = 0; i < 80; i++) {
		CLIENT(&p, "ls\r\n");
		SERVER(&p, "ls\r\nbin\r\n~ # ");
	}
	for (size_t i = 0, n = 0; i < p.len; i++) {
		n += p.text[i] == '\n';
		assert_true(n <= 192);
	}
	CLIENT(&p, "\t\x03\x08\x1b[A\r\n\xff");
	SERVER(&p, "\xff\xfa\x18\1\xff\xff\xff\xf0\xff\xf9\xff\xff\r\n");
	parsing_fini(&p);
	parsing_init(&p, &proto_telnet, 40000, 23);
	for (int i = 0; i < 20; i++)
		SERVER(&p, "\xff\xfd\1");
	CLIENT(&p, "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\n");
	SERVER(&p, "Enter: ");
	SERVER(&p, "\r\n~ # ");
	assert_non_null(strstr(p.text, "do 1 do 1 do 1"));
	assert_null(strstr(p.text, "command"));
	parsing_fini(&p);
}

static void recognised(void **state)
{
	static const char *const others[] = {"220 lab FTP login:",
					     "SSH-2.0-lab\r\n",
					     "HTTP/1.1 401 password:",
					     ":irc.example NOTICE",
					     "+OK login:",
					     "* OK login:",
					     "RFB 003.008\n",
					     "\0\0\0\1",
					     "\x16\3\1\2\0\1",
					     "{\"password\":",
					     "NOTICE AUTH :*** hello",
					     "\xff\xd8\xff\xe0",
					     "\xff\xfb\x90\x64\xff\xfb",
					     "GET / HTTP/1.1\r\n",
					     "@RSYNCD: 31.0\n"};
	static const struct {
		uint16_t port;
		bool client;
		const char *text;
		enum match match;
	} cases[] = {{23, false, "\xff\xfd\1", MATCH_YES},
		     {9000, false, "\xff\xfd\1", MATCH_MAYBE},
		     {9000, false, "\xff\xfd\1\xff\xfb\3", MATCH_YES},
		     {9000, true, "\xff\xfd\1\xff\xfb\3", MATCH_YES},
		     {9000, false, "\r\nLab\r\n(none) login: ", MATCH_YES},
		     {9000, false, "Password:", MATCH_YES},
		     {9000, false, "\"password\":", MATCH_MAYBE},
		     {9000, false, "login", MATCH_MAYBE},
		     {23, false, "login", MATCH_YES},
		     {23, false, "\x1b[2J~ # ", MATCH_YES},
		     {9000, false, "~ # ", MATCH_MAYBE},
		     {9000, true, "login: ", MATCH_MAYBE},
		     {23, true, "root\r\n", MATCH_MAYBE},
		     {23, true, "", MATCH_MAYBE}};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(dialogue_mine(&proto_telnet, cases[i].port, cases[i].client,
					       cases[i].text, strlen(cases[i].text)),
				 cases[i].match);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t len = others[i][0] == '\0' ? 4 : strlen(others[i]);

		assert_int_equal(dialogue_mine(&proto_telnet, 23, false, others[i], len), MATCH_NO);
		assert_int_equal(dialogue_mine(&proto_telnet, 23, true, others[i], len), MATCH_NO);
	}
	memset(text, 'a', sizeof text);
	assert_int_equal(dialogue_mine(&proto_telnet, 9000, false, text, sizeof text), MATCH_NO);
	assert_int_equal(dialogue_mine(&proto_telnet, 9000, true, text, sizeof text), MATCH_NO);
	assert_int_equal(dialogue_mine(&proto_telnet, 23, false, text, sizeof text), MATCH_YES);
}

/*
 * Whoever knows no password types what the server will echo: a prompt, a shell's words. What comes back proves nothing,
 * however the line is edited meanwhile.
 */
static void echoes_prove_nothing(void **state)
{
	static const struct said forged[][9] = {
		{LOGIN, C("# "), C("\ry"), S("# "), S("\r\ny")},
		{LOGIN, C("# \x15y"), S("# "), S("\b \b\b \by"), S("")},
		{LOGIN, C("\x1b[#m"), C("y"), S("^[[# "), S("y")},
		{LOGIN, C("sh: x: not found\ry"), S("sh: x: not found\r\n"), S("y"), S("")},
		{LOGIN, C("/bin/busybox : applet not found\ry"),
		 S("/bin/busybox : applet not found\r\n"), S("y"), S("")},
		{S("login: "), C("root\r\n"), C("# "), C("\ry"), S("root\r\n"), S("# "), S("\r\ny"),
		 S(""), S("")}};

	(void)state;
	for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
		static struct parsing p;

		parsing_init(&p, &proto_telnet, 40000, 23);
		dialogue_feed(&p, forged[i], 9, SIZE_MAX / 2, SIZE_MAX);
		dialogue_end(&p);
		assert_null(strstr(p.text, "accepted"));
		parsing_fini(&p);
	}
}

/* Joined in the middle: a name that was seen belongs to the login, and one that may have been missed makes it unclear. */
static void joined(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_telnet, 40000, 23);
	parsing_stream(&p, false, "\r\nlogin: ", 9, true, false);
	parsing_stream(&p, true, "bob\r\n", 5, true, false);
	SERVER(&p, "bob\r\nPassword: ");
	CLIENT(&p, "lab-pass\r\n");
	SERVER(&p, "\r\n~ # ");
	expect_told(&p, PROMPTED "login server clear user=bob secret=lab-pass accepted\n");
	parsing_fini(&p);

	parsing_init(&p, &proto_telnet, 40000, 23);
	parsing_stream(&p, false, "bob\r\nPassword: ", 15, true, false);
	parsing_stream(&p, true, "lab-pass\r\n", 10, true, false);
	SERVER(&p, "\r\n~ # ");
	expect_told(&p, "service server telnet\ntelnet-prompt server Password:\n"
			"login server clear secret=lab-pass cut accepted\n");
	parsing_fini(&p);

	parsing_init(&p, &proto_telnet, 40000, 23);
	SERVER(&p, "\r\nlogin: ");
	CLIENT(&p, "ro");
	parsing_stream(&p, true, "\r\n", 2, true, false);
	SERVER(&p, "\r\nPassword: ");
	CLIENT(&p, "lab-pass\r\n");
	SERVER(&p, "\r\n~ # ");
	expect_told(&p, PROMPTED "login server clear secret=lab-pass cut accepted\n");
	parsing_fini(&p);
}

/* What follows a refusal in any language is no proof, and neither is a prompt that was there before. */
static void prompts_prove_little(void **state)
{
	static const struct said italian[] = {LOGIN, S("Autenticazione fallita\r\n>"), C("x\r\n")};
	static const struct said german[] = {LOGIN, S("Zugriff verweigert\r\nlab>"), C("x\r\n")};
	static const struct said bare[] = {LOGIN, S("Hyvin kavi\r\n> "), C("x\r\n")};
	static const struct said vxworks[] = {LOGIN, S("\n-> ")};
	static const struct said before[] = {S("\xff\xfb\1\xff\xfb\3lab> "), C("enable\r\n"),
					     S("enable\r\nPassword: "), C("lab-pass\r\n"),
					     S("\r\nlab> ")};
	static const struct said more[] = {S("\xff\xfb\1\xff\xfb\3lab> "), C("enable\r\n"),
					   S("enable\r\nPassword: "), C("lab-pass\r\n"),
					   S("\r\nlab# ")};

	(void)state;
	dialogue_expect(&proto_telnet, 23, SAID(italian), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(german),
			PROMPTED "telnet-command server x\ntelnet-typed client x\n");
	dialogue_expect(&proto_telnet, 23, SAID(bare), PROMPTED);
	dialogue_expect(&proto_telnet, 23, SAID(vxworks), PROMPTED ACCEPTED);
#define ENABLE                                                                                     \
	"telnet-options server will 1 will 3\nservice server telnet\ntelnet-command server "       \
	"enable\ntelnet-typed client enable\ntelnet-prompt server Password:\n"
	dialogue_expect(&proto_telnet, 23, SAID(before), ENABLE);
	dialogue_expect(&proto_telnet, 23, SAID(more),
			ENABLE "login server clear secret=lab-pass cut accepted\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorder),
		cmocka_unit_test(joined),
		cmocka_unit_test(prompts_prove_little),
		cmocka_unit_test(single_keys),
		cmocka_unit_test(refusals),
		cmocka_unit_test(password_alone),
		cmocka_unit_test(words_of_the_day),
		cmocka_unit_test(not_accepted),
		cmocka_unit_test(menu),
		cmocka_unit_test(typed_ahead),
		cmocka_unit_test(no_password),
		cmocka_unit_test(secrets_in_the_shell),
		cmocka_unit_test(secrets_as_arguments),
		cmocka_unit_test(languages),
		cmocka_unit_test(echoes_prove_nothing),
		cmocka_unit_test(gaps),
		cmocka_unit_test(lengths),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
