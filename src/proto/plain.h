/* SPDX-License-Identifier: MIT */
/*
 * Text of strangers made fit to be told: without control bytes, and without the numbers that name one single device.
 * Both write at most size - 1 bytes and a NUL, and return how many bytes they wrote.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Terminal escapes and control bytes are cut, runs of blanks become one, and "serial", "S/N", "SN:", "UUID" or "IMEI" are
 * left out with the number behind them.
 */
size_t plain_text(char *out, size_t size, struct bytes in);

/*
 * For client ids and topics: six or more hexadecimal digits in a row, groups of two joined by ':' or '-' (a MAC address),
 * what belongs to a UUID, and words of 16 or more letters with digits among them become "*".
 */
size_t plain_ids(char *out, size_t size, struct bytes in);

/* How many bytes at the start of a word are such an announcement with its number; 0: it is none. */
size_t plain_serial(struct bytes b);

/* The text without blanks and marks at its end that led to something which was left out. */
struct bytes plain_end(struct bytes b);

/* One byte of text behind another: false for those that belong to an escape sequence. Begins with *state 0. */
bool plain_escape(uint8_t *state, uint8_t byte);
