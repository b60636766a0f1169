"""Rules in gitleaks' TOML, matched by RE2."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from redactfuzz.cli.scan import scan
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding
from redactfuzz.scan.keys import KnownKeys, UnusableRules, read_rules
from redactfuzz.scan.keys.tokens import custom
from redactfuzz.scan.keys.tokens.custom import FileTokens

RULES = r"""
title = "of our company"
[allowlist]
stopwords = ["placeholder"]
[[rules]]
id = "acme-token"
description = "a token of ours"
regex = '''(?i)\bacme[_-]key['"=: ]{1,4}([a-z0-9]{24})\b'''
entropy = 3
keywords = ["acme"]
[[rules.allowlists]]
regexes = ['''^0123''']
[[rules]]
id = "second-group"
regex = '''(user|root):([0-9]{8})'''
secretGroup = 2
[[rules]]
id = "files"
path = '''\.pem$'''
"""
TOKEN = b"q7w2e9r4t6y1u8i3o5p0a2s4"


@pytest.fixture
def rules(tmp_path: Path) -> KnownKeys:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return KnownKeys(rules=read_rules(path))


def find(data: bytes, known: KnownKeys) -> list[KeyFinding]:
    return list(FileTokens().find(Image("log", data), known))


def test_a_rule_finds_its_group_and_nothing_that_is_not_its(rules: KnownKeys) -> None:
    assert len(rules.rules) == 2
    (found,) = find(b"\xff\0ACME-KEY=" + TOKEN + b"\0\xfe", rules)
    assert (found.what, found.where[0].offset) == ("acme-token (rule of rules.toml)", 11)
    (found,) = find(b"user:12345678", rules)
    assert (found.what, found.where[0].offset, found.where[0].length) == ("second-group (rule of rules.toml)", 5, 8)
    for near in (
        b"xacme_key=" + TOKEN,
        b"acme_key=" + b"a" * 24,
        b"acme_key=0123" + TOKEN[4:],
        b"acme_key=placeholder" + TOKEN[:13],
        b"acne_key=" + TOKEN,
        b"guest:12345678",
    ):
        assert not find(near, rules)
    assert not find(b"acme_key=" + TOKEN, KnownKeys())


@pytest.mark.parametrize("offset", [0, 1, 100, 900, 1010, 1020, 1023, 1024, 1025, 2040, 2048])
def test_a_match_is_found_once_wherever_it_lies(offset: int, rules: KnownKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "_CHUNK", 1024)
    monkeypatch.setattr(custom, "_OVERLAP", 64)
    (found,) = find(b" " * offset + b"acme_key=" + TOKEN + b" " * 2000, rules)
    assert [where.offset for where in found.where] == [offset + 9]
    assert found.more == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rules", "is no TOML"),
        ("title = 'x'", "no rule with a regex"),
        ("[[rules]]\nid = 'a'\nregex = '(?=b)c'", "a: RE2 does not take the regex"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nsecretGroup = 3", "secretGroup is none of the 0 groups"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nentropy = 'x'", "entropy is a number"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nentropy = nan", "entropy is a number"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nkeywords = [1]", "keywords is a list of texts"),
        ("[[rules]]\nid = 'a'\nregexp = 'b'\n[[rules]]\nid = 'c'\nregex = 'd'", "'regexp' is not known"),
        ("[[rules]]\nid = 'a'\nkeywords = ['b']", "has neither regex nor path"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nallowlist = 5", "allowlist is no table"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\n[rules.allowlist]\nregexes = 'abc'", "regexes is a list of texts"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\n[rules.allowlist]\nstopwords = 'abc'", "stopwords is a list of texts"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\n[rules.allowlist]\nstopwords = ['']", "none of them empty"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\n[rules.allowlist]\nregexTarget = 'lines'", "regexTarget is match or line"),
        ("[extend]\nuseDefault = true\n[[rules]]\nid = 'a'\nregex = 'b'", "is not followed"),
        ("[[rules]]\nid = 'a'\nregex = ''", "a: a regex is a text, and not empty"),
        ("[[rules]]\nid = 'a'\nregex = ['b']", "a: a regex is a text, and not empty"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\nentropy = true", "entropy is a number"),
        ("[[rules]]\nid = 'a'\nregex = '(b)'\nsecretGroup = true", "secretGroup is none of the 1 groups"),
        ("[[rules]]\nid = 'a'\nregex = 'b'\n[rules.allowlist]\nregexTarget = ['x']", "regexTarget is match or line"),
        ("a = " + "[" * 100_000, "nested too deeply|is no TOML:"),
        ("[[rule]]\nid = 'a'\nregex = 'b'", "'rule' is not known"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_rule(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(UnusableRules, match=message.replace("?", r"\?")):
        read_rules(tmp_path / "rules.toml")


ACME = "[[rules]]\nid = 'acme'\nregex = 'acme_[A-Za-z0-9]{16,}'\n"
OTHER = "[[rules]]\nid = 'other'\nregex = 'zzz'\n"
ALLOWLISTS = {
    "[[rules.allowlists]]\nregexes = ['acme_k3']": 0,
    "[[rules.allowlists]]\npaths = ['x']\nregexes = ['acme_k3']": 0,
    "[[rules.allowlists]]\ncondition = 'AND'\npaths = ['tests/.*']\nregexes = ['acme_k3']": 1,
    "[[rules.allowlists]]\ncondition = 'and'\nregexes = ['acme_k3']\nstopwords = ['example']": 1,
    "[[rules.allowlists]]\ncondition = '&&'\nregexes = ['acme_k3']\nstopwords = ['S3CR']": 0,
    "[[rules.allowlists]]\npaths = ['tests/.*']": 1,
    f"{OTHER}[[allowlists]]\ntargetRules = ['other']\nregexes = ['acme_']": 1,
    f"{OTHER}[[allowlists]]\ntargetRules = ['other', 'acme']\nregexes = ['acme_']": 0,
}


@pytest.mark.parametrize("allowlist", ALLOWLISTS)
def test_an_allowlist_allows_what_gitleaks_would_allow_and_nothing_else(allowlist: str, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(f"{ACME}{allowlist}\n")
    known = KnownKeys(rules=read_rules(tmp_path / "rules.toml"))
    assert len(find(b"x acme_k3yS3cr3tQ9zT7wLp0 y", known)) == ALLOWLISTS[allowlist]


def test_a_rule_that_only_helps_others_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES.replace('id = "second-group"', 'id = "second-group"\nskipReport = true'))
    known = KnownKeys(rules=read_rules(tmp_path / "rules.toml"))
    assert find(b"acme-key: " + TOKEN + b" root:12345678", known)
    assert not find(b"root:12345678", known)


def test_an_allowlist_of_lines_sees_all_of_a_line_and_reads_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['test-fixture']\n"
    (tmp_path / "rules.toml").write_text(f"[[rules]]\nid = 'k'\nregex = 'k=([a-z0-9]{{12}})'\n{allowed}")
    known = KnownKeys(rules=read_rules(tmp_path / "rules.toml"))
    code, match = b"var a=1;" * 700, b"k=abcdef123456;"
    for line in (b"test-fixture " + code + match, code + match + code + b"test-fixture"):
        assert not find(b"first\n" + line + b"\nlast", known)
        assert find(b"test-fixture\n" + line.replace(b"test-fixture", b"") + b"\ntest-fixture", known)
    read = []
    looked = custom.Allowed.matches
    monkeypatch.setattr(custom.Allowed, "matches", lambda self, text: read.append(1) or looked(self, text))
    assert len(find(b"\n".join([match * 500, match * 500 + b"test-fixture"]), known)[0].where) > 1
    assert len(read) == 2


def test_the_command_takes_a_file_of_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "log").write_bytes(b"acme_key=" + TOKEN)
    runner = CliRunner()
    told = runner.invoke(scan, ["--rules", str(tmp_path / "rules.toml"), str(tmp_path / "log")], standalone_mode=False)
    assert (told.return_value, "acme-token" in told.output) == (1, True)
    assert TOKEN.decode() not in told.output
    (tmp_path / "bad.toml").write_text("")
    told = runner.invoke(scan, ["--rules", str(tmp_path / "bad.toml"), str(tmp_path / "log")])
    assert told.exit_code == 2


def test_no_finding_shows_a_secret(rules: KnownKeys) -> None:
    assert TOKEN.decode()[:8] not in repr(find(b"acme_key=" + TOKEN, rules))


@pytest.mark.parametrize("many", [1, 60, 600])
def test_many_rules_share_one_limit_of_memory_and_find_what_each_finds_alone(many: int, tmp_path: Path) -> None:
    path = tmp_path / "many.toml"
    path.write_text("".join(f"[[rules]]\nid = 'r{n}'\nregex = 'a[a-z0-9 ]{{40}}b{n:03}'\n" for n in range(many)))
    rules = read_rules(path)
    assert sum(rule.pattern.options.max_mem for rule in rules) <= custom._MEMORY
    text = b"".join(b"a%sb%03d\n" % (b"a " * 20, n) for n in range(0, many, 20))
    assert [one.what for one in find(text, KnownKeys(rules=rules))] == [
        f"r{n} (rule of many.toml)" for n in range(0, many, 20)
    ]


def test_a_pattern_that_needs_more_than_its_share_of_memory_still_matches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom, "_MEMORY", 1)
    path = tmp_path / "large.toml"
    path.write_text(f"[[rules]]\nid = 'large'\nregex = '{'[a-f]{1000}' * 40}'\n")
    (rule,) = read_rules(path)
    assert rule.pattern.options.max_mem > custom._LEAST
    assert find(b"." + b"a" * 40_000, KnownKeys(rules=(rule,)))
