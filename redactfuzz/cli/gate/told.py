"""What the gate tells: lines of JSON in its log, the same or a line for a person on stdout."""

from __future__ import annotations

import datetime
import json
import os
import stat
from pathlib import Path
from typing import Any

import attrs
import click

from redactfuzz.report.lines import printable

_SHOWN = {"published", "refused", "waits", "failed", "resumed", "adopted", "withdrawn", "ended"}
"""Events that a person is told of: the others are in the log."""


class Untold(click.ClickException):
    """A log that cannot be written. The status is that of a folder that cannot be used: 1 says that a dump leaks."""

    exit_code = 2


@attrs.frozen
class Told:
    """Called with each event. Raises Untold where the log cannot be written: what nobody can look up later
    does not happen.
    """

    log: Path | None
    json_lines: bool
    silent: bool = False

    def __call__(self, event: dict[str, Any]) -> None:
        """To the log first."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, **event})
        if self.log is not None:
            _append(self.log, line)
        if self.silent:
            return
        if self.json_lines:
            print(line, flush=True)
        elif event["event"] in _SHOWN:
            print(printable(_for_people(event)), flush=True)


def _append(path: Path, line: str) -> None:
    """Opened each time: who rotates the log needs no signal."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o640)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Untold(f"--log {path}: it is no file")
            file.write(line.encode("ascii") + b"\n")
    except OSError as error:
        reason = "it is a symbolic link" if path.is_symlink() else error.strerror
        why = f"--log {path}: it cannot be written ({reason}). What nobody can look up later does not happen."
        raise Untold(why) from None


def _for_people(event: dict[str, Any]) -> str:
    if event["event"] == "published":
        parts = [f"{event['outlet'].upper()}  {event['dump']}: {event['verdict']}, {event['size']:,} bytes"]
        parts += [f"as {event['name']}"] if event["name"] != event["dump"] else []
        parts += event["found"][:3] or event["not_read"][:1]
        return "; ".join(parts)
    if event["event"] == "resumed":
        return f"RESUMED  {event['dump']}: a gate before this one had sealed it"
    if event["event"] == "ended":
        return event["summary"]  # type: ignore[no-any-return]
    return f"{event['event'].upper()}  {event['dump']}: {event['reason']}"
