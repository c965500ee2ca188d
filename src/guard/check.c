/* SPDX-License-Identifier: MIT */
/*
 * Is this a message? Who sent it may be a stranger's by now: nothing of the bytes is used before each is what it has to be.
 * A name is compared whole with those of the command line (what can be one: the kernel's dev_valid_name()).
 */
#include "guard/guard.h"

bool guard_interface(struct guard_interfaces *list, const char *name)
{
	size_t len = strlen(name);

	if (list->n == GUARD_INTERFACES || len == 0 || len >= GUARD_NAME)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || strchr("/:\x7f", name[i]) != NULL)
			return false;
	memcpy(list->names[list->n++], name, len);
	return true;
}

bool guard_check(const struct guard_message *m, size_t len, const struct guard_interfaces *list)
{
	if (len != sizeof *m || m->magic != GUARD_MAGIC || m->number != 0 || m->reserved != 0 ||
	    m->type < GUARD_OPEN_RING || m->type > GUARD_OPEN_XDP)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (memcmp(m->interface, list->names[i], GUARD_NAME) == 0)
			return true;
	return false;
}
