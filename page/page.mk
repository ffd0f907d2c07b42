# page.mk: the core as one WebAssembly module without imports: build/page/pennypost.wasm.
# Called by `make page`, which has looked for what it needs.
P       := build/page
SOURCES := $(P)/sources
CLANG   ?= clang
VERSION ?= 0

CORE_C   := $(filter-out page/unpack.c,$(sort $(foreach room,base servers sim views lessons front page,\
              $(wildcard $(room)/*.c $(room)/*/*.c))))
STORIES  := $(sort $(wildcard lessons/stories/*.post))
RECORDED := $(sort $(wildcard lessons/recordings/*.txt))
LESSONS  := $(sort $(wildcard lessons/en/*.md))
# Of nettle and cmark what the core uses, and what that needs.
NETTLE_C := $(addprefix $(SOURCES)/nettle/,md5.c md5-compress.c md5-meta.c sha256.c sha256-compress.c \
              sha256-meta.c hmac.c hmac-md5.c hmac-sha256.c pbkdf2.c pbkdf2-hmac-sha256.c memxor.c \
              memeql-sec.c write-le32.c write-be32.c)
CMARK_C  := $(addprefix $(SOURCES)/cmark/,blocks.c buffer.c cmark.c cmark_ctype.c houdini_href_e.c \
              houdini_html_e.c houdini_html_u.c inlines.c iterator.c node.c references.c scanners.c utf8.c)

# Speed is the engine's: what answers a line is -O2. What is read once, or seldom, is -Oz, as SQLite.
COLD     := lessons/% page/% front/% views/% sim/devices/% sim/hosts/% sim/language/% $(SOURCES)/% \
            $(addprefix servers/,auth/% imap/% mail/% pop3/% store/%)
# Two instructions that are younger than the first WebAssembly, by which the code is smaller: every
# browser that has what old.js asks for has them.
WASM     := $(CLANG) --target=wasm32-wasi -mbulk-memory -msign-ext
WARN      = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Werror
OURS      = -std=c17 $(WARN) -I. -I$(P)/include -DPENNYPOST_VERSION='"$(VERSION)"'
# Statements that are never made; the grammar is made without them (sources.sh).
OMITTED   = $(addprefix -DSQLITE_OMIT_,ALTERTABLE ANALYZE EXPLAIN REINDEX AUTOVACUUM GENERATED_COLUMNS)
# One thread, no files of a system's, no extensions. The write-ahead log stays: worlds are kept so.
SQLITE    = -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_DQS=0 \
            -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
            -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOCALTIME -DSQLITE_OMIT_PROGRESS_CALLBACK \
            $(addprefix -DSQLITE_OMIT_,AUTHORIZATION COMPILEOPTION_DIAGS COMPLETE DECLTYPE GET_TABLE \
              INCRBLOB INTROSPECTION_PRAGMAS JSON TRACE UTF16) $(OMITTED) -DSQLITE_UNTESTABLE \
            -Wno-undefined-internal
# A stack that overflows traps, and does not write over data (a contrast takes 110 KB of it); memory
# has a ceiling.
# No -O: with it clang would run whichever wasm-opt there is, which makes it no smaller.
LINK      = -Wl,-O2 -Wl,--compress-relocations -mexec-model=reactor -Wl,--gc-sections,--strip-all,--stack-first \
            -Wl,-z,stack-size=262144 -Wl,--max-memory=1073741824

OBJECTS  := $(CORE_C:%.c=$(P)/%.o) $(P)/texts/stories.o $(P)/texts/recordings.o $(P)/texts/lessons.o $(P)/texts/lessons_de.o \
            $(NETTLE_C:$(SOURCES)/%.c=$(P)/%.o) $(CMARK_C:$(SOURCES)/%.c=$(P)/%.o) $(P)/sqlite3.o

all: $(P)/pennypost.wasm $(P)/unpack.wasm
	@sh page/size.sh $<

# What takes the module out of the page's text: small, without memory for anything but that.
$(P)/unpack.wasm: page/unpack.c $(P)/flags
	@$(WASM) -O2 $(OURS) -c -o $(@:.wasm=.o) $<
	@$(WASM) -nostdlib -Wl,-O2 -Wl,--no-entry,--strip-all -Wl,-z,stack-size=4096 -o $@ $(@:.wasm=.o)

$(P)/pennypost.wasm: $(OBJECTS)
	@echo "link $(@F)"
	@$(WASM) $(LINK) -o $@ $^

$(P)/texts/stories.c: $(STORIES) lessons/embed.sh
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/story.h story_text stories $(STORIES) >$@
$(P)/texts/recordings.c: $(RECORDED) lessons/embed.sh
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/recording.h recording_text recording_texts $(RECORDED) >$@
$(P)/texts/lessons.c: $(LESSONS) lessons/embed.sh
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/course.h lesson_text lesson_texts $(LESSONS) >$@
$(P)/texts/lessons_de.c: $(LESSONS_DE) lessons/embed.sh
	@mkdir -p $(@D)
	@sh lessons/embed.sh lessons/course.h lesson_text lesson_texts_de $(LESSONS_DE) >$@

$(P)/flags: page/page.mk page/sources.sh
	@mkdir -p $(P)
	@sh page/sources.sh $(SOURCES) '$(OMITTED)'
	@mkdir -p $(P)/include
	@ln -sfn ../sources/nettle $(P)/include/nettle
	@ln -sf ../sources/sqlite3.h ../sources/cmark/cmark.h ../sources/cmark/cmark_export.h \
	    ../sources/cmark/cmark_version.h $(P)/include/
	@ln -sf /usr/include/uthash.h $(P)/include/
	@touch $@

SPEED = $(if $(filter $(COLD),$<),-Oz,-O2)
$(NETTLE_C) $(CMARK_C) $(SOURCES)/sqlite3.c: $(P)/flags ;
$(P)/sqlite3.o: $(SOURCES)/sqlite3.c
	@echo "wasm sqlite3"
	@$(WASM) -Oz $(SQLITE) -c -o $@ $<
$(P)/nettle/%.o: $(SOURCES)/nettle/%.c
	@mkdir -p $(@D)
	@$(WASM) -O2 -DNDEBUG -I$(SOURCES)/nettle -I$(P)/include -c -o $@ $<
$(P)/cmark/%.o: $(SOURCES)/cmark/%.c
	@mkdir -p $(@D)
	@$(WASM) -Oz -DNDEBUG -I$(SOURCES)/cmark -c -o $@ $<
$(P)/texts/%.o: $(P)/texts/%.c $(P)/flags
	@$(WASM) -Oz $(OURS) -c -o $@ $<
$(P)/%.o: %.c $(P)/flags
	@mkdir -p $(@D)
	@mkdir $(@D)/told 2>/dev/null && echo "wasm $(*D)" || true
	@$(WASM) $(SPEED) $(OURS) -MMD -MP -c -o $@ $<

# cmark.h has a declaration in the manner of 1978.
$(P)/lessons/markdown.o: WARN += -Wno-strict-prototypes

# All of it read as it would be compiled, with the libraries' headers as the distribution has them:
# a quarter of a minute where the module takes some, and no sources to fetch.
CHECKED := $(CORE_C:%.c=$(P)/checked/%)
HEADERS := $(P)/checked/include
check: $(CHECKED)
$(HEADERS)/made: page/page.mk
	@mkdir -p $(@D)
	@ln -sfn $(foreach name,nettle sqlite3.h cmark.h cmark_export.h cmark_version.h uthash.h,/usr/include/$(name)) $(@D)
	@touch $@
$(P)/checked/%: %.c $(HEADERS)/made
	@mkdir -p $(@D)
	@$(WASM) -fsyntax-only $(OURS) -I$(HEADERS) -MMD -MP -MT $@ -MF $@.d $<
	@touch $@
$(P)/checked/lessons/markdown: WARN += -Wno-strict-prototypes

# The libraries alone, for another compiler: packaging/static.sh says which, by P= WASM= SQLITE=.
libraries: $(NETTLE_C:$(SOURCES)/%.c=$(P)/%.o) $(CMARK_C:$(SOURCES)/%.c=$(P)/%.o) $(P)/sqlite3.o
	@rm -f $(P)/libraries.a
	@ar qcs $(P)/libraries.a $^

-include $(CORE_C:%.c=$(P)/%.d) $(CHECKED:%=%.d)
.PHONY: all check libraries
.SECONDARY:
.DELETE_ON_ERROR:
