/* SPDX-License-Identifier: MIT */
/*
 * The journal of journal.h, and why power can't open the door:
 *
 *   - Before an area is erased, the latest record lies good and flushed in the other one.
 *   - A record counts when its checksum holds, so a torn one is none; the one before it still stands.
 *   - The second record of a device's life goes to area B, whatever is free in A. So a device that has an owner has written
 *     to B, and B is blank again only while A holds the latest record. No good record and B blank therefore means "never
 *     used" for sure, whatever a failed first erase left in A.
 *   - A record whose write failed may be on the medium all the same. Its number is not given again: two different records
 *     with one number would leave it to chance which of them holds.
 *
 *   - The first record with an owner is written to both areas, each begun anew, so that none without is left: a bit that
 *     rots later gives an older owner back, or closes the device, and never opens the set-up step again.
 *
 * What it does not hold off: a medium that loses what it had safely written. Then the record before the lost one is the
 * state. Error correction is the medium's task.
 */
#include "journal.h"

#include "record.h"
#include "secret.h"

#include <string.h>

#define PIECE 64u

static uint32_t area_end(const struct firstuse *device)
{
	return device->config->state_bytes / FU_RECORD * FU_RECORD;
}

static int is_blank(const uint8_t record[FU_RECORD])
{
	for (uint32_t i = 0; i < FU_RECORD; i++)
		if (record[i] != 0xFF)
			return 0;
	return 1;
}

/* ---- loading ------------------------------------------------------------------------------------------------ */

/* What was seen in both areas. */
struct survey {
	uint32_t next[2]; /* behind the last place that is not blank */
	uint8_t found;	  /* a good record; the latest is device->state */
	uint8_t traces; /* of an owner: a record of whatever age that has one, or what may have been one */
	uint8_t ownerless; /* a good record of whatever age without one */
};

static void look_at(struct firstuse *device, uint8_t area, uint32_t offset,
		    const uint8_t record[FU_RECORD], struct survey *survey)
{
	struct firstuse_state state;

	if (is_blank(record))
		return;
	survey->next[area] = offset + FU_RECORD;
	if (fu_record_read(&state, record) != 0) {
		survey->traces = 1;
		return;
	}
	survey->traces |= state.has_owner;
	survey->ownerless |= !state.has_owner;
	if (!survey->found || state.sequence > device->state.sequence) {
		survey->found = 1;
		device->state = state;
		device->area = area;
	}
	fu_wipe(&state, sizeof state);
}

static int look_through(struct firstuse *device, struct survey *survey)
{
	const struct firstuse_port *port = &device->config->port;
	uint8_t record[FU_RECORD];
	int failed = 0;

	for (uint8_t area = 0; area < 2 && !failed; area++)
		for (uint32_t at = 0; at < area_end(device) && !failed; at += FU_RECORD) {
			failed = port->read(port->user, (enum firstuse_area)area, at, record,
					    FU_RECORD) != 0;
			if (!failed)
				look_at(device, area, at, record, survey);
		}
	fu_wipe(record, sizeof record);
	return failed ? -1 : 0;
}

enum firstuse_status fu_journal_load(struct firstuse *device, int *traces)
{
	struct survey survey;

	memset(&survey, 0, sizeof survey);
	memset(&device->state, 0, sizeof device->state);
	/* As if B were full: the first record goes to the beginning of A. */
	device->area = 1;
	device->next_offset = area_end(device);
	*traces = 0;
	if (look_through(device, &survey) != 0)
		return FIRSTUSE_STORAGE;
	if (!survey.found)
		return survey.next[1] == 0 ? FIRSTUSE_NOT_SET_UP : FIRSTUSE_DAMAGED;
	if (device->area != 0 || survey.next[1] != 0)
		device->next_offset = survey.next[device->area];
	/* It may have been read from a cache, where a program that ended early left it: once acted on, it may not be lost. */
	if (device->config->port.flush)
		(void)device->config->port.flush(device->config->port.user,
						 (enum firstuse_area)device->area);
	*traces = device->state.has_owner ? survey.ownerless : survey.traces;
	return FIRSTUSE_OK;
}

/* ---- storing ------------------------------------------------------------------------------------------------ */

/* Did the medium take it? A flash cell that is worn out says nothing when it is written. */
static int is_there(const struct firstuse *device, uint8_t area, uint32_t offset,
		    const uint8_t record[FU_RECORD])
{
	const struct firstuse_port *port = &device->config->port;
	uint8_t piece[PIECE];
	int same = 1;

	for (uint32_t at = 0; at < FU_RECORD && same; at += PIECE)
		same = port->read(port->user, (enum firstuse_area)area, offset + at, piece,
				  PIECE) == 0 &&
		       fu_same(piece, record + at, PIECE);
	fu_wipe(piece, sizeof piece);
	return same;
}

static int put(struct firstuse *device, uint8_t area, uint32_t offset,
	       const uint8_t record[FU_RECORD])
{
	const struct firstuse_port *port = &device->config->port;

	if (port->write(port->user, (enum firstuse_area)area, offset, record, FU_RECORD) != 0 ||
	    port->flush(port->user, (enum firstuse_area)area) != 0 ||
	    !is_there(device, area, offset, record))
		return -1;
	device->area = area;
	device->next_offset = offset + FU_RECORD;
	return 0;
}

/* Writes `state` as the next record to that place and makes it the device's. */
static enum firstuse_status store_at(struct firstuse *device, const struct firstuse_state *state,
				     uint8_t area, uint32_t offset)
{
	struct firstuse_state next = *state;
	enum firstuse_status status = FIRSTUSE_STORAGE;
	uint8_t record[FU_RECORD];

	if (!device->config->port.write || !device->config->port.flush ||
	    device->state.sequence >= FU_SEQUENCE_MAX)
		return FIRSTUSE_STORAGE;
	next.sequence = device->state.sequence + 1;
	fu_record_write(&next, record);
	if (fu_record_read(&next, record) != 0) { /* it would be no record after the next start */
		status = FIRSTUSE_BAD_CALL;
	} else if (put(device, area, offset, record) == 0) {
		device->state = next;
		device->standing = next.has_owner ? FIRSTUSE_OK : FIRSTUSE_NOT_SET_UP;
		status = FIRSTUSE_OK;
	} else {
		device->state.sequence = next.sequence;
		if (area == device->area)
			device->next_offset = offset + FU_RECORD;
	}
	fu_wipe(record, sizeof record);
	fu_wipe(&next, sizeof next);
	return status;
}

/* What fails after the first of both is made up for by the next start, which finds the traces. */
static enum firstuse_status store_first_owner(struct firstuse *device,
					      const struct firstuse_state *state)
{
	enum firstuse_status status = fu_journal_renew(device, state);

	return device->state.has_owner ? FIRSTUSE_OK : status;
}

enum firstuse_status fu_journal_store(struct firstuse *device, const struct firstuse_state *state)
{
	if (device->standing != FIRSTUSE_OK && device->standing != FIRSTUSE_NOT_SET_UP)
		return (enum firstuse_status)device->standing;
	if (state->has_owner && !device->state.has_owner)
		return store_first_owner(device, state);
	if (device->next_offset < area_end(device))
		return store_at(device, state, device->area, device->next_offset);
	return store_at(device, state, device->area ^ 1u, 0);
}

enum firstuse_status fu_journal_begin(struct firstuse *device, const struct firstuse_state *state)
{
	enum firstuse_status status = store_at(device, state, 0, 0);

	if (status == FIRSTUSE_OK)
		device->next_offset = area_end(device);
	return status;
}

enum firstuse_status fu_journal_renew(struct firstuse *device, const struct firstuse_state *state)
{
	enum firstuse_status status = store_at(device, state, device->area ^ 1u, 0);

	if (status != FIRSTUSE_OK)
		return status;
	return store_at(device, &device->state, device->area ^ 1u, 0);
}
