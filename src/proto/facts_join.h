/* SPDX-License-Identifier: MIT */
/*
 * What a saved summary says was told, put into a lane's store: into an empty one that is loading, into a filled one joining.
 * Numbers of MACs and order keys are ours already. What finds no room is counted, as ever.
 */
#pragma once

#include "proto/facts.h"

void facts_join(struct facts *f, const struct fact *from, struct bytes value);
void facts_join_login(struct facts *f, const struct login_fact *from);
