"""The helper library that services verify tokens with: the signature, and nothing else."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import ProxyHandler, build_opener

import attrs
import jwt
from issuers import keys_of

_LARGEST = 1 << 24
"""Bytes of a document of keys."""
_SECONDS = 10.0
_ALL_BUT_THE_SIGNATURE = ("aud", "iss", "exp", "nbf", "iat", "sub", "jti")


class Unverified(Exception):
    """Nothing is known of the token. The message says why, and quotes neither the token nor a key."""


@attrs.frozen
class Verified:
    """What a token says, and the key that signed it, as it is published."""

    claims: dict[str, Any]
    key: dict[str, Any]


def verified(token: str, address: str) -> Verified:
    """The claims of a token whose signature is right by the key that it names. Raises Unverified.

    What the claims say is the service's to judge, the times too, by its clock. Of the key nobody asks whose it is, or
    whether its certificate is valid: a document of keys does not tell it.
    """
    # A library that is given what strangers wrote: whatever it fails by, the token is not verified.
    try:
        keys = keys_of(_document(address))
    except Exception as error:
        raise Unverified(f"the keys cannot be had ({type(error).__name__})") from None
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except Exception as error:
        raise Unverified(f"it is no token ({type(error).__name__})") from None
    key = next((each for each in keys if isinstance(named, str) and each.get("kid") == named), None)
    if key is None:
        raise Unverified("it names no key that is published: the signature is of nobody")
    try:
        unjudged = {f"verify_{each}": False for each in _ALL_BUT_THE_SIGNATURE}
        claims: dict[str, Any] = jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], options=unjudged)
    except Exception as error:
        raise Unverified(f"the signature is not right ({type(error).__name__})") from None
    return Verified(claims, key)


def _document(address: str) -> object:
    """From the address itself: which proxy the environment names is no matter of whom to trust."""
    with build_opener(ProxyHandler({})).open(address, timeout=_SECONDS) as answer:
        return json.loads(answer.read(_LARGEST))
