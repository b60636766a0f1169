"""Which modules of libraries touch what threads share, or a secret, in an execution that is looked through for that."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.forms import base64_text, digits
from redactfuzz.model.canary.secret import Masked, Shape, Source
from redactfuzz.threads import _hooks

_LENGTH = 8
"""Of a part of a secret by which code is seen to hold some of it,"""
_PARTS = 8
"""and how many of these are looked for, at most."""
_HOME = f"{Path(threading.__file__).parent}/"
_ALL_OF_IT = 0
"""See RFH_ALL_OF_IT in ``touch/touch.h``."""


def follow_secret(canary: Canary) -> None:
    """From now on code that holds a part of this secret, in a plain form, is noted."""
    for source in canary.sources():
        for form in _forms(source):
            for part in _parts(form):
                _hooks.survey_secret(part.data, part.mask, source.shape is not Shape.TEXT)


def _forms(source: Source) -> Iterator[Masked]:
    """It is read as bytes, in digits, and in base64, where it may begin anywhere in a group of three bytes."""
    secret = source.secret
    yield from (secret, *(digits(secret) if source.shape is not Shape.TEXT else ()))
    yield from (base64_text(secret[first:]) for first in range(3))


def _parts(form: Masked) -> Iterator[Masked]:
    stride = max(_LENGTH, len(form) // _PARTS)
    yield from (form[at : at + _LENGTH] for at in range(0, max(len(form) - _LENGTH, 0) + 1, stride))


def read_survey() -> Mapping[str, tuple[int, bool]] | None:
    """See Outcome. None where there was too much to be kept, so that nothing is known."""
    found = _hooks.survey_result()
    if found is None:
        return None
    files, touched = found
    shared = _find_shared(touched)
    names = _names({file for file, _, _ in files if _is_library(file)})
    modules: dict[str, tuple[int, bool]] = {}
    for number, (file, points, holds) in enumerate(files):
        name = names.get(file, "")
        before, stays = modules.get(name, (0, not name))
        modules[name] = before + points, bool(stays or holds or number in shared)
    return modules


def _find_shared(touched: Sequence[tuple[int, int, int, int, int]]) -> set[int]:
    """Numbers of the files that touch a place which several threads touch, and one of them changes."""
    places: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    inside: dict[int, set[int]] = defaultdict(set)
    for each, place, *rest in touched:
        file, thread, wrote = rest
        places[each, place].append((file, thread, wrote))
        inside[each].add(place)
    found: set[int] = set()
    for each, of_object in inside.items():
        whole = places.get((each, _ALL_OF_IT), [])
        for place in of_object:
            looked = [*places[each, place], *(whole if place != _ALL_OF_IT else ())]
            if any(wrote for _, _, wrote in looked) and len({thread for _, thread, _ in looked}) > 1:
                found.update(file for file, _, _ in looked)
    return found


def _is_library(file: str) -> bool:
    """As ``origin_of`` in ``hooks/code/codes.c`` has it: a package that is installed, or the standard library."""
    return "-packages/" in file or file.startswith((_HOME, "<frozen "))


def _names(files: set[str]) -> dict[str, str]:
    """The modules that these files are, where that is known."""
    found: dict[str, str] = {}
    for name, module in sorted(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        origin = getattr(spec, "origin", None)
        file = f"<frozen {name}>" if origin == "frozen" else origin
        importable = getattr(spec, "name", None) == name and all(part.isidentifier() for part in name.split("."))
        if file in files and importable:
            found.setdefault(file, name)
    return found
