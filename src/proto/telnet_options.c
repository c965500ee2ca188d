/* SPDX-License-Identifier: MIT */
/*
 * RFC 854, "TELNET command structure", and RFC 855 for subnegotiations: IAC SB option … IAC SE. A subnegotiation that is
 * never closed swallows what follows; a sender that does so hides from the server just as well.
 */
#include "proto/telnet_options.h"

enum { IAC = 255, SB = 250, SE = 240, LOWEST = 236 /* end of file, RFC 1184 */ };

enum { AT_TEXT, AT_IAC, AT_OPTION, AT_SB, AT_SB_IAC };

static enum telnet_byte behind_iac(struct telnet_options *o, uint8_t byte)
{
	o->at = AT_TEXT;
	if (byte == IAC)
		return TELNET_TEXT;
	if (byte >= TELNET_WILL && byte <= TELNET_DONT) {
		o->verb = byte;
		o->at = AT_OPTION;
	} else if (byte == SB) {
		o->at = AT_SB;
	} else if (byte < LOWEST) {
		return TELNET_WRONG;
	}
	return TELNET_NOTHING;
}

enum telnet_byte telnet_options_byte(struct telnet_options *o, uint8_t byte)
{
	switch (o->at) {
	case AT_IAC:
		return behind_iac(o, byte);
	case AT_OPTION:
		o->option = byte;
		o->at = AT_TEXT;
		return TELNET_OPTION;
	case AT_SB:
		if (byte == IAC)
			o->at = AT_SB_IAC;
		return TELNET_NOTHING;
	case AT_SB_IAC:
		o->at = byte == SE ? AT_TEXT : AT_SB;
		return TELNET_NOTHING;
	default:
		if (byte != IAC)
			return TELNET_TEXT;
		o->at = AT_IAC;
		return TELNET_NOTHING;
	}
}
