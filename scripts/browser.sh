#!/bin/sh
# Make sure that the browser tests find a Chromium: one on the machine, else Playwright's own,
# else the system's package.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin

on_machine() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

of_playwright() {
    "$bin/python" - <<'END'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
END
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

from_packages() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update --quiet && as_root apt-get install --quiet --yes chromium
}

if ! on_machine && ! of_playwright; then
    echo "Installing a browser for the tests"
    timeout 300 "$bin/playwright" install chromium || from_packages || {
        echo "No browser: install chromium with this system's package manager." >&2
        exit 1
    }
fi
