"""Keys of several lines that are indented, quoted, in a log or in one line; what is not put together is a gap."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from key_writers import KEY, NOISE, pgp, ppk

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.private_key import CHECKED
from redactfuzz.scan.keys.written.openpgp import OpenPgpKeys
from redactfuzz.scan.keys.written.ppk import PuttyKeys

KEYS = {
    "RSA-2048 secret key (OpenPGP)": pgp(),
    "encrypted OpenPGP RSA secret key": pgp(254),
    "PuTTY ssh-ed25519 private key": ppk(2).replace(b"\r", b""),
    "encrypted PuTTY ssh-ed25519 private key": ppk(3, "aes256-cbc").replace(b"\r", b""),
}


def each(form: Callable[[int, bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda text: b"".join(form(number, line) + b"\n" for number, line in enumerate(text.splitlines()))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda text: text,
    "indented": each(lambda _, line: b"    " + line),
    "indented by tabs": each(lambda _, line: b"\t\t" + line),
    "indented, with its empty lines empty": each(lambda _, line: (b"    " + line).rstrip()),
    "quoted": each(lambda _, line: b"> " + line),
    "quoted, with its empty lines cut": each(lambda _, line: (b"> " + line).rstrip()),
    "in a log": each(lambda _, line: b"2026-11-28 app: " + line),
    "in a log whose times go on": each(lambda number, line: b"20:00:%02d app[7]: %s" % (number, line)),
    "in a log whose numbers grow": each(lambda number, line: b"line %d: %s" % (3**number, line)),
    "a comment in a source": each(lambda _, line: b" * " + line),
    "with blanks at line ends": each(lambda _, line: line + b" "),
    "with line ends of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "with line ends of old Macs": lambda text: text.replace(b"\n", b"\r"),
    "in one line": lambda text: text.replace(b"\n", b" "),
}


def found(data: bytes) -> list[Findings]:
    return [detector.find(Image("a file", data), KnownKeys()) for detector in (OpenPgpKeys(), PuttyKeys())]


def whats(data: bytes) -> list[str]:
    return [one.what for each_ in found(data) for one in each_]


def unread(data: bytes) -> int:
    return sum(len(one.unread) for one in found(data))


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_put_together_however_its_lines_are_written(form: str) -> None:
    for what, text in KEYS.items():
        data = b"key: |\n" + FORMS[form](text) + b"and so on\n"
        assert whats(data) == [what]
        assert not unread(data)


def test_a_ppk_whose_checksum_is_cut_or_of_another_comment_is_checked_by_its_numbers() -> None:
    text = ppk(3)
    for changed in (text[: text.index(b"Private-MAC")], text.replace(b"Comment: me", b"Comment: you")):
        ((key,),) = (list(PuttyKeys().find(Image("a file", changed), KnownKeys())),)
        assert (key.what, key.reason) == ("PuTTY ssh-ed25519 private key", CHECKED)


def broken(text: bytes) -> bytes:
    """Every line is in two."""
    return text.replace(b"\n", b"\n\n!").replace(b"=", b"")


@pytest.mark.parametrize(
    "data",
    [
        ppk(3, wrong=b"x", seed=NOISE[:32]),
        ppk(2).replace(b"Comment: ", b"Remark: "),
        broken(pgp()),
        pgp(d=KEY.d ^ 1 << 77),
        pgp().replace(b"BLOCK-----\n", b"BLOCK-----\nVersion 1 without a colon\n"),
    ],
)
def test_what_is_not_put_together_is_a_gap(data: bytes) -> None:
    assert not whats(data)
    assert unread(data) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n...\n-----END PGP PRIVATE KEY BLOCK-----\n",
        b'if text.startswith("-----BEGIN PGP PRIVATE KEY BLOCK-----"):\n    return text\n' * 9,
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\0" + pgp()[40:],
        b"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n",
        b"PuTTY-User-Key-File-\0Private-Lines: \0" + b"A" * 99,
        b"PuTTY-User-Key-File-3: %s\nEncryption: %s\nComment: %s\nPrivate-Lines: %d\nPrivate-MAC: %s\n",
    ],
)
def test_a_label_in_a_document_or_in_a_program_is_nothing(data: bytes) -> None:
    assert not whats(data)
    assert not unread(data)


@pytest.mark.parametrize(
    "label", [b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", b"PuTTY-User-Key-File-2: ", b"PGP PRIVATE "]
)
def test_labels_all_over_are_nothing(label: bytes) -> None:
    assert not whats(label * (100_000 // len(label)))
