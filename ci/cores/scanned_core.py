"""What ``redactfuzz scan`` says of a core: the command itself, in this process, since starting Python costs more."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from click.testing import CliRunner
from key_numbers import is_aes_key

from redactfuzz.cli.scan import scan as command

_WHOSE = re.compile(r" of (?:a public key in the dump|[\w.-]+\.pem)(?: \([^)]*\))?")
"""Each finding's text says whose key it is: a cell of the page needs it not."""
_OF_A_GENERATOR = ("aes-schedule", "chacha-state")
"""In a process that has no cipher of its own these are of the library's random generator: it made the key."""

Finding = Mapping[str, Any]


@attrs.frozen
class Scanned:
    """One run: the verdict, the seconds of it all, and what was found or left out."""

    verdict: str
    seconds: float
    size: int
    findings: tuple[Finding, ...]
    gaps: tuple[str, ...]


def scan(core: Path, public: Path | None = None) -> Scanned:
    """Scan a core, with a public key or without. Raises ValueError when the answer is no verdict."""
    options = ["--json", *(("--public-key", str(public)) if public else ())]
    began = time.monotonic()
    done = CliRunner().invoke(command, [*options, str(core)])
    seconds = time.monotonic() - began
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise ValueError(f"exit status {done.exit_code}: {done.stderr.strip()[-200:]}") from None
    gaps = tuple(gap["reason"] for gap in said["skipped"] if not gap["harmless"])
    return Scanned(said["verdict"], seconds, said["bytes"], tuple(said["keys"]), gaps)


def named(scanned: Scanned, name: str) -> list[Finding]:
    """What was found of the public key in a file of that name."""
    return [finding for finding in scanned.findings if name in finding["what"]]


def beside(scanned: Scanned, background: Iterable[Finding]) -> list[Finding]:
    """What was found that is not in a process of the same library without a key."""
    known = {(finding["detector"], finding["what"]) for finding in background}
    mine = [finding for finding in scanned.findings if (finding["detector"], finding["what"]) not in known]
    return [finding for finding in mine if finding["detector"] not in _OF_A_GENERATOR]


def told(findings: Iterable[Finding]) -> list[str]:
    """Severity and text of each."""
    return [f"{finding['severity']}: {finding['what']}" for finding in findings]


def schedules(scanned: Scanned, core: Path, numbers: Mapping[str, bytes]) -> list[Finding]:
    """Those AES key schedules that are of the program's key: it encrypts as the program says that its key does."""
    found = [finding for finding in scanned.findings if finding["detector"] == "aes-schedule"]
    return [finding for finding in found if any(is_aes_key(key, numbers) for key in _keys(core, finding["where"][0]))]


def _keys(core: Path, where: Mapping[str, Any]) -> Iterator[bytes]:
    """The first and last eight words of a schedule, as bytes and as words: for decryption the key may stand last."""
    with core.open("rb") as file:
        file.seek(where["offset"])
        schedule = file.read(where["length"])
    yield schedule[:32]
    yield _swapped(schedule[:32])
    # Round keys in reverse order: the key is the last two, the second of them first.
    yield schedule[-16:] + schedule[-32:-16]
    yield _swapped(schedule[-16:] + schedule[-32:-16])


def _swapped(words: bytes) -> bytes:
    return b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))


def cell(findings: Sequence[Finding], scanned: Scanned) -> str:
    """What was found, by its severity and with its places; or the verdict, and why it is no CLEAN."""
    if findings:
        return "; ".join(dict.fromkeys(_shown(finding) for finding in findings))
    if scanned.verdict == "CLEAN":
        return "**CLEAN**"
    if scanned.verdict == "INCOMPLETE":
        return f"INCOMPLETE: {scanned.gaps[0] if scanned.gaps else 'for no reason that it gives'}"
    return f"**not found** ({scanned.verdict} by others)"


def _shown(finding: Finding) -> str:
    count = len(finding["where"]) + finding["more"]
    times = f" x {count}" if count > 1 else ""
    severity = "" if finding["severity"] == "total" else f"{finding['severity']}: "
    return f"{severity}{_WHOSE.sub('', finding['what'])}{times}"
