#!/bin/sh
# Make sure that the tests find a PostgreSQL server: one on the machine, else the system's package.
# The package starts no server of its own; the tests start theirs.
set -eu

on_machine() {
    command -v initdb >/dev/null && return 0
    for program in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$program" ] && return 0
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

from_packages() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update --quiet &&
        as_root apt-get install --quiet --yes postgresql-common &&
        as_root sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' \
            /etc/postgresql-common/createcluster.conf &&
        as_root apt-get install --quiet --yes postgresql
}

if ! on_machine; then
    echo "Installing PostgreSQL for the tests"
    from_packages || {
        echo "No PostgreSQL server: install postgresql with this system's package manager." >&2
        exit 1
    }
fi
