"""Small dumps that are searched together first: each is told of as a search of it alone tells."""

from __future__ import annotations

import base64
import gzip
import io
import os
import random
import tarfile
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan import many
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import PLACES
from redactfuzz.scan.many import with_quiet_ones
from redactfuzz.scan.matcher_set import MatcherSet

KEY: Canary = mint(53, "key", token(32), 1)
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
MARKER = "a marker of this registry"


def log(number: int) -> bytes:
    drawn = random.Random(number)
    return b"".join(b"worker %d took job %d\n" % (drawn.randrange(9), drawn.randrange(10**9)) for _ in range(20))


def tar(content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        member = tarfile.TarInfo("inner.log")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return made.getvalue()


SPECIAL: dict[str, bytes] = {
    "canary": b"token: " + KEY.bytes + b"\n",
    "canary in base64 of base64": b"data: " + base64.b64encode(base64.b64encode(KEY.bytes)),
    "canary in json": b'{"a": {"b": "' + KEY.bytes + b'"}}',
    "canary in slots": bytes(range(256)) + b"".join(bytes((one, *bytes(7))) for one in KEY.bytes),
    "pem": PEM,
    "gzip": gzip.compress(log(1) + KEY.bytes),
    "gzip within": b"\x7fprogram\0\1\2" + gzip.compress(KEY.bytes * 3 + log(2)) + b"\0\1",
    "clean gzip": gzip.compress(log(3)),
    "cut gzip": gzip.compress(log(4))[:-20],
    "tar": tar(log(5) + KEY.bytes),
    "empty": b"",
    "marker": b"here is " + MARKER.encode() + b" and no more",
    "sealed": b"LZIP\1\x0c" + random.Random(3).randbytes(300),
    "raw": random.Random(4).randbytes(900),
    "half a canary": b"ends with " + KEY.bytes[:16],
    "the other half": KEY.bytes[16:] + b" begins it",
}


def request(**more: object) -> ScanRequest:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    wanted = ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,), marker=MARKER)
    return attrs.evolve(wanted, **more)  # type: ignore[arg-type]


def written(folder: Path) -> list[str]:
    """One of each kind among logs in which nothing is."""
    paths = []
    for number, (name, content) in enumerate(SPECIAL.items()):
        for inside, data in ((f"{number:02}a.log", log(number)), (f"{number:02}b {name}", content)):
            (folder / inside).write_bytes(data)
            paths.append(str(folder / inside))
    return paths


def alike(one: DumpReport, other: DumpReport) -> bool:
    return attrs.evolve(one, seconds=0.0) == attrs.evolve(other, seconds=0.0)


@pytest.mark.parametrize("detect", [True, False])
def test_each_is_told_of_as_if_it_were_alone_and_most_of_the_quiet_ones_are_not_searched_alone(
    tmp_path: Path, detect: bool
) -> None:
    paths = written(tmp_path)
    wanted = request(detect=detect)
    told = dict(with_quiet_ones(paths, wanted))
    assert [*told] == paths
    quiet = {path: report for path, report in told.items() if report is not None}
    assert {path for path in paths if path.endswith("a.log")} <= {*quiet}
    assert {Path(path).name[4:] for path in quiet} - {"log"} <= {"raw", "marker", *(() if detect else ("pem",))}
    for path, report in quiet.items():
        assert alike(report, scan_dump(path, wanted)), path
    assert quiet[next(path for path in paths if path.endswith("marker"))].marked is True


def test_what_cannot_be_opened_or_is_no_file_is_searched_alone(tmp_path: Path) -> None:
    paths = written(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(log(1) * 1000)
    odd = [str(tmp_path / name) for name in ("fifo", "folder", "large", "absent")] + ["-", "\0"]
    told = dict(with_quiet_ones([*paths, *odd], request()))
    assert all(told[path] is None for path in odd)
    assert any(told[path] is not None for path in paths)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_few_are_not_searched_together(tmp_path: Path, count: int) -> None:
    paths = written(tmp_path)[:count]
    assert [*with_quiet_ones(paths, request())] == [(path, None) for path in paths]


def test_under_rules_that_may_ask_where_a_text_ends_each_is_searched_alone(tmp_path: Path) -> None:
    told = dict(with_quiet_ones(written(tmp_path), request(limits=UnpackLimits(together=False))))
    assert set(told.values()) == {None}


def test_a_fault_of_ours_costs_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(many, "looked", fails)
    assert set(dict(with_quiet_ones(written(tmp_path), request())).values()) == {None}


def test_a_dump_that_is_named_twice_is_told_of_twice(tmp_path: Path) -> None:
    paths = written(tmp_path)[::2]
    told: Sequence[tuple[str, DumpReport | None]] = [*with_quiet_ones([*paths, *paths], request())]
    assert [path for path, _ in told] == [*paths, *paths]
    assert all(report is not None for _, report in told)


def others(folder: Path, count: int) -> list[str]:
    """Logs in which nothing is, each of another size."""
    paths = [str(folder / f"{number:03}.log") for number in range(count)]
    for number, path in enumerate(paths):
        Path(path).write_bytes(log(number) + b"+" * (number % 5))
    return paths


def test_a_key_that_more_files_hold_than_places_are_listed_is_in_each_of_them(tmp_path: Path) -> None:
    paths = others(tmp_path, 3 * PLACES)
    holding = paths[: 2 * PLACES]
    for path in holding:
        Path(path).write_bytes(base64.b64encode(PEM) if path.endswith("7.log") else PEM)
    told = dict(with_quiet_ones(paths, request()))
    assert all(told[path] is None for path in holding)


def test_a_file_that_holds_a_token_often_hides_none_of_another(tmp_path: Path) -> None:
    pem = PEM + b"\n"
    paths = others(tmp_path, 10)
    Path(paths[0]).write_bytes(pem * (PLACES + 4))
    Path(paths[1]).write_bytes(pem)
    assert dict(with_quiet_ones(paths, request()))[paths[1]] is None


def test_a_prime_beside_its_public_key_is_found_at_whatever_offset_its_file_comes(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 1024)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    prime = key.private_numbers().p.to_bytes(64, "little")
    filled = public.ljust(len(public) + -len(public) % 8, b"\0") + bytes(64) + prime + bytes(64)
    for size in range(9):
        paths = [str(tmp_path / f"{size} {number}") for number in range(10)]
        for path in paths:
            Path(path).write_bytes(b"\0\1\2\3binary" + b"\xff" * size)
        Path(paths[-1]).write_bytes(filled)
        assert dict(with_quiet_ones(paths, request()))[paths[-1]] is None


def test_what_begins_in_the_zeros_between_two_lists_is_of_the_second_file(tmp_path: Path) -> None:
    paths = others(tmp_path, 9)
    Path(paths[3]).write_text(", ".join(map(str, range(1, 40))))
    Path(paths[4]).write_text(", ".join(map(str, KEY.bytes[10:24].decode().encode("utf-16-le"))))
    told = dict(with_quiet_ones(paths, request()))
    assert scan_dump(paths[4], request()).exposures
    assert told[paths[4]] is None


def test_no_file_is_taken_for_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = ["-", *others(tmp_path, 9)]
    Path("-").write_bytes(log(1))
    told = dict(with_quiet_ones(paths, request()))
    assert told["-"] is None
    assert any(told.values())


def test_a_fifo_is_not_opened_so_that_who_waits_to_write_into_it_goes_on_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    usual = os.open
    monkeypatch.setattr(many.os, "open", lambda path, *flags: opened.append(path) or usual(path, *flags))
    os.mkfifo(tmp_path / "fifo")
    paths = [str(tmp_path / "fifo"), *others(tmp_path, 9)]
    assert dict(with_quiet_ones(paths, request()))[paths[0]] is None
    assert opened == paths[1:]
