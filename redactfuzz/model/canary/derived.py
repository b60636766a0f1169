"""What may be derived from a secret and be in a dump by intention: a digest that names it, its last four characters.

A declaration is computed from the secret of each execution, and only what equals it there counts as declared.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import attrs

Compute = Callable[[Any], str | bytes | int]
"""From ``Canary.value`` to what may be in a dump."""

_FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda digest: digest.hex().encode(),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "raw": bytes,
}
_LEAST = 2
"""Bytes: less would be taken out of a dump by chance."""


@attrs.frozen
class Digest:
    """A digest of the secret's bytes or text in one format, or the first characters of it."""

    algorithm: str
    format: str
    first: int | None = None

    def forms(self, clear: bytes) -> list[bytes]:
        """Each way to write it; letters of hexadecimal in both cases."""
        made = hashlib.new(self.algorithm, clear)
        digest = made.digest(32) if self.algorithm.startswith("shake") else made.digest()  # type: ignore[call-arg]
        text = _FORMATS[self.format](digest)[: self.first]
        return [text, text.upper()] if self.format == "hex" else [text, text.rstrip(b"=")]

    @property
    def what(self) -> str:
        """As it was declared."""
        return f"{self.algorithm} {self.format}{'' if self.first is None else f' {self.first}'}"


@attrs.frozen(repr=False)
class Derived:
    """One declaration, and the forms of it that a secret has."""

    what: str
    forms: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"<Derived: {self.what}>"


def what(declared: Digest | Compute) -> str:
    """How a report names it."""
    if isinstance(declared, Digest):
        return declared.what
    name = getattr(declared, "__name__", type(declared).__name__)
    return "what a lambda computes" if name == "<lambda>" else f"what {name} computes"


def digest(wanted: str) -> Digest:
    """``"sha256 hex"``, ``"md5 base64"``, ``"sha1 hex 8"`` (its first 8 characters). Raises ValueError."""
    words = wanted.lower().split()
    known = sorted(hashlib.algorithms_available)
    if len(words) not in (2, 3) or words[1] not in _FORMATS or (len(words) == 3 and not words[2].isdecimal()):
        raise ValueError(
            f"allow_derived: {wanted!r} is not an algorithm and a format. Give, for example, 'sha256 hex', "
            f"'sha256 hex 8' (its first 8 characters), a format of {', '.join(_FORMATS)}, "
            "or a callable that computes it."
        )
    if words[0] not in known:
        raise ValueError(f"allow_derived: there is no digest {words[0]!r}; there are {', '.join(known)}.")
    return Digest(words[0], words[1], int(words[2]) if len(words) == 3 else None)


def computed(compute: Compute, value: Any) -> list[bytes]:
    """What a callable derives from the value. Raises whatever it raises, TypeError for what no dump can hold."""
    result = compute(value)
    if isinstance(result, int) and not isinstance(result, bool):
        result = str(result)
    if isinstance(result, str):
        result = result.encode()
    if not isinstance(result, bytes | bytearray | memoryview):
        raise TypeError(f"it gave a {type(result).__name__}, not str, bytes or int")
    return [bytes(result)]


def worth(forms: list[bytes]) -> tuple[bytes, ...]:
    """Those that are long enough to be looked for, the longest first."""
    return tuple(sorted({form for form in forms if len(form) >= _LEAST}, key=len, reverse=True))
