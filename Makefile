# make reproduce [COLLECTION=demo|gtzan_mini|gtzan_160|gtzan] [NOTEBOOKS="01 04"] [SEEDS=0,1,2]
# make test · make data COLLECTION=… · make check COLLECTION=… · make scoreboard [COLLECTION=…] · make publish COLLECTION=…
# make test-faults [CASES=2000]: what breaks it, at length · make test-oldest · make test-colab: the tests on other versions
# make table CSV=features_30_sec.csv
# make html [COLLECTION=…] · make classify SONGS="one.mp3 folder" · make bench · make growth · make rehearsal

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m genrelib
READY := $(VENV)/.ready
ASKED := $(if $(COLLECTION),--collection $(COLLECTION)) $(if $(DATA),--data "$(DATA)")

.PHONY: reproduce test test-unit test-notebooks test-faults test-oldest test-colab data check scoreboard publish html table
.PHONY: classify bench growth rehearsal clean
.DEFAULT_GOAL := reproduce

reproduce: $(READY)
	@$(RUN) reproduce $(ASKED) $(if $(NOTEBOOKS),--notebooks "$(NOTEBOOKS)") $(if $(SEEDS),--seeds "$(SEEDS)")

test: test-unit test-notebooks

test-unit: $(READY)
	$(VENV)/bin/python -m pytest --ignore=tests/notebooks

# the demo notebooks run once, and the tests look at what that run made
test-notebooks: $(READY)
	@$(RUN) reproduce --collection demo
	$(VENV)/bin/python -m pytest tests/notebooks

# the full form of what `make test` does in small; README shows the outcome
test-faults: $(READY)
	GENRELIB_FAULT_CASES=$(or $(CASES),2000) GENRELIB_FAULTS=results/faults.json $(VENV)/bin/python -m pytest tests/faults
	$(VENV)/bin/python -m tests.faults.report README.md

# the lowest versions that requirements.txt admits, and Colab's pair, each in an environment of its own
test-oldest: .venv-oldest/.ready
	GENRELIB_VERSIONS=oldest GENRELIB_OUTCOME=results/tests_oldest.json .venv-oldest/bin/python -m pytest --ignore=tests/notebooks
	.venv-oldest/bin/python -m tests.faults.report README.md

test-colab: .venv-colab/.ready
	GENRELIB_VERSIONS=colab GENRELIB_OUTCOME=results/tests_colab.json .venv-colab/bin/python -m pytest --ignore=tests/notebooks
	.venv-colab/bin/python -m tests.faults.report README.md

# matplotlib 3.10.0 warns on newer pyparsing
.venv-oldest/.ready: VERSIONS := --resolution lowest-direct "pyparsing>=3.1,<3.3"
.venv-colab/.ready: VERSIONS := tensorflow==2.19.* keras==3.10.*
.venv-%/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-$*/bin/uv pip install --quiet --python .venv-$*/bin/python $(VERSIONS) -e ".[test]"
	@touch $@

data check scoreboard publish html: $(READY)
	@$(RUN) $@ $(ASKED)

# GTZAN's public table of features, which needs no audio
table: $(READY)
	@$(RUN) table "$(CSV)"

# make classify SONGS="one.mp3 folder" [JSON=1]
classify: $(READY)
	@$(RUN) classify $(if $(JSON),--json) $(SONGS)

bench: $(READY)
	$(VENV)/bin/python -m tools.bench.bench $(ASKED) --readme README.md

# cost at 100, 300 and 1000 tracks; every notebook at GTZAN's size, one epoch a training: both take their time
growth rehearsal: $(READY)
	$(VENV)/bin/python -m tools.bench.$@ --readme README.md

$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "genrelib needs Python 3.11 or newer; this is " + sys.version.split()[0] + "; say make PYTHON=python3.12")'
	@echo 'first run: installing into $(VENV), about 3 GB and a few minutes'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) .venv-oldest .venv-colab build *.egg-info
