/* SPDX-License-Identifier: MIT */
/*
 * A backend for tests that make millions of logins: it hashes nothing well and signs nothing, is quick, and counts. Linked in
 * place of the real one by the programs that include this; never shipped.
 */
#pragma once

#include "crypto.h"

/* Passwords that were hashed, and how many of the next hashes fail. */
extern unsigned long fake_hashes;
extern unsigned fake_failing;
