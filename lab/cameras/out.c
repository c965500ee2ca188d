/* SPDX-License-Identifier: MIT */
/* Bytes to be sent, and nothing that grows. */
#include "out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void out_put(struct out *out, const void *bytes, size_t n)
{
	if (n > sizeof out->bytes - out->n) {
		out->full = true;
		return;
	}
	if (n > 0)
		memcpy(out->bytes + out->n, bytes, n);
	out->n += n;
}

void out_text(struct out *out, const char *format, ...)
{
	size_t room = sizeof out->bytes - out->n;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf((char *)out->bytes + out->n, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		out->full = true;
	else
		out->n += (size_t)n;
}
