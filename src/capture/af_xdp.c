/* SPDX-License-Identifier: MIT */
/*
 * Frames by AF_XDP, taken before the stack sees them: Documentation/networking/af_xdp.rst, linux/if_xdp.h. Memory that is
 * shared with the kernel is cut into chunks; a ring hands empty ones to the kernel, another hands full ones back.
 *
 * A socket sees one queue of an interface, so an interface with more is refused: what the others carry would be missing
 * without a word. Frames have no time of arrival; those that are found together get the time of that. Nobody says whose
 * checksum is unfinished, so no checksum is looked at.
 *
 * The socket's program belongs to one interface, not to its name: one that is made anew needs a new socket (`stale`). A
 * packet socket beside it, which hears nothing, says how the interface is and keeps it promiscuous.
 */
#include "capture/tap.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK = 4096,  /* a frame's room, less the 256 bytes that the kernel keeps in front */
	CHUNKS = 1024, /* 4 MB: half of what a process may usually lock */
	MTU_MOST = CHUNK - 256 - 26, /* behind two addresses, an ethertype and three tags */
	RETURNED =
		2, /* entries of the ring for frames that were sent: there are none, but it must be */
	RIPE_NS = 40 * 1000000, /* as of the rings beside it (af_packet.c) */
	TRIES = 50, /* the kernel frees memory and queue of a process that ended a moment later */
	PAUSE_NS = 20 * 1000 * 1000
};

/* One of the rings. Each side owns one of the two counters, which run over. */
struct side {
	void *map;
	size_t size;
	uint32_t *producer;
	uint32_t *consumer;
	void *entries;
};

struct xdp {
	struct tap tap;
	const char *name;
	int index;
	int packet; /* socket that hears nothing; owned */
	int link;   /* the program's; owned */
	uint8_t *chunks;
	struct side full;
	struct side empty;
	uint32_t next; /* of the full ones */
	uint32_t seen; /* there are full ones up to here */
	uint32_t given;
	int64_t time_ns;
	int64_t ripe_ns;
	uint64_t broken; /* descriptors that lead nowhere */
};

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static int64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct xdp_desc desc_at(const struct xdp *x)
{
	return ((const struct xdp_desc *)x->full.entries)[x->next % CHUNKS];
}

static void give_back(struct xdp *x, uint64_t at)
{
	((uint64_t *)x->empty.entries)[x->given++ % CHUNKS] = at - at % CHUNK;
	__atomic_store_n(x->empty.producer, x->given, __ATOMIC_RELEASE);
}

static void go_on(struct xdp *x)
{
	__atomic_store_n(x->full.consumer, ++x->next, __ATOMIC_RELEASE);
}

static bool look_for_more(struct xdp *x)
{
	x->seen = __atomic_load_n(x->full.producer, __ATOMIC_ACQUIRE);
	x->time_ns = wall_ns();
	/* Half of the chunks wait: order is worth less than what would be dropped. */
	x->ripe_ns = x->seen - x->next > CHUNKS / 2 ? 0 : tap_now_ns() + RIPE_NS;
	return x->seen != x->next;
}

static bool xdp_peek(struct tap *t, struct tap_frame *out)
{
	const uint64_t all = (uint64_t)CHUNK * CHUNKS;
	struct xdp *x = (struct xdp *)t;

	while (x->next != x->seen || look_for_more(x)) {
		const struct xdp_desc d = desc_at(x);

		if (d.addr < all && d.len <= CHUNK - d.addr % CHUNK) {
			*out = (struct tap_frame){.at = x->chunks + d.addr,
						  .len = d.len,
						  .wire_len = d.len,
						  .time_ns = x->time_ns,
						  .ripe_ns = x->ripe_ns,
						  .unfinished = true};
			return true;
		}
		x->broken++;
		go_on(x);
	}
	return false;
}

static void xdp_take(struct tap *t)
{
	struct xdp *x = (struct xdp *)t;

	give_back(x, desc_at(x).addr);
	go_on(x);
}

/* Chunks that ran out are among rx_dropped. */
static uint64_t xdp_dropped(struct tap *t)
{
	const struct xdp *x = (const struct xdp *)t;
	struct xdp_statistics s = {0};
	socklen_t len = sizeof s;

	(void)getsockopt(t->fd, SOL_XDP, XDP_STATISTICS, &s, &len);
	return s.rx_dropped + s.rx_ring_full + x->broken;
}

/* ---- the interface --------------------------------------------------------------------------------------------- */

static bool ask(const struct xdp *x, unsigned long what, struct ifreq *r)
{
	memset(r, 0, sizeof *r);
	strncpy(r->ifr_name, x->name, sizeof r->ifr_name - 1);
	return ioctl(x->packet, what, r) == 0;
}

static void xdp_look(struct tap *t)
{
	struct xdp *x = (struct xdp *)t;
	socklen_t len = sizeof(int);
	struct ifreq r;
	int err;

	(void)getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	t->away = true;
	if (!ask(x, SIOCGIFINDEX, &r))
		return;
	t->stale = t->stale || r.ifr_ifindex != x->index;
	if (!t->stale)
		t->away = !ask(x, SIOCGIFFLAGS, &r) || (r.ifr_flags & IFF_UP) == 0;
}

static int check_link(const struct xdp *x, const char **why)
{
	struct ifreq r;

	*why = "it is no Ethernet interface";
	if (!ask(x, SIOCGIFHWADDR, &r) || r.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EPFNOSUPPORT;
	*why = "its frames are too long (mtu)";
	return ask(x, SIOCGIFMTU, &r) && r.ifr_mtu <= MTU_MOST ? 0 : -EMSGSIZE;
}

static int watch_all(const struct xdp *x)
{
	struct packet_mreq all = {.mr_ifindex = x->index, .mr_type = PACKET_MR_PROMISC};

	return setsockopt(x->packet, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0
		       ? 0
		       : -errno;
}

/* ---- begin and end --------------------------------------------------------------------------------------------- */

static bool again(int *tries)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	return ++*tries < TRIES && nanosleep(&pause, NULL) == 0;
}

static int share_memory(struct xdp *x)
{
	struct xdp_umem_reg chunks = {.len = (uint64_t)CHUNK * CHUNKS, .chunk_size = CHUNK};
	void *map = mmap(NULL, (size_t)CHUNK * CHUNKS, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int tries = 0;

	if (map == MAP_FAILED)
		return -errno;
	x->chunks = map;
	chunks.addr = (uintptr_t)map;
	while (setsockopt(x->tap.fd, SOL_XDP, XDP_UMEM_REG, &chunks, sizeof chunks) != 0) {
		if (errno != ENOBUFS || !again(&tries))
			return -errno;
	}
	return 0;
}

static int map_side(int fd, struct side *s, off_t at, const struct xdp_ring_offset *o, size_t entry)
{
	size_t size = o->desc + CHUNKS * entry;
	uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);

	if (map == MAP_FAILED)
		return -errno;
	*s = (struct side){.map = map,
			   .size = size,
			   .producer = (void *)(map + o->producer),
			   .consumer = (void *)(map + o->consumer),
			   .entries = map + o->desc};
	return 0;
}

static int make_rings(struct xdp *x)
{
	static const struct {
		int option, entries;
	} rings[] = {{XDP_RX_RING, CHUNKS},
		     {XDP_UMEM_FILL_RING, CHUNKS},
		     {XDP_UMEM_COMPLETION_RING, RETURNED}};
	struct xdp_mmap_offsets o;
	socklen_t len = sizeof o;
	int fd = x->tap.fd, err;

	for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
		if (setsockopt(fd, SOL_XDP, rings[i].option, &rings[i].entries, sizeof(int)) != 0)
			return -errno;
	}
	/* Kernels before 5.4 have a shorter answer, and no links of programs either. */
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &len) != 0 || len != sizeof o)
		return -EOPNOTSUPP;
	err = map_side(fd, &x->full, XDP_PGOFF_RX_RING, &o.rx, sizeof(struct xdp_desc));
	if (err == 0)
		err = map_side(fd, &x->empty, (off_t)XDP_UMEM_PGOFF_FILL_RING, &o.fr,
			       sizeof(uint64_t));
	for (uint64_t i = 0; err == 0 && i < CHUNKS; i++)
		give_back(x, i * CHUNK);
	return err;
}

/* Copies where the card can't write into our memory by itself: the kernel's choice. */
static int bind_to(const struct xdp *x, uint32_t queue)
{
	const struct sockaddr_xdp at = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = (uint32_t)x->index, .sxdp_queue_id = queue};
	int tries = 0;

	while (bind(x->tap.fd, (const struct sockaddr *)&at, sizeof at) != 0) {
		if (errno != EBUSY || !again(&tries))
			return -errno;
	}
	return 0;
}

/* Gives the socket to the program. Who has the map needs no right for that from Linux 5.19 on. */
static int join(const struct xdp *x, int map)
{
	uint32_t queue = 0, fd = (uint32_t)x->tap.fd;
	union bpf_attr a;

	memset(&a, 0, sizeof a);
	a.map_fd = (uint32_t)map;
	a.key = (uintptr_t)&queue;
	a.value = (uintptr_t)&fd;
	return syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &a, sizeof a) == 0 ? 0 : -errno;
}

static int set_up(struct xdp *x, const struct live_options *options, const struct live_xdp *sockets,
		  const char **why)
{
	int err = check_link(x, why);

	if (err != 0)
		return err;
	*why = "its memory can't be had";
	err = share_memory(x);
	if (err == 0)
		err = make_rings(x);
	if (err != 0)
		return err;
	/* A second queue can be bound to only if there is one. */
	*why = "it has several queues, and a socket sees one ('ethtool -L' makes it one)";
	if (bind_to(x, 1) != -EINVAL)
		return -EOPNOTSUPP;
	*why = "it can't be bound to";
	err = bind_to(x, 0);
	*why = "it can't be made to show all frames (promiscuous)";
	if (err == 0 && options->promiscuous)
		err = watch_all(x);
	*why = "its program takes no socket (Linux 5.19)";
	return err != 0 ? err : join(x, sockets->map);
}

static void unmap(struct xdp *x)
{
	if (x->full.map != NULL)
		(void)munmap(x->full.map, x->full.size);
	if (x->empty.map != NULL)
		(void)munmap(x->empty.map, x->empty.size);
	if (x->chunks != NULL)
		(void)munmap(x->chunks, (size_t)CHUNK * CHUNKS);
	free(x);
}

int tap_xdp_open(const struct live_options *options, const struct live_xdp *sockets,
		 struct tap **out, const char **why)
{
	struct xdp *x = calloc(1, sizeof *x);
	int err;

	*why = "memory is short";
	if (x == NULL)
		return -ENOMEM;
	x->tap = (struct tap){
		.method = &tap_xdp, .fd = sockets->fd, .linktype = LINK_ETHERNET, .silent = true};
	x->name = options->name;
	x->index = (int)options->index;
	x->packet = options->fd;
	x->link = sockets->link;
	err = set_up(x, options, sockets, why);
	if (err != 0)
		unmap(x);
	else
		*out = &x->tap;
	return err;
}

static void xdp_close(struct tap *t)
{
	struct xdp *x = (struct xdp *)t;

	(void)close(x->link);
	(void)close(x->packet);
	unmap(x);
}

const struct tap_method tap_xdp = {.close = xdp_close,
				   .peek = xdp_peek,
				   .take = xdp_take,
				   .look = xdp_look,
				   .dropped = xdp_dropped};
