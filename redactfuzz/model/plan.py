"""What the campaign asks a runtime to do: one batch of executions."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Protocol

import attrs

from redactfuzz.model.conflict import Conflict, Spot
from redactfuzz.model.outcome import Dump, Inspection, Outcome
from redactfuzz.model.schedule import Granularity, Schedule

HANG_SECONDS = 10.0
"""After which a thread that does not come back counts as hanging."""


class Policy(enum.IntEnum):
    """The strategies of the exploration core; the numbers are those of ``rf_policy_kind``."""

    SEQUENTIAL = 0
    RANDOM = 1
    PCT = 2
    POS = 3
    SURW = 4
    BOUNDED = 5
    EXHAUSTIVE = 6
    REPLAY = 7
    NEAR = 8
    NOVEL = 9
    DPOR = 10
    WALK = 11

    @property
    def whole(self) -> bool:
        """Its end is the end of the space: every schedule, or one of each class of them."""
        return self in (Policy.EXHAUSTIVE, Policy.DPOR)


@attrs.frozen
class Stage:
    """One stage of a portfolio; see ``rf_stage`` in ``_core/choices/types.h`` for each field."""

    policy: Policy
    granularity: Granularity = Granularity.CALLS
    share: int = 1
    first: bool = False
    after: int = -1
    bound: int = 0
    strike: bool = False
    depth: int = 3
    limit: int = 0
    start: int = 0
    beside: bool = False
    stalls: bool = False
    stalls_at: int = 0
    turned: bool = False
    turned_at: int = 0
    double: bool = False
    """See Schedule."""
    cold: bool = False
    """Each execution is the first of a process, where others follow one another."""
    pairs: bool = False
    """A replay: which places met over memory is noted, see Outcome."""
    asks: bool = False
    """SURW: what is announced has no objects, so the first execution asks what steps touch. Runtimes say that, where it
    is the one stage."""
    proof: bool = False
    """Partial order reduction: what each execution was is told to the plan's ``proof``."""
    part: int = 0
    parts: int = 0
    pieces: int = 0
    """Of a whole space: it goes through the part with that number, from 0, of so many."""
    follows: bool = False
    """No search: the plan's ``way`` is gone twice, and told as it was the second time."""

    @property
    def otherwise(self) -> dict[str, int]:
        """What is otherwise than who has its turn, by field."""
        names = Schedule(self.granularity).otherwise
        return {name: getattr(self, name) for name in (*names, "cold")}

    @property
    def usual(self) -> bool:
        """Nothing is."""
        return not any(self.otherwise.values())


class Isolation(enum.StrEnum):
    """Whether executions share a process."""

    AUTO = "auto"
    PROCESS = "process"
    NONE = "none"
    WARM = "warm"
    """They do, after one that does not count: what is made once in a process, as imports and caches are, is there."""


class Proof(Protocol):
    """Takes the record of a search, from which a second program sees that no class of schedules is missing."""

    def begin(self, canaries: Mapping[str, bytes], before: tuple[int, int] = (0, 0)) -> None:
        """What was written before does not count. ``canaries``: their bytes, by name.

        ``before``: executions that the stage has counted already, and repetitions among them.
        """

    def ran(self, files: Set[str]) -> None:
        """Names of further files of which code has run, where the runtime knows."""

    def write(self, lines: bytes) -> None:
        """What follows of it: lines, in pieces of any size. Called in a thread of its own, and raises nothing."""


@attrs.frozen
class Turn:
    """One choice of a way: numbers of ``rf_choice`` in ``_core/choices/types.h``."""

    action: int
    thread: int
    trigger: int = 0


Mint = Callable[[str, Any, int], Any]
"""(name, kind, execution number) -> Canary."""
Inspect = Callable[[Sequence[Dump], Mapping[str, Any], Mapping[str, str], int], Inspection]
"""(dumps, canaries by name, witnesses by name, execution number) -> what was found."""
Mask = Callable[[Iterable[str], Iterable[str], Mapping[str, Any]], dict[str, str]]
"""(texts of the code under test, names and source lines, canaries by name) -> what to show in place of those texts that
hold a secret."""


@attrs.frozen(eq=False)
class Plan:
    """One batch. A runtime explores ``stages`` or, when ``schedule`` is given, runs that alone: but see ``walks``."""

    name: str
    body: Any
    """Python: a callable that takes the Race. Native: the program."""
    seed: int
    stages: tuple[Stage, ...]
    mint: Mint
    inspect: Inspect
    mask: Mask
    """Every text of every outcome passes it."""
    first_number: int = 1
    """See ``number_of``: numbers of executions start again in each batch, those of canaries go on."""
    chance: int = 0
    """Another number gives other outcomes of whatever is drawn, everything else equal."""
    schedule: Schedule | None = None
    isolation: Isolation = Isolation.AUTO
    warmed: bool = False
    """Of ``Isolation.WARM``: this process has had the one that does not count."""
    bypass: bool = False
    lift: tuple[str, ...] = ()
    """Native: what keeps memory out of dumps and is taken for nothing; see LIFTS and REFUSALS of `native.drive`."""
    canary_number: int | None = None
    """Fixes the number that canaries derive from (replay, nondeterminism check); None: the number of the execution."""
    every: bool = False
    """Yield an Executed event for every execution, not only for those worth a look."""
    describe: bool = False
    """Fill Outcome.trace, schedule and label: slow, for the run that is explained."""
    pairs: bool = False
    """Of a schedule: fill Outcome.pairs. What each step touches is reported, which is slow."""
    writers: bool = False
    """Report of each leak who wrote it last, as ``describe`` does, and no more than that."""
    after_leak: int = 0
    """Executions after the last new leak in memory after which the batch ends; 0: it goes on. Of programs."""
    leaking: bool = False
    """One was known before the batch."""
    steps: bool = True
    """Whether a description has its trace: without, it costs little more than the execution."""
    notable: Callable[[Outcome], bool] | None = None
    """Asked of each clean outcome: whether to describe it and yield it. It is asked in the exploring process."""
    crash_last: bool = False
    """The crash may strike only after every thread has finished (transient against permanent)."""
    step_limit: int = 200_000
    hang_seconds: float = HANG_SECONDS
    confined: bool = True
    """Python: its threads may write to what was made for them, and nowhere else."""
    focus: tuple[str, ...] = ()
    """Python: see Schedule, whose own is used where there is one."""
    aside: tuple[str, ...] = ()
    """Python: the same. A stage that goes through a whole space has none, so that a proof is of all code."""
    surveys: bool = False
    """Python: fill Outcome.surveyed, which is slow."""
    listens: bool = True
    """What is written to stdout and stderr is a dump, and kept from the terminal; but for who sits at a prompt."""
    proof: Proof | None = None
    """Where a stage has one."""
    way: tuple[Turn, ...] = ()
    """Where a stage follows one: what is chosen, step by step."""
    item: str = ""
    """pytest's name of the test, where only pytest can run it: every report shows it."""
    running_file: str = ""
    """Where the input of the running execution is kept on disk when every execution has a child of its own."""

    def number_of(self, execution: int, stage: int) -> int:
        """What canaries and chance follow from, in an execution (from 1) of a stage (from 0) of its batch."""
        if self.canary_number is not None:
            return self.canary_number
        # What a step touches may follow from a secret, as an item of a dictionary does: a reduction goes by one value.
        reduces = stage < len(self.stages) and self.stages[stage].policy is Policy.DPOR
        return self.first_number if reduces else self.first_number - 1 + execution

    @property
    def replays(self) -> bool:
        """Its schedule is run as it is."""
        return self.schedule is not None and not self.walks

    @property
    def walks(self) -> bool:
        """Some of its stages begin as its schedule does, and go on by chance."""
        return self.schedule is not None and any(stage.policy is Policy.WALK for stage in self.stages)

    @property
    def otherwise(self) -> dict[str, int]:
        """What is otherwise than who has its turn, by field: in the schedule, or in all stages."""
        if self.schedule is not None:
            return self.schedule.otherwise
        names = Schedule(Granularity.CALLS).otherwise
        return {
            name: max((getattr(each, name) for each in self.stages), default=usual) for name, usual in names.items()
        }

    @property
    def stalls(self) -> int:
        """The looks at a clock before which 100 days pass, a bit each from the first one on; -1: 1.1 s before all."""
        otherwise = self.otherwise
        return (otherwise["stalls_at"] or -1) if otherwise["stalls"] else 0

    @property
    def turned(self) -> int:
        """Which sets have the other order: a bit each, by what is in them; -1: all."""
        otherwise = self.otherwise
        return (otherwise["turned_at"] or -1) if otherwise["turned"] else 0

    @property
    def focused(self) -> tuple[str, ...]:
        """Of the schedule, or of all stages."""
        return self.schedule.focus if self.schedule is not None else self.focus

    def aside_in(self, stage: int) -> tuple[str, ...]:
        """Of the schedule, or of a stage."""
        if self.schedule is not None:
            return self.schedule.aside
        return () if stage < len(self.stages) and self.stages[stage].policy.whole else self.aside

    @property
    def seed_of_chance(self) -> int:
        """What follows the seed; another ``chance`` lies as far apart as no two campaigns do."""
        return (self.seed + self.chance * 0x9E3779B97F4A7C15) % 2**64

    def wants(self, outcome: Outcome) -> bool:
        """Whether the schedule of a clean execution is wanted."""
        if self.notable is None or self.surveys:
            return False
        return outcome.clean and bool(outcome.dumps) and self.notable(outcome)


@attrs.frozen
class Budget:
    """When a batch ends. Whatever comes first."""

    executions: int
    seconds: float
    stop_at_first: bool = True
    """End the batch at the first outcome that is not clean."""
    least: int = 1
    """Executions that are run although the seconds are over,"""
    patience: float = float("inf")
    """unless these, counted from the batch's beginning, are over as well."""


@attrs.frozen
class StageReport:
    """What one stage has done."""

    executions: int
    estimate: float
    exhausted: bool
    truncated: bool
    cut: bool = False
    """Fairness left something out: a yield or timed wait was not passed out of turn for ever."""
    preempted: int = 0
    """Executions in which a thread was displaced,"""
    repeated: int = 0
    """and those that were the same as others, as partial order reduction found out on their way."""
    conflicts: tuple[Conflict, ...] = ()
    """Of a reduction, at the end of its batch: the most frequent first. Their sum is how often another order had to be
    run."""
    cuts: tuple[Spot, ...] = ()
    """Where fairness left something out."""
    known: int = 0
    """What the reduction went by beside what steps reported, as a number: see ``rf_knows``."""
    same: int = 0
    """Of a part of a space, what the first execution of each piece was, of other parts too: see ``pieces.h``."""


@attrs.frozen
class Counters:
    """Aggregated over a batch so far."""

    executions: int = 0
    seconds: float = 0.0
    steps: int = 0
    switches: int = 0
    leaks: int = 0
    bugs: int = 0
    dumps: int = 0
    dropped: int = 0
    """Executions whose crash handler returned None."""
    redactions: int = 0
    looks: int = 0
    """At clocks, in the execution that took most."""
    sets: int = 0
    """A bit for what was in each set of which the order follows from the hash seed."""
    struck: int = 0
    """Native: children of fork, by a crash,"""
    calls: int = 0
    """and how many calls the one has that has most."""
    left_out: int = 0
    """Python: places outside of the focus at which no thread was stopped, in the execution that has most."""
    entered: frozenset[str] = frozenset()
    """Modules of the focus of which code has run."""
    counted: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    """Canaries that were forbidden in some dump."""
    stages: tuple[StageReport, ...] = ()
    preemptible: frozenset[int] = frozenset()
    """Numbers of threads that could be displaced at some point,"""
    preempted: frozenset[int] = frozenset()
    """and of those that were, in some execution."""
