# Everything a user needs. What is missing is set up inside the checkout (.deps); the only
# prerequisites are Rust, Python 3 with pip, and make.
.PHONY: demo test test-tasks build setup lint bench bench-phone soak test-reference bench-gradient reference \
	test-clients bench-clients test-shell fuzz reproduce reproduce-full clean-deps

ONNXRUNTIME_VERSION := 1.31.1
ONNXRUNTIME := .deps/onnxruntime/libonnxruntime.so.$(ONNXRUNTIME_VERSION)
PYTHON ?= python3
DEMO_FLAGS ?=

export PATH := $(CURDIR)/.deps/bin:$(PATH)

demo: build
	target/release/stepdroid demo $(DEMO_FLAGS)

# STEP against what it replaces, on virtual phones: seven arms, three seeds and a search of the learning rate in
# less than an hour on two cores; reproduce-full has 67 tasks and more trajectories, for a bigger machine. Stopped, it
# goes on. The report: runs/small/report/index.html.
reproduce: build
	target/release/stepdroid reproduce models/experiments/small.toml --out runs/small

reproduce-full: build
	target/release/stepdroid reproduce models/experiments/full.toml --out runs/full

build: $(ONNXRUNTIME)
	cargo build --release --locked

# Every test: unit, property, integration (real adb, real ONNX Runtime, real SQLite, real browser).
# The register of devices of the tests is their own.
test: setup
	XDG_STATE_HOME=$(CURDIR)/target/test-state ORT_DYLIB_PATH=$(CURDIR)/$(ONNXRUNTIME) cargo test --locked
	$(PYTHON) tests/export_suite_test.py

# The 116 tasks alone, on virtual phones: what each scores at the start, after its scripted solution, after near
# misses and after another goal's solution, and what it leaves, as a table. SEEDS says how many instances of each, TASK
# names tasks by a part of their names, COMPAT=fixed mends the benchmark's defects: make test-tasks SEEDS=2 TASK=Markor
SEEDS ?= 5
TASK ?=
COMPAT ?=

test-tasks: setup
	SEEDS=$(SEEDS) TASK=$(TASK) COMPAT=$(COMPAT) ORT_DYLIB_PATH=$(CURDIR)/$(ONNXRUNTIME) \
		cargo test --locked --test tasks -- --nocapture examine:: documented::

# Many virtual phones behind bad lines for SOAK_MINUTES: no hang, no leak, every trajectory judged once, and the phones
# without faults as fast as ever. Give the machine nothing else to do meanwhile. A test run has three minutes of it.
SOAK_MINUTES ?= 30
SOAK_PHONES ?= 32

soak:
	SOAK_MINUTES=$(SOAK_MINUTES) SOAK_PHONES=$(SOAK_PHONES) cargo test --locked --release --test soak -- --nocapture

# What reads bytes from outside, each for FUZZ_SECONDS with bytes that a fuzzer makes up. Needs the nightly compiler and
# `cargo install cargo-fuzz`. What it finds lies in fuzz/artifacts.
FUZZ_SECONDS ?= 300
FUZZ ?= adb_wire device_replies files onnx_model scrcpy screenshot

fuzz:
	mkdir -p fuzz/corpus/onnx_model fuzz/corpus/files
	cp tests/fixtures/onnx/*.onnx fuzz/corpus/onnx_model
	cp models/experiments/*.toml fuzz/corpus/files
	for target in $(FUZZ); do \
		cargo +nightly fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 -max_len=100000 -timeout=20 \
			|| exit 1; \
	done

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

bench: setup
	ORT_DYLIB_PATH=$(CURDIR)/$(ONNXRUNTIME) cargo bench --locked

# What virtual phones cost, each figure with its limit: start, memory of 64 of them, one observation.
bench-phone:
	cargo bench --locked --bench phone_limits

# Gradient graphs of real models against PyTorch and onnx-ad. Sets up a Python of its own with PyTorch and
# the models in .deps/reference (about 7 GB). To use ones that exist:
#   make test-reference REFERENCE_DIR=PLACE REFERENCE_PYTHON=PLACE/venv/bin/python
REFERENCE_DIR ?= .deps/reference
REFERENCE_PYTHON ?=
REFERENCE_RUN = $(or $(REFERENCE_PYTHON),$(REFERENCE_DIR)/venv/bin/python)

test-reference: build reference
	$(REFERENCE_RUN) tests/reference/compare.py --stepdroid target/release/stepdroid --place $(REFERENCE_DIR)

# Training steps against PyTorch's, as ratios; give the machine nothing else to do meanwhile.
bench-gradient: $(ONNXRUNTIME) reference
	cargo bench --locked --no-run --bench gradient
	ORT_DYLIB_PATH=$(CURDIR)/$(ONNXRUNTIME) $(REFERENCE_RUN) tests/reference/bench_gradient.py --place $(REFERENCE_DIR)

# Nothing is set up where a Python was named.
reference:
	$(if $(REFERENCE_PYTHON),,$(PYTHON) tests/reference/prepare.py $(REFERENCE_DIR))

# A virtual phone driven by clients that others wrote: adb, Python's adbutils and uiautomator2, JavaScript's
# @yume-chan/adb, and the benchmark's android-env, which takes it for an emulator.
# Sets them up in .deps/clients (about 200 MB); needs Python 3.11 and node 20 or newer with npm.
CLIENTS := .deps/clients

test-clients: build
	@sh android/setup_adb.sh
	$(PYTHON) tests/clients/prepare.py $(CLIENTS)
	$(CLIENTS)/venv/bin/python tests/clients/run.py --stepdroid target/release/stepdroid --place $(CLIENTS)

# What a step costs this program, on one virtual phone and on 64, each figure with its limit; then, on one phone,
# AndroidEnv's, adbutils' and uiautomator2's Python clients and this program: a table of processor times and the ratios.
bench-clients: build
	@sh android/setup_adb.sh
	$(PYTHON) tests/clients/prepare.py $(CLIENTS) python
	cargo bench --locked --bench client_step
	$(CLIENTS)/venv/bin/python tests/clients/bench_clients.py --stepdroid target/release/stepdroid

# The phone's shell and tools against the real mksh and toybox, whose packages are unpacked in .deps/shell
# (no root needed; MKSH=PROGRAM and TOYBOX=PROGRAM name others). With RECORD=1 their answers replace the
# recorded ones, which `make test` holds.
SHELL_PLACE := .deps/shell
RECORD ?=
SHELL_RUN_ANSWERS = $(if $(RECORD),tests/shell/answers,$(SHELL_PLACE)/answers)

test-shell:
	$(PYTHON) tests/shell/reference.py --place $(SHELL_PLACE) --answers $(SHELL_RUN_ANSWERS)
	SHELL_ANSWERS=$(abspath $(SHELL_RUN_ANSWERS)) cargo test --locked --test phone_shell_corpus -- --nocapture

setup: $(ONNXRUNTIME)
	@sh android/setup_adb.sh
	@sh tests/setup_browser.sh

# ONNX Runtime's shared library, out of its Python wheel (nothing is installed into Python).
$(ONNXRUNTIME):
	@mkdir -p .deps/wheels .deps/onnxruntime
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--dest .deps/wheels onnxruntime==$(ONNXRUNTIME_VERSION)
	@$(PYTHON) models/unpack_wheel.py .deps/wheels 'onnxruntime-$(ONNXRUNTIME_VERSION)-*.whl' \
		onnxruntime/capi/libonnxruntime.so.$(ONNXRUNTIME_VERSION) $@

clean-deps:
	rm -rf .deps
