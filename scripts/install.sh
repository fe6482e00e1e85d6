#!/bin/sh
# Make .venv hold exactly the pinned packages and this checkout, editable.
# Usage: install.sh run|dev. Does nothing when .venv is as wanted already.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
venv=.venv
stamp=$venv/installed

state() {
    pwd
    cat pyproject.toml requirements/*.txt scripts/install.sh | cksum
}

is_current() {
    "$venv/bin/python" -c '' 2>/dev/null || return 1
    for name in "$wanted" dev; do # dev holds all of run
        [ "$(cat "$stamp-$name" 2>/dev/null)" = "$(state)" ] && return 0
    done
    return 1
}

make_venv() {
    python=$(sh scripts/find_python.sh)
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear --without-pip "$venv"
    "$python" -m pip --python "$venv/bin/python" install --quiet --no-warn-script-location \
        --disable-pip-version-check --require-hashes --requirement requirements/build.txt
}

install() {
    files="requirements/build.txt requirements/run.txt"
    [ "$wanted" = run ] || files="$files requirements/dev.txt"
    export VIRTUAL_ENV="$PWD/$venv"
    echo "Installing the pinned packages and compiling them (a minute or two)"
    # shellcheck disable=SC2086 # several files
    "$venv/bin/uv" pip sync --quiet --require-hashes --compile-bytecode $files
    "$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
}

if ! is_current; then
    rm -f "$stamp"-*
    "$venv/bin/uv" --version >/dev/null 2>&1 || make_venv
    install
    state >"$stamp-$wanted"
fi
