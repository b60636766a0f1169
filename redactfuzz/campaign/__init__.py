"""Many executions of a scenario: budget, controls, confirmation, explanation, certificate."""

from redactfuzz.campaign.corpus.coverage import coverage_of
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import last_report, run
from redactfuzz.campaign.files.store import load
from redactfuzz.campaign.session.runtime import Runtime, default_runtime
from redactfuzz.campaign.session.spec import PROFILES, OptionError, Options, ScenarioSpec, Settings
from redactfuzz.campaign.session.target import register
from redactfuzz.campaign.targets.program import ProgramTarget
from redactfuzz.campaign.targets.python import PythonTarget
from redactfuzz.native.run.program import Program

# Whoever makes a spec has the target of its body; nobody else asks for the kind. The first that holds.
register(Program, ProgramTarget())
register(object, PythonTarget())

__all__ = [
    "PROFILES",
    "OptionError",
    "Options",
    "Runtime",
    "ScenarioSpec",
    "Settings",
    "coverage_of",
    "default_runtime",
    "last_report",
    "load",
    "replay",
    "run",
]
