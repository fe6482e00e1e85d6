# The house's commands. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check lint dev fix migration lock bench soak clean

BIN := .venv/bin
EXAMPLES := $(if $(filter no,$(HYMN)),armstrong,all)

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

run: ## Start Ray, Serve, the example services and the panel (HYMN=no, ARGS="--port 3371")
	@sh scripts/install.sh run
	@exec $(BIN)/koco start --examples=$(EXAMPLES) $(ARGS)

dev: ## Start the panel alone, with a made-up cluster, reloading on change
	@sh scripts/install.sh dev
	@exec $(BIN)/koco dev $(ARGS)

test: ## Run all tests, in a real browser, on a real Ray and PostgreSQL too (ARGS="-k jobs")
	@sh scripts/install.sh dev
	@sh scripts/browser.sh
	@sh scripts/postgres.sh
	@sh scripts/test.sh $(ARGS)

check: lint ## What CI asks before the long tests: lint, and the default tests
	@$(BIN)/pytest -m "not ray and not browser and not packaging and not postgres and not slow" $(ARGS)

lint: ## Format, lint, types, layers, templates, migrations
	@sh scripts/install.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python scripts/migrations.py check

fix: ## Format, and repair what ruff can repair
	@sh scripts/install.sh dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migration: ## Write a migration from the tables (M="add teams")
	@sh scripts/install.sh dev
	$(BIN)/python scripts/migrations.py draft "$(M)"

soak: ## Load the panel for MINUTES=30, and fail when memory, files, threads or workers grow
	@sh scripts/install.sh dev
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),30) $(ARGS)

lock: ## Write requirements/*.txt from pyproject.toml (ARGS=--upgrade moves all pins)
	@sh scripts/install.sh dev
	sh scripts/lock.sh $(ARGS)

bench: ## Measure, beside kodosumi 1.1.0 too (PEER=1, ROWS="1 3 4", SHORT=1); see docs/benchmarks.md
	@sh scripts/install.sh dev
	@$(BIN)/python -m tests.bench --rows "$(ROWS)" $(if $(SHORT),--short) $(if $(PEER),--peer)

clean: ## Remove what these commands made; data/ stays
	rm -rf .venv artifacts build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find app apps migrations scripts tests -name __pycache__ -type d -exec rm -rf {} +
