"""The kinds of canary, and how a repro file names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redactfuzz.model.canary._integer import integer
from redactfuzz.model.canary._literal import stored_literal
from redactfuzz.model.canary._probe import probe
from redactfuzz.model.canary._raw import raw
from redactfuzz.model.canary._rsa import rsa
from redactfuzz.model.canary._token import token
from redactfuzz.model.canary.canary import Canary, Kind

KINDS: dict[str, Callable[..., Kind]] = {
    "token": token,
    "raw": raw,
    "integer": integer,
    "probe": probe,
    "rsa": rsa,
    "literal": stored_literal,
}


def mint(seed: int, name: str, kind: Kind, number: int) -> Canary:
    """The canary that `name` has in execution `number`: always the same secret, and as long for each number."""
    return Canary(name, kind, number, kind.mint(seed, name, number))


def kind_to_json(kind: Kind) -> dict[str, Any]:
    """A JSON object that makes the kind again (a literal without its value)."""
    return {"kind": kind.label, **kind.parameters()}


def kind_from_json(data: Mapping[str, Any]) -> Kind:
    """The inverse of `kind_to_json`. Raises ValueError, saying what is wrong."""
    parameters = dict(data)
    label = parameters.pop("kind", None)
    if label not in KINDS:
        raise ValueError(f"canary kind {label!r} is unknown; known are {', '.join(KINDS)}.")
    try:
        return KINDS[label](**parameters)
    except TypeError:
        raise ValueError(f"canary kind {label!r} does not take the parameters {', '.join(parameters)}.") from None
