# smshall.  A newcomer needs two targets, `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS))$(filter clean,$(MAKECMDGOALS)),0)	# `make clean all`: in this order
MAKEFLAGS += -j$(shell nproc)
endif

PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
SHARE := $(PREFIX)/share/smshall
DIR ?= var
FUZZ_SECONDS ?= 60
TEXTS ?=
ifneq ($(V),)
Q :=
else
Q := @
endif

# Variants of the same sources: plain, SAN=1 (address and undefined behaviour), CRASH=1 (dies where it is told to, smsd/base/crash.h),
# FUZZ=1 (libFuzzer, clang).
B := build
O := $(B)
OPT ?= -O2 -g
ifeq ($(SAN),1)
O := $(B)/san
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ifeq ($(CRASH),1)
O := $(B)/crash
override CPPFLAGS += -DSMSD_CRASH_POINTS
endif
ifeq ($(FUZZ),1)
O := $(B)/fuzz
CC := clang
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
endif

PKGS := libpq libpcre2-8 libuv libmicrohttpd yaml-0.1 jansson libsodium libutf8proc opencc smartcols libedit openssl libcurl
# Asked at first use, not when this file is read: `make deps` may have to install them before.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lcsv)$(PKG_LIBS)
GW_CFLAGS = $(shell gw-config --cflags | sed 's/-O[0-9s]//g; s/-W[a-z=-]*//g; s/-ffile-prefix-map=[^ ]*//')
GW_LIBS = $(shell gw-config --libs)

WARN := -Wall -Wextra -Wno-format-truncation -Wno-missing-field-initializers \
	-Werror=implicit-function-declaration -Werror=incompatible-pointer-types
override CFLAGS += -std=gnu17 $(OPT) $(WARN) -fno-strict-aliasing
override CPPFLAGS += -D_GNU_SOURCE -DDATADIR='"$(SHARE)"' -Ismsd -I$(B)/gen
COMPILE = $(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
LINK = $(CC) $(CFLAGS) -Wl,--as-needed $(LDFLAGS) -o $@

# An archive gives a program only what it uses; the files that hold a main() stay outside.
LIB_C := $(foreach d,base text kannel db table flow admin,$(wildcard smsd/$(d)/*.c))
CTL_C := $(wildcard smsd/ctl/*.c) smsd/smsctl.c
AID_C := $(wildcard tests/smsc/*.c tests/bench/*.c)
AID_MAIN := $(if $(AID_C),$(shell grep -l '^int main\>' $(AID_C)))
LIB_O := $(LIB_C:%.c=$(O)/obj/%.o) $(O)/obj/gen/queries.o $(O)/obj/gen/pinyin.o
UNIHAN ?= /usr/share/unicode/Unihan_Readings.txt.bz2
CTL_O := $(CTL_C:%.c=$(O)/obj/%.o)
AID_O := $(patsubst %.c,$(O)/obj/%.o,$(filter-out $(AID_MAIN),$(AID_C)))
AIDS := $(addprefix $(O)/,$(basename $(notdir $(AID_MAIN))))	# smsc, load, nullbox
UNIT := $(patsubst tests/unit/%.c,$(O)/unit/%.t,$(wildcard tests/unit/*_test.c))
FUZZERS := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))

.PHONY: faults soak all build unit deps-build deps deps-test deps-dev run stop status clean test bench understand fuzz lint install help
.SECONDARY:

all: build
build: $(O)/smsd $(O)/smsctl $(AIDS)

# ---------------------------------------------------------------------------- building
$(B)/gen/queries.c $(B)/gen/queries.h &: $(wildcard sql/queries/*.sql) sql/queries/generate
	$(Q)mkdir -p $(B)/gen
	$(Q)sql/queries/generate $(B)/gen $(wildcard sql/queries/*.sql)

# How Chinese is read, from Debian's unicode-data.
$(B)/gen/pinyin.c: smsd/table/generate_pinyin | deps-build
	$(Q)mkdir -p $(B)/gen
	$(Q)smsd/table/generate_pinyin $(UNIHAN) > $@.new && mv $@.new $@

$(O)/obj/gen/%.o: $(B)/gen/%.c | deps-build
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE)

$(O)/obj/%.o: %.c | $(B)/gen/queries.h deps-build
	@echo "  CC   $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE)

$(O)/libhall.a: $(LIB_O)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/libaid.a: $(AID_O)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/smsd: $(O)/obj/smsd/main.o $(O)/libhall.a
	@echo "  LINK $@"
	$(Q)$(LINK) $^ $(PKG_LIBS)

$(O)/smsctl: $(CTL_O) $(O)/libhall.a
	@echo "  LINK $@"
	$(Q)$(LINK) $^ $(PKG_LIBS)

$(foreach m,$(AID_MAIN),$(eval $(O)/$(basename $(notdir $(m))): $(m:%.c=$(O)/obj/%.o)))
$(AIDS): $(O)/libaid.a $(O)/libhall.a
	@echo "  LINK $@"
	$(Q)$(LINK) $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lm

$(O)/obj/tests/%.o: override CPPFLAGS += -Itests/smsc -Ismsd/ctl

# Kannel's headers poison malloc and name things as we do: its translation unit stands alone, with its flags.
$(O)/obj/tests/unit/wire_kannel.o: tests/unit/wire_kannel.c | deps-build
	@echo "  CC   $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GW_CFLAGS) $(OPT) -Ismsd -Itests/unit -MMD -MP -c $< -o $@

$(O)/unit/wire_kannel_test.t: $(O)/obj/tests/unit/wire_kannel.o
$(O)/unit/wire_kannel_test.t: EXTRA_LIBS = $(GW_LIBS)
$(O)/unit/%.t: $(O)/obj/tests/unit/%.o $(O)/libaid.a $(O)/libhall.a
	@echo "  LINK $@"
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lcheck -lsubunit -lm -lrt -lpthread $(EXTRA_LIBS)

unit: $(UNIT)

-include $(shell [ -d $(O)/obj ] && find $(O)/obj -name '*.d')

# ---------------------------------------------------------------------------- what must be installed
deps-build deps deps-test deps-dev:
	$(Q)tests/stack/deps $@

# ---------------------------------------------------------------------------- a whole hall
run: deps
	$(Q)$(MAKE) build
	$(Q)tests/stack/hall up $(DIR)
	$(Q)tests/stack/hall demo $(DIR)

stop:
	$(Q)tests/stack/hall down $(DIR)

status:
	$(Q)tests/stack/hall status $(DIR)

clean:
	$(Q)if [ -n "$(ALL)" ]; then tests/stack/hall purge $(DIR); fi
	$(Q)rm -rf $(B)

# ---------------------------------------------------------------------------- checks
test: deps-test
	$(Q)$(MAKE) build
	$(Q)$(MAKE) SAN=1 build unit
	$(Q)$(MAKE) CRASH=1 OPT=-O1 $(B)/crash/smsd
	$(Q)tests/stack/test $(TESTS)

bench: deps-test
	$(Q)$(MAKE) build
	$(Q)tests/bench/run

# The long ones of what `make test` runs in short.
faults: deps-test
	$(Q)$(MAKE) build
	$(Q)$(MAKE) CRASH=1 OPT=-O1 $(B)/crash/smsd
	$(Q)FAULTS_LONG=1 tests/stack/test tests/faults/*.t tests/trouble/*.t

soak: deps-test
	$(Q)$(MAKE) build
	$(Q)DURATION=$(or $(DURATION),10m) tests/stack/test tests/trouble/soak.t

understand: build
	$(Q)tests/stack/hall with $(DIR) -- $(B)/smsctl understand $(TEXTS)

lint: deps-test
	$(Q)prove -Q tests/lint/*.t

ifeq ($(FUZZ),1)
$(O)/%: $(O)/obj/tests/fuzz/%_fuzz.o $(O)/libaid.a $(O)/libhall.a
	@echo "  LINK $@"
	$(Q)$(LINK) -fsanitize=fuzzer $^ $(PKG_LIBS) -lm

.PHONY: fuzz-run $(FUZZERS:%=fuzz-%)
fuzz-run: $(FUZZERS:%=fuzz-%)
$(FUZZERS:%=fuzz-%): fuzz-%: $(O)/%
	$(Q)mkdir -p $(O)/corpus/$* tests/fuzz/corpus/$*
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(O)/$*- -print_final_stats=1 -verbosity=0 \
		$(O)/corpus/$* tests/fuzz/corpus/$*
endif
fuzz: deps-dev
	$(Q)$(MAKE) FUZZ=1 fuzz-run

# ---------------------------------------------------------------------------- installing
install: build
	install -D -m 755 $(O)/smsd $(DESTDIR)$(PREFIX)/sbin/smsd
	install -D -m 755 $(O)/smsctl $(DESTDIR)$(PREFIX)/bin/smsctl
	for f in $$(find sql commands -type f -not -name 'generate' -not -path 'sql/queries/*'); do \
		install -D -m 644 $$f $(DESTDIR)$(SHARE)/$$f; done
	for f in kannel.conf smsd.yaml; do \
		install -D -m 644 kannel-conf/$$f $(DESTDIR)$(SHARE)/examples/$$f; done
	[ -e $(DESTDIR)$(SYSCONFDIR)/smshall/smsd.yaml ] || \
		install -D -m 640 kannel-conf/smsd.yaml $(DESTDIR)$(SYSCONFDIR)/smshall/smsd.yaml
	for f in smsd/man/*.[1-8]; do [ -e $$f ] || continue; \
		install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$${f##*/}; done

help:
	@echo 'make             build smsd, smsctl and the SMSC peer into build/ (SAN=1: with sanitizers, into build/san/)'
	@echo 'make run         install what is missing, start a whole hall under var/, text it, leave it running'
	@echo 'make stop        stop that hall            make status  what runs, where, and whether it is ready'
	@echo 'make test        everything, with prove    TESTS="tests/e2e/texts.t": only these'
	@echo 'make understand  how many of TEXTS=file are understood (default: the sample texts)'
	@echo 'make bench       the benchmark, as ratios  make fuzz    FUZZ_SECONDS=60 for each parser'
	@echo 'make faults      kill, cut, starve, long    make soak    DURATION=1h: a steady rate, flat memory'
	@echo 'make lint        the rules of the sources  make install DESTDIR= PREFIX=/usr'
	@echo 'make deps        install what building and running need (also deps-build, deps-test, deps-dev)'
	@echo 'make clean       remove build/; ALL=1: stop the hall and remove var/ too'
	@echo 'Ports count from PORT_BASE (default 13000), all on 127.0.0.1.'
