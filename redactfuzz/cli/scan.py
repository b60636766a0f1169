"""``redactfuzz scan``: looks for canaries and key material in dumps that exist."""

from __future__ import annotations

import contextlib
import datetime
import errno
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs
import click

from redactfuzz.cli.limited import limited, of_others
from redactfuzz.cli.options import file_once, size_of
from redactfuzz.cli.scanning.folders import dumps_in
from redactfuzz.cli.scanning.masked import MaskedCommand
from redactfuzz.dumps.readers.mapped import give_back
from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.dumps.small import Unreadable, text_of
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.model.registry import UnusableRegistry, registry_from_json, registry_of
from redactfuzz.model.repro import SUFFIX, ReproError, loads
from redactfuzz.model.texts.shortened import shortened
from redactfuzz.night import suppressions
from redactfuzz.report.dump_lines import as_json, table, verdict
from redactfuzz.report.progress import reading
from redactfuzz.report.sarif import sarif
from redactfuzz.scan.differs import PlantedValues
from redactfuzz.scan.dump import ScanRequest, scan_dump, with_background, with_differences
from redactfuzz.scan.keys import KnownKeys, UnusableKey, UnusableRules, read_known, read_macs, read_rules
from redactfuzz.scan.many import with_quiet_ones
from redactfuzz.scan.masker import ReportMasker
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.threshold import Threshold, entries

_EXIT = {"LEAK": 1, "INCOMPLETE": 5, "NOTED": 0, "CLEAN": 0}
_DAYS = 90
"""That what ``--write-allow`` writes holds."""
_FILE = click.Path(path_type=Path)
_REGISTRY = 16 << 20
"""Bytes of the largest registry."""


class _Scan(MaskedCommand):
    """Which knows the canaries that were given."""

    def masker(self, context: click.Context) -> ReportMasker:
        """One that finds these, of each file that can be read."""
        planted = []
        for name in ("canaries", "other_canaries"):
            with contextlib.suppress(click.UsageError):
                planted.append(_planted(context.params.get(name), name))
        canaries = tuple(itertools.chain.from_iterable(one.canaries for one in planted))
        return ReportMasker(canaries, [one.matcher_set for one in planted])


@click.command(cls=_Scan)
@click.argument("dumps", nargs=-1, required=True, metavar="DUMP...", type=click.Path(allow_dash=True))
@file_once("--canaries", "Look for these canaries: a registry or .rfz.json.")
@click.option("--jwks", type=_FILE, multiple=True, metavar="FILE", help="Look for the private half of these keys.")
@click.option(
    "--public-key", type=_FILE, multiple=True, metavar="FILE", help="The same; PEM, DER, OpenSSH or certificate."
)
@click.option("--mac", type=_FILE, multiple=True, metavar="FILE", help="Look for HMAC keys of these JWTs or MACs.")
@click.option("--rules", type=_FILE, multiple=True, metavar="FILE", help="Look for these tokens: TOML of gitleaks.")
@click.option("--no-marker", is_flag=True, help="A dump of this kind, as a log, cannot hold the registry's marker.")
@click.option("--fail-on", type=click.Choice([*map(str, Severity)]), help="How bad what fails is. Default: see below.")
@file_once("--allow", "What fails nothing for a while: TOML, each with a reason.")
@file_once("--write-allow", "Write such a file, with all that fails now.")
@click.option("--baseline", type=_FILE, multiple=True, metavar="DUMP", help="What is in this dump too is background.")
@file_once("--differs-from", "The same program with other values: what differs?", "DUMP")
@file_once("--other-canaries", "The canaries of that dump.")
@click.option("--no-keys", is_flag=True, help="Look for the canaries only, not for key material that nobody planted.")
@click.option("--json", "json_lines", is_flag=True, help="One line of JSON for each dump, on stdout.")
@click.option("--sarif", "sarif_lines", is_flag=True, help="SARIF 2.1.0 on stdout.")
@click.option("--max-unpacked", default="32G", callback=size_of, metavar="SIZE", help="Unpack no more. Default: 32G.")
@click.option("--context", default=0, type=click.IntRange(0, 64), metavar="BYTES", help="Show so many bytes around.")
def scan(
    dumps: tuple[str, ...],
    canaries: Path | None,
    jwks: tuple[Path, ...],
    public_key: tuple[Path, ...],
    mac: tuple[Path, ...],
    rules: tuple[Path, ...],
    no_marker: bool,
    fail_on: str | None,
    allow: Path | None,
    write_allow: Path | None,
    baseline: tuple[Path, ...],
    differs_from: Path | None,
    other_canaries: Path | None,
    no_keys: bool,
    json_lines: bool,
    sarif_lines: bool,
    max_unpacked: int,
    context: int,
) -> int:
    """Look for canaries and key material in each DUMP: core, minidump, log, JSON, raw memory, packed in whatever.

    Of a folder each file below it is read.

    With --differs-from, a dump of the same program that was planted with other values, whatever differs and is in no
    known form is reported as well; --baseline is then a dump with the values of DUMP: what differs from it is left out.

    By default any piece of a canary fails, and a key that is at least MEDIUM: random generators of OpenSSL, which every
    CPython holds, are LOW. --fail-on asks the same of everything. What does not fail is shown all the same.

    \b
    Exit status: 1 something was found that fails; 0 nothing that does, in dumps that were read wholly; 5 a dump, or a
    part of one, was not read, or is not of the program that the registry belongs to; 2 usage; 3 the report cannot be
    written. "-" is standard input.
    """
    if json_lines and sarif_lines:
        raise click.UsageError("--json and --sarif both write to stdout: choose one.")
    # What a rule matches may begin and end where a text does: none is searched together with others.
    limits = UnpackLimits(unpacked=max_unpacked, together=not rules)
    if no_marker and canaries is None:
        raise click.UsageError("--no-marker is about the marker of a registry: give --canaries FILE.")
    if write_allow is not None:
        _can_be_made(write_allow)
    reasons = allowed(allow)
    if no_keys and (jwks or public_key or mac or rules):
        raise click.UsageError("--no-keys and a public key, MACs or rules: choose one.")
    known = known_keys((*jwks, *public_key), mac, rules)
    if jwks or public_key:
        give_back()
    wanted = scan_request(canaries, known, not no_keys, limits, context, compares=differs_from is not None)
    wanted = attrs.evolve(wanted, marker="") if no_marker else wanted
    wanted = with_background(wanted, _baselines(baseline, attrs.evolve(wanted, lists_all=True)))
    if differs_from is not None and "-" in (*dumps, *map(str, (differs_from, *baseline))):
        raise click.UsageError("--differs-from reads dumps twice, and standard input can be read once: give a file.")
    if other_canaries is not None and differs_from is None:
        raise click.UsageError("--other-canaries belong to the dump that --differs-from names: give it as well.")
    threshold = Threshold(None if fail_on is None else Severity(fail_on), masked(reasons, wanted))
    other = wanted.planted if other_canaries is None else _planted(other_canaries, "--other-canaries")
    if other.canaries and other_canaries is not None and _values(other) == _values(wanted.planted):
        raise click.UsageError("--other-canaries are those of --canaries: what differs does not depend on them.")
    reports = []
    paths = dumps_in(dumps, lambda name: _shown(name, wanted))
    if differs_from is not None:
        _are_others(differs_from, (*paths, *baseline))
    for dump, quiet in with_quiet_ones(paths, wanted) if differs_from is None else ((dump, None) for dump in paths):
        compares = () if differs_from is None else (differs_from, *baseline)

        def read(dump: str = dump, quiet: DumpReport | None = quiet) -> DumpReport:
            report = quiet or _scanned(dump, wanted)
            if differs_from is None:
                return report
            return with_differences(report, differs_from, (wanted.planted, other), baseline, wanted)

        reports.append(threshold.judged(_report(dump, (dump, *compares), read)))
        if not sarif_lines:
            for line in [as_json(reports[-1])] if json_lines else table(reports[-1]):
                print(line, flush=True)
    if sarif_lines:
        print(sarif(reports), end="", flush=True)
    if write_allow is not None:
        _write_allow(write_allow, reports)
    if len(reports) > len(dumps) and not (sarif_lines or json_lines):
        counts = Counter(verdict(report) for report in reports)
        print(f"{len(reports)} dumps: " + ", ".join(f"{counts[name]} {name}" for name in _EXIT if counts[name]))
    statuses = {_EXIT[verdict(report)] for report in reports}
    return next(status for status in (1, 5, 0) if status in statuses)


def _are_others(differs_from: Path, dumps: Sequence[str | os.PathLike[str]]) -> None:
    """Raises UsageError where a dump, or one with the values of a dump, is to be compared with itself."""
    for dump in dumps:
        with contextlib.suppress(OSError, ValueError):
            if Path(dump).samefile(differs_from):
                raise click.UsageError(f"--differs-from {differs_from}: it is {dump} itself, and nothing would differ.")


def _values(planted: PlantedValues) -> set[str]:
    return {canary.hash_prefix for canary in planted.canaries}


def _baselines(paths: Sequence[Path], wanted: ScanRequest) -> list[DumpReport]:
    """What lies in each. Raises UsageError where one cannot be read."""
    reports = [_report(str(one), (one,), partial(_scanned, str(one), wanted)) for one in paths]
    for report in reports:
        if not report.images:
            raise click.UsageError(f"--baseline {report.dump}: {report.skipped[0].reason}")
    return reports


def allowed(path: Path | None) -> dict[str, str]:
    """Reasons by fingerprint, of what is allowed today."""
    if path is None:
        return {}
    today = datetime.datetime.now(datetime.UTC).date()
    if not os.path.lexists(path):
        raise click.UsageError(f"--allow {path}: there is no such file; --write-allow writes one.")
    try:
        known = suppressions.read(path, today)
    except suppressions.SuppressionError as error:
        raise click.UsageError(f"--allow {error}") from None
    return {key: f"allowed until {one.until}: {one.reason}" for key, one in known.items() if one.holds(today)}


def masked(reasons: Mapping[str, str], wanted: ScanRequest) -> dict[str, str]:
    """As they may be shown: each report with what is allowed says why."""
    instead = wanted.mask.instead_of(reasons.values())
    return {key: shortened(instead.get(reason, reason)) for key, reason in reasons.items()}


def _can_be_made(path: Path) -> None:
    """Raises UsageError where a file cannot be made, before a scan that may take hours."""
    why = 0
    if os.path.lexists(path):
        why = errno.EEXIST
    elif not path.parent.is_dir():
        why = errno.ENOTDIR if path.parent.exists() else errno.ENOENT
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        why = errno.EACCES
    if why:
        raise click.UsageError(f"--write-allow {path}: {os.strerror(why)}")


def _write_allow(path: Path, reports: Sequence[DumpReport]) -> None:
    """Each with a reason that is still to be written."""
    until = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=_DAYS)
    try:
        file = path.open("x", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.UsageError(f"--write-allow {path}: {error.strerror}") from None
    try:
        with file:
            file.writelines(entries(reports, until))
    except OSError:
        path.unlink()  # a part of it would allow a part, and stand in the way of the next one
        raise


def _report(dump: str, read: Sequence[str | os.PathLike[str]], work: Callable[[], DumpReport]) -> DumpReport:
    """``work`` reads these files: in a process with limits, where another user owns one."""
    return limited(dump, sum(_size(str(one)) or 0 for one in read), work) if of_others(read) else work()


def _scanned(dump: str, wanted: ScanRequest) -> DumpReport:
    name = _shown(dump, wanted) if sys.stderr.isatty() else dump
    with reading(name, _size(dump), sys.stderr) as progress:
        return scan_dump(dump, wanted, progress)


def _shown(dump: str, wanted: ScanRequest) -> str:
    """The name as reports show it: it may hold a canary, or a key that nobody planted."""
    return wanted.mask.instead_of([dump]).get(dump, dump)


def _size(dump: str) -> int | None:
    """None where it is not known before all is read, or there is none."""
    try:
        return None if dump == "-" else Path(dump).stat().st_size
    except (OSError, ValueError):
        return None


def scan_request(
    canaries: Path | None, known: KnownKeys, detect: bool, limits: UnpackLimits, context: int, *, compares: bool
) -> ScanRequest:
    """What the options ask for. Raises UsageError where a file of theirs cannot be used."""
    if not detect and canaries is None and not compares:
        raise click.UsageError("--no-keys leaves nothing to look for: give --canaries FILE.")
    planted = _planted(canaries, "--canaries")
    return ScanRequest(planted.matcher_set, known, detect, limits, planted.marker, planted.canaries, context)


def known_keys(keys: tuple[Path, ...], macs: tuple[Path, ...], rules: tuple[Path, ...]) -> KnownKeys:
    """What the files name. Raises UsageError where one cannot be used."""
    known = KnownKeys()
    try:
        for path in keys:
            known += read_known(path)
        for path in macs:
            known += read_macs(path)
        for path in rules:
            known += KnownKeys(rules=read_rules(path))
    except (UnusableKey, UnusableRules) as error:
        raise click.UsageError(str(error)) from None
    return known


def _planted(path: Path | None, option: str) -> PlantedValues:
    matcher_set = MatcherSet(thorough=True)
    if path is None:
        matcher_set.plant((), [])
        return PlantedValues(matcher_set)
    try:
        text = text_of(path, _REGISTRY)
        of_finding = path.name.endswith(SUFFIX)
        registry = registry_of(loads(text, path.name)) if of_finding else registry_from_json(text)
    except (UnusableRegistry, ReproError, Unreadable) as error:
        raise click.UsageError(f"{option} {path}: {error}") from None
    canaries = registry.mint()
    matcher_set.plant(canaries, [])
    return PlantedValues(matcher_set, canaries, registry.marker)
