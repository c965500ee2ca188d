/* SPDX-License-Identifier: MIT */
/* Lines of `cordon history`, which `cordon show` has some of. */
#pragma once

#include "base/text.h"
#include "store/store.h"

/*
 * "2016-10-21 13:04:31 CEST  192.168.1.20  …", fit for a terminal, without the line's end. name_width: columns for the name;
 * 0: without it.
 */
void history_line(const struct store_event_row *row, unsigned name_width, bool utf8,
		  struct text *to);
