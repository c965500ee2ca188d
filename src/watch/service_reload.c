/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: the events' file is opened anew, and the settings are read anew. Bad ones change nothing; the same ones change
 * nothing; others end all processes in order, and the first one begins again with them. All or nothing: no setting is ever
 * taken over alone.
 */
#include "watch/service.h"

#include "base/timespan.h"
#include "guard/message.h"
#include "settings/checks.h"

#include <stdio.h>
#include <string.h>

static void notify_reloading(const struct service *s)
{
	char line[80];

	(void)snprintf(line, sizeof line, "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)(service_now() / 1000));
	notify_send(&s->notify, line);
}

/* The settings as they are now. 0, and whether they mean the same; else it was said what is wrong. */
static int read_anew(struct service *s, bool *same)
{
	struct settings anew;
	struct text said = {0};
	const char *user;
	int status = settings_load(&anew, s->argc, s->argv, &said);

	*same = status == 0 && settings_same(&s->settings, &anew);
	/* What would end the next start must not end this run. */
	if (status == 0 && !*same)
		status = checks_all(&anew, &user, &said);
	s->lifts = status == 0 && !settings_hold(&anew);
	for (char *line = said.at, *end; status != 0 && line != NULL && *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		log_line(LEVEL_ERROR, "%.*s", (int)(end - line), line);
		end += *end == '\n';
	}
	text_fini(&said);
	settings_fini(&anew);
	return status;
}

void service_reload(struct service *s)
{
	bool same;

	if (s->state == SERVICE_STOPS)
		return;
	if (s->events != NULL)
		events_reopen(s->events);
	notify_reloading(s);
	if (read_anew(s, &same) != 0) {
		log_line(LEVEL_ERROR,
			 "the settings stay as they were; mend them and send SIGHUP again");
		service_health(s, "reload-refused", NULL, 0,
			       "the settings have an error and stay as they were");
		notify_send(&s->notify, "READY=1");
		return;
	}
	if (same) {
		log_line(LEVEL_INFO, "the settings are the same");
		notify_send(&s->notify, "READY=1");
		return;
	}
	log_line(LEVEL_NOTICE, "the settings changed; beginning again with them");
	service_stop(s, GUARD_EXIT_RELOAD);
}
