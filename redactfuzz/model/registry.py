"""The canary registry: what a scan needs to know the canaries that were planted. It holds no secret, but makes all.

A file of mode 0600: seed, names, kinds and numbers, from which each canary is derived again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.canary import Kind
from redactfuzz.model.canary.kinds import kind_from_json, kind_to_json, mint
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.limits import NUMBER, complaint, strict_constant
from redactfuzz.model.repro import Repro

_MOST = 512
"""Canaries of one registry,"""
_OF_RSA, _RSA_BITS = 16, 4096
"""and of those keys of RSA, with at most so many bits: a large one takes long to make again."""
_LONGEST, _TOGETHER = 4096, 1 << 16
"""Characters or bytes of one, and of all of them: the forms of each take some 12 KB to look for."""
_RSA_TOGETHER = 4 * _RSA_BITS**3
"""Of the keys of RSA, the third powers of their bits: so long it takes to make them again, a quarter of a minute."""
_CHECK = 16
"""Hexadecimal digits."""
FORMAT, VERSION = "redactfuzz canaries", 1


class UnusableRegistry(ValueError):
    """A file that is no registry that this version can read. The message says why and what to do."""


@attrs.frozen
class Entry:
    """One canary: ``number`` is that of the execution it was planted in."""

    name: str
    kind: Kind
    number: int = 1


@attrs.frozen
class Registry:
    """All canaries of one seed.

    ``marker`` is a public text that was planted beside them: a dump that lacks it may be of another program.
    """

    seed: int
    entries: tuple[Entry, ...]
    marker: str = ""

    def mint(self) -> tuple[Canary, ...]:
        """The canaries themselves."""
        return tuple(mint(self.seed, one.name, one.kind, one.number) for one in self.entries)


def registry_to_json(registry: Registry) -> str:
    """The text of a registry file."""
    canaries = [{"name": one.name, "number": one.number, **kind_to_json(one.kind)} for one in registry.entries]
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION, "seed": registry.seed, "marker": registry.marker}
    data["canaries"] = canaries
    return json.dumps(data | {"check": _check(data)}, indent=2) + "\n"


def _check(data: Mapping[str, Any]) -> str:
    """Of what the canaries are derived from: with one wrong value a scan would look for others, and call a dump clean.

    It says no more of them than the file does.
    """
    shown = json.dumps([data.get(name) for name in ("seed", "marker", "canaries")], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:_CHECK]


def registry_from_json(text: str) -> Registry:
    """The inverse of ``registry_to_json``. Raises UnusableRegistry."""
    try:
        data = json.loads(text, parse_constant=strict_constant)
    except (ValueError, RecursionError) as error:
        raise UnusableRegistry(f"it is no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UnusableRegistry("it is no canary registry: `redactfuzz plant` writes them")
    if data.get("version") != VERSION:
        raise UnusableRegistry(f"it is of {_version(data.get('version'))}, and this redactfuzz reads {VERSION}")
    seed, canaries, marker = data.get("seed"), data.get("canaries"), data.get("marker", "")
    if strange := complaint(data):
        raise UnusableRegistry(f"{strange}: the file is damaged")
    if isinstance(canaries, list):
        _bounded(canaries)
    if type(seed) is not int or seed < 0 or not canaries or not isinstance(canaries, list) or type(marker) is not str:
        raise UnusableRegistry("seed or canaries are missing: the file is damaged")
    registry = Registry(seed, tuple(_entry(one) for one in canaries), marker)
    if "check" in data and data["check"] != _check(data):
        raise UnusableRegistry(
            "something in it is not as it was written: other canaries would be looked for than were planted."
            " Take it from where it was written; who changed it on purpose takes `check` out"
        )
    return registry


def _version(given: Any) -> str:
    return f"version {given}" if given is None or (type(given) is int and abs(given) < NUMBER) else "another version"


def _bounded(canaries: list[Any]) -> None:
    """Refuses what would take long before anything is read. Raises UnusableRegistry."""
    if len(canaries) > _MOST:
        raise UnusableRegistry(f"it has {len(canaries):,} canaries, and at most {_MOST:,} are looked for at a time")
    kinds = [each for each in canaries if isinstance(each, dict)]
    of_rsa = [each.get("bits", 0) for each in kinds if each.get("kind") == "rsa"]
    if len(of_rsa) > _OF_RSA or any(type(bits) is int and bits > _RSA_BITS for bits in of_rsa):
        raise UnusableRegistry(f"it has more than {_OF_RSA} keys of RSA, or one of more than {_RSA_BITS:,} bits")
    if sum(bits**3 for bits in of_rsa if type(bits) is int) > _RSA_TOGETHER:
        raise UnusableRegistry("its keys of RSA take too long to make again: put them into several registries")
    if any(type(each.get("n")) is int and each["n"] > _LONGEST for each in kinds):
        raise UnusableRegistry(f"it has a canary of more than {_LONGEST:,} characters")
    if sum(map(_size, kinds)) > _TOGETHER:
        what = f"its canaries have more than {_TOGETHER:,} characters together"
        raise UnusableRegistry(f"{what}, which takes too much memory to look for: put them into several registries")


def _size(kind: Mapping[str, Any]) -> int:
    """Characters or bytes of a canary, as far as that is told; not of RSA, which has a limit of its own."""
    count, bits = kind.get("n", 0), 0 if kind.get("kind") == "rsa" else kind.get("bits", 0)
    return (count if type(count) is int else 0) + (bits // 8 if type(bits) is int else 0)


def registry_of(repro: Repro) -> Registry:
    """The canaries of a finding: those that were planted in its execution. Raises UnusableRegistry."""
    _bounded(list(repro.planted.values()))
    entries = [
        _entry({"name": name, "number": repro.canary_number, **kind})
        for name, kind in repro.planted.items()
        if isinstance(kind, dict) and kind.get("kind") != "literal"
    ]
    if not entries:
        raise UnusableRegistry("the repro file tells of no canary that can be made again: run the scenario again")
    return Registry(seed_of_secrets(repro.seed, repro.scenario), tuple(entries))


def _entry(data: Any) -> Entry:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str) or not isinstance(data.get("number"), int):
        raise UnusableRegistry("a canary has no name or no number: the file is damaged")
    kind = {key: value for key, value in data.items() if key not in ("name", "number")}
    if not 0 <= data["number"] <= NUMBER or not all(type(value) in (str, int) for value in kind.values()):
        raise UnusableRegistry(f"canary {data['name']!r} has a value that no canary has: the file is damaged")
    if kind.get("kind") == "literal":
        raise UnusableRegistry(f"canary {data['name']!r} is a literal, which no registry stores")
    try:
        return Entry(data["name"], kind_from_json(kind), data["number"])
    except (ValueError, TypeError) as error:
        raise UnusableRegistry(f"canary {data['name']!r}: {error}") from None
