/* SPDX-License-Identifier: MIT */
/*
 * The camera that should have been sold: libfirstuse keeps its owner's password, and there is none before. No telnet; a stream key of
 * its own for recorders; firmware that changes only to what its maker signed.
 */
#include "owner.h"
#include "pages_owner.h"

static const struct camera_kind camera_2026 = {
	.name = "camera-2026",
	.about = "A camera with libfirstuse: no password until its owner sets one, throttled "
		 "tries, signed updates",
	.title = "LABCAM camera-2026",
	.http_server = "labcam-httpd/3.0",
	.realm = "labcam camera-2026",
	.rtsp_server = "labcam-rtsp/3.0",
	.version = "V5.00.R02.00000026.10010.349f17.0000000",
	.built = "2026-03-01 10:00:00",
	.changeable = true,
	.needs_state = true,
	.open = owner_open,
	.close = owner_close,
	.is_set_up = owner_is_set_up,
	.stream_secret = owner_stream_secret,
	.pages = pages_owner,
	.upload = pages_owner_upload,
};

int main(int argc, char **argv)
{
	return camera_main(&camera_2026, argc, argv);
}
