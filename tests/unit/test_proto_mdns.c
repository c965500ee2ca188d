/* SPDX-License-Identifier: MIT */
/*
 * proto/mdns: what a camera announces and asks, and what is told of nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "proto/names.h"
#include "message.h"

enum { PORT = 5353, FLUSH_IN = 0x8001, SRV = 33 };

static struct parsing p;

static void fresh(uint16_t from, uint16_t to)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_mdns, from, to);
}

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void put_pair(struct wire *w, const char *owner, const char *target, uint32_t ttl)
{
	size_t at;

	put_name(w, owner);
	at = open_record(w, RECORD_PTR, CLASS_IN, ttl);
	put_name(w, target);
	close_record(w, at);
}

/* The instance that stands as the target of the first record, once more in a pointer. */
static struct wire announcement(void)
{
	struct wire w = {.len = 0};
	size_t at, type = 12, instance;

	put_dns_header(&w, 0x8400, 0, 2, 1, 3);
	put_name(&w, "_axis-video._tcp.local");
	at = open_record(&w, RECORD_PTR, CLASS_IN, 4500);
	instance = w.len;
	put_labels(&w, "Lab M1011 - door");
	put_pointer(&w, type);
	close_record(&w, at);
	put_pair(&w, "_services._dns-sd._udp.local", "_http._tcp.local", 4500);
	put_pair(&w, "_cam._sub._rtsp._tcp.local", "door._rtsp._tcp.local", 4500);
	put_pointer(&w, instance);
	at = open_record(&w, RECORD_TXT, FLUSH_IN, 4500);
	put_short(&w, "macaddress=02005E000001");
	put_short(&w, "Model=M1011");
	put_short(&w, "sn=12345678");
	put_short(&w, "version=5.20");
	put_short(&w, "vers");
	put_short(&w, "md=");
	put_short(&w, "");
	close_record(&w, at);
	put_pointer(&w, instance);
	at = open_record(&w, SRV, FLUSH_IN, 120);
	put_be32(&w, 0);
	put_be16(&w, 80);
	put_name(&w, "axis-lab.local");
	close_record(&w, at);
	put_name(&w, "axis-lab.local");
	at = open_record(&w, RECORD_A, FLUSH_IN, 120);
	put_be32(&w, 0xc0a80114);
	close_record(&w, at);
	return w;
}

#define ANNOUNCED                                                                                  \
	"service sender mdns\n"                                                                    \
	"mdns-service sender _axis-video._tcp.local\n"                                             \
	"mdns-instance sender Lab M1011 - door._axis-video._tcp.local\n"                           \
	"mdns-service sender _http._tcp.local\n"                                                   \
	"mdns-service sender _rtsp._tcp.local\n"                                                   \
	"mdns-instance sender door._rtsp._tcp.local\n"                                             \
	"mdns-txt sender Model=M1011\n"                                                            \
	"mdns-txt sender version=5.20\n"                                                           \
	"mdns-host sender axis-lab.local\n"

static void test_an_announcement(void **state)
{
	struct wire w = announcement();

	(void)state;
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, ANNOUNCED);
	fresh(PORT, 50000); /* legacy unicast */
	feed(&w);
	expect_told(&p, ANNOUNCED);
	fresh(50000, PORT); /* a response comes from 5353 */
	feed(&w);
	expect_told(&p, "");
}

/* A cut message tells a beginning of what the whole one tells, never anything else. */
static void test_cuts(void **state)
{
	struct wire w = announcement();

	(void)state;
	for (size_t n = 0; n < w.len; n++) {
		fresh(PORT, PORT);
		parsing_mine(&p, true, w.bytes, n);
		parsing_datagram(&p, true, w.bytes, n);
		assert_memory_equal(p.text, ANNOUNCED, p.len);
		assert_true(p.len == 0 || p.text[p.len - 1] == '\n');
	}
}

static void feed_from(const struct wire *w, const char *address)
{
	struct talk t = parsing_talk(&p, true, (struct bytes){w->bytes, w->len});

	assert_true(addr_parse(address, &p.packet.src));
	p.packet.flags |= strchr(address, ':') != NULL ? PACKET_V6 : 0;
	assert_true(proto_mdns.datagram(&t, &p.telling));
}

static void test_records_of_others(void **state)
{
	struct wire w = announcement();

	(void)state;
	fresh(PORT, PORT);
	feed_from(&w, "192.168.1.20");
	expect_told(&p, ANNOUNCED);
	feed_from(&w, "fe80::1"); /* no IPv6 address is given: can't be told */
	expect_told(&p, ANNOUNCED);
	feed_from(&w, "192.168.1.1"); /* a reflector */
	expect_told(&p, "");
}

static void test_ipv6_hosts(void **state)
{
	static const uint8_t address[16] = {0xfe, 0x80, [15] = 7};
	struct wire w = {.len = 0};
	size_t at;

	(void)state;
	put_dns_header(&w, 0x8400, 0, 1, 0, 0);
	put_name(&w, "cam.local");
	at = open_record(&w, RECORD_AAAA, FLUSH_IN, 120);
	put(&w, address, sizeof address);
	close_record(&w, at);
	fresh(PORT, PORT);
	feed_from(&w, "fe80::7");
	expect_told(&p, "service sender mdns\nmdns-host sender cam.local\n");
	feed_from(&w, "fe80::8");
	expect_told(&p, "");
}

static void test_questions(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	put_dns_header(&w, 0, 3, 1, 0, 0);
	put_question(&w, "_hap._tcp.local", RECORD_PTR, CLASS_IN);
	put_question(&w, "nas.local", RECORD_A, 0x8001);
	put_question(&w, "7.1.168.192.in-addr.arpa", RECORD_PTR, CLASS_IN);
	put_pair(&w, "_hap._tcp.local", "bridge._hap._tcp.local", 4500); /* known answer */
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, "mdns-asks sender _hap._tcp.local\nmdns-asks sender nas.local\n");
}

static void test_probes_are_no_questions(void **state)
{
	struct wire w = {.len = 0};
	size_t at;

	(void)state;
	put_dns_header(&w, 0, 1, 0, 1, 0);
	put_question(&w, "cam.local", RECORD_ANY, CLASS_IN);
	put_pointer(&w, 12);
	at = open_record(&w, RECORD_A, CLASS_IN, 120);
	put_be32(&w, 0xc0a80114);
	close_record(&w, at);
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, "");
}

static void test_pairs_that_are_no_services(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	put_dns_header(&w, 0x8400, 0, 7, 0, 0);
	put_pair(&w, "_http._tcp.local", "gone._http._tcp.local", 0); /* a goodbye */
	put_pair(&w, "7.1.168.192.in-addr.arpa", "cam.local", 120);
	put_pair(&w, "_http._tcp.local", "cam._rtsp._tcp.local", 120);
	put_pair(&w, "_http._tcp.local", "_http._tcp.local", 120);
	put_pair(&w, "_services._dns-sd._udp.local", "cam.local", 120);
	put_pair(&w, "_raop._tcp.local", "02005e000001@Kitchen._raop._tcp.local", 120);
	put_pair(&w, "_raop._tcp.local", "02005e00000x@Kitchen._raop._TCP.local", 120);
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, "service sender mdns\n"
			"mdns-service sender _raop._tcp.local\n"
			"mdns-instance sender Kitchen._raop._tcp.local\n"
			"mdns-service sender _raop._tcp.local\n"
			"mdns-instance sender 02005e00000x@Kitchen._raop._TCP.local\n");
}

/* A text without a key is told when it reads like a product, and like nothing else. */
static void test_plain_texts(void **state)
{
	static const char *const texts[] = {"IC-3115W Network Camera",
					    "Living room 2",
					    "Anna's SX1000 speaker",
					    "IC-3115W",
					    "Network Camera",
					    "Cam 02005E1000",
					    "Cam X100 abcdef1",
					    "X200: 10.0.0.1",
					    "paper custom",
					    "  (Lab) X200+ v1.2 ",
					    "model_number=X1",
					    "serial_number=X1"};
	struct wire w = {.len = 0};
	size_t at;

	(void)state;
	put_dns_header(&w, 0x8400, 0, 1, 0, 0);
	put_name(&w, "lab._http._tcp.local");
	at = open_record(&w, RECORD_TXT, FLUSH_IN, 4500);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_short(&w, texts[i]);
	close_record(&w, at);
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, "service sender mdns\n"
			"mdns-txt sender IC-3115W Network Camera\n"
			"mdns-txt sender (Lab) X200+ v1.2\n"
			"mdns-txt sender model_number=X1\n");
}

static void test_other_classes_and_broken_names(void **state)
{
	struct wire w = {.len = 0};
	size_t at;

	(void)state;
	put_dns_header(&w, 0x8400, 0, 2, 0, 0);
	put_name(&w, "cam.local");
	at = open_record(&w, RECORD_A, 3, 120);
	put_be32(&w, 1);
	close_record(&w, at);
	put_name(&w, "_http._tcp.local");
	at = open_record(&w, RECORD_PTR, CLASS_IN, 120);
	put_pointer(&w, w.len);
	close_record(&w, at);
	fresh(PORT, PORT);
	feed(&w);
	expect_told(&p, "service sender mdns\n");
}

static void expect_refused(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_NO);
}

/* Other things that go to or from port 5353. */
static void test_look_alikes(void **state)
{
	struct wire quic = {.len = 0}, text = {.len = 0}, dns = announcement(), zeros = {.len = 0};

	(void)state;
	fresh(PORT, 443);
	put_u8(&quic, 0xc3); /* an Initial of version 1, both ids of eight bytes */
	put_be32(&quic, 1);
	put_short(&quic, "abcdefgh");
	put_short(&quic, "ijklmnop");
	put_be16(&quic, 0x449e);
	for (int i = 0; i < 1100; i++)
		put_u8(&quic, (unsigned)(i * 151 + 7));
	expect_refused(&quic);
	assert_false(parsing_datagram(&p, true, quic.bytes, quic.len));
	put_text(&text, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n");
	expect_refused(&text);
	put_zeros(&zeros, 64);
	expect_refused(&zeros);
	put_u8(&dns, 0); /* padding */
	assert_int_equal(parsing_mine(&p, true, dns.bytes, dns.len), MATCH_YES);
	put_u8(&dns, 1);
	expect_refused(&dns);
	dns.len -= 2;
	dns.bytes[3] = 3; /* an error code */
	expect_refused(&dns);
	fresh(53, 40000);
	dns.bytes[3] = 0;
	expect_refused(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_announcement),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_records_of_others),
		cmocka_unit_test(test_ipv6_hosts),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_probes_are_no_questions),
		cmocka_unit_test(test_pairs_that_are_no_services),
		cmocka_unit_test(test_plain_texts),
		cmocka_unit_test(test_other_classes_and_broken_names),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
