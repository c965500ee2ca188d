/* SPDX-License-Identifier: MIT */
/* Tab-separated lines as views. See lines.h. */
#include "base/lines.h"
#include "base/scan.h"

static void split(struct bytes text, struct line *out)
{
	bool more = true;

	out->text = text;
	for (out->n = 0; more && out->n < LINE_FIELDS_MAX; out->n++) {
		more = memchr(text.at, '\t', text.len) != NULL;
		out->field[out->n] = bytes_cut(&text, '\t');
	}
	out->n += more;
}

bool lines_next(struct lines *l, struct line *out)
{
	while (l->rest.len > 0) {
		struct bytes text = bytes_cut(&l->rest, '\n');

		l->number++;
		if (text.len > 0 && text.at[text.len - 1] == '\r')
			text.len--;
		if (text.len == 0 || text.at[0] == '#')
			continue;
		split(text, out);
		return true;
	}
	return false;
}
