"""Keys in a log that shows its newest line first, and in the pieces of a stream of events."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from apart_writers import github
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from key_writers import pgp

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Spelling
from redactfuzz.scan.views.spellings import spelled
from redactfuzz.scan.views.upside_down import upside_down


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEYS = {
    "RSA": pem(rsa.generate_private_key(65537, 2048)),
    "EC": pem(ec.generate_private_key(ec.SECP256R1())),
    "PGP": pgp().decode(),
}
TOKEN, OTHER = mint(91, "token", token(32), 1), mint(92, "token", token(32), 1)


def log(text: str) -> list[str]:
    lines = ["start", *text.splitlines(), "done"]
    return [f"Nov 29 18:00:{index % 60:02} host app[123]: {line}" for index, line in enumerate(lines)]


def scanned(folder: Path, text: str) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant([TOKEN], [])
    (folder / "dump").write_text(text)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN,)))


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_found_in_lines_of_which_the_newest_is_the_first(kind: str, tmp_path: Path) -> None:
    (alone,) = scanned(tmp_path, KEYS[kind]).keys
    # The lines of a PEM are put together in any order, and the place of the first one is told.
    begins = "-----BEGIN" if kind == "PGP" else KEYS[kind].splitlines()[1]
    for written in ("\n".join(log(KEYS[kind])[::-1]) + "\n", "\n".join(log(KEYS[kind])[::-1])):
        (key,) = scanned(tmp_path, written).keys
        assert key.identity == alone.identity
        (where,) = key.where
        found = written[where.offset : where.offset + where.length]
        assert begins in found
        assert "start" not in found
    public = KEYS[kind].replace("PRIVATE", "PUBLIC")
    assert verdict(scanned(tmp_path, "\n".join(log(public)[::-1]))) == "CLEAN"


def test_keys_in_their_order_are_not_turned() -> None:
    several = "".join(KEYS.values()) * 3
    assert not list(upside_down(several.encode()))
    assert not list(upside_down(b"-----END PRIVATE KEY-----\n" * 999 + b"-----BEGIN PRIVATE KEY-----\n" * 999))
    assert not list(upside_down(b"-----END PRIVATE KEY-----\n" + b"a" * (1 << 17) + b"\n-----BEGIN PRIVATE KEY-----\n"))


PROSE = ["Sure", " the", " credentials", " are", " now", " "], [" and", " everything", " should", " work"]


def completion(piece: str, noise: random.Random) -> str:
    """An event with more than thirty words, and padding of another length in each."""
    event = {
        "id": "chatcmpl-BQx7Zc0dYk3u1", "object": "chat.completion.chunk", "created": 1764440000,
        "model": "gpt-4o-mini-2024-07-18", "service_tier": "default", "system_fingerprint": "fp_0392822090",
        "choices": [{"index": 0, "delta": {"content": piece}, "logprobs": None, "finish_reason": None}],
        "usage": None, "obfuscation": "".join(noise.choices("abcdefABCDEF0123", k=noise.randint(3, 12))),
    }  # fmt: skip
    return f"data: {json.dumps(event)}\n\n"


def delta(piece: str, noise: random.Random) -> str:
    return f'event: delta\ndata: {{"index":{noise.randrange(1)},"delta":{{"text":{json.dumps(piece)}}}}}\n\n'


@pytest.mark.parametrize("event", [completion, delta])
def test_a_secret_in_pieces_among_longer_words_is_found(event, tmp_path: Path) -> None:
    def streamed(secret: str) -> str:
        pieces = (secret[at : at + 3] for at in range(0, len(secret), 3))
        noise = random.Random(2)
        return "".join(event(piece, noise) for piece in (*PROSE[0], *pieces, *PROSE[1]))

    assert verdict(scanned(tmp_path, streamed(TOKEN.text))) == "LEAK"
    assert verdict(scanned(tmp_path, streamed(OTHER.text))) == "CLEAN"


@pytest.mark.parametrize("size", [2, 3, 4, 6])
def test_marks_in_the_pieces_are_part_of_the_token(size: int, tmp_path: Path) -> None:
    secret = github(9)
    events = "".join(f'data: {{"delta":"{secret[at : at + size]}"}}\n\n' for at in range(0, len(secret), size))
    (key,) = scanned(tmp_path, events).keys
    assert key.what == "GitHub personal access token"
    twin = secret[:8] + ("z" if secret[8] != "z" else "y") + secret[9:]
    others = "".join(f'data: {{"delta":"{twin[at : at + size]}"}}\n\n' for at in range(0, len(twin), size))
    assert not scanned(tmp_path, others).keys


def test_a_quote_that_ends_a_piece_begins_none() -> None:
    rows = b"".join(b"['a%d'-'b%d']\n" % (number % 7, number % 5) for number in range(40))
    assert b"-" not in spelled(Spelling.COLUMNS, rows)
