/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a new password, behind any words of the device's own: up to eight, each ended by a zero; how many says the
 * first byte. The size alone decides what is too short or too long; letters have no case; and words of the device's own
 * never make a password good that is not good without them.
 */
#include "password.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* In a block of its own size, so that a read past its end is seen. */
static enum firstuse_status check(const uint8_t *bytes, size_t size, int turn,
				  const char *const *words)
{
	char *password = malloc(size + !size);
	enum firstuse_status status;

	require(password != NULL);
	if (size > 0)
		memcpy(password, bytes, size);
	for (size_t i = 0; i < size && turn; i++)
		if ((password[i] >= 'a' && password[i] <= 'z') ||
		    (password[i] >= 'A' && password[i] <= 'Z'))
			password[i] ^= 0x20;
	status = fu_password_check(password, size, words);
	free(password);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const none[FIRSTUSE_WORDS_MAX];
	const char *words[FIRSTUSE_WORDS_MAX] = {NULL};
	enum firstuse_status status;
	unsigned count;

	if (size == 0)
		return 0;
	count = *data++ % (FIRSTUSE_WORDS_MAX + 1);
	size--;
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *end = size ? memchr(data, '\0', size) : NULL;

		if (!end)
			return 0;
		words[i] = (const char *)data;
		size -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	status = check(data, size, 0, words);
	require((status == FIRSTUSE_TOO_SHORT) == (size < FIRSTUSE_PASSWORD_MIN));
	require((status == FIRSTUSE_TOO_LONG) == (size > FIRSTUSE_PASSWORD_MAX));
	require(status == FIRSTUSE_OK || status == FIRSTUSE_TOO_SHORT ||
		status == FIRSTUSE_TOO_LONG || status == FIRSTUSE_LISTED ||
		status == FIRSTUSE_GUESSABLE);
	require(check(data, size, 1, words) == status);
	if (status == FIRSTUSE_OK)
		require(check(data, size, 0, none) == FIRSTUSE_OK);
	return 0;
}
