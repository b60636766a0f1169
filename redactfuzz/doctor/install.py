"""By which command a machine gets what it lacks."""

from __future__ import annotations

from collections.abc import Mapping

from redactfuzz.doctor.machine import Machine

_MANAGERS: Mapping[str, str] = {
    "apt-get": "apt-get install",
    "dnf": "dnf install",
    "apk": "apk add",
    "pacman": "pacman -S",
    "zypper": "zypper install",
}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "g++": {"dnf": "gcc-c++", "pacman": "gcc", "zypper": "gcc-c++"},
    "libc6-dev": {"dnf": "glibc-devel", "apk": "musl-dev", "pacman": "glibc", "zypper": "glibc-devel"},
}
"""What is called otherwise than on Debian."""


def package(machine: Machine, *names: str) -> str:
    """The command that installs packages of the system, by their names on Debian."""
    manager = next((each for each in _MANAGERS if machine.which(each)), "apt-get")
    return " ".join([_MANAGERS[manager], *dict.fromkeys(_NAMES.get(name, {}).get(manager, name) for name in names)])


def distribution(*wanted: str) -> str:
    """The command that installs Python packages, with their bounds, where we are installed."""
    return "python -m pip install " + " ".join(f"'{each}'" for each in wanted)
