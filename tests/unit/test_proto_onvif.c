/* SPDX-License-Identifier: MIT */
/* ONVIF: what a camera says of itself, and which answers prove a login. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

#define OPEN                                                                                       \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>"                                               \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                         \
	"xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" "                                    \
	"xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\" xmlns:ter=\"http://www.onvif.org/ver10/error\">"
#define BODY(inner) "<s:Body>" inner "</s:Body></s:Envelope>"
#define TOKEN(type, password)                                                                      \
	"<s:Header><wsse:Security><wsse:UsernameToken><wsse:Username>lab-user</wsse:Username>"     \
	"<wsse:Password" type ">" password "</wsse:Password>"                                      \
	"<wsse:Nonce EncodingType=\"x#Base64Binary\">bm9uY2U=</wsse:Nonce>"                        \
	"<wsu:Created>2026-01-02T03:04:05Z</wsu:Created></wsse:UsernameToken></wsse:Security></s:Header>"
#define OASIS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
#define DIGEST TOKEN(" Type=\"" OASIS "#PasswordDigest\"", "ZGlnZXN0")
#define FAULT(code)                                                                                \
	BODY("<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>" code               \
	     "</s:Value></s:Subcode></s:Code></s:Fault>")
#define LOGIN                                                                                      \
	"login server wsse user=lab-user secret=ZGlnZXN0 nonce=bm9uY2U= uri=2026-01-02T03:04:05Z"

static const char device[] = OPEN BODY(
	"<tds:GetDeviceInformationResponse><tds:Manufacturer>EXAMPLE &amp; Co</tds:Manufacturer>"
	"<tds:Model>DS-2CD2032-I</tds:Model>"
	"<tds:FirmwareVersion>V5.4.5 build 170124-20170124093012</tds:FirmwareVersion>"
	"<tds:SerialNumber>EXAMPLE-SERIAL</tds:SerialNumber><tds:HardwareId>88</tds:HardwareId>"
	"</tds:GetDeviceInformationResponse>");
static const char device_told[] = "onvif-manufacturer server EXAMPLE & Co\n"
				  "onvif-model server DS-2CD2032-I\n"
				  "onvif-firmware server V5.4.5 build 170124-20170124093012\n"
				  "onvif-hardware server 88\n";

static void ask(const char *text)
{
	assert_true(parsing_datagram(&p, true, text, strlen(text)));
}

static void answer(const char *text)
{
	parsing_datagram(&p, false, text, strlen(text));
}

static int begin(void **state)
{
	(void)state;
	parsing_init(&p, &proto_onvif, 40000, 80);
	return 0;
}

static int end(void **state)
{
	(void)state;
	parsing_fini(&p);
	return 0;
}

static void tells_a_device(void **state)
{
	(void)state;
	answer(device);
	expect_told(&p, device_told);
	expect_cuts(&proto_onvif, false, 40000, 80, device, sizeof device - 1, device_told);
}

static void hides_ids_in_hardware(void **state)
{
	(void)state;
	answer(OPEN BODY("<tds:GetDeviceInformationResponse><tds:Manufacturer></tds:Manufacturer>"
			 "<tds:HardwareId>rev 2 00:11:22:33:44:55</tds:HardwareId>"
			 "</tds:GetDeviceInformationResponse>"));
	expect_told(&p, "onvif-hardware server rev 2 *\n");
}

static void an_answer_shows_that_a_token_was_right(void **state)
{
	(void)state;
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	expect_told(&p, "");
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, LOGIN " accepted\n");
	/* once only */
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, "");
}

static void clear_passwords_and_unknown_types(void **state)
{
	(void)state;
	ask(OPEN TOKEN("", "lab&lt;pass") BODY("<trt:GetProfiles/>"));
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, "login server clear user=lab-user secret=lab<pass accepted\n");
	ask(OPEN TOKEN(" Type='" OASIS "#PasswordText'", "lab-pass") BODY("<trt:GetProfiles/>"));
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, "login server clear user=lab-user secret=lab-pass accepted\n");
	ask(OPEN TOKEN(" Type='other'", "x") BODY("<trt:GetProfiles/>"));
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, "login server hashed user=lab-user secret=x accepted\n");
}

static void long_values_are_marked_as_cut(void **state)
{
	char text[2048];

	(void)state;
	snprintf(text, sizeof text,
		 OPEN
		 "<s:Header><UsernameToken><Username>lab-user</Username><Password>%0300d</Password>"
		 "</UsernameToken></s:Header>" BODY("<trt:GetProfiles/>"),
		 7);
	ask(text);
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	assert_non_null(strstr(p.text, " cut accepted\n"));
}

static void operations_open_to_all_prove_nothing(void **state)
{
	static const char *const open[] = {
		"GetWsdlUrl",		"GetServices",	       "GetServiceCapabilities",
		"GetCapabilities",	"GetHostname",	       "GetSystemDateAndTime",
		"GetEndpointReference", "GetDeviceInformation"};

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
		char text[2048];

		snprintf(text, sizeof text, OPEN DIGEST BODY("<tds:%s/>"), open[i]);
		ask(text);
		snprintf(text, sizeof text, OPEN BODY("<tds:%sResponse/>"), open[i]);
		answer(text);
		expect_told(&p, "");
	}
}

static void refusals(void **state)
{
	static const char *const codes[] = {OPEN FAULT("ter:NotAuthorized"),
					    OPEN FAULT("wsse:FailedAuthentication")};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
		answer(codes[i]);
		assert_non_null(strstr(p.text, LOGIN));
		assert_non_null(strstr(p.text, " refused\n"));
		p.len = 0;
		p.text[0] = '\0';
	}
	/* the same without a word of ONVIF */
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	answer("<s:Envelope>" FAULT("ter:NotAuthorized"));
	expect_told(&p, LOGIN " asked refused\n");
	/* nobody tried */
	ask(OPEN BODY("<trt:GetProfiles/>"));
	answer(OPEN FAULT("ter:NotAuthorized"));
	expect_told(&p, "");
	/* another kind of fault judges nothing */
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	answer(OPEN FAULT("ter:ActionNotSupported"));
	expect_told(&p, "");
}

static void after_a_refusal_the_same_question_proves(void **state)
{
	(void)state;
	ask(OPEN BODY("<tds:GetDeviceInformation/>"));
	answer(OPEN FAULT("ter:NotAuthorized"));
	ask(OPEN DIGEST BODY("<tds:GetDeviceInformation/>"));
	answer(OPEN BODY("<tds:GetDeviceInformationResponse/>"));
	expect_told(&p, LOGIN " asked accepted\n");
	ask(OPEN DIGEST BODY("<tds:GetCapabilities/>"));
	answer(OPEN BODY("<tds:GetCapabilitiesResponse/>"));
	expect_told(&p, "");
}

static void an_answer_to_something_else_proves_nothing(void **state)
{
	struct talk t;
	static const char other[] = OPEN BODY("<trt:GetProfilesResponse/>");

	(void)state;
	/* 401 without a body, and the next request has no login */
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	ask(OPEN BODY("<trt:GetProfiles/>"));
	answer(other);
	expect_told(&p, "");
	ask(OPEN DIGEST BODY("<trt:GetStreamUri/>"));
	answer(other);
	expect_told(&p, "");
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	assert_false(parsing_datagram(&p, false, "\xff\xd8", 2));
	answer(other);
	expect_told(&p, "");
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	assert_false(parsing_datagram(&p, true, "a=1", 3));
	answer(other);
	expect_told(&p, "");
	/* something is missing between the two */
	ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
	t = parsing_talk(&p, false, bytes_of(other));
	t.gap = true;
	assert_true(proto_onvif.datagram(&t, &p.telling));
	expect_told(&p, "");
}

static void every_cut_of_a_request(void **state)
{
	static const char request[] = OPEN DIGEST BODY("<trt:GetProfiles/>");

	(void)state;
	for (size_t n = 0; n < sizeof request; n++) {
		parsing_datagram(&p, true, request, n);
		answer(OPEN BODY("<trt:GetProfilesResponse/>"));
		expect_no_more(p.text, LOGIN " accepted\n");
		p.len = 0;
		p.text[0] = '\0';
	}
}

static void every_cut_of_an_answer(void **state)
{
	static const char accepted[] =
		OPEN BODY("<trt:GetProfilesResponse></trt:GetProfilesResponse>");
	static const char refused[] = OPEN FAULT("ter:NotAuthorized");

	(void)state;
	for (size_t n = 0; n < sizeof accepted; n++) {
		ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
		parsing_datagram(&p, false, accepted, n);
		expect_no_more(p.text, LOGIN " accepted\n");
		p.len = 0;
		p.text[0] = '\0';
	}
	for (size_t n = 0; n < sizeof refused; n++) {
		ask(OPEN DIGEST BODY("<trt:GetProfiles/>"));
		parsing_datagram(&p, false, refused, n);
		assert_null(strstr(p.text, "accepted"));
		p.len = 0;
		p.text[0] = '\0';
	}
}

static void refuses_others(void **state)
{
	static const char *const others[] = {
		"",
		"<s:Envelope>",
		"<html>www.onvif.org/</html>",
		"<s:Envelope><s:Body><u:AddPortMapping/></s:Body></s:Envelope>",
		OPEN "<s:Header>",
		OPEN BODY(""),
		"{\"method\": \"GetProfiles\"}"};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(parsing_datagram(&p, true, others[i], strlen(others[i])));
		assert_false(parsing_datagram(&p, false, others[i], strlen(others[i])));
	}
	snprintf(text, sizeof text, OPEN DIGEST BODY("<a%0100d/>"), 1);
	assert_false(parsing_datagram(&p, true, text, strlen(text)));
	/* a token without a user, and one without a password, is none */
	ask(OPEN "<s:Header><UsernameToken><Password>x</Password></UsernameToken></s:Header>" BODY(
		"<trt:GetProfiles/>"));
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	ask(OPEN "<s:Header><UsernameToken><Username>x</Username></UsernameToken></s:Header>" BODY(
		"<trt:GetProfiles/>"));
	answer(OPEN BODY("<trt:GetProfilesResponse/>"));
	expect_told(&p, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(tells_a_device),
		TEST(hides_ids_in_hardware),
		TEST(an_answer_shows_that_a_token_was_right),
		TEST(clear_passwords_and_unknown_types),
		TEST(long_values_are_marked_as_cut),
		TEST(operations_open_to_all_prove_nothing),
		TEST(refusals),
		TEST(after_a_refusal_the_same_question_proves),
		TEST(an_answer_to_something_else_proves_nothing),
		TEST(every_cut_of_a_request),
		TEST(every_cut_of_an_answer),
		TEST(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/onvif", tests, NULL, NULL);
}
