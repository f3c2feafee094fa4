# gate: build, test, ship.  `make help` lists the targets.  One non-recursive file.
.DEFAULT_GOAL := all
comma := ,
SAN  ?=
DEPS ?= system
CC   ?= cc
AR   ?= ar
B    ?= build/$(if $(SAN),$(subst $(comma),-,$(SAN)),release)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wundef -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wswitch-enum
WERROR ?=
CFLAGS ?= $(if $(SAN),-O1,-O2) -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Ilib -I$(B)/gen -include lib/base/banned.h $(WARN) $(WERROR) \
	$(CFLAGS) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) $(DEP_CFLAGS)

PKGS := libcurl libgit2 openssl jansson yaml-0.1 libpcre2-8 sqlite3 libutf8proc
DEP_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
DEP_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
LDLIBS_ALL = $(DEP_LIBS) -lm

LIB  := $(sort $(wildcard lib/*/*.c))
GATE := $(sort $(wildcard gate/*.c))
UNIT := $(sort $(wildcard test/unit/*_test.c))
LIB_OBJ  := $(LIB:%.c=$(B)/obj/%.o)
GATE_OBJ := $(GATE:%.c=$(B)/obj/%.o)
UNIT_BIN := $(UNIT:test/unit/%.c=$(B)/test/%)

.PHONY: all FORCE unit clean
all: $(if $(GATE),$(B)/gate) $(B)/libgate.a

# Rebuild everything when flags or the list of files change, and only then.
$(B)/stamp: FORCE
	@mkdir -p $(@D); echo '$(CC) $(ALL_CFLAGS) $(LIB) $(GATE)' >$@.new; \
	cmp -s $@.new $@ || cp $@.new $@

$(B)/obj/%.o: %.c $(B)/stamp
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libgate.a: $(LIB_OBJ) $(B)/stamp
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJ)

$(B)/gate: $(GATE_OBJ) $(B)/libgate.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(GATE_OBJ) $(B)/libgate.a $(LDLIBS_ALL)

$(B)/test/%: $(B)/obj/test/unit/%.o $(B)/libgate.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libgate.a -lcmocka $(LDLIBS_ALL)
.PRECIOUS: $(B)/obj/%.o $(B)/test/%

# make unit, or make unit T=arena_test
unit: $(if $(T),$(B)/test/$(T),$(UNIT_BIN))
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -e '' $^

clean:
	rm -rf build

-include $(wildcard $(B)/obj/*/*/*.d $(B)/obj/gate/*.d)
