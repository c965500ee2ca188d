/* SPDX-License-Identifier: MIT */
/*
 * The options of `inspect --at`: a notice of abuse names a moment, a port, and mostly the address that complains. Read
 * strictly, for an answer about the wrong minute accuses the wrong device.
 */
#include "cli/inspect.h"

#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "cli/moment.h"

#include <ctype.h>
#include <string.h>

enum { WITHIN_MOST_S = 86400, PORT_MOST = 65535 };

/* A decimal number, at most `most`; -1 when it is none. */
static int64_t number_to(const char *s, int64_t most)
{
	int64_t n = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		n = n * 10 + (*s - '0');
		if (n > most)
			return -1;
	}
	return n;
}

int question_read_at(struct inspect *in, const struct options *o)
{
	switch (moment_parse(o->value, &in->question.time_ns)) {
	case MOMENT_OK:
		in->asks_at = true;
		return EXITS_OK;
	case MOMENT_NO_ZONE:
		say("inspect: --at '%s' has no time zone; write '%sZ' for UTC, or '%s+02:00' and the like",
		    o->value, o->value, o->value);
		return EXITS_USAGE;
	case MOMENT_WRONG:
		break;
	}
	return options_wrong_value(
		o, "a time such as 2016-10-21T11:04:31Z or '2016-10-21 13:04:31 +02:00'");
}

int question_read_port(struct inspect *in, const struct options *o)
{
	int64_t n = number_to(o->value, PORT_MOST);

	if (n <= 0)
		return options_wrong_value(o, "a port, 1 to 65535");
	in->question.port = (uint16_t)n;
	in->asks_port = true;
	return EXITS_OK;
}

int question_read_address(struct inspect *in, const struct options *o)
{
	if (!addr_parse(o->value, &in->question.address))
		return options_wrong_value(o, "an address such as 198.51.100.9 or 2001:db8::9");
	in->question.has_address = true;
	in->asks_more = "address";
	return EXITS_OK;
}

int question_read_proto(struct inspect *in, const struct options *o)
{
	if (strcmp(o->value, "tcp") == 0)
		in->question.proto = PROTO_TCP;
	else if (strcmp(o->value, "udp") == 0)
		in->question.proto = PROTO_UDP;
	else
		return options_wrong_value(o, "tcp or udp");
	in->asks_more = "proto";
	return EXITS_OK;
}

int question_read_within(struct inspect *in, const struct options *o)
{
	int64_t n = number_to(o->value, WITHIN_MOST_S);

	if (n < 0)
		return options_wrong_value(o, "seconds, at most 86400");
	in->question.within_ns = n * NS_PER_S;
	in->asks_more = "within";
	return EXITS_OK;
}

int question_check(const struct inspect *in)
{
	static const char how[] =
		"try: cordon inspect --at 2016-10-21T11:04:31Z --port 40123 FILE.pcap";

	if (in->asks_at != in->asks_port)
		say("inspect: --at and --port go together; %s", how);
	else if (!in->asks_at && in->asks_more != NULL)
		say("inspect: --%s goes with --at and --port; %s", in->asks_more, how);
	else if (in->asks_at && in->look.format != FORMAT_TEXT && in->look.format != FORMAT_JSON)
		say("inspect: an answer to --at is text or json, not %s",
		    formats[in->look.format].name);
	else
		return EXITS_OK;
	return EXITS_USAGE;
}
