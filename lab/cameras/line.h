/* SPDX-License-Identifier: MIT */
/*
 * What is spoken on a TCP connection, as three small machines: each is handed the bytes that have come and not been used up,
 * puts its answers into `out` and says how many bytes it used. They know nothing of sockets, so that tests feed them.
 */
#pragma once

#include "camera.h"

enum { LINE_IN_MAX = 4096 };

#define LINE_END                                                                                   \
	SIZE_MAX /* in place of a number of bytes: the connection is over once `out` is sent */

/* RTSP (RFC 2326): one picture, with a Digest login for each request. */
struct rtsp {
	char nonce[33];
	uint16_t udp_port; /* of the client, for RTP; 0: on this connection */
	bool ready;	   /* SETUP was answered */
	bool playing;
	uint16_t number; /* of the next packet */
	uint32_t source;
	uint64_t next_ms;
};

/* DVRIP: JSON behind a header of 20 bytes. */
struct dvrip {
	uint32_t session; /* 0: not logged in */
};

/* Telnet (RFC 854): a login and a prompt that runs nothing. */
struct telnet {
	uint8_t phase;
	uint8_t command; /* of what is being read behind an IAC */
	bool after_return;
	uint8_t tries;
	char name[CAMERA_NAME_MAX];
	char line[CAMERA_SECRET_MAX];
	size_t n;
};

struct line {
	struct camera *camera;
	struct sockaddr_storage peer;
	struct out *out;
	union {
		struct rtsp rtsp;
		struct dvrip dvrip;
		struct telnet telnet;
	} is;
};

void rtsp_begin(struct line *l);
size_t rtsp_take(struct line *l, const uint8_t *in, size_t n);
/* The next packet of the picture, into `packet`, when it is due; its length, or 0. */
enum { RTP_MAX = 1024 };
size_t rtsp_packet(struct line *l, uint64_t now_ms, uint8_t packet[RTP_MAX]);

void dvrip_begin(struct line *l);
size_t dvrip_take(struct line *l, const uint8_t *in, size_t n);

void telnet_begin(struct line *l);
size_t telnet_take(struct line *l, const uint8_t *in, size_t n);

/*
 * Discovery by UDP 34569. The answer to a datagram, for all on the LAN: its length, or 0 when it asks nothing. `mac` and `address`
 * are the camera's own on that LAN.
 */
enum { DISCOVERY_MAX = 1024 };
bool discovery_asks(const uint8_t *in, size_t n);
size_t discovery_answer(const struct camera *c, const uint8_t mac[6], struct in_addr address,
			uint8_t answer_to[DISCOVERY_MAX]);
