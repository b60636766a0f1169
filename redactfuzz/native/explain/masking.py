"""Keeps canaries out of what leaves the runtime: names of files and source lines may quote them."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.outcome import Leak, Outcome
from redactfuzz.model.plan import Mask
from redactfuzz.model.schedule import Site

T = TypeVar("T")
_OURS = {Leak: {"encoding", "hash_prefix", "part"}, Outcome: {"state", "label"}}
_NAMES: dict[Any, tuple[str, ...]] = {}
_KEPT = 4096
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{4,}|-?[0-9]{5,}")
_WORDS = (4, 8)


class Masking:
    """Masks the outcomes of one batch, whose canaries are the same in each execution."""

    def __init__(self, mask: Mask, canaries: Mapping[str, Canary]) -> None:
        self._mask = mask
        self._canaries = canaries
        self._known: dict[str, str] = {}

    def _masked(self, texts: set[str]) -> Mapping[str, str]:
        instead = self._mask((), texts, self._canaries)
        return {text: instead.get(text, text) for text in texts}

    def _without_words(self, text: str) -> str:
        """``text`` without numbers, as sizes that a call was given, whose bytes are some of a secret."""
        return _NUMBER.sub(lambda found: "[number]" if self._is_word(_number(found[0])) else found[0], text)

    def _is_word(self, number: int) -> bool:
        return any(
            (number % (1 << 8 * size)).to_bytes(size, order) in canary.bytes
            for size in _WORDS
            if -(1 << 8 * size - 1) <= number < 1 << 8 * size and abs(number) >= 1 << 8 * (size // 2)
            for order in ("little", "big")
            for canary in self._canaries.values()
        )

    def shown(self, value: T) -> T:
        """``value`` with what to show in place of texts that hold a secret."""
        if not self._canaries:
            return value
        texts: set[str] = set()
        _collect(value, texts)
        new = texts - self._known.keys()
        if new:
            if len(self._known) > _KEPT:
                self._known.clear()
                new = texts
            instead = {text: self._without_words(shown) for text, shown in self._masked(new).items()}
            self._known.update((text, instead.get(text, text)) for text in new)
        if all(self._known[text] == text for text in texts):
            return value
        shown: T = _replaced(value, self._known.__getitem__)
        return shown


def _number(text: str) -> int:
    return int(text, 16 if text[:2] in ("0x", "0X") else 10)


def _collect(value: Any, texts: set[str]) -> None:
    """Every text in ``value``. Of each execution: so values that can hold none are not walked through."""
    if isinstance(value, str):
        if not isinstance(value, enum.Enum):
            texts.add(value)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            _collect(each, texts)
    elif isinstance(value, Mapping):
        for each in value.values():
            _collect(each, texts)
    elif value is not None and not isinstance(value, int | float):
        for name in _names(type(value)):
            _collect(getattr(value, name), texts)


def _names(cls: Any) -> tuple[str, ...]:
    """Attributes of a class of ours that may hold texts of the program; asked for each execution, and kept."""
    if cls not in _NAMES:
        fields = attrs.fields(cls) if attrs.has(cls) else ()
        _NAMES[cls] = tuple(field.name for field in fields if field.name not in _OURS.get(cls, ()))
    return _NAMES[cls]


def _replaced(value: Any, instead: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, enum.Enum) else instead(value)
    if isinstance(value, tuple | frozenset):
        return type(value)(_replaced(each, instead) for each in value)
    if isinstance(value, Mapping):
        return {key: _replaced(each, instead) for key, each in value.items()}
    if isinstance(value, Site) or not attrs.has(type(value)):
        return value  # a site is a name of the program's source: without it the schedule could not be replayed
    values = ((name, getattr(value, name)) for name in _names(type(value)))
    changed = {name: new for name, old in values if (new := _replaced(old, instead)) is not old}
    return attrs.evolve(value, **changed) if changed else value
