"""Keys of HMAC that are text, by a message and its MAC, which Python's ``hmac`` made."""

from __future__ import annotations

import base64
import random
import string
from pathlib import Path

import pytest
from mac_cases import SHA256, jwt, known, line, noise

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.macs import words
from redactfuzz.scan.keys.macs.words import HmacWords
from redactfuzz.scan.matcher_set import MatcherSet


def find(data: bytes, keys: KnownKeys) -> list[KeyFinding]:
    return list(HmacWords().find(Image("memory", data), keys))


def secret(size: int, letters: str = string.ascii_letters + string.digits + "-_", seed: int = 3) -> bytes:
    return "".join(random.Random(f"{size} {seed}").choices(letters, k=size)).encode()


AROUND = {
    "a string of C": (b"\x01\0", b"\0"),
    "an environment": (b"\0HOME=/root\0JWT_SECRET=", b"\0PATH=/bin\0"),
    "a .env file": (b"A=b\nexport KEY='", b"'\nB=c\n"),
    "JSON": (b'{"a": 1, "secret":"', b'","b":[]}'),
    "JSON in JSON": (b'{\\"secret\\":\\"', b'\\"}'),
    "YAML": (b"jwt:\n  secret: ", b"\n  ttl: 3\n"),
    "a repr": (b"Config(secret=", b", ttl=3)"),
    "a URL": (b"redis://user:", b"@host/1"),
    "a command": (b"run --key ", b" --port 1"),
    "a query": (b"GET /?key=", b"&x=1 HTTP/1.1"),
    "Laravel": (b"APP_KEY=base64:", b"\n"),
    "the end of memory": (b"\n", b""),
    "all there is": (b"", b""),
}


@pytest.mark.parametrize("where", AROUND)
def test_a_secret_that_is_text_is_found_by_a_mac_and_another_is_not(where: str) -> None:
    before, behind = AROUND[where]
    for size in (16, 17, 40, 64, 65, 128):
        key = secret(size)
        (found,) = find(before + key + behind, known(jwt(key)))
        assert found.what == "HMAC key of macs.txt: line 1 (SHA-256), text"
        assert [(one.offset, one.length) for one in found.where] == [(len(before), size)]
        assert find(before + key + behind, known(jwt(secret(size, seed=4)))) == []
        assert find(before + key[:-1] + b"." + behind, known(jwt(key))) == []


def encoded(key: bytes) -> dict[str, bytes]:
    url = base64.urlsafe_b64encode(key)
    return {
        "hexadecimal": key.hex().encode(),
        "hexadecimal, upper case": key.hex().upper().encode(),
        "base64": base64.b64encode(key),
        "base64, not padded": base64.b64encode(key).rstrip(b"="),
        "base64url": url,
        "base64url, not padded": url.rstrip(b"="),
    }


@pytest.mark.parametrize("where", AROUND)
@pytest.mark.parametrize("form", encoded(b""))
def test_a_key_in_hexadecimal_or_base64_is_found_by_a_mac_and_another_is_not(where: str, form: str) -> None:
    before, behind = AROUND[where]
    for size in (16, 20, 32, 47, 64):
        key = noise(size, size)
        (found,) = find(before + encoded(key)[form] + behind, known(jwt(key)))
        notation = "hexadecimal" if "hex" in form else "base64"
        assert found.what == f"HMAC key of macs.txt: line 1 (SHA-256), {notation}"
        assert [one.offset for one in found.where] == [len(before)]
        assert find(before + encoded(noise(size, 1))[form] + behind, known(jwt(key))) == []


def test_secrets_with_signs_and_spaces_are_found() -> None:
    signs = secret(50, "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)")  # those of Django
    phrase = b"correct horse, battery; staple's end"
    for key in (signs, b"django-insecure-" + signs, phrase):
        for before, behind in ((b"\0", b"\0"), (b"\n", b"\n")):
            assert [where.offset for where in find(before + key + behind, known(jwt(key)))[0].where] == [1]
        for before, behind in ((b'SECRET_KEY = "', b'"\n'), (b'{"k": "', b'", "b": 1}')):
            assert len(find(before + key.replace(b"'", b"`") + behind, known(jwt(key)))) == (b"'" not in key)


@pytest.mark.parametrize("size", [14, 15, 129, 200])
def test_a_text_of_another_length_is_none(size: int) -> None:
    key = secret(size)
    assert find(b"=" + key + b"\0", known(jwt(key))) == []


def test_a_word_is_tried_once_and_each_of_its_places_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other words cost a look each."""
    monkeypatch.setattr(words, "_MOST", 5_000)
    key = secret(40)
    text = b"=".join([b"a-secret-of-others-that-is-long\0"] * 900 + [key + b"\0"] * 20)
    findings = HmacWords().find(Image("memory", text), known(jwt(key), line(SHA256, key)))
    (found,) = findings
    assert (found.what, len(found.where) + found.more) == ("HMAC key of macs.txt: lines 1, 2 (SHA-256), text", 20)
    assert findings.gaps == []


def test_more_words_than_are_tried_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"\n".join(secret(20, seed=seed) for seed in range(400))
    assert HmacWords().find(Image("memory", text), known(jwt(secret(40)))).gaps == []
    for limit in ("_MOST", "_ROOM"):
        with monkeypatch.context() as less:
            less.setattr(words, limit, 256)
            findings = HmacWords().find(Image("memory", text), known(jwt(secret(40))))
            assert [gap.harmless for gap in findings.gaps] == [False]


def test_a_text_of_delimiters_takes_bounded_work() -> None:
    findings = HmacWords().find(Image("memory", b'="' * (1 << 17)), known(jwt(secret(40))))
    assert list(findings) == []


def scanned(path: Path, data: bytes, keys: KnownKeys) -> list[str]:
    path.write_bytes(data)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant((), [])
    report = scan_dump(path, ScanRequest(matcher_set, keys))
    assert report.skipped == ()
    return [each.what for each in report.keys]


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_text_is_found_by_a_scan(coding: str, tmp_path: Path) -> None:
    key = secret(40)
    data = noise(301) + f'secret="{key.decode()}"'.encode(coding) + bytes(64)
    what = ["HMAC key of macs.txt: line 1 (SHA-256), text"]
    assert scanned(tmp_path / "dump", data, known(jwt(key))) == what
    assert scanned(tmp_path / "dump", data, known(jwt(secret(40, seed=5)))) == []


@pytest.mark.parametrize("form", encoded(b""))
def test_a_key_that_is_seen_in_text_and_in_what_the_text_spells_is_told_once(form: str, tmp_path: Path) -> None:
    key = noise(32)
    data = b"JWT_KEY=" + encoded(key)[form] + b"\nPORT=80\n"
    (what,) = scanned(tmp_path / "dump", data, known(jwt(key), line(SHA256, key)))
    assert what.startswith("HMAC key of macs.txt: lines 1, 2 (SHA-256), ")
    assert scanned(tmp_path / "dump", data, known(jwt(noise(32, 1)))) == []


def test_without_a_pair_nothing_is_looked_for_and_a_finding_shows_nothing() -> None:
    key = secret(40)
    assert find(key, KnownKeys()) == []
    said = repr(find(key, known(jwt(key))))
    assert "SHA-256" in said
    assert not any(key[at : at + 5].decode() in said for at in range(36))
