/* SPDX-License-Identifier: MIT */
/*
 * The portal: which answer a request gets, every word of a page, requests that are none (over a pair of sockets, through the
 * library), and what the kernel says of neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "watch/http_server.h"
#include "hold/neighbour.h"
#include "watch/portal_page.h"

#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PORT = 8081 };

static struct addr at(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

/* ---- what is asked ---------------------------------------------------------------------------------------------- */

static void test_asks(void **state)
{
	static const struct {
		const char *method, *path, *host, *here;
		enum portal_answer answer;
	} cases[] = {
		{"GET", "/", "192.0.2.1:8081", "192.0.2.1", PORTAL_MINE},
		{"HEAD", "/", "192.0.2.1", "192.0.2.1", PORTAL_MINE},
		{"GET", "/", "192.0.2.1:80", "192.0.2.1", PORTAL_MINE},
		{"GET", "/all", "192.0.2.1:8081", "192.0.2.1", PORTAL_LIST},
		{"GET", "/", "[2001:db8:1::1]:8081", "2001:db8:1::1", PORTAL_MINE},
		{"GET", "/", "[2001:DB8:1:0::1]", "2001:db8:1::1", PORTAL_MINE},
		{"GET", "/", NULL, "192.0.2.1", PORTAL_MINE},
		{"GET", "/generate_204", NULL, "192.0.2.1", PORTAL_MINE},
		{"GET", "/generate_204", "connectivitycheck.gstatic.com", "192.0.2.1", PORTAL_AWAY},
		{"HEAD", "/hotspot-detect.html", "captive.apple.com", "2001:db8:1::1", PORTAL_AWAY},
		{"GET", "/", "router.example:8081", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "192.0.2.1:8082", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "192.0.2.1:8081x", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "192.0.2.2:8081", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "[", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "[]", "192.0.2.1", PORTAL_AWAY},
		{"GET", "/", "[2001:db8:1::1", "2001:db8:1::1", PORTAL_AWAY},
		{"POST", "/", "shop.example", "192.0.2.1", PORTAL_CAPTIVE},
		{"CONNECT", "shop.example:443", "shop.example:443", "192.0.2.1", PORTAL_CAPTIVE},
		{"POST", "/", "192.0.2.1:8081", "192.0.2.1", PORTAL_METHOD},
		{"GET", "/../etc/passwd", "192.0.2.1:8081", "192.0.2.1", PORTAL_NONE},
		{"GET", "/device/", "192.0.2.1:8081", "192.0.2.1", PORTAL_NONE},
		{"GET", "/device/02-00-5e-00-53-1", "192.0.2.1:8081", "192.0.2.1", PORTAL_NONE},
		{"GET", "/device/02:00:5e:00:53:01", "192.0.2.1:8081", "192.0.2.1", PORTAL_NONE},
		{"GET", "/device/02-00-5E-00-53-01", "192.0.2.1:8081", "192.0.2.1", PORTAL_DEVICE},
	};
	char slug[PORTAL_SLUG];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr here = at(cases[i].here);

		if (portal_asks(cases[i].method, cases[i].path, cases[i].host, &here, PORT, slug) !=
		    cases[i].answer)
			fail_msg("%s %s of %s", cases[i].method, cases[i].path, cases[i].host);
	}
	assert_string_equal(slug, "02-00-5e-00-53-01");
}

static void test_url(void **state)
{
	struct addr four = at("192.0.2.1"), six = at("2001:db8:1::1");
	char url[PORTAL_URL];

	(void)state;
	assert_string_equal(portal_url(&four, PORT, url), "http://192.0.2.1:8081/");
	assert_string_equal(portal_url(&six, PORT, url), "http://[2001:db8:1::1]:8081/");
	six = at("2001:db8:1111:2222:3333:4444:5555:6666");
	assert_string_equal(portal_url(&six, 65535, url),
			    "http://[2001:db8:1111:2222:3333:4444:5555:6666]:65535/");
}

/* ---- pages ------------------------------------------------------------------------------------------------------ */

static const char *const steps[] = {"Open its page and choose a password of your own",
				    "If it asks for <nothing>, ask its maker"};
static const struct portal_device devices[] = {
	{.slug = "02-00-5e-00-53-15",
	 .name = "<script>alert(1)</script>",
	 .what = "Xiongmai camera-2015",
	 .how = "kept off the Internet",
	 .since = "2026-11-23 23:40 UTC",
	 .why = "the factory password was used at http/80",
	 .todo = steps,
	 .todo_n = 2,
	 .let_out = "cordon gate confirm",
	 .by_itself = "It opens by itself as soon as a password of its owner's was used."},
	{.slug = "02-00-5e-00-53-14",
	 .how = "cut off from everybody",
	 .why = "its owner ordered it",
	 .let_out = "cordon release"},
};

/* What a reader reads: between the heading and the end. */
static const char *body(const struct text *page)
{
	const char *from = strstr(text_string(page), "<h1>");

	assert_non_null(from);
	assert_null(strstr(text_string(page), "<script"));
	assert_null(strstr(text_string(page), "http:"));
	assert_non_null(strstr(text_string(page), "viewport"));
	return from;
}

static void test_page_device(void **state)
{
	struct text page = {0};

	(void)state;
	portal_page_device(&devices[0], true, &page);
	assert_string_equal(
		body(&page),
		"<h1>This device is held</h1>\n"
		"<div class=\"card\">\n"
		"<h2><bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi></h2>\n"
		"<p class=\"soft\"><bdi>Xiongmai camera-2015</bdi>, MAC 02:00:5e:00:53:15</p>\n"
		"<p>It is kept off the Internet since 2026-11-23 23:40 UTC: the factory password "
		"was used at http/80.</p>\n"
		"</div>\n"
		"<h2>What to do</h2>\n<ol>\n"
		"<li>Open its page and choose a password of your own</li>\n"
		"<li>If it asks for &lt;nothing&gt;, ask its maker</li>\n</ol>\n"
		"<h2>How it gets out</h2>\n"
		"<p>It opens by itself as soon as a password of its owner&#39;s was used.</p>\n"
		"<p>Who looks after this network lets it out on the router by hand:</p>\n"
		"<p><code>cordon gate confirm 02:00:5e:00:53:15</code></p>\n"
		"<p class=\"soft\"><a href=\"/all\">All devices that are held</a></p>\n"
		"</body>\n</html>\n");
	text_fini(&page);
}

static void test_page_list(void **state)
{
	struct portal_view v = {.devices = devices, .n = 2, .more = 3};
	struct text page = {0};

	(void)state;
	portal_page_list(&v, &page);
	assert_string_equal(
		body(&page),
		"<h1>5 devices of this network are held</h1>\n"
		"<p>What you read this with is none of them.</p>\n"
		"<div class=\"card\">\n"
		"<h2><a href=\"/device/02-00-5e-00-53-15\"><bdi>&lt;script&gt;alert(1)&lt;/script"
		"&gt;</bdi></a></h2>\n"
		"<p class=\"soft\"><bdi>Xiongmai camera-2015</bdi>, MAC 02:00:5e:00:53:15</p>\n"
		"<p>Is kept off the Internet since 2026-11-23 23:40 UTC: the factory password was "
		"used at http/80.</p>\n"
		"</div>\n"
		"<div class=\"card\">\n"
		"<h2><a href=\"/device/02-00-5e-00-53-14\"><bdi>02:00:5e:00:53:14</bdi></a></h2>\n"
		"<p class=\"soft\">MAC 02:00:5e:00:53:14</p>\n"
		"<p>Is cut off from everybody: its owner ordered it.</p>\n"
		"</div>\n"
		"<p>And 3 more: <code>cordon contained</code> lists them on the router.</p>\n"
		"</body>\n</html>\n");
	text_clear(&page);
	v = (struct portal_view){0};
	portal_page_list(&v, &page);
	assert_string_equal(body(&page),
			    "<h1>No device of this network is held</h1>\n</body>\n</html>\n");
	text_fini(&page);
}

/* ---- requests over a pair of sockets -------------------------------------------------------------------------- */

static uv_loop_t loop;
static struct http_server *http;
static int asked, closed;
static char last_host[64];

static void answer(void *context, const struct http_request *q, struct http_reply *r)
{
	struct addr here = at("192.0.2.1");
	char slug[PORTAL_SLUG];

	assert_ptr_equal(context, &asked);
	assert_ptr_equal(q->who, &closed);
	(void)snprintf(last_host, sizeof last_host, "%s", q->host != NULL ? q->host : "");
	asked++;
	r->status = portal_asks(q->method, q->path, q->host, &here, PORT, slug) == PORTAL_AWAY
			    ? 302
			    : 200;
	r->type = "text/html";
	r->policy = portal_policy;
	r->location = r->status == 302 ? "http://192.0.2.1:8081/" : NULL;
	text_puts(&r->body, "page");
}

static void on_closed(void *context, void *who)
{
	(void)context;
	assert_ptr_equal(who, &closed);
	closed++;
}

static int set_up(void **state)
{
	const struct http_options o = {.listen_fd = -1,
				       .connections = 4,
				       .connection_bytes = 8192,
				       .idle_s = 5,
				       .once = true,
				       .answer = answer,
				       .closed = on_closed,
				       .context = &asked};

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&loop), 0);
	http = http_server_new(&loop, &o);
	return http == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	http_server_end(http);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	http_server_free(http);
	return uv_loop_close(&loop);
}

/* What came back to these bytes; the connection is over then, whatever they were. */
static size_t send_and_read(const char *bytes, size_t len, char *to, size_t room)
{
	const struct sockaddr from = {.sa_family = AF_UNIX};
	size_t got = 0;
	int pair[2], before = closed;
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_true(http_server_take(http, pair[0], &from, sizeof from, &closed));
	while (len > 0 && (n = send(pair[1], bytes, len, MSG_NOSIGNAL)) > 0) {
		bytes += n;
		len -= (size_t)n;
		(void)uv_run(&loop, UV_RUN_NOWAIT);
	}
	(void)shutdown(pair[1], SHUT_WR);
	for (int i = 0; i < 200 && closed == before; i++) {
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		http_server_turn(http);
		while (got < room - 1 && (n = recv(pair[1], to + got, room - 1 - got, 0)) > 0)
			got += (size_t)n;
	}
	assert_int_equal(closed, before + 1);
	while (got < room - 1 && (n = recv(pair[1], to + got, room - 1 - got, 0)) > 0)
		got += (size_t)n;
	to[got] = '\0';
	(void)close(pair[1]);
	return got;
}

static const char get[] = "GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.example\r\n"
			  "User-Agent: x\r\nAccept: */*\r\n\r\n";

static void test_request(void **state)
{
	char back[4096];

	(void)state;
	asked = 0;
	(void)send_and_read(get, sizeof get - 1, back, sizeof back);
	assert_int_equal(asked, 1);
	assert_string_equal(last_host, "connectivitycheck.example");
	assert_memory_equal(back, "HTTP/1.1 302 ", 13);
	assert_non_null(strstr(back, "\r\nLocation: http://192.0.2.1:8081/\r\n"));
	assert_non_null(strstr(back, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(back, "\r\nContent-Security-Policy: default-src 'none'"));
	assert_non_null(strcasestr(back, "\r\nConnection: close\r\n"));
	assert_null(strstr(back, "connectivitycheck"));
	assert_null(strstr(back, "generate_204"));
}

/* More than a request may be: turned away without being asked about. */
static void test_long_request(void **state)
{
	static char request[65536];
	char back[4096];
	int n;

	(void)state;
	asked = 0;
	n = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: a\r\nCookie: ");
	memset(request + n, 'a', sizeof request - (size_t)n);
	memcpy(request + 16000, "\r\n\r\n", 4);
	(void)send_and_read(request, 16004, back, sizeof back);
	assert_int_equal(asked, 0);
	/* Ordinary ones with many headers and cookies are answered. */
	memcpy(request + 3500, "\r\n\r\n", 4);
	(void)send_and_read(request, 3504, back, sizeof back);
	assert_int_equal(asked, 1);
	memset(request, 'G', sizeof request);
	(void)send_and_read(request, sizeof request, back, sizeof back);
	assert_int_equal(asked, 1);
}

/* Changed, cut, repeated: whatever comes, the connection ends and the next one is answered. */
static void test_nonsense(void **state)
{
	static const char *const pieces[] = {"GET ",
					     "POST ",
					     "/",
					     " HTTP/1.1\r\n",
					     "Host: ",
					     "\r\n",
					     "\r\n\r\n",
					     "Content-Length: ",
					     "18446744073709551616",
					     "-1",
					     "Transfer-Encoding: chunked\r\n",
					     "fffffffff\r\n",
					     "\0",
					     "%00%0d%0aLocation: x",
					     "[::1]:8081",
					     "\xff\xfe",
					     "a b",
					     "Expect: 100-continue\r\n"};
	struct draw d = {2026};
	char request[1024], back[4096];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t len = 0;

		if (draw_below(&d, 2) == 0) {
			memcpy(request, get, len = sizeof get - 1);
			for (size_t i = draw_below(&d, 6); i > 0; i--)
				request[draw_below(&d, len)] = (char)draw_below(&d, 256);
			len = draw_below(&d, 4) == 0 ? draw_below(&d, len + 1) : len;
		} else {
			for (size_t i = draw_below(&d, 20); i > 0; i--) {
				const char *piece =
					pieces[draw_below(&d, sizeof pieces / sizeof *pieces)];
				size_t n = *piece == '\0' ? 1 : strlen(piece);

				memcpy(request + len, piece, n);
				len += n;
			}
		}
		(void)send_and_read(request, len, back, sizeof back);
	}
	test_request(state);
}

/* ---- neighbours -------------------------------------------------------------------------------------------------- */

struct told {
	struct nlmsghdr head;
	struct ndmsg neighbour;
	struct nlattr dst;
	uint8_t addr[4];
	struct nlattr link;
	uint8_t mac[6], pad[2];
};

static struct told neighbour(void)
{
	return (struct told){
		.head = {.nlmsg_len = sizeof(struct told), .nlmsg_type = RTM_NEWNEIGH},
		.neighbour = {.ndm_family = AF_INET, .ndm_ifindex = 7, .ndm_state = NUD_STALE},
		.dst = {.nla_len = 8, .nla_type = NDA_DST},
		.addr = {192, 0, 2, 20},
		.link = {.nla_len = 10, .nla_type = NDA_LLADDR},
		.mac = {2, 0, 0x5e, 0, 0x53, 1}};
}

static bool reads(const struct told *t, const char *addr)
{
	struct addr a = at(addr);
	struct mac mac;

	return neighbour_read(t, sizeof *t, 7, &a, &mac);
}

static void test_neighbour(void **state)
{
	struct told t = neighbour();
	struct addr a = at("192.0.2.20");
	char text[MAC_TEXT_MAX];
	struct mac mac;

	(void)state;
	assert_true(neighbour_read(&t, sizeof t, 7, &a, &mac));
	assert_string_equal(mac_text(&mac, text), "02:00:5e:00:53:01");
	assert_false(neighbour_read(&t, sizeof t, 8, &a, &mac));
	assert_false(reads(&t, "192.0.2.21"));
	assert_false(reads(&t, "2001:db8::1"));
	t.neighbour.ndm_state = NUD_FAILED;
	assert_false(reads(&t, "192.0.2.20"));
	t = neighbour();
	t.head.nlmsg_type = NLMSG_ERROR;
	assert_false(reads(&t, "192.0.2.20"));
	t = neighbour();
	memset(t.mac, 0, sizeof t.mac);
	assert_false(reads(&t, "192.0.2.20"));
}

static void test_neighbour_cut(void **state)
{
	struct draw d = {8};
	struct addr a = at("192.0.2.20");

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		struct told t = neighbour();
		size_t len = round <= sizeof t ? round : draw_below(&d, sizeof t + 1);
		uint8_t *copy;
		struct mac mac;

		t.head.nlmsg_len = (uint32_t)len;
		for (size_t i = round <= sizeof t ? 0 : draw_below(&d, 4); i > 0; i--)
			((uint8_t *)&t)[draw_below(&d, sizeof t)] = (uint8_t)draw_below(&d, 256);
		copy = malloc(len > 0 ? len : 1);
		assert_non_null(copy);
		memcpy(copy, &t, len);
		(void)neighbour_read(copy, len, 7, &a, &mac);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_page_device),
		cmocka_unit_test(test_page_list),
		cmocka_unit_test_setup_teardown(test_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
		cmocka_unit_test(test_neighbour),
		cmocka_unit_test(test_neighbour_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
