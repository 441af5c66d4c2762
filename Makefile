# Leadline. `make run` and `make test` are all most people need.
PY      ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.stamp

.PHONY: help setup assets catalogues run test again stories lint types imports cover faults-single faults worlds worlds-small bench browser clients lighthouse package emulator checkov fuzz fuzz-short deploy clean

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

# Suites with needs of their own: a browser, Node.js, a deployed service, minutes.
APART   := browser clients deploy worlds

test: setup      ## units, contracts on both engines, stories at the embedded service
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not on_moto" $(APART:%=--ignore=tests/%)

again: setup     ## what failed in the run before, alone and by name
	$(BIN)/python -m pytest -q -n 0 -v --last-failed --last-failed-no-failures none $(APART:%=--ignore=tests/%)

stories: setup   ## the stories at the functions of AWS, on moto
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m on_moto tests/stories

# Of the tests those that are the stages' own, and of the flows that call them.
PURE    := records capture identify qualify assign follow_up attribute
cover: setup     ## records and stages are covered by their own tests, every line
	$(BIN)/python -m pytest -q -n auto $(PURE:%=tests/%) tests/flows $(PURE:%=--cov=chalicelib.%) --cov-fail-under=100 --cov-report=term-missing:skip-covered

faults-single: setup ## each fault at each side effect of each entry point, on both engines
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults --killed

faults: setup    ## the same with two faults in each run: long
	$(BIN)/python -m tests.faults --pairs

worlds: setup    ## a hundred thousand submissions in seeded worlds on both engines, into docs/guarantees.md
	$(BIN)/python -m tests.worlds --write

worlds-small: setup ## two thousand submissions of seeded worlds, with the checks shown to bite
	$(BIN)/python -m pytest -q -n auto tests/worlds

browser: setup assets ## the pages in Chromium (Debian's package) at phone and desktop width
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(BIN)/python infra/assets.py tests/browser
# A browser on a busy machine can be looked at while it goes from one page to the next: what fails is looked at once more.
	$(BIN)/python -m pytest -q tests/browser || $(BIN)/python -m pytest -q --last-failed tests/browser

clients: setup   ## other products' own libraries for Node.js against the intakes
	$(BIN)/python infra/assets.py tests/clients
	$(BIN)/python -m pytest -q tests/clients

lighthouse: setup assets ## the pages measured by Lighthouse, into bench/RESULTS.md (Debian's package chromium)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(BIN)/python infra/assets.py bench/lighthouse
	$(BIN)/python -m bench lighthouse --write

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

package: setup assets ## the deployable package: zips and templates in dist/
	$(BIN)/python -m infra.package

AWS_STAMP := .venv-aws/.stamp
$(AWS_STAMP): requirements-emulator.txt
	$(PY) -m venv .venv-aws
	.venv-aws/bin/pip install --quiet --disable-pip-version-check -r requirements-emulator.txt
	touch $@

emulator: package $(AWS_STAMP) ## deploy the package into an AWS emulator and test it there
	$(BIN)/python -m infra.emulator $(TESTS)

CHECKOV_STAMP := .venv-checkov/.stamp
$(CHECKOV_STAMP): requirements-checkov.txt
	$(PY) -m venv .venv-checkov
	.venv-checkov/bin/pip install --quiet --disable-pip-version-check -r requirements-checkov.txt
	touch $@

checkov: package $(CHECKOV_STAMP) ## rules of security over both templates; what is not met has its reason in infra/checkov.yaml
	.venv-checkov/bin/checkov --config-file infra/checkov.yaml --file dist/data_stack.json dist/code_stack.json

FUZZ_STAMP := .venv-fuzz/.stamp
$(FUZZ_STAMP): requirements-fuzz.txt
	$(PY) -m venv .venv-fuzz
	.venv-fuzz/bin/pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	touch $@

fuzz: setup $(FUZZ_STAMP) ## twenty minutes of made-up requests at the API, with a new seed each time
	$(BIN)/python -m tests.fuzz --seconds 1200 --examples 200 --seed $(or $(SEED),$(shell date +%s))

fuzz-short: setup $(FUZZ_STAMP) ## two minutes of them, the same each time
	$(BIN)/python -m tests.fuzz --seconds 120

deploy: package  ## deploy with the AWS credentials of this shell: make deploy STAGE=dev
	$(BIN)/python -m infra.deploy --stage $(or $(STAGE),dev)

bench: setup     ## the measured comparisons, written to bench/RESULTS.md
	$(BIN)/python -m bench --write

clean:
	rm -rf $(VENV) .venv-aws .venv-checkov .venv-fuzz dist node_modules templates/assets/lib
