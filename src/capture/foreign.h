/* SPDX-License-Identifier: MIT */
/* What a file that is no capture of ours might be, so that its owner knows what to do. */
#pragma once

#include "base/bytes.h"

/* Static text from a file's first (unpacked) bytes; never NULL. */
const char *foreign_why(struct bytes head);
