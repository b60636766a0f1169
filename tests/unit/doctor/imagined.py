"""A machine that lacks nothing, and others that differ from it in what a test says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from redactfuzz.doctor.machine import Python, Space

TEXTS = {
    "/proc/sys/kernel/core_pattern": "core\n",
    "/proc/sys/kernel/core_uses_pid": "0\n",
    "/proc/self/coredump_filter": "00000033\n",
    "/proc/sys/kernel/yama/ptrace_scope": "1\n",
    "/proc/sys/kernel/seccomp/actions_avail": "kill_process trap errno allow\n",
    "/proc/sys/user/max_user_namespaces": "1000\n",
    "/proc/self/mountinfo": "22 27 0:21 / / rw,relatime - ext4 /dev/vda rw\n",
    "/sys/kernel/security/lsm": "capability,landlock,yama\n",
}
COMMANDS = ("apt-get", "cc", "c++", "objcopy", "nm", "objdump", "c++filt", "gdb", "git", "python3.14")
PACKAGES = {
    "pytest": "9.0.1", "hypothesis": "6.150.0", "cryptography": "45.0", "lz4": "4.4.4", "zstandard": "0.25.0",
    "distributed": "2026.9.1",
}  # fmt: skip
KNOWN = Python("cpython", (3, 13, 1), "")


@attrs.frozen
class Imagined:
    """What it is asked comes from tables."""

    python: Python = KNOWN
    texts: Mapping[str, str] = TEXTS
    commands: tuple[str, ...] = COMMANDS
    refuses: tuple[str, ...] = ()
    """Words by which a command fails."""
    variables: Mapping[str, str] = attrs.field(factory=dict)
    packages: Mapping[str, str] = PACKAGES
    broken: Mapping[str, str] = attrs.field(factory=dict)
    limits: Mapping[str, tuple[int, int]] = attrs.field(factory=dict)
    folders: Mapping[str, str] = {"working": "/w", "temporary": "/t", "cache": "/c"}
    unwritable: tuple[str, ...] = ()
    spaces: Mapping[str, Space] = attrs.field(factory=dict)
    counted: tuple[int, int] = (8, 8)
    kept: tuple[bool, bool] = (True, True)

    def text(self, path: str) -> str | None:
        return self.texts.get(path)

    def which(self, name: str) -> str | None:
        return f"/bin/{name}" if name in self.commands else None

    def said(self, *command: str) -> str | None:
        refused = command[0] not in self.commands or set(self.refuses) & set(command)
        return None if refused else f"{command[0]} 1.0\nand more\n"

    def variable(self, name: str) -> str:
        return self.variables.get(name, "")

    def version(self, package: str) -> str | None:
        return self.packages.get(package)

    def loads(self, module: str) -> str:
        return self.broken.get(module, "")

    def limit(self, name: str) -> tuple[int, int]:
        return self.limits.get(name, (-1, -1))

    def folder(self, name: str) -> str:
        return self.folders.get(name, "")

    def writable(self, path: str) -> bool:
        return path not in self.unwritable

    def space(self, path: str) -> Space | None:
        return self.spaces.get(path, Space(50 << 30, 1_000_000, True))

    def processors(self) -> tuple[int, int]:
        return self.counted

    def holds(self) -> tuple[bool, bool]:
        return self.kept


def lacking(**differs: Any) -> Imagined:
    """A machine that differs so; a table with these rows in place of the good ones."""
    whole = {name: {**getattr(Imagined(), name), **rows} if isinstance(rows, dict) else rows
             for name, rows in differs.items()}  # fmt: skip
    return Imagined(**whole)


def without(*commands: str) -> Imagined:
    """A machine that does not have them."""
    return Imagined(commands=tuple(name for name in COMMANDS if name not in commands))
