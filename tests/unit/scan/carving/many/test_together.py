"""Small streams are searched together, and the report is that of a search of each: nothing more, less or elsewhere."""

from __future__ import annotations

import base64
import gzip
import json
import random
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan import dump
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.looked import apart
from redactfuzz.scan.matcher_set import MatcherSet

sys.path.insert(0, str(Path(__file__).parents[5] / "ci" / "bench"))
from shared import scan_shapes, scan_work

KEY: Canary = mint(31, "key", token(32), 1)
EC = ec.generate_private_key(ec.SECP256R1())
PEM = EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
DER = EC.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
LONG = rsa.generate_private_key(65537, 2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)
JWK = json.dumps({"kty": "oct", "k": base64.urlsafe_b64encode(random.Random(5).randbytes(32)).rstrip(b"=").decode()})
MANY = 60


def cookie(number: int, **more: object) -> bytes:
    drawn = random.Random(number)
    return json.dumps({"_fresh": True, "_id": drawn.randbytes(16).hex(), "_user_id": str(number), **more}).encode()


def log(members: Sequence[bytes]) -> bytes:
    """Each member as a session cookie of Flask in a line of a log."""
    packed = (base64.urlsafe_b64encode(zlib.compress(one)).rstrip(b"=") for one in members)
    return b"".join(b"10.0.0.%d GET /cart session=.%s.Zx\n" % (n % 256, one) for n, one in enumerate(packed))


def scanned(folder: Path, data: bytes, *, together: bool = True, context: int = 0) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    (folder / "dump").write_bytes(data)
    limits = UnpackLimits(together=together)
    return scan_dump(
        folder / "dump", ScanRequest(matcher_set, KnownKeys(), limits=limits, canaries=(KEY,), context=context)
    )


def told(report: DumpReport) -> list[tuple[object, ...]]:
    """All that is said of what was found and of what was not read."""
    found = [(one.where, one.encoding, one.first, one.last) for each in report.exposures for one in each.fragments]
    keys = [(key.detector, key.what, key.identity, where) for key in report.keys for where in key.where]
    more = [(one.detector, one.what, one.count) for one in report.unlisted_keys]
    return sorted([*found, *keys, *more, *((gap.image, gap.reason, gap.offset) for gap in report.skipped)], key=repr)


def raw(number: int, *more: bytes) -> bytes:
    return b"\0\1\2\xff" + random.Random(-number).randbytes(40) + bytes(7).join(more) + bytes(9)


def among(others: Callable[[int], bytes], *some: bytes) -> list[bytes]:
    """Members, of which a few at once are others."""
    members = [others(number) for number in range(MANY)]
    members[20 : 20 + len(some)] = some
    return members


HELD: dict[str, tuple[int, list[bytes]]] = {
    "a canary in JSON": (1, among(cookie, cookie(1, token=KEY.text))),
    "a canary in a value in base64": (1, among(cookie, cookie(1, token=base64.b64encode(KEY.bytes).decode()))),
    "a canary in JSON in JSON": (1, among(cookie, cookie(1, m=json.dumps({"say": f'"{KEY.text}"'})))),
    "a canary in a text": (1, among(lambda n: b"user %d came by\nand left" % n, b"first line\ntoken: " + KEY.bytes)),
    "a canary among bytes": (1, among(raw, raw(1, KEY.bytes))),
    "a canary in slots": (1, among(raw, raw(1, b"".join(bytes((one, *bytes(7))) for one in KEY.bytes)))),
    "a canary in each": (MANY, [cookie(n, token=KEY.text) for n in range(MANY)]),
    "a PEM": (1, among(cookie, cookie(1, key=PEM.decode()))),
    "a PEM in base64": (1, among(cookie, cookie(1, key=base64.b64encode(PEM).decode()))),
    "DER": (1, among(raw, raw(1, DER))),
    "a JWK": (1, among(cookie, JWK.encode())),
    "one packed in base64 of base64": (
        1,
        among(cookie, cookie(1, m=base64.b64encode(base64.b64encode(gzip.compress(b"x" * 99 + KEY.bytes))).decode())),
    ),
    "one packed in base64": (1, among(cookie, cookie(1, m=base64.b64encode(gzip.compress(PEM)).decode()))),
    "a container in it": (1, among(cookie, gzip.compress(cookie(1, token=KEY.text)))),
}
"""How many of the members hold something, and the members."""


@pytest.mark.parametrize("name", HELD)
def test_what_is_found_in_one_keeps_its_name_and_place(tmp_path: Path, name: str) -> None:
    count, members = HELD[name]
    report = scanned(tmp_path, log(members))
    places = {one.where.image for each in report.exposures for one in each.fragments}
    places |= {where.image for key in report.keys for where in key.where}
    assert len(places) == count
    assert all("!zlib in base64 at 0x" in place and "more small streams" not in place for place in places)
    assert told(report) == told(scanned(tmp_path, log(members), together=False))


@pytest.mark.parametrize("others", [cookie, raw, lambda n: b"user %d came by\nand left" % n])
def test_the_clean_twin_is_clean_in_few_images(tmp_path: Path, others: Callable[[int], bytes]) -> None:
    report = scanned(tmp_path, log(among(others)))
    assert told(report) == []
    assert [one.name.partition(" and ")[2] for one in report.images[1:]] == [f"{MANY - 1} more small streams"]
    assert report.images[1].size == sum(map(len, among(others)))


HALF, LINES = len(KEY.bytes) // 2, LONG.splitlines(keepends=True)
NUMBERS = b"".join(b"%d, " % one for one in KEY.bytes)
TORN: dict[str, list[bytes]] = {
    "a canary": among(raw, b"\0" * 30 + KEY.bytes[:7], KEY.bytes[7:14] + b"\0" * 30),
    "a list of numbers": among(lambda n: b"user %d came by" % n, b"[" + NUMBERS[:30], NUMBERS[30:] + b"]"),
    "a PEM": among(lambda n: b"user %d came by" % n, b"".join(LINES[:14]), b"".join(LINES[14:])),
    "DER": among(raw, raw(1) + DER[:60], DER[60:]),
    "a JWK": among(cookie, JWK[:20].encode(), JWK[20:].encode()),
    "the beginning of a PEM, and a whole one": among(
        cookie, cookie(1, key=PEM.decode()[:90]), cookie(2, k=PEM.decode())
    ),
    "the beginning of an object, and a whole one": among(cookie, b'{"a": {"b": "c', JWK.encode()),
    "a quote that stays open, and a canary": among(cookie, b'{"a": "b', cookie(2, token=f"\\{KEY.text}")),
    "a backslash, and a canary": among(lambda n: b"user %d came by" % n, b"path C:\\", KEY.bytes),
}
"""What lies in two members, of which one ends and the next one begins with it."""


@pytest.mark.parametrize("name", TORN)
def test_nothing_is_found_across_two_that_is_in_neither(tmp_path: Path, name: str) -> None:
    alone = told(scanned(tmp_path, log(TORN[name]), together=False))
    assert told(scanned(tmp_path, log(TORN[name]))) == alone


@pytest.mark.parametrize("name", ["a canary", "a PEM", "DER"])
def test_not_even_where_nothing_lies_between_them(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redactfuzz.dumps.readers.together._behind", lambda _: b"")
    searched: list[int] = []
    monkeypatch.setattr(dump, "apart", lambda of: searched.append(len((found := apart(of))[1])) or found)
    report = scanned(tmp_path, log(TORN[name]))
    assert max(searched) == 2, "the two were found as one, and then searched alone"
    assert told(report) == told(scanned(tmp_path, log(TORN[name]), together=False))


def test_the_halves_would_be_found_in_one(tmp_path: Path) -> None:
    """Of a key in lines, and of bytes without anything between them."""
    for halves in (LINES[:14] + LINES[14:], [raw(1) + DER[:60] + DER[60:]]):
        assert scanned(tmp_path, log(among(raw, b"".join(halves)))).keys


def test_keys_beyond_those_that_are_listed_are_counted_as_in_each(tmp_path: Path) -> None:
    def jwk(number: int) -> dict[str, str]:
        return {"kty": "oct", "k": base64.urlsafe_b64encode(random.Random(number).randbytes(32)).rstrip(b"=").decode()}

    members = [json.dumps([jwk(3 * n), jwk(3 * n + 1), jwk(3 * n + 2)]).encode() for n in range(120)]
    report = scanned(tmp_path, log(members))
    assert [one.count for one in report.unlisted_keys] == [3 * 120 - 256]
    assert told(report) == told(scanned(tmp_path, log(members), together=False))


def test_a_damaged_one_is_told_under_its_name(tmp_path: Path) -> None:
    members = among(cookie, cookie(1)[:-9])
    report = scanned(tmp_path, log(members))
    assert [gap.image.partition("!")[2][:15] for gap in report.skipped] == ["zlib in base64 "]
    assert told(report) == told(scanned(tmp_path, log(members), together=False))


def test_the_context_shows_one_of_them_alone(tmp_path: Path) -> None:
    members = among(raw, b"\0\1" + KEY.bytes + b"\2\0\xff")
    together, alone = (scanned(tmp_path, log(members), together=one, context=16) for one in (True, False))
    assert together.exposures[0].fragments[0].where.context.endswith("** 02 00 ff")
    assert told(together) == told(alone)


def test_together_they_take_a_fraction_of_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input").write_bytes(scan_shapes.SHAPES["session cookies"](32 << 10))
    scan_work.counted(tmp_path / "input", scan_shapes.CANARY)  # what is made once for a process is no part of it
    together = scan_work.counted(tmp_path / "input", scan_shapes.CANARY).total
    monkeypatch.setattr("redactfuzz.dumps.readers.opening.TOGETHER", 1 << 30)
    assert 4 * together < scan_work.counted(tmp_path / "input", scan_shapes.CANARY).total
