"""Secrets that somebody may have chosen are named so that the name is dear to guess from, and the same everywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding
from redactfuzz.scan.keys import KnownKeys, read_rules
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.tokens import chosen, custom
from redactfuzz.scan.keys.tokens.chosen import ChosenNames

SECRET = b"740125"


@pytest.fixture
def rules(tmp_path: Path) -> KnownKeys:
    (tmp_path / "rules.toml").write_text("[[rules]]\nid = 'password'\nregex = 'password=([0-9]+)'\n")
    return KnownKeys(rules=read_rules(tmp_path / "rules.toml"))


def find(data: bytes, known: KnownKeys, *, every: bool = False) -> list[KeyFinding]:
    return list(custom.FileTokens().find(Image("log", data, every=every), known))


def test_a_name_is_what_scrypt_gives_on_each_machine() -> None:
    """Files for --allow hold such names: another value here makes them useless."""
    assert ChosenNames()(SECRET) == ChosenNames()(SECRET) == "875c65efdcd58485"
    assert ChosenNames()(SECRET) != identity(SECRET)


def test_a_match_of_a_rule_is_named_so(rules: KnownKeys) -> None:
    (one, two) = find(b"password=740125 password=740126 password=740125", rules)
    assert one.identity == ChosenNames()(SECRET)
    assert two.identity not in (one.identity, identity(b"740126"))
    assert len(one.where) == 2


def test_each_secret_is_named_once_and_so_many_of_them_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    real = hashlib.scrypt
    monkeypatch.setattr(chosen, "_MOST", 3)
    monkeypatch.setattr(hashlib, "scrypt", lambda secret, **more: asked.append(secret) or real(secret, **more))
    names = ChosenNames()
    told = [names(b"%d" % number) for number in (0, 1, 0, 2, 3, 4, 3, 1)]
    assert asked == [b"0", b"1", b"2"]
    assert len(set(told)) == 5
    assert told[4] == told[6]
    assert told[3] == ChosenNames()(b"2")
    assert told[4] not in (ChosenNames()(b"3"), identity(b"3"))


@pytest.mark.parametrize("error", [ValueError, AttributeError])
def test_without_scrypt_a_name_holds_in_one_process_and_tells_nobody_else_anything(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fails(*_: object, **__: object) -> bytes:
        raise error

    monkeypatch.setattr(hashlib, "scrypt", fails)
    names = ChosenNames()
    assert names(SECRET) == names(SECRET)
    assert names(SECRET) not in (ChosenNames()(SECRET), identity(SECRET))


def test_where_a_name_is_masked_nothing_is_spent_on_what_it_holds(
    rules: KnownKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashlib, "scrypt", None)
    (found,) = find(b"password=740127", rules, every=True)
    assert found.where[0].offset == 9
