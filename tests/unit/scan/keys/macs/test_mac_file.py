"""Files of messages and their MACs: what they may hold, and what is said of those that hold something else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from mac_cases import BY_NAME, MESSAGE, SHA256, jwt, known, line, noise

from redactfuzz.scan.keys import UnusableKey, parse_macs, read_macs

KEY = noise(32)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_line_is_a_hash_a_message_and_a_mac(name: str) -> None:
    hash_ = BY_NAME[name]
    for said in (name, name.lower(), hash_.algorithm, hash_.algorithm.upper(), hash_.jwt.lower() or name):
        (pair,) = known(line(hash_, KEY).replace(name, said)).macs
        assert (pair.hash, pair.message, pair.file, pair.line) == (hash_, MESSAGE, "macs.txt", 1)
        assert pair.of_key(KEY)
        assert not pair.of_key(noise(32, 1))


@pytest.mark.parametrize("size", ["256", "384", "512"])
def test_a_line_is_a_jwt(size: str) -> None:
    (pair,) = known(jwt(KEY, f"HS{size}")).macs
    assert pair.hash.name == f"SHA-{size}"
    assert pair.of_key(KEY)


def test_a_mark_of_the_order_of_bytes_at_the_beginning_is_no_part_of_a_line() -> None:
    assert [pair.line for pair in known("\ufeff" + jwt(KEY)).macs] == [1]


def test_lines_are_numbered_as_an_editor_does_and_the_same_pair_counts_once() -> None:
    text = f"# of the staging server\n\n  {jwt(KEY)}\r\n{line(SHA256, KEY)}\n{jwt(KEY)}\n"
    assert [pair.line for pair in known(text).macs] == [3, 4]
    both = known(jwt(KEY)) + known(jwt(KEY), line(SHA256, KEY))
    assert len(both.macs) == 2


def test_a_message_may_be_empty_and_a_mac_cut_off_behind_16_bytes() -> None:
    (empty,) = known(line(SHA256, KEY, b"")).macs
    (short,) = known(line(SHA256, KEY, size=16)).macs
    for pair in (empty, short):
        assert pair.of_key(KEY)
        assert not pair.of_key(noise(32, 1))


CUT = line(SHA256, KEY, size=15)
TOKEN = jwt(KEY)
HEAD, BODY, MAC = TOKEN.split(".")
UNENCODED = base64.urlsafe_b64encode(b'{"alg":"HS256","b64":false,"crit":["b64"]}').rstrip(b"=").decode()
WRONG = {
    CUT: "15 bytes: at least 16 are needed",
    line(SHA256, KEY) + "00": "33 bytes, and SHA-256 gives 32",
    line(SHA256, KEY).replace("SHA-256", "MD5"): "no hash: give one of SHA-1, SHA-224, SHA-256, SHA-384, SHA-512",
    "SHA-256 00 zz": "the MAC is no hexadecimal",
    "SHA-256 0 " + 32 * "00": "the message is no hexadecimal",
    "SHA-256 00": "2 words",
    "one": "neither a JWT",
    f"{HEAD}..{MAC}": "the JWT's payload is not there (RFC 7515 appendix F)",
    f"{UNENCODED}.{BODY}.{MAC}": "changes what is signed (RFC 7797)",
    f"{HEAD}.{BODY}.{MAC}.{MAC}.{MAC}": "neither a JWT",
    f"{HEAD}.{BODY}.{MAC[:-4]}": "the JWT's MAC has 29 bytes, and HS256 has 32",
    f"{HEAD}.{BODY}.{MAC[:-1]}!": "signature is no base64url",
    f"{BODY}.{BODY}.{MAC}": "algorithm is none of HS256, HS384, HS512",
    f"e30x.{BODY}.{MAC}": "no header of a JWT",
    f"W10.{BODY}.{MAC}": "algorithm is none of",
    "SHA-256 " + "00" * 16385 + " " + "00" * 32: "16,385 bytes",
}


@pytest.mark.parametrize("text", WRONG, ids=[*WRONG.values()])
def test_a_wrong_line_is_named_with_what_is_wrong(text: str) -> None:
    with pytest.raises(UnusableKey) as told:
        parse_macs(f"{jwt(KEY)}\n{text}\n", "macs.txt")
    assert str(told.value).startswith("macs.txt: line 2: ")
    assert WRONG[text] in str(told.value)
    assert MAC[:8] not in str(told.value)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n\n"])
def test_a_file_without_pairs_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey, match="holds no pair of a message and its MAC; a line is a JWT"):
        parse_macs(text, "macs.txt")


def test_more_pairs_than_are_looked_for_are_refused() -> None:
    assert len(known(*(line(SHA256, KEY, bytes([at])) for at in range(64))).macs) == 64
    with pytest.raises(UnusableKey, match="has 65 pairs, and at most 64"):
        known(*(line(SHA256, KEY, bytes([at])) for at in range(65)))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0\xff")
    (tmp_path / "one").write_text(jwt(KEY))
    assert len(read_macs(tmp_path / "one").macs) == 1
    for name, why in (("binary", "not text"), ("missing", "cannot be read"), (".", "cannot be read")):
        with pytest.raises(UnusableKey, match=why):
            read_macs(tmp_path / name)
