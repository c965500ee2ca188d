/* SPDX-License-Identifier: MIT */
/* Versions as runs of digits and letters, compared in pairs. See version_order.h. */
#include "base/version_order.h"
#include "base/built.h"
#include "base/scan.h"

#include <stdbool.h>

struct run {
	struct bytes text;
	bool number;
};

/* "V5" loses its V, "Viper" does not. */
struct bytes version_without_v(struct bytes version)
{
	version = bytes_trim(version);
	if (version.len >= 2 && ascii_lower(version.at[0]) == 'v' && ascii_is_digit(version.at[1]))
		return bytes_from(version, 1);
	return version;
}

/* A number in it, and nothing but what versions are written with. */
static bool is_version(struct bytes text)
{
	bool number = false;

	for (size_t i = 0; i < text.len; i++) {
		if (ascii_is_digit(text.at[i]))
			number = true;
		else if (!ascii_is_letter(text.at[i]) &&
			 (text.at[i] == '\0' || strchr(" ._-()+,/:", text.at[i]) == NULL))
			return false;
	}
	return number;
}

/* Takes the next run; an empty one at the end. */
static struct run take_run(struct bytes *rest)
{
	struct run run = {.text = {NULL, 0}, .number = false};
	size_t n = 0;

	while (rest->len > 0 && !ascii_is_digit(rest->at[0]) && !ascii_is_letter(rest->at[0]))
		*rest = bytes_from(*rest, 1);
	if (rest->len == 0)
		return run;
	run.number = ascii_is_digit(rest->at[0]);
	while (n < rest->len &&
	       (run.number ? ascii_is_digit(rest->at[n]) : ascii_is_letter(rest->at[n])))
		n++;
	run.text = bytes_upto(*rest, n);
	*rest = bytes_from(*rest, n);
	/* Numbers of any length: without zeros before them the longer one is the larger. */
	while (run.number && run.text.len > 1 && run.text.at[0] == '0')
		run.text = bytes_from(run.text, 1);
	return run;
}

static int compare_bytes(struct bytes a, struct bytes b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int d = ascii_lower(a.at[i]) - ascii_lower(b.at[i]);

		if (d != 0)
			return d;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static bool is_date(struct run run)
{
	int32_t day;

	return run.number && run.text.len == 8 && built_at_end(run.text, &day);
}

static enum version_order order_of(int d)
{
	if (d == 0)
		return VERSION_EQUAL;
	return d < 0 ? VERSION_OLDER : VERSION_NEWER;
}

/* Only one version goes on: zeros change nothing, another number makes it the newer one, letters may mean anything. */
static enum version_order left_over(struct run run, struct bytes rest, enum version_order newer)
{
	for (; run.text.len > 0; run = take_run(&rest)) {
		if (!run.number)
			return VERSION_UNCLEAR;
		if (!bytes_are(run.text, "0"))
			return newer;
	}
	return VERSION_EQUAL;
}

enum version_order version_compare(struct bytes a, struct bytes b)
{
	a = version_without_v(a);
	b = version_without_v(b);
	if (!is_version(a) || !is_version(b))
		return VERSION_UNCLEAR;
	for (bool first = true;; first = false) {
		struct run x = take_run(&a), y = take_run(&b);
		int d;

		if (x.text.len == 0 || y.text.len == 0)
			return x.text.len > 0 ? left_over(x, a, VERSION_NEWER)
					      : left_over(y, b, VERSION_OLDER);
		if (x.number != y.number || is_date(x) != is_date(y))
			return VERSION_UNCLEAR;
		d = x.number && x.text.len != y.text.len ? (x.text.len < y.text.len ? -1 : 1)
							 : compare_bytes(x.text, y.text);
		/* Another word at the head is another kind of numbering. */
		if (d != 0)
			return first && !x.number ? VERSION_UNCLEAR : order_of(d);
	}
}
