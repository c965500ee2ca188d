/* SPDX-License-Identifier: MIT */
/* ISAPI and getDevInfo: what cameras say of themselves, and what is never told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

#define DECLARED "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const char camera[] = DECLARED
	"<DeviceInfo version=\"1.0\" xmlns=\"http://www.hikvision.com/ver10/XMLSchema\">\n"
	"<deviceName>Anna's nursery</deviceName>\n<deviceID>02005e10-0001</deviceID>\n"
	"<model>DS-2CD2032-I</model>\n"
	"<serialNumber>DS-2CD2032-I20140101CCWR123456789</serialNumber>\n"
	"<macAddress>02:00:5e:10:00:01</macAddress>\n"
	"<firmwareVersion>V5.2.0</firmwareVersion>\n"
	"<firmwareReleasedDate>build 140721</firmwareReleasedDate>\n"
	"<encoderVersion>V5.0</encoderVersion><manufacturer>hikvision</manufacturer>\n</DeviceInfo>";

static const char foscam[] =
	"<CGI_Result>\n    <result>0</result>\n    <productName>FI9821W</productName>\n"
	"    <serialNo>EXAMPLE</serialNo>\n    <devName>Anna's nursery</devName>\n"
	"    <mac>02005E100001</mac>\n    <firmwareVer>1.11.1.8</firmwareVer>\n"
	"    <hardwareVer>1.4.1.9</hardwareVer>\n</CGI_Result>";

static void tells_model_and_firmware(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_isapi, false, camera));
	expect_told(&p, "isapi-schema server www.hikvision.com\n"
			"isapi-manufacturer server hikvision\nisapi-model server DS-2CD2032-I\n"
			"isapi-firmware server V5.2.0 build 140721\n");
	assert_true(told_alone(&p, &proto_isapi, false,
			       "<DeviceInfo><model>DS-7608NI</model>"
			       "<firmwareVersion>V3.4.0</firmwareVersion></DeviceInfo>"));
	expect_told(&p, "isapi-model server DS-7608NI\nisapi-firmware server V3.4.0\n");
	assert_true(told_alone(&p, &proto_isapi, false, foscam));
	expect_told(&p, "cgi-model server FI9821W\ncgi-firmware server 1.11.1.8\n");
}

/* A document that is cut says less, and never something else. */
static void cut_anywhere(void **state)
{
	static char text[sizeof camera];

	(void)state;
	for (size_t n = 0; n < sizeof camera; n++) {
		memcpy(text, camera, n);
		text[n] = '\0';
		told_alone(&p, &proto_isapi, false, text);
		assert_null(strstr(p.text, "Anna"));
		assert_null(strstr(p.text, "CCWR"));
		assert_null(strstr(p.text, "5e"));
		assert_true(p.len == 0 ||
			    strstr(p.text, "isapi-model server DS-2CD2032-I\n") != NULL);
		assert_true(p.len == 0 || strstr(p.text, "isapi-firmware server V5.2.0") != NULL);
	}
	for (size_t n = 0; n < sizeof foscam; n++) {
		memcpy(text, foscam, n);
		text[n] = '\0';
		told_alone(&p, &proto_isapi, false, text);
		assert_true(p.len == 0 || strcmp(p.text, "cgi-model server FI9821W\n"
							 "cgi-firmware server 1.11.1.8\n") == 0);
	}
}

static void marks_of_one_device(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_isapi, false,
			       "<DeviceInfo><model>NVR S/N 4711 </model>"
			       "<firmwareVersion>1.0 02005E100001</firmwareVersion></DeviceInfo>"));
	expect_told(&p, "isapi-model server NVR\nisapi-firmware server 1.0 *\n");
}

static void refused(void **state)
{
	static const char *const others[] = {
		"",
		"<html>DeviceInfo</html>",
		"{\"DeviceInfo\":1}",
		"<List><DeviceInfo><model>X</model><firmwareVersion>1</firmwareVersion></DeviceInfo>",
		"<DeviceInfo><model>X</model></DeviceInfo>",
		"<DeviceInfo><model><b>X</b></model><firmwareVersion>1</firmwareVersion>",
		"<CGI_Result><result>-2</result><productName>X</productName>"
		"<firmwareVer>1</firmwareVer></CGI_Result>",
		"<CGI_Result><result>0</result><productName>X</productName></CGI_Result>"};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(told_alone(&p, &proto_isapi, false, others[i]));
		expect_told(&p, "");
	}
	assert_false(told_alone(&p, &proto_isapi, true, camera));
	t = parsing_talk(&p, false, bytes_of(camera));
	t.failed = true;
	assert_false(proto_isapi.datagram(&t, &p.telling));
	expect_told(&p, "");
}

static void recognised(void **state)
{
	struct glance g = {.data = bytes_of(camera), .body = true};

	(void)state;
	assert_int_equal(proto_isapi.mine(&g), MATCH_YES);
	g.from_client = true;
	assert_int_equal(proto_isapi.mine(&g), MATCH_NO);
	g = (struct glance){.data = bytes_of("<html>"), .body = true};
	assert_int_equal(proto_isapi.mine(&g), MATCH_NO);
	g = (struct glance){.data = bytes_of(foscam)};
	assert_int_equal(proto_isapi.mine(&g), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_model_and_firmware),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(marks_of_one_device),
		cmocka_unit_test(refused),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
