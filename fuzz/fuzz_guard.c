/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a message to the guard. The first byte says how many names of interfaces follow, each closed by a zero;
 * the rest is the message. What is taken must be a question, whole, with zeros where nothing is said, about an interface
 * that was named at the start; and such a question must be taken.
 *
 * The guard is no part of the library, so what is tested is included.
 */
#include "../src/guard/check.c"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Takes names from the input; returns how many bytes they took. */
static size_t take_names(struct guard_interfaces *list, const uint8_t *data, size_t size)
{
	size_t at = 1;

	for (unsigned i = 0; i < data[0] % 20U && at < size; i++) {
		size_t len = strnlen((const char *)data + at, size - at);
		char *name = strndup((const char *)data + at, len);
		size_t before = list->n;
		bool taken = name != NULL && guard_interface(list, name);

		require(list->n == before + taken && list->n <= GUARD_INTERFACES);
		if (taken) {
			require(len > 0 && len < GUARD_NAME &&
				strcmp(list->names[before], name) == 0);
			require(strpbrk(name, "/: \t\r\n\v\f") == NULL);
		}
		free(name);
		at += len + 1;
	}
	return at < size ? at : size;
}

/* The same by the words of message.h, a byte at a time. */
static bool is_question(const uint8_t *at, size_t len, const struct guard_interfaces *list)
{
	uint32_t words[4];
	bool named = false;

	if (len != 32)
		return false;
	memcpy(words, at, sizeof words);
	for (size_t i = 0; i < list->n; i++) {
		bool same = true;

		for (size_t c = 0; c < GUARD_NAME; c++)
			same = same && at[16 + c] == (uint8_t)list->names[i][c];
		named = named || same;
	}
	return named && words[0] == 0x63644731 && words[1] >= 1 && words[1] <= 2 && words[2] == 0 &&
	       words[3] == 0 && at[31] == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guard_interfaces list = {0};
	struct guard_message m[2];
	size_t at, len;

	if (size == 0)
		return 0;
	at = take_names(&list, data, size);
	/* As it comes from the socket: room for two, and its length. */
	memset(m, 0xa5, sizeof m);
	len = size - at < sizeof m ? size - at : sizeof m;
	memcpy(m, data + at, len);
	require(guard_check(m, len, &list) == is_question(data + at, len, &list));
	return 0;
}
