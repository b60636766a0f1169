"""One of the programs of ``ci/cores/scan_libraries.py``: a live key in a core of the kernel, by its public key."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import key_numbers
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from live_process import Live, live
from scanned_core import named, scan

pytestmark = pytest.mark.once

PROGRAM = Path(key_numbers.__file__).parent / "programs" / "with_cryptography.py"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[list[Live]]:
    """Two that hold an Ed25519 key each."""
    command = (sys.executable, str(PROGRAM))
    with (
        live(command, "ed25519", tmp_path / "first", tmp_path / "home-first") as first,
        live(command, "ed25519", tmp_path / "second", tmp_path / "home-second") as second,
    ):
        yield [first, second]


def test_a_live_key_is_found_by_its_public_key_and_not_in_the_process_of_another(
    processes: list[Live], tmp_path: Path
) -> None:
    half = key_numbers.public_key(key_numbers.read(tmp_path / "first"))
    assert half is not None
    public = tmp_path / "first.pem"
    public.write_bytes(key_numbers.written(half, Encoding.PEM))
    found, others = (scan(process.aborted(), public) for process in processes)
    assert [finding["detector"] for finding in named(found, "first.pem")] == ["ec-scalar"]
    assert found.verdict == "LEAK"
    assert named(others, "first.pem") == []


def test_what_the_process_says_of_itself_is_its_key(processes: list[Live], tmp_path: Path) -> None:
    """So that what the page looks up in a core is the private half of what the search was given."""
    processes[0].order("tell", tmp_path / "private")
    own = Ed25519PrivateKey.from_private_bytes(key_numbers.read(tmp_path / "private")["seed"]).public_key()
    assert own == key_numbers.public_key(key_numbers.read(tmp_path / "first"))
