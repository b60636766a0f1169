"""Private keys of WireGuard, by their names: of ``wg`` and ``wg-quick``, systemd, NetworkManager, and netplan.

A key is 32 bytes, of which any are one (wg(8)): nothing in it can be checked. So its name must stand before it, and
what names WireGuard near it. ``wg genkey`` clamps it (RFC 7748 section 5), other programs do not.
"""

from __future__ import annotations

import base64
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.placeholders import stands_for_a_key
from redactfuzz.scan.keys.private_key import random_looking

_NAMES = Literals(b"PrivateKey", b"PresharedKey", b"private-key", b"preshared-k", b"PRIVATE_KEY", b": wireguard")
_NETPLAN = b": wireguard"
_AROUND = 1024
"""Characters before and behind, in which a section of a file has a name of WireGuard's."""
_KEY = rb"[\"']?[ \t]{0,8}[=:][ \t]{0,8}[\"']?(?P<key>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)(?![A-Za-z0-9+/=])"
"""32 bytes in base64: four bits are left for the last letter."""
_NAMED = re.compile(rb"(?P<name>PrivateKey|PresharedKey|private-key|preshared-key|PRIVATE_KEY)" + _KEY)
_OF_TUNNEL = re.compile(rb"(?<![A-Za-z0-9_-])(?P<name>key|private|shared)" + _KEY)
"""netplan's names, below ``mode: wireguard``."""
_LONGEST = 80
_NAMES_IT = re.compile(rb"\[(?:Interface|Peer)\]|wire_?guard|AllowedIPs", re.IGNORECASE)
_SHARED, _PRESHARED = (b"PresharedKey", b"preshared-key", b"shared"), ("WireGuard preshared key", Severity.LOW)
"""It is mixed into a session, and opens nothing without a private key."""
_REASON = "it is called so, and is 32 bytes that look random: nothing in it can be checked"


@attrs.frozen
class WireGuardKeys:
    """What is called a private key or a preshared one, beside what is WireGuard's."""

    name: str = "wireguard"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, seen = Findings(self.name, image), 0
        for offset, index, width in _NAMES.places(image):
            if _NAMES.wanted[index] != _NETPLAN:
                match = _NAMED.match(text_at(image.data, offset, width, _LONGEST))
                if match and _is_near(image, offset, width):
                    _add(findings, match, offset, width)
                continue
            start = max(offset - min(offset // width, _AROUND) * width, seen + (offset - seen) % width)
            for match in _OF_TUNNEL.finditer(_characters(image, start, offset + _AROUND * width, width)):
                _add(findings, match, start, width)
                seen = start + width * match.end()
            seen = max(seen, offset + (_AROUND - _LONGEST) * width)  # what is around two names is told once
        return findings


def _add(findings: Findings, match: re.Match[bytes], start: int, width: int) -> None:
    """What was matched in a text that starts there."""
    text = match["key"]
    secret = base64.b64decode(text)
    if random_looking(secret) and not stands_for_a_key(text):
        what, severity = _PRESHARED if match["name"] in _SHARED else ("WireGuard private key", Severity.TOTAL)
        findings.add(what, identity(secret), severity, _REASON, start + width * match.start("key"), width * len(text))


def _is_near(image: Image, offset: int, width: int) -> bool:
    """Whether something around says that it is WireGuard's."""
    start = offset - min(offset // width, _AROUND) * width
    return bool(_NAMES_IT.search(_characters(image, start, offset + _AROUND * width, width)))


def _characters(image: Image, start: int, end: int, width: int) -> bytes:
    """The first byte of each: what is no text is no name."""
    return image.data[start:end][::width]
