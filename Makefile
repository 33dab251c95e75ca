# Two commands are enough: `make demo` and `make test`. Each makes the virtual environment when it is missing.
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin
# durable_rules has no wheels, and on Python 3.13 its C code needs a name that Python has renamed.
export CPPFLAGS := $(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PYTHONS ?= python3.11 python3.12 python3.13 python3.14
CODE := cli.py engine tests benchmarks docs

.PHONY: demo test test-slow test-pythons lint check pytest bench bench-scale bench-serve docs format clean

demo: $(VENV)/.installed
	$(RUN)/renewctl validate
	$(RUN)/renewctl clients --partner nordlicht --on 2026-11-23
	$(RUN)/renewctl decide --client acme --on 2026-11-23 --explain

test: lint pytest check

lint: $(VENV)/.installed
	$(RUN)/ruff check $(CODE)
	$(RUN)/ruff format --check $(CODE)
	$(RUN)/mypy

check: $(VENV)/.installed
	$(RUN)/renewctl validate --strict --on 2026-11-23
	$(RUN)/renewctl test --require-tests --threshold 100
	$(RUN)/renewctl fmt --check

pytest: $(VENV)/.installed
	$(RUN)/pytest -n 2 -m "not slow"

test-slow: $(VENV)/.installed
	$(RUN)/pytest -n 2 -m slow --timeout 3600

# Every supported Python that is on this machine, each in an environment of its own.
test-pythons:
	@for python in $(PYTHONS); do \
		if $$python -c 'import ensurepip' 2>/dev/null; then \
			echo "== $$python"; \
			$(MAKE) --no-print-directory pytest PYTHON=$$python VENV=.venv-$$python || exit 1; \
		else echo "== $$python is not on this machine: skipped"; fi; \
	done

bench: $(VENV)/.installed
	$(RUN)/pip install --quiet --requirement benchmarks/requirements.txt
	$(RUN)/python -m benchmarks

# The real volume against its targets: minutes. What is not installed of the peers is skipped, and said to be.
bench-scale: $(VENV)/.installed
	$(RUN)/pip install --quiet --requirement benchmarks/requirements.txt
	$(RUN)/python -m benchmarks.scale

# The daemon under load, by wrk (Debian: wrk). What is not installed of the peers is skipped, and said to be.
bench-serve: $(VENV)/.installed
	$(RUN)/python -m benchmarks.serving

# The tables that follow from the code, and the outputs of the commands in the pages. Read the difference.
docs: $(VENV)/.installed
	$(RUN)/python docs/generate.py
	REGENERATE=1 $(RUN)/pytest -q tests/test_readme.py

format: $(VENV)/.installed
	$(RUN)/ruff check --fix $(CODE)
	$(RUN)/ruff format $(CODE)

$(VENV)/.installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "renewctl needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@command -v $${CC:-cc} >/dev/null \
		|| { echo "renewctl needs a C compiler, because durable_rules has no wheels: install gcc" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig as s; sys.exit(not os.path.exists(s.get_path("include") + "/Python.h"))' \
		|| { echo "renewctl needs Python's headers, because durable_rules has no wheels: install python3-dev" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' \
		|| { echo "renewctl needs Python's venv module: install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --requirement requirements.lock
	$(RUN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf .venv .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
