# 使い方は `make help` / `make help` tells how to use it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run up down test lint bench clean

# tests and benchmark make their own folders, so they do not get this one
run up down clean: export RENKEI_HOME ?= $(CURDIR)/var
PYTHON_IN_VENV := .venv/bin/python

help:
	@echo 'renkei 連携: make の使い方 / targets'
	@echo ''
	@echo '  make run     環境を作り、見本の連携を最後まで実行して一覧を出します / set up, run the demo days, print the table'
	@echo '  make up      同じ環境で Airflow を動かし続け、URL と利用者を出します / keep the site running, print URL and users'
	@echo '  make down    make up で動かしたものを止めます / stop it'
	@echo '  make test    すべての試験 / all tests'
	@echo '  make lint    書式・型・規則・ロックの検査 / format, types, rules, locks'
	@echo '  make bench   速さの計測 / speed, beside other tools'
	@echo '  make clean   .venv と var を含め、作られたものを消します / remove all that was made, .venv and var included'
	@echo ''
	@echo '  RENKEI_HOME  実行時のデータの置き場所(既定 ./var)/ where run-time data lives'
	@echo '  RENKEI_PORT  Airflow 画面のポート / port of the Airflow UI'

run:
	@scripts/setup
	@$(PYTHON_IN_VENV) docker/demo run

up:
	@scripts/setup
	@$(PYTHON_IN_VENV) docker/demo up

down:
	@if [ -x $(PYTHON_IN_VENV) ]; then $(PYTHON_IN_VENV) docker/demo down; \
	else echo '動いているものはありません / nothing is running'; fi

test:
	@scripts/setup --tests
	@scripts/test

lint:
	@scripts/setup --lint
	@scripts/lint

bench:
	@scripts/setup --tests
	@$(PYTHON_IN_VENV) -m tests.bench

# Only ./var goes: a RENKEI_HOME elsewhere holds somebody's data and is not touched.
clean:
	@if [ -x $(PYTHON_IN_VENV) ] && [ -d docker/demo ]; then $(PYTHON_IN_VENV) docker/demo down >/dev/null 2>&1 || true; fi
	@rm -rf .venv .venv.lock var .test-results .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@echo '消しました / cleaned'
