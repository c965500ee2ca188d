/* SPDX-License-Identifier: MIT */
/*
 * libfirstuse in a camera, as its makers' guide has it: one struct, storage in files, and who asks told by MAC where the kernel knows
 * it. Whether somebody is on the LAN is whether his address is on-link: the camera has one interface, and stands behind no proxy.
 *
 * Limits of the lab: the loop stands still while a password is hashed, and there is no boot loader: after an update the program asks
 * firstuse_boot() itself when it starts, and confirms once its services answer, as firmware does.
 */
#include "owner.h"

#include "../replay.h"
#include "linux_files.h"
#include "near.h"

#include "base/exits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_BYTES = 8192, SLOT_BYTES = 1 << 20, KEY_BYTES = 32 };

struct session {
	char text[SESSION_TEXT]; /* empty: free */
	uint64_t until_ms;
};

struct owner {
	struct firstuse device;
	struct firstuse_config config;
	struct linux_files files;
	struct session sessions[SESSIONS];
	struct firstuse_update update;
	uint8_t key[KEY_BYTES];
	char mac[18]; /* nobody's password may be made of it */
};

/* The line that firstuse-sign writes: "firstuse-public ed25519 " and 64 digits. */
static bool read_key(struct owner *o, const char *folder)
{
	char path[512], digits[2 * KEY_BYTES + 1] = "";
	FILE *f;
	unsigned byte;

	if ((size_t)snprintf(path, sizeof path, "%s/maker.pub", folder) >= sizeof path)
		return false;
	f = fopen(path, "re");
	/* Digits are looked at below. NOLINTNEXTLINE(cert-err34-c) */
	if (f != NULL && fscanf(f, "firstuse-public ed25519 %64[0-9a-f]", digits) != 1)
		digits[0] = '\0';
	if (f != NULL)
		fclose(f);
	if (strlen(digits) != sizeof digits - 1)
		return false;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		/* Two hexadecimal digits each. NOLINTNEXTLINE(cert-err34-c) */
		(void)sscanf(digits + 2 * i, "%2x", &byte);
		o->key[i] = (uint8_t)byte;
	}
	return true;
}

static void configure(struct owner *o, const struct camera *c, const char *folder)
{
	struct in_addr own;
	uint8_t mac[6];

	if (near_own(mac, &own))
		snprintf(o->mac, sizeof o->mac, "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2],
			 mac[3], mac[4], mac[5]);
	o->config.state_bytes = STATE_BYTES;
	o->config.slot_bytes = SLOT_BYTES;
	o->config.product = "labcam/camera-2026";
	o->config.words[0] = c->kind->name;
	o->config.words[1] = "labcam";
	o->config.words[2] = o->mac[0] == '\0' ? NULL : o->mac;
	if (read_key(o, folder))
		o->config.update_keys[0] = o->key;
}

/* As the boot loader and then the firmware do. */
static void boot(struct owner *o)
{
	uint8_t slot = 0;

	if (firstuse_boot(&o->device, &slot) == FIRSTUSE_OK &&
	    firstuse_confirm(&o->device, slot) == FIRSTUSE_OK)
		printf("update confirmed: slot %u, counter %u\n", (unsigned)slot,
		       (unsigned)firstuse_counter(&o->device));
}

int owner_open(struct camera *c, const char *folder)
{
	struct owner *o = calloc(1, sizeof *o);
	enum firstuse_status status;
	int error;

	if (o == NULL)
		return replay_refuse(EXITS_OS, "out of memory");
	c->owner = o;
	error = linux_files_open(&o->files, folder, 0, &o->config.port);
	if (error != 0) {
		errno = error;
		return replay_refuse(exits_of_errno(error),
				     "state can't be kept in %s: %m; is it a folder that this "
				     "program may write to?",
				     folder);
	}
	configure(o, c, folder);
	status = firstuse_open(&o->device, &o->config);
	if (status == FIRSTUSE_OK || status == FIRSTUSE_NOT_SET_UP) {
		boot(o);
		return EXITS_OK;
	}
	if (status == FIRSTUSE_DAMAGED)
		return EXITS_OK; /* it serves nothing, and says so */
	return replay_refuse(EXITS_IO, "%s: %s", folder, firstuse_status_text(status));
}

void owner_close(struct camera *c)
{
	if (c->owner != NULL)
		linux_files_close(&c->owner->files);
	free(c->owner);
	c->owner = NULL;
}

bool owner_is_set_up(const struct camera *c)
{
	return firstuse_standing(&c->owner->device) == FIRSTUSE_OK;
}

bool owner_stream_secret(const struct camera *c, const char *name, char secret[CAMERA_SECRET_MAX])
{
	_Static_assert(FIRSTUSE_STREAM_KEY <= CAMERA_SECRET_MAX, "a stream key fits");
	(void)name;
	return firstuse_stream_key(&c->owner->device, secret) == FIRSTUSE_OK;
}

static struct firstuse_peer peer_of(const struct sockaddr_storage *who)
{
	struct firstuse_peer peer = {.on_lan = near_is_on_link(who)};

	near_id(who, peer.id);
	return peer;
}

enum firstuse_status owner_set_up(struct camera *c, const struct sockaddr_storage *who,
				  const char *secret, uint32_t *wait_s)
{
	struct firstuse_peer peer = peer_of(who);

	return firstuse_set_up(&c->owner->device, &peer, NULL, 0, secret, strlen(secret), wait_s);
}

enum firstuse_status owner_log_in(struct camera *c, const struct sockaddr_storage *who,
				  const char *secret, uint32_t *wait_s)
{
	struct firstuse_peer peer = peer_of(who);

	return firstuse_login(&c->owner->device, &peer, secret, strlen(secret), wait_s);
}

enum firstuse_status owner_change(struct camera *c, const struct sockaddr_storage *who,
				  const char *old_secret, const char *secret, uint32_t *wait_s)
{
	struct firstuse_peer peer = peer_of(who);
	enum firstuse_status status =
		firstuse_change_password(&c->owner->device, &peer, old_secret, strlen(old_secret),
					 secret, strlen(secret), wait_s);

	if (status == FIRSTUSE_OK)
		memset(c->owner->sessions, 0, sizeof c->owner->sessions);
	return status;
}

unsigned owner_failed_tries(const struct camera *c)
{
	return (unsigned)firstuse_failed_tries(&c->owner->device);
}

/* ---- sessions -------------------------------------------------------------------------------------------------- */

/* The one that ends first makes room. */
void owner_session_begin(struct camera *c, char text[SESSION_TEXT])
{
	struct session *s = &c->owner->sessions[0];
	uint8_t bytes[16];

	for (size_t i = 1; i < SESSIONS; i++) {
		if (c->owner->sessions[i].until_ms < s->until_ms)
			s = &c->owner->sessions[i];
	}
	camera_random(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(s->text + 2 * i, 3, "%02x", bytes[i]);
	s->until_ms = camera_now_ms() + SESSION_MS;
	memcpy(text, s->text, SESSION_TEXT);
}

/* Every byte is compared, so that the time tells nothing. */
static bool same(const char *a, const char *b)
{
	uint8_t other = 0;

	for (size_t i = 0; i < SESSION_TEXT - 1; i++)
		other |= (uint8_t)(a[i] ^ b[i]);
	return other == 0;
}

bool owner_session_is_good(const struct camera *c, const char *text)
{
	bool good = false;

	if (text == NULL || strlen(text) != SESSION_TEXT - 1)
		return false;
	for (size_t i = 0; i < SESSIONS; i++) {
		const struct session *s = &c->owner->sessions[i];

		good |= s->text[0] != '\0' && camera_now_ms() < s->until_ms && same(s->text, text);
	}
	return good;
}

/* ---- firmware -------------------------------------------------------------------------------------------------- */

enum firstuse_status owner_update_begin(struct camera *c)
{
	return firstuse_update_begin(&c->owner->update, &c->owner->device);
}

enum firstuse_status owner_update_feed(struct camera *c, const void *bytes, size_t n)
{
	return firstuse_update_feed(&c->owner->update, bytes, n);
}

enum firstuse_status owner_update_end(struct camera *c)
{
	return firstuse_update_end(&c->owner->update);
}
