/* SPDX-License-Identifier: MIT */
/*
 * cordon-service: the process behind `cordon watch` that has the store, events, control socket and metrics. It is started by
 * cordon-guard, with the pair to the packets process as descriptor 3, and with the command line of `cordon watch`.
 */
#include "watch/service.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
	/* What a household's devices do is for its owner, and for the group that may ask; whatever we were started with. */
	(void)umask(S_IWGRP | S_IRWXO);
	return service_run(argc, argv);
}
