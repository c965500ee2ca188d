/* SPDX-License-Identifier: MIT */
/*
 * The owner's password: set up, asked for, changed. ETSI EN 303 645 clauses 5.1-1 to 5.1-5; NIST SP 800-63B section 5.1.1.2
 * for what a verifier does with a password.
 *
 * The order in each function is what holds attackers off: how the device stands comes first, so that one without owner or
 * with damaged records never looks at a guess; then what can be told from the call alone; then the try is paid for; and
 * only then a secret is looked at. What is to change is made in a copy of the state, which the journal takes as a whole.
 *
 * What an observer learns: how the device stands, and that he is to wait, as everybody may. Of a guess, that it is right or
 * wrong; the time is the hash's, over a salt that he does not know, and the compare's, which takes the same for all
 * (tests/timing.c). A right password may take longer, for the medium or a second hash: he is let in then anyway.
 */
#include "crypto.h"
#include "password.h"
#include "secret.h"
#include "throttle.h"

#include <string.h>

enum firstuse_status firstuse_check_password(const struct firstuse *device, const char *password,
					     size_t size)
{
	if (firstuse_standing(device) == FIRSTUSE_BAD_CALL || (!password && size > 0))
		return FIRSTUSE_BAD_CALL;
	return fu_password_check(password, size, device->config->words);
}

/* The set-up code is printed on the device, so it is none of the owner's secrets. It is asked about only behind a right code or
 * password: before, the answer would tell a guesser four letters of it at a time, and count no try. */
static enum firstuse_status check_for_code(const struct firstuse *device, const char *password,
					   size_t size)
{
	const char *words[FIRSTUSE_WORDS_MAX] = {device->config->setup_code};

	return fu_password_check(password, size, words);
}

/* ---- secrets ------------------------------------------------------------------------------------------------ */

static int get_random(const struct firstuse *device, void *to, uint32_t size)
{
	const struct firstuse_port *port = &device->config->port;

	return port->random(port->user, to, size);
}

/* A new hash with a new salt, of the cost that is configured now. */
static enum firstuse_status make_secret(const struct firstuse *device,
					struct firstuse_secret *secret, const char *password,
					size_t size)
{
	struct firstuse_secret made;
	enum firstuse_status status = FIRSTUSE_OK;

	memset(&made, 0, sizeof made);
	made.cost = device->config->cost;
	made.method = fu_method(&made.cost);
	if (get_random(device, made.salt, sizeof made.salt) != 0)
		status = FIRSTUSE_RANDOM;
	else if (fu_hash_password(&made, password, size, made.hash) != 0)
		status = FIRSTUSE_CRYPTO;
	else
		*secret = made;
	fu_wipe(&made, sizeof made);
	return status;
}

/* Was it made otherwise than it would be now? */
static int is_dated(const struct firstuse *device, const struct firstuse_secret *secret)
{
	struct firstuse_cost cost = device->config->cost;
	uint8_t method = fu_method(&cost);

	return secret->method != method || secret->cost.memory_kib != cost.memory_kib ||
	       secret->cost.passes != cost.passes;
}

/* Both are in the state when it is FIRSTUSE_OK. */
static enum firstuse_status make_credentials(const struct firstuse *device,
					     struct firstuse_state *state, const char *password,
					     size_t size)
{
	if (get_random(device, state->stream_key, sizeof state->stream_key) != 0)
		return FIRSTUSE_RANDOM;
	return make_secret(device, &state->password, password, size);
}

/* ---- looking at guesses ------------------------------------------------------------------------------------- */

static enum firstuse_status look_at_password(const struct firstuse *device, const char *password,
					     size_t size)
{
	const struct firstuse_secret *owners = &device->state.password;
	enum firstuse_status status = FIRSTUSE_WRONG;
	uint8_t hash[32];

	/* None so long was ever set. That is told by its length, which the guesser has chosen himself. */
	if (size > FIRSTUSE_PASSWORD_MAX)
		return FIRSTUSE_WRONG;
	if (fu_hash_password(owners, password ? password : "", size, hash) != 0)
		status = FIRSTUSE_CRYPTO;
	else if (fu_same(hash, owners->hash, sizeof hash))
		status = FIRSTUSE_OK;
	fu_wipe(hash, sizeof hash);
	return status;
}

/* Both padded with zeros, which no code of the configuration holds, to the longest. */
static enum firstuse_status look_at_code(const struct firstuse *device, const char *code,
					 size_t size)
{
	const char *owners = device->config->setup_code;
	char given[FIRSTUSE_CODE_MAX + 1], right[FIRSTUSE_CODE_MAX + 1];
	enum firstuse_status status;

	memset(given, 0, sizeof given);
	memset(right, 0, sizeof right);
	if (size > 0)
		memcpy(given, code, size);
	for (unsigned i = 0; i < FIRSTUSE_CODE_MAX && owners[i] != '\0'; i++)
		right[i] = owners[i];
	/* A code with a zero in it is compared as a whole, too: the length it was given with counts. */
	given[FIRSTUSE_CODE_MAX] = (char)size;
	right[FIRSTUSE_CODE_MAX] = (char)strlen(right);
	status = fu_same(given, right, sizeof given) ? FIRSTUSE_OK : FIRSTUSE_WRONG;
	fu_wipe(given, sizeof given);
	fu_wipe(right, sizeof right);
	return status;
}

/* A guess at the password, or at the code where there is no password yet. */
static enum firstuse_status try_secret(struct firstuse *device, const struct firstuse_peer *peer,
				       const char *secret, size_t size, uint32_t *wait_s)
{
	enum firstuse_status status = fu_throttle_take(device, peer, wait_s);

	if (status != FIRSTUSE_OK)
		return status;
	if (device->standing == FIRSTUSE_OK)
		status = look_at_password(device, secret, size);
	else
		status = look_at_code(device, secret, size);
	if (status == FIRSTUSE_OK)
		fu_throttle_give_back(device, peer);
	else if (status == FIRSTUSE_WRONG)
		fu_throttle_failed(device);
	return status;
}

/* ---- the calls ---------------------------------------------------------------------------------------------- */

static int is_bad_call(const struct firstuse *device, const struct firstuse_peer *peer,
		       const char *text, size_t size)
{
	return firstuse_standing(device) == FIRSTUSE_BAD_CALL || !peer || (!text && size > 0);
}

enum firstuse_status firstuse_set_up(struct firstuse *device, const struct firstuse_peer *peer,
				     const char *code, size_t code_size, const char *password,
				     size_t size, uint32_t *wait_s)
{
	struct firstuse_state state;
	enum firstuse_status status;
	uint32_t wait;

	if (!wait_s)
		wait_s = &wait;
	*wait_s = 0;
	if (is_bad_call(device, peer, code, code_size) || (!password && size > 0) ||
	    (!device->config->setup_code && code_size > 0))
		return FIRSTUSE_BAD_CALL;
	if (!peer->on_lan)
		return FIRSTUSE_NOT_FROM_HERE;
	if (device->standing != FIRSTUSE_NOT_SET_UP)
		return device->standing == FIRSTUSE_OK ? FIRSTUSE_ALREADY_SET_UP : FIRSTUSE_DAMAGED;
	if (code_size > FIRSTUSE_CODE_MAX)
		return FIRSTUSE_TOO_LONG;
	status = firstuse_check_password(device, password, size);
	if (status == FIRSTUSE_OK && device->config->setup_code)
		status = try_secret(device, peer, code, code_size, wait_s);
	if (status == FIRSTUSE_OK)
		status = check_for_code(device, password, size);
	if (status != FIRSTUSE_OK)
		return status;
	state = device->state;
	state.has_owner = 1;
	status = make_credentials(device, &state, password, size);
	if (status == FIRSTUSE_OK)
		status = fu_throttle_remember(device, peer, &state, 1);
	fu_wipe(&state, sizeof state);
	return status;
}

enum firstuse_status firstuse_login(struct firstuse *device, const struct firstuse_peer *peer,
				    const char *password, size_t size, uint32_t *wait_s)
{
	struct firstuse_state state;
	enum firstuse_status status;
	uint32_t wait;
	int changed = 0;

	if (!wait_s)
		wait_s = &wait;
	*wait_s = 0;
	if (is_bad_call(device, peer, password, size))
		return FIRSTUSE_BAD_CALL;
	if (device->standing != FIRSTUSE_OK)
		return (enum firstuse_status)device->standing;
	status = try_secret(device, peer, password, size, wait_s);
	if (status != FIRSTUSE_OK)
		return status;
	state = device->state;
	if (is_dated(device, &state.password))
		changed = make_secret(device, &state.password, password, size) == FIRSTUSE_OK;
	/* What could not be remembered now is the next time: whom the password opens to need not wait for the medium. */
	(void)fu_throttle_remember(device, peer, &state, changed);
	fu_wipe(&state, sizeof state);
	return FIRSTUSE_OK;
}

enum firstuse_status firstuse_change_password(struct firstuse *device,
					      const struct firstuse_peer *peer,
					      const char *old_password, size_t old_size,
					      const char *password, size_t size, uint32_t *wait_s)
{
	struct firstuse_state state;
	enum firstuse_status status;
	uint32_t wait;

	if (!wait_s)
		wait_s = &wait;
	*wait_s = 0;
	if (is_bad_call(device, peer, old_password, old_size) || (!password && size > 0))
		return FIRSTUSE_BAD_CALL;
	if (device->standing != FIRSTUSE_OK)
		return (enum firstuse_status)device->standing;
	status = firstuse_check_password(device, password, size);
	if (status == FIRSTUSE_OK)
		status = try_secret(device, peer, old_password, old_size, wait_s);
	if (status == FIRSTUSE_OK)
		status = check_for_code(device, password, size);
	if (status != FIRSTUSE_OK)
		return status;
	state = device->state;
	memset(state.known, 0, sizeof state.known);
	status = make_credentials(device, &state, password, size);
	if (status == FIRSTUSE_OK)
		status = fu_throttle_remember(device, peer, &state, 1);
	fu_wipe(&state, sizeof state);
	return status;
}
