"""Live keys of many libraries in real cores, and what a scan finds of each: the page docs/results/scan_libraries.md.

scan_libraries.py [LIBRARY...]

For each library and kind of key there are three processes. The first is aborted, and the kernel's core of it is scanned
without a word and with its public key. The second, which has another key, is given its own public half to hold, as a
server holds its certificate, and aborted; its core is scanned with the public key of the first, which must find
nothing. The third is copied by gcore, since it goes on: it then says its private half, and where that is in the copy
is looked up. A last pair has no key: the first shows what else is found, the second is given a private key as PEM,
which must be found. Libraries that are not asked for stay on the page. Exits 1 where a twin is accused, or the PEM is
not found.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import key_numbers
from libraries import Library, MissingError, libraries
from libraries_page import text
from live_process import SilentError, live
from scanned_core import Finding, beside, cell, named, scan, schedules, told
from shared import cores, record

KEPT = record.RESULTS / "scan_libraries.json"
NONE = "none"
FIRST = "first.pem"

Row = dict[str, Any]


@attrs.frozen
class Subject:
    """A program of a library, and the folder in which its processes and cores live."""

    library: Library
    command: Sequence[str]
    folder: Path


def main() -> int:
    """Run the libraries that are named, or all, and write the page. After each of them, so that nothing is lost."""
    cores.check()
    rows: dict[str, Row] = json.loads(KEPT.read_text("utf-8"))["libraries"] if KEPT.exists() else {}
    for library in libraries():
        if library.name in (sys.argv[1:] or [library.name]):
            rows[library.name] = tried(library)
            _save(rows)
    _save(rows)
    return 1 if any(wrong(row) for row in rows.values()) else 0


def _save(rows: Mapping[str, Row]) -> None:
    in_order = {library.name: rows[library.name] for library in libraries() if library.name in rows}
    record.save("scan_libraries", "Live keys of many libraries in real cores", text(in_order), {"libraries": in_order})


def tried(library: Library) -> Row:
    """What is found of each kind of key of a library; why there is nothing, where it is not here."""
    with tempfile.TemporaryDirectory(prefix="redactfuzz-cores-") as name:
        folder = Path(name)
        built = folder / "program"
        built.mkdir()
        try:
            subject = Subject(library, library.build(built), folder)
            background, control = without_a_key(subject)
            keys = {kind: with_a_key(subject, kind, background) for kind in library.kinds}
        except (MissingError, SilentError, ValueError, subprocess.SubprocessError) as error:
            return {"missing": f"{error} (needs {library.needs()})"}
        return {"version": library.version(), "control": control, "keys": keys}


def wrong(row: Row) -> bool:
    """Whether a twin is accused, or the key that is there for certain was not found."""
    if "missing" in row:
        return False
    return not row["control"]["found"] or any(key["accused"] for key in row["keys"].values())


def without_a_key(subject: Subject) -> tuple[tuple[Finding, ...], Row]:
    """What is found in a process of the library without a key, and whether a PEM is found in another."""
    folder = subject.folder
    public, control = folder / "none", folder / "control.pem"
    secret = ec.generate_private_key(ec.SECP256R1())
    control.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with live(subject.command, NONE, public, folder / "none-first") as process:
        core = process.aborted()
        plain = scan(core)
        core.unlink()
    with live(subject.command, NONE, public, folder / "none-second") as process:
        process.order("keep", control)
        core = process.aborted()
        given = scan(core)
        core.unlink()
    found = [finding for finding in beside(given, plain.findings) if finding["detector"] == "pem"]
    return plain.findings, {
        "verdict": plain.verdict,
        "others": told(plain.findings),
        "found": bool(found),
        "pem": cell(found, given),
        "size": plain.size,
        "seconds": plain.seconds,
    }


def with_a_key(subject: Subject, kind: str, background: Sequence[Finding]) -> Row:
    """The first process is scanned unasked and asked, the second for the first one's key; the third says its own."""
    row, numbers = first(subject, kind, background)
    row |= second(subject, kind, background, numbers)
    written, private = subject.folder / f"{kind}-third.public", subject.folder / f"{kind}-third.private"
    with live(subject.command, kind, written, subject.folder / f"{kind}-third") as process:
        core = process.copied()
        process.order("tell", private)
    row["memory"] = key_numbers.places(core, key_numbers.read(private))
    core.unlink()
    return row


def second(subject: Subject, kind: str, background: Sequence[Finding], numbers: Mapping[str, bytes]) -> Row:
    """What is found in a process that holds its own public half, and whether it is accused of the first one's key."""
    written, folder = subject.folder / f"{kind}-second.public", subject.folder
    with live(subject.command, kind, written, folder / f"{kind}-second") as process:
        half = key_numbers.public_key(key_numbers.read(written))
        if half is not None:
            own = folder / f"{kind}.der"
            own.write_bytes(key_numbers.written(half, Encoding.DER))
            process.order("keep", own)
        core = process.aborted()
    scanned = scan(core, None if half is None else folder / FIRST)
    accused = schedules(scanned, core, numbers) if half is None else named(scanned, FIRST)
    core.unlink()
    harvested = None if half is None else cell(beside(scanned, background), scanned)
    return {"accused": bool(accused), "harvested": harvested}


def first(subject: Subject, kind: str, background: Sequence[Finding]) -> tuple[Row, Mapping[str, bytes]]:
    """What is found in the kernel's core of a process, and the public half of its key."""
    folder = subject.folder
    written, public = folder / f"{kind}-first.public", folder / FIRST
    with live(subject.command, kind, written, folder / f"{kind}-first") as process:
        core = process.aborted()
    numbers = key_numbers.read(written)
    half = key_numbers.public_key(numbers)
    plain = scan(core)
    row: Row = {"size": plain.size, "seconds": plain.seconds, "verdict": plain.verdict}
    if half is None:
        mine = schedules(plain, core, numbers)
        row["unasked"] = cell(mine, plain)
        row["asked"] = row["asked seconds"] = None
    else:
        public.write_bytes(key_numbers.written(half, Encoding.PEM))
        asked = scan(core, public)
        mine = beside(plain, background)
        row["unasked"] = cell(mine, plain)
        row["asked"], row["asked seconds"] = cell(named(asked, FIRST), asked), asked.seconds
    core.unlink()
    row["others"] = told(finding for finding in plain.findings if finding not in mine)
    return row, numbers


if __name__ == "__main__":
    sys.exit(main())
