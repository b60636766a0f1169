"""Encodings that no table has are told from digests, by what changes when one position of the secret does."""

from __future__ import annotations

import base64
import codecs
import hashlib
import hmac
import json
import math
import random
import string
import struct
import sys
import zlib
from collections.abc import Callable

import pytest

from redactfuzz.scan.compare.dependence import Dependence, Probe, Relation, judge, sample, without
from redactfuzz.scan.compare.difference import NOT_ALIGNED, differences, reordered, starts

ALPHABET = string.ascii_letters + string.digits
_DRAWN = random.Random(7)
MASK = bytes(_DRAWN.randrange(256) for _ in range(256))
ORDER = _DRAWN.sample(range(32), 32)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Form = Callable[[str], str | bytes | list[str]]


def digits(number: int, symbols: str) -> str:
    text = ""
    while number:
        number, rest = divmod(number, len(symbols))
        text = symbols[rest] + text
    return text


def number(text: str) -> int:
    return int.from_bytes(text.encode(), "big")


def times(text: str, count: int) -> str:
    data = text.encode()
    for _ in range(count):
        data = base64.b64encode(data)
    return data.decode()


def xored(text: str) -> bytes:
    return bytes(a ^ b for a, b in zip(text.encode(), MASK, strict=False))


ENCODINGS: dict[str, Form] = {
    "plain": lambda s: s,
    "hex": lambda s: s.encode().hex(),
    "base64": lambda s: times(s, 1),
    "hex of base64": lambda s: times(s, 1).encode().hex(),
    "base64 three times": lambda s: times(s, 3),
    "base85": lambda s: base64.b85encode(s.encode()),
    "ascii85": lambda s: base64.a85encode(s.encode()),
    "base32": lambda s: base64.b32encode(s.encode()),
    "base58": lambda s: digits(number(s), BASE58),
    "decimal": lambda s: str(number(s)),
    "little-endian decimal": lambda s: str(int.from_bytes(s.encode(), "little")),
    "bin": lambda s: bin(number(s)),
    "oct": lambda s: oct(number(s)),
    "64-bit words in decimal": lambda s: json.dumps(struct.unpack("<4Q", s.encode())),
    "rot13": lambda s: codecs.encode(s, "rot13"),
    "swapped case": lambda s: s.swapcase(),
    "xor": lambda s: xored(s).hex(),
    "reversed": lambda s: s[::-1],
    "permuted": lambda s: "".join(s[i] for i in ORDER),
    "every second": lambda s: s[::2],
    "groups of four, labelled": lambda s: "\n".join(f"part {i}: {s[i : i + 4]}" for i in range(0, 32, 4)),
    "one a field": lambda s: json.dumps({f"c{i}": c for i, c in enumerate(s)}),
    "floats": lambda s: json.dumps([ord(c) / 7 for c in s]),
    "running sums": lambda s: json.dumps([sum(map(ord, s[: i + 1])) for i in range(32)]),
    "EBCDIC": lambda s: s.encode("cp037"),
    "zlib, base64": lambda s: base64.b64encode(zlib.compress(b"user=alice token=" + s.encode())),
    "stream cipher": lambda s: bytes(a ^ b for a, b in zip(s.encode(), hashlib.sha512(b"k").digest(), strict=False)),
    "first twenty": lambda s: s[:20] + "...",
    "substituted": lambda s: "".join(ALPHABET[(ALPHABET.index(c) * 3 + 7) % 62] for c in s),
    "four in each of eight dumps": lambda s: [s[i : i + 4] for i in range(0, 32, 4)],
    "codes of varying length": lambda s: json.dumps([ord(c) for c in s]),
    "a digest of each two": lambda s: " ".join(hashlib.md5(s[i : i + 2].encode()).hexdigest() for i in range(0, 32, 2)),
    "twice, in two forms": lambda s: f"{s[::-1]} and {number(s)}",
    "beside its digest": lambda s: f"{hashlib.sha256(s.encode()).hexdigest()} {times(s, 2)}",
}
DIGESTS: dict[str, Form] = {
    "md5": lambda s: hashlib.md5(s.encode()).hexdigest(),
    "sha1": lambda s: hashlib.sha1(s.encode()).digest(),
    "sha256": lambda s: hashlib.sha256(s.encode()).hexdigest(),
    "sha256 base64": lambda s: base64.b64encode(hashlib.sha256(s.encode()).digest()),
    "sha512": lambda s: hashlib.sha512(s.encode()).hexdigest(),
    "sha256 in bits": lambda s: f"{int(hashlib.sha256(s.encode()).hexdigest(), 16):0256b}",
    "hmac": lambda s: hmac.new(b"k", s.encode(), "sha256").hexdigest(),
    "blake2b of 8 bytes": lambda s: hashlib.blake2b(s.encode(), digest_size=8).hexdigest(),
    "crc32": lambda s: f"{zlib.crc32(s.encode()):08x}",
    "12 digits of sha256": lambda s: hashlib.sha256(s.encode()).hexdigest()[:12],
    "with separators": lambda s: hashlib.sha256(s.encode()).digest().hex(":"),
    "two of them": lambda s: json.dumps([hashlib.md5(s.encode()).hexdigest(), hashlib.sha1(s.encode()).hexdigest()]),
}
FEW: dict[str, Form] = {
    "last four": lambda s: "****" + s[-4:],
    "first four and last four": lambda s: f"{s[:4]}...{s[-4:]}",
    "last two beside a digest": lambda s: f"{s[-2:]} {hashlib.md5(s.encode()).hexdigest()}",
}
NOTHING: dict[str, Form] = {"its length": lambda s: str(len(s)), "a mask": lambda s: "***"}


def parts(given: str | bytes | list[str]) -> list[bytes]:
    if isinstance(given, list):
        return [one.encode() for one in given]
    return [given.encode() if isinstance(given, str) else given]


def asked(form: Form, seed: int, *, quick: bool = False, size: int = 32, wholes: int = 3) -> Dependence:
    drawn = random.Random(seed)
    secret = "".join(drawn.choices(ALPHABET, k=size))
    base = parts(form(secret))

    def probe(position: int | None, value: str) -> Probe:
        return Probe(position, differences(base, parts(form(value))))

    probes = [probe(None, "".join(drawn.choices(ALPHABET, k=size))) for _ in range(1 if quick else wholes)]
    for at in sample(size) if quick else range(size):
        others = drawn.sample([one for one in ALPHABET if one != secret[at]], 2 if quick else 3)
        probes += [probe(at, secret[:at] + other + secret[at + 1 :]) for other in others]
    each = math.log2(len(ALPHABET))
    return judge(probes, each, each * size)


def cases(table: dict[str, Form]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("form", table.values(), ids=table)


@cases(ENCODINGS)
def test_every_encoding_is_told_and_how_much_of_the_secret_it_gives(form: Form) -> None:
    for seed in range(5):
        said = asked(form, seed)
        assert said.kind is Relation.ENCODING
        assert said.bits > 60
        assert not asked(form, seed, quick=True).decided


def test_characters_that_can_be_read_off_are_counted() -> None:
    assert asked(ENCODINGS["every second"], 0).readable == tuple(range(0, 32, 2))
    assert asked(ENCODINGS["first twenty"], 0).readable == tuple(range(20))
    assert asked(ENCODINGS["decimal"], 0).readable == tuple(range(32))
    assert asked(ENCODINGS["decimal"], 0).bits == pytest.approx(190.5, abs=0.1)


@cases(DIGESTS)
def test_no_digest_is_an_encoding_and_nine_runs_tell_it(form: Form) -> None:
    for seed in range(20):
        assert asked(form, seed).kind is Relation.DIGEST
    decided = [said for said in (asked(form, seed, quick=True) for seed in range(10)) if said.decided]
    assert all(said.kind is Relation.DIGEST for said in decided)


@pytest.mark.parametrize("size", [8, 12, 24, 64])
@cases(DIGESTS)
def test_digests_of_short_and_long_secrets(form: Form, size: int) -> None:
    assert {asked(form, seed, size=size).kind for seed in range(5)} == {Relation.DIGEST}


def rare(text: str) -> str:
    return "".join("#" if hashlib.sha256(f"{text} {at}".encode()).digest()[0] < 25 else "." for at in range(256))


def test_bits_that_are_rarely_set_do_not_seem_to_follow_from_few_positions() -> None:
    assert {asked(rare, seed, wholes=32).kind for seed in range(5)} <= {Relation.DIGEST, Relation.OTHER}
    one_hot = (lambda s: "".join("#" if at == ord(c) else "." for c in s for at in range(128))), ENCODINGS["bin"]
    for form in one_hot:
        assert {asked(form, seed, wholes=32).kind for seed in range(3)} == {Relation.ENCODING}
        assert asked(form, 0, wholes=32).bits > 100


def test_a_digest_is_told_with_its_length() -> None:
    (stretch,) = asked(DIGESTS["sha256"], 0).stretches
    assert (stretch.size, stretch.positions) == (64, tuple(range(32)))
    assert [one.size for one in asked(DIGESTS["two of them"], 0).stretches] == [32, 40]


@cases(FEW)
def test_a_few_characters_are_no_encoding(form: Form) -> None:
    for seed in range(5):
        said = asked(form, seed)
        assert said.kind is Relation.FEW
        assert 0 < said.bits <= 48


def test_a_checksum_that_has_no_room_for_a_secret_is_no_encoding() -> None:
    for form in (lambda s: str(sum(map(ord, s))), lambda s: f"{zlib.adler32(s.encode()):08x}"):
        assert {asked(form, seed).kind for seed in range(5)} <= {Relation.FEW, Relation.DIGEST}


def test_a_sample_does_not_take_characters_beside_a_digest_for_a_part_of_it() -> None:
    beside = FEW["last two beside a digest"], lambda s: f"{s[:20]}:{hashlib.sha256(s.encode()).hexdigest()}"
    for form in beside:
        assert not any(asked(form, seed, quick=True).decided for seed in range(5))


def test_all_of_a_short_secret_is_not_a_few_characters() -> None:
    assert asked(lambda s: s[::-1], 0, size=8).kind is Relation.ENCODING
    assert asked(lambda s: s[-4:], 0, size=8).kind is Relation.FEW


def test_a_digest_beside_what_tells_a_few_characters_stays_one() -> None:
    said = asked(FEW["last two beside a digest"], 0)
    assert [one.size for one in said.of(Relation.DIGEST)] == [32]
    assert [one.positions for one in said.of(Relation.FEW)] == [(30, 31)]


@cases(NOTHING)
def test_what_does_not_depend_on_the_secret_is_independent(form: Form) -> None:
    assert asked(form, 0) == Dependence(positions=32)
    assert asked(form, 0, quick=True).decided


def test_blocks_that_change_as_a_whole_cannot_be_read_off() -> None:
    """A block cipher, or anything else whose blocks follow from many positions each."""

    def blocks(text: str) -> bytes:
        data = text.encode()
        return b"".join(hashlib.md5(b"key" + data[at : at + 16]).digest() for at in range(0, 64, 16))

    said = asked(blocks, 0, size=64)
    assert said.kind is Relation.OTHER
    assert not said.readable


def test_bits_of_a_key_one_at_a_time() -> None:
    key = random.Random(3).randbytes(32)

    def said(form: Callable[[bytes], bytes]) -> Dependence:
        base = [form(key)]
        probes = [Probe(None, differences(base, [form(random.Random(seed).randbytes(32))])) for seed in range(3)]
        for at in range(256):
            other = (int.from_bytes(key, "big") ^ 1 << 255 - at).to_bytes(32, "big")
            probes.append(Probe(at, differences(base, [form(other)])))
        return judge(probes, 1.0, 256.0)

    for encoding in (
        lambda k: k,
        lambda k: bytes(a ^ b for a, b in zip(k, MASK, strict=False)),
        lambda k: str(int.from_bytes(k, "big")).encode(),
        lambda k: base64.b85encode(k),
        lambda k: bin(int.from_bytes(k, "big")).encode(),
    ):
        assert said(encoding).kind is Relation.ENCODING
        assert said(encoding).bits > 240
    for digest in (
        lambda k: hashlib.sha256(k).digest(),
        lambda k: hashlib.md5(k).hexdigest().encode(),
        lambda k: bin(int.from_bytes(hashlib.sha256(k).digest(), "big")).encode(),
        lambda k: b"%08x" % zlib.crc32(k),
    ):
        assert said(digest).kind in (Relation.DIGEST, Relation.FEW)


def test_places_that_change_of_themselves_are_left_out() -> None:
    probe = Probe(0, {3: 65, 9: 66})
    assert without([probe], {9}) == [Probe(0, {3: 65})]
    assert judge(without([probe], {3, 9}), 6.0, 190.0).kind is Relation.INDEPENDENT


def test_a_probe_shows_no_byte() -> None:
    assert repr(Probe(4, {0: 115})) == "<Probe of position 4: 1 places>"


# -- where dumps differ


def test_dumps_of_different_length_are_laid_beside_each_other() -> None:
    base = [b"time 9 user alice token abcd end"]
    assert differences(base, [b"time 10 user alice token abcd end"]).keys() == {5}
    changed = differences(base, [b"time 1000 user alice token abXd end"])
    assert set(changed) == {5, 26}
    assert changed[26] == ord("X")


def test_what_was_put_in_is_a_difference_at_its_place() -> None:
    assert set(differences([b"ab cd"], [b"ab xx cd"])) <= {2, 3}
    assert differences([b"same"], [b"same"]) == {}


def test_a_dump_more_or_less_is_a_difference() -> None:
    assert len(differences([b"abc", b"defg"], [b"abc"])) == 4
    assert set(differences([b"abc"], [b"abc", b"d"])) == {starts([b"abc", b""])[1]}


def test_another_order_of_the_same_words_is_told() -> None:
    assert reordered([b"{'a', 'bc', 'd'}"], [b"{'d', 'a', 'bc'}"])
    assert not reordered([b"{'a', 'bc'}"], [b"{'a', 'bd'}"])


def test_large_dumps_that_are_all_different_come_to_an_end() -> None:
    one = " ".join(str(n) for n in range(20_000)).encode()
    two = " ".join(str(n * 7) for n in range(20_000)).encode()
    assert differences([one], [two])


@pytest.mark.parametrize("separator", [" ", "\n", '", "', "}, {"])
@pytest.mark.parametrize("lines", [300, 3_000])
def test_what_is_put_in_at_both_ends_hides_nothing_between(lines: int, separator: str) -> None:
    body = separator.join(f"line{n}" for n in range(lines))

    def text(noise: str, value: str) -> bytes:
        return separator.join([noise, body, value, body, noise]).encode()

    base = [text("#", "abcdefgh")]
    of_itself = differences(base, [text("####", "abcdefgh")])
    changed = differences(base, [text("##", "abXdefgh")])
    assert len(of_itself) <= 4
    at = base[0].index(b"cdefgh")
    assert changed[at] == ord("X")
    assert len(changed) <= 5


def test_what_is_put_in_and_taken_out_leaves_the_length_and_moves_nothing_between() -> None:
    body = " ".join(f"word{n}" for n in range(200))
    assert len(differences([f"# {body} ##".encode()], [f"## {body} #".encode()])) <= 4


def test_what_all_differs_in_dumps_of_one_length_is_told_byte_by_byte() -> None:
    drawn = random.Random(3)
    one, two = drawn.randbytes(3_000), drawn.randbytes(3_000)
    assert differences([one], [two]) == {at: b for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b}


def test_records_that_are_all_alike_are_aligned() -> None:
    def text(noise: str, value: str) -> bytes:
        rows = [{"user": "alice", "ok": True}] * 600
        return json.dumps({"time": noise, "before": rows, "value": value, "after": rows, "again": noise}).encode()

    assert len(differences([text("1", "q1w2e3")], [text("1.5", "q9w2e3")])) <= 5


def test_what_cannot_be_aligned_is_said_to_be_so() -> None:
    drawn = random.Random(5)
    one, two = (" ".join(drawn.choices("ab", k=n)).encode() for n in (4_001, 4_002))
    changed = differences([b"<" + one + b">"], [b"(" + two + b")"])
    assert sum(byte >= NOT_ALIGNED for byte in changed.values()) > 4_000


def test_aligning_takes_about_linear_time() -> None:
    def steps(size: int) -> int:
        count = 0

        def tick(frame: object, event: str, arg: object) -> object:
            nonlocal count
            count += 1
            return tick

        body = " ".join(f"line{n}" for n in range(size))
        pair = [f"# {body} {body} #".encode()], [f"## {body} {body} ###".encode()]
        before = sys.gettrace()
        sys.settrace(tick)
        try:
            assert len(differences(*pair)) <= 6
        finally:
            sys.settrace(before)
        return count

    small, large = steps(1_000), steps(4_000)
    assert large < 6 * small
