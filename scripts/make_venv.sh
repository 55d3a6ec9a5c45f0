#!/bin/sh
# Makes the virtual environment "$1" with the first CPython >= 3.11 found: $PYTHON when it is set, else the PATH.
set -eu

fits() { # fits PYTHON MODULE...
    python=$1
    shift
    "$python" -c '
import importlib, sys
fits = sys.version_info >= (3, 11) and sys.implementation.name == "cpython"
sys.exit(not (fits and all(map(importlib.import_module, sys.argv[1:]))))
' "$@" 2>/dev/null
}

announce() {
    echo "Making $1 with $("$2" -c 'import sys; print("Python", sys.version.split()[0], "from", sys.executable)')"
}

# The Python of some Linux distributions comes without ensurepip; pip's own bootstrap then takes its place.
bootstrap_pip() {
    echo "This Python has no ensurepip: fetching pip from bootstrap.pypa.io ..."
    "$1/bin/python" -c '
import urllib.request
print(urllib.request.urlopen("https://bootstrap.pypa.io/get-pip.py", timeout=60).read().decode())
' >"$1/get-pip.py" 2>/dev/null && "$1/bin/python" "$1/get-pip.py" --quiet --no-setuptools --no-wheel || {
        rm -rf "$1"
        echo "pip could not be fetched. Install the venv package of your Python (python3-venv on Debian and Ubuntu)," >&2
        echo "or name another Python: make PYTHON=/path/to/python3" >&2
        exit 1
    }
}

candidates=${PYTHON:-python3.13 python3.12 python3.11 python3 python}

for candidate in $candidates; do
    if fits "$candidate" venv ensurepip; then
        announce "$1" "$candidate"
        exec "$candidate" -m venv "$1"
    fi
done
for candidate in $candidates; do
    if fits "$candidate" venv; then
        announce "$1" "$candidate"
        "$candidate" -m venv --without-pip "$1"
        bootstrap_pip "$1"
        exit 0
    fi
done

echo "No CPython 3.11 or newer was found${PYTHON:+ as $PYTHON}. Install one from python.org or your system's packages," >&2
echo "or name it: make PYTHON=/path/to/python3" >&2
exit 1
