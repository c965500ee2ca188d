/* SPDX-License-Identifier: MIT */
/* Where cordon's other programs lie. */
#pragma once

#include <limits.h>

/* The folder of cordon-guard and its kin. Returns an exit status, after one line when they are not there. */
int programs_find(const char *verb, char folder[PATH_MAX]);
