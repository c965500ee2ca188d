/* SPDX-License-Identifier: MIT */
/*
 * A model made by hand with makers, exposures and recalls in it, and the same with hostile strings in every field that
 * somebody outside could fill. Include cmocka.h before.
 */
#pragma once

#include "report/report.h"

#include <string.h>

#define S INT64_C(1000000000)
#define AT(s) ((1477047871 + (s)) * S) /* 2016-10-21 11:04:31 UTC and so many seconds */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct mac macs[] = {
	{{2, 0, 0x5e, 0, 0x53, 0x20}}, {{2, 0, 0x5e, 0, 0x53, 0x21}}, {{2, 0, 0x5e, 0, 0x53, 0x30}},
	{{2, 0, 0x5e, 0, 0x53, 0x40}}, {{2, 0, 0x5e, 0, 0x53, 0x41}},
};
static const char *const todo[] = {"set a password", "install the newest firmware"};
static const char *const undecided[] = {"CVE-1", "CVE-2", "CVE-3", "CVE-4", "CVE-5, CVE-6"};
static const char recorder[] = "mac:02:00:5e:00:53:20", taken[] = "mac:02:00:5e:00:53:21",
		  camera[] = "mac:02:00:5e:00:53:30", phone[] = "mac:02:00:5e:00:53:40";
static const char *const recorders[] = {recorder, taken};
static const char *const one_camera[] = {camera};
static const char *const camera_and_recorder[] = {camera, recorder};

static const struct claim claims[] = {
	{"xm-version", "V4.02.R11", "Xiongmai firmware V4.02.R11", {0, 7}, false},
	{"xm-hardware", "AHB7008T", "Xiongmai dvr AHB7008T", {0, 7}, false},
	{"mac-prefix", "Lab Radios Ltd", "Lab Radios module inside", {0, 1}, true},
	{"http-title", "NETSurveillance WEB", "Xiongmai", {0, 40}, false},
	{"dhcp-host-name", "LocalHost", "Xiongmai", {0, 2}, false},
	{"tls-sni", "secu.example", "Xiongmai", {0, 50}, false},
};

static const struct exposure exposures[] = {
	{EXPOSURE_FACTORY_PASSWORD,
	 false,
	 "telnet/23",
	 "root / l…1 (this maker's factory password) accepted from 203.0.113.77",
	 {0, 10233},
	 AT(60)},
	{EXPOSURE_RECALLED, true, NULL, "XM 2016: return it", {0, 7}, 0},
	{EXPOSURE_CLEARTEXT_LOGIN,
	 false,
	 "http/80",
	 "the password crossed in clear",
	 {1, 9},
	 AT(70)},
};

static const struct recall_entry recalls[] = {
	{"Dahua", "CVE-2021-33045", "update the firmware", NULL, 0, one_camera, 1},
	{"Xiongmai", "CVE-1", "see the advisory", NULL, 0, camera_and_recorder, 2},
	{"Xiongmai", "CVE-2", "see the advisory", NULL, 0, one_camera, 1},
	{"Xiongmai", "XM 2016", "return it to its maker", recorders, 2, one_camera, 1},
};

static const struct maker_count makers[] = {{"Dahua", 1, 1, 0}, {"Xiongmai", 2, 2, 1}};

struct model {
	struct judged judged;
	struct device devices[5];
	struct addr addresses[5];
	struct input input;
};

static inline struct device *add_device(struct model *m, const char *id, uint32_t address)
{
	size_t i = m->judged.devices_n++;
	struct device *d = &m->devices[i];

	m->addresses[i] = addr_v4(address);
	*d = (struct device){.id = id,
			     .local = true,
			     .macs = &macs[i],
			     .macs_n = 1,
			     .addresses = &m->addresses[i],
			     .addresses_n = 1,
			     .backing = BACKING_TWO_WAY,
			     .first_ns = AT(0),
			     .last_ns = AT(90),
			     .packets_out = 12,
			     .two_way = true,
			     .judged = true,
			     .confidence = CONFIDENCE_LIKELY};
	return d;
}

static inline void make_exposed(struct device *d, const struct exposure *list, size_t n)
{
	d->verdict = VERDICT_EXPOSED;
	d->confidence = CONFIDENCE_SURE;
	d->exposures = list;
	d->exposures_n = n;
	d->why = "it accepts a password that everybody can look up";
	d->todo = todo;
	d->todo_n = 2;
}

/* An exposed recorder, a hijacked one, a camera exposed a little, a phone and something unknown. */
static inline void fill(struct model *m)
{
	struct device *d;

	*m = (struct model){0};
	m->input = (struct input){.path = "shop.pcapng",
				  .format = "pcapng",
				  .packets = 20000,
				  .any = true,
				  .first_ns = AT(0),
				  .last_ns = AT(90)};
	d = add_device(m, recorder, 0xc0a80114);
	make_exposed(d, exposures, 2);
	d->maker = "Xiongmai";
	d->brand = "NetSurveillance";
	d->product = "dvr";
	d->model = "AHB7008T";
	d->firmware = "V4.02.R11";
	d->built = "2014-12-05";
	d->claims = claims;
	d->claims_n = COUNT(claims);
	d = add_device(m, taken, 0xc0a80115);
	*d = (struct device){.id = taken,
			     .local = true,
			     .macs = d->macs,
			     .macs_n = 1,
			     .addresses = d->addresses,
			     .addresses_n = 1,
			     .judged = true,
			     .first_ns = AT(0),
			     .last_ns = AT(0),
			     .verdict = VERDICT_INFECTED,
			     .confidence = CONFIDENCE_SURE,
			     .maker = "Xiongmai",
			     .exposures = exposures,
			     .exposures_n = 1};
	d = add_device(m, camera, 0xc0a8011e);
	make_exposed(d, &exposures[2], 1);
	d->maker = "Dahua";
	d->product = "camera";
	d->undecided = undecided;
	d->undecided_n = COUNT(undecided);
	d = add_device(m, phone, 0xc0a80128);
	d->maker = "Lab Phones";
	d->product = "phone";
	d = add_device(m, "mac:02:00:5e:00:53:41", 0xc0a80129);
	d->judged = false;
	d->confidence = CONFIDENCE_NONE;
	m->judged.version = "0.1.0";
	m->judged.knowledge = "0123456789abcdef";
	m->judged.place = PLACE_LAN;
	m->judged.judged = 4;
	m->judged.of = 5;
	m->judged.inputs = &m->input;
	m->judged.inputs_n = 1;
	m->judged.devices = m->devices;
	m->judged.recalls = recalls;
	m->judged.recalls_n = COUNT(recalls);
	m->judged.makers = makers;
	m->judged.makers_n = COUNT(makers);
}

static inline void expect_in(const struct text *t, const char *wanted)
{
	assert_false(t->failed);
	if (strstr(text_string(t), wanted) == NULL)
		fail_msg("no \"%s\" in:\n%s", wanted, text_string(t));
}

static inline void expect_not_in(const struct text *t, const char *unwanted)
{
	if (strstr(text_string(t), unwanted) != NULL)
		fail_msg("\"%s\" in:\n%s", unwanted, text_string(t));
}

#define HOSTILE "=a\033[2J\n<b>\xff\xe2\x80\xae\"\\\r;=1,'"

static const char *const bad[] = {HOSTILE};

struct hostile {
	struct model model;
	struct claim claims[2];
	struct exposure exposures[2];
	struct recall_entry recalls[2];
	struct maker_count makers[1];
};

/* In every field that somebody outside, or a file of the owner's, could fill. */
static inline void make_hostile(struct hostile *h)
{
	struct device *d = &h->model.devices[0];

	fill(&h->model);
	for (size_t i = 0; i < 2; i++) {
		h->claims[i] = (struct claim){HOSTILE, HOSTILE, HOSTILE, {0, 1}, i == 1};
		h->exposures[i] = exposures[i];
		h->exposures[i].service = HOSTILE;
		h->exposures[i].detail = HOSTILE;
		h->recalls[i] = (struct recall_entry){HOSTILE, HOSTILE, HOSTILE, NULL, 0, bad, 1};
	}
	h->recalls[0].devices = recorders;
	h->recalls[0].devices_n = 2;
	h->makers[0] = (struct maker_count){HOSTILE, 1, 1, 1};
	d->maker = d->product = d->model = d->firmware = d->built = HOSTILE;
	d->brand = "x" HOSTILE;
	d->claims = h->claims;
	d->claims_n = 2;
	d->exposures = h->exposures;
	d->exposures_n = 2;
	d->undecided = bad;
	d->undecided_n = 1;
	h->model.devices[3].maker = HOSTILE;
	h->model.judged.recalls = h->recalls;
	h->model.judged.recalls_n = 2;
	h->model.judged.makers = h->makers;
	h->model.judged.makers_n = 1;
}

static inline void expect_harmless(const struct text *t, bool crlf)
{
	assert_false(t->failed);
	for (size_t i = 0; i < t->len; i++) {
		unsigned char c = (unsigned char)t->at[i];

		assert_true(c >= 0x20 || c == '\n' || (crlf && c == '\r' && t->at[i + 1] == '\n'));
		assert_true(c != 0xff && c != 0x7f);
	}
	expect_not_in(t, "\xe2\x80\xae");
}
