/* SPDX-License-Identifier: MIT */
/*
 * What boards of Xiongmai speak on TCP 34567 and answer on UDP 34569, as owners' tools describe it (python-dvr): a header of
 * 20 bytes, little-endian, then JSON. A login, the sign of life, and what the device is; after that the connection says
 * "not logged in" or "not known". The password comes as a hash without salt: it is worth as much as the password itself.
 *
 * A message longer than the buffer, or a header that is none, ends the connection.
 */
#include "digest.h"
#include "line.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { HEADER = 20, JSON_MAX = 1024 };
enum { LOGIN = 1000, LOGIN_ANSWER = 1001, ALIVE = 1006, SYSTEM_INFO = 1020, DISCOVERY = 1530 };
enum { RET_OK = 100, RET_NOT_KNOWN = 103, RET_NOT_LOGGED_IN = 105, RET_WRONG = 106 };

static uint32_t le(const uint8_t *at, size_t n)
{
	uint32_t value = 0;

	while (n-- > 0)
		value = value << 8 | at[n];
	return value;
}

static void put_le(uint8_t *to, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++, value >>= 8)
		to[i] = (uint8_t)value;
}

static void header(uint8_t head[HEADER], uint32_t session, unsigned id, size_t n)
{
	memset(head, 0, HEADER);
	head[0] = 0xff;
	head[1] = 1;
	put_le(head + 4, session, 4);
	put_le(head + 14, id, 2);
	put_le(head + 16, (uint32_t)n, 4);
}

static void answer(struct line *l, unsigned id, const char *json)
{
	uint8_t head[HEADER];
	size_t n = strlen(json);

	header(head, l->is.dvrip.session, id, n + 2);
	out_put(l->out, head, sizeof head);
	out_put(l->out, json, n);
	out_put(l->out, "\n", 2);
}

static void answer_ret(struct line *l, unsigned id, int ret, const char *words)
{
	char json[JSON_MAX];

	snprintf(json, sizeof json, "{\"Name\":\"%s\",\"Ret\":%d,\"SessionID\":\"0x%08X\"}", words,
		 ret, (unsigned)l->is.dvrip.session);
	answer(l, id, json);
}

void dvrip_begin(struct line *l)
{
	l->is.dvrip = (struct dvrip){.session = 0};
}

/* A member of the message, as a string. False: there is none, or it does not fit. */
static bool member(struct bytes json, const char *key, char *to, size_t size)
{
	struct bytes value;

	if (!json_find(json, key, &value) || value.len >= size ||
	    memchr(value.at, '\0', value.len) != NULL)
		return false;
	memcpy(to, value.at, value.len);
	to[value.len] = '\0';
	return true;
}

static bool is_right(const struct camera *c, struct bytes json)
{
	char name[CAMERA_NAME_MAX], given[CAMERA_SECRET_MAX], secret[CAMERA_SECRET_MAX];
	char hash[SOFIA_TEXT];

	if (!member(json, "UserName", name, sizeof name) ||
	    !member(json, "PassWord", given, sizeof given) ||
	    !c->kind->stream_secret(c, name, secret))
		return false;
	sofia(secret, hash);
	return strcmp(given, hash) == 0;
}

static void log_in(struct line *l, struct bytes json)
{
	struct camera *c = l->camera;
	char text[JSON_MAX];

	l->is.dvrip.session = 0;
	if (!c->kind->is_set_up(c)) {
		answer_ret(l, LOGIN_ANSWER, RET_WRONG, "not set up");
		return;
	}
	if (!is_right(c, json)) {
		camera_log("dvrip: login refused", &l->peer);
		answer_ret(l, LOGIN_ANSWER, RET_WRONG, "");
		return;
	}
	camera_log("dvrip: login accepted", &l->peer);
	camera_random(&l->is.dvrip.session, sizeof l->is.dvrip.session);
	l->is.dvrip.session |= 1;
	snprintf(
		text, sizeof text,
		"{\"AliveInterval\":20,\"ChannelNum\":1,\"DeviceType \":\"IPC\",\"ExtraChannel\":0,"
		"\"Ret\":%d,\"SessionID\":\"0x%08X\"}",
		RET_OK, (unsigned)l->is.dvrip.session);
	answer(l, LOGIN_ANSWER, text);
}

static void system_info(struct line *l)
{
	const struct camera_kind *kind = l->camera->kind;
	char text[JSON_MAX];

	snprintf(text, sizeof text,
		 "{\"Name\":\"SystemInfo\",\"Ret\":%d,\"SystemInfo\":{\"BuildTime\":\"%s\","
		 "\"SoftWareVersion\":\"%s\"}}",
		 RET_OK, kind->built, kind->version);
	answer(l, SYSTEM_INFO + 1, text);
}

static void on_message(struct line *l, unsigned id, struct bytes json)
{
	if (id == LOGIN)
		log_in(l, json);
	else if (l->is.dvrip.session == 0)
		answer_ret(l, id + 1, RET_NOT_LOGGED_IN, "");
	else if (id == ALIVE)
		answer_ret(l, id + 1, RET_OK, "KeepAlive");
	else if (id == SYSTEM_INFO)
		system_info(l);
	else
		answer_ret(l, id + 1, RET_NOT_KNOWN, "");
}

size_t dvrip_take(struct line *l, const uint8_t *in, size_t n)
{
	size_t used = 0;

	while (n - used >= HEADER) {
		const uint8_t *at = in + used;
		uint32_t len = le(at + 16, 4);

		if (at[0] != 0xff || at[1] > 1 || len > LINE_IN_MAX - HEADER)
			return LINE_END;
		if (n - used - HEADER < len)
			break;
		on_message(l, le(at + 14, 2), (struct bytes){at + HEADER, len});
		if (l->out->full)
			return LINE_END;
		used += HEADER + len;
	}
	return used;
}

bool discovery_asks(const uint8_t *in, size_t n)
{
	return n >= HEADER && in[0] == 0xff && in[1] <= 1 && le(in + 14, 2) == DISCOVERY;
}

size_t discovery_answer(const struct camera *c, const uint8_t mac[6], struct in_addr address,
			uint8_t answer_to[DISCOVERY_MAX])
{
	char json[DISCOVERY_MAX - HEADER];
	const uint8_t *a = (const uint8_t *)&address.s_addr;
	int n = snprintf(
		json, sizeof json,
		"{\"Name\":\"NetWork.NetCommon\",\"NetWork.NetCommon\":{\"BuildDate\":\"%s\","
		"\"ChannelNum\":1,\"DeviceType\":\"IPC\",\"HostIP\":\"0x%02X%02X%02X%02X\","
		"\"HostName\":\"%s\",\"HttpPort\":80,"
		"\"MAC\":\"%02x:%02x:%02x:%02x:%02x:%02x\",\"TCPPort\":34567,\"UDPPort\":34568,"
		"\"Version\":\"%s\"},\"Ret\":100,\"SessionID\":\"0x00000000\"}\n",
		c->kind->built, a[3], a[2], a[1], a[0], c->kind->name, mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5], c->kind->version);

	if (n < 0 || (size_t)n >= sizeof json)
		return 0;
	header(answer_to, 0, DISCOVERY + 1, (size_t)n);
	memcpy(answer_to + HEADER, json, (size_t)n);
	return HEADER + (size_t)n;
}
