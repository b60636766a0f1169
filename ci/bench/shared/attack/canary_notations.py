"""One canary in each notation: in a log, in a log with one NUL, in memory, and all of these in utf-16."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from redactfuzz.model.canary import Canary, mint, probe, raw, token
from redactfuzz.model.exposure import DumpReport, Severity

from .cases import CARRIERS, Case, Section
from .notations import LISTS, TEXTS, WIDE, Notation

TOKEN, BYTES, PROBE = (
    mint(29, name, kind, 1) for name, kind in (("token", token(32)), ("raw", raw(32)), ("probe", probe()))
)
_NUMBER = 2
"""Of the execution whose canaries are the near misses."""


def is_lost(report: DumpReport) -> bool:
    """Whether all of it is there."""
    return any(one.severity is Severity.TOTAL for one in report.exposures)


def _made(notation: Notation, carrier: Callable[[bytes], bytes], secret: Canary) -> Callable[[], bytes]:
    return lambda: carrier(notation(secret.bytes))


def _rows(
    canary: Canary, notations: Mapping[str, Notation], wides: Mapping[str, Callable[[Notation], Notation]]
) -> Mapping[str, Mapping[str, Case]]:
    other = mint(29, canary.name, canary.kind, _NUMBER)
    return {
        f"{canary.kind.label}: {name}{wide}": {
            carrier: Case(
                f"{name}{wide}",
                _made(widened(notation), put, canary),
                is_lost,
                _made(widened(notation), put, other),
                canary,
            )
            for carrier, put in CARRIERS.items()
        }
        for name, notation in notations.items()
        for wide, widened in wides.items()
    }


def cases() -> Mapping[str, Mapping[str, Case]]:
    """A token and bytes in every notation of bytes, a text with marks in every notation of texts."""
    narrow = {"": WIDE[""]}
    return {
        **_rows(TOKEN, LISTS, WIDE),
        **_rows(BYTES, LISTS, WIDE),
        **_rows(TOKEN, TEXTS, narrow),
        **_rows(PROBE, {name: each for name, each in TEXTS.items() if name != "utf-16"}, narrow),
    }


SECTION = Section(
    "canary_notations",
    "A canary in each notation",
    "A token of 32 letters, 32 bytes, and a text with quotes, marks and letters that are not ASCII; all of it must be"
    " found. The near miss is the canary of another execution in the same notation.",
    cases,
)
