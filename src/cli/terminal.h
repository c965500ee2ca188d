/* SPDX-License-Identifier: MIT */
/*
 * What the place a report goes to can show, by the habits of Unix: locale, TERM, NO_COLOR (no-color.org).
 */
#pragma once

#include <stdbool.h>

/* The locale of the environment says UTF-8: LC_ALL, else LC_CTYPE, else LANG. */
bool terminal_is_utf8(void);
/* fd is a terminal that shows colours, and nobody objects. */
bool terminal_has_colour(int fd);
/* fd is a terminal where a line can be taken back. */
bool terminal_can_rewrite(int fd);
/* Columns of the terminal at fd; `otherwise` when it is none. */
unsigned terminal_width(int fd, unsigned otherwise);
