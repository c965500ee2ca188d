/* SPDX-License-Identifier: MIT */
/*
 * base/community_id: the published baseline (corelight/community-id-spec, baseline_deflt.json), both directions of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/community_id.h"

struct vector {
	const char *src;
	const char *dst;
	const char *id;
	uint16_t src_port;
	uint16_t dst_port;
	uint8_t protocol;
	bool one_way;
};

/* For ICMP: type and code. The baseline has the answer's type in place of the code where there is one. */
static const struct vector baseline[] = {
	{"fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea",
	 "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", 135, 136, 58, false},
	{"fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da",
	 "1:zavyT/cezQr1fmImYCwYnMXbgck=", 135, 136, 58, false},
	{"3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da",
	 "1:2ObVBgIn28oZvibYZhZMBgh7WdQ=", 3, 0, 58, true},
	{"3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da",
	 "1:hLZd0XGWojozrvxqE0dWB1iM6R0=", 1, 4, 58, true},
	{"3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2",
	 "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", 128, 129, 58, false},
	{"fe80::200:86ff:fe05:80da", "ff02::2", "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=", 133, 134, 58,
	 false},
	{"fe80::260:97ff:fe07:69ea", "ff02::1", "1:pkvHqCL88/tg1k4cPigmZXUtL00=", 134, 133, 58,
	 false},
	{"192.168.0.89", "192.168.0.1", "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", 8, 0, 1, false},
	{"10.0.0.1", "10.0.0.2", "1:YHxtAirCG//0OzkcVAukqKQN9xM=", 11, 0, 1, true},
	{"2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a",
	 "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", 63943, 25, 6, false},
	{"192.168.170.8", "192.168.170.56", "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", 7, 7, 132, false},
	{"128.232.110.120", "66.35.250.204", "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", 34855, 80, 6, false},
	{"192.168.1.52", "8.8.8.8", "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", 54585, 53, 17, false},
	{"10.1.12.1", "10.1.12.2", "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", 0, 0, 46, false},
};

static void expect_id(const struct vector *v, bool back)
{
	struct community c = {.protocol = v->protocol,
			      .src_port = back ? v->dst_port : v->src_port,
			      .dst_port = back ? v->src_port : v->dst_port};
	char id[COMMUNITY_ID_MAX];

	assert_true(addr_parse(v->src, back ? &c.dst : &c.src));
	assert_true(addr_parse(v->dst, back ? &c.src : &c.dst));
	assert_string_equal(community_id(&c, 0, id), v->id);
}

static void test_baseline(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof baseline / sizeof *baseline; i++) {
		expect_id(&baseline[i], false);
		if (!baseline[i].one_way)
			expect_id(&baseline[i], true);
	}
}

/* What has no ports has one id, whatever stands in their place. */
static void test_no_ports(void **state)
{
	struct community c = {.protocol = 47, .src_port = 1, .dst_port = 2};
	char one[COMMUNITY_ID_MAX], other[COMMUNITY_ID_MAX];

	(void)state;
	assert_true(addr_parse("192.0.2.1", &c.src) && addr_parse("192.0.2.2", &c.dst));
	community_id(&c, 0, one);
	c.src_port = 77;
	assert_string_equal(one, community_id(&c, 0, other));
	c.protocol = TRANSPORT_TCP;
	assert_string_not_equal(one, community_id(&c, 0, other));
}

static void test_seed(void **state)
{
	struct community c = {.protocol = TRANSPORT_TCP, .src_port = 34855, .dst_port = 80};
	char id[COMMUNITY_ID_MAX];

	(void)state;
	assert_true(addr_parse("128.232.110.120", &c.src) && addr_parse("66.35.250.204", &c.dst));
	assert_string_equal(community_id(&c, 1, id), "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_baseline),
		cmocka_unit_test(test_no_ports),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
