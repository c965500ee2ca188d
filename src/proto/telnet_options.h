/* SPDX-License-Identifier: MIT */
/*
 * What stands between the text of telnet (RFC 854, 855): commands behind IAC. One byte after the other, so that a
 * command may be cut anywhere. Begins as zeros.
 */
#pragma once

#include <stdint.h>

enum telnet_verb { TELNET_WILL = 251, TELNET_WONT, TELNET_DO, TELNET_DONT };

enum telnet_byte {
	TELNET_NOTHING, /* it belongs to a command */
	TELNET_TEXT,	/* it is text: IAC IAC is one byte 255 */
	TELNET_OPTION,	/* it completed a negotiation: verb and option */
	TELNET_WRONG	/* behind IAC, and no command that there is */
};

struct telnet_options {
	uint8_t at;
	uint8_t verb;
	uint8_t option;
};

enum telnet_byte telnet_options_byte(struct telnet_options *o, uint8_t byte);
