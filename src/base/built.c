/* SPDX-License-Identifier: MIT */
/*
 * Dates of firmware, in the forms that were seen of Xiongmai ("2020-11-24 16:47:14", "….20170420"), Dahua
 * ("2014-12-05"), Hikvision ("V5.4.0 build 160530") and compilers ("Nov 24 2020"). Numbers of one or two digits are days
 * and months only where the form leaves no doubt which; "05/12/2014" is not read.
 */
#include "base/built.h"
#include "base/scan.h"

enum { FIRST_YEAR = 2008, LAST_YEAR = 2099 };

bool built_day(int64_t year, int64_t month, int64_t day, int32_t *out)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0; /* 2000 was one, 2100 is out of range */
	int64_t past;

	if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1] + (leap && month == 2))
		return false;
	past = (year - 1970) * 365 + (year - 1969) / 4 + day - 1;
	for (int64_t m = 1; m < month; m++)
		past += days[m - 1] + (leap && m == 2);
	*out = (int32_t)past;
	return true;
}

/* Digits at the beginning of *rest, which are taken: their value, or -1 unless there are from least to most of them. */
static int64_t take_number(struct bytes *rest, size_t least, size_t most)
{
	size_t n = 0;
	int64_t value = bytes_number(bytes_upto(*rest, most));

	while (n < rest->len && ascii_is_digit(rest->at[n]))
		n++;
	*rest = bytes_from(*rest, n);
	return n >= least && n <= most ? value : -1;
}

static bool take_byte(struct bytes *rest, uint8_t byte)
{
	if (rest->len == 0 || rest->at[0] != byte)
		return false;
	*rest = bytes_from(*rest, 1);
	return true;
}

/* What may follow a date: nothing, or a time of day. */
static bool ends(struct bytes rest)
{
	return rest.len == 0 || rest.at[0] == ' ' || rest.at[0] == 'T';
}

/* "20170420" or "170420", all digits. */
static bool joined(struct bytes digits, int32_t *day)
{
	int64_t century = digits.len == 6 ? 20000000 : 0;
	int64_t value = take_number(&digits, digits.len, digits.len) + century;

	return digits.len == 0 && built_day(value / 10000, value / 100 % 100, value % 100, day);
}

/* "2020-11-24 16:47:14", "2014/12/05" */
static bool year_first(struct bytes rest, int32_t *day)
{
	int64_t year = take_number(&rest, 4, 4), month, day_of_month;
	uint8_t mark = rest.len > 0 ? rest.at[0] : 0;

	if (year < 0 || (mark != '-' && mark != '/') || !take_byte(&rest, mark))
		return false;
	month = take_number(&rest, 1, 2);
	if (!take_byte(&rest, mark))
		return false;
	day_of_month = take_number(&rest, 1, 2);
	return ends(rest) && built_day(year, month, day_of_month, day);
}

/* 1 for "Jan"; 0 for no month. Takes it. */
static int64_t take_month(struct bytes *rest)
{
	static const char names[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
					  "jul", "aug", "sep", "oct", "nov", "dec"};

	for (int64_t i = 0; i < 12; i++) {
		if (bytes_begin_nocase(*rest, names[i])) {
			*rest = bytes_from(*rest, 3);
			return i + 1;
		}
	}
	return 0;
}

/* One or two blanks: compilers write "Nov  4 2020". */
static bool take_blanks(struct bytes *rest)
{
	return take_byte(rest, ' ') && (take_byte(rest, ' ') || true);
}

/* "Nov 24 2020", "24 Nov 2020" */
static bool month_by_name(struct bytes rest, int32_t *day)
{
	int64_t month = take_month(&rest), day_of_month, year;

	if (month > 0 && !take_blanks(&rest))
		return false;
	day_of_month = take_number(&rest, 1, 2);
	if (!take_blanks(&rest))
		return false;
	if (month == 0) {
		month = take_month(&rest);
		if (!take_blanks(&rest))
			return false;
	}
	year = take_number(&rest, 4, 4);
	return ends(rest) && built_day(year, month, day_of_month, day);
}

bool built_of_build(struct bytes firmware, int32_t *day)
{
	for (; firmware.len > 0; firmware = bytes_from(firmware, 1)) {
		struct bytes digits;
		size_t n = 0;

		if (!bytes_begin_nocase(firmware, "build"))
			continue;
		digits = bytes_trim(bytes_from(firmware, 5));
		while (n < digits.len && ascii_is_digit(digits.at[n]))
			n++;
		if (n == 6 && joined(bytes_upto(digits, 6), day))
			return true;
	}
	return false;
}

bool built_at_end(struct bytes firmware, int32_t *day)
{
	firmware = bytes_trim(firmware);
	if (firmware.len < 8 || (firmware.len > 8 && ascii_is_digit(firmware.at[firmware.len - 9])))
		return false;
	return joined(bytes_from(firmware, firmware.len - 8), day);
}

bool built_parse(struct bytes text, int32_t *day)
{
	text = bytes_trim(text);
	return (text.len == 8 && joined(text, day)) || year_first(text, day) ||
	       month_by_name(text, day) || built_of_build(text, day);
}
