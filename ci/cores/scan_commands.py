"""The command ``redactfuzz scan`` on a large dense core and on many small files, beside ripgrep, kingfisher and cat.

scan_commands.py [MIB] [ROUNDS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.append(str(Path(__file__).parents[1] / "bench"))
from shared import cores, environments, record

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.registry import Entry, Registry, registry_to_json

SEED = 5
CANARIES = 5
SMALL = 1_000
SMALL_BYTES = 4_096
OURS = ("redactfuzz, 5 canaries", "redactfuzz, and all detectors", "redactfuzz, and two public keys")
WHY = (
    "The aims were made for the matcher, which keeps up with the first of them by itself ([scan_speed](scan_speed.md))."
    " The command searches each byte a dozen times more: for slots of memory, texts and what they spell, what is"
    " packed, and each kind of key."
)
KINGFISHER = "kingfisher-bin==2.14.0"
HOLD = """
import mmap, os, sys
size = os.stat(sys.argv[1]).st_size
held = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
with open(sys.argv[1], "rb", buffering=0) as file:
    view, at = memoryview(held), 0
    while at < size:
        at += file.readinto(view[at : at + (64 << 20)])
os.abort()
"""
"""Holds what is in a file as its own memory, and dies of it: the kernel writes a core that is dense throughout."""


@attrs.frozen
class Command:
    """What is run, on what, and with which exit statuses it has done its work."""

    name: str
    line: tuple[str, ...]
    good: tuple[int, ...] = (0,)


@attrs.frozen
class Aim:
    """What issue 16 asks of a command, in words, and how much of it there is."""

    what: str
    wanted: float
    measured: float
    unit: str
    most: bool = False
    """Whether less is better."""

    def row(self) -> tuple[str, str, str, str]:
        """Of a table."""
        met = self.measured <= self.wanted if self.most else self.measured >= self.wanted
        sign = "at most" if self.most else "at least"
        return (
            self.what,
            f"{sign} {self.wanted:g} {self.unit}",
            f"{self.measured:.3g} {self.unit}",
            "met" if met else "**missed**",
        )


@attrs.frozen
class Took:
    """One run."""

    seconds: float
    cpu: float
    megabytes: float
    """Resident at most, of the largest process."""


def run(command: Command) -> Took:
    """Exits where it fails: a figure of a command that did nothing would be a lie."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command.line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.good:
            said.seek(0)
            sys.exit(f"{command.name}: exit {process.returncode}: {said.read()[-2000:].decode('utf-8', 'replace')}")
    return Took(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def dense_core(size: int, folder: Path) -> tuple[Path, Mapping[str, int]]:
    """A core of a process whose memory is that of other programs, and what each of them gave."""
    with cores.memory(size) as (path, gave):
        core = cores.core_of(cores.Program("holder", (sys.executable, "-S", "-c", HOLD, str(path)), 600), folder)
    if core is None or core.stat().st_size < size:
        sys.exit("The kernel wrote no core of all of it: is there room in the temporary folder?")
    return core, gave


def small_files(folder: Path) -> Path:
    """Lines of a log, each file another part of it."""
    inside = folder / "small"
    inside.mkdir()
    for number in range(SMALL):
        lines = (
            f"2026-11-29 10:00:{at % 60:02} worker {number} took job {at * 7919} and was done\n" for at in range(99)
        )
        (inside / f"{number}.log").write_text("".join(lines)[:SMALL_BYTES], "ascii")
    return inside


def keys(folder: Path) -> list[str]:
    """Options that give two public keys: of them the private half is looked for."""
    options = []
    public: list[rsa_keys.RSAPublicKey | ec.EllipticCurvePublicKey] = [
        rsa_keys.generate_private_key(65537, 2048).public_key(),
        ec.generate_private_key(ec.SECP256R1()).public_key(),
    ]
    written = [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in public]
    for number, text in enumerate(written):
        path = folder / f"key{number}.pem"
        path.write_bytes(text)
        options += ["--public-key", str(path)]
    return options


def commands(path: Path, chosen: Sequence[Canary], folder: Path) -> Iterator[Command]:
    """Each on a file, or on a folder."""
    registry, patterns = folder / "registry.json", folder / "patterns"
    entries = tuple(Entry(one.name, one.kind, one.number) for one in chosen)
    registry.write_text(registry_to_json(Registry(SEED, entries)), "utf-8")
    patterns.write_bytes(b"\n".join(one.bytes for one in chosen))
    if path.is_file():
        yield Command("cat", ("cat", str(path)))
    if (program := ripgrep()) is not None:
        yield Command("ripgrep -F -a, 5 patterns", (program, "-F", "-a", "-c", "-f", str(patterns), str(path)), (0, 1))
    found = str(environments.separate("kingfisher", KINGFISHER).with_name("kingfisher"))
    options = ("--no-validate", "--no-update-check", "--max-file-size", "100000", "-f", "json", "-o", os.devnull)
    yield Command("kingfisher", (found, "scan", str(path), *options), (0, 200, 205))
    ours = (sys.executable, "-m", "redactfuzz", "scan", "--no-marker", "--canaries", str(registry))
    good = (0, 1, 5)  # keys of OpenSSL's generator, and of programs' tests, are in real cores
    for name, asked in zip(OURS, (["--no-keys"], [], keys(folder)), strict=True):
        yield Command(name, (*ours, *asked, str(path)), good)


def ripgrep() -> str | None:
    """Installs it where that is allowed."""
    if shutil.which("rg") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "ripgrep"], capture_output=True, check=False)
    return shutil.which("rg")


def main() -> None:
    """All in turn, several rounds; the median counts."""
    size = (int(sys.argv[1]) if len(sys.argv) > 1 else 4_096) << 20
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    chosen = [mint(SEED, f"canary{number}", token(32), 1) for number in range(CANARIES)]
    with tempfile.TemporaryDirectory(prefix="redactfuzz-bench-", dir=cores.place(3 * size)) as name:
        folder = Path(name)
        core, gave = dense_core(size, folder)
        large = core.stat().st_size
        tables = [measured(path, chosen, folder, rounds) for path in (core, small_files(folder))]
    first, second = tables
    head = ("what", "s", "s of processors", "GB/s", "GB/s a core", "of cat", "MB resident")
    whole = statistics.median(each.seconds for each in first["cat"])
    rows = [(what, *_row(took, large), whole / _row(took, large)[0], _most(took)) for what, took in first.items()]
    few = [(what, *_row(took, 0)[:2], _most(took)) for what, took in second.items()]
    sources = ", ".join(f"{program} {taken >> 20:,} MiB" for program, taken in gave.items())
    text = "\n\n".join((
        f"## A dense core of {large / 1e9:.2f} GB",
        record.table(head, rows),
        f"Warm, {rounds} rounds, all in turn in each; medians. With the start of each command. *GB/s a core* is by"
        " seconds of processors. The core is the kernel's, of a process whose memory is that of other programs, dense"
        f" throughout: {sources}. ripgrep looks for five texts as they are and kingfisher for its own rules.",
        "What issue 16 asks for:",
        record.table(("what", "aim", "measured", ""), [one.row() for one in aims(first, second, large)]),
        WHY,
        f"## {SMALL:,} files of {SMALL_BYTES:,} bytes",
        record.table(("what", "s", "s of processors", "MB resident"), few),
    ))  # fmt: skip
    data = {"core": large, "rounds": rounds, **{
        where: {what: [attrs.asdict(each) for each in took] for what, took in one.items()}
        for where, one in (("large", first), ("small", second))
    }}  # fmt: skip
    record.save("scan_commands", "Throughput of the command", text, data)


def aims(large: Mapping[str, Sequence[Took]], small: Mapping[str, Sequence[Took]], size: int) -> Iterator[Aim]:
    """Medians, beside what issue 16 asks for: of a core of 4 GB, on two processors."""
    canaries, detectors, keys = (_row(large[name], size) for name in OURS)
    yield Aim("canaries, a core", 6, canaries[3], "GB/s")
    yield Aim("all detectors, two cores", 2, detectors[2], "GB/s")
    yield Aim("with public keys, two cores", 1, keys[2], "GB/s")
    yield Aim("1,000 small files, all detectors", 0.5, _row(small[OURS[1]], 0)[0], "s", most=True)
    yield Aim("memory, the largest", 200, max(map(_most, (large[name] for name in OURS))), "MB", most=True)


def measured(path: Path, chosen: Sequence[Canary], folder: Path, rounds: int) -> dict[str, list[Took]]:
    """Of each command so many runs."""
    took: dict[str, list[Took]] = {}
    some = list(commands(path, chosen, folder))
    for _ in range(rounds):
        for each in some:
            took.setdefault(each.name, []).append(run(each))
            print(each.name, took[each.name][-1], file=sys.stderr, flush=True)
    return took


def _row(took: Sequence[Took], size: int) -> tuple[float, float, float, float]:
    seconds, cpu = (statistics.median(getattr(each, what) for each in took) for what in ("seconds", "cpu"))
    return seconds, cpu, size / seconds / 1e9, size / cpu / 1e9


def _most(took: Sequence[Took]) -> float:
    return max(each.megabytes for each in took)


if __name__ == "__main__":
    main()
