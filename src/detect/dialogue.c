/* SPDX-License-Identifier: MIT */
/*
 * The loader's dialogue (docs/verdicts.md names the reports it was seen in): words that lead from a vendor's menu to a
 * shell - enable, system, shell, sh - and then busybox is asked for a program that does not exist, since its complaint,
 * "TOKEN: applet not found", shows that a shell really runs commands. The token changes with every fork, so its shape
 * counts: 3 to 16 letters, digits and underscores that are no program's name. An administrator who asks for tcpdump on a
 * small busybox gets the same complaint; therefore programs' names are no tokens, and an unknown token alone proves
 * nothing.
 *
 * A stranger chooses every byte of these lines. Tokens are letters, digits and underscores only, so they may be printed.
 */
#include "detect/dialogue.h"

#include "base/scan.h"

static const char complaint[] = ": applet not found";

/*
 * Programs that people ask busybox for: its own (documentation of 1.36, those of three letters and more) and others that
 * an administrator hopes to find.
 */
static const char programs[] =
	" acpid addgroup adduser adjtimex arch arp arping ash awk base64 basename bash blkid "
	"blockdev bootchartd brctl bunzip2 bzcat bzip2 cal cat chattr chgrp chmod chown "
	"chpasswd chpst chroot chrt chvt cksum clear cmp comm cpio crond crontab cttyhack "
	"curl cut date dcron deallocvt delgroup deluser depmod devmem dhcprelay diff dirname "
	"dmesg dnsd dos2unix dpkg dropbear dumpkmap echo egrep eject env envdir ether "
	"ethtool expand expr factor fakeidentd fallocate false fatattr fbset fbsplash "
	"fdflush fdformat fdisk fgconsole fgrep find findfs flash_eraseall flashcp flock "
	"fold free freeramdisk fsck fsfreeze fstrim fsync ftpd ftpget ftpput fuser gdb "
	"gdbserver getopt getty grep groups gunzip gzip halt hdparm head help hexdump "
	"hexedit host hostid hostname htop httpd hush hwclock i2cdetect i2cdump i2cget "
	"i2cset ifconfig ifdown ifenslave ifplugd ifup inetd init insmod install ionice "
	"iostat ipaddr ipcalc ipcrm ipcs iperf iperf3 iplink ipneigh iproute iprule iptables "
	"iptunnel kbd_mode kill killall killall5 klogd last less link linux32 linux64 "
	"linuxrc list loadfont loadkmap logger login logname logread losetup lpd lpq lpr "
	"lsattr lsblk lsmod lsof lspci lsscsi lsusb ltrace lzcat lzma lzop makedevs makemime "
	"man md5sum mdev mesg microcom minicom mkdir mkdosfs mke2fs mkfifo mknod mkpasswd "
	"mkswap mktemp modinfo modprobe more mount mountpoint mpstat mtd nameif nanddump "
	"nandwrite nano netcat netstat nice nmap nmeter nohup nologin nproc nsenter nslookup "
	"ntpd nuke nvram openssl openvt opkg partprobe passwd paste patch perl pgrep pidof "
	"ping ping6 pipe_progress pivot_root pkill pmap popmaildir poweroff powertop "
	"printenv printf pscan pstree pwd pwdx python python3 raidautorun rdate rdev "
	"readahead readelf readlink readprofile realpath reboot reformime renice reset "
	"resize resume rmdir rmmod route rpm rpm2cpio rsync rtcwake run runlevel runsv "
	"runsvdir scp screen script scriptreplay sed seedrng sendmail seq setarch setconsole "
	"setfattr setfont setkeycodes setlogcons setpriv setserial setsid setuidgid sftp "
	"sha1sum sha256sum sha3sum sha512sum showkey shred shuf slattach sleep smemcap socat "
	"softlimit sort split ssh sshd ssl_client stat strace strings stty sulogin sum svc "
	"svlogd svok swapoff swapon switch_root sync sysctl syslogd tac tail tar taskset "
	"tcpdump tcpsvd tee telnet telnetd test tftp tftpd time timeout top touch traceroute "
	"traceroute6 true truncate tty ttysize tunctl ubiattach ubidetach ubimkvol ubirename "
	"ubirmvol ubirsvol ubiupdatevol udhcpc udhcpc6 udhcpd udpsvd uevent umount uname "
	"unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime users usleep "
	"uudecode uuencode vconfig version vim vlock volname wall watch watchdog wget which "
	"who whoami whois xargs xxd xzcat yes zcat zcip ";

static bool is_program(struct bytes name)
{
	char word[TOKEN_MAX + 3] = " ";

	memcpy(word + 1, name.at, name.len);
	word[name.len + 1] = ' ';
	return strstr(programs, word) != NULL;
}

static bool is_token_byte(uint8_t c)
{
	return ascii_is_alnum(c) || c == '_';
}

static bool is_token(struct bytes name)
{
	if (name.len < 3 || name.len > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!is_token_byte(name.at[i]))
			return false;
	}
	return !is_program(name);
}

/* "/bin/busybox TOKEN", anywhere in the line; the token stands alone, so options of real programs are none. */
static struct bytes asked_for(struct bytes line)
{
	static const char before[] = "busybox ";

	for (;;) {
		struct bytes word;
		size_t at = bytes_find(line, before);

		if (at == line.len)
			return (struct bytes){NULL, 0};
		line = bytes_from(line, at + strlen(before));
		word = line;
		for (word.len = 0; word.len < line.len && is_token_byte(line.at[word.len]);)
			word.len++;
		if (is_token(word) &&
		    (word.len == line.len || strchr(";&|\r\n", line.at[word.len]) != NULL))
			return word;
	}
}

/* "TOKEN: applet not found", anywhere in the line: the token. */
static struct bytes complained_of(struct bytes line)
{
	size_t at = bytes_find(line, complaint), from = at;

	if (at == line.len)
		return (struct bytes){NULL, 0};
	while (from > 0 && is_token_byte(line.at[from - 1]))
		from--;
	line = (struct bytes){line.at + from, at - from};
	return is_token(line) ? line : (struct bytes){NULL, 0};
}

static unsigned word_of(struct bytes line)
{
	static const char *const words[] = {"enable", "system", "shell", "sh", "linuxshell"};

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if (bytes_are(bytes_trim(line), words[i]))
			return 1U << i;
	}
	return 0;
}

struct gathering {
	const struct story *story;
	struct dialogue *list;
	size_t n;
};

static struct dialogue *with(struct gathering *g, const struct fact *fact)
{
	for (size_t i = 0; i < g->n; i++) {
		if (addr_equal(&g->list[i].peer, &fact->peer))
			return &g->list[i];
	}
	if (g->n == DIALOGUES)
		return NULL;
	g->list[g->n] = (struct dialogue){.peer = fact->peer, .port = fact->port};
	return &g->list[g->n++];
}

static void take_line(const struct story *story, struct dialogue *d, const struct told *t,
		      struct bytes token, bool answer)
{
	bool better = d->token[0] == '\0' || (answer && !d->answered);

	if (token.len > 0 && better) {
		memcpy(d->token, token.at, token.len);
		d->token[token.len] = '\0';
		d->known = catalogue_trait(story->catalogue, TRAIT_TOKEN, token,
					   (struct bytes){NULL, 0});
	}
	d->answered |= answer;
	d->words |= word_of(t->value);
	if (d->port == 0)
		d->port = t->fact->port;
	if (d->lines_n == DIALOGUE_LINES && !answer)
		return;
	if (d->lines_n == DIALOGUE_LINES) /* an answer stays in any case */
		d->lines_n--;
	d->lines[d->lines_n++] = t->fact;
}

/* Lines with a token, or those with nothing but words. */
static void gather(struct gathering *g, enum signal signal, bool tokens)
{
	size_t n;
	const struct told *told = story_facts(g->story, signal, &n);

	for (size_t i = 0; i < n; i++) {
		struct bytes answered = complained_of(told[i].value);
		struct bytes asked = answered.len > 0 ? answered : asked_for(told[i].value);
		bool wanted =
			tokens ? asked.len > 0 : asked.len == 0 && word_of(told[i].value) != 0;
		struct dialogue *d = wanted ? with(g, told[i].fact) : NULL;

		if (d != NULL)
			take_line(g->story, d, &told[i], asked, answered.len > 0);
	}
}

size_t dialogues_at(const struct story *story, struct dialogue list[DIALOGUES])
{
	struct gathering g = {.story = story, .list = list};

	gather(&g, SIGNAL_telnet_command, true);
	gather(&g, SIGNAL_telnet_output, true);
	gather(&g, SIGNAL_telnet_command, false);
	gather(&g, SIGNAL_telnet_output, false);
	return g.n;
}

size_t dialogues_by(const struct story *story, struct dialogue list[DIALOGUES])
{
	struct gathering g = {.story = story, .list = list};

	gather(&g, SIGNAL_telnet_typed, true);
	gather(&g, SIGNAL_telnet_typed, false);
	return g.n;
}

unsigned dialogue_words(const struct dialogue *d)
{
	return (unsigned)__builtin_popcount(d->words);
}

bool dialogue_is_loaders(const struct dialogue *d, const struct limits *limits)
{
	return d->token[0] != '\0' &&
	       (d->known != NULL || dialogue_words(d) >= (uint64_t)limits->dialogue_words);
}

bool dialogues_hold(const struct dialogue *list, size_t n, const struct addr *peer,
		    const struct limits *limits)
{
	for (size_t i = 0; i < n; i++) {
		if (addr_equal(&list[i].peer, peer))
			return dialogue_is_loaders(&list[i], limits);
	}
	return false;
}

void dialogue_cite(const struct dialogue *d, struct finding *f)
{
	for (uint8_t i = 0; i < d->lines_n; i++)
		finding_add_fact(f, d->lines[i]);
}
