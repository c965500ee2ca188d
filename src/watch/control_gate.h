/* SPDX-License-Identifier: MIT */
/*
 * The first-use gate over the control socket:
 *   {"cmd":"gate"}                                          who came to it, and where each stands
 *   {"cmd":"gate-confirm","device":"192.0.2.20"}            the owner's word: also gate-override and gate-close
 * A device is named as in an order (control_order.h). The answer to a word says whom it meant, where that device stands now and why.
 */
#pragma once

#include "base/bytes.h"
#include "report/json_out.h"

#include <stdbool.h>

struct service;

bool control_gate_is_command(struct bytes command);
/* Carries out the request and writes the answer's members. by: who asked. */
void control_gate(struct service *s, struct bytes command, struct bytes request, const char *by,
		  struct json *j);
