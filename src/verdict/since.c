/* SPDX-License-Identifier: MIT */
/*
 * Two events count, when they come after the last sign and the device was seen for long enough after them (since_quiet_s: a
 * bot that lived would have scanned or called its server by then): it asked for an address by DHCP, which devices do when
 * they start, though a lease that ends looks the same; or a password that was accepted before is refused.
 */
#include "verdict/since.h"

#include "base/text.h"
#include "base/timespan.h"

struct event {
	int64_t ns;
	const char *what; /* NULL: none yet */
};

static bool last_sign(const struct since_in *in, int64_t *last_ns)
{
	bool any = false;

	*last_ns = INT64_MIN;
	for (size_t i = 0; i < in->findings_n; i++) {
		const struct finding *f = in->findings[i];

		if (f->weight == WEIGHT_NOTE && f->units_proof == 0)
			continue;
		any = true;
		*last_ns = f->last_ns > *last_ns ? f->last_ns : *last_ns;
		*last_ns = f->first_ns > *last_ns ? f->first_ns : *last_ns;
	}
	return any;
}

/* The earliest event that is late enough is the one that may have ended it. */
static void consider(struct event *best, int64_t ns, int64_t sign_ns, const char *what)
{
	if (ns > sign_ns && (best->what == NULL || ns < best->ns))
		*best = (struct event){.ns = ns, .what = what};
}

static bool is_lease(enum signal signal)
{
	return signal == SIGNAL_dhcp_host_name || signal == SIGNAL_dhcp_parameters ||
	       signal == SIGNAL_dhcp_vendor_class || signal == SIGNAL_dhcp_client_id ||
	       signal == SIGNAL_dhcp6_fqdn || signal == SIGNAL_dhcp6_vendor_class ||
	       signal == SIGNAL_dhcp6_parameters;
}

static struct event find_event(const struct since_in *in, int64_t sign_ns)
{
	struct event best = {.what = NULL};

	for (size_t i = 0; i < in->profile->told_n; i++) {
		const struct fact *fact = in->profile->told[i].fact;

		if (!is_lease(fact->signal))
			continue;
		consider(&best, fact->first_ns, sign_ns, "it asked for an address");
		consider(&best, fact->last_ns, sign_ns, "it asked for an address");
	}
	if (in->exposed->changed)
		consider(&best, in->exposed->changed_ns, sign_ns,
			 "a password that it accepted before is refused,");
	return best;
}

const char *since_text(const struct since_in *in, struct arena *arena)
{
	struct text clock = {0};
	struct event event;
	int64_t sign_ns, quiet_ns;
	const char *out;
	unsigned minutes;

	if (!last_sign(in, &sign_ns))
		return NULL;
	event = find_event(in, sign_ns);
	quiet_ns = time_since(event.ns, in->last_ns);
	if (event.what == NULL || quiet_ns < in->limits->since_quiet_s * NS_PER_S)
		return NULL;
	minutes = (unsigned)(quiet_ns / NS_PER_S / 60);
	text_time_clock(&clock, event.ns);
	out = minutes < 120 ? arena_print(arena, "no sign of infection for %u min since %s at %s",
					  minutes, event.what, text_string(&clock))
			    : arena_print(arena, "no sign of infection for %u h since %s at %s",
					  minutes / 60, event.what, text_string(&clock));
	text_fini(&clock);
	return out;
}
