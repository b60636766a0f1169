"""Scenarios in Python."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from redactfuzz.campaign.checks.dependence import DependenceCheck
from redactfuzz.campaign.checks.dependence_dumps import DependenceOfDumps
from redactfuzz.campaign.compare.comparison import Comparing
from redactfuzz.campaign.files.proof import digest
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import hash_seed
from redactfuzz.campaign.session.advice import Advice
from redactfuzz.campaign.session.runtime import Runtime, default_runtime
from redactfuzz.campaign.session.spec import PACE, relative
from redactfuzz.campaign.session.state import Session
from redactfuzz.campaign.session.target import CertificateRecord, Facts, Target, Terms
from redactfuzz.model.conflict import Spot
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.repro import JsonValue
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Reason
from redactfuzz.threads.process.writable import not_held
from redactfuzz.threads.run.files import split
from redactfuzz.threads.run.focus import places

ASSUMPTIONS = (
    "one thread at a time, each sees what the others wrote (sequentially consistent)",
    "gc is off during an execution except when a thread or a crash handler ends",
    "time is virtual in Python and in C, except the times of files; a sleep takes no real time",
    "a sleep or a timed wait may end at any point, however long it is, as if most of it had passed before",
    "a timed wait for another process times out only when no thread can go on",
    "a clock advances when a wait ends; some executions let 1.1 s pass before each look at it, others more"
    " than 100 days before chosen looks",
    "a crash handler that runs while a canary is allowed has read it by the time of `forbid()`",
    "random and os.urandom follow from the number of the execution, the hash seed is always the same",
    "numbers of the process and its threads, addresses, host, environment and folders are those of this run",
)


class PythonRecord(CertificateRecord):
    """Of this interpreter."""

    terms = Terms(
        ASSUMPTIONS,
        {
            Granularity.CALLS: "between calls",
            Granularity.SWITCHES: "where this interpreter switches",
            Granularity.INSTRUCTIONS: "between instructions",
        },
        crashes_once=False,
    )

    def python(self) -> str:
        """Its version."""
        return platform.python_version()

    def build(self, body: Any) -> str:
        """The compiler that made it, and how Python code is optimised."""
        how = [f"-{'O' * sys.flags.optimize}"] if sys.flags.optimize else []
        how += ["debug build"] if hasattr(sys, "gettotalrefcount") else []
        return ", ".join([platform.python_compiler(), *how])

    def inputs(self, body: Any) -> tuple[str, ...]:
        """Nothing beside what is drawn."""
        return ()

    def held(self, session: Session) -> tuple[str, ...]:
        """Nothing: the assumptions have it."""
        return ()

    def unreported(self, session: Session) -> tuple[str, ...]:
        """Nothing: what is not known of a step has touched everything."""
        return ()

    def calls_of(self, session: Session, names: Sequence[str]) -> Mapping[str, Sequence[Spot]]:
        """What is not known of a step is told with its place by the search itself."""
        return {}

    def uncontained(self, session: Session) -> tuple[str, ...]:
        """Where it may write, and what this kernel cannot keep it from."""
        if not session.limits.confined:
            return ("not contained (--unconfined): it may write to any file, and signal other processes",)
        return tuple(f"not contained on this kernel, for C code and child processes: {what}" for what in not_held())

    def depends(self, body: Any) -> Iterable[Path]:
        """Those of all modules, perhaps more than it asks for."""
        main = sys.modules["__main__"]
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values()) if module is not main]
        own, packages = split([file for file in files if isinstance(file, str)])
        return [*own, *packages.values()]

    def proof(self, session: Session, ran: Set[str]) -> Mapping[str, Any]:
        """Its file, those of the program and of packages of which code has run, and what else an execution follows."""
        own, packages = split([session.spec.path, *ran])
        interpreter = f"{platform.python_implementation()} {self.python()}, {self.build(session.spec.body)}"
        return {
            "sources": {relative(str(path)): digest(path) for path in own},
            "packages": {name: digest(path) for name, path in packages.items()},
            "interpreter": interpreter,
            "hash_seed": hash_seed(),
            "focus": list(session.limits.focus),
        }


class PythonTarget(Target):
    """Functions of the Race."""

    name = "scenario"
    pace = PACE
    facts = Facts(
        leaks_hide=True,
        values_change=True,
        needs_canary=True,
        portable=True,
        starts_afresh=True,
        reports_new=False,
        dies=False,
        plain_build=False,
        in_pieces=False,
    )
    advice = Advice(
        at_fault="Correct the scenario: it raised before there was anything to test.",
        plant='Plant one: race.canary("name").',
        no_redactor="Wrap the routine under test: race.redactor(function).",
        fewer="name your own modules as focus, so that a call of a library is one step",
        never_called="Call what race.redactor(...) returns, or name the function that the library really calls.",
        unseen=(
            "Declare what keeps it out, as a function that masks earlier, or dump what holds it, or remove the canary;"
            " a redactor that does more than transform its only argument needs race.redactor(..., bypass=callable)."
        ),
        no_crash=(
            "No dump was made at all: the scenario declares no crash, and hands nothing to race.dump or race.sink."
        ),
        make_dump="Make a dump: race.crash(handler), where the handler returns it, or race.dump(data).",
        handler_returned="the crash handler returned None",
        return_dump="Return the dump from the function given to race.crash, or hand it to race.dump.",
        allowed="Call forbid() once the secret is out of legitimate use, or allow() only while it is in use.",
        depends=(
            "Take it out of the dump; or say by allow_derived(...) of the canary what may be there, if it is harmless."
        ),
        nondeterministic=(
            "The scenario is nondeterministic: look for time, random numbers, id(), set order or state kept"
            " between executions (isolation='process' rules that out)."
        ),
        where_to_look="Look for time, random numbers, id() or set order.",
    )
    record = PythonRecord()

    def title(self, path: str, name: str) -> str:
        """File and function."""
        return f"{path}::{name}"

    def runtime(self) -> Runtime:
        """For Python threads."""
        return default_runtime()

    def to_json(self, body: Any) -> dict[str, Any]:
        """Nothing: the function is found by its name."""
        return {}

    def from_json(self, body: Any, stored: Mapping[str, JsonValue]) -> Any:
        """The function as it is."""
        return body

    def prepare(self, session: Session) -> Iterator[CampaignEvent]:
        """Nothing takes long."""
        yield from ()

    def no_focus(self, modules: Sequence[str]) -> Reason | None:
        """Names of which there is no Python code."""
        strange = [name for name in modules if not places(name)]
        if not strange:
            return None
        listed = ", ".join(repr(name) for name in strange)
        return Reason(
            f"The focus names {listed}, of which no Python code can be imported here.",
            "Give modules or packages as an import statement names them.",
        )

    def exclusions(self, session: Session) -> tuple[str, ...]:
        """None: its dumps are what it makes."""
        return ()

    def can_compare(self, session: Session) -> bool:
        """Whether dumps can be kept."""
        return session.oracle.record is not None

    def comparing(self, session: Session, schedule: Schedule, **fields: Any) -> Comparing:
        """By its dumps."""
        return Comparing(session, schedule, **fields)

    def dependence(self, session: Session, exploration: Exploration) -> DependenceCheck:
        """By counts of executions."""
        return DependenceOfDumps(session, exploration)
