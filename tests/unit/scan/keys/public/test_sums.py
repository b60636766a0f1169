"""Windows that overlap are looked at by running sums of points, and found where each for itself is."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from test_scalars import CURVES, LAYOUTS, elliptic, known, noise

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.public import curves, scalars, sums
from redactfuzz.scan.keys.public.scalars import Scalars

FILLED = ("P-256", "P-384", "secp256k1")
"""Curves of which nearly each number of so many bytes is a scalar."""
IN_BYTES = ("little-endian limbs", "big-endian bytes", "32-bit words, highest first")


@pytest.fixture(autouse=True)
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here sums are used for a single window, too."""
    monkeypatch.setattr(scalars, "_FEW", 0)


def places(data: bytes, keys: KnownKeys) -> list[int]:
    return [where.offset for found in Scalars().find(Image("memory", data), keys) for where in found.where]


def keys_of(kind: str) -> Iterator[tuple[bytes, KnownKeys]]:
    """The bytes of private keys, in the forms in which sums look for them, and their public ones."""
    if kind in FILLED:
        secret, keys = elliptic(kind)
        for layout in IN_BYTES:
            yield LAYOUTS[layout](secret, CURVES[kind][1]), keys
    else:
        draw = random.Random(kind)
        for top in range(0, 256, 60):  # clamping sets a bit, clears one, both, or none
            secret_bytes = draw.randbytes(31) + bytes([top])
            yield secret_bytes, known(x25519.X25519PrivateKey.from_private_bytes(secret_bytes).public_key())


@pytest.mark.parametrize("kind", [*FILLED, "X25519"])
def test_a_scalar_is_found_wherever_it_lies_in_a_long_stretch(kind: str) -> None:
    around, every = noise(900), list(keys_of(kind))
    assert len(every) >= len(IN_BYTES)
    for secret, keys in every:
        for before in (0, 1, 31, 190, 223, 224, 225, 226, 256, 448, 707):
            data = around[:before] + secret + around[before:]
            assert places(data, keys) == [before]
            for wrong in (0, len(secret) - 1):
                spoiled = bytearray(secret)
                spoiled[wrong] ^= 8
                assert places(around[:before] + spoiled + around[before:], keys) == []


@pytest.mark.parametrize("size", [0, 1, 15, 31, 32, 33, 47])
def test_an_image_that_is_hardly_larger_than_a_key_is_searched(size: int) -> None:
    secret, keys = elliptic("P-256")
    data = (secret.to_bytes(32, "big") + noise(40, 5))[:size]
    assert places(data, keys) == ([0] if size >= 32 else [])
    assert places(data[::-1], keys) == ([size - 32] if size >= 32 else [])


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_a_scalar_that_begins_or_ends_with_zeros_is_found(zeros: int) -> None:
    """Of nothing but zeros the sum is no point of the plane."""
    secret = noise(32 - zeros)
    for data in (bytes(zeros) + secret, secret + bytes(zeros)):
        private = ec.derive_private_key(int.from_bytes(data, "little"), ec.SECP256R1())
        assert places(data, known(private.public_key())) == [0]
        assert places(bytes(64) + data + bytes(64), known(private.public_key())) == [64]


@pytest.mark.parametrize("kind", ["P-256", "X25519", "Ed25519"])
def test_it_finds_what_is_found_window_by_window(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many keys, many times, in stretches of all lengths."""
    draw, secrets, every = random.Random(kind), [], KnownKeys()
    for number in range(5):
        if kind == "P-256":
            secret, keys = elliptic(kind, number)
            written = secret.to_bytes(32, draw.choice(("little", "big")))
        else:
            written = draw.randbytes(32)
            private = x25519.X25519PrivateKey if kind == "X25519" else ed25519.Ed25519PrivateKey
            keys = known(private.from_private_bytes(written).public_key())
        secrets.append(written)
        every += keys
    data = b"".join(
        draw.choice([*secrets, draw.randbytes(draw.randrange(300)), bytes(draw.randrange(80))]) for _ in range(400)
    )
    together = places(data, every)
    assert len(together) > 10
    monkeypatch.setattr(scalars, "suits", lambda *_: False)
    assert places(data, every) == together


def test_of_more_public_points_than_are_followed_at_a_time_each_is_found() -> None:
    every, secrets = KnownKeys(), [elliptic("P-256", seed) for seed in range(300)]
    for _, keys in secrets:
        every += keys
    data = b"".join(secret.to_bytes(32, "little") for secret, _ in secrets[::7])
    found = list(Scalars().find(Image("memory", data), every))
    assert [one.identity for one in found] == [keys.points[0].identity for _, keys in secrets[::7]]


@pytest.mark.parametrize("name", curves.CURVES)
def test_of_half_of_all_numbers_there_is_a_point(name: str) -> None:
    curve, draw = curves.CURVES[name], random.Random(name)
    assert curve.y_of(curve.x) in {curve.y, curve.p - curve.y}
    drawn = [draw.randrange(curve.p) for _ in range(200)]
    points = [(x, y) for x in drawn if (y := curve.y_of(x)) is not None]
    constant = (curve.y**2 - curve.x**3 - curve.a * curve.x) % curve.p
    assert all((y * y - x**3 - curve.a * x - constant) % curve.p == 0 for x, y in points)
    assert 60 < len(points) < 140


def test_a_number_that_is_the_x_of_no_point_is_looked_for_in_vain() -> None:
    curve = curves.CURVES["P-256"]
    x = next(x for x in range(1 << 200, 1 << 201) if curve.y_of(x) is None)
    point = curves.Point("P-256", x, x.to_bytes(32, "big"))
    assert places(noise(500), KnownKeys((), (point,))) == []
    secret, keys = elliptic("P-256")
    assert places(secret.to_bytes(32, "big"), KnownKeys((), (point, *keys.points))) == [0]


P_25519 = 2**255 - 19
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
"""The base point of Ed25519 (RFC 8032 section 5.1)."""


def written(point: tuple[int, int]) -> curves.Point:
    """As a public key of Ed25519."""
    public = (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")
    found = curves.point_of("Ed25519", public, "signer")
    assert found is not None
    return found


def curve_sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Of points of Ed25519 (RFC 8032 section 5.1.4)."""
    p, (x, y), (u, v) = P_25519, one, other
    product = -121665 * pow(121666, -1, p) * x * u * y * v % p
    return (x * v + u * y) * pow(1 + product, -1, p) % p, (y * v + x * u) * pow(1 - product, -1, p) % p


@pytest.mark.parametrize("order", [2, 4])
def test_the_key_of_a_point_that_differs_by_one_of_small_order_is_no_key_of_it(order: int) -> None:
    """256 times the two are one and the same point."""
    secret = bytearray(noise(32, 8))
    secret[0], secret[31] = secret[0] & 248, secret[31] & 127 | 64
    small = (0, P_25519 - 1) if order == 2 else (pow(2, (P_25519 - 1) // 4, P_25519), 0)
    assert curve_sum(small, small) == ((0, 1) if order == 2 else (0, P_25519 - 1))
    multiple, power = (0, 1), BASE
    for bit in range(256):
        if int.from_bytes(secret, "little") >> bit & 1:
            multiple = curve_sum(multiple, power)
        power = curve_sum(power, power)
    for start in (0, 300):
        data = noise(start) + secret + noise(100, 4)
        assert places(data, KnownKeys((), (written(multiple),))) == [start]
        assert places(data, KnownKeys((), (written(curve_sum(multiple, small)),))) == []


def test_few_windows_are_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The multiples of a public key cost more: of an archive of small files each may hold other ones."""
    monkeypatch.undo()
    secret, keys = elliptic("P-256")
    with monkeypatch.context() as patched:
        patched.setattr(scalars, "in_sums", lambda *_: pytest.fail("sums for a few windows"))
        assert places(noise(300) + secret.to_bytes(32, "big"), keys) == [300]
    used, real = list[bool](), scalars.in_sums
    monkeypatch.setattr(scalars, "in_sums", lambda *what: used.append(True) or real(*what))
    assert places(noise(3000) + secret.to_bytes(32, "big"), keys) == [3000]
    assert used


def test_it_is_used_where_nearly_all_windows_are_scalars_and_overlap() -> None:
    form = {shape.name: shape.form for shape in scalars.SHAPES["P-256"]}
    plain, little = scalars.SHAPES["P-256"][0].mode, form["little-endian limbs"]
    suited = {name for name, curve in curves.CURVES.items() if sums.suits(curve, plain, little)}
    assert suited == {*FILLED, "Curve25519"}
    assert not sums.suits(curves.CURVES["P-256"], plain, form["60-bit digits"])
    assert not sums.suits(curves.CURVES["Curve25519"], scalars.SHAPES["Ed25519"][0].mode, little)
