# Everything that a fresh machine needs is Python 3.11 to 3.15 with venv, a C compiler and make: cmake and ninja come from PyPI.
#
#   make demo    install into .venv and watch a real race being found, explained and replayed
#   make test    lint, then the tests: of campaigns and processes a quarter, by the commit (TURN=0/1: all of them)
#   make quick   the fast loop: unit and snapshot tests in about 2.5 minutes, without a compiler
#   make lint    ruff, the form of our Python, mypy (strict for redactfuzz and ci)
#   make format  ruff format, and clang-format of the lines of C that you changed (tests and targets are set by hand)
#   make suite   the test suite alone (VENV and PYTHON choose another interpreter; PYTEST_ARGS goes to pytest)
#   make wide    every test, those too that take long or are the same at another optimisation level
#   make incident   the tests of the chain in targets/storm0558
#   make types   pyright over a user's test file, as tests/unit/test_typing.py asks mypy
#   make sanitize   the tests of our C under AddressSanitizer and UBSan (gcc)
#   make bench   every benchmark; results go to docs/results
#   make wheels  a wheel for each supported Python that is here or can be got, each tried in an empty environment
#   make clean   remove what the targets above made
#
# After a change of a C source the next target rebuilds the extensions; Python sources are used where they lie.

PYTHON ?= python3
VENV ?= .venv
PROFILE ?= ci
# One more than two processors: who waits for a process leaves its own to another.
WORKERS ?= 3
PYTEST_ARGS ?=
# N/K: of the tests that take turns the Nth of K parts (N,M/K: two of them). Where nothing is said, `make test` takes that of the commit (ci/turn), and all
# else runs them all.
TURN ?=

python := $(VENV)/bin/python
pip := $(python) -m pip --disable-pip-version-check
native := $(shell find redactfuzz -name '*.[ch]' -o -name build_ffi.py) CMakeLists.txt
# What tests and ci import by name: files beside them. (Not tests itself: there is another conftest.py in e2e.)
tests = $(shell find tests -name '*.py' -not -path '*/programs/*')
incident := keys_in_cores gates_explored two_networks access_log desks_explored forged_tokens refused_tokens key_in_a_module
empty :=
import_from = $(subst $(empty) ,:,. ci ci/bench ci/chain ci/cores ci/cores/programs targets/storm0558/module $(filter-out tests,$(patsubst %/,%,$(sort $(dir $(tests))))))

# The tests start some two thousand interpreters: each would compile all of redactfuzz, pytest and Hypothesis again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick lint typed typed-tests format types suite wide incident sanitize bench wheels clean venv build tools
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(python) ci/demo.py

test: lint
	@$(MAKE) --no-print-directory suite TURN=$(or $(TURN),$(shell ci/turn))

lint: $(VENV)/.tools
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check redactfuzz ci
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target typed typed-tests

# Beside each other: what mypy keeps of the one, which is for 3.11, and of the other, for 3.12, lies in two folders.
typed:
	$(VENV)/bin/mypy --strict redactfuzz
	@MYPYPATH='$(import_from)' $(VENV)/bin/mypy --strict ci

typed-tests:
	@MYPYPATH='$(import_from)' $(VENV)/bin/mypy --config-file tests/mypy.ini $(tests)

# A file that git does not know yet is new in each line. --force: of what is not staged too. An exit status of 1 says that
# something changed.
format: $(VENV)/.tools
	$(VENV)/bin/ruff format redactfuzz ci
	git ls-files -z --others --exclude-standard -- 'redactfuzz/*.[ch]' | xargs -0 -r $(VENV)/bin/clang-format -i
	$(VENV)/bin/python $(VENV)/bin/git-clang-format --force --binary $(VENV)/bin/clang-format --extensions c,h -- redactfuzz \
	  || [ $$? -eq 1 ]

suite: $(VENV)/.tools
	$(python) -m pytest -n $(WORKERS) --dist worksteal --redactfuzz-profile $(PROFILE) $(if $(TURN),--turn $(TURN)) $(PYTEST_ARGS)

quick: $(VENV)/.tools
	$(python) -m pytest -n $(WORKERS) --dist worksteal --redactfuzz-profile $(PROFILE) -m 'not wide and not slow' \
	  tests/unit tests/snapshots $(PYTEST_ARGS)

wide: $(VENV)/.tools
	$(python) -m pytest -n $(WORKERS) --dist worksteal --redactfuzz-profile $(PROFILE) -m '' $(PYTEST_ARGS)

incident: $(VENV)/.tools
	$(python) -m pytest -n $(WORKERS) --dist worksteal --redactfuzz-profile $(PROFILE) $(incident:%=tests/quality/test_%.py) $(PYTEST_ARGS)

types: $(VENV)/.tools
	$(pip) install --quiet --group types
	$(python) ci/pyright.py

sanitize: $(VENV)/.tools
	SANITIZED=$(VENV)-sanitize TURN=$(TURN) tests/sanitize/run $(python) $(PYTEST_ARGS)

bench: $(VENV)/.tools
	$(python) ci/bench/all.py

wheels:
	$(PYTHON) ci/wheels.py

venv: $(VENV)/.made
build: $(VENV)/.built
tools: $(VENV)/.tools

# Half a venv is made again: the stamp is written last.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 16))' || \
	  { echo "redactfuzz needs Python 3.11 to 3.15, which '$(PYTHON)' is not, or it does not run: make PYTHON=/path/to/python3.14 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV) || { echo "'$(PYTHON)' cannot make a virtual environment: install its venv module (on Debian: python3-venv)" >&2; exit 1; }
	$(pip) install --quiet --upgrade 'pip>=25.1'
	$(pip) install --quiet 'scikit-build-core>=0.11' 'cffi>=2.1' setuptools 'cmake>=3.20' ninja
	@touch $@

# What it needs comes first, since it may have to be built in isolation (there are no wheels of everything for a new Python).
# Itself without, so that a rebuild after a change of C takes seconds.
needed = import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
  print(*p["dependencies"], *sum(p["optional-dependencies"].values(), []), sep="\n")
$(VENV)/.built: $(VENV)/.made pyproject.toml $(native)
	$(python) -c '$(needed)' | $(pip) install --quiet --requirement /dev/stdin
	$(pip) install --quiet --no-build-isolation --config-settings=cmake.define.REDACTFUZZ_WERROR=ON --editable .
	@touch $@

$(VENV)/.demo: $(VENV)/.built
	$(pip) install --quiet --group demo
	@touch $@

$(VENV)/.tools: $(VENV)/.built
	$(pip) install --quiet --group real --group test --group lint
	$(pip) install --quiet --no-deps --group real-alone --group axe-alone
	@touch $@

clean:
	rm -rf .venv .venv-* build dist .redactfuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
