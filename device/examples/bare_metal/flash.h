/* SPDX-License-Identifier: MIT */
/*
 * NOR flash under libfirstuse: two blocks for state, two slots for images, as the callbacks of struct firstuse_port ask for
 * it. The chip is simulated in RAM; a product puts its own two commands, program and erase, into flash.c.
 */
#pragma once

#include "firstuse.h"

#define FLASH_BLOCK 4096u	       /* erased at once */
#define FLASH_STATE FLASH_BLOCK	       /* each of two */
#define FLASH_SLOT (16u * FLASH_BLOCK) /* each of two */

/* As it comes from the factory: all 0xFF. */
void flash_blank(void);

int flash_read(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size);
int flash_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		uint32_t size);
int flash_flush(void *user, enum firstuse_area area);

uint32_t flash_erases(void); /* blocks, since flash_blank() */
