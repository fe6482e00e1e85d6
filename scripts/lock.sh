#!/bin/sh
# Write requirements/*.txt from pyproject.toml: pinned by hash, without addresses.
# Pins that still fit are kept; `scripts/lock.sh --upgrade` moves them all.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv

compile() {
    "$uv" pip compile --quiet --no-config --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-header "$@"
}

compile --group build --output-file requirements/build.txt "$@"
compile pyproject.toml --constraints requirements/build.txt \
    --output-file requirements/run.txt "$@"
compile --group dev --constraints requirements/run.txt --constraints requirements/build.txt \
    --output-file requirements/dev.txt "$@"
