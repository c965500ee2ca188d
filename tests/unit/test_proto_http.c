/* SPDX-License-Identifier: MIT */
/*
 * proto/http: conversations of cameras and their viewers, cut, lost and hostile ones, and what is no HTTP at all. The
 * values of the Digest tests are those of RFC 2069, 2617 and 7616; the digests themselves are checked elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "proto/auth.h"
#include "proto/http_page.h"
#include "proto/target.h"

static struct parsing p;

static void begin(void)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_http, 40000, 80);
}

static void forget(void)
{
	p.len = 0;
	p.text[0] = '\0';
}

static int end(void **state)
{
	(void)state;
	parsing_fini(&p);
	p.state = NULL;
	return 0;
}

/* What one exchange tells, without what every one does. */
static void expect_exchange(const char *request, const char *response, const char *expected)
{
	begin();
	parsing_stream(&p, true, request, strlen(request), false, false);
	forget();
	parsing_stream(&p, false, response, strlen(response), false, false);
	expect_told(&p, expected);
}

static void test_a_page(void **state)
{
	(void)state;
	begin();
	CLIENT(&p,
	       "GET /Login.htm?x=1 HTTP/1.1\r\nHost: 192.168.1.10:80\r\nUser-Agent: viewer/1.0\r\n\r\n");
	expect_told(&p, "http-agent client viewer/1.0\nhttp-asks client 192.168.1.10/Login.htm\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nServer: uc-httpd 1.0.0\r\nContent-Type: text/html\r\n"
		   "Content-Length: 66\r\n\r\n<html><head><TITLE>\nNETSurveillance "
		   "WEB</TITLE><body>NewActive.exe");
	expect_told(&p, "http-server server uc-httpd 1.0.0\nservice server http\n"
			"http-uri server /Login.htm\nhttp-title server NETSurveillance WEB\n"
			"http-body server NewActive.exe\nbody server 66\n");
	CLIENT(&p, "GET / HTTP/1.1\nhost:[2001:db8::9]:80\n\n");
	expect_told(&p, "http-asks client 2001:db8::9/\n");
	SERVER(&p, "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "");
}

static void test_basic(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "GET /image.jpg HTTP/1.1\r\nHost: cam\r\n\r\n");
	SERVER(&p, "HTTP/1.1 401 Unauthorized\r\nServer: alphapd\r\nWWW-Authenticate: Basic "
		   "realm=\"DCS-932L\"\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p,
		    "http-asks client cam/image.jpg\nhttp-server server alphapd\n"
		    "http-realm server DCS-932L\nservice server http\nhttp-uri server /image.jpg\n"
		    "http-locked server /image.jpg\n");
	/* lab-user:lab-pass */
	CLIENT(&p,
	       "GET /image.jpg HTTP/1.1\r\nauthorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n");
	expect_told(&p, "");
	SERVER(&p,
	       "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xe0");
	expect_told(
		&p,
		"http-uri server /image.jpg\n"
		"login server clear user=lab-user secret=lab-pass realm=DCS-932L asked accepted\n");
	CLIENT(&p,
	       "GET /image.jpg HTTP/1.1\r\nAuthorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n");
	SERVER(&p, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"DCS-932L\"\r\n\r\n");
	expect_told(
		&p,
		"http-realm server DCS-932L\nhttp-uri server /image.jpg\n"
		"http-locked server /image.jpg\n"
		"login server clear user=lab-user secret=lab-pass realm=DCS-932L asked refused\n");
}

#define BASIC_GET                                                                                  \
	"GET /a HTTP/1.1\r\nHost: cam\r\nAuthorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n"
#define CLEAR "login server clear user=lab-user secret=lab-pass "
#define SERVED "service server http\n"
#define URI_A "http-uri server /a\n"
#define LOCKED_A "http-locked server /a\n"

static void test_what_an_answer_means(void **state)
{
	(void)state;
	expect_exchange(BASIC_GET, "HTTP/1.0 204 x\r\n\r\n", SERVED URI_A CLEAR "accepted\n");
	expect_exchange(BASIC_GET, "HTTP/1.1 304 x\r\n\r\n", SERVED);
	expect_exchange(BASIC_GET, "HTTP/1.1 403 x\r\n\r\n", SERVED);
	expect_exchange(BASIC_GET, "HTTP/1.1 404 x\r\n\r\n", SERVED);
	expect_exchange(BASIC_GET, "HTTP/1.1 500 x\r\n\r\n", SERVED);
	expect_exchange(BASIC_GET, "HTTP/1.1 302 x\r\nLocation: /main.htm\r\n\r\n",
			SERVED CLEAR "accepted\n");
	expect_exchange(BASIC_GET, "HTTP/1.1 302 x\r\nLocation: /Login.htm\r\n\r\n", SERVED);
	expect_exchange(BASIC_GET, "HTTP/1.1 401 x\r\n\r\n",
			SERVED URI_A LOCKED_A CLEAR "refused\n");
	expect_exchange(
		BASIC_GET,
		"HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm=\"r\", stale=TRUE\r\n\r\n",
		"http-realm server r\n" SERVED URI_A LOCKED_A);
	expect_exchange(BASIC_GET,
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			SERVED URI_A CLEAR "accepted\n");
	expect_exchange(
		"GET /a HTTP/1.1\r\nProxy-Authorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n", SERVED URI_A);
	expect_exchange("GET /a HTTP/1.1\r\nAuthorization: Basic !!!\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			SERVED URI_A "login server clear cut accepted\n");
	expect_exchange("GET /a HTTP/1.1\r\nAuthorization: Basic YWJj\r\n\r\n",
			"HTTP/1.1 200 OK\r\n\r\n", SERVED URI_A);
	expect_exchange("GET /a HTTP/1.1\r\nAuthorization: Bearer abcdef\r\n\r\n",
			"HTTP/1.1 200 OK\r\n\r\n", SERVED URI_A);
}

/* A 200 may bring the next login page, and a page for all may come to whoever sends a header. */
static void test_pages_that_refuse(void **state)
{
	static const char *const pages[] = {
		"<html><title>Login failed</title>", "<p>Wrong password, 2 tries left",
		"<input name=x TYPE = 'password'>", "<input type=password>"};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		snprintf(
			text, sizeof text,
			"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %zu\r\n\r\n%s",
			strlen(pages[i]), pages[i]);
		begin();
		CLIENT(&p, BASIC_GET);
		parsing_stream(&p, false, text, strlen(text), false, false);
		assert_null(strstr(p.text, "login"));
	}
	begin();
	CLIENT(&p, BASIC_GET);
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<html>Set the passwo");
	assert_non_null(strstr(p.text, CLEAR "accepted\n"));
	begin();
	CLIENT(&p, BASIC_GET);
	SERVER(&p, "HTTP/1.1 200 OK\r\n\r\n<html>");
	assert_null(strstr(p.text, "login"));
	SERVER(&p, "type: ");
	parsing_stream(&p, false, NULL, 0, false, true);
	assert_non_null(strstr(p.text, CLEAR "accepted\n"));
}

#define LOCKED "HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"
#define WITH_HEADER "HTTP/1.1\r\nAuthorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n"
#define EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* Is the header at the second path one that was asked for at the first? */
static void expect_covered(const char *locked, const char *path, bool covered)
{
	char text[200];

	begin();
	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n\r\n", locked);
	parsing_stream(&p, true, text, strlen(text), false, false);
	SERVER(&p, LOCKED);
	snprintf(text, sizeof text, "GET %s " WITH_HEADER, path);
	parsing_stream(&p, true, text, strlen(text), false, false);
	SERVER(&p, EMPTY);
	assert_int_equal(strstr(p.text, "asked accepted") != NULL, covered);
}

static void test_what_lies_beneath(void **state)
{
	(void)state;
	expect_covered("/", "/index.html", true);
	expect_covered("/admin/", "/admin/main.htm", true);
	expect_covered("/admin", "/admin/main.htm", true);
	expect_covered("/cgi?x=1", "/cgi?x=2", true);
	expect_covered("/admin", "/admin2", false);
	expect_covered("/admin", "/logo.png", false);
	expect_covered("/", "/favicon.ico", false);
	expect_covered("/admin/", "/", false);
	begin(); /* refused where it was asked for: what comes elsewhere is for all */
	CLIENT(&p, "GET / HTTP/1.1\r\n\r\n");
	SERVER(&p, LOCKED);
	CLIENT(&p, "GET / " WITH_HEADER);
	SERVER(&p, LOCKED);
	CLIENT(&p, "GET /help.htm " WITH_HEADER);
	SERVER(&p, EMPTY);
	assert_null(strstr(p.text, "asked accepted"));
	CLIENT(&p, "GET / " WITH_HEADER);
	SERVER(&p, EMPTY);
	assert_non_null(strstr(p.text, "asked accepted"));
}

/* What lies behind a proxy is not the proxy's. */
static void test_proxies(void **state)
{
	static const char answer[] =
		"HTTP/1.1 200 OK\r\nServer: App-webs/\r\nContent-Length: 16\r\n\r\n<title>x</title>";

	(void)state;
	begin();
	CLIENT(&p, "GET http://203.0.113.4/ HTTP/1.1\r\n\r\n");
	SERVER(&p, LOCKED);
	CLIENT(&p, "GET http://203.0.113.4/ " WITH_HEADER);
	SERVER(&p, answer);
	CLIENT(&p, "POST http://cam.example/login HTTP/1.1\r\nContent-Type: "
		   "application/x-www-form-urlencoded\r\nContent-Length: 18\r\n\r\n"
		   "user=lab-u&pwd=abc");
	SERVER(&p, "HTTP/1.1 302 x\r\nSet-Cookie: sid=abcd\r\nLocation: /main.htm\r\n\r\n");
	expect_told(
		&p,
		"http-asks client 203.0.113.4/\nservice server http\n"
		"http-asks client 203.0.113.4/\nhttp-asks client cam.example/login\nbody client 18\n");
	begin();
	CLIENT(&p, "CONNECT cam.example:80 HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 403 No\r\nServer: squid\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "service server http\n");
}

/* User and password in the address of a camera's CGI. */
static void test_logins_of_cgis(void **state)
{
	static const struct {
		const char *path;
		const char *answer;
		bool accepted;
	} cases[] = {{"/videostream.cgi", "200 OK\r\nContent-Length: 0\r\n\r\n", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 8\r\n\r\nvar a=1;", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 8\r\n\r\nresult=0", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 9\r\n\r\nresult=-1", false},
		     {"/cgi-bin/x.fcgi", "200 OK\r\nContent-Length: 19\r\n\r\n<result>-2</result>",
		      false},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 11\r\n\r\n{\"code\": 1}", false},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 11\r\n\r\n{\"code\": 0}", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 9\r\n\r\nnot found", true},
		     {"/cgi-bin/x", "200 OK\r\nContent-Length: 9\r\n\r\nAuth fail", false},
		     {"/cgi-bin/x", "404 x\r\nContent-Length: 0\r\n\r\n", false},
		     {"/index.html", "200 OK\r\nContent-Length: 0\r\n\r\n", false}};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		snprintf(text, sizeof text,
			 "GET %s?loginuse=lab-user&loginpas=lab-pass HTTP/1.1\r\n\r\n",
			 cases[i].path);
		parsing_stream(&p, true, text, strlen(text), false, false);
		snprintf(text, sizeof text, "HTTP/1.1 %s", cases[i].answer);
		parsing_stream(&p, false, text, strlen(text), false, false);
		assert_int_equal(strstr(p.text, CLEAR "accepted\n") != NULL, cases[i].accepted);
	}
}

#define JSON_LOGIN(path, length, json)                                                             \
	"POST " path " HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: " length      \
	"\r\n\r\n" json

static void test_logins_in_json(void **state)
{
	static const struct {
		const char *body;
		bool login;
		bool accepted;
	} cases[] = {{"{\"code\":0}", true, true},
		     {"{\"code\":0,\"token\":\"abcdef\"}", false, true},
		     {"{\"data\":{\"token\":\"abcdef\"}}", true, true},
		     {"{\"code\":0}", false, false},
		     {"{\"code\":3,\"token\":\"\"}", true, false},
		     {"{\"error\":\"no\"}", true, false},
		     {"ok", true, false}};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		if (cases[i].login)
			CLIENT(&p,
			       JSON_LOGIN("/api/login", "45",
					  "{\"username\":\"lab-user\",\"password\":\"lab-pass\"}"));
		else
			CLIENT(&p,
			       JSON_LOGIN("/api/x", "45",
					  "{\"username\":\"lab-user\",\"password\":\"lab-pass\"}"));
		snprintf(text, sizeof text,
			 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 strlen(cases[i].body), cases[i].body);
		parsing_stream(&p, false, text, strlen(text), false, false);
		assert_int_equal(strstr(p.text, CLEAR "accepted\n") != NULL, cases[i].accepted);
	}
	begin();
	CLIENT(&p,
	       JSON_LOGIN(
		       "/api/login", "67",
		       "{\"user\":\"lab-user\",\"pwd\":\"0123456789abcdef0123456789abcdef\",\"n\":\"\"}"));
	SERVER(&p, "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n");
	assert_non_null(strstr(p.text, "login server hashed user=lab-user"));
}

static void test_rfc_2617(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "GET /dir/index.html HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest\r\n"
		   "\trealm=\"testrealm@host.com\",\r\n\tqop=\"auth,auth-int\",\r\n"
		   " nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",\r\n"
		   " opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\nContent-Length: 0\r\n\r\n");
	forget();
	CLIENT(&p,
	       "GET /dir/index.html HTTP/1.1\r\nAuthorization: Digest username=\"Mufasa\",\r\n"
	       " realm=\"testrealm@host.com\",\r\n nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",\r\n"
	       " uri=\"/dir/index.html\",\r\n qop=auth,\r\n nc=00000001,\r\n cnonce=\"0a4f113b\",\r\n"
	       " response=\"6629fae49393a05397450978507c4ef1\",\r\n"
	       " opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "http-uri server /dir/index.html\nlogin server digest user=Mufasa "
			"secret=6629fae49393a05397450978507c4ef1 realm=testrealm@host.com "
			"nonce=dcd98b7102dd2f0e8b11d0f600bfb0c093 uri=/dir/index.html method=GET "
			"nc=00000001 cnonce=0a4f113b qop=auth asked accepted\n");
}

static void test_rfc_2069_and_7616(void **state)
{
	(void)state;
	/* RFC 2069, with the response of its erratum 749 */
	expect_exchange(
		"GET /dir/index.html HTTP/1.0\r\nAuthorization: Digest username=\"Mufasa\", "
		"realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		"uri=\"/dir/index.html\", response=\"1949323746fe6a43ef61f9606e7febea\"\r\n\r\n",
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
		SERVED "http-uri server /dir/index.html\nlogin server digest user=Mufasa "
		       "secret=1949323746fe6a43ef61f9606e7febea realm=testrealm@host.com "
		       "nonce=dcd98b7102dd2f0e8b11d0f600bfb0c093 uri=/dir/index.html "
		       "method=GET accepted\n");
	expect_exchange(
		"GET /dir/index.html HTTP/1.1\r\nAuthorization: Digest username=\"Mufasa\",\r\n"
		"    realm=\"http-auth@example.org\",\r\n    uri=\"/dir/index.html\",\r\n"
		"    algorithm=SHA-256,\r\n"
		"    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\r\n"
		"    nc=00000001,\r\n"
		"    cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\",\r\n    qop=auth,\r\n"
		"    response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\",\r\n"
		"    opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"\r\n\r\n",
		"HTTP/1.1 401 no\r\nWWW-Authenticate: Digest realm=\"http-auth@example.org\"\r\n\r\n",
		"http-realm server http-auth@example.org\n" SERVED
		"http-uri server /dir/index.html\nhttp-locked server /dir/index.html\n"
		"login server digest-sha256 user=Mufasa "
		"secret=753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1 "
		"realm=http-auth@example.org "
		"nonce=7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v uri=/dir/index.html method=GET "
		"nc=00000001 cnonce=f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ qop=auth refused\n");
}

static bool digest_is_cut(const char *value)
{
	struct login l;

	assert_true(auth_credentials(bytes_of(value), bytes_of("GET"), &l));
	return l.cut;
}

#define WHOLE                                                                                      \
	"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"1949323746fe6a43ef61f9606e7febea\""

static void test_digests_that_prove_nothing(void **state)
{
	static const char long_name[] =
		"Digest username=\"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu\"";
	(void)state;
	assert_false(digest_is_cut(WHOLE));
	assert_false(digest_is_cut(WHOLE ", algorithm=MD5, qop=\"auth\", nc=1, cnonce=\"c\""));
	assert_true(digest_is_cut(WHOLE ", algorithm=MD5-sess, qop=auth, nc=1, cnonce=\"c\""));
	assert_true(digest_is_cut(WHOLE ", algorithm=SHA-256"));
	assert_true(digest_is_cut(WHOLE ", algorithm=SHA-512-256"));
	assert_true(digest_is_cut(WHOLE ", qop=auth-int, nc=1, cnonce=\"c\""));
	assert_true(digest_is_cut(WHOLE ", qop=auth, nc=1"));
	assert_true(digest_is_cut(WHOLE ", userhash=true"));
	assert_true(digest_is_cut(WHOLE ", username*=UTF-8''x"));
	assert_true(digest_is_cut("Digest"));
	assert_true(digest_is_cut("Digest username=\"u"));
	assert_true(digest_is_cut("Digest username=\"u\", response=\"zz\""));
	assert_true(digest_is_cut(long_name));
}

static void test_challenges(void **state)
{
	struct challenge c;

	(void)state;
	assert_true(auth_challenge(bytes_of("Basic realm=\"a \\\"b\\\" c\""), &c));
	assert_int_equal(c.scheme, AUTH_BASIC);
	assert_true(bytes_are(c.realm, "a \\\"b\\\" c"));
	assert_true(auth_challenge(bytes_of("Basic realm = plain words , x=y"), &c));
	assert_true(bytes_are(c.realm, "plain words"));
	assert_true(auth_challenge(
		bytes_of("digest nonce=\"n\", realm=\"one\", Basic realm=\"two\""), &c));
	assert_int_equal(c.scheme, AUTH_DIGEST);
	assert_true(bytes_are(c.realm, "one"));
	assert_true(auth_challenge(bytes_of("Basic realm=\"open"), &c));
	assert_true(bytes_are(c.realm, "open"));
	assert_false(auth_challenge(bytes_of("Negotiate"), &c));
	assert_false(auth_challenge(bytes_of("realm=\"x\""), &c));
	assert_false(auth_challenge(bytes_of(""), &c));
}

static void expect_realm(const char *realm, const char *told)
{
	char room[64];

	assert_true(bytes_are(auth_plain_realm(bytes_of(realm), room, sizeof room), told));
}

static void test_realms_without_serial_numbers(void **state)
{
	(void)state;
	expect_realm("Login to 4C01234PAZ12345", "Login to");
	expect_realm("Login to ND041409001234", "Login to");
	expect_realm("Login to EXAMPLE", "Login to EXAMPLE");
	expect_realm("IP Camera(C1234)", "IP Camera(");
	expect_realm("AXIS_ACCC8E123456", "AXIS_*");
	expect_realm("NETGEAR WNDR3400v2", "NETGEAR WNDR3400v2");
	expect_realm("ZXHN H108N", "ZXHN H108N");
	expect_realm("TP-LINK IP-Camera:0011223344ff", "TP-LINK IP-Camera:*");
	expect_realm("router 00:11:22:33:44:55", "router *");
	expect_realm("DCS-935L S/N 30F1A2B3C4D5E", "DCS-935L");
	expect_realm("Lab DVR (Serial: 4711)", "Lab DVR");
	expect_realm("Serial Server", "Serial Server");
	expect_realm("", "");
}

#define FORM(path, body, length)                                                                   \
	"POST " path " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"            \
	"Content-Length: " length "\r\n\r\n" body
#define PAIR "username=lab-user&password=lab%2Dpass"
#define LOGIN_FORM FORM("/login.cgi", PAIR, "37")

static void test_forms(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, LOGIN_FORM);
	expect_told(&p, "body client 37\n");
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /home.htm\r\n\r\n",
			SERVED CLEAR "accepted\n");
	expect_exchange(
		LOGIN_FORM,
		"HTTP/1.1 303 x\r\nSet-Cookie: sid=abcdef\r\nLocation: http://cam/home.htm\r\n\r\n",
		SERVED CLEAR "accepted\n");
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /index.html\r\n\r\n",
			SERVED CLEAR "accepted\n");
	expect_exchange(FORM("/index.cgi", PAIR, "37"),
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /index.html\r\n\r\n",
			SERVED);
	expect_exchange(LOGIN_FORM, "HTTP/1.1 401 x\r\n\r\n",
			SERVED "http-uri server /login.cgi\nhttp-locked server /login.cgi\n" CLEAR
			       "refused\n");
	/* nothing of these says that it was taken */
	expect_exchange(LOGIN_FORM, "HTTP/1.1 302 x\r\nLocation: /home.htm\r\n\r\n", SERVED);
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /login.htm\r\n\r\n",
			SERVED);
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /\r\n\r\n", SERVED);
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /x?error=1\r\n\r\n",
			SERVED);
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=; Max-Age=0\r\nLocation: /home\r\n\r\n",
			SERVED);
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 302 x\r\nSet-Cookie: sid=deleted\r\nLocation: /home\r\n\r\n",
			SERVED);
	expect_exchange(LOGIN_FORM, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
			SERVED "http-uri server /login.cgi\nbody server 2\n");
}

static void test_forms_answered_in_json(void **state)
{
	(void)state;
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"result\": true}",
			SERVED "http-uri server /login.cgi\n" CLEAR "accepted\nbody server 16\n");
	expect_exchange(LOGIN_FORM, "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"Ret\" : 100 }",
			SERVED "http-uri server /login.cgi\n" CLEAR "accepted\nbody server 14\n");
	expect_exchange(LOGIN_FORM,
			"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"result\": false}",
			SERVED "http-uri server /login.cgi\nbody server 17\n");
	/* no login: a user that is added */
	expect_exchange(FORM("/adduser.cgi", PAIR, "37"),
			"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"result\": true}",
			SERVED "http-uri server /adduser.cgi\nbody server 16\n");
	expect_exchange("GET /login.cgi?user=lab+user&pwd=lab%21 HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"code\": 0}",
			SERVED
			"http-uri server /login.cgi\n"
			"login server clear user=lab user secret=lab! accepted\nbody server 11\n");
	/* a digest that the page made can't be called a password */
	expect_exchange(
		"GET /login.cgi?user=u&pwd=0123456789abcdef0123456789abcdef HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"code\": 0}",
		SERVED "http-uri server /login.cgi\nlogin server hashed user=u "
		       "secret=0123456789abcdef0123456789abcdef accepted\nbody server 11\n");
	expect_exchange(
		"GET /login.cgi?user=u&pwd=a%00b HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"code\": 0}",
		SERVED
		"http-uri server /login.cgi\nlogin server clear user=u secret=a cut accepted\n"
		"body server 11\n");
}

#define SNAPSHOT                                                                                   \
	"GET /webcapture.jpg?command=snap&channel=1&user=lab&password=tlJwpbo6 HTTP/1.1\r\n\r\n"

static void test_xiongmai_snapshot(void **state)
{
	(void)state;
	expect_exchange(SNAPSHOT, "HTTP/1.0 200 OK\r\nContent-type: image/jpeg\r\n\r\n",
			SERVED "http-uri server /webcapture.jpg\n"
			       "login server sofia user=lab secret=tlJwpbo6 accepted\n");
	expect_exchange(SNAPSHOT, "HTTP/1.0 200 OK\r\nContent-type: text/html\r\n\r\n",
			SERVED "http-uri server /webcapture.jpg\n");
	expect_exchange(SNAPSHOT, "HTTP/1.0 401 x\r\n\r\n",
			SERVED "http-uri server /webcapture.jpg\n"
			       "http-locked server /webcapture.jpg\n"
			       "login server sofia user=lab secret=tlJwpbo6 refused\n");
}

static void test_what_a_device_says_to_its_cloud(void **state)
{
	(void)state;
	begin();
	CLIENT(&p,
	       "POST http://lab@upgrade.example.net:8083/list?fwVersion=1.2&sn=x HTTP/1.1\r\n"
	       "Content-Length: 88\r\n\r\n{\"DevType\" : \"IPC\",\"CurVersion\":\"2020-11-24\",\"n\":"
	       "{\"version\": 3 },\"RewriteOemID\":\"General\"}");
	expect_told(
		&p,
		"http-asks client upgrade.example.net/list\nhttp-field client fwVersion: 1.2\n"
		"http-field client DevType: IPC\nhttp-field client CurVersion: 2020-11-24\n"
		"http-field client version: 3\nhttp-body client RewriteOemID\nbody client 88\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	forget();
	CLIENT(&p, "POST /ota HTTP/1.1\r\nHost: x.example\r\nContent-Type: "
		   "application/x-www-form-urlencoded\r\nContent-Length: 33\r\n\r\n"
		   "model=Lab%20Cam&firmware=&other=1");
	expect_told(
		&p,
		"http-asks client x.example/ota\nhttp-field client model: Lab Cam\nbody client 33\n");
}

static void test_fields_without_serial_numbers(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "GET /q?model=LAB-020_Default_FW_0122_0011223344FF&version="
		   "V5.00.R02.00030747.10010.349f17.0000000&fw_ver=20201124&product=0123456789012 "
		   "HTTP/1.1\r\n\r\n");
	expect_told(&p, "http-field client model: LAB-020_Default_FW_0122_*\n"
			"http-field client version: V5.00.R02.00030747.10010.349f17.0000000\n"
			"http-field client fw_ver: 20201124\nhttp-field client product: *\n");
}

static void test_hosts(void **state)
{
	struct target target;

	(void)state;
	target_split(bytes_of("rtsp://u:p@cam.example:554?x"), &target);
	assert_true(bytes_are(target.host, "cam.example") || target.host.len == 0);
	target_split(bytes_of("http://[2001:db8::1]:80/a?b#c"), &target);
	assert_true(bytes_are(target.host, "2001:db8::1") && bytes_are(target.path, "/a") &&
		    bytes_are(target.query, "b"));
	target_split(bytes_of("/go?to=http://x/"), &target);
	assert_true(target.host.len == 0 && bytes_are(target.path, "/go"));
	target_split(bytes_of("http://"), &target);
	assert_int_equal(target.host.len + target.path.len + target.query.len, 0);
	target_split(bytes_of(""), &target);
	assert_int_equal(target.path.len, 0);
	assert_int_equal(target_host(bytes_of("a/b")).len, 0);
}

static void test_logins_in_addresses(void **state)
{
	struct login l;

	(void)state;
	assert_true(target_login(bytes_of("/user=a_password=tlJwpbo6_channel=1"), &l));
	assert_int_equal(l.scheme, LOGIN_SOFIA);
	assert_string_equal(l.user, "a");
	assert_true(target_login(bytes_of("/user=a&password=b&channel=1"), &l));
	assert_int_equal(l.scheme, LOGIN_CLEAR);
	assert_string_equal(l.secret, "b");
	assert_false(target_login(bytes_of("/user=a&password=b"), &l));
	assert_false(target_login(bytes_of("/user=a"), &l));
	assert_false(target_login(bytes_of("/x"), &l));
	assert_false(target_login(bytes_of(""), &l));
	assert_false(form_login(bytes_of("user=&pwd=x"), &l));
	assert_false(form_login(bytes_of("user&pwd"), &l));
	assert_true(form_login(bytes_of("x=1&&user=%4&pwd=%zz%"), &l));
	assert_string_equal(l.user, "%4");
	assert_string_equal(l.secret, "%zz%");
}

static void expect_path(const char *path, const char *told)
{
	char room[TARGET_MAX];

	assert_true(bytes_are(target_path(bytes_of(path), room, sizeof room), told));
}

static void test_marks_of_one_device_are_not_told(void **state)
{
	(void)state;
	expect_path("/device/0011223344ff/state", "/device/*/state");
	expect_path("/d/00:11:22:33:44:55.jpg", "/d/*.jpg");
	expect_path("/d/550e8400-e29b-41d4-a716-446655440000", "/d/*");
	expect_path("/cam/12345678/x", "/cam/*/x");
	expect_path("/p2psrv/3E012A1PAN12345", "/p2psrv/*");
	expect_path("/Streaming/Channels/101", "/Streaming/Channels/101");
	expect_path("/HNAP1/", "/HNAP1/");
	expect_path("/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
		    "/user=*_password=*_channel=1_stream=0.sdp");
	expect_path("/user=admin&password=secret&channel=1", "/user=*&password=*&channel=1");
	expect_path("/api/HJVNVRs-mCEqRVoIkrXjNJzvmuvoPHNrdKgqmjZo/lights", "/api/*/lights");
	expect_path("/static/D-Link-DCH-G020-1.1.0-AX", "/static/D-Link-DCH-G020-1.1.0-AX");
	expect_path("/user", "/user");
	expect_path("/usr=a/pwd=b/psw=/x", "/usr=*/pwd=*/psw=*/x");
	expect_path("", "");
}

static void test_pipelined(void **state)
{
	(void)state;
	begin();
	CLIENT(&p,
	       "HEAD /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nAuthorization: Basic bGFiLXVzZXI6bGFiLXBhc3M=\r\n\r\n"
	       "GET /3 HTTP/1.1\r\n\r\n");
	SERVER(&p,
	       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\r\nHTTP/1.1 401 x\r\nContent-Length: "
	       "3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p,
		    SERVED "http-uri server /1\nhttp-uri server /2\nhttp-locked server /2\n" CLEAR
			   "refused\nbody server 3\n"
			   "http-uri server /3\n");
	/* more than the queue holds: nothing is paired */
	begin();
	for (int i = 0; i < 9; i++)
		CLIENT(&p, "GET /many HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, SERVED);
	CLIENT(&p, "GET /more HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "");
}

static void test_after_a_gap(void **state)
{
	static const char get[] = "GET /b HTTP/1.1\r\n\r\n", tail[] = "ost of a body\r\n";
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	(void)state;
	begin();
	CLIENT(&p, BASIC_GET);
	forget();
	parsing_stream(&p, true, get, sizeof get - 1, true, false);
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); /* to which request? */
	expect_told(&p, SERVED);
	CLIENT(&p, "GET /c HTTP/1.1\r\n\r\n"); /* an answer, then a request: a pair again */
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "http-uri server /c\n");
	CLIENT(&p, BASIC_GET);
	forget();
	parsing_stream(&p, false, tail, sizeof tail - 1, true, false);
	parsing_stream(&p, false, ok, sizeof ok - 1, false, false);
	expect_told(&p, "");
	CLIENT(&p, "GET /d HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "http-uri server /d\n");
}

static void test_bodies(void **state)
{
	(void)state;
	/* small chunks become one text; a trailer follows; chunked wins over a length */
	expect_exchange(
		"GET /a HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
		"7\r\n<title>\r\n5;ext=1\r\nDVR L\r\n0c\r\nogin</title>\r\n0\r\nX: y\r\n\r\n"
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: s\r\n\r\n",
		SERVED URI_A "http-title server DVR Login\nbody server 24\nhttp-server server s\n");
	/* no chunk at all: nothing is believed until a piece begins with a start line */
	expect_exchange("GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
			SERVED URI_A);
	SERVER(&p, "HTTP/1.1 200 OK\r\nServer: again\r\n\r\n");
	expect_told(&p, "http-server server again\n");
	/* two lengths */
	expect_exchange("GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
			SERVED URI_A);
	expect_exchange("GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc", SERVED URI_A);
	/* compressed and pictures are counted down only */
	expect_exchange(
		"GET /a HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\nabc"
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: image/svg+xml\r\n\r\nabc",
		SERVED URI_A);
}

static void test_long_bodies(void **state)
{
	static char body[3 * STREAM_WINDOW];

	(void)state;
	memset(body, 'x', sizeof body);
	memcpy(body, "<title>long</title>", 19);
	expect_exchange("GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 24576\r\n\r\n", SERVED URI_A);
	parsing_stream(&p, false, body, 8000, false, false);
	expect_told(&p, "");
	parsing_stream(&p, false, body + 8000, sizeof body - 8000, false, false);
	expect_told(&p, "http-title server long\nbody server 8192\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nServer: next\r\n\r\n<title>to the end</title>");
	expect_told(&p, "http-server server next\n");
	parsing_stream(&p, false, NULL, 0, false, true);
	expect_told(&p, "http-title server to the end\nbody server 25\n");
	/* one chunk longer than the window */
	expect_exchange("GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6000\r\n",
			SERVED URI_A);
	parsing_stream(&p, false, body, sizeof body, false, false);
	expect_told(&p, "http-title server long\nbody server 8186\n");
	SERVER(&p, "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nServer: next\r\n\r\n");
	expect_told(&p, "http-server server next\n");
	/* no length below: until it closes, and a head that never ends is dropped */
	begin();
	parsing_stream(&p, true, "GET /a HTTP/1.1\r\nX: ", 20, false, false);
	for (int i = 0; i < 3; i++)
		parsing_stream(&p, true, body, sizeof body, false, false);
	expect_told(&p, "");
}

static void test_tunnels_end_the_interest(void **state)
{
	(void)state;
	expect_exchange("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
			"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", SERVED);
	assert_true(p.done);
	expect_exchange("CONNECT x.example:443 HTTP/1.1\r\nHost: x.example\r\n\r\n",
			"HTTP/1.1 200 OK\r\n\r\n", SERVED);
	assert_true(p.done);
	expect_exchange("CONNECT x.example:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 407 x\r\n\r\n", SERVED);
	assert_false(p.done);
}

static void test_sloppy_heads(void **state)
{
	(void)state;
	begin();
	CLIENT(&p,
	       "\r\nGET /a b HTTP/1.1 \nno colon here\n: no name\nUser-Agent : folded\n\tname\nHost: "
	       "bad<host>\n\n");
	expect_told(&p, "http-agent client folded  name\n");
	CLIENT(&p, "this is no HTTP\r\n\r\n");
	CLIENT(&p, "GET /x HTTP/1.1\r\nHost: c\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
	expect_told(&p, "http-asks client c/x\n");
	SERVER(&p, "HTTP/1.1 999999\r\n\r\n");
	expect_told(&p, "");
}

/* One conversation of everything, each end's words. */
#define ASKED_1 "GET /a HTTP/1.1\r\nHost: c\r\nUser-Agent: v\r\n\r\n"
#define SAID_1                                                                                     \
	"HTTP/1.1 401 x\r\nServer: s\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno"
#define SAID_2                                                                                     \
	"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<title>\r\n9\r\nX</title>\r\n0\r\n\r\n"
#define SAID_3                                                                                     \
	"HTTP/1.1 302 x\r\nSet-Cookie: sid=abcdef\r\nLocation: /home.htm\r\nContent-Length: 0\r\n\r\n"
static const char talk_client[] = ASKED_1 BASIC_GET LOGIN_FORM;
static const char talk_server[] = SAID_1 SAID_2 SAID_3;

static void feed_bytes(bool client, const char *text)
{
	for (size_t i = 0; i < strlen(text); i++)
		parsing_stream(&p, client, text + i, 1, false, false);
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	begin();
	feed_bytes(true, ASKED_1);
	feed_bytes(false, SAID_1);
	feed_bytes(true, BASIC_GET);
	feed_bytes(false, SAID_2);
	feed_bytes(true, LOGIN_FORM);
	feed_bytes(false, SAID_3);
	expect_told(&p, "http-agent client v\nhttp-asks client c/a\n"
			"http-server server s\nhttp-realm server r\n" SERVED URI_A LOCKED_A
			"body server 2\nhttp-asks client cam/a\n" URI_A CLEAR
			"realm=r asked accepted\nhttp-title server X\nbody server 16\n"
			"body client 37\n" CLEAR "accepted\n");
}

/* A client that sends ahead may mean other requests than those that we read: it proves nothing. */
static void test_sent_ahead(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, ASKED_1 BASIC_GET);
	SERVER(&p, SAID_1 SAID_2);
	assert_null(strstr(p.text, "accepted"));
	CLIENT(&p, LOGIN_FORM);
	SERVER(&p, SAID_3);
	assert_null(strstr(p.text, "accepted"));
}

/* A page for all takes any header; a form behind the '?' of one is read by nobody. */
static void test_pages_for_all(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "GET /b HTTP/1.1\r\n\r\n");
	SERVER(&p, SAID_1);
	CLIENT(&p, BASIC_GET);
	forget();
	SERVER(&p, SAID_2);
	/* Whether /a was ever locked is for the engine to say. */
	expect_told(&p, URI_A CLEAR "realm=r accepted\nhttp-title server X\nbody server 16\n");
	expect_exchange("GET /x?user=lab&password=lab HTTP/1.1\r\n\r\n", SAID_3, SERVED);
	expect_exchange("GET /x?user=lab&password=lab&go=login HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 x\r\nContent-Length: 16\r\n\r\n{\"result\": true}",
			SERVED "http-uri server /x\nbody server 16\n");
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < sizeof talk_server - 1; cut++) {
		begin();
		CLIENT(&p, BASIC_GET);
		parsing_stream(&p, false, talk_server, cut, false, true);
		assert_null(strstr(p.text, "accepted"));
		begin();
		parsing_stream(&p, true, talk_client, cut < sizeof talk_client ? cut : 1, false,
			       true);
		assert_null(strstr(p.text, "login"));
		begin();
		parsing_stream(&p, false, talk_server + cut, sizeof talk_server - 1 - cut, true,
			       false);
		assert_null(strstr(p.text, "login"));
	}
}

static enum match mine(const char *text)
{
	begin();
	return parsing_mine(&p, true, text, strlen(text));
}

static void test_whose_it_is(void **state)
{
	static const char *const ours[] = {
		"GET / HTTP/1.1\r\n",	    "POST /x HTTP/1.0\r\nHost: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\n",	    "OPTIONS * HTTP/1.1\r\n",
		"GET http://x/ HTTP/1.1\n", "HTTP/1.0 404\r\n",
		"CONNECT a:1 HTTP/1.1\r\n", "NOTIFY /e HTTP/1.1\r\n"};
	static const char *const maybe[] = {"",	     "G",	 "GET",		"GET ",	   "GET /",
					    "HTTP/", "HTTP/1.1", "HTTP/1.1 20", "GET http"};
	static const char *const not_ours[] = {"OPTIONS * RTSP/1.0\r\n",
					       "OPTIONS rtsp://x/ RTSP/1.0\r\n",
					       "RTSP/1.0 200 OK\r\n",
					       "SIP/2.0 200 OK\r\n",
					       "REGISTER sip:x SIP/2.0\r\n",
					       "SSH-2.0-x\r\n",
					       "220 ftp\r\n",
					       "EHLO x\r\n",
					       "GET x HTTP/1.1\r\n",
					       "GET /\x01 HTTP/1.1\r\n",
					       "GET / HTTP/1.1x\r\n",
					       "GET /\r\n",
					       "GETX / HTTP/1.1\r\n",
					       "get / HTTP/1.1\r\n",
					       "HTTP/2 200\r\n",
					       "HTTP/1.1 ok\r\n",
					       "HTTP/1.1 2000 x\r\n",
					       "PRI * HTTP/2.0\r\n",
					       "\x16\x03\x01",
					       "\xff\x01",
					       "login: "};

	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		assert_int_equal(mine(ours[i]), MATCH_YES);
	for (size_t i = 0; i < sizeof maybe / sizeof maybe[0]; i++)
		assert_int_equal(mine(maybe[i]), MATCH_MAYBE);
	for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++)
		assert_int_equal(mine(not_ours[i]), MATCH_NO);
}

/* ---- what hijacked devices do ------------------------------------------------------------------------------------ */

static void test_requests_that_take_over(void **state)
{
	(void)state;
	expect_exchange("GET /cgi?EXPLOIT HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			SERVED "http-uri server /cgi\nworked server 1\n");
	expect_exchange("GET /cgi?EXPLOIT HTTP/1.1\r\n\r\n", "HTTP/1.1 404 x\r\n\r\n", SERVED);
	begin();
	CLIENT(&p, "GET /cgi?EXPLOIT HTTP/1.1\r\n\r\n");
	expect_told(&p, "exploit client GET\n");
	/* Of two under way the answer to the other one says nothing. */
	begin();
	CLIENT(&p, "GET /a HTTP/1.1\r\n\r\nGET /b?EXPLOIT HTTP/1.1\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "exploit client GET\n" SERVED URI_A);
	SERVER(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_told(&p, "http-uri server /b\nworked server 1\n");
}

static void test_bodies_that_take_over(void **state)
{
	(void)state;
	begin();
	CLIENT(&p, "POST /up HTTP/1.1\r\nContent-Length: 13\r\n\r\n<x>EXPL");
	expect_told(&p, "");
	CLIENT(&p, "OIT</x");
	expect_told(&p, "exploit client POST\nbody client 13\n");
	SERVER(&p, "HTTP/1.1 204 x\r\n\r\n");
	expect_told(&p, SERVED "http-uri server /up\nworked server 1\n");
	/* What its head told is not asked again; other methods have no body that matters. */
	begin();
	CLIENT(&p, "POST /EXPLOIT HTTP/1.1\r\nContent-Length: 7\r\n\r\nEXPLOIT");
	expect_told(&p, "exploit client POST\nbody client 7\n");
	CLIENT(&p, "GET /x HTTP/1.1\r\nContent-Length: 7\r\n\r\nEXPLOIT");
	expect_told(&p, "body client 7\n");
}

#define ELF "\177ELF\0\0\0\0"
#define BINARY "Content-Type: application/octet-stream\r\n"
#define PROGRAM "HTTP/1.1 200 OK\r\n" BINARY "Content-Length: 8\r\n\r\n" ELF

/* A program is fetched with these fields: how, by what is told of the client. */
static void expect_fetched(const char *fields, const char *how)
{
	char text[300], expected[300];

	begin();
	snprintf(text, sizeof text, "GET /bins/x.arm7?q HTTP/1.1\r\n%s\r\n", fields);
	parsing_stream(&p, true, text, strlen(text), false, false);
	p.len = 0;
	SERVER(&p, PROGRAM);
	snprintf(expected, sizeof expected,
		 SERVED
		 "http-uri server /bins/x.arm7\nelf-fetched client %s\nelf-served server %s\n",
		 how, how);
	expect_told(&p, expected);
}

static void test_programs(void **state)
{
	(void)state;
	expect_fetched("Host: 192.0.2.9\r\nUser-Agent: Wget\r\n", "bare 192.0.2.9/bins/x.arm7");
	expect_fetched("Host: 192.0.2.9:8080\r\n", "bare 192.0.2.9/bins/x.arm7");
	expect_fetched("Host: 3221225985\r\n", "bare 3221225985/bins/x.arm7");
	expect_fetched("Host: [2001:db8::9]\r\n", "bare 2001:db8::9/bins/x.arm7");
	expect_fetched("", "bare ::/bins/x.arm7");
	expect_fetched("Host: files.lab.example\r\nUser-Agent: EXPLOIT\r\n",
		       "dropper files.lab.example/bins/x.arm7");
	expect_fetched("Host: 192.0.2.9\r\nUser-Agent: EXPLOIT\r\n", "bare 192.0.2.9/bins/x.arm7");
	expect_fetched("Host: update.lab.example\r\nUser-Agent: Wget\r\n",
		       "named update.lab.example/bins/x.arm7");
	expect_fetched("Host: update.lab.example\r\nUser-Agent: Wget/1.13 (linux-uclibc)\r\n",
		       "named update.lab.example/bins/x.arm7");
}

static void expect_program(const char *answer, size_t len, bool told)
{
	begin();
	CLIENT(&p, "GET /x HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n");
	for (size_t i = 0; i < len; i++)
		parsing_stream(&p, false, answer + i, 1, false, i + 1 == len);
	assert_int_equal(strstr(p.text, "elf-fetched client bare 192.0.2.9/x\n") != NULL, told);
	assert_int_equal(strstr(p.text, "elf-served server bare 192.0.2.9/x\n") != NULL, told);
}

#define EXPECT_PROGRAM(answer, told) expect_program(answer, sizeof(answer) - 1, told)

static void test_programs_of_any_kind(void **state)
{
	(void)state;
	EXPECT_PROGRAM(PROGRAM, true);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" ELF, true);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" ELF, true);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "\r\n" ELF, true);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "Transfer-Encoding: chunked\r\n\r\n"
		       "8\r\n" ELF "\r\n0\r\n\r\n",
		       true);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		       "8\r\n" ELF "\r\n0\r\n\r\n",
		       true);
	/* Only where a body begins, and whole. */
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "Content-Length: 9\r\n\r\n." ELF, false);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "Content-Length: 3\r\n\r\n\177EL", false);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "\r\n\177EL", false);
	EXPECT_PROGRAM("HTTP/1.1 200 OK\r\n" BINARY "Transfer-Encoding: chunked\r\n\r\n"
		       "4\r\nabcd\r\n8\r\n" ELF "\r\n0\r\n\r\n",
		       false);
}

/* A body behind lost bytes begins nowhere, and of a request that was not seen nothing is known. */
static void test_programs_and_gaps(void **state)
{
	(void)state;
	begin();
	SERVER(&p, PROGRAM);
	expect_told(&p, SERVED "elf-fetched client named ::/?\nelf-served server named ::/?\n");
	begin();
	CLIENT(&p, "GET /x HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n");
	SERVER(&p, "HTTP/1.1 200 OK\r\n" BINARY "Content-Length: 20\r\n\r\n");
	parsing_stream(&p, false, ELF, 8, true, false);
	assert_null(strstr(p.text, "elf"));
}

/* What a client sends is got by the server; through a proxy it is not the proxy's. */
static void test_programs_sent(void **state)
{
	(void)state;
	begin();
	CLIENT(&p,
	       "PUT /up HTTP/1.1\r\nHost: 192.0.2.9\r\n" BINARY "Content-Length: 8\r\n\r\n" ELF);
	expect_told(&p, "http-asks client 192.0.2.9/up\nelf-fetched server named 192.0.2.9/up\n"
			"elf-served client named 192.0.2.9/up\n");
	begin();
	CLIENT(&p, "GET http://192.0.2.9/x HTTP/1.1\r\n\r\n");
	SERVER(&p, PROGRAM);
	expect_told(&p, "http-asks client 192.0.2.9/x\n" SERVED
			"elf-fetched client bare 192.0.2.9/x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_that_refuse),
		cmocka_unit_test(test_what_lies_beneath),
		cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_logins_of_cgis),
		cmocka_unit_test(test_logins_in_json),
		cmocka_unit_test(test_a_page),
		cmocka_unit_test(test_basic),
		cmocka_unit_test(test_what_an_answer_means),
		cmocka_unit_test(test_rfc_2617),
		cmocka_unit_test(test_rfc_2069_and_7616),
		cmocka_unit_test(test_digests_that_prove_nothing),
		cmocka_unit_test(test_challenges),
		cmocka_unit_test(test_realms_without_serial_numbers),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_forms_answered_in_json),
		cmocka_unit_test(test_xiongmai_snapshot),
		cmocka_unit_test(test_what_a_device_says_to_its_cloud),
		cmocka_unit_test(test_fields_without_serial_numbers),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_logins_in_addresses),
		cmocka_unit_test(test_marks_of_one_device_are_not_told),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_after_a_gap),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long_bodies),
		cmocka_unit_test(test_tunnels_end_the_interest),
		cmocka_unit_test(test_sloppy_heads),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_sent_ahead),
		cmocka_unit_test(test_pages_for_all),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_whose_it_is),
		cmocka_unit_test(test_requests_that_take_over),
		cmocka_unit_test(test_bodies_that_take_over),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_programs_of_any_kind),
		cmocka_unit_test(test_programs_and_gaps),
		cmocka_unit_test(test_programs_sent),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
