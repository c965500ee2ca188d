/* SPDX-License-Identifier: MIT */
/*
 * From reset to main: the vector table of ARMv7-M (Architecture Reference Manual, B1.5.3), initialised data copied, the rest
 * zeroed. A fault ends the simulation; a product restarts by its watchdog, and libfirstuse then finds the old state or the
 * new one.
 */
#include "board.h"

extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

int main(void);
void reset(void);
void board_tick(void);

static void fault(void)
{
	board_say("fault");
	board_end(1);
}

void reset(void)
{
	const uint32_t *from = data_image;

	for (uint32_t *to = data_start; to < data_end;)
		*to++ = *from++;
	for (uint32_t *to = bss_start; to < bss_end;)
		*to++ = 0;
	board_end(main());
}

union vector {
	uint32_t *stack;
	void (*handler)(void);
};

extern const union vector vectors[16];

__attribute__((section(".vectors"), used)) const union vector vectors[16] = {
	{.stack = stack_top},	   {.handler = reset},	      {.handler = fault}, /* NMI */
	{.handler = fault},							  /* HardFault */
	{.handler = fault},							  /* MemManage */
	{.handler = fault},							  /* BusFault */
	{.handler = fault},							  /* UsageFault */
	[11] = {.handler = fault},						  /* SVCall */
	[12] = {.handler = fault}, [14] = {.handler = fault}, [15] = {.handler = board_tick},
};
