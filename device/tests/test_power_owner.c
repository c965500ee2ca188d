/* SPDX-License-Identifier: MIT */
/*
 * Power fails at every step of what an owner and a guesser do: set-up, a wrong and a right login, a change of the password, a
 * reset. Afterwards the state is the old or a new one, whole; a wrong password never opens; where there is an owner exactly
 * one of the passwords does; and where there is none nothing does.
 */
#include "check.h"
#include "crypto.h"
#include "crypto_fake.h"
#include "power.h"

#include <string.h>

#define OLD "seven herons in the reeds"
#define NEW "a bicycle under the stairs"
#define CODE "K7Q2-M9XD"

static const struct firstuse_peer owner = {{2, 0, 0x5E, 0, 0x53, 1}, 1};
static const struct firstuse_peer other = {{2, 0, 0x5E, 0, 0x53, 2}, 1};

static enum firstuse_status login(struct firstuse *device, const char *password)
{
	return firstuse_login(device, &owner, password, strlen(password), NULL);
}

static void set_up(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_set_up(device, &owner, CODE, strlen(CODE), OLD, strlen(OLD), NULL);
}

static void wrong_code(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_set_up(device, &other, "K7Q2-M9XE", strlen(CODE), OLD, strlen(OLD), NULL);
}

static void wrong_login(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_login(device, &other, "not this one", 12, NULL);
}

static void right_login(struct firstuse *device, void *arg)
{
	(void)arg;
	login(device, OLD);
}

/* By somebody who was not known before: he is remembered. */
static void new_client(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_login(device, &other, OLD, strlen(OLD), NULL);
}

static void change(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_change_password(device, &owner, OLD, strlen(OLD), NEW, strlen(NEW), NULL);
}

static void reset(struct firstuse *device, void *arg)
{
	(void)arg;
	firstuse_reset(device);
}

static const char *no_open_door(struct firstuse *device, void *arg)
{
	struct medium *medium = device->config->port.user;
	char key[FIRSTUSE_STREAM_KEY];
	int opens;

	(void)arg;
	medium->now_ms += 3600000; /* the start may have found no tries left: they come back */
	if (login(device, "a wrong guess") == FIRSTUSE_OK || login(device, "") == FIRSTUSE_OK)
		return "a wrong password opens";
	opens = (login(device, OLD) == FIRSTUSE_OK) + (login(device, NEW) == FIRSTUSE_OK);
	if (opens != (firstuse_standing(device) == FIRSTUSE_OK))
		return "not exactly one password opens";
	if ((firstuse_stream_key(device, key) == FIRSTUSE_OK) != opens)
		return "a stream key without an owner, or an owner without one";
	return NULL;
}

static const struct {
	const char *name;
	void (*prepare)(struct firstuse *device, void *arg);
	void (*operate)(struct firstuse *device, void *arg);
	unsigned stride;
} operations[] = {
	{"set-up", NULL, set_up, 3},
	{"wrong set-up code", NULL, wrong_code, 3},
	{"wrong login", set_up, wrong_login, 2},
	{"right login", set_up, right_login, 2},
	{"login of a new client", set_up, new_client, 2},
	{"change of the password", set_up, change, 2},
	{"reset by the owner", set_up, reset, 3},
};

int main(void)
{
	struct firstuse_cost cost = {0, 0};

	CHECK(fu_crypto_init() == 0);
	for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		struct power_plan plan;
		struct power_count count;

		memset(&plan, 0, sizeof plan);
		memset(&count, 0, sizeof count);
		plan.name = operations[i].name;
		plan.prepare = operations[i].prepare;
		plan.operate = operations[i].operate;
		plan.stride = operations[i].stride;
		plan.look = no_open_door;
		plan.config.product = "example/cam-1";
		plan.config.setup_code = CODE;
		plan.config.state_bytes = FIRSTUSE_STATE_MIN;
		plan.config.cost.memory_kib = fu_method(&cost) == FU_METHOD_ARGON2ID ? 8 : 0;
		plan.config.cost.passes = 1;
		power_try_all(&plan, &count);
		printf("  %-24s %lu failures of power, %lu of them while coming back, %lu records\n",
		       plan.name, count.runs, count.twice, count.records);
		CHECK(count.bad == 0);
		CHECK(count.records > 0 && count.runs > 0);
	}
	return check_end();
}
