"""The chain of the incident in figures: signers whose key lies in a PKCS#11 module. Writes docs/results/incident.md.

``ci/chain/incident.py [CORES]``: so many of each kind (20). The server's core needs gcore (of gdb), and leave to trace.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "targets" / "storm0558" / "module"))

import key_module  # noqa: E402

PAGE = ROOT / "docs" / "results" / "incident.md"
SIGNER = Path(key_module.__file__).with_name("module_signer.py")
_SECONDS = 300.0
BEGIN = """# The chain of the incident, in figures

{began} Inspired by the first account, which was later corrected.

## A key in a module

Cores of signers that crash while they sign with a key of 2,048 bits in SoftHSM2, scanned with the public key alone.

| whose core | cores | with a part of the key | with a prime factor | by which detectors |
|---|---|---|---|---|
"""
REST = """
## What tests assert of the other links

These are no figures of one run: it is what the test or command named asserts whenever it runs.

| link | vulnerable | fixed | shown by |
|---|---|---|---|
| a key in a core | - | both primes found by the modulus; nothing in the same program without the key \
| `tests/quality/test_keys_in_cores.py` |
| the gate | five gates let out what they did not scan | none of the same races lets it out of ours \
| `redactfuzz run targets/storm0558/gate`, [gate.md](gate.md) |
| two networks | without a gate the key is on the debugging side | nothing with a hit, nothing without a receipt; \
no service of production is reached | `tests/quality/test_two_networks.py` |
| who read the dump | forgotten after 90 days: no answer | known for as long as the dump exists \
| `tests/quality/test_access_log.py` |
| the log itself | - | 1,000 of 1,000 edits noticed, of 13 kinds | the same |
| a read without a record | LEAK with one preemption | no leak | `redactfuzz run targets/storm0558/access_log` |
| the accepted token | a state machine finds four acceptances, with a check of `iss` as well | none of them \
| `tests/quality/test_forged_tokens.py` |
| from a dump to a mailbox | accepted: core, one prime factor, private key, token | refused | the same |
"""


def found(core: Path, public: Path) -> set[str]:
    """The detectors that find a part of the key in a core."""
    words = ["-m", "redactfuzz", "scan", str(core), "--public-key", str(public), "--json"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=_SECONDS, check=False)
    report = json.loads(done.stdout)
    if not report["complete"]:
        raise SystemExit(f"{core}: the core was not read wholly")
    return {key["detector"] for key in report["keys"] if public.name in key["what"]}


def signed(library: Path, environment: Mapping[str, str], pin: str, core: Path) -> None:
    """A signer's core, taken while it signs."""
    command: list[str | Path] = [sys.executable, SIGNER, library, core]
    subprocess.run(command, env=dict(environment), input=pin.encode(), check=True, timeout=_SECONDS)


@contextmanager
def signing(library: Path, environment: Mapping[str, str], pin: str) -> Iterator[None]:
    """A signer that signs on and on."""
    command = list(map(str, [sys.executable, SIGNER, library, "-"]))
    process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pin.encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()  # it has signed
        time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def of_the_server(pid: int, folder: Path) -> Path | None:
    """The core of the process that works for the one client; None where nobody may look."""
    if shutil.which("gcore") is None:
        return None
    (worker,) = children(pid) or [pid]
    subprocess.run(["gcore", "-o", folder / "server", str(worker)], capture_output=True, timeout=_SECONDS, check=False)
    core = folder / f"server.{worker}"
    return core if core.exists() else None


def rows(folder: Path, cores: int) -> Iterator[str]:
    key = generate_private_key(65537, 2048)
    secret, public = folder / "key.pem", folder / "public.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    holding = key_module.module(folder)
    holding.holds(secret)
    seen: dict[str, list[set[str]]] = {}
    for _ in range(cores):
        signed(holding.library, holding.environment, holding.pin, folder / "core")
        seen.setdefault("SoftHSM2 in the signer's process", []).append(found(folder / "core", public))
    with holding.served() as (client, environment, server):
        for _ in range(cores):
            signed(client, environment, holding.pin, folder / "core")
            seen.setdefault("behind `p11-kit server`: the signer", []).append(found(folder / "core", public))
        for _ in range(cores):
            with signing(client, environment, holding.pin):
                core = of_the_server(server, folder)
            if core is None:
                yield "| behind `p11-kit server`: the server | not taken: no gcore (gdb), or no leave to trace | | | |"
                break
            seen.setdefault("behind `p11-kit server`: the server", []).append(found(core, public))
            core.unlink()
    for what, each in seen.items():
        detectors = Counter(name for names in each for name in names)
        hit = sum(bool(names) for names in each)
        told = ", ".join(f"{name} {count}" for name, count in sorted(detectors.items())) or "-"
        yield f"| {what} | {len(each)} | {hit} | {detectors['rsa-prime']} | {told} |"


def main(cores: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = list(rows(Path(folder), cores))
    began = f"By `ci/chain/incident.py`, Python {platform.python_version()}, {os.cpu_count()} processors."
    PAGE.write_text(BEGIN.format(began=began) + "\n".join(table) + "\n" + REST, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cores", type=int, nargs="?", default=20)
    main(parser.parse_args().cores)
