"""The way out of production: through the gate nothing with a hit comes to the other side, without it the key does."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import consumer_signer
import export_job
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
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
    """The names of all that is there then."""
    with receiving(sides.debugging, debugging, key) as port:
        words = [*PYTHON, export_job.__file__, "send", str(outbox), sides.debugging.address, str(port)]
        command = sides.production.command(*words)
        done = subprocess.run(command, timeout=300, capture_output=True, text=True, check=False)
    there = sorted(each.name for each in debugging.iterdir())
    assert sorted(done.stdout.split()) == [each for each in there if not each.endswith(export_job.RECEIPT)]
    assert done.returncode == (1 if done.stderr else 0)
    return there


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
    assert (places["quarantine"] / "signer.core").exists()
    assert scan(places["debugging"], dumps / "public.pem") == 0


def test_who_is_on_the_debugging_side_reaches_no_service_of_production(sides: TwoNetworks) -> None:
    """One that listens on all addresses, and that production reaches at that one; the way back is open."""
    if sides.why_not:
        pytest.skip(f"networks of their own are NOT CHECKED here: {sides.why_not}")
    listen = "import socket; s = socket.create_server(('', 0)); print(s.getsockname()[1], flush=True)"
    directions = ((sides.production, sides.debugging, False), (sides.debugging, sides.production, True))
    for listening, other, reached in directions:
        words = listening.command(*PYTHON, "-c", f"{listen}; import time; time.sleep(300)")
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as service:
            assert service.stdout is not None
            port = int(service.stdout.readline())
            assert reaches(listening, listening.address, port, PYTHON)
            assert reaches(other, listening.address, port, PYTHON) == reached
            service.kill()


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """One that takes in what has a receipt, of a key that nobody has; its port and folder."""
    folder = tmp_path_factory.mktemp("debugging")
    key = folder.with_name("receipt-key.pub.pem")
    public = Ed25519PrivateKey.generate().public_key()
    key.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with receiving(Network("", "127.0.0.1"), folder, key) as port:
        yield port, folder


def put(port: int, path: str, length: str, body: bytes, *headers: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 60)
    lines = [f"PUT /{path} HTTP/1.0", f"Content-Length: {length}", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode() + body)
    return connection


def refused(connection: socket.socket) -> bool:
    """By an answer; where it did not read all of what came, that may be lost with the connection."""
    try:
        return connection.recv(12)[9:12] in (b"", b"400", b"403")
    except ConnectionError:
        return True


CORE = b"memory with a key in it" * 1_000
WHOLE = str(len(CORE))
ODD = {
    "no receipt": ("a.core", WHOLE), "a core in front of a core": ("a.core", WHOLE, "Receipt-Length: 9000"),
    "a core as a receipt alone": ("a.core", WHOLE, f"Receipt-Length: {WHOLE}"),
    "NUL": ("a%00b", WHOLE), "of 250 bytes": ("n" * 250, WHOLE), "of 244 bytes": ("n" * 244, WHOLE),
    "..": ("..", WHOLE), "a folder": ("a%2Fb", WHOLE), "none": ("", WHOLE), "hidden": (".a", WHOLE),
    "no text": ("%ff", WHOLE),
    "a receipt by its name": (f"a.core{export_job.RECEIPT}", WHOLE), "no number": ("a.core", "abc"),
    "below nothing": ("a.core", "-1"), "too many": ("a.core", "9" * 30), "more receipt than there is":
    ("a.core", "9", "Receipt-Length: 10"), "receipt below nothing": ("a.core", WHOLE, "Receipt-Length: -1"),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_of_what_has_no_receipt_nothing_is_on_the_other_side_whatever_it_is_called(
    receiver: tuple[int, Path], odd: tuple[str, ...]
) -> None:
    port, folder = receiver
    path, length, *headers = odd
    with put(port, path, length, CORE, *headers) as connection:
        assert refused(connection)
    assert not list(folder.iterdir())


def test_a_sender_that_breaks_off_or_stalls_leaves_nothing_and_keeps_nobody_waiting(receiver: tuple[int, Path]) -> None:
    port, folder = receiver
    stalling = put(port, "stalls.core", str(len(CORE) + 9), CORE)
    ends: list[Callable[[socket.socket], None]] = [
        lambda it: it.shutdown(socket.SHUT_WR),
        lambda it: it.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    ]
    for end in ends:
        with put(port, "broken.core", str(len(CORE) + 9), CORE) as connection:
            end(connection)
    with put(port, "a.core", WHOLE, CORE) as connection:
        assert refused(connection)  # while the other one still stalls
    assert not list(folder.iterdir())
    stalling.close()


def test_a_second_dump_of_a_name_replaces_none_and_is_said_to_stay_where_it_is(tmp_path: Path) -> None:
    here, outbox = tmp_path / "debugging", tmp_path / "outbox"
    for each in (here, outbox):
        each.mkdir()
    with receiving(Network("", "127.0.0.1"), here, None) as port:
        for data, taken in ((b"first", True), (b"first", True), (b"second", False)):
            (outbox / "core").write_bytes(data)
            assert export_job.send(outbox, "127.0.0.1", port) == ((["core"], []) if taken else ([], ["core"]))
    assert export_job.send(outbox, "127.0.0.1", port) == ([], ["core"])  # and where nobody listens
    assert [each.read_bytes() for each in here.iterdir()] == [b"first"]
