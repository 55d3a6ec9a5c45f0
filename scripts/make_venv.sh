#!/bin/sh
# Makes the virtual environment "$1" with the first CPython >= 3.11 found: $PYTHON when it is set, else the PATH.
set -eu

fits() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")' 2>/dev/null
}

# A Python of Linux distributions may come without ensurepip; pip's own bootstrap then takes its place.
bootstrap_pip() {
    echo "This Python has no ensurepip: fetching pip from bootstrap.pypa.io ..."
    "$1/bin/python" -c '
import sys, urllib.request
exec(compile(urllib.request.urlopen("https://bootstrap.pypa.io/get-pip.py", timeout=60).read(), "get-pip.py", "exec"))
' --quiet --no-setuptools --no-wheel || {
        rm -rf "$1"
        echo "pip could not be fetched. Install the venv package of your Python (python3-venv on Debian and Ubuntu)," >&2
        echo "or name another Python: make PYTHON=/path/to/python3" >&2
        exit 1
    }
}

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    fits "$candidate" || continue
    echo "Making $1 with $("$candidate" -c 'import sys; print("Python", sys.version.split()[0], "from", sys.executable)')"
    if "$candidate" -c 'import ensurepip' 2>/dev/null; then
        "$candidate" -m venv "$1"
    else
        "$candidate" -m venv --without-pip "$1"
        bootstrap_pip "$1"
    fi
    exit 0
done

echo "No CPython 3.11 or newer was found${PYTHON:+ as $PYTHON}. Install one from python.org or your system's packages," >&2
echo "or name it: make PYTHON=/path/to/python3" >&2
exit 1
