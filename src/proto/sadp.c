/* SPDX-License-Identifier: MIT */
/*
 * SADP, by which Hikvision's tools find its cameras and recorders: XML to UDP 37020 (239.255.255.250), as owners' tools
 * and forum threads describe it; the maker's own text is not public. The answer to a probe is sent to all, so that any
 * listener learns model, firmware and whether the first-use password was ever set (`Activated`; firmware from before
 * March 2015 does not know the word). WS-Discovery has elements of the same name: an answer must hold SADP's own.
 *
 * A cut answer is read up to the cut, but then it can't be said that a field is absent. Serial number and MAC are left
 * where they are.
 */
#include "base/scan.h"
#include "base/xml.h"
#include "proto/proto.h"

enum { HEAD_MAX = 2048 /* SADP's own elements stand in the first bytes */ };

static bool is_answer(struct bytes head)
{
	return bytes_hold(head, "<ProbeMatch>") &&
	       (bytes_hold(head, "<DeviceSN>") || bytes_hold(head, "<DeviceDescription>"));
}

static bool is_question(struct bytes head)
{
	return bytes_hold(head, "<Probe>") && bytes_hold(head, "<Types>");
}

static enum match sadp_mine(const struct glance *g)
{
	struct bytes head = bytes_upto(g->data, HEAD_MAX);

	if (head.len == 0 || head.at[0] != '<')
		return MATCH_NO;
	return is_answer(head) || (g->hinted && is_question(head)) ? MATCH_YES : MATCH_NO;
}

static bool find_text(struct bytes answer, const char *name, char *buf, size_t size,
		      struct bytes *text)
{
	if (!xml_find(answer, name, text))
		return false;
	*text = bytes_trim(xml_text(*text, buf, size));
	return true;
}

static void tell_element(struct telling *to, const struct talk *t, enum signal signal,
			 struct bytes answer, const char *name)
{
	char buf[TELL_MAX];
	struct bytes text;

	if (find_text(answer, name, buf, sizeof buf, &text) && !bytes_are_nocase(text, "N/A"))
		tell(to, t, signal, SENDER, text);
}

static void tell_activated(struct telling *to, const struct talk *t, struct bytes answer,
			   bool whole)
{
	char buf[16];
	struct bytes text;

	if (find_text(answer, "Activated", buf, sizeof buf, &text)) {
		if (bytes_are_nocase(text, "true"))
			tell_text(to, t, SIGNAL_sadp_activated, SENDER, "true");
		else if (bytes_are_nocase(text, "false"))
			tell_text(to, t, SIGNAL_sadp_activated, SENDER, "false");
	} else if (whole && !bytes_hold(answer, "<Activated")) {
		tell_text(to, t, SIGNAL_sadp_activated, SENDER, "absent");
	}
}

static bool sadp_datagram(const struct talk *t, struct telling *to)
{
	struct bytes head = bytes_upto(t->data, HEAD_MAX), answer;
	bool whole;

	if (!is_answer(head))
		return is_question(head);
	whole = xml_find(t->data, "ProbeMatch", &answer);
	if (!whole && !xml_open(t->data, "ProbeMatch", &answer))
		return false;
	tell_text(to, t, SIGNAL_beacon, SENDER, "hikvision");
	tell_service(to, t, SENDER, &proto_sadp);
	tell_element(to, t, SIGNAL_sadp_type, answer, "DeviceType");
	tell_element(to, t, SIGNAL_sadp_model, answer, "DeviceDescription");
	tell_element(to, t, SIGNAL_sadp_version, answer, "SoftwareVersion");
	tell_element(to, t, SIGNAL_sadp_oem, answer, "OEMInfo");
	tell_activated(to, t, answer, whole);
	return true;
}

const struct proto proto_sadp = {.name = "sadp",
				 .summary = "discovery of Hikvision's cameras and recorders",
				 .carriers = OVER_UDP,
				 .ports = {37020},
				 .mine = sadp_mine,
				 .datagram = sadp_datagram};
