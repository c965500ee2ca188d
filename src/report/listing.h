/* SPDX-License-Identifier: MIT */
/*
 * The devices of a judged model, one line each, worst first: what `cordon devices` shows. Who wants all about one asks
 * for the report.
 */
#pragma once

#include "report/report.h"

struct listing {
	bool all;  /* strangers too */
	bool cuts; /* lines are cut to the width: for a terminal, where a torn table can't be read */
};

/* For people: a sentence on how they stand, what could be judged, then the table. */
void listing_text(const struct judged *judged, const struct listing *listing,
		  const struct report_options *options, struct text *to);
/* One document, "schema": "cordon.devices/1". */
void listing_json(const struct judged *judged, const struct listing *listing,
		  const struct report_options *options, struct text *to);
/* RFC 4180, see csv.h. */
void listing_csv(const struct judged *judged, const struct listing *listing,
		 const struct report_options *options, struct text *to);

/* "192.168.1.20  DVR  Xiongmai (lobby-dvr)": one device among several, fit for a terminal, without a line's end. */
void listing_name(const struct judged *judged, const struct device *device,
		  const struct report_options *options, struct text *to);
