/* SPDX-License-Identifier: MIT */
/*
 * cordon-packets: opens what it needs - knowledge, sockets from the guard, capture files - and only then reads packets,
 * behind a sandbox that opens nothing any more. Started by cordon-guard, with the command line of `cordon watch`.
 */
#include "guard/message.h"
#include "base/exits.h"
#include "base/owner_data.h"
#include "watch/log.h"
#include "watch/packets.h"
#include "watch/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS_DEFAULT_MOST = 4 };

static unsigned threads_of(const struct settings *s)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->threads > 0)
		return s->threads < ENGINE_THREADS_MAX ? (unsigned)s->threads : ENGINE_THREADS_MAX;
	return n < 1 ? 1 : n > THREADS_DEFAULT_MOST ? THREADS_DEFAULT_MOST : (unsigned)n;
}

static int say_no_engine(int err, const struct settings *s, const struct knowledge_error *bad)
{
	char room[LOG_ERROR_TEXT];

	if (err == -EINVAL && bad->file != NULL) {
		log_line(LEVEL_ERROR, "%s:%u: expected %s", bad->file, bad->line, bad->expect);
		return EXITS_CONFIG;
	}
	if (err == -ENOMEM)
		log_line(LEVEL_ERROR, "%llu MB of memory can't be reserved; set a smaller 'memory'",
			 (unsigned long long)(s->memory_bytes >> 20));
	else
		log_line(LEVEL_ERROR, "could not begin: %s", log_error(-err, room));
	return EXITS_OS;
}

static size_t devices_of(const struct settings *s)
{
	uint64_t n = s->memory_bytes / ENGINE_DEVICE_BYTES;

	if (s->max_devices > 0)
		return s->max_devices < SIZE_MAX ? (size_t)s->max_devices : SIZE_MAX;
	return n < ENGINE_DEVICES_DEFAULT ? (size_t)n : ENGINE_DEVICES_DEFAULT;
}

/* The usual folder need not be there. */
static int read_owner(const char *folder, struct owner_data *owner)
{
	if (folder == NULL ||
	    (access(folder, F_OK) != 0 && errno == ENOENT && strcmp(folder, OWNER_FOLDER) == 0))
		return EXITS_OK;
	return owner_data_add(owner, folder);
}

/* Files and addresses are shut before there are threads, the rest when all threads are there. */
static int run(const struct settings *s, const struct owner_data *owner, struct packets_options *o)
{
	/* All sockets are there: nothing is asked of the guard from here on. */
	const int may_send[] = {PACKETS_FD_SERVICE};
	const struct engine_options options = {.local = s->local,
					       .local_n = s->local_n,
					       .threads = threads_of(s),
					       .memory_bytes = s->memory_bytes,
					       .large_pages = true,
					       .max_devices = o->max_devices,
					       .ledger = (s->events & EVENT_FLOW) != 0 ||
							 s->contain_mode != 0,
					       .lookups = true,
					       .owner = owner->files,
					       .owner_n = owner->n};
	struct knowledge_error bad = {0};
	char why[SANDBOX_WHY] = "";
	int err;

	sandbox_begin(why);
	if (why[0] != '\0')
		log_line(LEVEL_WARNING, "%s", why);
	err = engine_new(&options, &o->engine, &bad);
	if (err != 0)
		return say_no_engine(err, s, &bad);
	err = sandbox_enter(may_send, sizeof may_send / sizeof may_send[0], why);
	if (why[0] != '\0')
		log_line(err == 0 ? LEVEL_WARNING : LEVEL_ERROR, "%s", why);
	if (err != 0)
		return EXITS_OS;
	return packets_run(o);
}

static enum log_level level_of(const struct settings *s)
{
	return s->quiet ? LEVEL_WARNING : s->verbose > 0 ? LEVEL_DEBUG : LEVEL_INFO;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct owner_data owner = {0};
	struct packets_options o = {
		.settings = &settings, .service = PACKETS_FD_SERVICE, .memory = -1};
	int status = settings_read(&settings, argc, argv);

	(void)signal(SIGPIPE, SIG_IGN);
	if (status != EXITS_OK)
		return status;
	log_begin("cordon-packets", settings.log_json, level_of(&settings));
	o.max_devices = devices_of(&settings);
	status = read_owner(settings.data, &owner);
	if (status == EXITS_OK)
		status = sources_open(&settings, PACKETS_FD_GUARD, &o.sources);
	if (status == EXITS_OK) {
		o.memory = memfd_create("cordon-summary", MFD_CLOEXEC);
		status = run(&settings, &owner, &o);
	}
	engine_free(o.engine);
	sources_close(o.sources);
	owner_data_fini(&owner);
	settings_fini(&settings);
	return status;
}
