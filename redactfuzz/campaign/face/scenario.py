"""``@scenario`` and ``explore``: how a Python function becomes a campaign."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, overload

import attrs

from redactfuzz.campaign.face import drawn
from redactfuzz.campaign.face.failure import CampaignFailed, LeakFound, raise_for
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.campaign.session.spec import Options, ScenarioSpec, Settings, resolve
from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.repro import Repro
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.native.run.program import Program

if TYPE_CHECKING:
    from redactfuzz.threads.face.race import Race

__all__ = [
    "ATTRIBUTE",
    "Ambient",
    "CampaignFailed",
    "LeakFound",
    "ambient",
    "explore",
    "scenario",
    "spec_of",
    "surrounded",
]

ATTRIBUTE = "redactfuzz_scenario"
"""What ``@scenario`` leaves on a function: its Settings."""
PROGRAM = "redactfuzz_program"
"""What a scenario of a C or C++ program has besides: its Program."""
_PATCHES = "patchings"
"""What ``mock.patch`` leaves on a function."""
RACE = "race"

P = ParamSpec("P")


@attrs.frozen(eq=False)
class Ambient:
    """What surrounds a call of a scenario: the plugin's options, and who listens."""

    options: Options = attrs.field(factory=Options)
    observer: Callable[[CampaignEvent], None] | None = None
    replay: Repro | None = None
    """Run in the place of a search, by the scenario that it is about."""
    replay_file: str = ""
    """Where it lies."""
    item: str = ""
    """pytest's name of the test; empty outside pytest."""
    only_pytest: bool = False
    """The test has fixtures or parameters, whether or not its function takes them."""
    pytest: str = ""
    """The words that start it again, but for those that say what to run."""
    runtime: Callable[[], Runtime] | None = None
    """None: the one for what the scenario runs."""
    fixtures: frozenset[str] | None = None
    """Arguments that are fixtures, never stored in a repro file; None: not known."""


_AMBIENT: ContextVar[Ambient] = ContextVar("redactfuzz_ambient", default=Ambient())  # noqa: B039  frozen


_REPLAYS: list[str] = []


def replays() -> int:
    """How many repro files this process has run in the place of a search."""
    return len(_REPLAYS)


def ambient() -> Ambient:
    """What surrounds the caller."""
    return _AMBIENT.get()


@contextmanager
def surrounded(by: Ambient) -> Iterator[None]:
    """Calls of scenarios inside the context use these options and report to this observer."""
    token = _AMBIENT.set(by)
    try:
        yield
    finally:
        _AMBIENT.reset(token)


class Decorator(Protocol):
    """``@scenario(**options)``: what it makes of a function is called without the Race."""

    @overload
    def __call__(self, function: Callable[Concatenate[Race, P], object], /) -> Callable[P, None]: ...
    @overload
    def __call__(self, function: Callable[..., object], /) -> Callable[..., None]: ...


@overload
def scenario(function: Callable[Concatenate[Race, P], object], /) -> Callable[P, None]: ...
@overload
def scenario(function: Callable[..., object], /) -> Callable[..., None]: ...
@overload
def scenario(
    *,
    executions: int | None = None,
    seconds: float | None = None,
    preemptions: int | None = None,
    granularity: str | None = None,
    isolation: str | None = None,
    strategy: str | None = None,
    seed: int | None = None,
    profile: str | None = None,
    focus: Sequence[str] | str | None = None,
    regressions: Sequence[str] | str | None = None,
) -> Decorator: ...
def scenario(function: Any = None, **options: Any) -> Any:
    """Makes a campaign of a function that takes a Race (its parameter ``race``, or else its first one).

    Calling the function, with values for its other parameters, explores it and raises LeakFound (or another
    CampaignFailed) unless it passes. An option that is not given is decided by the profile. Raises OptionError for a
    value that an option cannot have, TypeError for an unknown option.
    """
    settings = Settings(**options)
    resolve(Options(), settings)
    if function is None:
        return functools.partial(_decorated, settings=settings)
    return _decorated(function, settings=settings)


def _decorated(function: Any, *, settings: Settings) -> Any:
    if not inspect.isfunction(function):
        raise TypeError(f"@scenario decorates a function, not {type(function).__name__}; put it below other decorators")
    signature = _without_race(_signature(function), function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        report = _explored(function, settings, bound.arguments)
        if report.interrupted and drawn.in_example():
            # Hypothesis would take a failure for one to shrink, and go on.
            raise KeyboardInterrupt
        raise_for(report)

    call.__signature__ = signature  # type: ignore[attr-defined]
    vars(call).pop(_PATCHES, None)  # pytest would leave out as many parameters again
    setattr(call, ATTRIBUTE, settings)
    drawn.relax(call)
    return call


def explore(function: Callable[..., Any], /, **options: Any) -> Report:
    """Explores a scenario (decorated or not) and gives its report, whatever the verdict.

    ``options`` are those of ``@scenario``, which they override, and values for the function's other parameters.
    """
    names = {field.name for field in attrs.fields(Settings)}
    given = {name: options.pop(name) for name in list(options) if name in names}
    settings = attrs.evolve(getattr(function, ATTRIBUTE, Settings()), **given)
    if hasattr(function, PROGRAM):
        return explored(program_spec(getattr(function, PROGRAM), settings, **options))
    plain = _plain(function)
    bound = _without_race(_signature(plain), plain).bind(**options)
    bound.apply_defaults()
    return _explored(plain, settings, bound.arguments)


def spec_of(function: Callable[..., Any], /, **bound: Any) -> ScenarioSpec:
    """The spec of a scenario, with values for its parameters beside the Race bound to it."""
    settings = getattr(function, ATTRIBUTE, Settings())
    if hasattr(function, PROGRAM):
        return program_spec(getattr(function, PROGRAM), settings, **bound)
    return _spec(_plain(function), settings, bound)


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the user wrote, below every decorator that says what it wraps."""
    plain: Callable[..., Any] = inspect.unwrap(function)
    return plain


def _explored(function: Callable[..., Any], settings: Settings, bound: Mapping[str, Any]) -> Report:
    around = ambient()
    options = around.options
    workload: dict[str, Any] = {}
    note = ""
    with drawn.uncounted():
        if drawn.in_example():
            options = drawn.share(options, resolve(options, settings))
            workload, note = drawn.workload(bound, around.fixtures)
        spec = attrs.evolve(_spec(function, settings, bound), workload=workload, workload_note=note)
        if around.only_pytest or _needs_pytest(function, spec, bound):
            spec = attrs.evolve(spec, item=around.item, pytest=around.pytest)
        return explored(spec, options, drawn.interactive(bound))


def explored(spec: ScenarioSpec, options: Options | None = None, interactive: str = "") -> Report:
    """Runs a campaign as what surrounds the caller wants it, and gives its report."""
    around = ambient()
    report = None
    for event in _events(spec, options or around.options, around, interactive):
        if around.observer is not None:
            around.observer(event)
        if isinstance(event, CampaignEnded):
            report = event.report
    assert report is not None
    return report


def program_spec(program: Program, settings: Settings) -> ScenarioSpec:
    """The spec of a C or C++ program."""
    return ScenarioSpec(program.name, str(program.sources[0]), program, settings)


def _needs_pytest(function: Callable[..., Any], spec: ScenarioSpec, bound: Mapping[str, Any]) -> bool:
    """Whether the command line cannot find it by name, or a repro file does not hold all that it takes."""
    parameters = _signature(function).parameters
    given = {name for name, value in bound.items() if value is not parameters[name].default}
    return "." in spec.name or bool(given - spec.workload.keys())


def _events(spec: ScenarioSpec, options: Options, around: Ambient, interactive: str) -> Iterator[CampaignEvent]:
    if interactive:
        reason = Reason(
            f"It takes {interactive}, an object of st.data(): every execution would draw other values from it.",
            "Draw all values by arguments of @given, before the scenario begins.",
        )
        return iter([CampaignEnded(Report(spec.title, Verdict.ERROR, reason))])
    runtime = spec.target.runtime() if around.runtime is None else around.runtime()
    if around.replay is not None and around.replay.scenario == spec.name:
        _REPLAYS.append(spec.title)
        return replay(around.replay, spec.body, runtime, spec=spec, options=options, path=around.replay_file)
    return run(spec, options, runtime)


def _spec(function: Callable[..., Any], settings: Settings, bound: Mapping[str, Any]) -> ScenarioSpec:
    module = sys.modules.get(function.__module__)
    path = inspect.getsourcefile(function) or getattr(module, "__file__", None) or "<unknown>"
    return ScenarioSpec(
        name=name_of(function),
        path=path,
        body=_body(function, bound),
        settings=settings,
    )


def name_of(function: Callable[..., Any]) -> str:
    """What a scenario is called: as it was defined or, where a function or a loop made it, as its module has it."""
    function = inspect.unwrap(function)
    name: str = getattr(function, "__qualname__", function.__name__)
    there = vars(sys.modules[function.__module__]) if function.__module__ in sys.modules else {}
    # Of a loop each has the name of the last one.
    if ".<locals>" in name or ("." not in name and inspect.unwrap(there.get(name, function)) is not function):
        made = ((key, value) for key, value in there.items() if ATTRIBUTE in getattr(value, "__dict__", {}))
        name = next((key for key, value in made if inspect.unwrap(value) is function), name.replace(".<locals>", ""))
    return name


def _body(function: Callable[..., Any], bound: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A callable of the Race alone, without a frame of ours where that is possible: dumps show frames."""
    race = _race(_signature(function), function)
    before = []
    for name in _signature(function).parameters:
        if name == race:
            break
        before.append(name)
    rest = {name: value for name, value in bound.items() if name not in before}
    if not before:
        return functools.partial(function, **rest) if rest else function
    if len(before) == 1 and before[0] in bound:  # what is not, only pytest knows: nobody runs it here, and all list it
        return functools.partial(types.MethodType(function, bound[before[0]]), **rest)

    def body(race_: Any) -> Any:
        return function(*(bound[name] for name in before), race_, **rest)

    body.__wrapped__ = function  # type: ignore[attr-defined]
    return body


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Its parameters, but for those that ``mock.patch`` gives it: they come right behind the race."""
    signature = inspect.signature(function)
    default = getattr(sys.modules.get("unittest.mock"), "DEFAULT", None)  # which takes long to import
    given = sum(each.new is default and not each.attribute_name for each in getattr(function, _PATCHES, ()))
    names = list(signature.parameters)
    behind = names.index(_race(signature, function)) + 1 if given else 0
    taken = names[behind : behind + given]
    return signature.replace(parameters=[p for name, p in signature.parameters.items() if name not in taken])


def _race(signature: inspect.Signature, function: Callable[..., Any]) -> str:
    if RACE in signature.parameters:
        return RACE
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            return name
    raise TypeError(f"{function.__name__} takes no parameter: a scenario is a function of the Race, def f(race): ...")


def _without_race(signature: inspect.Signature, function: Callable[..., Any]) -> inspect.Signature:
    race = _race(signature, function)
    return signature.replace(parameters=[p for name, p in signature.parameters.items() if name != race])
