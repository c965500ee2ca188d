/* SPDX-License-Identifier: MIT */
/* HNAP: what is told of a device's settings, and what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

#define ENVELOPE                                                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope "                                \
	"xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
#define ANSWER ENVELOPE "<GetDeviceSettingsResponse xmlns=\"http://purenetworks.com/HNAP1/\">"
#define END "</GetDeviceSettingsResponse></soap:Body></soap:Envelope>"

static struct parsing p;

static const char camera[] = ANSWER
	"<GetDeviceSettingsResult>OK</GetDeviceSettingsResult>"
	"<Type>ConnectedHomeClient</Type><DeviceName>Anna's nursery</DeviceName>"
	"<VendorName> D-Link </VendorName>"
	"<ModelDescription>Wireless &amp; Internet Camera</ModelDescription>"
	"<ModelName>DCS-935L</ModelName><DeviceMacId>02:00:5E:10:00:01</DeviceMacId>"
	"<FirmwareVersion>1.06</FirmwareVersion><FirmwareRegion>Default</FirmwareRegion>"
	"<LatestFirmwareVersion>1.10</LatestFirmwareVersion>"
	"<HardwareVersion>A1</HardwareVersion><HNAPVersion>0111</HNAPVersion>"
	"<PresentationURL>http://dcs-935l.local./</PresentationURL>"
	"<ModuleTypes><string>Camera</string></ModuleTypes>"
	"<SOAPActions><string>http://purenetworks.com/HNAP1/Login</string></SOAPActions>" END;

static const char camera_told[] = "hnap-vendor server D-Link\n"
				  "hnap-model server DCS-935L\n"
				  "hnap-description server Wireless & Internet Camera\n"
				  "hnap-type server ConnectedHomeClient\n"
				  "hnap-firmware server 1.06\n"
				  "hnap-hardware server A1\n";

static void tells_the_settings(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_hnap, false, camera));
	expect_told(&p, camera_told);
	expect_cuts(&proto_hnap, false, 40000, 80, camera, sizeof camera - 1, camera_told);
}

static void only_of_answers(void **state)
{
	(void)state;
	assert_false(told_alone(&p, &proto_hnap, true, camera));
	expect_told(&p, "");
}

static void tasks_are_not_the_device(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_hnap, false,
			       ANSWER "<VendorName>Linksys</VendorName><ModelName>E1200</ModelName>"
				      "<FirmwareVersion>1.0.00 build 11</FirmwareVersion>"
				      "<Tasks><TaskExtension><Name>Help</Name><Type>Browser</Type>"
				      "</TaskExtension></Tasks>" END));
	expect_told(&p, "hnap-vendor server Linksys\n"
			"hnap-model server E1200\n"
			"hnap-firmware server 1.0.00 build 11\n");
}

static void ids_are_hidden(void **state)
{
	(void)state;
	assert_true(told_alone(&p, &proto_hnap, false,
			       ANSWER "<ModelName>Router 02005E100001</ModelName>"
				      "<VendorName></VendorName>" END));
	expect_told(&p, "hnap-model server Router *\n");
}

/* Operations that answer with keys, numbers of accounts and names: known, and nothing is told. */
static void other_operations(void **state)
{
	static const char *const others[] = {
		ENVELOPE
		"<LoginResponse xmlns=\"http://purenetworks.com/HNAP1/\"><LoginResult>OK"
		"</LoginResult><Challenge>EXAMPLE</Challenge><Cookie>EXAMPLE</Cookie>"
		"<PublicKey>EXAMPLE</PublicKey></LoginResponse></soap:Body></soap:Envelope>",
		ENVELOPE "<GetDeviceSettings2Response xmlns=\"http://purenetworks.com/HNAP1/\">"
			 "<SerialNumber>EXAMPLE</SerialNumber><ModelName>X</ModelName>"
			 "</GetDeviceSettings2Response></soap:Body></soap:Envelope>"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_true(told_alone(&p, &proto_hnap, false, others[i]));
		expect_told(&p, "");
	}
}

static void look_alikes(void **state)
{
	static const char *const others[] = {
		"",
		"<html>http://purenetworks.com/HNAP1/ <ModelName>X</ModelName></html>",
		"{\"url\":\"http://purenetworks.com/HNAP1/\"}",
		ENVELOPE
		"<GetDeviceSettingsResponse xmlns=\"urn:other\"><ModelName>X</ModelName>" END,
		"<root xmlns=\"http://purenetworks.com/HNAP1/\"><device><modelName>X</modelName>",
		ENVELOPE "http://purenetworks.com/HNAP1/"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(told_alone(&p, &proto_hnap, false, others[i]));
		expect_told(&p, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_settings),	    cmocka_unit_test(only_of_answers),
		cmocka_unit_test(tasks_are_not_the_device), cmocka_unit_test(ids_are_hidden),
		cmocka_unit_test(other_operations),	    cmocka_unit_test(look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
