#!/bin/sh
# Print the Python to build with: $PYTHON, or the first one that is new enough and has pip.
set -eu

fits() {
    "$1" -c 'import sys, venv, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

for python in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if fits "$python"; then
        echo "$python"
        exit 0
    fi
done

{
    echo "No Python 3.11 or newer with venv and pip among: ${PYTHON:-python3.13 ... python3}."
    echo "On Debian or Ubuntu: apt-get install python3 python3-venv python3-pip"
    echo "Another one: make PYTHON=/path/to/python3"
} >&2
exit 1
