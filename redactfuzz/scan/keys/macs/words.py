"""Keys of HMAC that are text: secrets of JSON Web Tokens are mostly words of a configuration."""

from __future__ import annotations

from functools import partial

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz._core.owning import owning
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.macs.gathered import Gathered
from redactfuzz.scan.keys.macs.key_bytes import REASON
from redactfuzz.scan.keys.macs.pair import MacPair

_NOTATIONS = {lib.RF_WORD_TEXT: "text", lib.RF_WORD_HEX: "hexadecimal", lib.RF_WORD_BASE64: "base64"}
_CAPACITY = 64
_MOST = 1 << 24
"""Compressions in a window of an image, for all pairs, and places of words: some five seconds."""
_ROOM, _LEAST_ROOM = 1 << 21, 1 << 8
"""Words that are remembered: a power of two, of which three quarters are used."""
_TOO_MANY = "not all words were tried as the key of a MAC: they are too many"


@attrs.frozen
class HmacWords:
    """Words of 16 and more letters with which, or with whose bytes, a known MAC is made: no false reports."""

    name: str = "hmac-text"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key and notation."""
        findings = Findings(self.name, image)
        gathered = Gathered(known.macs, findings, REASON)
        if not known.macs or image.size < lib.RF_SHORTEST_WORD:
            return findings
        cores = [pair.core for pair in known.macs]
        macs = owning(ffi.new("rf_mac[]", [core[0] for core in cores]), *cores)
        room = min(_ROOM, max(_LEAST_ROOM, 1 << image.size.bit_length()))
        seen = ffi.new("uint64_t[]", room)
        words = ffi.new("rf_words *", {"hashes": seen, "room": room})
        start, budget = ffi.new("size_t *"), ffi.new("uint64_t *", _MOST)
        hits = ffi.new("rf_word[]", _CAPACITY)
        while start[0] < image.size and budget[0]:
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                count = lib.rf_find_mac_words(
                    *(macs, len(known.macs), data, image.size, words, start, budget, hits, _CAPACITY)
                )
            for hit in hits[0:count]:
                gives = partial(MacPair.of_key, key=_key(image, hit.notation, hit.offset, hit.length))
                gathered.add("HMAC key", _NOTATIONS[hit.notation], gives, (int(hit.offset),), int(hit.length))
        if start[0] < image.size:
            findings.gap(_TOO_MANY, int(start[0]))
        return findings


def _key(image: Image, notation: int, offset: int, length: int) -> bytes:
    key = ffi.new("uint8_t[]", lib.RF_LONGEST_WORD)
    size = lib.rf_word_key(notation, bytes(image.data[offset : offset + length]), length, key)
    return bytes(ffi.buffer(key)[:size])
