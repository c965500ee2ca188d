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
#define FIRSTUSE_CHECKPOINT                                                                        \
	65536u /* bytes after which progress is stored; on flash a multiple of the erase block */
#define FIRSTUSE_STARTS 3u /* starts that a new image has to confirm itself */

/* A download in the caller's memory, some 1.3 kB; nothing to release. */
struct firstuse_update {
	struct firstuse *device;
	uint8_t phase; /* the library's own */
	uint32_t filled;
	uint32_t offset; /* of the image, written so far */
	uint32_t size;
	uint32_t counter;
	uint8_t image_hash[32];
	uint8_t manifest_hash[32];
	uint8_t next[32];
	uint8_t buffer[FIRSTUSE_CHUNK + 32];
};

/* Begins, or begins again after loss of power. Nothing is changed. FIRSTUSE_OK or FIRSTUSE_BAD_CALL. */
enum firstuse_status firstuse_update_begin(struct firstuse_update *update, struct firstuse *device);

/*
 * The next bytes of the file, as many as there are: the manifest first. After FIRSTUSE_MANIFEST bytes ask
 * firstuse_update_resume_at(). Any status but FIRSTUSE_OK ends the download: begin again.
 */
enum firstuse_status firstuse_update_feed(struct firstuse_update *update, const void *bytes,
					  size_t size);

/*
 * From which byte of the file to feed on, once the manifest was taken: right behind the manifest, or further where an
 * earlier download of the same file got. For HTTP's Range.
 */
uint32_t firstuse_update_resume_at(const struct firstuse_update *update);

/*
 * All was fed: reads the slot back, compares it with the manifest, and puts it on trial. FIRSTUSE_OK: firstuse_boot() will
 * name the new slot. FIRSTUSE_INCOMPLETE: bytes are missing, what came is kept. FIRSTUSE_ALTERED: the slot does not hold
 * what was written to it. Takes as long as reading and hashing the image.
 */
enum firstuse_status firstuse_update_end(struct firstuse_update *update);

/*
 * Which slot to start: 0 or 1. For the boot loader, once each start. An image on trial is named FIRSTUSE_STARTS times,
 * each counted on the medium first; then the one before it is named again. FIRSTUSE_STORAGE, _DAMAGED: `*slot` is the one
 * that is known to be good as far as can be told, else 0.
 */
enum firstuse_status firstuse_boot(struct firstuse *device, uint8_t *slot);

/* The image on trial works: it stays, and nothing as old as the one before it is taken any more. FIRSTUSE_NO_UPDATE: none. */
enum firstuse_status firstuse_confirm(struct firstuse *device);

/* The anti-rollback counter of what was confirmed last; 0: the factory's. */
uint32_t firstuse_counter(const struct firstuse *device);

#ifdef __cplusplus
}
#endif
