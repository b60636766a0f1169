"""``redactfuzz scan`` : what fails, and what is shown all the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from commands import Run

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.registry import registry_from_json

pytestmark = pytest.mark.once

GENERATOR, OTHER = random.Random(16).randbytes(32), random.Random(17).randbytes(32)


def schedule(key: bytes) -> bytes:
    out = ffi.new("uint8_t[]", lib.RF_AES_SCHEDULE)
    return bytes(ffi.buffer(out, lib.rf_aes_schedule(key, len(key), 0, 0, out)))


@pytest.fixture
def dumps(folder: Path) -> Path:
    """The state of a random generator, which is LOW; a key beside it, which is not."""
    state = (
        bytes(64) + schedule(GENERATOR) + bytes(40) + (32).to_bytes(8, "little") + b"\1\0\0\0" + GENERATOR + bytes(64)
    )
    (folder / "generator.raw").write_bytes(state)
    (folder / "key.raw").write_bytes(state + schedule(OTHER) + bytes(64))
    return folder


@pytest.mark.parametrize(
    ("dump", "options", "verdict", "code"),
    [
        ("generator.raw", (), "NOTED", 0),
        ("generator.raw", ("--fail-on", "medium"), "NOTED", 0),
        ("generator.raw", ("--fail-on", "low"), "LEAK", 1),
        ("key.raw", (), "LEAK", 1),
        ("key.raw", ("--fail-on", "total"), "LEAK", 1),
    ],
)
def test_the_severity_decides_what_fails_and_the_rest_is_shown(
    cli: Run, dumps: Path, dump: str, options: tuple[str, ...], verdict: str, code: int
) -> None:
    ran = cli("scan", dump, *options)
    assert ran.code == code
    assert ran.out.startswith(f"{verdict}  {dump}")
    assert "of OpenSSL's random generator" in ran.out
    record = cli("scan", dump, *options, "--json").record
    assert record["verdict"] == verdict
    assert {key["severity"] for key in record["keys"] if not key["passes"]} == ({"low"} & {*options} or set()) | (
        {"total"} if dump == "key.raw" else set()
    )


def test_a_piece_of_a_canary_fails_unless_it_is_asked_for_more(cli: Run, folder: Path) -> None:
    script = "env > whole.log"
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "sh", "-c", script).code == 0
    secret = registry_from_json((folder / "reg.json").read_text()).mint()[0].text
    marker = json.loads((folder / "reg.json").read_text())["marker"]
    (folder / "piece.log").write_text(f"{marker} {secret[4:13]} \n")
    (folder / "upper.log").write_text(f"{marker} {secret.upper()} \n")
    piece = cli("scan", "piece.log", "--canaries", "reg.json", "--json")
    assert piece.code == 1
    assert piece.record["exposures"][0]["severity"] == "low"
    asked = cli("scan", "piece.log", "--canaries", "reg.json", "--fail-on", "high", "--json")
    assert (asked.code, asked.record["verdict"]) == (0, "NOTED")
    assert asked.record["exposures"][0]["passes"] == "below --fail-on high"
    upper = cli("scan", "upper.log", "--canaries", "reg.json", "--json", "--fail-on", "total")
    assert upper.code == 1
    assert upper.record["exposures"][0]["fragments"][0]["encoding"] == "upper case"


def test_who_allows_a_piece_of_a_canary_does_not_allow_the_whole_of_it(cli: Run, folder: Path) -> None:
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "true").code == 0
    secret = registry_from_json((folder / "reg.json").read_text()).mint()[0].text
    (folder / "piece.log").write_text(f"key id {secret[4:13]} \n")
    (folder / "whole.log").write_text(f"token {secret} \n")
    asked = ("--canaries", "reg.json", "--no-marker")
    passes = {}
    for allowed in ("piece", "whole"):
        assert cli("scan", f"{allowed}.log", *asked, "--write-allow", f"{allowed}.toml").code == 1
        file = folder / f"{allowed}.toml"
        file.write_text(file.read_text().replace('reason = ""', 'reason = "looked at"'))
        for log in ("piece", "whole"):
            passes[allowed, log] = cli("scan", f"{log}.log", *asked, "--allow", f"{allowed}.toml").code == 0
    assert passes == {
        ("piece", "piece"): True,
        ("piece", "whole"): False,
        ("whole", "piece"): True,
        ("whole", "whole"): True,
    }


def test_a_log_cannot_hold_the_marker_and_is_clean_without_it_where_that_is_said(cli: Run, folder: Path) -> None:
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "true").code == 0
    (folder / "app.log").write_text("started\nstopped\n")
    assert cli("scan", "app.log", "--canaries", "reg.json").code == 5
    ran = cli("scan", "app.log", "--canaries", "reg.json", "--no-marker", "--json")
    assert (ran.code, ran.record["verdict"], ran.record["marked"]) == (0, "CLEAN", None)
    assert cli("scan", "app.log", "--no-marker").code == 2
    secret = registry_from_json((folder / "reg.json").read_text()).mint()[0].text
    (folder / "app.log").write_text(f"token {secret}\n")
    assert cli("scan", "app.log", "--canaries", "reg.json", "--no-marker").code == 1


def test_what_is_allowed_for_a_reason_and_a_while_fails_nothing(cli: Run, dumps: Path) -> None:
    assert cli("scan", "key.raw", "--write-allow", "allow.toml").code == 1
    written = (dumps / "allow.toml").read_text()
    assert written.count("[[suppressed]]") == 1
    assert "random generator" not in written
    # Somebody has to say why.
    assert "say the reason" in cli("scan", "key.raw", "--allow", "allow.toml").err
    (dumps / "allow.toml").write_text(written.replace('reason = ""', 'reason = "a key of the test bench"'))
    ran = cli("scan", "key.raw", "--allow", "allow.toml")
    assert ran.code == 0
    assert ran.out.startswith("NOTED")
    assert "a key of the test bench" in ran.out
    # Another key is none of it, and a day that is over none either.
    other = (dumps / "key.raw").read_bytes() + schedule(bytes(OTHER[::-1])) + bytes(64)
    (dumps / "two.raw").write_bytes(other)
    assert cli("scan", "two.raw", "--allow", "allow.toml").code == 1
    expired = (dumps / "allow.toml").read_text().partition("until = ")[0] + "until = 2020-01-01\n"
    (dumps / "expired.toml").write_text(expired)
    assert cli("scan", "key.raw", "--allow", "expired.toml").code == 1
    assert cli("scan", "key.raw", "--allow", "none.toml").code == 2
    assert cli("scan", "key.raw", "--write-allow", "allow.toml").code == 2


@pytest.mark.parametrize(
    ("file", "why"),
    [("none/allow.toml", "No such file"), ("key.raw/allow.toml", "Not a directory"), ("key.raw", "File exists")],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_scan(cli: Run, dumps: Path, file: str, why: str) -> None:
    ran = cli("scan", "generator.raw", "--write-allow", file)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err


@pytest.mark.parametrize("option", ["--canaries", "--allow", "--write-allow", "--differs-from", "--other-canaries"])
def test_an_option_of_which_the_last_alone_would_count_may_be_given_once(cli: Run, dumps: Path, option: str) -> None:
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "true").code == 0
    ran = cli("scan", "generator.raw", option, "reg.json", option, "reg.json")
    assert (ran.code, ran.out) == (2, "")
    assert f"{option} may be given once" in ran.err
    if option in ("--canaries", "--allow"):
        assert f"{option} may be given once" in cli("gate", option, "reg.json", option, "reg.json").err


def test_options_that_add_up_may_be_given_again(cli: Run, dumps: Path) -> None:
    ran = cli("scan", "key.raw", "--baseline", "key.raw", "--baseline", "generator.raw", "--canaries", "reg.json")
    assert "may be given once" not in ran.err
    assert cli("scan", "key.raw", "--baseline", "key.raw", "--baseline", "generator.raw").code == 0


@pytest.mark.parametrize("level", [(), ("--fail-on", "low")])
def test_what_a_baseline_takes_out_is_counted_and_no_dump_is_clean_by_it(
    cli: Run, dumps: Path, level: tuple[str, ...]
) -> None:
    ran = cli("scan", "key.raw", "--baseline", "key.raw", *level)
    assert ran.code == 0
    assert "NOTED  key.raw" in ran.out
    assert "  - and 1 more: " in ran.out
    assert "does not fail: also in --baseline" in ran.out
    told = cli("scan", "key.raw", "--baseline", "key.raw", "--json", *level).record["unlisted_keys"]
    assert [(one["count"], one["passes"]) for one in told] == 2 * [(1, "also in --baseline")]


def test_a_folder_without_files_is_told_without_the_canary_in_its_name(cli: Run, folder: Path) -> None:
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "true").code == 0
    secret = registry_from_json((folder / "reg.json").read_text()).mint()[0].text
    for name, told in ((f"empty_{secret}", False), ("empty", True)):
        (folder / name).mkdir()
        ran = cli("scan", name, "--canaries", "reg.json")
        assert ran.code == 2
        assert "there is no file in this folder" in ran.err
        assert secret not in ran.err
        assert (f"{name}:" in ran.err) is told
