/* SPDX-License-Identifier: MIT */
/*
 * Who asks for a camera maker's hosts need not be the camera: a phone runs the maker's app, a name server asks for its
 * clients, and a computer's name is what its owner liked. Such signs do not name a maker where the device is shown to be
 * one of these; and whoever asks for the hosts of two makers that have nothing to do with each other is neither's.
 */
#include "identify/hearsay.h"

#include "base/scan.h"
#include "identify/partners.h"

bool hearsay_is_site(const struct told *told)
{
	static const char *const heads[] = {"www.",	"app.",	 "apps.",  "portal.", "viewer.",
					    "download", "shop.", "store.", "support", "forum"};

	if (told->fact->signal != SIGNAL_dns_name && told->fact->signal != SIGNAL_tls_sni)
		return false;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		if (bytes_begin_nocase(told->value, heads[i]))
			return true;
	}
	return false;
}

/* Its owner gave it the name, or kept the maker's. */
static bool is_given_name(const struct evidence_for *e)
{
	return e->signal == SIGNAL_dhcp_host_name || e->signal == SIGNAL_dhcp_client_id ||
	       e->signal == SIGNAL_dhcp_fqdn || e->signal == SIGNAL_dhcp6_fqdn;
}

static bool shows_computer(const struct evidence_for *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct evidence_for *e = &list[i];

		if (catalogue_is_computer(e->product) &&
		    (e->weight <= WEIGHT_BANNER ||
		     (e->weight == WEIGHT_LEASE && e->confidence != CLAIM_LOW)))
			return true;
	}
	return false;
}

/* Does it answer for others, and ask for them? */
static bool serves_names(const struct profile *p)
{
	for (size_t i = 0; i < p->told_n; i++) {
		const struct told *t = &p->told[i];

		if (t->fact->signal == SIGNAL_dhcp_server ||
		    (t->fact->signal == SIGNAL_service && bytes_are(t->value, "dns")))
			return true;
	}
	return false;
}

static bool are_strangers(const struct catalogue *c, const char *a, const char *b)
{
	return strcmp(a, b) != 0 && !partners_are(c, a, b);
}

static bool asks_for_two_makers(const struct evidence_for *list, size_t n,
				const struct catalogue *c)
{
	const char *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct evidence_for *e = &list[i];

		if (e->weight != WEIGHT_CLOUD || e->maker == NULL)
			continue;
		if (first != NULL && are_strangers(c, first, e->maker))
			return true;
		first = first == NULL ? e->maker : first;
	}
	return false;
}

/* The maker to whom the MAC's prefix belongs, when computers, phones or tablets are among what it makes. */
static const char *computers_maker(const struct evidence_for *list, size_t n,
				   const struct catalogue *c)
{
	const struct maker *maker = NULL;

	for (size_t i = 0; i < n && maker == NULL; i++) {
		if (list[i].signal == SIGNAL_mac_prefix && list[i].maker != NULL)
			maker = catalogue_maker(c, list[i].maker);
	}
	return maker != NULL && maker->computers ? maker->name : NULL;
}

void hearsay_mark(struct evidence_for *list, size_t n, const struct profile *p,
		  const struct catalogue *c)
{
	bool computer = shows_computer(list, n), serves = serves_names(p);
	bool mixed = asks_for_two_makers(list, n, c);
	const char *other = computers_maker(list, n, c);

	for (size_t i = 0; i < n; i++) {
		struct evidence_for *e = &list[i];
		bool cloud = e->weight == WEIGHT_CLOUD;
		bool foreign = !catalogue_is_computer(e->product) && (cloud || is_given_name(e)) &&
			       e->maker != NULL;

		if (foreign && (computer || (other != NULL && are_strangers(c, other, e->maker))))
			e->against = true;
		if (cloud && e->maker != NULL &&
		    (mixed || (serves && e->signal == SIGNAL_dns_name)))
			e->against = true;
		if (computer && e->signal == SIGNAL_dhcp_server)
			e->against = true; /* it shares its connection with others */
	}
}
