"""Private keys of curves as the numbers that programs print. The keys are made, and multiplied, by `cryptography`."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from test_scalars import CURVES, known

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.public import written_scalars
from redactfuzz.scan.keys.public.written_scalars import WrittenScalars


def short(kind: str, dropped: int) -> tuple[int, KnownKeys]:
    """A key whose first bits are zero."""
    curve = CURVES[kind][0]
    bits = curve.key_size
    secret = random.Random(f"{kind} {dropped}").getrandbits(bits - dropped - 2) | 1 << (bits - dropped - 2)
    return secret, known(ec.derive_private_key(secret, curve).public_key())


def lines(text: str, width: int, between: str) -> str:
    return between.join(text[at : at + width] for at in range(0, len(text), width))


def base64_of(number: int) -> str:
    return base64.b64encode(number.to_bytes(-(-number.bit_length() // 8), "big")).decode()


PRINTED: dict[str, tuple[Callable[[int], str], str]] = {
    "hex()": (lambda number: f"priv={number:#x}\n", "hexadecimal"),
    "%X": (lambda number: f"<{number:X}>", "hexadecimal"),
    "zeros before": (lambda number: f"{number:0200x}", "hexadecimal"),
    "str()": (lambda number: f"d = {number}", "decimal"),
    "base64": (lambda number: f'"{base64_of(number)}"', "base64"),
    "lines": (lambda number: "d =\n    " + lines(f"{number:x}", 26, "\n    ") + "\n    q", "hexadecimal in lines"),
    "wrapped": (lambda number: "d = " + lines(f"{number:x}", 40, "\r\n") + ";", "hexadecimal in lines"),
    "whole lines": (lambda number: lines(f"{number:0136x}", 34, "\n") + "\nedge = e", "hexadecimal in lines"),
    "folded": (lambda number: lines("d = 0x" + f"{number:x}", 30, "\n"), "hexadecimal in lines"),
}


def find(text: str, keys: KnownKeys) -> list[KeyFinding]:
    return list(WrittenScalars().find(Image("memory", text.encode()), keys))


def all_printed(number: int) -> str:
    return "\n;\n".join(printed(number) for printed, _ in PRINTED.values())


@pytest.mark.parametrize("dropped", [0, 4, 17])
@pytest.mark.parametrize("kind", CURVES)
def test_a_scalar_is_found_in_text_without_its_zeros_and_its_neighbour_is_not(kind: str, dropped: int) -> None:
    secret, keys = short(kind, dropped)
    found = find(all_printed(secret), keys)
    notations = {notation for _, notation in PRINTED.values()}
    assert {one.what for one in found} == {f"private key of signer ({kind}), {notation}" for notation in notations}
    assert sum(len(one.where) for one in found) == len(PRINTED)
    assert {one.severity for one in found} == {Severity.TOTAL}
    assert f"{secret:x}"[:8] not in repr(found)
    assert not find("\n;\n".join(all_printed(near) for near in (secret + 1, secret ^ 1 << 200, secret // 16)), keys)


def test_the_place_is_where_the_number_stands() -> None:
    secret, keys = short("P-256", 4)
    (found,) = find(f"one\nd = {secret:x} end", keys)
    assert [(one.offset, one.length) for one in found.where] == [(8, len(f"{secret:x}"))]
    (found,) = find("d = " + lines(f"{secret:x}", 20, "\n") + " end", keys)
    assert [(one.offset, one.length) for one in found.where] == [(4, len(f"{secret:x}") + 3)]


def test_keys_that_are_bytes_are_found_in_both_orders() -> None:
    seed = random.Random(4).randbytes(32)
    for kind in (ed25519.Ed25519PrivateKey, x25519.X25519PrivateKey):
        keys = known(kind.from_private_bytes(seed).public_key())
        for order in ("big", "little"):
            number = int.from_bytes(seed, order)  # type: ignore[arg-type]
            found = find(all_printed(number), keys)
            assert len({one.what for one in found}) == len({notation for _, notation in PRINTED.values()})
            assert not find(all_printed(number ^ 1 << 100), keys)


def test_of_many_keys_and_numbers_those_that_fit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_scalars, "_AT_ONCE", 3)
    secrets = {kind: short(kind, 4) for kind in CURVES}
    every = KnownKeys()
    for _, keys in secrets.values():
        every += keys
    text = "".join(f"{random.Random(at).getrandbits(255):x}\n{at}\n" for at in range(20))
    assert not find(text, every)
    text += "\n".join(f"{kind}: {secret:x}\n\n" for kind, (secret, _) in secrets.items()) + text
    found = [one.what for one in find(text, every)]
    assert found == [f"private key of signer ({kind}), hexadecimal" for kind in CURVES]


def test_more_numbers_than_are_tried_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_scalars, "_MOST", 8)
    text = "".join(f"{random.Random(at).getrandbits(256):064x};" for at in range(20))
    findings = WrittenScalars().find(Image("memory", text.encode()), short("P-256", 0)[1])
    assert [gap.harmless for gap in findings.gaps] == [False]
    findings = WrittenScalars().find(Image("memory", text.encode()), short("P-521", 0)[1])
    assert not findings.gaps
    assert not WrittenScalars().find(Image("memory", text.encode()), KnownKeys()).gaps
