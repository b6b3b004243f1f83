# smshall - see README.md.  The two targets that a newcomer needs: `make run`, `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := all

PREFIX ?= /usr
B := build
CFLAGS ?= -O2 -g
CC ?= gcc
SANITIZE ?=
PKGS := libpq libpcre2-8 libuv libmicrohttpd yaml-0.1 jansson libsodium libutf8proc opencc smartcols libedit openssl
WARN := -Wall -Wextra -Wno-format-truncation -Wno-missing-field-initializers -Werror=implicit-function-declaration -Werror=incompatible-pointer-types
override CPPFLAGS += -Ismsd -I$(B)/gen -D_GNU_SOURCE $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -DDATADIR='"$(PREFIX)/share/smshall"' $(CPPFLAGS_EXTRA)
override CFLAGS += -std=gnu17 $(WARN) -fno-strict-aliasing $(SANITIZE)
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread

LIB_C := $(wildcard smsd/base/*.c smsd/text/*.c smsd/kannel/*.c smsd/db/*.c smsd/table/*.c smsd/flow/*.c smsd/admin/*.c)
CTL_C := $(wildcard smsd/ctl/*.c)
LIB_O := $(LIB_C:%.c=$(B)/%.o) $(B)/gen/queries.o
CTL_O := $(CTL_C:%.c=$(B)/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%.t,$(wildcard tests/unit/*_test.c))

.PHONY: all tools run stop status test clean understand bench deps deps-test lint fuzz

all: deps $(B)/smsd $(B)/smsctl $(B)/smsc
tools: $(B)/smsd $(B)/smsctl

# Named queries: sql/queries/*.sql become prepared statements.
$(B)/gen/queries.c $(B)/gen/queries.h &: $(wildcard sql/queries/*.sql) sql/queries/generate
	@mkdir -p $(B)/gen
	sql/queries/generate $(B)/gen sql/queries/*.sql

$(B)/%.o: %.c | $(B)/gen/queries.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/gen/queries.o: $(B)/gen/queries.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(B)/libhall.a: $(LIB_O)
	rm -f $@ && ar rcs $@ $^

# build/smsd is the folder of its objects, so the daemon is build/bin/smsd
$(B)/smsctl: $(B)/smsd/smsctl.o $(CTL_O) $(B)/libhall.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(LIB_O:.o=.d) $(CTL_O:.o=.d)
