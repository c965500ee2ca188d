/* SPDX-License-Identifier: MIT */
/*
 * The device of camera.h. Its hash is made as cheap as the backend goes, since these tests are about what is around it; what
 * the real cost takes is measured elsewhere.
 */
#include "camera.h"

#include "crypto.h"

#include <stdlib.h>
#include <string.h>

#define STATE_BYTES 4096u
#define SLOT_BYTES 8192u

void camera_new(struct camera *camera)
{
	struct firstuse_config *config = &camera->config;
	struct firstuse_cost cost = {0, 0};

	memset(camera, 0, sizeof *camera);
	medium_init(&camera->medium, MEDIUM_FLASH, STATE_BYTES, SLOT_BYTES, 7);
	config->port = medium_port(&camera->medium);
	config->state_bytes = STATE_BYTES;
	config->slot_bytes = SLOT_BYTES;
	config->product = "example/garden-eye";
	config->words[0] = "Garden Eye";
	config->words[1] = "LC-2026x";
	config->cost.memory_kib = fu_method(&cost) == FU_METHOD_ARGON2ID ? 8 : 0;
	config->cost.passes = 1;
	camera->opened = firstuse_open(&camera->device, config);
}

void camera_owned(struct camera *camera)
{
	struct firstuse_peer owner = camera_lan(1);

	camera_new(camera);
	camera->opened = firstuse_set_up(&camera->device, &owner, NULL, 0, CAMERA_PASSWORD,
					 strlen(CAMERA_PASSWORD), NULL);
}

void camera_copy(struct camera *to, const struct camera *from)
{
	medium_copy(&to->medium, &from->medium);
	to->config = from->config;
	to->config.port = medium_port(&to->medium);
	to->device = from->device;
	to->device.config = &to->config;
	to->opened = from->opened;
}

void camera_free(struct camera *camera)
{
	medium_fini(&camera->medium);
}

enum firstuse_status camera_restart(struct camera *camera)
{
	medium_power_on(&camera->medium);
	camera->opened = firstuse_open(&camera->device, &camera->config);
	return camera->opened;
}

static struct firstuse_peer made_of(uint32_t number, uint8_t on_lan)
{
	struct firstuse_peer made;

	memset(&made, 0, sizeof made);
	for (unsigned i = 0; i < 4; i++)
		made.id[5 - i] = (uint8_t)(number >> (8 * i));
	made.id[0] = 2;
	made.on_lan = on_lan;
	return made;
}

struct firstuse_peer camera_lan(uint32_t client)
{
	return made_of(client, 1);
}

struct firstuse_peer camera_outside(uint32_t address)
{
	return made_of(address, 0);
}

enum firstuse_status camera_login(struct camera *camera, struct firstuse_peer peer,
				  const char *password, uint32_t *wait_s)
{
	return firstuse_login(&camera->device, &peer, password, strlen(password), wait_s);
}

unsigned long camera_every(void)
{
#if defined(__SANITIZE_ADDRESS__)
	const unsigned long slow = 20;
#elif defined(__x86_64__)
	const unsigned long slow = 1;
#else
	const unsigned long slow = 20; /* emulated, most likely, or a board */
#endif
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
	const char *text = getenv("FIRSTUSE_EVERY");
	unsigned long every = text ? strtoul(text, NULL, 10) : slow;

	return every > 0 ? every : 1;
}
