/* SPDX-License-Identifier: MIT */
/*
 * Tables as text, see csv_out.h. What a device says of itself is chosen by its maker, or by whoever plays a device, and
 * a table is opened in a program that runs what begins with an equals sign: so every cell is defused, also behind a
 * semicolon, for spreadsheets of many countries take that for the end of a cell.
 */
#include "report/csv_out.h"

#include <string.h>

/* What a spreadsheet begins a formula with, in East Asian width too. */
static bool begins_formula(const char *s)
{
	static const char *const wide[] = {"＝", "＋", "－", "＠"};

	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		return true;
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		if (strncmp(s, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

/* The text of the cell, harmless, in csv->plain. */
static void defuse(struct csv *csv)
{
	struct text marked = {0};
	bool first = true;

	for (const char *s = text_string(&csv->cell); *s != '\0'; s++) {
		if (first && begins_formula(s))
			text_puts(&marked, "'");
		text_add(&marked, s, 1);
		first = *s == ';' || (first && *s == ' ');
	}
	text_clear(&csv->plain);
	text_plain(&csv->plain, text_string(&marked), true);
	csv->to->failed |= marked.failed;
	text_fini(&marked);
}

void csv_end_cell(struct csv *csv)
{
	const char *s;

	defuse(csv);
	s = text_string(&csv->plain);
	text_puts(csv->to, csv->begun ? "," : "");
	csv->begun = true;
	if (strpbrk(s, ",;\" ") == NULL) {
		text_puts(csv->to, s);
	} else {
		text_puts(csv->to, "\"");
		for (size_t n = strcspn(s, "\""); s[n] != '\0'; n = strcspn(s, "\"")) {
			text_add(csv->to, s, n);
			text_puts(csv->to, "\"\"");
			s += n + 1;
		}
		text_puts(csv->to, s);
		text_puts(csv->to, "\"");
	}
	text_clear(&csv->cell);
}

void csv_join(struct csv *csv, bool first, const char *s)
{
	text_puts(&csv->cell, first ? "" : ";");
	for (; *s != '\0'; s++)
		text_add(&csv->cell, *s == ';' ? "," : s, 1);
}

void csv_end_row(struct csv *csv)
{
	text_puts(csv->to, "\r\n");
	text_settle(csv->to);
	csv->begun = false;
}

void csv_cell(struct csv *csv, const char *s)
{
	text_puts(&csv->cell, s != NULL ? s : "");
	csv_end_cell(csv);
}

void csv_header(struct csv *csv, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_cell(csv, names[i]);
	csv_end_row(csv);
}

void csv_fini(struct csv *csv)
{
	csv->to->failed |= csv->cell.failed || csv->plain.failed;
	text_fini(&csv->cell);
	text_fini(&csv->plain);
}
