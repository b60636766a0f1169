"""Each rule of the file of services: it finds what it says, and nothing that only begins like it."""

from __future__ import annotations

import base64
import random
import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import string
from typing import Any

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.tokens.services import ServiceTokens
from redactfuzz.scan.keys.tokens.shapes import CHECKS, Rule, crc62, rules
from redactfuzz.scan.threshold import KEYS

PYPI = b"pypi" + b".org"  # no file of ours names a registry
RULES, LOW = rules(), Severity.LOW
IDS = [rule.name for rule in RULES]


def drawn(pattern: Any, draw: random.Random) -> str:
    """A text that a regular expression matches, each choice drawn at random."""
    return "".join(_piece(kind, of, draw) for kind, of in pattern)


def _piece(kind: Any, of: Any, draw: random.Random) -> str:
    if kind is kinds.LITERAL:
        return chr(of)
    if kind is kinds.IN:
        return draw.choice(sorted(_letters(of)))
    if kind is kinds.MAX_REPEAT:
        low, high, inner = of
        return "".join(drawn(inner, draw) for _ in range(draw.randint(low, high)))
    if kind is kinds.SUBPATTERN:
        return drawn(of[3], draw)
    if kind is kinds.BRANCH:
        return drawn(draw.choice(of[1]), draw)
    assert kind is kinds.ASSERT_NOT
    return ""


def _letters(of: Any) -> set[str]:
    found: set[str] = set()
    for kind, what in of:
        found |= {chr(what)} if kind is kinds.LITERAL else {chr(code) for code in range(what[0], what[1] + 1)}
    return found


def token_of(rule: Rule, seed: int = 1) -> bytes:
    draw = random.Random(f"{rule.name} {seed}")
    if rule.check == "macaroon":
        data = b"\2\1\x08" + PYPI + b"\2\x24" + draw.randbytes(36) + b"\0\0\6\x20" + draw.randbytes(32)
        return rule.prefix + base64.urlsafe_b64encode(data).rstrip(b"=")
    if rule.check == "crc32-base62":
        body = "".join(draw.choices(string.ascii_letters + string.digits, k=30)).encode()
        return rule.prefix + body + crc62(body)
    return rule.prefix + drawn(parser.parse(rule.body.pattern.decode()), draw).encode()


def lead(rule: Rule) -> bytes:
    """What stands before the prefix of a token, where that is asked for: the number of an account."""
    return drawn(parser.parse(r"[0-9]{9}"), random.Random(rule.name)).encode() if rule.before else b""


def find(data: bytes) -> list[KeyFinding]:
    return list(ServiceTokens().find(Image("core", data), KnownKeys()))


def test_there_are_rules_of_more_than_fifty_services_with_source_date_and_a_check_that_exists() -> None:
    assert len({rule.name.split()[0] for rule in RULES}) >= 50
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert "20" in rule.source
        assert rule.check in ("", *CHECKS)
        assert rule.check or rule.entropy >= 3.5, rule.name


@pytest.mark.parametrize("rule", RULES, ids=IDS)
@pytest.mark.parametrize(
    ("before", "after"), [(b"", b""), (b"key=", b"\n"), (b"\0", b"\0"), (b"/", b'"'), (b"=", b"|}")]
)
def test_a_token_is_found_by_its_rule(rule: Rule, before: bytes, after: bytes) -> None:
    token, number = token_of(rule), lead(rule)
    (found,) = find(before + number + token + after)
    assert (found.what, found.severity) == (rule.name, rule.severity)
    assert [(where.offset, where.length) for where in found.where] == [(len(before) + len(number), len(token))]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_what_only_begins_like_a_token_is_none(rule: Rule) -> None:
    token, size = token_of(rule), len(rule.prefix)
    shortest = min(len(drawn(parser.parse(re_shortest(rule)), random.Random(seed))) for seed in range(30))
    misses = (
        rule.prefix,
        rule.prefix + b"x" * 300,
        rule.prefix + b"0" * 300,
        rule.prefix + b"a1" * 150,
        rule.prefix + b"your-token-here-please-replace-it",
        token[: size + shortest - 1] + b"\0",
        token[:size] + b"\1" + token[size:],
        token[size:],
    )
    # The number of an account whose secret does not follow is a token of its own, and opens nothing.
    apart = {each.name for each in RULES if each is not rule and each.prefix == rule.prefix and each.severity is LOW}
    for miss in misses:
        assert {one.what for one in find(lead(rule) + miss)} <= apart, miss[:20]


def re_shortest(rule: Rule) -> str:
    """The pattern with each repetition at its least."""
    import re

    return re.sub(r"\{(\d+),\d+\}", r"{\1}", rule.body.pattern.decode())


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.check == "crc32-base62"], ids=lambda rule: rule.name)
def test_a_token_whose_checksum_is_wrong_is_none(rule: Rule) -> None:
    token = bytearray(token_of(rule))
    token[10] = ord("9") if token[10] != ord("9") else ord("8")
    assert not find(bytes(token))


def test_a_token_is_found_in_utf16() -> None:
    for rule in RULES:
        (found,) = find(b"=" + (lead(rule) + token_of(rule)).decode().encode("utf-16-le"))
        assert found.what == rule.name


def test_no_finding_shows_any_part_of_a_token() -> None:
    for rule in RULES:
        token = lead(rule) + token_of(rule)
        assert not any(token[at : at + 8].decode() in repr(find(token)) for at in range(15, len(token) - 8))


MD5, SHA1 = b"9e107d9d372bb6826bd81d3542a419d6", b"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
UUID = b"m0x8Jk3QTbe2vVfYl5cWRA"
BEHIND_WORDS = {"Mailgun key": MD5, "Mailchimp transactional key": UUID, "Pulumi access token": SHA1} | {
    "SonarQube token": SHA1,
    "Supabase token": SHA1,
    "Fly.io session token": base64.urlsafe_b64encode(bytes.fromhex((MD5 * 2).decode())).rstrip(b"="),
}
IDENTIFIERS = ("Hugging Face token", "Replicate token", "Vercel token", "GitLab feed token")
BEHIND_PARTS = {rule.name: token_of(rule)[len(rule.prefix) :] for rule in RULES if rule.name in IDENTIFIERS}
PREFIXES = {rule.name: rule.prefix for rule in RULES}


@pytest.mark.parametrize("name", BEHIND_WORDS)
def test_a_hash_behind_a_word_that_ends_like_a_short_prefix_is_none(name: str) -> None:
    token = PREFIXES[name] + BEHIND_WORDS[name]
    for word in (b"mon", b"public", b"node-modules-", b"cache_", b"9", b"Idempotency-Key: idempotency-"):
        assert not find(b"from " + word + token + b"\n")
        assert not find((b" from " + word + token + b"\n").decode().encode("utf-16-le"))


@pytest.mark.parametrize("name", BEHIND_PARTS)
def test_an_identifier_behind_a_word_that_ends_like_a_short_prefix_is_none(name: str) -> None:
    """What is joined to a name by a dash may be a token."""
    token = PREFIXES[name] + BEHIND_PARTS[name]
    for before in (b"serve", b"9", b"my_x"):
        assert not find(b"from " + before + token + b"\n")
    for before in (b"my_key_", b"key-", b"a.", b"\x1b[0m"):
        (found,) = find(b"from " + before + token + b"\n")
        assert found.what == name


@pytest.mark.parametrize("name", BEHIND_WORDS)
def test_a_token_with_such_a_prefix_is_found_where_a_word_begins(name: str) -> None:
    token = PREFIXES[name] + BEHIND_WORDS[name]
    for before in (b"", b"api:", b"key=", b"\0", b'{"k":"', b"a/", b"k%3D", b"a\\n", b"\x1b[1;32m", b"\x12$", b"\xff"):
        (found,) = find(before + token + b"\n")
        assert found.what == name


def test_a_key_whose_shape_is_that_of_any_hash_behind_a_word_is_of_a_lower_severity_and_fails() -> None:
    words = [rule for rule in RULES if rule.prefix in (b"key-", b"md-", b"pul-")]
    assert [rule.severity for rule in words] == [KEYS] * 3
    for rule in words:
        (found,) = find(rule.prefix + BEHIND_WORDS[rule.name])
        assert "any hash behind that word" in found.reason


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.check == "no name"], ids=lambda rule: rule.name)
def test_the_name_of_a_branch_is_no_token_of_gitlab(rule: Rule) -> None:
    before = rule.prefix + (b"64_" if "job" in rule.name else b"")
    for slug in (b"2024-01-02-deploy-prod1", b"feature-1234-add-btn", b"feature_1234_add_btn"):
        assert not find(b"branch " + before + slug)
    for body in (b"2024-01-02-Deploy-k7", b"qyw5maov54wbwriqg6b7", b"x7_Kq2-fT9bLw4ZrV1mp"):
        assert find(b"branch " + before + body)


def wrapped(letters: str, column: int, token: bytes, end: bytes) -> bytes:
    """Lines of base64, in the middle one of which such letters stand."""
    draw = random.Random(column)
    lines = ["".join(draw.choices(letters, k=76)).encode() for _ in range(9)]
    lines[4] = (lines[4][:column] + token + lines[4][column:])[:76]
    return end.join(lines)


OF_BASE64 = {"Google OAuth refresh token": "+/", "Groq API key": "-_", "xAI API key": "-_"}


@pytest.mark.parametrize("name", OF_BASE64)
def test_a_short_prefix_in_the_midst_of_base64_is_none_wherever_lines_end(name: str) -> None:
    (rule,) = [rule for rule in RULES if rule.name == name]
    letters = string.ascii_letters + string.digits + OF_BASE64[name]
    for column in range(1, 20):
        for end in (b"\n", b"\r\n"):
            data = wrapped(letters, column, b"x" + token_of(rule), end)
            assert not find(data), column
    run = "".join(random.Random(3).choices(letters, k=99)).encode()
    assert not find(run + b"x" + token_of(rule) + run)


@pytest.mark.parametrize("name", OF_BASE64)
def test_a_token_on_a_line_of_its_own_behind_base64_is_found(name: str) -> None:
    (rule,) = [rule for rule in RULES if rule.name == name]
    run = "".join(random.Random(3).choices(string.ascii_letters + string.digits, k=76)).encode()
    for before in (run + b"\n", run + b"\r\n", run + b"\nkey=", run + b" ", b"short\na_"):
        (found,) = find(before + token_of(rule) + b"\n")
        assert found.what == name


def test_a_bot_token_of_telegram_has_the_number_of_the_bot_before_it() -> None:
    (rule,) = [rule for rule in RULES if rule.before]
    token = token_of(rule)
    for before in (b"bot", b" ", b"/bot", b"TOKEN=", b"\0"):
        (found,) = find(before + b"6123456789" + token + b"\n")
        assert found.what == "Telegram bot token"
    for near in (b"", b"1234567", b"12345678901", b"x12345678", b"1-2345678"):
        assert not find(b"at " + near + token + b"\n")
    assert not find(b"12345678" + token + b"A\n")
    assert not find(b"bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getUpdates")  # of a document: a letter too few


PRINTED = (
    b"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    b"4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcs",
)


@pytest.mark.parametrize("token", PRINTED)
def test_a_token_that_documents_print_is_low(token: bytes) -> None:
    (found,) = find(b"a " + token + b";\n")
    assert (found.severity, "documentation" in found.reason) == (LOW, True)


@pytest.mark.parametrize(
    "text",
    [
        b"AccountKey=" + b"y" * 86 + b"==",
        b"AccountKey=" + (b"YourStorageAccountKeyGoesHere" * 3)[:86] + b"==",
        b"AccountKey=<key>;EndpointSuffix=core.windows.net",
        b"SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=YOUR_SHARED_ACCESS_KEY_FROM_THE_PORTAL_HERE_=",
        b"sk-ant-oat01-TEST_SETUP_TOKEN_NOT_REAL",
        b"sk-or-v1-your_key_here",
        b"dckr_oat_" + b"your-organization-access-token-x",
    ],
)
def test_an_example_of_documentation_is_no_token(text: bytes) -> None:
    assert not find(b"a " + text + b"\n")
