/* SPDX-License-Identifier: MIT */
/*
 * The answer to `inspect --at`, in place of a report: which device had that connection.
 */
#pragma once

#include "report/report.h"
#include "verdict/answer.h"

void answer_text(const struct answer *a, const struct judged *judged,
		 const struct report_options *options, struct text *to);
/* One object: schema "cordon.answer/1", described in cordon-inspect(1). */
void answer_json(const struct answer *a, const struct judged *judged, struct text *to);
