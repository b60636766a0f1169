"""What of a report fails: by how bad it is, and but for what somebody has looked at and allows for a while.

Nothing is left out of the report: what does not fail is shown, with the reason.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence

import attrs

from redactfuzz.model.exposure import DumpReport, Exposure, KeyFinding, Severity

_RANKS = list(Severity)
_DIGITS = 12
KEYS = Severity.MEDIUM
"""How bad a key must be where nothing else is asked for: the state of a random generator, which every CPython holds, is
less. A canary fails by any piece of it, since it was planted to be nowhere."""


def fingerprint(finding: Exposure | KeyFinding, severity: Severity | None = None) -> str:
    """The same in each dump that shows as much of it, and nothing of the secret: a hash of a hash prefix and names.

    Of a canary, of which a piece may be found or all, it is for what is as bad as this finding, or as ``severity``.
    That is in its hash twice, which adds nothing, and stays: files for ``--allow`` hold such values.
    """
    parts = (
        ("canary", finding.secret, finding.hash_prefix, severity or finding.severity)
        if isinstance(finding, Exposure)
        else ("key", finding.detector, finding.identity)
    )
    named = "\0".join((*parts, severity or finding.severity))
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


@attrs.frozen
class Threshold:
    """``least``: how bad everything must be, None for what `KEYS` says. ``allowed``: reasons by fingerprint."""

    least: Severity | None = None
    allowed: Mapping[str, str] = attrs.field(factory=dict)

    def judged(self, report: DumpReport) -> DumpReport:
        """The report, in which each finding says why it passes, if it does."""
        return attrs.evolve(
            report,
            exposures=tuple(
                attrs.evolve(one, passes=self._allows(one) or self._below(one.severity, Severity.LOW))
                for one in report.exposures
            ),
            keys=tuple(
                attrs.evolve(one, passes=self._allows(one) or self._below(one.severity, KEYS)) for one in report.keys
            ),
            unlisted_keys=tuple(
                attrs.evolve(one, passes=one.passes or self._below(one.severity, KEYS)) for one in report.unlisted_keys
            ),
            # Of bytes in no known form nobody can say how much they give away.
            differences=tuple(
                attrs.evolve(one, passes=self._below(Severity.HIGH, Severity.LOW) if one.sure else "")
                for one in report.differences
            ),
        )

    def _allows(self, one: Exposure | KeyFinding) -> str:
        """By an entry for it, or for something worse of the same: who allows a piece has not seen the whole."""
        as_bad = _RANKS[: _RANKS.index(one.severity) + 1]
        return next((why for bad in as_bad if (why := self.allowed.get(fingerprint(one, bad), ""))), "")

    def _below(self, severity: Severity, default: Severity) -> str:
        least = self.least or default
        return f"below --fail-on {least}" if _RANKS.index(severity) > _RANKS.index(least) else ""


def entries(reports: Sequence[DumpReport], until: datetime.date) -> Iterator[str]:
    """A file for ``--allow`` with all that fails. The reasons are for a person to write: without, it is none."""
    seen: set[str] = set()
    for report in reports:
        found: tuple[Exposure | KeyFinding, ...] = (*report.exposures, *report.keys)
        for one in found:
            key = fingerprint(one)
            if one.passes or key in seen:
                continue
            seen.add(key)
            what = f"canary {one.secret!r}" if isinstance(one, Exposure) else f"{one.what} ({one.detector})"
            said = f"{what} {one.severity.upper()}, in {report.dump!r}"
            # One line, whatever a name holds: what follows a break would be an entry of its own.
            yield f"# {''.join(char if char.isprintable() else '?' for char in said)}\n"
            yield f'[[suppressed]]\nkey = "{key}"\nreason = ""\nuntil = {until}\n\n'
