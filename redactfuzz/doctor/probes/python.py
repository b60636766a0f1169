"""The interpreter, our compiled parts, and the packages that some features need."""

from __future__ import annotations

import re
from collections.abc import Sequence

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.install import distribution
from redactfuzz.doctor.machine import Machine
from redactfuzz.supported import refusal

_COMPILED = (
    "redactfuzz._core._engine",
    "redactfuzz.dumps._process",
    "redactfuzz.native._plan",
    "redactfuzz.threads._hooks",
)
_MINORS = range(11, 16)
"""Of Python 3: those that we are for."""


def interpreter(machine: Machine) -> Check:
    """Whether it is one that we know, and its kind of lock."""
    python = machine.python
    lock = "free-threaded" if "t" in python.flags else "interpreter lock"
    found = f"{python.implementation} {'.'.join(map(str, python.version))}, {lock}"
    refused = refusal(python.implementation, python.version, python.flags)
    if refused:
        return Check("interpreter", State.MISSING, found, refused, "python3.14 -m venv .venv", needed=True)
    return Check("interpreter", State.OK, found, needed=True)


def other_interpreters(machine: Machine) -> Check:
    """Which others of the path would do: where threads are switched differs between versions."""
    own = machine.python.version[:2]
    names = [f"python3.{minor}" for minor in _MINORS if (3, minor) != own]
    there = [name for name in names if machine.said(name, "--version")]  # a stand-in of pyenv may lead nowhere
    free = [f"{name}t" for name in (*names, f"python3.{own[1]}") if machine.which(f"{name}t")]
    refused = f"not for redactfuzz, since they are free-threaded: {', '.join(free)}" if free else ""
    means = "Where threads are switched differs between versions: what is found, or proved, is of the one that runs."
    return Check("other interpreters", State.OK, ", ".join(there) or "none", f"{means} {refused}".strip())


def compiled_parts(machine: Machine) -> Check:
    """Whether what is written in C was built for this interpreter."""
    broken = [f"{name.rpartition('.')[2]} ({why})" for name in _COMPILED if (why := machine.loads(name))]
    if broken:
        means = "Nothing can be explored: the explorer, and what stops threads, are written in C."
        mend = "python -m pip install --force-reinstall redactfuzz"
        return Check("compiled parts", State.MISSING, "; ".join(broken), means, mend, needed=True)
    return Check("compiled parts", State.OK, f"all {len(_COMPILED)} load", needed=True)


def pytest(machine: Machine) -> Check:
    """The plugin works with a range of versions."""
    means = "Scenarios do not run as tests; `redactfuzz run` needs no pytest."
    return _packages(machine, "pytest", ("pytest>=8.0",), means)


def hypothesis(machine: Machine) -> Check:
    """Of ``@given`` on a scenario."""
    means = "No @given on a scenario: workloads cannot be drawn."
    return _packages(machine, "hypothesis", ("hypothesis>=6.100",), means)


def extra_scan(machine: Machine) -> Check:
    """Of the extra ``scan``."""
    wanted = ("cryptography>=43", "lz4>=4.3", "zstandard>=0.23")
    means = (
        "`redactfuzz scan` calls dumps in zstd or lz4 INCOMPLETE, and judges elliptic-curve keys by their structure."
    )
    return _packages(machine, "extra scan", wanted, means)


def extra_gate(machine: Machine) -> Check:
    """Of the extra ``gate``."""
    means = "`redactfuzz gate` signs receipts, and does not start without what it signs by."
    return _packages(machine, "gate", ("cryptography>=43",), means)


def extra_cluster(machine: Machine) -> Check:
    """Of the extra ``cluster``."""
    means = "A nightly job runs on this machine alone: --cluster needs Dask. --shard i/N needs nothing."
    return _packages(machine, "extra cluster", ("distributed>=2026.8",), means)


def _packages(machine: Machine, name: str, wanted: Sequence[str], means: str) -> Check:
    """``wanted``: requirements of the form ``name>=version``."""
    there, lacking = [], []
    for requirement in wanted:
        package, _, least = requirement.partition(">=")
        version = machine.version(package)
        if version is None:
            there.append(f"no {package}")
        else:
            there.append(f"{package} {version}")
        if version is None or _numbers(version) < _numbers(least):
            lacking.append(requirement)
    if not lacking:
        return Check(name, State.OK, ", ".join(there))
    some = len(lacking) < len(wanted) or any(not each.startswith("no ") for each in there)
    return Check(name, State.LIMITED if some else State.MISSING, ", ".join(there), means, distribution(*lacking))


def _numbers(version: str) -> tuple[int, ...]:
    """What comes before any letter: an alpha of a version counts as that version."""
    return tuple(int(each) for each in re.match(r"[\d.]*", version)[0].split(".") if each)  # type: ignore[index]
