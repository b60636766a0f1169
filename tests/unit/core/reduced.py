"""The core beside ``soundness.c``: whole, or with a rule of the reduction taken away."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import attrs

from redactfuzz.native.compile import cache

CORE = Path(__file__).resolve().parents[3] / "redactfuzz" / "_core"
EXPLORING = ("choices", "frontier", "reduce", "policies", "explore")
KILLING, AIMING = 1_000_000_000, 2_000_000_000
"""Programs from here on are of a kind of their own: see soundness/draw.h."""
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
DRIVER = Path(__file__).parent / "soundness" / "soundness.c"


def compiled(core: Path, source: Path, folder: Path, *flags: str) -> Path:
    compiled = folder / f"{source.stem}.o"
    command = ["gcc", *FLAGS, *flags, f"-I{core}", "-c", str(source), "-o", str(compiled)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return compiled


def linked(objects: Iterable[Path], folder: Path, *flags: str) -> Path:
    program = folder / "soundness"
    subprocess.run(["gcc", *flags, *map(str, objects), "-o", str(program)], check=True)
    return program


def objects() -> dict[str, Path]:
    """The driver and the core, by the names of their sources: compiled once for all tests."""
    read = [*DRIVER.parent.iterdir(), *CORE.rglob("*.[ch]")]
    parts = [part for path in sorted(read) for part in (path.name, path.read_bytes())]
    entry = cache.made(f"soundness-{cache.key_of([*FLAGS, *parts])}", _make)
    return {source.name: entry / f"{source.stem}.o" for source in sources()}


def _make(folder: Path) -> None:
    for source in sources():
        compiled(CORE, source, folder)


def sources() -> list[Path]:
    return [DRIVER, *(path for floor in EXPLORING for path in sorted((CORE / floor).glob("*.c")))]


@attrs.frozen
class Mutant:
    """One rule taken away: in this file of the core this text is replaced."""

    file: str
    old: str
    new: str
    first: int = 0
    """Programs from here on lose something without it."""
    tells: bool = True
    """What it tells of its steps is true all the same, and lacks something. (Where steps are told, no crash aims.)"""


def mutated(mutant: Mutant, objects: dict[str, Path], folder: Path) -> Path:
    """The program, with that rule taken away."""
    text = (CORE / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.file}: the text of this rule is not there once"
    source = folder / Path(mutant.file).name
    source.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    changed = objects | {source.name: compiled(CORE, source, folder, "-Wno-error")}
    return linked(changed.values(), folder)


RULES = {
    "what the process before had come to is put back": Mutant(
        "reduce/rewind.c", "r->process[undo[r->used_undo].process] = undo[r->used_undo].was;", "(void)undo;"
    ),
    "so is what had touched everything there": Mutant("reduce/rewind.c", "r->unknown = node->unknown;", ""),
    "a process that was met behind the branch is a new one": Mutant(
        "reduce/rewind.c", "forget_later(core, r, node->processes);", "(void)forget_later;"
    ),
    "writes depend on writes and reads": Mutant(
        "reduce/footprint.c",
        "(a->mode == RF_LOOKS && b->mode == RF_LOOKS)",
        "a->mode == RF_LOOKS || b->mode == RF_LOOKS",
    ),
    "what overlaps in part depends": Mutant(
        "reduce/footprint.c", "(uint64_t)a->offset < (uint64_t)b->offset + b->size", "a->offset == b->offset"
    ),
    "what is unknown depends on everything": Mutant(
        "reduce/footprint.c",
        "if (a->object == RF_OBJECT_UNKNOWN || b->object == RF_OBJECT_UNKNOWN) {",
        "if (a->object == RF_OBJECT_UNKNOWN && b->object == RF_OBJECT_UNKNOWN) {",
    ),
    "what was unknown comes before what is known": Mutant(
        "reduce/races.c", "if (r->unknown != 0 && access->object != RF_OBJECT_ALL) {", "if (0) {"
    ),
    "who takes a lock competes with whoever had it": Mutant(
        "reduce/races.c", "if (r->process[process].last <= earlier->step\n", "if (1 || r->process[process].last <= 0\n",
        first=380,
    ),
    "a lock that anybody lets go of may have been free": Mutant(
        "reduce/races.c",
        "earlier->room != RF_ROOM_NONE || access->tries",
        "earlier->mode == RF_TAKES || access->tries",
        first=270,
    ),
    "who is blocked at the end competes as well": Mutant(
        "policies/policy_dpor.c", "comes after it */\n    rf_close_undone(core, r);", "*/"
    ),
    "a crash takes the place of a step": Mutant(
        "reduce/steps.c", "(step->struck | roused | disabled) &", "(roused | disabled) &", first=550
    ),
    "a crash strikes each thread that it may": Mutant(
        "reduce/branch.c", "if (++node->victim < node->victims) {", "if (0) {"
    ),
    "others could have gone on when the process ended": Mutant(
        "policies/policy_dpor.c", "last->todo |= leaf.able &", "last->todo |= 0 &"
    ),
    "a wait may have ended by its time": Mutant(
        "reduce/options.c",
        "process < RF_PROCESSES ? rf_bit(process) : 0;\n    }\n    return found & ~rf_dumps_at(core, r);",
        "choice.action != RF_EXPIRE ? rf_bit(process) : 0;\n    }\n    return found & ~rf_dumps_at(core, r);",
    ),
    "the sleeping wake by what they depend on": Mutant(
        "reduce/sleep.c", "if (depend_by_any_name(&kept[i], &own[j], sleeper->named)) {", "if (0) {"
    ),
    "who comes first is what nothing before it orders": Mutant(
        "reduce/races.c", "found |= rest == 0 ? rf_bit(own) : 0;", "found |= rf_bit(own);"
    ),
    "a crash finds its victim where it stands": Mutant(
        "reduce/races.c", "collect_struck(r, struck, found, &many);", "(void)collect_struck;"
    ),
    "a sleeping crash wakes when its victim moves": Mutant(
        "reduce/sleep.c", "(sleeper->struck & (rf_bit(then->process) | then->struck)) != 0 ||", ""
    ),
    "who looks comes behind the last change, however many have looked since": Mutant(
        "reduce/footprint.c", "rf_bucket_changed(rf_accesses(core, r), *head)", "0"
    ),
    "a dump sees what no thread does": Mutant(
        "reduce/footprint.c", "return (event->flags & RF_VISIBLE) != 0;", "return 0;", tells=False
    ),
    "what ends the process ends it for those too that have ended": Mutant(
        "policies/policy_dpor.c", "if (core->status.state == RF_RUNNING && r->closed", "if (leaf.able != 0 && r->closed"
    ),
    "nobody knows what one that was ended would have touched": Mutant(
        "reduce/undone.c",
        "{{.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES},",
        "{{.object = slot->object, .size = slot->size, .mode = RF_CHANGES},",
        first=KILLING,
    ),
    "a clock holds what the clocks before it hold": Mutant(
        "reduce/races.c", "join(r, clock, then->clock);\n    }\n    many", "}\n    many"
    ),
    "who comes to wait is struck before that": Mutant(
        "policies/policy_dpor.c",
        "        note_wait(core, r);\n",
        "        (void)note_wait;\n",
        first=7_000,
        tells=False,
    ),
    "whose victim is woken wakes": Mutant(
        "reduce/sleep.c", "sleeper->struck | rf_bit(sleeper->process)", "rf_bit(sleeper->process)", first=13_500
    ),
    "a crash that aims has to do with how far the process is from its end": Mutant(
        "reduce/steps.c",
        "    rf_add_access(core, r, &end);\n    if (victim",
        "    if (victim",
        first=AIMING,
        tells=False,
    ),
    "who takes what its victim waits for keeps a crash from it": Mutant(
        "reduce/steps.c", "rf_add_access(core, r, &awaited);", "(void)awaited;", first=AIMING, tells=False
    ),
    "whom a crash cannot strike any more it could have struck": Mutant(
        "reduce/steps.c", " | (node->aimed & ~now->armed);", ";", first=AIMING, tells=False
    ),
    "a thread that had ended could have been struck before": Mutant(
        "reduce/undone.c",
        "            close_never_aimed(core, r, i);",
        "            (void)close_never_aimed;",
        first=AIMING + 8_700,
        tells=False,
    ),
    "where nobody can go on a crash has to do with everything": Mutant(
        "reduce/steps.c", " && node->enabled != 0) {", ") {", first=AIMING, tells=False
    ),
    "a crash that was called off could have struck": Mutant(
        "reduce/undone.c",
        "rf_close_taken(core, r, process, rf_bit(rf_process_of(core, r, victim)), &aimed, 1);",
        "(void)aimed;",
        first=AIMING,
        tells=False,
    ),
    "the end of the process is seen by who would still go on": Mutant(
        "reduce/footprint.c",
        "*access = found;\n    return 1;",
        "*access = found;\n    return found.object != RF_OBJECT_DEATH;",
        first=AIMING,
        tells=False,
    ),
}
