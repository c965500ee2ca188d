/* SPDX-License-Identifier: MIT */
/*
 * Where frames may be injected, and where the lab's cameras may stand: in a network namespace that a test made, which is one of /run/netns/cd-* (compared by
 * inode), is not that of process 1, and whose links lead nowhere but into other such namespaces, from which again no link
 * leads out. Source: rtnetlink(7); RTM_GETNSID, and IFLA_LINK_NETNSID, which a link has whose other end is in another
 * namespace.
 *
 * A link whose other end can't be told refuses; so does a card, a tunnel or a tap that is up: what it carries leaves the
 * machine, or is read by a program. The check is against mistakes: whoever is root can always send otherwise.
 */
#include "replay.h"

#include "base/exits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPACES = 64, BUFFER = 64 * 1024 };

static const char folder[] = "/run/netns";

int replay_refuse(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}

/* A cd-* namespace. */
struct space {
	char name[64];
	int fd;
	dev_t dev;
	ino_t ino;
	bool reached; /* from where we are, by links */
	bool checked;
};

struct place {
	struct space spaces[SPACES];
	size_t n;
	struct stat host;
	bool host_known;
};

/* How a namespace calls the others, and what is asked of its links. */
struct view {
	struct place *place;
	const struct space *here;
	int socket;
	int32_t ids[SPACES]; /* NETNSA_NSID_NOT_ASSIGNED: it has no name for that one */
};

static void list_spaces(struct place *p)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;

	/* One thread only. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (dir != NULL && (e = readdir(dir)) != NULL && p->n < SPACES) {
		struct space *s = &p->spaces[p->n];
		struct stat st;

		if (strncmp(e->d_name, "cd-", 3) != 0 || strlen(e->d_name) >= sizeof s->name)
			continue;
		*s = (struct space){.fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC)};
		if (s->fd < 0)
			continue; /* gone since it was listed */
		if (fstat(s->fd, &st) != 0 ||
		    (p->host_known && st.st_ino == p->host.st_ino && st.st_dev == p->host.st_dev)) {
			close(s->fd);
			continue;
		}
		strcpy(s->name, e->d_name);
		s->dev = st.st_dev;
		s->ino = st.st_ino;
		p->n++;
	}
	if (dir != NULL)
		closedir(dir);
}

static struct rtattr *find(struct rtattr *at, int left, unsigned short type)
{
	for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if ((at->rta_type & NLA_TYPE_MASK) == type)
			return at;
	}
	return NULL;
}

/* The number by which the namespace of the socket knows the one of that descriptor. */
static int32_t id_of(int s, int space)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg body;
		uint8_t room[RTA_SPACE(4)];
	} ask = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof ask.body),
			  .nlmsg_type = RTM_GETNSID,
			  .nlmsg_flags = NLM_F_REQUEST}};
	char answer[512];
	const struct nlmsghdr *h = (const void *)answer;
	struct rtattr *a = (struct rtattr *)((char *)&ask + NLMSG_ALIGN(ask.head.nlmsg_len));
	int32_t id = NETNSA_NSID_NOT_ASSIGNED;
	ssize_t n;

	a->rta_type = NETNSA_FD;
	a->rta_len = RTA_LENGTH(4);
	memcpy(RTA_DATA(a), &space, 4);
	ask.head.nlmsg_len = NLMSG_ALIGN(ask.head.nlmsg_len) + RTA_SPACE(4);
	if (send(s, &ask, ask.head.nlmsg_len, 0) < 0)
		return id;
	n = recv(s, answer, sizeof answer, 0);
	if (n < 0 || !NLMSG_OK(h, (size_t)n) || h->nlmsg_type != RTM_NEWNSID)
		return id;
	a = find((struct rtattr *)((char *)NLMSG_DATA(h) + NLMSG_ALIGN(sizeof ask.body)),
		 (int)(h->nlmsg_len - NLMSG_SPACE(sizeof ask.body)), NETNSA_NSID);
	if (a != NULL && RTA_PAYLOAD(a) >= sizeof id)
		memcpy(&id, RTA_DATA(a), sizeof id);
	return id;
}

static const char *kind_of(struct rtattr *info)
{
	struct rtattr *kind;

	if (info == NULL)
		return "";
	kind = find(RTA_DATA(info), (int)RTA_PAYLOAD(info), IFLA_INFO_KIND);
	return kind == NULL ? "" : RTA_DATA(kind);
}

/* May a link of that kind be up here? One without a kind is a card. */
static bool stays_inside(const struct ifinfomsg *m, const char *kind)
{
	static const char *const kinds[] = {"veth", "bridge", "ifb"};

	if ((m->ifi_flags & IFF_LOOPBACK) != 0 || (m->ifi_flags & IFF_UP) == 0)
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i], kind) == 0)
			return true;
	}
	return false;
}

static int check_link(struct view *v, struct nlmsghdr *h)
{
	struct ifinfomsg *m = NLMSG_DATA(h);
	int left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *m));
	struct rtattr *name = find(IFLA_RTA(m), left, IFLA_IFNAME);
	struct rtattr *peer = find(IFLA_RTA(m), left, IFLA_LINK_NETNSID);
	const char *text = name == NULL ? "?" : RTA_DATA(name);
	int32_t id;

	if (!stays_inside(m, kind_of(find(IFLA_RTA(m), left, IFLA_LINKINFO))))
		return replay_refuse(EXITS_NO_PERMISSION,
				     "interface %s of namespace %s is up and no veth or bridge: "
				     "frames could leave by it",
				     text, v->here->name);
	if (peer == NULL)
		return EXITS_OK;
	memcpy(&id, RTA_DATA(peer), sizeof id);
	for (size_t i = 0; id >= 0 && i < v->place->n; i++) {
		if (v->ids[i] == id) {
			v->place->spaces[i].reached = true;
			return EXITS_OK;
		}
	}
	return replay_refuse(
		EXITS_NO_PERMISSION,
		"interface %s of namespace %s is linked to a namespace that is none of "
		"%s/cd-*",
		text, v->here->name, folder);
}

static int check_links(struct view *v)
{
	static _Alignas(8) char buffer[BUFFER];
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} ask = {.head = {.nlmsg_len = sizeof ask,
			  .nlmsg_type = RTM_GETLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};

	if (send(v->socket, &ask, sizeof ask, 0) < 0)
		return replay_refuse(EXITS_OS, "links can't be listed: %s", strerror(errno));
	for (;;) {
		ssize_t n = recv(v->socket, buffer, sizeof buffer, 0);
		size_t left = n > 0 ? (size_t)n : 0;

		if (n <= 0)
			return replay_refuse(EXITS_OS, "links can't be listed: %s",
					     strerror(errno));
		for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			int status;

			if (h->nlmsg_type == NLMSG_DONE)
				return EXITS_OK;
			if (h->nlmsg_type != RTM_NEWLINK)
				return replay_refuse(EXITS_OS, "links can't be listed");
			status = check_link(v, h);
			if (status != EXITS_OK)
				return status;
		}
	}
}

/* The links of the namespace that this process is in right now. */
static int check_space(struct place *p, const struct space *here)
{
	struct view v = {.place = p, .here = here};
	int status;

	v.socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (v.socket < 0)
		return replay_refuse(EXITS_OS, "no netlink socket: %s", strerror(errno));
	for (size_t i = 0; i < p->n; i++)
		v.ids[i] = id_of(v.socket, p->spaces[i].fd);
	status = check_links(&v);
	close(v.socket);
	return status;
}

/* The neighbours, their neighbours, and so on; afterwards this process is where it was. */
static int check_reached(struct place *p, const struct space *home)
{
	for (size_t i = 0; i < p->n; i++) {
		struct space *s = &p->spaces[i];
		int status;

		if (!s->reached || s->checked)
			continue;
		s->checked = true;
		if (setns(s->fd, CLONE_NEWNET) != 0)
			return replay_refuse(EXITS_NO_PERMISSION,
					     "namespace %s can't be looked into: %s", s->name,
					     strerror(errno));
		status = check_space(p, s);
		if (setns(home->fd, CLONE_NEWNET) != 0)
			return replay_refuse(EXITS_OS, "no way back into namespace %s", home->name);
		if (status != EXITS_OK)
			return status;
		i = (size_t)-1; /* there may be new ones before it */
	}
	return EXITS_OK;
}

static int check_from(struct place *p)
{
	struct stat mine;
	int status;

	if (stat("/proc/self/ns/net", &mine) != 0)
		return replay_refuse(EXITS_NO_PERMISSION,
				     "/proc/self/ns/net can't be looked at: %s", strerror(errno));
	for (size_t i = 0; i < p->n; i++) {
		struct space *s = &p->spaces[i];

		if (s->dev != mine.st_dev || s->ino != mine.st_ino)
			continue;
		s->reached = s->checked = true;
		status = check_space(p, s);
		return status == EXITS_OK ? check_reached(p, s) : status;
	}
	return replay_refuse(EXITS_NO_PERMISSION,
			     "this network namespace is none of %s/cd-*: this program runs in "
			     "namespaces of tests only (ip netns exec cd-NAME …)",
			     folder);
}

int replay_place_check(void)
{
	static struct place p;
	int status;

	p.host_known = stat("/proc/1/ns/net", &p.host) == 0;
	list_spaces(&p);
	status = check_from(&p);
	for (size_t i = 0; i < p.n; i++)
		close(p.spaces[i].fd);
	return status;
}
