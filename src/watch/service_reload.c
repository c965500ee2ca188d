/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: the events' file is opened anew, and the settings are read anew. Bad ones change nothing; the same ones change
 * nothing; others end all processes in order, and the first one begins again with them. All or nothing: no setting is ever
 * taken over alone.
 */
#include "watch/service.h"

#include "base/timespan.h"
#include "guard/message.h"

#include <stdio.h>

static void notify_reloading(const struct service *s)
{
	char line[80];

	(void)snprintf(line, sizeof line, "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)(service_now() / 1000));
	notify_send(&s->notify, line);
}

void service_reload(struct service *s)
{
	struct settings anew = {0};
	bool same;

	if (s->state == SERVICE_STOPS)
		return;
	if (s->events != NULL)
		events_reopen(s->events);
	notify_reloading(s);
	/* It has said itself what is wrong with them. */
	if (settings_read(&anew, s->argc, s->argv) != 0) {
		settings_fini(&anew);
		log_line(LEVEL_ERROR,
			 "the settings stay as they were; mend them and send SIGHUP again");
		service_health(s, "reload-refused", NULL, 0,
			       "the settings have an error and stay as they were");
		notify_send(&s->notify, "READY=1");
		return;
	}
	same = settings_same(&s->settings, &anew);
	settings_fini(&anew);
	if (same) {
		log_line(LEVEL_INFO, "the settings are the same");
		notify_send(&s->notify, "READY=1");
		return;
	}
	log_line(LEVEL_NOTICE, "the settings changed; beginning again with them");
	service_stop(s, GUARD_EXIT_RELOAD);
}
