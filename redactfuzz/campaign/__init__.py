"""Many executions of a scenario: budget, controls, confirmation, explanation, certificate."""

from redactfuzz.campaign.replay import replay
from redactfuzz.campaign.run import last_report, run
from redactfuzz.campaign.runtime import Runtime, default_runtime
from redactfuzz.campaign.spec import PROFILES, OptionError, Options, ScenarioSpec, Settings
from redactfuzz.campaign.store import load

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
