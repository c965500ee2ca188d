/* SPDX-License-Identifier: MIT */
/*
 * Orders that masters of bots write as text, in plain words. The words are those of published rules; whatever else a
 * stranger writes never leaves this file.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A word and what follows it, in any case: "UDP", "203.0.113.5 80 30" becomes "flood over UDP at 203.0.113.5 for 30 s".
 * False: the word is none of the known ones.
 */
bool order_words(struct bytes word, struct bytes arguments, char *buf, size_t size);

/* Takes the next word, behind blanks; empty at the end. */
struct bytes order_word(struct bytes *rest);
