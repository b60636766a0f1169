"""Scans what the gate has sealed: in a process with limits, which can write nothing of ours and has none of our files.

Whatever that process does, it answers or it does not: a scanner that dies or hangs makes the dump INCOMPLETE.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import attrs
import click

from redactfuzz import __version__
from redactfuzz.cli.gate.command import Asked
from redactfuzz.cli.limited import limited
from redactfuzz.cli.scan import allowed, known_keys, masked, scan_request
from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.gate.passage import Judgement, Rules, Ticket
from redactfuzz.model.exposure import DumpReport, Exposure, Gap, KeyFinding, Severity, UnlistedKeys
from redactfuzz.report.dump_lines import UNMARKED, verdict
from redactfuzz.report.progress import reading
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.threshold import Threshold

_LISTED = 64
"""Gaps and finds that a receipt names; the others are counted."""
_VERDICTS = ("LEAK", "INCOMPLETE", "NOTED", "CLEAN")
_NAMES = 1000
"""Of which it is remembered what is in them: one is told at each step of its dump."""
_FEW = UnpackLimits(unpacked=1 << 20, depth=1)
"""What may be packed in a name."""
_BECAUSE = "each dump is scanned apart"


@attrs.frozen
class Judge:
    """Scans as ``redactfuzz scan`` does with the same options."""

    wanted: ScanRequest
    fail_on: str | None
    allow: Path | None
    seconds: float | None = None
    """For a scan; None: so many as its size needs."""
    _names: dict[str, DumpReport] = attrs.field(factory=dict, init=False, eq=False)

    @classmethod
    def of(cls, asked: Asked) -> Judge:
        """What the options say. Raises UsageError."""
        for each in (*asked.jwks, *asked.public_key):
            if "://" in each:
                raise click.UsageError(f"{each}: only files. A gate that asks a network waits for it: fetch it before.")
        keys = tuple(Path(each) for each in (*asked.jwks, *asked.public_key))
        if asked.no_marker and asked.canaries is None:
            raise click.UsageError("--no-marker is about the marker of a registry: give --canaries FILE.")
        limits = UnpackLimits(unpacked=asked.max_unpacked)
        wanted = scan_request(asked.canaries, known_keys(keys, (), ()), True, limits, 0, compares=False)
        wanted = attrs.evolve(wanted, marker="") if asked.no_marker else wanted
        allowed(asked.allow)
        return cls(wanted, asked.fail_on, asked.allow, asked.max_seconds)

    def rules(self) -> Rules:
        """A hash of all that is looked for, and of what fails today: ``--allow`` is read anew for each dump.

        Of canaries it has what reports show of them: a hash of the registry would be one of its seed.
        """
        wanted = self.wanted
        shown = sorted((one.name, one.hash_prefix) for one in wanted.canaries)
        known = (wanted.known.moduli, wanted.known.points)
        said = (self.fail_on, sorted(self._allowed().items()), wanted.limits, wanted.marker, shown, known)
        digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass"))
        return Rules(f"redactfuzz {__version__}", digest.hexdigest())

    def _allowed(self) -> dict[str, str]:
        """Raises OSError: a file that somebody is about to write again will be there at the next look."""
        try:
            return allowed(self.allow)
        except click.UsageError as error:
            raise OSError(errno.EINVAL, error.format_message()) from None

    def shown(self, name: str) -> str:
        """The name of a dump, if it may be told: nothing is in it that a scan would find, be it allowed or not."""
        report = self._of_name(name)
        if self.wanted.matcher_set.holds(name) or report.findings:
            return "(a name that holds a secret)"
        return "(a name that could not be scanned)" if report.skipped else name

    def _of_name(self, name: str) -> DumpReport:
        """What a scan finds in it, as in a dump of a few bytes."""
        if name not in self._names:
            if len(self._names) >= _NAMES:
                self._names.clear()
            report = _in_memory(os.fsencode(name), attrs.evolve(self.wanted, limits=_FEW, marker=""))
            # What it looks like is no matter in a name, but whether it was read.
            self._names[name] = attrs.evolve(report, skipped=()) if report.images else report
        return self._names[name]

    def of_file(self, path: str, ticket: Ticket, private: Callable[[], Sequence[int]]) -> Judgement:
        """Of a sealed dump, by the name that it came under: a few formats are known by nothing else. ``private``:
        descriptors that the process that scans is not to have.
        """
        name = ticket.source.name

        def work() -> DumpReport:
            for descriptor in private():
                os.close(descriptor)
            with reading(self.shown(name), ticket.size, sys.stderr) as progress:
                return scan_dump(path, self.wanted, progress, name)

        report = limited(name, ticket.size, work, _BECAUSE, self.seconds)
        least = None if self.fail_on is None else Severity(self.fail_on)
        threshold = Threshold(least, masked(self._allowed(), self.wanted))
        judgement, named = judgement_of(threshold.judged(report)), judgement_of(threshold.judged(self._of_name(name)))
        found = (*(f"in the name of the dump: {each}" for each in named.found), *judgement.found)
        not_read = (*(f"the name of the {each}" for each in named.not_read), *judgement.not_read)
        if self.wanted.matcher_set.holds(name) and named.verdict != "LEAK":
            named, found = attrs.evolve(named, verdict="LEAK"), ("a canary in the name of the dump", *found)
        worst = min(named.verdict, judgement.verdict, key=_VERDICTS.index)
        return attrs.evolve(judgement, verdict=worst, found=found, not_read=not_read)


def _in_memory(data: bytes, wanted: ScanRequest) -> DumpReport:
    descriptor = os.memfd_create("name", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, data)
        return limited("name", len(data), partial(scan_dump, f"/proc/self/fd/{descriptor}", wanted), _BECAUSE)
    finally:
        os.close(descriptor)


def judgement_of(report: DumpReport) -> Judgement:
    """What a report says, in lines without the name of the dump. Nothing in them is of the dump but places."""
    gaps = [*_not_read(report)]
    found = [*_found(report)]
    more = max(0, len(gaps) - _LISTED) + max(0, len(found) - _LISTED)
    return Judgement(verdict(report), tuple(gaps[:_LISTED]), tuple(found[:_LISTED]), more)


def _not_read(report: DumpReport) -> Iterator[str]:
    # What makes a dump INCOMPLETE first: of holes in a core there may be thousands.
    for gap in sorted(report.skipped, key=lambda each: each.harmless):
        yield _gap(gap, report.dump)
    if report.marked is False:
        yield UNMARKED


def _gap(gap: Gap, dump: str) -> str:
    image = f"dump{gap.image.removeprefix(dump)}"
    at = "" if gap.offset is None else f" at {gap.offset:#x}"
    length = "" if gap.length is None else f" ({gap.length:,} bytes)"
    return f"{image}{at}{length}: {gap.reason}{' (no harm)' if gap.harmless else ''}"


def _found(report: DumpReport) -> Iterator[str]:
    for one in sorted(report.findings, key=lambda each: bool(each.passes)):
        passes = f" ({one.passes})" if one.passes else ""
        if isinstance(one, Exposure):
            yield f"canary {one.secret!r} {one.severity.upper()}{passes}"
        elif isinstance(one, KeyFinding):
            yield f"{one.what} ({one.detector}, {one.identity}) {one.severity.upper()}{passes}"
        elif isinstance(one, UnlistedKeys):
            yield f"{one.count:,} more: {one.what} ({one.detector}) {one.severity.upper()}{passes}"
