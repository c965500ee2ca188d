/* SPDX-License-Identifier: MIT */
/* In place of gate_answer.c where the library that reads JSON is not there: the answer is passed on as it came. */
#include "cli/gate_answer.h"

#include "base/json.h"

#include <errno.h>
#include <string.h>

static int pass_on(const struct text *answer, struct text *to, struct text *why)
{
	const struct bytes line = {(const uint8_t *)text_string(answer), answer->len};
	struct bytes value;

	if (!json_find(line, "ok", &value))
		return -EBADMSG;
	if (value.len == 4 && memcmp(value.at, "true", 4) == 0) {
		text_add(to, answer->at, answer->len);
		text_puts(to, "\n");
		return 0;
	}
	if (json_find(line, "error", &value))
		text_add(why, (const char *)value.at, value.len);
	return -EPERM;
}

int gate_answer_list(const struct text *answer, bool utf8, struct text *to, struct text *why)
{
	(void)utf8;
	return pass_on(answer, to, why);
}

int gate_answer_word(const struct text *answer, bool utf8, struct text *to, struct text *why)
{
	(void)utf8;
	return pass_on(answer, to, why);
}
