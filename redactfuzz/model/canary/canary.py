"""A planted secret that gives itself away to nobody but the one who asks for it."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Callable
from typing import Any, NoReturn, Protocol, SupportsIndex

from redactfuzz.model.canary.derived import Compute, Derived, Digest, computed, digest, what, worth
from redactfuzz.model.canary.forms import text_forms, within
from redactfuzz.model.canary.secret import Buffer, Masked, Place, Source

_HINT = "use .text"


class Kind(Protocol):
    """What a canary looks like. A frozen value; one file a kind, registered in `kinds.KINDS`."""

    @property
    def label(self) -> str:
        """The name of the kind."""

    @property
    def bits(self) -> float:
        """Entropy of the secret."""

    @property
    def repeats(self) -> bool:
        """True when other executions get the same secret, so that an old one proves nothing."""

    @property
    def any_byte(self) -> bool:
        """Whether each byte of the secret may be any: `stops` has values with those at which code stops."""

    def mint(self, seed: int, name: str, number: int) -> Masked:
        """The secret itself. As long for each number."""

    def text(self, secret: Masked) -> str:
        """What `Canary.text` gives."""

    def integer(self, secret: Masked) -> int:
        """What `Canary.int` gives."""

    def value(self, secret: Masked) -> Any:
        """What `Canary.value` gives."""

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        """What to search for."""

    def places(self, secret: Masked) -> tuple[Place, ...]:
        """What can be changed by itself, the secret being one of the kind still; nothing where parts hang together."""

    def parameters(self) -> dict[str, Any]:
        """What a repro file stores to make the kind again."""


class Canary:
    """One secret of one execution. Its repr, vars, copies and formats show nothing; `.text` and the like do.

    Not hashable by value and never equal to another: two canaries are two secrets.
    """

    __slots__ = ("__weakref__", "_allowed", "_derived", "_secret", "handed", "kind", "name", "number", "turns")

    def __init__(self, name: str, kind: Kind, number: builtins.int, secret: Masked) -> None:
        self.name = name
        self.kind = kind
        self.number = number
        self._secret = secret
        self._allowed = False
        self._derived: tuple[Digest | Compute, ...] = ()
        self.handed: Callable[[Any], object] | None = None
        """Called with every object that holds the secret and is given out: the runtime follows where they go."""
        self.turns: Callable[[], object] | None = None
        """Called before what is allowed changes: what was written by then is judged by what was allowed before."""

    def _given(self, value: Any) -> Any:
        if self.handed is not None:
            self.handed(value)
        return value

    @property
    def text(self) -> str:
        """The secret as text: hexadecimal for `raw`, decimal for `integer`, PEM for `rsa`."""
        return self._given(self.kind.text(self._secret))  # type: ignore[no-any-return]

    @property
    def bytes(self) -> builtins.bytes:
        """The secret as bytes: utf-8 for text, big-endian for `integer`, DER for `rsa`."""
        return self._given(self._secret.clear())  # type: ignore[no-any-return]

    @property
    def int(self) -> builtins.int:
        """The secret as a number: of its bytes, big-endian; for `rsa` the private exponent."""
        return self._given(self.kind.integer(self._secret))  # type: ignore[no-any-return]

    @property
    def value(self) -> Any:
        """The secret in its natural type; for `rsa` the numbers of the key."""
        return self._given(self.kind.value(self._secret))

    @property
    def size(self) -> builtins.int:
        """Bytes that `write_into` writes."""
        return len(self._secret)

    @property
    def bits(self) -> float:
        """Entropy of the secret."""
        return self.kind.bits

    @property
    def hash_prefix(self) -> str:
        """The first 8 hexadecimal digits of the SHA-256 of the bytes: what reports show instead of the secret.

        Of a secret that somebody chose, ``given``: its hash would confirm a right guess.
        """
        if self.kind.label == "literal":
            return "given"
        return hashlib.sha256(self._secret.clear()).hexdigest()[:8]

    def write_into(self, buffer: Buffer) -> None:
        """Write the bytes into a bytearray or memoryview of exactly `size` bytes; no other copy is ever made.

        ``bytearray(key.text.encode())`` leaves three copies that the program under test cannot wipe.
        """
        if len(buffer) != len(self._secret):
            raise ValueError(
                f"write_into: the buffer holds {len(buffer)} items, canary {self.name!r} has {len(self._secret)} bytes."
                f" Make it with bytearray(key.size)."
            )
        self._given(buffer)
        self._secret.write_into(buffer)

    def allow(self) -> None:
        """From now on the secret is in legitimate use: what is dumped or written now may hold it.

        So may the dump of a crash handler that takes a step before ``forbid()``, even if it hands over later: that it
        has read the secret by then is assumed. One that waits from ``allow()`` to ``forbid()`` may not.
        """
        self._allow(True)

    def forbid(self) -> None:
        """From now on no dump may hold the secret (so it is from the start)."""
        self._allow(False)

    def _allow(self, allowed: bool) -> None:
        if self.turns is not None and self._allowed is not allowed:
            self.turns()
        self._allowed = allowed

    @property
    def allowed(self) -> bool:
        """Whether the secret is in legitimate use just now."""
        return self._allowed

    def allow_derived(self, derived: str | Compute) -> None:
        """From now on a dump may hold what follows from the secret in this way, and is not said to depend on it.

        ``derived`` is a digest and how it is written (``"sha256 hex"``; ``"sha1 hex 8"``: its first 8 characters), or a
        callable that computes from ``.value`` what may be there. Raises ValueError for a digest that nobody knows.
        """
        self._derived = (*self._derived, derived if callable(derived) else digest(derived))

    def derived(self) -> list[Derived]:
        """What was declared, in every form that it has of this secret, and the public half of a key, which need not be.

        Raises whatever a declared callable raises.
        """
        public = getattr(self.kind, "public", None)
        found = [Derived("the public key", worth(public(self._secret)))] if public else []
        for one in self._derived:
            forms: list[Any] = []
            if isinstance(one, Digest):
                for clear in {self._secret.clear(), self.text.encode("utf-8", "surrogatepass")}:
                    forms += one.forms(clear)
            else:
                forms += computed(one, self.value)
            found.append(Derived(what(one), worth(forms)))
        return found

    def computes(self) -> tuple[Compute, ...]:
        """The callables that were declared."""
        return tuple(one for one in self._derived if not isinstance(one, Digest))

    def sources(self) -> tuple[Source, ...]:
        """What the search looks for, masked."""
        return self.kind.sources(self._secret)

    def plain_forms(self) -> list[Masked]:
        """The secret, and how a program writes it as text without ado."""
        return list(dict.fromkeys((self._secret, *text_forms(self.sources(), self._secret))))

    def within(self, data: str | bytes | bytearray) -> bool:  # type: ignore[valid-type]
        """Whether a text or buffer holds the secret in a plain form. Leaves no copy of the secret anywhere."""
        if isinstance(data, str):
            return any(within(form, data) for form in text_forms(self.sources(), self._secret))
        return within(self._secret, data)

    # A crash reporter may call any of these at any moment, in any thread: they touch no lock and no secret.

    def __repr__(self) -> str:
        return f"<Canary {self.name!r} ({self.kind.label}): {_HINT}>"

    def __format__(self, spec: str) -> str:
        return repr(self)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # so that vars() answers
        return {"canary": self.name, "secret": _HINT}

    def __copy__(self) -> Canary:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> Canary:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"canary {self.name!r} cannot be pickled, because its secret would be in the clear: {_HINT}")
