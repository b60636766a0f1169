"""Core-like memory: real cores of programs that have nothing to do with us, one after the other in one file."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from redactfuzz.dumps.producers.core_pattern import destination

_C = r"""
#define F(n) static unsigned f##n(unsigned x, const char *s) { \
    unsigned a[64]; \
    for (unsigned i = 0; i < 64; i++) a[i] = x * (i + n##u) ^ (unsigned)s[i % 7]; \
    for (unsigned i = 1; i < 64; i++) { \
        a[i] += a[i - 1] * (a[i] >> 3); \
        switch (a[i] % 9) { case 0: a[i] ^= n##u; break; case 1: a[i] += x; break; default: x += a[i]; } \
    } \
    return a[63] + x; }
"""
_SHELL = 'for i in {1..400000}; do names[i]="/usr/share/doc/package-$i/README.$((i * 7919))"; done; while :; do :; done'
_PERL = '$h{"key $_"} = [map { $_ * 3.7 } 1..8] for 1..200000; 1 while 1'
_AWK = 'BEGIN { for (i = 0; i < 600000; i++) words["word " i] = i * i; while (1) i++ }'
_LIBRARY = """
import pkgutil, sys, importlib
for name in sorted(sys.stdlib_module_names):
    if name not in ("antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter") and not name.startswith("_"):
        try:
            importlib.import_module(name)
        except Exception:
            pass
"""
_OBJECTS = """
import ast, pathlib, sysconfig, json, decimal
trees = []
for path in sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py"))[:70]:
    trees.append(ast.parse(path.read_text("utf-8", "replace")))
table = {f"row {n}": {"id": n, "name": f"user{n}", "share": n / 7, "d": decimal.Decimal(n) / 11} for n in range(100000)}
text = json.dumps([{"id": n, "mail": f"user{n}@example.org", "ok": n % 3 == 0} for n in range(100000)])
"""
_WAIT = "\nimport time\ntime.sleep(600)\n"


@attrs.frozen
class Program:
    """What to run, in a folder that ``prepare`` filled; it is killed after so many seconds, while it works."""

    name: str
    command: tuple[str, ...]
    seconds: float


def programs(folder: Path) -> Iterator[Program]:
    """Those of them that this machine has."""
    source = folder / "large.c"
    source.write_text(_C + "\n".join(f"F({n})" for n in range(1, 9000)), "utf-8")
    cc1 = subprocess.run(["gcc", "-print-prog-name=cc1"], capture_output=True, text=True, check=False).stdout.strip()
    root = Path(__file__).parents[3]
    some = (
        Program("cc1 -O2", (cc1, "-quiet", "-O2", str(source), "-o", "/dev/null"), 12),
        Program("cc1 -O0 -g", (cc1, "-quiet", "-O0", "-g", str(source), "-o", "/dev/null"), 4),
        Program("python, all of its library", (sys.executable, "-c", _LIBRARY + _WAIT), 8),
        Program("python, trees and tables", (sys.executable, "-c", _OBJECTS + _WAIT), 15),
        Program("mypy", (sys.executable, "-m", "mypy", "--cache-dir=/dev/null", str(root / "redactfuzz")), 12),
        Program("bash", ("bash", "-c", _SHELL), 6),
        Program("perl", ("perl", "-e", _PERL), 4),
        Program("awk", ("awk", _AWK), 4),
        Program("git log", ("git", f"--git-dir={root / '.git'}", "-c", "safe.directory=*", "log", "-p", "--all"), 3),
        Program("sort", ("sort", "--parallel=1", "-S", "200M", "-k2", str(source), *[str(source)] * 40, "-"), 3),
        Program("sh", ("sh", "-c", "while :; do :; done"), 0.5),
    )
    for one in some:
        if shutil.which(one.command[0]):
            yield one


def _allow_cores() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def core_of(program: Program, folder: Path, given: bytes | None = None) -> Path | None:
    """The core of the program, killed while it works if it did not die before; None when it left none.

    ``given`` is its standard input; without, that stays open and empty.
    """
    home = Path(tempfile.mkdtemp(dir=folder))
    # Nothing of this environment: it may hold what is secret here.
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        program.command,
        cwd=home,
        env=plain,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=_allow_cores,
    )
    assert process.stdin is not None
    try:
        if given is not None:
            process.stdin.write(given)
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(program.seconds)
        process.send_signal(signal.SIGTRAP)
        process.wait(60)
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()
    return next((path for path in home.iterdir() if path.name.startswith("core")), None)


def check() -> None:
    """Exit when the kernel writes no core file here."""
    why = destination().refused
    if why:
        sys.exit(f"Real cores are needed, and the kernel writes none here: {why}.")


@contextlib.contextmanager
def memory(size: int) -> Iterator[tuple[Path, Mapping[str, int]]]:
    """A file of ``size`` bytes, in memory where that has room, and the bytes that each program gave of it.

    Made anew each time: what runs here is never stored. Of cores that are too few the beginning comes again.
    """
    check()
    with tempfile.TemporaryDirectory(prefix="redactfuzz-bench-", dir=place(3 * size)) as name:
        folder = Path(name)
        together, left, gave = folder / "memory", size, {}
        with together.open("wb") as out:
            for program in programs(folder):
                core = core_of(program, folder)
                if core is None:
                    continue
                with core.open("rb") as file:
                    taken = _copy(file, out, left)
                core.unlink()
                gave[program.name] = taken
                left -= taken
                if not left:
                    break
        if not gave:
            sys.exit("No program left a core: nothing to measure on.")
        if left:
            with together.open("rb+") as file:
                file.seek(0, os.SEEK_END)
                unique = size - left
                gave["the beginning again"] = left
                while left:
                    with together.open("rb") as again:
                        left -= _copy(again, file, min(left, unique))
        yield together, gave


def _copy(source, target, most: int) -> int:  # type: ignore[no-untyped-def]
    """Copies up to ``most`` bytes; holes become zeros, as in the memory itself."""
    copied = 0
    while copied < most and (block := source.read(min(1 << 22, most - copied))):
        target.write(block)
        copied += len(block)
    target.flush()
    return copied


def place(wanted: int) -> str:
    """A folder in memory when it has room for ``wanted`` bytes, else the temporary one."""
    with contextlib.suppress(OSError):
        space = os.statvfs("/dev/shm")
        if space.f_bavail * space.f_frsize > wanted:
            return "/dev/shm"
    return tempfile.gettempdir()


if __name__ == "__main__":
    started = time.monotonic()
    with memory(int(sys.argv[1]) << 20) as (path, gave):
        print(path.stat().st_size, dict(gave), f"{time.monotonic() - started:.0f} s")
