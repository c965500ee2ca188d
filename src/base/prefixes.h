/* SPDX-License-Identifier: MIT */
/*
 * Whom a MAC address was registered to: the IEEE's lists, embedded at build by scripts/embed-prefixes from Debian's
 * ieee-data. A build without that package has an empty table and says "none".
 */
#pragma once

#include "base/addr.h"

#include <stddef.h>

/* The organisation of the longest prefix registered (36, 28 or 24 bits), or NULL; NULL too for a MAC that is locally
 * administered (phones make up such ones), and for groups. */
const char *prefixes_organisation(const struct mac *mac);

/* The date of the IEEE's list that was embedded, "2022-08-27", or "none". */
extern const char *const prefixes_date;

/* What the script writes. A row: the prefix in 3, 4 or 5 whole bytes, then 3 bytes of where its name begins; sorted. */
struct prefixes_table {
	const char *rows;
	size_t n;
};
enum { PREFIXES_TABLES = 3 }; /* 24, 28, 36 bits */
extern const struct prefixes_table prefixes_tables[PREFIXES_TABLES];
extern const char prefixes_names[];
