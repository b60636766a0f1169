"""Which scenarios cost a night nothing, since what was proved of them is so still."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from redactfuzz.campaign.session import depends
from redactfuzz.changed.build import build
from redactfuzz.changed.once import compiled, is_here
from redactfuzz.changed.revision import project
from redactfuzz.model.night import SliceEnded
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.run.program import Program
from redactfuzz.night.journal import Night, of_kind


def spared(known: Sequence[Night], found: Mapping[str, Program]) -> dict[str, str]:
    """Why a scenario costs nothing: its last verdict is PROVED, and what that depends on is as it was.

    ``found``: programs by their titles.
    """
    last: dict[str, SliceEnded] = {}
    for night in known:
        for each in of_kind(night.events, SliceEnded):
            if each.report is not None and each.report.verdict is Verdict.PROVED:
                last[each.title] = each
            elif each.report is not None and not each.report.verdict.passed:
                last.pop(each.title, None)
    tool, root = build(), project(Path.cwd())
    told = {}
    for title, each in last.items():
        night = next(night for night in reversed(known) if each in night.events)
        certificate = each.report.certificate if each.report is not None else None
        started = night.started
        same = started is not None and started.tool == tool and started.python == platform.python_version()
        shared = certificate is not None and certificate.isolation != "process"
        if same and shared and depends.unchanged(each.sources) and _is_as_it_was(each, found.get(title), root):
            told[title] = f"PROVED in night {night.number}, and its {len(each.sources)} files are unchanged"
    return told


def _is_as_it_was(each: SliceEnded, program: Program | None, root: Path) -> bool:
    """Whether nothing differs that a change would be seen by: also what was looked for, and was not there."""
    known = each.dependencies
    try:
        return known is not None and is_here(known, root) and (program is None or compiled(program, root) == known)
    except BuildError:
        return False
