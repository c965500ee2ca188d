/* SPDX-License-Identifier: MIT */
/*
 * Is this a message (message.h), and may it be done?
 */
#pragma once

#include "enforce/here.h"
#include "enforce/message.h"

/*
 * 0: it is one, and *e holds its element (zeros where the type has none). EPERM: it is one, of somebody whom nobody may
 * hold. -1: it is none, and the other side is not what it should be.
 */
int check_message(const struct enforce_message *m, size_t len, const struct here *here,
		  struct contain_element *e);
