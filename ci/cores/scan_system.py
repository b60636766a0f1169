"""What a scan says of the files of a system, which hold no canary of ours: a page of results.

scan_system.py LABEL=FOLDER... On the page a file is named by the label and its place below the folder.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs

sys.path.append(str(Path(__file__).parents[1] / "bench"))
from shared import record

from redactfuzz.model.canary import integer, mint, raw, rsa, token
from redactfuzz.model.canary.canary import Kind
from redactfuzz.model.registry import Entry, Registry, registry_to_json

SEED = 16
EACH = 4
"""Canaries of each kind."""
KINDS: dict[str, Kind] = {
    "token": token(32),
    "short token": token(12),
    "raw": raw(32),
    "integer": integer(128),
    "rsa": rsa(2048),
}
FILES = 2_000
"""Given to one command: the next ones are scanned by another process, so that none grows for ever."""
MOST = 3_600.0
"""Seconds of one command."""
JOBS = 2
WRITTEN_OUT = 3
"""Files of one kind of report in one folder that are named, before the others are counted."""


@attrs.frozen
class Place:
    """A folder, and what it is called on the page."""

    label: str
    folder: Path

    def files(self) -> Iterator[str]:
        """All of them, without links and devices, in one order."""
        for at, folders, names in os.walk(self.folder):
            folders.sort()
            for path in (Path(at, name) for name in sorted(names)):
                if path.is_file() and not path.is_symlink():
                    yield str(path)

    def shown(self, path: str) -> str:
        """The name of a file of it on the page."""
        return f"{self.label}/{Path(path).relative_to(self.folder).as_posix()}"


@attrs.define
class Seen:
    """Of one place."""

    files: int = 0
    size: int = 0
    seconds: float = 0.0
    verdicts: Counter[str] = attrs.field(factory=Counter)
    canaries: list[str] = attrs.field(factory=list)
    keys: list[tuple[str, str, str]] = attrs.field(factory=list)
    """(severity, what, file)"""
    gaps: Counter[str] = attrs.field(factory=Counter)

    def add(self, place: Place, told: Mapping[str, Any]) -> None:
        """One line of JSON of ``redactfuzz scan``."""
        shown = place.shown(told["dump"])
        self.files += 1
        self.size += told["bytes"]
        self.seconds += told["seconds"]
        self.verdicts[told["verdict"]] += 1
        self.canaries += [f"{shown}: {one['secret']}, {one['severity']}" for one in told["exposures"]]
        self.keys += [(one["severity"], one["what"], shown) for one in told["keys"]]
        self.gaps.update({one["reason"] for one in told["skipped"] if not one.get("harmless")})


def registry(folder: Path) -> Path:
    """Canaries that nobody has planted anywhere."""
    path = folder / "registry.json"
    entries = [Entry(f"{name} {number}", kind, 1) for name, kind in KINDS.items() for number in range(EACH)]
    path.write_text(registry_to_json(Registry(SEED, tuple(entries))), "utf-8")
    return path


def scanned(paths: Sequence[str], known: Path) -> list[dict[str, Any]]:
    """What the command says of them. Exits where it fails, or leaves one out."""
    line: list[str | Path] = [
        sys.executable,
        "-m",
        "redactfuzz",
        "scan",
        "--json",
        "--no-marker",
        "--canaries",
        known,
        "--",
        *paths,
    ]
    done = subprocess.run(line, capture_output=True, timeout=MOST, check=False)
    told = [json.loads(each) for each in done.stdout.splitlines()]
    if done.returncode not in (0, 1, 5) or len(told) != len(paths):
        sys.exit(f"exit {done.returncode}, {len(told)} of {len(paths)} files: {done.stderr.decode()[-2000:]}")
    return told


def planted_is_found(folder: Path, known: Path) -> str:
    """The control: a file with one canary of each kind. Says how many of them are reported."""
    path = folder / "control"
    path.write_bytes(b"\n".join(mint(SEED, f"{name} 0", kind, 1).text.encode() for name, kind in KINDS.items()))
    (told,) = scanned([str(path)], known)
    return f"{len({one['secret'] for one in told['exposures']})} of {len(KINDS)}"


def batches(paths: Iterator[str]) -> Iterator[list[str]]:
    """So many for one command."""
    while some := list(itertools.islice(paths, FILES)):
        yield some


def looked_through(place: Place, known: Path) -> Seen:
    """All files of a place, several processes at a time."""
    seen = Seen()
    with ThreadPoolExecutor(JOBS) as pool:
        for told in pool.map(lambda some: scanned(some, known), batches(place.files())):
            for each in told:
                seen.add(place, each)
    return seen


def listed(keys: Iterable[tuple[str, str, str]]) -> str:
    """Each kind of report with its files, folder by folder."""
    rows = []
    for (severity, what), some in _grouped(keys).items():
        folders: dict[str, list[str]] = {}
        for name in sorted(set(some)):
            head, _, tail = name.rpartition("/")
            folders.setdefault(head, []).append(tail)
        for head, names in folders.items():
            more = f" and {len(names) - WRITTEN_OUT} more" if len(names) > WRITTEN_OUT else ""
            rows.append((severity, what, f"`{head}/`: " + ", ".join(f"`{one}`" for one in names[:WRITTEN_OUT]) + more))
    return record.table(("severity", "what", "where"), rows)


def _grouped(keys: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], list[str]]:
    of: dict[tuple[str, str], list[str]] = {}
    for severity, what, name in sorted(keys):
        of.setdefault((severity, what), []).append(name)
    return of


def main() -> int:
    """0 where no canary is reported."""
    places = [Place(label, Path(folder)) for label, _, folder in (each.partition("=") for each in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as name:
        known = registry(Path(name))
        control = planted_is_found(Path(name), known)
        all_seen = {place.label: looked_through(place, known) for place in places}
    rows = [
        (
            label,
            seen.files,
            seen.size / 1e6,
            len(seen.canaries),
            len({name for *_, name in seen.keys}),
            len(seen.keys),
            *(seen.verdicts[verdict] for verdict in ("CLEAN", "NOTED", "LEAK", "INCOMPLETE")),
            seen.seconds,
        )
        for label, seen in all_seen.items()
    ]
    head = ("files of", "files", "MB", "canaries reported", "files with a key", "keys", "CLEAN", "NOTED", "LEAK")
    canaries = [one for seen in all_seen.values() for one in seen.canaries]
    files = sum(seen.files for seen in all_seen.values())
    gaps = sum((seen.gaps for seen in all_seen.values()), Counter[str]())
    text = "\n\n".join((
        f"{files:,} files, looked through for {EACH * len(KINDS)} canaries that were planted nowhere, and for keys."
        f" **Canaries reported: {len(canaries)}.** The control, a file with one canary of each kind: {control}.",
        record.table((*head, "INCOMPLETE", "s of scans"), rows),
        *(f"- {each}" for each in canaries),
        "Keys of a system are those of its tests and of the documentation that its packages bring. Each report:",
        listed(itertools.chain.from_iterable(seen.keys for seen in all_seen.values())),
        "Why a file is INCOMPLETE:",
        record.table(("files", "reason"), [(count, reason) for reason, count in gaps.most_common()]),
    ))  # fmt: skip
    data = {label: attrs.asdict(seen) for label, seen in all_seen.items()}
    record.save("scan_system", "What a scan says of the files of a system", text, data)
    return 1 if canaries or not files else 0


if __name__ == "__main__":
    sys.exit(main())
