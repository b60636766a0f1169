"""JSON Web Keys that a program has parsed: each number is a string of its own in memory, and nothing names it there.

Words of the right length prove what they are: a prime divides its modulus, two numbers are a point of a curve, and that
is a multiple of the base point. Two that are a point are found among all of them at once, so that only words near a
point are multiplied. Of keys without primes, and of symmetric ones, nothing tells.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import elliptic, jwk, rsa_numbers
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.private_key import CHECKED
from redactfuzz.scan.keys.public.curves import CURVES
from redactfuzz.scan.keys.written.among_words import ON_CURVES, Members, Tries, number_of, points
from redactfuzz.scan.keys.written.url_words import Word, Words, nearest

_MODULUS = 86
"""Letters of a modulus at least."""
_HALF = 2
"""Letters that a prime has more or fewer than half of them, at most."""
_NEAR = 16
"""Words on either side of a public number that are tried as private ones."""
_NUMBERS = 3
"""That such a key has."""
_EDWARDS = ("Ed25519", "X25519")
_EDWARDS_LETTERS = 43
_REACH = 1 << 16
"""Bytes from a private number to the next word of its length, at most."""


def add_scattered(image: Image, findings: Findings, tries: Tries) -> None:
    """Keys whose numbers lie apart, those that are not among the findings yet."""
    words = Words(image)
    known = {one.identity for one in findings}
    for private, members in (*_rsa(words), *_elliptic(words, tries), *_edwards(image, words)):
        key = jwk.key_of(json.dumps(members, sort_keys=True).encode())
        if key and key.reason == CHECKED and key.identity not in known:
            what = f"{key.what}, its numbers apart"
            findings.add(what, key.identity, key.severity, key.reason, private.offset, len(private.text))


def _rsa(words: Words) -> Iterator[tuple[Word, Members]]:
    """A modulus with one of its primes."""
    lengths = words.lengths
    for length in (one for one in lengths if one >= _MODULUS):
        halves = [one for one in lengths if abs(2 * one - length) <= 2 * _HALF]
        primes = sorted((word for half in halves for word in words.of(half)), key=lambda word: word.offset)
        for modulus in words.of(length) if primes else ():
            n = number_of(modulus.text)
            for prime in nearest(primes, modulus.offset, _NEAR):
                if rsa_numbers.proved(n, 0, 0, number_of(prime.text)) == n:
                    yield prime, {"kty": "RSA", "n": modulus.text, "e": "AQAB", "p": prime.text}


def _elliptic(words: Words, tries: Tries) -> Iterator[tuple[Word, Members]]:
    """A point, and a number near it that may make it."""
    for length, names in ON_CURVES.items():
        some = words.of(length)
        places = {word.text: word.offset for word in some}
        numbers = {text: number_of(text) for text in places}
        for curve in (CURVES[name] for name in names if len(places) >= _NUMBERS):
            pairs = list(points(numbers, curve))
            public = {text for pair in pairs for text in pair}
            others = [word for word in some if word.text not in public]
            for x, y in pairs:
                for word in nearest(others, places[x], _NEAR):
                    if tries.one():
                        yield word, {"kty": "EC", "crv": curve.name, "x": x, "y": y, "d": word.text}


def _edwards(image: Image, words: Words) -> Iterator[tuple[Word, Members]]:
    """Two numbers of which one is made by the other. Their curve is named somewhere: a JWK has it as a text."""
    some = words.of(_EDWARDS_LETTERS)
    kinds = [one for one in _EDWARDS if len(some) > 1 and image.find(one.encode()) >= 0]
    secrets = {base64.urlsafe_b64decode(word.text + "="): word for word in some if kinds}
    for secret, word in secrets.items():
        if all(abs(one.offset - word.offset) > _REACH for one in nearest(some, word.offset, 2) if one is not word):
            continue
        for kind in kinds:
            public = secrets.get(elliptic.public_of(kind, secret))
            if public is not None:
                yield word, {"kty": "OKP", "crv": kind, "x": public.text, "d": word.text}
