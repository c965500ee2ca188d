/* SPDX-License-Identifier: MIT */
/*
 * libfirstuse: a device that has no password until its owner sets one, and then keeps it.
 *
 * For makers of cameras, recorders and other things with a network. What it does: it keeps the owner's password (never a
 * default one), counts and slows down tries, survives loss of power at any byte, and (firstuse_update.h) takes only
 * signed and newer firmware. What it leaves to the firmware: sockets, pages, sessions, TLS, and the boot loader.
 *
 *   - C99, one C library, one crypto backend chosen at build: libsodium, or mbedTLS 2.28.
 *   - No allocation but what the backend needs for hashing a password (Argon2id) or for big numbers (mbedTLS).
 *   - No threads, no globals: one `struct firstuse` in the caller's memory. Calls for one struct may not overlap.
 *   - The world is reached through the five callbacks of `struct firstuse_port`, and in no other way.
 *
 * Clauses are those of ETSI EN 303 645 V2.1.1; the UK's PSTI regulations (SI 2023/1007) ask for the same in Schedule 1.
 * How to build it in, sizes and times: docs/makers.md.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FIRSTUSE_PASSWORD_MIN 10u  /* bytes of UTF-8; fewer are refused */
#define FIRSTUSE_PASSWORD_MAX 128u /* bytes; a longer one is refused, never cut */
#define FIRSTUSE_CODE_MIN 8u	   /* bytes of a set-up code */
#define FIRSTUSE_CODE_MAX 32u
#define FIRSTUSE_WORDS_MAX 8u	 /* words of its own that a device may not have in a password */
#define FIRSTUSE_KNOWN_MAX 8u	 /* clients on the LAN that are remembered */
#define FIRSTUSE_STREAM_KEY 25u	 /* characters of a stream key, with the zero at its end */
#define FIRSTUSE_STATE_MIN 1024u /* bytes of each of the two areas for state */

/* What a call came to. Only FIRSTUSE_OK is a success; whatever else it says, nothing was changed by the call but that a try
 * is counted. After FIRSTUSE_STORAGE that holds until the next start: what was to be stored may be found then, or not. */
enum firstuse_status {
	FIRSTUSE_OK = 0,
	FIRSTUSE_NOT_SET_UP, /* no owner yet: every service says this and serves nothing but the set-up step */
	FIRSTUSE_ALREADY_SET_UP, /* there is an owner: change the password, or reset the device */
	FIRSTUSE_WRONG,		 /* password or set-up code is wrong */
	FIRSTUSE_WAIT,		 /* too many tries: this one was not looked at */
	FIRSTUSE_NOT_FROM_HERE,	 /* the set-up step is for the LAN only */
	FIRSTUSE_TOO_SHORT,	 /* the new password, see FIRSTUSE_PASSWORD_MIN */
	FIRSTUSE_TOO_LONG,	 /* a password or code, see FIRSTUSE_PASSWORD_MAX */
	FIRSTUSE_LISTED, /* the new password is, or is made of, factory passwords that bots try */
	FIRSTUSE_GUESSABLE, /* the new password is made of the device's own words or set-up code, of one sequence or few characters */
	FIRSTUSE_DAMAGED,   /* no good record is left: closed until a factory reset */
	FIRSTUSE_STORAGE,   /* a storage callback failed */
	FIRSTUSE_RANDOM,    /* the random callback failed */
	FIRSTUSE_CRYPTO,    /* the backend failed, as when there is no memory for the hash */
	FIRSTUSE_BAD_CALL, /* an argument or the order of calls is wrong: a fault of the firmware */
	/* of updates, firstuse_update.h */
	FIRSTUSE_NO_MANIFEST,	/* the bytes do not begin with a manifest of this format */
	FIRSTUSE_BAD_SIGNATURE, /* not signed, or not by a key of this maker */
	FIRSTUSE_FOREIGN,	/* made for another product */
	FIRSTUSE_NOT_NEWER,	/* as old as what runs, or older */
	FIRSTUSE_TOO_LARGE,	/* does not fit into a slot */
	FIRSTUSE_ALTERED,	/* these bytes are not the signed ones */
	FIRSTUSE_INCOMPLETE, /* the image ended early; begin again to go on from where it ended */
	FIRSTUSE_NO_UPDATE,  /* nothing is on trial */
	FIRSTUSE_ON_TRIAL /* an image is on trial: no other is taken until it is confirmed or given up */
};

/* Plain words for a person, in English; never NULL, lives for ever. */
const char *firstuse_status_text(enum firstuse_status status);

/* Two areas for state, two for images. */
enum firstuse_area { FIRSTUSE_STATE_A, FIRSTUSE_STATE_B, FIRSTUSE_SLOT_A, FIRSTUSE_SLOT_B };

/*
 * How the library reaches the world. Callbacks return 0, or anything else for failure.
 *
 * Storage. An area is written upwards from 0 in pieces that do not overlap. A write at offset 0 begins the area anew:
 * for an area of state the whole of it is erased first; for a slot each erase block at the latest when a write reaches
 * its first byte. Bytes that were erased and not written since, and bytes behind the end of a file, read as 0xFF.
 * A write that returned may still be lost until flush() returned; flush() must reach the medium. Power may fail at any
 * byte of any write and in any erase. write and flush may be NULL where nothing is ever changed (a boot loader that only
 * looks): every change then fails with FIRSTUSE_STORAGE.
 */
struct firstuse_port {
	void *user; /* handed to each callback */
	int (*read)(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size);
	int (*write)(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		     uint32_t size);
	int (*flush)(void *user, enum firstuse_area area);
	uint64_t (*now_ms)(
		void *user); /* milliseconds since start; never backwards; need not know the date */
	int (*random)(void *user, void *to,
		      uint32_t size); /* cryptographic, seeded before firstuse_open() */
};

/* The cost of hashing a password, stored beside the hash. All zero: the backend's default (docs/makers.md has times). */
struct firstuse_cost {
	uint32_t memory_kib; /* Argon2id: 8 at least; PBKDF2: must be 0 */
	uint32_t passes;     /* Argon2id: passes over memory; PBKDF2: iterations */
};

/* A device; must stay as it is while it is in use, and so must the strings. */
struct firstuse_config {
	struct firstuse_port port;
	uint32_t
		state_bytes; /* of each area of state: FIRSTUSE_STATE_MIN at least; on flash one erase block is good */
	uint32_t slot_bytes; /* of each slot; 0: no updates */
	const char
		*product; /* what updates are made for, at most 31 bytes, such as "example/cam-2" */
	/* Printed on the device; asked for by the set-up step only. NULL: who first comes on the LAN is the owner.
	 * Must come from a good random source for each device (clause 5.1-2): no serial, no MAC, no counter. */
	const char *setup_code;
	/* The device's own words: name, model, serial, MAC. None may make up a password. */
	const char *words[FIRSTUSE_WORDS_MAX];
	struct firstuse_cost cost;
	/* Public keys that sign updates, the backend's: Ed25519 of 32 bytes, or P-256 as X and Y of 64. NULL: none. */
	const uint8_t *update_keys[2];
};

/*
 * Who tries. On the LAN, `id` is the client's MAC where the firmware can know it, else its address; unused bytes are zero.
 * Better still, where a client brings a cookie that the firmware made, signed and gave to it at an earlier login: 16 bytes
 * of that cookie, which no neighbour can forge.
 * `on_lan` is true when the packet came from an address on-link by an interface that leads to the LAN, and neither by a
 * port mapping nor by a proxy of the maker. When in doubt, false.
 */
struct firstuse_peer {
	uint8_t id[16];
	uint8_t on_lan;
};

struct firstuse; /* below; the caller keeps it */

/*
 * Reads what is stored; first of all calls. A device that was never used gets its first record here.
 * FIRSTUSE_OK: there is an owner. FIRSTUSE_NOT_SET_UP: there is none. FIRSTUSE_DAMAGED: records are there and none is
 * good; every login fails with it, and only firstuse_reset() helps. FIRSTUSE_STORAGE, _RANDOM, _CRYPTO, _BAD_CALL: not open.
 */
enum firstuse_status firstuse_open(struct firstuse *device, const struct firstuse_config *config);

/*
 * What services must ask before they serve anything: FIRSTUSE_OK, FIRSTUSE_NOT_SET_UP, FIRSTUSE_DAMAGED, or FIRSTUSE_BAD_CALL when
 * the device is not open. Only the first opens anything. Clause 5.1-1.
 */
enum firstuse_status firstuse_standing(const struct firstuse *device);

/*
 * Would this do as a password? FIRSTUSE_OK, or why not. Says nothing about the one in use, nor about the set-up code: that
 * the new password is made of the code is told by set-up and change alone, behind the right code or password. Clause 5.1-1.
 */
enum firstuse_status firstuse_check_password(const struct firstuse *device, const char *password,
					     size_t size);

/*
 * The set-up step: the first password. From the LAN only, and with the set-up code where the device has one (else `code`
 * is NULL and `code_size` 0). The new password is looked at first, the code next, and a wrong code counts as a try. The
 * client is remembered as one that knows the password. `*wait_s` (may be NULL): with FIRSTUSE_WAIT, in how many
 * seconds to come again; else 0. Clauses 5.1-1, 5.1-2, 5.1-5.
 */
enum firstuse_status firstuse_set_up(struct firstuse *device, const struct firstuse_peer *peer,
				     const char *code, size_t code_size, const char *password,
				     size_t size, uint32_t *wait_s);

/*
 * Is this the owner's password? FIRSTUSE_OK, _WRONG, _WAIT, _NOT_SET_UP, _DAMAGED, _STORAGE, _CRYPTO. Takes as long as the
 * hash does whatever the guess (one that is longer than FIRSTUSE_PASSWORD_MAX is wrong without); a try is counted on the
 * medium before it is looked at. The right password remembers the client, and is hashed anew where the configured cost
 * is another than the stored one; should the medium refuse that, the login is good all the same. For the start of a
 * session, not for each request: a client that is new writes to the medium. Clauses 5.1-3, 5.1-5.
 */
enum firstuse_status firstuse_login(struct firstuse *device, const struct firstuse_peer *peer,
				    const char *password, size_t size, uint32_t *wait_s);

/*
 * A new password, by who knows the old one. Also gives a new stream key, and forgets the other clients that knew the old
 * one. The new password is looked at first, and costs no try when it won't do. Clause 5.1-4.
 */
enum firstuse_status firstuse_change_password(struct firstuse *device,
					      const struct firstuse_peer *peer,
					      const char *old_password, size_t old_size,
					      const char *password, size_t size, uint32_t *wait_s);

/*
 * A key for services whose logins need the password itself on the device (Digest of RTSP and ONVIF): 120 random bits as
 * 24 digits and small letters without i, l, o and u, made by the device at set-up, shown to the owner after a login, typed
 * into the recorder. It is worth no guessing and opens nothing but the picture. FIRSTUSE_NOT_SET_UP before. Clauses 5.1-1, 5.1-3.
 */
enum firstuse_status firstuse_stream_key(const struct firstuse *device,
					 char key[FIRSTUSE_STREAM_KEY]);

/* Tries that failed since the owner's last login: to be shown to him, at his login before firstuse_login() forgets them. Loss
 * of power forgets up to 63. Clause 5.1-5. */
uint32_t firstuse_failed_tries(const struct firstuse *device);

/*
 * Factory reset, for a button on the device and nothing that the network can reach: back to "not set up", never to a
 * default. The version that runs, its anti-rollback counter and the set-up code stay. Also the way out of FIRSTUSE_DAMAGED, where
 * the counter is lost with the rest. All older records are erased with what they tell of the owner. FIRSTUSE_STORAGE: it may be
 * done but for that; do it again (firstuse_open() does too). Clause 5.11-1.
 */
enum firstuse_status firstuse_reset(struct firstuse *device);

/* ---- the library's own: here only so that the caller can keep it without allocation ------------------------- */

/* A hash of a secret with how it was made. */
struct firstuse_secret {
	uint8_t method; /* 0: none; 1: Argon2id, version 1.3, one lane; 2: PBKDF2-HMAC-SHA256 */
	struct firstuse_cost cost;
	uint8_t salt[16];
	uint8_t hash[32];
};

/* How many tries may be made now, in thousandths of a try. The persisted part of throttling. */
struct firstuse_budget {
	uint32_t outside;		    /* all who are not on the LAN together */
	uint32_t lan;			    /* all on the LAN that are not known, together */
	uint32_t known[FIRSTUSE_KNOWN_MAX]; /* each known client */
};

/* An update that was begun: where to go on. */
struct firstuse_progress {
	uint8_t manifest[32]; /* SHA-256 of the manifest that it belongs to; all zero: none */
	uint32_t offset;      /* bytes of the image that are safely in the slot */
	uint8_t next[32];     /* SHA-256 that the next chunk must have */
};

/* What a record holds: all of it changes at once or not at all. */
struct firstuse_state {
	uint32_t sequence;
	uint8_t has_owner;
	struct firstuse_secret password;
	uint8_t stream_key[15];
	uint8_t id_key[16]; /* keys the hashes of clients' ids */
	uint8_t known
		[FIRSTUSE_KNOWN_MAX]
		[8]; /* clients on the LAN that knew the password, the latest first; zero: none */
	struct firstuse_budget budget;
	uint32_t failed_tries;
	uint8_t active_slot;  /* 0 or 1: runs when nothing is on trial */
	uint8_t bootable;     /* bit n: slot n holds a whole verified image that did not fail */
	uint8_t trial_slot;   /* 0xFF: none */
	uint8_t trial_starts; /* how often it may still be started without being confirmed */
	uint32_t counter;     /* anti-rollback: of the image that was confirmed last */
	uint32_t
		trial_counter; /* of the image on trial; where none is, of the one that failed last, or 0 */
	struct firstuse_progress progress;
};

/* A client on the LAN that is not known, and what it may still try. In memory only. */
struct firstuse_client {
	uint8_t id[8]; /* keyed hash; zero: free */
	uint32_t budget;
	uint32_t spent; /* of late, in thousandths of a try; must be left to others */
	uint64_t at_ms;
};

#define FIRSTUSE_CLIENTS 32u

struct firstuse {
	const struct firstuse_config *config;
	struct firstuse_state state;
	uint8_t standing;	       /* enum firstuse_status */
	uint8_t area;		       /* where the latest record is: 0 or 1 */
	uint32_t next_offset;	       /* where the next record goes in that area */
	const void *download;	       /* the update that may write: the one begun last */
	uint64_t budget_at_ms;	       /* when the budgets were last made up */
	struct firstuse_budget budget; /* as it is; what is stored is never more */
	uint32_t failed_unsaved;       /* tries that failed and are not in `state` yet */
	struct firstuse_client clients[FIRSTUSE_CLIENTS];
};

#ifdef __cplusplus
}
#endif
