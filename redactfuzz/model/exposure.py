"""What a dump that exists gives away: sightings, exposures of one secret, keys that nobody planted. Never the bytes."""

from __future__ import annotations

import enum

import attrs


class Severity(enum.StrEnum):
    """How much of a secret is lost; see ``scan/severity.py`` for the rules and their sources."""

    TOTAL = "total"
    """The whole secret follows from what is there."""
    HIGH = "high"
    """At most 80 bits are left to guess."""
    MEDIUM = "medium"
    """At most 112 bits are left to guess."""
    LOW = "low"
    """Something of it is there, and more than 112 bits are left."""


@attrs.frozen
class Where:
    """A place in a dump. ``offset`` counts bytes of the image; the rest is empty or None where it is not known."""

    image: str
    offset: int
    length: int
    span: str = ""
    """The innermost thing that the format names there: segment, note, stream, register, line, JSON path."""
    address: int | None = None
    mapping: str = ""
    thread: int | None = None
    symbol: str = ""
    context: str = ""
    """The bytes around it in hexadecimal, those of secrets masked; empty unless asked for."""

    @property
    def text(self) -> str:
        """``segment 6 rw- at 0x7f31c2a01040, /usr/lib/libssl.so, thread 4711``: what is known, for a person."""
        place = self.span
        if self.address is not None:
            place = f"{place} at {self.address:#x}".strip()
        thread = "" if self.thread is None or str(self.thread) in place else f"thread {self.thread}"
        return ", ".join(part for part in (place, self.symbol, self.mapping, thread) if part)


@attrs.frozen
class Fragment:
    """A stretch of one secret in one encoding, from byte ``first`` to before ``last`` of the ``size`` of its form."""

    where: Where
    encoding: str
    first: int
    last: int
    size: int
    bits: float
    part: str = ""
    """Which part of a structured secret (``prime p``), empty when it is the secret itself."""

    @property
    def whole(self) -> bool:
        """Whether it is all of the form."""
        return self.first == 0 and self.last == self.size


@attrs.frozen
class Exposure:
    """One secret, over all images of one dump. Bits: ``known`` by the union of the fragments, of ``entropy`` in all."""

    secret: str
    kind: str
    hash_prefix: str
    severity: Severity
    reason: str
    known: float
    entropy: float
    fragments: tuple[Fragment, ...]
    more: int = 0
    """Fragments that were found and are not listed."""
    torn: str = ""
    """Where a redaction stopped: which part survived, and in which order it was wiped."""
    passes: str = ""
    """Why it does not fail (``scan/threshold.py``); empty where it does."""

    @property
    def remaining(self) -> float:
        """Bits that an attacker has to guess."""
        return max(0.0, self.entropy - self.known)


@attrs.frozen
class KeyFinding:
    """Key material that nobody planted. ``identity`` distinguishes two keys (a prefix of a hash of parts of them)."""

    detector: str
    what: str
    identity: str
    severity: Severity
    reason: str
    where: tuple[Where, ...]
    more: int = 0
    passes: str = ""


@attrs.frozen
class UnlistedKeys:
    """Keys of one kind that were found beyond those that are listed one by one."""

    detector: str
    what: str
    severity: Severity
    count: int
    passes: str = ""


@attrs.frozen
class Difference:
    """Bytes that another dump, of the same program planted with another value, has otherwise: in no known form.

    ``size`` of the bytes there differ; ``canary`` is the secret that they follow from, empty where that is unknown.
    ``sure`` is False where they may differ for another reason.
    """

    where: Where
    size: int
    reason: str
    canary: str = ""
    sure: bool = True
    passes: str = ""


@attrs.frozen
class Gap:
    """Bytes that were not read, and why. ``offset`` and ``length`` count bytes of the image, None where unknown.

    ``harmless`` is set where nothing is missing that a dump of this kind holds (a hole of zeros): the scan is complete
    all the same.
    """

    image: str
    reason: str
    offset: int | None = None
    length: int | None = None
    harmless: bool = False
    more: int = 0
    """For how many others it stands, which are not listed."""


@attrs.frozen
class ImageRead:
    """One file, or member of an archive, as it was read."""

    name: str
    format: str
    size: int
    read: int
    notes: tuple[str, ...] = ()


@attrs.frozen
class DumpReport:
    """The verdict on one dump file."""

    dump: str
    images: tuple[ImageRead, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    keys: tuple[KeyFinding, ...] = ()
    unlisted_keys: tuple[UnlistedKeys, ...] = ()
    skipped: tuple[Gap, ...] = ()
    marked: bool | None = None
    """Whether the registry's marker is in it; None where there is none to look for."""
    seconds: float = 0.0
    differs_from: str = ""
    """The dump that it was compared with."""
    differences: tuple[Difference, ...] = ()
    more_differences: int = 0
    """That are not listed."""

    @property
    def findings(self) -> tuple[Exposure | KeyFinding | UnlistedKeys | Difference, ...]:
        """Whatever was found and is surely secret."""
        sure = (one for one in self.differences if one.sure)
        return (*self.exposures, *self.keys, *self.unlisted_keys, *sure)

    @property
    def leaks(self) -> bool:
        """Whether anything secret was found that counts."""
        return any(not one.passes for one in self.findings)

    @property
    def complete(self) -> bool:
        """Whether every byte was read and every format was parsed to its end."""
        return bool(self.images) and all(gap.harmless for gap in self.skipped) and all(d.sure for d in self.differences)
