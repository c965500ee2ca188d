/* SPDX-License-Identifier: MIT */
/*
 * `cordon check-config [FILE]`: what `cordon watch` would use, in the form of a file, on standard output; or each mistake in a
 * line on standard error. What may be otherwise when the service starts - an interface, a user - is a remark and no mistake:
 * a reload must not fail because a cable is out.
 */
#include "base/exits.h"
#include "base/say.h"
#include "settings/checks.h"
#include "settings/settings.h"
#include "cli/output.h"
#include "cli/verb.h"

#include <net/if.h>
#include <pwd.h>
#include <string.h>

enum { OPTION_SAMPLE = 1, OPTION_HELP };

/* clang-format off */
static const struct option_spec config_options[] = {
	{OPTION_SAMPLE, 0,   "sample", NULL, "print a file in which every setting stands as a comment, with its default and what it does"},
	{OPTION_HELP,   'h', "help",   NULL, "explain this command"},
	{0},
};
/* clang-format on */

static void remark(const struct settings *s)
{
	struct text method = {0};

	checks_method(s, &method);
	say_lines("check-config: ", text_string(&method));
	text_fini(&method);
	if (s->interfaces_n == 0)
		say("check-config: no interface is named in [capture]; 'cordon watch' then wants -i");
	for (size_t i = 0; i < s->interfaces_n; i++)
		if (if_nametoindex(s->interfaces[i]) == 0)
			say("check-config: there is no interface %s at this time",
			    s->interfaces[i]);
	/* One thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	if (getpwnam(s->user) == NULL)
		say("check-config: there is no user %s; root could not start 'cordon watch' as it",
		    s->user);
}

static int print_settings(const struct settings *s)
{
	struct text t = {0};

	if (s->configs_n == 0)
		text_puts(&t, "# no file was read");
	for (size_t i = 0; i < s->configs_n; i++) {
		text_puts(&t, i == 0 ? "# from " : ", ");
		text_plain(&t, s->configs[i], true);
	}
	text_puts(&t, "\n");
	settings_write(s, &t);
	return output_print(&t);
}

static int check(const char *path)
{
	struct settings s;
	struct text said = {0}, more = {0};
	int status = settings_check(&s, path, &said);

	say_lines("", text_string(&said));
	if (status == EXITS_OK)
		status = checks_filter(&s, &more);
	if (status == EXITS_OK)
		status = checks_xdp(&s, &more);
	say_lines("check-config: ", text_string(&more));
	if (status == EXITS_OK) {
		remark(&s);
		status = print_settings(&s);
	}
	text_fini(&said);
	text_fini(&more);
	settings_fini(&s);
	return status;
}

static int print_sample(void)
{
	struct text t = {0};

	settings_write_sample(&t);
	return output_print(&t);
}

static int check_run(int argc, char **argv)
{
	const char *path = NULL;
	struct options o;
	int id;

	options_init(&o, "check-config", config_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		if (id == OPTIONS_WRONG)
			return EXITS_USAGE;
		if (id == OPTION_HELP)
			return verb_help_on(&verb_check_config);
		if (id == OPTION_SAMPLE)
			return print_sample();
		if (path != NULL) {
			say("check-config: one file at a time; conf.d beside it is read with it");
			return EXITS_USAGE;
		}
		path = o.value;
	}
	return check(path);
}

const struct verb verb_check_config = {
	.name = "check-config",
	.arguments = "[FILE]",
	.summary = "Checks the settings of 'cordon watch' and prints what would be used.",
	.options = config_options,
	.more = "Without a file: /etc/cordon/cordon.conf. The folder conf.d beside the file is read too, and variables such as "
		"CORDON_ENGINE_MEMORY are heeded.\n"
		"Each mistake is printed with its file and line and with what should stand there; the exit status is then 78.",
	.run = check_run,
};
