# Everything from a fresh machine with Python, pip and make. `make demo` and `make test` set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each is made last, so that a setup that was interrupted is begun again.
PACKAGES := $(VENV)/.packages
READY := $(VENV)/.ready
PROTO := services/contracts/staydown.binpb

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: setup demo test test-nightly lint proto lock

setup: $(READY)

demo: $(READY)
	@$(BIN)/staydown demo

# Two at once, file by file, each with a Kafka and a cluster of its own: most of the suite waits for them.
test: $(READY)
	@$(BIN)/python -m pytest -m "not nightly" --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

test-nightly: $(READY)
	@$(BIN)/python -m pytest -m nightly $(PYTEST_ARGS)

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/buf lint proto

proto: $(READY)
	@$(BIN)/buf build proto --as-file-descriptor-set --exclude-source-info -o $(PROTO)

# A lock for every system and Python, with hashes and without the address of any index.
lock:
	@command -v uv >/dev/null || { echo "make lock needs the program uv" >&2; exit 1; }
	@uv pip compile --quiet --universal --group dev --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml -o requirements.lock

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
