/* SPDX-License-Identifier: MIT */
/*
 * The description of a UPnP device (UPnP Device Architecture 1.1, section 2.3): the XML that an SSDP LOCATION points to.
 * Only the root device is read: those embedded in it (deviceList) describe its parts.
 *
 * serialNumber, UDN, UPC and presentationURL are never told. friendlyName is free text that an owner may have changed,
 * and many makers put the end of the MAC address there: what stands in brackets and an id at its end are cut, and a name
 * that speaks of a person is not told.
 */
#include "base/scan.h"
#include "base/xml.h"
#include "proto/places.h"
#include "proto/proto.h"

enum { TEXT_MAX = TELL_MAX, ID_MIN = 6 };

struct text {
	char buf[TEXT_MAX];
	struct bytes value;
};

static void read_text(struct bytes device, const char *name, struct text *out)
{
	struct bytes inner;

	xml_find(device, name, &inner);
	out->value = bytes_trim(xml_text(inner, out->buf, sizeof out->buf));
}

static void tell_element(struct telling *to, const struct talk *t, struct bytes device,
			 const char *name, enum signal signal)
{
	char hidden[TEXT_MAX];
	struct text text;

	read_text(device, name, &text);
	tell(to, t, signal, SENDER, place_hide_ids(text.value, hidden, sizeof hidden));
}

/* The standard has no place for it; these are makers' own. */
static void tell_firmware(struct telling *to, const struct talk *t, struct bytes device)
{
	static const char *const names[] = {"firmwareVersion", "X_firmwareVersion",
					    "FirmwareVersion", "firmware_version",
					    "softwareVersion", "SoftwareVersion"};
	struct text text = {.value = {.at = NULL, .len = 0}};

	for (size_t i = 0; i < sizeof names / sizeof names[0] && text.value.len == 0; i++)
		read_text(device, names[i], &text);
	tell(to, t, SIGNAL_upnp_firmware, SENDER, text.value);
}

/* How long is the id that name ends with? Six digits or more, not all of them letters ("facade"). */
static size_t id_at_end(struct bytes name)
{
	size_t n = 0, decimals = 0;

	for (; n < name.len && ascii_is_hex(name.at[name.len - 1 - n]); n++)
		decimals += name.at[name.len - 1 - n] <= '9';
	return n >= ID_MIN && decimals > 0 ? n : 0;
}

static bool holds(struct bytes b, struct bytes part)
{
	return part.len > 0 && b.len >= part.len && memmem(b.at, b.len, part.at, part.len) != NULL;
}

/* "EA6900" is the end of a name, not an id, when the model is called so too. */
static bool is_model(struct bytes device, struct bytes id)
{
	static const char *const names[] = {"modelName", "modelNumber", "modelDescription"};
	struct text text;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		read_text(device, names[i], &text);
		if (holds(text.value, id))
			return true;
	}
	return false;
}

/* "Anna's speaker" in either apostrophe. */
static bool is_persons(struct bytes name)
{
	return bytes_hold(name, "'s ") || bytes_hold(name, "\xe2\x80\x99s ");
}

/* Leaves out what stands in brackets, and all behind one that is not closed. */
static struct bytes without_brackets(struct bytes name, char *buf)
{
	size_t used = 0;
	unsigned depth = 0;

	for (size_t i = 0; i < name.len; i++) {
		char c = (char)name.at[i];

		if (c == '(' || c == '[')
			depth++;
		else if (depth > 0 && (c == ')' || c == ']'))
			depth--;
		else if (depth == 0)
			buf[used++] = c;
	}
	return (struct bytes){(const uint8_t *)buf, used};
}

static void tell_friendly_name(struct telling *to, const struct talk *t, struct bytes device)
{
	char plain[TEXT_MAX], hidden[TEXT_MAX];
	struct text text;
	struct bytes name;
	size_t id;

	read_text(device, "friendlyName", &text);
	if (is_persons(text.value))
		return;
	name = without_brackets(text.value, plain);
	name = bytes_upto(name, bytes_find(name, ": ")); /* media servers: "HOST: user:" */
	name = place_hide_ids(bytes_trim(name), hidden, sizeof hidden);
	id = id_at_end(name);
	if (id > 0 && !is_model(device, bytes_from(name, name.len - id)))
		name.len -= id;
	while (name.len > 0 && strchr(" -_:*", name.at[name.len - 1]) != NULL)
		name.len--;
	tell(to, t, SIGNAL_upnp_friendly_name, SENDER, name);
}

/* The root device as far as it goes: before the embedded ones, cut or not. */
static bool root_device(struct bytes doc, struct bytes *device)
{
	struct bytes root, list;

	if (!xml_first(doc, &root) || !bytes_are(root, "root") || !xml_open(doc, "device", device))
		return false;
	if (xml_open(*device, "deviceList", &list) && list.at != NULL)
		*device = bytes_upto(*device, (size_t)(list.at - device->at));
	return true;
}

static bool upnp_datagram(const struct talk *t, struct telling *to)
{
	static const struct {
		const char *name;
		enum signal signal;
	} elements[] = {{"manufacturer", SIGNAL_upnp_manufacturer},
			{"modelName", SIGNAL_upnp_model_name},
			{"modelNumber", SIGNAL_upnp_model_number},
			{"modelDescription", SIGNAL_upnp_model_description}};
	struct bytes device;
	struct text type;

	if (t->from_client || !root_device(t->data, &device))
		return false;
	read_text(device, "deviceType", &type);
	if (!bytes_begin_nocase(type.value, "urn:"))
		return false;
	tell_element(to, t, device, "deviceType", SIGNAL_upnp_device_type);
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		tell_element(to, t, device, elements[i].name, elements[i].signal);
	tell_friendly_name(to, t, device);
	tell_firmware(to, t, device);
	return true;
}

const struct proto proto_upnp = {.name = "upnp",
				 .summary = "descriptions of UPnP devices",
				 .carriers = OVER_HTTP,
				 .datagram = upnp_datagram};
