"""What is wrong with an option, or why something is allowed, is told without the secret that stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run

from redactfuzz.model.registry import registry_from_json

pytestmark = pytest.mark.once

TOKEN = "glpat-" + "Zx81QmR4tY7uPw2kLs9V"
OPTIONS = {
    "a regex that is none": (
        "--rules",
        "[[rules]]\nid = 'a'\nregex = 'SECRET('\n",
        "RE2 does not take the regex: missing ): ",
    ),
    "a key that is not known": ("--rules", "SECRET = 1\n", "is not known: is it misspelled?"),
    "the name of a key": (
        "--jwks",
        '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "SECRET"}',
        "the public key is no point of its curve",
    ),
}


@pytest.fixture
def canary(cli: Run, folder: Path) -> str:
    (folder / "clean.log").write_text("nothing\n")
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "true").code == 0
    return registry_from_json((folder / "reg.json").read_text()).mint()[0].text


@pytest.mark.parametrize("what", OPTIONS)
def test_what_is_wrong_with_a_file_is_told_without_a_secret(cli: Run, folder: Path, canary: str, what: str) -> None:
    option, text, said = OPTIONS[what]
    for secret, shown in ((TOKEN, "<key>"), (canary, "<canary A>")):
        (folder / "given").write_text(text.replace("SECRET", secret))
        ran = cli("scan", "clean.log", "--canaries", "reg.json", "--no-marker", option, "given")
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert shown in ran.err
        assert secret not in ran.err


@pytest.mark.parametrize("option", ["--allow", "--canaries", "--max-unpacked", "--fail-on"])
def test_what_is_given_is_told_without_a_secret(cli: Run, folder: Path, canary: str, option: str) -> None:
    ran = cli("scan", "clean.log", option, f"x/{TOKEN}")
    assert (ran.code, ran.out) == (2, "")
    assert "x/<key>" in ran.err
    assert TOKEN not in ran.err


def test_a_secret_in_another_form_hides_the_message(cli: Run, folder: Path, canary: str) -> None:
    ran = cli("scan", "clean.log", "--allow", TOKEN.encode().hex())
    assert ran.code == 2
    assert TOKEN.encode().hex()[:12] not in ran.err
    assert "is not shown" in ran.err


def test_why_something_is_allowed_is_told_without_a_secret(cli: Run, folder: Path) -> None:
    (folder / "leak.log").write_text(f"token {TOKEN}\n")
    assert cli("scan", "leak.log", "--write-allow", "allow.toml").code == 1
    text = (folder / "allow.toml").read_text().replace('reason = ""', f'reason = "it is {TOKEN}"')
    (folder / "allow.toml").write_text(text)
    for options in ((), ("--json",), ("--sarif",)):
        ran = cli("scan", "leak.log", "--allow", "allow.toml", *options)
        assert ran.code == 0, ran.both
        assert "it is <key>" in ran.out
        assert TOKEN not in ran.both


def test_what_re2_says_is_text(cli: Run, folder: Path, canary: str) -> None:
    (folder / "given").write_text("[[rules]]\nid = 'a'\nregex = 'a(b'\n")
    assert "missing ): a(b\n" in cli("scan", "clean.log", "--rules", "given").err
