/* SPDX-License-Identifier: MIT */
/*
 * What network cameras answer to their own viewers, in XML over HTTP: <DeviceInfo> of ISAPI, Hikvision's interface
 * (/ISAPI/System/deviceInfo, and PSIA before it), and <CGI_Result> of Foscam's CGIProxy.fcgi?cmd=getDevInfo. Model and
 * firmware are told, of ISAPI also the manufacturer and whose schema it is, as the same firmware is sold under many names.
 *
 * deviceName and devName are what the owner calls it; deviceID, serialNumber, serialNo, macAddress and mac name that one
 * camera: none of it is told. An answer that is an error says nothing, nor does what a client sends.
 */
#include "base/scan.h"
#include "base/xml.h"
#include "proto/proto.h"
#include "proto/target.h"

enum { LOOK_MAX = 512, ROOM = TELL_MAX };

/* The text of an element, freed of marks of one device; empty when there is none. */
static struct bytes read_text(struct bytes doc, const char *name, char *buf, size_t size)
{
	char plain[ROOM];
	struct bytes inner;

	if (!xml_find(doc, name, &inner) || bytes_hold(inner, "<"))
		return (struct bytes){.at = NULL, .len = 0};
	inner = bytes_trim(xml_text(inner, plain, sizeof plain));
	return target_version(inner, buf, size);
}

static void tell_element(struct telling *to, const struct talk *t, struct bytes doc,
			 const char *name, enum signal signal)
{
	char text[ROOM];

	tell(to, t, signal, SENDER, read_text(doc, name, text, sizeof text));
}

/* "V5.2.0" and "build 140721" make one version. */
static void tell_firmware(struct telling *to, const struct talk *t, struct bytes doc)
{
	char first[ROOM / 2], second[ROOM / 2];
	struct bytes version = read_text(doc, "firmwareVersion", first, sizeof first);
	struct bytes release = read_text(doc, "firmwareReleasedDate", second, sizeof second);

	if (version.len > 0)
		tell_printf(to, t, SIGNAL_isapi_firmware, SENDER, "%.*s %.*s", (int)version.len,
			    (const char *)version.at, (int)release.len,
			    release.len > 0 ? (const char *)release.at : "");
}

/* The host of "http://www.hikvision.com/ver20/XMLSchema", as far as it says whose form this is. */
static void tell_schema(struct telling *to, const struct talk *t, struct bytes doc)
{
	static const char *const hosts[] = {"www.hikvision.com", "www.std-cgi.com",
					    "www.isapi.org"};
	struct bytes head = bytes_upto(doc, LOOK_MAX);

	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		if (bytes_hold(head, hosts[i])) {
			tell_text(to, t, SIGNAL_isapi_schema, SENDER, hosts[i]);
			return;
		}
	}
}

static bool read_isapi(const struct talk *t, struct telling *to)
{
	char text[ROOM];
	struct bytes doc;

	if (!xml_open(t->data, "DeviceInfo", &doc) ||
	    read_text(doc, "model", text, sizeof text).len == 0 ||
	    read_text(doc, "firmwareVersion", text, sizeof text).len == 0)
		return false;
	tell_schema(to, t, t->data);
	tell_element(to, t, doc, "manufacturer", SIGNAL_isapi_manufacturer);
	tell_element(to, t, doc, "model", SIGNAL_isapi_model);
	tell_firmware(to, t, doc);
	return true;
}

static bool read_cgi(const struct talk *t, struct telling *to)
{
	struct bytes doc, result;
	char text[ROOM];

	if (!xml_open(t->data, "CGI_Result", &doc) || !xml_find(doc, "result", &result) ||
	    !bytes_are(result, "0") || read_text(doc, "productName", text, sizeof text).len == 0 ||
	    read_text(doc, "firmwareVer", text, sizeof text).len == 0)
		return false;
	tell_element(to, t, doc, "productName", SIGNAL_cgi_model);
	tell_element(to, t, doc, "firmwareVer", SIGNAL_cgi_firmware);
	return true;
}

static bool isapi_datagram(const struct talk *t, struct telling *to)
{
	struct bytes root;

	if (t->from_client || t->failed || !xml_first(t->data, &root))
		return false;
	if (bytes_are(root, "DeviceInfo"))
		return read_isapi(t, to);
	return bytes_are(root, "CGI_Result") && read_cgi(t, to);
}

static enum match isapi_mine(const struct glance *g)
{
	struct bytes head = bytes_upto(g->data, LOOK_MAX);

	return g->body && !g->from_client &&
			       (bytes_hold(head, "DeviceInfo") || bytes_hold(head, "CGI_Result"))
		       ? MATCH_YES
		       : MATCH_NO;
}

const struct proto proto_isapi = {.name = "isapi",
				  .summary = "what cameras answer to their viewers (ISAPI, CGI)",
				  .carriers = OVER_HTTP,
				  .mine = isapi_mine,
				  .datagram = isapi_datagram};
