/* SPDX-License-Identifier: MIT */
/*
 * Whom contained devices may call in the LAN: hosts that the settings name, and those that a device was seen streaming to (hold/recorders.h),
 * which the packets process says, the store keeps and holder.h hands out. What packets says is bounded and of this network; the gateway and
 * this host are never taken for a recorder, since their rules are others.
 */
#include "watch/service_contain.h"

#include <errno.h>

/* The gateway and this host have rules of their own, and are nobody's recorder whatever was seen. */
static bool may_be_called(const struct containment *c, const struct addr *a)
{
	static const struct mac none;
	enum shield shield = shields_of(&c->shields, &none, a, 1);

	return shield != SHIELD_GATEWAY && shield != SHIELD_THIS_HOST;
}

static void add_named(struct containment *c, const struct addr *a)
{
	struct holder *h = &c->holder;

	for (size_t i = 0; i < h->named_n; i++)
		if (addr_equal(&h->named[i], a))
			return;
	if (h->named_n < CONTAIN_ADDRESSES && may_be_called(c, a))
		h->named[h->named_n++] = *a;
}

/* A device that the settings name as a recorder by its MAC: where it is. */
void recorders_note_device(struct containment *c, const struct device *d)
{
	const struct settings_hosts *hosts = &c->settings->contain_recorders;

	for (size_t i = 0; i < hosts->n; i++)
		for (size_t k = 0; k < d->macs_n; k++) {
			if (!hosts->list[i].is_mac ||
			    mac_compare(&hosts->list[i].mac, &d->macs[k]) != 0)
				continue;
			for (size_t m = 0; d->local && m < d->addresses_n; m++)
				add_named(c, &d->addresses[m]);
		}
}

void recorders_note_peers(struct containment *c, const struct wire_peers *p)
{
	struct addr viewers[WIRE_PEERS_MOST];
	size_t n = 0;

	for (uint32_t i = 0; i < p->peers_n; i++) {
		if ((p->kinds[i] & WIRE_VIEWER) != 0)
			viewers[n++] = p->peers[i];
		if ((p->kinds[i] & WIRE_RECORDER) != 0 && may_be_called(c, &p->peers[i]))
			book_add(&c->holder.book, p->id, &p->peers[i]);
	}
	if (n > 0)
		holder_viewers(&c->holder, p->id, viewers, n, c->holder.now_ns);
}

int recorders_store(struct containment *c, struct store *store)
{
	struct text text = {0};
	int rc;

	if (!c->holder.book.changed)
		return 0;
	book_write(&c->holder.book, &text);
	rc = text.failed ? -ENOMEM : store_recorders_set(store, text_string(&text));
	text_fini(&text);
	return rc;
}

/* The device that the store knows by that id or MAC, or NULL. */
const struct device *containment_stored(struct store *store, const char *name, struct arena *arena)
{
	const struct store_query q = {.since_ns = INT64_MIN, .until_ns = INT64_MAX, .device = name};
	struct judged j;

	return store_report(store, &q, arena, &j) == 0 && j.devices_n > 0 ? &j.devices[0] : NULL;
}

/* Those that the settings name, as far as an address is known, and those that were seen. */
void recorders_resume(struct containment *c, struct store *store, struct arena *arena)
{
	const struct settings_hosts *hosts = &c->settings->contain_recorders;
	const char *book = store_recorders(store, arena);
	char mac[MAC_TEXT_MAX];

	for (size_t i = 0; i < hosts->n; i++) {
		const struct device *d =
			hosts->list[i].is_mac
				? containment_stored(store, mac_text(&hosts->list[i].mac, mac),
						     arena)
				: NULL;

		if (d != NULL)
			recorders_note_device(c, d);
		if (!hosts->list[i].is_mac)
			add_named(c, &hosts->list[i].addr);
	}
	if (book != NULL)
		book_read(&c->holder.book, book);
}
