"""Private keys, tokens and certificates of them in each notation."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from redactfuzz.model.canary.rsa_key import encode, make_key
from redactfuzz.model.exposure import DumpReport, Severity

from .cases import CARRIERS, Case, Section
from .notations import LISTS, TEXTS, WIDE, Notation, json_in_json

PEM, DER = Encoding.PEM, Encoding.DER
PKCS8, OLD, SSH = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH


_NUMBER = int.from_bytes(hashlib.sha256(b"the private number of the page of attacks").digest(), "big")


def is_found(report: DumpReport) -> bool:
    """Whether a key is."""
    return any(one.severity is Severity.TOTAL for one in report.keys)


@functools.cache
def key(kind: str) -> Any:
    """One of each kind, always the same: what it is written as follows from its bytes."""
    make: dict[str, Callable[[], Any]] = {
        "RSA": lambda: load_der_private_key(encode(make_key(16, "attack", 2048, 0)), None),
        "EC": lambda: ec.derive_private_key(_NUMBER, ec.SECP256R1()),
        "Ed25519": lambda: ed25519.Ed25519PrivateKey.from_private_bytes(_NUMBER.to_bytes(32, "big")),
    }
    return make[kind]()


@functools.cache
def private(kind: str, encoding: Encoding, form: PrivateFormat) -> bytes:
    """The key as its file has it."""
    data: bytes = key(kind).private_bytes(encoding, form, NoEncryption())
    return data


@functools.cache
def public(kind: str, encoding: Encoding) -> bytes:
    """What is no secret of it, for near misses."""
    data: bytes = key(kind).public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    return data


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def jwk(secret: bool = True) -> dict[str, Any]:
    """The RSA key, or its public part."""
    numbers = key("RSA").private_numbers()
    members: dict[str, Any] = {"kty": "RSA", "kid": "1", "n": _number(numbers.public_numbers.n), "e": "AQAB"}
    if secret:
        members |= {"d": _number(numbers.d), "p": _number(numbers.p), "q": _number(numbers.q)}
    return members


def _prefixed(prefix: Callable[[int], str]) -> Notation:
    return lambda text: "\n".join(prefix(at) + line for at, line in enumerate(text.decode().splitlines())).encode()


def _literals(before: str, after: str) -> Notation:
    return lambda text: "\n".join(f"{before}{line}{after}" for line in text.decode().splitlines()).encode()


LINES: dict[str, Notation] = {
    "as it is": lambda text: text,
    "with Windows' line ends": lambda text: text.replace(b"\n", b"\r\n"),
    "without its last line": lambda text: text[: text.index(b"-----END")],
    "in one line": lambda text: text.replace(b"\n", b" "),
    "in one line, with nothing between": lambda text: text.replace(b"\n", b""),
    "log prefixes": _prefixed(lambda at: f"Nov 28 10:00:{at:02} host app[17]: "),
    "prefixes of a container's log": _prefixed(lambda at: f"2026-11-28T10:00:00.{at:09}Z stdout F "),
    "line numbers": _prefixed(lambda at: f"{at + 1:6}\t"),
    "quoted as in mail": _prefixed(lambda _: "> "),
    "in a comment": _prefixed(lambda _: " * "),
    "in a patch": _prefixed(lambda _: "+"),
    "indented (YAML)": lambda text: b"key: |\n" + textwrap.indent(text.decode(), "    ").encode(),
    "literals of C": _literals('    "', '\\n"'),
    "literals of Java, joined": _literals('    + "', '\\n"'),
    "literals of JavaScript, joined": _literals("  '", "\\n' +"),
    "literals of Python, in a list": _literals("    '", "',"),
    "a list of lines": lambda text: json.dumps(text.decode().splitlines()).encode(),
    "a list of lines, one a line": lambda text: json.dumps(text.decode().splitlines(), indent=2).encode(),
    "a list of lines in JSON in JSON": lambda text: json.dumps(json.dumps(text.decode().splitlines())).encode(),
    "syslog's #012": lambda text: text.replace(b"\n", b"#012"),
    "breaks as \\012": lambda text: text.replace(b"\n", b"\\012"),
    "breaks as <br>": lambda text: text.replace(b"\n", b"<br>\n"),
    "a Kubernetes secret": lambda text: (
        b"apiVersion: v1\nkind: Secret\ndata:\n  tls.key: " + base64.b64encode(text) + b"\n"
    ),
    "a Kubernetes secret in JSON in JSON": lambda text: json_in_json(
        json.dumps({"data": {"tls.key": base64.b64encode(text).decode()}}).encode()
    ),
    "base64 of JSON": lambda text: base64.b64encode(json.dumps({"private_key": text.decode()}).encode()),
    "basic authentication": lambda text: b"Authorization: Basic " + base64.b64encode(b"user:" + text),
}
"""Of a PEM."""

MEMBERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "as it is": lambda members: json.dumps(members).encode(),
    "indented": lambda members: json.dumps(members, indent=2).encode(),
    "with an object before kty": lambda members: json.dumps(
        {"meta": {"by": "x", "at": [1, {"b": 2}]}, **members}
    ).encode(),
    "with an object behind kty": lambda members: json.dumps({**members, "meta": {"by": "x", "of": {"a": []}}}).encode(),
    "with kty in an object of it": lambda members: json.dumps({"meta": {"kty": "oct"}, **members}).encode(),
    "with a brace in a value": lambda members: json.dumps({"note": "a } and a {", **members}).encode(),
    "in a set of keys": lambda members: json.dumps({"keys": [{"kty": "oct"}, members], "x": {}}).encode(),
    "in an escaped set of keys": lambda members: json.dumps(
        {"jwks": json.dumps({"keys": [{**members, "x": {"y": 1}}]})}
    ).encode(),
}
"""Of a JWK."""


def _row(made: Callable[[], bytes], near: Callable[[], bytes], name: str) -> Mapping[str, Case]:
    return {carrier: Case(name, _put(put, made), is_found, _put(put, near)) for carrier, put in CARRIERS.items()}


def _put(put: Callable[[bytes], bytes], made: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: put(made())


def _of(
    what: str, data: Callable[[], bytes], near: Callable[[], bytes], notations: Mapping[str, Notation]
) -> dict[str, Mapping[str, Case]]:
    return {
        f"{what}: {name}": _row(_with(notation, data), _with(notation, near), name)
        for name, notation in notations.items()
    }


def _with(notation: Notation, data: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: notation(data())


def _wide(notations: Mapping[str, Notation]) -> dict[str, Notation]:
    return {f"{name}{wide}": widened(each) for name, each in notations.items() for wide, widened in WIDE.items()}


def cases() -> Mapping[str, Mapping[str, Case]]:
    """PEM of each kind, DER, JWK."""
    rows: dict[str, Mapping[str, Case]] = {}
    for what, kind, form in (("RSA PEM", "RSA", PKCS8), ("EC PEM", "EC", OLD), ("OpenSSH PEM", "Ed25519", SSH)):
        pem, near = functools.partial(private, kind, PEM, form), functools.partial(public, kind, PEM)
        notations = {**_wide(LINES), **TEXTS, **LISTS} if kind == "RSA" else {**LINES, **TEXTS}
        rows |= _of(what, pem, near, notations)
    rows |= _of("RSA DER", lambda: private("RSA", DER, PKCS8), lambda: public("RSA", DER), _wide(LISTS))
    rows |= _of("EC DER", lambda: private("EC", DER, OLD), lambda: public("EC", DER), LISTS)
    plain: dict[str, Notation] = {"plain": lambda text: text}
    some = {name: LISTS[name] for name in ("base64", "base64url", "xxd")}
    every = {**_wide(plain), **TEXTS, **some, "base64 in utf-16": WIDE[" in utf-16-le"](LISTS["base64"])}
    for name, written in MEMBERS.items():
        notations = every if name in ("as it is", "with an object before kty") else plain
        rows |= _of(f"JWK {name}", _members(written, secret=True), _members(written, secret=False), notations)
    return rows


def _members(written: Callable[[dict[str, Any]], bytes], *, secret: bool) -> Callable[[], bytes]:
    return lambda: written(jwk(secret=secret))


SECTION = Section(
    "key_notations",
    "A private key in each notation",
    "Keys that `cryptography` makes, as PEM, DER and JWK. The near miss is the public key in the same notation.",
    cases,
)
