/* SPDX-License-Identifier: MIT */
/*
 * Cortex-M3 and M4 as QEMU plays them: SysTick counts milliseconds (ARMv7-M Architecture Reference Manual, B3.3), and
 * semihosting prints and ends (Semihosting for AArch32 and AArch64: SYS_WRITE0 and SYS_EXIT).
 *
 * These boards have no random generator. What stands here makes the same bytes in each run, so it does not compile unless one
 * says that the board is simulated: a product whose salts and stream keys can be foretold has none.
 */
#include "board.h"

#ifndef SIMULATED_BOARD
#error "board_random() is for the simulation only: write one that asks the random generator of your chip"
#endif

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define CLOCK_HZ 25000000u

#define SYS_WRITE0 0x04u
#define SYS_EXIT 0x18u
#define STOPPED_WELL 0x20026u  /* ADP_Stopped_ApplicationExit */
#define STOPPED_BADLY 0x20023u /* ADP_Stopped_RunTimeErrorUnknown */

#define PAINT 0xA5A5A5A5u

extern uint32_t stack_end[]; /* its lowest word; of the linker script */

static volatile uint32_t ticks_low, ticks_high;
static uint32_t dice = 0x2545F491u;

void board_tick(void);

/* Called by the interrupt of SysTick. */
void board_tick(void)
{
	if (++ticks_low == 0)
		ticks_high++;
}

static void semihost(uint32_t operation, uint32_t parameter)
{
	register uint32_t r0 __asm__("r0") = operation;
	register uint32_t r1 __asm__("r1") = parameter;

	__asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory", "cc");
}

void board_init(void)
{
	/* Volatile, or the compiler makes a call of this loop, whose frame would be painted over. */
	volatile uint32_t *word = stack_end;
	uint32_t *top;

	__asm__ volatile("mov %0, sp" : "=r"(top));
	while (word < top)
		*word++ = PAINT;
	SYST_RVR = CLOCK_HZ / 1000 - 1;
	SYST_CVR = 0;
	SYST_CSR = 7; /* the processor's clock, interrupt, on */
}

uint32_t board_stack_used(void)
{
	extern uint32_t stack_top[];
	const uint32_t *word = stack_end;

	while (word < stack_top && *word == PAINT)
		word++;
	return (uint32_t)((const char *)stack_top - (const char *)word);
}

void board_say(const char *text)
{
	semihost(SYS_WRITE0, (uint32_t)(uintptr_t)text);
	semihost(SYS_WRITE0, (uint32_t)(uintptr_t) "\n");
}

void board_say_number(const char *before, uint32_t number, const char *after)
{
	char digits[12];
	uint32_t n = sizeof(digits) - 1;

	digits[n] = 0;
	do {
		digits[--n] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	semihost(SYS_WRITE0, (uint32_t)(uintptr_t)before);
	semihost(SYS_WRITE0, (uint32_t)(uintptr_t)(digits + n));
	board_say(after);
}

void board_end(int failed)
{
	semihost(SYS_EXIT, failed ? STOPPED_BADLY : STOPPED_WELL);
	for (;;)
		continue;
}

/* A tick between the two halves would make a time that never was: read until nothing moved. */
uint64_t board_now_ms(void)
{
	uint32_t low, high;

	do {
		high = ticks_high;
		low = ticks_low;
	} while (high != ticks_high);
	return (uint64_t)high << 32 | low;
}

int board_random(void *to, uint32_t size)
{
	uint8_t *at = to;

	for (uint32_t i = 0; i < size; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 17;
		dice ^= dice << 5;
		at[i] = (uint8_t)(dice >> 24);
	}
	return 0;
}
