/* SPDX-License-Identifier: MIT */
/* Laying interleaved tables into the budget; see the header. */
#include "base/stripe.h"

#include <assert.h>
#include <errno.h>

int stripes_take(struct stripe *out, unsigned n, struct budget *budget, const char *name,
		 uint32_t cap, uint32_t entry)
{
	uint8_t *at = budget_take(budget, name, (uint64_t)cap * n, entry);
	size_t piece = (size_t)STRIPE_PIECE * entry;

	assert(cap % STRIPE_PIECE == 0);
	if (at == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		out[i] = (struct stripe){.at = at + i * piece, .stride = piece * n, .entry = entry};
	return 0;
}

int stripes_take_large(struct stripe *out, unsigned n, struct budget *budget, const char *name,
		       uint32_t cap, uint32_t entry)
{
	uint8_t *at = budget_take(budget, name, (uint64_t)cap * n, entry);

	if (at == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		out[i] = stripe_alone(at + (size_t)i * entry, n * entry);
	return 0;
}
