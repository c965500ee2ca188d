/* SPDX-License-Identifier: MIT */
/*
 * proto/listen and listen_tell with the real parsers: protocols on odd ports, whom a fact is about and when a stranger's
 * are kept, accepted and reached, logins against the lists, bodies of HTTP; that neither the number of workers nor the
 * seed shows, and that nothing is taken from the heap on a packet's way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "listening.h"
#include "small_catalogue.h"

#include <stdio.h>

/* AddressSanitizer's, where the test is built with it. */
extern int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
						     void (*)(const volatile void *))
	__attribute__((weak));

static struct catalogue known;

static int load(void **state)
{
	static const struct small_files files = {
		.credentials = "-\t-\ttelnet\tlab-user\tlab-pass\t-\tno\tno\ttest\tlow\n"
			       "-\t-\tsnmp\t-\tpublic\t-\tno\tno\ttest\tlow\n"};

	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

static struct scene *stage_seeded(uint64_t seed)
{
	struct scene *s = scene_seeded(NULL, seed);

	scene_listen(s, &known);
	return s;
}

static struct scene *stage(void)
{
	return stage_seeded(1);
}

static void web(struct call *c, const char *server)
{
	static char answer[512];

	snprintf(answer, sizeof answer,
		 "HTTP/1.1 200 OK\r\nServer: %s\r\nContent-Type: text/html\r\n"
		 "Content-Length: 30\r\n\r\n<html><title>DVR</title></html",
		 server);
	call_client(c, "GET /index.html HTTP/1.1\r\nHost: camera\r\n\r\n");
	call_server(c, answer);
}

static void telnet_login(struct call *c, const char *password, const char *answer)
{
	call_server(c, "\xff\xfd\x01\xff\xfb\x03LAB login: ");
	call_client(c, "lab-user\r\n");
	call_server(c, "lab-user\r\nPassword: ");
	call_client(c, password);
	call_client(c, "\r\n");
	call_server(c, answer);
}

static void test_on_odd_ports(void **state)
{
	struct scene *s = stage();
	struct call c = call_open(s, home(20, 40000), home(30, 31337));

	(void)state;
	web(&c, "lab-httpd 1.0");
	c = call_open(s, home(20, 40001), home(30, 4022));
	call_server(&c, "SSH-2.0-lab_1.0\r\n");
	call_client(&c, "SSH-2.0-OpenSSH_9.0\r\n");
	c = call_open(s, home(20, 40002), home(30, 50119));
	telnet_login(&c, "own-pass", "\r\nLogin incorrect\r\nLAB login: ");
	expect_heard(s, "192.168.1.30 service/31337 \"http\"");
	expect_heard(s, "192.168.1.30 http-server/31337 \"lab-httpd 1.0\"");
	expect_heard(s, "192.168.1.30 service/4022 \"ssh\"");
	expect_heard(s, "192.168.1.30 ssh-banner/4022 \"SSH-2.0-lab_1.0\"");
	expect_heard(s, "192.168.1.20 ssh-banner \"SSH-2.0-OpenSSH_9.0\"");
	expect_heard(s, "192.168.1.30 service/50119 \"telnet\"");
	expect_heard(s, "192.168.1.30:50119 telnet login from 192.168.1.20 pair -1 refused");
	scene_free(s);
}

static void test_logins(void **state)
{
	struct scene *s = stage();
	struct end robber = stranger_at("203.0.113.9", 50000);
	struct call c = call_open(s, robber, home(30, 23));

	(void)state;
	telnet_login(&c, "lab-pass", "\r\n\r\nBusyBox v1.20.2 built-in shell (ash)\r\n# ");
	c = call_open(s, home(20, 40000), stranger_at("203.0.113.50", 23));
	telnet_login(&c, "lab-pass", "\r\n\r\nBusyBox v1.20.2 built-in shell (ash)\r\n# ");
	expect_heard(s, "192.168.1.30:23 telnet login from 203.0.113.9 pair 0 accepted");
	expect_heard(s, "203.0.113.50:23 telnet login from 192.168.1.20 pair 0 accepted");
	expect_heard(s, "192.168.1.30 reached/23 \"telnet\"");
	expect_unheard(s, "203.0.113.50 service/23 \"telnet\" stranger");
	scene_free(s);
}

/* One picture for a hash of a password, each time from another port. */
static void snapshot(struct scene *s, uint16_t port, const char *hash, const char *answer)
{
	struct call c = call_open(s, home(20, port), home(30, 80));
	char text[200];

	snprintf(text, sizeof text,
		 "GET /webcapture.jpg?command=snap&channel=1&user=lab-user&password=%s "
		 "HTTP/1.1\r\nHost: camera\r\n\r\n",
		 hash);
	call_client(&c, text);
	call_server(&c, answer);
	call_close(&c);
}

/* Of hashes that are refused only that is looked for which was taken before. */
static void test_refused_hashes(void **state)
{
	static const char taken[] = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
				    "Content-Length: 4\r\n\r\n\xff\xd8\xff\xd9";
	static const char refused[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
	static const char hash[] = "cujfPxJg", other[] = "UqryCO0N"; /* of "lab-pass", "other" */
	struct scene *s = stage();

	(void)state;
	snapshot(s, 40000, hash, refused);
	expect_heard(s, "192.168.1.30:80 http login from 192.168.1.20 pair -2 refused");
	expect_unheard(s, "pair 0 refused");
	snapshot(s, 40001, hash, taken);
	expect_heard(s, "192.168.1.30:80 http login from 192.168.1.20 pair 0 accepted");
	snapshot(s, 40002, other, refused);
	expect_unheard(s, "pair 0 refused");
	snapshot(s, 40003, hash, refused);
	expect_heard(s, "192.168.1.30:80 http login from 192.168.1.20 pair 0 refused");
	scene_free(s);
}

/* How many of the accepted logins let a password be read. */
static unsigned read_in_clear(const struct scene *s)
{
	unsigned n = 0;

	for (int i = 0; i < LANES; i++) {
		const struct facts *facts = &s->listeners->lane[i].facts;

		for (uint32_t k = 0; k < facts->logins_n; k++)
			n += facts_login_at(facts, k)->outcome == LOGIN_ACCEPTED &&
			     facts_login_at(facts, k)->cleartext;
	}
	return n;
}

static void test_no_password_is_none_in_clear(void **state)
{
	struct scene *s = stage();
	struct call c = call_open(s, home(20, 40000), home(30, 23));

	(void)state;
	telnet_login(&c, "", "\r\n\r\nBusyBox v1.20.2 built-in shell (ash)\r\n# ");
	expect_heard(s, "192.168.1.30:23 telnet login from 192.168.1.20 pair -1 accepted");
	assert_int_equal(read_in_clear(s), 0);
	c = call_open(s, home(21, 40000), home(30, 23));
	telnet_login(&c, "lab-pass", "\r\n\r\nBusyBox v1.20.2 built-in shell (ash)\r\n# ");
	assert_int_equal(read_in_clear(s), 1);
	scene_free(s);
}

/* Told at the first bytes behind a SYN-ACK, whoever speaks; of our servers alone. */
static void test_accepted_and_reached(void **state)
{
	struct scene *s = stage();
	struct end robber = stranger_at("203.0.113.9", 50000),
		   site = stranger_at("203.0.113.80", 443);
	struct call c = call_open(s, robber, home(30, 9999));

	(void)state;
	expect_unheard(s, "192.168.1.30 reached/9999 \"tcp\"");
	call_client(&c, "\x01\x02\x03");
	call_client(&c, "\x01\x02\x03");
	expect_heard(s, "192.168.1.30 reached/9999 \"tcp\"");
	expect_unheard(s, "192.168.1.30 accepted/9999 \"tcp\"");
	c = call_open(s, home(20, 50001), home(30, 9999));
	call_server(&c, "\x01\x02\x03");
	expect_heard(s, "192.168.1.30 accepted/9999 \"tcp\"");
	c = call_open(s, home(20, 50002), site);
	call_client(&c, "\x01\x02\x03");
	expect_unheard(s, "203.0.113.80 reached/443 \"tcp\"");
	expect_unheard(s, "203.0.113.80 accepted/443 \"tcp\"");
	c = (struct call){.scene = s, .client = robber, .server = home(31, 9999)};
	call_client(&c, "\x01\x02\x03"); /* joined: nobody knows who called */
	expect_unheard(s, "192.168.1.31 reached/9999 \"tcp\"");
	scene_free(s);
}

/* Of strangers only what devices say of themselves is kept: no banners, no services. */
static void test_strangers(void **state)
{
	struct scene *s = stage();
	struct call c = call_open(s, home(20, 40000), stranger_at("203.0.113.80", 80));
	struct text t;

	(void)state;
	web(&c, "nginx");
	t = heard(s->listeners);
	assert_null(strstr(text_string(&t), "nginx"));
	assert_null(strstr(text_string(&t), "203.0.113.80 "));
	text_fini(&t);
	expect_heard(s, "192.168.1.20 http-asks \"camera/index.html\"");
	scene_free(s);
}

static const char description[] =
	"<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>"
	"<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
	"<friendlyName>LAB camera</friendlyName><manufacturer>LAB</manufacturer>"
	"<modelName>LC-1</modelName></device></root>";

static void test_bodies(void **state)
{
	struct scene *s = stage();
	struct call c = call_open(s, home(20, 40000), home(30, 49153));
	char answer[1024];

	(void)state;
	snprintf(answer, sizeof answer,
		 "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %zu\r\n\r\n%s",
		 strlen(description), description);
	call_client(&c, "GET /desc.xml HTTP/1.1\r\nHost: 192.168.1.30:49153\r\n\r\n");
	for (const char *at = answer; *at != '\0'; at += strlen(at) < 50 ? strlen(at) : 50)
		call_send(&c, SERVER_SIDE, TCP_ACK, at, strlen(at) < 50 ? strlen(at) : 50);
	expect_heard(s, "192.168.1.30 upnp-manufacturer/49153 \"LAB\"");
	expect_heard(s, "192.168.1.30 upnp-model-name/49153 \"LC-1\"");
	expect_heard(s, "192.168.1.30 service/49153 \"http\"");
	scene_free(s);
}

/* A name asked for, and before it has an address: the MAC alone. */
static void test_datagrams(void **state)
{
	static const uint8_t question[] =
		"\x12\x34\x01\0\0\1\0\0\0\0\0\0\3lab\7example\3com\0\0\1\0\1";
	struct scene *s = stage();
	struct end asker = home(20, 40000), unborn = home(40, 68);
	struct end all = {
		.addr = addr_v4(0xffffffff), .mac = {{255, 255, 255, 255, 255, 255}}, .port = 67};
	uint8_t dhcp[300] = {1, 1, 6, 0};

	(void)state;
	scene_send(s, make_udp(asker, home(1, 53), question, sizeof question - 1));
	expect_heard(s, "192.168.1.20 dns-name \"lab.example.com\"");
	unborn.addr = addr_v4(0);
	memcpy(dhcp + 28, unborn.mac.b, 6);
	memcpy(dhcp + 236, "\x63\x82\x53\x63\x35\x01\x01\x0c\x07LAB-CAM\xff", 17);
	scene_send(s, make_udp(unborn, all, dhcp, sizeof dhcp));
	expect_heard(s, "mac dhcp-host-name \"LAB-CAM\"");
	scene_free(s);
}

/* A conversation that nobody knows is passed over in the end, and only that one. */
static void test_nobodys_datagrams(void **state)
{
	static const char first[] = "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
				    "ST: upnp:rootdevice\r\nUSER-AGENT: lab/1\r\n\r\n";
	static const char second[] = "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
				     "ST: upnp:rootdevice\r\nUSER-AGENT: lab/2\r\n\r\n";
	static const uint8_t noise[40] = {0x9d, 0x41, 0x7c};

	(void)state;
	for (unsigned late = 0; late < 2; late++) {
		struct scene *s = stage();
		struct end from = home(20, 40000), other = home(20, 40001), to = home(30, 40002);
		unsigned most = (unsigned)s->knowledge.limits.datagrams_unheard;

		for (unsigned i = 0; i + 1 < most + late; i++)
			scene_after(s, 1, make_udp(from, to, noise, sizeof noise));
		scene_after(s, 1, make_udp(from, to, first, sizeof first - 1));
		scene_after(s, 1, make_udp(other, to, second, sizeof second - 1));
		if (late == 0)
			expect_heard(s, "192.168.1.20 ssdp-agent \"lab/1\"");
		else
			expect_unheard(s, "192.168.1.20 ssdp-agent \"lab/1\"");
		expect_heard(s, "192.168.1.20 ssdp-agent \"lab/2\"");
		scene_free(s);
	}
}

/* ---- any number of workers, any seed ---------------------------------------------------------------------------- */

enum { TALKERS = 40, PACKETS = WORK_PACKETS };

struct script {
	uint32_t n;
	struct packet packets[PACKETS];
	char texts[PACKETS][64];
};

static void script_add(struct script *sc, struct packet p, const char *text)
{
	if (sc->n == PACKETS)
		return;
	snprintf(sc->texts[sc->n], sizeof sc->texts[0], "%s", text);
	p.payload = (const uint8_t *)sc->texts[sc->n];
	p.payload_len = p.payload_wire = (uint32_t)strlen(sc->texts[sc->n]);
	p.key = sc->n + 1;
	p.time_ns = p.now_ns = (int64_t)sc->n * 20 * NS_PER_MS;
	sc->packets[sc->n++] = p;
}

/* Web servers, shells and their clients, all at once, each at its own pace; some packets are lost. */
static void write_script(struct script *sc, struct draw *d)
{
	static const char *const lines[] = {"SSH-2.0-lab\r\n",
					    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
					    "HTTP/1.1 401 No\r\nServer: lab\r\n\r\n",
					    "LAB login: ",
					    "lab-user\r\n",
					    "Password: ",
					    "lab-pass\r\n",
					    "\r\n# "};
	struct call calls[TALKERS];

	for (unsigned i = 0; i < TALKERS; i++)
		calls[i] =
			(struct call){.client = home(2 + i % 7, (uint16_t)(40000 + i)),
				      .server = i % 3 == 0 ? stranger(addr_v4(0xcb007100 + i), 22)
							   : home(50 + i, (uint16_t)(20 + i))};
	while (sc->n < PACKETS) {
		unsigned i = (unsigned)draw_below(d, TALKERS), side = (unsigned)draw_below(d, 2);
		struct call *c = &calls[i];
		const char *text = lines[draw_below(d, sizeof lines / sizeof lines[0])];
		uint8_t flags = TCP_ACK;

		if (draw_below(d, 12) == 0) {
			side = SERVER_SIDE;
			text = "";
			flags |= TCP_SYN;
			c->seq[0] += 1 << 22;
		}
		if (draw_below(d, 30) > 0)
			script_add(sc, call_packet(c, side, flags, NULL, 0), text);
		c->seq[side] += (uint32_t)strlen(text) + (flags > TCP_ACK);
	}
}

static struct text perform(const struct script *sc, unsigned workers, uint64_t seed,
			   uint64_t *heard_of)
{
	struct scene *s = stage_seeded(seed);
	struct text t;

	memcpy(s->work.packets, sc->packets, sizeof sc->packets);
	s->work.n = sc->n;
	world_stamp(&s->world, &s->work, 0);
	for (unsigned w = 0; w < workers; w++)
		lanes_run(&s->lanes, &s->work, workers - 1 - w, workers);
	listeners_finish(s->listeners);
	t = heard(s->listeners);
	*heard_of = 0;
	for (int i = 0; i < LANES; i++) {
		const struct listener *l = &s->listeners->lane[i];
		const uint64_t counts[] = {l->packets,	     l->malformed,
					   l->states_n,	     l->refused_states,
					   l->facts.refused, l->facts.refused_logins,
					   l->flows.refused, l->flows.refused_windows,
					   l->flows.cut};

		for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
			*heard_of = hash_more(*heard_of, counts[k]);
	}
	scene_free(s);
	return t;
}

static void test_workers_and_seeds_change_nothing(void **state)
{
	static struct script sc;
	struct draw d = draw_from(3);
	struct text one;
	uint64_t counts;

	(void)state;
	write_script(&sc, &d);
	one = perform(&sc, 1, 1, &counts);
	assert_true(one.len > 3000);
	assert_non_null(strstr(one.at, "login from"));
	for (unsigned workers = 1; workers <= 3; workers++) {
		uint64_t other_counts;
		struct text other = perform(&sc, workers, workers * 0x1234567, &other_counts);

		assert_string_equal(one.at, other.at);
		assert_true(counts == other_counts);
		text_fini(&other);
	}
	text_fini(&one);
}

/* ---- the heap ---------------------------------------------------------------------------------------------------- */

static uint64_t heap_calls;

static void count_malloc(const volatile void *at, size_t n)
{
	(void)at;
	(void)n;
	heap_calls++;
}

static void count_free(const volatile void *at)
{
	(void)at;
	heap_calls++;
}

static void test_no_heap_on_the_way(void **state)
{
	static struct script sc;
	struct draw d = draw_from(4);
	struct scene *s = stage();
	void *volatile seen;
	uint64_t before;

	(void)state;
	if (__sanitizer_install_malloc_and_free_hooks == NULL) {
		scene_free(s);
		print_message("SKIPPED: heap calls are counted under AddressSanitizer alone\n");
		skip();
	}
	write_script(&sc, &d);
	memcpy(s->work.packets, sc.packets, sizeof sc.packets);
	s->work.n = sc.n;
	__sanitizer_install_malloc_and_free_hooks(count_malloc, count_free);
	seen = malloc(1); /* is anybody counting? */
	free(seen);
	assert_true(heap_calls >= 2);
	before = heap_calls;
	world_stamp(&s->world, &s->work, 0);
	lanes_run(&s->lanes, &s->work, 0, 1);
	listeners_finish(s->listeners);
	assert_int_equal(heap_calls, before);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_on_odd_ports),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_refused_hashes),
		cmocka_unit_test(test_no_password_is_none_in_clear),
		cmocka_unit_test(test_accepted_and_reached),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_nobodys_datagrams),
		cmocka_unit_test(test_workers_and_seeds_change_nothing),
		cmocka_unit_test(test_no_heap_on_the_way),
	};

	return cmocka_run_group_tests(tests, load, small_catalogue_fini);
}
