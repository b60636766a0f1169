"""What a campaign is about, and how far it may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.campaign.session.target import Count, Pace, Profile, Target, target_of
from redactfuzz.model.limits import MODULES
from redactfuzz.model.part import Part
from redactfuzz.model.plan import HANG_SECONDS, Isolation
from redactfuzz.model.repro import JsonValue
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.portfolio import STRATEGIES, near

_ALL_CODE = ("all",)
"""The value of the option ``focus`` by which threads are stopped in all code."""
UNBOUNDED = 2**62
"""Executions, where there is no limit."""
FOREVER = float("inf")


PROFILES = {
    "ci": Profile(500, 10.0, 5.0),
    "dev": Profile(5_000, 60.0, 15.0),
    "nightly": Profile(UNBOUNDED, FOREVER, 120.0),
}
PACE = Pace(
    PROFILES,
    swift=False,
    bypassed=Count(30, apart=30),
    near=near(),
    hopeless=Count(200, apart=200),
    after_leak=Count(0, apart=0),
    enumerated=Count(400, apart=60),
)
"""Of scenarios in Python; where nobody knows yet what is tested, options are checked by it."""


@attrs.frozen
class Settings:
    """The keyword options of ``@scenario``; None: not given."""

    executions: int | None = None
    seconds: float | None = None
    preemptions: int | None = None
    granularity: Granularity | None = None
    isolation: Isolation | None = None
    strategy: str | None = None
    seed: int | None = None
    profile: str | None = None
    focus: Sequence[str] | str | None = None
    """Modules in whose midst threads are stopped."""
    regressions: Sequence[str] | str | None = None
    """Repro files, and folders of them, that are run first; relative to the scenario's file."""


@attrs.frozen
class Options:
    """What the command line or the plugin asks for; None: not given. It wins over the scenario's own settings."""

    seed: int | None = None
    executions: int | None = None
    seconds: float | None = None
    profile: str | None = None
    strategy: str | None = None
    granularity: Granularity | None = None
    preemptions: int | None = None
    isolation: Isolation | None = None
    focus: Sequence[str] | str | None = None
    repro_dir: Path | None = None
    """Where repro files go; None: ``.redactfuzz`` in the working directory."""
    shrink_seconds: float | None = None
    after_seconds: float | None = None
    """For all that follows the search when something was found: shrinking, explaining. It is confirmed in any case."""
    hang_seconds: float | None = None
    """After which a thread that does not come back counts as hanging."""
    unconfined: bool = False
    """Scenarios in Python may write anywhere."""
    proves: bool = False
    """A proof is asked for: the search of the whole space has no bound in executions."""
    corpus: Path | None = None
    """Folder of a corpus: its seeds and regressions are run first, and what covers something new is kept there."""
    regressions: bool = False
    """Known findings in a folder `corpora` beside the scenario's file, or above it, are run first."""
    beyond: bool = False
    """What a seed or a regression shows ends no search: it goes on for what is not known."""
    strict_regressions: bool = False
    """With one of which the schedule cannot be followed any more there is no pass."""
    part: Part | None = None
    """Of a search of the whole space, the part that is gone through here: others are gone through elsewhere."""
    proof: Path | int | None = None
    """Where the certificate of ``--strategy dpor`` goes, for ``redactfuzz check``: a file, or an open descriptor."""


@attrs.frozen(eq=False)
class ScenarioSpec:
    """One scenario, with everything but the Race bound to it."""

    name: str
    path: str
    """Of the file that holds it."""
    body: Any
    """A function of the Race, or a Program: see ``target``."""
    settings: Settings = Settings()
    workload: Mapping[str, JsonValue] = attrs.field(factory=dict)
    """What is bound to them and JSON can hold, for the repro file."""
    workload_note: str = ""
    item: str = ""
    """pytest's name of the test, where only pytest can run it,"""
    pytest: str = ""
    """and the words that start pytest again, but for those that say what to run."""

    target: Target = attrs.field()
    """What is to be known of what is tested."""

    @target.default
    def _target(self) -> Target:
        return target_of(self.body)

    @property
    def title(self) -> str:
        """``path/to/file.py::name`` or ``path/to/program.c``, relative to the working directory where possible."""
        return self.target.title(relative(self.path), self.name)

    def limits(self, options: Options) -> Limits:
        """What a campaign with these options goes by. Raises OptionError."""
        return resolve(options, self.settings, self.target.pace)


@attrs.frozen
class Limits:
    """Options, settings and profile made one: what a campaign goes by."""

    seed: int
    executions: int
    seconds: float
    profile: str
    strategy: str
    granularity: Granularity | None
    preemptions: int | None
    isolation: Isolation
    shrink_seconds: float
    hang_seconds: float
    confined: bool = True
    focus: tuple[str, ...] = ()
    chooses_focus: bool = False
    """The search may itself choose modules of libraries whose calls are one step each."""
    after_seconds: float | None = None
    """None: ten, or a third of what the search took."""
    timed: bool = False
    """Executions are swift, seconds were given and executions were not: all seconds are used."""
    proves: bool = False
    """A proof is asked for."""
    counted: bool = False
    """So many executions were asked for: a proof takes no more."""
    part: Part | None = None
    """Of the whole space; None: all of it."""
    proof: Path | int | None = None
    corpus: Path | None = None
    beyond: bool = False
    """What seeds show ends no search."""

    @property
    def bounded(self) -> bool:
        """Whether the number of executions has a limit."""
        return self.executions < UNBOUNDED


class OptionError(ValueError):
    """An option has a value that it cannot have. The message says which one can."""


def resolve(options: Options, settings: Settings, pace: Pace = PACE) -> Limits:
    """One value for each option. Raises OptionError."""

    def first(name: str, default: Any) -> Any:
        for source in (options, settings):
            value = getattr(source, name)
            if value is not None:
                return value
        return default

    profile_name = first("profile", "dev")
    profile = pace.profiles.get(profile_name)
    if profile is None:
        raise OptionError(f"no profile is called {profile_name!r}; choose one of {', '.join(pace.profiles)}")
    strategy = first("strategy", "default")
    if strategy not in STRATEGIES:
        raise OptionError(f"no strategy is called {strategy!r}; choose one of {', '.join(STRATEGIES)}")
    modules = _modules(first("focus", ()))
    limits = Limits(
        seed=first("seed", 0),
        executions=first("executions", UNBOUNDED if strategy == "dpor" else profile.executions),
        seconds=float(first("seconds", profile.seconds)),
        profile=profile_name,
        strategy=strategy,
        granularity=_choice(Granularity, "granularity", first("granularity", None)),
        preemptions=first("preemptions", None),
        isolation=_choice(Isolation, "isolation", first("isolation", Isolation.AUTO)) or Isolation.AUTO,
        shrink_seconds=profile.shrink_seconds if options.shrink_seconds is None else options.shrink_seconds,
        hang_seconds=HANG_SECONDS if options.hang_seconds is None else options.hang_seconds,
        confined=not options.unconfined,
        focus=() if modules == _ALL_CODE else modules,
        chooses_focus=not modules and strategy == "default" and first("preemptions", None) is None,
        after_seconds=options.after_seconds,
        part=options.part,
        proof=options.proof,
        corpus=options.corpus,
        beyond=options.beyond,
        timed=pace.swift and first("seconds", None) is not None and first("executions", None) is None,
        proves=options.proves and first("executions", None) is None,
        counted=first("executions", None) is not None,
    )
    for name, least in (("executions", 1), ("preemptions", 0), ("seed", 0)):
        value = getattr(limits, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            raise OptionError(f"{name} is {value!r}; give a whole number of at least {least}")
    if limits.seed >= 2**64:
        raise OptionError(f"seed is {limits.seed}; give a number below 2**64")
    if not limits.seconds > 0:
        raise OptionError(f"seconds is {limits.seconds:g}; give a number above 0")
    if limits.proof is not None and limits.strategy != "dpor":
        raise OptionError(f"a certificate (proof) is one of strategy 'dpor', and not of {limits.strategy!r}")
    if limits.part is not None and (why := _not_shared(limits)):
        raise OptionError(f"part is {limits.part}, of the search of a whole space; {why}")
    if limits.after_seconds is not None and not limits.after_seconds >= 0:
        raise OptionError(f"after is {limits.after_seconds:g}; give seconds, at least 0")
    return limits


def _not_shared(limits: Limits) -> str:
    """What is no search of a whole space that could be shared; nothing where it is one."""
    if limits.proof is not None:
        return "a certificate (proof) is of all of it"
    if limits.preemptions is not None:
        return "a bound of preemptions is of none"
    return "" if limits.strategy in ("default", "dpor", "exhaustive") else f"strategy {limits.strategy!r} is none"


def _modules(value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    for name in names:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise OptionError(f"focus holds {name!r}; give names of modules, such as 'package.module'")
    if len(names) > MODULES:
        raise OptionError(f"focus holds {len(names)} modules; give at most {MODULES}")
    return tuple(dict.fromkeys(names))


def _choice(kind: Any, name: str, value: Any) -> Any:
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise OptionError(f"{name} is {value!r}; choose one of {', '.join(kind)}") from None


def relative(path: str) -> str:
    """``path`` as seen from the working directory, with ``/``; unchanged where it lies elsewhere."""
    try:
        return Path(path).resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (ValueError, OSError):
        return Path(path).as_posix()
