# SPDX-License-Identifier: MIT
#
# cordon's one Makefile. There is no configure step: a folder's sources are found by wildcard, what the machine
# has is asked of pkg-config. Each kind of build is a tree of its own under build/, so none spoils another:
#
#   build/obj     what `make` leaves as build/cordon          build/tsan        ThreadSanitizer
#   build/san     Address- and UndefinedBehaviorSanitizer:    build/fuzz        libFuzzer (clang)
#                 unit tests and the replay of fuzz seeds     build/lint-*      gcc and clang, warnings are errors
#   build/cov     gcov: the lines that tests run
#
# A tree is built again when its compiler or flags change. `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
SHELL := /bin/sh

VERSION := 0.1.0
BUILD   := build
PREFIX  ?= /usr/local
DESTDIR ?=
PYTHON  ?= /usr/bin/python3
CLANG   ?= clang
PKG_CONFIG ?= pkg-config
# The IEEE's lists of MAC prefixes: oui.csv and its like.
IEEE_DATA ?= /usr/share/ieee-data
ifeq ($(origin CC),default)
CC := cc
endif

MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/cordon
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
# cordon looks for the programs of `cordon watch` here, seen from its own folder: an installed tree works wherever it lies.
LIBEXECDIR := $(PREFIX)/libexec/cordon
# Where systemd's units go, such as /usr/lib/systemd/system; empty: nothing of a service manager is installed.
UNITDIR      ?=
SYSUSERSDIR  ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR  ?= $(PREFIX)/lib/tmpfiles.d
LOGROTATEDIR ?= /etc/logrotate.d

# ---- what the machine has ------------------------------------------------------------------------------------
# What needs an optional library is a whole file; the one beside it, NAME_*.c, takes its place where the library is
# not there, or not wanted: `make OPTIONAL=` needs a C library and nothing else (docs/small.md). `cordon watch` with its
# programs and verbs is there as a whole or not at all.
watch-needs := libuv inih sqlite3 libmicrohttpd libseccomp
OPTIONAL ?= zlib libzstd jansson libpcap $(watch-needs)
part-zlib    := src/capture/codec_gzip
part-libzstd := src/capture/codec_zstd
part-jansson := src/cli/join_side src/cli/status_answer src/contain/mud_read src/contain/mud_ace src/contain/mud_conditions src/cli/gate_answer
part-libpcap := src/capture/filter
part-watch   := src/cli/verbs_watch
modules  := $(foreach m,$(OPTIONAL),$(if $(shell $(PKG_CONFIG) --exists $(m) 2>/dev/null && echo yes),$(m)))
features := $(modules) $(if $(filter-out $(modules),$(watch-needs)),,watch)
left-out := $(foreach m,zlib libzstd jansson libpcap watch,$(if $(filter $(m),$(features)),$(wildcard $(part-$(m):%=%_*.c)),$(part-$(m):%=%.c)))
# The verbs of `watch`, and what they alone use.
watch-cli := $(wildcard $(patsubst %,src/cli/%.c,watch check_config devices show history report recall status store_verb contain release contained gate control_ask order programs held))
ifeq ($(filter watch,$(features)),)
left-out += $(wildcard src/watch/*.c src/hold/*.c src/settings/*.c src/store/*.c) $(watch-cli)
left-out += $(wildcard $(patsubst %,src/capture/%.c,live ring af_packet af_xdp filter filter_none))
endif

# ---- sources -------------------------------------------------------------------------------------------------
# A program's main file is no part of the library; the guard shares nothing with anybody.
main-cordon  := src/cli/main.c
main-packets := src/watch/packets_main.c
main-service := src/watch/service_main.c
mains     := $(wildcard $(main-cordon) $(main-packets) $(main-service))
guard     := $(wildcard src/guard/*.c)
# A program that changes the firewall, with libraries of its own: libnftables is GPL-2, so nobody else is linked with it.
enforce-needs := libnftables libmnl
# Its XDP program is built by clang and bpftool and loaded by libbpf, where all three are.
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool))
can-bpf := $(if $(and $(BPFTOOL),$(shell command -v $(CLANG) 2>/dev/null),$(shell $(PKG_CONFIG) --exists libbpf 2>/dev/null && echo yes)),yes)
enforce   := $(if $(filter watch,$(features)),$(if $(shell $(PKG_CONFIG) --exists $(enforce-needs) 2>/dev/null && echo yes),$(filter-out src/enforce/xdp$(if $(can-bpf),_none).c,$(wildcard src/enforce/*.c))))
enforce-libs = -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(enforce-needs) libseccomp $(if $(can-bpf),libbpf))
sources   := $(filter-out $(left-out) $(guard) $(wildcard src/enforce/*.c),$(sort $(wildcard src/*.c src/*/*.c)))
parts     := $(filter-out $(mains),$(sources))
watch-programs := $(if $(filter watch,$(features)),$(if $(guard),cordon-guard) $(foreach p,packets service,$(if $(wildcard $(main-$(p))),cordon-$(p))) $(if $(enforce),cordon-enforce))
headers   := $(sort $(wildcard src/*.h src/*/*.h))
knowledge := $(sort $(wildcard knowledge/*.tsv))
embedded  := $(BUILD)/knowledge_data.c
prefixes  := $(BUILD)/prefixes_data.c
schema    := $(if $(filter src/store/%,$(sources)),$(sort $(wildcard src/store/schema/*.sql)))
unit      := $(sort $(wildcard tests/unit/test_*.c))
ifeq ($(filter watch,$(features)),)
unit      := $(filter-out tests/unit/test_store%,$(sort $(shell grep -L '[/"]\(watch\|hold\|settings\|store\|guard\|enforce\)/' $(unit))))
endif
ifeq ($(enforce),)
unit      := $(filter-out tests/unit/test_enforce.c,$(unit))
endif
ifeq ($(filter jansson,$(features)),)
unit      := $(filter-out tests/unit/test_mud%,$(unit))
endif
# Each protocol is a fuzz target of its own, built from the one source fuzz/fuzz_proto.c.
protos    := $(sort $(shell sed -n 's/^PROTO(\([a-z0-9_]*\))$$/\1/p' src/proto/protos.def))
fuzz      := $(filter-out fuzz/fuzz_proto.c,$(sort $(wildcard fuzz/fuzz_*.c)))
ifeq ($(filter watch,$(features)),)
fuzz      := $(sort $(shell grep -L '[/"]\(watch\|hold\|settings\|store\|guard\|enforce\)/' $(fuzz)))
endif
targets   := $(fuzz:fuzz/%.c=%) $(protos:%=fuzz_proto_%)
man       := $(patsubst docs/man/%.scd,$(BUILD)/man/%,$(sort $(wildcard docs/man/*.scd)))

# ---- flags ---------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla \
	-Wimplicit-fallthrough -Wpointer-arith
ifeq ($(WERROR),1)
WARN += -Werror
endif
DIALECT  := -std=c17 -D_GNU_SOURCE -DCORDON_VERSION='"$(VERSION)"' -Isrc -pthread
LIB_CFLAGS := $(if $(modules),$(shell $(PKG_CONFIG) --cflags $(modules)))
# Each program gets those that it uses and no others: cordon itself must start in milliseconds.
LIBS     := -Wl,--as-needed $(if $(modules),$(shell $(PKG_CONFIG) --libs $(modules))) -lm
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
HARDEN_LD := -pie -Wl,-z,relro,-z,now
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# Wire integers come in narrow: in these folders every narrowing is written out.
strict-folders := base proto
strict = $(if $(filter $(strict-folders:%=src/%/),$(dir $(1))),-Wconversion)

# Touches the target only when the text is another than last time.
remember = @mkdir -p $(@D); t='$(subst ','\'',$(1))'; echo "$$t" | cmp -s - $@ || echo "$$t" >$@

# tree NAME, compiler, compile flags, link flags
define tree
$(1)-cc      := $(2)
$(1)-cflags  := $(3)
$(1)-ldflags := $(4)
$(1)-objects := $$(parts:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/knowledge_data.o $(BUILD)/$(1)/prefixes_data.o $$(if $$(schema),$(BUILD)/$(1)/schema_data.o)
$(1)-guard   := $$(guard:%.c=$(BUILD)/$(1)/%.o)
$(1)-enforce := $$(enforce:%.c=$(BUILD)/$(1)/%.o) $$(if $$(enforce),$$(if $$(can-bpf),$(BUILD)/$(1)/xdp_data.o))

$(BUILD)/$(1)/.flags: FORCE
	$$(call remember,$$($(1)-cc) $$($(1)-cflags) $$($(1)-ldflags) $$(WARN) $$(DIALECT) $$(CPPFLAGS) $$(CFLAGS) $$(LDFLAGS) $$(LIBS))

$(BUILD)/$(1)/%.o: %.c $(BUILD)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,cc,$$@)$(2) $$(DIALECT) $$(WARN) $$(call strict,$$<) $(3) $$(LIB_CFLAGS) $$(CPPFLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/%_data.o: $(BUILD)/%_data.c $(BUILD)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,cc,$$@)$(2) $$(DIALECT) $$(WARN) $(3) $$(CPPFLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<

# Made anew each time: an archive remembers members whose source is gone.
$(BUILD)/$(1)/libcordon.a: $$($(1)-objects) $(BUILD)/$(1)/.members
	$$(call say,ar,$$@)rm -f $$@ && ar rcs $$@ $$($(1)-objects)

$(BUILD)/$(1)/.members: FORCE
	$$(call remember,$$($(1)-objects))
endef

# V=1 shows the commands, -s nothing.
quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V),,@$(if $(quiet),,printf '  %-5s %s\n' '$(1)' '$(2)';))
link = $(1) $(2) $(LDFLAGS) -pthread -o $@ $(3) $(LIBS)

# The release sees all files at once: what a packet meets lies in a dozen of them.
$(eval $(call tree,obj,$(CC),-O2 -g -flto=auto -ffat-lto-objects $(HARDEN),-flto=auto $(HARDEN_LD)))
$(eval $(call tree,san,$(CC),-O1 -g $(SAN),$(SAN)))
$(eval $(call tree,tsan,$(CC),-O1 -g -fsanitize=thread,-fsanitize=thread))
$(eval $(call tree,cov,gcc,-O0 -g --coverage -w,--coverage))
$(eval $(call tree,fuzz,$(CLANG),-O1 -g -fsanitize=fuzzer-no-link $(FUZZ_SAN),$(FUZZ_SAN)))
$(eval $(call tree,lint-gcc,gcc,-O2 -g $(HARDEN) -Werror,$(HARDEN_LD)))
$(eval $(call tree,lint-clang,$(CLANG),-O2 -g $(HARDEN) -Werror,$(HARDEN_LD)))

# ---- the program ---------------------------------------------------------------------------------------------
.PHONY: all
all: $(BUILD)/cordon $(watch-programs:%=$(BUILD)/%)

# programs, of a tree, in a folder
define programs
$(2)/cordon: $(BUILD)/$(1)/$(main-cordon:.c=.o) $(BUILD)/$(1)/libcordon.a
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^)
$(2)/cordon-packets: $(BUILD)/$(1)/$(main-packets:.c=.o) $(BUILD)/$(1)/libcordon.a
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^)
$(2)/cordon-service: $(BUILD)/$(1)/$(main-service:.c=.o) $(BUILD)/$(1)/libcordon.a
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^)
$(2)/cordon-guard: $$($(1)-guard)
	$$(call say,ld,$$@)$$($(1)-cc) $$($(1)-ldflags) $$(LDFLAGS) -o $$@ $$^
$(2)/cordon-enforce: $$($(1)-enforce) $(BUILD)/$(1)/libcordon.a
	$$(call say,ld,$$@)$$($(1)-cc) $$($(1)-ldflags) $$(LDFLAGS) -o $$@ $$^ $$(enforce-libs)
endef
$(eval $(call programs,obj,$(BUILD)))
$(foreach t,san cov tsan,$(eval $(call programs,$(t),$(BUILD)/$(t))))

$(embedded): scripts/embed-knowledge $(knowledge) $(BUILD)/.knowledge
	$(call say,embed,$@)scripts/embed-knowledge $(knowledge) >$@

# A file taken away must be noticed too.
$(BUILD)/.knowledge: FORCE
	$(call remember,$(knowledge))

$(BUILD)/schema_data.c: scripts/embed-schema $(schema)
	@mkdir -p $(@D)
	$(call say,embed,$@)scripts/embed-schema $(schema) >$@

$(prefixes): scripts/embed-prefixes $(BUILD)/.prefixes
	$(call say,embed,$@)scripts/embed-prefixes '$(IEEE_DATA)' >$@

$(BUILD)/.prefixes: FORCE
	$(call remember,$(IEEE_DATA) $(shell cksum $(IEEE_DATA)/*.csv $(IEEE_DATA)/.lastupdate 2>/dev/null))

# ---- running it ----------------------------------------------------------------------------------------------
.PHONY: run run-demo demo
run:
	@scripts/install-packages build
	@$(MAKE) --no-print-directory run-demo

run-demo: all $(BUILD)/demo.pcap
	@printf '\n$$ build/cordon inspect build/demo.pcap\n\n'
	@$(BUILD)/cordon inspect $(BUILD)/demo.pcap
	@printf '\n%s\n%s\n' 'That was the demo capture. Inspect your own:  build/cordon inspect FILE.pcap' \
		'How to take one on your router stands in README.md.'

demo: $(BUILD)/demo.pcap
$(BUILD)/demo.pcap: $(wildcard lab/*.py lab/*/*.py)
	@mkdir -p $(@D)
	$(call say,lab,$@)$(PYTHON) lab/make_traces.py --demo $@

# ---- tests ---------------------------------------------------------------------------------------------------
.PHONY: test test-run soak test-programs unit-programs replay-programs
test:
	@scripts/install-packages build test lint
	@scripts/install-packages small || echo 'SKIPPED: machines whose compiler is missing are not tested' >&2
	@scripts/install-packages lab || echo 'SKIPPED: the living lab lacks programs' >&2
	@scripts/install-packages device || echo 'SKIPPED: parts of device/ are not tested' >&2
	@$(MAKE) --no-print-directory test-run

test-run:
	@tests/run

$(BUILD)/tests/overfill: tests/overfill.c bench/frame.c bench/frame.h
	@mkdir -p $(@D)
	$(call say,cc,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -o $@ $(filter %.c,$^)

# Live capture and the engine in one process, as the release and with the sanitizers.
$(BUILD)/tests/live_report: $(BUILD)/obj/tests/live_report.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)
$(BUILD)/san/live_report: $(BUILD)/san/tests/live_report.o $(BUILD)/san/libcordon.a
	$(call say,ld,$@)$(call link,$(san-cc),$(san-ldflags),$^)

# The XDP program, where there is what builds it; a test asks the kernel what it decides.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c src/contain/xdp_maps.h
	@mkdir -p $(@D)
	$(call say,bpf,$@)$(CLANG) -O2 -g -target bpf -Wall -Wextra -Wno-unused-parameter -Isrc -I/usr/include/$(shell $(CC) -dumpmachine) -c -o $@ $<
$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,skel,$@)$(BPFTOOL) gen skeleton $< name $* >$@
$(BUILD)/xdp_data.c: $(BUILD)/bpf/contain.bpf.o
	$(call say,embed,$@){ echo '#include <stddef.h>'; echo '_Alignas(8) const unsigned char xdp_object[] = {'; \
		od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g'; echo '};'; echo 'const size_t xdp_object_len = sizeof xdp_object;'; } >$@
$(BUILD)/san/xdp_contain: tests/xdp_contain.c src/contain/xdp_maps.h $(BUILD)/bpf/contain.skel.h
	@mkdir -p $(@D)
	$(call say,cc,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -Wno-missing-field-initializers -O1 -g $(SAN) -isystem $(BUILD)/bpf -Isrc -o $@ $< -lbpf
test-programs: $(if $(can-bpf),$(BUILD)/san/xdp_contain)

# Plays the packets process to a service.
$(BUILD)/san/wire_player: $(BUILD)/san/tests/wire_player.o $(BUILD)/san/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(san-cc),$(san-ldflags),$^)

# Without sanitizers: what they ask of the kernel is not on the sandbox's list.
$(BUILD)/tests/sandbox_try: $(BUILD)/obj/tests/sandbox_try.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

# Writes rules and deeds for tests/groups/contain.
$(BUILD)/tests/contain_try: $(BUILD)/obj/tests/contain_try.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

# Writes rules and packets for tests/groups/mud.
$(BUILD)/tests/mud_try: $(BUILD)/obj/tests/mud_try.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

$(BUILD)/tests/ages: $(BUILD)/obj/tests/ages.o $(BUILD)/obj/tests/guests.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

$(BUILD)/san/store_%: $(BUILD)/san/tests/store_%.o $(BUILD)/san/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(san-cc),$(san-ldflags),$^)

unit-programs: $(unit:tests/unit/%.c=$(BUILD)/san/unit/%)
replay-programs: $(targets:%=$(BUILD)/san/replay/%)
# As tests/groups/device wants them; it says what is missing.
.PHONY: device-programs
device-programs:
	@for backend in sodium mbedtls; do $(MAKE) --no-print-directory -s -C device BACKEND=$$backend SAN=1 WERROR=1 BUILD=$(abspath $(BUILD))/device/$$backend-san all tools test-programs || :; done
test-programs: device-programs
test-programs: all demo $(BUILD)/san/cordon $(BUILD)/tsan/cordon $(BUILD)/bench/make_input $(BUILD)/bench/make_mixed $(BUILD)/tests/overfill $(BUILD)/tests/ages $(BUILD)/tests/contain_try $(if $(filter jansson,$(features)),$(BUILD)/tests/mud_try) unit-programs replay-programs lab-programs $(if $(watch-programs),$(BUILD)/tests/live_report $(BUILD)/lab/replay $(BUILD)/tests/sandbox_try $(BUILD)/san/cordon-service $(BUILD)/san/wire_player)

# Stores for the tests of the verbs that read them.
$(BUILD)/san/tests/store_fill: $(BUILD)/san/tests/store_fill.o $(BUILD)/san/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(san-cc),$(san-ldflags),$^)
test-programs: $(if $(filter watch,$(features)),$(BUILD)/san/tests/store_fill)

# The archive, not the objects: a test that includes X.c to reach its statics then brings no second X.o.
define test-tree
$(BUILD)/$(1)/unit/%: $(BUILD)/$(1)/tests/unit/%.o $(BUILD)/$(1)/libcordon.a
	@mkdir -p $$(@D)
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^ -lcmocka)

$(BUILD)/$(1)/replay/%: $(BUILD)/$(1)/fuzz/%.o $(BUILD)/$(1)/tests/replay_main.o $(BUILD)/$(1)/libcordon.a
	@mkdir -p $$(@D)
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^)
endef
$(eval $(call test-tree,san))
$(eval $(call test-tree,cov))

define proto-target
$(BUILD)/$(1)/fuzz/fuzz_proto_$(2).o: fuzz/fuzz_proto.c $(BUILD)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,cc,$$@)$$($(1)-cc) $$(DIALECT) $$(WARN) $$($(1)-cflags) -DFUZZ_PROTO=$(2) $$(CPPFLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
endef
$(foreach t,san cov fuzz,$(foreach p,$(protos),$(eval $(call proto-target,$(t),$(p)))))

$(BUILD)/fuzz/bin/%: $(BUILD)/fuzz/fuzz/%.o $(BUILD)/fuzz/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(fuzz-cc),-fsanitize=fuzzer $(fuzz-ldflags),$^)

# Targets of device/ are linked with libfirstuse, which shares nothing with cordon, and with a backend whose signatures
# anybody can make: what lies behind a good one must be reached too.
device-parts := $(filter-out device/src/crypto_%.c,$(sort $(wildcard device/src/*.c))) device/tests/crypto_fake.c device/tests/medium.c
define device-tree
$(BUILD)/$(1)/device/%.o $(BUILD)/$(1)/fuzz/fuzz_device_%.o: DIALECT := -std=c99 -D_GNU_SOURCE -Idevice/include -Idevice/src -Idevice/tests
$(BUILD)/$(1)/device/factory_passwords.o: $(BUILD)/factory_passwords.c $(BUILD)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,cc,$$@)$$($(1)-cc) $$(DIALECT) $$(WARN) $$($(1)-cflags) $$(CPPFLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/libfirstuse.a: $(device-parts:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/device/factory_passwords.o
	$$(call say,ar,$$@)rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/replay/fuzz_device_%: $(BUILD)/$(1)/fuzz/fuzz_device_%.o $(BUILD)/$(1)/tests/replay_main.o $(BUILD)/$(1)/libfirstuse.a
	@mkdir -p $$(@D)
	$$(call say,ld,$$@)$$($(1)-cc) $$($(1)-ldflags) $$(LDFLAGS) -o $$@ $$^
endef
$(foreach t,san cov fuzz,$(eval $(call device-tree,$(t))))
$(BUILD)/fuzz/bin/fuzz_device_%: $(BUILD)/fuzz/fuzz/fuzz_device_%.o $(BUILD)/fuzz/libfirstuse.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(fuzz-cc) -fsanitize=fuzzer $(fuzz-ldflags) $(LDFLAGS) -o $@ $^
$(BUILD)/factory_passwords.c: scripts/embed-passwords knowledge/credentials.tsv
	@mkdir -p $(@D)
	$(call say,embed,$@)scripts/embed-passwords knowledge/credentials.tsv >$@

.PHONY: fuzz fuzz-programs fuzz-run
FUZZ_SECONDS ?= 60
fuzz:
	@scripts/install-packages build fuzz
	@$(MAKE) --no-print-directory fuzz-run
fuzz-programs: $(targets:%=$(BUILD)/fuzz/bin/%)
fuzz-run: fuzz-programs
	@scripts/fuzz $(FUZZ_SECONDS) $(targets:%=$(BUILD)/fuzz/bin/%)

# How many devices of labelled captures are named right, with and without MAC prefixes, from all traffic and from
# broadcasts alone. tests/score/expect says how many must be.
.PHONY: score
score:
	@scripts/install-packages build test
	@$(MAKE) --no-print-directory all $(BUILD)/score/packets
	@$(PYTHON) -B tests/score/score.py $(BUILD)
	@$(PYTHON) -B tests/lifecycle/run.py $(BUILD)
	@$(PYTHON) -B tests/score/verdicts.py $(BUILD)
$(BUILD)/score/packets: $(BUILD)/obj/tests/score/packets.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

# Which lines of the parsers run under test. Programs of tests that are gone must go too: they would count.
COVER_FOLDER ?= src/proto
COVER_LEAST  ?= 90
cov-programs := $(BUILD)/cov/cordon $(unit:tests/unit/%.c=$(BUILD)/cov/unit/%) $(targets:%=$(BUILD)/cov/replay/%)
.PHONY: coverage coverage-run
coverage:
	@scripts/install-packages build test
	@$(MAKE) --no-print-directory coverage-run
coverage-run: $(cov-programs)
	@rm -f $(filter-out $^,$(wildcard $(BUILD)/cov/unit/* $(BUILD)/cov/replay/*))
	@scripts/coverage $(BUILD)/cov $(COVER_FOLDER) $(COVER_LEAST)

# What is too long for `make test`: minutes of fuzzing for each target (fuzz/soak, or SOAK_SECONDS for all), every
# capture cut many times, every scene on every small machine.
SOAK_SECONDS ?= fuzz/soak
soak:
	@scripts/install-packages build test lint fuzz
	@scripts/install-packages small || echo 'SKIPPED: machines whose compiler is missing are not tested' >&2
	@$(MAKE) --no-print-directory test-programs fuzz-programs
	@CORDON_SCENES='*' tests/groups/small $(BUILD)
	@CORDON_CUTS=50 $(PYTHON) tests/real/run.py $(BUILD)
	@scripts/install-packages lab || echo 'SKIPPED: the living lab lacks programs' >&2
	@$(MAKE) --no-print-directory lab-programs
	@$(PYTHON) -B lab/live/run --build $(BUILD) 95
	@CORDON_KILLS=200 tests/groups/kill $(BUILD)
	@tests/soak/load $(BUILD)
	@$(PYTHON) -B tests/soak/day $(BUILD)
	@CORDON_SOAK=1 tests/groups/ageing $(BUILD)
	@CORDON_SOAK=1 tests/groups/device $(BUILD)
	@CORDON_SOAK=1 tests/groups/holding $(BUILD)
	@$(MAKE) --no-print-directory fuzz-run FUZZ_SECONDS=$(SOAK_SECONDS)

# ---- lint ----------------------------------------------------------------------------------------------------
.PHONY: lint lint-run lint-builds format
lint:
	@scripts/install-packages build lint
	@$(MAKE) --no-print-directory lint-run
lint-run:
	@scripts/lint $(BUILD)
lint-builds: $(foreach t,lint-gcc lint-clang,$($(t)-objects) $($(t)-guard) $($(t)-enforce) $(mains:%.c=$(BUILD)/$(t)/%.o))

c-files = $(wildcard src/*.[ch] src/*/*.[ch] tests/*.c tests/unit/*.[ch] fuzz/*.[ch] bench/*.[ch] lab/*.[ch] lab/*/*.[ch])
format:
	clang-format -i $(c-files)

# ---- bench ---------------------------------------------------------------------------------------------------
.PHONY: bench bench-run
bench:
	@scripts/install-packages build bench
	@scripts/install-packages rivals || echo 'SKIPPED: what is missing of these is not compared with' >&2
	@$(MAKE) --no-print-directory bench-run
bench-run: all $(BUILD)/bench/pcap_loop $(BUILD)/bench/make_input $(BUILD)/bench/make_mixed $(BUILD)/bench/engine
	@$(PYTHON) bench/run $(BUILD)

$(BUILD)/bench/pcap_loop: bench/pcap_loop.c
	@mkdir -p $(@D)
	$(call say,cc,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -o $@ $< $$($(PKG_CONFIG) --cflags --libs libpcap)
$(BUILD)/bench/make_input: bench/make_input.c bench/frame.c bench/frame.h
	@mkdir -p $(@D)
	$(call say,cc,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -o $@ $(filter %.c,$^)
# These two have cordon's own parts in them, built as the release is.
$(BUILD)/bench/make_mixed $(BUILD)/bench/engine: $(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

# ---- the lab's injector --------------------------------------------------------------------------------------
$(BUILD)/lab/replay: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lab/*.c)) $(BUILD)/obj/libcordon.a
	@mkdir -p $(@D)
	$(call say,ld,$@)$(call link,$(obj-cc),$(obj-ldflags),$^)

# ---- the lab's cameras ---------------------------------------------------------------------------------------
# Neither installed nor packaged. That of 2026 is made with libfirstuse, the others without.
camera-owner := lab/cameras/owner.c lab/cameras/pages_owner.c
camera-parts := $(filter-out $(camera-owner) $(wildcard lab/cameras/camera_*.c),$(wildcard lab/cameras/*.c)) lab/replay_place.c
define camera
$(2)/camera-$(3): $(BUILD)/$(1)/lab/cameras/camera_$(3).o $(patsubst %.c,$(BUILD)/$(1)/%.o,$(camera-parts) $(if $(filter 2026,$(3)),$(camera-owner))) $(BUILD)/$(1)/libcordon.a $(if $(filter 2026,$(3)),$(4)/libfirstuse.a $(4)/libfirstuse_linux.a)
	@mkdir -p $$(@D)
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^) $(if $(filter 2026,$(3)),-lsodium)
endef
cameras := $(if $(filter watch,$(features)),2014 2015 $(if $(shell $(PKG_CONFIG) --exists libsodium 2>/dev/null && echo yes),2026))
$(foreach y,2014 2015 2026,$(eval $(call camera,obj,$(BUILD)/lab,$(y),$(BUILD)/lab/firstuse))$(eval $(call camera,san,$(BUILD)/san/lab,$(y),$(BUILD)/san/lab/firstuse)))
$(BUILD)/obj/lab/cameras/%.o $(BUILD)/san/lab/cameras/%.o: private CPPFLAGS += -Idevice/include -Idevice/ports
$(BUILD)/lab/firstuse/libfirstuse.a $(BUILD)/lab/firstuse/libfirstuse_linux.a &: FORCE
	@$(MAKE) --no-print-directory -C device BUILD=$(abspath $(BUILD))/lab/firstuse
$(BUILD)/san/lab/firstuse/libfirstuse.a $(BUILD)/san/lab/firstuse/libfirstuse_linux.a &: FORCE
	@$(MAKE) --no-print-directory -C device BUILD=$(abspath $(BUILD))/san/lab/firstuse SAN=1
# In tests they run with the sanitizers.
test-programs: $(cameras:%=$(BUILD)/san/lab/camera-%)

# What they do with received bytes, without sockets.
camera-machines := $(patsubst %,lab/cameras/%.c,account digest dvrip form out rtsp telnet)
define camera-test
$(BUILD)/$(1)/unit/test_lab_cameras: $(BUILD)/$(1)/tests/unit/test_lab_cameras.o $(camera-machines:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcordon.a
	@mkdir -p $$(@D)
	$$(call say,ld,$$@)$$(call link,$$($(1)-cc),$$($(1)-ldflags),$$^ -lcmocka)
endef
$(foreach t,san cov,$(eval $(call camera-test,$(t))))

# ---- the living lab ------------------------------------------------------------------------------------------
# Beside the system's own busybox, which has no telnetd and may not be replaced.
$(BUILD)/lab/busybox/bin/busybox:
	$(call say,get,$@)scripts/unpack-package busybox-static $(BUILD)/lab/busybox

# What happened in October 2016, in namespaces of this machine, and what cordon says of it when.
.PHONY: lab lab-programs lab-run
lab:
	@scripts/install-packages build lab
	@$(MAKE) --no-print-directory lab-run
lab-programs: all $(BUILD)/lab/replay $(cameras:%=$(BUILD)/lab/camera-%)
	@$(MAKE) --no-print-directory $(BUILD)/lab/busybox/bin/busybox || echo 'SKIPPED: no busybox-static, so no cameras' >&2
lab-run: lab-programs
	@$(PYTHON) -B lab/live/run --build $(BUILD) --table 90

# ---- size ----------------------------------------------------------------------------------------------------
# Of what a router gets: a tree of its own, since it has other files. `make size CC=mips-linux-gnu-gcc` for another machine.
.PHONY: size
size:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/small OPTIONAL= $(BUILD)/small/cordon
	@CC='$(CC)' scripts/size $(BUILD)/small/cordon
	@for cc in 'mips-linux-gnu-gcc' 'arm-linux-gnueabihf-gcc -march=armv7-a+fp'; do \
		if command -v $${cc%% *} >/dev/null; then $(MAKE) --no-print-directory -C device BUILD=$(abspath $(BUILD))/device/size CC="$$cc" size || exit 1; \
		else echo "SKIPPED: no $${cc%% *}, so no size of libfirstuse there"; fi; done

# ---- installing ----------------------------------------------------------------------------------------------
.PHONY: install install-watch install-units man clean help
man: $(man)
$(BUILD)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	$(call say,man,$@)scdoc <$< >$@

has-scdoc := $(shell command -v scdoc 2>/dev/null)
into = install -d '$(DESTDIR)$(2)' && install -m $(1) $(3) '$(DESTDIR)$(2)/$(4)'
maker-man := $(foreach m,$(man),$(if $(findstring firstuse,$(m)),$(m)))
cordon-man := $(filter-out $(maker-man),$(man))
# Folder by folder, those of one list.
into-man = $(foreach n,1 3 5 8,$(if $(filter %.$(n),$(1)),$(call into,644,$(MANDIR)/man$(n),$(filter %.$(n),$(1))) &&)) true
install: all $(if $(has-scdoc),$(cordon-man)) $(if $(watch-programs),install-watch) $(if $(UNITDIR),install-units)
	$(call into,755,$(PREFIX)/bin,$(BUILD)/cordon)
	$(if $(knowledge),$(call into,644,$(DATADIR),$(knowledge)))
	$(if $(has-scdoc),$(call into-man,$(cordon-man)),@echo 'install: no man pages, scdoc is not installed' >&2)
	$(call into,644,$(COMPDIR),contrib/cordon.bash,cordon)
	$(call into,644,$(ZSHDIR),contrib/cordon.zsh,_cordon)
	$(call into,644,$(FISHDIR),contrib/cordon.fish)

# For makers: libfirstuse with its headers, tools and pages, and nothing of cordon.
.PHONY: install-firstuse
install-firstuse: $(if $(has-scdoc),$(maker-man))
	@$(MAKE) --no-print-directory -C device BUILD=$(abspath $(BUILD))/firstuse DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' install
	$(if $(has-scdoc),$(call into-man,$(maker-man)))

# The link is for a reload: the first process runs the command anew from the folder of its own programs.
install-watch: all
	$(call into,755,$(LIBEXECDIR),$(watch-programs:%=$(BUILD)/%))
	ln -sf ../../bin/cordon '$(DESTDIR)$(LIBEXECDIR)/cordon'
	$(call into,644,$(DATADIR),contrib/cordon.conf)

install-units:
	install -d '$(DESTDIR)$(UNITDIR)' '$(DESTDIR)$(SYSUSERSDIR)' '$(DESTDIR)$(TMPFILESDIR)' '$(DESTDIR)$(LOGROTATEDIR)'
	sed 's,/usr/bin/cordon,$(PREFIX)/bin/cordon,' contrib/systemd/cordon.service >'$(DESTDIR)$(UNITDIR)/cordon.service'
	chmod 644 '$(DESTDIR)$(UNITDIR)/cordon.service'
	install -m 644 contrib/systemd/cordon.sysusers '$(DESTDIR)$(SYSUSERSDIR)/cordon.conf'
	install -m 644 contrib/systemd/cordon.tmpfiles '$(DESTDIR)$(TMPFILESDIR)/cordon.conf'
	install -m 644 contrib/cordon.logrotate '$(DESTDIR)$(LOGROTATEDIR)/cordon'

clean:
	rm -rf $(BUILD)

help:
	@printf '%s\n' 'make            build/cordon' 'make run        build, and inspect the demo capture' \
		'make test       every test' 'make soak       the long ones' \
		'make score      how often names and verdicts are right' 'make coverage   lines of parsers that tests run' \
		'make lint       format, warnings, order of includes' \
		'make fuzz       each fuzz target for FUZZ_SECONDS' 'make bench      speed and memory' \
		'make size       bytes of the program that needs no library' 'make lab        an infection played on this machine' \
		'make install    DESTDIR= PREFIX=$(PREFIX) UNITDIR=' 'make format     clang-format' 'make clean'

.PHONY: FORCE
FORCE:

# Objects made on the way to a test program are wanted again.
.SECONDARY:

-include $(foreach t,obj san tsan cov fuzz lint-gcc lint-clang,$(patsubst %.o,%.d,$($(t)-objects) $($(t)-guard) $($(t)-enforce) $(mains:%.c=$(BUILD)/$(t)/%.o)))
-include $(wildcard $(BUILD)/*/device/*/*.d $(BUILD)/*/tests/*.d $(BUILD)/*/tests/unit/*.d $(BUILD)/*/fuzz/*.d $(BUILD)/obj/bench/*.d $(BUILD)/*/lab/*.d $(BUILD)/*/lab/cameras/*.d)
