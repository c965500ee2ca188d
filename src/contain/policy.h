/* SPDX-License-Identifier: MIT */
/*
 * Who is held, and why: a pure function of what is known of a device, of what its owner ordered, and of the settings. It is
 * asked of every device in every round, so that nothing depends on the moment at which something was noticed.
 *
 * What comes first counts:
 * 1. The gateway, this host and the administrator's own client are never held, whatever anybody says.
 * 2. What the owner ordered of the device: contain, isolate, release. A release also keeps policy away for a while, and
 *    after that only a sign that is younger than the release brings it back.
 * 3. An exception in the settings, until it ends.
 * 4. Policy: a verdict and a confidence at which a device is held (enforce), its owner is asked (ask), or neither (observe).
 *    Only where it is sure enough that the packets were the device's own (design: port, session or two-way), and only
 *    devices of our networks.
 * What was held by policy stays so until its time is over, or until no sign was seen for a while and the cause is gone.
 */
#pragma once

#include "contain/element.h"
#include "verdict/judged.h"

enum contain_mode { CONTAIN_OBSERVE, CONTAIN_ASK, CONTAIN_ENFORCE };
extern const char *const contain_mode_words[];

struct policy {
	enum contain_mode mode;
	enum verdict verdict;	    /* held from this one on: suspect or infected */
	enum confidence confidence; /* … when it is at least so sure */
	int64_t for_ns;		    /* held so long after the last sign; 0: until it is released */
	int64_t quiet_ns;	    /* no sign for so long and the cause gone: released */
	int64_t released_ns;	    /* policy stays away so long after the owner's release */
};

/* Who can't be held. */
enum shield { SHIELD_NONE, SHIELD_GATEWAY, SHIELD_THIS_HOST, SHIELD_ADMINISTRATOR };

enum order { ORDER_NONE, ORDER_CONTAIN, ORDER_ISOLATE, ORDER_RELEASE };

/* One device. */
struct policy_case {
	const struct device *device;
	enum shield shield;
	enum order order;    /* the owner's last word */
	int64_t ordered_ns;  /* … when it was given */
	int64_t order_until; /* … until when it holds; 0: no end */
	bool excepted;	     /* the settings have an exception that has not ended */
	bool held;	     /* by policy, now */
	int64_t sign_ns;     /* the last sign of what is held against it; INT64_MIN: none */
	bool cause_gone; /* such as: an own password was seen at every service that had the factory's */
	int64_t now_ns;
};

enum policy_reason {
	REASON_NOTHING,	   /* nothing is held against it */
	REASON_SHIELDED,   /* would be held, were it not for its shield */
	REASON_ORDERED,	   /* the owner said so */
	REASON_RELEASED,   /* the owner let it out */
	REASON_EXCEPTED,   /* would be held, were it not for the exception */
	REASON_NOT_BACKED, /* would be held, but somebody else could have sent its packets */
	REASON_OBSERVED,   /* would be held, but cordon only observes */
	REASON_ASKED,	   /* is to be held if the owner agrees */
	REASON_VERDICT,	   /* held for what it did */
	REASON_OVER,	   /* was held, and its time is over */
	REASON_LIFTED,	   /* was held, and cordon ends */
	REASON_CLEAN,	   /* was held, and what it was held for is gone */
	REASON_GATED	   /* not by policy: it is not through the first-use gate */
};
/* Plain words for people, one for each: "its verdict", … */
extern const char *const policy_reason_words[];

struct policy_decision {
	enum hold hold;
	enum policy_reason reason;
	int64_t until_ns; /* 0: no end */
};

struct policy_decision policy_decide(const struct policy *policy, const struct policy_case *c);
