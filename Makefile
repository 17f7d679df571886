# make reproduce [COLLECTION=demo|gtzan_mini|gtzan_160|gtzan|PATH] [NOTEBOOKS="01 04"] [SEEDS=0,1,2]: the notebooks
# make test: the tests, the demo notebooks, what those made · make test-faults [CASES=2000]: what breaks it, at length
# make data COLLECTION=… · make check COLLECTION=… · make classify SONGS="song.mp3 folder" · make table CSV=features_30_sec.csv
# make html [COLLECTION=…] · make lint · make bench · make growth · make publish COLLECTION=… · make home URL=… · make wheel

# the newest Python that works; PYTHON=… takes another
WORKS := import sys, venv, ensurepip, ctypes, ssl, sqlite3, lzma; sys.exit(not (3, 11, 5) <= sys.version_info < (3, 14))
PYTHON ?= $(or $(firstword $(foreach one,python3.13 python3.12 python3.11 python3 python,$(shell $(one) -c "$(WORKS)" >/dev/null 2>&1 && echo $(one)))),python3)
VENV := .venv
# on Windows a virtual environment has its commands in Scripts
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python -m
READY := $(VENV)/.ready
ASKED := $(if $(COLLECTION),--collection "$(COLLECTION)") $(if $(DATA),--data "$(DATA)")

.PHONY: reproduce test test-unit test-notebooks test-faults lint data check classify table html bench growth publish home wheel clean
.DEFAULT_GOAL := reproduce

reproduce: $(READY)
	@$(RUN) genrelib reproduce $(ASKED) $(if $(NOTEBOOKS),--notebooks "$(NOTEBOOKS)") $(if $(SEEDS),--seeds "$(SEEDS)")

test: test-unit test-notebooks

test-unit: $(READY)
	$(RUN) pytest --ignore=tests/notebooks

# the demo notebooks run once, and the tests look at what that run made
test-notebooks: $(READY)
	@$(RUN) genrelib reproduce --collection demo
	$(RUN) pytest tests/notebooks

# the full form of what `make test` does in small
test-faults: $(READY)
	GENRELIB_FAULT_CASES=$(or $(CASES),2000) $(RUN) pytest tests/faults

lint: $(READY)
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) tools.lint_notebooks

data check: $(READY)
	@$(RUN) genrelib $@ $(ASKED)

# make classify SONGS="song.mp3 folder" [JSON=1]; one name may have blanks, several take quotes: SONGS="'my song.mp3' folder"
classify: export SONGS := $(SONGS)
classify: CLASSIFY = $(RUN) genrelib classify $(if $(JSON),--json)
classify: $(READY)
	@if [ -e "$$SONGS" ]; then $(CLASSIFY) "$$SONGS"; else printf '%s' "$$SONGS" | xargs $(CLASSIFY); fi

# GTZAN's public table of features, which needs no audio
table: $(READY)
	@$(RUN) genrelib table "$(CSV)"

# README, docs, scoreboard and notebooks as they ran, as a site with a search
html: export COLLECTION := $(COLLECTION)
html: $(READY)
	@$(RUN) sphinx -q -E -d build/doctrees -c tools . "build/html/$(notdir $(COLLECTION))"
	@echo "build/html/$(notdir $(COLLECTION))/index.html"

# speed against the plain way; cost at 100, 300 and 1000 tracks; both show their figures in docs/performance.md
bench growth: $(READY)
	$(RUN) tools.bench.$@
	@$(RUN) tools.readme

publish: $(READY)
	@$(RUN) tools.publish $(COLLECTION)
	@$(RUN) tools.readme
	@$(RUN) tools.leakage

$(READY): requirements.txt constraints.txt pyproject.toml genrelib/data/musicnn.txt
	$(eval PYTHON := $(PYTHON))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "genrelib needs Python 3.11.5 or newer; this is " + sys.version.split()[0] + "; say make PYTHON=python3.12")'
	@echo 'first run: installing into $(VENV) with $(PYTHON), about 3 GB and a few minutes'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@# weights alone, pinned by hash; without them the embedded classifier answers
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r genrelib/data/musicnn.txt \
		|| echo "musicnn's weights were not fetched; classify answers by the embedded model"
	@touch $@

# the address of the public home, into pyproject, badges, set-up cells, CITATION and README
home: $(READY)
	@$(RUN) tools.home "$(URL)"

# what is uploaded on Colab while there is no public home
wheel: $(READY)
	$(RUN) pip wheel --quiet --no-deps -w dist .

clean:
	rm -rf $(VENV) build *.egg-info
