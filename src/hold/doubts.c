/* SPDX-License-Identifier: MIT */
/*
 * See doubts.h. A sign is reckoned anew from its evidence after a restart, by clocks that may differ a little: SAME_NS of it are the
 * same sign. Lines come from our own store; one that is damaged there costs its own doubt and no other.
 */
#include "hold/doubts.h"

#include "base/timespan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SAME_NS NS_PER_S

static struct doubt *place_for(struct doubts *d, const struct mac *mac)
{
	struct doubt *oldest = &d->list[0];

	for (size_t i = 0; i < d->n; i++) {
		if (mac_compare(&d->list[i].mac, mac) == 0)
			return &d->list[i];
		if (d->list[i].sign_ns < oldest->sign_ns)
			oldest = &d->list[i];
	}
	if (d->n < DOUBTS)
		oldest = &d->list[d->n++];
	*oldest = (struct doubt){.mac = *mac, .sign_ns = INT64_MIN};
	return oldest;
}

void doubts_note(struct doubts *d, const struct mac *mac, int64_t sign_ns)
{
	struct doubt *at = place_for(d, mac);

	if (sign_ns <= at->sign_ns)
		return;
	at->sign_ns = sign_ns;
	d->changed = true;
}

bool doubts_has(const struct doubts *d, const struct mac *mac, int64_t sign_ns)
{
	for (size_t i = 0; i < d->n; i++)
		if (mac_compare(&d->list[i].mac, mac) == 0)
			return time_since(d->list[i].sign_ns, sign_ns) <= SAME_NS;
	return false;
}

void doubts_write(const struct doubts *d, struct text *to)
{
	char mac[MAC_TEXT_MAX];

	for (size_t i = 0; i < d->n; i++)
		text_printf(to, "%s %" PRId64 "\n", mac_text(&d->list[i].mac, mac),
			    d->list[i].sign_ns);
}

void doubts_read(struct doubts *d, const char *text)
{
	char mac[MAC_TEXT_MAX];
	struct doubt one;

	_Static_assert(MAC_TEXT_MAX >= 18, "room for a MAC");
	for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
		text += *text == '\n';
		/* NOLINTNEXTLINE(cert-err34-c): our own words; a number that is too large is a doubt for ever */
		if (sscanf(text, "%17s %" SCNd64, mac, &one.sign_ns) == 2 &&
		    mac_parse(mac, &one.mac))
			doubts_note(d, &one.mac, one.sign_ns);
	}
	d->changed = false;
}
