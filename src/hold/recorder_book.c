/* SPDX-License-Identifier: MIT */
/* The list of recorder_book.h. Ids and addresses come from the packets process, which is trusted with nothing: they are bounded and compared. */
#include "hold/recorder_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int book_init(struct recorder_book *b)
{
	*b = (struct recorder_book){.list = calloc(BOOK_DEVICES, sizeof *b->list)};
	return b->list == NULL ? -ENOMEM : 0;
}

void book_fini(struct recorder_book *b)
{
	free(b->list);
	*b = (struct recorder_book){0};
}

const struct book_entry *book_of(const struct recorder_book *b, const char *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->list[i].id, id) == 0)
			return &b->list[i];
	return NULL;
}

/* Ids are words: one with a blank in it would be two in the store. */
static bool is_id(const char *id)
{
	return id[0] != '\0' && strlen(id) < BOOK_ID && strpbrk(id, " \n") == NULL;
}

static struct book_entry *entry_for(struct recorder_book *b, const char *id)
{
	struct book_entry *e = b->list;

	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->list[i].id, id) == 0)
			return &b->list[i];
	if (b->n < BOOK_DEVICES)
		e = &b->list[b->n++];
	else
		for (size_t i = 1; i < b->n; i++)
			if (b->list[i].told < e->told)
				e = &b->list[i];
	*e = (struct book_entry){.n = 0};
	(void)snprintf(e->id, sizeof e->id, "%s", id);
	return e;
}

void book_add(struct recorder_book *b, const char *id, const struct addr *recorder)
{
	struct book_entry *e;
	size_t at = 0;

	if (!is_id(id))
		return;
	e = entry_for(b, id);
	e->told = ++b->told;
	while (at < e->n && !addr_equal(&e->recorders[at], recorder))
		at++;
	if (at < e->n)
		return;
	if (e->n < CONTAIN_ADDRESSES)
		e->n++;
	memmove(&e->recorders[1], &e->recorders[0], (e->n - 1) * sizeof *e->recorders);
	e->recorders[0] = *recorder;
	b->changed = true;
}

/* ---- as text --------------------------------------------------------------------------------------------------- */

void book_write(const struct recorder_book *b, struct text *to)
{
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < b->n; i++) {
		const struct book_entry *e = &b->list[i];

		text_puts(to, e->id);
		for (size_t k = e->n; k-- > 0;) /* so that they come back in this order */
			text_printf(to, " %s", addr_text(&e->recorders[k], buf));
		text_puts(to, "\n");
	}
}

/* The next word of the line, at most size - 1 bytes of it; "" at its end. */
static const char *word(const char *at, char *out, size_t size)
{
	size_t len;

	at += strspn(at, " ");
	len = strcspn(at, " \n");
	(void)snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), at);
	return at + len;
}

void book_read(struct recorder_book *b, const char *text)
{
	while (*text != '\0') {
		char id[BOOK_ID], addr[ADDR_TEXT_MAX];
		struct addr a;

		text = word(text, id, sizeof id);
		for (size_t k = 0; k < CONTAIN_ADDRESSES; k++) {
			text = word(text, addr, sizeof addr);
			if (addr[0] == '\0')
				break;
			if (addr_parse(addr, &a))
				book_add(b, id, &a);
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	b->changed = false;
}
