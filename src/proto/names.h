/* SPDX-License-Identifier: MIT */
/*
 * A DNS message from end to end (RFC 1035, section 4): its questions, then its records, one after the other, with
 * compressed names. DNS, mDNS and LLMNR share the format. Nothing is allocated; names are copied out, because
 * compression scatters them, everything else is a view into the message.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	NAME_TEXT_MAX = 254,	 /* 255 bytes on the wire are 253 letters and dots */
	NAMES_ENTRIES_MAX = 256, /* of one message; honest ones stay far below */

	RECORD_A = 1,
	RECORD_PTR = 12,
	RECORD_TXT = 16,
	RECORD_AAAA = 28,
	RECORD_ANY = 255,
	CLASS_IN = 1,
	CLASS_ANY = 255,
	CLASS_MASK = 0x7fff /* mDNS uses the highest bit (RFC 6762, 10.2 and 5.4) */
};

/* Labels joined by dots, their bytes as they stand: a dot inside of a label looks like one between two. */
struct name {
	size_t len;
	uint8_t text[NAME_TEXT_MAX];
};

enum section { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTIONS };

/* A question or a record. */
struct entry {
	enum section section;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;	    /* 0 in a question */
	struct bytes rdata; /* empty in a question */
	const uint8_t *at;  /* where it begins, with its name */
	struct name name;
};

enum names_end {
	NAMES_EXACT,	/* all that the header counts was there, and nothing more */
	NAMES_PADDED,	/* … and zeros behind it */
	NAMES_TRAILING, /* … and other bytes behind it */
	NAMES_CUT,	/* the bytes ended too early */
	NAMES_MALFORMED
};

enum { NAMES_TAILS = 8 };

/* What a pointer led to, and was found sound: most names of a message end in one of few. */
struct tail {
	uint16_t at;   /* its place, 0: none */
	uint16_t wire; /* bytes of its labels */
};

struct names {
	struct bytes message;
	struct cursor at;
	uint16_t id;
	uint16_t flags;
	uint16_t count[SECTIONS]; /* as the header says */
	uint16_t left[SECTIONS];  /* not read yet */
	bool malformed;
	struct tail tails[NAMES_TAILS]; /* by place */
};

/* Reads the header; false when it is cut or counts more than NAMES_ENTRIES_MAX entries. */
bool names_open(struct names *n, struct bytes message);
/* The next entry; false at the end, whatever kind of end it is. */
bool names_next(struct names *n, struct entry *out);
/* The same without the text of its name, which is checked all the same. */
bool names_skip(struct names *n, struct entry *out);
/* The text after all, of the entry that names_skip() gave. */
struct bytes names_text(const struct names *n, struct entry *e);
/* Meaningful once names_next() gave false. */
enum names_end names_end(const struct names *n);
/* Reads all that is left; `seen` (may be NULL) gets how many entries that were. */
enum names_end names_walk(struct names *n, unsigned *seen);

/* Reads a name at *c, which is a place inside message: also for names inside of rdata. */
bool name_read(struct bytes message, struct cursor *c, struct name *out);

static inline struct bytes name_view(const struct name *n)
{
	return (struct bytes){n->text, n->len};
}

/*
 * Labels without pointers, as DHCP options carry names (RFC 4702, RFC 4704), with dots between them in text; the end may be
 * missing. Empty, with at == NULL, when a label is cut or the name does not fit.
 */
struct bytes name_labels(struct bytes wire, uint8_t *text, size_t size);

/* In any case of letters. */
bool name_ends(struct bytes name, const char *tail);
/* "4.3.2.1.in-addr.arpa" and its IPv6 sister: an address asked backwards. */
bool name_is_reverse(struct bytes name);
