/* SPDX-License-Identifier: MIT */
/*
 * Devices that describe themselves in JSON over HTTP: Philips' bridges ("config" of the Hue API), Shelly's relays
 * (/shelly, Shelly.GetDeviceInfo) and others whose answer holds model, firmware and their own MAC address in one object.
 *
 * Hubs, apps and clouds speak of other devices in the same words. So only an answer is read, only the object at its root
 * or in its "config", and only when the MAC in it is that of the frame it came in. The MAC and other ids are not told.
 */
#include "base/hex.h"
#include "base/json.h"
#include "base/scan.h"
#include "proto/proto.h"

enum { MAC_LEN = 6, VALUE_MAX = 64 };

static const char *const macs[] = {"mac", "MAC", "macAddress"};
static const char *const names[] = {"model",	"modelid",	   "type", "app",   "swversion",
				    "firmware", "firmwareVersion", "fw",   "fw_id", "ver"};

enum { MACS = sizeof macs / sizeof macs[0], NAMES = sizeof names / sizeof names[0] };

/* "00:17:88:24:76:ff", "00-17-88-…", or without marks. */
static bool is_mac(struct bytes text, const struct mac *mac)
{
	char digits[2 * MAC_LEN + 1];
	size_t n = 0;

	hex_lower((struct bytes){mac->b, MAC_LEN}, digits);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = ascii_lower(text.at[i]);

		if (c == ':' || c == '-')
			continue;
		if (n == 2 * (size_t)MAC_LEN || c != (uint8_t)digits[n])
			return false;
		n++;
	}
	return n == 2 * (size_t)MAC_LEN;
}

static bool is_plain(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < ' ' || text.at[i] > '~' || strchr("\"\\{[", text.at[i]) != NULL)
			return false;
	}
	return text.len > 0 && text.len <= VALUE_MAX;
}

static bool read_object(const struct talk *t, struct telling *to, const char *path)
{
	struct bytes mac[MACS], value[NAMES];
	bool own = false;

	json_fields(t->data, path, macs, MACS, mac);
	for (size_t i = 0; i < MACS; i++)
		own |= is_mac(mac[i], &t->packet->src_mac);
	if (!own)
		return false;
	json_fields(t->data, path, names, NAMES, value);
	for (size_t i = 0; i < NAMES; i++) {
		if (is_plain(value[i]))
			tell_printf(to, t, SIGNAL_http_field, SENDER, "%s: %.*s", names[i],
				    (int)value[i].len, (const char *)value[i].at);
	}
	return true;
}

/* Could one of `macs` be a key of it? Most bodies end here. */
static bool names_mac(struct bytes json)
{
	struct bytes rest = json;

	while (rest.len > 0) {
		bytes_cut(&rest, '"');
		if (bytes_begin(rest, "mac") || bytes_begin(rest, "MAC"))
			return true;
	}
	return false;
}

static bool about_datagram(const struct talk *t, struct telling *to)
{
	if (t->from_client || t->foreign[SENDER] || (t->packet->flags & PACKET_HAS_MAC) == 0 ||
	    !bytes_begin(t->data, "{") || !names_mac(t->data))
		return false;
	return read_object(t, to, "") || read_object(t, to, "config");
}

const struct proto proto_about = {.name = "about",
				  .summary = "devices that describe themselves in JSON",
				  .carriers = OVER_HTTP,
				  .datagram = about_datagram};
