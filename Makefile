# make                  build/handoff
# make demo             the whole loop on a made-up dataset, into ./demo
# make check            lint's quick parts, unit tests, scenarios, interop
# make check SAN=1      the same under ASan and UBSan, into build-san/
# make lint             layers, shape, format, static analysis
# make fuzz             every fuzz target for FUZZ_SECONDS each (clang)
# make bench            speed, side by side with the peer programs
# make soak             kill -9 at SOAK_POINTS random points; nothing is lost
# make man              bring docs/man in line with the program
# make install          into $(DESTDIR)$(PREFIX)
# make deps             install what is missing (Debian; asks sudo if not root)

# As make is told, and not as a variable of that name is in the environment for
# something else: what is built with sanitizers takes cheap passphrases.
override SAN := $(if $(filter command%,$(origin SAN)),$(SAN))
override FUZZ := $(if $(filter command%,$(origin FUZZ)),$(FUZZ))
ifneq ($(and $(SAN)$(FUZZ),$(filter install,$(MAKECMDGOALS))),)
$(error a build with sanitizers is not for use)
endif

CC	?= cc
# A sanitizer says a line; more of the debugger's and the optimiser's work is
# time that its build takes.
CFLAGS	?= $(if $(SAN)$(FUZZ),-O1 -gline-tables-only,-O2 -g)
PREFIX	?= /usr/local
override SHARED := $(abspath $(or $(SHARED),../shared))
export SHARED

comma	:= ,
BUILD	:= build$(if $(FUZZ),-fuzz,$(if $(SAN),-san))
# Those with the most symbols first: the loader looks through them in order.
PKGS	:= libcrypto sqlite3 libssl libevent_core libsodium libpng \
	   libevent_openssl libturbojpeg yaml-0.1 jansson libseccomp \
	   libarchive libcurl

WARN	:= -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes \
	   -Wmissing-prototypes -Wvla -Wformat=2 -Wcast-qual -Wwrite-strings
# What clang adds and we do on purpose: must(!"why"), literals of many lines.
WARN	+= $(if $(findstring clang,$(CC)),-Wno-string-conversion \
	   -Wno-string-concatenation)
SANS	:= -fsanitize=address,undefined -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer -DAGE_SCRYPT_LOG_N=12u \
	   $(if $(FUZZ),-fsanitize=fuzzer-no-link)
HARD	:= $(if $(SAN)$(FUZZ),-fno-PIE $(SANS),\
	   -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
# With sanitizers half of what a scenario takes is starts of the program: what a
# loader would relocate is where it will be, and what nobody calls is left out,
# half of what is looked through for pointers when it looks for leaks.
PLACED	:= $(if $(SAN)$(FUZZ),-no-pie -Wl$(comma)--gc-sections,\
	   -pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now)

# Looked up once, and not at all for the targets that must work before the
# libraries are there.
ifeq ($(filter deps demo check clean,$(MAKECMDGOALS)),)
PKGCFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKGLIBS	:= $(shell pkg-config --libs $(PKGS) 2>/dev/null)
endif

COMPILE	= $(CC) -std=c11 -D_GNU_SOURCE -I. -MMD -MP $(WARN) $(HARD) \
	  $(PKGCFLAGS) $(CFLAGS) -c -o $@ $<
LINK	= $(CC) $(HARD) $(PLACED) -Wl,--as-needed $(CFLAGS) \
	  $(LDFLAGS) -o $@ $^ $(PKGLIBS) -lm -pthread

# Lowest layer first.  A test links its own wing and those below, nothing
# above: a call upwards is an undefined symbol.
KEYS	:= $(BUILD)/keys.a
POLICY	:= $(BUILD)/policy.a
GATEWAY	:= $(BUILD)/gateway.a
objs	= $(filter $(NEEDED),$(patsubst %.c,$(BUILD)/%.o,\
	  $(filter-out %/main.c,$(wildcard $(1)))))
progs	= $(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1).c))
SUPPORT	:= $(BUILD)/tests/support/test.o
# A second of processor time a passphrase tells no more of what comes after it:
# tests of homes, and scenarios that ask for it, take cheap ones.
QUICK	:= $(BUILD)/tests/quick/keys.o

# Fuzz targets have use for less than half of the objects.  For which, a linker
# tells that makes one program of all targets and make all's archives.
NEEDED	:= %
ifneq ($(FUZZ),)
NEEDED	:=
include $(BUILD)/needed.mk
$(KEYS) $(POLICY) $(GATEWAY): $(BUILD)/needed.mk
$(BUILD)/needed.mk: $(addsuffix .o,$(call progs,fuzz/fuzz_*)) \
    $(foreach a,gateway policy keys,build/$(a).a)
	@echo "  ld --trace"; $(CC) $(SANS) -no-pie -fsanitize=fuzzer -fuse-ld=lld \
	    -Wl,--trace,-z,muldefs -o $(BUILD)/all $^ $(PKGLIBS) -lm -pthread \
	    >$(BUILD)/trace
	@sed -n 's|^build/.*(\(.*\))$$|NEEDED += $(BUILD)/\1|p' \
	    $(BUILD)/trace >$@ && rm $(BUILD)/all
endif

all: $(BUILD)/handoff
$(KEYS):	$(call objs,keys/*/*.c)
$(POLICY):	$(call objs,policy/*/*.c)
$(GATEWAY):	$(call objs,gateway/*/*.c)

$(BUILD)/handoff: $(BUILD)/gateway/cli/main.o $(GATEWAY) $(POLICY) $(KEYS)
	@echo "  ld $@"; $(LINK)
$(BUILD)/tests/quick/handoff: $(BUILD)/gateway/cli/main.o $(QUICK) $(GATEWAY) \
    $(POLICY) $(KEYS)
	@echo "  ld $@"; $(LINK)
$(call progs,keys/test_*): %: %.o $(SUPPORT) $(KEYS)
	@echo "  ld $@"; $(LINK) -lcmocka -lz
$(call progs,policy/test_*): %: %.o $(SUPPORT) $(POLICY) $(KEYS)
	@echo "  ld $@"; $(LINK) -lcmocka
$(call progs,gateway/test_*): %: %.o $(SUPPORT) $(QUICK) $(GATEWAY) $(POLICY) \
    $(KEYS)
	@echo "  ld $@"; $(LINK) -lcmocka
$(call progs,fuzz/fuzz_*): %: %.o $(GATEWAY) $(POLICY) $(KEYS)
	@echo "  ld $@"; $(LINK) -fsanitize=fuzzer
$(call progs,bench/bench_*): %: %.o $(GATEWAY) $(POLICY) $(KEYS)
	@echo "  ld $@"; $(LINK)
# It takes its lists in as they are (.incbin).
$(BUILD)/policy/detect/lexicon.o: $(wildcard policy/detect/words/*.txt)
$(QUICK): keys/age/keys.c
	@mkdir -p $(@D)
	@echo "  cc $< (quick)"; $(COMPILE) -DAGE_SCRYPT_LOG_N=12u
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE)
$(BUILD)/%.a:
	@rm -f $@ && $(AR) rcsT $@ $(filter %.o,$^)

# What runs once need not be fast.
$(addsuffix .o,$(call progs,*/test_*)): \
    CFLAGS := -O0 $(if $(SAN),-gline-tables-only,-g -U_FORTIFY_SOURCE)
# To optimise what sanitizers add takes longer than all else that a compiler
# does, and pays in the rooms that look at each byte of what they are given.
BYTES	:= $(addprefix $(BUILD)/gateway/,labels/% mask/% package/%)
ifneq ($(SAN)$(FUZZ),)
$(filter-out $(BYTES),$(patsubst %.c,$(BUILD)/%.o,$(wildcard gateway/*/*.c))): \
    CFLAGS := -O0 -gline-tables-only
endif
UNIT	:= $(call progs,*/test_*) $(BUILD)/tests/quick/handoff
units: $(UNIT)

# Libraries first, and then make again, which looks them up.
check:
	tests/deps.sh check
	$(MAKE) checks
checks: all $(UNIT) layers
	tests/check.sh $(BUILD)

layers:
	tests/layers.sh && tests/shape.sh

lint: layers
	tests/lint.sh

fuzzers: $(call progs,fuzz/fuzz_*)
fuzz: all
	$(MAKE) FUZZ=1 CC=clang fuzzers
	tests/fuzz/run.sh

soak: all
	tests/soak/run.sh
	tests/soak/commit.sh
	tests/soak/export.sh

benches: $(call progs,bench/bench_*)
bench: all benches
	tests/bench/run.sh

deps:
	tests/deps.sh

demo:
	tests/deps.sh demo
	$(MAKE) all
	tests/demo/run.sh

# The man pages' parts, and the table of DETECT.md, that follow from tables.
man: all
	docs/man/refresh.sh
	docs/recognisers.sh

install: all
	install -D -m 755 $(BUILD)/handoff $(DESTDIR)$(PREFIX)/bin/handoff
	for m in docs/man/*.[1-8]; do install -D -m 644 $$m \
	    $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done
	for d in README.md SECURITY.md docs/*.md; do install -D -m 644 $$d \
	    $(DESTDIR)$(PREFIX)/share/doc/handoff/$${d##*/}; done

clean:
	rm -rf build build-*

.PHONY: all units check checks layers lint fuzzers fuzz soak benches bench deps demo man install clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
