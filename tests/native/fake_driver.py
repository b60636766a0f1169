"""A driver that speaks the protocol of ``runtime/state/plan.h`` over a made-up program, for tests of the Python side.

main starts a thread that runs ``rotate``, which copies the canary and wipes the copy: a crash in between leaks. FAKE in
the environment says how it misbehaves.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz.native._plan import ffi as plan_ffi
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.drive.numbers import End, Where
from redactfuzz.native.explain.sites import Sites

MAIN, CRASH, ROTATE = 0, 1, 3
READ, WRITE, SPAWN, JOIN, END, STRIKE = 1, 2, 8, 9, 10, 12
FAKE = os.environ.get("FAKE", "")


class Fake:
    def __init__(self, program: str, control_block: int, vault: int, core: int, events: int, commands: int) -> None:
        self.kept: list[Any] = []
        self.sites = Sites(toolchain(), Path(program))
        self.control_block = plan_ffi.cast("rfn_control_block *", self._map(control_block))
        self.vault = self._map(vault)
        self.core = ffi.cast("rf_core *", self._map(core))
        self.out = os.fdopen(events, "w")
        self.commands = commands
        self.rotate = next(each.start for each in self.sites.functions if each.name == "rotate")
        offsets = list(self.sites._places)
        self.of_rotate = [at for at in offsets if self.sites.place(at).function == "rotate"][1:3]
        self.of_main = [at for at in offsets if self.sites.place(at).function == "main"][:2]

    def _map(self, descriptor: int) -> Any:
        self.kept.append(ffi.from_buffer(mmap.mmap(descriptor, 0), require_writable=True))
        return self.kept[-1]

    def say(self, **event: Any) -> None:
        print(json.dumps(event), file=self.out, flush=True)

    def canaries(self) -> list[str]:
        first = plan_ffi.cast("rfn_vault_canary *", self.vault + plan_ffi.sizeof("rfn_vault"))
        return [ffi.string(first[index].name).decode() for index in range(self.control_block.plan.canaries)]

    def run(self) -> None:
        plan, counters = self.control_block.plan, self.control_block.counters
        if FAKE == "unloadable":
            self.say(event="failed", what="undefined symbol: nowhere")
            return
        if FAKE == "garbage":
            print("{ no json", file=self.out, flush=True)
            return
        while counters.executions < plan.executions and lib.rf_begin(self.core):
            counters.beat += 1
            counters.execution += 1
            if "signing key" not in self.canaries():
                self.say(event="asked", name="signing key", size=32)
            if FAKE.startswith("hang") and counters.execution == int(FAKE.partition(" ")[2] or 1):
                time.sleep(60)
            if FAKE.startswith("die") and counters.execution == int(FAKE.partition(" ")[2] or 1):
                lib.rf_choose(self.core)
                os.kill(os.getpid(), signal.SIGBUS)
            leaked = self.execute()
            counters.executions += 1
            counters.dumps += 1
            counters.leaks += leaked
            counters.counted = 1
            if leaked or plan.every:
                self.tell(leaked)
                if os.read(self.commands, 1) != b"n":
                    lib.rf_end(self.core, 0)
                    break
            lib.rf_end(self.core, leaked)
        else:
            self.say(event="ended", exhausted=True)
            return
        self.say(event="ended", exhausted=False)

    def pend(self, thread: int, site: int, kind: int, flags: int = 0) -> None:
        event = {"site": site, "kind": kind, "flags": flags, "object": 0 if kind == STRIKE else 7}
        lib.rf_pend(self.core, thread, ffi.new("rf_event *", event))

    def execute(self) -> bool:
        """Each thread is a list of (site, kind) yet to do."""
        plan = self.control_block.plan
        todo = {MAIN: [(0, READ), (self.of_main[0], SPAWN), (self.of_main[1], END)]}
        self.held = False
        self.struck: list[dict[str, int]] = []
        self.pend(MAIN, *todo[MAIN][0])
        if plan.crash and not plan.crash_last:
            self.pend(CRASH, 0, STRIKE, 16)
        while True:
            choice = lib.rf_choose(self.core)
            if choice.action == lib.RF_FIRE:
                steps = lib.rf_get_status(self.core).steps
                self.struck = [{"trigger": CRASH, "thread": choice.thread, "site": 0, "step": steps}]
                break
            if choice.action != lib.RF_STEP:
                break
            thread = choice.thread
            site, kind = todo[thread].pop(0)
            if kind == SPAWN:
                todo[ROTATE] = [(0, READ), (self.of_rotate[0], WRITE), (self.of_rotate[1], WRITE)]
                self.pend(ROTATE, *todo[ROTATE][0])
            elif kind == WRITE:
                self.held = site == self.of_rotate[0] or (bool(plan.bypass) and self.held)
            if todo[thread]:
                self.pend(thread, *todo[thread][0])
        return self.held and FAKE != "clean"

    def tell(self, leaked: bool) -> None:
        status = lib.rf_get_status(self.core)
        canary = self.canaries().index("signing key") if "signing key" in self.canaries() else 0
        block = {"start": 1, "size": 32, "allocated_at": self.of_main[0], "freed_at": 0}
        hit = {
            "canary": canary, "source": 0, "encoding": 0, "dump": "core", "offset": 0x600000000010, "length": 32,
            "form_offset": 0, "form_length": 32, "bits": 256.0, "where": Where.HEAP, "thread": 0, "allowed": False,
            "block": {**block, "allocated_by": MAIN, "freed_by": 0},
        }  # fmt: skip
        if self.control_block.plan.trace:
            hit["writer"] = {"thread": ROTATE, "site": self.of_rotate[0], "step": 3, "redactions": 0, "stands": False}
        shown = leaked and bool(self.canaries())
        self.say(
            event="executed", execution=status.execution, stage=status.stage, state=End.KILLED, engine=lib.RF_ALL_ENDED,
            steps=status.steps, preemptions=status.preemptions, switches=status.switches,
            trace_hash=status.trace_hash, status=11, dumps=1, redactions=1, step_diverged=status.step, cut=False,
            struck=self.struck, allowed=[], unlike=[], unlike_on_stacks=[], places=[],
            seen=[canary] if shown else [], hits=[hit] if shown else [],
            threads=[{"number": 0, "entry": 0}, {"number": ROTATE, "entry": self.rotate}], problems=[], files=[],
        )  # fmt: skip


if __name__ == "__main__":
    Fake(sys.argv[1], *map(int, sys.argv[2:7])).run()
