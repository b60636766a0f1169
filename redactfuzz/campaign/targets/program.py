"""C and C++ programs. Executions take microseconds, and processes can really die of what was found."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from redactfuzz.campaign.checks.confirmation import prepare
from redactfuzz.campaign.checks.dependence import DependenceCheck
from redactfuzz.campaign.checks.dependence_images import DependenceOfImages
from redactfuzz.campaign.compare.unlisted import ComparingImages
from redactfuzz.campaign.files.proof import digest
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.advice import Advice
from redactfuzz.campaign.session.native import native
from redactfuzz.campaign.session.runtime import Runtime, program_runtime
from redactfuzz.campaign.session.spec import FOREVER, UNBOUNDED, relative
from redactfuzz.campaign.session.state import Session
from redactfuzz.campaign.session.target import CertificateRecord, Count, Facts, Pace, Profile, Target, Terms
from redactfuzz.model.conflict import Spot
from redactfuzz.model.events import CampaignEvent, PassRuledOut
from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.model.repro import JsonValue
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Reason
from redactfuzz.native.compile.build import sources_of
from redactfuzz.native.compile.compiler import BuildError, toolchain
from redactfuzz.native.drive.control_block import LIFTS
from redactfuzz.native.explain.conflicts import calls_of
from redactfuzz.native.run.program import ALL_ORACLES, Program, as_found, to_json

_FAULTS = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGABRT"}
"""Signals of what the thread itself has done, which come to it at once; the others are sent by somebody."""
_MASKS = {
    *("sigprocmask", "pthread_sigmask", "sigsuspend", "sigpending", "sigwait", "sigwaitinfo", "sigtimedwait"),
    *("ppoll", "pselect", "epoll_pwait"),
}
_SENT = (
    "{} strikes a thread that runs: one that is blocked and pending, that {} takes, or that comes to a thread that"
    " waits, is not explored; let a thread of the program send it (kill), with --crash none"
)


class ProgramRecord(CertificateRecord):
    """Of a compiler."""

    terms = Terms(
        (
            "one thread at a time, each sees what the others wrote (sequentially consistent)",
            "of the build with hooks: what the compiler spills, vector copies, and code without hooks are part of one"
            " step",
            "a function of the C library looks at all that it reads in one step, and copies upwards; an access wider"
            " than a word is one step",
            "nobody is woken for nothing; memory, stacks and numbers of threads are given out again in another way than"
            " the C library's",
            "a memory error is found where an instruction, or a function that copies, fills or measures, touches the"
            " heap beside blocks in use, or a stack frame that has ended; not in live frames, in globals, in mappings"
            " (blocks of 128 KiB and more), or in blocks given out anew",
            "time is virtual, sleeping takes none; a sleep or a timed wait may end at any point, however long it is; a"
            " deadline that is only compared with the clock never passes between a check and a use",
            "files are kept in memory, and no process takes part but the program's own",
            "one crash strikes, but where a stage says that a second one does",
            "8 bytes of a secret are the least that counts, at any address, if they give away 44 bits",
            "secrets are looked for in the forms that are known: one that is in no table is met only in dumps that were"
            " compared",
        ),
        {
            Granularity.CALLS: "between library calls",
            Granularity.SWITCHES: "between accesses of shared memory",
            Granularity.INSTRUCTIONS: "between all stores",
        },
        crashes_once=True,
    )

    def python(self) -> str:
        """None runs it."""
        return ""

    def build(self, body: Program) -> str:
        """The compiler, and the user's flags."""
        return " ".join([toolchain().name, *body.flags])

    def inputs(self, body: Program) -> tuple[str, ...]:
        """Its crash, and which bugs count."""
        strikes = f"crash {body.crash}{' (one alone)' if body.signal and not body.second_crash else ''}"
        few = [f"of bugs only {', '.join(sorted(body.oracles))}"] if body.oracles != ALL_ORACLES else []
        return (strikes, *few)

    def held(self, session: Session) -> tuple[str, ...]:
        """What the calls ask for that it is linked with."""
        runtime, program = native(session)
        held = runtime.built(program).held
        return (f"held fixed, as it is on this machine or in redactfuzz: {'; '.join(held)}",) if held else ()

    def unreported(self, session: Session) -> tuple[str, ...]:
        """Library functions: see ``native/libc/reported.toml``."""
        runtime, program = native(session)
        return runtime.built(program).unreported

    def calls_of(self, session: Session, names: Sequence[str]) -> Mapping[str, Sequence[Spot]]:
        """By its debugging information."""
        runtime, program = native(session)
        return calls_of(runtime.built(program).sites, names)

    def uncontained(self, session: Session) -> tuple[str, ...]:
        """Nothing: its files are kept in memory."""
        return ()

    def depends(self, body: Program) -> Iterable[Path]:
        """Its sources, all headers, and what compiled them. Of what cannot be built there are no more than sources."""
        try:
            tools = toolchain()
            compilers = {shutil.which(tools.compiler_of(each)[0]) or "" for each in body.sources}
            return [*sources_of(tools, body.wanted), *map(Path, compilers)]
        except BuildError:
            return body.sources

    def proof(self, session: Session, ran: Set[str]) -> Mapping[str, Any]:
        """Its sources, what was made of them, and what ran that."""
        runtime, program = native(session)
        built = runtime.built(program)
        return {
            "sources": {relative(str(source)): digest(source) for source in program.sources},
            "build": {"compiler": self.build(program), "program": digest(built.path), "driver": digest(built.driver)},
            "crash": program.crash,
            "program": to_json(program, Path.cwd()),
        }


class ProgramTarget(Target):
    """A Program."""

    name = "program"
    pace = Pace(
        profiles={
            "ci": Profile(50_000, 10.0, 5.0),
            "dev": Profile(200_000, 60.0, 15.0),
            "nightly": Profile(UNBOUNDED, FOREVER, 120.0),
        },
        swift=True,
        bypassed=Count(3_000, apart=300),  # a secret lives as shortly
        near=(),
        hopeless=Count(20_000, apart=200),
        after_leak=Count(10_000, apart=1_000),
        enumerated=Count(10_000, apart=400),
    )
    facts = Facts(
        leaks_hide=False,
        values_change=False,
        needs_canary=False,
        portable=False,
        starts_afresh=False,
        reports_new=True,
        dies=True,
        plain_build=True,
        in_pieces=True,
    )
    advice = Advice(
        at_fault="",
        plant="Ask for one: redactfuzz_canary(name, size), or give --canary env:NAME.",
        no_redactor="Mark the routine under test: REDACTFUZZ_REDACTOR before its definition, or --redactor NAME.",
        fewer="make the threads smaller",
        never_called=(
            "Mark the function that the program really calls; one that was inlined, or does nothing, may be gone."
        ),
        unseen=(
            "Mark what keeps it out, as a function that masks earlier (--redactor NAME, for each), or let a dump hold"
            " it, or remove the canary. A bypassed redactor returns 0 at once and fills no buffer: a redactor that"
            " copies then leaves nothing to dump. Mark one that masks its input in place."
        ),
        no_crash="No dump was made at all: there is no crash (--crash none), and the program writes no file.",
        make_dump="Give --crash SIGSEGV (or another signal, or kill), or write what is to be searched.",
        handler_returned=(
            "no signal killed the program so that it leaves a core (PR_SET_DUMPABLE 0 and RLIMIT_CORE 0 leave none),"
            " and it wrote no file"
        ),
        return_dump="Write the dump to a file, or let the signal's default action kill the process.",
        allowed="Call redactfuzz_forbid() once the secret is out of legitimate use.",
        depends="Wipe it as well; what is harmless, as a digest or a signature is, may stay.",
        nondeterministic=(
            "The program is nondeterministic: look for uninitialised memory, addresses that are compared, or calls of"
            " libraries that redactfuzz does not know."
        ),
        where_to_look="Look for uninitialised memory, compared addresses, or libraries that redactfuzz does not know.",
    )
    record = ProgramRecord()

    def title(self, path: str, name: str) -> str:
        """Its first file."""
        return path

    def runtime(self) -> Runtime:
        """With a driver for each program."""
        return program_runtime()

    def to_json(self, body: Program) -> dict[str, Any]:
        """All that it is built and run by, with paths as seen from the working directory."""
        return to_json(body, Path.cwd())

    def from_json(self, body: Program, stored: Mapping[str, JsonValue]) -> Program:
        """In the build, and struck at the place, of the finding."""
        return as_found(body, stored)

    def prepare(self, session: Session) -> Iterator[CampaignEvent]:
        """Build the program, and say before its first execution which of its calls rule out a pass."""
        yield from prepare(session)
        runtime, program = native(session)
        try:
            built = runtime.built(program)
        except BuildError:  # the first batch reports it
            return
        for problem in (one for one in built.unseen_calls if one.fatal):
            yield PassRuledOut(session.spec.title, problem.reason)
        calls = sorted(set(built.modelled) & _MASKS)
        if calls and program.signal and program.signal not in _FAULTS:
            session.note(Problem(ProblemKind.INCOMPLETE, _SENT.format(program.signal, ", ".join(calls)), fatal=False))

    def no_focus(self, modules: Sequence[str]) -> Reason | None:
        """It has none."""
        return Reason(
            "A focus is one of scenarios in Python: this is a C or C++ program.", "Leave out what follows --focus."
        )

    def exclusions(self, session: Session) -> tuple[str, ...]:
        """Those that it calls for."""
        runtime, program = native(session)
        calls = set(runtime.built(program).modelled)
        return tuple(name for name, lift in LIFTS.items() if calls & lift.calls)

    def can_compare(self, session: Session) -> bool:
        """Always: its memory is kept for that."""
        return True

    def comparing(self, session: Session, schedule: Schedule, **fields: Any) -> ComparingImages:
        """By images of its memory and its files."""
        return ComparingImages(session, schedule, **fields)

    def dependence(self, session: Session, exploration: Exploration) -> DependenceCheck:
        """By the time it takes."""
        return DependenceOfImages(session, exploration)
