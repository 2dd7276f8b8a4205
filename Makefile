# SPDX-License-Identifier: MIT
#
# make demo    renders the hello project against a sandbox
# make test    runs every spec
# make help    lists the rest
#
# Everything that is made lies in build/. Variables: PREFIX, DESTDIR (install),
# CC, CFLAGS, LUA, BUSTED (arguments for the specs, e.g. spec/json_spec.lua).

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CFLAGS ?= -O2 -g
LUA ?= lua5.4
LUA_ABI := 5.4
BUSTED ?=
BUILD ?= build
SANITIZE ?=

ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
OBJ := $(BUILD)/obj
OUT := $(abspath $(BUILD))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CPPFLAGS_ALL = -D_GNU_SOURCE -I$(ROOT)/csrc \
	$(shell pkg-config --cflags lua5.4 libcurl)
CFLAGS_ALL = -std=c11 -fPIC -fno-plt -pthread -fvisibility=hidden $(WARNINGS) \
	$(CPPFLAGS_ALL) $(CFLAGS) $(SANITIZE) -MMD -MP
MODULE = -shared -pthread -Wl,-z,nodelete -Wl,-z,relro,-z,now $(SANITIZE)

# The objects of every C file below these folders of csrc.
objects = $(patsubst csrc/%.c,$(OBJ)/%.o, \
	$(shell find $(addprefix csrc/,$(1)) -name '*.c' | sort))
CORE_OBJ := $(call objects,lua http json util)
SANDBOX_OBJ := $(call objects,sandbox)
NATIVE_OBJ := $(OBJ)/spec/support/native.o
LUA_FILES := $(shell find lua -name '*.lua' -not -name '*.meta.lua' | sort)
META_LUA := $(shell find lua -name '*.meta.lua' | sort) # for editors
CORE_LUA := $(filter-out lua/aistudios/sandbox/%,$(LUA_FILES))
SANDBOX_LUA := $(filter lua/aistudios/sandbox/%,$(LUA_FILES))

CORE := $(BUILD)/aistudios/core.so
SANDBOX := $(BUILD)/aistudios/sandbox/core.so
NATIVE := $(BUILD)/spec/support/native.so

LUA_PATH_HERE := $(ROOT)/lua/?.lua;$(ROOT)/lua/?/init.lua
LUA_CPATH_HERE := $(OUT)/?.so
IN_HERE = LUA_PATH='$(LUA_PATH_HERE);$(ROOT)/?.lua;$(ROOT)/?/init.lua;;' \
	LUA_CPATH='$(LUA_CPATH_HERE);;'
RUN_SPECS = $(IN_HERE) AISTUDIOS_BUILD='$(OUT)' $(PRELOAD) $(LUA) $(ROOT)/.ci/busted

BUILD_PACKAGES := gcc make pkg-config lua5.4 liblua5.4-dev \
	libcurl4-openssl-dev lua-cjson libmicrohttpd-dev lua-argparse
TEST_PACKAGES := lua-busted lua-filesystem lua-socket lua-copas lua-luaossl lua-luv \
	lua-cqueues locales lua5.1 lua5.3 luajit luarocks nginx-light openssl procps \
	librsvg2-bin netpbm
WEB_PACKAGES := chromium
LINT_PACKAGES := lua-check clang-format
SANITIZE_PACKAGES := valgrind libc6-dbg

.PHONY: build static spec-programs deps deps-demo demo test test-web specs \
	annotations lint format bench env install install-core install-sandbox rock rock-core \
	rock-sandbox sanitize sanitize-address sanitize-thread sanitize-valgrind \
	fuzz clean help
.DELETE_ON_ERROR:

build: $(CORE) $(SANDBOX)

help:
	@sed -n 's/^# \(make .*\)/\1/p' $(ROOT)/Makefile
	@echo 'also: deps build test-web lint format annotations bench env install rock'
	@echo '      static sanitize fuzz clean'

# ---- what is built ----

$(OBJ)/%.o: csrc/%.c
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(OBJ)/spec/%.o: spec/%.c
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(CORE): $(CORE_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^ $(shell pkg-config --libs libcurl)

$(SANDBOX): $(SANDBOX_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^ $(shell pkg-config --libs libmicrohttpd)

$(NATIVE): $(NATIVE_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^

# The core and the Lua files in one library, for C programs.
STATIC_OBJ := $(OBJ)/embed/static.o $(OBJ)/embed/files.o

$(OBJ)/embed/files.c: csrc/embed/bundle.lua $(CORE_LUA)
	@mkdir -p $(@D)
	@$(LUA) csrc/embed/bundle.lua lua $(CORE_LUA) >$@

$(OBJ)/embed/files.o: $(OBJ)/embed/files.c
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/libaistudios.a: $(CORE_OBJ) $(STATIC_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/aistudios.h: csrc/embed/aistudios.h
	@mkdir -p $(@D)
	@cp $< $@

static: $(BUILD)/libaistudios.a $(BUILD)/aistudios.h

# C programs that link it; the specs run them.
HOSTS := $(patsubst spec/%.c,$(BUILD)/spec/%,$(wildcard spec/hosts/*.c) \
	spec/examples/embed.c)
$(HOSTS): $(BUILD)/spec/%: spec/%.c $(BUILD)/libaistudios.a $(BUILD)/aistudios.h
	@mkdir -p $(@D) $(OBJ)/spec/$(*D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(CFLAGS_ALL) -MF $(OBJ)/spec/$*.d -I$(BUILD) -Wl,-E -o $@ $< \
	  $(BUILD)/libaistudios.a $(shell pkg-config --libs lua5.4 libcurl) \
	  -l:liblua5.4-cjson.so.0

# All that the specs need.
spec-programs: build $(NATIVE) $(HOSTS)

-include $(HOSTS:$(BUILD)/spec/%=$(OBJ)/spec/%.d)
-include $(STATIC_OBJ:.o=.d)
-include $(CORE_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d) $(NATIVE_OBJ:.o=.d)

# ---- what is used ----

deps:
	@$(ROOT)/.ci/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)

deps-demo:
	@$(ROOT)/.ci/deps $(BUILD_PACKAGES)

env:
	@echo "export LUA_PATH='$(LUA_PATH_HERE);;'"
	@echo "export LUA_CPATH='$(LUA_CPATH_HERE);;'"

demo: deps-demo
	@$(MAKE) --no-print-directory build
	@mkdir -p $(BUILD)/demo
	@$(IN_HERE) $(LUA) spec/examples/hello.lua --sandbox $(BUILD)/demo/hello.mp4
	@$(IN_HERE) $(LUA) spec/examples/storyboard.lua $(BUILD)/demo/storyboard.html

test: deps
	@$(MAKE) --no-print-directory spec-programs
	@$(MAKE) --no-print-directory specs

# The storyboard in a browser.
test-web: deps
	@$(ROOT)/.ci/deps $(WEB_PACKAGES)
	@$(MAKE) --no-print-directory build
	@$(RUN_SPECS) spec/web/storyboard.lua

specs:
	@$(RUN_SPECS) $(BUSTED)

# Annotations for editors, from the rows of the API.
annotations:
	@$(IN_HERE) $(LUA) spec/support/annotations.lua

lint:
	@$(ROOT)/.ci/deps $(LINT_PACKAGES)
	@$(IN_HERE) $(ROOT)/.ci/lint

format:
	@clang-format -i $$(git ls-files 'csrc/*.c' 'csrc/*.h' 'spec/*.c')

# Programs in C that the benches measure against.
$(BUILD)/bench/%: spec/bench/%.c
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(CFLAGS_ALL) -MF $(OBJ)/$*.d -o $@ $< $(shell pkg-config --libs libcurl)

bench: deps
	@$(MAKE) --no-print-directory build $(NATIVE) $(BUILD)/bench/multi \
	  $(BUILD)/bench/start
	@$(IN_HERE) AISTUDIOS_BUILD='$(OUT)' $(LUA) spec/bench/run.lua $(BENCH)

LUADIR ?= $(DESTDIR)$(PREFIX)/share/lua/$(LUA_ABI)
LIBDIR ?= $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_ABI)

install: install-core install-sandbox

install-core: $(CORE)
	@$(ROOT)/.ci/install '$(LUADIR)' lua $(CORE_LUA) $(META_LUA)
	@$(ROOT)/.ci/install '$(LIBDIR)' $(BUILD) $(CORE)

install-sandbox: $(SANDBOX)
	@$(ROOT)/.ci/install '$(LUADIR)' lua $(SANDBOX_LUA)
	@$(ROOT)/.ci/install '$(LIBDIR)' $(BUILD) $(SANDBOX)

# What the rockspecs build.
rock-core: $(CORE)
rock-sandbox: $(SANDBOX)

# Both rocks in a tree of their own, and the example from that tree alone.
TREE := $(OUT)/rock
ROCKS := luarocks --lua-version $(LUA_ABI) --tree $(TREE)
rock: deps
	@rm -rf $(TREE)
	@$(ROCKS) make --deps-mode none rockspec/aistudios-scm-1.rockspec
	@$(ROCKS) make --deps-mode none rockspec/aistudios-sandbox-scm-1.rockspec
	@cd $(TREE) && LUA_PATH='$(TREE)/share/lua/$(LUA_ABI)/?.lua;$(TREE)/share/lua/$(LUA_ABI)/?/init.lua;;' \
	  LUA_CPATH='$(TREE)/lib/lua/$(LUA_ABI)/?.so;;' \
	  $(LUA) $(ROOT)/spec/examples/hello.lua --sandbox $(TREE)/hello.mp4

# ---- the specs under sanitizers ----

ASAN := BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined'
TSAN := BUILD=$(BUILD)/tsan CFLAGS='-O1 -g' SANITIZE=-fsanitize=thread
preload = PRELOAD='AISTUDIOS_SLOW=1 ASAN_OPTIONS=fast_unwind_on_malloc=0 \
	TSAN_OPTIONS=die_after_fork=0 \
	LSAN_OPTIONS=suppressions=$(ROOT)/.ci/lsan.supp:print_suppressions=0 \
	LD_PRELOAD=$(shell $(CC) -print-file-name=$(1))'

sanitize: sanitize-address sanitize-thread sanitize-valgrind fuzz

sanitize-address: deps
	@$(MAKE) --no-print-directory $(ASAN) spec-programs
	@$(MAKE) --no-print-directory $(ASAN) $(call preload,libasan.so) specs

sanitize-thread: deps
	@$(MAKE) --no-print-directory $(TSAN) spec-programs
	@$(MAKE) --no-print-directory $(TSAN) $(call preload,libtsan.so) specs

sanitize-valgrind: deps
	@$(ROOT)/.ci/deps $(SANITIZE_PACKAGES)
	@$(MAKE) --no-print-directory spec-programs
	@$(IN_HERE) AISTUDIOS_BUILD='$(OUT)' AISTUDIOS_SLOW=1 valgrind -q \
	  --error-exitcode=1 --leak-check=full --show-leak-kinds=definite \
	  --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
	  --suppressions=.ci/valgrind.supp $(LUA) .ci/busted $(BUSTED)

# The corpus of each fuzz target, and mutations, the same ones at each start.
FUZZ_ROUNDS ?= 100000
FUZZ_FLAGS = -std=c11 -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARNINGS) $(CPPFLAGS_ALL)
FUZZ_JSON := $(wildcard csrc/json/*.c)
FUZZ_ENCODE := $(FUZZ_JSON) $(addprefix csrc/,lua/json.c lua/encode.c \
	lua/order.c lua/bytes.c util/bytes.c util/os.c)

fuzz: $(BUILD)/fuzz/json $(BUILD)/fuzz/encode
	@$(BUILD)/fuzz/json $(FUZZ_ROUNDS) spec/fuzz/corpus/json/*
	@$(BUILD)/fuzz/encode $(FUZZ_ROUNDS) spec/fuzz/corpus/encode/*

$(BUILD)/fuzz/%: spec/fuzz/%.c $(FUZZ_ENCODE) $(wildcard csrc/*/*.h spec/fuzz/*.h)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(FUZZ_FLAGS) $(FUZZ_DEFINES) -o $@ $< $(FUZZ_SOURCES) \
	  $(shell pkg-config --libs lua5.4) -lm

$(BUILD)/fuzz/json: FUZZ_SOURCES = $(FUZZ_JSON)
$(BUILD)/fuzz/encode: FUZZ_SOURCES = $(FUZZ_ENCODE)
$(BUILD)/fuzz/encode: FUZZ_DEFINES = -Drealloc=target_realloc

clean:
	rm -rf $(BUILD)
