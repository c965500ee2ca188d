/* SPDX-License-Identifier: MIT */
/*
 * The rules. Proof convicts, but never on an address alone; one kind of sign is suspect; signs of two different
 * stages convict, unless they are two readings of the same packets. A family is named by what proves; by signs when
 * nothing does. A stranger's verdict is at most likely, since nothing on the Internet proves who sent a packet.
 */
#include "verdict/verdict.h"

#include <string.h>

enum stage stage_of(enum act act)
{
	switch (act) {
	case ACT_BREACHED:
		return STAGE_BREACHED;
	case ACT_LOADED:
		return STAGE_LOADED;
	case ACT_RECRUITED:
		return STAGE_RECRUITED;
	case ACT_SCANNING:
		return STAGE_SCANNING;
	case ACT_ATTACKING:
		return STAGE_ATTACKING;
	default:
		return STAGE_NONE;
	}
}

enum { SUMS = 8 /* detectors whose findings add up */ };

/* What one detector counted under all addresses of the device's own. */
struct sum {
	const char *code;
	uint32_t units;
};

static struct sum *sum_of(struct sum sums[SUMS], const char *code)
{
	for (int i = 0; i < SUMS; i++) {
		if (sums[i].code == NULL)
			sums[i].code = code;
		if (strcmp(sums[i].code, code) == 0)
			return &sums[i];
	}
	return NULL;
}

static void add_up(struct sum sums[SUMS], const struct finding *const *findings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = findings[i];
		struct sum *sum = f->units_proof == 0 || f->borrowed ? NULL : sum_of(sums, f->code);

		if (sum != NULL && sum->units <= UINT32_MAX - f->units)
			sum->units += f->units;
	}
}

static enum weight weight_for(const struct accused *a, const struct finding *f,
			      struct sum sums[SUMS])
{
	enum weight weight = a->local ? f->weight : f->stranger;
	const struct sum *sum;

	if (f->units_proof == 0 || f->borrowed || weight == WEIGHT_PROOF)
		return weight;
	sum = sum_of(sums, f->code);
	if (sum != NULL && sum->units >= f->units_proof)
		return WEIGHT_PROOF;
	return sum != NULL && sum->units >= f->units_sign ? WEIGHT_SIGN : weight;
}

/*
 * In the order first seen. Of a stage that was seen late only this is known, that it began before: it goes before those
 * that usually follow it.
 */
static void note_stage(struct ruling *r, enum stage stage, bool late)
{
	size_t at = r->stages_n;

	for (size_t i = 0; i < r->stages_n; i++) {
		if (r->stages[i] == stage)
			return;
	}
	if (stage == STAGE_NONE || r->stages_n == VERDICT_STAGES)
		return;
	while (late && at > 0 && r->stages[at - 1] > stage)
		at--;
	memmove(r->stages + at + 1, r->stages + at, (r->stages_n - at) * sizeof r->stages[0]);
	r->stages[at] = stage;
	r->stages_n++;
}

static void note_family(struct ruling *r, const char *family)
{
	for (size_t i = 0; i < r->families_n; i++) {
		if (strcmp(r->families[i], family) == 0)
			return;
	}
	if (r->families_n < VERDICT_FAMILIES)
		r->families[r->families_n++] = family;
}

static bool has_key(const struct finding *f, uint64_t key)
{
	for (uint8_t i = 0; i < f->keys_n; i++) {
		if (f->keys[i] == key)
			return true;
	}
	return false;
}

/* Do all packets of the one with fewer stand in the other as well? */
static bool same_packets(const struct finding *a, const struct finding *b)
{
	const struct finding *few = a->keys_n <= b->keys_n ? a : b, *many = few == a ? b : a;

	for (uint8_t i = 0; i < few->keys_n; i++) {
		if (!has_key(many, few->keys[i]))
			return false;
	}
	return few->keys_n > 0;
}

/* Signs of two stages, which do not rest on the same packets. */
static bool shows_two_stages(const struct accused *a, const struct finding *const *findings,
			     size_t n, struct sum sums[SUMS])
{
	for (size_t i = 0; i < n; i++) {
		if (findings[i]->act == ACT_NONE || weight_for(a, findings[i], sums) == WEIGHT_NOTE)
			continue;
		for (size_t k = 0; k < i; k++) {
			if (findings[k]->act != ACT_NONE && findings[k]->act != findings[i]->act &&
			    weight_for(a, findings[k], sums) != WEIGHT_NOTE &&
			    !same_packets(findings[i], findings[k]))
				return true;
		}
	}
	return false;
}

/* Of the findings that weigh this much. */
static void name_families(struct ruling *r, const struct accused *a,
			  const struct finding *const *findings, size_t n, struct sum sums[SUMS],
			  enum weight weight)
{
	for (size_t i = 0; i < n; i++) {
		if (findings[i]->family != NULL && weight_for(a, findings[i], sums) == weight)
			note_family(r, findings[i]->family);
	}
}

static void add_step(struct ruling *r, const char *step)
{
	if (r->steps_n < VERDICT_STEPS)
		r->steps[r->steps_n++] = step;
}

/*
 * That a server can be reached, or takes a password in clear, is often its job; a camera's it is not. Such exposures are
 * listed for everybody and make a verdict for things alone.
 */
static bool is_exposed(const struct accused *a)
{
	return a->exposures_n > 0 &&
	       (a->thing || a->exposures[0].kind < EXPOSURE_INTERNET_REACHABLE);
}

/* How surely a device could be taken by what is exposed: the best of its exposures counts. */
static enum confidence exposed_confidence(const struct accused *a)
{
	enum confidence best = CONFIDENCE_POSSIBLE;

	for (size_t i = 0; i < a->exposures_n; i++) {
		const struct exposure *e = &a->exposures[i];
		bool weak = e->inferred || e->kind >= EXPOSURE_INTERNET_REACHABLE;

		if (e->kind == EXPOSURE_FACTORY_PASSWORD && a->backing >= BACKING_MAC)
			return CONFIDENCE_SURE;
		if (!weak || e->kind == EXPOSURE_RECALLED)
			best = CONFIDENCE_LIKELY;
	}
	return best;
}

static const char *exposed_why(const struct accused *a)
{
	static const char *const words[EXPOSURE_KINDS] = {
		[EXPOSURE_FACTORY_PASSWORD] = "it accepts a password that everybody can look up",
		[EXPOSURE_UNCHANGEABLE_PASSWORD] = "it has a password that its owner can't change",
		[EXPOSURE_NOT_ACTIVATED] = "no password has been set on it yet",
		[EXPOSURE_OPEN_TELNET] =
			"it answers telnet, the way most of such devices were taken",
		[EXPOSURE_RECALLED] = "a recall or advisory names its model and firmware",
		[EXPOSURE_OUTDATED_FIRMWARE] = "its firmware is older than a known repair",
		[EXPOSURE_INTERNET_REACHABLE] = "strangers on the Internet can reach it",
		[EXPOSURE_PORT_MAPPING] = "the router lets strangers through to it",
		[EXPOSURE_CLEARTEXT_LOGIN] = "its password crosses the network in clear",
	};

	return words[a->exposures[0].kind];
}

/* Of this service it was said that the password can't be changed. */
static bool is_built_in(const struct accused *a, size_t factory)
{
	const char *service = a->exposures[factory].service;

	for (size_t i = 0; i < a->exposures_n && service != NULL; i++) {
		const struct exposure *e = &a->exposures[i];

		if (e->kind == EXPOSURE_UNCHANGEABLE_PASSWORD && e->service != NULL &&
		    strcmp(e->service, service) == 0)
			return true;
	}
	return false;
}

/* One sentence a kind; what this very model needs comes first. */
static void advise_exposed(struct ruling *r, const struct accused *a)
{
	static const char *const words[EXPOSURE_KINDS] = {
		[EXPOSURE_FACTORY_PASSWORD] =
			"set a password of your own on it, for every account that it has",
		[EXPOSURE_UNCHANGEABLE_PASSWORD] =
			"keep it off the Internet for good, or replace it: this password can't be changed",
		[EXPOSURE_NOT_ACTIVATED] = "set its first password before somebody else does",
		[EXPOSURE_OPEN_TELNET] =
			"switch telnet off in its settings; where there is no such setting, block TCP "
			"ports 23 and 2323 to it in your router",
		[EXPOSURE_RECALLED] =
			"see what the recall or advisory says; without a repair keep it off the Internet",
		[EXPOSURE_OUTDATED_FIRMWARE] = "install the maker's newest firmware",
		[EXPOSURE_INTERNET_REACHABLE] =
			"close its port forwarding in your router and switch UPnP off there; reach it "
			"from outside through a VPN",
		[EXPOSURE_PORT_MAPPING] =
			"close its port forwarding in your router and switch UPnP off there; reach it "
			"from outside through a VPN",
		[EXPOSURE_CLEARTEXT_LOGIN] =
			"log in to it over https or ssh where it can do that, else only from your own "
			"network",
	};
	const char *last = NULL;

	for (size_t i = 0; i < a->model_steps_n; i++)
		add_step(r, a->model_steps[i]);
	for (size_t i = 0; i < a->exposures_n; i++) {
		enum exposure_kind kind = a->exposures[i].kind;
		const char *step = words[kind];
		/* A hijacked device's own steps speak of password, firmware and port forwardings already. */
		bool said = r->verdict == VERDICT_INFECTED &&
			    kind != EXPOSURE_UNCHANGEABLE_PASSWORD &&
			    kind != EXPOSURE_OPEN_TELNET && kind != EXPOSURE_NOT_ACTIVATED;

		if (said || (kind == EXPOSURE_FACTORY_PASSWORD && is_built_in(a, i)))
			continue;
		if (last == NULL || strcmp(step, last) != 0)
			add_step(r, step);
		last = step;
	}
}

static void advise_infected(struct ruling *r, const struct accused *a)
{
	if (!a->local)
		return;
	if (a->wan) {
		add_step(
			r,
			"now: find the device behind this router: capture on the router's LAN side "
			"and run cordon inspect on that");
		add_step(
			r,
			"then: block the device it names from the Internet and follow the advice there");
		return;
	}
	add_step(
		r,
		"now: block it from the Internet in your router; viewing it at home goes on working");
	add_step(
		r,
		"today: unplug it and plug it in again: this kind of infection usually lives in memory "
		"only; it can return within minutes while the device can be reached");
	add_step(
		r,
		"then: set a password of your own, install the maker's newest firmware and close its "
		"port forwardings; where that can't be done, keep it off the Internet");
}

static void advise_suspect(struct ruling *r, const struct accused *a)
{
	if (!a->local)
		return;
	add_step(
		r,
		"find out whether somebody at home runs a scan or a test with it; if not, block it "
		"from the Internet in your router");
	add_step(r, "capture for longer on the router and run cordon inspect again");
}

static void explain(struct ruling *r, const struct accused *a, unsigned proofs, bool capped)
{
	if (capped)
		r->why =
			"only an address was seen, which anybody could forge: no verdict beyond suspect";
	else if (r->verdict == VERDICT_SUSPECT)
		r->why = "one kind of sign alone";
	else if (!a->local)
		r->why = "seen from outside; who really sent it can't be proven";
	else if (a->backing < BACKING_TWO_WAY)
		r->why =
			"the packets carry its hardware address; a neighbour on this network could forge that";
	else if (proofs == 0)
		r->why =
			"signs of several stages of an infection, and answers show that the address is its own";
	else if (proofs > 1)
		r->why = "several independent proofs, and answers show that the address is its own";
	else
		r->why = "the proof below, and answers show that the address is its own";
}

static enum confidence confidence_of(const struct accused *a, enum verdict verdict, unsigned proofs,
				     bool strong, bool capped)
{
	switch (verdict) {
	case VERDICT_INFECTED:
		if (a->local && a->backing >= BACKING_TWO_WAY && (strong || proofs > 1))
			return CONFIDENCE_SURE;
		return CONFIDENCE_LIKELY;
	case VERDICT_SUSPECT:
		return capped ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	case VERDICT_EXPOSED:
		return exposed_confidence(a);
	default:
		if (!a->judged)
			return CONFIDENCE_NONE;
		return a->two_way ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	}
}

struct ruling verdict_of(const struct accused *a, const struct finding *const *findings, size_t n)
{
	struct ruling r = {.verdict = VERDICT_CLEAR};
	unsigned proofs = 0, signs = 0;
	bool strong = false, capped;
	struct sum sums[SUMS] = {{0}};

	add_up(sums, findings, n);
	for (size_t i = 0; i < n; i++) {
		enum weight weight = weight_for(a, findings[i], sums);

		if (weight == WEIGHT_NOTE)
			continue;
		proofs += weight == WEIGHT_PROOF;
		signs++;
		strong |= weight == WEIGHT_PROOF && findings[i]->strong;
		note_stage(&r, stage_of(findings[i]->act), findings[i]->late);
	}
	name_families(&r, a, findings, n, sums, WEIGHT_PROOF);
	if (r.families_n == 0)
		name_families(&r, a, findings, n, sums, WEIGHT_SIGN);
	if (proofs > 0 || shows_two_stages(a, findings, n, sums))
		r.verdict = VERDICT_INFECTED;
	else if (signs > 0)
		r.verdict = VERDICT_SUSPECT;
	else if (is_exposed(a))
		r.verdict = VERDICT_EXPOSED;
	capped = r.verdict == VERDICT_INFECTED && a->local && a->backing == BACKING_ADDRESS;
	if (capped)
		r.verdict = VERDICT_SUSPECT;
	r.confidence = confidence_of(a, r.verdict, proofs, strong, capped);
	if (r.verdict >= VERDICT_SUSPECT)
		explain(&r, a, proofs, capped);
	else if (r.verdict == VERDICT_EXPOSED)
		r.why = exposed_why(a);
	if (r.verdict == VERDICT_INFECTED)
		advise_infected(&r, a);
	else if (r.verdict == VERDICT_SUSPECT)
		advise_suspect(&r, a);
	if (a->local)
		advise_exposed(&r, a);
	return r;
}
