"""Nights that are killed at random moments, workers that are, and disks that are full: what is lost, and what is left.

``kills.py [N]``: N nights of each kind (10 of the campaign, 10 of a worker, 5 of each disk). Prints and writes a page.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "ci" / "bench"))

from shared import nights, record  # noqa: E402
from shared.nights import CORPUS, OUT, Project  # noqa: E402

from redactfuzz.campaign.explain import causes  # noqa: E402
from redactfuzz.campaign.files.store import load  # noqa: E402
from redactfuzz.model.night import SliceBegan, SliceEnded  # noqa: E402
from redactfuzz.model.repro import SUFFIX, ReproError  # noqa: E402
from redactfuzz.night.journal import FINDINGS, Night, files, of_kind  # noqa: E402

TARGETS = ("python/fail_open", "python/stale_flag", "native/split_write")
"""A vulnerable and a fixed twin each."""
EXECUTIONS = 300
WORDS = ("--rounds", 2, "--slice", "10s", "--jobs", 2, "--round-robin", "--corpus", CORPUS)
SEED = 15
MOST = 300.0
"""Seconds after which a night counts as one that hangs."""
DISK = 48 << 20
"""Bytes of the disk that gets full."""
_SAID = re.compile(r"^\w+  (\S+): .*\(([0-9a-f]{12})\)$", re.MULTILINE)
_APART = "REDACTFUZZ_CI_MOUNTS"


@attrs.frozen
class Row:
    """What came of one night."""

    kind: str
    moment: float
    """Seconds after its start."""
    before: str
    """What the journal had by then: slices that had begun and ended, findings."""
    unreadable: str
    lost: tuple[str, ...]
    left: tuple[str, ...]
    ended: str
    """How the night came to its end in the end: empty where as it should."""
    causes: frozenset[str]
    titles: frozenset[str]
    parts: int = 0
    """Of files of a corpus, which nobody reads and the next hour's campaigns remove."""

    def cells(self, whole: Row) -> tuple[object, ...]:
        """As the page has them."""
        return (
            self.kind,
            f"{self.moment:.2f}",
            self.before,
            self.unreadable or "yes",
            "; ".join(self.lost) or "none",
            "; ".join(self.left) or "nothing",
            self.parts,
            self.ended or "yes",
            "yes" if self.causes == whole.causes else f"**{self.difference(whole)}**",
        )

    def difference(self, whole: Row) -> str:
        """Of the causes."""
        less, more = whole.causes - self.causes, self.causes - whole.causes
        titles = "same targets" if self.titles == whole.titles else "OTHER TARGETS"
        return f"{titles}; missing {' '.join(sorted(less)) or '-'}, more {' '.join(sorted(more)) or '-'}"

    def right(self, whole: Row) -> bool:
        """Whether all is as it should be."""
        return not (self.unreadable or self.lost or self.left or self.ended) and self.causes == whole.causes


class Disturbed:
    """One that is about to be disturbed."""

    def __init__(self, project: Project, most_file: int | None = None) -> None:
        """Starts it. ``most_file``: bytes of its largest file."""
        self.project = project
        self.said = project.work / "said"
        limit = (most_file or resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        self.at = time.monotonic()
        self.process = project.start("targets", *WORDS, "--new-corpus", "--seed", SEED, said=self.said)
        if most_file is not None:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, limit)

    @property
    def workers(self) -> list[int]:
        """The leaders of its slices."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            return [int(each) for each in text.split()]
        return []

    def waits(self, seconds: float) -> None:
        """For the moment."""
        while time.monotonic() < self.at + seconds and self.process.poll() is None:
            time.sleep(0.005)

    def ends(self) -> str:
        """Its exit status, once it is there."""
        try:
            return str(self.process.wait(MOST))
        except subprocess.TimeoutExpired:
            self.process.kill()
            return f"did not end within {MOST:.0f} s"

    def counted(self) -> str:
        """What its journal has."""
        night = self.project.night()
        if night is None:
            return "no journal yet"
        began, ended = (len(of_kind(night.events, kind)) for kind in (SliceBegan, SliceEnded))
        return f"{began} slices begun, {ended} ended, {len(nights.found(night))} causes"

    def known(self) -> dict[str, str]:
        """Causes that it has told or written, and targets of which a repro file is there; title by key or file."""
        night = self.project.night()
        known = {key: each.title for key, each in nights.found(night).items()} if night is not None else {}
        known |= {key: title for title, key in _SAID.findall(self.said.read_text("utf-8", "replace"))}
        for path in sorted((self.project.work / OUT / FINDINGS).glob(f"*{SUFFIX}")):
            with contextlib.suppress(ReproError):
                repro = load(path)
                known[path.name] = repro.path if repro.program else f"{repro.path}::{repro.scenario}"
        return known

    def kept_open(self) -> int:
        """Pipes and nameless files that it has open beyond those of the workers that it has now."""
        with contextlib.suppress(OSError):
            open_now = [str(each.readlink()) for each in Path(f"/proc/{self.process.pid}/fd").iterdir()]
            ours = sum(each.startswith("pipe:") or each.endswith("(deleted)") for each in open_now)
            return ours - 2 * len(self.workers)
        return 0


# -- what is done to one


def whole(night: Disturbed, moment: float, chance: random.Random) -> None:
    """Nothing is."""


def alone(night: Disturbed, moment: float, chance: random.Random) -> None:
    """The campaign's process."""
    night.waits(moment)
    night.process.kill()


def group(night: Disturbed, moment: float, chance: random.Random) -> None:
    """Its process group, as a shell would."""
    night.waits(moment)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(night.process.pid, signal.SIGKILL)


def tree(night: Disturbed, moment: float, chance: random.Random) -> None:
    """It and all of its processes at once, as the end of a container does."""
    night.waits(moment)
    for each in (night.process.pid, *nights.children(night.process.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def worker(night: Disturbed, moment: float, chance: random.Random) -> None:
    """A slice's first process."""
    night.waits(moment)
    nights.soon(lambda: night.workers or night.process.poll() is not None)
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(night.workers), signal.SIGKILL)


def below(night: Disturbed, moment: float, chance: random.Random) -> None:
    """A process that a slice has started: one that executes."""
    night.waits(moment)
    deeper: list[int] = []

    def there() -> bool:
        deeper[:] = [each for one in night.workers for each in nights.children(one)]
        return bool(deeper) or night.process.poll() is not None

    nights.soon(there)
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(deeper), signal.SIGKILL)


def fills(night: Disturbed, moment: float, chance: random.Random) -> None:
    """The disk, and whatever is removed from it afterwards."""
    night.waits(moment)
    ballast = os.open(night.project.work / "ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while night.process.poll() is None and time.monotonic() < night.at + MOST:
            try:
                os.write(ballast, bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                time.sleep(0.01)
    finally:
        os.close(ballast)


Deed = Callable[[Disturbed, float, random.Random], None]
CAMPAIGN = (alone, group, tree)
WORKER = (worker, below)
NAMES: dict[Deed, str] = {
    whole: "undisturbed",
    alone: "campaign",
    group: "campaign's process group",
    tree: "campaign and all its processes",
    worker: "worker",
    below: "process of a worker",
    fills: "full disk",
}


def one(deed: Deed, moment: float, chance: random.Random, *, folder: Path, temporary: Path | None = None) -> Row:
    """One night, to its end."""
    project = Project.at(folder, TARGETS, EXECUTIONS)
    if temporary is not None:
        project = attrs.evolve(project, temporary=temporary)
    night = Disturbed(project, LIMITED if deed is fills and not MOUNTS else None)
    if deed is not fills or MOUNTS:
        deed(night, moment, chance)
    shown, before = time.monotonic() - night.at, night.counted()
    open_still = deed in WORKER and not nights.soon(lambda: night.kept_open() <= 0)
    wrong = _unlike(deed, night.ends(), project.night())
    left = [*project.left(), *(["descriptors"] if open_still else [])]
    known = night.known()
    (project.work / "ballast").unlink(missing_ok=True)
    unreadable, _ = project.listed()
    last = project.night()
    if last is None or not last.ended:
        wrong += _resumed(project, night)
        left += project.left()
        last = project.night()
    wrong += _not_whole(night, last)
    met = nights.found(last) if last is not None else {}
    titles = {each.title for each in met.values()}
    # Where a full disk took no more of the journal, a cause was told by its own key, and has that of a repro file now.
    shown_as = frozenset(causes.key(each.title, each.finding) for each in met.values())
    there = {*met, *shown_as}
    lost = [key for key, title in known.items() if key not in there and (len(key) == 12 or title not in titles)]
    left += [path.name for path in (project.work / OUT / FINDINGS).iterdir() if not path.name.endswith(SUFFIX)]
    return Row(
        NAMES[deed],
        moment if deed is fills else time.monotonic() - night.at if deed is whole else shown,
        before,
        unreadable or project.listed()[0],
        tuple(lost),
        tuple(left),
        "; ".join(wrong),
        shown_as,
        frozenset(titles),
        len(list(project.work.glob(f"{CORPUS}/**/.*"))),
    )


def _unlike(deed: Deed, code: str, night: Night | None) -> list[str]:
    """What is wrong with an exit status."""
    over = night is not None and night.ended  # what was left to write had room in the last page of a disk
    expected = _KILLED if deed in CAMPAIGN else "3" if deed is fills and not over else "1"
    return [] if code == expected else [f"exit status {code}, not {expected}"]


def _not_whole(night: Disturbed, last: Night | None) -> list[str]:
    wrong = ["its journal is not whole"] if last is None or not last.ended or last.unread else []
    return [*wrong, *(["it said a traceback"] if "Traceback" in night.said.read_text("utf-8", "replace") else [])]


def _resumed(project: Project, night: Disturbed) -> list[str]:
    """Goes on with it. What is wrong with that."""
    began = project.night()
    can = began is not None and began.started is not None
    words = ("--resume", *WORDS) if can else ("targets", *WORDS, "--new-corpus", "--seed", SEED)
    if began is not None and not can:
        files(project.work / OUT)[-1].unlink()  # killed before its first event: as it says, there is none to resume
    night.process = project.start(*words, said=night.said)
    code = night.ends()
    return [] if code == "1" else [f"resumed: exit status {code}"]


LIMITED = 32_768
"""Bytes of a file, where nothing may be mounted."""
_KILLED = str(-signal.SIGKILL)
_TOO_LATE = f"exit status 1, not {_KILLED}"
"""Nights differ in length, and this one was over."""


def mounted(folder: Path) -> Path:
    """A small disk in memory, which is gone with this process."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", folder], check=True)
    return folder


def apart() -> bool:
    """Whether this process may mount what nobody else sees: if need be, it begins anew where it may."""
    if _APART in os.environ:
        return os.environ[_APART] == "1"
    for command in (["unshare", "-m"], ["unshare", "-Urm"]):
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(OSError):
            tried = subprocess.run([*command, "mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False)
            if tried.returncode == 0:
                os.environ[_APART] = "1"
                os.execvp(command[0], [*command, sys.executable, *sys.argv])
    return False


MOUNTS = False


def disturbed(deeds: Sequence[Deed], times: int, length: float, chance: random.Random) -> list[Row]:
    """So many nights, each at a moment of its own."""
    rows: list[Row] = []
    while len(rows) < times:
        number = len(rows)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            on_it = deeds[number % len(deeds)] is fills and MOUNTS
            if on_it:
                mounted(folder)
            moment = chance.uniform(0.02, 0.6 if fills in deeds else 0.85) * length
            other = Path(tempfile.mkdtemp()) if on_it and number % 2 else None
            row = one(deeds[number % len(deeds)], moment, chance, folder=folder, temporary=other)
            if on_it:
                subprocess.run(["umount", "--lazy", folder], check=True)
            if other is not None:
                shutil.rmtree(other)
        print(row, file=sys.stderr, flush=True)
        rows += [row] if row.ended != _TOO_LATE else []  # else at another moment
    return rows


def main() -> int:
    """0 where all is as it should be."""
    global MOUNTS
    MOUNTS = apart()
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        calm = one(whole, 0.0, chance, folder=Path(name))
    print(calm, file=sys.stderr, flush=True)
    rows = [
        row
        for deeds in (CAMPAIGN, WORKER, (fills,))
        for row in disturbed(deeds, times if deeds != (fills,) else (times + 1) // 2, calm.moment, chance)
    ]
    right = sum(row.right(calm) for row in rows)
    head = (
        "killed", "after s", "the journal had", "corpus readable", "findings lost", "left", "parts", "came to its end",
        "causes as undisturbed",
    )  # fmt: skip
    disk = (
        f"The disk is one in memory of {DISK >> 20} MiB (tmpfs), filled at that moment until the night ended: every"
        " second time the temporary folder is on another one."
        if MOUNTS
        else f"Nothing may be mounted here: no file may be larger than {LIMITED:,} bytes (RLIMIT_FSIZE) in its place."
    )
    text = (
        f"Nights of {len(TARGETS) * 2} targets ({', '.join(TARGETS)}; a vulnerable and a fixed twin each), two"
        f" slices of each, {EXECUTIONS} executions in Python, seed {SEED}. An undisturbed one takes"
        f" {calm.moment:.0f} s and finds {len(calm.causes)} causes in {len(calm.titles)} targets. Moments are drawn"
        f" (seed {SEED}). *Lost*: told on"
        " stderr, in the journal, or a repro file on the disk, and not in the journal at the end. *Left*: processes,"
        " temporary files, open descriptors of a campaign that goes on; *parts* of files of the corpus, which nobody"
        " reads, and which are removed when they are an hour old. A campaign goes on with `--resume`; where a"
        " worker is killed, it goes on by itself. A repro file for which a full disk has no room lies in the temporary"
        f" folder, and is none that was left. {disk}\n\n"
        f"**As it should be: {right} of {len(rows)}.**\n\n"
    ) + record.table(head, [row.cells(calm) for row in rows])
    data = {"commit": nights.commit(), "rows": [list(map(str, row.cells(calm))) for row in rows]}
    record.save("kills", "Nights that are killed, and full disks", f"{text}\n\nCommit {nights.commit()}.", data)
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
