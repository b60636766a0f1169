"""One image: the raw bytes whole, what the format puts together, and the place of everything that was found."""

from __future__ import annotations

import base64
import gzip
import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import images
from redactfuzz.dumps.readers.parallel import beside
from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.derived import derived
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.survey import LISTED, Survey, survey

KEY: Canary = mint(11, "key", KINDS["token"](), 1)
NOISE = random.Random(6)


@pytest.fixture(scope="module")
def matcher_set() -> MatcherSet:
    made = MatcherSet()
    made.plant([KEY], [])
    return made


def surveyed(data: bytes, matcher_set: MatcherSet) -> Survey:
    return survey(Image("x", data), matcher_set)


def places(data: bytes, matcher_set: MatcherSet) -> list[tuple[str, str]]:
    return [(one.where.span, one.sighting.encoding) for one in surveyed(data, matcher_set).found]


def test_the_clean_twin_holds_nothing(matcher_set: MatcherSet) -> None:
    for data in (b"", NOISE.randbytes(1 << 16), b'{"a": 1}', b"text\n" * 1000, b"MDMP" + NOISE.randbytes(5000)):
        seen = surveyed(data, matcher_set)
        assert (seen.found, seen.read) == ((), len(data))


def test_a_line_of_text_is_told_by_number(matcher_set: MatcherSet) -> None:
    assert places(b"one\ntwo\nkey=" + KEY.bytes + b"\nfour\n", matcher_set) == [("line 3", "utf-8")]


def test_a_value_in_json_lines_is_told_by_line_and_path(matcher_set: MatcherSet) -> None:
    data = b'{"a": 1}\n{"b": {"c": [0, "' + KEY.bytes + b'"]}}\n'
    assert places(data, matcher_set) == [("line 2 $.b.c[1]", "utf-8")]


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(KEY.text.encode("utf-16-le")).decode(),
        base64.b64encode(KEY.text.encode().hex().encode()).decode(),
        base64.b64encode(json.dumps({"inner": KEY.text}).encode()).decode(),
        json.dumps({"inner": {"x": base64.b64encode(KEY.bytes).decode()}}),
        json.dumps(json.dumps(json.dumps(KEY.text))),
    ],
    ids=["utf-16", "hex", "JSON", "base64 in JSON", "JSON in JSON in JSON"],
)
def test_what_a_json_value_encodes_is_found_with_its_path(value: str, matcher_set: MatcherSet) -> None:
    for data in (json.dumps({"e": [{"v": value}]}), json.dumps({"z": 1}) + "\n" + json.dumps({"e": [{"v": value}]})):
        found = surveyed(data.encode(), matcher_set).found
        assert found
        assert any("$.e[0].v" in one.where.span for one in found)
        assert max(one.sighting.bits for one in found) > 180


def test_base64_of_hex_of_the_secret_is_told_as_what_it_is(matcher_set: MatcherSet) -> None:
    text = base64.b64encode(b"\0\1" + KEY.text.encode().hex().encode()).decode()
    found = surveyed(json.dumps({"v": text}).encode(), matcher_set).found
    assert ("base64 value $.v", "hex") in [
        (one.where.span.removeprefix("line 1 "), one.sighting.encoding) for one in found
    ]
    assert all(one.decoded for one in found if one.sighting.encoding == "hex")


def test_a_large_text_is_told_by_line_as_well(tmp_path: Path, matcher_set: MatcherSet) -> None:
    path = tmp_path / "log"
    line = b"x" * 99 + b"\n"
    with path.open("wb") as file:
        file.write(line * 100_000 + b"key=" + KEY.bytes + b"\n" + line * 50_000)
    image = next(iter(opened := images(path)))
    assert isinstance(image, Image)
    (one,) = survey(image, matcher_set).found
    assert one.where.span == "line 100001"
    opened.close()  # type: ignore[attr-defined]


def test_many_places_in_one_document_do_not_parse_it_each_time(matcher_set: MatcherSet) -> None:
    """A thousand events, of which those that are listed are told by line and path, and the others counted."""
    data = b"".join(b'{"k": "' + KEY.bytes + b'"}\n' for _ in range(1000))
    spans = [span for span, _ in places(data, matcher_set)]
    assert len(spans) == 1000
    assert spans[0] == "line 1 $.k"
    assert spans[LISTED - 1] == f"line {LISTED} $.k"
    assert spans[LISTED:] == [""] * (1000 - LISTED)


def test_a_secret_across_the_ranges_of_one_image_is_found(tmp_path: Path, matcher_set: MatcherSet) -> None:
    path, border = tmp_path / "raw", 16 << 20
    with path.open("wb") as file:
        file.truncate(3 * border)
        for at in (border - 16, 2 * border - 5):
            file.seek(at)
            file.write(KEY.bytes)
    read: list[int] = []
    seen = images(path)
    image = next(seen)
    assert isinstance(image, Image)
    result = survey(image, matcher_set, read.append)
    assert [one.where.offset for one in result.found] == [border - 16, 2 * border - 5]
    assert all(one.sighting.whole for one in result.found)
    assert sum(read) == result.read == 3 * border


def test_several_threads_find_what_one_does(
    tmp_path: Path, matcher_set: MatcherSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "raw"
    data = bytearray(NOISE.randbytes(1 << 20))
    for at in range(1000, 1 << 20, 65_537):
        data[at : at + 32] = KEY.bytes
    path.write_bytes(b"\0" + data)
    seen = images(path)
    image = next(seen)
    assert isinstance(image, Image)
    alone = [one.where.offset for one in survey(image, matcher_set).found]
    monkeypatch.setattr("redactfuzz.scan.survey.LARGE", 1)
    monkeypatch.setattr("redactfuzz.scan.survey._RANGE", 50_000)
    assert [one.where.offset for one in survey(image, matcher_set).found] == alone
    assert len(alone) == 16


def test_keys_that_are_looked_for_beside_canaries_are_those_that_are_looked_for_after_them(
    tmp_path: Path, matcher_set: MatcherSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "raw").write_bytes(b"\0" + KEY.bytes + NOISE.randbytes(1000) + pem + bytes(9) + KEY.bytes)
    told = []
    for most in (1 << 30, 1):
        monkeypatch.setattr("redactfuzz.scan.looked.LARGE", most)
        report = scan_dump(tmp_path / "raw", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))
        assert [key.detector for key in report.keys] == ["pem"]
        assert len(report.exposures[0].fragments) == 2
        told.append(attrs.evolve(report, seconds=0.0))
    assert told[0] == told[1]


def test_blocks_of_text_that_several_threads_read_give_what_one_does(
    tmp_path: Path, matcher_set: MatcherSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Canaries and keys that base64 spells, what is packed in it, and gaps; in order, whichever thread is the first."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(40)]
    parts = []
    for key in keys:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        inner = gzip.compress(b"%d " % len(parts) + KEY.bytes)
        nested = KEY.bytes
        for _ in range(6):
            nested = base64.b64encode(nested)
        parts += [NOISE.randbytes(20_000), b"\n".join(map(base64.b64encode, (pem, KEY.bytes, inner))), b"\n", nested]
    (tmp_path / "raw").write_bytes(b"\0" + b"".join(parts))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(4)))
    monkeypatch.setattr("redactfuzz.scan.texts._BLOCK", 1 << 15)
    told = []
    for most in (1 << 30, 1):
        for module in ("survey", "looked"):
            monkeypatch.setattr(f"redactfuzz.scan.{module}.LARGE", most)
        report = scan_dump(tmp_path / "raw", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))
        assert len(report.keys) == len(keys)
        assert len(report.exposures[0].fragments) >= len(keys)
        assert any(f"{len(keys) - 1} more small streams" in one.name for one in report.images)
        told.append(attrs.evolve(report, seconds=0.0))
    assert told[0] == told[1]


@pytest.mark.parametrize("parallel", [True, False])
def test_work_beside_gives_all_of_it_in_order_and_its_fault_where_it_is_asked_for(parallel: bool) -> None:
    with beside(iter(range(5)), parallel=parallel) as done:
        assert list(done()) == [0, 1, 2, 3, 4]
    with beside((1 // (2 - each) for each in range(5)), parallel=parallel) as done, pytest.raises(ZeroDivisionError):
        done()


def test_who_leaves_by_an_exception_waits_for_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    begun, go_on, steps = threading.Event(), threading.Event(), []

    def work() -> Iterator[int]:
        for each in range(1000):
            steps.append(each)
            begun.set()
            go_on.wait(60)
            yield each

    with pytest.raises(KeyboardInterrupt), beside(work()):  # noqa: PT012
        begun.wait(60)
        threading.Timer(0.2, go_on.set).start()
        raise KeyboardInterrupt
    assert steps == [0]


def test_a_name_that_holds_the_secret_is_not_shown(matcher_set: MatcherSet) -> None:
    seen = survey(Image(f"dir/{KEY.text}.log", b"key=" + KEY.bytes), matcher_set)
    assert seen.found[0].where.image == "(a name that holds a secret)"
    data = json.dumps({KEY.text: KEY.text}).encode()
    assert KEY.text not in repr(surveyed(data, matcher_set))


@pytest.mark.parametrize("named", [True, False], ids=["a scan", "a campaign"])
@pytest.mark.parametrize("head", [b"name: value\n" * 500, b'{"a": "' + b"x" * 5000 + b'"}\n'], ids=["text", "JSON"])
def test_what_follows_from_a_canary_is_found_behind_a_head_of_text(head: bytes, named: bool) -> None:
    raw = KINDS["raw"](n=32)
    mine, other = mint(11, "mine", raw, 1), mint(11, "other", raw, 1)
    matcher_set = MatcherSet(thorough=named)
    matcher_set.plant([mine], [])
    for canary, names in ((mine, {"mine"}), (other, set())):
        states = [data for label, data, _ in derived(canary.bytes) if label == "HMAC-SHA-256 inner state"]
        image = Image("x", head + bytes(37) + states[0] + bytes(40))
        assert {one.sighting.canary.name for one in survey(image, matcher_set, named=named).found} == names


def test_a_campaign_plants_nothing_that_follows_from_canaries_for_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MatcherSet()
    made.plant([KEY], [])
    monkeypatch.setattr(MatcherSet, "prepare", lambda _: pytest.fail("it takes longer than the search of a log"))
    assert not survey(Image("x", b"nothing\n" * 1000), made, named=False).found


@given(st.sampled_from([b"MDMP", b"\x7fELF\x02\x01\x01", b"{", b"[", b"", b"\x1f\x8b"]), st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_whatever_the_bytes_the_secret_in_them_is_found(head: bytes, data: bytes) -> None:
    matcher_set = MatcherSet()
    matcher_set.plant([KEY], [])
    assert surveyed(head + data + b"\n" + KEY.bytes, matcher_set).found
    assert not surveyed(head + data, matcher_set).found
