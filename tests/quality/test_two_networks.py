"""The way out of production: through the gate nothing with a hit comes to the other side, without it the key does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import consumer_signer
import export_job
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from two_networks import Network, TwoNetworks, reaches, two_networks

pytestmark = pytest.mark.once

PYTHON = (sys.executable,)


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a production network has: a core with a key in it, a report without, and the public key."""
    folder = tmp_path_factory.mktemp("dumps")
    key = generate_private_key(65537, 2048)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    (folder / "incoming").mkdir()
    core = folder / "incoming" / "signer.core"
    subprocess.run([*PYTHON, consumer_signer.__file__, core], input=secret, check=True, timeout=120)
    (folder / "incoming" / "report.txt").write_text("the signer crashed in sign(), 3 threads\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def sides() -> Iterator[TwoNetworks]:
    with two_networks() as made:
        yield made


@contextmanager
def receiving(side: Network, folder: Path, key: Path | None) -> Iterator[int]:
    words = [*PYTHON, export_job.__file__, "receive", side.address, "0", str(folder), *([str(key)] if key else [])]
    process = subprocess.Popen(side.command(*words), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def exported(sides: TwoNetworks, outbox: Path, debugging: Path, key: Path | None) -> list[str]:
    """The names of what is there for people to read, receipts too: of what lies aside nobody is told."""
    with receiving(sides.debugging, debugging, key) as port:
        words = [*PYTHON, export_job.__file__, "send", str(outbox), sides.debugging.address, str(port)]
        subprocess.run(sides.production.command(*words), check=True, timeout=300)
    return sorted(each.name for each in debugging.iterdir() if not each.name.startswith("."))


def scan(folder: Path, public: Path) -> int:
    words = ["-m", "redactfuzz", "scan", str(folder), "--public-key", str(public)]
    return subprocess.run([*PYTHON, *words], capture_output=True, timeout=300, check=False).returncode


def test_without_a_gate_the_key_is_on_the_debugging_side(dumps: Path, sides: TwoNetworks, tmp_path: Path) -> None:
    assert exported(sides, dumps / "incoming", tmp_path, None) == ["report.txt", "signer.core"]
    assert scan(tmp_path, dumps / "public.pem") == 1


def test_through_the_gate_nothing_with_a_hit_is_there_and_nothing_without_a_receipt(
    dumps: Path, sides: TwoNetworks, tmp_path: Path
) -> None:
    places = {name: tmp_path / name for name in ("incoming", "outbox", "quarantine", "debugging")}
    shutil.copytree(dumps / "incoming", places["incoming"])
    for name in ("outbox", "quarantine", "debugging"):
        places[name].mkdir()
    words = ["--from", places["incoming"], "--to", places["outbox"], "--quarantine", places["quarantine"]]
    more = ["--log", tmp_path / "log", "--public-key", dumps / "public.pem", "--settle", "0", "--once"]
    gate = subprocess.run([*PYTHON, "-m", "redactfuzz", "gate", *map(str, [*words, *more])], timeout=300, check=False)
    assert gate.returncode == 1  # something was found
    key = places["quarantine"] / ".gate" / "receipt-key.pub.pem"
    for smuggled in ("smuggled.core", "other.core", f"other.core{export_job.RECEIPT}"):
        shutil.copy(dumps / "incoming" / "signer.core", places["outbox"] / smuggled)
    arrived = ["report.txt", f"report.txt{export_job.RECEIPT}"]
    assert exported(sides, places["outbox"], places["debugging"], key) == arrived
    assert not any(each.name.startswith(".") for each in places["debugging"].iterdir())
    assert (places["quarantine"] / "signer.core").exists()
    assert scan(places["debugging"], dumps / "public.pem") == 0


def test_who_is_on_the_debugging_side_reaches_no_service_of_production(
    dumps: Path, sides: TwoNetworks, tmp_path: Path
) -> None:
    if sides.why_not:
        pytest.skip(f"networks of their own are NOT CHECKED here: {sides.why_not}")
    own = Network(sides.production.namespace, "127.0.0.1")
    with receiving(own, tmp_path, None) as port:
        assert reaches(sides.production, "127.0.0.1", port, PYTHON)
        assert not reaches(sides.debugging, "127.0.0.1", port, PYTHON)
        assert not reaches(sides.debugging, sides.production.address, port, PYTHON)
