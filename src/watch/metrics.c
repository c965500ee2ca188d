/* SPDX-License-Identifier: MIT */
/*
 * What Prometheus reads: one family after another, each with its help and type, in text format 0.0.4. No address, MAC or name
 * from the network is a label, so that the number of series does not grow with what strangers send; names of interfaces and
 * files come from the owner and are escaped.
 */
#include "watch/metrics.h"

#include "base/timespan.h"
#include "watch/service_contain.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void family(struct text *to, const char *name, const char *type, const char *help)
{
	text_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash and quote are written with a backslash, and what is no ASCII as a question mark. */
static void put_label(struct text *to, const char *value)
{
	for (const char *s = value; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			text_printf(to, "\\%c", *s);
		else if (*s < ' ' || *s > '~')
			text_puts(to, "?");
		else
			text_add(to, s, 1);
	}
}

/*
 * Did one before it in the list have the same name, as far as labels show it? Prometheus would refuse all. The name is the
 * first member of each.
 */
static bool is_repeated(const void *list, size_t size, uint32_t at)
{
	struct text name = {0}, other = {0};
	bool repeated = false;

	put_label(&name, (const char *)list + at * size);
	for (uint32_t i = 0; i < at && !repeated; i++) {
		text_clear(&other);
		put_label(&other, (const char *)list + i * size);
		repeated = strcmp(text_string(&name), text_string(&other)) == 0;
	}
	text_fini(&name);
	text_fini(&other);
	return repeated;
}

static void labelled(struct text *to, const char *name, const char *label, const char *value,
		     uint64_t n)
{
	text_printf(to, "%s{%s=\"", name, label);
	put_label(to, value);
	text_printf(to, "\"} %llu\n", (unsigned long long)n);
}

static void plain(struct text *to, const char *name, uint64_t n)
{
	text_printf(to, "%s %llu\n", name, (unsigned long long)n);
}

static void counter(struct text *to, const char *name, const char *help, uint64_t n)
{
	family(to, name, "counter", help);
	plain(to, name, n);
}

static void gauge(struct text *to, const char *name, const char *help, uint64_t n)
{
	family(to, name, "gauge", help);
	plain(to, name, n);
}

/* ---- packets --------------------------------------------------------------------------------------------------- */

static const char interface_families[][2][64] = {
	{"cordon_packets_total", "Packets seen."},
	{"cordon_bytes_total", "Bytes of the packets seen, on the wire."},
	{"cordon_capture_drops_total", "Packets that the kernel dropped for want of room."},
	{"cordon_interface_gone_total", "Times that the interface was down or away."},
};

static uint64_t interface_value(const struct wire_interface *in, size_t family)
{
	const uint64_t values[] = {in->packets, in->bytes, in->dropped, in->gone};

	return values[family];
}

static void put_interfaces(const struct service *s, struct text *to)
{
	const struct wire_counts *c = &s->counts;

	for (size_t f = 0; f < sizeof interface_families / sizeof *interface_families; f++) {
		family(to, interface_families[f][0], "counter", interface_families[f][1]);
		for (uint32_t i = 0; s->counted && i < c->interfaces_n; i++)
			if (!is_repeated(c->interfaces, sizeof *c->interfaces, i))
				labelled(to, interface_families[f][0], "iface",
					 c->interfaces[i].name,
					 interface_value(&c->interfaces[i], f));
	}
}

static void put_unseen(const struct service *s, struct text *to, const char *name,
		       const char *label, bool refused)
{
	static const char prefix[] = "refused_";
	const struct wire_counts *c = &s->counts;

	for (uint32_t i = 0; s->counted && i < c->unseen_n; i++) {
		const char *key = c->unseen[i].name;
		bool is_refused = strncmp(key, prefix, sizeof prefix - 1) == 0;

		if (is_refused == refused && !is_repeated(c->unseen, sizeof *c->unseen, i))
			labelled(to, name, label, key + (refused ? sizeof prefix - 1 : 0),
				 c->unseen[i].value);
	}
}

static void put_tables(const struct service *s, struct text *to)
{
	const struct wire_counts *c = &s->counts;

	family(to, "cordon_table_used_ratio", "gauge", "How full a table of the engine is.");
	for (uint32_t i = 0; s->counted && i < c->tables_n; i++) {
		const struct wire_table *t = &c->tables[i];

		if (t->entries == 0 || is_repeated(c->tables, sizeof *c->tables, i))
			continue;
		text_puts(to, "cordon_table_used_ratio{table=\"");
		put_label(to, t->name);
		text_printf(to, "\"} %.4f\n", (double)t->used / (double)t->entries);
	}
	family(to, "cordon_refused_keys_total", "counter",
	       "Keys that found no room in a table of the engine.");
	put_unseen(s, to, "cordon_refused_keys_total", "table", true);
	family(to, "cordon_unseen_total", "counter", "What could not be looked at, as in reports.");
	put_unseen(s, to, "cordon_unseen_total", "kind", false);
}

/* ---- what was found -------------------------------------------------------------------------------------------- */

static void put_devices(const struct service *s, struct text *to)
{
	family(to, "cordon_devices", "gauge", "Devices of this network by verdict.");
	for (int v = VERDICT_CLEAR; v <= VERDICT_INFECTED; v++)
		labelled(to, "cordon_devices", "verdict", verdict_words[v], s->known.local[v]);
	family(to, "cordon_strangers", "gauge", "Senders from elsewhere by verdict.");
	for (int v = VERDICT_CLEAR; v <= VERDICT_INFECTED; v++)
		labelled(to, "cordon_strangers", "verdict", verdict_words[v],
			 s->known.strangers[v]);
	family(to, "cordon_findings_total", "counter", "Findings by code.");
	for (size_t i = 0; i < s->tally.codes_n; i++)
		labelled(to, "cordon_findings_total", "code", s->tally.codes[i].code,
			 s->tally.codes[i].n);
	if (s->tally.codes_more > 0)
		labelled(to, "cordon_findings_total", "code", "other", s->tally.codes_more);
	gauge(to, "cordon_attacks_open", "Attacks that go on.", s->attacks.n);
}

/* Also where nobody is held: rules and dashboards find what they name. */
static void put_containment(const struct service *s, struct text *to)
{
	static const struct containment none;
	const struct containment *c = s->containment != NULL ? s->containment : &none;

	gauge(to, "cordon_contained_devices", "Devices that are held.", holder_held(&c->holder));
	counter(to, "cordon_blocked_packets_total", "Packets of held devices that were dropped.",
		c->holder.packets);
	counter(to, "cordon_blocked_bytes_total", "Bytes of them.", c->holder.bytes);
	gauge(to, "cordon_enforcer_missing",
	      "1 while cordon-enforce is wanted and does not answer.",
	      s->containment != NULL && !c->enforcer.heard);
	counter(to, "cordon_enforcer_failures_total",
		"Changes of the firewall that did not succeed at first.", c->enforcer.failed);
	counter(to, "cordon_firewall_reloads_total",
		"Times that somebody took cordon's tables out of the firewall.",
		c->enforcer.reloaded);
	counter(to, "cordon_contain_refused_total",
		"Devices for which there was no room among those that may be held.",
		c->holder.refused);
}

static void put_rounds(const struct service *s, struct text *to)
{
	counter(to, "cordon_rounds_total", "Rounds of judging.", s->tally.rounds);
	family(to, "cordon_judge_seconds_total", "counter", "Time that judging took.");
	text_printf(to, "cordon_judge_seconds_total %.6f\n", (double)s->tally.judge_us / 1e6);
	family(to, "cordon_heard_seconds", "gauge",
	       "Time since the process that looks at packets was heard.");
	text_printf(to, "cordon_heard_seconds %.3f\n",
		    (double)(service_now() - s->heard_ns) / (double)NS_PER_S);
	counter(to, "cordon_packets_restarts_total",
		"Times that the process that looks at packets was started again.",
		s->tally.lives > 0 ? s->tally.lives - 1 : 0);
	counter(to, "cordon_messages_refused_total",
		"Messages of the process that looks at packets that could not be read.",
		s->tally.refused);
	counter(to, "cordon_messages_held_back_total",
		"Messages that found no room and were said later.", s->counts.held_back);
}

static void put_store(const struct service *s, struct text *to)
{
	const struct keeper *k = &s->keeper;

	gauge(to, "cordon_store_up", "1 while what is found is kept.",
	      k->store != NULL && !k->failing);
	counter(to, "cordon_store_rounds_total", "Rounds kept on disk.", k->kept);
	counter(to, "cordon_store_failures_total", "Rounds that could not be kept at first.",
		k->failed);
	counter(to, "cordon_store_rows_dropped_total", "Rows of history given up for want of room.",
		k->dropped);
}

static void put_events(struct service *s, struct text *to)
{
	struct events_count c = {0};

	if (s->events != NULL)
		events_count(s->events, &c);
	counter(to, "cordon_events_written_total", "Events written.", c.written);
	family(to, "cordon_events_dropped_total", "counter", "Events that were not written.");
	labelled(to, "cordon_events_dropped_total", "reason", "full", c.dropped_full);
	labelled(to, "cordon_events_dropped_total", "reason", "failed", c.dropped_failed);
	gauge(to, "cordon_events_waiting_bytes", "Events that wait for the disk.", c.waiting_bytes);
}

/* ---- this process ---------------------------------------------------------------------------------------------- */

/* The fields of /proc/self/stat behind the name, which may have blanks in it; from 3 on, as proc(5) counts. */
static bool read_stat(unsigned long long field[53])
{
	char line[1024], *at, *save = NULL;
	FILE *f = fopen("/proc/self/stat", "re");
	size_t n = f != NULL ? fread(line, 1, sizeof line - 1, f) : 0;
	int i = 3;

	if (f != NULL)
		(void)fclose(f);
	line[n] = '\0';
	at = strrchr(line, ')');
	if (at == NULL)
		return false;
	for (char *word = strtok_r(at + 1, " ", &save); word != NULL && i <= 52;
	     word = strtok_r(NULL, " ", &save))
		field[i++] = strtoull(word, NULL, 10);
	return i > 24;
}

static uint64_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (dir == NULL)
		return 0;
	/* The stream is this function's own. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the folder's own */
}

static void put_process(const struct service *s, struct text *to)
{
	unsigned long long field[53] = {0};
	double tick = (double)sysconf(_SC_CLK_TCK);
	struct rlimit most = {0};

	if (read_stat(field)) {
		family(to, "process_cpu_seconds_total", "counter", "Processor time used.");
		text_printf(to, "process_cpu_seconds_total %.2f\n",
			    (double)(field[14] + field[15]) / tick);
		gauge(to, "process_virtual_memory_bytes", "Memory mapped.", field[23]);
		gauge(to, "process_resident_memory_bytes", "Memory resident.",
		      field[24] * (uint64_t)sysconf(_SC_PAGESIZE));
	}
	family(to, "process_start_time_seconds", "gauge", "When it began, since 1970.");
	text_printf(to, "process_start_time_seconds %.3f\n",
		    (double)s->began_wall_ns / (double)NS_PER_S);
	gauge(to, "process_open_fds", "Open descriptors.", open_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		gauge(to, "process_max_fds", "Descriptors that may be open.", most.rlim_cur);
}

void metrics_text(struct service *s, struct text *to)
{
	family(to, "cordon_build_info", "gauge", "Always 1.");
	labelled(to, "cordon_build_info", "version", CORDON_VERSION, 1);
	put_interfaces(s, to);
	put_devices(s, to);
	put_containment(s, to);
	put_rounds(s, to);
	put_tables(s, to);
	put_store(s, to);
	put_events(s, to);
	put_process(s, to);
}
