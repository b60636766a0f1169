"""redactfuzz: is there any interleaving of my threads and any moment of crashing in which a secret reaches a dump?

The names are loaded when they are first used, so that the pytest plugin and ``redactfuzz --help`` start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from redactfuzz.supported import check as _check

if TYPE_CHECKING:
    from redactfuzz import dumps
    from redactfuzz.campaign.face.scenario import LeakFound, explore, scenario
    from redactfuzz.model.canary import Canary, integer, literal, probe, raw, rsa, token
    from redactfuzz.model.finding import Report
    from redactfuzz.model.verdict import Verdict
    from redactfuzz.threads.face.race import Race

_check()

__version__ = "0.2.0"

_HOMES = {
    "Canary": "redactfuzz.model.canary",
    "LeakFound": "redactfuzz.campaign.face.scenario",
    "Race": "redactfuzz.threads.face.race",
    "Report": "redactfuzz.model.finding",
    "Verdict": "redactfuzz.model.verdict",
    "explore": "redactfuzz.campaign.face.scenario",
    "integer": "redactfuzz.model.canary",
    "literal": "redactfuzz.model.canary",
    "probe": "redactfuzz.model.canary",
    "raw": "redactfuzz.model.canary",
    "rsa": "redactfuzz.model.canary",
    "scenario": "redactfuzz.campaign.face.scenario",
    "token": "redactfuzz.model.canary",
}

__all__ = [
    "Canary",
    "LeakFound",
    "Race",
    "Report",
    "Verdict",
    "dumps",
    "explore",
    "integer",
    "literal",
    "probe",
    "raw",
    "rsa",
    "scenario",
    "token",
]


def __getattr__(name: str) -> Any:
    if name == "dumps":
        return import_module("redactfuzz.dumps")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
