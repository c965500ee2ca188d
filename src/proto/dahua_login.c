/* SPDX-License-Identifier: MIT */
/*
 * How clients log in at Dahua's recorders: by JSON ("global.login", twice: the first call has no password and is answered
 * by realm and random) or by frames A0 and B0 of the binary protocol. Which hash is sent shows in its form. Hashes over a
 * challenge that was not seen can't be checked; that a login was there is all that is told then.
 *
 * A stranger's answer must not make somebody else's try look accepted: it must come from the other side, and the answer
 * of a JSON call must bear the call's number.
 */
#include "proto/dahua_login.h"

#include "proto/recorder.h"

enum { CHALLENGE = 268632079 /* error of a JSON login that is no refusal but the challenge */ };

static void serve(struct dahua_login *s, const struct talk *t, struct telling *to)
{
	if (s->served)
		return;
	s->served = true;
	tell_service(to, t, SENDER, &proto_dahua);
	tell_text(to, t, SIGNAL_dahua_dvrip, SENDER, "server");
}

/* Whatever waited for an answer was sent without this challenge: it proves nothing. */
static void challenge(struct dahua_login *s, struct bytes realm, struct bytes nonce)
{
	s->login = (struct login){.asked = true};
	RECORDER_PUT(&s->login, realm, realm);
	RECORDER_PUT(&s->login, nonce, nonce);
	s->challenge_cut = s->login.cut;
	s->challenged = true;
	s->pending = false;
}

static bool is_upper_hex(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (!(b.at[i] >= '0' && b.at[i] <= '9') && !(b.at[i] >= 'A' && b.at[i] <= 'F'))
			return false;
	}
	return b.len > 0;
}

static uint8_t scheme_of(const struct dahua_login *s, struct bytes secret)
{
	if (recorder_is_sofia(secret))
		return LOGIN_SOFIA;
	if (s->challenged && is_upper_hex(secret)) {
		if (secret.len == 32)
			return LOGIN_DAHUA_GEN2;
		if (secret.len == 64)
			return LOGIN_DAHUA_BOTH;
	}
	return LOGIN_HASHED;
}

static void begin(struct dahua_login *s, const struct talk *t, struct telling *to, uint8_t scheme,
		  struct bytes user, struct bytes secret)
{
	if (s->pending && s->by_client == t->from_client)
		tell_login(to, t, &s->login, RECEIVER, LOGIN_UNANSWERED);
	s->login.scheme = scheme;
	s->login.cut = s->challenge_cut;
	s->login.tried_key = t->packet->key;
	s->login.tried_ns = t->packet->time_ns;
	RECORDER_PUT(&s->login, user, user);
	RECORDER_PUT(&s->login, secret, secret);
	s->id[0] = '\0';
	s->pending = true;
	s->by_client = t->from_client;
}

static void end(struct dahua_login *s, const struct talk *t, struct telling *to,
		enum login_outcome outcome)
{
	if (s->pending)
		tell_login(to, t, &s->login, SENDER, outcome);
	s->pending = false;
}

/* Keeps a short word; one that is too long is as good as none. */
static void keep_word(char *word, size_t size, struct bytes text)
{
	size_t n = text.len < size ? text.len : 0;

	if (n > 0)
		memcpy(word, text.at, n);
	word[n] = '\0';
}

static void read_call(struct dahua_login *s, const struct talk *t, struct telling *to,
		      struct bytes json)
{
	struct bytes user, password, word;
	uint8_t scheme;

	s->called = true;
	if (!s->pending)
		s->by_client = t->from_client;
	if (!json_find(json, "params.userName", &user) ||
	    !json_find(json, "params.password", &password) || password.len == 0)
		return;
	/* Eight letters are the old hash where both ends call it so, else they may be anything. */
	scheme = scheme_of(s, password);
	if (!json_find(json, "params.authorityType", &word))
		word = bytes_of(s->encryption);
	if (scheme == LOGIN_SOFIA && !bytes_are(word, "OldDigest"))
		scheme = LOGIN_HASHED;
	begin(s, t, to, scheme, user, password);
	if (json_find(json, "id", &word))
		keep_word(s->id, sizeof s->id, word);
}

/* False when it answers another call than the login. */
static bool read_result(struct dahua_login *s, const struct talk *t, struct telling *to,
			struct bytes json)
{
	struct bytes result, id, code;

	if (!s->pending || !json_find(json, "result", &result))
		return false;
	if (s->id[0] != '\0' && json_find(json, "id", &id) && !bytes_are(id, s->id))
		return false;
	serve(s, t, to);
	if (bytes_are(result, "true"))
		end(s, t, to, LOGIN_ACCEPTED);
	else if (bytes_are(result, "false") &&
		 (!json_find(json, "error.code", &code) || bytes_number(code) != CHALLENGE))
		end(s, t, to, LOGIN_REFUSED);
	s->pending = false;
	return true;
}

bool dahua_login_json(struct dahua_login *s, const struct talk *t, struct telling *to,
		      struct bytes json)
{
	struct bytes method, realm, nonce, word;

	if (!s->called && !bytes_hold(json, "global.login"))
		return false; /* most bodies of HTTP end here */
	if (json_find(json, "method", &method)) {
		if (!bytes_are(method, "global.login"))
			return false;
		read_call(s, t, to, json);
		return true;
	}
	if (!s->called || s->by_client == t->from_client)
		return false;
	if (!json_find(json, "params.realm", &realm) || !json_find(json, "params.random", &nonce))
		return read_result(s, t, to, json);
	serve(s, t, to);
	challenge(s, realm, nonce);
	if (!json_find(json, "params.encryption", &word))
		word = (struct bytes){.at = NULL, .len = 0};
	keep_word(s->encryption, sizeof s->encryption, word);
	return true;
}

/* Text with nothing but zeros behind it. */
static bool is_padded_text(struct bytes b, struct bytes *text)
{
	struct bytes rest = b;

	*text = bytes_cut(&rest, '\0');
	for (size_t i = 0; i < text->len; i++) {
		if (text->at[i] < ' ' || text->at[i] > '~')
			return false;
	}
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.at[i] != '\0')
			return false;
	}
	return true;
}

/*
 * The oldest form: name and password in the header, in clear or enciphered (then they are no text). What fills all eight
 * bytes may be cut short, or the hash of a password.
 */
static void try_old(struct dahua_login *s, const struct talk *t, struct telling *to,
		    const struct dahua_frame *frame)
{
	struct bytes user, password, none = {.at = NULL, .len = 0};

	if (bytes_start_with(frame->user, "", 1))
		return; /* asks for the challenge */
	if (!is_padded_text(frame->user, &user) || !is_padded_text(frame->password, &password))
		begin(s, t, to, LOGIN_HASHED, none, none);
	else if (user.len == frame->user.len || password.len == frame->password.len)
		begin(s, t, to, LOGIN_HASHED, user, password);
	else
		begin(s, t, to, LOGIN_CLEAR, user, password);
}

/* "user&&hash" */
void dahua_login_try(struct dahua_login *s, const struct talk *t, struct telling *to,
		     const struct dahua_frame *frame, struct bytes payload)
{
	struct bytes rest = bytes_trim(payload), user, secret;
	size_t n = bytes_find(rest, "&&");

	if (payload.len == 0) {
		try_old(s, t, to, frame);
		return;
	}
	if (n == rest.len)
		return;
	user = bytes_upto(rest, n);
	rest = bytes_from(rest, n + 2);
	secret = bytes_trim(bytes_cut(&rest, '&'));
	begin(s, t, to, scheme_of(s, secret), user, secret);
}

static bool read_challenge(struct dahua_login *s, struct bytes text)
{
	struct bytes realm = {.at = NULL, .len = 0}, nonce = realm;

	while (text.len > 0) {
		struct bytes line = bytes_trim(bytes_cut(&text, '\n'));

		if (realm.len == 0)
			bytes_field(line, "Realm", &realm);
		if (nonce.len == 0)
			bytes_field(line, "Random", &nonce);
	}
	if (realm.len == 0 || nonce.len == 0)
		return false;
	challenge(s, realm, nonce);
	return true;
}

/* Results as DahuaConsole reads them: 1 is a refusal, 0 with a session a welcome; the rest proves neither. */
void dahua_login_answer(struct dahua_login *s, const struct talk *t, struct telling *to,
			const struct dahua_frame *frame, struct bytes payload)
{
	if (s->pending && s->by_client == t->from_client)
		return;
	serve(s, t, to);
	if (read_challenge(s, payload))
		return;
	if (frame->result == 0 && frame->session != 0)
		end(s, t, to, LOGIN_ACCEPTED);
	else if (frame->result == 1 &&
		 (frame->reason == 0 || frame->reason == 1 || frame->reason == 4))
		end(s, t, to, LOGIN_REFUSED); /* password, name, locked */
	s->pending = false;
}

void dahua_login_lose(struct dahua_login *s, const struct talk *t, struct telling *to)
{
	s->challenged = false;
	if (!s->pending)
		return;
	s->pending = false;
	tell_login(to, t, &s->login, s->by_client == t->from_client ? RECEIVER : SENDER,
		   LOGIN_UNANSWERED);
}

void dahua_login_close(struct dahua_login *s, const struct talk *t, struct telling *to)
{
	if (s->by_client != t->from_client)
		end(s, t, to, LOGIN_UNANSWERED);
}
