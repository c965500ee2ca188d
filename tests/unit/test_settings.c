/* SPDX-License-Identifier: MIT */
/* settings/settings*.c: values, and which of several sources counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/exits.h"
#include "settings/settings_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 256 };

/* ---- values ---------------------------------------------------------------------------------------------------- */

struct sample {
	enum settings_number number;
	const char *value;
	const char *written; /* as a file would say it; NULL: the value is refused */
};

static const struct sample samples[] = {
	{SETTING_capture_interface, "eth0", "eth0"},
	{SETTING_capture_interface, "br-lan, eth0.5", "br-lan, eth0.5"},
	{SETTING_capture_interface, "", ""},
	{SETTING_capture_interface, "eth0,eth0", NULL},
	{SETTING_capture_interface, "any", NULL},
	{SETTING_capture_interface, "../x", NULL},
	{SETTING_capture_interface, "..", NULL},
	{SETTING_capture_interface, "sixteen-letters-", NULL},
	{SETTING_capture_interface, "a b c d e f g h i j k l m n o p q", NULL},
	{SETTING_capture_filter, "not port 22", "not port 22"},
	{SETTING_capture_filter, "", ""},
	{SETTING_capture_filter, "port\n22", NULL},
	{SETTING_capture_method, "af_packet", "af_packet"},
	{SETTING_capture_method, "af_xdp", "af_xdp"},
	{SETTING_capture_method, "xdp", NULL},
	{SETTING_contain_xdp, "yes", "yes"},
	{SETTING_contain_xdp, "native", NULL},
	{SETTING_capture_method, "", NULL},
	{SETTING_capture_ring, "32M", "32M"},
	{SETTING_capture_ring, "262144", "256K"},
	{SETTING_capture_ring, "300k", "300K"},
	{SETTING_capture_ring, "255K", NULL},
	{SETTING_capture_ring, "2G", NULL},
	{SETTING_capture_promiscuous, "yes", "yes"},
	{SETTING_capture_promiscuous, "off", "no"},
	{SETTING_capture_promiscuous, "maybe", NULL},
	{SETTING_network_local, "192.0.2.1/24", "192.0.2.0/24"},
	{SETTING_network_local, "192.0.2.0/24 2001:db8::/32", "192.0.2.0/24, 2001:db8::/32"},
	{SETTING_network_local, "192.0.2.0/33", NULL},
	{SETTING_network_local, "lan", NULL},
	{SETTING_engine_memory, "64M", "64M"},
	{SETTING_engine_memory, "1024g", "1024G"},
	{SETTING_engine_memory, "1025G", NULL},
	{SETTING_engine_memory, "31M", NULL},
	{SETTING_engine_memory, "-64M", NULL},
	{SETTING_engine_memory, "64MB", NULL},
	{SETTING_engine_memory, "M", NULL},
	{SETTING_engine_memory, "", NULL},
	{SETTING_engine_memory, "18446744073709551616", NULL},
	{SETTING_engine_memory, "18446744073709551615G", NULL},
	/* 64M, were it cut to 64 bits */
	{SETTING_engine_memory, "18014398509547520K", NULL},
	{SETTING_contain_mode, "enforce", "enforce"},
	{SETTING_contain_mode, "on", NULL},
	{SETTING_contain_verdict, "suspect", "suspect"},
	{SETTING_contain_verdict, "exposed", NULL},
	{SETTING_contain_confidence, "sure", "sure"},
	{SETTING_contain_confidence, "none", NULL},
	{SETTING_contain_for, "12h", "12h"},
	{SETTING_contain_for, "59s", NULL},
	{SETTING_contain_quiet, "2d", "2d"},
	{SETTING_contain_quiet, "", NULL},
	{SETTING_contain_released, "90m", "90m"},
	{SETTING_contain_stop, "lift", "lift"},
	{SETTING_contain_stop, "stay", NULL},
	{SETTING_contain_released, "59s", NULL},
	{SETTING_contain_never, "", ""},
	{SETTING_contain_never, "02-00-5E-00-53-01 2001:db8::1, 192.0.2.9",
	 "02:00:5e:00:53:01, 2001:db8::1, 192.0.2.9"},
	{SETTING_contain_never, "02:00:5e:00:53", NULL},
	{SETTING_contain_never, "192.0.2.0/24", NULL},
	{SETTING_gate_portal, "8081", "8081"},
	{SETTING_gate_portal, "65536", NULL},
	{SETTING_contain_except, "", ""},
	{SETTING_contain_except, "02:00:5E:00:53:01  until 2027-01-31  the till, of course",
	 "02:00:5e:00:53:01 until 2027-01-31 the till, of course"},
	{SETTING_contain_except, "02:00:5e:00:53:01 until 2028-02-29 x",
	 "02:00:5e:00:53:01 until 2028-02-29 x"},
	{SETTING_contain_except, "02:00:5e:00:53:01 until 2027-02-29 x", NULL},
	{SETTING_contain_except, "02:00:5e:00:53:01 until 2027-1-31 x", NULL},
	{SETTING_contain_except, "02:00:5e:00:53:01 until 2027-01-31", NULL},
	{SETTING_contain_except, "02:00:5e:00:53:01 the till", NULL},
	{SETTING_contain_except, "192.0.2.1 until 2027-01-31 x", NULL},
	{SETTING_contain_except, "02:00:5e:00:53:01 until 2027-01-31 a\x1b[2J", NULL},
	{SETTING_contain_recorders, "02:00:5E:00:53:20, 192.0.2.9 2001:db8::9",
	 "02:00:5e:00:53:20, 192.0.2.9, 2001:db8::9"},
	{SETTING_contain_recorders, "recorder", NULL},
	{SETTING_contain_recorders, "192.0.2.0/24", NULL},
	{SETTING_gate_mode, "on", "on"},
	{SETTING_gate_mode, "yes", NULL},
	{SETTING_gate_allow, "", ""},
	{SETTING_gate_allow, "Time.Example *.updates.example, 192.0.2.7 192.0.2.9/28 2001:db8::1",
	 "time.example, *.updates.example, 192.0.2.7, 192.0.2.0/28, 2001:db8::1"},
	{SETTING_gate_allow, "*", NULL},
	{SETTING_gate_allow, "*.", NULL},
	{SETTING_gate_allow, "a..example", NULL},
	{SETTING_gate_allow, "a.example.", NULL},
	{SETTING_gate_allow, "a.*.example", NULL},
	{SETTING_gate_allow, "192.0.2.256", NULL},
	{SETTING_gate_allow, "localhost", NULL},
	{SETTING_engine_threads, "0", "0"},
	{SETTING_engine_threads, "64", "64"},
	{SETTING_engine_threads, "65", NULL},
	{SETTING_engine_threads, "2x", NULL},
	{SETTING_engine_max_devices, "5000", "5000"},
	{SETTING_engine_max_devices, "5K", NULL},
	{SETTING_engine_keep, "30d", "30d"},
	{SETTING_engine_keep, "90m", "90m"},
	{SETTING_engine_keep, "86400s", "1d"},
	{SETTING_engine_keep, "59m", NULL},
	{SETTING_engine_keep, "30", NULL},
	{SETTING_engine_keep, "99999999999999999999d", NULL},
	{SETTING_store_directory, "/srv/cordon", "/srv/cordon"},
	{SETTING_store_directory, "cordon", NULL},
	{SETTING_store_directory, "", NULL},
	{SETTING_store_directory, "/a\033[2J", NULL},
	{SETTING_store_size, "1G", "1G"},
	{SETTING_store_size, "1M", NULL},
	{SETTING_store_keep, "1d", "1d"},
	{SETTING_store_keep, "1h", NULL},
	{SETTING_events_file, "/srv/eve.json", "/srv/eve.json"},
	{SETTING_events_file, "none", "none"},
	{SETTING_events_file, "", "none"},
	{SETTING_events_file, "eve.json", NULL},
	{SETTING_events_types, "alert", "alert"},
	{SETTING_events_types, "flow,alert health", "alert, health, flow"},
	{SETTING_events_types, "none", "none"},
	{SETTING_events_types, "alerts", NULL},
	{SETTING_events_stats, "10s", "10s"},
	{SETTING_events_stats, "2d", NULL},
	{SETTING_events_queue, "64K", "64K"},
	{SETTING_events_queue, "1K", NULL},
	{SETTING_events_sensor, "gate-1", "gate-1"},
	{SETTING_events_sensor, "none", "none"},
	{SETTING_events_sensor, "gate 1", NULL},
	{SETTING_control_socket, "/run/x/ctl", "/run/x/ctl"},
	{SETTING_control_socket, "none", "none"},
	{SETTING_control_socket, "ctl", NULL},
	{SETTING_control_socket,
	 "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 NULL},
	{SETTING_metrics_listen, "127.0.0.1:9107", "127.0.0.1:9107"},
	{SETTING_metrics_listen, "127.9.0.1:1", "127.9.0.1:1"},
	{SETTING_metrics_listen, "[::1]:9107", "[::1]:9107"},
	{SETTING_metrics_listen, "unix:/run/x/metrics", "unix:/run/x/metrics"},
	{SETTING_metrics_listen, "none", "none"},
	{SETTING_metrics_listen, "0.0.0.0:9107", NULL},
	{SETTING_metrics_listen, "192.0.2.1:9107", NULL},
	{SETTING_metrics_listen, "[::]:9107", NULL},
	{SETTING_metrics_listen, "::1:9107", NULL},
	{SETTING_metrics_listen, "127.0.0.1", NULL},
	{SETTING_metrics_listen, "127.0.0.1:0", NULL},
	{SETTING_metrics_listen, "127.0.0.1:65536", NULL},
	{SETTING_metrics_listen, ":9107", NULL},
	{SETTING_metrics_listen, "localhost:9107", NULL},
	{SETTING_metrics_listen, "unix:metrics", NULL},
	{SETTING_service_user, "nobody", "nobody"},
	{SETTING_service_user, "", NULL},
	{SETTING_service_user, "no body", NULL},
	{SETTING_service_log_format, "json", "json"},
	{SETTING_service_log_format, "text", "text"},
	{SETTING_service_log_format, "xml", NULL},
	{SETTING_service_data, "/srv/data.d", "/srv/data.d"},
	{SETTING_service_data, "none", "none"},
	{SETTING_service_data, "data.d", NULL},
};

static void test_values(void **state)
{
	bool good[SETTINGS] = {false}, bad[SETTINGS] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *x = &samples[i];
		const struct setting *t = &settings_table[x->number];
		struct text wanted = {0}, written = {0};
		struct settings s = {0};
		int err = settings_value_read(&s, t, x->value, VALUE_FIRST, &wanted);

		if ((err == 0) != (x->written != NULL))
			fail_msg("[%s] %s = '%s': %d, wants %s", t->section, t->key, x->value, err,
				 text_string(&wanted));
		if (err == 0) {
			settings_value_write(&s, t, &written);
			assert_string_equal(text_string(&written), x->written);
			good[x->number] = true;
		} else {
			/* What should stand there is said. */
			assert_int_equal(err, -EINVAL);
			assert_true(wanted.len > 0);
			bad[x->number] = true;
		}
		text_fini(&wanted);
		text_fini(&written);
		settings_fini(&s);
	}
	for (size_t i = 0; i < SETTINGS; i++)
		if (!good[i] || !bad[i])
			fail_msg("no good or no bad value of [%s] %s", settings_table[i].section,
				 settings_table[i].key);
}

static void test_paths_of_options(void **state)
{
	struct text wanted = {0};
	struct settings s = {0};

	(void)state;
	assert_int_equal(settings_value_read(&s, &settings_table[SETTING_store_directory], "store",
					     VALUE_FIRST | VALUE_RELATIVE, &wanted),
			 0);
	assert_string_equal(s.directory, "store");
	assert_int_equal(settings_value_read(&s, &settings_table[SETTING_store_directory], "",
					     VALUE_FIRST | VALUE_RELATIVE, &wanted),
			 -EINVAL);
	text_fini(&wanted);
	settings_fini(&s);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

struct place {
	char folder[PATH_ROOM];
	char file[PATH_ROOM + 16];
};

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[2 * PATH_ROOM];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	char conf_d[PATH_ROOM + 16];

	if (p == NULL)
		return -1;
	(void)snprintf(p->folder, sizeof p->folder, "/tmp/cordon-settings-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	(void)snprintf(p->file, sizeof p->file, "%s/cordon.conf", p->folder);
	(void)snprintf(conf_d, sizeof conf_d, "%s/conf.d", p->folder);
	*state = p;
	return mkdir(conf_d, 0700);
}

static int remove_place(void **state)
{
	static const char *const names[] = {"cordon.conf",     "conf.d/10.conf", "conf.d/20.conf",
					    "conf.d/.30.conf", "conf.d/9.conf",	 "conf.d/a.conf",
					    "conf.d/B.conf",   "conf.d/1.conf",	 "conf.d/40.txt",
					    "conf.d/5.conf",   "conf.d"};
	struct place *p = *state;
	char path[2 * PATH_ROOM];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
		(void)remove(path);
	}
	(void)remove(p->folder);
	free(p);
	return 0;
}

/* settings_check() of that text; the caller frees what was said. */
static int check_text(struct place *p, const char *text, struct text *said)
{
	struct settings s;
	int status;

	write_file(p->folder, "cordon.conf", text);
	status = settings_check(&s, p->file, said);
	settings_fini(&s);
	return status;
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} wrong[] = {
		{"[engine]\nmemroy = 64M\n",
		 ":2: unknown key 'memroy' in [engine]; did you mean memory?"},
		{"[engin]\nmemory = 64M\n", ":1: unknown section [engin]; did you mean [engine]?"},
		{"\xef\xbb\xbf[engin]\n", ":1: unknown section [engin]"},
		{"[zoo]\n", ":1: unknown section [zoo]; there are [capture], [network]"},
		{"[store]\nmemory = 64M\n",
		 ":2: unknown key 'memory' in [store]; it belongs in [engine]"},
		{"[store]\nwhatever = 1\n",
		 ":2: unknown key 'whatever' in [store]; there are directory, size, keep"},
		{"memory = 64M\n", ":1: 'memory' stands before the first section"},
		{"\n# x\n[engine]\n\nmemory = 5\n",
		 ":5: memory wants a size such as 64M or 1G, from 32M to 1024G, not '5'"},
		{"[engine]\nmemory = 64M\nthreads = 2\nmemory = 32M\n",
		 ":4: memory is given twice; line 2 has it already"},
		{"[engine]\nmemory\n", ":2: this is no setting"},
		{"[engine\n", ":1: a section is written [name]; the ] is missing"},
		{"[engine] memory = 64M\n", ":1: a section stands on a line of its own"},
		{"[capture]\nfilter = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		 ":2: the line has more than "},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text said = {0};

		assert_int_equal(check_text(*state, wrong[i].text, &said), EXITS_CONFIG);
		if (strstr(text_string(&said), wrong[i].said) == NULL)
			fail_msg("'%s' says: %s", wrong[i].text, text_string(&said));
		/* One mistake, one line. */
		assert_ptr_equal(strchr(said.at, '\n'), said.at + said.len - 1);
		text_fini(&said);
	}
}

static void test_every_mistake_is_said(void **state)
{
	struct text said = {0};

	assert_int_equal(
		check_text(*state, "[engine]\nmemory=1\n[zoo]\nx=1\ny=2\n[store]\nkeep=1\n", &said),
		EXITS_CONFIG);
	assert_non_null(strstr(text_string(&said), ":2: "));
	assert_non_null(strstr(text_string(&said), ":3: "));
	assert_null(strstr(text_string(&said), ":4: "));
	assert_non_null(strstr(text_string(&said), ":7: "));
	text_fini(&said);
}

static void test_right(void **state)
{
	static const char *const right[] = {
		"",
		"\n\n# nothing\n; at all",
		"\xef\xbb\xbf[engine]\r\nmemory = 64M\r\n",
		"[engine]\n  memory = 64M # much\n\tthreads = 2 ; few\n",
		"[engine] # of it\nmemory: 64M\n",
		"[engine]\nmemory = 64M\n[store]\n[engine]\nthreads = 1\n",
	};

	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		struct text said = {0};

		if (check_text(*state, right[i], &said) != EXITS_OK)
			fail_msg("'%s' says: %s", right[i], text_string(&said));
		assert_int_equal(said.len, 0);
		text_fini(&said);
	}
}

static void test_lists_and_comments(void **state)
{
	struct place *p = *state;
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf",
		   "[capture]\n  interface = eth0 # the wan\n  interface = eth1, eth2\n"
		   "filter = not port 22\nfilter =\nfilter = and not host 192.0.2.7\n");
	assert_int_equal(settings_check(&s, p->file, &said), EXITS_OK);
	assert_int_equal(s.interfaces_n, 3);
	assert_string_equal(s.interfaces[0], "eth0");
	assert_string_equal(s.interfaces[2], "eth2");
	assert_string_equal(s.filter, "not port 22 and not host 192.0.2.7");
	settings_fini(&s);
	text_fini(&said);
}

static void test_folder(void **state)
{
	struct place *p = *state;
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf",
		   "[capture]\ninterface = eth0\n[engine]\nthreads = 1\n");
	write_file(p->folder, "conf.d/20.conf", "[engine]\nthreads = 4\n");
	write_file(p->folder, "conf.d/10.conf",
		   "[engine]\nthreads = 3\n[capture]\ninterface = eth1\n");
	/* "5" stands behind "20" in the order of bytes. */
	write_file(p->folder, "conf.d/5.conf", "[engine]\nmax_devices = 7\n");
	write_file(p->folder, "conf.d/.30.conf", "[engine]\nthreads = 5\n");
	write_file(p->folder, "conf.d/40.txt", "[engine]\nthreads = 6\n");
	assert_int_equal(settings_check(&s, p->file, &said), EXITS_OK);
	assert_int_equal(s.threads, 4);
	assert_int_equal(s.max_devices, 7);
	/* A later file's list takes the place of the earlier one's. */
	assert_int_equal(s.interfaces_n, 1);
	assert_string_equal(s.interfaces[0], "eth1");
	assert_int_equal(s.configs_n, 4);
	assert_non_null(strstr(s.configs[3], "/conf.d/5.conf"));
	settings_fini(&s);
	write_file(p->folder, "conf.d/20.conf", "[engine]\n\nthreads = x\n");
	assert_int_equal(settings_check(&s, p->file, &said), EXITS_CONFIG);
	assert_non_null(strstr(text_string(&said), "/conf.d/20.conf:3: threads wants"));
	settings_fini(&s);
	text_fini(&said);
}

static void test_order_of_files(void **state)
{
	static const char *const names[] = {"conf.d/9.conf", "conf.d/a.conf",  "conf.d/10.conf",
					    "conf.d/B.conf", "conf.d/20.conf", "conf.d/5.conf",
					    "conf.d/1.conf"};
	/* "5" stands behind "20", and capitals before small letters. */
	static const char *const order[] = {"1.conf", "10.conf", "20.conf", "5.conf",
					    "9.conf", "B.conf",	 "a.conf"};
	struct place *p = *state;
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		write_file(p->folder, names[i], "");
	assert_int_equal(settings_check(&s, p->file, &said), EXITS_OK);
	assert_int_equal(s.configs_n, 8);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		assert_string_equal(strrchr(s.configs[i + 1], '/') + 1, order[i]);
	settings_fini(&s);
	text_fini(&said);
}

/* ---- which source counts --------------------------------------------------------------------------------------- */

static int load(struct settings *s, struct text *said, const char *const *words, int n)
{
	char *argv[16];

	for (int i = 0; i < n; i++)
		argv[i] = (char *)(uintptr_t)words[i];
	argv[n] = NULL;
	return settings_load(s, n, argv, said);
}

static void test_order(void **state)
{
	struct place *p = *state;
	const char *words[] = {"watch", "--config", p->file, "--threads=5",
			       "-i",	"eth5",	    "-i",    "eth6"};
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf",
		   "[engine]\nthreads = 1\nmemory = 33M\nmax_devices = 9\n"
		   "[capture]\ninterface = eth1\n");
	assert_int_equal(setenv("CORDON_ENGINE_THREADS", "2", 1), 0);
	assert_int_equal(setenv("CORDON_ENGINE_MEMORY", "34M", 1), 0);
	assert_int_equal(setenv("CORDON_CAPTURE_INTERFACE", "eth2,eth3", 1), 0);
	assert_int_equal(load(&s, &said, words, 8), EXITS_OK);
	assert_int_equal(s.threads, 5);		    /* option */
	assert_int_equal(s.memory_bytes, 34 << 20); /* variable */
	assert_int_equal(s.max_devices, 9);	    /* file */
	assert_int_equal(s.ring_bytes, 32 << 20);   /* default */
	assert_int_equal(s.interfaces_n, 2);
	assert_string_equal(s.interfaces[1], "eth6");
	settings_fini(&s);
	assert_int_equal(load(&s, &said, words, 3), EXITS_OK);
	assert_int_equal(s.threads, 2);
	assert_int_equal(s.interfaces_n, 2);
	assert_string_equal(s.interfaces[0], "eth2");
	settings_fini(&s);
	assert_int_equal(said.len, 0);
	assert_int_equal(setenv("CORDON_ENGINE_MEMORY", "1", 1), 0);
	assert_int_equal(load(&s, &said, words, 3), EXITS_CONFIG);
	assert_string_equal(
		text_string(&said),
		"CORDON_ENGINE_MEMORY wants a size such as 64M or 1G, from 32M to 1024G, not '1'\n");
	settings_fini(&s);
	assert_int_equal(unsetenv("CORDON_ENGINE_MEMORY"), 0);
	assert_int_equal(unsetenv("CORDON_ENGINE_THREADS"), 0);
	assert_int_equal(unsetenv("CORDON_CAPTURE_INTERFACE"), 0);
	text_fini(&said);
}

static void test_variables(void **state)
{
	struct place *p = *state;
	const char *words[] = {"watch", "--config", p->file};
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf", "");
	assert_int_equal(setenv("CORDON_ENGINE_MEMRY", "64M", 1), 0);
	assert_int_equal(setenv("CORDON_DATA_DIR", "", 1), 0);
	assert_int_equal(load(&s, &said, words, 3), EXITS_OK);
	/* A stranger's variable is worth a line, no more. */
	assert_string_equal(text_string(&said),
			    "the variable CORDON_ENGINE_MEMRY is no setting and was passed over; "
			    "did you mean CORDON_ENGINE_MEMORY?\n");
	assert_null(s.data);
	settings_fini(&s);
	text_clear(&said);
	assert_int_equal(unsetenv("CORDON_ENGINE_MEMRY"), 0);
	assert_int_equal(setenv("CORDON_SERVICE_DATA", "/srv/d", 1), 0);
	assert_int_equal(load(&s, &said, words, 3), EXITS_OK);
	assert_string_equal(s.data, "/srv/d");
	settings_fini(&s);
	/* Whichever comes first. */
	assert_int_equal(unsetenv("CORDON_DATA_DIR"), 0);
	assert_int_equal(setenv("CORDON_DATA_DIR", "/srv/e", 1), 0);
	assert_int_equal(load(&s, &said, words, 3), EXITS_OK);
	assert_string_equal(s.data, "/srv/d");
	settings_fini(&s);
	assert_int_equal(unsetenv("CORDON_SERVICE_DATA"), 0);
	assert_int_equal(load(&s, &said, words, 3), EXITS_OK);
	assert_string_equal(s.data, "/srv/e");
	settings_fini(&s);
	assert_int_equal(unsetenv("CORDON_DATA_DIR"), 0);
	text_fini(&said);
}

static void test_command_lines(void **state)
{
	static const struct {
		const char *words[6];
		int n;
		int status;
		const char *said;
	} lines[] = {
		{{"watch", "--config", "/dev/null"}, 3, EXITS_OK, ""},
		{{"watch", "--config", "/dev/null", "-r", "a", "-rb"}, 6, EXITS_OK, ""},
		{{"watch", "--help", "--memory"}, 3, EXITS_OK, ""},
		{{"watch", "--config", "/nowhere/x"},
		 3,
		 EXITS_NO_INPUT,
		 "/nowhere/x: no such file\n"},
		{{"watch", "--config", "/tmp"},
		 3,
		 EXITS_NO_INPUT,
		 "/tmp: is a directory, not a file of settings\n"},
		{{"watch", "--config", ""},
		 3,
		 EXITS_USAGE,
		 "watch: the name of a file of settings is empty\n"},
		{{"watch", "--config"}, 2, EXITS_USAGE, "watch: --config needs FILE after it\n"},
		{{"watch", "eth0"},
		 2,
		 EXITS_USAGE,
		 "watch: 'eth0' stands alone; an interface is named with -i, a capture with -r\n"},
		{{"watch", "--config", "/dev/null", "-ieth0", "-rx"},
		 5,
		 EXITS_USAGE,
		 "watch: -i and -r together; watch interfaces, or read captures, one at a time\n"},
		{{"watch", "-r", ""}, 3, EXITS_USAGE, "watch: the name of a capture is empty\n"},
		{{"watch", "--memroy", "1"},
		 3,
		 EXITS_USAGE,
		 "watch: unknown option --memroy; did you mean --memory?\n"},
		{{"watch", "--config", "/dev/null", "--threads=99"},
		 4,
		 EXITS_USAGE,
		 "watch: --threads wants a number from 0 to 64, not '99'\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct text said = {0};
		struct settings s;

		assert_int_equal(load(&s, &said, lines[i].words, lines[i].n), lines[i].status);
		assert_string_equal(text_string(&said), lines[i].said);
		settings_fini(&s);
		text_fini(&said);
	}
}

/* A file's interfaces give way to captures; two captures may be named. */
static void test_captures(void **state)
{
	struct place *p = *state;
	const char *words[] = {"watch", "--config", p->file, "-r", "a", "-vv", "-q"};
	struct text said = {0};
	struct settings s;

	write_file(p->folder, "cordon.conf", "[capture]\ninterface = eth0\n");
	assert_int_equal(load(&s, &said, words, 7), EXITS_OK);
	assert_int_equal(s.interfaces_n, 0);
	assert_int_equal(s.files_n, 1);
	assert_int_equal(s.verbose, 2);
	assert_true(s.quiet);
	settings_fini(&s);
	text_fini(&said);
}

static void test_same(void **state)
{
	struct place *p = *state;
	const char *words[] = {"watch", "--config", p->file};
	struct text said = {0};
	struct settings a, b;

	write_file(p->folder, "cordon.conf", "[engine]\nmemory = 64M\n");
	assert_int_equal(load(&a, &said, words, 3), EXITS_OK);
	write_file(p->folder, "cordon.conf", "# the same\n[engine]\nmemory = 65536K\n");
	assert_int_equal(load(&b, &said, words, 3), EXITS_OK);
	assert_true(settings_same(&a, &b));
	settings_fini(&b);
	write_file(p->folder, "cordon.conf",
		   "[engine]\nmemory = 64M\n[network]\nlocal = 192.0.2.0/24\n");
	assert_int_equal(load(&b, &said, words, 3), EXITS_OK);
	assert_false(settings_same(&a, &b));
	settings_fini(&a);
	settings_fini(&b);
	text_fini(&said);
}

/* What is printed is what would be read: a sample means the defaults, and so does nothing. */
static void test_sample(void **state)
{
	struct text sample = {0}, all = {0}, again = {0}, said = {0};
	struct place *p = *state;
	struct settings s, t;

	settings_write_sample(&sample);
	write_file(p->folder, "cordon.conf", text_string(&sample));
	assert_int_equal(settings_check(&s, p->file, &said), EXITS_OK);
	/* Every key that has a value, without its comment sign, means the same. */
	for (char *at = sample.at; (at = strstr(at, "\n#")) != NULL; at++)
		if (at[2] != ' ')
			at[1] = ' ';
	write_file(p->folder, "cordon.conf", text_string(&sample));
	assert_int_equal(settings_check(&t, p->file, &said), EXITS_OK);
	assert_true(settings_same(&s, &t));
	settings_write(&s, &all);
	settings_fini(&t);
	write_file(p->folder, "cordon.conf", text_string(&all));
	assert_int_equal(settings_check(&t, p->file, &said), EXITS_OK);
	settings_write(&t, &again);
	assert_string_equal(text_string(&all), text_string(&again));
	assert_int_equal(said.len, 0);
	settings_fini(&s);
	settings_fini(&t);
	text_fini(&sample);
	text_fini(&all);
	text_fini(&again);
	text_fini(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_paths_of_options),
		cmocka_unit_test_setup_teardown(test_mistakes, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_every_mistake_is_said, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(test_right, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_lists_and_comments, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_folder, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_order_of_files, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_order, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_variables, make_place, remove_place),
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test_setup_teardown(test_captures, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_same, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_sample, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
