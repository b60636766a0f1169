"""A secret does not pass in whatever form; a correct redactor is not accused, whatever it says beside."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import datetime
import hashlib
import hmac
import html
import json
import lzma
import math
import os
import quopri
import random
import string
import struct
import threading
import time
import traceback
import types
import urllib.parse
import uuid
import weakref
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import unlisted

from redactfuzz import Race, Report, Verdict, integer, raw
from redactfuzz.campaign.face.run import last_report
from redactfuzz.campaign.face.run import run as campaign
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options
from redactfuzz.model.plan import Isolation
from redactfuzz.scan.compare.dependence import Probe, Relation, judge
from redactfuzz.scan.compare.difference import differences

EXECUTIONS = 24
RANDOM_ENCODINGS = 500
Form = Callable[[str], Any]

CODES = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
FIGURES = "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
MORSE = dict(zip(string.ascii_lowercase + string.digits, f"{CODES} {FIGURES}".split(), strict=True))
WORDS = [a + b + c for a in "bdfgk" for b in "aeiou" for c in "lmnrstvwxyz"][:256]
DRAWN = random.Random(11)
TABLE = DRAWN.sample(string.ascii_letters + string.digits, 62)
ORDER = DRAWN.sample(range(32), 32)
NOISE = DRAWN.randbytes(64)


def digits(text: str, symbols: str) -> str:
    number, told = int.from_bytes(text.encode(), "big"), ""
    while number:
        number, rest = divmod(number, len(symbols))
        told = symbols[rest] + told
    return told


def again(encode: Callable[[bytes], bytes], text: str, times: int) -> str:
    data = text.encode()
    for _ in range(times):
        data = encode(data)
    return data.decode("latin-1")


def feedback(text: str) -> str:
    before, told = 0x5A, bytearray()
    for byte in text.encode():
        before = before ^ byte
        told.append(before)
    return told.hex()


def tree(text: str) -> Any:
    return text if len(text) == 1 else {"l": tree(text[: len(text) // 2]), "r": tree(text[len(text) // 2 :])}


LISTED: dict[str, Form] = {
    "plain": lambda s: s,
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "hex with colons": lambda s: s.encode().hex(":"),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 twice": lambda s: again(base64.b64encode, s, 2),
    "base64 of the url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "base32": lambda s: base64.b32encode(s.encode()).decode(),
    "percent": lambda s: "".join(f"%{byte:02x}" for byte in s.encode()),
    "escapes": lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    "unicode escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "numbers": lambda s: list(s.encode()),
    "decimal": lambda s: str(int.from_bytes(s.encode(), "big")),
    "reversed": lambda s: s[::-1],
    "utf-16": lambda s: s.encode("utf-16-le").decode("latin-1"),
    "separated": lambda s: " ".join(s),
    "repr of bytes": lambda s: repr(s.encode()),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s)),
    "quoted": lambda s: quopri.encodestring(s.encode()).decode(),
    "html": lambda s: html.escape(s),
    "in a url": lambda s: urllib.parse.quote(s),
}
UNLISTED: dict[str, Form] = {
    "64-bit words in decimal": lambda s: list(struct.unpack("<4Q", s.encode())),
    "32-bit words in hex": lambda s: [hex(word + 7) for word in struct.unpack("<8I", s.encode())],
    "high and low half": lambda s: divmod(int.from_bytes(s.encode(), "big"), 1 << 128),
    "bits": lambda s: bin(int.from_bytes(s.encode(), "big")),
    "octal": lambda s: oct(int.from_bytes(s.encode(), "big")),
    "radix 58": lambda s: digits(s, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    "radix 36": lambda s: digits(s, string.digits + string.ascii_lowercase),
    "radix 3": lambda s: digits(s, "012"),
    "hex of base64": lambda s: base64.b64encode(s.encode()).hex(),
    "base64 three times": lambda s: again(base64.b64encode, s, 3),
    "base32 of hex": lambda s: base64.b32encode(s.encode().hex().encode()).decode(),
    "base85": lambda s: base64.b85encode(s.encode()).decode(),
    "ascii85": lambda s: base64.a85encode(s.encode()).decode(),
    "uu": lambda s: binascii.b2a_uu(s.encode()).decode(),
    "EBCDIC": lambda s: s.encode("cp037").hex(),
    "rot13": lambda s: codecs.encode(s, "rot13"),
    "case swapped": lambda s: s.swapcase(),
    "substituted": lambda s: s.translate(str.maketrans(string.ascii_letters + string.digits, "".join(TABLE))),
    "permuted": lambda s: "".join(s[at] for at in ORDER),
    "xor": lambda s: bytes(a ^ b for a, b in zip(s.encode(), NOISE, strict=False)).hex(),
    "feedback": feedback,
    "stream cipher": lambda s: unlisted.keyed(s.encode()).hex(),
    "nibbles swapped": lambda s: bytes((byte >> 4 | byte << 4) & 255 for byte in s.encode()).hex(),
    "every second": lambda s: s[::2],
    "every third": lambda s: s[1::3] + s[2::3],
    "four a line": lambda s: "\n".join(f"part {at}: {s[at : at + 4]}" for at in range(0, 32, 4)),
    "one a field": lambda s: {f"c{at}": char for at, char in enumerate(s)},
    "a tree": tree,
    "characters by place": lambda s: dict(enumerate(s)),
    "floats": lambda s: [ord(char) / 7 for char in s],
    "logarithms": lambda s: [round(math.log(ord(char)), 6) for char in s],
    "sums": lambda s: [sum(map(ord, s[: at + 1])) for at in range(32)],
    "differences": lambda s: [ord(b) - ord(a) for a, b in zip("a" + s, s, strict=False)],
    "squares": lambda s: [ord(char) ** 2 for char in s],
    "times": lambda s: [str(datetime.timedelta(seconds=ord(char) * 61)) for char in s],
    "colours": lambda s: [f"#{s[at : at + 3].encode().hex()}" for at in range(0, 30, 3)],
    "addresses": lambda s: [".".join(map(str, s[at : at + 4].encode())) for at in range(0, 32, 4)],
    "identifiers": lambda s: [str(uuid.UUID(bytes=s[at : at + 16].encode()[::-1])) for at in (0, 16)],
    "words": lambda s: " ".join(WORDS[byte] for byte in s.encode()),
    "morse": lambda s: " ".join(MORSE[char.lower()] for char in s),
    "lengths of runs": lambda s: ["*" * ord(char) for char in s[:16]],
    "spaces and tabs": lambda s: "".join(" " if bit == "0" else "\t" for byte in s.encode() for bit in f"{byte:08b}"),
    "a digest of each character": lambda s: [hashlib.md5(char.encode()).hexdigest() for char in s],
    "a digest of each two": lambda s: [hashlib.sha1(s[at : at + 2].encode()).hexdigest() for at in range(0, 32, 2)],
    "beside its digest": lambda s: hashlib.sha256(s.encode()).hexdigest() + " " + s.swapcase(),
    "two forms": lambda s: [s.swapcase()[:16], digits(s[16:], "0123456")],
    "zlib": lambda s: base64.b64encode(zlib.compress(b"token=" + s.encode())).decode(),
    "zlib behind a text": lambda s: unlisted.compressed(s.encode()).hex(),
    "bz2": lambda s: bz2.compress(s.encode()).hex(),
    "lzma": lambda s: lzma.compress(s.encode()).hex(),
    "sorted with places": lambda s: sorted((char, at) for at, char in enumerate(s)),
}
DIGESTS: dict[str, Form] = {
    **{
        name: (lambda s, name=name: hashlib.new(name, s.encode()).hexdigest())
        for name in (
            "md5",
            "sha1",
            "sha224",
            "sha256",
            "sha384",
            "sha512",
            "sha3_256",
            "sha3_512",
            "blake2b",
            "blake2s",
        )
    },
    "sha256 in base64": lambda s: base64.b64encode(hashlib.sha256(s.encode()).digest()).decode(),
    "sha256 in decimal": lambda s: str(int(hashlib.sha256(s.encode()).hexdigest(), 16)),
    "sha1 of the reversed": lambda s: hashlib.sha1(s[::-1].encode()).hexdigest(),
    "8 digits of md5": lambda s: hashlib.md5(s.encode()).hexdigest()[:8],
    "hmac": lambda s: hmac.digest(b"pepper", s.encode(), "sha256").hex(),
    "keyed blake2": lambda s: hashlib.blake2b(s.encode(), key=b"pepper", digest_size=16).hexdigest(),
    "blake2 of 8 bytes": lambda s: hashlib.blake2b(s.encode(), digest_size=8).hexdigest(),
    "crc32": lambda s: f"{zlib.crc32(s.encode()):08x}",
    "the interpreter's hash": lambda s: hash(s),
    "a digest of a digest": lambda s: hashlib.md5(hashlib.sha1(s.encode()).digest()).hexdigest(),
    "pbkdf2": lambda s: hashlib.pbkdf2_hmac("sha256", s.encode(), b"salt", 3).hex(),
}


class Something:
    """An object whose address is shown."""


LEGAL: dict[str, Form] = {
    "nothing": lambda s: None,
    "a mask": lambda s: "***",
    "stars": lambda s: "*" * len(s),
    "its length": lambda s: len(s),
    "its type": lambda s: type(s).__name__,
    "an address": lambda s: repr(Something()),
    "id of it": lambda s: id(s),
    "id of a new object": lambda s: [id(object()), id([])],
    "a bound method": lambda s: repr(Something().__init__),
    "a weak reference": lambda s: repr(weakref.ref(Something)),
    "a lambda": lambda s: repr(lambda: 0),
    "time": lambda s: time.time(),
    "time in ns": lambda s: [time.time_ns(), time.monotonic_ns(), time.perf_counter_ns()],
    "a date": lambda s: str(datetime.datetime.now(datetime.UTC)),
    "local time": lambda s: time.strftime("%c"),
    "time of this thread": lambda s: time.thread_time_ns(),
    "uuid4": lambda s: str(uuid.uuid4()),
    "uuid1": lambda s: str(uuid.uuid1()),
    "random": lambda s: [random.random(), random.randrange(10**9)],
    "random bytes": lambda s: os.urandom(16).hex(),
    "shuffled": lambda s: random.sample(range(20), 20),
    "process": lambda s: [os.getpid(), os.getppid()],
    "names of threads": lambda s: [thread.name for thread in threading.enumerate()],
    "numbers of threads": lambda s: [threading.get_ident(), threading.get_native_id()],
    "a set of words": lambda s: str({"alice", "bob", "carol", "dave"}),
    "a set of numbers": lambda s: list({3, 1, 2, 10**9}),
    "a set of objects": lambda s: [type(each).__name__ for each in {Something(), 1, "a", None}],
    "a frozen set": lambda s: repr(frozenset(["x", "y", "z"])),
    "a dict": lambda s: {"a": 1, "b": [1, 2], "c": {"d": None}},
    "an ordered dict": lambda s: OrderedDict(b=1, a=2),
    "counts": lambda s: dict(Counter("hello world")),
    "vars of an object": lambda s: str(vars(types.SimpleNamespace(user="alice", token="***"))),
    "a trace": lambda s: "".join(traceback.format_stack(limit=3)),
    "an exception": lambda s: repr(ValueError("bad token")),
    "is it there": lambda s: bool(s),
    "the first letter's place": lambda s: "user=alice token=".index("t"),
    "a public prefix": lambda s: "sk_live_" + "*" * len(s),
    "size of a buffer": lambda s: len(s.encode().hex()),
    "environment": lambda s: sorted(os.environ)[:3],
    "a path": lambda s: str(Path("/tmp") / f"dump-{len(s)}.json"),
    "load": lambda s: [round(value, 2) for value in os.getloadavg()],
    "a float": lambda s: 1 / 3,
}


def scenario(form: Form) -> Callable[[Race], None]:
    """Two threads and a crash; the token of the event is redacted, and beside it stands what ``form`` makes of it."""

    def body(race: Race) -> None:
        key = race.canary("key")
        event: dict[str, Any] = {"user": "alice", "token": key.text}
        redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

        def work() -> None:
            event["seen"] = True

        race.thread(work)
        race.crash(lambda: {**redact(dict(event)), "beside": form(key.text)})

    return body


def judged(form: Form) -> Report:
    return explored(scenario(form))


def explored(body: Callable[[Race], None]) -> Report:
    options = Options(seed=0, executions=EXECUTIONS, isolation=Isolation.NONE, shrink_seconds=0.0, after_seconds=3600)
    return last_report(campaign(spec_of(body), options, default_runtime()))


def noted(report: Report) -> bool:
    assert report.certificate is not None
    return any("depends on a secret" in note for note in report.certificate.notes)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cases(table: dict[str, Form]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("form", table.values(), ids=table)


def test_the_lists_are_as_long_as_promised() -> None:
    assert len(LISTED) + len(UNLISTED) >= 60
    assert len(UNLISTED) >= 30
    assert len(DIGESTS) >= 20
    assert len(LEGAL) >= 40


@cases({**LISTED, **UNLISTED})
def test_no_form_of_a_secret_passes(form: Form) -> None:
    report = judged(form)
    assert report.verdict in (Verdict.LEAK, Verdict.INCONCLUSIVE), (report.verdict, report.certificate)


@cases(DIGESTS)
def test_a_digest_is_no_leak_and_no_proof(form: Form) -> None:
    report = judged(form)
    assert report.verdict in (Verdict.NO_LEAK_FOUND, Verdict.INCONCLUSIVE), report.finding
    assert report.verdict is Verdict.INCONCLUSIVE or noted(report)


@cases(LEGAL)
def test_a_correct_redactor_is_not_accused(form: Form) -> None:
    report = judged(form)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND, Verdict.INCONCLUSIVE), report.finding
    assert "depend" not in str(report.reason)
    assert report.verdict is Verdict.INCONCLUSIVE or not noted(report)


@pytest.mark.once
def test_no_random_composition_of_encodings_is_taken_for_independent() -> None:
    """Five hundred, drawn by seed; nearly all are known for what they are, and none for a digest without a note."""
    alphabet = string.ascii_letters + string.digits
    kinds: Counter[Relation] = Counter()
    for seed in range(RANDOM_ENCODINGS):
        name, encode = unlisted.composed(seed)
        drawn = random.Random(seed)
        secret = "".join(drawn.choices(alphabet, k=32))
        base = [encode(secret.encode())]
        probes = [
            Probe(None, differences(base, [encode("".join(drawn.choices(alphabet, k=32)).encode())])) for _ in range(3)
        ]
        for at in range(32):
            for other in drawn.sample([one for one in alphabet if one != secret[at]], 3):
                changed = differences(base, [encode((secret[:at] + other + secret[at + 1 :]).encode())])
                probes.append(Probe(at, changed))
        said = judge(probes, math.log2(62), 32 * math.log2(62))
        assert said.kind is not Relation.INDEPENDENT, name
        kinds[said.kind] += 1
    assert kinds[Relation.ENCODING] >= 0.97 * RANDOM_ENCODINGS


@pytest.mark.once
@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, marks=[pytest.mark.wide] * (seed >= 200)) for seed in range(0, RANDOM_ENCODINGS, 25)],
)
def test_a_campaign_does_not_pass_a_random_composition_of_encodings(seed: int) -> None:
    _, encode = unlisted.composed(seed)
    report = judged(lambda text: encode(text.encode()).decode("latin-1"))
    assert report.verdict in (Verdict.LEAK, Verdict.INCONCLUSIVE) or noted(report)
    assert report.verdict is not Verdict.PROVED


def other_kind(kind: Any, form: Callable[[Any], Any]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key", kind)
        mask = race.redactor(lambda text: "[key]")
        race.thread(lambda: race.dump({"beside": form(key), "key": mask(key.text)}))

    return body


@pytest.mark.parametrize(
    "body",
    [
        other_kind(raw(16), lambda key: unlisted.keyed(key.bytes).hex()),
        other_kind(raw(32), lambda key: base64.b85encode(key.bytes[::-1]).decode()),
        other_kind(integer(256), lambda key: key.int * 3),
        other_kind(integer(128), lambda key: [key.int % 10**20 * 7, key.int // 10**20 * 3 + 1]),
    ],
)
def test_keys_and_numbers_in_forms_that_nobody_listed(body: Callable[[Race], None]) -> None:
    report = explored(body)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert report.finding.leaks[0].encoding == "unknown encoding"
    assert report.finding.leaks[0].recovered > 100
