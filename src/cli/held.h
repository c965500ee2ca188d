/* SPDX-License-Identifier: MIT */
/* How the verbs write that a device is or was held: as a line for people, or as an object for programs. */
#pragma once

#include "cli/store_verb.h"
#include "report/json_out.h"

/* As an entry of a list, or of no list when it stands alone. */
void held_json(const struct store_hold *h, struct json *j);
/* "contained since …, by policy: what it did; 12 packets dropped": without name and full stop. */
void held_line(const struct store_hold *h, bool utf8, struct text *to);
/* Those of the store that go on, and those that ended since then; INT64_MAX: none that ended. Returns the exit status. */
int held_read(struct store_ask *ask, int64_t since_ns, struct store_hold **out, size_t *n);
/* "HELD: …" on who is held now, a line each; nothing when nobody is. */
void held_summary(const struct store_hold *list, size_t n, bool utf8, struct text *to);
