# The front door. `make` alone explains what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

ARGS ?=
JOBS ?= $(shell nproc)
# More than the two processors it is meant for: many tests only wait.
TEST_JOBS ?= 3

RELEASE := build/release
ASAN := build/asan
CTEST := ctest --output-on-failure --no-tests=error -j$(TEST_JOBS)

help: ## This text
	@echo 'SWARMCAST: live video that its viewers carry to each other.'
	@echo
	@echo '  make run                  go live: from the camera, or from a built-in test picture'
	@echo '  make run ARGS="--help"    pass options on to `swarmcast broadcast`'
	@echo '  build/swarmcast watch INVITE     watch; see README.md'
	@echo
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	  while IFS=$$'\t' read -r target text; do printf '  make %-20s %s\n' "$$target" "$$text"; done
	@echo
	@echo 'Every target first installs the Debian packages it lacks (tools/packages.txt says which'
	@echo 'and why). Everything built is in build/; `make clean` removes it.'

run: build ## Build and go live; ARGS="..." are options of `swarmcast broadcast`
	@build/swarmcast broadcast $(ARGS)

build: setup-build $(RELEASE)/build.ninja ## Leave the release program in build/swarmcast
	@cmake --build $(RELEASE) -j$(JOBS) --target swarmcast swarmcast-media.so swarmcast-window.so
	@ln -sfn release/swarmcast build/swarmcast
	@ln -sfn release/swarmcast-media.so build/swarmcast-media.so
	@ln -sfn release/swarmcast-window.so build/swarmcast-window.so

wasm: ## Build the engine for browsers alone, into web/core/swarmcast.wasm
	@wasm/build

web: ## Build the web app alone, into web/dist
	@web/build

test: setup-test release asan-engine ## All tests but the long ones, then the engine's under ASan and UBSan
	@$(CTEST) --test-dir $(RELEASE) -LE '^(long|soak|interop)$$'
	@echo 'Browsers and other WebRTC stacks against the program:'
	@$(CTEST) --test-dir $(RELEASE) -V -L '^interop$$'
	@echo 'The engine again, under AddressSanitizer and UndefinedBehaviorSanitizer:'
	@$(CTEST) --test-dir $(ASAN) -L '^engine$$'

test-all: test ## As `make test`, then the long tests
	@$(CTEST) --test-dir $(RELEASE) -L '^long$$'

soak: setup-test release ## Tests that run for many minutes and look for leaks and drift
	@$(CTEST) --test-dir $(RELEASE) -L '^soak$$'

bench: setup-bench release ## Measure, each figure beside its bound
	@bench/run $(ARGS)

swarm-results: release ## Simulate swarms and write the tables of docs/swarm-results.md
	@bench/swarm-results $(ARGS)

check: setup-check $(RELEASE)/build.ninja ## Layout, clang-tidy, include arrows, engine symbols, file sizes
	@tools/check-format
	@tools/check-files
	@tools/check-arrows
	@cmake --build $(RELEASE) -j$(JOBS) --target engine/all rendezvous_codec/all
	@tools/check-symbols $(RELEASE)
	@wasm/build
	@tools/check-selftest
	@tools/check-tidy $(RELEASE)

format: setup-check ## Lay the code out by .clang-format
	@git ls-files -z '*.cc' '*.h' | xargs -0 -r clang-format-19 -i

clean: ## Remove everything built
	rm -rf build bench/node_relay/node_modules test/{browser,interop}/node_modules web/node_modules web/dist

# --- steps -------------------------------------------------------------------------------------

setup-build:
	@tools/setup build node
setup-test:
	@tools/setup build node test
# A build that was configured without libsrt does not know it is there now.
setup-bench: $(RELEASE)/build.ninja
	@tools/setup build node test bench
	@cmake --preset release >/dev/null
setup-check:
	@tools/setup build node test check

release: $(RELEASE)/build.ninja
	@cmake --build $(RELEASE) -j$(JOBS)
	@ln -sfn release/swarmcast build/swarmcast
	@ln -sfn release/swarmcast-media.so build/swarmcast-media.so
	@ln -sfn release/swarmcast-window.so build/swarmcast-window.so

asan-engine: $(ASAN)/build.ninja
	@cmake --build $(ASAN) -j$(JOBS) --target engine_tests

# Ninja itself configures again when a CMakeLists.txt changes, but knows nothing of the presets.
build/%/build.ninja: CMakePresets.json | setup-build
	@echo 'Configuring the $* build:'
	@cmake --preset $*

.PHONY: help run build wasm web test test-all soak bench swarm-results check format clean setup-build setup-test \
        setup-bench setup-check release asan-engine
