# setup  .venv with everything; redone when pyproject.toml or constraints.txt change
# demo   set-up and the main job: a rendered pantry, taught and identified
# test   set-up and all tests; those that need real photos or weights say so and are skipped where there are none
# real   set-up and only the tests on real photos and weights
# check  set-up, lint, format, types, the floors of the rooms
# bench  set-up and the benchmarks; each writes JSON below bench/
# clean  remove everything that is made

# Another Python than the first fit one: PYTHON=python3.12 make setup
CANDIDATES = $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)
BIN = .venv/bin
READY = .venv/.ready

.DEFAULT_GOAL = setup
.PHONY: setup demo test real check bench clean

setup: $(READY)

# torch comes first and alone, so that the build that constraints.txt names is taken and not what another part asks for.
$(READY): pyproject.toml constraints.txt
	@set -e; found=; chosen=; \
	for python in $(CANDIDATES); do \
		version=$$("$$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue; \
		found="$${found:+$$found, }$$python $$version"; \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then chosen=$$python; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo "setup: Python 3.11 or newer is needed; found: $${found:-none of $(CANDIDATES)}." \
			"Install one and name it: PYTHON=python3.12 make setup" >&2; \
		exit 2; \
	fi; \
	echo "setup: $$chosen ($$version) into .venv; the first time takes some minutes"; \
	"$$chosen" -m venv .venv
	$(BIN)/python -m pip install --constraint constraints.txt torch
	$(BIN)/python -m pip install --constraint constraints.txt --editable ".[train,hub,keras,dev]"
	@touch $@

demo: setup
	$(BIN)/optics demo

test: setup
	$(BIN)/python -m pytest

real: setup
	$(BIN)/python -m pytest -m real

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@set -e; for name in decode load train_step identify read fridge strangers catalogue; do \
		echo "benchmarks/$$name.py"; $(BIN)/python "benchmarks/$$name.py" --out "bench/$$name.json"; done

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist src/*.egg-info demo runs work bench
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
