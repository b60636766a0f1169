#!/bin/sh
# What a job needs, on a fresh machine with Python and git. Edit here: what your tests import, and where redactfuzz is.
set -eu

if [ -f requirements.txt ]; then
    python -m pip install --quiet -r requirements.txt
fi
if [ -f pyproject.toml ] || [ -f setup.py ]; then
    python -m pip install --quiet -e .
fi
command -v redactfuzz > /dev/null || python -m pip install --quiet 'redactfuzz[scan]'
# Cores of the kernel's hold more than those that redactfuzz writes itself; where this is not allowed it goes on without.
if [ "$(id -u)" = 0 ]; then
    sysctl -q -w kernel.core_pattern=core || true
elif command -v sudo > /dev/null; then
    sudo -n sysctl -q -w kernel.core_pattern=core || true
fi
