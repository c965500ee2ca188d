/* SPDX-License-Identifier: MIT */
/* SSDP as devices send it, and what must not be taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

static const char alive[] = "NOTIFY * HTTP/1.1\r\n"
			    "HOST: 239.255.255.250:1900\r\n"
			    "CACHE-CONTROL: max-age=86400\r\n"
			    "LOCATION: http://192.168.1.5:49153/setup.xml\r\n"
			    "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
			    "NT: urn:Belkin:device:insight:1\r\n"
			    "NTS: ssdp:alive\r\n"
			    "SERVER: Unspecified, UPnP/1.0, Unspecified\r\n"
			    "X-User-Agent: redsonic\r\n"
			    "hue-bridgeid: 001788FFFE0AAAAA\r\n"
			    "USN: uuid:Insight-1_0-00EXAMPLE::urn:Belkin:device:insight:1\r\n\r\n";

static const char alive_told[] = "ssdp-type sender urn:Belkin:device:insight:1\n"
				 "ssdp-usn sender urn:Belkin:device:insight:1\n"
				 "ssdp-server sender Unspecified, UPnP/1.0, Unspecified\n"
				 "ssdp-location sender :49153/setup.xml\n";

static void tells_an_announcement(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_ssdp, true, alive));
	expect_told(&p, alive_told);
	expect_cuts(&proto_ssdp, true, 40000, 1900, alive, sizeof alive - 1, alive_told);
}

static void tells_an_answer(void **state)
{
	(void)state;
	assert_true(told_alone(
		&p, &proto_ssdp, false,
		"HTTP/1.1 200 OK\r\nST:upnp:rootdevice\r\nEXT:\r\n"
		"Location: https://[fe80::1]/d/00112233-4455-6677-8899-aabbccddeeff/d.xml?x=1\r\n"
		"server: Linux/3.4 UPnP/1.0 Example/1.0 00:11:22:33:44:55\r\n"
		"usn: uuid:00112233-4455-6677-8899-aabbccddeeff::upnp:rootdevice\r\n"));
	expect_told(&p, "service sender ssdp\n"
			"ssdp-type sender upnp:rootdevice\n"
			"ssdp-usn sender upnp:rootdevice\n"
			"ssdp-server sender Linux/3.4 UPnP/1.0 Example/1.0 *\n"
			"ssdp-location sender :443/d/*/d.xml\n");
}

static void never_tells_a_uuid(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_ssdp, false,
			       "HTTP/1.1 200 OK\r\nST: uuid:0011-EXAMPLE\r\n"
			       "USN: uuid:0011-EXAMPLE\r\nLOCATION: ftp://x/y\r\n\r\n"));
	expect_told(&p, "service sender ssdp\n");
	assert_true(told_alone(&p, &proto_ssdp, true,
			       "NOTIFY * HTTP/1.1\r\nNT: uuid:0011-EXAMPLE\r\nNTS: ssdp:update\r\n"
			       "USN: uuid:0011-EXAMPLE::uuid:0011\r\n\r\n"));
	expect_told(&p, "");
}

static void tells_less_of_one_that_goes(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_ssdp, true,
			       "NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:byebye\r\n"
			       "SERVER: X/1.0\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n"));
	expect_told(&p, "ssdp-type sender upnp:rootdevice\n");
}

static void tells_who_searches(void **state)
{
	(void)state;
	assert_true(told_alone(
		&p, &proto_ssdp, true,
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
		"MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\n"
		"USER-AGENT: Example/1.0 Windows\r\n\r\n"));
	expect_told(&p, "ssdp-agent sender Example/1.0 Windows\n");
	assert_true(
		told_alone(&p, &proto_ssdp, true, "M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n"));
	expect_told(&p, "");
}

static void locations(void **state)
{
	static const char *const cases[][2] = {
		{"http://192.168.1.5", ":80"},
		{"HTTP://router.lan:5000/rootDesc.xml", ":5000/rootDesc.xml"},
		{"http://[fe80::1%25eth0]:80/a#b", ":80/a"},
		{"http://192.168.1.5:5357/c?content=uuid:1", ":5357/c"},
		{"http://192.168.1.5:/x", ":80/x"},
		{"http://192.168.1.5:99999/x", NULL},
		{"http://192.168.1.5:x/x", NULL},
		{"http:///x", NULL},
		{"http://", NULL},
		{"192.168.1.5/x", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[300], expected[300] = "";

		snprintf(text, sizeof text,
			 "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nLOCATION: %s\r\n\r\n",
			 cases[i][0]);
		if (cases[i][1] != NULL)
			snprintf(expected, sizeof expected, "ssdp-location sender %s\n",
				 cases[i][1]);
		assert_true(told_alone(&p, &proto_ssdp, true, text));
		expect_told(&p, expected);
	}
}

/* 8 KB of digits, of separators, of a value with no end. */
static void bears_long_values(void **state)
{
	static const char *const fill[] = {"a", "a:", ":", "a-", "12 ", "zz"};
	static char text[8192];

	(void)state;
	for (size_t i = 0; i < sizeof fill / sizeof fill[0]; i++) {
		size_t n = (size_t)snprintf(text, sizeof text,
					    "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nSERVER: ");

		for (size_t j = 0; n < sizeof text - 3; j++)
			text[n++] = fill[i][j % strlen(fill[i])];
		memcpy(text + n, "\r\n", 3);
		assert_true(told_alone(&p, &proto_ssdp, true, text));
		assert_true(p.len < 300);
	}
}

static void refuses_others(void **state)
{
	static const char *const others[] = {
		"",
		"NOTIFY",
		"NOTIFY * HTTP/1.1\r\n",
		"NOTIFY * HTTP/1.1\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n\r\n",
		"NOTIFY sip:a@b SIP/2.0\r\nNTS: ssdp:alive\r\n\r\n",
		"SIP/2.0 200 OK\r\nST: a\r\nUSN: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\nST: a\r\nUSN: b\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nHOST: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n"};

	(void)state;
	parsing_init(&p, &proto_ssdp, 1900, 1900);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(parsing_mine(&p, true, others[i], strlen(others[i])), MATCH_NO);
		assert_false(parsing_datagram(&p, true, others[i], strlen(others[i])));
	}
	expect_told(&p, "");
	assert_int_equal(parsing_mine(&p, true, alive, sizeof alive - 1), MATCH_YES);
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_an_announcement),
		cmocka_unit_test(tells_an_answer),
		cmocka_unit_test(never_tells_a_uuid),
		cmocka_unit_test(tells_less_of_one_that_goes),
		cmocka_unit_test(tells_who_searches),
		cmocka_unit_test(locations),
		cmocka_unit_test(bears_long_values),
		cmocka_unit_test(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/ssdp", tests, NULL, NULL);
}
