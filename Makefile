# make reproduce [COLLECTION=demo|gtzan_mini|gtzan_140|gtzan] [NOTEBOOKS="01 04"] [SEEDS=0,1,2]
# make test · make data COLLECTION=… · make check COLLECTION=… · make scoreboard [COLLECTION=…] · make publish COLLECTION=… · make bench

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m genrelib
READY := $(VENV)/.ready
ASKED := $(if $(COLLECTION),--collection $(COLLECTION)) $(if $(DATA),--data "$(DATA)")

.PHONY: reproduce test test-unit test-notebooks data check scoreboard publish bench clean
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

data check scoreboard publish: $(READY)
	@$(RUN) $@ $(ASKED)

bench: $(READY)
	$(VENV)/bin/python -m benchmarks.bench $(ASKED) --readme README.md

$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "genrelib needs Python 3.11 or newer; this is " + sys.version.split()[0] + "; say make PYTHON=python3.12")'
	@echo 'first run: installing into $(VENV), about 3 GB and a few minutes'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
