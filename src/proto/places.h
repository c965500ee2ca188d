/* SPDX-License-Identifier: MIT */
/*
 * What discovery protocols say of a device, freed of what must not be told: addresses of descriptions without the host,
 * texts without serial numbers, hardware addresses and UUIDs.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

/*
 * Copies text with each run of hexadecimal digits (and of '-', ':' between them) that holds twelve digits or more turned
 * into one '*': UUIDs, MAC addresses, cloud ids. What does not fit in buf is cut.
 */
struct bytes place_hide_ids(struct bytes text, char *buf, size_t size);

/*
 * Of "http://192.168.1.5:49153/setup.xml?id=1" the port and the path, ":49153/setup.xml", ids in it hidden; the port that
 * goes without saying is said. Empty when it is no URL of http or https.
 */
struct bytes place_of_url(struct bytes url, char *buf, size_t size);
