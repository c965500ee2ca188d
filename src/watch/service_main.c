/* SPDX-License-Identifier: MIT */
/*
 * cordon-service: the process behind `cordon watch` that has the store, events, control socket and metrics. It is started by
 * cordon-guard, with the pair to the packets process as descriptor 3, and with the command line of `cordon watch`.
 */
#include "watch/service.h"

int main(int argc, char **argv)
{
	return service_run(argc, argv);
}
