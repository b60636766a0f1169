"""Stores that are not as most are, keys that are none of theirs, and near misses that must not take long."""

from __future__ import annotations

import base64
import datetime
import random
import struct
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from key_writers import armored, pfx, pgp_of, tagged, xml

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import DumpReport, KeyFinding, Severity, Where
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.openssh import OpenSshKeys
from redactfuzz.scan.keys.tokens.services import ServiceTokens
from redactfuzz.scan.keys.written.java_stores import JavaStores
from redactfuzz.scan.keys.written.openpgp import OpenPgpKeys
from redactfuzz.scan.keys.written.pkcs12 import Pkcs12Stores
from redactfuzz.scan.keys.written.xml_rsa import XmlKeys
from redactfuzz.scan.threshold import entries

NOISE = random.Random(4).randbytes(4096)


def whats(data: bytes) -> list[str]:
    return [one.what for detector in DETECTORS for one in detector.find(Image("memory", data), KnownKeys())]


def test_the_key_of_a_pkcs12_store_in_ber_or_without_its_frame_is_found_by_its_bag() -> None:
    store = pfx(b"secret")
    assert whats(store) == ["private key (PKCS#12 store)"]
    for broken in (b"\x30\x80" + store[4:] + b"\0\0", NOISE[:9] + store[9:], store[:-60]):
        assert whats(broken) == ["encrypted private key (PKCS#8), in a PKCS#12 store"]


def entry(tag: int, content: bytes) -> bytes:
    return struct.pack(">IH", tag, 4) + b"name" + bytes(8) + content


def jceks(*entries_: bytes) -> bytes:
    return b"\xce\xce\xce\xce" + struct.pack(">II", 2, len(entries_)) + b"".join(entries_) + NOISE[:20]


SECRET = b"\xac\xed\0\5sr\0\x33com.sun.crypto.provider.SealedObjectForKeyProtector" + NOISE[:400]
ALGORITHM = tagged(0x30, tagged(0x06, bytes.fromhex("2b060104012a021301")) + b"\5\0")
PRIVATE_ENTRY = tagged(0x30, ALGORITHM + tagged(0x04, NOISE[:320]))
KEY = entry(1, struct.pack(">I", len(PRIVATE_ENTRY)) + PRIVATE_ENTRY + struct.pack(">I", 0))
SECRET_WHAT, PRIVATE_WHAT = "encrypted secret key (JCEKS store)", "encrypted private key (JCEKS store)"


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (jceks(KEY), [PRIVATE_WHAT]),
        (jceks(entry(3, SECRET), KEY), [SECRET_WHAT, PRIVATE_WHAT]),
        (jceks(KEY, entry(3, SECRET)), [PRIVATE_WHAT, SECRET_WHAT]),
        (jceks(entry(3, SECRET), entry(3, NOISE[:99])), [SECRET_WHAT]),
        (jceks(entry(3, NOISE[:400])), []),
        (jceks(entry(4, SECRET), KEY), []),
        (jceks(entry(3, SECRET), KEY.replace(bytes.fromhex("2b060104012a"), bytes(6))), [SECRET_WHAT]),
    ],
)
def test_secret_keys_of_a_java_store_are_found_and_private_ones_behind_them(store: bytes, expected: list[str]) -> None:
    found = JavaStores().find(Image("memory", NOISE[:33] + store), KnownKeys())
    assert [one.what for one in found] == expected


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def ssh(kind: bytes) -> bytes:
    head = b"openssh-key-v1\0" + string(b"aes256-ctr") + string(b"bcrypt") + string(NOISE[:24]) + struct.pack(">I", 1)
    return head + string(string(kind) + string(NOISE[:32])) + string(NOISE[:64])


TEXTS = [b"a password of the dump's", b'x\n[[suppressed]]\nkey = "0123456789ab"\n#', b"\xff\xfe"]


def test_the_kind_of_an_ssh_key_is_told_where_it_is_known_and_is_no_text_of_the_dump() -> None:
    for kind in TEXTS:
        (found,) = OpenSshKeys().find(Image("memory", ssh(kind)), KnownKeys())
        assert found.what == "encrypted OpenSSH private key of an unknown kind"
    (known,) = OpenSshKeys().find(Image("memory", ssh(b"ssh-ed25519")), KnownKeys())
    assert known.what == "encrypted OpenSSH ssh-ed25519 private key"


def test_an_entry_that_is_proposed_is_one_line_of_comment_whatever_it_names() -> None:
    key = KeyFinding("a", "x\n[[suppressed]]\x1b", "0123", Severity.TOTAL, "", (Where("core", 0, 1),))
    (comment, table) = entries([DumpReport("core", keys=(key,))], datetime.date(2027, 1, 1))
    assert comment.count("\n") == 1
    assert table.startswith("[[suppressed]]\n")


def stub(mode: bytes) -> bytes:
    number = rsa.generate_private_key(65537, 1024).public_key().public_numbers().n.to_bytes(128, "big")
    public = b"\4" + bytes(4) + b"\1" + struct.pack(">H", 1024) + number + struct.pack(">H", 17) + b"\1\0\1"
    packet = public + b"\xff\0\x65\0" + mode + NOISE[:17]
    armored = base64.encodebytes(b"\x95" + struct.pack(">H", len(packet)) + packet)
    return b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + armored + b"-----END PGP PRIVATE KEY BLOCK-----\n"


def test_a_key_of_openpgp_that_is_on_a_card_is_not_there() -> None:
    assert not list(OpenPgpKeys().find(Image("a file", stub(b"GNU\2")), KnownKeys()))
    assert len(list(OpenPgpKeys().find(Image("a file", stub(b"ABC\2")), KnownKeys()))) == 1


def openpgp(data: bytes) -> tuple[list[str], int]:
    """What is found, and how many gaps there are."""
    found = OpenPgpKeys().find(Image("a file", data), KnownKeys())
    return [key.what for key in found], len(found.unread)


@pytest.mark.parametrize("version", [3, 4, 5, 6])
def test_keys_of_openpgp_of_each_version_are_found_or_said_not_to_be_opened(version: int) -> None:
    for algorithm, what in ((1, "RSA-2048"), (25, "X25519"), (26, "X448"), (27, "Ed25519"), (28, "Ed448")):
        (found,), gaps = openpgp(pgp_of(version, algorithm))
        assert found.startswith(f"{what} secret key" if algorithm == 1 else f"OpenPGP {what} secret key")
        assert gaps == 0
        (found,), gaps = openpgp(pgp_of(version, algorithm, encrypted=True))
        assert found.startswith("encrypted OpenPGP")
        assert gaps == 0
        assert openpgp(pgp_of(version, algorithm, wrong=True)) == ([], 1)


def test_a_packet_of_openpgp_that_nobody_knows_is_a_gap() -> None:
    assert openpgp(armored(b"\x07" + NOISE[:99])) == ([], 1)
    assert openpgp(armored(b"\x04" + bytes(4) + b"\x63" + NOISE[:99])) == ([], 1)
    assert openpgp(stub(b"GNU\2")) == ([], 0)


STRIPE = b"sk_" + b"live_4eC39HqLyjWDarjtT1zdp7dc"


def tokens(data: bytes) -> list[KeyFinding]:
    return list(ServiceTokens().find(Image("memory", data), KnownKeys()))


@pytest.mark.parametrize("behind", [b"", b" end", b"thefollowingconstantofthebinary", b"0" * 60, b"\xff"])
def test_letters_behind_a_token_of_no_certain_length_hide_nothing_and_change_no_fingerprint(behind: bytes) -> None:
    (found,) = tokens(b"key " + STRIPE + behind)
    assert [found.identity] == [one.identity for one in tokens(STRIPE)]


def test_a_short_prefix_amid_base64url_is_met_by_chance_and_behind_a_name_it_is_not() -> None:
    draw = random.Random(1)
    token = b"r8_" + base64.b32encode(draw.randbytes(40)).replace(b"=", b"").lower()[:20] + b"AbCdEfGh1jKlMnOpQ"
    around = base64.urlsafe_b64encode(draw.randbytes(60))
    assert len(tokens(token)) == len(tokens(b"key=" + token + b"\n")) == len(tokens(b"my_key_" + token + b" ")) == 1
    assert not tokens(around + token + around)
    assert not tokens((around + token + around).decode().encode("utf-16-le"))
    assert not tokens(around + token + b" ")
    assert not tokens(b"a" + token + around)


@pytest.mark.parametrize(
    "near",
    [
        bytes.fromhex("3082ff00020103300609") + bytes.fromhex("2a864886f70d010701"),
        bytes.fromhex("308210000201033082") + bytes.fromhex("0ff506092a864886f70d010701"),
        b"\xce\xce\xce\xce",
        b"\xce\xce\xce\xce" + struct.pack(">II", 2, 9) + entry(3, SECRET[:30]),
        b"<RSAKeyValue><Modulus>AAAA",
        b"<RSAKeyValue><Modulus>A" + b" " * 16000,
    ],
)
def test_of_near_misses_all_over_no_byte_is_read_often(near: bytes) -> None:
    data = Counted(near * max(2, (1 << 16) // len(near)))
    for detector in (Pkcs12Stores(), JavaStores(), XmlKeys()):
        assert not list(detector.find(Image("memory", data), KnownKeys()))
    assert data.read < 64 * len(data)


class Counted(bytes):
    """Counts the bytes that are taken out of it."""

    read = 0

    def __getitem__(self, at: Any) -> Any:
        part = super().__getitem__(at)
        self.read += len(part) if isinstance(part, bytes) else 1
        return part


def test_blanks_in_the_elements_of_an_xml_key_are_no_part_of_it() -> None:
    assert whats(xml().replace(b"<P>", b"<P>\n    ").replace(b"</D>", b" \n</D>"))[0].endswith("(XML of .NET)")


@pytest.mark.parametrize(
    ("kind", "severity"), [(b"sk-ssh-ed25519@openssh.com", Severity.LOW), (b"ssh-ed25519", Severity.TOTAL)]
)
def test_a_file_of_a_security_device_holds_a_handle_and_no_key(kind: bytes, severity: Severity) -> None:
    public = string(kind) + string(NOISE[:32]) + string(b"ssh:")
    private = struct.pack(">II", 77, 77) + public + b"\1" + string(NOISE[:64]) + string(b"") + string(b"me@host")
    private += bytes(range(1, 9))[: -len(private) % 8]
    none = b"openssh-key-v1\0" + string(b"none") + string(b"none") + string(b"") + struct.pack(">I", 1)
    (found,) = OpenSshKeys().find(Image("core", none + string(public) + string(private)), KnownKeys())
    assert found.severity is severity
    assert ("device" in found.reason) is (severity is Severity.LOW)
