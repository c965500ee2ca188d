/* SPDX-License-Identifier: MIT */
/* Port mappings by UPnP: asked, given, listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

#define WAN "urn:schemas-upnp-org:service:WANIPConnection:1"
#define SOAP(inner)                                                                                     \
	"<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" " \
	"s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>" inner                  \
	"</s:Body></s:Envelope>\r\n"
#define CALL(name, inner) SOAP("<u:" name " xmlns:u=\"" WAN "\">" inner "</u:" name ">")
#define OUTSIDE(protocol, port)                                                                    \
	"<NewRemoteHost></NewRemoteHost><NewExternalPort>" port                                    \
	"</NewExternalPort><NewProtocol>" protocol "</NewProtocol>"
#define INSIDE(client, port, enabled)                                                              \
	"<NewInternalPort>" port "</NewInternalPort><NewInternalClient>" client                    \
	"</NewInternalClient>"                                                                     \
	"<NewEnabled>" enabled "</NewEnabled><NewPortMappingDescription>EXAMPLE"                   \
	"</NewPortMappingDescription><NewLeaseDuration>0</NewLeaseDuration>"
#define ADD(protocol, outside, client, inside, enabled)                                            \
	CALL("AddPortMapping", OUTSIDE(protocol, outside) INSIDE(client, inside, enabled))

static const char asked[] = ADD("TCP", "8080", "192.168.1.20", "80", "1");
static const char asked_told[] = "mapping-asked client tcp 8080 to 192.168.1.20:80\n";
static const char entry[] = CALL("GetGenericPortMappingEntryResponse",
				 OUTSIDE("UDP", "34567") INSIDE("192.168.1.21", "34567", "1"));
static const char entry_told[] = "port-mapping server udp 34567 to 192.168.1.21:34567\n";

static void ask(const char *text)
{
	parsing_datagram(&p, true, text, strlen(text));
}

static void answer(const char *text)
{
	parsing_datagram(&p, false, text, strlen(text));
}

static int begin(void **state)
{
	(void)state;
	parsing_init(&p, &proto_igd, 40000, 49152);
	return 0;
}

static int end(void **state)
{
	(void)state;
	parsing_fini(&p);
	return 0;
}

static void a_mapping_asked_for_and_given(void **state)
{
	(void)state;
	ask(asked);
	expect_told(&p, asked_told);
	answer(CALL("AddPortMappingResponse", ""));
	expect_told(&p, "port-mapping client tcp 8080 to 192.168.1.20:80\n");
	answer(CALL("AddPortMappingResponse", ""));
	expect_told(&p, "");
	expect_cuts(&proto_igd, true, 40000, 80, asked, sizeof asked - 1, asked_told);
}

/* An answer without its namespace; one that is an error whatever its body says. */
static void answers_of_sloppy_routers(void **state)
{
	static const char bare[] =
		"<s:Envelope><s:Body><u:AddPortMappingResponse/></s:Body></s:Envelope>";
	struct talk t;

	(void)state;
	ask(asked);
	expect_told(&p, asked_told);
	answer(bare);
	expect_told(&p, "port-mapping client tcp 8080 to 192.168.1.20:80\n");
	answer(bare);
	expect_told(&p, "");
	ask(asked);
	t = parsing_talk(&p, false, bytes_of(bare));
	t.failed = true;
	proto_igd.datagram(&t, &p.telling);
	expect_told(&p, asked_told);
}

static void any_port_is_the_one_that_is_given(void **state)
{
	(void)state;
	ask(CALL("AddAnyPortMapping", OUTSIDE("UDP", "0") INSIDE("192.168.1.20", "9000", "1")));
	expect_told(&p, "mapping-asked client udp 0 to 192.168.1.20:9000\n");
	answer(CALL("AddAnyPortMappingResponse", "<NewReservedPort>50001</NewReservedPort>"));
	expect_told(&p, "port-mapping client udp 50001 to 192.168.1.20:9000\n");
}

static void refusals_and_other_answers_give_nothing(void **state)
{
	(void)state;
	ask(asked);
	answer(SOAP("<s:Fault><faultstring>UPnPError</faultstring></s:Fault>"));
	answer(CALL("AddPortMappingResponse", ""));
	expect_told(&p, asked_told);
	ask(asked);
	answer("<html></html>");
	answer(CALL("AddPortMappingResponse", ""));
	expect_told(&p, asked_told);
	ask(asked);
	ask(CALL("DeletePortMapping", OUTSIDE("TCP", "8080")));
	answer(CALL("AddPortMappingResponse", ""));
	expect_told(&p, asked_told);
	ask(asked);
	answer(CALL("AddAnyPortMappingResponse", ""));
	expect_told(&p, asked_told);
}

static void a_list_is_told_of_the_router(void **state)
{
	(void)state;
	ask(CALL("GetGenericPortMappingEntry", "<NewPortMappingIndex>0</NewPortMappingIndex>"));
	answer(entry);
	expect_told(&p, entry_told);
	expect_cuts(&proto_igd, false, 40000, 80, entry, sizeof entry - 1, entry_told);
	/* switched off; without its outer side */
	answer(CALL("GetGenericPortMappingEntryResponse",
		    OUTSIDE("UDP", "34567") INSIDE("192.168.1.21", "34567", "0")));
	answer(CALL("GetGenericPortMappingEntryResponse", INSIDE("192.168.1.21", "34567", "1")));
	expect_told(&p, "");
}

static void a_single_entry_is_joined_with_its_question(void **state)
{
	(void)state;
	ask(CALL("GetSpecificPortMappingEntry", OUTSIDE("tcp", "8080")));
	answer(CALL("GetSpecificPortMappingEntryResponse", INSIDE("192.168.1.20", "80", "True")));
	expect_told(&p, "port-mapping server tcp 8080 to 192.168.1.20:80\n");
	answer(CALL("GetSpecificPortMappingEntryResponse", INSIDE("192.168.1.20", "80", "1")));
	ask(CALL("GetSpecificPortMappingEntry", OUTSIDE("sctp", "8080")));
	answer(CALL("GetSpecificPortMappingEntryResponse", INSIDE("192.168.1.20", "80", "1")));
	expect_told(&p, "");
}

static void hostile_values(void **state)
{
	static const char *const bad[] = {
		ADD("ICMP", "8080", "192.168.1.20", "80", "1"),
		ADD("TCP", "65536", "192.168.1.20", "80", "1"),
		ADD("TCP", "", "192.168.1.20", "80", "1"),
		ADD("TCP", "99999999999999999999", "192.168.1.20", "80", "1"),
		ADD("TCP", "8080", "192.168.1.20", "0", "1"),
		ADD("TCP", "8080", "192.168.1.20", "x", "1"),
		ADD("TCP", "8080", "", "80", "1"),
		ADD("TCP", "8080", "0.0.0.0", "80", "1"),
		ADD("TCP", "8080", "fe80::1", "80", "1"),
		ADD("TCP", "8080", "192.168.1.256", "80", "1"),
		ADD("TCP", "8080", "printer.lan", "80", "1"),
		ADD("TCP", "8080", "192.168.100.200.300.400", "80", "1"),
		ADD("TCP", "8080", "192.168.1.20", "80", "0"),
		ADD("TCP", "8080", "192.168.1.20", "80", "false"),
		CALL("AddPortMapping", ""),
		CALL("AddPortMappingOfANameThatIsLongerThanAnyOperationOfAGatewayWillEverBe", "")};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ask(bad[i]);
		answer(CALL("AddPortMappingResponse", ""));
		expect_told(&p, "");
	}
}

static void refuses_others(void **state)
{
	static const char *const others[] = {
		"",
		WAN,
		"<s:Envelope>" WAN,
		SOAP("<u:AddPortMapping/>"),
		SOAP("<u:GetProfiles xmlns:u='http://www.onvif.org/ver10/media/wsdl'/>"),
		"<scpd><actionList>" WAN "<name>AddPortMapping</name></actionList></scpd>"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(parsing_datagram(&p, true, others[i], strlen(others[i])));
		assert_false(parsing_datagram(&p, false, others[i], strlen(others[i])));
	}
	expect_told(&p, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_mapping_asked_for_and_given),
		TEST(answers_of_sloppy_routers),
		TEST(any_port_is_the_one_that_is_given),
		TEST(refusals_and_other_answers_give_nothing),
		TEST(a_list_is_told_of_the_router),
		TEST(a_single_entry_is_joined_with_its_question),
		TEST(hostile_values),
		TEST(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/igd", tests, NULL, NULL);
}
