/* SPDX-License-Identifier: MIT */
/*
 * Plain words for people, beside the schema's words for programs. Tables only.
 */
#pragma once

#include "verdict/judged.h"

#include <stddef.h>

/* "SYN flood" */
const char *words_vector(enum vector v);
/* Where a verdict's weight rests: "its MAC address, which a neighbour could forge" */
const char *words_backing(enum backing b);
/* A sentence on where the capture was taken, or NULL when it does not show. */
const char *words_place(enum place p);
/* "hits", "hit": an attack in that direction, one or several. */
const char *words_attacks(enum direction d, bool several);
/* What a count under "unseen" means, to stand after the number; NULL for a key without words. */
const char *words_unseen(const char *key, bool several);
/* How people spell a short name of ours: "DHCP", "DVR"; NULL: as it stands. */
const char *words_spelt(const char *word, size_t len);
