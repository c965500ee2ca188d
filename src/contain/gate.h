/* SPDX-License-Identifier: MIT */
/*
 * The first-use gate: is a new device through? A pure function of what is known of the device, of the owner's last word, and of
 * where it stood before, asked in every round. Source: California Civil Code 1798.91.04(b)(2), ETSI EN 303 645 5.1-1: no
 * password from the factory stays in use.
 *
 * What comes first counts:
 * 1. The gateway, this host and the administrator's own client are through.
 * 2. The owner's word: closed stays closed until the next word, overridden is through whatever happens.
 * 3. Who was here before the gate was switched on is through, until a factory password is used at it.
 * 4. A device whose password can't be changed, or that is recalled without a fix, is never through.
 * 5. A factory password that was accepted last at a service holds it. The owner's "confirm" passes over those before it, and is
 *    void as soon as there is one after it.
 * 6. Through is: what its owner confirmed; a computer or phone, when it is known to be one; who was logged in to with an own
 *    password at one service at least, and at each where a login is known to be possible: telnet that stands open is one.
 *    What can't be seen (TLS, forms that can't be checked) waits for the owner's word.
 * 7. Who was through for its own passwords stays so: logins are forgotten after a while, and silence closes nothing.
 */
#pragma once

#include "verdict/judged.h"

#include <stdbool.h>
#include <stdint.h>

enum gate_state {
	GATE_NEW,     /* held: it is not known yet what it is */
	GATE_WAITING, /* held: until own passwords were seen, or its owner says so */
	GATE_NEVER,   /* held: it can't be made safe */
	GATE_OPEN
};
extern const char *const gate_words[]; /* "new", "waiting", "never", "open" */

/* The owner's last word. */
enum gate_word { GATE_SAID_NOTHING, GATE_CONFIRMED, GATE_OVERRIDDEN, GATE_CLOSED };
extern const char *const gate_word_words[]; /* "none", "confirmed", "overridden", "closed" */

enum gate_reason {
	GATE_UNKNOWN,	   /* what it is is not known yet */
	GATE_FACTORY,	   /* the factory password was used at a service */
	GATE_UNSEEN,	   /* no login was seen yet at a service */
	GATE_HIDDEN,	   /* a login was there that can't be checked: its owner is to confirm */
	GATE_UNCHANGEABLE, /* … at a service */
	GATE_RECALLED,
	GATE_OWN,      /* own passwords everywhere */
	GATE_UNUSED,   /* a thing at which no login was seen at all */
	GATE_COMPUTER, /* a computer or phone */
	GATE_WAS_HERE,
	GATE_BY_OWNER, /* confirmed, overridden, or closed */
	GATE_SHIELDED
};
/* Plain words; where a service is meant, "%s" stands for it. */
extern const char *const gate_reason_words[];
/* One word for each, for machines: "unknown", "factory", … */
extern const char *const gate_reason_names[];

struct gate_case {
	const struct device *device;
	enum gate_state was;
	enum gate_reason because; /* … for this */
	bool before;		  /* here before the gate was … */
	int64_t since_ns;	  /* … which was switched on then */
	enum gate_word word;
	int64_t word_ns;
	bool shielded;
};

struct gate_decision {
	enum gate_state state;
	enum gate_reason reason;
	const char *service; /* of the device; NULL: none in particular */
};

struct gate_decision gate_decide(const struct gate_case *c);

struct text;
/* Why, in plain words, one line without a full stop. */
void gate_write_reason(const struct gate_decision *d, struct text *to);
/* What its owner can do about it, likewise; nothing when it is open. `device`: how he names it. */
void gate_write_step(const struct gate_decision *d, const char *device, struct text *to);
