"""What the gate has done since it started, as the text that Prometheus reads (exposition format 0.0.4).

For the "textfile" collector of its node exporter, which reads whole files: they are replaced, never changed.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import attrs

_PREFIX = "redactfuzz_gate"


@attrs.define
class Tally:
    """Counts of this process; ``waiting``, ``refused`` and ``sealed`` are how it is now."""

    outcomes: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """Dumps by outlet and verdict."""
    octets: int = 0
    """Bytes of dumps that left."""
    errors: int = 0
    waiting: int = 0
    refused: int = 0
    sealed: int = 0
    """Dumps on their way."""
    seconds: float = 0.0
    """Spent on scanning."""
    looked_at: float = 0.0
    """When the folder was last looked through: seconds since 1970."""

    def text(self) -> str:
        """All of it."""
        parts = [_head("dumps_total", "counter", "Dumps that left the gate.")]
        for (outlet, verdict), count in sorted(self.outcomes.items()):
            parts.append(f'{_PREFIX}_dumps_total{{outlet="{outlet}",verdict="{verdict}"}} {count}\n')
        rows = (
            ("bytes_total", "counter", "Bytes of dumps that left the gate.", self.octets),
            ("scan_seconds_total", "counter", "Seconds spent on scanning.", self.seconds),
            ("errors_total", "counter", "Operations that failed and are tried again.", self.errors),
            ("sealed", "gauge", "Dumps that are sealed and on their way.", self.sealed),
            ("waiting", "gauge", "Files that somebody still writes to.", self.waiting),
            ("refused", "gauge", "Files that are not taken as they are.", self.refused),
            ("last_look_timestamp_seconds", "gauge", "When the folder was last looked through.", self.looked_at),
        )
        parts += [f"{_head(name, kind, told)}{_PREFIX}_{name} {value}\n" for name, kind, told, value in rows]
        return "".join(parts)


def write(path: Path, tally: Tally) -> None:
    """Replaces the file. Raises OSError."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(new, flags, 0o644), "w", encoding="ascii") as file:
            file.write(tally.text())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _head(name: str, kind: str, told: str) -> str:
    return f"# HELP {_PREFIX}_{name} {told}\n# TYPE {_PREFIX}_{name} {kind}\n"
