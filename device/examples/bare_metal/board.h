/* SPDX-License-Identifier: MIT */
/*
 * What the example needs of its board: a console, an end, a clock, random bytes, and how deep the stack went. board.c has
 * it for the Cortex-M boards that QEMU plays (mps2-an385, mps2-an386); a product writes its own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void board_init(void);

/* A line on the console. */
void board_say(const char *text);
void board_say_number(const char *before, uint32_t number, const char *after);

/* Ends the simulation; a product has nothing to return to. */
void board_end(int failed);

/* Milliseconds since start. */
uint64_t board_now_ms(void);

/* From the true random generator of the chip, through a generator that it seeds. 0 or -1. */
int board_random(void *to, uint32_t size);

/* Bytes of stack used at most since board_init(). */
uint32_t board_stack_used(void);
