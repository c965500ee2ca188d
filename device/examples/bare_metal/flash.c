/* SPDX-License-Identifier: MIT */
/*
 * NOR flash as the library's storage. Programming can only clear bits and an erase sets those of a whole block, so a write that
 * reaches the first byte of a block erases that block first: which is what the contract asks for slots, and, since a
 * state's area is one block here, for state too. Each write is read back: a worn cell is a failure that is noticed now and
 * not at the next start.
 *
 * The library writes records of 384 bytes and chunks of 1024, one behind the other; only the last piece of an image may have
 * another size. A chip that programs words of 4 or 8 bytes pads that one with 0xFF.
 */
#include "flash.h"

#include <string.h>

#define FLASH_BYTES (2 * FLASH_STATE + 2 * FLASH_SLOT)

static uint8_t nor[FLASH_BYTES] __attribute__((section(".nor"), aligned(4)));
static uint32_t erases;

/* The chip's two commands. */

static void erase_block(uint32_t at)
{
	memset(nor + at, 0xFF, FLASH_BLOCK);
	erases++;
}

static void program(uint32_t at, const uint8_t *from, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		nor[at + i] &= from[i];
}

/* Where an area begins; `size` bytes at `offset` must be inside of it. -1 when they are not. */
static int find(enum firstuse_area area, uint32_t offset, uint32_t size, uint32_t *at)
{
	static const struct {
		uint32_t start, size;
	} areas[] = {
		[FIRSTUSE_STATE_A] = {0, FLASH_STATE},
		[FIRSTUSE_STATE_B] = {FLASH_STATE, FLASH_STATE},
		[FIRSTUSE_SLOT_A] = {2 * FLASH_STATE, FLASH_SLOT},
		[FIRSTUSE_SLOT_B] = {2 * FLASH_STATE + FLASH_SLOT, FLASH_SLOT},
	};

	if ((unsigned)area >= sizeof(areas) / sizeof(areas[0]) || offset > areas[area].size ||
	    size > areas[area].size - offset)
		return -1;
	*at = areas[area].start + offset;
	return 0;
}

void flash_blank(void)
{
	memset(nor, 0xFF, sizeof(nor));
	erases = 0;
}

uint32_t flash_erases(void)
{
	return erases;
}

int flash_read(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size)
{
	uint32_t at;

	(void)user;
	if (find(area, offset, size, &at) != 0)
		return -1;
	memcpy(to, nor + at, size);
	return 0;
}

int flash_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		uint32_t size)
{
	uint32_t at;

	(void)user;
	if (find(area, offset, size, &at) != 0)
		return -1;
	/* Every area begins with a block, so a block of the area is a block of the chip. */
	for (uint32_t i = 0; i < size; i++)
		if ((at + i) % FLASH_BLOCK == 0)
			erase_block(at + i);
	program(at, from, size);
	return memcmp(nor + at, from, size) == 0 ? 0 : -1;
}

/* What program() wrote is on the chip when it returns. A driver that queues waits here. */
int flash_flush(void *user, enum firstuse_area area)
{
	(void)user;
	(void)area;
	return 0;
}
