"""COSE_Key of curves: proved by the public key, or by the map where that is not in it."""

from __future__ import annotations

import pytest
from program_writers import CURVES, RAW, cose

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys, private_key
from redactfuzz.scan.keys.private_key import CHECKED, STRUCTURE, UNREAD
from redactfuzz.scan.keys.written.cose import CoseKeys

ALL = (*CURVES, *RAW)


def find(data: bytes) -> list[KeyFinding]:
    return list(CoseKeys().find(Image("memory", b"pad" + data + bytes(9)), KnownKeys()))


@pytest.mark.parametrize("curve", ALL)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_private_number_is_found_beside_its_public_one(curve: str, backwards: bool) -> None:
    (found,) = find(cose(curve, backwards=backwards))
    assert (found.severity, found.reason) == (Severity.TOTAL, CHECKED)
    assert found.what == f"{curve if curve in RAW else 'EC'} private key (COSE)"


@pytest.mark.parametrize("curve", ALL)
def test_a_private_number_beside_another_public_one_is_none(curve: str) -> None:
    assert not find(cose(curve, wrong=1))


@pytest.mark.parametrize("curve", ALL)
def test_a_map_without_a_public_number_is_told_by_its_structure(curve: str) -> None:
    (found,) = find(cose(curve, public=False))
    assert (found.severity, found.reason) == (Severity.TOTAL, UNREAD)
    data = bytearray(cose(curve, public=False))
    data[2] ^= 3  # the other type of keys
    assert not find(bytes(data))
    data[2], data[4] = data[2] ^ 3, 2 if data[4] != 2 else 1  # a curve of another size
    assert not find(bytes(data))


@pytest.mark.parametrize("curve", ALL)
def test_without_the_library_the_map_alone_tells(curve: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_key, "library", lambda: None)
    (found,) = find(cose(curve))
    assert found.reason == STRUCTURE
    assert not find(b"text" + cose(curve)[5:])


def test_a_public_key_is_none() -> None:
    for curve in ALL:
        data = cose(curve)
        assert not find(data[: data.index(b"\x23\x58")])
