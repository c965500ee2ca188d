/* SPDX-License-Identifier: MIT */
/*
 * Orders over the control socket:
 *   {"cmd":"contain","device":"192.0.2.20","seconds":7200,"isolate":true}     seconds and isolate may be left out
 *   {"cmd":"release","device":"192.0.2.20"}                                   "*": all that are held
 * With "dry_run":true nothing is done, and the answer has what would be as "nft", the text of nft(8).
 * A device is named by its id, MAC, address or name; one that means several is refused. The answer says whom it meant and what
 * became of it.
 */
#pragma once

#include "base/bytes.h"
#include "report/json_out.h"
#include "verdict/judged.h"

struct arena;
struct service;

/* Carries out the request and writes the answer's members. by: who asked. */
void control_order(struct service *s, struct bytes request, const char *by, struct json *j);
/* The one device that a request's "device" means; NULL, and why not. It lives in the arena. */
const struct device *control_device(struct service *s, struct bytes request, struct arena *arena,
				    const char **why);
