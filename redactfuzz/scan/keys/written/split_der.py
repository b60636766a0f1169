"""Private keys in DER whose bytes a view has in several stretches: two dumps of a log, two words of hexadecimal.

Between two stretches a view has four zeros (``RF_APART`` of `_core/spell`). In memory zeros are zeros, so this is asked
of views alone.
"""

from __future__ import annotations

import mmap
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import der, elliptic
from redactfuzz.scan.keys.der_key import describe
from redactfuzz.scan.keys.detector import Findings, Memo
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.private_key import UNREAD

_APART = bytes(4)
_BEGINS = re.compile(
    rb"\x30(?:[\x20-\x7f]|\x81[\x80-\xff]|\x82[\x01-\x3f].)\x02\x01(?:\x00[\x02\x30]|\x01[\x02\x04\x30])", re.DOTALL
)
"""As in `rf_find_der`: the version, and what must follow it."""
_TRIED = 256
"""Beginnings of one view that are looked at: most of them are none."""
_TOO_MANY = "not all that may be private keys in several pieces was put together: it is too much"


@attrs.frozen
class SplitDerKeys:
    """What begins like a private key and is one once the zeros within it are left out.

    Of what only its structure tells, that is no proof: programs have the header of a key as a constant, and behind it
    anything may stand.
    """

    name: str = "der"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, described, data, tried = Findings(self.name, image), Memo(describe), image.data, 0
        for begin in _BEGINS.finditer(data) if data.find(_APART) >= 0 else ():
            start = begin.start()
            _, end = der.extent(data[start : begin.end()])
            if data.find(_APART, start, start + end) < 0 or described(data[start : start + end]):
                continue  # no zeros, or its own
            tried += 1
            if tried > _TRIED:
                findings.gap(_TOO_MANY, start)
                break
            whole, behind = _together(data, start, end)
            key = described(whole) if len(whole) == end else None
            if key and key.reason != UNREAD and elliptic.proves(whole, data.find(_APART, start) - start):
                findings.add(f"{key.what}, in pieces", key.identity, key.severity, key.reason, start, behind - start)
        return findings


def _together(data: bytes | mmap.mmap, start: int, size: int) -> tuple[bytes, int]:
    """So many bytes from an offset on without the zeros between stretches, and where the last of them ends."""
    whole, at = b"", start
    while at < len(data) and len(whole) < size:
        stop = data.find(_APART, at, at + size - len(whole) + len(_APART) - 1)
        end = min(at + size - len(whole), len(data)) if stop < 0 else stop
        whole += data[at:end]
        at = end if stop < 0 or len(whole) == size else stop + len(_APART)
    return whole, at
