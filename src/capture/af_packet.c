/* SPDX-License-Identifier: MIT */
/*
 * Frames by AF_PACKET with a ring that is shared with the kernel (TPACKET_V3): packet(7),
 * Documentation/networking/packet_mmap.rst. The socket comes unbound with protocol 0, so that nothing is in it before
 * filter, ring and interface are set: else frames that the filter forbids would be the first.
 *
 * The kernel closes a block when it is full or RETIRE_MS old; a closed block is read frame by frame and given back. A ring
 * without room drops and counts, and the count is asked for. Links without a header of their own (tunnels, PPP) give IP
 * from the network header on, whatever stands before it.
 *
 * An interface that goes down stays bound and comes back by itself; one that is taken away and made again has another
 * index, and is looked for by its name. Both need no privilege: binding an own packet socket never does.
 */
#include "capture/ring.h"
#include "capture/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
	/* A block holds the longest frame of a link that joins segments (64 KB), several of them. */
	BLOCK = 256 * 1024,
	BLOCK_SMALL = 128 * 1024,
	BLOCKS_LEAST = 4,
	/* How long a frame waits for others: a device that attacks is to be held within 50 ms. */
	RETIRE_MS = 8,
	/* Another ring may have an older frame until its block is retired too; the kernel's timer is late now and then. */
	RIPE_NS = 3 * RETIRE_MS * 1000000,
	SLOT = 2048 /* asked for, of no consequence in a ring of this version */
};

struct ring {
	struct tap tap;
	const char *name;
	int index;
	bool promiscuous;
	bool filtered;
	bool loopback;
	uint8_t *map;
	size_t block_size;
	size_t blocks;
	size_t now;	       /* the block that is read, or waited for */
	bool open;	       /* … its frames are being handed out */
	bool has;	       /* `frame` is the next one */
	struct ring_walk walk; /* in the block */
	struct ring_frame frame;
	int64_t ripe_ns;
	uint64_t dropped;
};

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

static uint32_t *status_of(const struct ring *r, size_t block)
{
	struct tpacket_block_desc *d = (void *)(r->map + block % r->blocks * r->block_size);

	return &d->hdr.bh1.block_status;
}

static bool is_ours(const struct ring *r, size_t block)
{
	return (__atomic_load_n(status_of(r, block), __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

static bool open_block(struct ring *r)
{
	if (!is_ours(r, r->now))
		return false;
	ring_begin(&r->walk, r->map + r->now * r->block_size, r->block_size);
	r->open = true;
	/* Half of the ring waits: order is worth less than what would be dropped. */
	r->ripe_ns = is_ours(r, r->now + r->blocks / 2) ? 0 : tap_now_ns() + RIPE_NS;
	return true;
}

static void close_block(struct ring *r)
{
	r->dropped += r->walk.left; /* none, unless a number in the block can't be */
	r->open = false;
	__atomic_store_n(status_of(r, r->now), TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	r->now = (r->now + 1) % r->blocks;
}

/* The next frame that is wanted. On the loopback each is there twice, as sent and as received. */
static bool find(struct ring *r)
{
	while (r->open || open_block(r)) {
		while (ring_next(&r->walk, &r->frame)) {
			if (!r->loopback || !r->frame.outgoing)
				return true;
		}
		close_block(r);
	}
	return false;
}

static bool ring_peek(struct tap *t, struct tap_frame *out)
{
	struct ring *r = (struct ring *)t;
	const struct ring_frame *f = &r->frame;
	uint32_t skip;

	if (!r->has)
		r->has = find(r);
	if (!r->has)
		return false;
	skip = t->linktype == LINK_RAW ? f->network : 0;
	*out = (struct tap_frame){.at = f->at + skip,
				  .len = f->len - skip,
				  .wire_len = f->wire_len - skip,
				  .time_ns = f->time_ns,
				  .ripe_ns = r->ripe_ns,
				  .tpid = t->linktype == LINK_ETHERNET ? f->tpid : 0,
				  .tci = f->tci,
				  .unfinished = f->unfinished};
	return true;
}

static void ring_take(struct tap *t)
{
	struct ring *r = (struct ring *)t;

	r->has = false;
	if (r->walk.left == 0)
		close_block(r);
}

static uint64_t ring_dropped(struct tap *t)
{
	struct ring *r = (struct ring *)t;
	struct tpacket_stats_v3 stats;
	socklen_t len = sizeof stats;

	/* The kernel counts from 0 again each time it was asked. */
	if (getsockopt(t->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		r->dropped += stats.tp_drops;
	return r->dropped;
}

/* ---- the interface --------------------------------------------------------------------------------------------- */

/* What frames of that hardware are, or -1. Sources: if_arp.h, and the pcap link types that say the same. */
static int linktype_of(unsigned short hardware)
{
	switch (hardware) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return LINK_ETHERNET;
	case ARPHRD_NONE:
	case ARPHRD_PPP:
	case ARPHRD_SLIP:
	case ARPHRD_CSLIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
	case ARPHRD_RAWIP:
		return LINK_RAW;
	case ARPHRD_IEEE80211:
		return LINK_80211;
	case ARPHRD_IEEE80211_PRISM:
		return LINK_80211_PRISM;
	case ARPHRD_IEEE80211_RADIOTAP:
		return LINK_80211_RADIOTAP;
	default:
		return -1;
	}
}

static int watch_all(const struct ring *r)
{
	struct packet_mreq all = {.mr_ifindex = r->index, .mr_type = PACKET_MR_PROMISC};

	if (!r->promiscuous)
		return 0;
	return setsockopt(r->tap.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0
		       ? 0
		       : -errno;
}

/* From here on frames come; an interface that is down is an error later, when the socket is asked. */
static int bind_to(struct ring *r, int index, const char **why)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	socklen_t len = sizeof at;
	int linktype;

	*why = "the interface can't be bound to";
	if (bind(r->tap.fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
	    getsockname(r->tap.fd, (struct sockaddr *)&at, &len) != 0)
		return -errno;
	linktype = linktype_of(at.sll_hatype);
	*why = "frames of this kind of link can't be read: give an Ethernet, PPP or tunnel interface";
	if (linktype < 0)
		return -EPFNOSUPPORT;
	*why = "filters work on Ethernet links only: leave it away here";
	if (r->filtered && linktype != LINK_ETHERNET)
		return -EPFNOSUPPORT;
	r->index = index;
	r->tap.linktype = (uint16_t)linktype;
	r->loopback = at.sll_hatype == ARPHRD_LOOPBACK;
	*why = "the interface can't be made to show all frames (promiscuous)";
	return watch_all(r);
}

/* It may have gone down and up unseen between two looks: the error that waits in the socket tells of it. */
static void ring_look(struct tap *t)
{
	struct ring *r = (struct ring *)t;
	struct ifreq ifr = {.ifr_ifindex = 0};
	socklen_t len = sizeof(int);
	const char *why;
	int err;

	(void)getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	t->away = true;
	strncpy(ifr.ifr_name, r->name, sizeof ifr.ifr_name - 1);
	if (ioctl(t->fd, SIOCGIFINDEX, &ifr) != 0)
		return;
	if (ifr.ifr_ifindex != r->index && bind_to(r, ifr.ifr_ifindex, &why) != 0)
		return;
	t->away = ioctl(t->fd, SIOCGIFFLAGS, &ifr) != 0 || (ifr.ifr_flags & IFF_UP) == 0;
}

/* ---- begin and end --------------------------------------------------------------------------------------------- */

/* A filter also cuts what is longer than the snap length; without one, one that takes all does. */
static int attach_filter(int fd, const struct live_options *options)
{
	struct sock_filter all = {.code = BPF_RET | BPF_K, .k = options->snaplen};
	struct sock_fprog program = {.len = 1, .filter = &all};

	if (options->filter != NULL) {
		/* Only read. */
		program.filter = (struct sock_filter *)(uintptr_t)options->filter;
		program.len = (unsigned short)options->filter_n;
	} else if (options->snaplen == 0 || options->snaplen >= FRAME_BYTES_MAX) {
		return 0;
	}
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0
											   : -errno;
}

static int make_ring(struct ring *r, uint64_t bytes)
{
	int version = TPACKET_V3;
	struct tpacket_req3 request = {.tp_frame_size = SLOT, .tp_retire_blk_tov = RETIRE_MS};
	void *map;

	r->block_size = bytes >= (uint64_t)BLOCK * 16 ? BLOCK : BLOCK_SMALL;
	r->blocks = bytes / r->block_size > BLOCKS_LEAST ? (size_t)(bytes / r->block_size)
							 : BLOCKS_LEAST;
	request.tp_block_size = (unsigned)r->block_size;
	request.tp_block_nr = (unsigned)r->blocks;
	request.tp_frame_nr = (unsigned)(r->block_size / SLOT * r->blocks);
	if (setsockopt(r->tap.fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
	    setsockopt(r->tap.fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0)
		return -errno;
	map = mmap(NULL, r->block_size * r->blocks, PROT_READ | PROT_WRITE, MAP_SHARED, r->tap.fd,
		   0);
	if (map == MAP_FAILED)
		return -errno;
	r->map = map;
	return 0;
}

static int set_up(struct ring *r, const struct live_options *options, const char **why)
{
	int err;

	*why = "the filter was refused by the kernel: it may be too long";
	err = attach_filter(r->tap.fd, options);
	if (err != 0)
		return err;
	*why = "the ring of the capture could not be had: make it smaller (capture.ring)";
	err = make_ring(r, options->ring_bytes);
	return err != 0 ? err : bind_to(r, (int)options->index, why);
}

static void unmap(struct ring *r)
{
	if (r->map != NULL)
		munmap(r->map, r->block_size * r->blocks);
	free(r);
}

static int ring_open(const struct live_options *options, struct tap **out, const char **why)
{
	struct ring *r = calloc(1, sizeof *r);
	int err;

	*why = "memory is short";
	if (r == NULL)
		return -ENOMEM;
	r->tap.method = &tap_ring;
	r->tap.fd = options->fd;
	r->name = options->name;
	r->promiscuous = options->promiscuous;
	r->filtered = options->filter != NULL;
	err = set_up(r, options, why);
	if (err != 0)
		unmap(r);
	else
		*out = &r->tap;
	return err;
}

static void ring_close(struct tap *t)
{
	unmap((struct ring *)t);
}

const struct tap_method tap_ring = {.open = ring_open,
				    .close = ring_close,
				    .peek = ring_peek,
				    .take = ring_take,
				    .look = ring_look,
				    .dropped = ring_dropped};
