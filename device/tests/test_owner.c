/* SPDX-License-Identifier: MIT */
/*
 * The owner's way with the real backend at its cheapest cost: set-up, logins, change of the password, restart; and a login at
 * the backend's default cost. A hash of a method that the backend has not opens nothing.
 */
#include "camera.h"
#include "check.h"
#include "crypto.h"

#include <string.h>

static void test_way(void)
{
	struct camera camera;
	uint8_t salt[16];

	camera_owned(&camera);
	CHECK(camera.opened == FIRSTUSE_OK);
	memcpy(salt, camera.device.state.password.salt, sizeof salt);
	CHECK(camera_login(&camera, camera_lan(2), "a wrong guess", NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(2), CAMERA_PASSWORD " ", NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(2), "", NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(2), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_outside(2), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(firstuse_change_password(&camera.device, &(struct firstuse_peer){{1}, 0},
				       CAMERA_PASSWORD, strlen(CAMERA_PASSWORD), CAMERA_OTHER,
				       strlen(CAMERA_OTHER), NULL) == FIRSTUSE_OK);
	CHECK(memcmp(salt, camera.device.state.password.salt, sizeof salt) != 0);
	CHECK(camera_restart(&camera) == FIRSTUSE_OK);
	CHECK(camera_login(&camera, camera_lan(2), CAMERA_PASSWORD, NULL) == FIRSTUSE_WRONG);
	CHECK(camera_login(&camera, camera_lan(2), CAMERA_OTHER, NULL) == FIRSTUSE_OK);
	/* made by a method that this backend has not */
	camera.device.state.password.method = 7;
	CHECK(camera_login(&camera, camera_lan(2), CAMERA_OTHER, NULL) == FIRSTUSE_CRYPTO);
	camera_free(&camera);
}

/* Once as it is shipped: also a hash made anew, from the cheapest cost to the default one. */
static void test_default_cost(void)
{
	struct camera camera;
	struct firstuse_cost cost = {0, 0};

	fu_method(&cost);
	camera_owned(&camera);
	memset(&camera.config.cost, 0, sizeof camera.config.cost);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	CHECK(camera.device.state.password.cost.memory_kib == cost.memory_kib);
	CHECK(camera.device.state.password.cost.passes == cost.passes);
	CHECK(camera_login(&camera, camera_lan(1), CAMERA_PASSWORD, NULL) == FIRSTUSE_OK);
	camera_free(&camera);
}

int main(void)
{
	test_way();
	test_default_cost();
	return check_end();
}
