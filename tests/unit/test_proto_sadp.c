/* SPDX-License-Identifier: MIT */
/*
 * proto/sadp on invented answers to Hikvision's discovery, whole and cut, and on XML that only looks like them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"

static struct parsing p;

#define ANSWER(activated, oem)                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<ProbeMatch>\r\n"                            \
	"<Uuid>01234567-89AB-CDEF-0123-456789ABCDEF</Uuid>\r\n<Types>inquiry</Types>\r\n"            \
	"<DeviceType>138745</DeviceType>\r\n<DeviceDescription>DS-2CD0000-I</DeviceDescription>\r\n" \
	"<DeviceSN>DS-2CD0000-I20000101EXAMPLE</DeviceSN>\r\n<CommandPort>8000</CommandPort>\r\n"    \
	"<HttpPort>80</HttpPort>\r\n<MAC>00-00-5e-00-53-01</MAC>\r\n"                                \
	"<IPv4Address>192.0.2.64</IPv4Address>\r\n"                                                  \
	"<SoftwareVersion>V5.4.5build 170124</SoftwareVersion>\r\n"                                  \
	"<BootTime>2017-02-01 00:00:01</BootTime>\r\n" activated oem "</ProbeMatch>\r\n"

#define TOLD                                                                                       \
	"beacon sender hikvision\nservice sender sadp\nsadp-type sender 138745\n"                  \
	"sadp-model sender DS-2CD0000-I\nsadp-version sender V5.4.5build 170124\n"

static void offer(const char *text, size_t len, enum match match)
{
	assert_int_equal(parsing_mine(&p, false, text, len), match);
	if (match == MATCH_YES)
		assert_true(parsing_datagram(&p, false, text, len));
}

static void answers_name_model_and_firmware(void **unused)
{
	static const struct {
		const char *answer, *told;
	} answers[] = {
		{ANSWER("<Activated>true</Activated>\r\n", "<OEMInfo>N/A</OEMInfo>"),
		 TOLD "sadp-activated sender true\n"},
		{ANSWER("<Activated> false </Activated>\r\n", "<OEMInfo>Lab &amp; Co</OEMInfo>"),
		 TOLD "sadp-oem sender Lab & Co\nsadp-activated sender false\n"},
		{ANSWER("", ""), TOLD "sadp-activated sender absent\n"},
		{ANSWER("<Activated>maybe</Activated>\r\n", ""), TOLD},
		{ANSWER("<Activated/>\r\n", ""), TOLD},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		offer(answers[i].answer, strlen(answers[i].answer), MATCH_YES);
		expect_told(&p, answers[i].told);
	}
}

static void cut_answers_are_not_said_to_lack_anything(void **unused)
{
	static const char whole[] =
		ANSWER("<Activated>true</Activated>\r\n", "<OEMInfo>Lab</OEMInfo>");
	size_t mark = (size_t)(strstr(whole, "<DeviceDescription>") - whole) + 19;

	(void)unused;
	for (size_t n = 0; n < sizeof whole; n++) {
		offer(whole, n, n >= mark ? MATCH_YES : MATCH_NO);
		assert_null(strstr(p.text, "absent"));
		for (char *line = strtok(p.text, "\n"); line != NULL; line = strtok(NULL, "\n"))
			assert_non_null(strstr(
				TOLD "sadp-oem sender Lab\nsadp-activated sender true\n", line));
		p.len = 0;
		p.text[0] = '\0';
	}
}

static void what_is_no_answer_tells_nothing(void **unused)
{
	static const char probe[] =
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><Probe><Uuid>01234567-89AB-CDEF-"
		"0123-456789ABCDEF</Uuid><Types>inquiry</Types></Probe>";
	static const char *const others[] = {
		"",
		"<",
		"NOTIFY * HTTP/1.1\r\n",
		"<html><title>ProbeMatch</title></html>",
		"<?xml version=\"1.0\"?><s:Envelope><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference/>"
		"</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>",
		"<ProbeMatch><Types>dn:NetworkVideoTransmitter</Types></ProbeMatch>",
	};

	(void)unused;
	offer(probe, strlen(probe), MATCH_YES);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		offer(others[i], strlen(others[i]), MATCH_NO);
		assert_false(parsing_datagram(&p, true, others[i], strlen(others[i])));
	}
	/* Its marks in a comment only. */
	assert_false(parsing_datagram(&p, true, "<!--<ProbeMatch><DeviceSN>-->", 29));
	expect_told(&p, "");
	parsing_init(&p, &proto_sadp, 50000, 3702);
	offer(probe, strlen(probe), MATCH_NO);
	parsing_init(&p, &proto_sadp, 50000, 37020);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_name_model_and_firmware),
		cmocka_unit_test(cut_answers_are_not_said_to_lack_anything),
		cmocka_unit_test(what_is_no_answer_tells_nothing),
	};

	parsing_init(&p, &proto_sadp, 50000, 37020);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
