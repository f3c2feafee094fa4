# gate: build, test, ship.  `make help` lists the targets.  One non-recursive file.
#
#   V=1                      show commands
#   SAN=address,undefined    another variant, in build/address-undefined/
#   DEPS=system [STATIC=1]   link what pkg-config finds instead of the bundled static archives
#   CC='ccache cc' CFLAGS='-O0 -g' T=noun_test WERROR=
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += -rR
SHELL := bash
comma := ,

SAN  ?=
FUZZ ?=
CC   := $(if $(filter default undefined,$(origin CC)),cc,$(CC))
AR   := $(if $(filter default undefined,$(origin AR)),ar,$(AR))
DEPS ?= $(if $(wildcard /etc/debian_version),bundled,system)
B    ?= build/$(if $(SAN),$(subst $(comma),-,$(SAN)),release)
VERSION := 0.1.0

# As many jobs as there are processors, or JOBS=N (make 4.3 does not show a -j to its makefile).
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ifeq ($(MAKELEVEL)$(filter -j% --jobserver%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(JOBS)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wundef -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wswitch-enum
# Warnings are errors under the compilers this is tested with; a newer one only warns.
WERROR ?= $(if $(filter 12 14.%,$(shell $(CC) -dumpversion 2>/dev/null)),-Werror)
CFLAGS ?= $(if $(SAN),-O1,-O2) -g
TOP    := $(CURDIR)
CODEGEN := -fPIE -ffunction-sections -fdata-sections -fno-strict-aliasing \
	-ffile-prefix-map=$(TOP)=. $(if $(SAN),,-fstack-protector-strong)
SANFLAGS := $(if $(FUZZ),-fsanitize=fuzzer-no-link) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DGATE_VERSION='"$(VERSION)"' -Ilib -I. \
	-include lib/base/banned.h $(WARN) $(CODEGEN) $(SANFLAGS) $(DEP_CFLAGS) $(CFLAGS)

# --- what there is -----------------------------------------------------------------------------

LIB   := $(sort $(wildcard lib/*/*.c))
GATE  := $(sort $(wildcard gate/*.c))
UNIT  := $(sort $(wildcard test/unit/*_test.c))
FUZZC := $(sort $(wildcard test/fuzz/*_fuzz.c))
BENCH := $(sort $(wildcard test/bench/*.c))
PROBE := $(sort $(wildcard test/interop/*.c))
SERVE := $(sort $(wildcard test/server/*.c))
SIM   := $(sort $(wildcard test/sim/*.c))
CLI   := $(sort $(wildcard test/cli/*/*.sh))
EMBED := LICENSE $(shell export LC_ALL=C; \
	find docs/schema docs/scorers docs/providers fixtures/init lib/*/data -type f 2>/dev/null | sort) \
	$(filter-out $(addprefix docs/,README.md CHANGELOG.md CONTRIBUTING.md),$(sort $(wildcard docs/*.md))) \
	$(patsubst docs/man/%,$(B)/gen/man/%,$(sort $(wildcard docs/man/*.[1-9])))

LIB_OBJ   := $(LIB:%.c=$(B)/obj/%.o) $(B)/obj/gen/embed_data.o
GATE_OBJ  := $(GATE:%.c=$(B)/obj/%.o)
SERVE_OBJ := $(SERVE:%.c=$(B)/obj/%.o)
SIM_OBJ   := $(SIM:%.c=$(B)/obj/%.o)
UNIT_BIN  := $(UNIT:test/unit/%.c=$(B)/test/%) $(if $(SIM),$(B)/test/simulation)
FUZZ_BIN  := $(FUZZC:test/fuzz/%_fuzz.c=$(B)/fuzz/%)
BENCH_BIN := $(BENCH:test/bench/%.c=$(B)/bench/%)
PROBE_BIN := $(PROBE:test/interop/%.c=$(B)/interop/%)
TESTSERVER := $(if $(SERVE),$(B)/testserver)
SHIPPED   := $(if $(GATE),$(if $(SAN),$(B)/gate,build/gate))

Q := $(if $(V),,@)
quiet := $(findstring s,$(firstword -$(filter-out --%,$(MAKEFLAGS))))
say = $(if $(V)$(quiet),:,printf '%-5s %s\n' '$(1)' '$(2)')

.PHONY: FORCE all bins check check-unit check-cli unit golden interop bench demo simulate lint fuzz \
	fuzz-bins format tidy sizes dist install clean help compile_commands
all: $(SHIPPED) $(B)/libgate.a

# --- dependencies: installed, built and described by lib/deps.sh ---------------------------------

DEPS_MK := build/deps-$(DEPS)$(if $(STATIC),-static).mk
NO_DEPS := clean help format sizes
ifneq ($(filter-out $(NO_DEPS),$(or $(MAKECMDGOALS),all)),)
include $(DEPS_MK)
endif
$(DEPS_MK): lib/deps.sh
	@STATIC=$(STATIC) lib/deps.sh fragment $(DEPS) $@

# Tools a target needs beyond the compiler: looked for once a clone.
build/have-%: lib/deps.sh
	@mkdir -p $(@D)
	@lib/deps.sh packages $* && touch $@

LDLIBS_ALL = $(DEP_LIBS) -lm
# One binary for any distribution, or what this system links.
STATIC_PIE := $(if $(SAN),,$(if $(filter bundled,$(DEPS))$(STATIC),-static-pie))
# The linker warns of every NSS call in foreign archives; names are looked up by c-ares here.
STATIC_NOISE := $(if $(STATIC_PIE),2> >(sed -E '/: in function |statically linked appl/d' >&2))
LINK = $(CC) $(SANFLAGS) $(CFLAGS) -Wl,--gc-sections $(LDFLAGS)
ifeq ($(shell uname),Darwin)
LINK = $(CC) $(SANFLAGS) $(CFLAGS) -Wl,-dead_strip $(LDFLAGS)
endif

# --- compile and link ----------------------------------------------------------------------------

# Everything is rebuilt when flags or the list of files change, and only then.
STAMP_TEXT = $(filter-out ccache,$(CC)) $(ALL_CFLAGS) $(LIB) $(GATE) $(EMBED)
$(B)/stamp: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(STAMP_TEXT))' >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(B)/obj/%.o: %.c $(B)/stamp
	@mkdir -p $(@D); $(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(WERROR) -MMD -MP -c -o $@ $<

# The embedded files: names in bytewise order, bytes read by the assembler.
embed_name = $(patsubst $(B)/gen/%,%,$(patsubst lib/%,%,$(subst /data/,/,$(patsubst fixtures/%,%,$(patsubst docs/%,%,$(1))))))
$(B)/gen/man/%: docs/man/% lib/mdoc.awk
	@mkdir -p $(@D); LC_ALL=C awk -f lib/mdoc.awk $< >$@

$(B)/gen/embed_data.c: $(B)/stamp
	@mkdir -p $(@D); $(call say,GEN,$@)
	@{ echo '/* Generated by the Makefile; see base/embed_table.h. */'; \
	echo '#include "base/embed_table.h"'; \
	for pair in $(foreach f,$(EMBED),$(call embed_name,$(f))=$(f)); do echo "$$pair"; done | \
	LC_ALL=C sort | awk -F= ' \
		{ printf "EMBED_BYTES(%d, \"%s\");\n", NR, $$2; \
		rows = rows sprintf("\tEMBED_ROW(%d, \"%s\"),\n", NR, $$1) } \
		END { print "const struct embed_row embed_table[] = {\n" rows "\t{ .name = NULL }\n};"; \
		print "const size_t embed_count = " NR ";" }'; } >$@

$(B)/obj/gen/embed_data.o: $(B)/gen/embed_data.c $(EMBED)
	@mkdir -p $(@D); $(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(WERROR) -MMD -MP -c -o $@ $<

$(B)/libgate.a: $(LIB_OBJ) $(B)/stamp
	@$(call say,AR,$@); rm -f $@
	$(Q)$(AR) rcsD $@ $(LIB_OBJ)

$(B)/gate: $(GATE_OBJ) $(B)/libgate.a $(DEPS_MK)
	@$(call say,LINK,$@)
	$(Q)$(LINK) $(STATIC_PIE) -o $@ $(GATE_OBJ) $(B)/libgate.a $(LDLIBS_ALL) $(STATIC_NOISE)

# What is shipped; the one with symbols stays beside its objects.
build/gate: build/release/gate
	@$(call say,STRIP,$@); $(or $(STRIP),strip) -o $@ $<

define program # target, objects, further libraries
	@mkdir -p $(@D); $(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(1) $(B)/libgate.a $(2) $(LDLIBS_ALL)
endef

# Tests include cmocka's header: it must be there before the first of them compiles.
$(UNIT:%.c=$(B)/obj/%.o): | build/have-check
$(B)/test/%: $(B)/obj/test/unit/%.o $(B)/libgate.a | build/have-check
	$(call program,$<,-lcmocka)
FUZZ_MAIN := $(if $(FUZZ),-fsanitize=fuzzer,$(B)/obj/test/fuzz/driver.o)
$(B)/fuzz/%: $(B)/obj/test/fuzz/%_fuzz.o $(filter %.o,$(FUZZ_MAIN)) $(B)/libgate.a
	$(call program,$< $(FUZZ_MAIN))
$(B)/bench/%: $(B)/obj/test/bench/%.o $(B)/libgate.a
	$(call program,$<)
$(B)/interop/%: $(B)/obj/test/interop/%.o $(B)/libgate.a
	$(call program,$<)
$(B)/test/simulation: $(SIM_OBJ) $(B)/libgate.a
	$(call program,$(SIM_OBJ))
$(B)/testserver: $(SERVE_OBJ) $(B)/libgate.a
	$(call program,$(SERVE_OBJ))
.SECONDARY:

bins: all $(UNIT_BIN) $(TESTSERVER) $(if $(SAN),$(FUZZ_BIN))

# --- tests: everything speaks TAP and is run by prove ---------------------------------------------

# make unit, or make unit T=arena_test
unit: $(if $(T),$(B)/test/$(T),$(UNIT_BIN)) | $(TESTSERVER)
	@test/run.sh --quick -B $(B) $^

# make check-cli, or make check-cli T=run/pass
check-cli: bins | build/have-check
	@test/run.sh -B $(B) $(if $(T),$(wildcard test/cli/$(T)*.sh),$(CLI))

check-unit: $(UNIT_BIN) | $(TESTSERVER)
	@test/run.sh -B $(B) $^

# Rewrite the expected outputs, then read the diff.
golden: bins | build/have-check
	@GOLDEN_WRITE=1 test/run.sh -B $(B) $(if $(T),$(wildcard test/cli/$(T)*.sh),$(CLI))
	@git status --short -- test fixtures docs

# Everything that must hold before a change lands: this build, the sanitized one, the lints.
SAN_B := build/address-undefined
check: bins | build/have-check
	@$(MAKE) --no-print-directory SAN=address,undefined B=$(SAN_B) bins
	@GATE_CC='$(filter-out ccache,$(CC))' test/run.sh $(UNIT_BIN) $(CLI) test/lint/lint.sh \
		$(patsubst $(B)/%,$(SAN_B)/%,$(UNIT_BIN) $(FUZZ_BIN)) $(addprefix san:,$(filter-out test/cli/house/%,$(CLI)))

# make fuzz, or make fuzz T=yaml SECS=600
SECS ?= 60
fuzz: | build/have-fuzz
	@$(MAKE) --no-print-directory FUZZ=1 CC=clang SAN=address,undefined B=build/fuzz WERROR= fuzz-bins
	@test/fuzz/run.sh build/fuzz $(SECS) \
		$(patsubst $(B)/%,build/fuzz/%,$(if $(T),$(B)/fuzz/$(T),$(FUZZ_BIN)))
fuzz-bins: $(if $(T),$(B)/fuzz/$(T),$(FUZZ_BIN))

# make lint, or make lint T=layers
lint: $(B)/libgate.a | build/have-check
	@GATE_BUILD=$(B) GATE_CC='$(filter-out ccache,$(CC))' test/lint/lint.sh $(T)

# Format what this branch changed, or FILES=…
format: | build/have-format
	@files="$(FILES)"; [ -n "$$files" ] || files=$$({ git diff --name-only --diff-filter=d HEAD; \
		git ls-files --others --exclude-standard; } | grep -E '\.[ch]$$' | sort -u); \
	[ -z "$$files" ] || clang-format -i --style=file $$files

tidy: compile_commands.json | build/have-format
	@printf '%s\n' $(or $(FILES),$(LIB) $(GATE)) | \
		xargs -P $(JOBS) -n 4 clang-tidy --quiet -p . 2>/dev/null

# For editors and clang-tidy; no tool beyond make.
compile_commands: compile_commands.json
compile_commands.json: $(B)/stamp Makefile
	@flags=$$(printf '%s' '$(subst ','\'',$(ALL_CFLAGS))' | sed 's/["\\]/\\&/g'); \
	{ echo '['; sep=; for f in $(LIB) $(GATE) $(UNIT) $(FUZZC) $(SERVE) $(SIM) $(BENCH) $(PROBE); do \
		printf '%s{ "directory": "%s", "file": "%s", "command": "cc %s -c %s" }' \
			"$$sep" '$(TOP)' "$$f" "$$flags" "$$f"; \
		sep=$$',\n'; done; echo; echo ']'; } >$@

sizes:
	@test/lint/sizes.sh

# Every rule with the truth on its bar; WRITE=1 puts the tables at the end of docs/design/stats.md.
simulate: $(B)/test/simulation
	$(Q)$< --full | tee $(B)/simulation.md; status=$${PIPESTATUS[0]}; \
	[ -z "$(WRITE)" ] || [ $$status != 0 ] || { sed '/^### /,$$d' docs/design/stats.md >$(B)/stats.md && \
	sed 1d $(B)/simulation.md >>$(B)/stats.md && cp $(B)/stats.md docs/design/stats.md; }; exit $$status

# A script that is not there is an error, never a silent success.
script = @test -x $(1) || { echo "$@: '$(1)' is missing" >&2; exit 1; }; $(1)
interop: all $(PROBE_BIN) | build/have-interop
	$(call script,test/interop/run.sh)
bench: all $(BENCH_BIN) $(TESTSERVER) | build/have-bench
	$(call script,test/bench/run.sh)
demo: all | build/have-demo
	$(call script,fixtures/demo/run.sh)

# --- what leaves the house ------------------------------------------------------------------------

MAN   := $(sort $(wildcard docs/man/*.[1-9]))
PREFIX ?= /usr/local
DESTDIR ?=
SHELLS := bash zsh fish
COMPLETIONS := $(SHELLS:%=build/completion/gate.%)
$(COMPLETIONS): build/completion/gate.%: build/gate
	@mkdir -p $(@D); build/gate completion $* >$@

SHARE := $(DESTDIR)$(PREFIX)/share
install: $(SHIPPED) $(COMPLETIONS)
	install -D -m 755 $(SHIPPED) '$(DESTDIR)$(PREFIX)/bin/gate'
	for m in $(MAN); do \
		install -D -m 644 $$m "$(SHARE)/man/man$${m##*.}/$${m##*/}" || exit 1; done
	install -D -m 644 build/completion/gate.bash '$(SHARE)/bash-completion/completions/gate'
	install -D -m 644 build/completion/gate.zsh '$(SHARE)/zsh/site-functions/_gate'
	install -D -m 644 build/completion/gate.fish '$(SHARE)/fish/vendor_completions.d/gate.fish'

# One tarball; two runs of one commit give the same bytes.
dist: $(SHIPPED) | build/have-dist
	@VERSION='$(VERSION)' LICENSES='$(DEP_LICENSES)' lib/dist.sh $(SHIPPED) $(MAN)

clean:
	rm -rf build compile_commands.json

help:
	@sed -n 's/^#? //p' Makefile

#? make              build/gate, the binary that ships (static where the system allows it)
#? make demo         see a change pass and a worse one blocked, in a scratch folder
#? make check        build, unit and command tests, the same under sanitizers, lints
#? make unit         unit tests only               (T=noun_test for one)
#? make check-cli    command tests only            (T=cmd/case for one)
#? make golden       rewrite expected outputs, then show what changed
#? make interop      our bytes before servers and clients that others wrote
#? make bench        speed and memory
#? make simulate     every statistical rule with the truth on its bar (WRITE=1: into docs/design/stats.md)
#? make fuzz         libFuzzer over every decoder  (T=noun SECS=60)
#? make lint         rules of the house            (T=layers for one)
#? make sizes        the longest files and functions
#? make tidy         clang-tidy                    make format   clang-format on changed files
#? make dist         reproducible tarball          make install  PREFIX=/usr/local DESTDIR=
#? make clean        remove build/
#?
#? V=1 shows commands.  SAN=address,undefined builds a sanitized variant.
#? DEPS=system links the system's libraries (with STATIC=1 statically).

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
