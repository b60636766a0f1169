"""One canary and one private key in each container: as tests/unit/scan/carving has them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping

from shared import record

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.exposure import DumpReport, Severity

from .cases import Case, Section

sys.path.insert(0, str(record.ROOT / "tests" / "unit" / "scan" / "carving"))
from containers import NAMED, OPENED

CANARY: Canary = mint(31, "token", token(32), 1)
_PIECE = 3


def _lines(first: int) -> bytes:
    return b"".join(b"12:0%d GET /a/b?c=%d\n" % (n % 10, n * n) for n in range(first, first + 200))


def _pieces(secret: bytes) -> bytes:
    """So that a compressor refers to them, and leaves no stretch of the secret as it is."""
    return b"".join(secret[at : at + _PIECE] + b"#%d\n" % at for at in range(0, len(secret), _PIECE))


@functools.cache
def _key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _log(secret: bytes) -> bytes:
    return _lines(0) + _pieces(secret) + secret + b"\n" + _lines(200)


def _whole(report: DumpReport) -> bool:
    return any(one.severity is Severity.TOTAL for one in report.exposures)


def _key_is_there(report: DumpReport) -> bool:
    return any(key.detector == "pem" for key in report.keys)


def _row(name: str, make: Callable[[bytes], bytes], opened: bool) -> Mapping[str, Case]:
    near = (lambda: make(_lines(0) + _lines(200))) if opened else None
    return {
        "a canary": Case(name, lambda: make(_log(CANARY.text.encode())), _whole, near, CANARY),
        "a PEM": Case(name, lambda: make(_log(_key())), _key_is_there, near),
    }


def cases() -> Mapping[str, Mapping[str, Case]]:
    """What is opened, and what is named because nothing opens it: that is INCOMPLETE without a secret as well."""
    return {
        **{name: _row(name, make, True) for name, make in OPENED.items()},
        **{name: _row(name, make, False) for name, make in NAMED.items()},
    }


SECTION = Section(
    "packed",
    "One canary and one key in each container",
    "A log with a token of 32 letters, or with a private key as PEM, that is packed: pieces of the secret stand before"
    " it, so that what is packed holds no stretch of it. The near miss is the log without a secret in the same way.",
    cases,
)
