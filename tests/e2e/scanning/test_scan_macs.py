"""``redactfuzz scan --mac``: what is left of keys of HMAC in a real core, and what is said of files that are none."""

from __future__ import annotations

import base64
import hmac
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import Run

from redactfuzz.scan.keys.derived import derived

pytestmark = pytest.mark.once

# What is secret comes through a pipe, so that the program's text does not hold it.
PROGRAM = """
import ctypes, gc, hmac, os, shutil, sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from redactfuzz.dumps.producers.core_producer import core

def secret():
    buffer = bytearray(32)
    assert os.readv(0, [buffer]) == 32
    return buffer

def wipe(buffer):
    ctypes.memset((ctypes.c_char * len(buffer)).from_buffer(buffer), 0, len(buffer))

class Signer:
    def __init__(self, text):
        self.text = text
    def sign(self, message):
        return hmac.new(self.text.encode(), message, "sha256").digest()

kept = []
for how in sys.argv[2:]:
    key = secret()
    if how == "states of cryptography":
        kept.append(HMAC(key, hashes.SHA512()))
    elif how == "states of hmac":
        kept.append(hmac.new(key, digestmod="sha256"))
    elif how == "bytes":
        kept.append(bytes(key))
    elif how == "text":
        kept.append(Signer(key.decode()))
        kept[-1].sign(b"a message")
    elif how == "deleted":
        hmac.new(bytes(key), b"a message", "sha256").digest()
    wipe(key)
    del key
    gc.collect()
shutil.copyfile(core(), sys.argv[1])
"""
KEYS = {
    how: base64.b64encode(random.Random(how).randbytes(24)) if how == "text" else random.Random(how).randbytes(32)
    for how in ("states of cryptography", "states of hmac", "bytes", "text", "deleted", "never there")
}
HELD = tuple(KEYS)[:-1]


def algorithm(how: str) -> str:
    return "sha512" if how == "states of cryptography" else "sha256"


def line(how: str) -> str:
    return f"{algorithm(how)} {b'who'.hex()} {hmac.digest(KEYS[how], b'who', algorithm(how)).hex()}"


def jwt(how: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "somebody"})
    signed = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    mac = hmac.digest(KEYS[how], signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a process that holds each key in its way, and of the last one nothing."""
    folder = tmp_path_factory.mktemp("core")
    command = [sys.executable, "-c", PROGRAM, str(folder / "core"), *HELD]
    subprocess.run(command, input=b"".join(KEYS[how] for how in HELD), check=True, cwd=folder, timeout=120)
    return folder / "core"


@pytest.fixture(scope="module")
def memory(core: Path) -> bytes:
    return core.read_bytes()


def left(memory: bytes, how: str) -> set[str]:
    """What the core holds of a key, looked up with the key."""
    parts = {label: data for label, data, _ in derived(KEYS[how])}
    hash_ = algorithm(how).replace("sha", "SHA-")
    both = all(parts[f"HMAC-{hash_} {side} state"] in memory for side in ("inner", "outer"))
    return {name for name, there in (("states", both), ("key", KEYS[how] in memory)) if there}


def test_what_a_core_holds_of_each_key_is_found_by_a_token_and_nothing_of_another(
    cli: Run, folder: Path, core: Path, memory: bytes
) -> None:
    (folder / "macs.txt").write_text("".join(f"{(jwt if how == 'text' else line)(how)}\n" for how in KEYS))
    ran = cli("scan", core, "--mac", "macs.txt", "--json")
    assert ran.code == 1, ran.both
    found: dict[str, list[dict[str, Any]]] = {how: [] for how in KEYS}
    for finding in ran.record["keys"]:
        if finding["detector"].startswith("hmac-"):
            number = int(finding["what"].partition("line ")[2].partition(" ")[0])
            found[tuple(KEYS)[number - 1]].append(finding)
    told = {how: {"states" if one["detector"] == "hmac-state" else "key" for one in its} for how, its in found.items()}
    assert told == {how: left(memory, how) for how in KEYS}
    # The keys of these were wiped, and the states are what is left; the others lie there as they are.
    assert {how: told[how] for how in HELD[:2]} == {how: {"states"} for how in HELD[:2]}
    assert {one["detector"] for one in found["bytes"]} == {"hmac-key"}
    assert {one["detector"] for one in found["text"]} == {"hmac-text"}
    assert found["never there"] == []
    assert not [gap for gap in ran.record["skipped"] if "MAC" in gap["reason"]]
    assert not any(key[at : at + 6].hex() in ran.both for key in KEYS.values() for at in range(26))
    assert KEYS["text"][:8].decode() not in ran.both


def test_the_places_of_states_are_those_of_the_states(cli: Run, folder: Path, core: Path, memory: bytes) -> None:
    """One allocation each, far from one another: OpenSSL keeps a count of bits behind both."""
    how = "states of hmac"
    (folder / "macs.txt").write_text(line(how))
    record = cli("scan", core, "--mac", "macs.txt", "--json").record
    (finding,) = (one for one in record["keys"] if one["detector"] == "hmac-state")
    parts = {label: data for label, data, _ in derived(KEYS[how])}
    there = {memory[where["offset"] : where["offset"] + where["length"]] for where in finding["where"]}
    assert there == {parts["HMAC-SHA-256 inner state"], parts["HMAC-SHA-256 outer state"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "macs.txt holds no pair of a message and its MAC; a line is a JWT with a MAC, or HASH"),
        (f"{jwt('text')}\nSHA-256 00 {'00' * 10}", "macs.txt: line 2: the MAC has 10 bytes: at least 16 are needed"),
        ("eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "macs.txt: line 1: the JWT's algorithm is none of HS256, HS384, HS512"),
        ("MD5 00 00", "macs.txt: line 1: its first word is no hash"),
    ],
)
def test_a_file_without_pairs_is_usage(cli: Run, folder: Path, text: str, told: str) -> None:
    (folder / "macs.txt").write_text(text)
    (folder / "x").write_text("x")
    ran = cli("scan", "x", "--mac", "macs.txt")
    assert (ran.code, ran.out) == (2, "")
    assert told in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_files_that_cannot_be_read_are_usage(cli: Run, folder: Path) -> None:
    (folder / "x").write_text("x")
    os.mkfifo(folder / "fifo")
    for name in ("missing", "fifo", "."):
        ran = cli("scan", "x", "--mac", name)
        assert (ran.code, "Traceback" in ran.err) == (2, False)
    (folder / "macs.txt").write_text(jwt("text"))
    assert cli("scan", "x", "--mac", "macs.txt").code == 0
    assert cli("scan", "x", "--mac", "macs.txt", "--no-keys", "--differs-from", "x").code == 2
