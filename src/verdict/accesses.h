/* SPDX-License-Identifier: MIT */
/*
 * How a device's services were logged in to last: what the first-use gate asks for, and what `cordon show` says.
 *
 * Of the logins at a service those decide that tell whose password it was: the last of these that was accepted. With a pair
 * of the lists that was not refused since, it is the factory's; with none of them it is an own one. Where none tells, the
 * login is hidden, as are those inside TLS. Where there is no login at all, a service counts when it is offered and a
 * password is known that its maker gives it.
 *
 * A password of telnet that its maker has written into the firmware stays a reason whoever logs in with another: its account is
 * still there (unchangeable).
 *
 * What this can't tell:
 * - A bot that logs in with a password of the lists shows a factory password in use, which is right; one that logs in with
 *   another looks like the owner. A device that was taken is contained for what it does (policy.h), whatever its gate says.
 * - Two accounts at one service: who logs in with an own one does not show that the factory's is gone. It is seen again as
 *   soon as anybody uses it.
 *
 * Age: a login is the last word however old it is; exposures_in.since_ns is not asked. When the engine has forgotten the login
 * (decision 25) the service is one without a login again; the store keeps what it was (lists.c), and who was let through the
 * gate stays there until a factory password is accepted: silence closes nothing.
 */
#pragma once

#include "verdict/exposures.h"

enum { ACCESSES_MAX = 24 /* services of a device: one that accepts logins at more is no camera */ };

/* One login at the device. refused: where the same pair was refused later; NULL when it was not. */
void access_login(const struct exposures_in *in, struct exposed *e, const struct profile *p,
		  const struct login_fact *login, const struct login_fact *refused);

/* After all logins and facts, of a local device: services without a login, the order, and what it is (known, thing). */
void accesses_close(const struct exposures_in *in, struct exposed *e, const struct profile *p);

/* Can the owner not change this pair: so says the entry of its own maker, or every entry that has it (exposures.c). */
bool login_is_built_in(const struct exposures_in *in, const struct profile *p,
		       const struct login_fact *login);
/* Does it serve what computers and phones rarely do: telnet, pictures, makers' own protocols (exposures.c)? */
bool profile_serves_as_thing(const struct profile *p);
