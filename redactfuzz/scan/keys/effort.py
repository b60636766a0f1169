"""What computing with numbers may cost in one image: what looks like a key may ask for as much as it likes.

Whoever computes asks first whether that is still affordable. What is not is left out, and the findings say so.
"""

from __future__ import annotations

from contextvars import ContextVar

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.machine import fault
from redactfuzz.scan.keys.detector import Detector, Findings
from redactfuzz.scan.keys.known import KnownKeys

ROUND = 1 << 18
"""Of one round of a function that makes a key of a passphrase. A unit is what one bit by another one costs, of numbers
that are multiplied: 2^39 are about a second.
"""
_SPARE, _EACH = 1 << 39, 1 << 19
"""Units that a detector has for an image, and more for each of its bytes."""
_TOO_MUCH = "not of all that looks like a key the numbers were checked: that takes too long"
_LOST = "what that would find was not looked for"


@attrs.define
class _Effort:
    left: int
    short: bool = False
    """Whether something was left out."""


_EFFORT: ContextVar[_Effort | None] = ContextVar("_EFFORT", default=None)
"""Of the detector that is at work in this thread."""


def affords(units: int) -> bool:
    """Whether something may be computed, which is paid for then. Where no detector is at work it always may."""
    effort = _EFFORT.get()
    if effort is None:
        return True
    if units > effort.left:
        effort.short = True
        return False
    effort.left -= units
    return True


def left_out() -> None:
    """Something was not computed, whatever is still affordable."""
    effort = _EFFORT.get()
    if effort is not None:
        effort.short = True


def found(detector: Detector, image: Image, known: KnownKeys) -> Findings:
    """What a detector finds in an image, with so much effort. A fault of ours in it costs that alone, and is a gap."""
    effort = _Effort(_SPARE + _EACH * image.size)
    before = _EFFORT.set(effort)
    try:
        findings = detector.find(image, known)
    except Exception as error:
        findings = Findings(detector.name, image)
        findings.gap(fault(f"its detector {detector.name}", error, _LOST), 0)
    finally:
        _EFFORT.reset(before)
    if effort.short:
        findings.gap(_TOO_MUCH, 0)
    return findings
