"""Makes the samples of this folder, their canary registry and manifest.json, which says what is in each.

    python corpora/dumps/make.py [FOLDER]

Needs gcc, Linux on x86-64, and that the kernel writes cores to the working directory. Cores are real: a process is
started in an empty environment and folder, and killed. In them the paths of this machine are overwritten by neutral
ones of the same length, nothing else is changed. All other samples are written by this script.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import re
import resource
import struct
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import lz4.frame
import zstandard

from redactfuzz.model.canary import Canary, raw, rsa, token
from redactfuzz.model.registry import Entry, Registry, registry_to_json

HERE = Path(__file__).resolve().parent
REGISTRY = Registry(
    20_260_701,
    (
        Entry("process key", raw(48)),
        Entry("session token", token(32)),
        Entry("api token", token(40)),
        Entry("signing key", rsa(1024)),
    ),
)
LARGEST = 300_000
"""Bytes of a sample."""
TAKEN_AWAY = "x"
"""What a clean twin holds in the place of a secret, as often as that is long."""


@attrs.frozen
class Secrets:
    """The canaries, or what stands for them in a clean twin."""

    clean: bool
    canaries: dict[str, Canary] = attrs.field(factory=lambda: {one.name: one for one in REGISTRY.mint()})

    def data(self, name: str) -> bytes:
        """The bytes."""
        secret: bytes = self.canaries[name].bytes
        return TAKEN_AWAY.encode() * len(secret) if self.clean else secret

    def text(self, name: str) -> str:
        """The same as text."""
        return self.data(name).decode("ascii")

    def prime(self, name: str) -> bytes:
        """The prime p of an RSA key as a library for large numbers keeps it: limbs, lowest first."""
        p: int = self.canaries[name].value.p
        size = (p.bit_length() + 7) // 8
        return TAKEN_AWAY.encode() * size if self.clean else p.to_bytes(size, "little")


# -- real cores

_BUILT_IN = re.compile(rb"/(?:nix|build|home|root|usr/src)/[!-~]+")
"""Where others built what is mapped: the kernel's vDSO names the folder."""


def core(command: list[str], given: bytes, executable: Path, folder: Path) -> bytes:
    """The core of a process that reads ``given`` and is killed. ``folder`` is empty but for what it starts."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    subprocess.run(
        command,
        executable=executable,
        input=given,
        env={},
        cwd=folder,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)),
        check=False,
        timeout=60,
    )
    (found,) = [path for path in folder.iterdir() if path.name.startswith("core")]
    content = found.read_bytes()
    found.unlink()
    return neutral(content, [str(folder), str(HERE), sys.base_prefix, sys.prefix, str(executable.parent)])


def neutral(content: bytes, paths: list[str]) -> bytes:
    """The same with each path overwritten by one of the same length, in all widths that a str has."""
    for path in sorted({*paths, *map(os.path.realpath, paths)}, key=len, reverse=True):
        if len(path) > len("/usr/lib"):
            # What was written over the rest of a path in freed memory left its beginning.
            for piece in (path, path[1:8]):
                other = "/path-of-this-machine/".ljust(len(piece), "_")[: len(piece)]
                for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
                    content = content.replace(piece.encode(encoding), other.encode(encoding))
    return _BUILT_IN.sub(lambda found: b"/" + b"_" * (len(found[0]) - 1), content)


def c_core(secrets: Secrets, where: str) -> bytes:
    """Of holder.c, with the key in memory (``m``) or in registers only (``r``)."""
    with tempfile.TemporaryDirectory(prefix="holder-") as name:
        folder = Path(name)
        program = folder / "holder"
        options = "-std=gnu11 -Os -ffreestanding -fno-stack-protector -fcf-protection=none -static -nostdlib"
        command = ["gcc", *options.split(), "-Wl,--build-id=none", "-o", str(program), str(HERE / "holder.c")]
        subprocess.run(command, check=True, timeout=60)
        return core(["holder", where], secrets.data("process key"), program, folder)


def truncated(whole: bytes) -> bytes:
    """Cut in the middle of the first writable segment, which lies behind notes of the length of all registers."""
    (table,), (count,) = struct.unpack_from("<Q", whole, 32), struct.unpack_from("<H", whole, 56)
    for at in range(table, table + 56 * count, 56):
        kind, flags, start, _, _, size = struct.unpack_from("<IIQQQQ", whole, at)
        if kind == 1 and flags & 2 and size:  # PT_LOAD, PF_W
            return whole[: start + size // 2]
    raise ValueError("the core has no writable segment")


def python_core(secrets: Secrets) -> bytes:
    """Of holder.py."""
    with tempfile.TemporaryDirectory(prefix="holder-") as name:
        folder = Path(name)
        (folder / "holder.py").write_text((HERE / "holder.py").read_text("utf-8"), "utf-8")
        given = (secrets.text("session token") + "\u20ac").encode("utf-16-le")
        return core(["python", "-I", "-S", "holder.py"], given, Path(sys.executable), folder)


# -- written by hand


def minidump(secrets: Secrets) -> bytes:
    """SystemInfo (x86-64), ModuleList (none), ThreadList (one, with a stack and no context) and Memory64List."""
    header, directory = struct.Struct("<4sIIIIIQ"), struct.Struct("<III")
    base = 0x1F0000
    stack = b"PATH=C:\\Windows\0".ljust(4096, b"\0")
    heap = bytearray(8192)
    environment = f"API_TOKEN={secrets.text('api token')}\0".encode("utf-16-le")
    heap[1536 : 1536 + len(environment)] = environment
    system = struct.pack("<HHHBB", 9, 6, 0, 4, 1).ljust(56, b"\0")
    start = header.size + 4 * directory.size
    thread_at = start + len(system) + 4
    memory_at = thread_at + 4 + 48
    content_at = memory_at + 16 + 2 * 16
    thread = struct.pack("<IIIIQQIIII", 4711, 0, 0, 0, 0x7FFE0000, base, len(stack), content_at, 0, 0)
    streams = [
        (7, len(system), start),
        (4, 4, start + len(system)),
        (3, 4 + len(thread), thread_at),
        (9, 48, memory_at),
    ]
    ranges = struct.pack("<QQQQQQ", 2, content_at, base, len(stack), base + 0x10000, len(heap))
    return b"".join(
        [
            header.pack(b"MDMP", 0xA793, len(streams), header.size, 0, 0, 2),
            *(directory.pack(*stream) for stream in streams),
            system,
            struct.pack("<I", 0),
            struct.pack("<I", 1) + thread,
            ranges,
            stack,
            heap,
        ]
    )


def events(secrets: Secrets) -> bytes:
    """JSON Lines of a crash reporter; a value in the second is base64."""
    header = base64.b64encode(f"user:{secrets.text('api token')}".encode()).decode()
    lines: list[dict[str, Any]] = [
        {"level": "info", "message": "started"},
        {"level": "error", "request": {"headers": {"Authorization": f"Basic {header}"}}},
        {"level": "info", "message": "stopped"},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def log(secrets: Secrets) -> bytes:
    """Lines of text, one with the token."""
    quiet = [f"2026-07-01T12:00:{second:02} INFO request {second} served\n" for second in range(40)]
    quiet.insert(25, f"2026-07-01T12:00:24 WARN retry with token={secrets.text('api token')} in 3 s\n")
    return "".join(quiet).encode()


def torn(secrets: Secrets) -> bytes:
    """A redaction that came to half of the token: its last 20 characters are there."""
    half = "*" * 20 + secrets.text("api token")[20:]
    return log(Secrets(clean=True)).replace((TAKEN_AWAY * 40).encode(), half.encode())


def memory(secrets: Secrets) -> bytes:
    """64 KiB without any format, with a prime in limbs."""
    content = bytearray(bytes(range(256)) * 256)
    prime = secrets.prime("signing key")
    content[0x9008 : 0x9008 + len(prime)] = prime
    return bytes(content)


def tape(secrets: Secrets) -> bytes:
    """The log in a folder, and the minidump beside it."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("logs/app.log", log(secrets)), ("crash.dmp", minidump(secrets))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


# -- all of them


@attrs.frozen
class Seen:
    """A secret that a scan is to show: whole in these encodings, unless ``part`` tells otherwise."""

    secret: str
    encodings: tuple[str, ...]
    where: str
    """How the innermost format names the place, or how that begins."""
    severity: str = "total"
    whole: bool = True


@attrs.frozen
class Sample:
    """One file, and its clean twin ``NAME`` with ``clean-`` before it."""

    name: str
    formats: tuple[str, ...]
    """Of the file, and of what is in it, in the order in which they are opened."""
    how: str
    make: Callable[[Secrets], bytes]
    seen: tuple[Seen, ...]
    """Also nearer to the surface: what a tar or a compressed file holds plainly is found there as well."""
    clean_exit: int = 0


_REAL = "real core by the kernel of"
_WRITTEN = "synthesised by make.py"
_IN_LOG = (Seen("api token", ("utf-8",), "line 26"),)
_IN_MINIDUMP = (Seen("api token", ("utf-16-le",), "memory at 0x200000"),)
_IN_MEMORY = (Seen("process key", ("raw bytes",), "segment"),)


def squeezed(how: Callable[[bytes], bytes]) -> Callable[[Secrets], bytes]:
    """The log, compressed."""
    return lambda secrets: how(log(secrets))


SAMPLES = (
    Sample("c-memory.core", ("ELF core",), f"{_REAL} holder.c, key in .bss", lambda one: c_core(one, "m"), _IN_MEMORY),
    Sample(
        "c-registers.core",
        ("ELF core",),
        f"{_REAL} holder.c, key in xmm5 to xmm7, memory wiped",
        lambda one: c_core(one, "r"),
        (Seen("process key", ("raw bytes",), "register xmm5"),),
    ),
    Sample(
        "c-truncated.core",
        ("ELF core",),
        f"{_REAL} holder.c, cut in the middle of its data",
        lambda one: truncated(c_core(one, "m")),
        _IN_MEMORY,
        clean_exit=5,
    ),
    Sample(
        "python.core.xz",
        ("xz", "ELF core"),
        f"{_REAL} holder.py, all but the stack and 64 KiB excluded with MADV_DONTDUMP, compressed",
        lambda one: lzma.compress(python_core(one)),
        (Seen("session token", ("utf-16-le",), "segment"),),
    ),
    Sample(
        "windows.dmp",
        ("minidump",),
        f"{_WRITTEN}: SystemInfo, ModuleList, ThreadList, Memory64List",
        minidump,
        _IN_MINIDUMP,
    ),
    Sample(
        "events.jsonl",
        ("JSON Lines",),
        _WRITTEN,
        events,
        (Seen("api token", ("base64 (shift 2)",), "line 2 $.request.headers.Authorization"),),
    ),
    Sample("app.log", ("text",), _WRITTEN, log, _IN_LOG),
    Sample(
        "torn.log",
        ("text",),
        f"{_WRITTEN}: the first half of the token is overwritten",
        torn,
        (Seen("api token", ("utf-8",), "line 26", "low", whole=False),),
    ),
    Sample("app.log.gz", ("gzip", "text"), _WRITTEN, squeezed(lambda plain: gzip.compress(plain, mtime=0)), _IN_LOG),
    Sample("app.log.xz", ("xz", "text"), _WRITTEN, squeezed(lzma.compress), _IN_LOG),
    Sample("app.log.bz2", ("bzip2", "text"), _WRITTEN, squeezed(bz2.compress), _IN_LOG),
    Sample("app.log.zst", ("zstd", "text"), _WRITTEN, squeezed(zstandard.ZstdCompressor().compress), _IN_LOG),
    Sample("app.log.lz4", ("lz4", "text"), _WRITTEN, squeezed(lz4.frame.compress), _IN_LOG),
    Sample(
        "bundle.tar",
        ("tar", "text", "minidump"),
        f"{_WRITTEN}: logs/app.log and crash.dmp",
        tape,
        (*_IN_LOG, *_IN_MINIDUMP),
    ),
    Sample(
        "memory.raw",
        ("raw bytes",),
        f"{_WRITTEN}: a prime in limbs",
        memory,
        (Seen("signing key", ("little-endian limbs of p",), ""),),
    ),
)


def manifest() -> str:
    """What is in each file; no secret."""
    told: dict[str, Any] = {}
    for sample in SAMPLES:
        common = {"formats": sample.formats, "made": sample.how}
        exposures = [attrs.asdict(one) for one in sample.seen]
        told[sample.name] = {**common, "exit": 1, "exposures": exposures}
        told[f"clean-{sample.name}"] = {**common, "exit": sample.clean_exit, "exposures": []}
    return json.dumps(told, indent=2) + "\n"


def make(folder: Path) -> None:
    """Writes everything."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "canaries.json").write_text(registry_to_json(REGISTRY), "utf-8")
    for sample in SAMPLES:
        for clean in (False, True):
            content = sample.make(Secrets(clean))
            if len(content) > LARGEST:
                raise SystemExit(f"{sample.name} has {len(content):,} bytes, more than {LARGEST:,}: cut it down")
            (folder / f"{'clean-' if clean else ''}{sample.name}").write_bytes(content)
    (folder / "manifest.json").write_text(manifest(), "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
