"""RSA private keys in the XML of .NET (``RSA.ToXmlString``; XML Signature section 4.5.2.2, and more elements)."""

from __future__ import annotations

import base64
import binascii
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import private_key
from redactfuzz.scan.keys.detector import Findings, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals

_BEGIN = b"<RSAKeyValue"
_BEGINNINGS = Literals(_BEGIN)
_END = b"</RSAKeyValue>"
_LIMITS = (1 << 9, 1 << 14)
"""Characters that are read: of most beginnings no more than the first are text of an element."""
_ELEMENT = re.compile(rb"<(Modulus|Exponent|P|Q|D)>([A-Za-z0-9+/=\s]+)</\1>")


@attrs.frozen
class XmlKeys:
    """``RSAKeyValue`` elements with private numbers that agree with the public ones."""

    name: str = "xml-rsa"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, width in _BEGINNINGS.places(image):
            text = _element(image, offset, width)
            key = _key(text)
            if key is not None:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, width * len(text))
        return findings


def _element(image: Image, offset: int, width: int) -> bytes:
    """Up to its end, or to where another begins."""
    text = b""
    for limit in _LIMITS:
        text = text_at(image.data, offset, width, limit)
        ends = [end for end in (text.find(mark, len(_BEGIN)) for mark in (_END, _BEGIN, b"\0")) if end >= 0]
        if ends:
            return text[: min(ends)]
    return text


def _key(text: bytes) -> private_key.Described | None:
    try:
        numbers = {name: int.from_bytes(base64.b64decode(value), "big") for name, value in _ELEMENT.findall(text)}
        n, e, d, p, q = (numbers[name] for name in (b"Modulus", b"Exponent", b"D", b"P", b"Q"))
    except (KeyError, binascii.Error):
        return None
    return private_key.rsa(n, e, d, p, q, f"RSA-{n.bit_length()} private key (XML of .NET)")
