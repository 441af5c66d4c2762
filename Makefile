# Leadline. `make run` and `make test` are all most people need.
PY      ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.stamp

.PHONY: help setup assets catalogues run test lint types imports cover bench browser clean

help:            ## what this file can do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): requirements.txt requirements-analytics.txt requirements-dev.txt
	$(PY) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-analytics.txt -r requirements-dev.txt
	touch $@

setup: $(STAMP) catalogues ## make the environment

catalogues: $(STAMP)
	@$(BIN)/python infra/catalogues.py compile

assets: $(STAMP) ## fetch the JavaScript libraries by the lock file
	@$(BIN)/python infra/assets.py

run: setup assets ## start the embedded service with sample data
	@$(BIN)/python -m chalicelib serve

test: setup      ## units, contracts and stories
	$(BIN)/python -m pytest -q -n auto --ignore=tests/browser

cover: setup     ## records and stages are covered by their own tests, every line
	$(BIN)/python -m pytest -q -n auto --ignore=tests/browser --ignore=tests/stories --cov=chalicelib --cov-report=
	$(BIN)/coverage report --fail-under=100 --show-missing --include='chalicelib/records/*,chalicelib/capture/*,chalicelib/identify/*,chalicelib/qualify/*,chalicelib/assign/*,chalicelib/follow_up/*,chalicelib/attribute/*'

browser: setup assets ## the pages in Chromium (Debian's package) at phone and desktop width
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(BIN)/python -m pytest -q tests/browser

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

bench: setup     ## the measured comparisons, written to bench/RESULTS.md
	$(BIN)/python -m bench --write

clean:
	rm -rf $(VENV) node_modules templates/assets/lib
