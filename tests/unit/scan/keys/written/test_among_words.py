"""JSON Web Keys that are no JSON as a whole, and those in tables, in XML and in formats of databases."""

from __future__ import annotations

import base64
import json
import pickle
import struct
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from test_printed_jwks import KEYS, b64

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.written import among_words
from redactfuzz.scan.keys.written.printed_jwks import JwkKeys

Key = dict[str, str]


def curve_key(curve: ec.EllipticCurve, name: str, size: int) -> Key:
    numbers = ec.generate_private_key(curve).private_numbers()
    point = numbers.public_numbers
    values = {"x": b64(point.x, size), "y": b64(point.y, size), "d": b64(numbers.private_value, size)}
    return {"kty": "EC", "crv": name, "kid": "of-2026"} | values


PROVED = {what: key for what, key in KEYS.items() if "symmetric" not in what} | {
    "EC private key on P-384 (JWK)": curve_key(ec.SECP384R1(), "P-384", 48),
    "EC private key on P-521 (JWK)": curve_key(ec.SECP521R1(), "P-521", 66),
    "EC private key on secp256k1 (JWK)": curve_key(ec.SECP256K1(), "secp256k1", 32),
}


def doubled(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def each(form: str) -> Callable[[Key], bytes]:
    """Each name ``k`` and its value ``v``, and how long they are."""
    return lambda key: "".join(form.format(k=k, v=v, K=k.upper(), n=len(k), m=len(v)) for k, v in key.items()).encode()


def cbor(text: str) -> bytes:
    size = len(text)
    head = bytes([0x60 | size]) if size < 24 else b"x" + bytes([size]) if size < 256 else b"y" + struct.pack(">H", size)
    return head + text.encode()


def msgpack(text: str) -> bytes:
    size = len(text)
    head = b"\xd9" + bytes([size]) if size < 256 else b"\xda" + struct.pack(">H", size)
    return (bytes([0xA0 | size]) if size < 32 else head) + text.encode()


def bson(key: Key) -> bytes:
    return b"".join(b"\2%b\0%b%b\0" % (k.encode(), struct.pack("<I", len(v) + 1), v.encode()) for k, v in key.items())


def table(key: Key, before: str, between: str, behind: str, rule: str) -> bytes:
    """As a client of a database prints a row: the names above, in columns as wide as the values."""
    width = {name: max(len(name), len(value)) for name, value in key.items()}
    rows = [{name: name for name in key}, {name: "-" * (width[name] + 2) for name in key}, key]
    lines = (between.join(f"{one[name]:{width[name]}}" for name in key) for one in (rows[0], rows[2]))
    names, values = (before + line + behind for line in lines)
    return "\n".join((names, rule.join(rows[1].values()), values, "(1 row)")).encode()


NO_JSON: dict[str, Callable[[Key], bytes]] = {
    "a comma too many": lambda key: b"{\n%b}" % each('  "{k}": "{v}",\n')(key),
    "comments": lambda key: b"// of 2026\n{ // it\n%b /* end */}" % each('  "{k}": "{v}", // {n}\n')(key),
    "None of Python": lambda key: b'{"kty": "%b", "use": None, ' % key["kty"].encode() + each('"{k}": "{v}", ')(key),
    "cut off": lambda key: (json.dumps(key | {"key_ops": ["sign"], "ext": True})[:-20] + "... (truncated)").encode(),
    "CSV": lambda key: f"1,sig,{doubled(json.dumps(key))},2026\n".encode(),
    "BSON": bson,
    "MessagePack": lambda key: b"\x86" + b"".join(msgpack(k) + msgpack(v) for k, v in key.items()),
    "CBOR": lambda key: b"\xa6" + b"".join(cbor(k) + cbor(v) for k, v in key.items()),
    "pickle": pickle.dumps,
    "pickle of protocol 0": lambda key: pickle.dumps(key, 0),
    "Redis": each("${n}\r\n{k}\r\n${m}\r\n{v}\r\n"),
    "PHP's serialize": each('s:{n}:"{k}";s:{m}:"{v}";'),
    "PHP's print_r": each("    [{k}] => {v}\n"),
    "PHP's var_dump": each('  ["{k}"]=>\n  string({m}) "{v}"\n'),
    "Rust": each('{k}: Some("{v}"), '),
    "OTLP": lambda key: json.dumps([{"key": k, "value": {"stringValue": v}} for k, v in key.items()]).encode(),
    "DynamoDB": lambda key: json.dumps({k: {"S": v} for k, v in key.items()}).encode(),
    "Firestore": lambda key: json.dumps({"fields": {k: {"stringValue": v} for k, v in key.items()}}).encode(),
    "pairs": lambda key: json.dumps(list(key.items())).encode(),
    "a property list": each("<key>{k}</key><string>{v}</string>"),
    "XML": each("<{k}>{v}</{k}>"),
    "a table": each("| {k} | {v} |\n"),
    "psql": lambda key: table(key, " ", " | ", "", "+"),
    "mysql": lambda key: table(key, "| ", " | ", " |", "+"),
    "the environment": each('export JWK_{K}="{v}"\n'),
}


LETTERS_ALL_OVER = ("CBOR", "EC private key on P-521 (JWK)")
"""Names, lengths and values are one word there, which is not taken apart."""
CASES = [(form, what) for form in NO_JSON for what in PROVED if (form, what) != LETTERS_ALL_OVER]


def whats(data: bytes) -> list[str]:
    image = Image("a log", b"\0\1 the key\n" + data + b"\n\3 and so on\0")
    return [one.what for one in JwkKeys().find(image, KnownKeys())]


def changed(key: Key) -> Key:
    """With another private number, and in RSA with no prime."""
    other = {name: value for name, value in key.items() if name not in "pq"}
    return other | {"d": ("B" if key["d"][0] != "B" else "C") + key["d"][1:]}


@pytest.mark.parametrize(("form", "what"), CASES)
def test_a_key_is_found_whatever_carries_it(form: str, what: str) -> None:
    assert whats(NO_JSON[form](PROVED[what])) == [what]


@pytest.mark.parametrize(("form", "what"), CASES)
def test_a_key_that_is_public_or_does_not_agree_is_none(form: str, what: str) -> None:
    key = PROVED[what]
    assert not whats(NO_JSON[form]({name: value for name, value in key.items() if name not in "dpq"}))
    assert not whats(NO_JSON[form](changed(key)))


def test_a_key_in_json_is_told_once_and_its_words_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    real = among_words.keys_among

    def counted(text: bytes, at: int, tries: among_words.Tries) -> Iterator[tuple[int, int, Key]]:
        tried.append(at)
        return real(text, at, tries)

    monkeypatch.setattr("redactfuzz.scan.keys.written.printed_jwks.keys_among", counted)
    for what, key in PROVED.items():
        assert whats(json.dumps({"keys": [key], "next": "a page"}).encode()) == [what]
        assert not whats(json.dumps(changed(key)).encode())
    assert not tried
    assert not whats(each("{k} {v} ")(changed(PROVED["EC private key on P-256 (JWK)"])))
    assert tried


def test_the_place_is_that_of_the_numbers() -> None:
    key = PROVED["EC private key on P-256 (JWK)"]
    data = b"some text " + each("<{k}>{v}</{k}>")(key)
    ((where,),) = (one.where for one in JwkKeys().find(Image("a log", data), KnownKeys()))
    assert where.offset == data.index(key["x"].encode())
    assert where.offset + where.length == data.index(key["d"].encode()) + len(key["d"])


def test_words_beyond_those_that_are_tried_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    key = PROVED["EC private key on P-256 (JWK)"]
    other = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    data = each("<{k}>{v}</{k}>")({"kty": "EC", "a": other, "x": key["x"], "y": key["y"]})
    find = JwkKeys().find
    assert not find(Image("a log", data), KnownKeys()).gaps
    monkeypatch.setattr(among_words.Tries, "one", lambda tries: setattr(tries, "left", -1))
    (gap,) = find(Image("a log", data), KnownKeys()).gaps
    assert "too many" in gap.reason
