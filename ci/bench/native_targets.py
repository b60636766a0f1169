"""Every native target under the default profile: the leak, its confirmation, and what is said of the fixed twin.

Seconds are those of a campaign in this process: the program is compiled in them, redactfuzz's driver, which is built
once for all programs, is not.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from shared import record

from redactfuzz import rsa
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session.spec import Options, Settings
from redactfuzz.model.events import CampaignEnded, FindingSeen
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.compile import build
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.real import Remains
from redactfuzz.native.run.runtime import NativeRuntime

TARGETS = record.ROOT / "targets"
SIGNER = TARGETS / "storm0558" / "native"
SEED, SECONDS = 1, 10.0
COVERED = re.compile(r"at most (\d+) preemptions? between ([^:]+): all, [\d,]+ executions")


class Timed(NativeRuntime):
    """Knows when processes came back that really died."""

    deaths: tuple[float, ...] = ()

    def die(self, *arguments: Any, **named: Any) -> Remains:
        """Notes when."""
        remains = super().die(*arguments, **named)
        self.deaths += (time.perf_counter(),)
        return remains


@attrs.frozen
class Line:
    """One twin."""

    report: Report
    leak: float | None
    """Seconds until it was seen,"""
    confirmed: float | None
    """and until a process that really died showed it: as a finding of the plain build, with the report."""
    whole: float


def programs() -> Iterator[tuple[str, Program, Program]]:
    """Name, vulnerable and fixed."""
    for folder in sorted(path for path in (TARGETS / "native").iterdir() if path.is_dir()):
        (first,), (second,) = folder.glob("vulnerable.c*"), folder.glob("fixed.c*")
        yield folder.name, Program((first,)), Program((second,))
    kinds = {"signing key": rsa(2048), "next key": rsa(2048)}
    twins = (Program((SIGNER / f"{twin}.c",), flags=("-lcrypto",), canaries=kinds) for twin in ("vulnerable", "fixed"))
    vulnerable, fixed = twins
    yield "storm0558", vulnerable, fixed


def measured(program: Program, repros: Path) -> Line:
    """A campaign with the default profile."""
    runtime = Timed()
    leak = None
    began = time.perf_counter()
    for event in run(program_spec(program, Settings()), Options(seed=SEED, repro_dir=repros), runtime):
        match event:
            case FindingSeen(finding) if finding.leaks and leak is None:
                leak = time.perf_counter() - began
                runtime.deaths = ()
            case CampaignEnded(report):
                break
    whole = time.perf_counter() - began
    runtime.close()
    confirmed = None
    if any(note.startswith("confirmed: ") for note in report.notes):
        # What the plain build leaks was seen in a core to begin with.
        confirmed = runtime.deaths[0] - began if runtime.deaths else whole
    return Line(report, leak, confirmed, whole)


def exhausted(report: Report) -> str:
    """What of the fixed twin was searched without a gap."""
    if report.verdict is Verdict.PROVED:
        return "every schedule"
    covered = report.certificate.covered if report.certificate else ()
    found = [(int(match[1]), match[2]) for line in covered if (match := COVERED.match(line))]
    levels = list(dict.fromkeys(level for _, level in found))  # coarse to fine
    most = [max(bound for bound, level in found if level == each) for each in levels]
    told = [
        f"{bound} between {level}"
        for index, (bound, level) in enumerate(zip(most, levels, strict=True))
        if bound > max(most[index + 1 :], default=-1)
    ]
    return "; ".join(told) or "nothing"


def main() -> None:
    """Names on the command line choose some of them."""
    rows, data = [], []
    late, wrong = [], []
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = scratch  # nothing is compiled yet but the driver
        build.driver(toolchain())
        for name, vulnerable, fixed in programs():
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            found, clean = measured(vulnerable, Path(scratch)), measured(fixed, Path(scratch))
            controls = [control.passed for control in clean.report.controls]
            in_time = found.confirmed is not None and found.confirmed <= SECONDS
            if not in_time:
                late.append(name)
            if found.report.verdict is not Verdict.LEAK or not clean.report.verdict.passed or not all(controls):
                wrong.append(name)
            kind = found.report.finding.kind if found.report.finding else None
            rows.append(
                (
                    name,
                    found.report.verdict,
                    kind,
                    found.report.first_leak_execution,
                    found.leak,
                    found.confirmed,
                    found.whole,
                    "yes" if in_time else "**no**",
                    clean.report.verdict,
                    clean.report.executions,
                    exhausted(clean.report),
                    f"{controls.count(True)} of {len(controls)}",
                    clean.whole,
                )
            )
            data.append(
                {
                    "target": name,
                    "verdict": str(found.report.verdict),
                    "kind": str(kind),
                    "first_leak_execution": found.report.first_leak_execution,
                    "seconds": {"leak": found.leak, "confirmed": found.confirmed, "whole": found.whole},
                    "notes": list(found.report.notes),
                    "fixed": {
                        "verdict": str(clean.report.verdict),
                        "reason": str(clean.report.reason or ""),
                        "executions": clean.report.executions,
                        "covered": list(clean.report.certificate.covered) if clean.report.certificate else [],
                        "controls": controls,
                        "seconds": clean.whole,
                    },
                }
            )
            print(*rows[-1], sep="  ", flush=True)
    head = (
        "target",
        "vulnerable",
        "kind",
        "leak at execution",
        "leak, s",
        "confirmed, s",
        "whole, s",
        f"within {SECONDS:g} s",
        "fixed",
        "executions",
        "exhausted preemptions",
        "controls passed",
        "s",
    )
    text = record.table(head, rows) + (
        "\n\nThe default profile (200,000 executions or 60 s), no flags for the compiler. *leak*: seconds from the"
        " start of the campaign, compilation included, until an execution leaked; *confirmed*: until a process that"
        " really died had left it in a core or file; *whole*: until it was small and explained as well. elided_wipe"
        " leaks in the plain build alone, which is looked at early. *exhausted*: the largest number of"
        " preemptions up to which every schedule of the fixed twin was run, and where threads may be switched then."
        f"\n\n{len(rows)} targets. Not as meant: {', '.join(wrong) or 'none'}. Confirmed after more than {SECONDS:g} s:"
        f" {', '.join(late) or 'none'}."
    )
    record.save("native_targets", "Every native target under the default profile", text, {"targets": data})


if __name__ == "__main__":
    main()
