/* SPDX-License-Identifier: MIT */
/*
 * The captive portal: pages for whoever is held, and for anybody in the networks that are watched, at this host's addresses
 * there. See portal_page.h for what they say, docs/decisions/0046-captive-portal.md for why so.
 */
#pragma once

struct portal;
struct service;

/* NULL where the settings want none, or nobody is held here. What can't be listened on is said and tried again. */
struct portal *portal_new(struct service *s);
void portal_end(struct portal *p);
/* When the loop has ended. */
void portal_free(struct portal *p);
