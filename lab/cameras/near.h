/* SPDX-License-Identifier: MIT */
/* Who is near: this camera's own addresses, and whether a client is on its link and by which MAC. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* The camera's own MAC and IPv4 address, of the first link that has both. False: it has no lease yet. */
bool near_own(uint8_t mac[6], struct in_addr *address);

/* Is the address in the prefix of one of our links, other than the default? */
bool near_is_on_link(const struct sockaddr_storage *who);

/* What identifies the client: its MAC, padded with zeros, where the kernel knows it, else its address. */
void near_id(const struct sockaddr_storage *who, uint8_t id[16]);

/* For people: 192.0.2.40, 2001:db8::1. */
enum { NEAR_TEXT = 48 };
void near_text(const struct sockaddr_storage *who, char text[NEAR_TEXT]);
