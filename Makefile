# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT

# Meson builds; this names the steps.  `make demo` and `make test` do all that a fresh
# Debian 12 machine needs.
BUILD ?= build
DESTDIR ?=
MESON_OPTIONS ?=

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@meson setup $(BUILD) $(MESON_OPTIONS)

deps:
	@scripts/install-deps

demo: deps
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) scripts/demo

test-deps:
	@scripts/install-deps test

test: test-deps
	@BUILD=$(BUILD) scripts/test

# Meson looks again for the libraries that were absent when it first did.
bench-deps:
	@scripts/install-deps bench
	@[ ! -f $(BUILD)/build.ninja ] || meson setup --reconfigure $(BUILD) >/dev/null

bench: bench-deps
	@$(MAKE) --no-print-directory all
	@meson test -C $(BUILD) --benchmark --verbose --no-rebuild

proof: deps
	@BUILD=$(BUILD) scripts/proof

# Goes further; ten minutes of each fuzzer come on top.
proof-long: deps
	@BUILD=$(BUILD) scripts/proof --long
	@BUILD=$(BUILD) FUZZ_SECONDS=600 scripts/fuzz frame_pool frame_pool_debug

bench-latency: bench-deps
	@$(MAKE) --no-print-directory all
	@bench/latency $(BUILD)

# Seven minutes; SECONDS=30 measures each receiver for longer than 8 s.
bench-density: deps
	@$(MAKE) --no-print-directory all
	@bench/density $(BUILD) $(SECONDS)

# A quarter of an hour; HOURS=2 makes archives that are shorter than a day.
bench-archive: deps
	@$(MAKE) --no-print-directory all
	@bench/archive $(BUILD) $(HOURS)

# Half an hour, or SECONDS; then a minute of PipeWire under load, and an archive on a disk
# of which each single write and sync fails, or is the last before a kill or a power cut.
soak: deps
	@$(MAKE) --no-print-directory all
	@mkdir -p $(BUILD)/soak
	@BUILD=$(BUILD) AUDYN=$(BUILD)/src/audyn SOAK_FOLDER=$(BUILD)/soak SOAK_STREAMS=100 \
		SOAK_SECONDS=$(or $(SECONDS),1800) python3 tests/system/test_soak.py
	@[ ! -x $(BUILD)/tests/pipewire-source ] || PIPEWIRE_SECONDS=60 \
		meson test -C $(BUILD) --no-rebuild --verbose pipewire_load
	@DISK_TROUBLES=all CRASHES=all meson test -C $(BUILD) --no-rebuild --verbose \
		--timeout-multiplier 10 --suite system archive_trouble crashes

# The programs, not only the units, under the sanitizers of addresses and threads.
sanitize: test-deps
	@BUILD=$(BUILD) scripts/test programs

fuzz: deps
	@BUILD=$(BUILD) scripts/fuzz

coverage: deps
	@scripts/coverage

lint: deps
	@scripts/lint

install: all
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild

clean:
	@rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-clang $(BUILD)-fuzz

.PHONY: all deps test-deps coverage bench-deps demo test proof proof-long bench bench-latency bench-density bench-archive soak sanitize \
	fuzz lint install clean
