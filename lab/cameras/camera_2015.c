/* SPDX-License-Identifier: MIT */
/*
 * The camera a year later: telnet is gone, the factory pair is the same, and its owner may change it. Until then it stands
 * as open as the other. What was changed is forgotten when it is turned off: a scenario begins with a new one.
 */
#include "pages_account.h"

static int open_2015(struct camera *c, const char *state)
{
	(void)state;
	account_set(c, "lab-root", "lab-factory");
	return 0;
}

static const struct camera_kind camera_2015 = {
	.name = "camera-2015",
	.about = "A camera as it was sold in 2015: factory password, which its owner may change",
	.title = "LABCAM camera-2015",
	.http_server = "labcam-httpd/1.2",
	.realm = "labcam camera-2015",
	.rtsp_server = "labcam-rtsp/1.2",
	.version = "V4.03.R11.00000015.10001.131900.00000",
	.built = "2015-11-02 10:00:00",
	.changeable = true,
	.open = open_2015,
	.is_set_up = account_is_set_up,
	.stream_secret = account_stream_secret,
	.pages = pages_digest,
};

int main(int argc, char **argv)
{
	return camera_main(&camera_2015, argc, argv);
}
