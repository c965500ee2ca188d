/* SPDX-License-Identifier: MIT */
/*
 * Firmware that changes only to what its maker signed, and only forwards.
 *
 * An update is one file: a manifest of FIRSTUSE_MANIFEST bytes, signed, then the image in chunks. The manifest names the
 * product, an anti-rollback counter, the image's size, its SHA-256, and the SHA-256 of the first chunk; each chunk brings
 * that of the next one (a signed chain: Gennaro and Rohatgi, How to Sign Digital Streams, 1997). So every byte is verified
 * before it is written, in a buffer of one chunk; the image lands in the slot that does not run, and a file that is
 * unsigned, foreign, older, cut or altered changes nothing that starts. `firstuse-sign` makes such files.
 *
 * Serves ETSI EN 303 645 clauses 5.3-2 (secure installation), 5.3-7 and 5.3-9 (cryptography, authenticity and integrity),
 * 5.3-10 (verified by the device), 5.7-1 in part; CRA Annex I, part I (2)(c).
 *
 *   manifest, all numbers little-endian           at   bytes
 *     "FUM1"                                        0      4
 *     algorithm: 1 Ed25519, 2 ECDSA P-256/SHA-256   4      1
 *     zero                                          5      3
 *     counter                                       8      4
 *     size of the image, without hashes            12      4
 *     product, padded with zeros                   16     32
 *     version, for people, padded with zeros       48     32
 *     SHA-256 of the image                         80     32
 *     SHA-256 of the first chunk                  112     32
 *     signature over bytes 0 to 143               144     64
 *   chunk: up to FIRSTUSE_CHUNK bytes of image, then the SHA-256 of the next chunk (the last one has none). The hash of a
 *   chunk covers both.
 */
#pragma once

#include "firstuse.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FIRSTUSE_MANIFEST 208u
#define FIRSTUSE_CHUNK 1024u /* bytes of image in a chunk */
/* Bytes after which progress is stored; on flash a multiple of the erase block, so that a slot can be written on from there. */
#ifndef FIRSTUSE_CHECKPOINT
#define FIRSTUSE_CHECKPOINT 65536u
#endif
#define FIRSTUSE_STARTS 3u /* starts that a new image has to confirm itself */

/* A download in the caller's memory, some 1.3 kB; nothing to release. */
struct firstuse_update {
	struct firstuse *device;
	uint8_t phase; /* the library's own */
	uint8_t slot;
	uint32_t filled;
	uint32_t offset; /* of the image, verified so far */
	uint32_t kept;	 /* bytes of it that an earlier download left in the slot */
	uint32_t size;
	uint32_t counter;
	uint8_t image_hash[32];
	uint8_t manifest_hash[32];
	uint8_t next[32];
	uint8_t buffer[FIRSTUSE_CHUNK + 32];
};

/*
 * Begins, or begins again after loss of power or of the connection. Nothing is changed, but that a download which was begun
 * before for the same device is over: its next call is answered FIRSTUSE_BAD_CALL. A device without an owner is updated like
 * any other. FIRSTUSE_OK, FIRSTUSE_BAD_CALL (also when the device has no slots), FIRSTUSE_DAMAGED, or FIRSTUSE_ON_TRIAL: an
 * image waits for its first start or is not confirmed yet. Then neither slot may be written, since the one holds it and the
 * other what to fall back to.
 */
enum firstuse_status firstuse_update_begin(struct firstuse_update *update, struct firstuse *device);

/*
 * The next bytes of the file in order, as many as there are: the manifest first. What an earlier download of the same file
 * left in the slot is verified again and not written again. Any status but FIRSTUSE_OK ends the download: begin again. What
 * was stored at the last FIRSTUSE_CHECKPOINT is kept then, whatever the reason.
 */
enum firstuse_status firstuse_update_feed(struct firstuse_update *update, const void *bytes,
					  size_t size);

/*
 * From which byte of the file to feed on. Behind the manifest this may be far on, where an earlier download of the same file
 * got: for HTTP's Range. Who asks must go there; who never asks feeds the file from its beginning to its end. 0: the
 * download is over, or nothing was fed.
 */
uint32_t firstuse_update_resume_at(struct firstuse_update *update);

/*
 * All was fed: reads the slot back, compares it with the manifest, and puts it on trial. FIRSTUSE_OK: firstuse_boot() will
 * name the new slot. FIRSTUSE_INCOMPLETE: bytes are missing, what came is kept up to the last FIRSTUSE_CHECKPOINT.
 * FIRSTUSE_ALTERED: the slot does not hold what was written to it; the next download begins at the first byte. Takes as
 * long as reading and hashing the image. Once for each download.
 */
enum firstuse_status firstuse_update_end(struct firstuse_update *update);

/*
 * Which slot to start: 0 or 1. For the boot loader, once each start; it tells the firmware which one it was. An image on trial
 * is named FIRSTUSE_STARTS times, each counted on the medium first; then the one before it is named again. FIRSTUSE_STORAGE,
 * _DAMAGED: `*slot` is the one that is known to be good as far as can be told, else 0.
 */
enum firstuse_status firstuse_boot(struct firstuse *device, uint8_t *slot);

/*
 * The image in `slot`, which is the one that runs, works: if it is on trial it stays, and nothing as old as itself is taken any
 * more. FIRSTUSE_NO_UPDATE: it is not on trial. The slot is asked for so that the old image can't confirm one that waits
 * for its first start, or that could not be started.
 */
enum firstuse_status firstuse_confirm(struct firstuse *device, uint8_t slot);

/* Of the image that used up its starts without being confirmed; 0: the last one did not. Not to be fetched again and again. */
uint32_t firstuse_failed_counter(const struct firstuse *device);

/* The anti-rollback counter of what was confirmed last; 0: the factory's. */
uint32_t firstuse_counter(const struct firstuse *device);

#ifdef __cplusplus
}
#endif
