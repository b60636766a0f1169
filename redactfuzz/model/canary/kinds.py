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
    """The canary that `name` has in execution `number`: always the same secret, and as long for each number.

    Raises TypeError for what is no kind, without showing it: it may be a secret.
    """
    if not isinstance(getattr(kind, "label", None), str) or not hasattr(kind, "mint"):
        given: object = kind
        maker = next((label for label, make in KINDS.items() if make is given), "")
        what = f"{maker} is not called" if maker else f"{type(kind).__name__} is no kind of canary"
        raise TypeError(
            f"canary {name!r}: {what}. Give one of token(), raw(n), integer(bits), probe(), rsa(bits), or"
            " literal(value) for a secret of your own."
        )
    return Canary(name, kind, number, kind.mint(seed, name, number))


def of_canaries(canaries: Mapping[str, Canary]) -> dict[str, Any]:
    """What an Outcome says of its canaries, as fields of it."""
    return {
        "canaries": tuple(canaries),
        "repeats": tuple(name for name, canary in canaries.items() if canary.kind.repeats),
        "any_byte": any(canary.kind.any_byte for canary in canaries.values()),
    }


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
