/* SPDX-License-Identifier: MIT */
/*
 * The protocols of Dahua and of the many brands that sell its cameras and recorders; no document of the maker is public,
 * so what is here follows the tools of owners and researchers (DahuaConsole first) and a capture of 2251 recorders.
 *
 * DHIP, a header of 32 bytes and JSON: UDP 37810 for discovery, whose answers name model, firmware and `Init`, which says
 * whether the first-use password was ever set. TCP 37777: the older binary header, also of 32 bytes, with logins (A0, B0)
 * and JSON calls (F6). The same JSON calls are bodies of HTTP (/RPC2_Login).
 *
 * A login answers a challenge of realm and random, which stand in clear: with them a factory password is recognised
 * from one recorded login (dahua_login.c). The realm holds the serial number, so it stays inside the login. Frames of media are counted
 * down and never waited for; after bytes that are no frame the next segment is tried anew. A cut message is read up to
 * the cut, but then it can't be said that a field is absent.
 */
#include "proto/dahua_login.h"
#include "base/scan.h"
#include "proto/recorder.h"

enum { HEADER = 32, LENGTH_MAX = 1 << 20 };

enum frame { FRAME_DHIP = 0x20, FRAME_LOGIN = 0xa0, FRAME_LOGIN_ANSWER = 0xb0, FRAME_JSON = 0xf6 };

struct dahua {
	struct dahua_login login;
	uint32_t skip[2]; /* bytes of a frame still to pass by, 0: from the client */
};

static const uint8_t dhip_magic[8] = {FRAME_DHIP, 0, 0, 0, 'D', 'H', 'I', 'P'};

static bool is_frame(uint8_t first)
{
	static const uint8_t frames[] = {0xa0, 0xa1, 0xa3, 0xa4, 0xa8, 0xb0, 0xb1, 0xb3,
					 0xb4, 0xb8, 0xbb, 0xbc, 0xf1, 0xf4, 0xf6};

	return memchr(frames, first, sizeof frames) != NULL;
}

static bool may_be_header(struct bytes b)
{
	size_t n = b.len < sizeof dhip_magic ? b.len : sizeof dhip_magic;

	return n > 0 && (bytes_start_with(b, dhip_magic, n) || is_frame(b.at[0]));
}

static bool read_header(struct cursor *c, struct dahua_frame *h)
{
	struct bytes all = cursor_rest(c);
	struct cursor more;

	*h = (struct dahua_frame){.len = 0};
	if (all.len < HEADER || !may_be_header(all))
		return false;
	h->frame = cursor_u8(c);
	h->form = cursor_u8(c);
	cursor_skip(c, 2);
	h->len = recorder_le32(c);
	more = *c;
	h->user = cursor_take(&more, 8);
	h->password = cursor_take(&more, 8);
	h->result = cursor_u8(c);
	h->reason = cursor_u8(c);
	cursor_skip(c, 6);
	h->session = h->whole = recorder_le32(c);
	cursor_skip(c, 4);
	if (h->frame == FRAME_DHIP) {
		h->len = h->whole;
		h->whole = recorder_le32(c);
	} else {
		cursor_skip(c, 4);
	}
	h->tail = cursor_be32(c);
	return h->len <= LENGTH_MAX;
}

static enum match dahua_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);
	struct bytes payload;
	struct dahua_frame h;

	if (g->body)
		return recorder_is_json(g->data) ? MATCH_YES : MATCH_NO;
	if (!may_be_header(g->data))
		return MATCH_NO;
	if (g->data.len < HEADER)
		return MATCH_MAYBE;
	if (!read_header(&c, &h))
		return MATCH_NO;
	payload = cursor_rest(&c);
	if (h.len > 0 && payload.len < 6)
		return MATCH_MAYBE;
	switch (h.frame) {
	case FRAME_DHIP:
		return h.len <= h.whole ? MATCH_YES : MATCH_NO;
	case FRAME_LOGIN:
		return (h.tail & 0xffff) == 0xa1aa ? MATCH_YES : MATCH_NO;
	case FRAME_LOGIN_ANSWER:
		return g->hinted || bytes_begin(payload, "Realm:") ? MATCH_YES : MATCH_NO;
	case FRAME_JSON:
		if (h.form != 0 || h.len > h.whole)
			return MATCH_NO;
		return g->hinted || recorder_is_json(payload) ? MATCH_YES : MATCH_NO;
	default:
		return g->hinted ? MATCH_YES : MATCH_NO;
	}
}

/* ---- discovery ------------------------------------------------------------------------------------------------ */

/* Does text begin with this form, in which # is a digit? */
static bool has_form(struct bytes text, const char *form)
{
	size_t n = strlen(form);

	if (text.len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (form[i] == '#' ? !ascii_is_digit(text.at[i]) : text.at[i] != (uint8_t)form[i])
			return false;
	}
	return text.len == n || !ascii_is_digit(text.at[n]);
}

static bool is_month_and_day(struct bytes month, struct bytes day)
{
	int64_t m = bytes_number(bytes_upto(month, 2)), d = bytes_number(bytes_upto(day, 2));

	return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

/* "…, build: 2015-08-12" or "….20151212". */
static bool find_date(struct bytes text, struct bytes *date)
{
	for (size_t i = 0; i < text.len; i++) {
		struct bytes rest = bytes_from(text, i);

		if (i > 0 && ascii_is_digit(text.at[i - 1]))
			continue;
		if (has_form(rest, "20##-##-##") &&
		    is_month_and_day(bytes_from(rest, 5), bytes_from(rest, 8))) {
			*date = bytes_upto(rest, 10);
			return true;
		}
		if (has_form(rest, "20######") &&
		    is_month_and_day(bytes_from(rest, 4), bytes_from(rest, 6))) {
			*date = bytes_upto(rest, 8);
			return true;
		}
	}
	return false;
}

enum field { CLASS, TYPE, VERSION, BUILT, VENDOR, MAKER, INIT, FIELDS };

static const char *const field_names[FIELDS] = {
	[CLASS] = "DeviceClass", [TYPE] = "DeviceType", [VERSION] = "Version",
	[BUILT] = "BuildDate",	 [VENDOR] = "Vendor",	[MAKER] = "Manufacturer",
	[INIT] = "Init"};

static void tell_built(struct telling *to, const struct talk *t, const struct bytes *fields)
{
	struct bytes date;

	if (fields[BUILT].at != NULL)
		tell(to, t, SIGNAL_dahua_built, SENDER, fields[BUILT]);
	else if (find_date(bytes_upto(fields[VERSION], TELL_MAX), &date))
		tell(to, t, SIGNAL_dahua_built, SENDER, date);
}

/* Init that is not there tells much, but only of a message that is whole. */
static void tell_init(struct telling *to, const struct talk *t, struct bytes init, bool whole)
{
	if (bytes_number(init) >= 0)
		tell(to, t, SIGNAL_dahua_init, SENDER, init);
	else if (init.at == NULL && whole)
		tell_text(to, t, SIGNAL_dahua_init, SENDER, "absent");
}

/* Model names of whole systems hold bars, which JSON may write as "\/". */
static void tell_type(struct telling *to, const struct talk *t, struct bytes type)
{
	char text[TELL_MAX];
	size_t len = 0;

	for (size_t i = 0; i < type.len && len < sizeof text; i++) {
		if (type.at[i] == '\\' && i + 1 < type.len && type.at[i + 1] == '/')
			continue;
		text[len++] = (char)type.at[i];
	}
	tell(to, t, SIGNAL_dahua_type, SENDER, (struct bytes){(const uint8_t *)text, len});
}

static void read_discovery(const struct talk *t, struct telling *to, struct bytes json)
{
	struct bytes fields[FIELDS], method;
	bool named, whole;

	if (!json_find(json, "method", &method) || !bytes_are(method, "client.notifyDevInfo"))
		return;
	whole = json_fields(json, "params.deviceInfo", field_names, FIELDS, fields);
	named = bytes_trim(fields[VENDOR]).len > 0;
	tell_text(to, t, SIGNAL_beacon, SENDER, "dahua");
	tell_service(to, t, SENDER, &proto_dahua);
	tell(to, t, SIGNAL_dahua_class, SENDER, fields[CLASS]);
	tell_type(to, t, fields[TYPE]);
	tell(to, t, SIGNAL_dahua_version, SENDER, fields[VERSION]);
	tell_built(to, t, fields);
	tell(to, t, SIGNAL_dahua_vendor, SENDER, named ? fields[VENDOR] : fields[MAKER]);
	tell_init(to, t, fields[INIT], whole);
}

/* ---- carriers ------------------------------------------------------------------------------------------------- */

static void read_frame(struct dahua_login *s, const struct talk *t, struct telling *to,
		       const struct dahua_frame *h, struct bytes payload)
{
	bool whole = payload.len == h->len;

	if (h->frame == FRAME_LOGIN && whole)
		dahua_login_try(s, t, to, h, payload);
	else if (h->frame == FRAME_LOGIN_ANSWER && whole)
		dahua_login_answer(s, t, to, h, payload);
	else if (h->frame == FRAME_DHIP || h->frame == FRAME_JSON)
		dahua_login_json(s, t, to, payload);
}

static bool is_wanted(const struct dahua_frame *h, struct bytes payload)
{
	if (h->len > STREAM_WINDOW - HEADER)
		return false;
	if (h->frame == FRAME_DHIP || h->frame == FRAME_JSON)
		return payload.len == 0 || recorder_is_json(payload);
	return h->frame == FRAME_LOGIN || h->frame == FRAME_LOGIN_ANSWER;
}

/* One frame, or what is left of one. Returns how much of it was used up, 0: more is needed. */
static size_t step(struct talk *t, struct telling *to, struct bytes rest)
{
	struct dahua *s = t->state;
	uint32_t *skip = &s->skip[t->from_client ? 0 : 1];
	struct cursor c = cursor_over(rest);
	struct dahua_frame h;
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
	read_frame(&s->login, t, to, &h, payload);
	*skip = h.len - (uint32_t)payload.len;
	return HEADER + payload.len;
}

static size_t dahua_stream(struct talk *t, struct telling *to)
{
	struct dahua *s = t->state;
	size_t used = 0;

	if (t->gap && !t->joined) {
		s->skip[t->from_client ? 0 : 1] = 0;
		dahua_login_lose(&s->login, t, to);
	}
	while (used < t->data.len) {
		size_t n = step(t, to, bytes_from(t->data, used));

		if (n == 0)
			break;
		used += n;
	}
	if (t->closed)
		dahua_login_close(&s->login, t, to);
	return used;
}

/* A discovery datagram, or a body of HTTP. */
static bool dahua_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	struct bytes body = bytes_trim(t->data);
	struct dahua *s = t->state;
	struct dahua_frame h;

	if (recorder_is_json(body))
		return dahua_login_json(&s->login, t, to, body);
	if (!read_header(&c, &h) || h.frame != FRAME_DHIP)
		return false;
	read_discovery(t, to, bytes_upto(cursor_rest(&c), h.len));
	return true;
}

const struct proto proto_dahua = {.name = "dahua",
				  .summary = "Dahua and its brands: discovery, logins",
				  .carriers = OVER_UDP | OVER_TCP | OVER_HTTP,
				  .state_size = sizeof(struct dahua),
				  .ports = {37810, 37777},
				  .mine = dahua_mine,
				  .datagram = dahua_datagram,
				  .stream = dahua_stream};
