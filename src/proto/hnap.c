/* SPDX-License-Identifier: MIT */
/*
 * HNAP, the Home Network Administration Protocol (Pure Networks 2005 to 2009, later Cisco): SOAP in HTTP bodies by which
 * apps set up routers, cameras and sensors of D-Link, Linksys and others. GetDeviceSettings is answered with maker,
 * model and firmware, by old devices to anybody who asks for /HNAP1/.
 *
 * DeviceName is what the owner calls the device, DeviceMacId and what the other operations answer are ids and keys: none
 * of it is told. A login answers a challenge with an HMAC over keys that stand in no message, and can't be checked.
 */
#include "proto/places.h"
#include "proto/proto.h"
#include "proto/soap.h"

enum { TEXT_MAX = TELL_MAX };

static const struct {
	const char *name;
	enum signal signal;
} elements[] = {{"VendorName", SIGNAL_hnap_vendor},
		{"ModelName", SIGNAL_hnap_model},
		{"ModelDescription", SIGNAL_hnap_description},
		{"Type", SIGNAL_hnap_type},
		{"FirmwareVersion", SIGNAL_hnap_firmware},
		{"HardwareVersion", SIGNAL_hnap_hardware}};

static void tell_element(struct telling *to, const struct talk *t, struct bytes settings,
			 const char *name, enum signal signal)
{
	char plain[TEXT_MAX], hidden[TEXT_MAX];
	struct bytes inner;

	if (!xml_find(settings, name, &inner))
		return;
	inner = bytes_trim(xml_text(inner, plain, sizeof plain));
	tell(to, t, signal, SENDER, place_hide_ids(inner, hidden, sizeof hidden));
}

/* What stands before the list of Tasks, pages of the maker that have a Type of their own. */
static struct bytes before_tasks(struct bytes settings)
{
	struct bytes tasks;

	if (xml_open(settings, "Tasks", &tasks) && tasks.at != NULL)
		settings = bytes_upto(settings, (size_t)(tasks.at - settings.at));
	return settings;
}

static bool hnap_datagram(const struct talk *t, struct telling *to)
{
	struct bytes operation, body, settings;

	if (t->from_client || !bytes_hold(t->data, "purenetworks.com/HNAP1") ||
	    !soap_open(t->data, &operation, &body))
		return false;
	if (!bytes_are(operation, "GetDeviceSettingsResponse") ||
	    !xml_open(body, "GetDeviceSettingsResponse", &settings))
		return true;
	settings = before_tasks(settings);
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		tell_element(to, t, settings, elements[i].name, elements[i].signal);
	return true;
}

const struct proto proto_hnap = {.name = "hnap",
				 .summary = "settings of D-Link, Linksys and others by HNAP",
				 .carriers = OVER_HTTP,
				 .datagram = hnap_datagram};
