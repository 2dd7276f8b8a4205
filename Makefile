# SPDX-License-Identifier: MIT
#
# make demo            renders the hello project against a sandbox
# make test            runs every spec
# make specs BUSTED=.. runs some, e.g. spec/json_spec.lua, with what they need
# make build           builds the modules and build/bin/aistudios
# make deps            installs what build, specs and lint need
# make env             prints exports with which lua5.4 finds the modules of this checkout
# make lint            says what is against the rules of the house
# make format          formats the files of C
# make annotations     writes annotations for editors anew, from the rows of the API
# make docs            builds the reference into build/docs
# make test-web        runs the specs of the pages, in a browser
# make test-hosts      runs the specs in hosts of others: Prosody, nmap, lua-http
# make sanitize        runs specs of the core under sanitizers and valgrind
# make matrix          runs specs of the core in other builds
# make coverage        tells the lines that no spec reaches
# make fuzz            runs the fuzz targets, FUZZ_SECONDS each
# make storm           submits to a server that misbehaves, and compares
# make mutation        changes a token at a time, and tells what no spec notices
# make bench           measures speed and memory; bench-record keeps the figures
# make rock            builds the rocks, and uses them alone
# make static          builds the library for C programs
# make install         installs below PREFIX; so does install-static
# make uninstall       removes what these have brought
# make clean           removes build/
# make help            lists these
#
# Everything that is made lies in build/. Variables: PREFIX, DESTDIR (install),
# CC, CFLAGS, LUA, BUSTED (arguments for the specs, e.g. spec/json_spec.lua).

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy
LUA ?= lua5.4
LUA_ABI := 5.4
BUSTED ?=
BUILD ?= build
SANITIZE ?=

# A text as one word of the shell.
q = '$(subst ','\'',$(1))'

# The folder of this file. Its name may hold blanks, at which make's own
# functions would split it.
ROOT := $(shell cd -- "$$(dirname -- "$$(printf '%s' $(call q,$(MAKEFILE_LIST)) \
	| sed 's/^ *//')")" && pwd -P)

ifneq ($(ROOT),$(CURDIR))
# Started from elsewhere: everything below is relative to the folder.
GOALS := $(or $(MAKECMDGOALS),build)
.PHONY: $(GOALS)
$(firstword $(GOALS)):
	@$(MAKE) --no-print-directory -C $(call q,$(ROOT)) $(GOALS)
$(wordlist 2,$(words $(GOALS)),$(GOALS)): $(firstword $(GOALS)) ; @:
else

# A folder in this one is named from here: make splits names at blanks.
override BUILD := $(subst :,,$(subst :$(CURDIR)/,,:$(BUILD)))
$(if $(word 2,$(BUILD)),$(error BUILD has blanks, at which make splits names: \
	take a folder in $(CURDIR), or one without blanks))

OBJ := $(BUILD)/obj
OUT := $(if $(filter /%,$(BUILD)),$(BUILD),$(CURDIR)/$(BUILD))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wsign-conversion -Wpointer-arith -Wwrite-strings -Wundef -Wvla \
	-Wdouble-promotion -Wcast-align -Wformat=2 -Wno-format-nonliteral
# Of the C library: what make matrix changes for the core.
FEATURES ?= -D_GNU_SOURCE
LIBCURL ?= $(shell pkg-config --libs libcurl)
CPPFLAGS_ALL = $(FEATURES) -Icsrc \
	$(shell pkg-config --cflags lua5.4 libcurl)
CFLAGS_ALL = -std=c11 -fPIC -fno-plt -pthread -fvisibility=hidden $(WARNINGS) \
	$(CPPFLAGS_ALL) $(CFLAGS) $(SANITIZE) -MMD -MP
MODULE = -shared -pthread -Wl,-z,nodelete -Wl,-z,relro,-z,now $(SANITIZE)

# The objects of every C file below these folders of csrc.
objects = $(patsubst csrc/%.c,$(OBJ)/%.o, \
	$(shell find $(addprefix csrc/,$(1)) -name '*.c' | sort))
CORE_OBJ := $(call objects,lua http json util)
SANDBOX_OBJ := $(call objects,sandbox) $(OBJ)/util/os.o
SQLITE_OBJ := $(call objects,sqlite)
POSTGRES_OBJ := $(call objects,postgres)
NATIVE_OBJ := $(OBJ)/spec/support/native.o
FAILING_OBJ := $(OBJ)/spec/support/failing.o
PRELOADED_OBJ := $(OBJ)/spec/support/slow_system.o
LUA_FILES := $(shell find lua -name '*.lua' -not -name '*.meta.lua' | sort)
META_LUA := $(shell find lua -name '*.meta.lua' | sort) # for editors
CLI_LUA := $(filter lua/aistudios/cli/%,$(LUA_FILES))
SANDBOX_LUA := $(filter lua/aistudios/sandbox/%,$(LUA_FILES))
BATCH_LUA := $(filter lua/aistudios/batch/%,$(LUA_FILES))
CORE_LUA := $(filter-out $(CLI_LUA) $(SANDBOX_LUA) $(BATCH_LUA),$(LUA_FILES))

CORE := $(BUILD)/aistudios/core.so
SANDBOX := $(BUILD)/aistudios/sandbox/core.so
SQLITE := $(BUILD)/aistudios/batch/sqlite.so
POSTGRES := $(BUILD)/aistudios/batch/postgres.so
NATIVE := $(BUILD)/spec/support/native.so
FAILING := $(BUILD)/spec/support/failing.so
PRELOADED := $(PRELOADED_OBJ:$(OBJ)/%.o=$(BUILD)/%.so)
PROGRAM := $(BUILD)/bin/aistudios

LUA_PATH_HERE := $(ROOT)/lua/?.lua;$(ROOT)/lua/?/init.lua
LUA_CPATH_HERE := $(OUT)/?.so
IN_HERE = LUA_PATH=$(call q,$(LUA_PATH_HERE);$(ROOT)/?.lua;$(ROOT)/?/init.lua;;) \
	LUA_CPATH=$(call q,$(LUA_CPATH_HERE);;)
# Where a locale with a decimal comma is made, for the specs.
LOCALE := $(BUILD)/locale/de_DE.UTF-8
RUN_SPECS = $(IN_HERE) LOCPATH=$(call q,$(OUT)/locale) AISTUDIOS_BUILD=$(call q,$(OUT)) $(PRELOAD) $(LUA) .ci/busted

BUILD_PACKAGES := gcc make pkg-config lua5.4 liblua5.4-dev \
	libcurl4-openssl-dev libmicrohttpd-dev lua-argparse \
	lua-luv libsqlite3-dev libpq-dev
TEST_PACKAGES := postgresql-15 lua-dbi-sqlite3 lua-dbi-postgresql lua-busted lua-cjson \
	lua-filesystem libthai0 lua-socket lua-copas lua-luaossl lua-cqueues locales lua5.1 lua5.3 luajit luarocks nginx-light openssl procps \
	librsvg2-bin netpbm groff-base zsh fish
WEB_PACKAGES := chromium poppler-utils fonts-noto-core fonts-noto-cjk \
	fonts-noto-color-emoji
LINT_PACKAGES := lua-check clang-format clang-tidy cppcheck shellcheck unicode-data
DOCS_PACKAGES := lua-ldoc lua-discount
HOST_PACKAGES := g++ prosody nmap lua-http libcurl3-gnutls
SANITIZE_PACKAGES := valgrind libc6-dbg
BENCH_PACKAGES := lua-dkjson curl util-linux $(SANITIZE_PACKAGES)
FUZZ_PACKAGES := clang libclang-rt-14-dev

.PHONY: FORCE build static storm mutation spec-programs deps deps-demo demo test test-web specs run-specs \
	annotations docs lint format bench env install install-core install-sandbox install-batch install-cli \
	install-static uninstall rock rock-core rock-sandbox rock-batch rock-cli sanitize sanitize-address sanitize-thread sanitize-valgrind \
	fuzz fuzz-programs coverage clean help
.DELETE_ON_ERROR:

build: $(CORE) $(SANDBOX) $(SQLITE) $(POSTGRES) $(PROGRAM)

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

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
	@$(CC) $(MODULE) -o $@ $^ $(LIBCURL)

$(OBJ)/sandbox/%.o $(OBJ)/spec/%.o: override FEATURES = -D_GNU_SOURCE
$(SANDBOX): $(SANDBOX_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^ $(shell pkg-config --libs libmicrohttpd)

$(SQLITE): $(SQLITE_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^ $(shell pkg-config --libs sqlite3)

$(POSTGRES_OBJ): CPPFLAGS_ALL += $(shell pkg-config --cflags libpq)
$(POSTGRES): $(POSTGRES_OBJ)
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^ $(shell pkg-config --libs libpq)

$(PRELOADED): $(BUILD)/%.so: $(OBJ)/%.o
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) -shared -pthread $(SANITIZE) -o $@ $^ -ldl

$(NATIVE) $(FAILING): $(BUILD)/%.so: $(OBJ)/%.o
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ $^

# The command, which finds the modules of this checkout.
$(PROGRAM): .ci/launcher
	@mkdir -p $(@D)
	@.ci/launcher $(LUA) $(call q,$(ROOT)/lua) $(call q,$(OUT)) >$@
	@chmod 755 $@

# Its manual and completions, from the tables of the commands.
SHARED := $(addprefix $(BUILD)/share/,man/man1/aistudios.1 \
	bash-completion/completions/aistudios zsh/site-functions/_aistudios \
	fish/vendor_completions.d/aistudios.fish)
$(SHARED): $(PROGRAM) $(CLI_LUA) $(CORE)
	@mkdir -p $(@D)
	@$(PROGRAM) $(SHARED_BY) >$@
$(BUILD)/share/man/%: SHARED_BY = help man
$(BUILD)/share/bash-completion/%: SHARED_BY = completion bash
$(BUILD)/share/zsh/%: SHARED_BY = completion zsh
$(BUILD)/share/fish/%: SHARED_BY = completion fish

# The core and the Lua files in one library, for C programs: one object in
# which no name is global but that of the function that opens the module.
STATIC_OBJ := $(OBJ)/embed/aistudios.o $(OBJ)/embed/files.o

$(OBJ)/embed/files.c: csrc/embed/bundle.lua $(CORE_LUA)
	@mkdir -p $(@D)
	@$(LUA) csrc/embed/bundle.lua lua $(CORE_LUA) >$@

$(OBJ)/embed/files.o: $(OBJ)/embed/files.c
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(OBJ)/aistudios.o: $(CORE_OBJ) $(STATIC_OBJ)
	@$(CC) -r -nostdlib -o $@ $^
	@$(OBJCOPY) --keep-global-symbol=luaopen_aistudios $@

$(BUILD)/libaistudios.a: $(OBJ)/aistudios.o
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/aistudios.h: csrc/embed/aistudios.h
	@mkdir -p $(@D)
	@cp $< $@

VERSION := $(shell sed -n 's/^return "\([^"]*\)"$$/\1/p' lua/aistudios/util/version.lua)
# Made anew each time: it depends on variables.
$(BUILD)/pkgconfig/aistudios.pc: csrc/embed/aistudios.pc.in FORCE
	$(if $(word 2,$(STATICDIR))$(word 2,$(INCLUDEDIR)),$(error pkg-config \
	  cannot tell a compiler of a folder with blanks: choose another PREFIX))
	@mkdir -p $(@D)
	@{ printf '%s\n' $(call q,libdir=$(STATICDIR)) \
	  $(call q,includedir=$(INCLUDEDIR)) 'version=$(VERSION)'; cat $<; } >$@

static: $(BUILD)/libaistudios.a $(BUILD)/aistudios.h

# C programs that link it; the specs run them. `names` defines every name of
# the objects itself, `closed` shows Lua's functions to nobody.
HOSTS := $(patsubst spec/%.c,$(BUILD)/spec/%,$(wildcard spec/hosts/*.c) \
	spec/examples/embed.c)
MORE_HOSTS := $(addprefix $(BUILD)/spec/hosts/,names closed plugin.so)
LINK_HOST = mkdir -p $(@D) $(OBJ)/spec/$(*D); echo "  $(@:$(BUILD)/%=%)"; \
	$(CC) $(CFLAGS_ALL) -MF $(OBJ)/$(@:$(BUILD)/%=%).d -I$(BUILD) -o $@
LIBS_HOST = -Wl,-E $(BUILD)/libaistudios.a \
	$(shell pkg-config --libs lua5.4 libcurl)

$(HOSTS) $(MORE_HOSTS): $(BUILD)/libaistudios.a $(BUILD)/aistudios.h
$(HOSTS): $(BUILD)/spec/%: spec/%.c
	@$(LINK_HOST) $< $(LIBS_HOST)

$(OBJ)/spec/hosts/names.c: spec/hosts/names.lua $(CORE_OBJ) $(STATIC_OBJ)
	@mkdir -p $(@D)
	@$(LUA) $^ >$@

$(BUILD)/spec/hosts/names: $(OBJ)/spec/hosts/names.c spec/examples/embed.c
	@$(LINK_HOST) spec/examples/embed.c -x c $< -x none $(LIBS_HOST)

$(BUILD)/spec/hosts/closed: spec/examples/embed.c
	@$(LINK_HOST) $< $(BUILD)/libaistudios.a -l:liblua5.4.a \
	  $(shell pkg-config --libs libcurl) -lm

$(BUILD)/spec/hosts/plugin.so: $(BUILD)/libaistudios.a
	@mkdir -p $(@D); echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(MODULE) -o $@ -Wl,--whole-archive $< -Wl,--no-whole-archive \
	  $(shell pkg-config --libs libcurl)

# Hosts of others, and programs like theirs: make test-hosts.
REAL := $(BUILD)/spec/hosts/real
$(REAL)/own_curl: spec/hosts/real/own_curl.cc
	@mkdir -p $(@D); echo "  $(@:$(BUILD)/%=%)"
	@$(CXX) -std=c++17 -O1 -g -pthread -Wall -Wextra -o $@ $< -Wl,-E \
	  $(shell pkg-config --cflags --libs lua5.4) -l:libcurl-gnutls.so.4

$(REAL)/opener: spec/hosts/real/opener.c
	@mkdir -p $(@D); echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) -o $@ $< -ldl

$(REAL)/plugin.so: spec/hosts/real/plugin.c $(BUILD)/libaistudios.a $(BUILD)/aistudios.h
	@mkdir -p $(@D); echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) $(MODULE) -I$(BUILD) -o $@ $< \
	  $(BUILD)/libaistudios.a -Wl,--exclude-libs,ALL \
	  $(shell pkg-config --libs lua5.4 libcurl)

.PHONY: test-hosts
test-hosts: deps
	@.ci/deps $(HOST_PACKAGES)
	@$(MAKE) --no-print-directory build $(NATIVE) $(addprefix $(REAL)/,own_curl opener plugin.so)
	@$(RUN_SPECS) $(addprefix spec/hosts/real/,programs.lua prosody.lua nmap.lua lua_http.lua)

# All that the specs need.
spec-programs: build spec-libraries $(HOSTS) $(MORE_HOSTS) $(LOCALE)

# Those of the specs that are built in other ways too.
.PHONY: spec-libraries
spec-libraries: $(NATIVE) $(PRELOADED) $(FAILING)

$(LOCALE):
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@localedef -i de_DE -f UTF-8 $(call q,$(abspath $@))

-include $(patsubst $(BUILD)/%,$(OBJ)/%.d,$(HOSTS) $(MORE_HOSTS))
-include $(STATIC_OBJ:.o=.d)
-include $(SQLITE_OBJ:.o=.d) $(POSTGRES_OBJ:.o=.d)
-include $(CORE_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d) $(NATIVE_OBJ:.o=.d) $(FAILING_OBJ:.o=.d) $(PRELOADED_OBJ:.o=.d)

# ---- what is used ----

deps:
	@.ci/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)
	@$(MAKE) --no-print-directory $(LOCALE)

deps-demo:
	@.ci/deps $(BUILD_PACKAGES)

env:
	@printf '%s\n' $(call q,export LUA_PATH=$(call q,$(LUA_PATH_HERE);;))
	@printf '%s\n' $(call q,export LUA_CPATH=$(call q,$(LUA_CPATH_HERE);;))
	@[ ! -d $(LOCALE) ] || printf '%s\n' $(call q,export LOCPATH=$(call q,$(OUT)/locale))

demo: deps-demo
	@$(MAKE) --no-print-directory build
	@mkdir -p $(BUILD)/demo
	@$(IN_HERE) $(LUA) spec/examples/hello.lua --sandbox $(BUILD)/demo/hello.mp4
	@$(IN_HERE) $(LUA) spec/examples/storyboard.lua $(BUILD)/demo/storyboard.html
	@AISTUDIOS_SANDBOX=1 $(PROGRAM) render spec/examples/project.lua \
	  --to $(BUILD)/demo/command.mp4 --text --progress plain
	@rm -rf $(BUILD)/demo/offers
	@$(PROGRAM) batch plan $(BUILD)/demo/offers --template spec/examples/offer.json \
	  --rows spec/examples/offers.csv --to 'films/{sku}.mp4' --text
	@AISTUDIOS_SANDBOX=1 $(PROGRAM) batch run $(BUILD)/demo/offers --text --progress plain

test: specs

# The specs, all or those of BUSTED, with what they need.
specs: deps
	@$(MAKE) --no-print-directory spec-programs
	@$(MAKE) --no-print-directory run-specs

# The storyboard and the console in a browser.
test-web: deps
	@.ci/deps $(WEB_PACKAGES)
	@$(MAKE) --no-print-directory build $(NATIVE)
	@$(RUN_SPECS) spec/web/storyboard.lua
	@$(RUN_SPECS) spec/web/storyboard_layout.lua
	@$(RUN_SPECS) spec/web/storyboard_player.lua
	@$(RUN_SPECS) spec/web/console.lua
	@$(RUN_SPECS) spec/web/texts.lua
	@$(RUN_SPECS) spec/web/storyboard_pages.lua

# The same with what is built already.
run-specs:
	@$(RUN_SPECS) $(BUSTED)

# Annotations for editors, from the rows of the API.
annotations:
	@$(IN_HERE) $(LUA) spec/support/annotations.lua

# The reference, from the annotations and the pages of spec/docs.
docs:
	@.ci/deps $(BUILD_PACKAGES) $(DOCS_PACKAGES)
	@$(IN_HERE) .ci/docs $(call q,$(OUT)/docs)

# clang-tidy looks at a file again when it, or a header of it, has changed.
TIDY := $(patsubst $(OBJ)/%.o,$(BUILD)/lint/%.tidy,$(CORE_OBJ) $(SANDBOX_OBJ) \
	$(SQLITE_OBJ) $(POSTGRES_OBJ) $(OBJ)/embed/aistudios.o)
$(BUILD)/lint/%.tidy: $(OBJ)/%.o .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet csrc/$*.c -- -std=c11 $(WARNINGS) $(CPPFLAGS_ALL) \
	  $(shell pkg-config --cflags libpq) 2>/dev/null
	@touch $@
.PHONY: tidy
tidy: $(TIDY)

# Widths and line breaks of characters, from Unicode's character database.
.PHONY: text-classes
text-classes:
	@.ci/deps $(LINT_PACKAGES)
	@$(LUA) spec/support/text_classes.lua

lint:
	@.ci/deps $(BUILD_PACKAGES) $(LINT_PACKAGES)
	@$(MAKE) --no-print-directory -s -k -j$$(nproc) tidy
	@$(IN_HERE) BUILD=$(call q,$(OUT)) .ci/lint

format:
	@clang-format -i $$(git ls-files 'csrc/*.c' 'csrc/*.h' 'spec/*.c')

# Programs in C that the benches measure against.
$(BUILD)/bench/%: spec/bench/%.c
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(CFLAGS_ALL) -MF $(OBJ)/$*.d -o $@ $< $(shell pkg-config --libs libcurl)

# BENCH: names of benches (all).
bench: deps
	@.ci/deps $(BENCH_PACKAGES)
	@$(MAKE) --no-print-directory build $(NATIVE) $(BUILD)/bench/multi \
	  $(BUILD)/bench/start
	@$(IN_HERE) AISTUDIOS_BUILD=$(call q,$(OUT)) BENCH_RECORD=$(call q,$(BENCH_RECORD)) \
	  $(LUA) spec/bench/run.lua $(BENCH)

bench-record:
	@$(MAKE) --no-print-directory bench BENCH_RECORD=spec/bench/RESULTS.md

# Submissions to a server that misbehaves, compared with what it did. Variables:
# STORM_N, STORM_SECONDS, STORM_SEED, STORM_WAYS (a pattern of names).
storm: deps
	@$(MAKE) --no-print-directory build $(NATIVE)
	@$(IN_HERE) AISTUDIOS_BUILD=$(call q,$(OUT)) $(LUA) spec/storm/run.lua

# Changes one token of the engine at a time, in a copy, and runs its specs, which wait
# most of their time: several run at once.
MUTANTS ?= 200
SEED ?= 1
JOBS ?= 3
mutation: deps
	@$(MAKE) --no-print-directory spec-programs
	@$(IN_HERE) AISTUDIOS_BUILD=$(call q,$(OUT)) $(LUA) spec/mutation/run.lua \
	  $(MUTANTS) $(SEED) $(JOBS) $(FILES)

LUADIR ?= $(DESTDIR)$(PREFIX)/share/lua/$(LUA_ABI)
LIBDIR ?= $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_ABI)
STATICDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(DESTDIR)$(PREFIX)/bin
SHAREDIR ?= $(DESTDIR)$(PREFIX)/share

install: install-core install-sandbox install-batch install-cli

install-core: $(CORE)
	@.ci/install $(call q,$(LUADIR)) lua $(CORE_LUA) $(filter-out lua/aistudios/sandbox/%,$(META_LUA))
	@.ci/install $(call q,$(LIBDIR)) $(BUILD) $(CORE)

install-sandbox: $(SANDBOX)
	@.ci/install $(call q,$(LUADIR)) lua $(SANDBOX_LUA) $(filter lua/aistudios/sandbox/%,$(META_LUA))
	@.ci/install $(call q,$(LIBDIR)) $(BUILD) $(SANDBOX)

install-batch: $(SQLITE) $(POSTGRES)
	@.ci/install $(call q,$(LUADIR)) lua $(BATCH_LUA)
	@.ci/install $(call q,$(LIBDIR)) $(BUILD) $(SQLITE) $(POSTGRES)

install-cli: $(SHARED)
	@.ci/install $(call q,$(LUADIR)) lua $(CLI_LUA)
	@.ci/install $(call q,$(SHAREDIR)) $(BUILD)/share $(SHARED)
	@mkdir -p $(call q,$(BINDIR))
	@.ci/launcher $(LUA) $(call q,$(LUADIR)) $(call q,$(LIBDIR)) \
	  $(call q,$(DESTDIR)) >$(call q,$(BINDIR)/aistudios)
	@chmod 755 $(call q,$(BINDIR)/aistudios)

STATIC_FILES := $(BUILD)/libaistudios.a $(BUILD)/pkgconfig/aistudios.pc
install-static: $(STATIC_FILES) $(BUILD)/aistudios.h
	@.ci/install $(call q,$(DESTDIR)$(STATICDIR)) $(BUILD) $(STATIC_FILES)
	@.ci/install $(call q,$(DESTDIR)$(INCLUDEDIR)) $(BUILD) $(BUILD)/aistudios.h

# Removes what those above bring.
uninstall:
	@.ci/uninstall $(call q,$(LUADIR)) lua $(LUA_FILES) $(META_LUA)
	@.ci/uninstall $(call q,$(LIBDIR)) $(BUILD) $(CORE) $(SANDBOX) $(SQLITE) $(POSTGRES)
	@.ci/uninstall $(call q,$(SHAREDIR)) $(BUILD)/share $(SHARED)
	@.ci/uninstall $(call q,$(BINDIR)) $(BUILD)/bin $(PROGRAM)
	@.ci/uninstall $(call q,$(DESTDIR)$(STATICDIR)) $(BUILD) $(STATIC_FILES)
	@.ci/uninstall $(call q,$(DESTDIR)$(INCLUDEDIR)) $(BUILD) $(BUILD)/aistudios.h

# What the rockspecs build.
rock-core: $(CORE)
rock-sandbox: $(SANDBOX)
rock-batch: $(SQLITE) $(POSTGRES)
rock-cli: $(SHARED)

# All rocks as source rocks, installed from these into a tree of their own,
# and example and command from that tree alone.
rock: deps
	@.ci/rock $(BUILD)/rock

# ---- the specs under sanitizers ----

ASAN := BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined'
TSAN := BUILD=$(BUILD)/tsan CFLAGS='-O1 -g' SANITIZE=-fsanitize=thread
preload = PRELOAD='AISTUDIOS_SLOW=1 ASAN_OPTIONS=fast_unwind_on_malloc=0 \
	TSAN_OPTIONS=die_after_fork=0:suppressions=$(ROOT)/.ci/tsan.supp \
	LSAN_OPTIONS=suppressions=$(ROOT)/.ci/lsan.supp:print_suppressions=0 \
	LD_PRELOAD=$(shell $(CC) -print-file-name=$(1))'

# Those that work the C core hardest; BUSTED=spec runs all, for hours.
SANITIZED := spec/http spec/lua spec/json_spec.lua spec/locale_spec.lua \
	spec/project/fast_path_spec.lua spec/project/text_fit_spec.lua spec/client_spec.lua
SANITIZED_SPECS = $(or $(BUSTED),$(SANITIZED))

sanitize: sanitize-address sanitize-thread sanitize-valgrind

sanitize-address: deps
	@$(MAKE) --no-print-directory $(ASAN) spec-programs
	@$(MAKE) --no-print-directory $(ASAN) $(call preload,libasan.so) run-specs \
	  BUSTED='$(SANITIZED_SPECS)'

sanitize-thread: deps
	@$(MAKE) --no-print-directory $(TSAN) spec-programs
	@$(MAKE) --no-print-directory $(TSAN) $(call preload,libtsan.so) run-specs \
	  BUSTED='$(SANITIZED_SPECS)'

sanitize-valgrind: deps
	@.ci/deps $(SANITIZE_PACKAGES)
	@$(MAKE) --no-print-directory spec-programs
	@$(IN_HERE) LOCPATH=$(call q,$(OUT)/locale) AISTUDIOS_BUILD=$(call q,$(OUT)) AISTUDIOS_SLOW=1 valgrind -q \
	  --error-exitcode=1 --leak-check=full --show-leak-kinds=definite \
	  --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
	  --suppressions=.ci/valgrind.supp $(LUA) .ci/busted $(SANITIZED_SPECS)

# The specs of the core in other builds: compilers, -O0 and -O3, the portable one,
# libcurl's GnuTLS flavour, a Lua that checks its interface; and clang's analyzer.
.PHONY: matrix
matrix: deps
	@.ci/deps clang clang-tidy libcurl3-gnutls
	@$(MAKE) --no-print-directory $(LOCALE)
	@$(IN_HERE) .ci/matrix $(call q,$(OUT)) $(MATRIX)

# ---- fuzz targets ----

# FUZZ: names of targets (all); FUZZ_SECONDS: for each. Each starts from its
# corpus in spec/fuzz/corpus.
FUZZ_SECONDS ?= 30
FUZZ ?=
fuzz: deps
	-@.ci/deps $(FUZZ_PACKAGES)
	@.ci/fuzz $(FUZZ_SECONDS) $(FUZZ)

# What .ci/fuzz builds, with a compiler and flags of its choice.
FUZZ_PROGRAMS := $(addprefix $(BUILD)/targets/,json decode encode lua_host)
FUZZ_LINK ?=
fuzz-programs: $(FUZZ_PROGRAMS)

FUZZ_ENCODE := $(wildcard csrc/json/*.c) $(addprefix csrc/lua/,bytes.c decode.c encode.c \
	marks.c marshal.c members.c path.c schema.c) $(addprefix csrc/util/,buffer.c bytes.c os.c)
$(BUILD)/targets/encode: FUZZ_SOURCES = -Drealloc=target_realloc $(FUZZ_ENCODE)
$(BUILD)/targets/lua_host: FUZZ_SOURCES = -Wl,--wrap=curl_easy_setopt spec/fuzz/peer.c $(CORE_OBJ)
$(BUILD)/targets/json $(BUILD)/targets/decode: FUZZ_SOURCES = $(CORE_OBJ)

$(FUZZ_PROGRAMS): $(BUILD)/targets/%: spec/fuzz/%.c $(CORE_OBJ) $(wildcard spec/fuzz/*.[ch])
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) $(FUZZ_LINK) -o $@ $< $(FUZZ_SOURCES) \
	  -Wl,-E $(shell pkg-config --libs lua5.4 libcurl) -lm

# ---- which lines the specs reach ----

# gcov counts those of C, spec/coverage those of Lua, in all processes of the
# specs. BUSTED picks specs; what an earlier run counted is kept until `make clean`.
COVERAGE := $(BUILD)/coverage
COVERED := BUILD=$(COVERAGE) CFLAGS='-O0 -g -include spec/coverage/lines.h' \
	SANITIZE='--coverage -fprofile-update=atomic'

coverage: deps coverage-programs
	-@$(MAKE) --no-print-directory covered-specs
	@$(IN_HERE) $(LUA) spec/coverage/report.lua $(COVERAGE)/lines.map $(COVERAGE)

.PHONY: coverage-programs covered-specs
coverage-programs:
	@$(MAKE) --no-print-directory $(COVERED) spec-programs $(COVERAGE)/lines.so

covered-specs:
	@COVERAGE_LINES=$(call q,$(OUT)/coverage/lines.map) \
	  COVERAGE_LIBRARY=$(call q,$(OUT)/coverage/lines.so) LUA_INIT=@$(call q,$(ROOT)/spec/coverage/init.lua) \
	  AISTUDIOS_SLOW=1 $(MAKE) --no-print-directory $(COVERED) run-specs

$(BUILD)/lines.so: spec/coverage/lines.c
	@mkdir -p $(@D)
	@echo "  $(@:$(BUILD)/%=%)"
	@$(CC) -std=c11 -O2 -fPIC -shared $(WARNINGS) $(CPPFLAGS_ALL) -o $@ $<

clean:
	rm -rf $(BUILD)

endif
