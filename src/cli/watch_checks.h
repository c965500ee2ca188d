/* SPDX-License-Identifier: MIT */
/*
 * What can be known to be wrong with settings before anything starts. Each says what it is and returns an exit status.
 */
#pragma once

#include "watch/settings.h"

/* Can the filter be compiled? */
int watch_check_filter(const struct settings *s, const char *verb);

/*
 * Makes the folders of store, events and sockets where their parents are there, and owns them to the user whom the processes
 * become; a folder that was there stays as it is. Then asks, as that user, whether they may be written and what is read may be
 * read: a service must not begin that could keep nothing. *user: whom the guard shall become; NULL: no root is at work.
 */
int watch_check_places(const struct settings *s, const char **user);
