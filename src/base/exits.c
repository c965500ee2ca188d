/* SPDX-License-Identifier: MIT */
/* Which exit status an errno value amounts to, where a file of the owner's is concerned (sysexits(3)). */
#include "base/exits.h"

#include <errno.h>

int exits_of_errno(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return EXITS_NO_PERMISSION;
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP:
	case EISDIR:
		return EXITS_NO_INPUT;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return EXITS_OS;
	default:
		return EXITS_IO;
	}
}
