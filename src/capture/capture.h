/* SPDX-License-Identifier: MIT */
/*
 * Reading captures: pcap (µs, ns, both byte orders, the modified "Kuznetzov" record header) and pcapng (any mix of
 * interfaces, sections, resolutions), plain, .gz or .zst, from a file or a pipe. One capture is one input.
 *
 * The file's own damage is data, not an error of ours: capture_fill() then ends the input and capture_damage() says
 * where and why; frames handed out before it count.
 */
#pragma once

#include "capture/frame.h"

#include <stdbool.h>

struct capture;

enum capture_format { CAPTURE_PCAP, CAPTURE_PCAPNG };

struct capture_damage {
	bool there;
	uint64_t offset; /* in the uncompressed stream, of the record or block that can't be read */
	const char *reason; /* static text, plain words */
};

/*
 * Opens a capture ("-" is standard input) and reads its header. Frames get `input` as their input index.
 * Returns 0 and *out; else -errno, or -EBADMSG when it is no capture, and *why (static text) says what is wrong.
 * -EISDIR for a directory. The caller closes.
 */
int capture_open(const char *path, uint32_t input, struct capture **out, const char **why);
void capture_close(struct capture *c);

/* Renumbers the input (inputs are sorted by first time after they were opened). Before the first fill only. */
void capture_set_input(struct capture *c, uint32_t input);

/* Time of the first frame without consuming it; false when there is none. Sorting inputs needs it. May read. */
bool capture_first_time(struct capture *c, int64_t *time_ns);

/*
 * Releases the file handle and buffers of a regular file until the next fill (hundreds of inputs may be open at
 * once); does nothing for pipes. The next fill reopens and starts at the first frame.
 */
void capture_park(struct capture *c);

/*
 * Fills the batch: b->n frames, whose data point into b->bytes. Returns the number of frames; 0 at the end of the
 * input or at damage. No allocation, and one read() per call at most in the usual case. I/O errors end the input as
 * damage with the system's reason.
 */
uint32_t capture_fill(struct capture *c, struct batch *b);

/* How far the reading is. */
struct capture_amount {
	uint64_t taken; /* bytes of the file, packed as they are there */
	uint64_t size;	/* of a regular file when it was opened; 0: not known */
};
struct capture_amount capture_amount(const struct capture *c);

const char *capture_path(const struct capture *c);
enum capture_format capture_format(const struct capture *c);
const struct capture_damage *capture_damage(const struct capture *c);
