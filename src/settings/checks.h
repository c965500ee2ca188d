/* SPDX-License-Identifier: MIT */
/*
 * What can be known to be wrong with settings before anything starts with them: interfaces and captures that are not there, a
 * filter that is none, folders that can't be written. `cordon watch` asks while somebody is there to read the answer; the
 * service asks before a reload, which must not end what runs; `cordon check-config` asks for the filter alone.
 *
 * Each returns EXITS_OK, or an exit status with one line in `said`.
 */
#pragma once

#include "base/text.h"
#include "settings/settings.h"

int checks_filter(const struct settings *s, struct text *said);

/* Two XDP programs for one interface are one too many. */
int checks_xdp(const struct settings *s, struct text *said);

/* A line where the method of capture that is asked for is not that which will be used. */
void checks_method(const struct settings *s, struct text *said);

/*
 * All of it. Makes the folders of store, events and sockets where their parents are there, and owns them to the user whom the
 * processes become; a folder that was there stays as it is. Asked as that user: what root may do says nothing. *user: whom the
 * guard shall become; NULL: no root is at work. After success `said` may have a line that is worth reading.
 */
int checks_all(const struct settings *s, const char **user, struct text *said);
