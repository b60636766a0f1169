"""Keys in binary formats whose bytes are characters: DER in a string of JavaScript, in a dump of MySQL.

They are known by identifiers of algorithms, as these look in each form. What is around them is read as bytes and shown
to the detectors of such formats, which parse it.
"""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.bare_der import DerKeys
from redactfuzz.scan.keys.detector import Detector, Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.written.byte_texts import JSON, MYSQL, SHOWN, UTF8, UTF16, Form
from redactfuzz.scan.keys.written.java_stores import JavaStores
from redactfuzz.scan.keys.written.pkcs12 import Pkcs12Stores
from redactfuzz.scan.views.parts import Parts

_RSA, _EC, _CURVES = "2a864886f70d01", "2a8648ce3d", "2b810400"
"""Of RSA Security (RSA, encryption by a passphrase, PKCS#12); of keys of curves and P-256; of other curves."""
_EDWARDS = ("032b6570042204", "032b656e042204")
_STORES = ("feedfeed", "cececece")
_EXPONENT = "020301000102"
"""The public one of RSA keys, and the tag of the private one."""
_PARTS = {
    UTF8: (_RSA, _EC, _CURVES, *_EDWARDS, _EXPONENT, *_STORES),
    SHOWN: (_RSA, _EC, *_EDWARDS, _EXPONENT),
    UTF16: ("4886f70d01", "48ce3d", "2b8104", "6570042204", "656e042204", *_STORES),
    MYSQL: ("2a864886f70d", *_EDWARDS, _EXPONENT, "03420004", "03620004", "0381860004"),
    **dict.fromkeys(JSON, (_RSA, _EC, _CURVES, *_EDWARDS, _EXPONENT)),
}
"""Of keys, by the form. How one looks begins with three bytes that are rare, or that others begin with: a zero behind a
letter and one more would be found all over memory."""
_LONGEST = 24
_SHORTEST = 40
"""Bytes around a place that may be a key."""
_DETECTORS: tuple[Detector, ...] = (DerKeys(), Pkcs12Stores(), JavaStores())


def _looks() -> dict[bytes, list[Form]]:
    """How a part of a key looks, with the forms in which it does."""
    found: dict[bytes, list[Form]] = {}
    for form, parts in _PARTS.items():
        for part in parts:
            found.setdefault(form.written(bytes.fromhex(part))[:_LONGEST], []).append(form)
    return found


_LOOKS = _looks()
_GZIP = b"\x1f\x8b\x08\\0"
"""How it begins in a string of MySQL: method 8, no flags (RFC 1952)."""
_PLACES = Literals(*_LOOKS, _GZIP, wide=False)
_NOT_OPENED = "a gzip file begins here, with backslashes among its bytes as MySQL writes them: it is not opened so"


@attrs.frozen
class DerTexts:
    """What the detectors of binary formats find in bytes that are the characters of a text."""

    name: str = "der-text"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, looks = Findings(self.name, image), (*_LOOKS.values(), ())
        behind, found = dict.fromkeys(_PARTS, 0), 0
        for offset, index, _ in _PLACES.places(image):
            if not looks[index]:
                findings.unopened(_NOT_OPENED, offset, len(_GZIP))
            for form in looks[index]:
                parts = form.read(image.data, offset) if offset >= max(behind[form], found) else None
                if parts is not None and len(parts.data) >= _SHORTEST:
                    behind[form] = parts.place(0, len(parts.data))[1]
                    found = max(found, _add(findings, parts, form, image, known))
        return findings


def _add(findings: Findings, parts: Parts, form: Form, image: Image, known: KnownKeys) -> int:
    """Gives where the last one ends; 0: there is none."""
    inner, last = Image(image.name, parts.data), 0
    for detector in _DETECTORS:
        found = detector.find(inner, known)
        for gap in found.gaps:
            findings.gap(gap.reason, parts.place(gap.offset or 0, (gap.offset or 0) + 1)[0])
        for gap in found.unread:
            start, end = parts.place(gap.offset or 0, (gap.offset or 0) + (gap.length or 1))
            findings.unopened(gap.reason, start, end - start)
        for key in found:
            for one in key.where:
                start, end = parts.place(one.offset, one.offset + one.length)
                findings.add(f"{key.what} in {form.name}", key.identity, key.severity, key.reason, start, end - start)
                last = max(last, end)
    return last
