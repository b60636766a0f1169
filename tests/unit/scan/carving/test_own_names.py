"""What goes with a dump gives away as much as what is in it: its name, and what a file system keeps beside it."""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from test_names_masked import token

from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary import token as token_kind
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import as_json, verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys, read_rules
from redactfuzz.scan.many import with_quiet_ones
from redactfuzz.scan.matcher_set import MatcherSet

CANARY, OTHER = (mint(number, "session", token_kind(), 1) for number in (71, 72))
NAMES = {
    "plain": CANARY.text,
    "base64": base64.urlsafe_b64encode(b"id=" + CANARY.bytes).decode(),
    "percent": "".join(f"%{byte:02X}" for byte in CANARY.bytes),
    "packed": base64.urlsafe_b64encode(gzip.compress(b"the session is " + CANARY.bytes, 0)).decode(),
    "a token": token(3),
}
TWINS = {
    "plain": OTHER.text,
    "base64": base64.urlsafe_b64encode(b"id=" + OTHER.bytes).decode(),
    "packed": base64.urlsafe_b64encode(gzip.compress(b"the session is " + OTHER.bytes, 0)).decode(),
    "a token": "ghp_" + "0123456789" * 3 + "abcdef",
    "a hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


def wanted(canaries: Sequence[Canary] = (CANARY,), known: KnownKeys | None = None) -> ScanRequest:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    return ScanRequest(matcher_set, known or KnownKeys(), canaries=tuple(canaries))


def silent(report: DumpReport) -> bool:
    said = as_json(report)
    return not any(text[at : at + 9] in said for text in (CANARY.text, token(3)) for at in range(4, len(text) - 9))


@pytest.mark.parametrize("how", NAMES)
def test_a_secret_in_the_name_of_a_file_is_found_and_not_shown(tmp_path: Path, how: str) -> None:
    (tmp_path / f"sess_{NAMES[how]}").write_text("hello\n")
    report = scan_dump(tmp_path / f"sess_{NAMES[how]}", wanted())
    assert verdict(report) == "LEAK"
    places = [where for key in report.keys for where in key.where]
    places += [fragment.where for exposure in report.exposures for fragment in exposure.fragments]
    assert all("the name of the file" in where.image or "holds a secret" in where.image for where in places)
    assert len(report.images) == 1
    assert silent(report)


@pytest.mark.parametrize("how", TWINS)
def test_another_name_is_clean(tmp_path: Path, how: str) -> None:
    (tmp_path / f"sess_{TWINS[how]}").write_text("hello\n")
    assert verdict(scan_dump(tmp_path / f"sess_{TWINS[how]}", wanted())) == "CLEAN"


def test_a_folder_that_is_called_by_a_secret_is_told_for_what_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / CANARY.text).mkdir()
    (tmp_path / CANARY.text / "core").write_text("hello\n")
    assert verdict(scan_dump(tmp_path / CANARY.text / "core", wanted())) == "LEAK"


def test_what_is_found_in_the_name_and_in_the_file_is_one_secret(tmp_path: Path) -> None:
    (tmp_path / f"of {token(3)}").write_text(f"{token(3)}\n")
    (key,) = scan_dump(tmp_path / f"of {token(3)}", wanted()).keys
    assert len(key.where) == 2


def test_a_rule_of_the_user_holds_for_names(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[[rules]]\nid = 'ours'\nregex = 'ours-[0-9]{12}'\n")
    for name in ("dl?t=ours-314159265358", "dl?t=ours-not-and-nothing"):
        (tmp_path / name).write_text("hello\n")
        report = scan_dump(tmp_path / name, wanted(known=KnownKeys(rules=read_rules(tmp_path / "rules.toml"))))
        assert bool(report.keys) is ("3141" in name)


def test_who_calls_a_dump_otherwise_looks_at_that_name_alone(tmp_path: Path) -> None:
    (tmp_path / CANARY.text).write_text("hello\n")
    assert verdict(scan_dump(tmp_path / CANARY.text, wanted(), called="core")) == "CLEAN"


ATTRIBUTES = {
    "plain": ("user.session", CANARY.bytes),
    "its name": (f"user.{CANARY.text}", b"1"),
    "packed": ("user.page", gzip.compress(b"the session is " + CANARY.bytes)),
    "a token": ("user.xdg.origin.url", f"https://host.example/?t={token(3)}".encode()),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "some").mkdir()
    for number in range(20):
        (tmp_path / "some" / f"log{number}").write_text("hello\n")
    try:
        os.setxattr(tmp_path / "some" / "log7", "user.author", OTHER.bytes)
    except OSError:
        # Nobody can keep one here, so nothing can be lost: what is read without them is tested all the same.
        (tmp_path / "without").touch()
    return tmp_path


@pytest.mark.parametrize("how", ATTRIBUTES)
def test_an_extended_attribute_is_read_alone_and_among_many_files(folder: Path, how: str) -> None:
    dump = folder / "some" / "log7"
    assert verdict(scan_dump(dump, wanted())) == "CLEAN"
    if (folder / "without").exists():
        return
    os.setxattr(dump, *ATTRIBUTES[how])
    assert verdict(scan_dump(dump, wanted())) == "LEAK"
    assert silent(scan_dump(dump, wanted()))
    paths = sorted(str(path) for path in (folder / "some").iterdir())
    assert [path for path, quiet in with_quiet_ones(paths, wanted()) if quiet is None] == [str(dump)]


def test_a_name_is_looked_for_in_the_forms_that_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / f"of {token(3)}").write_text("hello\n")
    asked = attrs.evolve(wanted(), detect=False)
    assert verdict(scan_dump(tmp_path / f"of {token(3)}", asked)) == "CLEAN"
