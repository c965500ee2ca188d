/* SPDX-License-Identifier: MIT */
/*
 * Is a recorded login one of the known factory pairs? Checked offline, from what the login itself carries: nothing is
 * ever sent. Costs at most a few digests for each pair of the list, and only where the server accepted.
 */
#pragma once

#include "base/catalogue.h"
#include "proto/login.h"

/*
 * The number of the first credential whose pair it was; PAIR_OWN when it was none of them, PAIR_UNKNOWN when the form can't
 * be checked. Sources: RFC 7616 section 3.4 (Digest), WS-Security UsernameToken Profile 1.1 section 3.1, and for the
 * makers' own forms docs/knowledge.md.
 */
int32_t login_match(const struct catalogue *c, const struct login *login);

/* Was it this credential's pair? Has it this one's user, at a cost of next to nothing? */
bool login_is(const struct credential *known, const struct login *login);
bool login_is_by(const struct credential *known, const struct login *login);

/* The hash of Xiongmai and of Dahua's first generation: eight letters and a NUL. */
void login_sofia(const char *password, char out[9]);
