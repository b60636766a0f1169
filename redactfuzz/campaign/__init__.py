"""Many executions of a scenario: budget, controls, confirmation, explanation, certificate."""

from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import last_report, run
from redactfuzz.campaign.files.store import load
from redactfuzz.campaign.session.runtime import Runtime, default_runtime
from redactfuzz.campaign.session.spec import PROFILES, OptionError, Options, ScenarioSpec, Settings

__all__ = [
    "PROFILES",
    "OptionError",
    "Options",
    "Runtime",
    "ScenarioSpec",
    "Settings",
    "default_runtime",
    "last_report",
    "load",
    "replay",
    "run",
]
