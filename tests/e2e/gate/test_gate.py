"""``redactfuzz gate``: what leaves, what stays, what is said, and with which status it ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import Ran, Run, surroundings
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from ready import COMMAND

from redactfuzz.model.canary import token
from redactfuzz.model.registry import Entry, Registry, registry_to_json

pytestmark = pytest.mark.once

PLACES = ("--from", "in", "--to", "out", "--quarantine", "kept", "--log", "log.jsonl", "--settle", "0")
KEY = "kept/.gate/receipt-key.pub.pem"
CLEAN = b"nothing of interest\n" * 50


@pytest.fixture
def place(folder: Path) -> Path:
    for name in ("in", "out", "kept"):
        (folder / name).mkdir()
    return folder


def private_key() -> bytes:
    key = generate_private_key(65537, 1024)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def events(place: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (place / "log.jsonl").read_text().splitlines()]


def test_clean_dumps_are_released_with_a_receipt_that_verifies(cli: Run, place: Path) -> None:
    (place / "in" / "core").write_bytes(CLEAN)
    ran = cli("gate", *PLACES)
    assert ran.code == 0, ran.both
    assert ran.out.startswith("RELEASED  core: CLEAN, 1,000 bytes")
    assert names(place / "out") == {"core", "core.receipt.json"}
    assert not names(place / "in")
    verified = cli("gate", "--verify", "out/core.receipt.json", "out/core", "--receipt-key", KEY)
    assert (verified.code, verified.out[:9]) == (0, "VERIFIED ")
    assert [event["event"] for event in events(place)] == [
        "started", "sealed", "judged", "staged", "announced", "published", "cleared", "ended"
    ]  # fmt: skip


def test_a_key_and_a_canary_stay_inside_and_no_byte_of_them_is_told(cli: Run, place: Path) -> None:
    registry = Registry(5, (Entry("token", token(32), 1),))
    (place / "canaries.json").write_text(registry_to_json(registry))
    secret, key = registry.mint()[0].text, private_key()
    (place / "in" / "canary").write_bytes(CLEAN + secret.encode())
    (place / "in" / "key").write_bytes(CLEAN + key)
    (place / "in" / f"core.{secret}").write_bytes(CLEAN)
    scalar = generate_ec_key(SECP256R1())
    in_hex = f"{scalar.private_numbers().private_value:064x}"
    pem = scalar.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (place / "public.pem").write_bytes(pem)
    (place / "in" / f"core-{in_hex}").write_bytes(CLEAN + b"of a name with a key")
    near = f"core-{hashlib.sha256(in_hex.encode()).hexdigest()}"  # a name of as many digits, which are none
    (place / "in" / near).write_bytes(CLEAN + b"of a name with a hash")
    ran = cli("gate", *PLACES, "--canaries", "canaries.json", "--no-marker", "--metrics", "metrics.prom", "--json",
              "--public-key", "public.pem")  # fmt: skip
    assert ran.code == 1
    assert names(place / "out") == {near, f"{near}.receipt.json"}
    kept = ("canary", "key", "dump", "dump.1")
    assert names(place / "kept") == {*kept, *(f"{name}.receipt.json" for name in kept)}
    told = ran.both + (place / "log.jsonl").read_text() + (place / "metrics.prom").read_text()
    told += "".join(path.read_text() for path in (place / "kept").glob("*.receipt.json"))
    assert secret not in told
    assert in_hex not in told
    assert key.splitlines()[1].decode() not in told
    assert 'dumps_total{outlet="quarantined",verdict="LEAK"} 4' in told
    quarantined = cli("gate", "--verify", "kept/key.receipt.json", "kept/key", "--receipt-key", KEY)
    assert (quarantined.code, quarantined.out[:12]) == (1, "NOT RELEASED")


def test_what_is_not_read_wholly_is_quarantined(cli: Run, place: Path) -> None:
    (place / "in" / "empty").write_bytes(b"")
    (place / "in" / "archive").write_bytes(b"PK\3\4" + bytes(100))
    for name in ("http.log.br", "br", "http.br.log"):  # a format that is known by the name of the dump alone
        (place / "in" / name).write_bytes(CLEAN + name.encode())
    ran = cli("gate", *PLACES)
    assert ran.code == 5
    kept, released = ("empty", "archive", "http.log.br"), ("br", "http.br.log")
    assert names(place / "kept") == {*kept, *(f"{name}.receipt.json" for name in kept)}
    assert names(place / "out") == {*released, *(f"{name}.receipt.json" for name in released)}
    assert "INCOMPLETE" in ran.out
    (why,) = json.loads((place / "kept" / "http.log.br.receipt.json").read_text())["not_read"]
    assert why.startswith("dump: it is a file of brotli by its name")


def with_a_scanner(place: Path, *lines: str, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """The command, once, after these lines of Python in its process."""
    words = [str(COMMAND), "gate", *PLACES, "--json", *more]
    code = [*lines, f"import sys; sys.argv = {words!r}", "from redactfuzz.cli.main import main; main()"]
    python = str(COMMAND.with_name("python"))
    return subprocess.run([python, "-c", "\n".join(code)], cwd=place, env=surroundings(), capture_output=True,
                          text=True, timeout=100, check=False)  # fmt: skip


def test_a_scanner_that_dies_releases_nothing(place: Path) -> None:
    """It is a process of its own: what ends that is no end of the gate."""
    (place / "in" / "core").write_bytes(CLEAN * 1000)
    done = with_a_scanner(
        place,
        "import os; from redactfuzz.cli.gate import judging; really = judging.scan_dump",
        "judging.scan_dump = lambda *what: os.kill(os.getpid(), 11) if what[2:] else really(*what)",
    )
    assert done.returncode == 5, done.stderr
    assert "was killed by SIGSEGV" in done.stdout
    assert names(place / "kept") == {"core", "core.receipt.json"}
    assert not names(place / "out")


def test_a_scanner_that_hangs_is_ended_and_releases_nothing(place: Path) -> None:
    (place / "in" / "core").write_bytes(CLEAN)
    done = with_a_scanner(
        place,
        "import time; from redactfuzz.cli.gate import judging; really = judging.scan_dump",
        "judging.scan_dump = lambda *what: time.sleep(1000) if what[2:] else really(*what)",
        more=("--max-seconds", "2"),
    )
    assert done.returncode == 5, done.stderr
    assert "did not end within" in done.stdout
    assert not names(place / "out")


def test_receipts_are_of_one_dump_and_one_key(cli: Run, place: Path) -> None:
    for name in ("one", "two"):
        (place / "in" / name).write_bytes(CLEAN + name.encode())
    assert cli("gate", *PLACES).code == 0
    one, said = place / "out" / "one.receipt.json", json.loads((place / "out" / "one.receipt.json").read_text())

    def refused(receipt: str, dump: str, key: str = KEY) -> str:
        ran = cli("gate", "--verify", receipt, dump, "--receipt-key", key)
        assert ran.code == 1, ran.both
        assert ran.out.startswith("NOT VERIFIED")
        return ran.out

    assert "of another dump" in refused("out/one.receipt.json", "out/two")
    for name, value in (("sha256", "0" * 64), ("verdict", "NOTED"), ("size", 3), ("not_read", ["x"]), ("scanner", "")):
        (place / "changed").write_text(json.dumps({**said, name: value}))
        assert "not signed by this key" in refused("changed", "out/one")
    for text in ("", "[]", "{}", "{" * 10_000, json.dumps({**said, "signature": "é"})):
        (place / "changed").write_text(text)
        refused("changed", "out/one")
    text, signature = one.read_text(), said["signature"]
    spelled = signature[:-3] + chr(ord(signature[-3]) + 1) + "=="  # of bits that no decoder looks at
    twice = text.replace('"outlet"', '"outlet": "quarantined",\n "outlet"')
    for changed in (twice, text.encode("utf-16"), text.replace(signature, spelled), text + " "):
        (place / "changed").write_bytes(changed if isinstance(changed, bytes) else changed.encode())
        assert "not as a gate wrote it" in refused("changed", "out/one")
    assert "has more than" in refused("out/one.receipt.json", "/dev/zero")
    (place / "again").mkdir()
    assert cli("gate", "--from", "in", "--to", "out", "--quarantine", "again", "--log", "log.jsonl").code == 0
    assert "not signed by this key" in refused("out/one.receipt.json", "out/one", "again/.gate/receipt-key.pub.pem")
    for key in ("kept/.gate/receipt-key.pem", "nowhere", "out/one"):
        assert cli("gate", "--verify", str(one), "out/one", "--receipt-key", key).code == 2
    assert cli("gate", "--verify", str(one), "out/one").code == 2


def test_what_watches_takes_what_comes_and_ends_by_a_signal(place: Path) -> None:
    gate = subprocess.Popen([COMMAND, "gate", *PLACES, "--watch", "--every", "0.05"], cwd=place, env=surroundings())
    try:
        for number in range(3):
            (place / "in" / f"core.{number}").write_bytes(CLEAN + b"%d" % number)
            deadline = time.monotonic() + 60
            while not (place / "out" / f"core.{number}").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
        second = subprocess.run([COMMAND, "gate", *PLACES], cwd=place, env=surroundings(), capture_output=True,
                                text=True, timeout=60, check=False)  # fmt: skip
        assert (second.returncode, "another gate has it" in second.stderr) == (2, True)
    finally:
        gate.send_signal(signal.SIGTERM)
        status = gate.wait(60)
    assert status == 143
    assert len(names(place / "out")) == 6


# -- cores through a pipe


def piped(place: Path, data: bytes, *words: str) -> Ran:
    done = subprocess.run([COMMAND, "gate", "--core-pipe", "--from", "in", "--log", "pipe.jsonl", *words], cwd=place,
                          input=data, env=surroundings(), capture_output=True, timeout=60, check=False)  # fmt: skip
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_core_that_comes_through_a_pipe_is_a_dump_like_others(cli: Run, place: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    assert piped(place, CLEAN, "--", "4711", "-x", "../a b\n").code == 0
    assert piped(place, b"", "--", key).code == 0
    next((place / "in").glob(f"*{key}*")).unlink()
    assert key not in (place / "pipe.jsonl").read_text()
    (name,) = names(place / "in")
    assert name.startswith("core-4711--x-.._a_b_-")
    assert cli("gate", *PLACES).code == 0
    assert (place / "out" / name).read_bytes() == CLEAN


def test_a_core_that_is_too_large_is_kept_as_far_as_it_came(place: Path) -> None:
    assert piped(place, CLEAN * 100, "--max-size", "10K", "--", "1").code == 5
    (name,) = names(place / "in")
    assert name.endswith(".cut")
    assert (place / "in" / name).stat().st_size == 10 << 10
    assert "--max-size" in (place / "pipe.jsonl").read_text()


def test_a_core_that_stops_coming_is_kept_as_far_as_it_came(place: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, CLEAN)
    done = subprocess.run([COMMAND, "gate", "--core-pipe", "--from", "in", "--patience", "0.3", "--log", "pipe.jsonl"],
                          cwd=place, stdin=reader, env=surroundings(), timeout=60, check=False)  # fmt: skip
    assert done.returncode == 5
    (name,) = names(place / "in")
    assert (place / "in" / name).read_bytes() == CLEAN
    assert "nothing came for" in (place / "pipe.jsonl").read_text()


def test_a_core_whose_receiver_is_killed_gets_a_name_by_the_next_gate(cli: Run, place: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, CLEAN)
    command = [COMMAND, "gate", "--core-pipe", "--from", "in"]
    receiver = subprocess.Popen(command, cwd=place, stdin=reader, env=surroundings())
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in (place / "in").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert cli("gate", *PLACES).code == 0  # it still comes, and is nobody's
    assert not names(place / "out")
    receiver.kill()
    receiver.wait()
    ran = cli("gate", *PLACES)
    assert ran.code == 0
    assert "ADOPTED" in ran.out
    (name,) = {name for name in names(place / "out") if not name.endswith(".json")}
    assert (place / "out" / name).read_bytes() == CLEAN
