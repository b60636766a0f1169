"""What a verdict must be: scenarios and programs that once passed and leak, or were accused and are right.

A case is written beside others of its line in a module ``truth_*.py``, and two consumers read the list:
``test_truth.py``, and ``ci/bench/verdicts.py``, which writes ``docs/results/truth.md``.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz import Report, explore
from redactfuzz.campaign.face.scenario import ambient, surrounded

HERE = Path(__file__).parent
_PROGRAMS = {path.name: path for path in HERE.glob("*/programs/*")}
"""The programs, each beside the modules of its folder. Their names are unique."""

LEAK = frozenset({"LEAK"})
BUG = frozenset({"BUG"})
PASS = frozenset({"PROVED", "NO_LEAK_FOUND"})
NO_PROOF = frozenset({"NO_LEAK_FOUND", "INCONCLUSIVE", "LEAK"})
"""PROVED would be a lie."""
WITHHELD = frozenset({"LEAK", "INCONCLUSIVE", "VACUOUS"})
"""No pass: either the leak is found, or it is said that nothing can be said."""
VACUOUS = frozenset({"VACUOUS"})
ERROR = frozenset({"ERROR"})
UNACCUSED = frozenset({"PROVED", "NO_LEAK_FOUND", "INCONCLUSIVE"})
"""Correct code of which not everything is seen: never LEAK, never BUG."""

NO_CALLS = "clang leaves out the calls of a redactor that does nothing, and a control misses them"


@attrs.frozen(eq=False)
class Case:
    """One scenario or program, and the verdicts that are right for it."""

    line: str
    """Of the issue, as "2.3"; names the group on the page."""
    name: str
    what: str
    """One sentence for the page: what it does."""
    expected: frozenset[str]
    body: Callable[..., Any]
    options: Mapping[str, Any]
    says: str = ""
    """What must stand somewhere in the reason, the notes or the certificate."""
    wide: bool = False
    """The same program at another optimisation level, or in a third way: run by `make wide`, not with the suite."""
    clang: frozenset[str] = frozenset()
    """The verdicts that are right where clang compiles it, if they are others; what must be said is not asked then."""
    because: str = ""
    """Why they are others."""

    @property
    def is_program(self) -> bool:
        """A C or C++ program, which no interpreter changes."""
        return hasattr(self.body, "redactfuzz_program")

    @property
    def title(self) -> str:
        """The id of the test."""
        return f"{self.line}-{self.name}"

    def report(self) -> Report:
        """Runs the campaign, with its repro files in the working directory.

        What a finding shrinks to and how it is explained decides no verdict of a scenario in Python.
        """
        usual = ambient()
        at_once = attrs.evolve(usual, options=attrs.evolve(usual.options, after_seconds=0.0))
        with surrounded(usual if self.says or self.is_program else at_once):
            return explore(self.body, **self.options)

    def right(self, report: Report) -> bool:
        """Whether the verdict is one of those accepted, and says what it must."""
        return str(report.verdict) in self.accepted and (self.differs or self.says in told(report))

    @property
    def accepted(self) -> frozenset[str]:
        """The verdicts that are right with the compiler that CC and CXX name."""
        return self.clang if self.differs else self.expected

    @property
    def differs(self) -> bool:
        """Whether that is clang, of which something else is right."""
        return bool(self.clang) and compiled_by_clang()


CASES: list[Case] = []
_LISTED: Counter[tuple[str, frozenset[str]]] = Counter()
_EACH_TIME = 1
"""Of one program and one right answer so many ways are run with the suite, the others by `make wide`."""


def case(line: str, expected: frozenset[str], says: str = "", **options: Any) -> Callable[[Any], Any]:
    """Lists a scenario. Its docstring says what it does; ``options`` are those of ``explore``."""

    def keep(body: Any) -> Any:
        what = " ".join((body.__doc__ or "").split())
        limits = {"seed": 0, "executions": 500, **options}
        CASES.append(Case(line, body.__name__, what, expected, body, limits, says))
        return body

    return keep


def source(name: str) -> Path:
    """The program of that name, or a path from this folder."""
    return HERE / name if "/" in name else _PROGRAMS[name]


def program(
    line: str,
    name: str,
    expected: frozenset[str],
    what: str,
    *,
    file: str = "",
    levels: Sequence[str] = ("-O1",),
    flags: Sequence[str] = (),
    says: str = "",
    explored: Mapping[str, Any] | None = None,
    clang: frozenset[str] = frozenset(),
    because: str = "",
    **settings: Any,
) -> None:
    """Lists the program ``<file>`` (default: ``<name>.c``) once for each optimisation level.

    ``explored`` are options of ``explore``, ``settings`` those of ``native.scenario``. ``clang`` is what is right with
    clang alone, ``because`` of what.
    """
    from redactfuzz import native

    of_one_kind = file or f"{name}.c", expected
    _LISTED[of_one_kind] += 1
    for level in levels:
        body = native.scenario(source(file or f"{name}.c"), flags=(level, *flags), **settings)
        limits = {"seed": 0, "executions": 5_000, **(explored or {})}
        wide = level != levels[0] or _LISTED[of_one_kind] > _EACH_TIME
        CASES.append(Case(line, f"{name}{level}", what, expected, body, limits, says, wide, clang, because))


@functools.cache
def compiled_by_clang() -> bool:
    """Whether CC names clang: ``CC=clang CXX=clang++`` runs the programs with it."""
    from redactfuzz.native.compile.compiler import toolchain

    return not toolchain().is_gcc(HERE / "any.c")


def told(report: Report) -> str:
    """All that a report says."""
    parts = [str(report.reason or ""), *report.notes, str(report.certificate or "")]
    findings = [report.finding, *getattr(report, "others", ())]
    for finding in [one for one in findings if one is not None]:
        parts += [finding.cause, str(finding.bug or ""), *(str(leak) for leak in finding.leaks)]
    return "\n".join(parts)


def all_cases() -> Iterator[Case]:
    """Every case of every module below this folder, in the order of the issue's lines."""
    for path in sorted(HERE.rglob("truth_*.py"), key=lambda path: path.name):
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
        importlib.import_module(path.stem)
    return iter(sorted(CASES, key=lambda one: [int(part) for part in one.line.split(".")]))
