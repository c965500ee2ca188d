/* SPDX-License-Identifier: MIT */
/*
 * From what should be to what is to be done: a pure function over two sorted lists of elements. What is there and not wanted
 * goes first, so that there is room; what is wanted and not there, or ends at another time, comes. A device that goes from
 * one hold to another is never free between them, and what it may do is there before it is held.
 */
#pragma once

#include "contain/element.h"

/* One device to be held, as policy and gate decided. */
struct contain_wanted {
	struct mac mac;
	enum hold hold;
	struct addr addresses[CONTAIN_ADDRESSES];
	size_t addresses_n;
	struct addr viewers
		[CONTAIN_ADDRESSES]; /* who looked at it lately, so that no picture is lost while the kernel learns */
	size_t viewers_n;
	struct addr recorders[CONTAIN_ADDRESSES];
	size_t recorders_n;
	struct addr allowed[CONTAIN_ADDRESSES]; /* gated only */
	size_t allowed_n;
	int64_t until_ns;	  /* 0: until it is released */
	int64_t viewers_until_ns; /* CONTAIN_VIEWER_SECONDS from when they were seen looking */
};

/* All that is to be in the kernel, each list sorted by importance. */
struct contain_all {
	const struct contain_wanted *held;
	size_t held_n;
	const struct mac *passed; /* CONTAIN_PASSED at most; with the gate off there are none */
	size_t passed_n;
};

enum contain_deed { DEED_REMOVE, DEED_ADD, DEED_RENEW };

struct contain_action {
	enum contain_deed deed;
	struct contain_element element;
};

/*
 * All elements that these devices need, sorted, each once; an address of two devices stays until the later end. Addresses that
 * nobody can have (zero, loopback, broadcast, groups but for recorders) are left out. Returns how many elements; from the first
 * device on that finds no room in `out` all are left out and counted in *refused, so the caller sorts by importance; so is one
 * that is none (zero, a group's MAC). Who passed the gate comes behind the held, and is counted in *refused likewise.
 */
size_t plan_elements(const struct contain_all *all, struct contain_element *out, size_t room,
		     size_t *refused);

/*
 * What to do so that `actual` becomes `wanted` (both sorted, each element once), in this order: removals; additions and
 * renewals, holds last; at the very end the old holds of devices that got another one. An element that ends within slack_ns of
 * when it should is left as it is; of viewers, to whom the kernel gives time, also one that ends later. Viewers go only with
 * their device: while it is held the kernel adds them, and time takes them away. Returns how many; out has room for
 * wanted_n + actual_n.
 */
size_t plan_actions(const struct contain_element *wanted, size_t wanted_n,
		    const struct contain_element *actual, size_t actual_n, int64_t slack_ns,
		    struct contain_action *out);

/* The actions as nft(8) text, for --dry-run; now_ns makes time-outs of ends. What ended already is not added. */
struct text;
void plan_write(const struct contain_action *actions, size_t n, int64_t now_ns, struct text *to);
