/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a message to cordon-enforce. The first byte says how many MACs and how many addresses of this host follow; the
 * rest is the message. What is taken must be a question by the words of message.h, and of nobody who may not be held; and
 * such a question must be taken. What is taken goes into the copy, and must be found there again.
 *
 * The program is no part of the library, so what is tested is included.
 */
#include "../src/enforce/check.c"
#include "../src/enforce/held.c"
#include "../src/enforce/here.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct here here;
static struct held held;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static size_t take_here(const uint8_t *data, size_t size)
{
	static const struct enforce_place nobody;
	size_t at = 1;

	here_begin(&here, &nobody);
	for (unsigned i = 0; i < (data[0] & 3) && size - at >= 6; i++, at += 6)
		here_add_mac(&here, data + at);
	for (unsigned i = 0; i < (data[0] >> 2 & 3) && size - at >= 16; i++, at += 16) {
		struct addr a;

		memcpy(a.b, data + at, sizeof a.b);
		here_add_addr(&here, &a);
	}
	here_sort(&here);
	return at;
}

static bool all_zero(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] != 0)
			return false;
	return true;
}

static uint32_t word(const uint8_t *at)
{
	uint32_t w;

	memcpy(&w, at, sizeof w);
	return w;
}

static bool good_mac(const uint8_t *mac, bool wanted)
{
	return wanted ? !all_zero(mac, 6) && (mac[0] & 1) == 0 : all_zero(mac, 6);
}

static bool good_addr(const uint8_t *at, bool wanted)
{
	struct addr a;

	memcpy(a.b, at, sizeof a.b);
	return wanted ? !addr_is_zero(&a) && !addr_is_multicast(&a) && !addr_is_loopback(&a) &&
				!addr_is_broadcast(&a)
		      : all_zero(at, 16);
}

/* The same by the words of message.h, by offset. */
static bool is_question(const uint8_t *at, size_t len)
{
	uint32_t type = len == 72 ? word(at + 4) : 0, set = len == 72 ? word(at + 16) : 0;
	bool edits = type == 2 || type == 3;

	if (type < 1 || type > 7 || word(at) != 0x63644531 || !all_zero(at + 30, 2) ||
	    !all_zero(at + 48, 24))
		return false;
	if (edits ? set >= CONTAIN_SETS : set != 0)
		return false;
	if (word(at + 20) != 0 && (type != 2 || word(at + 20) > 400 * 86400 ||
				   !contain_set_has_end((enum contain_set)set)))
		return false;
	return good_mac(at + 24,
			type == 5 || (edits && contain_set_has_mac((enum contain_set)set))) &&
	       good_addr(at + 32,
			 type == 6 || (edits && contain_set_has_addr((enum contain_set)set)));
}

static bool is_ours(const uint8_t *at)
{
	uint32_t type = word(at + 4), set = word(at + 16);
	bool mac = false, addr = false;

	for (size_t i = 0; i < here.macs_n; i++)
		mac = mac || memcmp(here.macs[i].b, at + 24, 6) == 0;
	for (size_t i = 0; i < here.addresses_n; i++)
		addr = addr || memcmp(here.addresses[i].b, at + 32, 16) == 0;
	return (type == 2 && ((mac && contain_set_has_mac((enum contain_set)set)) ||
			      (addr && (set == SET_OWN || set == SET_AWAY)))) ||
	       (type == 6 && addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct enforce_message m[2];
	struct contain_element e;
	size_t at, len;
	int what;

	if (size == 0)
		return 0;
	at = take_here(data, size);
	/* As it comes from the socket: room for two, and its length. */
	memset(m, 0xa5, sizeof m);
	len = size - at < sizeof m ? size - at : sizeof m;
	memcpy(m, data + at, len);
	what = check_message(m, len, &here, &e);
	require((what >= 0) == is_question(data + at, len));
	if (what < 0)
		return 0;
	require((what == EPERM) == is_ours(data + at));
	held_clear(&held);
	if (m->type == ENFORCE_ADD) {
		require(held_put(&held, &e, true) && held_find(&held, &e) == held.list &&
			held.n == 1);
		held_take(&held, &e);
		require(held.n == 0 && held.of_set[e.set] == 0);
	}
	return 0;
}
