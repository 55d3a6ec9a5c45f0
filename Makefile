# Everything a person types here. "make" alone prints the list.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(PY) -m piptools compile --quiet \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras
VAR_DIR ?= var
KB_EVAL ?= ../shared/kb_eval
STARTED_AT := $(shell date +%s)
PYTEST_ARGS ?= -n 2 --dist loadgroup
CATALOGUES := $(wildcard supportapp/translations/*/LC_MESSAGES/*.po supportapp/*/translations/*/LC_MESSAGES/*.po)
IN_DEMO := if [ -f "$(VAR_DIR)/run/environment" ]; then . "$(VAR_DIR)/run/environment"; else export DEMO=1; fi;

.PHONY: help run clock flask walk status test check format translations messages migration requirements bench bench-desk \
	bench-kb bench-mail relevance clean clean-data

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## The demo

run: $(VENV)/.runtime translations ## Run the whole portal with demo content until Ctrl-C (PORT=, MAIL_PORT=, SMTP_PORT=, REDIS_URL=)
	@STARTED_AT=$(STARTED_AT) $(PY) -m demo.run

clock: $(VENV)/.runtime ## Show the demo's clock, or move it: make clock BY="3 working days"
	@$(IN_DEMO) $(PY) -m flask --app wsgi demo clock $(BY)

flask: $(VENV)/.runtime ## Run a command of the portal in the demo: make flask ARGS="reindex"
	@$(IN_DEMO) $(PY) -m flask --app wsgi $(ARGS)

walk: $(VENV)/.runtime ## Live through the whole story on the running demo, step by step (ARGS=)
	@$(IN_DEMO) $(PY) scripts/walk.py $$(cat "$(VAR_DIR)/run/urls" 2>/dev/null) $(ARGS)

status: $(VENV)/.runtime ## Say which processes of the demo run
	@$(PY) -m supervisor.supervisorctl -c "$(VAR_DIR)/run/supervisord.conf" status

bench: $(VENV)/.runtime translations ## Measure working time and the pages, each beside a floor (needs no running demo)
	@$(PY) -m bench.worktime
	@$(PY) -m bench.pages $(ARGS)

bench-desk: $(VENV)/.runtime translations ## Measure the desk with 100,000 tickets (ARGS="--only sqlite --rounds 50 --tickets 10000 --url …")
	@$(PY) -m bench.desk $(ARGS)

bench-mail: $(VENV)/.runtime translations ## Measure mails in and out with one worker, beside a floor (ARGS="--mails 1000 --url …")
	@$(PY) -m bench.mail_in $(ARGS)
	@$(PY) -m bench.mail_out $(ARGS)

bench-kb: $(VENV)/.runtime translations ## Measure the suggestions over 2,000 and 10,000 articles (ARGS="--articles 500 --rounds 100")
	@$(PY) -m bench.kb $(ARGS)

relevance: $(VENV)/.runtime translations ## Measure how well the suggestions answer (KB_EVAL=folder ARGS=--table)
	@test -f "$(KB_EVAL)/queries_dev.jsonl" || { echo "No questions in $(KB_EVAL): say KB_EVAL=folder."; exit 2; }
	@mkdir -p "$(VAR_DIR)" && $(PY) -m bench.relevance --articles "$(KB_EVAL)/articles.jsonl" \
		--queries "$(KB_EVAL)/queries_dev.jsonl" --out "$(VAR_DIR)/relevance.json" $(ARGS)
	@$(PY) "$(KB_EVAL)/evaluate.py" --queries "$(KB_EVAL)/queries_dev.jsonl" --run "$(VAR_DIR)/relevance.json"

## Work on the code

test: $(VENV)/.dev translations ## Run all tests (PYTEST_ARGS="tests/tickets -k reopen"); the browser's when there is a Chromium
	@redis=$$($(PY) -m demo.redis_binary) || exit 1; \
	PATH="$$(dirname "$$redis"):$$PATH" $(PY) -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev ## Ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy scripts/walk.py scripts/pictures.py

format: $(VENV)/.dev ## Let ruff put the code in order
	$(PY) -m ruff check --fix --exit-zero .
	$(PY) -m ruff format .

translations: $(CATALOGUES:.po=.mo) ## Compile the translations that changed

messages: $(VENV)/.runtime ## Add new sentences of the code to the three catalogues, for you to translate
	@$(PY) -m scripts.messages

migration: $(VENV)/.runtime ## Write a migration from the models: make migration m="tickets remember their colour"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="..."'; exit 2; }
	@$(IN_DEMO) $(PY) -m flask --app wsgi db migrate --message "$(m)"

requirements: $(VENV)/.dev ## Pin the dependencies anew (UPGRADE=--upgrade takes the newest)
	$(COMPILE) $(UPGRADE) requirements.in -o requirements.txt
	$(COMPILE) $(UPGRADE) requirements-semantic.in -o requirements-semantic.txt
	$(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.txt

clean: ## Delete .venv, compiled translations and the caches of tools; the demo's data stays
	@echo "Deleting $(VENV), *.mo, __pycache__ and the caches of pytest, mypy, ruff and hypothesis. $(VAR_DIR)/ stays."
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	@find supportapp demo scripts tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

clean-data: ## Delete the demo's data (asks first)
	@printf 'Delete %s with its database, files, mails and logs? [y/N] ' "$(VAR_DIR)"; read answer; \
	case "$$answer" in [yY]*) rm -rf "$(VAR_DIR)";; *) echo "Nothing was deleted."; exit 1;; esac

## What the others stand on

$(PY):
	@sh scripts/make_venv.sh $(VENV)

$(VENV)/.runtime: requirements.txt requirements-semantic.txt | $(PY)
	@echo "Installing what the portal needs ..."
	@$(PIP) -r requirements.txt -r requirements-semantic.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what its tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

%.mo: %.po | $(VENV)/.runtime
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@
