# Two commands are all it takes: `make run` and `make test`. Every path is relative, so that the folder's own path may contain blanks.

HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
TESTS ?= tests
SCALE ?= quick

PY := .venv/bin/python
# The first Python on this computer that is new enough.
PYTHON ?= $(shell for one in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$one" && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test bench lint format lock clean
.SILENT:

help:
	echo "make run     run everything at http://$(HOST):$(PORT)/ (PORT=… and HOST=… change it)"
	echo "make test    run the test suite on PostgreSQL (TESTS=… for a part, WORKERS=… at once)"
	echo "make bench   measure the numbers to hold (SCALE=full for a million cases); build/bench.json keeps them"
	echo "make lint    check format, style, types, migrations and production settings"
	echo "make format  format the code"
	echo "make lock    write requirements.lock anew from pyproject.toml"
	echo "make clean   remove the virtualenv and all local data"

run: .venv/installed
	exec $(PY) manage.py run --host "$(HOST)" --port "$(PORT)"

test: .venv/installed
	$(PY) tests/chromium.py
	exec $(PY) -m pytest -n $(WORKERS) --dist worksteal --durations=12 $(TESTS)

bench: .venv/installed
	$(PY) -m tests.bench --scale $(SCALE)

lint: .venv/installed
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) tests/production.py check --deploy --fail-level WARNING

format: .venv/installed
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: .venv/installed
	CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --upgrade --allow-unsafe --extra=dev --generate-hashes --strip-extras \
		--no-emit-find-links --no-emit-index-url --no-emit-trusted-host --output-file=requirements.lock pyproject.toml

clean:
	if [ -e .venv/installed ]; then $(PY) manage.py erase; fi
	rm -rf .venv .data staticfiles .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/installed: requirements.lock
	if [ -z "$(PYTHON)" ]; then echo "Lockstep needs Python 3.11 or newer: install it, or say where it is with \`make $(MAKECMDGOALS) PYTHON=/path/to/python3\`."; exit 1; fi
	echo "Installing into .venv (a minute or two, the first time) …"
	$(PYTHON) -m venv .venv || { echo "This Python cannot make a virtualenv: install its venv module (on Debian: apt-get install python3-venv)."; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check --no-input --requirement requirements.lock
	touch $@
