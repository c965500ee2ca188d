/* SPDX-License-Identifier: MIT */
/* WS-Discovery of a camera and of Windows, and SOAP that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

#define OPEN                                                                                        \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                              \
	"<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\" "            \
	"xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                           \
	"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" "                              \
	"xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\">"                                     \
	"<SOAP-ENV:Header><wsa:MessageID>uuid:00112233-4455-6677-8899-aabbccddeeff</wsa:MessageID>" \
	"</SOAP-ENV:Header><SOAP-ENV:Body>"
#define CLOSE "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
#define ENDPOINT                                                                                   \
	"<wsa:EndpointReference><wsa:Address>urn:uuid:00112233-4455-6677-8899-aabbccddeeff"        \
	"</wsa:Address></wsa:EndpointReference>"

static const char camera[] = OPEN
	"<d:ProbeMatches><d:ProbeMatch>" ENDPOINT
	"<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
	"<d:Scopes>onvif://www.onvif.org/Profile/Streaming onvif://www.onvif.org/hardware/DS-2CD2032 "
	"onvif://www.onvif.org/name/EXAMPLE%20CAM%2f1%00\n"
	"onvif://www.onvif.org/location/Nursery onvif://www.onvif.org/MAC/00:11:22:33:44:55 "
	"onvif://www.onvif.org/serial/EXAMPLE urn:uuid:1 uuid:2 "
	"http://example.com/c/001122334455?a=1&amp;b=2 bad%zz%4 </d:Scopes>"
	"<d:XAddrs>http://192.168.1.64:8899/onvif/device_service "
	"http://[fe80::1]:8899/onvif/device_service https://192.168.1.64/onvif/device_service</d:XAddrs>"
	"<d:MetadataVersion>10</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>" CLOSE;

static const char camera_told[] = "service sender wsdiscovery\n"
				  "wsd-types sender dn:NetworkVideoTransmitter tds:Device\n"
				  "wsd-scope sender onvif://www.onvif.org/Profile/Streaming\n"
				  "wsd-scope sender onvif://www.onvif.org/hardware/DS-2CD2032\n"
				  "wsd-scope sender onvif://www.onvif.org/name/EXAMPLE CAM/1%00\n"
				  "wsd-scope sender http://example.com/c/*?a=1&b=2\n"
				  "wsd-scope sender bad%zz%4\n"
				  "wsd-location sender :8899/onvif/device_service\n"
				  "wsd-location sender :443/onvif/device_service\n";

static void tells_a_camera(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_wsdiscovery, false, camera));
	expect_told(&p, camera_told);
	expect_cuts(&proto_wsdiscovery, false, 40000, 3702, camera, sizeof camera - 1, camera_told);
}

static void tells_a_hello_and_a_resolve(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_wsdiscovery, true,
			       OPEN "<d:Hello>" ENDPOINT
				    "<d:Types>wsdp:Device pub:Computer</d:Types>"
				    "<d:MetadataVersion>2</d:MetadataVersion></d:Hello>" CLOSE));
	expect_told(&p, "wsd-types sender wsdp:Device pub:Computer\n");
	assert_true(told_alone(
		&p, &proto_wsdiscovery, false,
		OPEN
		"<d:ResolveMatches><d:ResolveMatch>" ENDPOINT
		"<d:XAddrs>http://192.168.1.9:5357/00112233-4455-6677-8899-aabbccddeeff/</d:XAddrs>"
		"</d:ResolveMatch></d:ResolveMatches>" CLOSE));
	expect_told(&p, "wsd-location sender :5357/*/\n");
}

static void a_cut_match_gives_what_stands_before(void **state)
{
	(void)state;
	assert_true(told_alone(
		&p, &proto_wsdiscovery, false,
		OPEN "<d:ProbeMatches><d:ProbeMatch>" ENDPOINT
		     "<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://ww"));
	expect_told(&p,
		    "service sender wsdiscovery\nwsd-types sender dn:NetworkVideoTransmitter\n");
}

static void probes_tell_nothing(void **state)
{
	(void)state;
	assert_true(told_alone(
		&p, &proto_wsdiscovery, true,
		"\xef\xbb\xbf" OPEN
		"<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>" CLOSE));
	assert_true(
		told_alone(&p, &proto_wsdiscovery, true, OPEN "<d:Bye>" ENDPOINT "</d:Bye>" CLOSE));
	assert_true(told_alone(&p, &proto_wsdiscovery, true, OPEN));
	assert_true(told_alone(&p, &proto_wsdiscovery, false, OPEN "<d:ProbeMatches/>" CLOSE));
	expect_told(&p, "service sender wsdiscovery\n");
}

static void bears_long_lists(void **state)
{
	static char text[16384];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(text, sizeof text, "%s", OPEN "<d:ProbeMatches>");
	for (int i = 0; i < 9; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "<d:ProbeMatch><d:XAddrs>http://a:%d/ http://a:%d/</d:XAddrs>"
				      "</d:ProbeMatch>",
				      i + 1, i + 1);
	n += (size_t)snprintf(text + n, sizeof text - n, "<d:ProbeMatch><d:Scopes>");
	for (; n < sizeof text - 3; n++)
		text[n] = n % 3 == 0 ? ' ' : '%';
	text[n] = '\0';
	assert_true(told_alone(&p, &proto_wsdiscovery, false, text));
	expect_told(&p,
		    "service sender wsdiscovery\nwsd-location sender :1/\nwsd-location sender :2/\n"
		    "wsd-location sender :3/\nwsd-location sender :4/\n");
}

static void refuses_others(void **state)
{
	static const char *const others[] = {
		"",
		"<",
		"\xef\xbb\xbf",
		"<?xml version=\"1.0\"?><Probe><Uuid>x</Uuid><Types>inquiry</Types></Probe>",
		"<s:Envelope><s:Body><GetProfiles/></s:Body></s:Envelope>",
		"<Probe xmlns=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"/>",
		"http://schemas.xmlsoap.org/ws/2005/04/discovery",
		"M-SEARCH * HTTP/1.1\r\n\r\n"};

	(void)state;
	parsing_init(&p, &proto_wsdiscovery, 40000, 3702);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(parsing_mine(&p, true, others[i], strlen(others[i])), MATCH_NO);
		assert_false(parsing_datagram(&p, true, others[i], strlen(others[i])));
	}
	expect_told(&p, "");
	assert_int_equal(parsing_mine(&p, true, camera, sizeof camera - 1), MATCH_YES);
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_camera),
		cmocka_unit_test(tells_a_hello_and_a_resolve),
		cmocka_unit_test(a_cut_match_gives_what_stands_before),
		cmocka_unit_test(probes_tell_nothing),
		cmocka_unit_test(bears_long_lists),
		cmocka_unit_test(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/wsdiscovery", tests, NULL, NULL);
}
