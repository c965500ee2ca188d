/* SPDX-License-Identifier: MIT */
/*
 * The camera that was taken in October 2016: one factory pair for all of its kind, written into the firmware, and telnet open to
 * the same pair. Nothing of it can be changed by its owner.
 */
#include "pages_account.h"

static int open_2014(struct camera *c, const char *state)
{
	(void)state;
	account_set(c, "lab-root", "lab-factory");
	return 0;
}

static const struct camera_kind camera_2014 = {
	.name = "camera-2014",
	.about = "A camera as it was sold in 2014: factory password, which can't be changed, and "
		 "telnet",
	.title = "LABCAM CLASSIC camera-2014",
	.http_server = "labcam-httpd/0.9",
	.realm = "labcam classic camera-2014",
	.rtsp_server = "labcam-rtsp/0.9",
	.version = "V4.02.R11.00000014.10001.131900.00000",
	.built = "2014-11-20 10:00:00",
	.prompt = "camera-2014 login: ",
	.open = open_2014,
	.is_set_up = account_is_set_up,
	.stream_secret = account_stream_secret,
	.pages = pages_basic,
};

int main(int argc, char **argv)
{
	return camera_main(&camera_2014, argc, argv);
}
