/* SPDX-License-Identifier: MIT */
/*
 * Comparing and forgetting secrets. A compare that stops at the first difference tells by its time how much of a guess was
 * right; a memset() before the end of a life is one that a compiler may leave out. The volatile qualifier makes both
 * loops do what is written (C99 6.7.3, 5.1.2.3), with any compiler and at any optimisation.
 */
#include "secret.h"

#include <stdint.h>

int fu_same(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = (const volatile uint8_t *)a;
	const volatile uint8_t *y = (const volatile uint8_t *)b;
	uint32_t difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= (uint32_t)(x[i] ^ y[i]);
	/* 0 - 1 has the bit of 256 set; 1 to 255 less 1 has not: no branch. */
	return (int)(((difference - 1u) >> 8) & 1u);
}

void fu_wipe(void *bytes, size_t size)
{
	volatile uint8_t *at = (volatile uint8_t *)bytes;

	while (size-- > 0)
		*at++ = 0;
}
