# Makefile: one file for everything. `make run` and `make test` are all that most people need;
# `make help` lists the rest. The upper half is what one types; the lower half compiles, and is
# reached by this file calling itself with COMPILING=1, after what is missing was installed.

VERSION = 0.1.0
MODE    = release# or debug, san, fuzz, cover
WERROR ?=# 1: a warning is an error
READLINE ?=# no: build without, even when it is there
OPENSSL ?=# the same, for TLS in `pennypost serve`
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
TEST_JOBS ?= $(shell echo $$(($(JOBS) + 1)))# many tests wait for a server or a clock

ifeq ($(origin CC),default)
CC := $(shell command -v gcc clang cc 2>/dev/null | head -n 1 | sed 's,.*/,,')
endif
ifeq ($(CC),)
CC := gcc
endif

B = build/$(MODE)-$(notdir $(lastword $(CC)))$(if $(WERROR),-werror)
export CC READLINE OPENSSL

# Parallel even when nobody says -j; each file's errors in one piece.
AGAIN   = $(MAKE) -s --no-print-directory
COMPILE = +@$(AGAIN) COMPILING=1 $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) -O
NEED    = @sh tests/setup/libraries.sh

ifndef COMPILING

# Where `make install` puts things; DESTDIR stands before all of it.
prefix ?= /usr/local
export DESTDIR prefix bindir datadir mandir docdir bashcompdir zshcompdir fishcompdir

.PHONY: all run install uninstall deb reproducible static sbom page page-check test-page test-module test check test-unit walks test-san test-clang accept fuzz sweep mutants record measure load bench \
        layers format format-check warnings tidy libc-names cover docs clean help

all:           ## build ./pennypost (MODE=release|debug|san, CC=gcc|clang, WERROR=1, READLINE=no, OPENSSL=no)
	$(NEED) --check build
	$(COMPILE) program

run:           ## install what is missing, build, and open the prompt
	$(NEED) build
	$(COMPILE) program
	@./pennypost

install:       ## build, and install below prefix (/usr/local): program, man page, completion; DESTDIR=
	$(NEED) --check build
	$(COMPILE) program
	@sh packaging/install.sh install $(B)/pennypost

uninstall:     ## remove what install has put there
	@sh packaging/install.sh uninstall $(B)/pennypost

deb:           ## a Debian package by Debian's own tools: build/deb; TRY=1 (as root): used on a bare Debian
	$(NEED) build deb $(if $(TRY),bare-debian)
	@sh packaging/deb.sh
	@$(if $(TRY),sh packaging/try.sh build/deb/pennypost_*.deb)

reproducible:  ## the package made twice, in two folders, and compared octet by octet
	$(NEED) build deb
	@sh packaging/reproducible.sh

static:        ## one file for any Linux, without readline and TLS: build/static/pennypost (musl)
	$(NEED) static
	@sh packaging/static.sh

sbom:          ## what the program is made of, in SPDX, on standard output
	$(NEED) --check build
	$(COMPILE) program >&2
	@sh packaging/sbom.sh ./pennypost

test:          ## install what is missing, build, and run every test
	$(NEED) build test
	$(COMPILE) program tests
	+@$(AGAIN) COMPILING=1 run-tests

check:         ## what a minute catches: the quick unit tests, tables, transcripts, stories
	$(NEED) build test
	$(COMPILE) program tests
	+@$(AGAIN) COMPILING=1 run-check

test-unit:     ## run tests/unit, or one test program: T=slice
	$(NEED) build test
	$(COMPILE) $(if $(T),tests T=$(T),tests)
	+@$(AGAIN) COMPILING=1 run-unit T=$(T)

test-san:      ## the test programs and the scenarios under AddressSanitizer and UBSan; ALL=1: every test
	$(NEED) build test $(if $(findstring clang,$(CC)),clang sanitizers-of-clang)
	$(COMPILE) MODE=san program tests
	+@$(AGAIN) COMPILING=1 MODE=san $(if $(ALL),run-tests,run-san)

test-clang:    ## everything built with clang: quick tests, seeds, the digest; ALL=1: every test
	$(NEED) build test clang
	$(COMPILE) CC=clang everything
	+@$(AGAIN) COMPILING=1 CC=clang $(if $(ALL),run-tests,run-clang)

accept:        ## rewrite the expected outputs under tests/ and show what changed
	$(NEED) build test
	$(COMPILE) program tests
	-+@ACCEPT=1 $(AGAIN) COMPILING=1 run-tests
	@git --no-pager diff --stat -p -- tests

fuzz:          ## fuzz one target, or all in turn: P=imap SECONDS=60
	$(NEED) build clang sanitizers-of-clang
	$(COMPILE) MODE=fuzz CC=clang P="$(P)" fuzzers
	+@$(AGAIN) COMPILING=1 MODE=fuzz CC=clang run-fuzz P="$(P)"

sweep:         ## everything that can fail below the store, failed one by one (make test takes some of them)
	$(NEED) build test
	$(COMPILE) tests T=sweep
	@CK_DEFAULT_TIMEOUT=3600 CK_VERBOSITY=verbose SWEEP=all $(B)/tests/unit/test_sweep

walks:         ## 10,000 random walks of devices and 1,000 back and forth in time (make test: 2,000 and 40)
	$(NEED) build test
	$(COMPILE) tests
	@$(B)/tests/walk/device_walk 10000
	@$(B)/tests/walk/timeline 1000

record:        ## record sessions of real mail programs anew, as lessons/recordings/: P=fetchmail, or all
	$(NEED) build test
	$(COMPILE) program
	@PENNYPOST='$(CURDIR)/$(B)/pennypost' BUILD=$(B) python3 tests/setup/record.py $(P)

measure:       ## measure an installed program anew, and what differs from the field guide's row: P=mpop, or all
	$(NEED) build test
	$(COMPILE) program
	@PENNYPOST='$(CURDIR)/$(B)/pennypost' BUILD=$(B) python3 tests/setup/measure.py $(P)

mutants:       ## which wrong lines do the tests not notice? N=30 SEED=1
	$(NEED) build test
	@python3 tests/mutants/lines.py $(or $(N),30) $(or $(SEED),1)

load:          ## ten clients with random IMAP commands and a model each, with and without QRESYNC: SECONDS=600
	$(NEED) build test
	$(COMPILE) program tools
	@BUILD=$(B) PENNYPOST=$(B)/pennypost python3 tests/load/load.py $(or $(SECONDS),60)
	@BUILD=$(B) PENNYPOST=$(B)/pennypost python3 tests/load/load.py $(or $(SECONDS),60) qresync

bench:         ## figures: start-up, commands, events, memory; P=serve: beside Dovecot and Postfix; P=hold: who waits for whom
	$(NEED) build bench
	$(COMPILE) program benches
	@$(if $(filter serve hold,$(P)),BUILD=$(B) PENNYPOST=$(B)/pennypost python3 tests/bench/$(P).py,sh tests/bench/run_bench.sh $(B))

page:          ## the program as one HTML file for a browser: build/pennypost.html
	$(NEED) page
	+@$(MAKE) --no-print-directory -f page/page.mk VERSION='$(VERSION)'
	@sh page/bundle.sh build/page build/pennypost.html

page-check:    ## read the core and the page as WebAssembly's compiler does, without building them
	$(NEED) build page-check
	$(COMPILE) page-check

test-page:     ## the page in Chromium and Firefox; its module against the program; a fuzz: LINES=20000
	$(NEED) build page test-page
	$(COMPILE) program
	+@$(MAKE) --no-print-directory -f page/page.mk VERSION='$(VERSION)'
	@sh page/bundle.sh build/page build/pennypost.html
	@PENNYPOST='$(CURDIR)/$(B)/pennypost' LINES='$(or $(LINES),20000)' tests/run tests/page/*.sh
	@tests/page/run

test-module:   ## the page's module alone, without a browser: every scenario, story, solution and 200 walks
	$(NEED) build page node
	$(COMPILE) program
	+@$(MAKE) --no-print-directory -f page/page.mk VERSION='$(VERSION)'
	@PENNYPOST='$(CURDIR)/$(B)/pennypost' tests/run tests/page/same.sh tests/page/worlds.sh

layers:        ## who may include whom
	@sh tests/checks/layers.sh

format:        ## mend the layout; long lines go through clang-format
	$(NEED) format
	@sh tests/checks/format.sh --write

format-check:  ## say where the layout is wrong
	@sh tests/checks/format.sh

warnings:      ## build everything with gcc, and with clang for its sanitizers; warnings are errors
	$(NEED) build test clang sanitizers-of-clang
	$(COMPILE) CC=gcc WERROR=1 everything
	$(COMPILE) CC=clang MODE=san WERROR=1 everything

tidy:          ## lengths of functions and files, limits, banned calls, wall clocks, reasons of must()
	@sh tests/checks/sizes.sh
	@sh tests/checks/limits.sh
	@sh tests/checks/must.sh
	@sh tests/checks/banned.sh
	@BUILD=$(B) bash tests/checks/words.sh
	@sh tests/checks/rooms.sh

libc-names:    ## names of libc that the core uses, against the reviewed list
	$(NEED) --check build
	$(COMPILE) core
	@sh tests/checks/libc_names.sh $(B)

cover:         ## run the tests and say which lines they reach
	$(NEED) build test
	$(COMPILE) MODE=cover program tests
	@find build/cover-* -name '*.gcda' -delete
	-+@$(AGAIN) COMPILING=1 MODE=cover run-tests >build/cover.tap; tail -n 1 build/cover.tap
	@sh tests/checks/cover.sh build/cover-$(notdir $(lastword $(CC)))

docs:          ## write docs/protocols/ from the tables of rules, docs/claims.md and docs/imap-revisions.md from what runs show, docs/misconceptions.md from the lessons
	$(NEED) --check build
	$(COMPILE) program tools
	@BUILD=$(B) ACCEPT=1 sh tests/checks/docs.sh
	@BUILD=$(B) ACCEPT=1 bash tests/checks/words.sh
	@ACCEPT=1 sh tests/checks/rooms.sh
	@ACCEPT=1 sh tests/checks/claims.sh
	@ACCEPT=1 sh tests/checks/revisions.sh
	@ACCEPT=1 sh tests/checks/misconceptions.sh

clean:         ## remove what was built
	@rm -rf build pennypost

help:          ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

else # COMPILING -----------------------------------------------------------------------------------

CORE     := base servers sim views lessons front
SOURCES   = $(sort $(foreach room,$(1),$(wildcard $(room)/*.c $(room)/*/*.c)))
STORIES  := $(sort $(wildcard lessons/stories/*.post))
RECORDED := $(sort $(wildcard lessons/recordings/*.txt))
LESSONS  := $(sort $(wildcard lessons/en/*.md))
LESSONS_DE := $(sort $(wildcard lessons/de/*))
CORE_C   := $(call SOURCES,$(CORE))
GATE_C   := $(call SOURCES,gateway)
REPL_C   := $(call SOURCES,repl)
TESTS_C  := $(sort $(wildcard tests/*/*.c tests/*/*/*.c))
FUZZ_C   := $(filter tests/fuzz/fuzz_%,$(TESTS_C))
BENCH_C  := $(filter tests/bench/%,$(TESTS_C))
TOOL_C   := $(filter tests/setup/%,$(TESTS_C))
TEST_C   := $(filter-out tests/fuzz/% $(BENCH_C) $(TOOL_C),$(TESTS_C))
MAIN_C   := $(if $(TEST_C),$(shell grep -l '^int main\b' $(TEST_C)))
BENCH_MAIN_C := $(if $(BENCH_C),$(shell grep -l '^int main\b' $(BENCH_C)))
SHARED_C := $(filter-out $(MAIN_C) $(BENCH_MAIN_C),$(TEST_C) $(BENCH_C))
SLOW     := $(shell awk '/^[0-9]/ { print "tests/" $$2 }' tests/slow.txt)
ifdef T
MAIN_C   := $(filter %/test_$(T).c %/$(T).c,$(MAIN_C))
endif

PROGRAMS := $(MAIN_C:%.c=$(B)/%)
REPLAYS  := $(FUZZ_C:%.c=$(B)/%)
FUZZ_ONE := $(if $(P),$(wildcard $(P:%=tests/fuzz/fuzz_%.c)),$(FUZZ_C))
FUZZERS  := $(FUZZ_ONE:%.c=$(B)/%.fuzzer)
BENCHES  := $(BENCH_MAIN_C:%.c=$(B)/%)
TOOLS    := $(TOOL_C:%.c=$(B)/%)
SCRIPTS  := $(filter-out tests/page/% tests/setup/% tests/bench/% tests/fuzz/% tests/load/% tests/mutants/% %/cover.sh %/format.sh, \
              $(sort $(wildcard tests/*/*.sh tests/*/*.py)))

# --- what is here ------------------------------------------------------------------------------

HEADER   = $(shell printf '\043include <%s>\n' stdio.h $(1) | $(CC) -E -x c - >/dev/null 2>&1 && echo yes)
LIBRARY  = $(or $(shell pkg-config $(1) $(2) 2>/dev/null),$(3))

ifneq ($(READLINE),no)
ifeq ($(call HEADER,readline/readline.h),yes)
WITH_READLINE  = -DHAVE_READLINE
READLINE_LIBS := $(call LIBRARY,--libs,readline,-lreadline)
endif
endif
ifneq ($(OPENSSL),no)
ifeq ($(call HEADER,openssl/ssl.h),yes)
WITH_OPENSSL   = -DHAVE_OPENSSL
OPENSSL_LIBS  := $(call LIBRARY,--libs,openssl,-lssl -lcrypto)
endif
endif
LIBS      := $(call LIBRARY,--libs,sqlite3,-lsqlite3) $(call LIBRARY,--libs,nettle,-lnettle) \
             $(call LIBRARY,--libs,libcmark,-lcmark) \
             $(OPENSSL_LIBS)
CHECK_LIBS = $(call LIBRARY,--libs,check,-lcheck_pic -lsubunit -lrt -lm -pthread)

# --- how it is compiled --------------------------------------------------------------------------

WARN  = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla
SANITIZE  = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
release   = -O2 -g
debug     = -O0 -g3
san       = -O1 -g -DARENA_MALLOC $(SANITIZE)
fuzz      = -O1 -g -DARENA_MALLOC $(SANITIZE) -fsanitize=fuzzer-no-link
cover     = -O0 -g --coverage
ifeq ($(origin $(MODE)),undefined)
$(error MODE=$(MODE): it is release, debug, san, fuzz or cover)
endif
ALL_CFLAGS = -std=c17 $(WARN) $(if $(WERROR),-Werror) $($(MODE)) -I. \
             -DPENNYPOST_VERSION='"$(VERSION)"' $(WITH_READLINE) $(WITH_OPENSSL) $(CFLAGS)
# Check's own macros are not pedantic.
TEST_CFLAGS = -D_POSIX_C_SOURCE=200809L $(if $(findstring clang,$(CC)),-Wno-gnu-zero-variadic-macro-arguments)
LINK = $(CC) $($(MODE)) $(LDFLAGS)

# Other flags than last time: compile again. Other files: make the archives again.
$(shell mkdir -p $(B); echo '$(CC) $(subst ',,$(ALL_CFLAGS))' >$(B)/flags.new; \
        cmp -s $(B)/flags.new $(B)/flags || { mv $(B)/flags.new $(B)/flags; find $(B) -name told -delete; }; \
        echo $(CORE_C) $(GATE_C) $(REPL_C) $(SHARED_C) $(STORIES) $(RECORDED) $(LESSONS) >$(B)/files.new; \
        cmp -s $(B)/files.new $(B)/files || mv $(B)/files.new $(B)/files)

OBJECTS = $(1:%.c=$(B)/%.o)
.PHONY: program tests tools core benches fuzzers everything run-tests run-check run-clang run-san \
        run-unit run-fuzz page-check
.SECONDARY:
.DELETE_ON_ERROR:

program: $(B)/pennypost
	@ln -f $< pennypost 2>/dev/null || cp -f $< pennypost
tests: $(B)/pennypost $(PROGRAMS) $(REPLAYS) $(TOOLS)
tools: $(TOOLS)
core: $(call OBJECTS,$(CORE_C)) $(B)/lessons/stories.o $(B)/lessons/recordings.o $(B)/lessons/texts.o
benches: $(BENCHES)
fuzzers: $(FUZZERS)
everything: $(B)/pennypost $(PROGRAMS) $(REPLAYS) $(BENCHES) $(TOOLS)

page-check:
	+@$(MAKE) --no-print-directory -f page/page.mk check

$(B)/pennypost: $(call OBJECTS,$(REPL_C)) $(B)/repl/said.o $(B)/libpennypost.a
	@echo "link pennypost"
	@$(LINK) -o $@ $^ $(LIBS) $(READLINE_LIBS)

# The stories and the lessons are texts, and part of the program.
$(B)/lessons/stories.c: $(STORIES) lessons/embed.sh $(B)/files
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/story.h story_text stories $(STORIES) >$@
$(B)/lessons/recordings.c: $(RECORDED) lessons/embed.sh $(B)/files
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/recording.h recording_text recording_texts $(RECORDED) >$@
$(B)/lessons/texts.c: $(LESSONS) lessons/embed.sh $(B)/files
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/course.h lesson_text lesson_texts $(LESSONS) >$@
$(B)/lessons/texts_de.c: $(LESSONS_DE) lessons/embed.sh $(B)/files
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/course.h lesson_text lesson_texts_de $(LESSONS_DE) >$@
# What the code says to people, for lint.
SAYING_C := $(filter sim/% views/% lessons/% repl/%,$(CORE_C) $(REPL_C))
$(B)/repl/said.c: $(SAYING_C) repl/said.awk $(B)/files
	@mkdir -p $(@D)
	@cat $(SAYING_C) | awk -f repl/said.awk >$@
TEXTS := $(B)/lessons/stories.o $(B)/lessons/recordings.o $(B)/lessons/texts.o $(B)/lessons/texts_de.o
$(TEXTS) $(B)/repl/said.o: %.o: %.c $(B)/flags
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Archives are made anew: files of the same name in two rooms must both stay.
$(B)/libpennypost.a: $(call OBJECTS,$(CORE_C) $(GATE_C)) $(TEXTS)
$(B)/librepl.a: $(call OBJECTS,$(filter-out repl/main.c,$(REPL_C))) $(B)/repl/said.o
$(B)/libtests.a: $(call OBJECTS,$(SHARED_C))
$(B)/lib%.a: $(B)/files
	@rm -f $@
	@ar qcs $@ $(filter %.o,$^)

TEST_LIBS = $(B)/libtests.a $(B)/librepl.a $(B)/libpennypost.a
$(REPLAYS): $(B)/%: $(B)/%.o $(B)/tests/fuzz/replay.o $(TEST_LIBS)
	@$(LINK) -o $@ $^ $(LIBS) $(READLINE_LIBS)
$(FUZZERS): $(B)/%.fuzzer: $(B)/%.o $(TEST_LIBS)
	@echo "link $(@F)"
	@$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS) $(READLINE_LIBS)
$(PROGRAMS) $(BENCHES) $(TOOLS): $(B)/%: $(B)/%.o $(TEST_LIBS)
	@$(LINK) -o $@ $^ $(if $(filter $@,$(PROGRAMS)),$(CHECK_LIBS)) $(LIBS) $(READLINE_LIBS)

$(B)/tests/%.o: EXTRA = $(TEST_CFLAGS)
$(B)/repl/%.o $(B)/gateway/%.o: EXTRA = -D_POSIX_C_SOURCE=200809L
$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@mkdir $(@D)/told 2>/dev/null && echo "$(CC) $(*D)" || true
	@$(CC) $(ALL_CFLAGS) $(EXTRA) -MMD -MP -c -o $@ $<

-include $(patsubst %.c,$(B)/%.d,$(CORE_C) $(GATE_C) $(REPL_C) $(TESTS_C))

# --- how it is run -------------------------------------------------------------------------------

TEST_ENV = PENNYPOST='$(CURDIR)/$(B)/pennypost' BUILD=$(B) MODE=$(MODE) JOBS=$(TEST_JOBS)
run-tests:
	@$(TEST_ENV) tests/run $(REPLAYS) $(PROGRAMS) $(SCRIPTS)
QUICK = $(filter-out $(SLOW:%=$(B)/%),$(filter $(B)/tests/unit/% $(B)/tests/tables/%,$(PROGRAMS))) \
        $(B)/tests/transcripts/test_transcripts
run-check:
	@$(TEST_ENV) tests/run $(QUICK) tests/lessons/stories.sh
run-clang:
	@$(TEST_ENV) tests/run $(REPLAYS) $(QUICK) $(B)/tests/walk/test_digest
# Where no heap is set back, time is turned by playing from the start, again and again: its walk has
# nothing of its own to show there.
run-san:
	@$(TEST_ENV) tests/run $(REPLAYS) $(filter-out %/walk/timeline,$(PROGRAMS)) tests/scenarios/run.sh
run-unit:
	@$(TEST_ENV) tests/run $(if $(T),$(PROGRAMS),$(filter $(B)/tests/unit/%,$(PROGRAMS)))

SECONDS = 60
run-fuzz:
	@sh tests/fuzz/run_fuzz.sh $(B) $(SECONDS) $(if $(P),$(P),$(FUZZ_C:tests/fuzz/fuzz_%.c=%))

endif
