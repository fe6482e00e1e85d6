#!/bin/sh
# Run the tests; results, screenshots and logs are kept in artifacts/.
set -eu
cd "$(dirname "$0")/.."
rm -rf artifacts
mkdir -p artifacts
exec .venv/bin/pytest --junitxml=artifacts/junit.xml "$@"
