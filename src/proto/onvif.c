/* SPDX-License-Identifier: MIT */
/*
 * ONVIF, the web service of cameras and recorders (ONVIF Core Specification): SOAP in HTTP bodies. GetDeviceInformation
 * is answered with maker, model and firmware; the SerialNumber beside them is not told. A login is a UsernameToken in the
 * header of each request (WS-Security UsernameToken Profile 1.0): a digest over nonce, time and password, or the
 * password itself.
 *
 * That a token was right is shown only by the answer to an operation that needs one. Those of access class PRE_AUTH are
 * answered to anybody and prove nothing; many devices, Xiongmai's for one, tell what they are without a login too, so
 * GetDeviceInformation proves something only where the same connection saw a request refused.
 */
#include "proto/places.h"
#include "proto/proto.h"
#include "proto/soap.h"

enum { FIELD_MAX = 256 }; /* more than any field of a login holds: what is cut here is cut there */

struct onvif_state {
	struct login login;
	bool tried;   /* a login waits for its answer */
	bool refused; /* the server refused something on this connection */
	char operation[SOAP_OPERATION_MAX];
};

static bool is_onvif(struct bytes data)
{
	return bytes_hold(data, "www.onvif.org/");
}

static struct bytes read_text(struct bytes doc, const char *name, char *buf, size_t size)
{
	struct bytes inner;

	xml_find(doc, name, &inner);
	return xml_text(inner, buf, size);
}

static void read_scheme(struct login *login, struct bytes token)
{
	struct bytes type;

	/* Without a type it is text (UsernameToken Profile 1.0, 3.1). */
	if (!xml_attribute(token, "Password", "Type", &type) || bytes_hold(type, "#PasswordText"))
		login->scheme = LOGIN_CLEAR;
	else if (bytes_hold(type, "#PasswordDigest"))
		login->scheme = LOGIN_WSSE;
	else
		login->scheme = LOGIN_HASHED;
}

static bool read_token(const struct talk *t, struct login *login)
{
	char buf[FIELD_MAX];
	struct bytes token, name, password;

	*login = (struct login){.scheme = LOGIN_CLEAR};
	if (!xml_find(t->data, "UsernameToken", &token) || !xml_find(token, "Username", &name) ||
	    !xml_find(token, "Password", &password))
		return false;
	read_scheme(login, token);
	LOGIN_PUT(login, user, xml_text(name, buf, sizeof buf));
	LOGIN_PUT(login, secret, xml_text(password, buf, sizeof buf));
	if (login->scheme == LOGIN_WSSE) {
		LOGIN_PUT(login, nonce, read_text(token, "Nonce", buf, sizeof buf));
		LOGIN_PUT(login, uri, read_text(token, "Created", buf, sizeof buf));
	}
	login->tried_key = t->packet->key;
	login->tried_ns = t->packet->time_ns;
	return true;
}

static bool read_request(const struct talk *t, struct onvif_state *s)
{
	struct bytes operation, body;

	if (!is_onvif(t->data) || !soap_open(t->data, &operation, &body) ||
	    operation.len >= sizeof s->operation)
		return false;
	memcpy(s->operation, operation.at, operation.len);
	s->operation[operation.len] = '\0';
	s->tried = read_token(t, &s->login);
	s->login.asked = s->refused;
	return true;
}

static bool needs_login(const struct onvif_state *s)
{
	static const char *const free_for_all[] = {
		"GetWsdlUrl",  "GetServices",	       "GetServiceCapabilities", "GetCapabilities",
		"GetHostname", "GetSystemDateAndTime", "GetEndpointReference"};

	for (size_t i = 0; i < sizeof free_for_all / sizeof free_for_all[0]; i++) {
		if (strcmp(s->operation, free_for_all[i]) == 0)
			return false;
	}
	return s->refused || strcmp(s->operation, "GetDeviceInformation") != 0;
}

static bool is_refusal(struct bytes fault)
{
	return bytes_hold(fault, "NotAuthorized") || bytes_hold(fault, "FailedAuthentication");
}

/* The answer to the request before it, whatever it is: the try is over then. */
static void judge_try(const struct talk *t, struct telling *to, struct onvif_state *s,
		      struct bytes operation, struct bytes body)
{
	bool refusal = bytes_are(operation, "Fault") && is_refusal(body);
	bool answer = soap_answers(operation, s->operation);

	if (s->tried && refusal)
		tell_login(to, t, &s->login, SENDER, LOGIN_REFUSED);
	if (s->tried && answer && needs_login(s))
		tell_login(to, t, &s->login, SENDER, LOGIN_ACCEPTED);
	s->refused |= refusal;
	s->tried = false;
	s->operation[0] = '\0';
}

static void tell_device(const struct talk *t, struct telling *to, struct bytes body)
{
	static const struct {
		const char *name;
		enum signal signal;
	} elements[] = {{"Manufacturer", SIGNAL_onvif_manufacturer},
			{"Model", SIGNAL_onvif_model},
			{"FirmwareVersion", SIGNAL_onvif_firmware},
			{"HardwareId", SIGNAL_onvif_hardware}};
	char buf[TELL_MAX], hidden[TELL_MAX];

	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
		struct bytes text = read_text(body, elements[i].name, buf, sizeof buf);

		/* A version is no id, however long its digits. */
		if (elements[i].signal != SIGNAL_onvif_firmware)
			text = place_hide_ids(text, hidden, sizeof hidden);
		tell(to, t, elements[i].signal, SENDER, text);
	}
}

static bool read_answer(const struct talk *t, struct telling *to, struct onvif_state *s)
{
	struct bytes operation, body;

	if (!soap_open(t->data, &operation, &body)) {
		s->tried = false;
		return false;
	}
	if (t->gap) /* another request may have been lost */
		s->tried = false;
	/* A fault need not name ONVIF; then it is ours only when the request was. */
	if (!is_onvif(t->data) && s->operation[0] == '\0')
		return false;
	judge_try(t, to, s, operation, body);
	if (is_onvif(t->data) && bytes_are(operation, "GetDeviceInformationResponse"))
		tell_device(t, to, body);
	return true;
}

static bool onvif_datagram(const struct talk *t, struct telling *to)
{
	struct onvif_state *s = t->state;

	if (!t->from_client)
		return read_answer(t, to, s);
	s->tried = false;
	s->operation[0] = '\0';
	return read_request(t, s);
}

const struct proto proto_onvif = {.name = "onvif",
				  .summary = "ONVIF: cameras' make, logins by UsernameToken",
				  .carriers = OVER_HTTP,
				  .state_size = sizeof(struct onvif_state),
				  .mine = soap_mine,
				  .datagram = onvif_datagram};
