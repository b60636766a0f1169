"""A key in base64 or hexadecimal is found in lines of any length, of which the first may be shorter."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from test_wrapped import scanned

from redactfuzz.scan.views.spellings import Spelling, origins, spelled

KEY = ec.generate_private_key(ec.SECP256R1())
DRAWN = random.Random(70)
KEYS = {
    "PEM": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "DER": KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "OpenSSH": KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
}
LETTERS: dict[str, Callable[[bytes], bytes]] = {"base64": base64.b64encode, "hexadecimal": lambda d: d.hex().encode()}


def wrapped(letters: bytes, width: int) -> list[bytes]:
    return [letters[at : at + width] for at in range(0, len(letters), width)]


def folded(name: bytes, letters: bytes, octets: int, end: bytes) -> bytes:
    """As LDIF, vCard and iCalendar fold a line: its name stands in the first part, a blank before each other one."""
    line = name + letters
    parts = [line[:octets], *(b" " + part for part in wrapped(line[octets:], octets - 1))]
    return b"uid: jane" + end + end.join(parts) + end + b"mail: jane" + end


def is_found(folder: Path, text: bytes) -> bool:
    return any(key.what.startswith(("EC", "OpenSSH")) for key in scanned(folder, text.decode()).keys)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("spelling", LETTERS)
@pytest.mark.parametrize("width", [61, 63, 70, 75, 76, 78, 79, 80])
def test_it_is_found_in_lines_of_this_width(tmp_path: Path, width: int, spelling: str, kind: str) -> None:
    assert is_found(tmp_path, b"\n".join(wrapped(LETTERS[spelling](KEYS[kind]), width)) + b"\n")


def test_a_plus_that_is_alone_in_the_last_line_is_a_letter_and_one_that_joins_literals_is_none(tmp_path: Path) -> None:
    made = (ec.generate_private_key(ec.SECP256R1()) for _ in range(10_000))
    held = (each.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) for each in made)
    lines = next(lines for each in held if (lines := wrapped(base64.b64encode(each), 61))[-1] == b"+")
    assert is_found(tmp_path, b"\n".join(lines) + b"\n")
    for joined in (b'"%s" +\n  "%s" +\n  "%s" +\n  "%s";\n', b"'%s'\n  + '%s'\n  + '%s'\n  + '%s'\n"):
        assert is_found(tmp_path, joined % tuple(lines))


@pytest.mark.parametrize("spelling", LETTERS)
@pytest.mark.parametrize("width", [60, 70, 75, 78, 79])
def test_it_is_found_behind_what_a_log_puts_before_each_line(tmp_path: Path, width: int, spelling: str) -> None:
    lines = wrapped(LETTERS[spelling](KEYS["PEM"]), width)
    log = b"".join(b"2026-11-29 12:00:0%d INFO %s\n" % (number % 10, line) for number, line in enumerate(lines))
    assert is_found(tmp_path, log)


@pytest.mark.parametrize("kind", ["PEM", "DER"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("octets", [60, 75, 76])
@pytest.mark.parametrize("name", [b"privateKey:: ", b"x:: ", b"privateKey;binary;lang-en;x-a-long-option-of-it:: "])
def test_it_is_found_where_lines_go_on_behind_a_blank(
    tmp_path: Path, name: bytes, octets: int, end: bytes, kind: str
) -> None:
    """With the longest name only a few letters stand in the first line, or none."""
    assert is_found(tmp_path, folded(name, base64.b64encode(KEYS[kind]), octets, end))


@pytest.mark.parametrize("first", [25, 33, 41, 60, 63])
@pytest.mark.parametrize("spelling", LETTERS)
def test_it_is_found_where_the_first_line_is_shorter(tmp_path: Path, spelling: str, first: int) -> None:
    letters = LETTERS[spelling](KEYS["DER"])
    assert is_found(tmp_path, b"\n".join([letters[:first], *wrapped(letters[first:], 64)]) + b"\n")


def test_digits_with_one_before_them_that_is_none_of_theirs_are_read_from_both(tmp_path: Path) -> None:
    assert is_found(tmp_path, b"key: 1" + KEYS["DER"].hex().encode() + b"\n")


@pytest.mark.parametrize("width", [70, 75, 79])
def test_nothing_is_found_where_the_lines_are_in_another_order(tmp_path: Path, width: int) -> None:
    lines = wrapped(base64.b64encode(KEYS["DER"]), width)
    assert len(lines) > 2
    assert not is_found(tmp_path, b"\n".join(reversed(lines)) + b"\n")


def test_each_of_a_list_of_tokens_that_end_within_a_group_is_still_read_by_itself() -> None:
    values = [DRAWN.randbytes(32) for _ in range(40)]
    text = b"\n".join(base64.urlsafe_b64encode(value).rstrip(b"=") for value in values)
    said = spelled(Spelling.BASE64, text)
    assert all(value in said for value in values)


@pytest.mark.parametrize("spelling", LETTERS)
def test_lines_of_whole_groups_are_not_read_twice(spelling: str) -> None:
    lines = wrapped(LETTERS[spelling](DRAWN.randbytes(3000)), 76)
    for which in (Spelling.FOLDED_BASE64, Spelling.FOLDED_HEX):
        assert spelled(which, b"\n".join(lines)) == b""


@pytest.mark.parametrize("spelling", LETTERS)
@pytest.mark.parametrize("width", [61, 75])
def test_each_byte_comes_from_its_letters(spelling: str, width: int) -> None:
    data = DRAWN.randbytes(999)
    which = Spelling.FOLDED_BASE64 if spelling == "base64" else Spelling.FOLDED_HEX
    text = b"\n".join(wrapped(LETTERS[spelling](data), width))
    at, places = spelled(which, text).index(data), origins(which, text)
    letters = [place for place, letter in enumerate(text) if letter != ord("\n")]
    each = 8 / (6 if spelling == "base64" else 4)
    for n in range(0, 990, 7):
        first, behind = letters[int(n * each)], letters[int((n + 1) * each)]
        assert first <= places[at + n] <= behind


def drawn_lines(drawn: random.Random) -> bytes:
    """Lines that become longer, shorter, or neither, each with one of some ends."""
    ends = [b"\n", b"\n ", b"\r\n ", b'",\n"', b" ", b"=\n", b"\n12:00 INFO "][: drawn.choice([1, 2, 7])]
    width, step = drawn.randrange(20, 80), drawn.choice([0, 0, 1, -1])
    lines = (drawn.randbytes(50).hex().encode()[: max(1, width + step * number)] for number in range(20))
    return b"".join(line + drawn.choice(ends) for line in lines)


@pytest.mark.parametrize("which", [Spelling.FOLDED_BASE64, Spelling.FOLDED_HEX])
def test_it_is_never_more_than_there_is_room_for(which: Spelling) -> None:
    drawn = random.Random(8)
    texts = [drawn_lines(drawn) for _ in range(300)]
    sizes = [(len(text), len(spelled(which, text)), len(spelled(which, text, cut=True))) for text in texts]
    assert any(whole for _, whole, _ in sizes)
    assert all(whole <= 2.5 * size and cut < 4 * size + (1 << 13) - 4 for size, whole, cut in sizes)
