/* SPDX-License-Identifier: MIT */
/* Descriptions of UPnP devices: what is told of the root device, and what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

static const char plug[] =
	"<?xml version=\"1.0\"?>\n"
	"<root xmlns=\"urn:Belkin:device-1-0\">\n"
	"<specVersion><major>1</major><minor>0</minor></specVersion>\n"
	"<device>\n"
	"<deviceType>urn:Belkin:device:insight:1</deviceType>\n"
	"<friendlyName>WeMo Insight 5E5F6A</friendlyName>\n"
	"<manufacturer>Belkin International Inc.</manufacturer>\n"
	"<manufacturerURL>http://www.belkin.com</manufacturerURL>\n"
	"<modelDescription>Belkin Insight &amp; more</modelDescription>\n"
	"<modelName>Insight</modelName><modelNumber>1.0</modelNumber>\n"
	"<serialNumber>EXAMPLE-SERIAL</serialNumber>\n"
	"<UDN>uuid:Insight-1_0-EXAMPLE</UDN><UPC>123456789</UPC>\n"
	"<macAddress>001122334455</macAddress>\n"
	"<firmwareVersion>WeMo_WW_2.00.11408.PVT</firmwareVersion>\n"
	"<serviceList><service><serviceType>urn:Belkin:service:WiFiSetup:1</serviceType></service></serviceList>\n"
	"<deviceList><device><deviceType>urn:x:device:y:1</deviceType><modelName>Inner</modelName>"
	"<manufacturer>Inner</manufacturer><softwareVersion>9</softwareVersion></device></deviceList>\n"
	"<presentationURL>/pluginpres.html</presentationURL>\n"
	"</device></root>\n";

static const char plug_told[] = "upnp-device-type server urn:Belkin:device:insight:1\n"
				"upnp-manufacturer server Belkin International Inc.\n"
				"upnp-model-name server Insight\n"
				"upnp-model-number server 1.0\n"
				"upnp-model-description server Belkin Insight & more\n"
				"upnp-friendly-name server WeMo Insight\n"
				"upnp-firmware server WeMo_WW_2.00.11408.PVT\n";

static void tells_the_root_device(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_upnp, false, plug));
	expect_told(&p, plug_told);
	expect_cuts(&proto_upnp, false, 40000, 80, plug, sizeof plug - 1, plug_told);
}

static void only_of_answers(void **state)
{
	(void)state;
	assert_false(told_alone(&p, &proto_upnp, true, plug));
	expect_told(&p, "");
}

static void says_what_stands_before_a_cut(void **state)
{
	(void)state;
	assert_true(told_alone(
		&p, &proto_upnp, false,
		"<root><device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
		"<modelName><![CDATA[X & 1]]></modelName><modelNumber>EXAM"));
	expect_told(&p, "upnp-device-type server urn:schemas-upnp-org:device:Basic:1\n"
			"upnp-model-name server X & 1\n");
	assert_true(told_alone(&p, &proto_upnp, false,
			       "<root><device><deviceType>urn:a:device:b:1</deviceType><deviceList>"
			       "<device><modelName>Inner</modelName>"));
	expect_told(&p, "upnp-device-type server urn:a:device:b:1\n");
	assert_true(
		told_alone(&p, &proto_upnp, false,
			   "<root><device><deviceType>urn:a:device:b:1</deviceType><deviceList/>"
			   "<modelName>After</modelName>"));
	expect_told(&p, "upnp-device-type server urn:a:device:b:1\n");
}

static void friendly_names(void **state)
{
	static const char *const cases[][2] = {{"Philips hue (192.168.1.2)", "Philips hue"},
					       {"[TV] Samsung 6 Series (55)", "Samsung 6 Series"},
					       {"Odd (never closed", "Odd"},
					       {"HOST: anna:", "HOST"},
					       {"Anna's speaker", NULL},
					       {"Anna\xe2\x80\x99s speaker", NULL},
					       {"Example EA6900", "Example EA6900"},
					       {"Example AB6901", "Example"},
					       {"Camera-00:11:22:33:44:55", "Camera"},
					       {"Camera 001122334455 hall", "Camera * hall"},
					       {"Camera 12345", "Camera 12345"},
					       {"facade", "facade"},
					       {"123456", NULL},
					       {"(x)", NULL},
					       {" ", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[300], expected[300];
		int n = snprintf(expected, sizeof expected,
				 "upnp-device-type server urn:a:device:b:1\n"
				 "upnp-model-name server EA6900\n");

		snprintf(
			text, sizeof text,
			"<root><device><deviceType>urn:a:device:b:1</deviceType>"
			"<modelName>EA6900</modelName><friendlyName>%s</friendlyName></device></root>",
			cases[i][0]);
		if (cases[i][1] != NULL)
			snprintf(expected + n, sizeof expected - (size_t)n,
				 "upnp-friendly-name server %s\n", cases[i][1]);
		assert_true(told_alone(&p, &proto_upnp, false, text));
		expect_told(&p, expected);
	}
}

static void firmware_by_makers_own_names(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_upnp, false,
			       "<root><device><deviceType>urn:a:device:b:1</deviceType>"
			       "<softwareVersion>57.3-77280</softwareVersion></device></root>"));
	expect_told(&p, "upnp-device-type server urn:a:device:b:1\n"
			"upnp-firmware server 57.3-77280\n");
}

static void refuses_others(void **state)
{
	static const char *const others[] = {
		"",
		"<",
		"<root>",
		"<root><device>",
		"<root><device><deviceType>camera</deviceType></device></root>",
		"<scpd xmlns='urn:schemas-upnp-org:service-1-0'><device><deviceType>urn:x</deviceType></device></scpd>",
		"<rss><root><device><deviceType>urn:x</deviceType></device></root></rss>",
		"<html><body>root device</body></html>",
		"{\"root\": {\"device\": 1}}",
		"<!-- <root><device><deviceType>urn:x</deviceType></device></root> -->"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(told_alone(&p, &proto_upnp, false, others[i]));
	expect_told(&p, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_root_device),	 cmocka_unit_test(only_of_answers),
		cmocka_unit_test(says_what_stands_before_a_cut), cmocka_unit_test(friendly_names),
		cmocka_unit_test(firmware_by_makers_own_names),	 cmocka_unit_test(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/upnp", tests, NULL, NULL);
}
