/* SPDX-License-Identifier: MIT */
/* Sockets at paths, for whoever is on this machine and may open them. */
#pragma once

#include <sys/stat.h>

/*
 * A stream socket that is bound to the path and has that mode, not yet listening; one that nobody answers at is replaced. Or
 * -errno: -EADDRINUSE when somebody does, -EEXIST when something else stands there.
 */
int local_socket(const char *path, mode_t mode);
