"""Texts of which some letters are none of ASCII, in UTF-16, Latin-1, Shift-JIS and others: they are not cut there."""

from __future__ import annotations

import base64
import json
import random
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from test_printed_jwks import ec_key

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Derived, texts_of

TOKEN = mint(71, "token", token(32), 1)
OTHER = mint(72, "token", token(32), 1)
NOISE = random.Random(7).randbytes(1 << 20)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


EC, RSA = pem(ec.generate_private_key(ec.SECP256R1())), pem(rsa.generate_private_key(65537, 2048))
JWK = ec_key()


def lines(prefix: str, text: str) -> str:
    return "".join(f"{prefix}{line}\r\n" for line in text.splitlines())


def folded(data: bytes) -> str:
    return "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76))


TEXTS = {
    "a JWK with a Cyrillic name": "config: " + json.dumps(JWK | {"kid": "подпись"}, ensure_ascii=False),
    "a JWK behind Chinese": '{"name":"密钥","key":' + json.dumps(JWK) + "}",
    "a JWK with a quotation mark": json.dumps({"note": "it\u2019s the key — сайта", "keys": [JWK]}, ensure_ascii=False),
    "a JWK with an emoji": json.dumps(JWK | {"kid": "🔑 é"}, ensure_ascii=False),
    "PEM with a prefix in Chinese": lines("2026-11-29 信息 ", RSA.decode()),
    "PEM of a curve with a prefix in Chinese": lines("信息 ", EC.decode()),
    "base64 with a prefix in Chinese": lines("信息 ", folded(RSA)),
}
EIGHT_BITS = {
    "base64 with a prefix in Latin-1": lines("Schlüssel: ", folded(RSA)).encode("latin-1"),
    "base64 with a prefix in Shift-JIS": lines("設定値 ", folded(RSA)).encode("shift-jis"),
    "base64 with a prefix in GB 18030": lines("信息 ", folded(RSA)).encode("gb18030"),
    "base64 with a prefix in KOI8-R": lines("ключ ", folded(RSA)).encode("koi8-r"),
}
NUMBERS: dict[str, Callable[[bytes], bytes]] = {
    "UTF-16": lambda secret: numbers("设定", secret).encode("utf-16-le"),
    "UTF-16, big-endian": lambda secret: numbers("设定", secret).encode("utf-16-be"),
    "Latin-1": lambda secret: numbers("Gerät", secret).encode("latin-1"),
    "Shift-JIS": lambda secret: numbers("設定値", secret).encode("shift-jis"),
}


def numbers(name: str, secret: bytes) -> str:
    return "".join(f"{name} key[{index}]={byte}\n" for index, byte in enumerate(secret))


def scanned(folder: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant([TOKEN], [])
    (folder / "dump").write_bytes(data)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN,)))


def texts(data: bytes) -> list[Derived]:
    return texts_of(Derived("", data, lambda start, end: (start, end)))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_key_beside_letters_of_another_alphabet_is_found_in_utf16(name: str, codec: str, tmp_path: Path) -> None:
    data = b"\3\1\2\xff" + TEXTS[name].encode(codec) + b"\xff\1\2\3"
    for around in (b"", NOISE[:333], NOISE[:334]):
        (key,) = scanned(tmp_path, around + data + around).keys
        assert "private key" in key.what
    twin = re.sub(r"[A-Za-z0-9+/_-]{20,}", lambda match: "A" * len(match[0]), TEXTS[name])
    assert verdict(scanned(tmp_path, twin.encode(codec))) == "CLEAN"


LINES = {
    "Russian": "строка {}: всё в порядке\n",  # its word of one letter has a byte of ASCII
    "Greek": "γραμμή {}: όλα είναι καλά\n",
    "Arabic": "السطر {} كل شيء على ما يرام\n",
    "Japanese": "行 {} すべて正常です。\n",
    "Chinese": "第{}行一切正常、没有任何问题需要处理。请继续\n",
    "Korean": "줄 {}: 모든 것이 정상입니다\n",
}


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", LINES)
def test_a_log_in_another_language_is_one_text_in_utf16(language: str, codec: str, tmp_path: Path) -> None:
    def log(secret: bytes) -> bytes:
        lines = [LINES[language].format(number) for number in range(200)]
        return "".join([*lines, f"{lines[0].strip()} key={base64.b64encode(secret).decode()}\n", *lines]).encode(codec)

    for before in (b"", b"\1"):
        assert verdict(scanned(tmp_path, before + log(TOKEN.bytes))) == "LEAK"
        assert verdict(scanned(tmp_path, before + log(OTHER.bytes))) == "CLEAN"
        assert max(len(one.data) for one in texts(before + log(OTHER.bytes)) if one.what) > 400 * 10


@pytest.mark.parametrize("name", EIGHT_BITS)
def test_a_key_beside_letters_of_another_encoding_is_found(name: str, tmp_path: Path) -> None:
    (key,) = scanned(tmp_path, EIGHT_BITS[name]).keys
    assert "private key" in key.what
    assert verdict(scanned(tmp_path, re.sub(rb"[A-Za-z0-9+/]{20,}", b"A" * 76, EIGHT_BITS[name]))) == "CLEAN"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_a_line_is_seen_beside_them(name: str, tmp_path: Path) -> None:
    assert verdict(scanned(tmp_path, NUMBERS[name](TOKEN.bytes))) == "LEAK"
    assert verdict(scanned(tmp_path, NUMBERS[name](OTHER.bytes))) == "CLEAN"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_each_letter_becomes_one_and_says_where_it_lies(codec: str) -> None:
    text = "a note: «ключ» of the 信息 service, é🔑 and so on"
    data = NOISE[:64].replace(b"\0", b"\1") + b"\1\1" + text.encode(codec) + b"\1\1"
    (one,) = (each for each in texts(data) if each.what)
    narrowed = re.sub(rb"[^ -~]", b"?", text.replace("🔑", "\ue000\ue000").encode("ascii", "replace"))
    read = one.data.split(bytes(8))  # in one order, and in the other one as far as that is text as well
    (right,) = (each for each in read if each in (narrowed, narrowed[1:]))
    start = one.data.index(right)
    assert data[one.place(start, start + 1)[0]] == (ord("a") if right == narrowed else ord(" "))
    at = one.data.index(b"service", start)
    assert data[one.place(at, at + 7)[0] :][:13] == "service".encode("utf-16-le")[:13]


def test_what_is_no_text_is_none() -> None:
    """Of noise less than a hundredth, and of words of 16 bits nothing."""
    found = sum(len(one.data) for one in texts(NOISE))
    assert found < len(NOISE) // 100
    draw = random.Random(8)
    words = b"".join(draw.choice([b"A\0", draw.randbytes(2), b"\0\0"]) for _ in range(1 << 16))
    assert sum(len(one.data) for one in texts(words)) < len(words) // 100


def test_what_may_be_text_and_never_shows_to_be_is_not_read_again_and_again() -> None:
    """A word of seven letters and one of another encoding: read on from each place it would take minutes."""
    assert not texts(b"\1".join([b"seven l\xe9" * (1 << 17)] * 4))


def test_text_of_eight_bits_beside_utf16_is_not_taken_for_chinese() -> None:
    wide = "the words of a text of sixteen bits".encode("utf-16-le")
    narrow = b"password=of+thirty+two+letters+and+more+is+it"
    found = texts(b"\1" + wide + narrow + b"\0" + wide + b"\xff")
    assert narrow[:-1] in b"".join(one.data for one in found if not one.what)
