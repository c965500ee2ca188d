/* SPDX-License-Identifier: MIT */
/*
 * Who sends may be a stranger's by now, so nothing is used before it is what it has to be: compared field by field, and all
 * that a type does not use must be zero. Nothing is parsed, nothing is text.
 *
 * What no service could mean ends the process: another size, a group's MAC, an address that is nobody's. A MAC or an address
 * of this host is refused instead, for it may have become ours a moment ago and the service can't know yet.
 */
#include "enforce/check.h"

#include <errno.h>

/* What a message of a type bears. */
enum { BEARS_SET = 1, BEARS_SECONDS = 2, BEARS_MAC = 4, BEARS_ADDR = 8 };

static int borne(uint32_t type)
{
	switch (type) {
	case ENFORCE_ADD:
		return BEARS_SET | BEARS_SECONDS;
	case ENFORCE_REMOVE:
		return BEARS_SET;
	case ENFORCE_COUNT:
		return BEARS_MAC;
	case ENFORCE_FORGET:
		return BEARS_ADDR;
	case ENFORCE_BEGIN:
	case ENFORCE_END:
	case ENFORCE_REMOVE_ALL:
		return 0;
	default:
		return -1;
	}
}

static bool is_zero(const uint8_t *at, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= at[i];
	return any == 0;
}

static bool is_device(const struct mac *mac)
{
	return !mac_is_zero(mac) && !mac_is_group(mac);
}

static bool is_somebody(const struct addr *a)
{
	return (addr_class(a) & ADDR_NO_SENDER) == 0;
}

static bool is_plain(const struct enforce_message *m, int bears)
{
	return m->magic == ENFORCE_MAGIC && is_zero(m->zero, sizeof m->zero) && m->number == 0 &&
	       m->zero2 == 0 && m->packets == 0 && m->bytes == 0 &&
	       ((bears & BEARS_SET) != 0 ? m->set < CONTAIN_SETS : m->set == 0) &&
	       m->seconds <= ((bears & BEARS_SECONDS) != 0 ? ENFORCE_SECONDS_MOST : 0);
}

int check_message(const struct enforce_message *m, size_t len, const struct here *here,
		  struct contain_element *e)
{
	int bears = len == sizeof *m ? borne(m->type) : -1;
	bool has_mac, has_addr;

	if (bears < 0 || !is_plain(m, bears))
		return -1;
	*e = (struct contain_element){.set = (enum contain_set)m->set};
	memcpy(e->mac.b, m->mac, sizeof m->mac);
	memcpy(e->addr.b, m->addr, sizeof m->addr);
	has_mac = (bears & BEARS_MAC) != 0 ||
		  ((bears & BEARS_SET) != 0 && contain_set_has_mac(e->set));
	has_addr = (bears & BEARS_ADDR) != 0 ||
		   ((bears & BEARS_SET) != 0 && contain_set_has_addr(e->set));
	if (m->seconds != 0 && !contain_set_has_end(e->set))
		return -1;
	if (has_mac ? !is_device(&e->mac) : !is_zero(m->mac, sizeof m->mac))
		return -1;
	if (has_addr ? !is_somebody(&e->addr) : !is_zero(m->addr, sizeof m->addr))
		return -1;
	if (m->type == ENFORCE_ADD && here_refuses(here, e))
		return EPERM;
	return m->type == ENFORCE_FORGET && here_has_addr(here, &e->addr) ? EPERM : 0;
}
