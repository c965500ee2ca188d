/* SPDX-License-Identifier: MIT */
/*
 * libfirstuse on a microcontroller without an operating system: the five callbacks, and what a firmware asks at which moment.
 * The network is left out: "the owner" below is what a request of the set-up page or of a login would bring. Ends well
 * when each step came to what it should; prints what it did, how deep the stack went and how often flash was erased.
 */
#include "board.h"
#include "flash.h"

#include "firstuse.h"
#include "firstuse_mud.h"
#include "firstuse_update.h"

#include <string.h>

#ifdef EXAMPLE_MBEDTLS
#include "mbedtls/memory_buffer_alloc.h"
static unsigned char heap[4 * 1024]; /* for the big numbers when a signature is verified */
#endif

#define PASSWORD "seven grey herons"
#define CODE "K7QM-2RXD-9TBW" /* in a product: of each device its own, printed on it */

static int failed;

static uint64_t now_ms(void *user)
{
	(void)user;
	return board_now_ms();
}

static int random_bytes(void *user, void *to, uint32_t size)
{
	(void)user;
	return board_random(to, size);
}

/* Of a P-256 key pair whose private half was thrown away: make your own with firstuse-sign. */
static const uint8_t update_key[64] = {
	0xA8, 0x56, 0xAA, 0x22, 0xCF, 0x77, 0xAB, 0x44, 0xC3, 0xBB, 0x21, 0xB8, 0x85,
	0x6B, 0xE6, 0x51, 0xE3, 0x69, 0x16, 0xED, 0x90, 0xAE, 0x95, 0x38, 0x69, 0xEB,
	0xFE, 0x05, 0xF3, 0xC6, 0x0B, 0x54, 0x6F, 0x4A, 0xEC, 0x9F, 0x11, 0x7E, 0x35,
	0x23, 0xC2, 0x15, 0x97, 0x93, 0x58, 0x13, 0x06, 0x4F, 0xC5, 0xD2, 0x46, 0x1D,
	0x00, 0x72, 0x0C, 0xDB, 0x9F, 0x73, 0x51, 0xF8, 0x5A, 0x16, 0x5B, 0x3E,
};

static const struct firstuse_config config = {
	.port = {NULL, flash_read, flash_write, flash_flush, now_ms, random_bytes},
	.state_bytes = FLASH_STATE,
	.slot_bytes = FLASH_SLOT,
	.product = "example/cam-m3",
	.setup_code = CODE,
	.words = {"cam-m3", "Example Works", "02005e005301"},
	/* Few rounds, so that a simulated processor gets through; docs/makers.md says how to choose. */
	.cost = {.memory_kib = 0, .passes = 10000},
	.update_keys = {update_key},
};

/* A step, what it came to, and whether that was meant. */
static void step(const char *what, enum firstuse_status status, enum firstuse_status meant)
{
	board_say(what);
	board_say(firstuse_status_text(status));
	if (status != meant) {
		board_say("  NOT WHAT WAS MEANT");
		failed = 1;
	}
}

static enum firstuse_status try_login(struct firstuse *device, const char *password)
{
	const struct firstuse_peer peer = {.id = {2, 0, 0x5E, 0, 0x53, 7}, .on_lan = 1};
	uint32_t wait_s;

	return firstuse_login(device, &peer, password, strlen(password), &wait_s);
}

static enum firstuse_status set_up(struct firstuse *device, const char *code, const char *password)
{
	const struct firstuse_peer peer = {.id = {2, 0, 0x5E, 0, 0x53, 7}, .on_lan = 1};
	uint32_t wait_s;

	return firstuse_set_up(device, &peer, code, strlen(code), password, strlen(password),
			       &wait_s);
}

/* The first day of a device. */
static void first_use(struct firstuse *device)
{
	uint64_t begin;

	step("A device from the factory is opened:", firstuse_open(device, &config),
	     FIRSTUSE_NOT_SET_UP);
	step("Somebody tries to log in:", try_login(device, "admin"), FIRSTUSE_NOT_SET_UP);
	step("Set-up with a guessed code:", set_up(device, "12345678", PASSWORD), FIRSTUSE_WRONG);
	step("Set-up with the device's name as password:", set_up(device, CODE, "cam-m3cam-m3"),
	     FIRSTUSE_GUESSABLE);
	step("Set-up with the code on the device:", set_up(device, CODE, PASSWORD), FIRSTUSE_OK);
	step("A login with a wrong password:", try_login(device, "not the password"),
	     FIRSTUSE_WRONG);
	begin = board_now_ms();
	step("The owner's login:", try_login(device, PASSWORD), FIRSTUSE_OK);
	board_say_number("  in ", (uint32_t)(board_now_ms() - begin), " ms of the board's clock");
}

/* A manifest that says all the right things, and was signed by nobody who has the key. */
static void forge(uint8_t manifest[FIRSTUSE_MANIFEST])
{
	static const uint8_t magic[4] = {'F', 'U', 'M', '1'};

	memset(manifest, 0, FIRSTUSE_MANIFEST);
	memcpy(manifest, magic, sizeof(magic));
	manifest[4] = 2;     /* ECDSA P-256 */
	manifest[8] = 1;     /* the counter */
	manifest[13] = 0x10; /* 4096 bytes */
	memcpy(manifest + 16, config.product, strlen(config.product));
	memset(manifest + 80, 0x5A, FIRSTUSE_MANIFEST - 80);
}

/* Downloads that are no updates: refused with their first bytes, and nothing that starts has changed. */
static void update(struct firstuse *device)
{
	static struct firstuse_update download;
	static uint8_t bytes[FIRSTUSE_MANIFEST] = "not a manifest";
	uint8_t slot = 9;
	uint64_t begin;

	step("A download begins:", firstuse_update_begin(&download, device), FIRSTUSE_OK);
	step("It is no update:", firstuse_update_feed(&download, bytes, sizeof(bytes)),
	     FIRSTUSE_NO_MANIFEST);
	forge(bytes);
	step("Another begins:", firstuse_update_begin(&download, device), FIRSTUSE_OK);
	begin = board_now_ms();
	step("It is forged:", firstuse_update_feed(&download, bytes, sizeof(bytes)),
	     FIRSTUSE_BAD_SIGNATURE);
	board_say_number("  in ", (uint32_t)(board_now_ms() - begin), " ms of the board's clock");
	step("The boot loader asks which slot to start:", firstuse_boot(device, &slot),
	     FIRSTUSE_OK);
	if (slot != 0)
		failed = 1;
}

int main(void)
{
	static struct firstuse device, again;
	uint8_t option[FIRSTUSE_MUD_URL_MAX + 2];
	size_t size;

#ifdef EXAMPLE_MBEDTLS
	mbedtls_memory_buffer_alloc_init(heap, sizeof(heap));
#endif
	board_init();
	flash_blank();
	first_use(&device);
	/* The other struct knows nothing but what is in flash, as after loss of power. */
	step("Power fails and comes back:", firstuse_open(&again, &config), FIRSTUSE_OK);
	step("The owner's login:", try_login(&again, PASSWORD), FIRSTUSE_OK);
	update(&again);
	step("The button for a factory reset is pressed:", firstuse_reset(&again), FIRSTUSE_OK);
	step("The old password:", try_login(&again, PASSWORD), FIRSTUSE_NOT_SET_UP);
	step("The MUD URL for DHCP:",
	     firstuse_mud_dhcp4("https://mud.example.com/cam-m3.json", option, &size), FIRSTUSE_OK);
	board_say_number("stack: ", board_stack_used(), " bytes at most");
	board_say_number("struct firstuse: ", (uint32_t)sizeof(device), " bytes");
	board_say_number("flash: ", flash_erases(), " blocks erased");
	board_say(failed ? "FAILED" : "all as it should be");
	return failed;
}
