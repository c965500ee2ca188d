/* SPDX-License-Identifier: MIT */
/* Inside of the store of facts: where things stand in its tables. For what fills them, and for what closes them up. */
#pragma once

#include "proto/facts.h"

/* Where a fact, or a login, stands in its index. */
uint64_t facts_hash(const struct facts *f, const struct fact *fact);
uint64_t facts_login_hash(const struct facts *f, const struct login_fact *login);

/* The count of a fact's host and signal; make: when there is none yet. NULL: there is none, or no room. */
struct fact_head *facts_head(struct facts *f, const struct fact *fact, bool make);

/*
 * The place for a value behind those that are kept; texts_cap when there is no room. A value never crosses the end of a
 * stripe's piece, so values in their order take no more room when some are left out between them.
 */
uint32_t facts_place_text(const struct facts *f, struct bytes value);
/* Puts it there; it may lie in the texts already. */
void facts_keep_text(struct facts *f, struct bytes value, uint32_t at);
