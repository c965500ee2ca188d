/* SPDX-License-Identifier: MIT */
/*
 * DVRIP, the protocol of the boards of Xiongmai that more than a hundred brands sell: TCP 34567 for clients, UDP 34569
 * for discovery. No document of the maker is public; header and messages are as the owners' tools python-dvr and the
 * Besder dissector describe them. A header of 20 bytes, then JSON or media.
 *
 * Discovery answers are broadcast, also unasked, and name the firmware's build date, by which the recall of October 2016
 * is judged. Logins carry a hash without salt, so that a factory password is seen as such. What is encrypted says
 * nothing but whose protocol it is. A message that some firmware obeys without a login is told as an attack. Serial numbers
 * (they open the maker's cloud) and MACs are left where they are.
 *
 * Media messages of up to 1 MiB are counted down, never waited for; a message that can't be one makes the rest of its
 * segment worthless, and the next segment is tried anew.
 */
#include "proto/recorder.h"

enum { HEADER = 20, LENGTH_MAX = 1 << 20 };

enum message {
	LOGIN_OLD = 999,
	LOGIN = 1000, /* some answer with the same number */
	LOGIN_ANSWER = 1001,
	WITHOUT_LOGIN = 1009, /* CVE-2024-3765: obeyed without a login */
	SYSTEM_INFO_ANSWER = 1021,
	CONFIG_ANSWER = 1043,
	DISCOVERY = 1530,
	DISCOVERY_ANSWER = 1531
};

struct header {
	uint32_t session;
	uint32_t len;
	uint16_t id;
};

struct dvrip {
	struct login login;
	uint32_t skip[2]; /* bytes of a message still to pass by, 0: from the client */
	bool pending;	  /* login waits for its answer */
	bool by_client; /* … and was sent from_client: the answer must come from the other side */
	bool served;
	bool logged_in; /* or may be: a login was tried, or what came before was not seen */
	bool asked;	/* the message that needs no login was told */
};

/* Is this the beginning of a header, as far as it is there? */
static bool may_be_header(struct bytes b)
{
	struct cursor c = cursor_over(b);

	return (cursor_left(&c) == 0 || cursor_u8(&c) == 0xff) &&
	       (cursor_left(&c) == 0 || cursor_u8(&c) <= 1) &&
	       (cursor_left(&c) == 0 || cursor_u8(&c) == 0) &&
	       (cursor_left(&c) == 0 || cursor_u8(&c) == 0);
}

static bool read_header(struct cursor *c, struct header *h)
{
	bool may_be = may_be_header(cursor_rest(c));

	cursor_skip(c, 4);
	h->session = recorder_le32(c);
	cursor_skip(c, 6);
	h->id = recorder_le16(c);
	h->len = recorder_le32(c);
	return may_be && !c->broken && h->len <= LENGTH_MAX && h->id >= 990 && h->id <= 3600;
}

static enum match dvrip_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);
	struct header h;

	if (g->data.len == 0 || !may_be_header(g->data))
		return MATCH_NO;
	if (g->data.len < HEADER)
		return MATCH_MAYBE;
	if (!read_header(&c, &h))
		return MATCH_NO;
	if (h.len == 0)
		return g->hinted || (h.id == DISCOVERY && h.session == 0) ? MATCH_YES : MATCH_NO;
	if (cursor_left(&c) == 0)
		return MATCH_MAYBE;
	return g->hinted || recorder_is_json(cursor_rest(&c)) ? MATCH_YES : MATCH_NO;
}

static bool is_number(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < '0' || b.at[i] > '9')
			return false;
	}
	return true;
}

/* 0 and 1 mean nothing to anybody; some firmware writes a word. */
static void tell_type(struct telling *to, const struct talk *t, struct bytes json, const char *path)
{
	struct bytes value;

	if (json_find(json, path, &value) && !is_number(value))
		tell(to, t, SIGNAL_xm_device_type, SENDER, value);
}

/* What stands behind the key, a name with a dot in it, whole or cut. The same name may be a value before. */
static bool find_common(struct bytes json, struct bytes *common)
{
	static const char key[] = "\"NetWork.NetCommon\"";
	size_t at;

	while ((at = bytes_find(json, key)) < json.len) {
		json = bytes_trim(bytes_from(json, at + sizeof key - 1));
		if (!bytes_begin(json, ":"))
			continue;
		*common = bytes_trim(bytes_from(json, 1));
		return bytes_begin(*common, "{");
	}
	return false;
}

static bool tell_discovery(struct telling *to, const struct talk *t, struct bytes json)
{
	struct bytes common;

	if (!find_common(json, &common))
		return false;
	recorder_tell(to, t, SIGNAL_xm_version, common, "Version");
	recorder_tell(to, t, SIGNAL_xm_built, common, "BuildDate");
	recorder_tell(to, t, SIGNAL_xm_host_name, common, "HostName");
	tell_type(to, t, common, "DeviceType");
	return true;
}

static bool dvrip_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	struct header h;
	struct bytes json;

	if (!read_header(&c, &h))
		return false;
	json = bytes_upto(cursor_rest(&c), h.len);
	if (h.id != DISCOVERY_ANSWER || json.len == 0)
		return true;
	if (!recorder_is_json(json))
		tell_text(to, t, SIGNAL_xm_dvrip, SENDER, "server");
	else if (tell_discovery(to, t, json))
		tell_text(to, t, SIGNAL_beacon, SENDER, "xiongmai");
	return true;
}

static void serve(struct dvrip *s, const struct talk *t, struct telling *to)
{
	if (s->served)
		return;
	s->served = true;
	tell_service(to, t, SENDER, &proto_dvrip);
	tell_text(to, t, SIGNAL_xm_dvrip, SENDER, "server");
}

static uint8_t scheme_of(struct bytes encryption, struct bytes password)
{
	if (bytes_are_nocase(encryption, "none"))
		return LOGIN_CLEAR;
	return bytes_are(encryption, "MD5") && recorder_is_sofia(password) ? LOGIN_SOFIA
									   : LOGIN_HASHED;
}

static void begin_login(struct dvrip *s, const struct talk *t, struct telling *to,
			struct bytes json)
{
	struct bytes user, password, encryption = {.at = NULL, .len = 0};

	if (!json_find(json, "UserName", &user) || !json_find(json, "PassWord", &password))
		return;
	if (s->pending && s->by_client == t->from_client)
		tell_login(to, t, &s->login, RECEIVER, LOGIN_UNANSWERED);
	json_find(json, "EncryptType", &encryption);
	s->login = (struct login){.tried_key = t->packet->key, .tried_ns = t->packet->time_ns};
	s->login.scheme = scheme_of(encryption, password);
	RECORDER_PUT(&s->login, user, user);
	RECORDER_PUT(&s->login, secret, password);
	s->pending = true;
	s->by_client = t->from_client;
}

/* Other codes (an account that is locked, or in use elsewhere) show neither a right password nor a wrong one. */
static void end_login(struct dvrip *s, const struct talk *t, struct telling *to, int64_t ret)
{
	if (!s->pending || s->by_client == t->from_client)
		return;
	s->pending = false;
	if (ret == 100)
		tell_login(to, t, &s->login, SENDER, LOGIN_ACCEPTED);
	else if (ret == 106 || (ret >= 203 && ret <= 206))
		tell_login(to, t, &s->login, SENDER, LOGIN_REFUSED);
}

static void tell_system(struct telling *to, const struct talk *t, struct bytes json)
{
	recorder_tell(to, t, SIGNAL_xm_version, json, "SystemInfo.SoftWareVersion");
	recorder_tell(to, t, SIGNAL_xm_built, json, "SystemInfo.BuildTime");
	recorder_tell(to, t, SIGNAL_xm_hardware, json, "SystemInfo.HardWare");
	tell_type(to, t, json, "SystemInfo.DeviceModel");
}

/* Who is the server shows in what a login says, even where the opening of the connection was not seen. */
static void read_message(struct dvrip *s, const struct talk *t, struct telling *to, uint16_t id,
			 struct bytes payload)
{
	bool login = id == LOGIN || id == LOGIN_OLD;
	struct bytes value;
	int64_t ret = -1;

	if (recorder_is_json(payload) && json_find(payload, "Ret", &value))
		ret = bytes_number(value);
	/* Answers have odd numbers; so have a few requests, hence the direction. */
	if ((!t->from_client && id % 2 == 1 && id != LOGIN_OLD) ||
	    (ret >= 0 && (login || id == LOGIN_ANSWER)))
		serve(s, t, to);
	if (login && ret < 0) {
		begin_login(s, t, to, payload);
	} else if (login || id == LOGIN_ANSWER) {
		end_login(s, t, to, ret);
		if (ret == 100)
			tell_type(to, t, payload, "DeviceType");
	} else if ((id == SYSTEM_INFO_ANSWER || id == CONFIG_ANSWER) && !t->from_client) {
		tell_system(to, t, payload);
	}
}

/* Owners' programs log in first. A connection of which a part is missing may have had its login there. */
static void look_for_attack(struct dvrip *s, const struct talk *t, struct telling *to, uint16_t id)
{
	const struct request r = {.method = bytes_of("DVRIP"), .target = bytes_of("1009")};

	s->logged_in |= t->from_client && (id == LOGIN || id == LOGIN_OLD);
	if (!t->from_client || id != WITHOUT_LOGIN || s->logged_in || s->asked)
		return;
	s->asked = true;
	(void)to->request(to, t, &r);
}

static bool is_wanted(const struct header *h, struct bytes payload)
{
	switch (h->id) {
	case LOGIN_OLD:
	case LOGIN:
	case LOGIN_ANSWER:
	case SYSTEM_INFO_ANSWER:
	case CONFIG_ANSWER:
		return h->len <= STREAM_WINDOW - HEADER &&
		       (payload.len == 0 || recorder_is_json(payload));
	default:
		return false;
	}
}

/* One message, or what is left of one. Returns how much of it was used up, 0: more is needed. */
static size_t step(struct talk *t, struct telling *to, struct bytes rest)
{
	struct dvrip *s = t->state;
	uint32_t *skip = &s->skip[t->from_client ? 0 : 1];
	struct cursor c = cursor_over(rest);
	struct header h;
	struct bytes payload;

	if (*skip > 0) {
		payload = bytes_upto(rest, *skip);
		*skip -= (uint32_t)payload.len;
		return payload.len;
	}
	if (rest.len < HEADER && may_be_header(rest))
		return t->closed ? rest.len : 0;
	if (!read_header(&c, &h))
		return rest.len;
	payload = bytes_upto(cursor_rest(&c), h.len);
	if (payload.len < h.len && is_wanted(&h, payload) && !t->closed)
		return 0;
	look_for_attack(s, t, to, h.id);
	read_message(s, t, to, h.id, payload);
	*skip = h.len - (uint32_t)payload.len;
	return HEADER + payload.len;
}

/* Another try, or this one's answer, may be among what is lost: the next answer proves nothing about the one that was seen. */
static void lose(struct dvrip *s, const struct talk *t, struct telling *to)
{
	s->skip[t->from_client ? 0 : 1] = 0;
	if (!s->pending)
		return;
	s->pending = false;
	tell_login(to, t, &s->login, s->by_client == t->from_client ? RECEIVER : SENDER,
		   LOGIN_UNANSWERED);
}

static size_t dvrip_stream(struct talk *t, struct telling *to)
{
	struct dvrip *s = t->state;
	size_t used = 0;

	s->logged_in |= t->gap;
	if (t->gap && !t->joined)
		lose(s, t, to);
	while (used < t->data.len) {
		size_t n = step(t, to, bytes_from(t->data, used));

		if (n == 0)
			break;
		used += n;
	}
	if (t->closed && s->pending && s->by_client != t->from_client) {
		s->pending = false;
		tell_login(to, t, &s->login, SENDER, LOGIN_UNANSWERED);
	}
	return used;
}

const struct proto proto_dvrip = {.name = "dvrip",
				  .summary = "cameras and recorders of Xiongmai: firmware, logins",
				  .carriers = OVER_UDP | OVER_TCP,
				  .state_size = sizeof(struct dvrip),
				  .ports = {34567, 34568, 34569},
				  .mine = dvrip_mine,
				  .datagram = dvrip_datagram,
				  .stream = dvrip_stream};
