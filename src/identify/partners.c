/* SPDX-License-Identifier: MIT */
/* Names of makers in the lists of makers.tsv; both sides are the catalogue's own words, never a packet's. */
#include "identify/partners.h"

#include "base/scan.h"

/* Is the name among those that stand in a list with bars between? */
static bool is_listed(const char *list, const char *name)
{
	struct bytes rest = bytes_of(list == NULL ? "" : list);

	while (rest.len > 0) {
		if (bytes_are_nocase(bytes_trim(bytes_cut(&rest, '|')), name))
			return true;
	}
	return false;
}

bool partners_built_by(const struct maker *brand, const char *builder)
{
	return brand != NULL && is_listed(brand->built_by, builder);
}

bool partners_are(const struct catalogue *c, const char *a, const char *b)
{
	return partners_built_by(catalogue_maker(c, a), b) ||
	       partners_built_by(catalogue_maker(c, b), a);
}
