"""The verdict on a dump file: what it gives away over all images, what was not read, and no secret in any of it."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import textwrap
import zlib
from pathlib import Path

import attrs
import pytest

from redactfuzz.dumps.readers.mapped import CORE
from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import as_json, table, verdict
from redactfuzz.report.sarif import sarif
from redactfuzz.scan.dump import ScanRequest, scan_dump, with_background
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import KEYS
from redactfuzz.scan.matcher_set import MatcherSet

KEY: Canary = mint(21, "key", KINDS["token"](), 1)
OTHER: Canary = mint(21, "other", KINDS["raw"](n=32), 1)
NOISE = random.Random(8)
AES = random.Random(9).randbytes(16)


def wanted(marker: str = "", context: int = 0, limits: UnpackLimits | None = None, detect: bool = True) -> ScanRequest:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY, OTHER], [])
    return ScanRequest(matcher_set, KnownKeys(), detect, limits or UnpackLimits(), marker, (KEY, OTHER), context)


def scanned(tmp_path: Path, data: bytes, name: str = "dump", **options: object) -> DumpReport:
    path = tmp_path / name
    path.write_bytes(data)
    return scan_dump(path, wanted(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_raw_bytes_are_seen_where_their_hexadecimal_text_is_encoded_again(tmp_path: Path, codec: str) -> None:
    """As Windows and Java hold it, when it was planted in the environment."""
    (exposure,) = scanned(tmp_path, b"\1\2\3" * 50 + OTHER.text.encode(codec) + b"\1\2\3" * 50, detect=False).exposures
    assert (exposure.secret, exposure.severity) == ("other", Severity.TOTAL)
    assert exposure.fragments[0].whole


def test_an_empty_file_is_never_clean(tmp_path: Path) -> None:
    """A dumper whose disk was full leaves one behind."""
    report = scanned(tmp_path, b"")
    assert verdict(report) == "INCOMPLETE"
    (gap,) = report.skipped
    assert "empty" in gap.reason


@pytest.mark.parametrize("at", [100, (8 << 20) - 1000, (8 << 20) - 20, (8 << 20) + (1 << 16) - 40, (11 << 20)])
@pytest.mark.parametrize("form", ["escaped", "separated"])
def test_in_long_text_a_secret_is_found_behind_escapes_and_separators(tmp_path: Path, at: int, form: str) -> None:
    """Where two parts of a text that are unwrapped each for itself meet as well."""
    if form == "escaped":
        hidden = "".join(f"\\u{ord(c):04x}" if i % 2 else c for i, c in enumerate(KEY.text))
    else:
        hidden = "\n".join(f"{byte:3}" for byte in KEY.bytes)
    line = b"a line of a log, of which there are very many\n"
    data = bytearray(line * ((12 << 20) // len(line)))
    data[at : at + len(hidden)] = hidden.encode()
    report = scanned(tmp_path, bytes(data), detect=False)
    (exposure,) = report.exposures
    assert exposure.severity is Severity.TOTAL
    first = exposure.fragments[0]
    assert form in first.encoding
    assert at <= first.where.offset < at + 8
    assert not exposure.more
    assert len(exposure.fragments) == 1


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tape:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tape.addfile(info, io.BytesIO(data))
    return out.getvalue()


def everything(report: DumpReport) -> str:
    """All that a user can get to see of it."""
    return "\n".join([*table(report), as_json(report), sarif([report])])


def assert_silent(text: str, *canaries: Canary) -> None:
    """No 4 characters in a row of the secrets, in text, hexadecimal (with any separators) or reversed."""
    bare = re.sub(r"[\s:,]|0x", "", text)
    for canary in canaries:
        forms = [canary.text, canary.text[::-1], canary.bytes.hex(), canary.bytes[::-1].hex()]
        for form in forms:
            size = 6 if form in (canary.text, canary.text[::-1]) and canary.kind.label == "token" else 8
            for at in range(len(form) - size + 1):
                assert form[at : at + size] not in bare, at


def test_a_clean_dump_is_clean_and_the_same_with_the_secret_is_not(tmp_path: Path) -> None:
    clean = scanned(tmp_path, NOISE.randbytes(10_000))
    assert (verdict(clean), clean.complete, clean.images[0].read) == ("CLEAN", True, 10_000)
    leaked = scanned(tmp_path, NOISE.randbytes(10_000) + KEY.bytes)
    assert verdict(leaked) == "LEAK"
    assert [one.secret for one in leaked.exposures] == ["key"]


def test_fragments_in_different_members_are_taken_together(tmp_path: Path) -> None:
    for files, severity in [
        ({"a": b"\0" + KEY.bytes[:16], "b": b"\0" + KEY.bytes[16:]}, Severity.TOTAL),
        ({"a": b"\0" + KEY.bytes[:16], "b": b"\0" + KEY.bytes[:16]}, Severity.MEDIUM),
    ]:
        (one,) = scanned(tmp_path, gzip.compress(packed(files))).exposures
        assert one.severity is severity
        assert {fragment.where.image.rpartition("!")[2] for fragment in one.fragments} >= {"a", "b"}


def test_a_leak_in_what_is_there_of_a_truncated_dump_is_a_leak(tmp_path: Path) -> None:
    plain = KEY.bytes + NOISE.randbytes(100_000)
    cut = gzip.compress(plain)[:50_000]
    leaked = scanned(tmp_path, cut)
    assert (verdict(leaked), leaked.complete) == ("LEAK", False)
    clean = scanned(tmp_path, gzip.compress(plain[32:])[:50_000])
    assert (verdict(clean), clean.complete) == ("INCOMPLETE", False)
    assert "in the middle of a frame" in clean.skipped[0].reason


@pytest.mark.parametrize("marker", ["redactfuzz-0123456789", ""])
def test_a_dump_without_the_marker_is_not_clean(tmp_path: Path, marker: str) -> None:
    report = scanned(tmp_path, b"\0" * 100, marker=marker)
    assert verdict(report) == ("INCOMPLETE" if marker else "CLEAN")
    for form in ("utf-8", "utf-16-le"):
        report = scanned(tmp_path, b"\0\0" + "redactfuzz-0123456789".encode(form) + b"\0", marker=marker)
        assert verdict(report) == "CLEAN"


def test_what_is_no_file_is_not_clean(tmp_path: Path) -> None:
    report = scan_dump(tmp_path, wanted())
    assert (verdict(report), report.images) == ("INCOMPLETE", ())
    assert report.skipped[0].reason == "the path is a folder, not a file"


def test_a_fault_of_our_own_costs_one_image_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError(KEY.text)

    monkeypatch.setattr("redactfuzz.scan.dump.looked", fail)
    report = scanned(tmp_path, b"x")
    assert verdict(report) == "INCOMPLETE"
    assert "KeyError" in report.skipped[0].reason
    assert_silent(everything(report), KEY)


def aes_schedule() -> bytes:
    from redactfuzz.scan.keys.derived import derived

    return next(data for name, data, _ in derived(AES) if name == "AES-128 key schedule for encryption, bytes")


def test_keys_that_nobody_planted_are_found_in_every_member_and_counted_once(tmp_path: Path) -> None:
    report = scanned(
        tmp_path, gzip.compress(packed({"a": bytes(16) + aes_schedule(), "b": bytes(32) + aes_schedule()}))
    )
    (one,) = report.keys
    assert one.detector == "aes-schedule"
    assert {where.image.rpartition("!")[2] for where in one.where} == {"tar", "a", "b"} or len(one.where) >= 2
    assert not scanned(tmp_path, bytes(16) + aes_schedule(), detect=False).keys


def test_keys_across_windows_of_a_large_dump_are_found_once(tmp_path: Path) -> None:
    path = tmp_path / "big"
    places = [1 << 20, CORE - 96, 2 * CORE - 96, 2 * CORE + (1 << 20), (128 << 20) - 16]
    with path.open("wb") as file:
        file.truncate(160 << 20)
        for at in places:
            file.seek(at)
            file.write(aes_schedule())
    (one,) = scan_dump(path, wanted()).keys
    assert [where.offset for where in one.where] == places
    assert one.more == 0


def test_what_is_in_the_baseline_too_is_background_but_never_a_canary(tmp_path: Path) -> None:
    path, same, other = (tmp_path / name for name in ("dump", "same", "other"))
    path.write_bytes(bytes(16) + aes_schedule() + KEY.bytes)
    same.write_bytes(bytes(64) + aes_schedule() + KEY.bytes)
    other.write_bytes(bytes(64))
    report = scan_dump(path, wanted())
    assert (len(report.keys), len(report.exposures)) == (1, 1)
    for baselines, keys in ([(same, other), ()], [(other,), report.keys], [(), report.keys]):
        left = scan_dump(path, against(*baselines))
        assert (left.keys, left.exposures) == (keys, report.exposures)
        told = [(one.what, one.count, one.passes) for one in left.unlisted_keys]
        assert told == ([] if keys else [(report.keys[0].what, 1, "also in --baseline")])


def against(*baselines: Path) -> ScanRequest:
    reports = [scan_dump(one, attrs.evolve(wanted(), lists_all=True)) for one in baselines]
    return with_background(wanted(), reports)


def test_keys_that_are_counted_and_not_listed_are_background_too(tmp_path: Path) -> None:
    """In the order of the baseline others are listed than in that of the dump."""
    tokens = [b"GOCSPX-" + base64.urlsafe_b64encode(NOISE.randbytes(21)) for _ in range(KEYS + 60)]
    path, same, one_less = (tmp_path / name for name in ("dump", "same", "one less"))
    path.write_bytes(b"\n".join(tokens))
    same.write_bytes(b"\n".join(reversed(tokens)))
    one_less.write_bytes(b"\n".join(reversed(tokens[1:])))
    report = scan_dump(path, wanted())
    assert (len(report.keys), sum(one.count for one in report.unlisted_keys)) == (KEYS, 60)
    assert len(against(same).background) == len(tokens)
    left = scan_dump(path, against(same))
    assert (left.keys, left.leaks) == ((), False)
    assert [(one.count, one.passes) for one in left.unlisted_keys] == [(KEYS + 60, "also in --baseline")]
    left = scan_dump(path, against(one_less))
    assert [key.identity for key in left.keys] == [report.keys[0].identity]
    assert [(one.count, one.passes) for one in left.unlisted_keys] == [(KEYS + 59, "also in --baseline")]


# -- nothing secret is shown


def test_names_of_members_mappings_and_files_are_shown_without_the_secret(tmp_path: Path) -> None:
    data = packed({f"{KEY.text}.log": b"x=" + KEY.bytes, KEY.text[:9]: b"piece", "\x1b[31mred\n": b"\0" + KEY.bytes})
    report = scanned(tmp_path, data, f"core.{KEY.text}")
    shown = everything(report)
    assert_silent(shown, KEY)
    assert "canary" in shown
    assert "\x1b" not in "\n".join(table(report))
    assert all("\n" not in line for line in table(report))


@pytest.mark.parametrize("form", ["plain", "hex", "base64", "utf-16", "reversed", "decimal"])
def test_no_output_shows_the_secret_whole_torn_or_beside(tmp_path: Path, form: str) -> None:
    import base64

    make = {
        "plain": lambda data: data,
        "hex": lambda data: data.hex().encode(),
        "base64": base64.b64encode,
        "utf-16": lambda data: data.decode().encode("utf-16-le"),
        "reversed": lambda data: data[::-1],
        "decimal": lambda data: ", ".join(map(str, data)).encode(),
    }[form]
    secret = KEY.bytes
    data = b"\0".join(
        [
            b"\0user=",
            make(secret) + b" after",
            make(secret[:18]) + b"--" + make(secret[20:25]) + b"-" + make(secret[25:29]),
            make(secret[20:25]) + b"." + make(secret),
            OTHER.bytes + make(secret[4:8]),
        ]
    )
    report = scanned(tmp_path, data, context=48)
    assert {one.secret for one in report.exposures} == {"key", "other"}
    contexts = [fragment.where.context for one in report.exposures for fragment in one.fragments]
    assert all("**" in context for context in contexts)
    if form not in ("base64", "decimal"):  # the letters beside those may hold bits of it
        assert any("75 73 65 72 3d" in context for context in contexts), "what is no secret is shown"
    assert_silent(everything(report), KEY, OTHER)
    shown = bytes.fromhex("".join(context.replace("**", "00") for context in contexts if "..." not in context))
    for at in range(len(secret) - 2):
        assert secret[at : at + 3] not in shown
        assert make(secret)[at : at + 3] not in shown or form in ("decimal", "utf-16")


def test_without_the_option_there_is_no_context(tmp_path: Path) -> None:
    report = scanned(tmp_path, b"\0user=" + KEY.bytes)
    assert report.exposures
    assert all(not fragment.where.context for one in report.exposures for fragment in one.fragments)


def test_key_material_beside_a_canary_is_masked_as_well(tmp_path: Path) -> None:
    schedule = aes_schedule()
    report = scanned(tmp_path, bytes(32) + schedule + KEY.bytes + bytes(16), context=64)
    (context,) = [one.where.context for one in report.exposures[0].fragments]
    assert schedule[-4:].hex(" ") not in context


def test_a_value_that_is_written_otherwise_has_no_context(tmp_path: Path) -> None:
    import base64

    inner = base64.b64encode(b"\0\1" + KEY.text.encode().hex().encode()).decode()
    report = scanned(tmp_path, json.dumps({"v": inner, "w": 1}).encode(), context=40)
    assert report.exposures[0].fragments
    for fragment in report.exposures[0].fragments:
        assert inner[8:14].encode().hex(" ") not in fragment.where.context


# -- memory

_MEASURED = """
    import sys
    from redactfuzz.dumps.readers.opening import UnpackLimits
    from redactfuzz.scan.dump import ScanRequest, scan_dump
    from redactfuzz.scan.keys import KnownKeys
    from redactfuzz.scan.matcher_set import MatcherSet
    from redactfuzz.report.dump_lines import verdict
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([], [])
    limits = UnpackLimits(unpacked=int(sys.argv[2]))
    report = scan_dump(sys.argv[1], ScanRequest(matcher_set, KnownKeys(), True, limits))
    print(verdict(report), sum(image.read for image in report.images))
    # Not ru_maxrss, in which the large process that started this one still counts.
    (peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(int(peak) // 1024)
"""


def measured(path: Path, unpacked: int = 1 << 40) -> tuple[str, int, int]:
    """Verdict, bytes read, and MB of memory at most."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_MEASURED), str(path), str(unpacked)],
        capture_output=True,
        text=True,
        check=True,
    )
    told, read, memory = done.stdout.split()
    return told, int(read), int(memory)


def test_a_gigabyte_takes_less_than_200_mb_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "core"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    told, read, memory = measured(path)
    assert (told, read) == ("CLEAN", 1 << 30)
    assert memory < 200


@pytest.mark.once
def test_a_bomb_takes_less_than_200_mb_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    squeeze = zlib.compressobj(wbits=31)
    with path.open("wb") as file:
        for _ in range(600):
            file.write(squeeze.compress(bytes(1 << 20)))
        file.write(squeeze.flush())
    told, read, memory = measured(path, 500 << 20)
    assert told == "INCOMPLETE"
    assert read == os.stat(path).st_size + (500 << 20)  # noqa: PTH116
    assert memory < 200


def test_json_of_millions_of_values_takes_less_than_200_mb_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    with path.open("wb") as file:
        file.write(b"[")
        for _ in range(4):
            file.write(b'{},[],"a",' * 100_000)
        file.write(b"0]")
    told, read, memory = measured(path)
    assert (told, read) == ("CLEAN", 4_000_003)
    assert memory < 200


def test_the_report_is_made_of_values(tmp_path: Path) -> None:
    report = scanned(tmp_path, KEY.bytes)
    assert attrs.evolve(report, seconds=0.0) == attrs.evolve(scanned(tmp_path, KEY.bytes), seconds=0.0)
